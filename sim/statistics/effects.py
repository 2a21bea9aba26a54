"""Estimates what several factors, varied at once, do to an outcome: in which direction, how surely, and how much.

Two questions have two answers. *In which direction, and is it beyond chance?* Rank correlations answer this. Spearman's
correlates a factor with the outcome. The partial one first removes the ranks of all other factors from both. With two
dozen factors the partial one is clearer, because the effects of the others add no noise. Neither assumes a straight
line, only that the outcome moves in one direction. *How much?* A parabola in each factor, fitted to all at once,
answers this. It gives the expected outcome where a factor is low and where it is high. It also gives the share of the
variance that disappears once the factor alone is known (a first-order effect; Sobol, Mathematical Modelling and
Computational Experiments 1, 1993).
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
"""Fewest points for each term of the parabolas; with fewer, chance effects on them add up to more than the whole
variance.
"""
RANKS = 1.06
"""Variance of Fisher's z for a rank correlation, as a multiple of that for an ordinary one (Fieller, Hartley and
Pearson, Biometrika 44, 1957).
"""
LOW_POINT, HIGH_POINT = 0.1, 0.9
"""Points of a factor's range between which its effect is reported."""


def least_points(factors: int) -> int:
    """Return the fewest points from which the effects of this many factors can be estimated."""
    return POINTS_A_TERM * (1 + 2 * factors)


@dataclass(frozen=True)
class Correlation:
    """Hold a rank correlation.

    Attributes
    ----------
    value : float
        Correlation between -1 and 1.
    low, high : float
        95% interval of this correlation alone, by Fisher's z.
    p_value : float
        Probability of a correlation at least as far from zero if the true one is zero (two-sided t test).
    """

    value: float
    low: float
    high: float
    p_value: float


def spearman(factors: Values, outcome: Values) -> list[Correlation]:
    """Compute Spearman's rank correlation of each factor with the outcome.

    Parameters
    ----------
    factors : ndarray, shape (points, factors)
        Values of each factor, none of them constant.
    outcome : ndarray, shape (points,)
        Outcome, not constant.
    """
    ranks, ranked = _ranks(factors), _ranks(outcome[:, None])[:, 0]
    return [_correlation(float(np.corrcoef(column, ranked)[0, 1]), len(outcome), 0) for column in ranks.T]


def partial_rank(factors: Values, outcome: Values) -> list[Correlation]:
    """Compute the partial rank correlation of each factor with the outcome, removing the ranks of all other factors
    from both.

    It comes from one regression of the outcome's ranks. The partial correlation is ``t / sqrt(t**2 + df)`` of the
    factor's coefficient. This equals the correlation of what the other factors leave of the two.

    Parameters
    ----------
    factors, outcome
        As for :func:`spearman`, with at least three points more than factors.
    """
    ranks, ranked = _ranks(factors), _ranks(outcome[:, None])[:, 0]
    fit = _least_squares(_centred(ranks), ranked - ranked.mean())
    total = float(np.sum((ranked - ranked.mean()) ** 2))
    found = []
    for place, coefficient in enumerate(fit.coefficients):
        gained = fit.gained([place])
        known = gained > ROUNDING * total  # a remainder from rounding is not an effect
        value = float(np.sign(coefficient) * np.sqrt(gained / (gained + fit.left))) if known else 0.0
        found.append(_correlation(value, len(outcome), factors.shape[1] - 1))
    return found


def _ranks(columns: Values) -> Values:
    from scipy.stats import rankdata

    return np.asarray(rankdata(columns, axis=0), dtype=np.float64)


def _centred(columns: Values) -> Values:
    return np.asarray(columns - columns.mean(axis=0), dtype=np.float64)


