"""Progress of a long run: a bar on a terminal or in a notebook, nothing where the output is piped."""

from __future__ import annotations

import sys
import warnings
from typing import Any


def progress_bar(total: int | None, done: int, name: str, shown: bool) -> Any:
    """Bar of replications, with their rate and the time left.

    Parameters
    ----------
    total : int
        Replications in all; None where nobody knows.
    done : int
        Those finished before; the rate is of the others.
    name : str
        What is run.
    shown : bool
        Whether to show it where somebody looks.
    """
    from tqdm import TqdmWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TqdmWarning)  # without widgets a notebook gets the bar of a terminal
        from tqdm.auto import tqdm

    somebody_looks = _in_notebook() or sys.stderr.isatty()
    return tqdm(total=total, initial=done, unit="run", desc=name, disable=not (shown and somebody_looks))


def _in_notebook() -> bool:
    return type(getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()).__name__ == "ZMQInteractiveShell"
