"""Compares scenarios with the first one: ``python -m sim compare``."""

from __future__ import annotations

import argparse

from sim.cli.flags import add_examples, add_study_flags
from sim.cli.given import executor_of, scenario_of, variant_of
from sim.cli.output import ended, print_notes
from sim.studies.comparison_study import compare


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument(
        "scenarios",
        metavar="SCENARIO",
        nargs="+",
        help="names of built-in scenarios, or TOML files; give the base first",
    )
    parser.add_argument(
        "--variant", metavar="KEY.PATH=VALUE", dest="variants", nargs="+", action="append", default=[],
        help="add a scenario: the base with these values changed; repeatable",
    )  # fmt: skip
    parser.add_argument(
        "--measures", metavar="MEASURE", nargs="+", default=None,
        help="measures to compare; Holm's procedure adjusts for their number (default: eleven measures)",
    )  # fmt: skip
    add_study_flags(parser, detail="measures")
    add_examples(
        parser,
        "compare ilacs_launch mine.toml --replications 100",
        "compare ilacs_launch --variant workforce.roles.social_care_hmi.people=66",
    )


def action(given: argparse.Namespace) -> int:
    """Run the scenarios, print what differs and say where the results are saved."""
    base, *others = (scenario_of(source, given) for source in given.scenarios)
    others += [variant_of(given.scenarios[0], given, settings) for settings in given.variants]
    print_notes(base, *others)
    with executor_of(given) as executor:
        found = compare(
            base, others, given.out, measures=given.measures or None, executor=executor,
            detail=given.detail, overwrite=given.overwrite,
        )  # fmt: skip
    return ended(found.folder, [each for results in found.results.values() for each in results.failures])
