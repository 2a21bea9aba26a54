"""The work of one replication by week, role and region: due, worked, available."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.framework import KINDS, Role
from sim.visit import Visit
from sim.workdays import DAYS_A_WEEK, DAYS_A_YEAR, Calendar
from sim.workforce import Inspector, days_mask

if TYPE_CHECKING:
    from sim.model import Groundwork, World


@dataclass(frozen=True)
class Workload:
    """Work by week.

    Attributes
    ----------
    weeks : ndarray of int, shape (weeks,)
        Monday of each week; the first one may lie before the start. Of the last one only the days up to the horizon
        are counted.
    roles, regions : tuple of str
        Names of the other two axes.
    due, worked, available : ndarray of float, shape (weeks, roles, regions)
        Inspector-days. ``due`` stands in the week of the due date (the first week for what was overdue at the start)
        and the authority's region, ``worked`` and ``available`` in that of the inspector; desk work in the
        authority's region throughout.
    by_kind : ndarray of float, shape (weeks, kinds + 1)
        Inspector-days worked, by kind of visit in the order of ``KINDS``, desk work last.
    inspectors_out : ndarray of int, shape (weeks,)
        Inspectors on site, engagement meetings and visits by video apart.
    on_site : ndarray of int, shape (their sum, 4)
        A row for each of them: place of the week, number of the visit, places of the inspector's role and region.
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


Entry = tuple[int, int, int, float]
"""Places of a week, a role and a region, and inspector-days."""
Day = TypeVar("Day", int, NDArray[np.int64])
"""One day, or many."""


class Axes:
    """Places of weeks, roles and regions in the tables of work.

    Parameters
    ----------
    calendar : Calendar
        The working calendar.
    roles, regions : tuple of str
        Names, in order.
    """

    def __init__(self, calendar: Calendar, roles: tuple[Role, ...], regions: tuple[str, ...]) -> None:
        self.first = calendar.week_of(0)
        self.weeks = np.arange(self.first, calendar.horizon + 1, DAYS_A_WEEK)
        self.role = {role: place for place, role in enumerate(roles)}
        self.region = {region: place for place, region in enumerate(regions)}
        self.shape = (len(self.weeks), len(roles), len(regions))

    def week(self, day: Day) -> Day:
        """Place of a day's week."""
        return (day - self.first) // DAYS_A_WEEK

    def add_up(self, entries: Sequence[Entry], parts: Parts | None = None) -> NDArray[np.float64]:
        """Table of entries, and of the days of parts before them."""
        weeks, roles, regions = self.shape
        rows = np.array([(week * roles + role) * regions + region for week, role, region, _ in entries], dtype=np.int64)
        days = np.array([days for _, _, _, days in entries], dtype=np.float64)
        if parts is not None:
            rows = np.concatenate([(parts.week * roles + parts.role) * regions + parts.region, rows])
            days = np.concatenate([parts.days, days])
        total = np.bincount(rows, weights=days, minlength=weeks * roles * regions)
        return total.astype(np.float64).reshape(self.shape)


class Parts(NamedTuple):
    """The work of each inspector in each visit, week by week.

    Attributes
    ----------
    week, role, region, kind : ndarray of int, shape (n,)
        Places of each.
    visit : ndarray of int, shape (n,)
        Number of the visit.
    days, on_site : ndarray of int, shape (n,)
        Days of work, and those of them on site.
    """

    week: NDArray[np.int64]
    role: NDArray[np.int64]
    region: NDArray[np.int64]
    kind: NDArray[np.int64]
    visit: NDArray[np.int64]
    days: NDArray[np.int64]
    on_site: NDArray[np.int64]

    @classmethod
    def of(cls, world: World, axes: Axes) -> Parts:
        """Parts of every visit of a world, in the order of the visits."""
        parts = [(visit, part) for visit in world.visits for part in visit.team]
        whose = np.array(
            [
                (
                    axes.role[part.inspector.role],
                    axes.region[part.inspector.region],
                    KINDS.index(visit.kind),
                    visit.serial,
                    not visit.virtual,
                )
                for visit, part in parts
            ],
            dtype=np.int64,
        ).reshape(-1, 5)
        weeks = np.array([len(part.span.weekly) for _, part in parts], dtype=np.int64)
        role, region, kind, serial, there = np.repeat(whose, weeks, axis=0).T
        weekly = chain.from_iterable(chain.from_iterable(part.span.weekly for _, part in parts))
        monday, days, on_site = np.fromiter(weekly, dtype=np.int64).reshape(-1, 3).T
        return cls(axes.week(monday), role, region, kind, serial, days, on_site * there)


