"""Checks a file that the user wrote: ``python -m sim check``."""

from __future__ import annotations

import argparse
import re
from dataclasses import replace

from sim.base.faults import NOT_SHOWN, Fault, InputError, refuse_any
from sim.cli.ending import DONE
from sim.cli.flags import add_examples
from sim.inputs.check import check


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument(
        "file",
        metavar="FILE",
        help="a TOML or CSV file, a workbook (XLSX, XLSB, XLS, ODS), or the name of a built-in file",
    )
    parser.add_argument(
        "--column", metavar="COLUMN=HEADING", dest="columns", action="append", default=[],
        help='heading of a column in your table, such as judgement="Overall effectiveness"; repeatable',
    )  # fmt: skip
    parser.add_argument("--sheet", metavar="NAME", default="", help="sheet of the workbook to read")
    add_examples(
        parser,
        "check mine.toml",
        "check sample_authorities.xlsx",
        'check my_authorities.xlsx --sheet LAs --column judgement="Outcome"',
        "check people.csv",
        "check my_plan.csv",
    )


def action(given: argparse.Namespace) -> int:
    """Check a file and print how the program understood it."""
    pairs = [setting.partition("=") for setting in given.columns]
    words = 'write COLUMN=HEADING, such as judgement="Overall effectiveness"'
    refuse_any(Fault("--column", column, NOT_SHOWN, words) for column, equals, _ in pairs if not (column and equals))
    try:
        print(check(given.file, {column.strip(): heading for column, _, heading in pairs}, given.sheet))
    except InputError as error:
        raise InputError(replace(fault, allowed=_with_column_flag(fault.allowed)) for fault in error.faults) from None
    return DONE


def _with_column_flag(words: str) -> str:
    """Add to a fault's words the ``--column`` flag that has the same effect as the entry for a scenario file."""
    return re.sub(r'columns = \{ (\w+) = ("[^"]*") \}', r"\g<0> (--column \1=\2)", words)
