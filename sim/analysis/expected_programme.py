"""Plans the programme that can be foreseen at the start: the next visits of each authority, as their windows open.

At the start nobody knows how an authority will be judged, so nothing is foreseen beyond its next inspection. Until then
everything goes as expected: contacts fall due as the pathway says, none finds anything that changes the plan, and
monitoring takes the most likely number of visits. Joint inspections and engagement meetings are left out, because their
dates are drawn. So are authorities that a reorganisation creates. Weeks come from the user's own plan if the scenario
has one, and otherwise from the levelled rule.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heapreplace

from sim.analysis.programme_figures import abolished
from sim.base.calendar import DAYS_A_WEEK, NEVER
from sim.inputs.pathways import Monitoring, OnTheWay, VisitName
from sim.inputs.scenario import Scenario
from sim.inputs.windows import Window, monitoring_window, next_contact, seen_before_start
from sim.world.backlog import Backlogs
from sim.world.context import ScenarioContext
from sim.world.entities import AuthorityState, Visit
from sim.world.own_plan import OwnPlan, Taken, hand_over, latest_of_rows
from sim.world.policies import Levelled, Request
from sim.world.weeks_ahead import LimitOnSite, WeeksAhead
from sim.world.world import World

MIDDLE = 0.5
"""Uniform draw that stands for the expected case."""
WEEKS_OVERDUE = 26
"""Most weeks after the first possible one for which an overdue visit is planned, unless its backlog is spread. The last
of these weeks stay empty, because ``planning.margin_weeks`` keeps them free.
"""
Asked = tuple[int, VisitName, Window]
"""Day of a visit's request, name of its rules, and its window."""
Course = Generator[Asked, int, None]
"""Visits of one authority, requested one after another; the caller sends back the Monday planned for each."""


@dataclass(frozen=True, eq=False)
class Programme:
    """Hold the visits that can be foreseen.

    Attributes
    ----------
    visits : tuple of Visit
        Visits in the order in which their windows open.
    rows : tuple of Taken
        Rows of a user's own plan, each with the visit expected to take it or pass it over.
    levelled : Levelled
        The rule, which has all these visits as planned.
    context : ScenarioContext
        Calendar and frameworks.
    """

    visits: tuple[Visit, ...]
    rows: tuple[Taken, ...]
    levelled: Levelled
    context: ScenarioContext


def expected_programme(scenario: Scenario) -> Programme:
    """Plan the visits that can be foreseen at the start of a scenario."""
    context = ScenarioContext(scenario)
    authorities = World(scenario, 0, context).authorities
    backlogs = Backlogs(context, scenario.planning)
    plan = OwnPlan.of(context.planned_weeks)
    limit = LimitOnSite(scenario.planning, context.shocks, context.calendar)
    levelled = Levelled(scenario.planning, WeeksAhead(context.supply, limit), context.calendar, context.shocks)
    ends = {name: context.calendar.day(day) for name, day in abolished(scenario).items()}
    visits: list[Visit] = []
    begun: list[tuple[int, int, Asked, Course]] = []
    for number, authority in enumerate(authorities):
        course = _course(authority, context)
        asked = next(course, None)
        if asked is not None:
            begun.append((asked[0], number, asked, course))
    heapify(begun)
    while begun:
        day, number, (_, name, window), course = begun[0]
        authority = authorities[number]
        if day > context.calendar.horizon or day >= ends.get(authority.name, NEVER):
            heappop(begun)
            continue
        framework = context.framework_on(day)
        rules, kind = framework.visits[name], framework.kind(name)
        if kind.gives_judgement:
            waiting = (authorities[each] for _, each, *_ in begun[1:])
            others = (each for each in waiting if day < ends.get(each.name, NEVER))
            window = window._replace(backlog=backlogs.place(authority, window, day, others))
        earliest = rules.earliest_monday(day, context.calendar)
        request = Request(authority, kind, rules, window, earliest, MIDDLE, day)
        row, passed = plan.take(request)
        monday = levelled.monday(_with_a_choice(request)) if row is None else row.row.monday
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


def latest_of_overdue(window: Window, earliest: int) -> int:
    """Return the last day for which to plan a visit that is late in any week; a later row is left for a later visit.

    Parameters
    ----------
    window : Window
        Window of the visit.
    earliest : int
        First Monday on which it can begin.
    """
    return min(earliest + DAYS_A_WEEK * WEEKS_OVERDUE, latest_of_rows(window, earliest))


def _with_a_choice(request: Request) -> Request:
    """Return a request that allows a choice of weeks, even if the visit is late in every one."""
    window, earliest = request.window, request.earliest
    if window.latest >= earliest or window.backlog is not None:
        return request
    last = latest_of_overdue(window, earliest)
    return replace(request, window=window._replace(latest=last, planned=(earliest, last)))


def _course(authority: AuthorityState, context: ScenarioContext) -> Course:
    """Yield the requests expected from one authority up to its next inspection."""
    calendar, first = context.calendar, context.framework_on(0)
    today, anchor = 0, authority.inspected
    if first.pathways[authority.judgement].monitoring is not None:
        today, anchor = yield from _monitoring(authority, context)
    in_force_from = calendar.day(first.in_force_from)
    seen = seen_before_start(first.pathways[authority.judgement], anchor, in_force_from, calendar, lambda _: MIDDLE)
    while True:
        pathway = context.framework_on(today).pathways[authority.judgement]
        contact = next_contact(pathway, anchor, seen, (), calendar, today)
        opens, change = max(today, contact.window.opens), context.next_framework_day(today)
        if opens >= change:
            today = change
            continue
        today = opens
        if contact.of is None:
            yield today, pathway.inspection, contact.window
            return
        seen[contact.of.name] = contact.number
        yield today, contact.of.kind, contact.window


def _monitoring(authority: AuthorityState, context: ScenarioContext) -> Generator[Asked, int, tuple[int, int]]:
    """Yield the monitoring visits from the start on: the most likely number, none of which ends monitoring early.

    Returns
    -------
    tuple of int
        First day on which the re-inspection may be requested, and the day from which its interval counts.
    """
    calendar = context.calendar
    last, today, number, due = authority.publication_day, 0, 0, None

    def found(day: int) -> OnTheWay[Monitoring] | None:
        return context.framework_on(day).pathways[authority.judgement].monitoring

    while (contact := found(today)) is not None and number < contact.rules.visits["mode"]:
        monitoring = contact.rules
        quarter = DAYS_A_WEEK * monitoring.every_weeks
        if due is None:
            due = calendar.workdays_after(last, monitoring.first_after_working_days)
        if due >= (0 if monitoring.begins_on is None else max(0, calendar.day(monitoring.begins_on))):
            window = monitoring_window(monitoring, due)
            today = max(today, window.opens)
            due = yield today, contact.kind, window
            today = max(today, due)
        number += 1
        last, due = due, due + quarter
    return today, last
