"""Reading a file that somebody gives: only a file, only so large, and what is wrong with it in words.

Whatever is no file, such as a pipe to which nobody writes or a device without an end, is refused before it is read.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from sim.base.bounds import MEGABYTE, MOST_MEGABYTES
from sim.base.faults import NOT_SHOWN, Fault, InputError

NUL = "\0"
READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""How a file is opened: nobody waits for somebody to write to a pipe, and no line ends are changed."""
TOO_LARGE = f"larger than {MOST_MEGABYTES} megabytes, which is the most that is read"


def content_of(path: Path) -> bytes:
    """Bytes of a file.

    Raises
    ------
    InputError
        If it is no file, is too large or cannot be read.
    """
    if NUL in str(path):
        raise _refused(path, "its name holds a NUL")
    try:
        descriptor = os.open(path, READING)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _refused(path, "it cannot be read: it is no file")
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
    """Text of a file in UTF-8.

    Raises
    ------
    InputError
        As for :func:`content_of`, or if it is no text.
    """
    try:
        text = content_of(path).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        raise _refused(path, "it must be text in UTF-8") from None
    if NUL in text:
        line = text[: text.index(NUL)].count("\n") + 1
        raise _refused(f"{path}, line {line}", "it must be text, and there is a NUL byte in it")
    return text


def _refused(where: object, words: str) -> InputError:
    return InputError([Fault(str(where), "(the file)", NOT_SHOWN, words)])
