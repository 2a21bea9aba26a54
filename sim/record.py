"""What one replication leaves behind: tidy rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sim.framework import Judgement, Kind, Role
from sim.ratings import GRADE
from sim.visit import Assignment, Status, Visit
from sim.workload import Workload, tally

if TYPE_CHECKING:
    from sim.model import World


class VisitRow(NamedTuple):
    """One visit; days are days since the scenario's start."""

    visit: int
    authority: str
    region: str
    kind: Kind
    judgement_before: Judgement
    opens: int
    due: int
    latest: int
    notified: int | None
    fieldwork_start: int | None
    fieldwork_end: int | None
    published: int | None
    judgement_after: Judgement | None
    status: Status
    lead: str | None
    team_size: int
    inspector_days: int


class AssignmentRow(NamedTuple):
    """One inspector's part in a visit."""

    visit: int
    inspector: str
    role: Role
    lead: bool
    first_day: int
    last_day: int
    days: int


class JudgementRow(NamedTuple):
    """One published judgement; those of the starting position have the day of their inspection."""

    authority: str
    published: int
    judgement: Judgement


class DeclineRow(NamedTuple):
    """A judgement worse than the one before, and how long true quality had been below that one."""

    authority: str
    published: int
    days: float


@dataclass(frozen=True)
class Record:
    """All that one replication leaves behind.

    Attributes
    ----------
    replication : int
        Its number.
    horizon : int
        Last day simulated.
    visits, assignments, judgements, declines : list of NamedTuple
        The rows, in the order in which they arose.
    workload : Workload
        Work by week.
    """

    replication: int
    horizon: int
    visits: list[VisitRow]
    assignments: list[AssignmentRow]
    judgements: list[JudgementRow]
    declines: list[DeclineRow]
    workload: Workload


def close(world: World, replication: int) -> Record:
    """Rows of a world whose run is over."""
    judgements = [
        JudgementRow(row.authority, world.calendar.day(row.inspected_on), row.judgement)
        for row in world.scenario.authorities
    ]
    published = sorted(
        (visit for visit in world.visits if visit.published is not None and visit.judgement_after is not None),
        key=lambda visit: (visit.published, visit.serial),
    )
    judgements += [
        JudgementRow(visit.authority.name, visit.published, visit.judgement_after)  # type: ignore[arg-type]  # as selected
        for visit in published
    ]
    return Record(
        replication=replication,
        horizon=world.scenario.horizon,
        visits=[_visit_row(visit) for visit in world.visits],
        assignments=[_assignment_row(visit, part) for visit in world.visits for part in visit.team],
        judgements=judgements,
        declines=[row for visit in published for row in _decline(visit)],
        workload=tally(world),
    )


def _visit_row(visit: Visit) -> VisitRow:
    return VisitRow(
        visit=visit.serial,
        authority=visit.authority.name,
        region=visit.authority.region,
        kind=visit.kind,
        judgement_before=visit.judgement_before,
        opens=visit.window.opens,
        due=visit.window.due,
        latest=visit.window.latest,
        notified=visit.notified,
        fieldwork_start=visit.fieldwork_start,
        fieldwork_end=visit.fieldwork_end,
        published=visit.published,
        judgement_after=visit.judgement_after if visit.published is not None else None,
        status=visit.status,
        lead=visit.team[0].inspector.name if visit.team else None,
        team_size=len(visit.team),
        inspector_days=visit.inspector_days,
    )


def _assignment_row(visit: Visit, part: Assignment) -> AssignmentRow:
    inspector, span = part.inspector, part.span
    return AssignmentRow(visit.serial, inspector.name, inspector.role, part.lead, span.first, span.last, span.days)


def _decline(visit: Visit) -> Iterator[DeclineRow]:
    """Row of a judgement that says of a decline what is true."""
    before = GRADE[visit.judgement_before]
    after = GRADE[visit.judgement_after]  # type: ignore[index]  # only visits with a judgement are asked
    quality, seen = visit.authority.quality, visit.fieldwork_end
    if after <= before or seen is None or visit.published is None or quality.at(seen) <= before:
        return
    fell = seen + 0.0
    for day, grade in zip(reversed(quality.days), reversed(quality.grades), strict=True):
        if day > seen:
            continue
        if grade <= before:
            break
        fell = day
    yield DeclineRow(visit.authority.name, visit.published, visit.published - fell)
