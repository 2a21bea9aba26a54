"""Reads a file that the user gives, within a size limit, and reports in words what is wrong with it.

Anything that is not a regular file, such as a pipe without a writer or an endless device, is refused before reading.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from sim.base.bounds import MEGABYTE, MOST_MEGABYTES
from sim.base.faults import NOT_SHOWN, Fault, InputError

NUL = "\0"
READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""Flags for opening a file: do not wait for the writer of a pipe, and do not change line ends."""
TOO_LARGE = f"larger than {MOST_MEGABYTES} megabytes, the largest size that can be read"


def content_of(path: Path) -> bytes:
    """Return the bytes of a file.

    Raises
    ------
    InputError
        If it is not a regular file, is too large or cannot be read.
    """
    if NUL in str(path):
        raise _refused(path, "its name contains a NUL character")
    try:
        descriptor = os.open(path, READING)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _refused(path, "it cannot be read: it is not a file")
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                content = file.read(MOST_MEGABYTES * MEGABYTE + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _refused(path, f"it cannot be read: {error.strerror}") from None
    if len(content) > MOST_MEGABYTES * MEGABYTE:
        raise _refused(path, f"it is {TOO_LARGE}")
    return content


def text_of(path: Path) -> str:
    """Return the text of a UTF-8 file.

    Raises
    ------
    InputError
        As for :func:`content_of`, or if it is not text.
    """
    try:
        text = content_of(path).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        raise _refused(path, "it must be UTF-8 text") from None
    if NUL in text:
        line = text[: text.index(NUL)].count("\n") + 1
        raise _refused(f"{path}, line {line}", "it must be text, but it contains a NUL byte")
    return text


def _refused(where: object, words: str) -> InputError:
    return InputError([Fault(str(where), "(the file)", NOT_SHOWN, words)])
