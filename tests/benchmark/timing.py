"""How a time is taken: several times, by turns, so that a machine that slows down slows down both of a pair."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Timed:
    """Work that was timed.

    Attributes
    ----------
    seconds : float
        Time it took.
    amount : float
        How much it was: visits, events or runs.
    """

    seconds: float
    amount: float

    @property
    def rate(self) -> float:
        """Amount a second."""
        return self.amount / self.seconds

    @property
    def each(self) -> float:
        """Seconds for one."""
        return self.seconds / self.amount


@dataclass(frozen=True, slots=True)
class Spread:
    """Median of several figures, and the least and the greatest of them."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, figures: list[float]) -> Spread:
        """Spread of some figures, one at least."""
        return cls(median(figures), min(figures), max(figures))


def processor_time(work: Callable[[], float]) -> Timed:
    """Processor time of this process for work that says how much it was; what else the machine does is not in it."""
    begun = time.process_time()
    amount = work()
    return Timed(time.process_time() - begun, amount)


def wall_time(work: Callable[[], float]) -> Timed:
    """Time on the clock on the wall for work that says how much it was."""
    begun = time.perf_counter()
    amount = work()
    return Timed(time.perf_counter() - begun, amount)


def by_turns(times: int, *takes: Callable[[int], Timed]) -> list[list[Timed]]:
    """Take several times by turns: A B A B.

    Parameters
    ----------
    times : int
        Rounds.
    *takes : callable
        Each times one thing; it is given the number of the round.

    Returns
    -------
    list of list of Timed
        For each thing its times, round by round; those of one round make a pair.
    """
    rounds = [[take(number) for take in takes] for number in range(times)]
    return [list(column) for column in zip(*rounds, strict=True)]
