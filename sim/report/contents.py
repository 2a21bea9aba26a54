"""Collect what the page of a study says, as plain text and pictures."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sim.base.faults import InputError
from sim.base.figures import listed
from sim.base.versions import code_digest
from sim.inputs.assumptions import shipped_beside
from sim.inputs.caveats import warnings
from sim.inputs.scenario import Scenario
from sim.report import assumptions
from sim.report.assumptions import Changes, Chapter, Weak
from sim.report.folder import of_another_version, source_of, unreadable
from sim.report.kinds import KINDS, command_of, question_of
from sim.report.movable import Movable, movable_of
from sim.report.names import mapped, without_names_of, without_remarks
from sim.report.repeat import THEIRS
from sim.report.source import File, Source
from sim.studies.answer import Block, Figure, Sentence
from sim.studies.assumptions_answer import derived, uncertainty

Told = TypeVar("Told")
WRONG_SHAPE = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""Errors raised where a file lacks what it should have."""
LEFT_OUT = "What the answer leaves out"
"""Heading in the description of a script."""


@dataclass(frozen=True)
class Shown:
    """Hold a chart: its message, its figures in words, and its PNG, which is empty if it may name an authority."""

    name: str
    message: str
    details: tuple[str, ...]
    content: bytes


@dataclass(frozen=True)
class Paragraph:
    """Hold words under a heading."""

    head: str
    text: str


@dataclass(frozen=True)
class Report:
    """Hold everything that the page says.

    Attributes
    ----------
    name, called : str
        Name of the scenario or study, and kind of study.
    question : str
        Question of the study.
    asked : tuple of Paragraph
        Questions of the scenarios, and method of the study.
    failures : tuple of str
        Sentences on runs that failed.
    lead : tuple of str
        Answer in a few sentences.
    printed : bool
        Whether an older version of the program made the study, so that only its printed answer exists.
    answer : tuple of Block
        Rest of the answer with its tables, without charts and without sentences that the page shows elsewhere.
    pictures : tuple of Shown
        Charts.
    movable : Movable or None
        Sliders and lists for a reader to move.
    changes : tuple of Changes
        Changes from the scenario that ships, and between scenarios.
    cautions : tuple of str
        Sentences to read before trusting the answer.
    uncertainty : tuple of Paragraph
        What the ranges cover, by scenario.
    tally : str
        Number of assumptions of each confidence.
    weak : Weak
        Assumptions of low confidence that have a range.
    follows : tuple of str
        Figures that follow from the assumptions.
    assumptions : tuple of Chapter
        All assumptions.
    command : str
        Command that repeats the study.
    to_repeat : tuple of str
        What else a repeat needs.
    made : tuple of Paragraph
        Seed, versions, commit and hashes.
    files : tuple of File
        Files that the page was made from.
    """

    name: str
    called: str
    question: str
    asked: tuple[Paragraph, ...]
    failures: tuple[str, ...]
    lead: tuple[str, ...]
    printed: bool
    answer: tuple[Block, ...]
    pictures: tuple[Shown, ...]
    movable: Movable | None
    changes: tuple[Changes, ...]
    cautions: tuple[str, ...]
    uncertainty: tuple[Paragraph, ...]
    tally: str
    weak: Weak
    follows: tuple[str, ...]
    assumptions: tuple[Chapter, ...]
    command: str
    to_repeat: tuple[str, ...]
    made: tuple[Paragraph, ...]
    files: tuple[File, ...]


def report_of(folder: Path) -> Report:
    """Return the report of a study's folder, without the name of any authority.

    Raises
    ------
    InputError
        If the folder does not hold a complete study.
    """
    return told_of(source_of(folder), report_from)


def told_of(source: Source, tell: Callable[[Source], Told]) -> Told:
    """Apply a function to a study whose folder may come from another version of the program.

    Raises
    ------
    InputError
        If the folder of another version lacks what the function needs.
    """
    try:
        _read_manifests(source)
    except WRONG_SHAPE:  # somebody changed one, or another version wrote it
        raise of_another_version(source.folder) from None
    try:
        return tell(source)
    except InputError:
        raise
    except OSError as error:
        raise unreadable(source.folder, error) from None
    except WRONG_SHAPE as error:
        if source.manifest.get("code") == code_digest() and not _of_a_reader(error):
            raise  # the study is as this program makes it, so the fault is the program's
        raise of_another_version(source.folder) from None


def _of_a_reader(error: Exception) -> bool:
    """Return whether a library that reads files raised the error, so that this program did not write the file."""
    return isinstance(error, UnicodeError) or type(error).__module__.partition(".")[0] in ("json", "pandas", "pyarrow")


def _read_manifests(source: Source) -> None:
    """Read everything that comes from the manifests, so that a later failure has another cause."""
    command_of(source)
    list(_made(source))
    list(_to_repeat(source))
    for each in source.results:
        _ = each.runs, [failure["replication"] for failure in each.failures]


