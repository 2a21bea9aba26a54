"""Pools forecasts from several origins: coverage, scores against rivals, and positions in the forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import factorial, prod
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.analysis.scored_forecast import OURS, RIVALS, BackTest, Point

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]
BEGUN = "inspections_started"
"""Measure by which the forecasts are judged first."""
BINS = 10
"""Number of classes in the histogram of positions in the forecast."""
ENDS = (0.025, 0.975)
"""Shares of the resamples below the limits of a range."""


@dataclass(frozen=True)
class Against:
    """Compare the score of the forecast with a rival's, on the figures that both have.

    Attributes
    ----------
    ours, rivals : float
        Mean fair CRPS, in the unit of the figures.
    ratio : float
        First score divided by the second: less than 1 if the forecast is better.
    low, high : float
        Range of the ratio over resampled origins. With five origins it holds the truth about four times in five.
    """

    ours: float
    rivals: float
    ratio: float
    low: float
    high: float


@dataclass(frozen=True)
class Pooled:
    """Hold back-tests from several origins.

    Attributes
    ----------
    tests : tuple of BackTest
        One for each origin, in order.
    """

    tests: tuple[BackTest, ...]

    def points(self, measure: str | None = None) -> list[Point]:
        """List the counted points of every origin, of one measure or of all."""
        return [point for of_origin in self._by_origin(measure) for point in of_origin]

    def _by_origin(self, measure: str | None) -> list[list[Point]]:
        return [[point for point in test.counted if measure in (None, point.figure.measure)] for test in self.tests]

    @property
    def measures(self) -> list[str]:
        """Return the measures that have counted points, with the one judged first at the head."""
        return sorted(dict.fromkeys(point.figure.measure for point in self.points()), key=lambda name: name != BEGUN)

    def against(self, rival: str, measure: str) -> Against | None:
        """Divide the score of a measure by that of a rival; None if the rival has no figure for it.

        The range covers every way to draw the same number of origins with replacement, each with its probability.
        """
        sums = np.array([_sums(points, rival) for points in self._by_origin(measure)])
        figures, ours, theirs = sums.sum(axis=0)
        if not theirs:
            return None
        times, weights = _resamples(len(sums))
        drawn = times @ sums
        kept = drawn[:, 2] > 0  # a resample in which the rival never misses has no ratio
        ratios, weights = drawn[kept, 1] / drawn[kept, 2], weights[kept]
        order = np.argsort(ratios)
        below = np.cumsum(weights[order]) / weights.sum()
        low, high = (float(ratios[order][np.searchsorted(below, end)]) for end in ENDS)
        return Against(ours / figures, theirs / figures, ours / theirs, low, high)

    def histogram(self, measure: str | None = None) -> Array:
        """Return the share of observations in each tenth of the forecast; each share is a tenth if forecasts are right.

        An observation that ties with runs is spread evenly over their share (Czado, Gneiting and Held, Biometrics 65,
        2009).
        """
        edges = np.linspace(0, 1, BINS + 1)
        reached = [_spread(point.reached, edges) for point in self.points(measure)]
        return np.asarray(np.mean(np.diff(reached, axis=1), axis=0))

    def frame(self) -> pd.DataFrame:
        """Write every point as a row, with its origin and its position in the forecast."""
        import pandas as pd

        frames = [test.frame() for test in self.tests]
        for test, frame in zip(self.tests, frames, strict=True):
            frame.insert(0, "origin", str(test.scenario.start))
            frame["reached_low"], frame["reached_high"] = np.array([point.reached for point in test.points]).T
        return pd.concat(frames, ignore_index=True)


def _sums(points: Sequence[Point], rival: str) -> tuple[float, float, float]:
    """Count the figures that the rival has too, and sum both scores over them."""
    shared = [point.scores for point in points if rival in point.scores]
    return len(shared), sum(each[OURS] for each in shared), sum(each[rival] for each in shared)


def _resamples(origins: int) -> tuple[Array, Array]:
    """List how often each origin is in each distinct resample of the same size, and the probability of the resample."""
    chosen = combinations_with_replacement(range(origins), origins)
    times = np.array([np.bincount(each, minlength=origins) for each in chosen], dtype=np.float64)
    orders = [factorial(origins) / prod(factorial(int(count)) for count in each) for each in times]
    return times, np.array(orders) / origins**origins


def _spread(reached: tuple[float, float], edges: Array) -> Array:
    """Return the distribution of a position in the forecast at edges from 0 on; below all runs counts in the first
    class.
    """
    low, high = reached
    if high > low:
        return np.asarray(np.clip((edges - low) / (high - low), 0, 1))
    return np.asarray((edges >= low) & (edges > 0), dtype=np.float64)


def inside(points: Sequence[Point]) -> int:
    """Count the points in the range of eight runs in ten."""
    return sum(point.in_eighty for point in points)


def rivals_of(found: Pooled, measure: str) -> dict[str, Against]:
    """Compare the forecast with each rival that has figures of a measure."""
    return {name: told for name in RIVALS if (told := found.against(name, measure)) is not None}
