"""Adds up the work of one replication by week, role and region: due, worked and available."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.base.calendar import DAYS_A_WEEK
from sim.base.daysets import days_mask
from sim.inputs.framework import Role, Size, VisitRules
from sim.record.columns import Columns, Integers, integers, spread
from sim.world.context import Axes, InspectorDays, Work
from sim.world.world import World

AT_A_TIME = 64
"""Number of diaries whose days are counted at a time; few, to save memory. Only speed depends on it."""
OVERSEER = -1
"""Stands for the role that oversees visits, which depends on the framework in force."""


@dataclass(frozen=True)
class Workload:
    """Hold work by week.

    Attributes
    ----------
    weeks : ndarray of int, shape (weeks,)
        Monday of each week. The first may be before the start. The last week counts only the days up to the horizon.
    roles, regions : tuple of str
        Names of the other two axes.
    due, worked, available : ndarray of float, shape (weeks, roles, regions)
        Inspector-days. ``due`` counts in the week of the due date (the first week for visits overdue at the start) and
        in the authority's region. ``worked`` and ``available`` count in the inspector's region, except that desk work
        always counts in the authority's region.
    by_kind : ndarray of float, shape (weeks, kinds + 1)
        Inspector-days worked, by kind of visit in the order of the scenario's kinds. Desk work comes last.
    inspectors_out : ndarray of int, shape (weeks,)
        Number of inspectors on site for contacts. Excludes video visits.
    on_site : ndarray of int, shape (sum of ``inspectors_out``, 4)
        A row for each inspector on site: index of the week, number of the visit, and indices of the inspector's role
        and region.
    on_site_days : ndarray of float, shape (weeks,)
        Inspector-days on site.
    """

    weeks: NDArray[np.int64]
    roles: tuple[Role, ...]
    regions: tuple[str, ...]
    due: NDArray[np.float64]
    worked: NDArray[np.float64]
    available: NDArray[np.float64]
    by_kind: NDArray[np.float64]
    inspectors_out: NDArray[np.int64]
    on_site: NDArray[np.int64]
    on_site_days: NDArray[np.float64]


class Parts(NamedTuple):
    """Hold the work of each inspector on each visit, week by week.

    Attributes
    ----------
    work : Work
        Days of work.
    visit : ndarray of int, shape (n,)
        Number of the visit.
    on_site : ndarray of int, shape (n,)
        Inspector-days on site; 0 for a video visit.
    """

    work: Work
    visit: Integers
    on_site: Integers

    @classmethod
    def of(cls, world: World, columns: Columns, axes: Axes) -> Parts:
        """Build the parts of every visit of a world, in the order of the visits."""
        parts = list(chain.from_iterable([visit.team for visit in world.visits]))
        everybody = world.workforce.everybody
        number = {inspector: place for place, inspector in enumerate(everybody)}
        inspector = integers([number[part.inspector] for part in parts])
        spans = [part.span for part in parts]
        place = {span: place for place, span in enumerate(dict.fromkeys(spans))}
        part, weekly = spread(integers([place[span] for span in spans]), [span.weekly for span in place], width=3)
        monday, days, on_site = weekly.T
        visit = np.repeat(np.arange(len(world.visits)), columns.team_size)[part]
        there = ~np.array([visit.virtual for visit in world.visits], dtype=bool)
        return cls(
            Work(
                axes.week(monday.astype(np.int64)),
                integers([axes.role[inspector.role] for inspector in everybody])[inspector[part]],
                integers([axes.region[inspector.region] for inspector in everybody])[inspector[part]],
                days,
            ),
            visit,
            on_site.astype(np.int64) * there[visit],
        )


def tally(world: World, columns: Columns) -> Workload:
    """Add up the work of a world whose run is over."""
    roles, regions = tuple(world.scenario.workforce.roles), world.scenario.workforce.regions
    axes = Axes(world.calendar, roles, regions)
    weeks, kinds = len(axes.weeks), len(columns.kinds) + 1
    visited = integers([axes.region[visit.authority.region] for visit in world.visits])
    overseer = _overseers(world, columns, axes)
    due, oversight = _due(world, columns, axes, visited, overseer), _oversight(world, columns, axes, visited, overseer)
    parts = Parts.of(world, columns, axes)
    cell = np.concatenate([parts.work.week * kinds + columns.kind[parts.visit], oversight.week * kinds + kinds - 1])
    days = np.concatenate([parts.work.days, oversight.days])
    by_kind = np.bincount(cell, weights=days, minlength=weeks * kinds).astype(np.float64).reshape(weeks, kinds)
    by_kind[:, -1] += world.intelligence.sum(axis=(1, 2))
    out = (parts.on_site > 0) & columns.is_contact[parts.visit]
    week, role, region, _ = parts.work
    return Workload(
        weeks=axes.weeks,
        roles=roles,
        regions=regions,
        due=axes.add_up(due) + world.intelligence,
        worked=axes.add_up(parts.work, oversight) + world.intelligence,
        available=_available(world, axes),
        by_kind=by_kind,
        inspectors_out=np.bincount(week[out], minlength=weeks),
        on_site=np.stack((week, parts.visit, role, region), axis=1)[out],
        on_site_days=np.bincount(week, weights=parts.on_site, minlength=weeks).astype(np.float64),
    )


def _overseers(world: World, columns: Columns, axes: Axes) -> Integers:
    """Return the index of the role that oversees each visit under the framework in force when its window opens."""
    roles = integers([axes.role[framework.desk_work.oversight_role] for _, framework in world.timetable])
    return roles[world.frameworks_on(np.maximum(columns.opens, 0))]


def _due(world: World, columns: Columns, axes: Axes, region: Integers, overseer: Integers) -> Work:
    """Compute the days that each visit needs, without travel, when it is due; replaced visits are no longer due."""
    counted = np.flatnonzero(~columns.replaced & (columns.due <= world.calendar.horizon))
    found: dict[tuple[int, Size], tuple[int, VisitRules]] = {}
    which = []
    for visit in map(world.visits.__getitem__, counted.tolist()):
        place, _ = found.setdefault((id(visit.rules), visit.authority.size), (len(found), visit.rules))
        which.append(place)
    takes = [_takes(rules, size, axes) for (_, size), (_, rules) in found.items()]
    item, seats = spread(integers(which), takes, width=2)
    role, days = seats.T
    visit_of = counted[item]
    return Work(
        np.maximum(axes.week(columns.due[visit_of]), 0),
        np.where(role == OVERSEER, overseer[visit_of], role).astype(np.int64),
        region[visit_of],
        days,
    )


def _takes(rules: VisitRules, size: Size, axes: Axes) -> list[tuple[int, float]]:
    """List the role and inspector-days of each seat of a visit, and of its oversight."""
    seats = [(axes.role[seat.role], float(seat.people[size] * seat.days)) for seat in rules.team.values()]
    return [*seats, (OVERSEER, rules.oversight_days)]


def _oversight(world: World, columns: Columns, axes: Axes, region: Integers, overseer: Integers) -> Work:
    """Compute the management and quality assurance of each visit that has begun, in the week in which it began.

    This counts as work of the overseeing role, but uses nobody's diary.
    """
    begun = np.flatnonzero(columns.begins <= world.calendar.horizon)
    days = np.array([visit.rules.oversight_days for visit in world.visits], dtype=np.float64)
    return Work(
        axes.week(columns.begins[begun]),
        overseer[begun],
        region[begun],
        days[begun],
    )


def _available(world: World, axes: Axes) -> InspectorDays:
    """Compute the inspector-days that people could give to the programme, including desk work."""
    people = world.workforce.everybody
    simulated = days_mask(0, world.calendar.horizon)
    present = [inspector.at_work & simulated for inspector in people]
    days = _by_week(present, axes)
    learning = [place for place, inspector in enumerate(people) if inspector.full_use > inspector.joins]
    inducted = _by_week([present[place] & days_mask(0, people[place].full_use - 1) for place in learning], axes)
    productivity = world.scenario.workforce.induction_productivity
    days[learning] = days[learning] - inducted + productivity * inducted
    days *= np.array([inspector.daily_share for inspector in people])[:, None]
    weeks, roles, regions = axes.shape
    term_of_week = integers([world.calendar.term_of(max(0, monday)) for monday in axes.weeks.tolist()])
    found = np.zeros((roles, regions, weeks))
    for inspector, own in zip(people, days, strict=True):
        kept = world.workforce.kept(inspector)
        share = 1.0 if kept is None else np.array(kept)[term_of_week]
        found[axes.role[inspector.role], axes.region[inspector.region]] += share * own
    return np.ascontiguousarray(found.transpose(2, 0, 1))


def _by_week(bitsets: Sequence[int], axes: Axes) -> InspectorDays:
    """Count the days of bitsets in each week, shape (bitsets, weeks)."""
    size = len(axes.weeks) * DAYS_A_WEEK
    width = size // 8 + 1
    found = np.zeros((len(bitsets), len(axes.weeks)))
    for first in range(0, len(bitsets), AT_A_TIME):
        some = bitsets[first : first + AT_A_TIME]
        packed = b"".join([(days << -axes.first).to_bytes(width, "little") for days in some])
        rows = np.frombuffer(packed, dtype=np.uint8).reshape(-1, width)
        days = np.unpackbits(rows, axis=1, count=size, bitorder="little")
        found[first : first + AT_A_TIME] = sum(days[:, day::DAYS_A_WEEK] for day in range(DAYS_A_WEEK))
    return found
