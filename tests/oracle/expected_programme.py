"""Visits that no pathway asks for, as expected numbers: joint inspections, engagement meetings, visits by video."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from sim.base.calendar import DAYS_A_WEEK
from sim.inputs.framework import Kind, VisitRules
from sim.inputs.shocks import Pause
from sim.inputs.windows import Window
from tests.oracle.expected_dates import Dates
from tests.oracle.expected_strands import BySize, Strands

if TYPE_CHECKING:
    from sim.inputs.scenario import Scenario
    from sim.world.context import ScenarioContext


BY_VIDEO: tuple[Kind, Kind] = ("monitoring", "focused")
"""Kinds of the visits by video of the frameworks that ship."""


class JointChance:
    """How likely a joint inspection of one authority is.

    Parameters
    ----------
    context : ScenarioContext
        The calendar, and how many authorities there are.
    joint : sequence of (int, VisitRules, float)
        Joint inspections expected to begin on each Monday.
    """

    def __init__(self, context: ScenarioContext, joint: Sequence[tuple[int, VisitRules, float]]) -> None:
        self._calendar = context.calendar
        self._of_one = [(monday, number / context.authorities_on(monday).total()) for monday, _, number in joint]
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


def fixed(monday: int) -> Window:
    """Window of a visit whose date is fixed."""
    return Window(monday, monday, monday, (monday, monday))


def joint_inspections(context: ScenarioContext, dates: Dates) -> Iterator[tuple[int, VisitRules, float]]:
    """Joint inspections expected on each Monday, with their rules; see :func:`sim.world.programme.inspect_jointly`."""
    calendar = context.calendar
    for year in range(calendar.start.year, calendar.date(calendar.horizon).year + 1):
        first = calendar.day(date(year, 1, 1))
        framework = context.framework_on(max(0, first))
        if framework.joint is None or not framework.joint.high_a_year:
            continue
        rules = framework.visits["joint"]
        ahead = DAYS_A_WEEK * (rules.notice_weeks + 1)
        mondays = calendar.starts_of_year(rules.weeks_on_site, year)
        there = context.authorities_on(max(0, first - ahead)).total()
        nationally = (framework.joint.low_a_year + framework.joint.high_a_year) / 2
        number = min(there, nationally * there / framework.joint.among_authorities)
        for monday in mondays:
            asked = max(0, first - ahead, monday - ahead)
            joint = context.framework_on(asked).joint
            none_yet = joint is None or (joint.begins_on is not None and calendar.date(monday) < joint.begins_on)
            if none_yet or monday < rules.earliest_monday(max(0, first - ahead), calendar):
                continue
            if context.shocks.paused("joint", monday, rules.fieldwork_end(monday)):
                continue
            called = dates.frameworks[dates.place(max(asked, dates.called_on(rules, monday)))]
            if called.joint is not None:
                yield monday, called.visits["joint"], number / len(mondays)


def engagement_meetings(dates: Dates, strands: Strands) -> Iterator[tuple[Window, VisitRules, BySize]]:
    """Engagement meetings, with the authorities by size that have one due; see :func:`meet_yearly`."""
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


def visits_by_video(
    scenario: Scenario, context: ScenarioContext, dates: Dates
) -> Iterator[tuple[Kind, VisitRules, int, float]]:
    """Visits by video on each Monday; see :func:`sim.world.shock_processes.visit_by_video`."""
    calendar = context.calendar
    for shock in scenario.shocks.values():
        if not isinstance(shock, Pause) or shock.virtual is None or shock.virtual.ends_on < calendar.start:
            continue
        first, last = calendar.day(shock.virtual.begins_on), calendar.day(shock.virtual.ends_on)
        visits = context.framework_on(first).visits
        asked = max(0, first - DAYS_A_WEEK * (1 + max(visits[kind].notice_weeks for kind in BY_VIDEO)))
        inadequate = round(shock.virtual.visits * shock.virtual.inadequate_share)
        for kind, count in zip(BY_VIDEO, (inadequate, shock.virtual.visits - inadequate), strict=True):
            rules = dates.frameworks[dates.place(asked)].visits[kind]
            earliest = max(first, rules.earliest_monday(asked, calendar))
            starts = calendar.starts_between(rules.weeks_on_site, earliest, last)
            mondays = [monday for monday in starts if rules.fieldwork_end(monday) <= last]
            for monday in mondays:
                yield kind, rules, monday, count / len(mondays)
