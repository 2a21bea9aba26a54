"""Plans one test: when to stop it for futility, its power, and its expected runs.

An upward test aims to show that a level meets; a downward test aims to show that it fails. Stopping for futility cannot
add a wrong verdict, so cost alone decides it. Backward induction from the last run finds the rule: a test continues
while what it may still bring is worth its runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sim.statistics.sequential import Boundaries, Verdict, boundaries

WORTH, WORTH_OF_SOONEST = 1.0, 5.0
"""Worth of the verdict sought: this many tests of the most runs, or of the fewest that can give it, whichever is more.
These numbers affect costs and not the promise. We chose them by the runs that searches of made-up responses took.
"""
MISSES, SHORTFALL = 0.5, 1.5
"""What a test hopes for at its start, as multiples of the allowed share of failures. An upward test hopes for a level
with half of it. A downward test hopes for one with half as much again, or half-way to certain failure if that is less.
"""
EXPECTED_RUNS = 25
"""Strength of a test's first belief that the level is a good one for it, in runs. Without it, three misses would end
the test.
"""
PROBABILITIES = np.concatenate(([1e-4], np.linspace(0.01, 0.99, 99), [1 - 1e-4]))
"""True probabilities for which power and runs are computed; values in between are interpolated."""


@dataclass(frozen=True)
class Design:
    """Describe one test.

    Attributes
    ----------
    limits : Boundaries
        Where it ends with a verdict.
    upwards : bool
        Whether it aims to show that the level meets, or that it fails.
    futility : ndarray
        For each look, the test gives up with this many hoped-for runs or fewer (successes upwards, failures downwards).
    power : ndarray
        Probability that it shows what it aims at, by the true probability (:data:`PROBABILITIES`).
    expected_runs : ndarray
        Expected number of runs, by the true probability.
    """

    limits: Boundaries
    upwards: bool
    futility: NDArray[np.int64]
    power: NDArray[np.float64]
    expected_runs: NDArray[np.float64]

    def is_over(self, successes: int, runs: int) -> bool:
        """Return whether a look ends the test, with a verdict or without."""
        hoped_for = successes if self.upwards else runs - successes
        decided = self.limits.verdict(successes, runs) != "undecided"
        return decided or hoped_for <= self.futility[self.limits.looks.index(runs)]

    @property
    def sought(self) -> Verdict:
        """Return the verdict that the test aims at."""
        return "meets" if self.upwards else "fails"

    def operating_characteristics(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return power and expected runs for true probabilities of a level; shape (2, probabilities)."""
        return np.array([np.interp(probability, PROBABILITIES, each) for each in (self.power, self.expected_runs)])


@cache
def design(probability: float, most: int, step: int, stake: float, *, upwards: bool) -> Design:
    """Plan a test.

    Parameters
    ----------
    probability : float
        Probability required.
    most, step : int
        Most runs, and runs between two looks.
    stake : float
        Error allowed for the verdict that it aims at. It never gives the other one.
    upwards : bool
        Whether it aims to show that a level meets.
    """
    limits = boundaries(probability, most, step, *((stake, 0.0) if upwards else (0.0, stake)))
    looks = np.array(limits.looks)
    enough = np.array(limits.meets) if upwards else looks - np.array(limits.fails)
    missing = 1 - probability
    hoped_for = 1 - MISSES * missing if upwards else min(SHORTFALL * missing, 1 - probability / 2)
    futility = _futility(looks, enough, hoped_for)
    power, runs = _power_and_runs(looks, enough, futility, PROBABILITIES if upwards else 1 - PROBABILITIES)
    return Design(limits, upwards, futility, power, runs)


def _futility(looks: NDArray[np.int64], enough: NDArray[np.int64], hoped_for: float) -> NDArray[np.int64]:
    """Find, for each look, the number of hoped-for runs with which the test gives up because it is not worth more runs.

    The runs to come are predicted from a beta distribution around the hoped-for probability.
    """
    most, futility = int(looks[-1]), np.full(len(looks), -1)
    place = {int(look): number for number, look in enumerate(looks)}
    soonest = looks[enough <= looks].min(initial=most)
    price = 1 / max(WORTH * most, WORTH_OF_SOONEST * soonest)
    worth = np.zeros(most + 2)
    for run in range(most, 0, -1):
        number = np.arange(run + 1)
        chance = (number + hoped_for * EXPECTED_RUNS) / (run + EXPECTED_RUNS)
        worth = chance * worth[1 : run + 2] + (1 - chance) * worth[: run + 1] - price
        if run in place:
            least = enough[place[run]]
            futility[place[run]] = np.flatnonzero(worth[:least] <= 0).max(initial=-1)
            worth = np.where(number >= least, 1.0, np.maximum(worth, 0))
    return futility


def _power_and_runs(
    looks: NDArray[np.int64],
    enough: NDArray[np.int64],
    futility: NDArray[np.int64],
    probabilities: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Compute exactly the probability of enough hoped-for runs at any look, and the expected number of runs."""
    from scipy.stats import binom

    power, runs = np.zeros(len(probabilities)), np.zeros(len(probabilities))
    going_on, lowest, before = np.ones((len(probabilities), 1)), 0, 0  # paths under way, from a number of runs on
    sizes = set(np.diff(looks, prepend=0).tolist())
    steps = {size: np.asarray(binom.pmf(np.arange(size + 1), size, probabilities[:, None])) for size in sizes}
    for look, least, most in zip(looks, enough, futility, strict=True):
        step = look - before
        runs += step * going_on.sum(axis=1)
        reached = np.zeros((len(probabilities), going_on.shape[1] + step))
        for more in range(step + 1):
            reached[:, more : more + going_on.shape[1]] += steps[step][:, more, None] * going_on
        power += reached[:, max(least - lowest, 0) :].sum(axis=1)
        first = max(most + 1 - lowest, 0)
        going_on, lowest, before = reached[:, first : max(least - lowest, first)], lowest + first, look
    return power, runs
