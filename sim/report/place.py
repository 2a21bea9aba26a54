"""Decide where a report or a workbook goes, and write it whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.base.faults import NOT_SHOWN, Argument, Fault, InputError
from sim.base.scratch import write_bytes
from sim.runs.manifest import MANIFEST


def beside(folder: Path, ending: str) -> Path:
    """Return a file beside the outermost folder of a study, such as ``results/compare_a_b.html``."""
    folder = folder.resolve()
    names = [folder.name]
    while (folder.parent / MANIFEST).is_file():
        folder = folder.parent
        names.insert(0, folder.name)
    return folder.parent / f"{'_'.join(names)}{ending}"


def no_place(place: Path, example: str, endings: Sequence[str]) -> str:
    """Say what is wrong with a place for a file whose name has one of some endings; empty if nothing is."""
    if place.is_dir():
        return f"it is a folder; give the name of a file, such as {example}"
    if place.exists() and not place.is_file():  # such as a pipe that nobody reads
        return f"it is not a file; give the name of a file, such as {example}"
    if any((parent / MANIFEST).is_file() for parent in (place.resolve().parent, *place.resolve().parents)):
        return "it is inside the folder of a study, which may hold only the study's own files; give another place"
    if place.suffix.lower() not in endings:
        return f"give a name that ends in {' or '.join(endings)}, such as {example}"
    return ""


def refuse(place: Path, words: str) -> None:
    """Refuse a place if there are words against it."""
    if words:
        raise InputError([Fault(Argument("out"), str(place), NOT_SHOWN, words)])


def write(content: bytes, place: Path) -> None:
    """Write a file, whole or not at all."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(place, content)
    except OSError as error:
        refuse(place, f"the program cannot write there: {error.strerror}; give another place with `out`")
