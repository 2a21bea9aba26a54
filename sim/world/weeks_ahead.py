"""Tracks, week by week, what is planned and how much time people have: by role, for leads, and by role and region.

A planning office knows which posts are filled, when people usually take leave, which weeks have no fieldwork, and what
it has already planned. It learns about a leaver when the leaver gives notice, and about a campaign or lent people when
these begin. It does not know who will fall ill or give notice, or what inspections will find.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.base.calendar import DAYS_A_WEEK, Calendar, WeeksOnSite
from sim.inputs.framework import KindOfVisit, Role, Size, VisitRules
from sim.inputs.planning_rules import PlanningRules, at_home
from sim.inputs.posts import Post
from sim.inputs.shocks import Disturbances
from sim.inputs.workforce_rules import WorkforceRules
from sim.world.leave import LeaveYears

Days = NDArray[np.float64]
"""Inspector-days."""
LEADS = "leads"
"""Stands for a region if a resource is the leads of a role."""
EVERYWHERE = "everywhere"
"""Stands for a region if a resource is everybody in a role."""


class Resource(NamedTuple):
    """Identify people who are needed together: everybody in a role, its leads, or its people in a region."""

    role: Role
    whom: str


@dataclass(frozen=True, eq=False, slots=True)
class Need:
    """Describe how much a visit under some rules uses of each line, in each week from its first to its last.

    Attributes
    ----------
    weeks : tuple of int
        These weeks, counted from 0. In some of them nobody may be on site.
    takes : ndarray of float, shape (weeks, lines)
        Amount of each resource's days, of people on site, and of inspections on site.
    twice, squares : tuple of ndarray of float, shape (lines,)
        Twice that amount and its square, for each week.
    inspection : bool
        Whether it is a full inspection.
    """

    weeks: WeeksOnSite
    takes: Days
    twice: tuple[Days, ...]
    squares: tuple[Days, ...]
    inspection: bool


class Expected(NamedTuple):
    """Describe what becomes known about a post: time gained or lost over some days.

    Attributes
    ----------
    post : Post
        The post.
    first, before : int
        First of these days, and first day after them.
    share : float
        Share of the post's time gained compared with earlier expectations; negative if it is lost.
    leads : float
        The same for its time as a lead.
    """

    post: Post
    first: int
    before: int
    share: float
    leads: float


def joining(post: Post, joins: int, ends: int, rules: WorkforceRules, calendar: Calendar) -> Iterator[Expected]:
    """Yield what becomes known about a post when somebody new holds it from one day to another."""
    yield Expected(post, joins, ends, 1.0, 1.0)
    yield from learning(post, joins, ends, rules, calendar)


def learning(post: Post, joins: int, ends: int, rules: WorkforceRules, calendar: Calendar) -> Iterator[Expected]:
    """Yield the time that a post loses while somebody new is in induction, including all time as a lead."""
    full_use = min(calendar.months_after(joins, rules.induction_months), ends)
    if joins < full_use:
        yield Expected(post, joins, full_use, rules.induction_productivity - 1, -1.0)


@dataclass(frozen=True, eq=False)
class Supply:
    """Hold the days that people can give to visits in each week, as known at the start; replications share it.

    Attributes
    ----------
    rules : WorkforceRules
        Rules of the workforce.
    first : int
        Monday of the first week.
    rows : dict of Resource to int
        Row of each resource. Regions that share people share a row.
    ready : ndarray of float, shape (weeks,)
        Share of people who were at work the week before and so could prepare for this week; 1 at most.
    full_time : ndarray of float, shape (weeks,)
        Days of a full-timer. The time of a term is spread over its weeks with fieldwork, where it is used, in
        proportion to the share of people who are ready.
    days : ndarray of float, shape (resources, weeks)
        Inspector-days.
    """

    rules: WorkforceRules
    first: int
    rows: dict[Resource, int]
    ready: Days
    full_time: Days
    days: Days
    _needs: dict[tuple[int, Size, str], Need] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        rules: WorkforceRules,
        known: Iterable[Expected],
        calendar: Calendar,
        leave_years: LeaveYears,
        near: Mapping[Role, Sequence[Sequence[str]]] | None = None,
    ) -> Supply:
        """Add up the time that posts supply.

        Parameters
        ----------
        rules : WorkforceRules
            Rules of the workforce.
        known : iterable of Expected
            What is known about each post.
        calendar : Calendar
            Working calendar.
        leave_years : LeaveYears
            Weeks of leave.
        near : mapping of str to sequence of sequence of str, optional
            Groups of regions that share their people, by role. Each group is one resource.
        """
        rows: dict[Resource, int] = {}
        count = 0
        for role in rules.roles:
            for whom in (EVERYWHERE, LEADS, *rules.regions):
                shared = rows.get(Resource(role, at_home(near, role, whom)[0])) if whom in rules.regions else None
                rows[Resource(role, whom)] = count if shared is None else shared
                count += shared is None
        at_work = _days_at_work(rules, calendar, leave_years)
        ready = _ready(at_work)
        full_time = _days_of_a_full_timer(at_work, ready, calendar)
        supply = cls(rules, calendar.mondays[0], rows, ready, full_time, np.zeros((count, len(full_time))))
        for each in known:
            supply.add(supply.days, each)
        return supply

    def week(self, monday: int) -> int:
        """Return the index of the week that begins on a Monday."""
        return (monday - self.first) // DAYS_A_WEEK

    def add(self, days: Days, change: Expected) -> tuple[int, int, int]:
        """Add a change in a post's time to the days of each week, and return the rows that change."""
        post = change.post
        weeks = slice(*(min(len(self.full_time), max(0, -(-(day - self.first) // DAYS_A_WEEK))) for day in change[1:3]))
        given = self.rules.roles[post.role].programme_share * post.hours * self.full_time[weeks]
        everywhere, here, leads = (self.rows[Resource(post.role, whom)] for whom in (EVERYWHERE, post.region, LEADS))
        days[everywhere, weeks] += (whole := change.share * given)
        days[here, weeks] += whole
        if post.may_lead:
            days[leads, weeks] += change.leads * given
        return everywhere, here, leads

    def need(self, kind: KindOfVisit, rules: VisitRules, size: Size, region: str) -> Need:
        """Look up what a visit uses in each week, at an authority of a given size and region."""
        key = (id(rules), size, region)  # rules exist for as long as the scenario
        need = self._needs.get(key)
        if need is None:
            need = self._needs[key] = self._need(kind, rules, size, region)
        return need

    def _need(self, kind: KindOfVisit, rules: VisitRules, size: Size, region: str) -> Need:
        on_site = list(rules.weeks_on_site)
        weeks = tuple(range(on_site[-1] + 1))
        takes = np.zeros((len(weeks), len(self.days) + 2))
        for team, lead in rules.seats:
            for whom in (EVERYWHERE, region, *([LEADS] if lead else [])):
                row = self.rows.get(Resource(team.role, whom))
                if row is not None:
                    takes[on_site, row] += team.people[size] * team.days / len(on_site)
            there = [week < len(team.on_site_days) and team.on_site_days[week] > 0 for week in weeks]
            takes[:, PEOPLE] += team.people[size] * np.array(there)
        inspection = kind.gives_judgement
        takes[:, INSPECTED] = inspection
        return Need(weeks, takes, tuple(2 * takes), tuple(takes**2), inspection)


def _days_at_work(rules: WorkforceRules, calendar: Calendar, leave_years: LeaveYears) -> Days:
    """Compute a full-timer's days at work in each week, given the usual leave in weeks with and without fieldwork."""
    in_open, in_closed = leave_years.shares_at_work(rules)
    workdays = np.array([len(calendar.workdays_of_week(monday)) for monday in calendar.mondays])
    return np.asarray(workdays * np.where(_is_open(calendar), in_open, in_closed), dtype=np.float64)


def _ready(at_work: Days) -> Days:
    """Compute the share of people at work in the week before each week, relative to the fullest week.

    Teams prepare in the week before they go on site. People take most leave in weeks without fieldwork, where the bank
    holidays also fall. So few people can begin a visit just after those weeks.
    """
    before = np.concatenate([at_work[:1], at_work[:-1]])
    return before / max(A_LITTLE, float(before.max()))


def _days_of_a_full_timer(at_work: Days, ready: Days, calendar: Calendar) -> Days:
    """Compute a full-timer's days in each week, moving a term's days to its weeks with fieldwork and people ready for
    it.

    If nobody is ready for any week of a term, no work can be done in it.
    """
    terms = np.array([calendar.term_of(monday) for monday in calendar.mondays])
    can_begin = np.where(_is_open(calendar), ready, 0.0)
    of_term, can_begin_in_term = np.bincount(terms, weights=at_work), np.bincount(terms, weights=can_begin)
    return np.asarray(of_term[terms] * can_begin / np.maximum(A_LITTLE, can_begin_in_term[terms]), dtype=np.float64)


def _is_open(calendar: Calendar) -> NDArray[np.bool_]:
    return np.array([monday in calendar.open_weeks for monday in calendar.mondays])


class Booking(NamedTuple):
    """Describe a planned visit: the programme it belongs to, its Monday, and what it uses."""

    ahead: WeeksAhead
    monday: int
    need: Need

    def release(self) -> None:
        """Remove the visit from the programme."""
        self.ahead.add(self, -1)


class WeeksAhead:
    """Hold what is planned in one replication, week by week, and the time that people are expected to have.

    Parameters
    ----------
    supply : Supply
        Time that people have, as known at the start.
    limit : LimitOnSite
        Limit on inspections on site.

    Attributes
    ----------
    supply, limit
        As passed.
    days : ndarray of float, shape (resources, weeks)
        Inspector-days that people are expected to have.
    weight : ndarray of float, shape (weeks, lines)
        Price of the square of the amount planned on each line: each resource, then people and inspections on site.
    amounts : ndarray of float, shape (weeks, lines)
        What is planned: inspector-days of each resource, then people on site, then full inspections on site.
    """

    def __init__(self, supply: Supply, limit: LimitOnSite) -> None:
        self.supply, self.limit = supply, limit
        self.days = supply.days.copy()
        of_people = PERSON * _prices(supply.ready)
        by_line = np.vstack([_prices(self.days), of_people, 0.0 * of_people])
        self.weight = np.ascontiguousarray(by_line.T)  # the lines of a week lie next to each other in memory
        self.amounts = np.zeros_like(self.weight)

    def expect(self, changes: Iterable[Expected]) -> None:
        """Take in what has become known about posts."""
        rows = {row for change in changes for row in self.supply.add(self.days, change)}
        for row in rows:
            self.weight[:, row] = _prices(self.days[row])

    def week(self, monday: int) -> int:
        """Return the index of the week that begins on a Monday."""
        return self.supply.week(monday)

    def book(self, need: Need, monday: int) -> Booking:
        """Plan a visit for a Monday."""
        booking = Booking(self, monday, need)
        self.add(booking, 1)
        return booking

    def add(self, booking: Booking, times: int) -> None:
        """Add a booking, or remove it with ``times`` -1."""
        first = self.week(booking.monday)
        takes = booking.need.takes[: max(0, len(self.amounts) - first)]
        weeks = self.amounts[first : first + len(takes)]
        weeks += takes if times == 1 else times * takes

    def level_monday(self, mondays: Sequence[int], due: int, need: Need, today: int) -> int:
        """Choose, from Mondays in ascending order, the one on which a visit leaves the most capacity to spare.

        Each week has a cost. It adds the squares of booked over available days, and the squares of people on site over
        the share of people who are ready, over all resources and weeks. The visit goes where it raises the cost least.
        Of equally good Mondays, it takes the one nearest to the due date.
        """
        first = mondays[0]
        low, high = self.week(first), self.week(mondays[-1]) + 1
        every = slice(low, high + need.weeks[-1])
        amounts, weight = self.amounts[every], self.weight[every]
        booked = amounts * weight
        if need.inspection:
            full = FULL * (amounts[:, INSPECTED] >= self.limit.expected(today)[every])
        total = np.zeros(high - low)
        for week, twice, squares in zip(need.weeks, need.twice, need.squares, strict=True):
            there = slice(week, high - low + week)
            price = booked[there].dot(twice) + weight[there].dot(squares)  # takes half the time of @
            if need.inspection:
                price += full[there]
            total[: len(price)] += price
        of_week, due_place = total.tolist(), (due - first) / DAYS_A_WEEK
        places = [(monday - first) // DAYS_A_WEEK for monday in mondays]
        prices = [of_week[place] + NEARER * abs(place - due_place) for place in places]
        return mondays[prices.index(min(prices))]


class LimitOnSite:
    """Limit the number of full inspections on site in a week: a usual limit, and another for some time after a pause.

    Parameters
    ----------
    rules : PlanningRules
        How visits are planned.
    shocks : Disturbances
        Shocks of the scenario.
    calendar : Calendar
        Working calendar.
    """

    def __init__(self, rules: PlanningRules, shocks: Disturbances, calendar: Calendar) -> None:
        mondays = np.array(calendar.mondays)
        self._first = calendar.mondays[0]
        self._usual = np.full(len(mondays), np.inf if rules.most_inspections is None else rules.most_inspections)
        self._changes: list[tuple[int, NDArray[np.float64]]] = []
        limits = self._usual
        for pause, after in shocks.pauses_of_inspections(rules.after_pause_months):
            if rules.most_inspections_after_pause is not None:
                there = (mondays >= after.first) & (mondays <= after.last)
                limits = np.where(there, rules.most_inspections_after_pause, limits)
                self._changes.append((pause.first, limits))
        self._last = limits

    def of(self, monday: int) -> float:
        """Return the most inspections allowed in the week of a Monday; infinite if there is no limit."""
        return float(self._last[(monday - self._first) // DAYS_A_WEEK])

    def expected(self, today: int) -> NDArray[np.float64]:
        """Return the most inspections in each week, as known on a day: only pauses that have begun count."""
        limits = self._usual
        for begins, changed in self._changes:
            if begins <= today:
                limits = changed
        return limits


def _prices(days: Days) -> Days:
    """Return the price of the square of a day of each resource: one over the days available, much more if there are
    none.
    """
    return np.where(days > A_LITTLE, 1.0 / np.maximum(days, A_LITTLE), NOBODY)


PEOPLE, INSPECTED = -2, -1
"""Indices of the lines for people on site and for full inspections on site."""
A_LITTLE = 1e-6
"""Fewer days than this count as nobody: it is what rounding leaves when people have gone."""
NOBODY = 1e3
"""Price of the square of a day of a resource in a week with nobody. It is the price in a week with a thousandth of a
day, so any week with somebody available is chosen first.
"""
FULL = 1e2
"""Price of a week in which the limit on inspections is already reached. It exceeds the cost of a full week of people,
so that such a week is chosen only if all weeks are full.
"""
PERSON = 1.0
"""Price of the square of the people on site in a week. It exceeds the cost of their days, so that keeping the busiest
weeks low comes before sparing single roles and regions. It is divided by the share of people who are ready for the
week, so that fewer visits begin in a week after a holiday.
"""
NEARER = 1e-6
"""Price of each week away from the due date. It is so small that it decides only between weeks that are otherwise
equal.
"""
