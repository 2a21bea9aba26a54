"""``python -m tests.fuzz``: so many spoilt files, and which of them ended as none should."""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from tests.conftest import blank
from tests.fuzz.cases import case, write
from tests.fuzz.trial import load_all, tried


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the cases, print those that ended wrongly, and return 1 if there are any."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", allow_abbrev=False, description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="number of the first case (0 otherwise)")
    parser.add_argument("--count", type=int, default=2000, help="how many there are (2,000 otherwise)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="write the files of cases that end wrongly there")
    given = parser.parse_args(arguments)
    Figure.savefig = blank  # type: ignore[assignment, method-assign]  # what is painted is no matter here
    begun, statuses, slowest, wrong = time.monotonic(), Counter[str](), (0.0, 0), 0
    load_all()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(given.seed, given.seed + given.count):
            files, command = case(number)
            home = Path(folder) / "case"
            write(files, home)
            ended, faults = tried(home, command)
            statuses[f"{command[0]} {ended.status}"] += 1
            slowest = max(slowest, (ended.seconds, number))
            if faults:
                wrong += 1
                print(
                    f"{number}: {shlex.join(command)[:300]}\n  {'; '.join(faults)[:500]}\n{ended.err[-1500:]}",
                    flush=True,
                )
                if given.keep is not None:
                    write(files, given.keep / str(number))
            shutil.rmtree(home)
    print(", ".join(f"{name}: {count}" for name, count in sorted(statuses.items())))
    seconds = time.monotonic() - begun
    print(f"{given.count} cases from {given.seed} in {seconds:.0f} s, the slowest {slowest[0]:.1f} s ({slowest[1]}); "
          f"{wrong} ended wrongly")  # fmt: skip
    return 1 if wrong else 0


sys.exit(main())
