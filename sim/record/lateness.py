"""Explains, week by week, what late inspections waited for.

An inspection is late if its fieldwork begins after its latest date, or has not begun by the end of the run although
that date has passed. The account starts on the Monday for which the inspection was last planned, or on the last Monday
that would have been in time, whichever is earlier. It ends on the Monday on which fieldwork begins, or on the last
Monday on which the planner looked. Each Monday on which the inspection did not begin has one reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from sim.base.calendar import DAYS_A_WEEK, Calendar
from sim.inputs.framework import Role
from sim.inputs.reasons import REASONS, Reason
from sim.inputs.shocks import Disturbances
from sim.world.entities import Visit
from sim.world.obstacles import CLOSED, Obstacle


class WaitRow(NamedTuple):
    """Describe the weeks in which one reason delayed a late inspection; ``role`` is the role of the seat left empty."""

    visit: int
    reason: Reason
    role: Role | None
    weeks: int


def waits_of(visit: Visit, last_call: int, calendar: Calendar, shocks: Disturbances) -> list[WaitRow]:
    """Count the weeks that a late inspection waited, by reason, in the order of the reasons.

    Parameters
    ----------
    visit : Visit
        A late inspection.
    last_call : int
        Last Monday on which the planner formed teams.
    calendar : Calendar
        Working calendar.
    shocks : Disturbances
        Shocks of the scenario.
    """
    in_time = calendar.week_of(visit.window.latest)
    first, begins = min(visit.planned, in_time), visit.fieldwork_start
    if begins is None:
        begins = max(last_call + DAYS_A_WEEK * visit.rules.notice_weeks, in_time) + DAYS_A_WEEK
    waited = visit.waited
    weeks = Counter(
        waited.get(monday) or Obstacle(_before_the_planned_week(visit, monday, calendar, shocks))
        for monday in range(first, begins, DAYS_A_WEEK)
    )
    ordered = sorted(weeks, key=lambda each: (REASONS.index(each.reason), each.role or ""))
    return [WaitRow(visit.serial, *obstacle, weeks[obstacle]) for obstacle in ordered]


def main_reason(weeks: Mapping[Reason, int]) -> Reason:
    """Return the reason for most weeks of waiting; of equally frequent reasons, the first in the order of ``REASONS``.

    Closed weeks count only if there is no other reason. They are known in advance, so inspections are planned for open
    weeks. An inspection meets closed weeks only because something else delayed it first.
    """
    others = [reason for reason in REASONS if reason in weeks and reason != CLOSED.reason]
    return max(others, key=lambda reason: weeks[reason]) if others else CLOSED.reason


def _before_the_planned_week(visit: Visit, monday: int, calendar: Calendar, shocks: Disturbances) -> Reason:
    """Explain why an inspection did not begin on a Monday on which the planner did not try.

    If a new framework requires longer notice, this also happens on some Mondays after the planned one.
    """
    asked, latest = visit.window_asked, visit.window.latest
    sooner = latest < asked.latest and (visit.planned <= asked.latest or monday < calendar.week_of(asked.latest))
    if sooner or monday >= visit.planned:
        return "new_rules"
    if asked.due < 0:
        return "backlog"
    begins = visit.rules.begins_on
    if begins is not None and monday < calendar.day(begins):
        return "new_rules"
    if monday < visit.earliest:
        return "reorganisation" if asked.opens < visit.authority.begins else "notice"
    if shocks.paused(visit.kind, monday, visit.rules.fieldwork_end(monday)):
        return "pause"
    could_begin = calendar.starts_between(visit.rules.weeks_on_site, visit.earliest, asked.latest)
    return "plan" if could_begin else "closed_weeks"
