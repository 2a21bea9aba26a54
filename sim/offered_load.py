"""The offered load: inspector-days that fall due in each financial year, worked out without a simulation.

The work that arrives is one thing, and how long it waits for people another. What arrives follows from the starting
position, the frameworks and the drift of quality alone, as long as nobody waits; it is computed here as an expectation.
The offered load of a queue is what it would have in service with as many servers as it likes (W. Whitt, Offered load
analysis for staffing, Manufacturing & Service Operations Management, 2013): the first figure of any staffing. What a
simulation adds to it is queueing, teams that cannot be divided, and people's calendars.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.expected_dates import Dates, thinned
from sim.expected_life import Lives
from sim.expected_quality import ExpectedQuality, Numbers
from sim.expected_strands import Strands
from sim.framework import KINDS, SIZES, Kind, Role, VisitRules, Window
from sim.measures import Years
from sim.ratings import Ratings
from sim.shocks import BY_VIDEO, Pause, reorganisations
from sim.uncertainty import factors, varied
from sim.workdays import DAYS_A_WEEK

if TYPE_CHECKING:
    import pandas as pd

    from sim.model import Groundwork
    from sim.scenario import Scenario

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
        The mean over chance and, if the scenario takes draws of the parameters, over at most a hundred of them. It is no
        estimate: it has no standard error, and no random number goes into it.
    """
    import pandas as pd

    from sim.model import Groundwork

    groundwork = Groundwork(scenario)
    years, days = days_due(scenario, groundwork, ratings_taken(scenario))
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
    scenario: Scenario, groundwork: Groundwork, ratings: Sequence[Ratings]
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Inspector-days expected to fall due under each of some ratings, say those of the draws that some runs take.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    groundwork : Groundwork
        What its replications share.
    ratings : sequence of Ratings
        Drift and judgement.

    Returns
    -------
    tuple of str, and ndarray of shape (years, kinds + 1, roles, ratings)
        Names of the years; days by year, kind in the order of ``KINDS`` with desk work last, and role in the order of
        the scenario's workforce.
    """
    strands, dates = Strands(scenario, groundwork), Dates(groundwork)
    ledger = Ledger(scenario, groundwork, strands, len(ratings))
    joint = list(_joint_inspections(groundwork, dates))
    chance = JointChance(groundwork, joint)
    for climate, rows in strands.by_climate().items():
        lives = Lives(scenario, dates, ExpectedQuality(ratings, climate), ledger.add, chance.replaces)
        for (judgement, inspected), numbers in rows.items():
            lives.begin(judgement, inspected, numbers)
        lives.run()
    for monday, rules, number in joint:
        ledger.add_of_all("joint", rules, _on(monday), number)
    for kind, rules, monday, number in _by_video(scenario, groundwork, dates):
        ledger.add_of_all(kind, rules, _on(monday), number)
    for window, rules, by_size in _engagement(dates, strands):
        ledger.add_by_size("engagement", rules, window, by_size[:, None])
    return tuple(ledger.years.names), ledger.days + ledger.intelligence()[:, :, :, None]


class Ledger:
    """Inspector-days due, added up.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    groundwork : Groundwork
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

    def __init__(self, scenario: Scenario, groundwork: Groundwork, strands: Strands, draws: int) -> None:
        from sim.workload import Axes

        self._groundwork = groundwork
        self._strands = strands
        self._axes = Axes(groundwork.calendar, tuple(scenario.workforce.roles), scenario.workforce.regions)
        self._roles = len(scenario.workforce.roles)
        self._teams: dict[int, tuple[VisitRules, NDArray[np.float64]]] = {}
        self.years = Years.of(groundwork.calendar)
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
        """Visits to authorities by size, shape (sizes, draws); as sim.workload counts what is due."""
        if window.due > self._groundwork.calendar.horizon:
            return
        year = self._year_of_week[max(0, self._axes.week(window.due))]
        self.days[year, KINDS.index(kind)] += self._team(rules) @ by_size
        overseer = self._groundwork.framework_on(max(0, window.opens)).desk_work.oversight_role
        self.days[year, -1, self._axes.role[overseer]] += rules.oversight_days * by_size.sum(axis=0)

    def intelligence(self) -> NDArray[np.float64]:
        """Reading of intelligence and complaints, shape (years, kinds + 1, roles)."""
        from sim.workload import intelligence_days

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


