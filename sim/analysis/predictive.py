"""Simulates a history again to check whether a fit would have produced what was observed.

This is a posterior predictive check. Each draw of a fit goes through the same inspections as history, on the same
dates, with its own qualities and judgements. The observed figures are then compared with the range of the simulated
ones.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.analysis.fitting import Array, Fit, Sequences, judging, one_thread, transitions
from sim.base.calendar import APRIL
from sim.inputs.history import History

Whole = NDArray[np.int64]
RANGE = (0.1, 0.9)
"""Quantiles between which eight simulations in ten lie."""


@dataclass(frozen=True)
class Point:
    """Compare one figure, observed and simulated.

    Attributes
    ----------
    name : str
        What is counted.
    observed : int
        Number in the history.
    low, high : int
        Range of eight simulations in ten.
    """

    name: str
    observed: int
    low: int
    high: int

    @property
    def inside(self) -> bool:
        """Return whether the range holds the observed number."""
        return self.low <= self.observed <= self.high


def simulate(fitted: Fit, history: History, seed: int = 0) -> Whole:
    """Simulate the judgements of the history's inspections, once for each draw of a fit.

    Returns
    -------
    ndarray of int, shape (draws, authorities, most inspections)
        Judgement, counted from 0, the best; -1 where there is no inspection.
    """
    rng = np.random.default_rng([seed, fitted.form.size])
    parameters, sequences = fitted.parameters, Sequences.of(history)
    confusion = judging(parameters.error, fitted.form.grades)
    with one_thread():
        moves = transitions(parameters, fitted.form, sequences.years, sequences.middle)
    draws, (authorities, across) = len(parameters.error), sequences.grades.shape
    found = np.full((draws, authorities, across), -1, dtype=np.int64)
    row = np.arange(draws)[:, None]
    quality = _draw(np.repeat(parameters.mix[:, None], authorities, axis=1), rng)
    for place in range(across):
        there = np.flatnonzero(sequences.grades[:, place] >= 0)
        if place:
            quality[:, there] = _draw(moves[row, sequences.gap[there, place], quality[:, there]], rng)
        found[:, there, place] = _draw(confusion[row, quality[:, there]], rng)
    return found


def _draw(probabilities: Array, rng: np.random.Generator) -> Whole:
    """Draw one grade from each distribution along the last axis."""
    reached = probabilities.cumsum(axis=-1)
    u = rng.random((*probabilities.shape[:-1], 1))
    return np.asarray(np.minimum((u >= reached).sum(axis=-1), probabilities.shape[-1] - 1), dtype=np.int64)


def check(fitted: Fit, history: History, seed: int = 0) -> list[Point]:
    """Compare pairs of successive judgements, and the mix of judgements each 31 March, observed and simulated.

    The mix counts the authorities judged by that day, each by the last judgement published.
    """
    grades = Sequences.of(history).grades
    simulated = simulate(fitted, history, seed)
    judgements = history.grades.names
    count = len(judgements)
    names = [f"{before} then {after}" for before in judgements for after in judgements]
    points = _points(names, _pairs(grades[None], count), _pairs(simulated, count))
    last = [_last_known(history, day) for day in _ends_of_years(history)]
    for day, places in zip(_ends_of_years(history), last, strict=True):
        names = [f"{judgement} on {day}" for judgement in judgements]
        points += _points(names, _mix(grades[None], places, count), _mix(simulated, places, count))
    return points


def _pairs(grades: Whole, count: int) -> Whole:
    """Count each judgement followed by each, for ``count`` grades, shape (draws, count * count)."""
    before, after = grades[:, :, :-1], grades[:, :, 1:]
    return np.stack(
        [((before == one) & (after == two)).sum(axis=(1, 2)) for one in range(count) for two in range(count)], axis=1
    )


def _mix(grades: Whole, places: Whole, count: int) -> Whole:
    """Count each of ``count`` grades among the inspections at some indices (-1 for none), shape (draws, count)."""
    there = np.flatnonzero(places >= 0)
    known = grades[:, there, places[there]]
    return np.stack([(known == grade).sum(axis=1) for grade in range(count)], axis=1)


def _last_known(history: History, day: datetime.date) -> Whole:
    """Return the index of each authority's last inspection published by a day; -1 if there is none."""
    return np.array([sum(one.published <= day for one in ones) - 1 for ones in history.of_authority.values()])


def _ends_of_years(history: History) -> list[datetime.date]:
    """Return each 31 March on which something was known, up to the last inspection."""
    published = min(one.published for one in history.inspections)
    last = max(one.inspected_on for one in history.inspections)
    days = [datetime.date(year, APRIL, 1) - datetime.timedelta(days=1) for year in range(published.year, last.year + 1)]
    return [day for day in days if published <= day <= last]


def _points(names: Sequence[str], observed: Whole, simulated: Whole) -> list[Point]:
    low, high = np.quantile(simulated, RANGE, axis=0, method="inverted_cdf")
    return [
        Point(name, int(seen), int(bottom), int(top))
        for name, seen, bottom, top in zip(names, observed[0], low, high, strict=True)
    ]
