"""The folder of a study while it is made: batch by batch, and whole at the end.

Every finished batch is a file of its own in the subfolder ``unfinished``: written under another name, flushed to the
disk and renamed; its name ends with the hash of its content, so one that is not whole is told. The results are made
from these files alone, in the order of the replications, whoever ran them and when. They are written in full inside
``unfinished`` as well, and then moved into place, the manifest last: without a manifest no folder reads as results, and
from its batches it can be finished again. One process at a time holds a folder.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from sim.base.faults import NOT_SHOWN, Argument, Fault, InputError
from sim.base.scratch import unwritable
from sim.runs.results import MANIFEST, SCENARIO, hash_of

if TYPE_CHECKING:
    import pandas as pd

UNFINISHED = "unfinished"
LOCK = "lock"
ENDING = ".zip"
STUDY = "study.json"
"""What the unfinished batches belong to."""
_FAILURES = "failures.json"
_WRITING, _WHOLE = "writing", "whole"


Piece = tuple[str, range]
"""What a batch is of: a variant, by a word of letters and digits (none where there is only one), and replications."""


@dataclass(frozen=True)
class Failure:
    """A replication that raised."""

    replication: int
    seed: int
    traceback: str


@dataclass
class Batch:
    """Tables of some replications, by name, and those that failed; of which variant, where a study has several."""

    replications: range
    tables: dict[str, list[Any]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    variant: str = ""


class Store:
    """Batches of a study that are finished, and the way of all of them into the result folder."""

    def __init__(self, folder: Path, started: str) -> None:
        self.folder = folder
        self.started = started
        self._unfinished = folder / UNFINISHED
        self._finished: dict[Piece, Path] = {}

    def take_up(self) -> None:
        """Find which batches are finished, and remove what is none that is whole."""
        self._finished = {}
        for path in sorted(self._unfinished.iterdir()):
            name, _, digest = path.stem.partition(" ")
            piece = _piece(name) if path.suffix == ENDING else None
            if piece is not None and hash_of(path) == digest:
                self._finished[piece] = path
            elif path.is_dir():
                shutil.rmtree(path)
            elif path.name not in (STUDY, SCENARIO, LOCK):
                path.unlink()

    def __contains__(self, replications: range) -> bool:
        return ("", replications) in self._finished

    @property
    def pieces(self) -> list[Piece]:
        """Variant and replications of every finished batch."""
        return list(self._finished)

    @property
    def finished(self) -> int:
        """Replications that need not be run again."""
        return sum(len(batch) for _, batch in self._finished)

    def keep(self, batch: Batch) -> None:
        """Keep a finished batch."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        piece = batch.variant, batch.replications
        if _piece(_name(piece)) != piece:
            raise ValueError(f"{batch.variant!r} is no word by which a batch can be found again")
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for name, tables in batch.tables.items():
                table = io.BytesIO()
                pq.write_table(pa.concat_tables(tables), table, compression="zstd")
                archive.writestr(f"{name}.parquet", table.getbuffer())
            archive.writestr(_FAILURES, json.dumps([vars(failure) for failure in batch.failures]))
        digest = hashlib.sha256(content.getbuffer()).hexdigest()
        path = self._unfinished / f"{_name(piece)} {digest}{ENDING}"
        with _written_whole(path) as file:
            file.write(content.getbuffer())
        self._finished[piece] = path

    def table(self, replications: range, name: str, variant: str = "") -> Any:
        """Arrow table of a finished batch; None if none of its replications has left one."""
        import pyarrow.parquet as pq

        with zipfile.ZipFile(self._finished[variant, replications]) as archive:
            if f"{name}.parquet" not in archive.namelist():
                return None
            return pq.read_table(io.BytesIO(archive.read(f"{name}.parquet")))

    def failures(self, replications: range, variant: str = "") -> list[dict[str, Any]]:
        """Replications of a finished batch that raised."""
        with zipfile.ZipFile(self._finished[variant, replications]) as archive:
            return list(json.loads(archive.read(_FAILURES)))

    def publish(
        self,
        write: Callable[[Path], object],
        manifest: Mapping[str, Any],
        known: frozenset[str],
        parts: Sequence[str] = (),
    ) -> dict[str, Any]:
        """Write the results and move them into place; the batches stay until they are discarded.

        Parameters
        ----------
        write : callable
            Writes every file but the manifest into a folder.
        manifest : mapping
            How they were made; hashes of the files are added.
        known : frozenset of str
            Names that results may have; older ones of these are replaced.
        parts : sequence of str, optional
            Folders inside this one of the studies that it is made from; the manifest lists theirs.

        Returns
        -------
        dict
            The manifest with the hashes.
        """
        whole = self._unfinished / _WHOLE
        shutil.rmtree(whole, ignore_errors=True)
        whole.mkdir()
        write(whole)
        written = sorted(path.name for path in whole.iterdir())
        files = {name: hash_of(whole / name) for name in written}
        files |= {f"{part}/{MANIFEST}": hash_of(self.folder / part / MANIFEST) for part in parts}
        complete = {**manifest, "files": dict(sorted(files.items()))}
        write_json(whole / MANIFEST, complete)
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
        return complete


