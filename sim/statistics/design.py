"""A test as it is planned: when it is given up, how likely it is to say what it was made for, and what it costs.

A test upwards is made to hear that a level meets, one downwards that it fails. To end a test for want of hope makes no
wrong verdict more likely, so when it is given up is a question of cost alone. That is worked out backwards from the
last run, as in any problem of optimal stopping: a test goes on as long as what it may still bring is worth its runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sim.statistics.sequential import Boundaries, Verdict, boundaries

WORTH, WORTH_OF_SOONEST = 1.0, 5.0
"""What the verdict that a test is made for is worth: so many tests of the most runs, or of the fewest in which it can
be told, whichever is more. These numbers touch costs and not the promise; they were chosen by the runs that searches of
made-up responses took."""
EXPECTED_RUNS = 25
"""How firmly a test believes at first that the level is a good one for it, in runs: else three misses would end it."""
PROBABILITIES = np.concatenate(([1e-4], np.linspace(0.01, 0.99, 99), [1 - 1e-4]))
"""True probabilities for which chance and runs are worked out; in between they are interpolated."""


@dataclass(frozen=True)
class Design:
    """One test.

    Attributes
    ----------
    limits : Boundaries
        Where it ends with a verdict.
    upwards : bool
        Whether it is made to hear that the level meets, or that it fails.
    given_up : ndarray
        Most runs of the kind it hopes for (successes upwards, failures downwards) with which each look gives it up.
    chances : ndarray
        Probability that it says what it was made for, by the true probability (:data:`PROBABILITIES`).
    runs : ndarray
        Expected runs, likewise.
    """

    limits: Boundaries
    upwards: bool
    given_up: NDArray[np.int64]
    chances: NDArray[np.float64]
    runs: NDArray[np.float64]

    def is_over(self, successes: int, runs: int) -> bool:
        """Whether a look ends the test, with a verdict or without."""
        hoped_for = successes if self.upwards else runs - successes
        decided = self.limits.verdict(successes, runs) != "undecided"
        return decided or hoped_for <= self.given_up[self.limits.looks.index(runs)]

    @property
    def verdict(self) -> Verdict:
        """What it was made for."""
        return "meets" if self.upwards else "fails"

    def foretold(self, probability: NDArray[np.float64]) -> NDArray[np.float64]:
        """Chance of its verdict, and expected runs, where the level has a probability; shape (2, probabilities)."""
        return np.array([np.interp(probability, PROBABILITIES, each) for each in (self.chances, self.runs)])


@cache
def design(probability: float, most: int, step: int, stake: float, *, upwards: bool) -> Design:
    """Plan a test.

    Parameters
    ----------
    probability : float
        The one asked for.
    most, step : int
        Most runs, and runs between two looks.
    stake : float
        Error allowed of the verdict that it is made for; it never says the other one.
    upwards : bool
        Whether it is made to hear that a level meets.
    """
    limits = boundaries(probability, most, step, *((stake, 0.0) if upwards else (0.0, stake)))
    looks = np.array(limits.looks)
    enough = np.array(limits.meets) if upwards else looks - np.array(limits.fails)
    missing = (1 - probability) / 2
    given_up = _given_up(looks, enough, 1 - missing if upwards else 3 * missing)
    chances, runs = _foretold(looks, enough, given_up, PROBABILITIES if upwards else 1 - PROBABILITIES)
    return Design(limits, upwards, given_up, chances, runs)


def _given_up(looks: NDArray[np.int64], enough: NDArray[np.int64], hoped: float) -> NDArray[np.int64]:
    """Most of the runs hoped for with which each look ends a test without a verdict, since it is not worth its runs.

    The runs to come are foretold from a beta distribution about the probability that is hoped for.
    """
    most, given_up = int(looks[-1]), np.full(len(looks), -1)
    place = {int(look): number for number, look in enumerate(looks)}
    soonest = looks[enough <= looks].min(initial=most)
    price = 1 / max(WORTH * most, WORTH_OF_SOONEST * soonest)
    worth = np.zeros(most + 2)
    for run in range(most, 0, -1):
        number = np.arange(run + 1)
        chance = (number + hoped * EXPECTED_RUNS) / (run + EXPECTED_RUNS)
        worth = chance * worth[1 : run + 2] + (1 - chance) * worth[: run + 1] - price
        if run in place:
            least = enough[place[run]]
            given_up[place[run]] = np.flatnonzero(worth[:least] <= 0).max(initial=-1)
            worth = np.where(number >= least, 1.0, np.maximum(worth, 0))
    return given_up


def _foretold(
    looks: NDArray[np.int64],
    enough: NDArray[np.int64],
    given_up: NDArray[np.int64],
    probabilities: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Probability of enough of the runs hoped for at any look, and expected runs, exactly."""
    from scipy.stats import binom

    chances, runs = np.zeros(len(probabilities)), np.zeros(len(probabilities))
    going_on, lowest, before = np.ones((len(probabilities), 1)), 0, 0  # paths under way, from a number of runs on
    sizes = set(np.diff(looks, prepend=0).tolist())
    steps = {size: np.asarray(binom.pmf(np.arange(size + 1), size, probabilities[:, None])) for size in sizes}
    for look, least, most in zip(looks, enough, given_up, strict=True):
        step = look - before
        runs += step * going_on.sum(axis=1)
        reached = np.zeros((len(probabilities), going_on.shape[1] + step))
        for more in range(step + 1):
            reached[:, more : more + going_on.shape[1]] += steps[step][:, more, None] * going_on
        chances += reached[:, max(least - lowest, 0) :].sum(axis=1)
        first = max(most + 1 - lowest, 0)
        going_on, lowest, before = reached[:, first : max(least - lowest, first)], lowest + first, look
    return chances, runs
