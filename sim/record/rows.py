"""What one replication leaves behind: tidy rows."""

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
    """One visit; days are days since the scenario's start. One that something else replaced was no longer due.

    Of a late inspection ``late_because`` is what it waited for in most weeks.
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
    """One inspector's part in a visit."""

    visit: int
    inspector: str
    role: Role
    lead: bool
    first_day: int
    last_day: int
    days: int


class JudgementRow(NamedTuple):
    """One published judgement; those of the starting position have the day of their inspection.

    An authority that a reorganisation creates has the judgement it begins with, published on its first day. Where no
    overall judgement is published, the four that are stand beside that which they imply.
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
    """True quality of an authority from a day on, which may lie before the start: nobody in the model knows it."""

    authority: str
    since: int
    quality: Judgement


class CareerRow(NamedTuple):
    """One person's time in post: from the day of joining, None if it is before the start, to the last day, if known.

    In full use from a day on; before it, in induction, a person leads no visit. A successor holds a post that somebody
    held before.
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
    """Days on which there is an authority: from the first to the one before ``ends``, if it is abolished."""

    authority: str
    begins: int
    ends: int | None


class Record:
    """All that one replication leaves behind when the run of its world is over.

    Rows of visits, of their parts and of careers are written when they are asked for, as most studies keep measures
    alone; until it is pickled, a record holds on to what they are written from.

    Attributes
    ----------
    replication : int
        Its number.
    horizon : int
        Last day simulated.
    lives, visits, assignments, judgements, quality, declines, careers : list of NamedTuple
        The rows, in the order in which they arose.
    planned : list of PlannedRow
        What became of each row of a plan of one's own.
    replannings : list of Replanning
        What each replanning changed, if the programme is optimised.
    columns : Columns
        Visits as arrays.
    waits : list of WaitRow
        What late inspections waited for.
    late_because : dict of int to str
        What each of them, by its number, waited for in most weeks.
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
        """All rows, written now, without what they are written from."""
        state = {**vars(self), **{name: getattr(self, name) for name in ("visits", "assignments", "careers")}}
        return {name: value for name, value in state.items() if name not in ("_visits", "_workforce")}

    @cached_property
    def visits(self) -> list[VisitRow]:
        """Visits, in the order in which they were asked for."""
        return [_visit_row(visit, self.late_because.get(visit.serial)) for visit in self._visits]

    @cached_property
    def assignments(self) -> list[AssignmentRow]:
        """Parts in visits, in the order of these."""
        return [_assignment_row(visit, part) for visit in self._visits for part in visit.team]

    @cached_property
    def careers(self) -> list[CareerRow]:
        """Everybody who was ever in post, in order of joining."""
        stays = self._workforce.stays
        return [_career_row(inspector, stays(inspector)) for inspector in self._workforce.everybody]


def _judgements(world: World) -> list[JudgementRow]:
    """Judgements of the start, and those published, in the order of their publication."""
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
    """What late inspections waited for, and the main reason of each."""
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
    """Every move of true quality, from each authority's last inspection of before the start to its end."""
    rows, names = [], world.scenario.grades.names
    for authority in world.authorities:
        path = authority.quality.up_to(_last_day(world, authority))
        rows += [QualityRow(authority.name, floor(day), names[grade]) for day, grade in zip(*path, strict=True)]
    return rows


def _last_day(world: World, authority: AuthorityState) -> int:
    """Last day simulated on which there is an authority."""
    return world.scenario.horizon if authority.ends is None else authority.ends - 1


def _declines(world: World) -> list[DeclineRow]:
    """Declines of every authority that go on at the start or begin until the end.

    That of an authority that is abolished ends, and goes on in those that take its place, since the day it began.
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
