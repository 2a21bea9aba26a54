"""Runs scenario scripts: reads their flags, runs the study and reports how it ended."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from sim.base.faults import InputError
from sim.cli.arguments import Parser, in_flags
from sim.cli.ending import answer
from sim.cli.flags import add_precision_flags, add_study_flags


def run_scenario(scenario: str, question: str, arguments: Sequence[str] | None = None) -> int:
    """Run a scenario script for one built-in scenario, with the flags common to all scripts."""
    parser = Parser(description=question, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    add_study_flags(parser)
    add_precision_flags(parser)

    def action(given: argparse.Namespace) -> int:
        from sim.cli import run  # slow to import, and the script's help does not need it

        return run.study(scenario, given)

    return answer_of_script(parser, arguments, action)


def answer_of_script(
    parser: argparse.ArgumentParser, arguments: Sequence[str] | None, action: Callable[[argparse.Namespace], int]
) -> int:
    """Return a script's exit status; faults name the script's flags instead of the functions' arguments."""

    def script() -> int:
        given = parser.parse_args(arguments)
        try:
            return action(given)
        except InputError as error:
            raise in_flags(error, parser, given) from None

    return answer(script)
