"""The programme that can be foreseen at the start: the next visits of each authority, planned as they come into sight.

Nobody knows at the start how an authority will be judged, so nothing is foreseen beyond its next inspection. Up to it
everything goes as expected: focused visits fall due as the pathway says, none finds anything that changes the plan, and
monitoring takes the number of visits that is most likely. Joint inspections and engagement meetings are left out: their
dates are drawn. Weeks are those of a plan of one's own, where the scenario has one, and otherwise of the levelled rule.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heapreplace

from sim.base.calendar import DAYS_A_WEEK, NEVER
from sim.inputs.pathways import Monitoring, VisitName
from sim.inputs.scenario import Scenario
from sim.inputs.shocks import reorganisations
from sim.inputs.windows import (
    Backlog,
    Window,
    focused_before_start,
    monitoring_window,
    next_contact,
)
from sim.world.context import ScenarioContext
from sim.world.entities import AuthorityState, Visit
from sim.world.own_plan import OwnPlan, Taken, hand_over, latest_of_rows
from sim.world.policies import Levelled, Request
from sim.world.weeks_ahead import LimitOnSite, WeeksAhead
from sim.world.world import World

MIDDLE = 0.5
"""Uniform draw that stands for what is expected."""
WEEKS_OVERDUE = 26
"""Most weeks over which visits that are overdue already, and no part of the backlog that is spread, find one; those of
them that ``planning.margin_weeks`` keeps free are the last. Later rows would be left for a later visit."""
Asked = tuple[int, VisitName, Window]
"""Day on which a visit is asked for, its rules and its window."""


@dataclass(frozen=True, eq=False)
class Programme:
    """What can be foreseen.

    Attributes
    ----------
    visits : tuple of Visit
        In the order in which their windows open.
    rows : tuple of Taken
        Rows of a plan of one's own, each with the visit that is expected to take it or to pass it over.
    levelled : Levelled
        The rule, which knows all these visits as planned.
    context : ScenarioContext
        Calendar and frameworks.
    """

    visits: tuple[Visit, ...]
    rows: tuple[Taken, ...]
    levelled: Levelled
    context: ScenarioContext


def expected_programme(scenario: Scenario) -> Programme:
    """Visits that can be foreseen at the start of a scenario, each with its week."""
    context = ScenarioContext(scenario)
    world = World(scenario, 0, context)
    plan = OwnPlan.of(context.planned_weeks)
    limit = LimitOnSite(scenario.planning, context.shocks, context.calendar)
    levelled = Levelled(scenario.planning, WeeksAhead(context.supply, limit), context.calendar)
    ends = {
        name: context.calendar.day(shock.begins_on)
        for _, shock in reorganisations(scenario.shocks)
        for name in shock.abolished
    }
    lives = [_Life(authority, scenario, context) for authority in world.authorities]
    visits: list[Visit] = []
    begun: list[tuple[int, int, Asked, Generator[Asked, int, None]]] = []
    for number, life in enumerate(lives):
        course = life.course()
        asked = next(course, None)
        if asked is not None:
            begun.append((asked[0], number, asked, course))
    heapify(begun)
    while begun:
        day, number, (_, name, window), course = begun[0]
        authority = lives[number].authority
        if day > context.calendar.horizon or day >= ends.get(authority.name, NEVER):
            heappop(begun)
            continue
        framework = context.framework_on(day)
        rules, kind = framework.visits[name], framework.kind(name)
        earliest = rules.earliest_monday(day, context.calendar)
        request = Request(authority, kind, rules, window, earliest, MIDDLE, day)
        row, passed = plan.take(request)
        monday = levelled.monday(_spread(request)) if row is None else row.row.monday
        visit = Visit(len(visits), authority, name, kind, rules, window, monday, [])
        visit.earliest = earliest
        hand_over(visit, row, passed)
        levelled.book(visit, monday)
        visits.append(visit)
        try:
            asked = course.send(monday)
        except StopIteration:
            heappop(begun)
        else:
            heapreplace(begun, (asked[0], number, asked, course))
    return Programme(tuple(visits), tuple(plan.rows), levelled, context)


def _spread(request: Request) -> Request:
    """A request for which there is a choice of weeks, even if it is late whenever it begins."""
    window, earliest = request.window, request.earliest
    if window.latest >= earliest or window.backlog is not None:
        return request
    last = min(earliest + DAYS_A_WEEK * WEEKS_OVERDUE, latest_of_rows(window, earliest))
    return replace(request, window=window._replace(latest=last, planned=(earliest, last)))


class _Life:
    """What is expected of one authority up to its next inspection."""

    def __init__(self, authority: AuthorityState, scenario: Scenario, context: ScenarioContext) -> None:
        self.authority = authority
        self._months = scenario.planning.backlog_months
        self._context = context

    def course(self) -> Generator[Asked, int, None]:
        """Ask for one visit after another; the caller sends back the Monday for which it plans each."""
        authority, calendar = self.authority, self._context.calendar
        first = self._context.framework_on(0)
        today, anchor, monitored = 0, authority.inspected, first.pathways[authority.judgement].monitoring is not None
        if monitored:
            today, anchor = yield from self._monitoring()
        seen = focused_before_start(
            first.pathways[authority.judgement], anchor, calendar.day(first.in_force_from), calendar, MIDDLE
        )
        while True:
            pathway = self._context.framework_on(today).pathways[authority.judgement]
            contact = next_contact(pathway, anchor, seen, (), calendar, today)
            opens, change = max(today, contact.window.opens), self._context.next_framework_day(today)
            if opens >= change:
                today = change
                continue
            today = opens
            if contact.focused is None:
                window, overdue = contact.window, self._context.overdue
                if today == 0 and window.due < 0 and self._months and not monitored:
                    until = calendar.months_after(self._context.backlog_began, self._months)
                    window = window._replace(backlog=Backlog.of(window.due, overdue, until) if until > 0 else None)
                yield today, pathway.inspection, window
                return
            seen = contact.focused
            yield today, "focused", contact.window

    def _monitoring(self) -> Generator[Asked, int, tuple[int, int]]:
        """Monitoring visits from the start on: as many as are most likely, and none finds that it may end.

        Returns
        -------
        tuple of int
            First day after which the re-inspection may be asked for, and the day from which it is reckoned.
        """
        authority, calendar = self.authority, self._context.calendar
        last, today, number, due = authority.publication_day, 0, 0, None
        while (monitoring := self._rules(today)) is not None and number < monitoring.visits["mode"]:
            quarter = DAYS_A_WEEK * monitoring.every_weeks
            if due is None:
                due = calendar.workdays_after(last, monitoring.first_after_working_days)
            if due >= (0 if monitoring.begins_on is None else max(0, calendar.day(monitoring.begins_on))):
                window = monitoring_window(monitoring, due)
                today = max(today, window.opens)
                due = yield today, "monitoring", window
                today = max(today, due)
            number += 1
            last, due = due, due + quarter
        return today, last

    def _rules(self, today: int) -> Monitoring | None:
        return self._context.framework_on(today).pathways[self.authority.judgement].monitoring
