"""The keeper of studies: what a folder holds already, why a study may not be kept there, and how it is kept."""

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
"""Values of two scenarios that are named."""


EVERY_STUDY = frozenset({SCENARIO, MANIFEST, ANSWER, ANSWER_TEXT, DICTIONARY})
"""Names of the files that every study keeps."""


def _known(files: Collection[str], parts: Collection[str]) -> frozenset[str]:
    """Names of all files that a study may leave; one that is made from others leaves their scenarios to them."""
    return frozenset(files) | (EVERY_STUDY - {SCENARIO} if parts else EVERY_STUDY)


def refuse_foreign(folder: Path, files: Collection[str], parts: Collection[str] = ()) -> None:
    """Refuse a folder that holds anything but nothing, a study's files, or a study that is not finished.

    ``parts`` are the folders inside it of the studies that it is made from.

    Raises
    ------
    InputError
        With what it holds.
    """
    try:
        if not folder.exists():
            return
        if not folder.is_dir():
            raise InputError([Fault(Argument("out"), str(folder), NOT_SHOWN, "it is a file; give a folder")])
        there = {path.name for path in folder.iterdir()}
        studies = {each for each in parts if each in there and _is_study(folder / each)}
        own = _known(files, parts)
        damaged = MANIFEST in there and not listed(folder)  # then it is a study's if the other files of every study are
        if study_of(folder) is None and not (damaged and own & EVERY_STUDY <= there):
            own = frozenset() if damaged else frozenset({MANIFEST, *listed(folder)}) & own
    except OSError as error:
        raise unwritable(folder, error) from None
    refuse_others(folder)
    others = sorted(there - own - studies - {UNFINISHED})
    if others:
        words = f"it holds files that are none of such a study ({named(others)}); choose another folder with `out`"
        raise InputError([Fault(Argument("out"), str(folder), NOT_SHOWN, words)])


def refuse_batches(folder: Path) -> None:
    """Refuse a folder with batches of a single study that is not finished, where one made from others would be kept.

    Raises
    ------
    InputError
        If there are any.
    """
    study = study_of(folder)
    if study is not None and OF_OTHERS not in study:
        words = (
            "it holds batches of another study, which is not finished; choose another folder with `out`, or replace "
            "them with `overwrite=True`"
        )
        raise InputError([Fault(Argument("out"), str(folder), NOT_SHOWN, words)])


