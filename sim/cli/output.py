"""What commands print beside their answers: what to know of a scenario, and where results are kept."""

from __future__ import annotations

import sys
from pathlib import Path

from sim.inputs.caveats import warnings
from sim.inputs.scenario import Scenario


def print_notes(*scenarios: Scenario) -> None:
    """Print what somebody should know of some scenarios before their results, each once."""
    for warning in dict.fromkeys(warning for scenario in scenarios for warning in warnings(scenario)):
        print(f"Note: {warning}.", file=sys.stderr)


def place(folder: Path, repeated: bool = False) -> str:
    """Where results are kept, and in which files; whether they were there already."""
    files = ", ".join(sorted(path.name for path in folder.iterdir()))
    return f"{'Held already, nothing run' if repeated else 'Written'}: {folder}/ ({files})"
