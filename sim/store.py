"""The folder of a study while it is made: batch by batch, and whole at the end.

Every finished batch is a file of its own in the subfolder ``unfinished``: written under another name, flushed to the
disk and renamed, so a file that bears a batch's name is a whole batch. The results are made from these files alone, in
the order of the replications, whoever ran them and when. They are written in full inside ``unfinished`` as well, and
then moved into place, the manifest last: without a manifest no folder reads as results, and from its batches it can be
finished again. One process at a time holds a folder.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from sim.faults import NOT_SHOWN, Fault, InputError
from sim.place import unwritable
from sim.results import MANIFEST, SCENARIO, hash_of

UNFINISHED = "unfinished"
LOCK = "lock"
STUDY = "study.json"
"""What the unfinished batches belong to."""
_FAILURES = "failures.json"
_WRITING, _WHOLE = "writing", "whole"


@dataclass(frozen=True)
class Failure:
    """A replication that raised."""

    replication: int
    seed: int
    traceback: str


@dataclass
class Batch:
    """Tables of some replications, by name, and those that failed."""

    replications: range
    tables: dict[str, list[Any]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)


class Store:
    """Batches of a study that are finished, and the way of all of them into the result folder.

    Parameters
    ----------
    folder : pathlib.Path
        The result folder.
    started : str
        When the study was begun.
    """

    def __init__(self, folder: Path, started: str) -> None:
        self.folder = folder
        self.started = started
        self._unfinished = folder / UNFINISHED
        self._finished: dict[range, Path] = {}

    def _path(self, replications: range) -> Path:
        return self._unfinished / f"{replications.start:06d}-{replications.stop - 1:06d}.zip"

    def take_up(self, batches: Sequence[range]) -> None:
        """Find which of some batches are finished, and remove what is whole of none of them."""
        self._finished = {}
        wanted = {self._path(batch): batch for batch in batches}
        for path in sorted(self._unfinished.iterdir()):
            if path in wanted and _is_whole(path):
                self._finished[wanted[path]] = path
            elif path.is_dir():
                shutil.rmtree(path)
            elif path.name not in (STUDY, SCENARIO, LOCK):
                path.unlink()

    def __contains__(self, replications: range) -> bool:
        return replications in self._finished

    @property
    def finished(self) -> int:
        """Replications that need not be run again."""
        return sum(len(batch) for batch in self._finished)

    def keep(self, batch: Batch) -> None:
        """Keep a finished batch."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self._path(batch.replications)
        with _written_whole(path) as file, zipfile.ZipFile(file, "w") as archive:
            for name, tables in batch.tables.items():
                content = io.BytesIO()
                pq.write_table(pa.concat_tables(tables), content, compression="zstd")
                archive.writestr(f"{name}.parquet", content.getbuffer())
            archive.writestr(_FAILURES, json.dumps([vars(failure) for failure in batch.failures]))
        self._finished[batch.replications] = path

    def table(self, replications: range, name: str) -> Any:
        """Arrow table of a finished batch; None if none of its replications has left one."""
        import pyarrow.parquet as pq

        with zipfile.ZipFile(self._finished[replications]) as archive:
            if f"{name}.parquet" not in archive.namelist():
                return None
            return pq.read_table(io.BytesIO(archive.read(f"{name}.parquet")))

    def failures(self, replications: range) -> list[dict[str, Any]]:
        """Replications of a finished batch that raised."""
        with zipfile.ZipFile(self._finished[replications]) as archive:
            return list(json.loads(archive.read(_FAILURES)))

    def publish(self, write: Callable[[Path], None], manifest: Mapping[str, Any], known: frozenset[str]) -> None:
        """Write the results, move them into place and remove the batches.

        Parameters
        ----------
        write : callable
            Writes every file but the manifest into a folder.
        manifest : mapping
            How they were made; hashes of the files are added.
        known : frozenset of str
            Names that results may have; older ones of these are replaced.
        """
        whole = self._unfinished / _WHOLE
        shutil.rmtree(whole, ignore_errors=True)
        whole.mkdir()
        write(whole)
        written = sorted(path.name for path in whole.iterdir())
        files = {name: hash_of(whole / name) for name in written}
        write_json(whole / MANIFEST, {**manifest, "files": files})
        for path in whole.iterdir():
            _to_disk(path)
        with suppress(FileNotFoundError):
            (self.folder / MANIFEST).unlink()  # from here to the last line the folder reads as nothing
        for name in known - set(written):
            with suppress(FileNotFoundError):
                (self.folder / name).unlink()
        for name in (*written, MANIFEST):
            (whole / name).replace(self.folder / name)
        _to_disk(self.folder)


