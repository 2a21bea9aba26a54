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


def mean_interval(values: ArrayLike, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Student's t interval of a mean.

    Parameters
    ----------
    values : array_like, shape (n,)
        Independent replications.
    confidence : float, optional
        Coverage, between 0 and 1.

    Returns
    -------
    tuple of float
        Lower and upper limit; not a number for fewer than two values.
    """
    from scipy.special import stdtrit

    sample = np.asarray(values, dtype=np.float64)
    if len(sample) < 2:  # noqa: PLR2004 - one value has no spread
        return float("nan"), float("nan")
    half_width = float(stdtrit(len(sample) - 1, (1 + confidence) / 2) * sample.std(ddof=1) / np.sqrt(len(sample)))
    mean = float(sample.mean())
    return mean - half_width, mean + half_width


def summarise(values: ArrayLike) -> Summary:
    """Summary of replications; those that are not a number are left out."""
    sample: NDArray[np.float64] = np.asarray(values, dtype=np.float64)
    sample = sample[~np.isnan(sample)]
    if not len(sample):
        return Summary(*[float("nan")] * 6)
    low, high = mean_interval(sample)
    p10, p50, p90 = (float(quantile) for quantile in np.quantile(sample, [0.1, 0.5, 0.9]))
    return Summary(float(sample.mean()), low, high, p10, p50, p90)