def tally(world: World) -> Workload:
    """Work of a world whose run is over."""
    roles, regions = tuple(world.scenario.workforce.roles), world.scenario.workforce.regions
    axes = Axes(world.calendar, roles, regions)
    weeks = len(axes.weeks)
    oversight = list(_oversight(world, axes))
    intelligence = intelligence_days(world, axes)
    parts = Parts.of(world, axes)
    by_kind = np.zeros((weeks, len(KINDS) + 1))
    for place in range(len(KINDS)):
        by_kind[:, place] = np.bincount(parts.week, weights=parts.days * (parts.kind == place), minlength=weeks)
    by_kind[:, -1] = np.bincount([week for week, *_ in oversight], [days for *_, days in oversight], weeks)
    by_kind[:, -1] += intelligence.sum(axis=(1, 2))
    out = (parts.on_site > 0) & (parts.kind != KINDS.index("engagement"))
    return Workload(
        weeks=axes.weeks,
        roles=roles,
        regions=regions,
        due=axes.add_up(list(_due(world, axes))) + intelligence,
        worked=axes.add_up(oversight, parts) + intelligence,
        available=_available(world, axes),
        by_kind=by_kind,
        inspectors_out=np.bincount(parts.week[out], minlength=weeks),
        on_site=np.stack((parts.week, parts.visit, parts.role, parts.region), axis=1)[out],
        on_site_days=np.bincount(parts.week, weights=parts.on_site, minlength=weeks).astype(np.float64),
    )


def _overseer(world: World, visit: Visit, axes: Axes) -> int:
    framework = world.framework_on(max(0, visit.window.opens))
    return axes.role[framework.desk_work.oversight_role]


def _due(world: World, axes: Axes) -> Iterator[tuple[int, int, int, float]]:
    """What each visit takes without travel, when it is due; one that was replaced is no longer due."""
    for visit in world.visits:
        if not visit.replaced and visit.window.due <= world.calendar.horizon:
            region, week = axes.region[visit.authority.region], max(0, axes.week(visit.window.due))
            for seat in visit.rules.team.values():
                yield week, axes.role[seat.role], region, seat.people[visit.authority.size] * seat.days
            yield week, _overseer(world, visit, axes), region, visit.rules.oversight_days


def _oversight(world: World, axes: Axes) -> Iterator[tuple[int, int, int, float]]:
    """Management and quality assurance of each visit that has begun, in the week in which it did.

    It is counted as work of its role, and comes off nobody's time.
    """
    for visit in world.visits:
        if visit.fieldwork_start is not None and visit.fieldwork_start <= world.calendar.horizon:
            week, region = axes.week(visit.fieldwork_start), axes.region[visit.authority.region]
            yield week, _overseer(world, visit, axes), region, visit.rules.oversight_days


def intelligence_days(world: World | Groundwork, axes: Axes) -> NDArray[np.float64]:
    """Reading of intelligence and complaints, spread evenly over the weeks, and taken off people's time by term."""
    days = np.minimum(axes.weeks + DAYS_A_WEEK, world.calendar.horizon + 1) - np.maximum(axes.weeks, 0)
    spread = np.zeros(axes.shape)
    for week, length in enumerate(days):
        day = max(0, int(axes.weeks[week]))
        desk, there = world.framework_on(day).desk_work, world.authorities_on(day)
        authorities = np.array([there[region] for region in axes.region])
        spread[week, axes.role[desk.intelligence_role]] = authorities * desk.intelligence_days * length / DAYS_A_YEAR
    return spread


def _available(world: World, axes: Axes) -> NDArray[np.float64]:
    """Days that people could give to the programme, desk work among it."""
    available = np.zeros(axes.shape)
    for inspector in world.workforce.everybody:
        available[:, axes.role[inspector.role], axes.region[inspector.region]] += _days_of(inspector, world, axes)
    return available


def _days_of(inspector: Inspector, world: World, axes: Axes) -> NDArray[np.float64]:
    present = inspector.at_work & days_mask(0, world.calendar.horizon)
    learning = present & days_mask(0, inspector.full_use - 1)
    days = _weekly_count(present ^ learning, axes)
    if learning:
        days = days + world.scenario.workforce.induction_productivity * _weekly_count(learning, axes)
    return world.workforce.daily_share(inspector) * days


def _weekly_count(days: int, axes: Axes) -> NDArray[np.float64]:
    """Number of days of a bitset in each week."""
    size = len(axes.weeks) * DAYS_A_WEEK
    packed = np.frombuffer((days << -axes.first).to_bytes(size // 8 + 1, "little"), dtype=np.uint8)
    bits = np.unpackbits(packed, count=size, bitorder="little").reshape(-1, DAYS_A_WEEK)
    return np.asarray(bits.sum(axis=1), dtype=np.float64)
