"""A plan of one's own: which visit is which row of it, and what becomes of the rows.

When a visit is asked for, it takes the first row of its authority and kind that no earlier visit has taken and that it
can still meet: the week is not before its window opens, nor so soon that notice cannot be given. Rows that lie before
are passed over. A row that lies long after its latest date is left for a later visit; how long is as long as the window
itself. So a week after the latest date is kept, and the visit is late by plan. Full inspections of all kinds count as
one kind. A visit that finds no row is planned by ``planning.programme``. A visit by video takes none.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from sim.base.calendar import Calendar
from sim.inputs.plan_faults import lead_named, leads_by_name
from sim.inputs.posts import name_of
from sim.inputs.scenario import Scenario
from sim.inputs.visit_plan import PlannedKind, group_of, groups_of
from sim.inputs.windows import Window
from sim.world.entities import Visit
from sim.world.policies import Request

PassedOver = Literal["opens_later", "gone"]
"""Why a visit could not take a row: its window opened only after the week, or the week was too near to give notice."""


class PlannedWeek(NamedTuple):
    """A row of the plan, as all replications share it.

    Attributes
    ----------
    number : int
        Its place among the rows, from 0.
    authority : str
        Whom it is for.
    group : str
        Its kind, see :func:`sim.inputs.visit_plan.group_of`.
    monday : int
        First day of its week.
    lead : str or None
        Who is to lead, by the name in tables of results.
    """

    number: int
    authority: str
    group: PlannedKind
    monday: int
    lead: str | None


def planned_weeks(scenario: Scenario, calendar: Calendar) -> list[PlannedWeek]:
    """Rows of a scenario's plan, in the order of their weeks."""
    rows = scenario.planning.plan or ()
    posts = leads_by_name(scenario.workforce, scenario.authorities_by_region) if rows else {}
    groups = groups_of(scenario.frameworks.values())
    found = [
        PlannedWeek(
            number,
            row.authority,
            groups.get(row.kind, row.kind),
            calendar.day(row.week),
            None if row.lead is None else name_of(lead_named(row.lead, posts)[0], 1),
        )
        for number, row in enumerate(rows)
    ]
    return sorted(found, key=lambda row: (row.monday, row.number))


@dataclass(eq=False, slots=True)
class Taken:
    """What became of a row in one replication.

    Attributes
    ----------
    row : PlannedWeek
        The row.
    visit : Visit or None
        The visit that has taken it, or that had to pass it over; None as long as none was asked for.
    passed_over : str or None
        Why the visit could not take it.
    """

    row: PlannedWeek
    visit: Visit | None = None
    passed_over: PassedOver | None = None


@dataclass(eq=False, slots=True)
class OwnPlan:
    """The rows of the plan in one replication.

    Attributes
    ----------
    rows : list of Taken
        What became of each, in the order of the table.
    """

    rows: list[Taken]
    _waiting: dict[tuple[str, PlannedKind], deque[Taken]] = field(default_factory=dict)

    @classmethod
    def of(cls, weeks: Sequence[PlannedWeek]) -> OwnPlan:
        """Plan of which no visit has taken a row yet."""
        rows = [Taken(week) for week in weeks]
        plan = cls(sorted(rows, key=lambda taken: taken.row.number))
        for taken in rows:
            plan._waiting.setdefault((taken.row.authority, taken.row.group), deque()).append(taken)
        return plan

    def take(self, request: Request) -> tuple[Taken | None, list[Taken]]:
        """Find the row that a visit takes, if any, and those that it passes over."""
        if not self._waiting:
            return None, []
        waiting = self._waiting.get((request.authority.name, group_of(request.kind)))
        passed: list[Taken] = []
        while waiting:
            monday = waiting[0].row.monday
            if monday > latest_of_rows(request.window, request.earliest):
                break
            taken = waiting.popleft()
            if monday >= max(request.window.opens, request.earliest):
                return taken, passed
            taken.passed_over = "opens_later" if monday < request.window.opens else "gone"
            passed.append(taken)
        return None, passed


def latest_of_rows(window: Window, earliest: int) -> int:
    """Last day on which a row may lie that a visit takes."""
    until = window.latest if window.backlog is None else window.backlog.until
    return max(until, window.latest, earliest) + window.latest - window.opens


def hand_over(visit: Visit, taken: Taken | None, passed: Iterable[Taken]) -> None:
    """Tell a visit which row is its own, and the rows which visit it is."""
    for each in passed:
        each.visit = visit
    if taken is not None:
        taken.visit, visit.lead_wanted = visit, taken.row.lead
