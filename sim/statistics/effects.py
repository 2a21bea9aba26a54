"""What an outcome owes to each of several factors that are varied at once: which way, how surely, and how much.

Two questions, two answers. *Which way, and is it beyond chance?* Rank correlations: Spearman's of a factor and the
outcome, and the partial one, in which the ranks of all other factors are taken away from both. With two dozen factors
the partial one is the clearer: what the others do is no noise to it. Neither asks for a straight line, only that the
outcome goes one way. *How much?* A parabola in each factor, fitted to all at once: what the outcome is expected to be
where a factor is low and where it is high, and the share of the variance that goes when the factor alone is known (a
first-order effect; Sobol, Mathematical Modelling and Computational Experiments 1, 1993).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.statistics.intervals import CONFIDENCE, ROUNDING

Values = NDArray[np.float64]
POINTS_A_TERM = 2
"""Fewest points for each term of the parabolas: with fewer what chance does to them adds up to more than there is."""
RANKS = 1.06
"""Variance of Fisher's z of a rank correlation, as a multiple of that of an ordinary one (Fieller, Hartley and Pearson,
Biometrika 44, 1957)."""
LOW_POINT, HIGH_POINT = 0.1, 0.9
"""Points of a factor's range between which its effect is told."""


def least_points(factors: int) -> int:
    """Fewest points from which the effects of so many factors are told."""
    return POINTS_A_TERM * (1 + 2 * factors)


@dataclass(frozen=True)
class Correlation:
    """A rank correlation.

    Attributes
    ----------
    value : float
        Between -1 and 1.
    low, high : float
        95% interval of this one alone, by Fisher's z.
    p_value : float
        Probability of one at least as far from zero if there is none (two-sided t test).
    """

    value: float
    low: float
    high: float
    p_value: float


def spearman(factors: Values, outcome: Values) -> list[Correlation]:
    """Spearman's rank correlation of each factor with the outcome.

    Parameters
    ----------
    factors : ndarray, shape (points, factors)
        Values of each factor, none of them the same throughout.
    outcome : ndarray, shape (points,)
        The outcome, not the same throughout.
    """
    ranks, ranked = _ranks(factors), _ranks(outcome[:, None])[:, 0]
    return [_correlation(float(np.corrcoef(column, ranked)[0, 1]), len(outcome), 0) for column in ranks.T]


def partial_rank(factors: Values, outcome: Values) -> list[Correlation]:
    """Partial rank correlation of each factor with the outcome, the ranks of all other factors taken away from both.

    From one regression of the outcome's ranks: the partial correlation is ``t / sqrt(t**2 + df)`` of the factor's
    coefficient, which is the correlation of what the other factors leave of the two.

    Parameters
    ----------
    factors, outcome
        As for :func:`spearman`; at least three points more than factors.
    """
    ranks, ranked = _ranks(factors), _ranks(outcome[:, None])[:, 0]
    fit = _least_squares(_centred(ranks), ranked - ranked.mean())
    total = float(np.sum((ranked - ranked.mean()) ** 2))
    found = []
    for place, coefficient in enumerate(fit.coefficients):
        gained = fit.gained([place])
        known = gained > ROUNDING * total  # what rounding leaves is no effect
        value = float(np.sign(coefficient) * np.sqrt(gained / (gained + fit.left))) if known else 0.0
        found.append(_correlation(value, len(outcome), factors.shape[1] - 1))
    return found


def _ranks(columns: Values) -> Values:
    from scipy.stats import rankdata

    return np.asarray(rankdata(columns, axis=0), dtype=np.float64)


def _centred(columns: Values) -> Values:
    return np.asarray(columns - columns.mean(axis=0), dtype=np.float64)


def _correlation(value: float, points: int, others: int) -> Correlation:
    """A correlation with its interval and test, the ranks of so many others having been taken away."""
    from scipy.special import ndtri, stdtr

    value = float(np.clip(value, -1.0, 1.0))
    if 1 - abs(value) <= ROUNDING:
        return Correlation(value, value, value, 0.0)
    freedom = points - others - 2
    half_width = float(ndtri((1 + CONFIDENCE) / 2)) * np.sqrt(RANKS / (points - others - 3))
    low, high = (float(np.tanh(np.arctanh(value) + side * half_width)) for side in (-1, 1))
    t = value * np.sqrt(freedom / (1 - value**2))
    return Correlation(value, low, high, 2 * float(stdtr(freedom, -abs(t))))


