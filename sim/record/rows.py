"""Defines the tidy rows that one replication produces, and the record that holds them."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from math import floor
from operator import attrgetter
from typing import NamedTuple

from sim.inputs.framework import Kind, Role
from sim.inputs.grades import Judgement
from sim.inputs.reasons import Reason
from sim.record.columns import Columns
from sim.record.detection import DeclineRow, Published, Sight, declines
from sim.record.lateness import WaitRow, main_reason, waits_of
from sim.record.own_plan import planned_rows
from sim.record.workload import tally
from sim.world.entities import Assignment, AuthorityState, Status, Visit
from sim.world.inspectors import Inspector
from sim.world.replanning import Optimised
from sim.world.world import World


class VisitRow(NamedTuple):
    """Describe one visit; days count from the scenario's start.

    ``replaced`` means that another visit replaced it, so that it was no longer due. ``late_because`` is what a late
    inspection waited for in most weeks.
    """

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
    replaced: bool = False
    late_because: Reason | None = None


class AssignmentRow(NamedTuple):
    """Describe one inspector's part in a visit."""

    visit: int
    inspector: str
    role: Role
    lead: bool
    first_day: int
    last_day: int
    days: int


class JudgementRow(NamedTuple):
    """Describe one published judgement.

    A judgement of the starting position has the day of its inspection as ``published``. An authority that a
    reorganisation creates starts with a judgement published on its first day. If no overall judgement is published, the
    row has the four published judgements and the overall one that they imply.
    """

    authority: str
    published: int
    judgement: Judgement
    inspected: int
    leaders: Judgement | None = None
    help_and_protection: Judgement | None = None
    in_care: Judgement | None = None
    care_leavers: Judgement | None = None


class QualityRow(NamedTuple):
    """Describe an authority's true quality from a day on (maybe before the start); nobody in the model knows it."""

    authority: str
    since: int
    quality: Judgement


class CareerRow(NamedTuple):
    """Describe one person's time in post, from joining (None if before the start) to the last day, if known.

    From ``full_use`` on a person is fully productive. Before that, in induction, the person leads no visit.
    ``successor`` means that somebody held the post before.
    """

    inspector: str
    role: Role
    region: str
    may_lead: bool
    hours: float
    successor: bool
    joined: int | None
    full_use: int
    last_day: int | None


class LifeRow(NamedTuple):
    """Describe when an authority exists: from its first day to the day before ``ends``, if it is abolished."""

    authority: str
    begins: int
    ends: int | None


class Record:
    """Hold everything that one replication produces once its run is over.

    Rows of visits, assignments and careers are built on request, because most studies keep only the measures. Until it
    is pickled, a record keeps the objects that these rows are built from.

    Attributes
    ----------
    replication : int
        Number of the replication.
    horizon : int
        Last day simulated.
    lives, visits, assignments, judgements, quality, declines, careers : list of NamedTuple
        Rows in the order in which they arose.
    planned : list of PlannedRow
        What became of each row of a user's own plan.
    replannings : list of Replanning
        What each replanning changed, if the programme is optimised.
    columns : Columns
        Visits as arrays.
    waits : list of WaitRow
        What late inspections waited for.
    late_because : dict of int to str
        What each late inspection waited for in most weeks, by the number of the visit.
    workload : Workload
        Work by week.
    """

    def __init__(self, world: World, replication: int) -> None:
        self.replication = replication
        self.horizon = world.scenario.horizon
        self.lives = [LifeRow(authority.name, authority.begins, authority.ends) for authority in world.authorities]
        self.judgements = _judgements(world)
        self.quality = _quality(world)
        self.declines = _declines(world)
        self.planned = planned_rows(world)
        self.replannings = world.policy.replannings if isinstance(world.policy, Optimised) else []
        self.columns = Columns.of(world.visits, world.scenario.kinds_of_visit)
        self.waits, self.late_because = _waits(world, self.columns)
        self.workload = tally(world, self.columns)
        self._visits, self._workforce = world.visits, world.workforce

    def __getstate__(self) -> dict[str, object]:
        """Build all rows now, and leave out the objects that they are built from."""
        state = {**vars(self), **{name: getattr(self, name) for name in ("visits", "assignments", "careers")}}
        return {name: value for name, value in state.items() if name not in ("_visits", "_workforce")}

    @cached_property
    def visits(self) -> list[VisitRow]:
        """List the visits in the order in which they were requested."""
        return [_visit_row(visit, self.late_because.get(visit.serial)) for visit in self._visits]

    @cached_property
    def assignments(self) -> list[AssignmentRow]:
        """List the parts in visits, in the order of the visits."""
        return [_assignment_row(visit, part) for visit in self._visits for part in visit.team]

    @cached_property
    def careers(self) -> list[CareerRow]:
        """List everybody who was ever in post, in order of joining."""
        stays = self._workforce.stays
        return [_career_row(inspector, stays(inspector)) for inspector in self._workforce.everybody]


