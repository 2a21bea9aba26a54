"""Adds the flags that commands and scenario scripts share."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Sequence
from pathlib import Path

from sim.base.progress import be_quiet

HELP_WIDTH = 78
"""Longest line of a command's description, in characters: as wide as argparse makes the rest in an 80-column
terminal."""


class _Quiet(argparse.Action):
    """Prints only answers and faults until the command ends."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help=help)

    def __call__(self, *_: object) -> None:
        be_quiet()


def add_examples(parser: argparse.ArgumentParser, *examples: str) -> None:
    """Show example commands, as they are typed, below the flags in a command's help."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = None if parser.description is None else textwrap.fill(parser.description, HELP_WIDTH)
    parser.epilog = "\n".join(["examples:", *(f"  python -m sim {example}" for example in examples)])


def add_settings_flag(parser: argparse.ArgumentParser) -> None:
    """Add ``--set``."""
    parser.add_argument(
        "--set", dest="settings", metavar="KEY.PATH=VALUE", action="append", default=[],
        help="change a value of the scenario; repeatable",
    )  # fmt: skip


def add_study_flags(
    parser: argparse.ArgumentParser,
    detail: str | None = "full",
    replications: str = "number of runs, each with its own random numbers (default: the scenario's number)",
) -> None:
    """Add the flags that every study takes; ``detail`` is None for studies that save no tables."""
    parser.add_argument("--replications", metavar="N", type=int, help=replications)
    add_place_flags(parser, "results/<scenario>")
    if detail is not None:
        parser.add_argument(
            "--detail",
            choices=("measures", "visits", "full"),
            default=detail,
            help=f"how many tables to save (default: {detail})",
        )
    add_settings_flag(parser)


def add_place_flags(parser: argparse.ArgumentParser, folder: str) -> None:
    """Add the flags for the seed, where the study runs, and where its results are saved."""
    parser.add_argument(
        "--seed", metavar="S", type=int, help="seed of the random numbers (default: the scenario's seed)"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--jobs", metavar="J", type=int, help="processes to run at once (default: one for each core)")
    where.add_argument(
        "--cluster", metavar="ADDRESS", help="run on a Dask cluster; give its scheduler's address, tcp://HOST:PORT"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, help=f"folder for the results (default: {folder})")
    parser.add_argument(
        "--overwrite", action="store_true", help="replace a folder that holds a different or damaged study"
    )
    parser.add_argument(
        "--quiet", action=_Quiet, help="print only the answer and any faults, without notes or progress"
    )


def add_precision_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that set how many replications are enough, and the one that runs a single replication."""
    parser.add_argument(
        "--until", metavar="MEASURE<=W", action="append", default=[],
        help='add replications until the 95%% interval of the measure\'s mean is at most W either side in every whole '
        'financial year, such as "utilisation<=0.01". W has the measure\'s own unit; repeatable',
    )  # fmt: skip
    parser.add_argument(
        "--budget",
        metavar="N",
        type=int,
        help="most replications that --until may make (default: ten times --replications)",
    )
    parser.add_argument(
        "--replication", metavar="K", type=int,
        help="run only replication K, in this process, so that a debugger sees any exception; print its measures and "
        "write nothing",
    )  # fmt: skip
