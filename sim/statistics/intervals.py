"""Computes means, quantiles, shares of the variance and probabilities over replications, with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

CONFIDENCE = 0.95
ROUNDING = 1e-12
"""Share of a number by which rounding may have changed it."""


@dataclass(frozen=True)
class Summary:
    """Summarise one quantity over many replications.

    Attributes
    ----------
    mean : float
        Arithmetic mean.
    ci_low, ci_high : float
        Confidence interval of the mean. Not a number (NaN) with fewer than two values.
    p10, p50, p90 : float
        Quantiles of a single replication (linear interpolation): eight in ten runs lie between p10 and p90.
    """

    mean: float
    ci_low: float
    ci_high: float
    p10: float
    p50: float
    p90: float


@dataclass(frozen=True)
class Mean:
    """Hold a mean, and how far chance may have moved it.

    Attributes
    ----------
    mean : float
        Arithmetic mean. Not a number (NaN) without values.
    error : float
        Standard error. Not a number (NaN) with fewer than two groups.
    groups : int
        Number of independent groups behind it; the degrees of freedom are one fewer.
    """

    mean: float
    error: float
    groups: int

    @property
    def never_varies(self) -> bool:
        """Return whether all groups are equal, apart from rounding."""
        return self.error <= ROUNDING * max(1.0, abs(self.mean))

    def half_width(self, confidence: float = CONFIDENCE) -> float:
        """Return half of Student's t interval at a confidence between 0 and 1; NaN with fewer than two groups."""
        from scipy.special import stdtrit

        if self.groups < 2:  # noqa: PLR2004 - one value has no spread
            return float("nan")
        return float(stdtrit(self.groups - 1, (1 + confidence) / 2)) * self.error

    def interval(self, confidence: float = CONFIDENCE) -> tuple[float, float]:
        """Return Student's t interval at a confidence between 0 and 1."""
        half_width = self.half_width(confidence)
        return self.mean - half_width, self.mean + half_width

    @property
    def p_value(self) -> float:
        """Return the probability of a mean at least as far from zero if the true one is zero (two-sided t test).

        If all groups are equal, their spread cannot be estimated, and only their sign counts (sign test).
        """
        from scipy.special import stdtr

        if self.groups < 2:  # noqa: PLR2004 - one value has no spread
            return float("nan")
        if self.never_varies:
            return 1.0 if abs(self.mean) <= ROUNDING else 2.0 ** (1 - self.groups)
        return 2 * float(stdtr(self.groups - 1, -abs(self.mean) / self.error))


def mean_of(values: ArrayLike, groups: ArrayLike | None = None) -> Mean:
    """Compute the mean of replications and its standard error.

    Parameters
    ----------
    values : array_like, shape (n,)
        Replications. Those that are not a number (NaN) are left out.
    groups : array_like of int, shape (n,), optional
        Group of each replication, such as its draw of the parameters. Groups are independent; replications of the same
        group are not. The error is then that of a cluster sample (ratio estimator; Cochran, Sampling Techniques, 1977,
        chapter 9). With groups of one it is the ordinary one.
    """
    sample, group = _with_groups(values, groups)
    count = int(group.max(initial=-1)) + 1
    if not len(sample):
        return Mean(float("nan"), float("nan"), 0)
    mean = float(sample.mean())
    if count < 2:  # noqa: PLR2004 - one value has no spread
        return Mean(mean, float("nan"), count)
    excess = np.bincount(group, weights=sample - mean)
    return Mean(mean, float(np.sqrt(count / (count - 1) * np.sum(excess**2))) / len(sample), count)


def _with_groups(values: ArrayLike, groups: ArrayLike | None) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the values that are numbers, and the group of each, numbered from 0."""
    sample = np.asarray(values, dtype=np.float64)
    there = ~np.isnan(sample)
    own = np.arange(len(sample)) if groups is None else np.asarray(groups)
    _, group = np.unique(own[there], return_inverse=True)
    return sample[there], group.astype(np.int64)


def mean_interval(
    values: ArrayLike, groups: ArrayLike | None = None, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Compute Student's t interval of a mean; values and groups as for :func:`mean_of`, NaN for fewer than two groups.

    Parameters
    ----------
    confidence : float, optional
        Coverage, between 0 and 1.
    """
    return mean_of(values, groups).interval(confidence)