def _judgements(world: World) -> list[JudgementRow]:
    """List the judgements of the starting position, then those published, in the order of publication."""
    judgements = [
        JudgementRow(authority.name, authority.begins or inspected, judgement, inspected)
        for authority in world.authorities
        if authority.first_judgement is not None
        for inspected, judgement in [authority.first_judgement]
    ]
    published = sorted(
        (visit for visit in world.visits if visit.published is not None and visit.judgement_after is not None),
        key=lambda visit: (visit.published, visit.serial),
    )
    judgements += [
        JudgementRow(visit.authority.name, *told, *(visit.four or ()))  # type: ignore[arg-type]  # as selected
        for visit in published
        for told in [(visit.published, visit.judgement_after, visit.fieldwork_end)]
    ]
    return judgements


def _waits(world: World, columns: Columns) -> tuple[list[WaitRow], dict[int, Reason]]:
    """Return what late inspections waited for, and the main reason of each."""
    waits: list[WaitRow] = []
    because: dict[int, Reason] = {}
    for number in columns.late(world.scenario.horizon):
        of_visit = waits_of(world.visits[number], world.planner.last_call, world.calendar, world.shocks)
        waits += of_visit
        weeks: Counter[Reason] = Counter()
        for row in of_visit:
            weeks[row.reason] += row.weeks
        because[number] = main_reason(weeks)
    return waits, because


def _visit_row(visit: Visit, late_because: Reason | None) -> VisitRow:
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
        replaced=visit.replaced,
        late_because=late_because,
    )


def _assignment_row(visit: Visit, part: Assignment) -> AssignmentRow:
    inspector, span = part.inspector, part.span
    return AssignmentRow(visit.serial, inspector.name, inspector.role, part.lead, span.first, span.last, span.days)


def _career_row(inspector: Inspector, stays: bool) -> CareerRow:
    return CareerRow(
        inspector=inspector.name,
        role=inspector.role,
        region=inspector.region,
        may_lead=inspector.may_lead,
        hours=inspector.hours,
        successor=inspector.holder > 1,
        joined=inspector.joins or None,
        full_use=inspector.full_use,
        last_day=None if stays else inspector.last_day,
    )


def _quality(world: World) -> list[QualityRow]:
    """List every move of true quality, from each authority's last inspection before the start until it ends."""
    rows, names = [], world.scenario.grades.names
    for authority in world.authorities:
        path = authority.quality.up_to(_last_day(world, authority))
        rows += [QualityRow(authority.name, floor(day), names[grade]) for day, grade in zip(*path, strict=True)]
    return rows


def _last_day(world: World, authority: AuthorityState) -> int:
    """Return the last simulated day on which an authority exists."""
    return world.scenario.horizon if authority.ends is None else authority.ends - 1


def _declines(world: World) -> list[DeclineRow]:
    """Find the declines of every authority that had not ended before the start.

    If an authority is abolished, its decline ends. It continues in the authorities that replace it, dated from the day
    it first began.
    """
    names, place = world.scenario.grades.names, world.scenario.grades.place
    judgements: dict[str, list[Published]] = {}
    sights: dict[str, list[Sight]] = {authority.name: [] for authority in world.authorities}
    for authority in world.authorities:
        judgements[authority.name] = []
        if authority.first_judgement is not None:
            inspected, judgement = authority.first_judgement
            publication = world.calendar.workdays_after(inspected, world.scenario.position.published_after_days)
            judgements[authority.name].append(Published(inspected, authority.begins or publication, place[judgement]))
    seen = [visit for visit in world.visits if visit.judgement_after is not None or visit.seen is not None]
    for visit in sorted(seen, key=attrgetter("fieldwork_end", "serial")):
        saw, published = visit.judgement_after or visit.seen, visit.published if visit.judgement_after else None
        assert saw is not None and visit.fieldwork_end is not None
        sights[visit.authority.name].append(Sight(visit.fieldwork_end, visit.kind, place[saw], published))
        if published is not None:
            judgements[visit.authority.name].append(Published(visit.fieldwork_end, published, place[saw]))
    rows: list[DeclineRow] = []
    running: dict[AuthorityState, DeclineRow] = {}
    for authority in world.authorities:
        last = _last_day(world, authority)
        path = authority.quality.up_to(last)
        said = [each for each in judgements[authority.name] if each.day <= last]
        seen_by_then = [sight for sight in sights[authority.name] if sight.day <= last]
        found = declines(authority.name, path, said, seen_by_then, names)
        inherited = None if authority.follows is None else running.get(authority.follows)
        if inherited is not None and found and found[0].began == authority.begins:
            found[0] = found[0]._replace(began=inherited.began, cause=inherited.cause)
            if inherited.seen is not None:
                found[0] = found[0]._replace(seen=inherited.seen, seen_by=inherited.seen_by)
        if authority.ends is not None and found and found[-1].ended is None:
            running[authority] = found[-1]
        rows += [
            row._replace(ended=authority.ends if row.ended is None else row.ended)
            for row in found
            if row.ended is None or row.ended >= 0
        ]
    return rows
