"""Keep studies in folders: check what a folder holds, refuse a wrong one, and write the study."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.base.faults import NOT_SHOWN, Argument, Fault, InputError
from sim.base.scratch import unwritable, write_json, write_text
from sim.base.versions import code_digest, commit, program_version, versions
from sim.inputs.assumptions import differences, with_differences
from sim.inputs.scenario import Scenario, load
from sim.runs.manifest import MANIFEST, OTHER_WORDS, SCENARIO, hash_of, listed, manifest_of, sealed
from sim.runs.store import Store, begun, csv_text, is_begun
from sim.runs.unfinished import OF_OTHERS, UNFINISHED, discard, held, named, refuse_others, study_of
from sim.studies.answer import ANSWER, ANSWER_TEXT, Answer, read
from sim.studies.columns import DICTIONARY, Column, Dictionary

if TYPE_CHECKING:
    import pandas as pd

DIFFERENCES_SHOWN = 5
"""Most differences between two scenarios that a message names."""


EVERY_STUDY = frozenset({SCENARIO, MANIFEST, ANSWER, ANSWER_TEXT, DICTIONARY})
"""Names of the files that every study keeps."""


def _known(files: Collection[str], parts: Collection[str]) -> frozenset[str]:
    """Return the names of all files of a study; a study made from others keeps no scenario of its own."""
    return frozenset(files) | (EVERY_STUDY - {SCENARIO} if parts else EVERY_STUDY)


def refuse_foreign(folder: Path, files: Collection[str], parts: Collection[str] = ()) -> None:
    """Refuse a folder unless it is empty, or holds only a study's files or an unfinished study.

    ``parts`` are the folders inside it that hold the studies that it is made from.

    Raises
    ------
    InputError
        If the folder holds anything else, with what it holds.
    """
    try:
        if not folder.exists():
            return
        if not folder.is_dir():
            raise InputError([Fault(Argument("out"), str(folder), NOT_SHOWN, "it is a file; give a folder")])
        there = {path.name for path in folder.iterdir()}
        studies = {each for each in parts if each in there and _is_study(folder / each)}
        own = _known(files, parts)
        damaged = MANIFEST in there and not listed(
            folder
        )  # then it is a study if it has the other files of every study
        if study_of(folder) is None and not (damaged and own & EVERY_STUDY <= there):
            own = frozenset() if damaged else frozenset({MANIFEST, *listed(folder)}) & own
    except OSError as error:
        raise unwritable(folder, error) from None
    refuse_others(folder)
    others = sorted(there - own - studies - {UNFINISHED})
    if others:
        words = f"it holds files that do not belong to such a study ({named(others)}); choose another folder with `out`"
        raise InputError([Fault(Argument("out"), str(folder), NOT_SHOWN, words)])


def refuse_batches(folder: Path) -> None:
    """Refuse a folder with batches of an unfinished single study, for a study that is made from others.

    Raises
    ------
    InputError
        If there are such batches.
    """
    study = study_of(folder)
    if study is not None and OF_OTHERS not in study:
        words = (
            "it holds batches of another, unfinished study; choose another folder with `out`, or replace them with "
            "`overwrite=True`"
        )
        raise InputError([Fault(Argument("out"), str(folder), NOT_SHOWN, words)])


def _is_study(folder: Path) -> bool:
    """Return whether a folder is empty or holds a study, finished or not."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    return bool(listed(folder)) or study_of(folder) is not None or not any(folder.iterdir())


def refuse_another(
    folder: Path, held: dict[str, Any], held_scenario: Path, study: dict[str, Any], scenario: Scenario
) -> None:
    """Refuse a folder that holds another study, and say what differs.

    Raises
    ------
    InputError
        If the two studies differ.
    """
    differs = [
        line
        for key, value in study.items()
        if held.get(key) != value
        for line in _difference(key, held.get(key), value, held_scenario, scenario)
    ]
    if not differs:
        return
    what = "batches of another, unfinished study" if held_scenario.parent.name == UNFINISHED else "another study"
    way_out = "choose another folder with `out`, or replace it with `overwrite=True`"
    raise InputError(
        [Fault(Argument("out"), str(folder), NOT_SHOWN, f"it holds {what}: {'; '.join(differs)}; {way_out}")]
    )


