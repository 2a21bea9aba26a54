"""What the minimal models need of a scenario: team sizes, days, intervals, in plain data, read before any clock starts.

A minimal model knows no calendar. Its day is a working day, of which there are five a week: whatever a framework says
in months or weeks is turned into working days, without bank holidays or closed weeks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.base.calendar import DAYS_A_WEEK, DAYS_A_YEAR, MONTHS_A_YEAR, WEEKDAYS
from sim.inputs.framework import Framework, Kind, Role, Size, VisitRules
from sim.inputs.grades import JUDGEMENTS, Judgement
from sim.inputs.pathways import Pathway, VisitName
from sim.inputs.ratings import Ratings
from sim.inputs.scenario import Scenario

WORKING_DAYS_A_YEAR = DAYS_A_YEAR * WEEKDAYS / DAYS_A_WEEK
WORKING_DAYS_A_MONTH = WORKING_DAYS_A_YEAR / MONTHS_A_YEAR


@dataclass(frozen=True, slots=True)
class VisitPlan:
    """One kind of visit.

    Attributes
    ----------
    kind : str
        What it is called.
    priority : int
        Order in which the pool serves requests; 1 comes first.
    team : dict of str to int
        People, the lead among them, by size of the authority.
    preparation, fieldwork, reporting : float
        Working days: the lead's before the first day on site, those from the first to the last on site, and those from
        there to the report, or of writing up where there is no report.
    """

    kind: Kind
    priority: int
    team: Mapping[Size, int]
    preparation: float
    fieldwork: float
    reporting: float


@dataclass(frozen=True, slots=True)
class Course:
    """What follows a judgement.

    Attributes
    ----------
    contacts : tuple of (VisitPlan, float)
        Focused or monitoring visits, each with the working days from the last inspection to its due date.
    inspection, longer : VisitPlan
        The next inspection, and the one given instead where there are signs of decline.
    longer_share : float
        Share of inspections that are of the longer kind.
    interval : float
        Working days from the last inspection, or from the last monitoring visit, to the due date of the next.
    planned : tuple of float
        Earliest and latest planned start, in working days from the due date.
    monitored : bool
        Whether the interval counts from the last of the contacts.
    outcome : tuple of float
        Probability of each judgement of the next inspection, best first.
    """

    contacts: tuple[tuple[VisitPlan, float], ...]
    inspection: VisitPlan
    longer: VisitPlan
    longer_share: float
    interval: float
    planned: tuple[float, float]
    monitored: bool
    outcome: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Authority:
    """One authority at the start: size, judgement, and working days (negative) of its last inspection."""

    size: Size
    judgement: Judgement
    inspected: float


@dataclass(frozen=True, slots=True)
class Sector:
    """All that a minimal model is made from.

    Attributes
    ----------
    authorities : tuple of Authority
        Starting position.
    courses : dict of str to Course
        What follows each judgement.
    meeting : VisitPlan or None
        The engagement meeting, if there is one.
    meeting_interval : float
        Working days from one meeting to the next.
    inspectors : int
        People in the pool: full-time equivalents of the roles that make up teams.
    horizon : float
        Working days simulated.
    """

    authorities: tuple[Authority, ...]
    courses: Mapping[Judgement, Course]
    meeting: VisitPlan | None
    meeting_interval: float
    inspectors: int
    horizon: float


def sector_of(scenario: Scenario) -> Sector:
    """The sector of a scenario, under the last of its frameworks from the first day on."""
    framework = scenario.frameworks[scenario.framework[-1]]
    plans = {name: _plan(framework.kind(name).name, rules) for name, rules in framework.visits.items()}
    days_back = WEEKDAYS / DAYS_A_WEEK
    engagement = framework.engagement
    return Sector(
        authorities=tuple(
            Authority(row.size, row.judgement, -(scenario.start - row.inspected_on).days * days_back)
            for row in scenario.authorities
        ),
        courses={
            judgement: _course(judgement, framework.pathways[judgement], plans, scenario.ratings)
            for judgement in JUDGEMENTS
        },
        meeting=None if engagement is None else plans["engagement"],
        meeting_interval=0.0 if engagement is None else engagement.every_months * WORKING_DAYS_A_MONTH,
        inspectors=_pool(scenario, framework),
        horizon=scenario.years * WORKING_DAYS_A_YEAR,
    )


def _plan(kind: Kind, rules: VisitRules) -> VisitPlan:
    """A visit for which the whole team stays as long as the fieldwork lasts, whatever its role."""
    sizes = rules.team["lead"].people
    lead, report = rules.team["lead"], rules.publication
    return VisitPlan(
        kind=kind,
        priority=rules.priority,
        team={size: sum(seat.people[size] for seat in rules.team.values()) for size in sizes},
        preparation=lead.preparation_days,
        fieldwork=rules.fieldwork_days,
        reporting=max(lead.writing_up_days, 0.0 if report is None else report.median_days),
    )


def _course(judgement: Judgement, pathway: Pathway, plans: Mapping[VisitName, VisitPlan], ratings: Ratings) -> Course:
    inspection, monitored = plans[pathway.inspection], pathway.monitoring is not None
    contacts = tuple(_contacts(pathway, plans))
    interval = pathway.interval_months * WORKING_DAYS_A_MONTH
    due = interval + (contacts[-1][1] if monitored and contacts else 0.0)
    quality = _quality(judgement, due, ratings)
    longer = pathway.longer
    return Course(
        contacts=contacts,
        inspection=inspection,
        longer=inspection if longer is None else plans[longer.inspection],
        longer_share=0.0 if longer is None else float(quality @ [longer.share[grade] for grade in JUDGEMENTS]),
        interval=interval,
        planned=(
            pathway.planned_from_months * WORKING_DAYS_A_MONTH,
            pathway.planned_to_months * WORKING_DAYS_A_MONTH,
        ),
        monitored=monitored,
        outcome=tuple(
            float(quality @ [ratings.judging[true].get(given, 0.0) for true in JUDGEMENTS]) for given in JUDGEMENTS
        ),
    )


def _contacts(pathway: Pathway, plans: Mapping[VisitName, VisitPlan]) -> Iterator[tuple[VisitPlan, float]]:
    """Visits between two inspections, with the working days from the last one's fieldwork to their due dates."""
    for contact in pathway.between:
        visits = contact.rules.most
        shares = contact.rules.due_shares or tuple(number / (visits + 1) for number in range(1, visits + 1))
        for share in shares:
            yield plans[contact.kind], pathway.interval_months * share * WORKING_DAYS_A_MONTH
    if pathway.monitoring is not None:
        monitoring = pathway.monitoring.rules
        first = plans[pathway.inspection].reporting + monitoring.first_after_working_days
        for number in range(monitoring.visits["mode"]):
            yield plans[pathway.monitoring.kind], first + number * monitoring.every_weeks * WEEKDAYS


def _quality(judgement: Judgement, working_days: float, ratings: Ratings) -> NDArray[np.float64]:
    """Probability of each true quality some working days after an inspection that gave a judgement, best first."""
    then = np.array(ratings.weights_given(judgement))
    return ratings.drifted(then / then.sum(), round(working_days * DAYS_A_WEEK / WEEKDAYS))


def _pool(scenario: Scenario, framework: Framework) -> int:
    """Full-time equivalents of every role with a seat on a team; a pool does not tell the roles apart."""
    roles: set[Role] = {seat.role for rules in framework.visits.values() for seat in rules.team.values()}
    there = scenario.workforce.roles
    return round(sum(there[role].people * there[role].programme_share for role in roles))
