"""Leave and training: in which weeks of a year each person is away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice

import numpy as np
from numpy.typing import NDArray

from sim.base.calendar import Calendar
from sim.inputs.workforce_rules import WorkforceRules

DaysAskedFor = tuple[int, int]
"""Days to be taken in a year in weeks without fieldwork, and in the others."""
WEEKS_A_YEAR = 52
WEEKS_DRAWN = 53
"""Uniform draws for one year's leave: one for each ISO week."""


@dataclass(frozen=True)
class WeeksOfYear:
    """ISO weeks of one year.

    Attributes
    ----------
    first, last : int
        First Monday, and last working day of all.
    days : tuple of (int, int, tuple of int)
        Of each ISO week how many working days it has, their bitset, and those of its first days, from none of them to
        all; the bitsets begin on the first Monday, and a week that is not there has no days.
    closed, open : int
        How many weeks with working days there are without fieldwork, and how many others.
    closed_days, open_days : int
        Their working days.
    """

    first: int
    last: int
    days: tuple[tuple[int, int, tuple[int, ...]], ...]
    closed: int
    open: int
    closed_days: int
    open_days: int


class LeaveYears:
    """Which weeks people may be away in, year by year from the first Monday on; made once for a scenario.

    Parameters
    ----------
    calendar : Calendar
        The working calendar.

    Attributes
    ----------
    years : list of WeeksOfYear
        In order.
    """

    def __init__(self, calendar: Calendar) -> None:
        mondays: dict[int, dict[int, int]] = {}
        for monday in calendar.mondays:
            if calendar.workdays_of_week(monday):
                iso = calendar.date(monday).isocalendar()
                mondays.setdefault(iso.year, {})[iso.week - 1] = monday
        self.years = [_weeks_of(mondays[year], calendar) for year in sorted(mondays)]
        self._moved = np.full((len(self.years), WEEKS_DRAWN), np.inf)
        """What a week's draw is moved by, so that those without fieldwork come first: exact for multiples of 2^-53, as
        draws are."""
        for place, year in enumerate(sorted(mondays)):
            for week, monday in mondays[year].items():
                self._moved[place, week] = 0.0 if monday in calendar.open_weeks else -1.0

    def shares_at_work(self, rules: WorkforceRules) -> tuple[float, float]:
        """Mean share of the working days on which people are neither on leave nor in training.

        Returns
        -------
        tuple of float
            In weeks with fieldwork, and in those without.
        """
        shares = np.array([_shares(weeks, rules) for weeks in self.years])
        in_open, in_closed = shares.mean(axis=0)
        return float(in_open), float(in_closed)

    def asked_for(self, rules: WorkforceRules) -> list[DaysAskedFor]:
        """Days of leave and training that everybody has to take in each year."""
        return [_days_asked_for(weeks, rules) for weeks in self.years]

    def absences(self, asked: Sequence[DaysAskedFor], draws: NDArray[np.float64], joins: int = 0) -> list[int]:
        """Bitset of the leave and training of each of some people.

        Years that are over before they join are left out.
        Weeks are taken one after another in an order of the person's own, the last one in part: first leave and then
        training in weeks without fieldwork, the rest of the leave in open ones. Where the one kind of week is used up
        the other one is taken, so that the days of a year are those asked for; a part of a year has its part of them.
        The order is by a draw of each ISO week, so closing one more of them leaves the others in their places.

        Parameters
        ----------
        asked : sequence of (int, int)
            As of :meth:`asked_for`.
        draws : ndarray of float, shape (people, years, WEEKS_DRAWN)
            Uniform draws of each.
        joins : int, optional
            First day in post of all of them.
        """
        past = sum(weeks.last < joins for weeks in self.years)
        years = [(weeks, *days) for weeks, days in zip(self.years[past:], asked[past:], strict=True)]
        away = []
        for orders in np.argsort(draws[:, past:] + self._moved[past:]).tolist():
            days = 0
            for (weeks, in_closed, in_open), order in zip(years, orders, strict=True):
                taken = _take(weeks, islice(order, weeks.closed), in_closed)
                taken |= _take(weeks, islice(order, weeks.closed, weeks.closed + weeks.open), in_open)
                days |= taken << weeks.first
            away.append(days)
        return away


def _shares(weeks: WeeksOfYear, rules: WorkforceRules) -> tuple[float, float]:
    in_closed, in_open = _days_asked_for(weeks, rules)
    return 1 - in_open / max(1, weeks.open_days), 1 - in_closed / max(1, weeks.closed_days)


def _weeks_of(mondays: dict[int, int], calendar: Calendar) -> WeeksOfYear:
    """Weeks of a year, from the Monday of each ISO week of it (number less one)."""
    first = min(mondays.values())
    days: list[tuple[int, int, tuple[int, ...]]] = [(0, 0, (0,))] * WEEKS_DRAWN
    for week, monday in mondays.items():
        bits = [1 << (day - first) for day in calendar.workdays_of_week(monday)]
        days[week] = len(bits), sum(bits), tuple(accumulate(bits, initial=0))
    closed = [week for week, monday in mondays.items() if monday not in calendar.open_weeks]
    closed_days = sum(days[week][0] for week in closed)
    return WeeksOfYear(
        first=first,
        last=first + max(bitset for _, bitset, _ in days).bit_length() - 1,
        days=tuple(days),
        closed=len(closed),
        open=len(mondays) - len(closed),
        closed_days=closed_days,
        open_days=sum(there for there, _, _ in days) - closed_days,
    )


def _days_asked_for(weeks: WeeksOfYear, rules: WorkforceRules) -> DaysAskedFor:
    part = min(1.0, (weeks.closed + weeks.open) / WEEKS_A_YEAR)
    days = round(part * (rules.leave_days + rules.training_days))
    in_open = min(weeks.open_days, round(part * rules.leave_days * (1 - rules.leave_in_closed_weeks)))
    in_closed = min(days - in_open, weeks.closed_days)
    return in_closed, days - in_closed


def _take(weeks: WeeksOfYear, order: Iterable[int], count: int) -> int:
    """Bitset of the first working days, so many of them, of weeks taken one after another; all if there are fewer."""
    taken = 0
    for there, days, first_days in map(weeks.days.__getitem__, order):
        if there >= count:
            return taken | first_days[count]
        taken |= days
        count -= there
    return taken
