"""What commands print beside their answers: what to know of a scenario, and where results are kept."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from sim.cli.ending import DONE, FAILED
from sim.inputs.caveats import warnings
from sim.inputs.scenario import Scenario
from sim.studies import answer as answers


def print_notes(*scenarios: Scenario) -> None:
    """Print what somebody should know of some scenarios before their results, each once."""
    for warning in dict.fromkeys(warning for scenario in scenarios for warning in warnings(scenario)):
        print(f"Note: {warning}.", file=sys.stderr)


def ended(folder: Path, failures: Sequence[object], repeated: bool = False, head: str = "", hint: str = "") -> int:
    """Print what a study found and where it is kept; the exit status, which says whether any of its runs failed.

    ``head`` and ``hint`` are printed before and after the answer; ``repeated`` says that it was there already.
    """
    told = (head, answers.read(folder).text(), hint, place(folder, repeated))
    print("\n\n".join(filter(None, told)))
    return FAILED if failures else DONE


def place(folder: Path, repeated: bool = False) -> str:
    """Where results are kept, and in which files; whether they were there already."""
    files = ", ".join(sorted(path.name for path in folder.iterdir()))
    return f"{'Held already, nothing run' if repeated else 'Written'}: {folder}/ ({files})"
