"""Manages the subfolder of a study under way, and removes from it only what the study wrote.

The subfolder ``unfinished`` belongs to a study if it is a real directory that holds a valid ``study.json``. The study
writes this file first and removes it last. It recognises its other files by name: a batch, whose name ends with the
hash of its content; the scenario, whose hash is in ``study.json``; half-written files; and the folder ``whole`` with
the names of the results. Anything else there belongs to somebody else. The study then refuses to start, and never
removes it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from sim.base.faults import NOT_SHOWN, Argument, Fault, InputError
from sim.base.scratch import WRITING, unwritable, write_json, write_text
from sim.runs.manifest import MANIFEST, SCENARIO, hash_of

UNFINISHED = "unfinished"
LOCK = "lock"
STUDY = "study.json"
"""Name of the file that describes the study to which the unfinished batches belong."""
WHOLE = "whole"
"""Folder in which the results are written in full before they are moved into place."""
BATCH = re.compile(r"(?:(?P<variant>[\w.+]+)-)?(?P<first>\d+)-(?P<last>\d+) (?P<digest>[0-9a-f]{64})\.zip")
"""Name of the file of a finished batch."""
STARTED, HASHES, NAMES, REPLACED = "started", "hashes", "names", "replaced"
"""Keys of ``study.json`` beside those of the study: when it began, hashes of its files, names that its results may
have, and names of the results that it replaces.
"""
OF_OTHERS = "of_others"
"""Key of ``study.json`` for a study without batches of its own: it is made from other studies, or only reworded."""
SHOWN = 3
"""Most files of somebody else that a message names."""

Piece = tuple[str, range]
"""Content of a batch: a variant, by a word of letters and digits (empty where there is only one), and replications."""


def name_of(piece: Piece, digest: str) -> str:
    """Return the name of a batch's file."""
    variant, replications = piece
    dash = "-" if variant else ""
    return f"{variant}{dash}{replications.start:06d}-{replications.stop - 1:06d} {digest}.zip"


def piece_of(name: str) -> Piece | None:
    """Return the variant and replications that a batch's file name states; None for any other name."""
    match = BATCH.fullmatch(name)
    return None if match is None else (match["variant"] or "", range(int(match["first"]), int(match["last"]) + 1))


def finished(folder: Path) -> list[tuple[Piece, Path]]:
    """Find the batches in a study's folder whose content matches the hash in their name."""
    found = []
    for path in sorted((folder / UNFINISHED).iterdir()):
        piece = piece_of(path.name)
        if piece is not None and _is_file(path) and path.stem.endswith(hash_of(path)):
            found.append((piece, path))
    return found


def study_of(folder: Path) -> dict[str, Any] | None:
    """Describe the study that a folder's unfinished batches belong to; None if there is no study."""
    unfinished = folder / UNFINISHED
    if unfinished.is_symlink() or not _is_file(unfinished / STUDY):
        return None
    try:
        study = json.loads((unfinished / STUDY).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):  # a number of thousands of digits is not valid JSON either
        return None
    kinds = {STARTED: str, HASHES: dict, NAMES: list, REPLACED: list}
    sound = isinstance(study, dict) and all(isinstance(study.get(key), kind) for key, kind in kinds.items())
    return study if sound and all(isinstance(name, str) for name in (*study[NAMES], *study[REPLACED])) else None


def begin(
    folder: Path,
    study: Mapping[str, Any],
    scenario: str,
    names: Collection[str],
    started: str,
    replaced: Collection[str],
) -> None:
    """Claim the subfolder of a locked folder for a study.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the study.
    study : mapping
        What two studies must share for their batches to be the same.
    scenario : str
        Text of the scenario.
    names : collection of str
        Names that the result files may have.
    started : str
        When the study began.
    replaced : collection of str
        Names of earlier results in the folder, which the study will replace.
    """
    digest = hashlib.sha256(scenario.encode()).hexdigest()
    about = {STARTED: started, HASHES: {SCENARIO: digest}, NAMES: sorted(names), REPLACED: sorted(replaced)}
    write_json(folder / UNFINISHED / STUDY, {**study, **about})
    write_text(folder / UNFINISHED / SCENARIO, scenario)


def others_in(folder: Path) -> list[str]:
    """List what is in the subfolder that no study wrote, in order; empty if there is no subfolder.

    If the subfolder itself is a file or a link, the list holds only its name.
    """
    unfinished = folder / UNFINISHED
    if not os.path.lexists(unfinished):
        return []
    if unfinished.is_symlink() or not unfinished.is_dir():
        return [UNFINISHED]
    study, found = study_of(folder), []
    for path in unfinished.iterdir():
        if path.name == WHOLE and study is not None and not path.is_symlink() and path.is_dir():
            names = {*study[NAMES], MANIFEST}
            found += [
                f"{WHOLE}/{each.name}" for each in path.iterdir() if not (_is_file(each) and _to_be(each) in names)
            ]
        elif not _is_file(path) or not _is_ours(path, study):
            found.append(path.name)
    return sorted(found)


