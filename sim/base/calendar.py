"""Represents dates, bank holidays, closed weeks and the Mondays on which fieldwork may begin.

The model's clock counts whole calendar days from the scenario's start; earlier days are negative. Everything here is a
table or a look-up in a table, and none of it depends on the event loop.
"""

from __future__ import annotations

import csv
from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from sim.base.package_data import table

Date = date
WeeksOnSite = tuple[int, ...]
"""Weeks of a fieldwork with people on site, counted from 0."""

DAYS_A_WEEK = 7
WEEKDAYS = 5
MONTHS_A_YEAR = 12
MONTHS_A_QUARTER = 3
DAYS_A_YEAR = 365.25
NEVER = 10**6
"""Day later than every horizon."""
APRIL = 4
YEARS_AHEAD = 10
"""Years past the other look-ups that the tables of months also cover; this affects only speed."""
BEYOND = 400
"""Days that look-ups reach past each end of a run: more than a whole year and than the longest preparation."""


@cache
def bank_holidays() -> frozenset[date]:
    """Return England's bank holidays, from the built-in table."""
    rows = csv.DictReader(table("bank_holidays.csv").splitlines())
    return frozenset(date.fromisoformat(row["date"]) for row in rows)


def holiday_years() -> range:
    """Return the calendar years that the built-in table of bank holidays covers in full."""
    years = {holiday.year for holiday in bank_holidays()}
    return range(min(years), max(years) + 1)


