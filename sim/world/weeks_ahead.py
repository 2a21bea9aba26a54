"""What is planned week by week, and what people can give: by role, of leads, and by role and region.

A planning office knows the posts that are filled, when people usually take leave, in which weeks there is no fieldwork,
and what it has planned already. It learns of a leaver at the notice, of a campaign or of people who are lent when that
begins. It does not know who will fall ill or give notice, nor what will be found.
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
"""Stands for a region where a resource is the leads of a role."""
EVERYWHERE = "everywhere"
"""Stands for a region where a resource is everybody of a role."""


class Resource(NamedTuple):
    """People who are needed together: of a role everybody, its leads, or those of a region."""

    role: Role
    whom: str


@dataclass(frozen=True, eq=False, slots=True)
class Need:
    """What a visit of some rules takes in each week from its first to its last, of each line.

    Attributes
    ----------
    weeks : tuple of int
        Those weeks, counted from 0; in some of them nobody may be on site.
    takes : ndarray of float, shape (weeks, lines)
        How much of the days of each resource, of people on site, and of inspections on site.
    twice, squares : tuple of ndarray of float, shape (lines,)
        Twice that and its square, for each week.
    inspection : bool
        Whether it is a full inspection.
    """

    weeks: WeeksOnSite
    takes: Days
    twice: tuple[Days, ...]
    squares: tuple[Days, ...]
    inspection: bool


class Expected(NamedTuple):
    """What comes to be known of a post: how much of its time is there for some days, or is missing.

    Attributes
    ----------
    post : Post
        The post.
    first, before : int
        First day of the days, and first day after them.
    share : float
        Share of the post's time that is there beside what was expected; less than none if it is missing.
    leads : float
        The same of its time as a lead.
    """

    post: Post
    first: int
    before: int
    share: float
    leads: float


def joining(post: Post, joins: int, ends: int, rules: WorkforceRules, calendar: Calendar) -> Iterator[Expected]:
    """List what is known of a post that somebody new takes up on a day, to hold it until another."""
    yield Expected(post, joins, ends, 1.0, 1.0)
    yield from learning(post, joins, ends, rules, calendar)


def learning(post: Post, joins: int, ends: int, rules: WorkforceRules, calendar: Calendar) -> Iterator[Expected]:
    """List what is missing of a post's time during the induction of somebody who joins: all of it as a lead."""
    full_use = min(calendar.months_after(joins, rules.induction_months), ends)
    if joins < full_use:
        yield Expected(post, joins, full_use, rules.induction_productivity - 1, -1.0)


@dataclass(frozen=True, eq=False)
class Supply:
    """Days that people can give to visits in each week, as far as it is known at the start; shared by replications.

    Attributes
    ----------
    rules : WorkforceRules
        The workforce's data.
    first : int
        Monday of the first week.
    rows : dict of Resource to int
        Row of each resource; regions that share people have one.
    ready : ndarray of float, shape (weeks,)
        Share of people who are at work in the week before, and can prepare what begins in the week; 1 at most.
    full_time : ndarray of float, shape (weeks,)
        Days of a full-timer; the time of a term is spread over its weeks with fieldwork, since it is used there, in
        proportion to the share of people who are ready for them.
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
        """Add up the supply of posts.

        Parameters
        ----------
        rules : WorkforceRules
            The workforce's data.
        known : iterable of Expected
            What is known of each post.
        calendar : Calendar
            The working calendar.
        leave_years : LeaveYears
            Weeks of leave.
        near : mapping of str to sequence of sequence of str, optional
            Regions that share their people, by role; each group is one resource.
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
        """Place of a week by its Monday."""
        return (monday - self.first) // DAYS_A_WEEK

    def add(self, days: Days, change: Expected) -> tuple[int, int, int]:
        """Add what is known of a post to the days of each week; return the rows that change."""
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
        """Look up what a visit takes in each week at an authority of a size and region."""
        key = (id(rules), size, region)  # rules live as long as the scenario
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
    """Days at work of a full-timer in each week, by the leave that is usual with fieldwork and without."""
    in_open, in_closed = leave_years.shares_at_work(rules)
    workdays = np.array([len(calendar.workdays_of_week(monday)) for monday in calendar.mondays])
    return np.asarray(workdays * np.where(_is_open(calendar), in_open, in_closed), dtype=np.float64)


def _ready(at_work: Days) -> Days:
    """Share of people who are at work in the week before each, against the fullest week.

    Teams prepare in the week before they go on site. Most leave is taken in the weeks without fieldwork, and bank
    holidays fall there, so few people can begin a visit just after.
    """
    before = np.concatenate([at_work[:1], at_work[:-1]])
    return before / max(A_LITTLE, float(before.max()))


def _days_of_a_full_timer(at_work: Days, ready: Days, calendar: Calendar) -> Days:
    """Days of a full-timer in each week: those of a term moved to its weeks with fieldwork for which people are ready.

    Where nobody is ready for any week of a term, nothing can be done in it.
    """
    terms = np.array([calendar.term_of(monday) for monday in calendar.mondays])
    can_begin = np.where(_is_open(calendar), ready, 0.0)
    of_term, can_begin_in_term = np.bincount(terms, weights=at_work), np.bincount(terms, weights=can_begin)
    return np.asarray(of_term[terms] * can_begin / np.maximum(A_LITTLE, can_begin_in_term[terms]), dtype=np.float64)


