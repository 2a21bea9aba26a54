"""Matches visits to the rows of a user's own plan, and records what becomes of the rows.

When a visit is requested, it takes the first row of its authority and kind that no earlier visit has taken and that it
can still meet. It can meet a row if the week is not before its window opens, and leaves time to give notice. Earlier
rows are passed over. A row long after the visit's latest date is left for a later visit; the limit is the length of the
window itself. So a row in a week soon after the latest date is kept, and the plan makes the visit late. All kinds of
full inspection count as one kind. A visit that finds no row is planned by ``planning.programme``. A video visit takes
no row.
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
    """Describe a row of the plan; all replications share it.

    Attributes
    ----------
    number : int
        Index among the rows, from 0.
    authority : str
        Authority to visit.
    group : str
        Kind of visit, see :func:`sim.inputs.visit_plan.group_of`.
    monday : int
        First day of its week.
    lead : str or None
        Lead, by the name in tables of results.
    """

    number: int
    authority: str
    group: PlannedKind
    monday: int
    lead: str | None


def planned_weeks(scenario: Scenario, calendar: Calendar) -> list[PlannedWeek]:
    """Return the rows of a scenario's plan, in the order of their weeks."""
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
    """Record what became of a row in one replication.

    Attributes
    ----------
    row : PlannedWeek
        The row.
    visit : Visit or None
        Visit that has taken the row, or had to pass it over. None while no such visit has been requested.
    passed_over : str or None
        Why the visit could not take it.
    """

    row: PlannedWeek
    visit: Visit | None = None
    passed_over: PassedOver | None = None


@dataclass(eq=False, slots=True)
class OwnPlan:
    """Track the rows of the plan in one replication.

    Attributes
    ----------
    rows : list of Taken
        What became of each row, in the order of the table.
    """

    rows: list[Taken]
    _waiting: dict[tuple[str, PlannedKind], deque[Taken]] = field(default_factory=dict)

    @classmethod
    def of(cls, weeks: Sequence[PlannedWeek]) -> OwnPlan:
        """Build a plan whose rows no visit has taken yet."""
        rows = [Taken(week) for week in weeks]
        plan = cls(sorted(rows, key=lambda taken: taken.row.number))
        for taken in rows:
            plan._waiting.setdefault((taken.row.authority, taken.row.group), deque()).append(taken)
        return plan

    def take(self, request: Request) -> tuple[Taken | None, list[Taken]]:
        """Find the row that a visit takes, if any, and the rows that it passes over."""
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
    """Return the last day on which a row may be for a visit to take it."""
    until = window.latest if window.backlog is None else window.backlog.until
    return max(until, window.latest, earliest) + window.latest - window.opens


def hand_over(visit: Visit, taken: Taken | None, passed: Iterable[Taken]) -> None:
    """Tell a visit which row it takes, and tell the rows which visit took them or passed them over."""
    for each in passed:
        each.visit = visit
    if taken is not None:
        taken.visit, visit.lead_wanted = visit, taken.row.lead