def _is_study(folder: Path) -> bool:
    """Whether a folder holds a study, finished or not, or nothing."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    return bool(listed(folder)) or study_of(folder) is not None or not any(folder.iterdir())


def refuse_another(
    folder: Path, held: dict[str, Any], held_scenario: Path, study: dict[str, Any], scenario: Scenario
) -> None:
    """Refuse a folder that holds another study, saying what differs.

    Raises
    ------
    InputError
        If they are not the same.
    """
    differs = [
        line
        for key, value in study.items()
        if held.get(key) != value
        for line in _difference(key, held.get(key), value, held_scenario, scenario)
    ]
    if not differs:
        return
    what = (
        "batches of another study, which is not finished"
        if held_scenario.parent.name == UNFINISHED
        else "another study"
    )
    way_out = "choose another folder with `out`, or replace it with `overwrite=True`"
    raise InputError(
        [Fault(Argument("out"), str(folder), NOT_SHOWN, f"it holds {what}: {'; '.join(differs)}; {way_out}")]
    )


def refuse(
    folder: Path, study: dict[str, Any], scenario: Scenario, files: frozenset[str], overwrite: bool
) -> dict[str, Any] | None:
    """Refuse a folder in which a study cannot be kept; see :func:`keep`, which takes the same.

    Returns
    -------
    dict or None
        The manifest, if the folder holds this very study, whole, be it beside what is left of its batches.
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
    """A study that was made just now.

    Attributes
    ----------
    answer : Answer
        What it found.
    write : callable
        Writes the files that are its own into a folder; scenario, answer and manifest are the keeper's.
    manifest : mapping
        What the manifest says beside what every study's says.
    scenario : Scenario, optional
        What it came to be of, if that shows only when it is made: the number of replications.
    charts : sequence of str, optional
        Names of the charts that are read first, in their order.
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
        """Write its own files, what their columns hold, and its answer, to which the charts are added."""
        self.write(folder)
        write_text(folder / DICTIONARY, Dictionary.of(scenario, self.columns).text_of(folder))
        answer = self.answer.with_charts(folder, self.charts)
        for name, text in texts_of(answer).items():
            write_text(folder / name, text)
        return answer


@dataclass(frozen=True)
class Kept:
    """A study and where it is kept.

    Attributes
    ----------
    folder : pathlib.Path
        Where.
    answer : Answer
        What it found.
    manifest : dict
        How it was made.
    repeated : bool
        Whether the folder held it already, so that nothing was run.
    """

    folder: Path
    answer: Answer
    manifest: dict[str, Any]
    repeated: bool

    @property
    def failures(self) -> list[dict[str, Any]]:
        """Runs that raised."""
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
    """Make a study and keep it in a folder, unless the folder holds this very one.

    Whatever ends it before its time, the batches that are finished stay, and the same call goes on from there.

    Parameters
    ----------
    folder : pathlib.Path
        Where.
    study : dict
        What two studies must share for their answers to be the same, see :func:`identity`.
    scenario : Scenario
        What it is of.
    files : frozenset of str
        Names that files of its own may have, beside :data:`EVERY_STUDY`.
    overwrite : bool
        Whether another or a damaged study there may be replaced.
    make : callable
        Makes it, with the store of the batches that are finished.

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
        if manifest is not None:  # another process came first, or had but to tidy up
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
    """Keep a study that is made from others, in the folder in which they are kept; older files of its own go.

    ``base`` is the scenario whose words its tables have, ``parts`` are the folders inside it of those others, and
    ``files`` the names that files of its own may have.

    The manifest has no times: made again from the same studies it is the same, byte for byte.
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
    """Content of the files of an answer, by name."""
    return {ANSWER: answer.to_json() + "\n", ANSWER_TEXT: answer.text() + "\n"}


def reword(folder: Path, name: str, texts: Mapping[str, str]) -> None:
    """Replace texts of a study that says the same in other words, such as another name or question of its scenario.

    In between the manifest knows both, so whatever ends it the folder is whole.
    """
    with held(folder):
        manifest = {key: value for key, value in manifest_of(folder).items() if key != OTHER_WORDS}
        new = {file: hashlib.sha256(text.encode()).hexdigest() for file, text in texts.items()}
        old = {file: hash_of(folder / file) for file in texts}
        renewed = manifest | {"name": name, "files": manifest["files"] | new}
        unfinished = folder / UNFINISHED
        own = study_of(folder) is None  # else the batches there are of a study that is to replace this one
        if own:
            begun(folder, {OF_OTHERS: [name]}, "", frozenset(texts))
        write_json(folder / MANIFEST, sealed(renewed | {OTHER_WORDS: old}), unfinished)
        for file, text in texts.items():
            write_text(folder / file, text, unfinished)
        write_json(folder / MANIFEST, sealed(renewed), unfinished)
        if own:
            discard(folder)


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as a CSV, with figures of six digits."""
    write_text(path, csv_text(table))


def identity(scenario: Scenario, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What two studies of a scenario must share for their answers to be the same."""
    return {
        "scenario": scenario.digest,
        "seed": scenario.seed,
        "asked": dict(asked),
        "version": program_version(),
        "code": code_digest(),
    }


def _difference(key: str, there: object, now: object, held_scenario: Path, scenario: Scenario) -> Iterator[str]:
    """What differs between two studies, of one key of their identity."""
    if key == "scenario":
        lines = _scenario_differences(held_scenario, scenario)
        yield from lines[:DIFFERENCES_SHOWN] or ["the scenario is another"]
        if len(lines) > DIFFERENCES_SHOWN:
            yield f"and {len(lines) - DIFFERENCES_SHOWN} values more"
    elif isinstance(there, dict) and isinstance(now, dict):
        for name in now:
            if there.get(name) != now[name]:
                yield f"{name} is {_said(there.get(name))} there and {_said(now[name])} here"
    else:
        yield f"{key} is {there} there and {now} here"


def _said(asked: object) -> str:
    """A value of an identity in words."""
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