@dataclass(frozen=True)
class Expected:
    """What an outcome is expected to be, with its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Effect:
    """What a factor does to an outcome, the others anywhere in their ranges.

    Attributes
    ----------
    at_low, at_high : Expected
        The outcome where the factor is at the 10% and at the 90% point of its range.
    share : float
        Share of the outcome's variance that goes when the factor alone is known, from 0 to 1; adjusted for what scatter
        alone would make of it.
    """

    at_low: Expected
    at_high: Expected
    share: float

    @property
    def length(self) -> float:
        """Distance of the two, in the unit of the outcome."""
        return abs(self.at_high.value - self.at_low.value)


@dataclass(frozen=True)
class Effects:
    """What an outcome owes to all factors.

    Attributes
    ----------
    mean : float
        Mean of the outcome over the points.
    each : list of Effect
        Factor by factor.
    share : float
        Share of the outcome's variance for which all of them account, each by itself (adjusted, at least 0); the rest
        is what they do together, what no parabola follows, and the chance of the runs.
    """

    mean: float
    each: list[Effect]
    share: float


def effects(factors: Values, outcome: Values, ends: Values) -> Effects:
    """Fit a parabola in each factor, and tell what each does.

    Parameters
    ----------
    factors : ndarray, shape (points, factors)
        Values of each factor, at :func:`least_points` points or more.
    outcome : ndarray, shape (points,)
        The outcome, not the same throughout.
    ends : ndarray, shape (2, factors)
        Low and high point of each factor, at which the outcome is told.
    """
    low, high = factors.min(axis=0), factors.max(axis=0)
    terms, places = _terms((factors - low) / (high - low))
    at_ends, _ = _terms((ends - low) / (high - low), places)
    means = terms.mean(axis=0)
    fit = _least_squares(terms - means, outcome - outcome.mean())
    total, scatter = float(np.sum((outcome - outcome.mean()) ** 2)), fit.left / fit.freedom
    found = []
    for own in places:
        told = [_expected(outcome, fit, own, row[own] - means[own]) for row in at_ends]
        found.append(Effect(told[0], told[1], _share(fit, own, terms[:, own], total / (len(outcome) - 1))))
    return Effects(float(outcome.mean()), found, max(0.0, 1 - scatter * (len(outcome) - 1) / total))


def _share(fit: _Fit, own: Sequence[int], terms: Values, variance: float) -> float:
    """Variance of what a factor's own parabola makes of it, less what scatter alone would make, as a share of all."""
    taken, spread = fit.coefficients[own], np.atleast_2d(np.cov(terms, rowvar=False))
    by_scatter = fit.left / fit.freedom * float(np.trace(spread @ fit.spread[np.ix_(own, own)]))
    return float(np.clip((float(taken @ spread @ taken) - by_scatter) / variance, 0.0, 1.0))


def _terms(positions: Values, places: Sequence[Sequence[int]] | None = None) -> tuple[Values, Sequence[Sequence[int]]]:
    """Columns of the parabolas, and the places of each factor's among them; a factor of two values has a line."""
    if places is None:
        curved = [len(np.unique(column)) > 2 for column in positions.T]  # noqa: PLR2004 - a line goes through two
        firsts = np.cumsum([0, *(1 + each for each in curved)])
        places = [list(range(first, after)) for first, after in pairwise(firsts.tolist())]
    columns = [
        (2 * column - 1) ** power
        for column, own in zip(positions.T, places, strict=True)
        for power in range(1, len(own) + 1)
    ]
    return np.stack(columns, axis=1), places


def _expected(outcome: Values, fit: _Fit, own: Sequence[int], at: Values) -> Expected:
    """The outcome's mean with the terms of a factor at some values, with Student's interval."""
    from scipy.special import stdtrit

    own = list(own)
    value = float(outcome.mean() + fit.coefficients[own] @ at)
    scatter = fit.left / fit.freedom
    variance = scatter * (1 / len(outcome) + float(at @ fit.spread[np.ix_(own, own)] @ at))
    half_width = float(stdtrit(fit.freedom, (1 + CONFIDENCE) / 2)) * float(np.sqrt(variance))
    return Expected(value, value - half_width, value + half_width)


@dataclass(frozen=True)
class _Fit:
    """Least squares of a centred outcome on centred columns.

    Attributes
    ----------
    coefficients : ndarray, shape (columns,)
        One for each column.
    spread : ndarray, shape (columns, columns)
        Their covariance, as a multiple of the scatter's variance.
    left : float
        Sum of squares that is left.
    freedom : int
        Degrees of freedom of what is left.
    """

    coefficients: Values
    spread: Values
    left: float
    freedom: int

    def gained(self, places: Sequence[int]) -> float:
        """Sum of squares that some columns take away beyond all the others."""
        own = list(places)
        taken = self.coefficients[own]
        return float(taken @ np.linalg.solve(self.spread[np.ix_(own, own)], taken))


def _least_squares(columns: Values, outcome: Values) -> _Fit:
    spread = np.asarray(np.linalg.pinv(columns.T @ columns, hermitian=True), dtype=np.float64)
    coefficients = spread @ (columns.T @ outcome)
    left = float(np.sum((outcome - columns @ coefficients) ** 2))
    return _Fit(coefficients, spread, left, len(outcome) - 1 - columns.shape[1])


def share_of_chance(runs: Values) -> float:
    """Share of the variance between points that is chance of their few runs; not a number with fewer than two runs.

    What a run number adds to all points alike, such as its draw of the parameters, is no chance between points: the
    runs are common to them. What is left in an analysis of variance with points and run numbers is.

    Parameters
    ----------
    runs : ndarray, shape (points, runs)
        The outcome of each run of each point; points with a run that is not a number are left out.
    """
    there = runs[~np.isnan(runs).any(axis=1)]
    points, numbers = there.shape
    if points < 2 or numbers < 2:  # noqa: PLR2004 - one value has no spread
        return float("nan")
    means = there.mean(axis=1)
    own = there - means[:, None] - there.mean(axis=0) + there.mean()
    between = float(np.var(means, ddof=1))
    chance = float(np.sum(own**2)) / ((points - 1) * (numbers - 1)) / numbers
    return min(1.0, chance / between) if between else float("nan")