@cache
def add_months(day: date, months: int) -> date:
    """Return the same day of the month ``months`` later (earlier if negative), or the last day of a shorter month."""
    serial = day.year * MONTHS_A_YEAR + day.month - 1 + months
    year, month = divmod(serial, MONTHS_A_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def financial_year(day: date) -> str:
    """Return the financial year of a date (April to March), such as ``2018-19``."""
    first = day.year if day.month >= APRIL else day.year - 1
    return f"{first}-{(first + 1) % 100:02d}"


def first_of_quarter(day: date) -> date:
    """Return the first day of a date's quarter; quarters begin in January, April, July and October."""
    return date(day.year, day.month - (day.month - 1) % MONTHS_A_QUARTER, 1)


def quarter(day: date) -> str:
    """Return the quarter of a date within its financial year, such as ``2018-19 Q1`` for April to June 2018."""
    return f"{financial_year(day)} Q{(day.month - APRIL) % MONTHS_A_YEAR // MONTHS_A_QUARTER + 1}"


class Calendar:
    """Represents the working calendar of one scenario, in days since its start.

    Parameters
    ----------
    start : datetime.date
        Day 0.
    horizon : int
        Last day simulated. The look-ups reach more than a year beyond it, for work still open at the end.
    closed_weeks : collection of int
        ISO weeks without fieldwork. Weeks with a bank holiday are closed as well.
    term_months : sequence of int
        Months in which a term begins, ascending; the first must be 1.
    reach_back : int, optional
        Days before the start from which working days are counted. The look-ups reach more than a year further back, for
        work that would have to begin before the start. Days outside the look-ups raise an error.

    Attributes
    ----------
    start, horizon
        As given.
    mondays : list of int
        Every Monday from the first on or after the start to the end of the look-ups.
    terms : list of (int, int)
        First and last day of each term, from the term of the start to the end of the look-ups.
    """

    def __init__(
        self,
        start: date,
        horizon: int,
        closed_weeks: Sequence[int],
        term_months: Sequence[int] = (1,),
        reach_back: int = 0,
    ) -> None:
        self.start = start
        self.horizon = horizon
        self._first = -reach_back - BEYOND
        self.last = horizon + BEYOND
        holidays = [(holiday - start).days for holiday in bank_holidays()]
        self._start_weekday = start.weekday()
        self._months_after: dict[int, list[int]] = {}
        self._end_of_months = self.last + round(YEARS_AHEAD * DAYS_A_YEAR)
        days = np.arange(self._first, self.last)
        is_workday = ((days + self._start_weekday) % DAYS_A_WEEK < WEEKDAYS) & ~np.isin(days, holidays)
        self._workdays: list[int] = days[is_workday].tolist()
        self._workday_set = frozenset(self._workdays)
        self.workday_mask = int.from_bytes(np.packbits(is_workday[days >= 0], bitorder="little").tobytes(), "little")
        first_monday = -self._start_weekday % DAYS_A_WEEK
        self.mondays = list(range(first_monday, self.last - DAYS_A_WEEK, DAYS_A_WEEK))
        self._closed = frozenset(closed_weeks)
        self.open_weeks = frozenset(monday for monday in self.mondays if self._is_open(monday))
        self._starts: dict[WeeksOnSite, list[int]] = {}
        self._start_set: dict[WeeksOnSite, frozenset[int]] = {}
        self._starts_of_year: dict[tuple[WeeksOnSite, int], list[int]] = {}
        self._term_months = tuple(term_months)
        self._term_starts = self._find_term_starts()
        ends = [*(start - 1 for start in self._term_starts[1:]), self.last]
        self.terms = list(zip(self._term_starts, ends, strict=True))

    def date(self, day: int) -> Date:
        """Return the calendar date of a day number."""
        return self.start + timedelta(days=day)

    def day(self, when: Date) -> int:
        """Return the day number of a calendar date."""
        return (when - self.start).days

    def weekday(self, day: int) -> int:
        """Return the weekday of a day: 0 for Monday to 6 for Sunday."""
        return (day + self._start_weekday) % DAYS_A_WEEK

    def week_of(self, day: int) -> int:
        """Return the Monday of a day's week."""
        return day - self.weekday(day)

    def monday_from(self, day: int) -> int:
        """Return the first Monday on or after a day."""
        return day + -self.weekday(day) % DAYS_A_WEEK

    def is_workday(self, day: int) -> bool:
        """Return whether a day is Monday to Friday and not a bank holiday."""
        return day in self._workday_set

    def months_after(self, day: int, months: int) -> int:
        """Return the day number ``months`` calendar months after a day (before it, if negative)."""
        table = self._months_after.get(months)
        if table is None:
            table = self._months_after[months] = self._days_after_months(months)
        if self._first <= day < self._end_of_months:
            return table[day - self._first]
        return self.day(add_months(self.date(day), months))

    def _days_after_months(self, months: int) -> list[int]:
        """Return the results of :meth:`months_after` for every day in the tables of months."""
        first, month, in_month = self._in_months
        counted = np.arange(months, months + month[-1] + 2).astype("timedelta64[M]")
        begins = (first + counted).astype("datetime64[D]")
        begins_on = (begins - np.datetime64(self.start, "D")).astype(np.int64)
        found: list[int] = np.minimum(begins_on[month] + in_month, begins_on[month + 1] - 1).tolist()
        return found

    @cached_property
    def _in_months(self) -> tuple[np.datetime64, NDArray[np.int64], NDArray[np.int64]]:
        """Return the first month of the tables, then for each of their days its month (counted from 0) and its day
        of month.
        """
        days = np.datetime64(self.start, "D") + np.arange(self._first, self._end_of_months)
        months = days.astype("datetime64[M]")
        in_month = (days - months.astype("datetime64[D]")).astype(np.int64)
        return months[0], (months - months[0]).astype(np.int64), in_month

    def quarter_of(self, day: int) -> int:
        """Return the first day of a day's quarter; quarters begin in January, April, July and October."""
        return self.day(first_of_quarter(self.date(day)))

    def workdays_of_week(self, monday: int) -> list[int]:
        """Return the working days of the week that begins on a Monday."""
        workdays = self._workdays
        place = bisect_left(workdays, monday)
        return workdays[place : bisect_left(workdays, monday + WEEKDAYS, place)]

    def workdays_from(self, day: int, count: int) -> list[int]:
        """Return the first ``count`` working days after a day; fewer at the end of the look-ups."""
        place = bisect_right(self._workdays, day)
        return self._workdays[place : place + count]

    def workdays_up_to(self, day: int, count: int) -> list[int]:
        """Return the last ``count`` working days before a day.

        Raises
        ------
        ValueError
            If the look-ups do not reach back that far.
        """
        place = bisect_left(self._workdays, day)
        if place < count or day > self.last:
            raise self._not_covered(day)
        return self._workdays[place - count : place]

    def workdays_after(self, day: int, count: int) -> int:
        """Return the ``count``-th working day after a day (0 gives the day itself), at most the end of the look-ups."""
        if count <= 0:
            return day
        if day < self._first:
            raise self._not_covered(day)
        place = bisect_right(self._workdays, day) + count - 1
        return self._workdays[place] if place < len(self._workdays) else self.last

    def workdays_before(self, day: int, count: int) -> int:
        """Return the ``count``-th working day before a day (0 gives the day itself)."""
        if count <= 0:
            return day
        place = bisect_left(self._workdays, day) - count
        if place < 0 or day > self.last:
            raise self._not_covered(day)
        return self._workdays[place]

    def _not_covered(self, day: int) -> ValueError:
        known = f"from {self.date(self._first)} to {self.date(self.last)}"
        return ValueError(f"working days are known {known}; the days asked for, from {self.date(day)}, lie outside")

    def workday_on_or_after(self, day: int) -> int:
        """Return the first working day on or after a day, at most the end of the look-ups."""
        if day < self._first:
            raise self._not_covered(day)
        place = bisect_left(self._workdays, day)
        return self._workdays[place] if place < len(self._workdays) else self.last

    def _is_open(self, monday: int) -> bool:
        return self.date(monday).isocalendar().week not in self._closed and self._workday_set.issuperset(
            range(monday, monday + WEEKDAYS)
        )

    def starts(self, weeks: WeeksOnSite) -> list[int]:
        """Return the Mondays on which fieldwork can begin, ascending.

        Parameters
        ----------
        weeks : tuple of int
            Weeks with people on site, counted from 0; these must be open. A week off site between them need not be
            open: among the single inspections counted, most of those that span a holiday had it in their second week.
        """
        starts = self._starts.get(weeks)
        if starts is None:
            starts = self._starts[weeks] = [
                monday
                for monday in self.mondays
                if all(monday + DAYS_A_WEEK * week in self.open_weeks for week in weeks)
            ]
        return starts

    def is_start(self, weeks: WeeksOnSite, monday: int) -> bool:
        """Return whether a Monday is one of :meth:`starts`."""
        if weeks not in self._start_set:
            self._start_set[weeks] = frozenset(self.starts(weeks))
        return monday in self._start_set[weeks]

    def starts_between(self, weeks: WeeksOnSite, first: int, last: int) -> list[int]:
        """Return the Mondays of :meth:`starts` from ``first`` to ``last``, both included."""
        starts, begin, end = self.places_of_starts(weeks, first, last)
        return starts[begin:end]

    def places_of_starts(self, weeks: WeeksOnSite, first: int, last: int) -> tuple[list[int], int, int]:
        """Return all of :meth:`starts`, with the begin and end positions of :meth:`starts_between` in that list."""
        starts = self.starts(weeks)
        return starts, bisect_left(starts, first), bisect_right(starts, last)

    def starts_of_year(self, weeks: WeeksOnSite, year: int) -> list[int]:
        """Return the Mondays of a calendar year on which fieldwork can begin, including those before the
        scenario's start.
        """
        if (weeks, year) not in self._starts_of_year:
            first, last = self.day(date(year, 1, 1)), self.day(date(year, 12, 31))
            first_monday = first + -self.weekday(first) % DAYS_A_WEEK
            self._starts_of_year[weeks, year] = [
                monday
                for monday in range(first_monday, last + 1, DAYS_A_WEEK)
                if all(self._is_open(monday + DAYS_A_WEEK * week) for week in weeks)
            ]
        return self._starts_of_year[weeks, year]

    def first_start(self, weeks: WeeksOnSite, day: int) -> int:
        """Return the first of :meth:`starts` on or after a day; past the end of the look-ups, return their last day."""
        starts = self.starts(weeks)
        place = bisect_left(starts, day)
        return starts[place] if place < len(starts) else self.last

    def term_of(self, day: int) -> int:
        """Return the number of a day's term; 0 is the term of the scenario's start."""
        return bisect_right(self._term_starts, day) - 1

    def _find_term_starts(self) -> list[int]:
        begins = [
            self.day(date(year, month, 1))
            for year in range(self.start.year - 1, self.date(self.last).year + 1)
            for month in self._term_months
        ]
        running = max(begin for begin in begins if begin <= 0)
        return [begin for begin in begins if running <= begin < self.last]
