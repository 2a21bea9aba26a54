"""Prints the assumption book of a scenario: ``python -m sim describe``."""

from __future__ import annotations

import argparse
from pathlib import Path

from sim.base.faults import Fault, InputError, unless_wrong
from sim.cli.ending import DONE
from sim.cli.flags import add_examples, add_settings_flag
from sim.cli.given import parse_setting
from sim.inputs.assumptions import entries
from sim.inputs.scenario import Scenario, load
from sim.inputs.toml_tree import CONFIDENCES
from sim.studies.assumptions_answer import text
from sim.studies.provenance import Wanted, outside_scenarios
from sim.studies.ranking import ranking_in, shipped_ranking


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.description = (
        "Print what a scenario assumes. First come the numbers that matter most and are known least, as ranked by the "
        "built-in sensitivity study. Then comes every number, with its unit, range, confidence and source."
    )
    parser.add_argument("scenario", metavar="SCENARIO", help="name of a built-in scenario, or a TOML file")
    parser.add_argument(
        "--low", dest="confidences", action="append_const", const="low", help="short for --confidence low"
    )
    parser.add_argument(
        "--confidence", metavar="WORD", dest="confidences", action="append",
        help=f"only numbers with this confidence: {', '.join(CONFIDENCES)} (a value without a source); repeatable",
    )  # fmt: skip
    parser.add_argument(
        "--key", metavar="WORDS", dest="words", action="append",
        help="only numbers with these words in their key, such as workforce; repeatable",
    )  # fmt: skip
    parser.add_argument(
        "--sensitivity", metavar="DIR", type=Path,
        help="rank by the sensitivity study in this folder, not by the built-in one",
    )  # fmt: skip
    parser.add_argument(
        "--out", metavar="FILE", type=Path,
        help="write the numbers to a spreadsheet (.xlsx or .csv) instead of printing them",
    )  # fmt: skip
    parser.add_argument("--overwrite", action="store_true", help="replace the file if it exists")
    add_settings_flag(parser)
    add_examples(
        parser,
        "describe ilacs_launch",
        "describe mine.toml --low --key workforce",
        "describe ilacs_launch --out assumptions.xlsx",
    )


def action(given: argparse.Namespace) -> int:
    """Print the assumption book, or write it as a spreadsheet."""
    faults: list[Fault] = []
    wanted = Wanted(*(tuple(dict.fromkeys(each or ())) for each in (given.confidences, given.words)))
    scenario = unless_wrong(faults, lambda: _scenario(given))
    if scenario is not None:
        faults += wanted.faults([*entries(scenario), *outside_scenarios()])
    ranking = unless_wrong(
        faults, lambda: shipped_ranking() if given.sensitivity is None else ranking_in(given.sensitivity)
    )
    if given.out is not None:
        from sim.report import assumption_book  # slow to import, and needed only to write a file
        from sim.report.place import write

        unless_wrong(faults, lambda: assumption_book.place_of(given.out, given.overwrite))
    if faults or scenario is None or ranking is None:
        raise InputError(faults)
    if given.out is None:
        print(text(scenario, ranking, wanted), end="")
        return DONE
    content = assumption_book.content_of(scenario, ranking, wanted, given.out.suffix)
    write(content, given.out)
    print(f"Written: {given.out} ({len(content):,} bytes)")
    return DONE


def _scenario(given: argparse.Namespace) -> Scenario:
    changes = dict(parse_setting(setting) for setting in given.settings)
    return load(given.scenario, changes, dict.fromkeys(changes, "--set"))