class JointChance:
    """How likely a joint inspection of one authority is.

    Parameters
    ----------
    groundwork : Groundwork
        The calendar, and how many authorities there are.
    joint : sequence of (int, VisitRules, float)
        Joint inspections expected to begin on each Monday.
    """

    def __init__(self, groundwork: Groundwork, joint: Sequence[tuple[int, VisitRules, float]]) -> None:
        self._calendar = groundwork.calendar
        self._of_one = [(monday, number / groundwork.authorities_on(monday).total()) for monday, _, number in joint]
        self._mondays = [monday for monday, _ in self._of_one]

    def between(self, after: int, until: int) -> list[float]:
        """Probability of one in each calendar year, after a day until another; there is at most one in a year."""
        by_year: defaultdict[int, float] = defaultdict(float)
        for monday, chance in self._of_one[bisect_right(self._mondays, after) : bisect_right(self._mondays, until)]:
            by_year[self._calendar.date(monday).year] += chance
        return list(by_year.values())

    def replaces(self, begins: int, opens: Sequence[int], may_replace: int) -> float:
        """Probability that a joint inspection replaces the last of some focused visits.

        Parameters
        ----------
        begins : int
            Day on which the cycle begins; joint inspections since then count.
        opens : sequence of int
            Days on which the focused visits are asked for.
        may_replace : int
            How many of them may be replaced.
        """
        unused: dict[tuple[int, int], float] = {(0, 0): 1.0}
        replaced, since = 0.0, begins
        for day in opens:
            for chance in self.between(since, day):
                unused = _summed(
                    [((left + 1, used), share * chance) for (left, used), share in unused.items()]
                    + [(state, share * (1 - chance)) for state, share in unused.items()]
                )
            able = {state for state in unused if state[0] and state[1] < may_replace}
            replaced = sum(unused[state] for state in able)
            unused = _summed(
                ((left - 1, used + 1) if (left, used) in able else (left, used), share)
                for (left, used), share in unused.items()
            )
            since = max(since, day)
        return replaced


def _summed(parts: Iterable[tuple[tuple[int, int], float]]) -> dict[tuple[int, int], float]:
    found: defaultdict[tuple[int, int], float] = defaultdict(float)
    for state, share in parts:
        found[state] += share
    return dict(found)


def _on(monday: int) -> Window:
    """Window of a visit whose date is fixed."""
    return Window(monday, monday, monday, (monday, monday))


def _joint_inspections(groundwork: Groundwork, dates: Dates) -> Iterator[tuple[int, VisitRules, float]]:
    """Joint inspections expected on each Monday, with their rules; see :func:`sim.model.inspect_jointly`."""
    calendar = groundwork.calendar
    for year in range(calendar.start.year, calendar.date(calendar.horizon).year + 1):
        first = calendar.day(date(year, 1, 1))
        framework = groundwork.framework_on(max(0, first))
        if framework.joint is None or not framework.joint.high_a_year:
            continue
        rules = framework.visits["joint"]
        ahead = DAYS_A_WEEK * (rules.notice_weeks + 1)
        mondays = calendar.starts_of_year(rules.fieldwork_weeks, year)
        there = groundwork.authorities_on(max(0, first - ahead)).total()
        nationally = (framework.joint.low_a_year + framework.joint.high_a_year) / 2
        number = min(there, nationally * there / framework.joint.among_authorities)
        for monday in mondays:
            asked = max(0, first - ahead, monday - ahead)
            joint = groundwork.framework_on(asked).joint
            none_yet = joint is None or (joint.begins_on is not None and calendar.date(monday) < joint.begins_on)
            if none_yet or monday < rules.earliest_monday(max(0, first - ahead), calendar):
                continue
            if groundwork.shocks.paused("joint", monday, rules.fieldwork_end(monday)):
                continue
            called = dates.frameworks[dates.place(max(asked, dates.called_on(rules, monday)))]
            if called.joint is not None:
                yield monday, called.visits["joint"], number / len(mondays)


