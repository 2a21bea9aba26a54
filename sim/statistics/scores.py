"""Scores of a forecast against what happened."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def crps(sample: ArrayLike, observed: float) -> float:
    """Continuous ranked probability score of a forecast given as a sample; less is better.

    The mean distance of the sample from what was observed, less half the mean distance within it (Gneiting and Raftery,
    Journal of the American Statistical Association 102, 2007, equation 21). Of a single value it is the absolute error.

    Parameters
    ----------
    sample : array_like, shape (runs,)
        Values of the forecast, at least one.
    observed : float
        What happened, in the same unit.
    """
    values = np.sort(np.asarray(sample, dtype=np.float64))
    count = len(values)
    within = float(np.sum((2 * np.arange(1, count + 1) - count - 1) * values)) / count**2  # half the mean distance
    return float(np.mean(np.abs(values - observed))) - within
