"""Leave and training: in which weeks of a year each person is away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.workdays import DAYS_A_WEEK, WEEKDAYS, Calendar

if TYPE_CHECKING:
    from sim.workforce import WorkforceRules

WEEKS_A_YEAR = 52
WEEKS_DRAWN = 53
"""Uniform draws for one year's leave: one for each ISO week."""


@dataclass(frozen=True)
class WeeksOfYear:
    """ISO weeks of one year.

    Attributes
    ----------
    weeks : int
        How many of them there are with working days.
    closed_days, open_days : int
        Working days in those without fieldwork, and in the others.
    last : int
        Last working day of all.
    """

    weeks: int
    closed_days: int
    open_days: int
    last: int


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
        iso = {monday: calendar.date(monday).isocalendar() for monday in calendar.mondays}
        days = [
            (monday, day, rank)
            for monday in calendar.mondays
            for rank, day in enumerate(filter(calendar.is_workday, range(monday, monday + WEEKDAYS)))
        ]
        known = sorted({iso[monday].year for monday, _, _ in days})
        shape = len(known), WEEKS_DRAWN
        self._days = np.array([day for _, day, _ in days], dtype=np.int64)
        self._rank = np.array([rank for _, _, rank in days], dtype=np.int64)
        """Place of each of those days in its week, from 0."""
        year = np.array([known.index(iso[monday].year) for monday, _, _ in days], dtype=np.int64)
        week = np.array([iso[monday].week - 1 for monday, _, _ in days], dtype=np.int64)
        self._week = year * WEEKS_DRAWN + week
        self._lengths = np.bincount(self._week, minlength=shape[0] * shape[1]).reshape(shape)
        """Working days of each week."""
        closed = np.zeros(shape, dtype=bool)
        closed.ravel()[self._week] = [monday not in calendar.open_weeks for monday, _, _ in days]
        self._earlier = np.where(self._lengths == 0, np.inf, np.where(closed, -1.0, 0.0))
        """What a week's draw is moved by, so that those without fieldwork come first; exact for draws on [0, 1)."""
        self._bits = calendar.last + DAYS_A_WEEK
        self.years = [
            WeeksOfYear(
                weeks=int(np.count_nonzero(self._lengths[place])),
                closed_days=int(self._lengths[place][closed[place]].sum()),
                open_days=int(self._lengths[place][~closed[place]].sum()),
                last=int(self._days[year == place].max()),
            )
            for place in range(len(known))
        ]

    def absences(self, rules: WorkforceRules, draws: NDArray[np.float64], joins: int = 0) -> list[int]:
        """Bitset of the leave and training of each of some people.

        Years that are over before they join are left out.
        Weeks are taken one after another in an order of the person's own, the last one in part: first leave and then
        training in weeks without fieldwork, the rest of the leave in open ones. Where the one kind of week is used up
        the other one is taken, so that the days of a year are those asked for; a part of a year has its part of them.
        The order is by a draw of each ISO week, so closing one more of them leaves the others in their places.

        Parameters
        ----------
        rules : WorkforceRules
            Days of leave and training.
        draws : ndarray of float, shape (people, years, WEEKS_DRAWN)
            Uniform draws of each.
        joins : int, optional
            First day in post of all of them.
        """
        first = next((place for place, weeks in enumerate(self.years) if weeks.last >= joins), len(self.years))
        order = np.argsort(draws[:, first:] + self._earlier[first:])
        lengths = np.take_along_axis(np.broadcast_to(self._lengths[first:], order.shape), order, axis=-1)
        before = lengths.cumsum(axis=-1) - lengths
        taken = np.zeros((len(draws), *self._lengths.shape), dtype=np.int64)
        found = taken[:, first:]
        closed_days = np.array([weeks.closed_days for weeks in self.years[first:]], dtype=np.int64)[:, None]
        in_closed, in_open = self._days_asked_for(rules)[:, first:, None]
        left = np.where(before < closed_days, in_closed, in_open + closed_days) - before
        np.put_along_axis(found, order, np.minimum(np.maximum(left, 0), lengths), axis=-1)
        away = np.zeros((len(draws), self._bits), dtype=bool)
        away[:, self._days] = self._rank < taken.reshape(len(draws), -1)[:, self._week]
        return [int.from_bytes(row.tobytes(), "little") for row in np.packbits(away, axis=1, bitorder="little")]

    def _days_asked_for(self, rules: WorkforceRules) -> NDArray[np.int64]:
        """Days to be taken in weeks without fieldwork and in the others, shape (2, years)."""
        asked = []
        for weeks in self.years:
            part = min(1.0, weeks.weeks / WEEKS_A_YEAR)
            days = round(part * (rules.leave_days + rules.training_days))
            in_open = min(weeks.open_days, round(part * rules.leave_days * (1 - rules.leave_in_closed_weeks)))
            in_closed = min(days - in_open, weeks.closed_days)
            asked.append((in_closed, days - in_closed))
        return np.array(asked, dtype=np.int64).T
