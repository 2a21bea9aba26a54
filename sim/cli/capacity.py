"""The commands that answer questions of capacity: ``python -m sim capacity`` and ``python -m sim plan``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sim.base.faults import NOT_SHOWN, Fault, InputError, unless_wrong
from sim.cli import main as cli

if TYPE_CHECKING:
    from sim.analysis.capacity import ServiceLevel
    from sim.analysis.levers import Staff
    from sim.analysis.recruitment import Recruits
    from sim.inputs.scenario import Scenario
    from sim.statistics.search import Rule
    from sim.studies.capacity_study import Question

MOST_ROLES = 2
MOST_PEOPLE = 10_000
ROLE = "social_care_hmi"
"""Whose number is looked for unless another one is said: they lead, and most of each team are of them."""


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands ``capacity`` and ``plan``."""
    _add_capacity(commands)
    _add_plan(commands)


def _add_capacity(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command ``capacity``."""
    capacity = commands.add_parser(
        "capacity",
        allow_abbrev=False,
        help="the smallest workforce that keeps a service level, with its guarantee",
        description="The smallest workforce with which a measure is at least (or at most) so much in every whole "
        "financial year from one on, with a probability. The answer is a bracket: a head-count that fails, those "
        "undecided, one that meets.",
    )
    capacity.add_argument("scenario", metavar="SCENARIO", help="a name that ships, or a TOML file")
    _add_service_flags(capacity)
    capacity.add_argument(
        "--role", metavar="ROLE", dest="roles", action="append",
        help=f"whose number is looked for ({ROLE} otherwise); given twice, the two together",
    )  # fmt: skip
    capacity.add_argument("--region", metavar="REGION", help="people of the role in this region alone")
    capacity.add_argument(
        "--between", metavar=("LOW", "HIGH"), nargs=2, type=int, dest="levels", action="append",
        help="range of head-counts (half to one and a half times the people in post otherwise); of two roles, "
        "one for each",
    )  # fmt: skip
    cli.add_study_flags(capacity, replications="most runs at each head-count (400 otherwise)", detail=None)
    cli.add_examples(
        capacity,
        "capacity ilacs_launch",
        "capacity ilacs_launch --measure inspections_on_time --at-least 0.95 --with-probability 0.9",
        "capacity position_2022 --measure judgements_older_than_3_5_years --at-most 0.1 --from-year 2",
        "capacity ilacs_launch --role social_care_hmi --role schools_hmi",
    )
    capacity.set_defaults(action=_capacity)


def _add_plan(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command ``plan``."""
    plan = commands.add_parser(
        "plan",
        allow_abbrev=False,
        help="how many to recruit, quarter by quarter, to keep a service level, and what waiting costs",
        description="The smallest number of posts, reached from the people in post by recruitment that begins on a day "
        "and is limited in each quarter, with which a service level is kept. Turnover, hiring, notice and induction "
        "are those of the scenario.",
    )
    plan.add_argument("scenario", metavar="SCENARIO", help="a name that ships, or a TOML file")
    _add_service_flags(plan)
    plan.add_argument("--role", metavar="ROLE", dest="roles", action="append", help=f"whom it hires ({ROLE} otherwise)")
    plan.add_argument(
        "--offers-a-quarter", metavar="N", type=int,
        help="most offers of posts in one quarter, to successors of leavers and to more people together, unless the "
        "scenario says it; nobody has published such a limit, so there is no other number",
    )  # fmt: skip
    plan.add_argument(
        "--begins",
        dest="begins_on",
        metavar="DATE",
        help="day on which hiring begins, such as 2018-04-01 (the scenario's start otherwise)",
    )
    plan.add_argument(
        "--wait-months", metavar="M", type=int,
        help="months by which the plan begins later that it is compared with (12 otherwise)",
    )  # fmt: skip
    plan.add_argument(
        "--between", metavar=("LOW", "HIGH"), nargs=2, type=int, dest="levels",
        help="range of posts (the people in post to one and a half times as many otherwise)",
    )  # fmt: skip
    cli.add_study_flags(plan, replications="most runs at each number of posts (400 otherwise)", detail=None)
    cli.add_examples(
        plan,
        "plan ilacs_launch --offers-a-quarter 4",
        "plan ilacs_launch --offers-a-quarter 6 --begins 2018-07-01 --wait-months 24",
    )
    plan.set_defaults(action=_plan)


def _add_service_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say what service level is to be kept, and how surely."""
    parser.add_argument(
        "--measure",
        metavar="MEASURE",
        help="which measure (inspections_on_time otherwise)",
    )
    bound = parser.add_mutually_exclusive_group()
    bound.add_argument(
        "--at-least",
        metavar="X",
        type=float,
        help="what it is to reach, in its own unit (0.95 of inspections_on_time otherwise)",
    )
    bound.add_argument("--at-most", metavar="X", type=float, help="what it is to stay within, instead")
    parser.add_argument(
        "--with-probability",
        dest="probability",
        metavar="P",
        type=float,
        help="share of runs that are to keep it (0.9 otherwise)",
    )
    parser.add_argument(
        "--from-year",
        metavar="N",
        type=int,
        help="first whole financial year in which it counts (3 otherwise)",
    )
    parser.add_argument(
        "--confidence", metavar="C", type=float,
        help="probability that no number is wrongly said to meet (0.95 otherwise)",
    )  # fmt: skip


def _capacity(given: argparse.Namespace) -> int:
    from sim.studies.capacity_study import CapacityQuestion

    faults: list[Fault] = []
    scenario, service, rule = _service_asked_for(given, faults)
    levers, ranges = ((), ()) if scenario is None else _levers(scenario, given, faults)
    if faults or scenario is None or service is None or rule is None:
        raise InputError(faults)
    return _answered(scenario, CapacityQuestion(service, levers, ranges, rule), given)


def _plan(given: argparse.Namespace) -> int:
    from sim.base.calendar import MONTHS_A_YEAR
    from sim.studies.plan import Plan

    faults: list[Fault] = []
    scenario, service, rule = _service_asked_for(given, faults)
    recruits = None if scenario is None else _recruits(scenario, given, faults)
    wait = Plan.wait_months if given.wait_months is None else given.wait_months
    if wait < 1 or (scenario is not None and wait > MONTHS_A_YEAR * scenario.years):
        words = "must be 1 or more, and no more than the scenario has"
        faults.append(Fault("--wait-months", "M", wait, words))
    levels = range(0) if scenario is None or recruits is None else _posts(scenario, recruits, given, faults)
    if faults or scenario is None or service is None or rule is None or recruits is None:
        raise InputError(faults)
    asked = Plan(service, recruits, levels, rule, wait)
    faults += asked.faults(scenario)
    if faults:
        raise InputError(faults)
    return _answered(scenario, asked, given)


def _service_asked_for(
    given: argparse.Namespace, faults: list[Fault]
) -> tuple[Scenario | None, ServiceLevel | None, Rule | None]:
    """Scenario, service level and guarantee that the flags ask for."""
    from sim.analysis.capacity import ServiceLevel, of_one_draw_each
    from sim.statistics.search import Rule

    alone = argparse.Namespace(**vars(given) | {"replications": None})  # they are those of the rule
    scenario = unless_wrong(faults, lambda: of_one_draw_each(cli.scenario_of(given.scenario, alone)))
    level = {"measure": given.measure, "from_year": given.from_year, "bound": given.at_least}
    if given.at_most is not None:
        level |= {"bound": given.at_most, "at_least": False}
    elif given.at_least is None and given.measure not in (None, ServiceLevel.measure):
        words = f"say what {given.measure} is to reach or, with --at-most, to stay within"
        faults.append(Fault("--at-least", "X", NOT_SHOWN, words))
    service = unless_wrong(faults, lambda: ServiceLevel(**_said(level)))
    guarantee = {"probability": given.probability, "confidence": given.confidence, "most": given.replications}
    rule = unless_wrong(faults, lambda: Rule(**_said(guarantee)))
    counts = unless_wrong([], lambda: ServiceLevel(**_said({"from_year": given.from_year})))
    if counts is not None and scenario is not None:
        unless_wrong(faults, lambda: counts.years(scenario))
    if given.cluster is None:
        faults += cli.jobs_faults(given)
    return scenario, service, rule


def _said(flags: Mapping[str, Any]) -> dict[str, Any]:
    """The flags that were given; the others are what their class makes of them."""
    return {name: value for name, value in flags.items() if value is not None}


def _answered(scenario: Scenario, asked: Question, given: argparse.Namespace) -> int:
    """Answer a question of capacity, print the answer and say where it is kept."""
    from sim.inputs.caveats import warnings
    from sim.studies import capacity_study

    for warning in warnings(scenario):
        print(f"Note: {warning}.", file=sys.stderr)
    with cli.executor_of(given) as executor:
        found = capacity_study.answer(scenario, asked, given.out, executor=executor, overwrite=given.overwrite)
    print(f"{scenario.name}: {scenario.question}\n\n{found.text}")
    files = ", ".join(sorted(path.name for path in found.folder.iterdir()))
    print(f"\n{'Held already, nothing run' if found.repeated else 'Written'}: {found.folder}/ ({files})")
    return cli.FAILED if found.failures else cli.DONE


def _recruits(scenario: Scenario, given: argparse.Namespace, faults: list[Fault]) -> Recruits | None:
    """Whom the plan hires, from when, and how many in a quarter."""
    from datetime import date

    from sim.analysis.recruitment import Recruits, limit_of

    role, *others = given.roles or [ROLE]
    if others:
        words = "a plan hires one role; make one for each"
        faults.append(Fault("--role", "ROLE", " ".join(given.roles), words))
    begins = scenario.start
    if given.begins_on is not None:
        try:
            begins = date.fromisoformat(given.begins_on)
        except ValueError:
            faults.append(Fault("--begins", "DATE", given.begins_on, "give a date, such as 2018-04-01"))
    most = unless_wrong(faults, lambda: limit_of(scenario, role, given.offers_a_quarter))
    recruits = Recruits(role, 1 if most is None else most, begins)
    wrong = list(recruits.faults(scenario))
    faults += wrong
    return None if wrong or most is None else recruits


def _posts(scenario: Scenario, recruits: Recruits, given: argparse.Namespace, faults: list[Fault]) -> range:
    """Numbers of posts searched."""
    from sim.analysis.capacity import levels_about

    people = recruits.people(scenario)
    low, high = given.levels or (people, levels_about(people)[-1])
    faults += _range_faults(people, low, high, f"{people}, the people in post,")
    return range(low, high + 1)


def _range_faults(least: int, low: int, high: int, said: str = "0") -> Iterator[Fault]:
    if not least <= low < high <= MOST_PEOPLE:
        words = f"LOW must be less than HIGH, {said} or more, and HIGH no more than {MOST_PEOPLE:,}"
        yield Fault("--between", "LOW HIGH", f"{low} {high}", words)


def _levers(
    scenario: Scenario, given: argparse.Namespace, faults: list[Fault]
) -> tuple[tuple[Staff, ...], tuple[range, ...]]:
    """Whose number is looked for, and in which range."""
    from sim.analysis.capacity import levels_about
    from sim.analysis.levers import Staff

    roles = given.roles or [ROLE]
    levers = tuple(Staff(role, given.region) for role in roles)
    if len(roles) > len(set(roles)) or len(roles) > MOST_ROLES:
        faults.append(Fault("--role", "ROLE", " ".join(roles), "give one role, or two that are not the same"))
    wrong = [fault for lever in levers for fault in lever.faults(scenario)]
    pairs = given.levels or []
    if pairs and len(pairs) != len(levers):
        words = "give one for each role, in their order"
        faults.append(Fault("--between", "LOW HIGH", f"{len(pairs)} ranges", words))
    for low, high in pairs:
        faults += _range_faults(0, low, high)
    if wrong or faults:
        faults += wrong
        return (), ()
    ranges = [range(low, high + 1) for low, high in pairs] or [levels_about(lever.people(scenario)) for lever in levers]
    return levers, tuple(ranges)
