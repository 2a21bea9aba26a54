"""The keeper of studies: what a folder holds already, why a study may not be kept there, and how it is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.base.faults import NOT_SHOWN, Argument, Fault, InputError
from sim.base.scratch import unwritable
from sim.base.versions import code_digest, commit, program_version, versions
from sim.inputs.assumptions import differences, with_differences
from sim.inputs.scenario import Scenario, load
from sim.runs.results import MANIFEST, SCENARIO, damage_of
from sim.runs.store import UNFINISHED, Store, begun, discard, held, is_begun, unfinished_study, write_text
from sim.studies.answer import ANSWER, ANSWER_TEXT, Answer, read

if TYPE_CHECKING:
    import pandas as pd

DIFFERENCES_SHOWN = 5
"""Values of two scenarios that are named."""


def refuse_foreign(folder: Path, known: Collection[str]) -> None:
    """Refuse a folder that holds anything but nothing, a study's files, or a study that is not finished.

    Parameters
    ----------
    folder : pathlib.Path
        The folder; it may be missing.
    known : collection of str
        Names of the files that the study may leave.

    Raises
    ------
    InputError
        With what it holds.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError([Fault(Argument("out"), str(folder), NOT_SHOWN, "it is a file; give a folder")])
    there = {path.name for path in folder.iterdir()}
    ours = MANIFEST in there or UNFINISHED in there or not there
    if not ours or there - set(known) - {UNFINISHED}:
        others = (
            ", ".join(sorted(there - set(known) - {UNFINISHED})[:3]) or "a study's files without their manifest.json"
        )
        words = f"it holds files that are none of such a study ({others}); choose another folder with `out`"
        raise InputError([Fault(Argument("out"), str(folder), NOT_SHOWN, words)])


def refuse_another(
    folder: Path, held: dict[str, Any], held_scenario: Path, study: dict[str, Any], scenario: Scenario
) -> None:
    """Refuse a folder that holds another study, saying what differs.

    Parameters
    ----------
    folder : pathlib.Path
        The folder.
    held : dict
        Identity of the study that it holds.
    held_scenario : pathlib.Path
        File of its scenario.
    study : dict
        What two studies must share.
    scenario : Scenario
        Of the study that is asked for.

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


def holds(folder: Path, study: dict[str, Any], scenario: Scenario, files: frozenset[str], overwrite: bool) -> bool:
    """Whether a folder holds this very study, whole. One that holds anything else is refused, unless overwritten."""
    try:
        refuse_foreign(folder, files)
        if overwrite:
            return False
        if (folder / MANIFEST).exists():
            manifest = manifest_of(folder)
            refuse_another(folder, manifest, folder / SCENARIO, study, scenario)
            return not is_begun(folder, study)
        unfinished = unfinished_study(folder)
        if unfinished is not None:
            refuse_another(folder, unfinished, folder / UNFINISHED / SCENARIO, study | versions(), scenario)
    except OSError as error:
        raise unwritable(folder, error) from None
    return False


def manifest_of(folder: Path) -> dict[str, Any]:
    """Manifest of a study whose files are as they were written."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        damage = damage_of(folder, manifest["files"])
    except (UnicodeDecodeError, json.JSONDecodeError, AttributeError, KeyError, TypeError):
        damage = ["manifest.json cannot be read"]
    if damage:
        words = f"it is damaged: {'; '.join(damage)}; run it again with `overwrite=True`"
        raise InputError([Fault(str(folder), "(the folder)", NOT_SHOWN, words)])
    return dict(manifest)


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
    """

    answer: Answer
    write: Callable[[Path], None]
    manifest: Mapping[str, Any]


@dataclass(frozen=True)
class Kept:
    """A study and where it is kept.

    Attributes
    ----------
    folder : pathlib.Path
        Where.
    answer : Answer
        What it found.
    failures : list of dict
        Runs that raised.
    repeated : bool
        Whether the folder held it already, so that nothing was run.
    """

    folder: Path
    answer: Answer
    failures: list[dict[str, Any]]
    repeated: bool

    @property
    def text(self) -> str:
        """The answer as a terminal shows it."""
        return self.answer.text()


EVERY_STUDY = frozenset({SCENARIO, MANIFEST, ANSWER, ANSWER_TEXT})
"""Names of the files that every study keeps."""


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
    known = files | EVERY_STUDY
    if holds(folder, study, scenario, known, overwrite):
        return Kept(folder, read(folder), manifest_of(folder).get("failures", []), repeated=True)
    text = with_differences(scenario)
    with held(folder):
        store = begun(folder, study | versions(), text)
        store.take_up()
        made = make(store)

        def write(whole: Path) -> None:
            write_text(whole / SCENARIO, text)
            write_text(whole / ANSWER, made.answer.to_json() + "\n")
            write_text(whole / ANSWER_TEXT, made.answer.text() + "\n")
            made.write(whole)

        about = {
            "name": scenario.name,
            "commit": commit(),
            **versions(),
            "started": store.started,
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        store.publish(write, {**study, **about, **made.manifest}, known)
        discard(folder)
    return Kept(folder, made.answer, list(made.manifest.get("failures", [])), repeated=False)


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as a CSV, with figures of six digits."""
    write_text(path, table.to_csv(index=False, float_format="%.6g", lineterminator="\n"))


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
