"""``python -m tests.benchmark``: take the times, print the table, and keep it in a file."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmark import report
from tests.benchmark.parts import PARTS, QUICK, WHOLE
from tests.benchmark.report import Part

OUT = Path("results") / "benchmark.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and return its exit status; argparse ends it with 2 if an option is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmark",
        allow_abbrev=False,
        description=(
            "How fast the program is, beside a minimal model in plain SimPy, SimPy's kernel, larger sectors and other "
            "engines. It takes a quarter of an hour or more, and replaces an earlier table of its own. A missed bar is "
            "told, and is no error."
        ),
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
    parts: dict[str, Part] = {}
    stopped = False
    for name in dict.fromkeys(given.only or PARTS):
        print(f"{name} ...", file=sys.stderr, flush=True)
        try:
            parts[name] = PARTS[name](effort)
        except KeyboardInterrupt:
            stopped = True
            break
    if parts:
        head = report.heading(given.quick)
        print(report.text(head, parts.values()))
        print(f"written: {given.out}, {report.write(given.out, head, parts)}", file=sys.stderr)
    if stopped:
        print(f"Stopped. {len(parts)} parts were finished before.", file=sys.stderr)
    return int(stopped)


def _fault(out: Path) -> str:
    """What is wrong with a file to be written, in words; empty if nothing is. It is asked before anything is run."""
    if out.suffix.lower() == ".json" or out.name.lower() == ".json":
        return "is the name of the file of times that is written beside the table; give another one, such as FILE.md"
    try:
        if out.is_dir():
            return "is a folder; give the name of a file"
        return _unwritable(out) or _unwritable(out.with_suffix(".json"))
    except OSError as error:
        return f"cannot be written: {error.strerror}"


def _unwritable(path: Path) -> str:
    """Why a file cannot be written, or must not be, since it holds something else; empty if it can."""
    if path.exists():
        if not path.is_file():
            return f"cannot be written: {path} is there, and no file"
        if not report.is_own(path):
            return f"cannot be written: {path} holds something else, which would be lost"
    there = next(folder for folder in (path.absolute(), *path.absolute().parents) if folder.exists())
    if there != path.absolute() and not there.is_dir():
        return f"cannot be written: {there} is a file, and not a folder"
    return "" if os.access(there, os.W_OK) else f"cannot be written: {there} may not be changed"


if __name__ == "__main__":
    sys.exit(main())
