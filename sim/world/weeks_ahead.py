"""What is planned week by week, and what people can give: by role, of leads, and by role and region.

A planning office knows the posts that are filled and that will be, when people usually take leave, in which weeks there
is no fieldwork, and what it has planned already. It does not know who will fall ill or leave, nor what will be found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.base.calendar import DAYS_A_WEEK, Calendar, WeeksOnSite
from sim.inputs.framework import INSPECTIONS, Kind, Role, Size, VisitRules
from sim.inputs.posts import Post
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


@dataclass(frozen=True)
class Supply:
    """Days that people can give to visits in each week, as far as it is known in advance; shared by replications.

    Attributes
    ----------
    first : int
        Monday of the first week.
    rows : dict of Resource to int
        Row of each resource.
    days : ndarray of float, shape (resources, weeks)
        Inspector-days; the time of a term is spread over its weeks with fieldwork, since it is used there.
    """

    first: int
    rows: dict[Resource, int]
    days: Days

    @classmethod
    def of(
        cls,
        rules: WorkforceRules,
        posts: Sequence[tuple[Post, int, int]],
        calendar: Calendar,
        leave_years: LeaveYears,
    ) -> Supply:
        """Supply of some posts.

        Parameters
        ----------
        rules : WorkforceRules
            The workforce's data.
        posts : sequence of (Post, int, int)
            Each with the days from which and before which somebody is in it.
        calendar : Calendar
            The working calendar.
        leave_years : LeaveYears
            Weeks of leave.
        """
        rows: dict[Resource, int] = {}
        for role in rules.roles:
            for whom in (EVERYWHERE, LEADS, *rules.regions):
                rows[Resource(role, whom)] = len(rows)
        full_time = _days_of_a_full_timer(rules, calendar, leave_years)
        mondays = np.array(calendar.mondays)
        days = np.zeros((len(rows), len(mondays)))
        for post, begins, ends in posts:
            given = rules.roles[post.role].programme_share * post.hours * full_time
            given = np.where((mondays >= begins) & (mondays < ends), given, 0.0)
            for whom in (EVERYWHERE, post.region, *([LEADS] if post.may_lead else [])):
                days[rows[Resource(post.role, whom)]] += given
        return cls(calendar.mondays[0], rows, days)


def _days_of_a_full_timer(rules: WorkforceRules, calendar: Calendar, leave_years: LeaveYears) -> Days:
    """Days at work of a full-timer in each week, those of the weeks without fieldwork of a term moved to the others."""
    in_open, in_closed = leave_years.shares_at_work(rules)
    mondays = np.array(calendar.mondays)
    workdays = np.array([sum(map(calendar.is_workday, range(monday, monday + DAYS_A_WEEK))) for monday in mondays])
    is_open = np.array([monday in calendar.open_weeks for monday in calendar.mondays])
    at_work = workdays * np.where(is_open, in_open, in_closed)
    terms = np.array([calendar.term_of(monday) for monday in calendar.mondays])
    of_term = np.bincount(terms, weights=at_work)
    open_in_term = np.bincount(terms, weights=is_open)
    return np.asarray(np.where(is_open, of_term[terms] / np.maximum(1, open_in_term[terms]), 0.0), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Need:
    """What a visit of some rules takes in each week on site.

    Attributes
    ----------
    rows : ndarray of int, shape (resources,)
        Rows of the supply.
    days : ndarray of float, shape (resources,)
        Inspector-days in each week.
    people : tuple of int
        People on site in each of the weeks on site.
    alone : ndarray of float, shape (weeks,)
        What its days would cost in each week in which nothing else is planned.
    """

    rows: NDArray[np.int64]
    days: Days
    people: tuple[int, ...]
    alone: Days


@dataclass(frozen=True, eq=False, slots=True)
class Booking:
    """A visit that is planned.

    Attributes
    ----------
    ahead : WeeksAhead
        Where it stands.
    monday : int
        Monday for which it is planned.
    need : Need
        What it takes in each week on site.
    weeks : tuple of int
        Weeks on site, counted from 0.
    inspections : int
        1 for a full inspection, 0 for another visit.
    """

    ahead: WeeksAhead
    monday: int
    need: Need
    weeks: WeeksOnSite
    inspections: int

    def release(self) -> None:
        """Plan it no longer."""
        self.ahead.add(self, -1)


class WeeksAhead:
    """What is planned in one replication, week by week.

    Parameters
    ----------
    supply : Supply
        What people can give.
    calendar : Calendar
        The working calendar.
    most_inspections : int or None
        Most inspections on site in a week.

    Attributes
    ----------
    supply, calendar, most
        As given.
    weight : ndarray of float, shape (resources, weeks)
        Price of the square of an inspector-day.
    booked : ndarray of float, shape (resources, weeks)
        Inspector-days planned.
    people : ndarray of int, shape (weeks,)
        People on site.
    inspections : ndarray of int, shape (weeks,)
        Full inspections on site.
    """

    def __init__(self, supply: Supply, calendar: Calendar, most_inspections: int | None) -> None:
        self.supply = supply
        self.calendar = calendar
        self.most = most_inspections
        with np.errstate(divide="ignore"):
            self.weight = np.where(supply.days > 0, supply.days, np.inf) ** -1.0
        self.weight[supply.days <= 0] = NOBODY
        self.booked = np.zeros_like(supply.days)
        weeks = supply.days.shape[1]
        self.people = np.zeros(weeks, dtype=np.int64)
        self.inspections = np.zeros(weeks, dtype=np.int64)
        self._needs: dict[tuple[int, Size, str], Need] = {}

    def need(self, rules: VisitRules, size: Size, region: str) -> Need:
        """What a visit takes in each week on site at an authority of a size and region."""
        key = (id(rules), size, region)  # rules live as long as the scenario
        need = self._needs.get(key)
        if need is None:
            need = self._needs[key] = self._need(rules, size, region)
        return need

    def _need(self, rules: VisitRules, size: Size, region: str) -> Need:
        taken: dict[Resource, float] = {}
        for team, lead in rules.seats:
            a_week = team.people[size] * team.days / len(rules.weeks_on_site)
            for whom in (EVERYWHERE, region, *([LEADS] if lead else [])):
                resource = Resource(team.role, whom)
                taken[resource] = taken.get(resource, 0.0) + a_week
        known = {resource: a_week for resource, a_week in taken.items() if resource in self.supply.rows and a_week}
        rows, days = np.array([self.supply.rows[each] for each in known]), np.array(list(known.values()))
        people = tuple(
            sum(
                team.people[size]
                for team, _ in rules.seats
                if week < len(team.on_site_days) and team.on_site_days[week]
            )
            for week in rules.weeks_on_site
        )
        return Need(rows, days, people, days**2 @ self.weight[rows])

    def week(self, monday: int) -> int:
        """Place of a week by its Monday."""
        return (monday - self.supply.first) // DAYS_A_WEEK

    def book(self, kind: Kind, rules: VisitRules, need: Need, monday: int) -> Booking:
        """Plan a visit for a Monday."""
        booking = Booking(self, monday, need, rules.weeks_on_site, int(kind in INSPECTIONS))
        self.add(booking, 1)
        return booking

    def add(self, booking: Booking, times: int) -> None:
        """Add a booking, or take it off with ``times`` -1."""
        first, need = self.week(booking.monday), booking.need
        for week, people in zip(booking.weeks, need.people, strict=True):
            place = first + week
            if place < len(self.people):
                self.booked[need.rows, place] += times * need.days
                self.people[place] += times * people
                self.inspections[place] += times * booking.inspections

    def level_monday(self, mondays: Sequence[int], due: int, kind: Kind, rules: VisitRules, need: Need) -> int:
        """Monday of some, ascending, on which a visit leaves the most to spare.

        That is where the squares of what is booked over what there is, and of the people on site, grow least, added up
        over resources and weeks; of those alike the nearest to the due date.
        """
        low, high = self.week(mondays[0]), self.week(mondays[-1]) + max(rules.weeks_on_site) + 1
        price = need.alone[low:high] + 2 * need.days @ (
            self.booked[need.rows, low:high] * self.weight[need.rows, low:high]
        )
        if self.most is not None and kind in INSPECTIONS:
            price += FULL * (self.inspections[low:high] >= self.most)
        out = self.people[low:high]
        starts = np.array(mondays)
        places = (starts - mondays[0]) // DAYS_A_WEEK
        total = NEARER * np.abs(starts - due)
        for week, people in zip(rules.weeks_on_site, need.people, strict=True):
            priced = price + PERSON * people * (2 * out + people)
            total += priced[np.minimum(places + week, len(price) - 1)]
        return mondays[int(np.argmin(total))]


NOBODY = 1e3
"""Weight of a resource in a week in which there is nobody."""
FULL = 1e2
"""Price of a week in which as many inspections are planned as may be on site."""
PERSON = 1.0
"""Price of the square of the people on site in a week, in inspector-days: keeps the busiest weeks low."""
NEARER = 1e-7
"""Price of a day away from the due date: decides between weeks that are alike in all else."""
