"""Plans the weeks of all visits that may still move, by mixed-integer programming (HiGHS).

A plan costs more for each late visit, each move, each crowded week and the busiest week. The cost of a week is the
square of the share of capacity that it uses. Straight pieces approximate the squares, so that the problem is linear.
The search stops at a gap or a number of nodes, never at a time limit, so the same visits always get the same plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Amounts = NDArray[np.float64]
"""Inspector-days, people or inspections."""

NODES = 1
"""Most nodes of the search tree: the solver stops after the root node."""


SLACK = 20.0
"""The solver tries a week for a visit only if the week costs at most this much more while all other visits stay."""
MOST_WEEKS = 3
"""Most weeks that the solver tries for a visit beside its planned week."""


class Movable(NamedTuple):
    """Describe a visit that may be moved.

    Attributes
    ----------
    weeks : tuple of int
        Indices of the weeks in which it may begin. The planned week comes first.
    prices : tuple of float
        Price of each week.
    lines : ndarray of int, shape (n,)
        Indices of the lines that it uses.
    takes : ndarray of float, shape (n, weeks on site)
        Amount that it uses of each line in each week on site.
    on_site : tuple of int
        Weeks on site, counted from 0.
    """

    weeks: tuple[int, ...]
    prices: tuple[float, ...]
    lines: NDArray[np.int64]
    takes: Amounts
    on_site: tuple[int, ...]

    def only(self, places: Sequence[int]) -> Movable:
        """Return the visit with only some of its weeks, given by index."""
        weeks, prices = tuple(self.weeks[place] for place in places), tuple(self.prices[place] for place in places)
        return self._replace(weeks=weeks, prices=prices)


@dataclass(frozen=True, eq=False)
class Lines:
    """Hold the lines to keep level week by week: people's days, people on site, inspections on site.

    Attributes
    ----------
    taken : ndarray of float, shape (lines, weeks)
        Amounts that fixed visits use.
    knots : ndarray of float, shape (lines, weeks, pieces)
        Amount at which each straight piece of the price begins. The first begins at 0; the last has no end.
    slopes : ndarray of float, shape (lines, weeks, pieces)
        Price of one more unit on each piece. No piece is cheaper than the one before.
    """

    taken: Amounts
    knots: Amounts
    slopes: Amounts

    def price(self, amounts: Amounts) -> float:
        """Return the total price of amounts of shape (lines, weeks)."""
        return float(self.prices(amounts, np.s_[:, :]).sum())

    def prices(self, amounts: Amounts, where: Any) -> Amounts:
        """Return the price of each amount of some lines and weeks."""
        knots, slopes = self.knots[where], self.slopes[where]
        ends = np.concatenate([knots[..., 1:], np.full((*knots.shape[:-1], 1), np.inf)], axis=-1)
        on_pieces = np.clip(amounts[..., None], knots, ends) - knots
        found: Amounts = (on_pieces * slopes).sum(axis=-1)
        return found


@dataclass(frozen=True, eq=False)
class Programme:
    """Hold the visits that may be moved, and the lines to keep level.

    Attributes
    ----------
    visits : sequence of Movable
        Visits that may be moved.
    lines : Lines
        Lines that they use.
    peak : int
        Index of the line whose busiest week has a price of its own.
    peak_price : float
        Price of one more unit in that week.
    change : float
        Price of moving a visit.
    """

    visits: Sequence[Movable]
    lines: Lines
    peak: int
    peak_price: float
    change: float

    def price(self, chosen: Sequence[int]) -> float:
        """Return the price of a plan, which gives each visit the index of one of its weeks."""
        amounts = self.amounts(chosen)
        of_visits = sum(
            visit.prices[choice] + self.change * (choice > 0) for visit, choice in zip(self.visits, chosen, strict=True)
        )
        return of_visits + self.lines.price(amounts) + self.peak_price * float(amounts[self.peak].max(initial=0))

    def amounts(self, chosen: Sequence[int]) -> Amounts:
        """Return the amounts that a plan uses in total."""
        amounts = self.lines.taken.copy()
        for visit, choice in zip(self.visits, chosen, strict=True):
            add_visit(amounts, visit, choice, 1)
        return amounts

    def best(self, gap: float, most_moved: int) -> list[int]:
        """Find the cheapest plan, which is never dearer than leaving everything as it is.

        Parameters
        ----------
        gap : float
            Acceptable excess of the price over the lowest possible one, as a share.
        most_moved : int
            Most visits that may be moved.
        """
        as_planned = [0] * len(self.visits)
        amounts = self.amounts(as_planned)
        worth = [self._worth_trying(visit, amounts.copy()) for visit in self.visits]
        asked = [number for number, places in enumerate(worth) if len(places) > 1]
        if not asked or not most_moved:
            return as_planned
        for number in asked:
            add_visit(amounts, self.visits[number], 0, -1)
        some = [self.visits[number].only(worth[number]) for number in asked]
        found = _solve(replace(self, visits=some, lines=replace(self.lines, taken=amounts)), gap, most_moved)
        chosen = list(as_planned)
        for number, place in zip(asked, found or (), strict=found is not None):
            chosen[number] = worth[number][place]
        return chosen if self.price(chosen) < self.price(as_planned) else as_planned

    def _worth_trying(self, visit: Movable, amounts: Amounts) -> list[int]:
        """Return the indices of the few best weeks for a visit if all others stay, with the planned week first."""
        add_visit(amounts, visit, 0, -1)
        costs = np.array(visit.prices)
        begins = np.array(visit.weeks)
        for number, week in enumerate(visit.on_site):
            where = visit.lines[:, None], begins + week
            there = amounts[where]
            costs = costs + (
                self.lines.prices(there + visit.takes[:, number, None], where) - self.lines.prices(there, where)
            ).sum(axis=0)
        better = [
            place for place in np.argsort(costs, kind="stable").tolist() if costs[place] < costs[0] + SLACK and place
        ]
        return [0, *sorted(better[:MOST_WEEKS])]


def add_visit(amounts: Amounts, visit: Movable, choice: int, times: float) -> None:
    """Add what a visit uses if it begins in one of its weeks, ``times`` times."""
    for number, week in enumerate(visit.on_site):
        amounts[visit.lines, visit.weeks[choice] + week] += times * visit.takes[:, number]


def _solve(programme: Programme, gap: float, most_moved: int) -> list[int] | None:
    """Find a plan with the solver; None if it stops before it has one."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csc_array

    lines, visits = programme.lines, programme.visits
    firsts = np.cumsum([0, *(len(visit.weeks) for visit in visits)])
    begins = int(firsts[-1])
    rows, columns, values = _takes(programme)
    touched, row = np.unique(rows, return_inverse=True)  # the price of the other weeks is already fixed
    pieces = lines.knots.shape[-1]
    size, of_peak = len(touched), begins + pieces * len(touched)
    line, week = np.unravel_index(touched, lines.taken.shape)
    knots, slopes = lines.knots[line, week], lines.slopes[line, week]
    widths = np.concatenate([np.diff(knots, axis=1), np.full((size, 1), np.inf)], axis=1)
    piece_rows = np.repeat(np.arange(size), pieces)
    piece_columns = begins + np.arange(size * pieces)
    at_peak = np.flatnonzero(line == programme.peak)
    peaks, moved = size + len(at_peak), size + len(at_peak) + len(visits)
    visit_of = np.repeat(np.arange(len(visits)), np.diff(firsts))
    stays = firsts[:-1]
    parts = [
        (row, columns, values),  # the amount used in a week ...
        (piece_rows, piece_columns, np.full(len(piece_rows), -1.0)),  # ... is spread over the pieces of its price
        (size + np.searchsorted(at_peak, row[(on := np.isin(row, at_peak))]), columns[on], values[on]),
        (np.arange(size, peaks), np.full(len(at_peak), of_peak), np.full(len(at_peak), -1.0)),
        (peaks + visit_of, np.arange(begins), np.ones(begins)),  # each visit begins exactly once
        (np.full(len(visits), moved), stays, np.ones(len(visits))),
    ]
    matrix = csc_array(
        (
            np.concatenate([part[2] for part in parts]),
            (np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])),
        ),
        shape=(moved + 1, of_peak + 1),
    )
    taken = lines.taken[line, week]
    once = np.ones(len(visits))
    low = np.concatenate([-taken, np.full(len(at_peak), -np.inf), once, [len(visits) - most_moved]])
    high = np.concatenate([-taken, -taken[at_peak], once, [np.inf]])
    prices = np.concatenate([np.array(visit.prices) for visit in visits]) + programme.change
    prices[stays] -= programme.change
    least_peak = float(lines.taken[programme.peak].max(initial=0))
    result = milp(
        np.concatenate([prices, slopes.ravel(), [programme.peak_price]]),
        integrality=np.concatenate([np.ones(begins), np.zeros(of_peak + 1 - begins)]),
        bounds=Bounds(
            np.concatenate([np.zeros(of_peak), [least_peak]]),
            np.concatenate([np.ones(begins), widths.ravel(), [np.inf]]),
        ),
        constraints=LinearConstraint(matrix, low, high),
        options={"mip_rel_gap": gap, "node_limit": NODES},
    )
    if result.x is None:
        return None
    return [int(np.argmax(result.x[first:last])) for first, last in pairwise(firsts.tolist())]


def _takes(programme: Programme) -> tuple[NDArray[np.int64], NDArray[np.int64], Amounts]:
    """Return what each start of a visit uses: index of line and week, number of the start, and amount."""
    weeks = programme.lines.taken.shape[1]
    rows: list[NDArray[np.int64]] = []
    columns: list[NDArray[np.int64]] = []
    values: list[Amounts] = []
    number = 0
    for visit in programme.visits:
        begins = np.array(visit.weeks)
        numbers = np.arange(number, number + len(begins))
        for place, week in enumerate(visit.on_site):
            rows.append((visit.lines[None, :] * weeks + (begins + week)[:, None]).ravel())
            columns.append(np.repeat(numbers, len(visit.lines)))
            values.append(np.tile(visit.takes[:, place], len(begins)))
        number += len(begins)
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(values)
