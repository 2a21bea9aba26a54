"""What commands print beside their answers: what to know of a scenario, and where results are kept."""

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
"""Letters in a line below which no table is folded further."""


def print_notes(*scenarios: Scenario) -> None:
    """Print what somebody should know of some scenarios before their results, each once."""
    for warning in dict.fromkeys(warning for scenario in scenarios for warning in warnings(scenario)):
        tell(f"Note: {warning}.")


def ended(folder: Path, failures: Sequence[object], repeated: bool = False, head: str = "", hint: str = "") -> int:
    """Print what a study found and where it is kept; the exit status, which says whether any of its runs failed.

    ``head`` and ``hint`` are printed before and after the answer; ``repeated`` says that it was there already.
    """
    width = terminal_width()
    hint = "\n".join(textwrap.fill(line, width, break_on_hyphens=False) for line in hint.splitlines())
    told = (head, answers.read(folder).text(width), hint, place(folder, repeated))
    print("\n\n".join(filter(None, told)))
    return FAILED if failures else DONE


def place(folder: Path, repeated: bool = False, beside: str = "") -> str:
    """Where results are kept, with what else beside the files; whether they were there already."""
    files = sum(1 for path in folder.iterdir() if path.is_file())
    kept = f"{files} file{'' if files == 1 else 's'}{beside}"
    return f"{'Held already, nothing run' if repeated else 'Written'}: {folder}/ ({kept})"


def terminal_width() -> int:
    """Letters in a line of the terminal; as many as an answer has at most where there is none, or where it has more."""
    return min(answers.WIDTH, max(LEAST_WIDTH, shutil.get_terminal_size((answers.WIDTH, 1)).columns))
