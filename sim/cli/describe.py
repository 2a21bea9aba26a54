"""The assumption book of a scenario: ``python -m sim describe``."""

from __future__ import annotations

import argparse

from sim.cli.ending import DONE
from sim.cli.flags import add_examples, add_settings_flag
from sim.cli.given import parse_setting
from sim.inputs.scenario import load
from sim.studies.provenance import text


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the command."""
    parser.add_argument("scenario", metavar="SCENARIO", help="a name that ships, or a TOML file")
    add_settings_flag(parser)
    add_examples(parser, "describe ilacs_launch", "describe mine.toml")


def action(given: argparse.Namespace) -> int:
    """Print the assumption book."""
    changes = dict(parse_setting(setting) for setting in given.settings)
    print(text(load(given.scenario, changes, dict.fromkeys(changes, "--set"))), end="")
    return DONE
