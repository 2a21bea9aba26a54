"""Keeps the batches of a study while it runs, and writes its results from them at the end.

Every finished batch is a file of its own in the subfolder ``unfinished`` (:mod:`sim.runs.unfinished`). The results are
made from these files alone, in the order of the replications, so it does not matter who ran them or when. The results
are first written in full inside ``unfinished`` and then moved into place, the manifest last. A folder without a
manifest does not count as results, and the study can be finished from its batches.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.base.faults import NOT_SHOWN, Fault, InputError
from sim.base.scratch import write_bytes, write_json
from sim.runs import unfinished
from sim.runs.manifest import MANIFEST, hash_of, sealed
from sim.runs.unfinished import (
    REPLACED,
    STARTED,
    UNFINISHED,
    WHOLE,
    Piece,
    name_of,
    piece_of,
    study_of,
)

if TYPE_CHECKING:
    import pandas as pd

_FAILURES, _ABOUT = "failures.json", "about.json"


@dataclass(frozen=True)
class Failure:
    """Describe a replication that raised an error."""

    replication: int
    seed: int
    traceback: str


@dataclass
class Batch:
    """Hold the tables of some replications, by name, and the replications that failed.

    ``variant`` names their variant where a study has several.
    """

    replications: range
    tables: dict[str, list[Any]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    variant: str = ""


class Store:
    """Keep the finished batches of a study, and turn them into the result folder."""

    def __init__(self, folder: Path, started: str) -> None:
        self.folder = folder
        self.started = started
        self._unfinished = folder / UNFINISHED
        self._finished: dict[Piece, Path] = {}

    def take_up(self) -> None:
        """Find the finished batches, and remove half-written files.

        A batch counts only if its hash, variant and replications agree with its name.
        """
        unfinished.remove_half_written(self.folder)
        self._finished = {
            piece: path for piece, path in unfinished.finished(self.folder) if _is_of(piece, path.read_bytes())
        }

    def __contains__(self, replications: range) -> bool:
        return ("", replications) in self._finished

    @property
    def pieces(self) -> list[Piece]:
        """Return the variant and replications of every finished batch."""
        return list(self._finished)

    @property
    def finished(self) -> int:
        """Return the number of replications that need not run again."""
        return sum(len(batch) for _, batch in self._finished)

    def keep(self, batch: Batch) -> None:
        """Keep a finished batch."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        piece = batch.variant, batch.replications
        if piece_of(name_of(piece, "0" * 64)) != piece:
            raise ValueError(f"the variant {batch.variant!r} cannot be part of a batch's file name")
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for name, tables in batch.tables.items():
                table = io.BytesIO()
                pq.write_table(pa.concat_tables(tables), table, compression="zstd")
                archive.writestr(_entry(f"{name}.parquet"), table.getvalue())
            archive.writestr(_entry(_FAILURES), json.dumps([vars(failure) for failure in batch.failures]))
            archive.writestr(_entry(_ABOUT), json.dumps(_about(piece)))
        digest = hashlib.sha256(content.getbuffer()).hexdigest()
        path = self._unfinished / name_of(piece, digest)
        write_bytes(path, content.getbuffer())
        self._finished[piece] = path

    def table(self, replications: range, name: str, variant: str = "") -> Any:
        """Return an Arrow table of a finished batch; None if none of its replications has left one."""
        return _table(self._content((variant, replications)), name)

    def failures(self, replications: range, variant: str = "") -> list[dict[str, Any]]:
        """Return the replications of a finished batch that raised an error."""
        with zipfile.ZipFile(io.BytesIO(self._content((variant, replications)))) as archive:
            return list(json.loads(archive.read(_FAILURES)))

    def _content(self, piece: Piece) -> bytes:
        """Read a finished batch, and check that it has not changed since it was kept.

        Raises
        ------
        InputError
            If its content does not match the hash in its name.
        """
        path = self._finished[piece]
        try:
            content = path.read_bytes()
            words = "" if path.stem.endswith(hashlib.sha256(content).hexdigest()) else "its content has changed"
        except OSError as error:
            content, words = b"", f"it cannot be read: {error.strerror}"
        if words:
            cure = "it was changed while the study ran; give the same command again to run this batch again"
            raise InputError([Fault(str(path), "(the file)", NOT_SHOWN, f"{words}: {cure}")])
        return content

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
            Writes every file except the manifest into a folder.
        manifest : mapping
            How the results were made. The hashes of the files are added.
        known : frozenset of str
            Names that result files may have. Older files of these names are replaced.
        parts : sequence of str, optional
            Subfolders of the studies that this one is made from. The manifest lists their manifests.

        Returns
        -------
        dict
            The manifest with the hashes.
        """
        before = (study_of(self.folder) or {}).get(REPLACED, [])
        whole = self._unfinished / WHOLE
        unfinished.remove_half_written(self.folder)
        whole.mkdir()
        write(whole)
        written = sorted(path.name for path in whole.iterdir())
        files = {name: hash_of(whole / name) for name in written}
        files |= {f"{part}/{MANIFEST}": hash_of(self.folder / part / MANIFEST) for part in parts}
        complete = sealed({**manifest, "files": dict(sorted(files.items()))})
        write_json(whole / MANIFEST, complete)
        for path in whole.iterdir():
            _to_disk(path)
        with suppress(FileNotFoundError):
            (self.folder / MANIFEST).unlink()  # until the last file is in place, the folder does not count as results
        for name in known - set(written):
            path = self.folder / name
            if name in before and path.is_file():
                path.unlink()
        for name in (*written, MANIFEST):
            (whole / name).replace(self.folder / name)
        whole.rmdir()
        _to_disk(self.folder)
        return complete


def begun(folder: Path, study: Mapping[str, Any], scenario: str, names: frozenset[str]) -> Store:
    """Return the store of a study in a locked folder: continue the study there, or begin it.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the study.
    study : mapping
        What two studies must share for their batches to be the same.
    scenario : str
        Text of the scenario.
    names : frozenset of str
        Names that the result files may have.
    """
    there = study_of(folder)
    started = datetime.now(UTC).isoformat(timespec="seconds")
    if there is not None and is_begun(folder, study):
        started = str(there[STARTED])
    elif there is not None:
        unfinished.remove_batches(folder)
    replaced = {*(there or {}).get(REPLACED, []), *(path.name for path in folder.iterdir() if path.name in names)}
    unfinished.begin(folder, study, scenario, names, started, replaced)
    return Store(folder, started)


def is_begun(folder: Path, study: Mapping[str, Any]) -> bool:
    """Return whether a folder has batches of a study, or their remains beside its results."""
    there = study_of(folder)
    return there is not None and {name: there.get(name) for name in study} == dict(study)


def _table(content: bytes, name: str) -> Any:
    """Read an Arrow table from the content of a batch; None if it has no table of this name."""
    import pyarrow.parquet as pq

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if f"{name}.parquet" not in archive.namelist():
            return None
        return pq.read_table(io.BytesIO(archive.read(f"{name}.parquet")))


def _entry(name: str) -> zipfile.ZipInfo:
    """Name a file of a batch without a time, so that the same runs make the same bytes."""
    return zipfile.ZipInfo(name)


def _about(piece: Piece) -> dict[str, Any]:
    """Describe a batch, as the batch itself records it."""
    variant, replications = piece
    return {"variant": variant, "first": replications.start, "last": replications.stop - 1}


def _is_of(piece: Piece, content: bytes) -> bool:
    """Return whether a batch holds the variant and the replications that its name states."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return bool(json.loads(archive.read(_ABOUT)) == _about(piece))
    except (zipfile.BadZipFile, KeyError, ValueError):  # its name has its own hash, but it is not a batch
        return False


def csv_text(table: pd.DataFrame) -> str:
    """Return a table as the text of a CSV file, with figures of six digits."""
    return table.to_csv(index=False, float_format="%.6g", lineterminator="\n")


def _to_disk(path: Path) -> None:
    """Make the system write a file or folder to the disk now."""
    with suppress(OSError):  # some systems do not open folders
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
