"""Scores a forecast against what happened."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def fair_crps(sample: ArrayLike, observed: float) -> float:
    """Compute the continuous ranked probability score of a sample, corrected for its size; lower is better.

    The score is the mean distance of the sample from the observed value, less half the mean distance between two
    different values of the sample. Its expectation does not depend on the number of runs (Ferro, Quarterly Journal of
    the Royal Meteorological Society 140, 2014). For a single value it is the absolute error.

    Parameters
    ----------
    sample : array_like, shape (runs,)
        Values of the forecast, at least one.
    observed : float
        Observed value, in the same unit.
    """
    values = np.sort(np.asarray(sample, dtype=np.float64))
    count = len(values)
    pairs = max(1, count * (count - 1))
    within = float(np.sum((2 * np.arange(1, count + 1) - count - 1) * values)) / pairs  # half the mean distance
    return float(np.mean(np.abs(values - observed))) - within
