"""``python -m tests.benchmark``: take the times, print the table, and keep it in a file."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmark import report
from tests.benchmark.parts import PARTS, QUICK, WHOLE

OUT = Path("results") / "benchmark.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and return its exit status; argparse ends it with 2 if an option is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmark",
        allow_abbrev=False,
        description="How fast the program is, beside plain SimPy, SimPy's kernel and other engines.",
    )
    parser.add_argument("--quick", action="store_true", help="fewer repeats, and ten times the sector at most")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=PARTS, help=f"parts to run: {', '.join(PARTS)}")
    parser.add_argument(
        "--out", type=Path, default=OUT, metavar="FILE", help=f"where the table goes, and a .json beside it ({OUT})"
    )
    given = parser.parse_args(arguments)
    fault = _fault(given.out)
    if fault:
        parser.error(f"--out: {given.out} {fault}")
    effort = QUICK if given.quick else WHOLE
    parts = {}
    for name in dict.fromkeys(given.only or PARTS):
        print(f"{name} ...", file=sys.stderr, flush=True)
        parts[name] = PARTS[name](effort)
    head = report.heading(given.quick)
    print(report.text(head, parts.values()))
    beside = report.write(given.out, head, parts)
    print(f"written: {given.out}, {beside}", file=sys.stderr)
    return 0


def _fault(out: Path) -> str:
    """What is wrong with a file to be written, in words; empty if nothing is. It is asked before anything is run."""
    if out.is_dir():
        return "is a folder; give the name of a file"
    if out.suffix == ".json":
        return "is the name of the file of times that is written beside the table; give another one, such as FILE.md"
    there = next(folder for folder in (out.absolute(), *out.absolute().parents) if folder.exists())
    if there != out.absolute() and not there.is_dir():
        return f"cannot be written: {there} is a file, and not a folder"
    if not os.access(there, os.W_OK):
        return f"cannot be written: {there} may not be changed"
    return ""


if __name__ == "__main__":
    sys.exit(main())