def refuse(
    folder: Path, study: dict[str, Any], scenario: Scenario, files: frozenset[str], overwrite: bool
) -> dict[str, Any] | None:
    """Refuse a folder in which a study cannot be kept; see :func:`keep` for the parameters.

    Returns
    -------
    dict or None
        The manifest, if the folder holds this study complete, even with some of its batches left.
    """
    refuse_foreign(folder, files)
    if overwrite:
        return None
    try:
        if (folder / MANIFEST).exists():
            manifest = manifest_of(folder, "make the study again with `overwrite=True`")
            refuse_another(folder, manifest, folder / SCENARIO, study, scenario)
            return manifest
        unfinished = study_of(folder)
        if unfinished is not None:
            refuse_another(folder, unfinished, folder / UNFINISHED / SCENARIO, study | versions(), scenario)
    except OSError as error:
        raise unwritable(folder, error) from None
    return None


@dataclass(frozen=True)
class Made:
    """Hold a study that has just been made.

    Attributes
    ----------
    answer : Answer
        Answer of the study.
    write : callable
        Function that writes the study's own files into a folder; the keeper writes scenario, answer and manifest.
    manifest : mapping
        What the manifest says in addition to what every manifest says.
    scenario : Scenario, optional
        The scenario with its final number of replications, if that is only known afterwards.
    charts : sequence of str, optional
        Names of the charts that come first, in order.
    columns : sequence of Column, optional
        Columns of its tables that no other study has.
    """

    answer: Answer
    write: Callable[[Path], object]
    manifest: Mapping[str, Any]
    scenario: Scenario | None = None
    charts: Sequence[str] = ()
    columns: Sequence[Column] = ()

    def write_with_answer(self, folder: Path, scenario: Scenario) -> Answer:
        """Write the study's own files, the meaning of their columns, and the answer with its charts."""
        self.write(folder)
        write_text(folder / DICTIONARY, Dictionary.of(scenario, self.columns).text_of(folder))
        answer = self.answer.with_charts(folder, self.charts)
        for name, text in texts_of(answer).items():
            write_text(folder / name, text)
        return answer


@dataclass(frozen=True)
class Kept:
    """Hold a study and the folder that keeps it.

    Attributes
    ----------
    folder : pathlib.Path
        Folder of the study.
    answer : Answer
        Answer of the study.
    manifest : dict
        Manifest, which says how the study was made.
    repeated : bool
        Whether the folder already held the study, so that nothing ran.
    """

    folder: Path
    answer: Answer
    manifest: dict[str, Any]
    repeated: bool

    @property
    def failures(self) -> list[dict[str, Any]]:
        """Runs that failed."""
        return list(self.manifest.get("failures", []))

    @property
    def text(self) -> str:
        """The answer as a terminal shows it."""
        return self.answer.text()


