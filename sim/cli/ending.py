"""How a command ends: its exit status, and plain words for what ended it."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager, redirect_stdout
from contextvars import copy_context
from typing import TextIO

from sim.base.faults import InputError
from sim.base.visible import visible

DONE, FAILED, WRONG_INPUT = 0, 1, 2


def answer(action: Callable[[], int]) -> int:
    """Exit status of an action; what is wrong, with the input or the machine, is said in plain words."""
    if not _outputs_are_open():
        return WRONG_INPUT
    try:
        with _stopped_by_sigterm(), redirect_stdout(_Visible(sys.stdout)):
            try:
                return copy_context().run(action)
            finally:
                sys.stdout.flush()
    except InputError as error:
        count = len(error.faults)
        print(
            f"{count} thing{'s' if count > 1 else ''} to put right; nothing was run or written.",
            file=sys.stderr,
        )
        for fault in error.faults:
            print(f"  {fault}", file=sys.stderr)
        return WRONG_INPUT
    except BrokenPipeError:
        _leave_unprinted()
        return DONE
    except (OSError, ImportError, MemoryError, BrokenExecutor, KeyboardInterrupt) as error:
        if isinstance(error, ImportError) and (error.name or "").split(".")[0] == "sim":
            raise  # a slip of this program, to be seen whole
        words = " ".join([_unfinished(error), *getattr(error, "__notes__", ())])  # notes say what is kept of a run
        print(visible(words), file=sys.stderr)
        _leave_unprinted()
        return FAILED


def _outputs_are_open() -> bool:
    """Whether an answer can be printed. What cannot be said, since the shell closed the output of errors, is lost."""
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - open to the end
    if not sys.stdout:
        print("Standard output is closed, so no answer can be printed; nothing was run or written.", file=sys.stderr)
        return False
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no "ë" shows "?" for it
    return True


def _unfinished(error: BaseException) -> str:
    """What ended a run, in words."""
    if isinstance(error, KeyboardInterrupt):
        return "\nStopped."
    match error:
        case OSError():
            why = str(error.strerror or error) + ("" if error.filename is None else f" ({error.filename})")
        case ImportError():
            why = f"a part of the program cannot be loaded, for want of memory or since it is not there ({error})"
        case MemoryError():
            why = "there is not enough memory (fewer --jobs take less)"
        case _:
            why = str(error)
    return f"It could not be finished: {why}."


class _Visible(io.TextIOBase):
    """The output to which answers are printed: what a terminal would obey is written out instead."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, words: str) -> int:
        """Write words, and return how many letters they have."""
        self._stream.write(visible(words))
        return len(words)

    def flush(self) -> None:
        """Write what has not been written yet."""
        self._stream.flush()


def _leave_unprinted() -> None:
    """Let what the output does not take go nowhere, so that the interpreter does not try again at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Let the signal with which a scheduler ends a process stop it as Ctrl-C does, so that it tidies up."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():  # signals are the main thread's alone
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
