"""Plans how many people to recruit to meet a service level: ``python -m sim plan``."""

from __future__ import annotations

import argparse

from sim.analysis.capacity import MOST_SHARE, levels_about
from sim.analysis.recruitment import Recruits, limit_of
from sim.base.calendar import MONTHS_A_YEAR
from sim.base.faults import Fault, InputError, refuse_any, unless_wrong
from sim.cli.capacity import LEADS, add_service_flags, answered, range_faults, role_of_leads, service_asked_for
from sim.cli.flags import add_examples, add_study_flags
from sim.cli.given import date_of
from sim.inputs.scenario import Scenario
from sim.studies.plan_study import Plan


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.description = (
        "Find the smallest number of posts that meets a service level. Recruitment starts from the people in post, "
        "begins on a given day and is limited in each quarter. Turnover, hiring, notice and induction come from the "
        "scenario."
    )
    parser.add_argument("scenario", metavar="SCENARIO", help="name of a built-in scenario, or a TOML file")
    add_service_flags(parser)
    parser.add_argument(
        "--role", metavar="ROLE", dest="roles", action="append", help=f"role to recruit (default: {LEADS})"
    )
    parser.add_argument(
        "--offers-a-quarter", metavar="N", type=int,
        help="most job offers in one quarter, for replacements and extra posts together; needed unless the scenario "
        "sets it (no such limit is published, so there is no default)",
    )  # fmt: skip
    parser.add_argument(
        "--begins",
        dest="begins_on",
        metavar="DATE",
        help="day on which recruitment begins, such as 2018-04-01 (default: the scenario's start)",
    )
    parser.add_argument(
        "--wait-months", metavar="M", type=int,
        help="months to delay the start in the plan it is compared with (default: 12)",
    )  # fmt: skip
    parser.add_argument(
        "--between", metavar=("LOW", "HIGH"), nargs=2, type=int, dest="levels",
        help=f"range of posts to search (default: the people in post to {MOST_SHARE:g} times as many)",
    )  # fmt: skip
    add_study_flags(parser, replications="most runs at each number of posts (default: 400)", detail=None)
    add_examples(
        parser,
        "plan ilacs_launch --offers-a-quarter 4",
        "plan ilacs_launch --offers-a-quarter 6 --begins 2018-07-01 --wait-months 24",
    )


def action(given: argparse.Namespace) -> int:
    """Find the smallest number of posts, print the plan and say where it is saved."""
    faults: list[Fault] = []
    scenario, service, rule = service_asked_for(given, faults)
    recruits = None if scenario is None else _recruits(scenario, given, faults)
    wait = Plan.wait_months if given.wait_months is None else given.wait_months
    if wait < 1 or (scenario is not None and wait > MONTHS_A_YEAR * scenario.years):
        words = "must be 1 or more, and no longer than the scenario"
        faults.append(Fault("--wait-months", "M", wait, words))
    levels = range(0) if scenario is None or recruits is None else _posts(scenario, recruits, given, faults)
    if faults or scenario is None or service is None or rule is None or recruits is None:
        raise InputError(faults)
    asked = Plan(service, recruits, levels, rule, wait)
    refuse_any(asked.faults(scenario))
    return answered(scenario, asked, given)


def _recruits(scenario: Scenario, given: argparse.Namespace, faults: list[Fault]) -> Recruits | None:
    """Return whom the plan recruits, from when, and how many a quarter."""
    role, *others = given.roles or [role_of_leads(scenario)]
    if others:
        words = "a plan recruits one role; make a plan for each role"
        faults.append(Fault("--role", "ROLE", " ".join(given.roles), words))
    begins = unless_wrong(faults, lambda: date_of(given.begins_on, "--begins")) or scenario.start
    most = unless_wrong(faults, lambda: limit_of(scenario, role, given.offers_a_quarter))
    recruits = Recruits(role, 1 if most is None else most, begins)
    wrong = list(recruits.faults(scenario))
    faults += wrong
    return None if wrong or most is None else recruits


def _posts(scenario: Scenario, recruits: Recruits, given: argparse.Namespace, faults: list[Fault]) -> range:
    """Return the numbers of posts to search."""
    people = recruits.people(scenario)
    low, high = given.levels or (people, levels_about(people)[-1])
    faults += range_faults(people, low, high, f"{people} (the people in post)")
    return range(low, high + 1)
