"""Progress of a long run: a bar on a terminal or in a notebook, a line every half minute where the output is piped."""

from __future__ import annotations

import sys
import time
import warnings
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from sim.base.visible import visible

SECONDS_A_LINE = 30.0
"""Seconds between two lines: a log stays short, and nobody wonders whether the program still runs."""
_quiet: ContextVar[bool] = ContextVar("quiet", default=False)


def be_quiet() -> None:
    """Show no progress and tell nothing beside answers, to the end of the context in which this is called."""
    _quiet.set(True)


def tell(words: str) -> None:
    """Print a line beside the answer, on the standard error stream; nothing in a context that is quiet."""
    if not _quiet.get():
        print(visible(words), file=sys.stderr, flush=True)


def progress_bar(total: int | None, done: int, name: str, shown: bool) -> Any:
    """Bar of replications, with their rate and the time left; lines where the output is piped.

    Parameters
    ----------
    total : int
        Replications in all; None where nobody knows.
    done : int
        Those finished before; the rate is of the others.
    name : str
        What is run.
    shown : bool
        Whether to show any progress.
    """
    from tqdm import TqdmWarning

    shown = shown and not _quiet.get()
    if shown and not (_in_notebook() or sys.stderr.isatty()):
        return Lines(total, done, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TqdmWarning)  # without widgets a notebook gets the bar of a terminal
        from tqdm.auto import tqdm

    return tqdm(total=total, initial=done, unit="run", desc=name, disable=not shown)


@dataclass
class Lines:
    """Progress in lines, with the methods of a bar that studies call.

    Parameters
    ----------
    total, done, name
        As for :func:`progress_bar`.
    """

    total: int | None
    done: int
    name: str
    _known: str = ""
    _last: float = field(default_factory=time.monotonic)

    def __enter__(self) -> Lines:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def set_postfix_str(self, known: str, refresh: bool = True) -> None:
        """Take in what is known so far, which the next line says."""
        self._known = known

    def update(self, runs: int) -> None:
        """Count runs that are finished, and print a line if the last one is half a minute old."""
        self.done += runs
        if time.monotonic() - self._last < SECONDS_A_LINE:
            return
        self._last = time.monotonic()
        of = "" if self.total is None else f" of {self.total}"
        known = f"; {self._known}" if self._known else ""
        tell(f"{self.name}: {self.done}{of} runs made{known}")


def _in_notebook() -> bool:
    return type(getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()).__name__ == "ZMQInteractiveShell"
