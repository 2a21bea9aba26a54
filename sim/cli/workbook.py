"""A study as a workbook: ``python -m sim workbook``."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.base.faults import Fault, InputError, unless_wrong
from sim.cli.ending import DONE
from sim.cli.flags import add_examples
from sim.report import workbook
from sim.report.book import book_of
from sim.report.place import write


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the command."""
    parser.description = (
        "Writes a workbook (.xlsx) from the folder of a study: of run, compare, capacity, plan, programme, backtest, "
        "calibrate, sensitivity, or of a script. It has the answer, every table with charts, every assumption with its "
        "source, and what each column means, in the form of the UK government's accessible spreadsheets. It names no "
        "authority."
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="folder of a study, such as results/ilacs_launch")
    parser.add_argument(
        "--out", metavar="FILE", type=Path, help="the workbook (beside the folder, under its name and .xlsx, otherwise)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a file that is there")
    add_examples(
        parser,
        "workbook results/ilacs_launch",
        "workbook results/launch_backlog --out backlog.xlsx --overwrite",
    )


def action(given: argparse.Namespace) -> int:
    """Make the workbook of a folder, write it and say where it is."""
    faults: list[Fault] = []
    book = unless_wrong(faults, lambda: book_of(given.folder))
    place = unless_wrong(faults, lambda: workbook.place_of(given.folder, given.out, given.overwrite))
    if book is None or place is None:
        raise InputError(faults)
    content = workbook.bytes_of(book)
    write(content, place)
    print(f"Written: {place} ({len(content):,} bytes, {len(book.sheets)} sheets)")
    return DONE