def discard(folder: Path) -> None:
    """Give the batches of a folder that is held up: without the first file they belong to nothing."""
    (folder / UNFINISHED / STUDY).unlink()


def _name(piece: Piece) -> str:
    variant, replications = piece
    return f"{variant}{'-' if variant else ''}{replications.start:06d}-{replications.stop - 1:06d}"


def _piece(name: str) -> Piece | None:
    """Variant and replications of a batch's name."""
    match = re.fullmatch(r"(?:([\w.+]+)-)?(\d+)-(\d+)", name)
    return None if match is None else (match[1] or "", range(int(match[2]), int(match[3]) + 1))


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder, made if it is not there, for this process alone.

    What was finished when the block ends early stays, and the error says so in a note; if nothing was, nothing of the
    folder is left.

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
        words = "another process is running a study there; wait for it, or choose another folder with `out`"
        raise InputError([Fault(Argument("out"), str(folder), NOT_SHOWN, words)]) from None
    except OSError as error:
        raise unwritable(folder, error) from None
    try:
        yield
    except InputError:
        raise
    except BaseException as error:
        pieces = [_piece(path.name.partition(" ")[0]) for path in unfinished.glob(f"*{ENDING}")]
        kept = sum(len(piece[1]) for piece in pieces if piece is not None)
        words = f"{kept} finished replications are kept in {unfinished}; the same command goes on from there."
        if kept or (unfinished / STUDY).exists():
            error.add_note(words if kept else "Nothing was kept.")
        if not kept:
            (unfinished / STUDY).unlink(missing_ok=True)
        raise
    finally:
        _leave(unfinished, lock, made)


def _leave(unfinished: Path, lock: FileLock, made: Sequence[Path]) -> None:
    """Let go of a folder, and remove what belongs to no study, the lock last."""
    if (unfinished / STUDY).exists():
        lock.release()
        return
    for path in unfinished.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name != LOCK:
            path.unlink(missing_ok=True)
    with suppress(OSError):  # some systems keep a file that is open
        (unfinished / LOCK).unlink()
    lock.release()
    with suppress(OSError):  # what is not empty stays
        for path in (unfinished, *made):
            path.rmdir()


def begun(folder: Path, study: Mapping[str, Any], scenario: str) -> Store:
    """Store of a study in a folder that is held: taken up where it stands, or begun.

    ``study`` is what two studies must share for their batches to be the same, ``scenario`` the text of the scenario.
    """
    unfinished = folder / UNFINISHED
    there = unfinished_study(folder)
    if there is not None and is_begun(folder, study):
        return Store(folder, str(there["started"]))
    for path in unfinished.glob(f"*{ENDING}"):
        path.unlink()
    started = datetime.now(UTC).isoformat(timespec="seconds")
    write_text(unfinished / SCENARIO, scenario)
    write_json(unfinished / STUDY, {**study, "started": started})
    return Store(folder, started)


def is_begun(folder: Path, study: Mapping[str, Any]) -> bool:
    """Whether a folder has batches of a study, or what is left of them beside its results."""
    there = unfinished_study(folder)
    return there is not None and {name: there.get(name) for name in study} == dict(study)


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


def csv_text(table: pd.DataFrame) -> str:
    """A table as the text of a CSV, with figures of six digits."""
    return table.to_csv(index=False, float_format="%.6g", lineterminator="\n")


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all."""
    with _written_whole(path) as file:
        file.write(content)


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
