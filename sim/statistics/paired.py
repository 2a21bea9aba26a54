"""Compares pairs: differences within pairs, the sign test, and Holm's procedure for several statements at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sim.statistics.intervals import CONFIDENCE, Mean, mean_of


@dataclass(frozen=True)
class Pairing:
    """Hold what pairs of replications show about the difference between two scenarios.

    Attributes
    ----------
    difference : Mean
        Mean of the differences within pairs.
    correlation : float
        Correlation between the two sides of a pair. Not a number (NaN) if a side never varies.
    pairs : int
        Number of pairs with values.
    independent : float
        Number of replications of each scenario that would give as narrow an interval with separate random numbers. Not
        a number (NaN) if the differences never vary.
    """

    difference: Mean
    correlation: float
    pairs: int
    independent: float


def paired(values: ArrayLike, base: ArrayLike, groups: ArrayLike | None = None) -> Pairing:
    """Compute differences within pairs, ``values - base``.

    Parameters
    ----------
    values, base : array_like, shape (n,)
        The two sides of each pair. Pairs with a side that is not a number (NaN) are left out.
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
    """Hold the result of Holm's procedure for one of several statements.

    Attributes
    ----------
    p_value : float
        Adjusted p-value. The statement stands if it is at most the error allowed for all statements together.
    confidence : float
        Confidence of the interval that excludes zero exactly when the statement stands.
    """

    p_value: float
    confidence: float


def holm(p_values: ArrayLike, confidence: float = CONFIDENCE) -> list[Holm]:
    """Apply Holm's step-down procedure, which limits the probability of any wrong statement to the error allowed.

    Parameters
    ----------
    p_values : array_like, shape (m,)
        One for each statement "there is a difference". Those that are not a number (NaN) do not count as statements.
    confidence : float, optional
        1 minus the error allowed for all statements together.

    Returns
    -------
    list of Holm
        Results in the order given. Each interval agrees with the procedure. Only those that include zero are promised
        to hold all at once (Holm, Scandinavian Journal of Statistics 6, 1979).
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
    """Return the probability of at least this many successes if success and failure were equally likely (one-sided sign
    test).
    """
    from scipy.special import bdtrc

    return float(bdtrc(successes - 1, runs, 0.5)) if runs else 1.0
