"""Decides in which weeks of a year each person is away on leave or training."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice

import numpy as np
from numpy.typing import NDArray

from sim.base.calendar import Calendar
from sim.inputs.workforce_rules import WorkforceRules

DaysAskedFor = tuple[int, int]
"""Days to take in a year: in weeks without fieldwork, and in the other weeks."""
WEEKS_A_YEAR = 52
WEEKS_DRAWN = 53
"""Uniform draws for one year's leave: one for each ISO week."""


@dataclass(frozen=True)
class WeeksOfYear:
    """Describe the ISO weeks of one year.

    Attributes
    ----------
    first, last : int
        First Monday, and last working day of the year.
    days : tuple of (int, int, tuple of int)
        For each ISO week: the number of its working days, their bitset, and the bitsets of its first 0, 1, 2, ... days.
        Bitsets count from the first Monday. A week that does not exist has no days.
    closed, open : int
        Number of weeks with working days but without fieldwork, and number of the other weeks.
    closed_days, open_days : int
        Working days of these weeks.
    """

    first: int
    last: int
    days: tuple[tuple[int, int, tuple[int, ...]], ...]
    closed: int
    open: int
    closed_days: int
    open_days: int


class LeaveYears:
    """Arrange the weeks of leave year by year from the first Monday on, once for each scenario.

    Parameters
    ----------
    calendar : Calendar
        Working calendar.

    Attributes
    ----------
    years : list of WeeksOfYear
        Years, in order.
    """

    def __init__(self, calendar: Calendar) -> None:
        mondays: dict[int, dict[int, int]] = {}
        for monday in calendar.mondays:
            if calendar.workdays_of_week(monday):
                iso = calendar.date(monday).isocalendar()
                mondays.setdefault(iso.year, {})[iso.week - 1] = monday
        self.years = [_weeks_of(mondays[year], calendar) for year in sorted(mondays)]
        self._moved = np.full((len(self.years), WEEKS_DRAWN), np.inf)
        """Shift of each week's draw that puts weeks without fieldwork first. It is exact, since draws are multiples of
        2^-53.
        """
        for place, year in enumerate(sorted(mondays)):
            for week, monday in mondays[year].items():
                self._moved[place, week] = 0.0 if monday in calendar.open_weeks else -1.0

    def shares_at_work(self, rules: WorkforceRules) -> tuple[float, float]:
        """Compute the mean share of working days on which people are neither on leave nor in training.

        Returns
        -------
        tuple of float
            Share in weeks with fieldwork, and share in weeks without.
        """
        shares = np.array([_shares(weeks, rules) for weeks in self.years])
        in_open, in_closed = shares.mean(axis=0)
        return float(in_open), float(in_closed)

    def asked_for(self, rules: WorkforceRules) -> list[DaysAskedFor]:
        """Compute the days of leave and training that everybody has to take in each year."""
        return [_days_asked_for(weeks, rules) for weeks in self.years]

    def absences(self, asked: Sequence[DaysAskedFor], draws: NDArray[np.float64], joins: int = 0) -> list[int]:
        """Draw the leave and training of some people, each as a bitset of days.

        Each person takes weeks one after another in a random order, the last one in part. Leave comes first and
        training second in weeks without fieldwork; the rest of the leave falls in weeks with fieldwork. When one kind
        of week is used up, the person takes the other kind, so that the year's total is right. A part of a year has its
        part of the days. The order comes from one draw for each ISO week, so closing one more week leaves the others in
        place. Years that end before people join are left out.

        Parameters
        ----------
        asked : sequence of (int, int)
            Days to take, from :meth:`asked_for`.
        draws : ndarray of float, shape (people, years, WEEKS_DRAWN)
            Uniform draws of each person.
        joins : int, optional
            First day in post of all these people.
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
    """Arrange the weeks of a year, given the Monday of each ISO week (week number less one)."""
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
    """Return the bitset of the first ``count`` working days of weeks in a given order; all days if there are fewer."""
    taken = 0
    for there, days, first_days in map(weeks.days.__getitem__, order):
        if there >= count:
            return taken | first_days[count]
        taken |= days
        count -= there
    return taken
