"""What a planner waits for: a question that is asked by a command, from its start to its answer."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmark.timing import Timed, wall_time

CAPACITY = ("capacity", "ilacs_launch")
SENSITIVITY = ("sensitivity", "ilacs_launch")
SMALLER: dict[tuple[str, ...], tuple[str, ...]] = {
    CAPACITY: ("--replications", "80", "--between", "50", "80"),
    SENSITIVITY: ("--points", "140"),
}
"""Flags of a smaller question of the same kind."""


def command(question: tuple[str, ...], *, small: bool) -> str:
    """Write the command of a question as a user types it."""
    return " ".join(("python", "-m", "sim", *question, *(SMALLER[question] if small else ())))


def asked(question: tuple[str, ...], cores: int, *, small: bool) -> Timed:
    """Ask a question once, in a folder that is thrown away; its amount is the runs it took.

    Parameters
    ----------
    question : tuple of str
        The command: :data:`CAPACITY` or :data:`SENSITIVITY`.
    cores : int
        Processes that make runs.
    small : bool
        Whether a smaller question is asked.

    Raises
    ------
    RuntimeError
        If the command fails, with what it said.
    """

    def work() -> float:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "study"
            words = command(question, small=small).split()[1:]
            ended = subprocess.run(
                [sys.executable, *words, "--jobs", str(cores), "--out", str(out)],
                capture_output=True,
                text=True,
                check=False,
            )
            if ended.returncode:
                raise RuntimeError(f"{' '.join(words)} ended with {ended.returncode}:\n{ended.stderr}")
            return float(json.loads((out / "manifest.json").read_text(encoding="utf-8"))["runs"])

    return wall_time(work)
