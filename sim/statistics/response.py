"""A response curve fitted to runs: how likely a success is at each level, and how much of that is still open."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np
from numpy.typing import NDArray

SPREADS = (0.005, 0.5)
"""Steepest and flattest response curve, as the standard deviation of the logarithm of the level that is needed."""
CENTRES, SPREADS_TRIED = 400, 40
"""Values of each parameter of the response curve: so many centres that a step between two levels has one of its own."""
LEAST_LEVEL = 0.5
"""Stands for level 0, which has no logarithm."""
UNLIKELY = 1e-3
"""A curve with a smaller share than this of the likelihood of the best one is left out of predictions."""


class Response:
    """Probability of a success by level, as far as runs tell: a probit in the logarithm of the level.

    The curves lie on a grid (Watson and Pelli, Perception and Psychophysics 33, 1983). Each has a weight, which is the
    likelihood of the runs.

    Parameters
    ----------
    levels : range
        The range searched.
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
        """Which curves are likely at all, and the weight of each."""
        if self._weighed is None:
            weight = np.exp(self._likelihood - self._likelihood.max())
            likely = weight > UNLIKELY
            self._weighed = likely, weight[likely] / weight[likely].sum()
        return self._weighed

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Mean over what the runs leave open, shape (levels,); it never falls."""
        likely, weight = self._likely()
        return np.asarray(weight @ self._curves[likely], dtype=np.float64)

    def first_at(self, probability: float) -> int:
        """Smallest level that has a probability; the greatest one if none has."""
        enough = np.flatnonzero(self.probabilities >= probability)
        return self._levels[int(enough[0]) if len(enough) else -1]

    def mean_of(
        self, level: int, function: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        """Mean of a function of the probability at a level, over what the runs leave open."""
        likely, weight = self._likely()
        return np.asarray(function(self._curves[likely, level - self._levels[0]]) @ weight, dtype=np.float64)

    def standard_error_of_level(self, probability: float, runs: int) -> float:
        """How well so many runs tell where the curve reaches a probability, in levels: a standard error."""
        from scipy.special import ndtri

        likely, weight = self._likely()
        z = ndtri(probability)
        level = np.exp(self._centre[likely] + z * self._spread[likely]).clip(self._levels[0], self._levels[-1])
        density = np.exp(-(z**2) / 2) / sqrt(2 * np.pi)  # of the normal: steepness of a probit, in its own unit
        of_a_share = sqrt(probability * (1 - probability) / runs)
        return float(weight @ (self._spread[likely] * level) * of_a_share / density)
