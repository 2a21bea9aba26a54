"""What the page of a study says, as data: plain text and pictures, and nothing of how they are shown."""

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
"""What is raised where a file has not what it should."""
LEFT_OUT = "What the answer leaves out"
"""Heading in the words of a script."""


@dataclass(frozen=True)
class Shown:
    """A chart on the page: message, figures in words, and PNG, which is empty where it may name an authority."""

    name: str
    message: str
    details: tuple[str, ...]
    content: bytes


@dataclass(frozen=True)
class Paragraph:
    """Words under a heading."""

    head: str
    text: str


@dataclass(frozen=True)
class Report:
    """Everything that the page says.

    Attributes
    ----------
    name, called : str
        Of the scenario or study, and what kind of study it is.
    question : str
        What is asked.
    asked : tuple of Paragraph
        The questions of the scenarios, and how the study goes about it.
    failures : tuple of str
        What went wrong with single runs.
    lead : tuple of str
        The answer in a few sentences.
    printed : bool
        Whether an older version of the program made the study, of which there is only what it printed.
    answer : tuple of Block
        The rest of the answer, tables and all; no charts, and no sentence that the page says in another place.
    pictures : tuple of Shown
        Charts.
    movable : Movable or None
        What a reader may move.
    changes : tuple of Changes
        What differs, from what ships and between scenarios.
    cautions : tuple of str
        What to know before trusting it.
    uncertainty : tuple of Paragraph
        What the ranges hold, by scenario.
    tally : str
        How many assumptions there are, of which confidence.
    weak : Weak
        Those of low confidence that have a range.
    follows : tuple of str
        Figures that follow from the assumptions.
    assumptions : tuple of Chapter
        All assumptions.
    command : str
        What repeats the study.
    to_repeat : tuple of str
        What else that takes.
    made : tuple of Paragraph
        Seed, versions, commit and hashes.
    files : tuple of File
        What the page was made from.
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
    """What the page of a study's folder says, without the name of any authority.

    Raises
    ------
    InputError
        If it holds no study that is whole.
    """
    return told_of(source_of(folder), report_from)


def told_of(source: Source, tell: Callable[[Source], Told]) -> Told:
    """What is told of a study, whose folder may be that of another version of the program.

    Raises
    ------
    InputError
        If what such a version left is not enough to tell it.
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
    """Whether a library that reads files raised an error: the file is none that this program has written."""
    return isinstance(error, UnicodeError) or type(error).__module__.partition(".")[0] in ("json", "pandas", "pyarrow")


def _read_manifests(source: Source) -> None:
    """Read what the manifests of a study alone tell, so that whatever fails later is not for want of it."""
    command_of(source)
    list(_made(source))
    list(_to_repeat(source))
    for each in source.results:
        _ = each.runs, [failure["replication"] for failure in each.failures]


def report_from(source: Source) -> Report:
    """What the page of a study says; its manifest may be that of another version, and lack anything."""
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
    """Whether the page says a block in a place of its own, outside the answer in figures."""
    return isinstance(block, Sentence) and block.role != "body"


def _words(source: Source) -> tuple[Paragraph, ...]:
    """What a script says of itself, by its headings."""
    lines = str(source.asked.get("words") or "").strip().splitlines()[1:]
    heads = [at for at, line in enumerate(lines) if line and not line.startswith(" ")]
    ends = [*heads[1:], len(lines)]
    return tuple(
        Paragraph(lines[at], " ".join(textwrap.dedent("\n".join(lines[at + 1 : end])).split()))
        for at, end in zip(heads, ends, strict=False)  # one end too many where there is no head
    )


def _asked(source: Source, words: Sequence[Paragraph]) -> Iterator[Paragraph]:
    """Questions of the scenarios, and question and method of a script."""
    yield from (each for each in words if each.head != LEFT_OUT)
    if source.kind != "run":
        for question in dict.fromkeys(each.question for each in source.scenarios):
            names = [each.name for each in source.scenarios if each.question == question]
            yield Paragraph(f"Scenario{'s' if len(names) > 1 else ''} {listed(names)}", question)


def _changes(source: Source) -> Iterator[Changes]:
    """What of the base differs from the scenario that ships, and what of each other one from the base."""
    base, *others = source.scenarios
    ships = shipped_beside(base)
    yield assumptions.changes(base, ships, f"{ships.name} as it ships")
    for other in others:
        yield assumptions.changes(other, base, base.name)


def _cautions(source: Source, words: Sequence[Paragraph]) -> Iterator[str]:
    yield from source.answer.limits
    yield from (f"The answer leaves out: {each.text}" for each in words if each.head == LEFT_OUT)
    found = (f"{words}." for scenario in source.scenarios for words in warnings(without_remarks(scenario)))
    yield from dict.fromkeys(found)
    yield (
        "It is a model: a forecast of the system as it is described here, not of what will happen. It is not fit for "
        "judging an authority, or for naming inspectors or weeks."
    )


def _uncertainty(scenarios: Sequence[Scenario]) -> Iterator[Paragraph]:
    """What the ranges hold; said once where it is the same of all."""
    said = {scenario.name: uncertainty(scenario) for scenario in scenarios}
    for text in dict.fromkeys(said.values()):
        names = [name for name, told in said.items() if told == text]
        yield Paragraph("What the ranges hold" if len(set(said.values())) == 1 else listed(names), text)


def _to_repeat(source: Source) -> Iterator[str]:
    if THEIRS in command_of(source):
        yield f"{THEIRS} stands for a file of those who made the study; they have it."
    yield (
        f"Give the command where the folder {source.name} is, with the same version of the program and its packages: "
        "the results are then the same, byte for byte, on any number of processes or machines."
    )
    if source.kind == "calibration":
        yield "A calibration takes the scenario and the history that ship."
    if source.manifest["code"] != code_digest():
        yield (
            f"The study was run by code {source.manifest['code']}, and this report by code {code_digest()}: "
            "take the commit below to repeat it."
        )


def _made(source: Source) -> Iterator[Paragraph]:
    """What the results depend on."""
    manifest = source.manifest
    yield Paragraph("Seed of the random numbers", str(manifest["seed"]))
    for key, head in (("replications", "Runs of each scenario"), ("runs", "Runs")):
        if key in manifest:
            yield Paragraph(head, f"{manifest[key]:,}")
    yield Paragraph("Version of the program", f"{manifest['version']}, code {manifest['code']}")
    yield Paragraph("Commit", manifest["commit"] or "unknown: the program was not run from a checkout")
    packages = ", ".join(f"{name} {version}" for name, version in manifest["packages"].items())
    yield Paragraph("Python and packages", f"Python {manifest['python']}; {packages}")
    for scenario in source.scenarios:
        yield Paragraph(f"Hash of the scenario {scenario.name}", scenario.digest)


def _shown(figure: Figure, content: bytes, unnamed: bool) -> Shown:
    return Shown(f"{figure.name}.png", figure.message, figure.details, content if unnamed else b"")