def _is_open(calendar: Calendar) -> NDArray[np.bool_]:
    return np.array([monday in calendar.open_weeks for monday in calendar.mondays])


class Booking(NamedTuple):
    """A visit that is planned: where it stands, for which Monday, and what it takes."""

    ahead: WeeksAhead
    monday: int
    need: Need

    def release(self) -> None:
        """Plan the visit no longer."""
        self.ahead.add(self, -1)


class WeeksAhead:
    """What is planned in one replication, week by week, and what people are expected to give.

    Parameters
    ----------
    supply : Supply
        What people can give, as far as it is known at the start.
    limit : LimitOnSite
        How many inspections may be on site.

    Attributes
    ----------
    supply, limit
        As given.
    days : ndarray of float, shape (resources, weeks)
        Inspector-days that people are expected to give.
    weight : ndarray of float, shape (weeks, lines)
        Price of the square of what is planned of each line: of each resource, of people and of inspections on site.
    amounts : ndarray of float, shape (weeks, lines)
        What is planned: inspector-days of each resource, then people on site, then full inspections on site.
    """

    def __init__(self, supply: Supply, limit: LimitOnSite) -> None:
        self.supply, self.limit = supply, limit
        self.days = supply.days.copy()
        of_people = PERSON * _prices(supply.ready)
        by_line = np.vstack([_prices(self.days), of_people, 0.0 * of_people])
        self.weight = np.ascontiguousarray(by_line.T)  # a few weeks, of all lines, lie together
        self.amounts = np.zeros_like(self.weight)

    def expect(self, changes: Iterable[Expected]) -> None:
        """Take in what has come to be known of posts."""
        rows = {row for change in changes for row in self.supply.add(self.days, change)}
        for row in rows:
            self.weight[:, row] = _prices(self.days[row])

    def week(self, monday: int) -> int:
        """Place of a week by its Monday."""
        return self.supply.week(monday)

    def book(self, need: Need, monday: int) -> Booking:
        """Plan a visit for a Monday."""
        booking = Booking(self, monday, need)
        self.add(booking, 1)
        return booking

    def add(self, booking: Booking, times: int) -> None:
        """Add a booking, or take it off with ``times`` -1."""
        first = self.week(booking.monday)
        takes = booking.need.takes[: max(0, len(self.amounts) - first)]
        weeks = self.amounts[first : first + len(takes)]
        weeks += takes if times == 1 else times * takes

    def level_monday(self, mondays: Sequence[int], due: int, need: Need, today: int) -> int:
        """Choose the Monday of some, ascending, on which a visit leaves the most to spare.

        That is where the squares of what is booked over what there is, and of the people on site over the share of
        people who are ready, grow least, added up over resources and weeks; of those alike the nearest to the due date.
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
            price = booked[there].dot(twice) + weight[there].dot(squares)  # half the time that @ takes
            if need.inspection:
                price += full[there]
            total[: len(price)] += price
        of_week, due_place = total.tolist(), (due - first) / DAYS_A_WEEK
        places = [(monday - first) // DAYS_A_WEEK for monday in mondays]
        prices = [of_week[place] + NEARER * abs(place - due_place) for place in places]
        return mondays[prices.index(min(prices))]


class LimitOnSite:
    """How many full inspections may be on site in a week: as usual, and otherwise for some time after a pause.

    Parameters
    ----------
    rules : PlanningRules
        How visits are planned.
    shocks : Disturbances
        What happens from outside.
    calendar : Calendar
        The working calendar.
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
        """Most inspections in the week of a Monday; infinite where there is no limit."""
        return float(self._last[(monday - self._first) // DAYS_A_WEEK])

    def expected(self, today: int) -> NDArray[np.float64]:
        """Most inspections in each week, as far as it is known on a day: of pauses that have begun."""
        limits = self._usual
        for begins, changed in self._changes:
            if begins <= today:
                limits = changed
        return limits


def _prices(days: Days) -> Days:
    """Price of the square of a day of each resource: one over what there is, and far more where there is nobody."""
    return np.where(days > A_LITTLE, 1.0 / np.maximum(days, A_LITTLE), NOBODY)


PEOPLE, INSPECTED = -2, -1
"""Places of the lines of people on site and of full inspections on site."""
A_LITTLE = 1e-6
"""Days up to which there is nobody: what rounding leaves where people have gone."""
NOBODY = 1e3
"""Price of the square of a day of a resource in a week in which there is nobody: as dear as a week of a thousandth of
a day, so that any week in which somebody is there is chosen before it."""
FULL = 1e2
"""Price of a week in which as many inspections are planned as may be on site: more than a full week of people costs, so
that such a week is chosen only where all are full."""
PERSON = 1.0
"""Price of the square of the people on site in a week: more than their days cost, so that busiest weeks are kept low
before the days of single roles and regions are spared; divided by the share of people who are ready for the week, so
that fewer visits begin in a week after a holiday."""
NEARER = 1e-6
"""Price of a week away from the due date: too little to matter, but where weeks are alike in all else."""
