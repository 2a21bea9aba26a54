"""Flags that commands and scenario scripts share."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from pathlib import Path

from sim.base.progress import be_quiet

HELP_WIDTH = 78
"""Longest line of what a command's help says, as the rest of it is in a terminal of 80 letters."""


class _Quiet(argparse.Action):
    """Show nothing but answers and faults, to the end of the command."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help=help)

    def __call__(self, *_: object) -> None:
        be_quiet()


def add_examples(parser: argparse.ArgumentParser, *examples: str) -> None:
    """Show some commands beneath the flags of another one's help, as they are typed."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = None if parser.description is None else textwrap.fill(parser.description, HELP_WIDTH)
    parser.epilog = "\n".join(["examples:", *(f"  python -m sim {example}" for example in examples)])


def add_settings_flag(parser: argparse.ArgumentParser) -> None:
    """Add ``--set``."""
    parser.add_argument(
        "--set", dest="settings", metavar="KEY.PATH=VALUE", action="append", default=[],
        help="change a value of the scenario; may be given several times",
    )  # fmt: skip


def add_study_flags(
    parser: argparse.ArgumentParser,
    detail: str | None = "full",
    replications: str = "runs with chance of their own (the scenario's own number otherwise)",
) -> None:
    """Add the flags that every study takes; ``detail`` is None where it keeps no tables."""
    parser.add_argument("--replications", metavar="N", type=int, help=replications)
    add_place_flags(parser, "results/<scenario>")
    if detail is not None:
        parser.add_argument(
            "--detail",
            choices=("measures", "visits", "full"),
            default=detail,
            help=f"tables to keep ({detail} otherwise)",
        )
    add_settings_flag(parser)


def add_place_flags(parser: argparse.ArgumentParser, folder: str) -> None:
    """Add the flags of the seed, of where it runs, and of where its results are kept."""
    parser.add_argument(
        "--seed", metavar="S", type=int, help="seed of the random numbers (the scenario's own otherwise)"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--jobs", metavar="J", type=int, help="processes (as many as there are cores otherwise)")
    where.add_argument(
        "--cluster", metavar="ADDRESS", help="run on the Dask cluster whose scheduler is at tcp://HOST:PORT"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, help=f"folder of the results ({folder} otherwise)")
    parser.add_argument(
        "--overwrite", action="store_true", help="replace a folder that holds another or a damaged study"
    )
    parser.add_argument("--quiet", action=_Quiet, help="print the answer and faults only: no notes, no progress")


def add_precision_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of how many replications are enough, and of looking at one alone."""
    parser.add_argument(
        "--until", metavar="MEASURE<=W", action="append", default=[],
        help='add replications until half the 95%% interval of the measure\'s mean is at most W, in its own unit, in '
        'every whole financial year, such as "utilisation<=0.01"; may be given several times',
    )  # fmt: skip
    parser.add_argument(
        "--budget", metavar="N", type=int, help="most replications that --until may take (ten times --replications)"
    )
    parser.add_argument(
        "--replication", metavar="K", type=int,
        help="run replication K alone, here, so that a debugger sees what it raises; print its measures, write nothing",
    )  # fmt: skip
