"""The offered load: inspector-days that fall due in each financial year, worked out without a simulation.

The work that arrives is one thing, and how long it waits for people another. What arrives follows from the starting
position, the frameworks and the drift of quality alone, as long as nobody waits; it is computed here as an expectation.
The offered load of a queue is what it would have in service with as many servers as it likes (W. Whitt, Offered load
analysis for staffing, Manufacturing & Service Operations Management, 2013): the first figure of any staffing. What a
simulation adds to it is queueing, teams that cannot be divided, and people's calendars.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.inputs.framework import KINDS, SIZES, Framework, Kind, VisitRules
from sim.inputs.grades import JUDGEMENTS, Judgement
from sim.inputs.parameter_draws import factors, varied
from sim.inputs.ratings import Ratings
from sim.inputs.shocks import Pause, reorganisations
from sim.inputs.windows import Window
from sim.runs.measures import Years
from sim.world.context import Axes, intelligence_days
from tests.oracle.expected_dates import Dates, thinned
from tests.oracle.expected_life import Lives
from tests.oracle.expected_programme import (
    JointChance,
    engagement_meetings,
    fixed,
    joint_inspections,
    visits_by_video,
)
from tests.oracle.expected_quality import ExpectedQuality, Numbers
from tests.oracle.expected_strands import Strands

if TYPE_CHECKING:
    import pandas as pd

    from sim.inputs.scenario import Scenario
    from sim.world.context import ScenarioContext

DESK_WORK = "desk_work"
"""What is no visit: oversight, intelligence and complaints."""
DRAWS_TAKEN = 100
"""Draws of the parameters over which the mean is taken, spread evenly over the table of draws."""


@dataclass(frozen=True)
class OfferedLoad:
    """Work that falls due, as an expectation.

    Attributes
    ----------
    years : tuple of str
        Financial years that the scenario touches; the first and the last may be parts of a year.
    days : pandas.DataFrame
        Columns ``financial_year``, ``kind`` (of visit, or ``desk_work``), ``role`` and ``days``: inspector-days due, as
        the measure ``inspector_days_due`` counts them (without travel, oversight as desk work).
    leaves_out : tuple of str
        Sentences: what of this scenario is not in the figures.
    """

    years: tuple[str, ...]
    days: pd.DataFrame
    leaves_out: tuple[str, ...]


def offered_load(scenario: Scenario) -> OfferedLoad:
    """Inspector-days expected to fall due in each financial year if no visit ever waits for people.

    Parameters
    ----------
    scenario : Scenario
        Any scenario; how many people it has makes no difference.

    Returns
    -------
    OfferedLoad
        The mean over chance and, if the scenario takes draws of the parameters, over at most ``DRAWS_TAKEN`` of them.
        It is no estimate: no random number goes into it.
    """
    import pandas as pd

    from sim.world.context import ScenarioContext

    context = ScenarioContext(scenario)
    years, days = days_due(scenario, context, ratings_taken(scenario))
    kinds: tuple[str, ...] = (*KINDS, DESK_WORK)
    roles = tuple(scenario.workforce.roles)
    rows = [
        (years[year], kinds[kind], roles[role], days[year, kind, role].mean())
        for year, kind, role in np.argwhere(days.any(axis=3))
    ]
    table = pd.DataFrame(rows, columns=["financial_year", "kind", "role", "days"])
    return OfferedLoad(years, table, tuple(_left_out(scenario)))


def ratings_taken(scenario: Scenario) -> list[Ratings]:
    """Ratings over which the mean is taken: those of draws spread evenly over the table, or the scenario's own."""
    if scenario.draws is None:
        return [scenario.ratings]
    places = range(len(next(iter(scenario.draws.values()))))
    return [varied(scenario.ratings, factors(scenario.draws, place)) for place, _ in thinned(places, DRAWS_TAKEN)]


