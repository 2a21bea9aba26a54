"""Shows progress of a long run: a bar in a terminal or notebook, or a line every half minute if output is piped."""

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
"""Seconds between two lines: few enough lines for a log, often enough to show that the program still runs."""
_quiet: ContextVar[bool] = ContextVar("quiet", default=False)


def be_quiet() -> None:
    """Show no progress and no notes until the end of the current context; show only answers."""
    _quiet.set(True)


def tell(words: str) -> None:
    """Print a line on standard error, beside the answer; print nothing in a quiet context."""
    if not _quiet.get():
        print(visible(words), file=sys.stderr, flush=True)


def progress_bar(total: int | None, done: int, name: str, shown: bool) -> Any:
    """Return a bar that shows runs made, their rate and the time left; lines instead if output is piped.

    Parameters
    ----------
    total : int or None
        Number of replications; None if it is not known.
    done : int
        Replications finished earlier; they do not count towards the rate.
    name : str
        Name of what runs.
    shown : bool
        Whether to show any progress.
    """
    from tqdm import TqdmWarning

    shown = shown and not _quiet.get()
    if shown and not (_in_notebook() or sys.stderr.isatty()):
        return ProgressLines(total, done, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TqdmWarning)  # a notebook without widgets gets a terminal bar
        from tqdm.auto import tqdm

    return tqdm(total=total, initial=done, unit="run", desc=name, disable=not shown)


@dataclass
class ProgressLines:
    """Prints progress as lines, with the methods of a bar that studies use.

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

    def __enter__(self) -> ProgressLines:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def set_postfix_str(self, known: str, refresh: bool = True) -> None:
        """Set what is known so far, to show in the next line."""
        self._known = known

    def update(self, runs: int) -> None:
        """Count finished runs, and print a line if the last one is at least half a minute old."""
        self.done += runs
        if time.monotonic() - self._last < SECONDS_A_LINE:
            return
        self._last = time.monotonic()
        of = "" if self.total is None else f" of {self.total:,}"
        known = f"; {self._known}" if self._known else ""
        tell(f"{self.name}: {self.done:,}{of} runs made{known}")


def _in_notebook() -> bool:
    return type(getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()).__name__ == "ZMQInteractiveShell"
