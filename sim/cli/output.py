"""Prints what accompanies an answer: notes about the scenario, and where the results are saved."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence
from pathlib import Path

from sim.base.progress import tell
from sim.cli.ending import DONE, FAILED
from sim.inputs.caveats import warnings
from sim.inputs.scenario import Scenario
from sim.studies import answer as answers

LEAST_WIDTH = 60
"""Line width, in characters, below which tables are not folded any further."""


def print_notes(*scenarios: Scenario) -> None:
    """Print the warnings about some scenarios before their results, each one once."""
    for warning in dict.fromkeys(warning for scenario in scenarios for warning in warnings(scenario)):
        tell(f"Note: {warning}.")


def ended(folder: Path, failures: Sequence[object], repeated: bool = False, head: str = "", hint: str = "") -> int:
    """Print what a study found and where it is saved, and return the exit status.

    Parameters
    ----------
    folder : Path
        Folder of the results.
    failures : sequence
        Runs that failed; any failure makes the exit status 1.
    repeated : bool
        Whether the results were there already, so that nothing was run.
    head, hint : str
        Text to print before and after the answer.

    Returns
    -------
    int
        Exit status: 0 if every run succeeded, else 1.
    """
    width = terminal_width()
    hint = "\n".join(textwrap.fill(line, width, break_on_hyphens=False) for line in hint.splitlines())
    told = (head, answers.read(folder).text(width), hint, place(folder, repeated))
    print("\n\n".join(filter(None, told)))
    return FAILED if failures else DONE


def place(folder: Path, repeated: bool = False, beside: str = "") -> str:
    """Say where the results are, how many files there are, what is ``beside`` them, and whether they existed before."""
    files = sum(1 for path in folder.iterdir() if path.is_file())
    kept = f"{files} file{'' if files == 1 else 's'}{beside}"
    return f"{'Already there, nothing run' if repeated else 'Written'}: {folder}/ ({kept})"


def terminal_width() -> int:
    """Return the width of a line in characters: that of the terminal, kept between the least width and an answer's."""
    return min(answers.WIDTH, max(LEAST_WIDTH, shutil.get_terminal_size((answers.WIDTH, 1)).columns))
