"""Tests a probability sequentially and exactly: after repeated looks it is wrong no more often than promised.

Each run keeps a service level or does not, so the number of runs that keep it is binomial. The test looks after every
few runs. It concludes that the probability is at least ``p`` if more runs keep the level than ``p`` would explain, or
that it is less if fewer do. Each look has a share of the allowed error in proportion to the runs made so far. The error
of all looks together is computed from the binomial distribution itself, not from a normal approximation (Jennison and
Turnbull, Group Sequential Methods, 2000, chapter 12).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

HALVINGS = 16
"""Number of halvings that find the factor of a boundary, to four digits."""
Verdict = Literal["meets", "fails", "undecided"]


@dataclass(frozen=True)
class Boundaries:
    """Hold the numbers of successes at which a test ends.

    Attributes
    ----------
    looks : tuple of int
        Numbers of runs after which it looks, in ascending order. The last is the most it may take.
    meets : tuple of int
        For each look, the fewest successes with which the test says that the probability is at least the required one.
        More than the number of runs if no number is enough yet.
    fails : tuple of int
        For each look, the most successes with which it says that the probability is less. -1 if no number is small
        enough yet.
    """

    looks: tuple[int, ...]
    meets: tuple[int, ...]
    fails: tuple[int, ...]

    def verdict(self, successes: int, runs: int) -> Verdict:
        """Return the verdict of a look; ``undecided`` also between looks."""
        if runs in self.looks:
            place = self.looks.index(runs)
            if successes >= self.meets[place]:
                return "meets"
            if successes <= self.fails[place]:
                return "fails"
        return "undecided"


@cache
def boundaries(probability: float, most: int, step: int, error_meets: float, error_fails: float) -> Boundaries:
    """Compute the boundaries of the test of one probability.

    Parameters
    ----------
    probability : float
        Probability required, between 0 and 1.
    most, step : int
        Most runs, and runs between two looks.
    error_meets : float
        Largest probability of ever saying ``meets`` if the true probability is less; 0 for never.
    error_fails : float
        Largest probability of ever saying ``fails`` if the true probability is at least the required one; 0 for never.

    Returns
    -------
    Boundaries
        Boundaries for the worst case, a true probability equal to the required one. With a lower one, every path of the
        test is less likely to reach the upper boundary. The two errors are computed separately, which errs on the safe
        side.
    """
    looks = tuple(dict.fromkeys([*range(step, most, step), most]))
    successes = _crossings(probability, looks, error_meets)
    failures = _crossings(1 - probability, looks, error_fails)
    return Boundaries(looks, successes, tuple(look - least for look, least in zip(looks, failures, strict=True)))


def _crossings(probability: float, looks: tuple[int, ...], error: float) -> tuple[int, ...]:
    """Find the fewest successes at each look: the nearest boundary that is crossed with no more than the error.

    The boundary of each look is that of a test of that look alone, with an error in proportion to its runs. Halving
    finds the factor.
    """
    if error == 0:
        return tuple(look + 1 for look in looks)
    runs = np.array(looks)
    near, far = np.log(error), np.log(error / len(looks))  # all looks as one, and each look by itself
    for _ in range(HALVINGS):
        middle = (near + far) / 2
        crossed = error_spent(probability, looks, _boundary(probability, runs, np.exp(middle)))
        near, far = (near, middle) if crossed <= error else (middle, far)
    return tuple(_boundary(probability, runs, np.exp(far)).tolist())


def _boundary(probability: float, runs: NDArray[np.int64], factor: float) -> NDArray[np.int64]:
    """Return the fewest successes at each look whose probability is below a factor times the share of the runs."""
    from scipy.stats import binom

    allowed = factor * runs / runs[-1]
    return np.asarray(binom.isf(allowed, runs, probability) + 1, dtype=np.int64)


def error_spent(probability: float, looks: Sequence[int], boundary: Sequence[int] | NDArray[np.int64]) -> float:
    """Compute exactly the probability that the successes reach a boundary at any look.

    Parameters
    ----------
    probability : float
        Probability of a success.
    looks : sequence of int
        Runs made by each look, in ascending order.
    boundary : sequence of int
        Fewest successes at each look that reach it.
    """
    going_on, spent, before = np.array([1.0]), 0.0, 0  # paths under way, by number of successes
    for look, least in zip(looks, boundary, strict=True):
        reached = np.convolve(going_on, _successes(look - before, probability))
        spent += float(reached[least:].sum())
        going_on, before = reached[:least], look
    return spent


@cache
def _successes(runs: int, probability: float) -> NDArray[np.float64]:
    """Return the probability of each number of successes."""
    from scipy.stats import binom

    return np.asarray(binom.pmf(np.arange(runs + 1), runs, probability), dtype=np.float64)
