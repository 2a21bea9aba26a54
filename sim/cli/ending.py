"""How a command ends: its exit status, and plain words for what ended it."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from contextvars import copy_context

from sim.base.faults import InputError

DONE, FAILED, WRONG_INPUT = 0, 1, 2


def answer(action: Callable[[], int]) -> int:
    """Exit status of an action; what is wrong, with the input or the machine, is said in plain words."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no "ë" shows "?" for it
    try:
        with _stopped_by_sigterm():
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
    except OSError as error:
        place = "" if error.filename is None else f" ({error.filename})"
        _say_unfinished(f"It could not be finished: {error.strerror or error}{place}.", error)
        _leave_unprinted()
        return FAILED
    except BrokenExecutor as error:
        _say_unfinished(f"It could not be finished: {error}.", error)
        return FAILED
    except KeyboardInterrupt as error:
        _say_unfinished("\nStopped.", error)
        return FAILED


def _say_unfinished(words: str, error: BaseException) -> None:
    """Say what ended a run, and what is kept of it: the notes of the error."""
    print(" ".join([words, *getattr(error, "__notes__", ())]), file=sys.stderr)


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
