"""Finds the smallest workforce that meets a service level: ``python -m sim capacity``."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator

from sim.analysis.capacity import LEAST_SHARE, MOST_SHARE, ServiceLevel, levels_about, rule_of
from sim.analysis.levers import Staff
from sim.base.bounds import MOST_AT_ONCE
from sim.base.faults import NOT_SHOWN, Fault, InputError, unless_wrong
from sim.cli.flags import add_examples, add_study_flags
from sim.cli.given import executor_of, processes_of, said, varied_scenario
from sim.cli.output import ended, print_notes
from sim.inputs.framework import Role
from sim.inputs.scenario import Scenario
from sim.statistics.search import Rule
from sim.studies import capacity_study
from sim.studies.capacity_study import CapacityQuestion, CapacityStudyQuestion

MOST_ROLES = 2
LEADS = "the role that leads inspections"
"""How the help describes the role that the search varies by default."""


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.description = (
        "Find the smallest workforce that meets a service level. A service level says that a measure stays at or above "
        "(or at or below) a value in every whole financial year from a given one on. A given share of runs must meet "
        "it. The answer is a bracket: a head-count that fails, the undecided ones above it, and one that meets the "
        "level."
    )
    parser.add_argument("scenario", metavar="SCENARIO", help="name of a built-in scenario, or a TOML file")
    add_service_flags(parser)
    parser.add_argument(
        "--role", metavar="ROLE", dest="roles", action="append",
        help=f"role whose head-count to find (default: {LEADS}); give it twice to search two roles together",
    )  # fmt: skip
    parser.add_argument("--region", metavar="REGION", help="count only people of the role in this region")
    parser.add_argument(
        "--between", metavar=("LOW", "HIGH"), nargs=2, type=int, dest="levels", action="append",
        help=f"range of head-counts to search (default: {LEAST_SHARE:g} to {MOST_SHARE:g} times the people in post); "
        "for two roles, give one range for each",
    )  # fmt: skip
    add_study_flags(parser, replications="most runs at each head-count (default: 400)", detail=None)
    add_examples(
        parser,
        "capacity ilacs_launch",
        "capacity ilacs_launch --measure inspections_on_time --at-least 0.95 --with-probability 0.9",
        "capacity position_2022 --measure judgements_older_than_3_5_years --at-most 0.1 --from-year 2",
        "capacity ilacs_launch --role social_care_hmi --role schools_hmi",
    )


def add_service_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that set the service level and how surely the workforce must meet it."""
    parser.add_argument(
        "--measure",
        metavar="MEASURE",
        help="measure of the service level (default: inspections_on_time)",
    )
    bound = parser.add_mutually_exclusive_group()
    bound.add_argument(
        "--at-least",
        metavar="X",
        type=float,
        help="lowest acceptable value, in the measure's own unit (default: 0.95 for inspections_on_time)",
    )
    bound.add_argument("--at-most", metavar="X", type=float, help="highest acceptable value, instead of a lowest")
    parser.add_argument(
        "--with-probability",
        dest="probability",
        metavar="P",
        type=float,
        help="share of runs that must meet the service level (default: 0.9)",
    )
    parser.add_argument(
        "--from-year",
        metavar="N",
        type=int,
        help="first whole financial year that counts (default: 3)",
    )
    parser.add_argument(
        "--confidence", metavar="C", type=float,
        help="least probability that no head-count is wrongly reported as meeting the level (default: 0.95)",
    )  # fmt: skip


def action(given: argparse.Namespace) -> int:
    """Find the smallest workforce, print the answer and say where it is saved."""
    faults: list[Fault] = []
    scenario, service, rule = service_asked_for(given, faults)
    levers, ranges = ((), ()) if scenario is None else _levers(scenario, given, faults)
    if faults or scenario is None or service is None or rule is None:
        raise InputError(faults)
    return answered(scenario, CapacityQuestion(service, levers, ranges, rule), given)


def role_of_leads(scenario: Scenario) -> Role:
    """Return the role that leads inspections under most of the rules of the scenario's last framework."""
    framework = scenario.frameworks[scenario.framework[-1]]
    leads = [
        rules.team["lead"].role for name, rules in framework.visits.items() if framework.kind(name).part == "inspection"
    ]
    return Counter(leads).most_common(1)[0][0]


def _levers(
    scenario: Scenario, given: argparse.Namespace, faults: list[Fault]
) -> tuple[tuple[Staff, ...], tuple[range, ...]]:
    """Return which head-counts to vary, and the range of each; add any faults to ``faults``."""
    roles = given.roles or [role_of_leads(scenario)]
    levers = tuple(Staff(role, given.region) for role in roles)
    if len(roles) > len(set(roles)) or len(roles) > MOST_ROLES:
        faults.append(Fault("--role", "ROLE", " ".join(roles), "give one role, or two different ones"))
    wrong = [fault for lever in levers for fault in lever.faults(scenario)]
    pairs = given.levels or []
    if pairs and len(pairs) != len(levers):
        words = "give one range for each role, in the same order"
        faults.append(Fault("--between", "LOW HIGH", f"{len(pairs)} ranges", words))
    for low, high in pairs:
        faults += range_faults(0, low, high)
    if wrong or faults:
        faults += wrong
        return (), ()
    ranges = [range(low, high + 1) for low, high in pairs] or [levels_about(lever.people(scenario)) for lever in levers]
    return levers, tuple(ranges)


def service_asked_for(
    given: argparse.Namespace, faults: list[Fault]
) -> tuple[Scenario | None, ServiceLevel | None, Rule | None]:
    """Return the scenario, the service level and the decision rule that the flags ask for.

    Each is None if its flags are wrong; the faults join ``faults``.
    """
    scenario = varied_scenario(given, faults)
    level = {"measure": given.measure, "from_year": given.from_year, "bound": given.at_least}
    if given.at_most is not None:
        level |= {"bound": given.at_most, "at_least": False}
    elif given.at_least is None and given.measure not in (None, ServiceLevel.measure):
        words = f"give the lowest acceptable value of {given.measure} here, or the highest with --at-most"
        faults.append(Fault("--at-least", "X", NOT_SHOWN, words))
    service = unless_wrong(faults, lambda: ServiceLevel(**said(level)))
    guarantee = {"probability": given.probability, "confidence": given.confidence, "most": given.replications}
    rule = unless_wrong(faults, lambda: rule_of(**said(guarantee)))
    counts = unless_wrong([], lambda: ServiceLevel(**said({"from_year": given.from_year})))
    if counts is not None and scenario is not None:
        unless_wrong(faults, lambda: counts.years(scenario))
    return scenario, service, rule


def answered(scenario: Scenario, asked: CapacityStudyQuestion, given: argparse.Namespace) -> int:
    """Answer a question of capacity, print the answer and say where it is saved."""
    print_notes(scenario)
    with executor_of(given) as executor:
        found = capacity_study.answer(
            scenario, asked, given.out, executor=executor, overwrite=given.overwrite, processes=processes_of(given)
        )
    return ended(found.folder, found.failures, found.repeated, hint=f"{scenario.name}: {scenario.question}")


def range_faults(least: int, low: int, high: int, said: str = "0") -> Iterator[Fault]:
    """List what is wrong with a range of head-counts; ``said`` describes ``least`` in words."""
    if not least <= low < high <= MOST_AT_ONCE:
        words = f"LOW must be less than HIGH, and at least {said}; HIGH must be at most {MOST_AT_ONCE:,}"
        yield Fault("--between", "LOW HIGH", f"{low} {high}", words)