def report_from(source: Source) -> Report:
    """Return the report of a study, whose manifest may come from another version and lack anything."""
    blocks = source.answer.blocks
    words = _words(source)
    clean = without_names_of(source.scenarios)
    report = Report(
        name=source.asked.get("script") or (source.name if KINDS[source.kind].of_several else source.base.name),
        called=KINDS[source.kind].called,
        question=question_of(source),
        asked=tuple(_asked(source, words)),
        failures=source.answer.failures,
        lead=source.answer.lead,
        printed=source.printed,
        answer=tuple(block for block in blocks if not isinstance(block, Figure) and not _stands_elsewhere(block)),
        pictures=tuple(
            _shown(each, source.pictures[each.name], mapped(each, clean) == each)
            for each in blocks
            if isinstance(each, Figure) and each.name in source.pictures
        ),
        movable=movable_of(source),
        changes=tuple(_changes(source)),
        cautions=tuple(_cautions(source, words)),
        uncertainty=tuple(_uncertainty(source.scenarios)),
        tally=assumptions.tally(source.base),
        weak=assumptions.weak(source),
        follows=tuple(derived(source.base)),
        assumptions=assumptions.chapters(source.scenarios),
        command=command_of(source),
        to_repeat=tuple(_to_repeat(source)),
        made=tuple(_made(source)),
        files=source.files,
    )
    return mapped(report, clean)


def _stands_elsewhere(block: Block) -> bool:
    """Return whether the page shows a block elsewhere, outside the answer in figures."""
    return isinstance(block, Sentence) and block.role != "body"


def _words(source: Source) -> tuple[Paragraph, ...]:
    """Return the description of a script, by its headings."""
    lines = str(source.asked.get("words") or "").strip().splitlines()[1:]
    heads = [at for at, line in enumerate(lines) if line and not line.startswith(" ")]
    ends = [*heads[1:], len(lines)]
    return tuple(
        Paragraph(lines[at], " ".join(textwrap.dedent("\n".join(lines[at + 1 : end])).split()))
        for at, end in zip(heads, ends, strict=False)  # one end too many where there is no head
    )


def _asked(source: Source, words: Sequence[Paragraph]) -> Iterator[Paragraph]:
    """Return the questions of the scenarios, and the question and method of a script."""
    yield from (each for each in words if each.head != LEFT_OUT)
    if source.kind != "run":
        for question in dict.fromkeys(each.question for each in source.scenarios):
            names = [each.name for each in source.scenarios if each.question == question]
            yield Paragraph(f"Scenario{'s' if len(names) > 1 else ''} {listed(names)}", question)


def _changes(source: Source) -> Iterator[Changes]:
    """Return the changes from the shipped scenario to the base, and from the base to each other scenario."""
    base, *others = source.scenarios
    ships = shipped_beside(base)
    yield assumptions.changes(base, ships, f"the built-in {ships.name}")
    for other in others:
        yield assumptions.changes(other, base, base.name)


def _cautions(source: Source, words: Sequence[Paragraph]) -> Iterator[str]:
    yield from source.answer.limits
    yield from (f"The answer leaves out: {each.text}" for each in words if each.head == LEFT_OUT)
    found = (f"{words}." for scenario in source.scenarios for words in warnings(without_remarks(scenario)))
    yield from dict.fromkeys(found)
    yield (
        "This is a model: it forecasts the system as described here, not what will happen. Do not use it to judge an "
        "authority, or to choose named inspectors or weeks."
    )


def _uncertainty(scenarios: Sequence[Scenario]) -> Iterator[Paragraph]:
    """Say what the ranges cover, once if it is the same for all scenarios."""
    said = {scenario.name: uncertainty(scenario) for scenario in scenarios}
    for text in dict.fromkeys(said.values()):
        names = [name for name, told in said.items() if told == text]
        yield Paragraph("What the ranges cover" if len(set(said.values())) == 1 else listed(names), text)


def _to_repeat(source: Source) -> Iterator[str]:
    if THEIRS in command_of(source):
        yield f"{THEIRS} stands for a file that the authors of the study have; ask them for it."
    yield (
        f"Run the command in the directory that holds the folder {source.name}, with the same version of the program "
        "and its packages. The results are then the same, byte for byte, on any number of processes or machines."
    )
    if source.kind == "calibration":
        yield "A calibration uses the scenario and the history that are built in."
    if source.manifest["code"] != code_digest():
        yield (
            f"Code {source.manifest['code']} ran the study, and code {code_digest()} made this report. To repeat the "
            "study, use the commit below."
        )


def _made(source: Source) -> Iterator[Paragraph]:
    """Return what the results depend on."""
    manifest = source.manifest
    yield Paragraph("Seed of the random numbers", str(manifest["seed"]))
    for key, head in (("replications", "Runs of each scenario"), ("runs", "Runs")):
        if key in manifest:
            yield Paragraph(head, f"{manifest[key]:,}")
    yield Paragraph("Version of the program", f"{manifest['version']}, code {manifest['code']}")
    yield Paragraph("Commit", manifest["commit"] or "unknown, because the program did not run from a Git checkout")
    packages = ", ".join(f"{name} {version}" for name, version in manifest["packages"].items())
    yield Paragraph("Python and packages", f"Python {manifest['python']}; {packages}")
    for scenario in source.scenarios:
        yield Paragraph(f"Hash of the scenario {scenario.name}", scenario.digest)


def _shown(figure: Figure, content: bytes, unnamed: bool) -> Shown:
    return Shown(f"{figure.name}.png", figure.message, figure.details, content if unnamed else b"")