def _correlation(value: float, points: int, others: int) -> Correlation:
    """Return a correlation with its interval and test, after the ranks of other factors have been removed."""
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
    """Hold an expected outcome, with its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Effect:
    """Describe what a factor does to an outcome, while the others are anywhere in their ranges.

    Attributes
    ----------
    at_low, at_high : Expected
        Outcome where the factor is at the 10% and at the 90% point of its range.
    share : float
        Share of the outcome's variance that disappears once the factor alone is known, from 0 to 1, adjusted for what
        scatter alone would produce.
    """

    at_low: Expected
    at_high: Expected
    share: float

    @property
    def length(self) -> float:
        """Return the distance between the two, in the unit of the outcome."""
        return abs(self.at_high.value - self.at_low.value)


@dataclass(frozen=True)
class Effects:
    """Describe what all factors do to an outcome.

    Attributes
    ----------
    mean : float
        Mean of the outcome over the points.
    each : list of Effect
        Effect of each factor.
    share : float
        Share of the outcome's variance that all factors explain, each by itself (adjusted, at least 0). The rest comes
        from their interactions, from shapes that no parabola follows, and from the chance of the runs.
    """

    mean: float
    each: list[Effect]
    share: float


def effects(factors: Values, outcome: Values, ends: Values) -> Effects:
    """Fit a parabola in each factor, and estimate the effect of each.

    Parameters
    ----------
    factors : ndarray, shape (points, factors)
        Values of each factor, at :func:`least_points` points or more.
    outcome : ndarray, shape (points,)
        Outcome, not constant.
    ends : ndarray, shape (2, factors)
        Low and high point of each factor, at which the outcome is reported.
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
    """Return the variance that a factor's own parabola explains, less what scatter alone would explain, as a share of
    all.
    """
    taken, spread = fit.coefficients[own], np.atleast_2d(np.cov(terms, rowvar=False))
    by_scatter = fit.left / fit.freedom * float(np.trace(spread @ fit.spread[np.ix_(own, own)]))
    return float(np.clip((float(taken @ spread @ taken) - by_scatter) / variance, 0.0, 1.0))


def _terms(positions: Values, places: Sequence[Sequence[int]] | None = None) -> tuple[Values, Sequence[Sequence[int]]]:
    """Build the columns of the parabolas, and each factor's column indices; a factor with two values has a straight
    line.
    """
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
    """Return the mean outcome with a factor's terms at some values, with Student's interval."""
    from scipy.special import stdtrit

    own = list(own)
    value = float(outcome.mean() + fit.coefficients[own] @ at)
    scatter = fit.left / fit.freedom
    variance = scatter * (1 / len(outcome) + float(at @ fit.spread[np.ix_(own, own)] @ at))
    half_width = float(stdtrit(fit.freedom, (1 + CONFIDENCE) / 2)) * float(np.sqrt(variance))
    return Expected(value, value - half_width, value + half_width)


@dataclass(frozen=True)
class _Fit:
    """Hold a least-squares fit of a centred outcome on centred columns.

    Attributes
    ----------
    coefficients : ndarray, shape (columns,)
        Coefficient of each column.
    spread : ndarray, shape (columns, columns)
        Covariance of the coefficients, as a multiple of the scatter's variance.
    left : float
        Residual sum of squares.
    freedom : int
        Residual degrees of freedom.
    """

    coefficients: Values
    spread: Values
    left: float
    freedom: int

    def gained(self, places: Sequence[int]) -> float:
        """Return the sum of squares that some columns remove beyond all the others."""
        own = list(places)
        taken = self.coefficients[own]
        return float(taken @ np.linalg.solve(self.spread[np.ix_(own, own)], taken))


def _least_squares(columns: Values, outcome: Values) -> _Fit:
    spread = np.asarray(np.linalg.pinv(columns.T @ columns, hermitian=True), dtype=np.float64)
    coefficients = spread @ (columns.T @ outcome)
    left = float(np.sum((outcome - columns @ coefficients) ** 2))
    return _Fit(coefficients, spread, left, len(outcome) - 1 - columns.shape[1])


def share_of_chance(runs: Values) -> float:
    """Estimate the share of the variance between points that is due to chance in their few runs; NaN with fewer than
    two runs.

    A run number may shift all points alike, for example through its draw of the parameters. That is not chance between
    points, because all points share the runs. Chance is the residual of an analysis of variance with points and run
    numbers.

    Parameters
    ----------
    runs : ndarray, shape (points, runs)
        Outcome of each run of each point. Points with a run that is not a number (NaN) are left out.
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
