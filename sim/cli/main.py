"""The command line: ``python -m sim``. Each command is the module of this package that has its name."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from sim.base.faults import InputError
from sim.cli.arguments import Parser, in_flags
from sim.cli.ending import answer

COMMANDS = {
    "list": "what ships, every measure with its formula, and the words of the tables",
    "run": "run a scenario and keep its results",
    "compare": "hold scenarios against the first one, on common random numbers: differences with intervals",
    "capacity": "the smallest workforce that keeps a service level, with its guarantee",
    "plan": "how many to recruit, quarter by quarter, to keep a service level, and what waiting costs",
    "programme": "a plan of visits of one's own tried (what breaks, and of what), or a levelled one written",
    "sensitivity": "which numbers of low confidence drive the answer, and which three most need a better figure",
    "backtest": "history forecast blind, and scored",
    "calibrate": "people, days of a visit and plan, inferred from what was done since November 2013",
    "report": "one self-contained page of a study: answer, charts, assumptions, how to repeat it",
    "workbook": "a study as an accessible workbook of a spreadsheet program: answer, tables, charts, assumptions",
    "check": "check a scenario, a framework, or a table (authorities, people, plan): every fault at once",
    "schema": "JSON Schema of a scenario, a framework or a plan, by which editors complete and check its keys",
    "describe": "the assumption book: each number, unit, source, confidence",
    "fit": "drift and accuracy of judgement from a history of inspections",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``python -m sim`` and return its exit status: 0 done, 2 the input is wrong, 1 anything else."""
    return answer(lambda: _run(sys.argv[1:] if arguments is None else arguments))


def _run(arguments: Sequence[str]) -> int:
    """Run the command that is asked for; of the others only the names are needed, so they are not imported."""
    parser = Parser(
        prog="python -m sim",
        allow_abbrev=False,
        description="How many inspectors does the inspection of children's services take?",
        epilog="examples:\n  python -m sim run ilacs_launch --replications 20 --out results/54 \\\n"
        "      --set workforce.roles.social_care_hmi.people=54\n"
        "  python -m sim check my_scenario.toml\n  python -m sim describe ilacs_launch | less",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, words in COMMANDS.items():
        command = commands.add_parser(name, help=words, allow_abbrev=False)
        if name in arguments[:1]:
            module = import_module(f"sim.cli.{name}")
            module.add_flags(command)
            command.set_defaults(action=module.action)
    given = parser.parse_args(arguments)
    try:
        return int(given.action(given))
    except InputError as error:
        raise in_flags(error, commands.choices[given.command], given) from None
