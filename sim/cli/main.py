"""Reads the command line of ``python -m sim`` and runs the command, which is the module of the same name."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from sim.base.faults import InputError
from sim.cli.arguments import Parser, in_flags
from sim.cli.ending import answer

COMMANDS = {
    "list": "list the built-in scenarios, frameworks and tables, and every measure with its formula",
    "run": "run a scenario and save its results",
    "compare": "compare scenarios with the first one, on common random numbers: differences with intervals",
    "capacity": "find the smallest workforce that meets a service level, with a bounded error rate",
    "plan": "plan recruitment, quarter by quarter, to meet a service level, and show what waiting costs",
    "programme": "test your own plan of visits (what breaks, and why), or write a levelled plan",
    "sensitivity": "find which low-confidence numbers drive the answer, and which three need better figures most",
    "backtest": "forecast history without knowing it, and score the forecast",
    "calibrate": "infer staff, days per visit and visit planning from the inspections since November 2013",
    "report": "write a study as one self-contained page: answer, charts, assumptions, how to repeat it",
    "workbook": "write a study as an accessible spreadsheet: answer, tables, charts, assumptions",
    "check": "check a scenario, a framework or a table (authorities, people, plan), and report every fault at once",
    "schema": "write a JSON Schema of scenarios, frameworks or plans, with which editors complete and check keys",
    "describe": "print the assumption book: each number with its unit, source and confidence",
    "fit": "estimate drift and accuracy of judgement from a history of inspections",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``python -m sim`` and return its exit status: 0 if done, 2 if the input is wrong, 1 for anything else."""
    return answer(lambda: _run(sys.argv[1:] if arguments is None else arguments))


def _run(arguments: Sequence[str]) -> int:
    """Run the command that is asked for. Import no other command: the help needs only their names."""
    parser = Parser(
        prog="python -m sim",
        allow_abbrev=False,
        description="How many inspectors do inspections of children's services need?",
        epilog="examples:\n  python -m sim run ilacs_launch --replications 20 --out results/54 \\\n"
        "      --set workforce.roles.social_care_hmi.people=54\n"
        "  python -m sim check my_scenario.toml\n  python -m sim describe ilacs_launch | less",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, words in COMMANDS.items():
        command = commands.add_parser(name, help=words, description=_sentence(words), allow_abbrev=False)
        if name in arguments[:1]:
            module = import_module(f"sim.cli.{name}")
            module.add_flags(command)
            command.set_defaults(action=module.action)
    given = parser.parse_args(arguments)
    try:
        return int(given.action(given))
    except InputError as error:
        raise in_flags(error, commands.choices[given.command], given) from None


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."
