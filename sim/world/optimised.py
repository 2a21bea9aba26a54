"""A plan of weeks for all visits that may still be moved, found by mixed-integer programming (HiGHS).

A plan costs more for each late visit, each move, each crowded week and the busiest week. What a week takes
costs by the square of its share of what there is. The squares are followed by straight pieces, so that the price is
linear. The search stops by gap or by the number of nodes, never by time: the same visits have the same plan again.
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
"""How much dearer a week may be for a visit, if all others stay, for the solver to try it."""
MOST_WEEKS = 3
"""Most weeks that the solver tries for a visit beside that for which it is planned."""


class Movable(NamedTuple):
    """A visit that may be moved.

    Attributes
    ----------
    weeks : tuple of int
        Places of the weeks in which it may begin; that for which it is planned comes first.
    prices : tuple of float
        Price of each.
    lines : ndarray of int, shape (n,)
        What it takes of: places of lines.
    takes : ndarray of float, shape (n, weeks on site)
        How much of each in each week on site.
    on_site : tuple of int
        Weeks on site, counted from 0.
    """

    weeks: tuple[int, ...]
    prices: tuple[float, ...]
    lines: NDArray[np.int64]
    takes: Amounts
    on_site: tuple[int, ...]

    def only(self, places: Sequence[int]) -> Movable:
        """The visit with some of its weeks, by place."""
        weeks, prices = tuple(self.weeks[place] for place in places), tuple(self.prices[place] for place in places)
        return self._replace(weeks=weeks, prices=prices)


@dataclass(frozen=True, eq=False)
class Lines:
    """What is to be kept level, week by week: days of people, people on site, inspections on site.

    Attributes
    ----------
    taken : ndarray of float, shape (lines, weeks)
        What visits that are not moved take.
    knots : ndarray of float, shape (lines, weeks, pieces)
        Amount at which each straight piece of the price begins; the first begins at 0, the last has no end.
    slopes : ndarray of float, shape (lines, weeks, pieces)
        Price of one more on each piece; no piece is cheaper than the one before.
    """

    taken: Amounts
    knots: Amounts
    slopes: Amounts

    def price(self, amounts: Amounts) -> float:
        """Price of amounts, of shape (lines, weeks)."""
        return float(self.prices(amounts, np.s_[:, :]).sum())

    def prices(self, amounts: Amounts, where: Any) -> Amounts:
        """Price of the amounts of some lines and weeks, each for itself."""
        knots, slopes = self.knots[where], self.slopes[where]
        ends = np.concatenate([knots[..., 1:], np.full((*knots.shape[:-1], 1), np.inf)], axis=-1)
        on_pieces = np.clip(amounts[..., None], knots, ends) - knots
        found: Amounts = (on_pieces * slopes).sum(axis=-1)
        return found


@dataclass(frozen=True, eq=False)
class Programme:
    """Visits that may be moved, and what is to be kept level.

    Attributes
    ----------
    visits : sequence of Movable
        The visits.
    lines : Lines
        What they take of.
    peak : int
        Line whose busiest week has a price of its own.
    peak_price : float
        Price of one more in that week.
    change : float
        Price of a visit that is moved.
    """

    visits: Sequence[Movable]
    lines: Lines
    peak: int
    peak_price: float
    change: float

    def price(self, chosen: Sequence[int]) -> float:
        """Price of a plan, which gives each visit a place among its weeks."""
        amounts = self.amounts(chosen)
        of_visits = sum(
            visit.prices[choice] + self.change * (choice > 0) for visit, choice in zip(self.visits, chosen, strict=True)
        )
        return of_visits + self.lines.price(amounts) + self.peak_price * float(amounts[self.peak].max(initial=0))

    def amounts(self, chosen: Sequence[int]) -> Amounts:
        """What a plan takes in all."""
        amounts = self.lines.taken.copy()
        for visit, choice in zip(self.visits, chosen, strict=True):
            add_visit(amounts, visit, choice, 1)
        return amounts

    def best(self, gap: float, most_moved: int) -> list[int]:
        """Plan of the least price that is found, and none dearer than leaving all as it is.

        Parameters
        ----------
        gap : float
            Share by which the price may lie above the least there is.
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
        """Places of the few weeks that are best for a visit if all others stay, that as planned first."""
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
    """Add what a visit takes if it begins in one of its weeks."""
    for number, week in enumerate(visit.on_site):
        amounts[visit.lines, visit.weeks[choice] + week] += times * visit.takes[:, number]


def _solve(programme: Programme, gap: float, most_moved: int) -> list[int] | None:
    """Plan that the solver finds; none, if it stops before it has one."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csc_array

    lines, visits = programme.lines, programme.visits
    firsts = np.cumsum([0, *(len(visit.weeks) for visit in visits)])
    begins = int(firsts[-1])
    rows, columns, values = _takes(programme)
    touched, row = np.unique(rows, return_inverse=True)  # of the others the price is settled
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
        (row, columns, values),  # what a week takes ...
        (piece_rows, piece_columns, np.full(len(piece_rows), -1.0)),  # ... lies on the pieces of its price
        (size + np.searchsorted(at_peak, row[(on := np.isin(row, at_peak))]), columns[on], values[on]),
        (np.arange(size, peaks), np.full(len(at_peak), of_peak), np.full(len(at_peak), -1.0)),
        (peaks + visit_of, np.arange(begins), np.ones(begins)),  # each visit begins once
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
    """What each beginning takes: place of line and week, number of the beginning, and how much."""
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
