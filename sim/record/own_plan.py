"""What became of each row of a plan of one's own in one replication."""

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
    "another_week": "it began in a later week, for want of something",
    "opens_later": "the window of the next such visit opened only after the week",
    "gone": "when the visit was asked for, the week was too near to give notice, or had gone",
    "given_up": "it was given up before it began: another visit took its place, or the next one fell due",
    "waiting": "it had not begun by the end of the run",
    "not_asked": "no such visit fell due: judgements and what follows from them came otherwise, or the run ended first",
}
"""What each fate of a row means."""


class PlannedRow(NamedTuple):
    """One row of the plan; days are days since the start, None where no visit came to it.

    The window and all that follows are those of the visit that took the row, or that passed it over. ``late`` is
    whether that began after its latest date, or had not begun when that was over; ``because`` what kept it
    from beginning in its week, if it took the row and did not. ``led`` is whether the named lead led it, and
    ``not_led_because`` why not; None where the row names nobody or no visit took it and began.
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
    """What became of each row of the plan, in the order of the table."""
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
    """What kept a visit from beginning in the week of its row; None if that was never asked."""
    obstacle = visit.waited.get(monday)
    return None if obstacle is None else obstacle.reason
