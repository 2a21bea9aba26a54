"""Writes files and folders whole or not at all: beside their place, and moved there at the end."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sim.base.faults import NOT_SHOWN, Argument, Fault, InputError

WRITING = re.compile(r"(?P<name>.+)\.[0-9a-f]{8}\.writing")
"""Name of a file that is not yet written to its end."""


@contextmanager
def written_beside(folder: Path) -> Iterator[Path]:
    """Scratch folder that takes the place of a missing or empty folder at the end; if anything fails, nothing is left.

    Raises
    ------
    InputError
        If nothing can be written there; said before any work is done.
    """
    made: list[Path] = []
    try:
        folder.exists()  # raises when the name is one that the file system does not take
        home = folder.resolve().parent
        made = [parent for parent in (home, *home.parents) if not parent.exists()]
        home.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".results-", dir=home))
    except OSError as error:
        raise unwritable(folder, error) from None
    try:
        yield scratch
        _put_in_place(scratch, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        with suppress(OSError):  # it is no longer empty, as it should be
            for parent in made:
                parent.rmdir()


def unwritable(folder: Path, error: OSError) -> InputError:
    """What is wrong with a place that cannot be written."""
    words = f"nothing can be written there: {error.strerror}; choose another folder with `out`"
    return InputError([Fault(Argument("out"), str(folder), NOT_SHOWN, words)])


def _put_in_place(scratch: Path, folder: Path) -> None:
    scratch.chmod(0o755)
    folder = folder.resolve()
    if not folder.exists():
        scratch.rename(folder)
    else:  # it is empty; somebody may stand in it, so it stays the folder it is
        for path in scratch.iterdir():
            path.rename(folder / path.name)


def write_json(path: Path, content: Mapping[str, Any], beside: Path | None = None) -> None:
    """Write a file of JSON, whole or not at all; see :func:`write_bytes`."""
    write_bytes(path, (json.dumps(content, indent=2) + "\n").encode(), beside)


def write_text(path: Path, text: str, beside: Path | None = None) -> None:
    """Write a text file, whole or not at all; see :func:`write_bytes`."""
    write_bytes(path, text.encode(), beside)


def write_bytes(path: Path, content: bytes | memoryview, beside: Path | None = None) -> None:
    """Write a file, whole or not at all: under a name that no other file has, and then under its own.

    ``beside`` is the folder in which it is written first, its own otherwise.
    """
    scratch = (beside or path.parent) / f"{path.name}.{secrets.token_hex(4)}.writing"
    try:
        with scratch.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
