"""Records what became of each row of a user's own plan in one replication."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from sim.inputs.framework import Kind
from sim.inputs.reasons import Reason
from sim.world.entities import Visit
from sim.world.own_plan import Taken
from sim.world.world import World

Fate = Literal["in_its_week", "another_week", "opens_later", "gone", "given_up", "waiting", "not_asked"]
FATES: tuple[Fate, ...] = get_args(Fate)
MEANING: dict[Fate, str] = {
    "in_its_week": "it began in its week",
    "another_week": "it could not begin in its week, and began in a later one",
    "opens_later": "the window of the next such visit opened only after the week",
    "gone": "when the visit was requested, the week had passed or was too near to give notice",
    "given_up": "it was given up before it began: another visit replaced it, or the next one fell due",
    "waiting": "it had not begun by the end of the run",
    "not_asked": "no such visit fell due: the judgements came out differently, or the run ended first",
}
"""What each fate of a row means."""


class PlannedRow(NamedTuple):
    """Describe one row of the plan; days count from the start and are None if the row met no visit.

    The kind, window and dates are those of the visit that took the row or passed it over. ``late`` tells whether that
    visit began after its latest date, or had not begun when the date had passed. If the visit took the row but did not
    begin in its week, ``because`` gives the reason. ``led`` tells whether the named lead led the visit, and
    ``not_led_because`` why not. Both are None if the row names nobody, or no visit took it and began.
    """

    row: int
    fate: Fate
    kind: Kind | None
    opens: int | None
    due: int | None
    latest: int | None
    fieldwork_start: int | None
    late: bool
    because: Reason | None
    led: bool | None
    not_led_because: Reason | None


def planned_rows(world: World) -> list[PlannedRow]:
    """Describe what became of each row of the plan, in the order of the table."""
    return [_row(taken, world.calendar.horizon) for taken in world.own_plan.rows]


def _row(taken: Taken, horizon: int) -> PlannedRow:
    visit = taken.visit
    if visit is None:
        return PlannedRow(taken.row.number, "not_asked", None, None, None, None, None, False, None, None, None)
    took = taken.passed_over is None
    wanted, begun = visit.lead_wanted if took else None, visit.fieldwork_start is not None
    led = visit.team[0].inspector.name == wanted if wanted is not None and begun else None
    return PlannedRow(
        taken.row.number,
        taken.passed_over or _fate(visit, taken.row.monday),
        visit.kind,
        visit.window.opens,
        visit.window.due,
        visit.window.latest,
        visit.fieldwork_start,
        _is_late(visit, horizon),
        _because(visit, taken.row.monday) if took and visit.fieldwork_start != taken.row.monday else None,
        led,
        visit.lead_missed if led is False else None,
    )


def _fate(visit: Visit, monday: int) -> Fate:
    if visit.fieldwork_start is not None:
        return "in_its_week" if visit.fieldwork_start == monday else "another_week"
    return "given_up" if visit.status == "cancelled" else "waiting"


def _is_late(visit: Visit, horizon: int) -> bool:
    if visit.fieldwork_start is not None:
        return visit.fieldwork_start > visit.window.latest
    return not visit.replaced and visit.window.latest <= horizon


def _because(visit: Visit, monday: int) -> Reason | None:
    """Return why a visit did not begin in the week of its row; None if the planner did not look that week."""
    obstacle = visit.waited.get(monday)
    return None if obstacle is None else obstacle.reason