def _is_ours(path: Path, study: Mapping[str, Any] | None) -> bool:
    """Return whether a study may have written a file of the subfolder; a study writes nothing before its study.json."""
    if path.name == LOCK:
        return not path.stat().st_size
    if path.name == STUDY or study is None:
        return study is not None or (WRITING.fullmatch(path.name) is not None and _to_be(path) == STUDY)
    return path.name == SCENARIO or piece_of(_to_be(path)) is not None or _is_half_written(path, study)


def _is_half_written(path: Path, study: Mapping[str, Any]) -> bool:
    name = _to_be(path)
    return name != path.name and (name in {STUDY, SCENARIO, MANIFEST, *study[NAMES]} or piece_of(name) is not None)


def _to_be(path: Path) -> str:
    """Return the name that a file will have once it is complete."""
    match = WRITING.fullmatch(path.name)
    return path.name if match is None else match["name"]


def named(others: Sequence[str]) -> str:
    """Name the first few files of somebody else, and count the rest."""
    more = f" and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
    return f"{', '.join(others[:SHOWN])}{more}"


def refuse_others(folder: Path) -> None:
    """Refuse a folder whose subfolder ``unfinished`` holds anything that is not a study's.

    Raises
    ------
    InputError
        Names what is there.
    """
    try:
        others = others_in(folder)
    except OSError as error:
        raise unwritable(folder, error) from None
    if others == [UNFINISHED]:
        words = f"{UNFINISHED} in it is a link or a file, not a study's folder"
    elif others:
        words = (
            f"its folder {UNFINISHED} holds files that no study of this version of the program wrote ({named(others)})"
        )
    else:
        return
    raise InputError(
        [
            Fault(
                Argument("out"), str(folder), NOT_SHOWN, f"{words}; move them away, or choose another folder with `out`"
            )
        ]
    )


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Lock a folder for this process alone, and create it if it does not exist.

    If the block ends early, finished batches stay and a note on the error says so. If nothing was finished, the folder
    is left as it was before.

    Raises
    ------
    InputError
        If another process has locked the folder, its subfolder is not a study's, or nothing can be written there.
    """
    unfinished = folder / UNFINISHED
    refuse_others(folder)
    try:
        made = [path for path in (folder, *folder.resolve().parents) if not path.exists()]
        unfinished.mkdir(parents=True, exist_ok=True)
        lock = FileLock(unfinished / LOCK, timeout=0)
        lock.acquire()
    except Timeout:
        words = "another process is running a study there; wait for it, or choose another folder with `out`"
        raise InputError([Fault(Argument("out"), str(folder), NOT_SHOWN, words)]) from None
    except OSError as error:
        raise unwritable(folder, error) from None
    try:
        yield
    except InputError:
        raise
    except BaseException as error:
        kept = sum(len(replications) for (_, replications), _ in finished(folder))
        words = f"{kept} finished replications are kept in {unfinished}; the same command continues from there."
        study = study_of(folder)
        if study is not None and OF_OTHERS not in study:
            error.add_note(words if kept else "Nothing was kept.")
        if study is not None and not kept:
            discard(folder)
        raise
    finally:
        _leave(folder, lock, made)


def _leave(folder: Path, lock: FileLock, made: Sequence[Path]) -> None:
    """Unlock a folder, and remove the subfolder if it is empty, the lock last."""
    unfinished = folder / UNFINISHED
    if study_of(folder) is None:
        with suppress(OSError):  # some systems keep a file that is open
            (unfinished / LOCK).unlink()
    lock.release()
    with suppress(OSError):  # a folder that is not empty stays
        for path in (unfinished, *made):
            path.rmdir()


def discard(folder: Path) -> None:
    """Remove a study's files from the subfolder of a locked folder; the file that says whose they are goes last.

    Batches whose content does not match their name stay. So does everything whose name is not known.
    """
    study = study_of(folder)
    if study is None:
        return
    unfinished = folder / UNFINISHED
    remove_batches(folder)
    remove_half_written(folder)
    path = unfinished / SCENARIO
    if _is_file(path) and hash_of(path) == study[HASHES].get(SCENARIO):
        path.unlink()
    (unfinished / STUDY).unlink()


def remove_batches(folder: Path) -> None:
    """Remove the finished batches from a study's folder, each recognised by its hash."""
    for _, path in finished(folder):
        path.unlink()


def remove_half_written(folder: Path) -> None:
    """Remove the files that a study had not finished writing when it ended early; it writes them again."""
    study, unfinished = study_of(folder), folder / UNFINISHED
    if study is None:
        return
    for path in list(unfinished.iterdir()):
        if _is_file(path) and _is_half_written(path, study):
            path.unlink()
    whole = unfinished / WHOLE
    if whole.is_dir() and not whole.is_symlink():
        for path in list(whole.iterdir()):
            if _is_file(path) and _to_be(path) in {*study[NAMES], MANIFEST}:
                path.unlink()
        with suppress(OSError):  # a folder that is not empty stays
            whole.rmdir()


def _is_file(path: Path) -> bool:
    """Return whether a path is a regular file and not a link."""
    return path.is_file() and not path.is_symlink()
