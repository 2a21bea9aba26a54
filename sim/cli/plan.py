"""How many to recruit to keep a service level: ``python -m sim plan``."""

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
    """Add the flags of the command."""
    parser.description = (
        "The smallest number of posts, reached from the people in post by recruitment that begins on a day "
        "and is limited in each quarter, with which a service level is kept. Turnover, hiring, notice and induction "
        "are those of the scenario."
    )
    parser.add_argument("scenario", metavar="SCENARIO", help="a name that ships, or a TOML file")
    add_service_flags(parser)
    parser.add_argument(
        "--role", metavar="ROLE", dest="roles", action="append", help=f"whom it hires ({LEADS} otherwise)"
    )
    parser.add_argument(
        "--offers-a-quarter", metavar="N", type=int,
        help="most offers of posts in one quarter, to successors of leavers and to more people together, unless the "
        "scenario says it; nobody has published such a limit, so there is no other number",
    )  # fmt: skip
    parser.add_argument(
        "--begins",
        dest="begins_on",
        metavar="DATE",
        help="day on which hiring begins, such as 2018-04-01 (the scenario's start otherwise)",
    )
    parser.add_argument(
        "--wait-months", metavar="M", type=int,
        help="months by which the plan begins later that it is compared with (12 otherwise)",
    )  # fmt: skip
    parser.add_argument(
        "--between", metavar=("LOW", "HIGH"), nargs=2, type=int, dest="levels",
        help=f"range of posts (the people in post to {MOST_SHARE:g} times as many otherwise)",
    )  # fmt: skip
    add_study_flags(parser, replications="most runs at each number of posts (400 otherwise)", detail=None)
    add_examples(
        parser,
        "plan ilacs_launch --offers-a-quarter 4",
        "plan ilacs_launch --offers-a-quarter 6 --begins 2018-07-01 --wait-months 24",
    )


def action(given: argparse.Namespace) -> int:
    """Look for the smallest number of posts, print the plan and say where it is kept."""
    faults: list[Fault] = []
    scenario, service, rule = service_asked_for(given, faults)
    recruits = None if scenario is None else _recruits(scenario, given, faults)
    wait = Plan.wait_months if given.wait_months is None else given.wait_months
    if wait < 1 or (scenario is not None and wait > MONTHS_A_YEAR * scenario.years):
        words = "must be 1 or more, and no more than the scenario has"
        faults.append(Fault("--wait-months", "M", wait, words))
    levels = range(0) if scenario is None or recruits is None else _posts(scenario, recruits, given, faults)
    if faults or scenario is None or service is None or rule is None or recruits is None:
        raise InputError(faults)
    asked = Plan(service, recruits, levels, rule, wait)
    refuse_any(asked.faults(scenario))
    return answered(scenario, asked, given)


def _recruits(scenario: Scenario, given: argparse.Namespace, faults: list[Fault]) -> Recruits | None:
    """Whom the plan hires, from when, and how many in a quarter."""
    role, *others = given.roles or [role_of_leads(scenario)]
    if others:
        words = "a plan hires one role; make one for each"
        faults.append(Fault("--role", "ROLE", " ".join(given.roles), words))
    begins = unless_wrong(faults, lambda: date_of(given.begins_on, "--begins")) or scenario.start
    most = unless_wrong(faults, lambda: limit_of(scenario, role, given.offers_a_quarter))
    recruits = Recruits(role, 1 if most is None else most, begins)
    wrong = list(recruits.faults(scenario))
    faults += wrong
    return None if wrong or most is None else recruits


def _posts(scenario: Scenario, recruits: Recruits, given: argparse.Namespace, faults: list[Fault]) -> range:
    """Numbers of posts searched."""
    people = recruits.people(scenario)
    low, high = given.levels or (people, levels_about(people)[-1])
    faults += range_faults(people, low, high, f"{people}, the people in post,")
    return range(low, high + 1)
