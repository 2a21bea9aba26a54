"""What a user waits for before anything is done: a command that only prints, and the import of the package."""

from __future__ import annotations

import subprocess
import sys

from tests.benchmark.timing import Timed, wall_time

LIST = ("-m", "sim", "list")
IMPORT = ("-c", "import sim")


def started(arguments: tuple[str, ...]) -> Timed:
    """Wall time of a Python that is started with some arguments, from its start to its end.

    Raises
    ------
    subprocess.CalledProcessError
        If it fails.
    """

    def work() -> float:
        subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
        return 1

    return wall_time(work)