@dataclass(frozen=True)
class QuantileInterval:
    """Hold a quantile of a single replication, between two order statistics.

    Attributes
    ----------
    value : float
        Quantile of the sample (linear interpolation).
    ci_low, ci_high : float
        Order statistics around it. Minus or plus infinity if there are too few replications for one.
    """

    value: float
    ci_low: float
    ci_high: float


def quantile_interval(
    values: ArrayLike, probability: float, groups: ArrayLike | None = None, confidence: float = CONFIDENCE
) -> QuantileInterval:
    """Compute an interval of a quantile between order statistics, for any distribution.

    The number of n independent values that lie below the quantile is binomial. So two order statistics enclose it with
    at least the requested confidence (David and Nagaraja, Order Statistics, 2003, section 7.1). Values that share
    groups carry less information than independent ones. Then n is divided by the design effect of lying below the
    sample's quantile (Korn and Graubard, Survey Methodology 24, 1998), and the ranks are spread over all values.

    Parameters
    ----------
    values, groups
        As for :func:`mean_of`.
    probability : float
        Probability of the quantile, between 0 and 1.
    confidence : float, optional
        Coverage, between 0 and 1. The quantile lies beyond each limit with at most half of the remaining probability.
    """
    sample, group = _with_groups(values, groups)
    if not len(sample):
        return QuantileInterval(*[float("nan")] * 3)
    value = float(np.quantile(sample, probability))
    count = len(sample)
    effective = count if groups is None else int(count / _design_effect(sample <= value, group))
    tail = (1 - confidence) / 2
    ordered = np.concatenate(([-np.inf], np.sort(sample), [np.inf]))
    below = _binomial_quantile(tail, effective, probability) * count / effective
    above = _binomial_quantile(1 - tail, effective, probability) * count / effective + 1
    return QuantileInterval(
        value, float(ordered[int(np.floor(below))]), float(ordered[min(count + 1, int(np.ceil(above)))])
    )


@cache
def _binomial_quantile(level: float, count: int, probability: float) -> float:
    """Return a quantile of the number of successes; cached, because most intervals of a study need the same few."""
    from scipy.special import bdtr

    return float(np.searchsorted(bdtr(np.arange(count + 1.0), count, probability), level))


def _design_effect(below: NDArray[np.bool_], group: NDArray[np.int64]) -> float:
    """Compute the variance of a share over groups relative to independent values; at least 1, at most the mean group
    size.
    """
    share = float(below.mean())
    spread = share * (1 - share) / len(below)
    groups = int(group.max()) + 1
    if not spread or groups < 2:  # noqa: PLR2004 - one group has no spread
        return len(below) / groups
    return float(np.clip(mean_of(below, group).error ** 2 / spread, 1.0, len(below) / groups))


def group_quantiles(
    values: ArrayLike, groups: ArrayLike, probabilities: Sequence[float], share: float
) -> NDArray[np.float64]:
    """Estimate quantiles of the group averages, if each group had so many values that chance averages out.

    Means of small groups vary too much, because they include chance. They are pulled towards the overall mean until
    their variance equals that between groups (the constrained estimate of Louis, Journal of the American Statistical
    Association 79, 1984).

    Parameters
    ----------
    values, groups
        As for :func:`mean_of`.
    probabilities : sequence of float
        Probabilities of the quantiles, between 0 and 1.
    share : float
        Share of the variance between groups, from :func:`variance_share`.

    Returns
    -------
    ndarray, shape (probabilities,)
        Not a number (NaN) if the share is not.
    """
    sample, group = _with_groups(values, groups)
    if not len(sample) or np.isnan(share):
        return np.full(len(probabilities), np.nan)
    sizes = np.bincount(group)
    means = np.bincount(group, weights=sample) / sizes
    spread_of_means = share + (1 - share) / float(sizes.mean())
    drawn_in = np.sqrt(share / spread_of_means) if share else 0.0
    return np.asarray(np.quantile(sample.mean() + drawn_in * (means - sample.mean()), probabilities), dtype=np.float64)