def _engagement(dates: Dates, strands: Strands) -> Iterator[tuple[Window, VisitRules, NDArray[np.float64]]]:
    """Engagement meetings, with the authorities by size that have one due; see :func:`sim.authority.meet_yearly`."""
    for begins, ends, by_size in strands.cohorts():
        today = begins
        while (engagement := dates.frameworks[dates.place(today)].engagement) is None:
            today = dates.change_after(today)
            if today > dates.calendar.horizon:
                break
        if engagement is None:
            continue
        first_dates = dates.calendar.months_after(0, engagement.every_months)
        for first in range(today, today + first_dates):
            for window, rules, share in _meetings(dates, first, today, ends):
                yield window, rules, by_size * share / first_dates


def _meetings(dates: Dates, due: int, today: int, ends: int) -> Iterator[tuple[Window, VisitRules, float]]:
    """Meetings of an authority whose first one is due on a day, with their rules and the share under these rules."""
    while due <= dates.calendar.horizon and today < ends:
        engagement = dates.frameworks[dates.place(today)].engagement
        if engagement is None:
            today = dates.change_after(today)
            continue
        opens = due - DAYS_A_WEEK * engagement.window_before_weeks
        if opens >= dates.change_after(today):
            today = dates.change_after(today)
            continue
        today = max(today, opens)
        if today >= ends:
            return
        latest = due + DAYS_A_WEEK * engagement.window_after_weeks
        window = Window(opens, due, latest, (due, due + DAYS_A_WEEK - 1))
        for place, rules, mondays, share in dates.by_framework("engagement", window, today):
            held = sum(dates.called_on(rules, monday) < ends for monday in mondays) / len(mondays)
            if held and dates.frameworks[place].engagement is not None:
                yield window, rules, share * held
        due = dates.calendar.months_after(due, engagement.every_months)


def _by_video(
    scenario: Scenario, groundwork: Groundwork, dates: Dates
) -> Iterator[tuple[Kind, VisitRules, int, float]]:
    """Visits by video on each Monday; see :func:`sim.outside.visit_by_video`."""
    calendar = groundwork.calendar
    for shock in scenario.shocks.values():
        if not isinstance(shock, Pause) or shock.virtual is None or shock.virtual.ends_on < calendar.start:
            continue
        first, last = calendar.day(shock.virtual.begins_on), calendar.day(shock.virtual.ends_on)
        visits = groundwork.framework_on(first).visits
        asked = max(0, first - DAYS_A_WEEK * (1 + max(visits[kind].notice_weeks for kind in BY_VIDEO)))
        inadequate = round(shock.virtual.visits * shock.virtual.inadequate_share)
        for kind, count in zip(BY_VIDEO, (inadequate, shock.virtual.visits - inadequate), strict=True):
            rules = dates.frameworks[dates.place(asked)].visits[kind]
            earliest = max(first, rules.earliest_monday(asked, calendar))
            starts = calendar.starts_between(rules.fieldwork_weeks, earliest, last)
            mondays = [monday for monday in starts if rules.fieldwork_end(monday) <= last]
            for monday in mondays:
                yield kind, rules, monday, count / len(mondays)


def _left_out(scenario: Scenario) -> Iterator[str]:
    """What of a scenario is not in its offered load."""
    yield "A visit does not wait for another one that is on site at the same authority."
    frameworks = [scenario.frameworks[name] for name in scenario.framework]
    pathways = [pathway for framework in frameworks for pathway in framework.pathways.values()]
    focused = [pathway.focused for pathway in pathways if pathway.focused is not None]
    if any(rules.visits > 1 and rules.brings_forward_share for rules in focused):
        yield "Of the focused visits between two inspections only the first to do so brings the next one forward."
    lengths = {tuple(pathway.monitoring.visits.items()) for pathway in pathways if pathway.monitoring is not None}
    if len(lengths) > 1:
        yield "How many monitoring visits there are is drawn anew when another framework asks for other numbers."
    contact = scenario.ratings.contact
    if contact.months and (contact.improvement or contact.decline):
        yield "That visits change the drift of quality for some months (ratings.contact) is left out."
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
