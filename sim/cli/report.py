"""Writes one page about a study: ``python -m sim report``."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.base.faults import Fault, InputError, unless_wrong
from sim.cli.ending import DONE
from sim.cli.flags import add_examples
from sim.report import page
from sim.report.contents import report_of
from sim.report.place import write


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.description = (
        "Write one HTML page about a study. It needs no other file and no network. The study may come from run, "
        "compare, capacity, plan, programme, backtest, calibrate, sensitivity or a script. The page leaves out the "
        "names of authorities."
    )
    parser.add_argument(
        "folder", metavar="DIR", type=Path, help="folder with the study's results, such as results/ilacs_launch"
    )
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        help="file to write (default: the folder's name and .html, beside the folder)",
    )
    add_examples(
        parser,
        "report results/ilacs_launch",
        "report results/launch_backlog --out backlog.html",
    )


def action(given: argparse.Namespace) -> int:
    """Make the page of a folder, write it and say where it is."""
    faults: list[Fault] = []
    report = unless_wrong(faults, lambda: report_of(given.folder))
    place = unless_wrong(faults, lambda: page.place_of(given.folder, given.out))
    if report is None or place is None:
        raise InputError(faults)
    html = page.html_of(report).encode()
    write(html, place)
    print(f"Written: {place} ({len(html):,} bytes, from {len(report.files)} files of {given.folder}/)")
    return DONE
