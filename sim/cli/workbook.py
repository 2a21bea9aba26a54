"""Writes a study as a workbook: ``python -m sim workbook``."""

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
    """Add the command's flags."""
    parser.description = (
        "Write a workbook (.xlsx) about a study from run, compare, capacity, plan, programme, backtest, calibrate, "
        "sensitivity or a script. It has the answer, every table with charts, every assumption with its source, and "
        "the meaning of each column. It follows the UK government's guidance on accessible spreadsheets. It leaves out "
        "the names of authorities."
    )
    parser.add_argument(
        "folder", metavar="DIR", type=Path, help="folder with the study's results, such as results/ilacs_launch"
    )
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        help="file to write (default: the folder's name and .xlsx, beside the folder)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace the file if it exists")
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
