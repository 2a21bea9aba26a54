"""Paired comparison: differences within pairs, the sign test, and Holm's procedure for several statements at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim.statistics.intervals import CONFIDENCE, Mean, mean_of


@dataclass(frozen=True)
class Pairing:
    """What pairs of replications say of the difference between two scenarios.

    Attributes
    ----------
    difference : Mean
        Mean of the differences within pairs.
    correlation : float
        Between the two sides of a pair; not a number if a side never varies.
    pairs : int
        Pairs of numbers.
    independent : float
        Replications of each scenario that would give as narrow an interval if both had random numbers of their own;
        not a number if the differences never vary.
    """

    difference: Mean
    correlation: float
    pairs: int
    independent: float


def paired(values: ArrayLike, base: ArrayLike, groups: ArrayLike | None = None) -> Pairing:
    """Differences within pairs, ``values - base``.

    Parameters
    ----------
    values, base : array_like, shape (n,)
        The two sides of each pair; pairs of which a side is not a number are left out.
    groups : array_like of int, shape (n,), optional
        Group of each pair, as for :func:`mean_of`.
    """
    left, right = np.asarray(values, dtype=np.float64), np.asarray(base, dtype=np.float64)
    complete = ~np.isnan(left) & ~np.isnan(right)
    left, right = left[complete], right[complete]
    group = None if groups is None else np.asarray(groups)[complete]
    difference = mean_of(left - right, group)
    varies = len(left) > 1 and bool(np.ptp(left)) and bool(np.ptp(right))
    correlation = float(np.corrcoef(left, right)[0, 1]) if varies else float("nan")
    apart = mean_of(left, group).error ** 2 + mean_of(right, group).error ** 2
    independent = len(left) * apart / difference.error**2 if difference.error > 0 else float("nan")
    return Pairing(difference, correlation, len(left), independent)


@dataclass(frozen=True)
class Holm:
    """Holm's procedure on one of several statements.

    Attributes
    ----------
    p_value : float
        Adjusted: the statement stands if it is at most the error allowed to all of them together.
    confidence : float
        Confidence of the interval that leaves out zero exactly when the statement stands.
    """

    p_value: float
    confidence: float


def holm(p_values: ArrayLike, confidence: float = CONFIDENCE) -> list[Holm]:
    """Holm's step-down procedure: of all the statements made, wrong ones are among them with at most the error allowed.

    Parameters
    ----------
    p_values : array_like, shape (m,)
        One for each statement "there is a difference"; those that are not a number are no statements.
    confidence : float, optional
        1 less the error allowed to all statements together.

    Returns
    -------
    list of Holm
        In the order given. The intervals agree with the procedure, one by one; that all of them hold at once is
        promised only for those that include zero (Holm, Scandinavian Journal of Statistics 6, 1979).
    """
    values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(values, kind="stable")[: int(np.sum(~np.isnan(values)))]
    found = [Holm(float("nan"), float("nan"))] * len(values)
    adjusted, level, stands = 0.0, 0.0, True
    for step, place in enumerate(order):
        left = len(order) - step
        adjusted = max(adjusted, min(1.0, left * float(values[place])))
        if stands:
            level = (1 - confidence) / left
            stands = float(values[place]) <= level
        found[int(place)] = Holm(adjusted, 1 - level)
    return found


def sign_test(successes: int, runs: int) -> float:
    """Probability of at least so many successes if they were no more likely than not (one-sided sign test)."""
    from scipy.stats import binomtest

    return float(binomtest(successes, runs, 0.5, alternative="greater").pvalue) if runs else 1.0
