"""Draws samples from a density that is known up to a constant, such as a posterior.

A quasi-Newton search finds the mode. Proposals come from a multivariate t distribution around the mode, with the
curvature there. They are weighted by the density and resampled. Each then makes some steps of Metropolis's algorithm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
LogDensity = Callable[[Array], Array]
"""Logarithm of a density, up to a constant: from points, shape (points, size), to values, shape (points,)."""
TAILS = 5
"""Degrees of freedom of the proposals, whose tails must be longer than the density's."""
PART = 100
"""Number of points whose density is computed at a time; affects only speed."""
STEP = 1e-3
"""Step of numerical derivatives, for parameters of the order of 1."""


@dataclass(frozen=True)
class Effort:
    """Set how much work goes into a sample.

    Attributes
    ----------
    draws : int
        Number of draws to return.
    proposals : int
        Number of proposals from which they are resampled.
    sweeps : int
        Metropolis steps of each draw.
    """

    draws: int = 400
    proposals: int = 1000
    sweeps: int = 12


@dataclass(frozen=True)
class Sample:
    """Hold draws from a density, and their quality.

    Attributes
    ----------
    mode : ndarray, shape (size,)
        Mode of the density.
    draws : ndarray, shape (draws, size)
        Draws, all with the same weight.
    effective : float
        Effective size of the weighted sample that they came from.
    moved : float
        Share of the later Metropolis steps that were accepted.
    """

    mode: Array
    draws: Array
    effective: float
    moved: float


def sample(log_density: LogDensity, start: Array, effort: Effort, rng: np.random.Generator) -> Sample:
    """Draw from a density with one mode, searching for the mode from ``start``."""
    mode, covariance = _mode(log_density, start)
    factor: Array = np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
    draws, effective = _resampled(log_density, mode, factor, effort.draws, effort.proposals, rng)
    draws, moved = _moved(log_density, draws, factor, effort.sweeps, rng)
    return Sample(mode, draws, effective, moved)


def _mode(log_density: LogDensity, start: Array) -> tuple[Array, Array]:
    """Find the mode of a density, and the inverse of the curvature there."""
    from scipy.optimize import minimize

    steps = STEP * np.eye(len(start))

    def slope(at: Array) -> Array:
        values = log_density(np.concatenate([at + steps, at - steps]))
        return np.asarray((values[: len(at)] - values[len(at) :]) / (2 * STEP))

    def loss(at: Array) -> float:
        return -float(log_density(at[None])[0])

    def loss_slope(at: Array) -> Array:
        return -slope(at)

    found: Array = minimize(loss, start, jac=loss_slope, method="BFGS").x
    curvature = np.array([(slope(found + 10 * step) - slope(found - 10 * step)) / (20 * STEP) for step in steps])
    return found, np.linalg.inv(-(curvature + curvature.T) / 2)


def _resampled(
    log_density: LogDensity, mode: Array, factor: Array, draws: int, proposals: int, rng: np.random.Generator
) -> tuple[Array, float]:
    """Draw by importance sampling and systematic resampling, and return the effective size of the weighted sample."""
    from scipy.special import softmax

    normal = rng.standard_normal((proposals, len(mode)))
    stretch = np.sqrt(TAILS / rng.chisquare(TAILS, proposals))
    points = mode + stretch[:, None] * normal @ factor.T
    distance = stretch**2 * np.sum(normal**2, axis=1)
    log_proposal = -0.5 * (TAILS + len(mode)) * np.log1p(distance / TAILS)
    weights = softmax(_in_parts(log_density, points) - log_proposal)
    places = np.searchsorted(np.cumsum(weights), (np.arange(draws) + rng.random()) / draws)
    return points[np.minimum(rng.permutation(places), proposals - 1)], float(1 / np.sum(weights**2))


def _moved(
    log_density: LogDensity, points: Array, factor: Array, sweeps: int, rng: np.random.Generator
) -> tuple[Array, float]:
    """Move draws by some Metropolis steps, each draw as its own chain, and return the share of steps accepted.

    The steps separate draws that resampling took twice, and correct what the proposals' tails missed.
    """
    length = 2.38 / np.sqrt(
        points.shape[1]
    )  # optimal length of a random walk on a normal target: Roberts and others, 1997
    density = _in_parts(log_density, points)
    taken = 0
    for _ in range(sweeps):
        proposed = points + length * rng.standard_normal(points.shape) @ factor.T
        there = _in_parts(log_density, proposed)
        goes = np.log(rng.random(len(points))) < there - density
        points, density = np.where(goes[:, None], proposed, points), np.where(goes, there, density)
        taken += int(goes.sum())
    return points, taken / max(1, sweeps * len(points))


def _in_parts(log_density: LogDensity, points: Array) -> Array:
    """Compute the density of many points, some at a time, so that their matrices stay in the processor's cache."""
    return np.concatenate([log_density(part) for part in np.array_split(points, -(-len(points) // PART))])
