"""Ends a command: returns its exit status and says in plain words why it stopped."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager, redirect_stdout
from contextvars import copy_context
from typing import TextIO

from sim.base.faults import Fault, InputError
from sim.base.visible import visible

DONE, FAILED, WRONG_INPUT = 0, 1, 2


def answer(action: Callable[[], int]) -> int:
    """Run an action and return its exit status; print anything wrong with the input or the machine in plain words."""
    if not _outputs_are_open():
        return WRONG_INPUT
    try:
        with _stopped_by_sigterm(), redirect_stdout(_Visible(sys.stdout)):
            try:
                return copy_context().run(action)
            finally:
                sys.stdout.flush()
    except InputError as error:
        return _refused(error.faults)
    except BrokenPipeError:
        _leave_unprinted()
        return DONE
    except (OSError, ImportError, MemoryError, BrokenExecutor, KeyboardInterrupt) as error:
        if isinstance(error, ImportError) and (error.name or "").split(".")[0] == "sim":
            raise  # a mistake in this program, so show the whole traceback
        if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
            words = "the name is longer than the file system allows; give a shorter one"
            return _refused([Fault("the command", "(a file)", str(error.filename), words)])
        words = " ".join([_unfinished(error), *getattr(error, "__notes__", ())])  # notes say what was saved
        print(visible(words), file=sys.stderr)
        _leave_unprinted()
        return FAILED


def _refused(faults: Sequence[Fault]) -> int:
    """Print everything that is wrong with the input, and return the exit status for it."""
    count = len(faults)
    print(f"{count} thing{'s' if count > 1 else ''} to put right; nothing was run or written.", file=sys.stderr)
    for fault in faults:
        print(f"  {fault}", file=sys.stderr)
    return WRONG_INPUT


def _outputs_are_open() -> bool:
    """Return whether an answer can be printed. Discard error messages if the shell closed standard error."""
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - open to the end
    if not sys.stdout:
        print(
            "Standard output is closed, so the answer cannot be printed; nothing was run or written.", file=sys.stderr
        )
        return False
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without "ë" shows "?" instead
    return True


def _unfinished(error: BaseException) -> str:
    """Say in words why a command could not finish."""
    if isinstance(error, KeyboardInterrupt):
        return "\nStopped."
    match error:
        case OSError():
            why = str(error.strerror or error) + ("" if error.filename is None else f" ({error.filename})")
        case ImportError():
            why = f"part of the program cannot be loaded, because it is missing or there is too little memory ({error})"
        case MemoryError():
            why = "there is not enough memory (fewer --jobs need less)"
        case _:
            why = str(error)
    return f"The command could not finish: {why}."


class _Visible(io.TextIOBase):
    """Prints answers with control characters written out, so that the terminal does not obey them."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, words: str) -> int:
        """Write text, and return its number of characters."""
        self._stream.write(visible(words))
        return len(words)

    def flush(self) -> None:
        """Write what is still in the buffer."""
        self._stream.flush()


def _leave_unprinted() -> None:
    """Discard what standard output does not accept, so that the interpreter does not try to print it again at exit."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Treat the signal that schedulers send to end a process like Ctrl-C, so that the program tidies up."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():  # only the main thread may handle signals
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
