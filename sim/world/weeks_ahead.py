"""What is planned week by week, and what people can give: by role, of leads, and by role and region.

A planning office knows the posts that are filled and that will be, when people usually take leave, in which weeks there
is no fieldwork, and what it has planned already. It does not know who will fall ill or leave, nor what will be found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
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


@dataclass(frozen=True, eq=False, slots=True)
class Need:
    """What a visit of some rules takes in each week on site, of each line: the resources, people and inspections.

    Attributes
    ----------
    weeks : tuple of int
        Weeks on site, counted from 0.
    takes : ndarray of float, shape (weeks on site, lines)
        How much.
    twice : ndarray of float, shape (lines, weeks on site)
        Twice that.
    alone : ndarray of float, shape (weeks, weeks on site)
        Price of each week on site in each week in which nothing else is planned.
    inspection : bool
        Whether it is a full inspection.
    """

    weeks: WeeksOnSite
    takes: Days
    twice: Days
    alone: Days
    inspection: bool


@dataclass(frozen=True, eq=False)
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
    weight : ndarray of float, shape (weeks, lines)
        Price of the square of what is planned of each line: of each resource, of people and of inspections on site.
    """

    first: int
    rows: dict[Resource, int]
    days: Days
    weight: Days
    _needs: dict[tuple[int, Size, str], Need] = field(default_factory=dict)

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
        prices = np.where(days > 0, 1.0 / np.where(days > 0, days, 1.0), NOBODY).T
        each_week = np.ones((len(mondays), 1))
        return cls(calendar.mondays[0], rows, days, np.hstack([prices, PERSON * each_week, 0.0 * each_week]))

    def need(self, kind: Kind, rules: VisitRules, size: Size, region: str) -> Need:
        """What a visit takes in each week on site at an authority of a size and region."""
        key = (id(rules), size, region)  # rules live as long as the scenario
        need = self._needs.get(key)
        if need is None:
            need = self._needs[key] = self._need(kind, rules, size, region)
        return need

    def _need(self, kind: Kind, rules: VisitRules, size: Size, region: str) -> Need:
        takes = np.zeros((len(rules.weeks_on_site), self.weight.shape[1]))
        for team, lead in rules.seats:
            for whom in (EVERYWHERE, region, *([LEADS] if lead else [])):
                row = self.rows.get(Resource(team.role, whom))
                if row is not None:
                    takes[:, row] += team.people[size] * team.days / len(takes)
            there = [week < len(team.on_site_days) and team.on_site_days[week] > 0 for week in rules.weeks_on_site]
            takes[:, PEOPLE] += team.people[size] * np.array(there)
        inspection = kind in INSPECTIONS
        takes[:, INSPECTED] = inspection
        return Need(rules.weeks_on_site, takes, 2 * takes.T, self.weight @ (takes**2).T, inspection)


def _days_of_a_full_timer(rules: WorkforceRules, calendar: Calendar, leave_years: LeaveYears) -> Days:
    """Days at work of a full-timer in each week, those of the weeks without fieldwork of a term moved to the others."""
    in_open, in_closed = leave_years.shares_at_work(rules)
    workdays = np.array([len(calendar.workdays_of_week(monday)) for monday in calendar.mondays])
    is_open = np.array([monday in calendar.open_weeks for monday in calendar.mondays])
    at_work = workdays * np.where(is_open, in_open, in_closed)
    terms = np.array([calendar.term_of(monday) for monday in calendar.mondays])
    of_term = np.bincount(terms, weights=at_work)
    open_in_term = np.bincount(terms, weights=is_open)
    return np.asarray(np.where(is_open, of_term[terms] / np.maximum(1, open_in_term[terms]), 0.0), dtype=np.float64)


class Booking(NamedTuple):
    """A visit that is planned: where it stands, for which Monday, and what it takes."""

    ahead: WeeksAhead
    monday: int
    need: Need

    def release(self) -> None:
        """Plan it no longer."""
        self.ahead.add(self, -1)


class WeeksAhead:
    """What is planned in one replication, week by week.

    Parameters
    ----------
    supply : Supply
        What people can give.
    most_inspections : int or None
        Most inspections on site in a week.

    Attributes
    ----------
    supply, most
        As given.
    amounts : ndarray of float, shape (weeks, lines)
        What is planned: inspector-days of each resource, then people on site, then full inspections on site.
    """

    def __init__(self, supply: Supply, most_inspections: int | None) -> None:
        self.supply = supply
        self.most = most_inspections
        self.amounts = np.zeros_like(supply.weight)

    def week(self, monday: int) -> int:
        """Place of a week by its Monday."""
        return (monday - self.supply.first) // DAYS_A_WEEK

    def book(self, need: Need, monday: int) -> Booking:
        """Plan a visit for a Monday."""
        booking = Booking(self, monday, need)
        self.add(booking, 1)
        return booking

    def add(self, booking: Booking, times: int) -> None:
        """Add a booking, or take it off with ``times`` -1."""
        first = self.week(booking.monday)
        for week, takes in zip(booking.need.weeks, booking.need.takes, strict=True):
            if first + week < len(self.amounts):
                of_week = self.amounts[first + week]
                of_week += takes if times == 1 else times * takes

    def level_monday(self, mondays: Sequence[int], due: int, need: Need) -> int:
        """Monday of some, ascending, on which a visit leaves the most to spare.

        That is where the squares of what is booked over what there is, and of the people on site, grow least, added up
        over resources and weeks; of those alike the nearest to the due date.
        """
        low, high = self.week(mondays[0]), self.week(mondays[-1]) + need.weeks[-1] + 1
        amounts = self.amounts[low:high]
        price = (amounts * self.supply.weight[low:high]) @ need.twice
        price += need.alone[low:high]
        if self.most is not None and need.inspection and (full := amounts[:, INSPECTED] >= self.most).any():
            price[full] += FULL
        places = np.array([(monday - mondays[0]) // DAYS_A_WEEK for monday in mondays])
        total = NEARER * np.abs(places - (due - mondays[0]) / DAYS_A_WEEK)
        for number, week in enumerate(need.weeks):
            total += price[:, number].take(places + week if week else places, mode="clip")
        return mondays[int(total.argmin())]


PEOPLE, INSPECTED = -2, -1
"""Places of the lines of people on site and of full inspections on site."""
NOBODY = 1e3
"""Weight of a resource in a week in which there is nobody."""
FULL = 1e2
"""Price of a week in which as many inspections are planned as may be on site."""
PERSON = 1.0
"""Price of the square of the people on site in a week, in inspector-days: keeps the busiest weeks low."""
NEARER = 1e-6
"""Price of a week away from the due date: decides between weeks that are alike in all else."""