def summarise(values: ArrayLike, groups: ArrayLike | None = None) -> Summary:
    """Summarise replications, leaving out those that are not a number (NaN); groups as for :func:`mean_interval`."""
    sample, _ = _with_groups(values, groups)
    if not len(sample):
        return Summary(*[float("nan")] * 6)
    low, high = mean_interval(values, groups)
    p10, p50, p90 = (float(quantile) for quantile in np.quantile(sample, [0.1, 0.5, 0.9]))
    return Summary(float(sample.mean()), low, high, p10, p50, p90)


@dataclass(frozen=True)
class VarianceShare:
    """Hold the share of the variance between replications that lies between groups.

    Attributes
    ----------
    groups : int
        Number of groups, such as draws of the parameters.
    share : float
        Intraclass correlation from the analysis of variance; 0 if groups differ less than by chance.
    ci_low, ci_high : float
        Confidence interval, exact for normal values.
    """

    groups: int
    share: float
    ci_low: float
    ci_high: float


def variance_share(values: ArrayLike, groups: ArrayLike, confidence: float = CONFIDENCE) -> VarianceShare:
    """Estimate how much of the variance lies between groups, by one-way analysis of variance with random effects.

    Parameters
    ----------
    values : array_like, shape (n,)
        Replications. Those that are not a number (NaN) are left out.
    groups : array_like of int, shape (n,)
        Group of each. The interval is exact for groups of equal size and close for others (Searle, Linear Models,
        1971).
    confidence : float, optional
        Coverage, between 0 and 1.

    Returns
    -------
    VarianceShare
        Not a number (NaN) with fewer than two groups, without a group of two, or if all values are equal. Exactly 1 if
        values differ between groups only.
    """
    from scipy.special import fdtri

    sample, group = _with_groups(values, groups)
    sizes = np.bincount(group)
    total, count = len(sample), len(sizes)
    nothing = VarianceShare(count, *[float("nan")] * 3)
    if count < 2 or total == count or not np.ptp(sample):  # noqa: PLR2004 - between one group there is nothing
        return nothing
    means = np.bincount(group, weights=sample) / sizes
    within = float(np.sum((sample - means[group]) ** 2)) / (total - count)
    between = float(np.sum(sizes * (means - sample.mean()) ** 2)) / (count - 1)
    if not within:
        return VarianceShare(count, 1.0, 1.0, 1.0)
    size = (total - float(np.sum(sizes**2)) / total) / (count - 1)

    def share_at(ratio: float) -> float:
        return max(0.0, (ratio - 1) / (ratio - 1 + size))

    tail = (1 - confidence) / 2
    ratio = between / within
    low, high = (float(fdtri(count - 1, total - count, level)) for level in (1 - tail, tail))
    return VarianceShare(count, share_at(ratio), share_at(ratio / low), share_at(ratio / high))


def binomial_interval(successes: int, runs: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Compute an interval of a probability with at least the stated coverage (Clopper and Pearson, Biometrika 26,
    1934).

    Parameters
    ----------
    successes, runs : int
        Number of successes, and of independent runs. Not a number (NaN) without runs.
    confidence : float, optional
        Coverage, between 0 and 1.

    Raises
    ------
    ValueError
        If there are more successes than runs, or fewer than none.
    """
    from scipy.special import betaincinv

    if not 0 <= successes <= runs:
        raise ValueError(f"{successes} successes in {runs} runs")
    if not runs:
        return float("nan"), float("nan")
    tail, failures = (1 - confidence) / 2, runs - successes
    low = float(betaincinv(successes, failures + 1, tail)) if successes else 0.0
    high = float(betaincinv(successes + 1, failures, 1 - tail)) if failures else 1.0
    return low, high
