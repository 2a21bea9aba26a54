"""Fits a response curve to runs: how likely a success is at each level, and how much the runs leave open."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np
from numpy.typing import NDArray

SPREADS = (0.005, 0.5)
"""Steepest and flattest response curve, as the standard deviation of the logarithm of the level needed."""
CENTRES, SPREADS_TRIED = 400, 40
"""Number of values of each parameter of the response curve: enough centres that each step between two levels has one.
"""
LEAST_LEVEL = 0.5
"""Stands for level 0, which has no logarithm."""
UNLIKELY = 1e-3
"""Predictions leave out curves whose likelihood is below this share of the best one's."""


class Response:
    """Estimate the probability of a success by level, as a probit in the logarithm of the level.

    The curves lie on a grid (Watson and Pelli, Perception and Psychophysics 33, 1983). Each has the likelihood of the
    runs as its weight.

    Parameters
    ----------
    levels : range
        Range searched.
    """

    def __init__(self, levels: range) -> None:
        from scipy.special import ndtr

        self._levels = levels
        least, most = np.log(max(levels[0], LEAST_LEVEL)), np.log(max(levels[-1], 2))
        room = max(most - least, 0.5)
        centre, spread = np.meshgrid(
            np.linspace(least - room / 2, most + room / 2, CENTRES),
            np.geomspace(*SPREADS, SPREADS_TRIED),
            indexing="ij",
        )
        self._centre, self._spread = centre.ravel(), spread.ravel()
        logarithm = np.log(np.maximum(np.array(levels, dtype=np.float64), LEAST_LEVEL))
        z = (logarithm - self._centre[:, None]) / self._spread[:, None]
        self._curves = ndtr(z).clip(1e-4, 1 - 1e-4)
        self._likelihood = np.zeros(len(self._centre))
        self._weighed: tuple[NDArray[np.bool_], NDArray[np.float64]] | None = None

    def learn(self, level: int, successes: int, runs: int) -> None:
        """Take in some runs at a level."""
        curve = self._curves[:, level - self._levels[0]]
        self._likelihood += successes * np.log(curve) + (runs - successes) * np.log1p(-curve)
        self._weighed = None

    def _likely(self) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Return which curves are at all likely, and the weight of each."""
        if self._weighed is None:
            weight = np.exp(self._likelihood - self._likelihood.max())
            likely = weight > UNLIKELY
            self._weighed = likely, weight[likely] / weight[likely].sum()
        return self._weighed

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Return the mean probabilities over the likely curves, shape (levels,); they never fall."""
        likely, weight = self._likely()
        return np.asarray(weight @ self._curves[likely], dtype=np.float64)

    def first_at(self, probability: float) -> int:
        """Return the smallest level with at least a probability; the greatest level if none has it."""
        enough = np.flatnonzero(self.probabilities >= probability)
        return self._levels[int(enough[0]) if len(enough) else -1]

    def mean_of(
        self, level: int, function: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        """Average a function of the probability at a level over the likely curves."""
        likely, weight = self._likely()
        return np.asarray(function(self._curves[likely, level - self._levels[0]]) @ weight, dtype=np.float64)

    def standard_error_of_level(self, probability: float, runs: int) -> float:
        """Return how precisely this many runs locate where the curve reaches a probability, as a standard error in
        levels.
        """
        from scipy.special import ndtri

        likely, weight = self._likely()
        z = ndtri(probability)
        level = np.exp(self._centre[likely] + z * self._spread[likely]).clip(self._levels[0], self._levels[-1])
        density = np.exp(-(z**2) / 2) / sqrt(
            2 * np.pi
        )  # of the normal distribution: steepness of a probit, in its own unit
        of_a_share = sqrt(probability * (1 - probability) / runs)
        return float(weight @ (self._spread[likely] * level) * of_a_share / density)