def keep(
    folder: Path,
    study: dict[str, Any],
    scenario: Scenario,
    files: frozenset[str],
    overwrite: bool,
    make: Callable[[Store], Made],
) -> Kept:
    """Make a study and keep it in a folder, unless the folder already holds it.

    If anything interrupts the study, finished batches stay, and the same call continues from there.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the study.
    study : dict
        What two studies must share to have the same answer; see :func:`identity`.
    scenario : Scenario
        Scenario of the study.
    files : frozenset of str
        Names that the study's own files may have, in addition to :data:`EVERY_STUDY`.
    overwrite : bool
        Whether to replace another or a damaged study there.
    make : callable
        Function that makes the study, given the store of finished batches.

    Raises
    ------
    InputError
        If the folder holds something else and ``overwrite`` is not given.
    """
    manifest = refuse(folder, study, scenario, files, overwrite)
    if manifest is not None and not is_begun(folder, study):
        return Kept(folder, read(folder), manifest, repeated=True)
    with held(folder):
        manifest = refuse(folder, study, scenario, files, overwrite)
        if manifest is not None:  # another process came first, or only had to tidy up
            if is_begun(folder, study):
                discard(folder)
            return Kept(folder, read(folder), manifest, repeated=True)
        text = with_differences(scenario)
        store = begun(folder, study | versions(), text, _known(files, ()))
        store.take_up()
        made = make(store)
        whole = made.scenario or scenario
        if whole.replications != scenario.replications:
            text = with_differences(whole)

        def write(scratch: Path) -> None:
            write_text(scratch / SCENARIO, text)
            made.write_with_answer(scratch, whole)

        about = {
            "name": scenario.name,
            "commit": commit(),
            **versions(),
            "started": store.started,
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        manifest = store.publish(write, {**study, **about, **made.manifest}, _known(files, ()))
        discard(folder)
    return Kept(folder, read(folder), manifest, repeated=False)


def keep_beside(folder: Path, base: Scenario, parts: Sequence[str], files: frozenset[str], made: Made) -> Answer:
    """Keep a study made from others in the folder that holds them, and remove its older files.

    ``base`` is the scenario whose words its tables use. ``parts`` are the folders of the other studies inside the
    folder, and ``files`` are the names that its own files may have.

    The manifest holds no times, so a study made again from the same studies is the same, byte for byte.
    """
    code = {"version": program_version(), "code": code_digest(), "commit": commit(), **versions()}
    with held(folder):
        manifest = {**made.manifest, **code}
        write = partial(made.write_with_answer, scenario=base)
        store = begun(folder, {OF_OTHERS: list(parts)}, "", _known(files, parts))
        store.publish(write, manifest, _known(files, parts), parts)
        discard(folder)
    return read(folder)


def texts_of(answer: Answer) -> dict[str, str]:
    """Return the content of the files of an answer, by name."""
    return {ANSWER: answer.to_json() + "\n", ANSWER_TEXT: answer.text() + "\n"}


def reword(folder: Path, name: str, texts: Mapping[str, str]) -> None:
    """Replace texts of a study whose words have changed, such as the name or question of its scenario.

    Meanwhile the manifest knows both versions, so an interruption leaves the folder complete.
    """
    with held(folder):
        manifest = {key: value for key, value in manifest_of(folder).items() if key != OTHER_WORDS}
        new = {file: hashlib.sha256(text.encode()).hexdigest() for file, text in texts.items()}
        old = {file: hash_of(folder / file) for file in texts}
        renewed = manifest | {"name": name, "files": manifest["files"] | new}
        unfinished = folder / UNFINISHED
        own = study_of(folder) is None  # otherwise the batches there belong to a study that will replace this one
        if own:
            begun(folder, {OF_OTHERS: [name]}, "", frozenset(texts))
        write_json(folder / MANIFEST, sealed(renewed | {OTHER_WORDS: old}), unfinished)
        for file, text in texts.items():
            write_text(folder / file, text, unfinished)
        write_json(folder / MANIFEST, sealed(renewed), unfinished)
        if own:
            discard(folder)


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as a CSV, with six digits."""
    write_text(path, csv_text(table))


def identity(scenario: Scenario, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what two studies of a scenario must share to have the same answer."""
    return {
        "scenario": scenario.digest,
        "seed": scenario.seed,
        "asked": dict(asked),
        "version": program_version(),
        "code": code_digest(),
    }


def _difference(key: str, there: object, now: object, held_scenario: Path, scenario: Scenario) -> Iterator[str]:
    """Say what differs between two studies in one key of their identity."""
    if key == "scenario":
        lines = _scenario_differences(held_scenario, scenario)
        yield from lines[:DIFFERENCES_SHOWN] or ["the scenario is different"]
        if len(lines) > DIFFERENCES_SHOWN:
            yield f"and {len(lines) - DIFFERENCES_SHOWN} more values"
    elif isinstance(there, dict) and isinstance(now, dict):
        for name in now:
            if there.get(name) != now[name]:
                yield f"{name} is {_said(there.get(name))} there and {_said(now[name])} here"
    else:
        yield f"{key} is {there} there and {now} here"


def _said(asked: object) -> str:
    """Return a value of an identity in words."""
    if isinstance(asked, dict) and "targets" in asked:
        return f"{', '.join(f'{name}<={width:g}' for name, width in asked['targets'].items())} by {asked['budget']}"
    if isinstance(asked, dict):
        return ", ".join(f"{name} {_said(each)}" for name, each in asked.items())
    if isinstance(asked, bool):
        return "yes" if asked else "no"
    return "nothing" if asked is None else str(asked)


def _scenario_differences(held: Path, scenario: Scenario) -> list[str]:
    try:
        return differences(scenario, load(held))
    except (InputError, OSError):  # written by another version of the program
        return []
