"""The programme that can be foreseen at the start: the next visits of each authority, planned as they come into sight.

Nobody knows at the start how an authority will be judged, so nothing is foreseen beyond its next inspection. Up to it
everything goes as expected: contacts fall due as the pathway says, none finds anything that changes the plan, and
monitoring takes the number of visits that is most likely. Joint inspections and engagement meetings are left out: their
dates are drawn. So are authorities that a reorganisation creates. Weeks are those of a plan of one's own, where the
scenario has one, and otherwise of the levelled rule.
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
"""Uniform draw that stands for what is expected."""
WEEKS_OVERDUE = 26
"""Most weeks after the first possible one for which a visit is planned that is overdue already, if it is not part of a
backlog that is spread. The last of them stay empty: ``planning.margin_weeks`` keeps them free."""
Asked = tuple[int, VisitName, Window]
"""Day on which a visit is asked for, its rules and its window."""
Course = Generator[Asked, int, None]
"""Visits of one authority, asked for one after another; the Monday for which each is planned is sent back."""


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
    """Last day for which a visit is planned that is late in any week; a row after it would be left for a later visit.

    Parameters
    ----------
    window : Window
        Window of the visit.
    earliest : int
        First Monday on which it can begin.
    """
    return min(earliest + DAYS_A_WEEK * WEEKS_OVERDUE, latest_of_rows(window, earliest))


def _with_a_choice(request: Request) -> Request:
    """A request for which there is a choice of weeks, even if it is late whenever it begins."""
    window, earliest = request.window, request.earliest
    if window.latest >= earliest or window.backlog is not None:
        return request
    last = latest_of_overdue(window, earliest)
    return replace(request, window=window._replace(latest=last, planned=(earliest, last)))


def _course(authority: AuthorityState, context: ScenarioContext) -> Course:
    """What is expected of one authority up to its next inspection."""
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
    """Monitoring visits from the start on: as many as are most likely, and none finds that it may end.

    Returns
    -------
    tuple of int
        First day after which the re-inspection may be asked for, and the day from which it is reckoned.
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
