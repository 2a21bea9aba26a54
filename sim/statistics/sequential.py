"""Exact sequential test of a probability: it is looked at again and again, and wrong no more often than promised.

Whether a run keeps a service level is a yes or no, so the number of runs that do is binomial. The test looks after
every few runs and says that the probability is at least ``p`` when more runs keep the level than would if it were
``p``, or that it is less when fewer do. Each look has a share of the error allowed in proportion to the runs made by
then, and how much all looks spend together is worked out from the binomial distribution itself, not from a normal
approximation (Jennison and Turnbull, Group Sequential Methods, 2000, chapter 12).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

HALVINGS = 16
"""Steps in which the factor of a boundary is found, to four digits."""
Verdict = Literal["meets", "fails", "undecided"]


@dataclass(frozen=True)
class Boundaries:
    """Numbers of successes at which a test ends.

    Attributes
    ----------
    looks : tuple of int
        Runs after which it looks, ascending; the last one is the most it may take.
    meets : tuple of int
        Fewest successes with which it says, at each look, that the probability is at least the one asked for; more
        than there are runs where no number is enough yet.
    fails : tuple of int
        Most successes with which it says that the probability is less; -1 where no number is few enough yet.
    """

    looks: tuple[int, ...]
    meets: tuple[int, ...]
    fails: tuple[int, ...]

    def verdict(self, successes: int, runs: int) -> Verdict:
        """What a look says; ``undecided`` between looks, too."""
        if runs in self.looks:
            place = self.looks.index(runs)
            if successes >= self.meets[place]:
                return "meets"
            if successes <= self.fails[place]:
                return "fails"
        return "undecided"


@cache
def boundaries(probability: float, most: int, step: int, error_meets: float, error_fails: float) -> Boundaries:
    """Boundaries of the test of one probability.

    Parameters
    ----------
    probability : float
        The one asked for, between 0 and 1.
    most, step : int
        Most runs, and runs between two looks.
    error_meets : float
        Error allowed: probability, at the most, of ever saying ``meets`` where the true one is less; 0 for never.
    error_fails : float
        Probability, at the most, of ever saying ``fails`` where the true one is at least that asked for; 0 for never.

    Returns
    -------
    Boundaries
        Each error is that of a true probability at the one asked for, the worst case: with a lower one any path of the
        test is less likely to reach the upper boundary. The two are reckoned one without the other, which errs on the
        safe side.
    """
    looks = tuple(dict.fromkeys([*range(step, most, step), most]))
    successes = _crossings(probability, looks, error_meets)
    failures = _crossings(1 - probability, looks, error_fails)
    return Boundaries(looks, successes, tuple(look - least for look, least in zip(looks, failures, strict=True)))


def _crossings(probability: float, looks: tuple[int, ...], error: float) -> tuple[int, ...]:
    """Fewest successes at each look: the nearest boundary that is crossed with no more than an error.

    The boundary of each look is that of a test of that look alone, with an error in proportion to its runs; the factor
    is found by halving.
    """
    if error == 0:
        return tuple(look + 1 for look in looks)
    runs = np.array(looks)
    near, far = np.log(error), np.log(error / len(looks))  # all looks as one, and each for itself
    for _ in range(HALVINGS):
        middle = (near + far) / 2
        crossed = error_spent(probability, looks, _boundary(probability, runs, np.exp(middle)))
        near, far = (near, middle) if crossed <= error else (middle, far)
    return tuple(_boundary(probability, runs, np.exp(far)).tolist())


def _boundary(probability: float, runs: NDArray[np.int64], factor: float) -> NDArray[np.int64]:
    """Fewest successes of which as many or more are less likely than a factor times the share of the runs."""
    from scipy.stats import binom

    allowed = factor * runs / runs[-1]
    return np.asarray(binom.isf(allowed, runs, probability) + 1, dtype=np.int64)


def error_spent(probability: float, looks: Sequence[int], boundary: Sequence[int] | NDArray[np.int64]) -> float:
    """Probability that the successes reach a boundary at any look, exactly.

    Parameters
    ----------
    probability : float
        Of a success.
    looks : sequence of int
        Runs made by each look, ascending.
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
    """Probability of each number of successes."""
    from scipy.stats import binom

    return np.asarray(binom.pmf(np.arange(runs + 1), runs, probability), dtype=np.float64)