@contextmanager
def opened(folder: Path, study: Mapping[str, Any], scenario: str) -> Iterator[Store]:
    """Store of a study in a folder, made if it is not there; held by this process alone.

    What was finished when the block ends early stays, and the error says so in a note; if nothing was, nothing of the
    folder is left.

    Parameters
    ----------
    folder : pathlib.Path
        The result folder, which :func:`unfinished_study` has been asked about.
    study : mapping
        What two studies must share for their batches to be the same.
    scenario : str
        Text of the resolved scenario.

    Raises
    ------
    InputError
        If another process holds the folder, or nothing can be written there.
    """
    unfinished = folder / UNFINISHED
    try:
        made = [path for path in (folder, *folder.resolve().parents) if not path.exists()]
        unfinished.mkdir(parents=True, exist_ok=True)
        lock = FileLock(unfinished / LOCK, timeout=0)
        lock.acquire()
    except Timeout:
        words = "another process is running a study there; wait for it, or choose another folder with --out"
        raise InputError([Fault("--out", str(folder), NOT_SHOWN, words)]) from None
    except OSError as error:
        raise unwritable(folder, error) from None
    try:
        store = _begun(folder, study, scenario)
        yield store
    except BaseException as error:
        if not any(unfinished.glob("*.zip")):
            _remove(unfinished, lock)
            with suppress(OSError):  # what is not empty stays
                for path in made:
                    path.rmdir()
            error.add_note("Nothing was kept.")
        else:
            kept = store.finished
            lock.release()
            error.add_note(
                f"{kept} finished replications are kept in {unfinished}; the same command goes on from there."
            )
        raise
    _remove(unfinished, lock)


def _begun(folder: Path, study: Mapping[str, Any], scenario: str) -> Store:
    """Store of a study that is taken up where it stands, or begun."""
    unfinished = folder / UNFINISHED
    held = unfinished_study(folder)
    if held is None or {name: held.get(name) for name in study} != dict(study):
        for path in unfinished.glob("*.zip"):
            path.unlink()
        held = {**study, "started": datetime.now(UTC).isoformat(timespec="seconds")}
        with _written_whole(unfinished / SCENARIO) as file:
            file.write(scenario.encode())
        with _written_whole(unfinished / STUDY) as file:
            file.write(json.dumps(held, indent=2).encode())
    return Store(folder, str(held["started"]))


def _remove(unfinished: Path, lock: FileLock) -> None:
    """Remove the batches; without the first file they belong to nothing, whatever comes in between."""
    with suppress(FileNotFoundError):
        (unfinished / STUDY).unlink()
    lock.release()
    shutil.rmtree(unfinished, ignore_errors=True)


def tidy(folder: Path) -> None:
    """Remove batches that were left beside the results made of them, unless a process is at work on them."""
    if (folder / UNFINISHED).is_dir():
        with suppress(Timeout, OSError):
            lock = FileLock(folder / UNFINISHED / LOCK, timeout=0)
            lock.acquire()
            _remove(folder / UNFINISHED, lock)


def unfinished_study(folder: Path) -> dict[str, Any] | None:
    """What the unfinished batches of a folder belong to; None if there are none."""
    try:
        study = json.loads((folder / UNFINISHED / STUDY).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError, json.JSONDecodeError):
        return None
    return study if isinstance(study, dict) and "started" in study else None


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file of JSON, whole or not at all."""
    with _written_whole(path) as file:
        file.write((json.dumps(content, indent=2) + "\n").encode())


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    with _written_whole(path) as file:
        file.write(text.encode())


@contextmanager
def _written_whole(path: Path) -> Iterator[Any]:
    """File that takes its name when it is written to the end and on the disk; if anything fails, nothing is left."""
    scratch = path.with_name(f"{path.name}.{_WRITING}")
    try:
        with scratch.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise


def _to_disk(path: Path) -> None:
    """Have the system write a file or folder to the disk now."""
    with suppress(OSError):  # some systems do not open folders
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _is_whole(path: Path) -> bool:
    """Whether a file of a batch is as it was written."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None and _FAILURES in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False
