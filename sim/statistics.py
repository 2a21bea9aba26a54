"""Statistics over replications, by their textbook names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Summary:
    """What many replications say of one quantity.

    Attributes
    ----------
    mean : float
        Arithmetic mean.
    ci_low, ci_high : float
        Confidence interval of the mean; not a number with fewer than two values.
    p10, p50, p90 : float
        Quantiles of the single replication (linear interpolation): eight in ten runs lie between p10 and p90.
    """

    mean: float
    ci_low: float
    ci_high: float
    p10: float
    p50: float
    p90: float


def mean_interval(
    values: ArrayLike, groups: ArrayLike | None = None, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Student's t interval of a mean.

    Parameters
    ----------
    values : array_like, shape (n,)
        Replications.
    groups : array_like of int, shape (n,), optional
        Group of each, such as its draw of the parameters: those of a group are not independent, groups are. The
        interval is then that of a cluster sample; with groups of one it is the ordinary one.
    confidence : float, optional
        Coverage, between 0 and 1.

    Returns
    -------
    tuple of float
        Lower and upper limit; not a number for fewer than two groups.
    """
    from scipy.special import stdtrit

    sample = np.asarray(values, dtype=np.float64)
    _, group = np.unique(np.arange(len(sample)) if groups is None else np.asarray(groups), return_inverse=True)
    count = int(group.max(initial=-1)) + 1
    if count < 2:  # noqa: PLR2004 - one value has no spread
        return float("nan"), float("nan")
    mean = float(sample.mean())
    excess = np.bincount(group, weights=sample - mean)
    error = float(np.sqrt(count / (count - 1) * np.sum(excess**2))) / len(sample)
    half_width = float(stdtrit(count - 1, (1 + confidence) / 2)) * error
    return mean - half_width, mean + half_width


def summarise(values: ArrayLike, groups: ArrayLike | None = None) -> Summary:
    """Summary of replications; those that are not a number are left out. Groups as for :func:`mean_interval`."""
    sample: NDArray[np.float64] = np.asarray(values, dtype=np.float64)
    there = ~np.isnan(sample)
    sample = sample[there]
    if not len(sample):
        return Summary(*[float("nan")] * 6)
    low, high = mean_interval(sample, None if groups is None else np.asarray(groups)[there])
    p10, p50, p90 = (float(quantile) for quantile in np.quantile(sample, [0.1, 0.5, 0.9]))
    return Summary(float(sample.mean()), low, high, p10, p50, p90)


@dataclass(frozen=True)
class VarianceShare:
    """Share of the variance between replications that lies between groups.

    Attributes
    ----------
    groups : int
        Groups, such as draws of the parameters.
    share : float
        Intraclass correlation by the analysis of variance, 0 if groups differ less than chance would have them.
    ci_low, ci_high : float
        Confidence interval, exact for normal values.
    """

    groups: int
    share: float
    ci_low: float
    ci_high: float


def variance_share(values: ArrayLike, groups: ArrayLike, confidence: float = CONFIDENCE) -> VarianceShare:
    """How much of the variance is between groups: one-way analysis of variance with random effects.

    Parameters
    ----------
    values : array_like, shape (n,)
        Replications; those that are not a number are left out.
    groups : array_like of int, shape (n,)
        Group of each. The interval is exact for groups of one size and close for others (Searle, Linear Models, 1971).
    confidence : float, optional
        Coverage, between 0 and 1.

    Returns
    -------
    VarianceShare
        Not a number with fewer than two groups, without a group of two, or if all values are the same.
    """
    from scipy.stats import f

    sample = np.asarray(values, dtype=np.float64)
    there = ~np.isnan(sample)
    sample = sample[there]
    _, group, sizes = np.unique(np.asarray(groups)[there], return_inverse=True, return_counts=True)
    total, count = len(sample), len(sizes)
    nothing = VarianceShare(count, *[float("nan")] * 3)
    if count < 2 or total == count:  # noqa: PLR2004 - between one group there is nothing
        return nothing
    means = np.bincount(group, weights=sample) / sizes
    within = float(np.sum((sample - means[group]) ** 2)) / (total - count)
    between = float(np.sum(sizes * (means - sample.mean()) ** 2)) / (count - 1)
    if not within:
        return nothing if not between else VarianceShare(count, 1.0, 1.0, 1.0)
    size = (total - float(np.sum(sizes**2)) / total) / (count - 1)

    def share_at(ratio: float) -> float:
        return max(0.0, (ratio - 1) / (ratio - 1 + size))

    tail = (1 - confidence) / 2
    ratio = between / within
    low, high = (float(f.ppf(level, count - 1, total - count)) for level in (1 - tail, tail))
    return VarianceShare(count, share_at(ratio), share_at(ratio / low), share_at(ratio / high))
