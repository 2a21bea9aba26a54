"""Keeps the batches of a study while it is made, and makes its results from them at the end.

Every finished batch is a file of its own in the subfolder ``unfinished`` (:mod:`sim.runs.unfinished`). The results are
made from these files alone, in the order of the replications, whoever ran them and when. They are written in full
inside ``unfinished`` as well, and then moved into place, the manifest last: without a manifest no folder reads as
results, and from its batches it can be finished again.
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
        """Find which batches are finished, and remove what is half written.

        A batch counts only where its content is what its name says: hash, variant and replications.
        """
        unfinished.remove_half_written(self.folder)
        self._finished = {
            piece: path for piece, path in unfinished.finished(self.folder) if _is_of(piece, path.read_bytes())
        }

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
        if piece_of(name_of(piece, "0" * 64)) != piece:
            raise ValueError(f"{batch.variant!r} is no word by which a batch can be found again")
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
        """Arrow table of a finished batch; None if none of its replications has left one."""
        return _table(self._content((variant, replications)), name)

    def failures(self, replications: range, variant: str = "") -> list[dict[str, Any]]:
        """Replications of a finished batch that raised."""
        with zipfile.ZipFile(io.BytesIO(self._content((variant, replications)))) as archive:
            return list(json.loads(archive.read(_FAILURES)))

    def _content(self, piece: Piece) -> bytes:
        """Content of a finished batch, which may have been changed since it was kept.

        Raises
        ------
        InputError
            If it is not what its name says.
        """
        path = self._finished[piece]
        try:
            content = path.read_bytes()
            words = "" if path.stem.endswith(hashlib.sha256(content).hexdigest()) else "it is not as it was written"
        except OSError as error:
            content, words = b"", f"it cannot be read: {error.strerror}"
        if words:
            cure = "it was changed while the study ran; give the same command again, which makes this batch anew"
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
            (self.folder / MANIFEST).unlink()  # from here to the last line the folder reads as nothing
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
    """Store of a study in a folder that is held: taken up where it stands, or begun.

    Parameters
    ----------
    folder : pathlib.Path
        Where.
    study : mapping
        What two studies must share for their batches to be the same.
    scenario : str
        Text of the scenario.
    names : frozenset of str
        Names that the files of its results may have.
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
    """Whether a folder has batches of a study, or what is left of them beside its results."""
    there = study_of(folder)
    return there is not None and {name: there.get(name) for name in study} == dict(study)


def _table(content: bytes, name: str) -> Any:
    """Arrow table of the content of a batch; None if there is none of this name."""
    import pyarrow.parquet as pq

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if f"{name}.parquet" not in archive.namelist():
            return None
        return pq.read_table(io.BytesIO(archive.read(f"{name}.parquet")))


def _entry(name: str) -> zipfile.ZipInfo:
    """Name a file of a batch without the time, so that the same runs make the same bytes."""
    return zipfile.ZipInfo(name)


def _about(piece: Piece) -> dict[str, Any]:
    """What a batch is of, as the batch itself says."""
    variant, replications = piece
    return {"variant": variant, "first": replications.start, "last": replications.stop - 1}


def _is_of(piece: Piece, content: bytes) -> bool:
    """Whether a batch is of the variant and the replications that it is named after."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return bool(json.loads(archive.read(_ABOUT)) == _about(piece))
    except (zipfile.BadZipFile, KeyError, ValueError):  # it has its own hash for a name, and is no batch
        return False


def csv_text(table: pd.DataFrame) -> str:
    """A table as the text of a CSV, with figures of six digits."""
    return table.to_csv(index=False, float_format="%.6g", lineterminator="\n")


def _to_disk(path: Path) -> None:
    """Have the system write a file or folder to the disk now."""
    with suppress(OSError):  # some systems do not open folders
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
