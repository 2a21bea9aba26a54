"""Writes files and folders completely or not at all: first beside their place, then moved there."""

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
"""Name of a file that is not fully written yet."""


@contextmanager
def written_beside(folder: Path) -> Iterator[Path]:
    """Yield a scratch folder that replaces a missing or empty folder at the end; on failure leave nothing behind.

    Raises
    ------
    InputError
        If nothing can be written there; this is checked before any work is done.
    """
    made: list[Path] = []
    try:
        folder.exists()  # raises if the file system does not allow the name
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
        with suppress(OSError):  # a folder that is no longer empty stays, as it should
            for parent in made:
                parent.rmdir()


def unwritable(folder: Path, error: OSError) -> InputError:
    """Return the error for a place that cannot be written."""
    words = f"nothing can be written there: {error.strerror}; choose another folder with `out`"
    return InputError([Fault(Argument("out"), str(folder), NOT_SHOWN, words)])


def _put_in_place(scratch: Path, folder: Path) -> None:
    scratch.chmod(0o755)
    folder = folder.resolve()
    if not folder.exists():
        scratch.rename(folder)
    else:  # keep the empty folder itself: it may be somebody's current directory
        for path in scratch.iterdir():
            path.rename(folder / path.name)


def write_json(path: Path, content: Mapping[str, Any], beside: Path | None = None) -> None:
    """Write a JSON file, completely or not at all; see :func:`write_bytes`."""
    write_bytes(path, (json.dumps(content, indent=2) + "\n").encode(), beside)


def write_text(path: Path, text: str, beside: Path | None = None) -> None:
    """Write a text file, completely or not at all; see :func:`write_bytes`."""
    write_bytes(path, text.encode(), beside)


def write_bytes(path: Path, content: bytes | memoryview, beside: Path | None = None) -> None:
    """Write a file, completely or not at all: first under a unique temporary name, then under its own.

    ``beside`` is the folder of the temporary file; by default the file's own folder.
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
