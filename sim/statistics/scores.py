"""Scores of a forecast against what happened."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def fair_crps(sample: ArrayLike, observed: float) -> float:
    """Continuous ranked probability score of a forecast given as a sample, as of endless runs; less is better.

    The mean distance of the sample from what was observed, less half the mean distance of two different values of it
    (Ferro, Quarterly Journal of the Royal Meteorological Society 140, 2014): its expectation does not depend on the
    number of runs. Of a single value it is the absolute error.

    Parameters
    ----------
    sample : array_like, shape (runs,)
        Values of the forecast, at least one.
    observed : float
        What happened, in the same unit.
    """
    values = np.sort(np.asarray(sample, dtype=np.float64))
    count = len(values)
    pairs = max(1, count * (count - 1))
    within = float(np.sum((2 * np.arange(1, count + 1) - count - 1) * values)) / pairs  # half the mean distance
    return float(np.mean(np.abs(values - observed))) - within