def days_due(
    scenario: Scenario, context: ScenarioContext, ratings: Sequence[Ratings]
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Inspector-days expected to fall due under each of some ratings, say those of the draws that some runs take.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    context : ScenarioContext
        What its replications share.
    ratings : sequence of Ratings
        Drift and judgement.

    Returns
    -------
    tuple of str, and ndarray of shape (years, kinds + 1, roles, ratings)
        Names of the years; days by year, kind in the order of ``KINDS`` with desk work last, and role in the order of
        the scenario's workforce.
    """
    strands, dates = Strands(scenario, context), Dates(context)
    ledger = Ledger(scenario, context, strands, len(ratings))
    joint = list(joint_inspections(context, dates))
    chance = JointChance(context, joint)
    for climate, rows in strands.by_climate().items():
        lives = Lives(scenario, dates, ExpectedQuality(ratings, climate), ledger.add, chance.replaces)
        for (judgement, inspected), numbers in rows.items():
            lives.begin(judgement, inspected, numbers)
        lives.run()
    for monday, rules, number in joint:
        ledger.add_of_all("joint", rules, fixed(monday), number)
    for kind, rules, monday, number in visits_by_video(scenario, context, dates):
        ledger.add_of_all(kind, rules, fixed(monday), number)
    for window, rules, by_size in engagement_meetings(dates, strands):
        ledger.add_by_size("engagement", rules, window, by_size[:, None])
    return tuple(ledger.years.names), ledger.days + ledger.intelligence()[:, :, :, None]


class Ledger:
    """Inspector-days due, added up.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    context : ScenarioContext
        Its calendar and frameworks.
    strands : Strands
        Authorities that are counted apart.
    draws : int
        Draws of the parameters.

    Attributes
    ----------
    years : Years
        Financial years.
    days : ndarray, shape (years, kinds + 1, roles, draws)
        Inspector-days so far.
    """

    def __init__(self, scenario: Scenario, context: ScenarioContext, strands: Strands, draws: int) -> None:
        self._groundwork = context
        self._strands = strands
        self._axes = Axes(context.calendar, tuple(scenario.workforce.roles), scenario.workforce.regions)
        self._roles = len(scenario.workforce.roles)
        self._teams: dict[int, tuple[VisitRules, NDArray[np.float64]]] = {}
        self.years = Years.of(context.calendar)
        self._year_of_week = self.years.of_day[np.maximum(self._axes.weeks, 0)]
        self.days = np.zeros((len(self.years.names), len(KINDS) + 1, self._roles, draws))

    def add(self, kind: Kind, rules: VisitRules, window: Window, numbers: Numbers) -> None:
        """Visits to so many authorities of each strand; those due after the last day simulated are none."""
        by_strand = numbers.sum(axis=1)
        self.add_by_size(kind, rules, window, self._strands.sizes_on(window.due).T @ by_strand)

    def add_of_all(self, kind: Kind, rules: VisitRules, window: Window, number: float) -> None:
        """So many visits, any authority being as likely to have one as another."""
        everybody = self._strands.everybody(window.due)
        self.add_by_size(kind, rules, window, number * everybody[:, None] / everybody.sum())

    def add_by_size(self, kind: Kind, rules: VisitRules, window: Window, by_size: NDArray[np.float64]) -> None:
        """Visits to authorities by size, shape (sizes, draws); as sim.record.workload counts what is due."""
        if window.due > self._groundwork.calendar.horizon:
            return
        year = self._year_of_week[max(0, self._axes.week(window.due))]
        self.days[year, KINDS.index(kind)] += self._team(rules) @ by_size
        overseer = self._groundwork.framework_on(max(0, window.opens)).desk_work.oversight_role
        self.days[year, -1, self._axes.role[overseer]] += rules.oversight_days * by_size.sum(axis=0)

    def intelligence(self) -> NDArray[np.float64]:
        """Reading of intelligence and complaints, shape (years, kinds + 1, roles)."""
        found = np.zeros(self.days.shape[:3])
        np.add.at(found[:, -1], self._year_of_week, intelligence_days(self._groundwork, self._axes).sum(axis=2))
        return found

    def _team(self, rules: VisitRules) -> NDArray[np.float64]:
        """Inspector-days of one visit by role and size; shape (roles, sizes)."""
        if id(rules) not in self._teams:
            days = np.zeros((self._roles, len(SIZES)))
            for seat in rules.team.values():
                days[self._axes.role[seat.role]] += [seat.people[size] * seat.days for size in SIZES]
            self._teams[id(rules)] = rules, days  # an id stands for rules only while they live
        return self._teams[id(rules)][1]


def _left_out(scenario: Scenario) -> Iterator[str]:
    """What of a scenario is not in its offered load."""
    yield "A visit does not wait for another one that is on site at the same authority."
    frameworks = [scenario.frameworks[name] for name in scenario.framework]
    pathways = [pathway for framework in frameworks for pathway in framework.pathways.values()]
    contacts = [contact.rules for pathway in pathways for contact in pathway.between]
    if any(rules.most > 1 and rules.brings_forward_share for rules in contacts):
        yield "Of the focused visits between two inspections only the first to do so brings the next one forward."
    if any(len(_lengths(frameworks, judgement)) > 1 for judgement in JUDGEMENTS):
        yield "How many monitoring visits there are is drawn anew when another framework asks for other numbers."
    contact = scenario.ratings.contact
    if contact.months and (contact.improvement or contact.decline):
        yield "That visits change the drift of quality for some months (ratings.contact) is left out."
    if scenario.position.stand_in:
        yield "The judgements that stand in for unknown ones (position.stand_in) are taken for what they say."
    if scenario.planning.most_inspections is not None:
        yield "That only so many inspections are on site in one week (planning.most_inspections) is left out."
    if any(True for _ in reorganisations(scenario.shocks)):
        yield "Authorities that a reorganisation creates go on as the mean of those abolished, not as the worst judged."
    if any(isinstance(shock, Pause) and shock.virtual is not None for shock in scenario.shocks.values()):
        yield "Visits by video go to authorities of every size alike, and there are as many as were asked for."
    if scenario.draws is not None:
        draws = len(next(iter(scenario.draws.values())))
        if draws > DRAWS_TAKEN:
            yield f"Of {draws} draws of drift and judgement {DRAWS_TAKEN} are taken, spread evenly over their table."


def _lengths(frameworks: Sequence[Framework], judgement: Judgement) -> set[tuple[int, int, int]]:
    """Numbers of monitoring visits that frameworks ask for after a judgement."""
    rules = [framework.pathways[judgement].monitoring for framework in frameworks]
    visits = [contact.rules.visits for contact in rules if contact is not None]
    return {(each["low"], each["mode"], each["high"]) for each in visits}
