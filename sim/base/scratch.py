"""A folder that is written beside its place and moved there when it is whole."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sim.base.faults import NOT_SHOWN, Argument, Fault, InputError


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
