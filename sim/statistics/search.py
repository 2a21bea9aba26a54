"""The smallest level that meets, of a rule that may err: a search whose answer is a bracket with a guarantee.

A level is a head-count, or whatever else can be made larger until it suffices. At each level a run is a success or not,
and a level meets if the probability of a success is at least the one asked for. The search goes in two steps.

pilot
    A few runs all over the range, and then where a response curve fitted to them (:mod:`sim.statistics.response`)
    reaches the probability.
tests
    One exact sequential test (:mod:`sim.statistics.sequential`) after another: upwards, of a level to be told to meet,
    or downwards, of one to be told to fail. Each is made where it is likely to narrow the bracket most for its runs,
    by the curve that all runs so far were fitted to. The search ends when no test is worth its runs.

The promise does not rest on the curve, and assumes nothing of how levels hang together: that a wrong ``meets`` is among
all verdicts has a probability of no more than the error allowed, and so has a wrong ``fails``. It is kept as follows,
for ``meets``; the same holds for ``fails``, apart from it.

1. Each test has runs of numbers that were never used before at any level. Runs of different numbers are independent.
   So whatever the past led to in choosing the level and the stake, the runs of the test are fresh.
2. Before its first run a test stakes a part of the error that is left. By (1), and as its boundaries are exact, it says
   ``meets`` of a level that does not with a probability of no more than the stake, whatever happened before. To give
   it up early makes that no likelier.
3. The stake is gone unless the test says ``meets``, in which case it can be staked again.
4. Look at the tests of levels that do not meet, up to the first that is wrongly said to. All of these before the last
   one have lost their stakes, so by (3) the stakes of all of them together are no more than the error allowed.
5. The probability of a wrong ``meets`` is the sum, over the tests in order, of the probability that a test is the first
   to say so wrongly. By (2) each term is no more than the expected stake of that test, counted if its level does not
   meet and no test before it was wrong. By (4) the sum of the stakes so counted is never more than the error allowed,
   so neither is its expectation. That holds however many tests there are, whether or not more is always better, and
   with common random numbers, since a number that two levels share is never in two tests.

Stakes that come back are those of graphical procedures (Bretz, Maurer, Brannath and Posch, Statistics in Medicine 28,
2009) and of alpha-investing (Foster and Stine, Journal of the Royal Statistical Society B 70, 2008).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from math import ceil, log

import numpy as np
from numpy.typing import NDArray

from sim.statistics.design import Design, design
from sim.statistics.response import Response
from sim.statistics.sequential import Verdict

SWEEP_LEVELS, SWEEP_RUNS = 5, 4
"""Levels over the whole range at which the pilot begins, and runs at each: enough to tell where all or none succeed."""
ROUNDS, ROUND_RUNS = 12, 8
PILOT_RUNS = SWEEP_LEVELS * SWEEP_RUNS + ROUNDS * ROUND_RUNS
"""Rounds of the pilot after that, and runs of each: together less than a third of one level's test. None of these
numbers nor of those below touches the promise; they were chosen by the runs that searches of made-up responses took."""
STAKE = 0.5
"""Share of the error left that a test stakes: the other half is kept for the case that it says nothing."""
LEAST_STAKE = 0.02
"""Share of the whole error below which an answer is not tried to be bettered: with so little only far levels can be."""
PRICE = 1.5
"""What the most runs of a test are to bring at the least, in standard errors of where so many runs put the answer."""
LEAST_ERROR = 0.3
"""Least such standard error, in levels: there is nothing to be found between two levels."""
SAFE = 0.9
"""Chance of its verdict with which a level may be counted on if a nearer one is not decided."""
MIN_CONFIDENCE = 0.5
"""A promise that is likelier broken than kept is none."""


class RuleError(ValueError):
    """A rule that promises nothing, or that so few runs cannot keep.

    Parameters
    ----------
    faults : sequence of (str, float, str)
        Field, its value, and what is allowed, for every fault.
    """

    def __init__(self, faults: Sequence[tuple[str, float, str]]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{field} is {value}: {allowed}" for field, value, allowed in faults))


@dataclass(frozen=True)
class Rule:
    """What is asked of a level, and what the answer may cost.

    Attributes
    ----------
    probability : float
        Probability of a success that a level must have, between 0 and 1.
    confidence : float
        Probability, at the least, that no level is wrongly said to meet; and, apart from that, that none is wrongly
        said to fail.
    most : int
        Most runs of one level's test. With 400 a share of 90% has a standard error of 1.5%.
    step : int
        Runs between two looks.
    fewer : int
        How far below the answer runs are made in any case, and one below it, to tell what fewer would cost; 0 for
        nowhere.
    fewer_runs : int
        How many at each, on the luck of the answer's test and no more than it had.

    Raises
    ------
    RuleError
        With every fault at once.
    """

    probability: float = 0.9
    confidence: float = 0.95
    most: int = 400
    step: int = 4
    fewer: int = 2
    fewer_runs: int = 50

    def __post_init__(self) -> None:
        faults: list[tuple[str, float, str]] = []
        if not 0 < self.probability < 1:
            words = "give a probability above 0 and below 1; of what is certain no number of runs can tell"
            faults.append(("probability", self.probability, words))
        if not MIN_CONFIDENCE <= self.confidence < 1:
            words = f"give a number from {MIN_CONFIDENCE} to below 1, such as 0.95"
            faults.append(("confidence", self.confidence, words))
        least = self.least_runs
        if self.most < least:
            words = (
                f"it takes at least {least}: with fewer, not even a head-count that never fails could be told to meet"
            )
            faults.append(("most", self.most, words))
        if faults:
            raise RuleError(faults)

    @property
    def least_runs(self) -> int:
        """Fewest runs of a test that can say ``meets``, with the stake of the first one."""
        if not 0 < self.probability < 1 or not 0 < self.confidence < 1:
            return 1
        return max(self.step, ceil(log(self.first_stake) / log(self.probability)) + 1)

    @property
    def first_stake(self) -> float:
        """Error that the first test stakes on its verdict."""
        return (1 - self.confidence) * STAKE


@dataclass(frozen=True)
class RunRequest:
    """Runs that a search waits for.

    Attributes
    ----------
    level : int
        At which level.
    replications : range
        Which runs; a run of the same number has the same luck at every level.
    ahead : range
        Further runs of the level that may be wanted next.
    """

    level: int
    replications: range
    ahead: range


@dataclass(frozen=True)
class Tested:
    """What a test said of a level.

    Attributes
    ----------
    verdict : {"meets", "fails", "undecided"}
        What it said.
    successes, runs : int
        Of how many runs how many were successes.
    """

    verdict: Verdict
    successes: int
    runs: int


@dataclass(frozen=True)
class Bracket:
    """The answer.

    Attributes
    ----------
    meets : int or None
        Smallest level that was found to meet. None if no level of the range was.
    fails : int or None
        Greatest level below that which was found to fail.
    tested : dict of int to Tested
        Every test; of two of the same level the one that decided.
    """

    meets: int | None
    fails: int | None
    tested: dict[int, Tested]


Course = Generator[RunRequest, NDArray[np.bool_], Bracket]


@dataclass
class Side:
    """One end of the bracket.

    Attributes
    ----------
    upwards : bool
        Whether it is the level told to meet, or the one told to fail.
    error : float
        Error that is left to stake.
    end : int
        The level of the range that is likeliest to have the verdict.
    level : int
        Nearest level so far that has it; one beyond the end if none has.
    tried : set of int
        Levels tested for it.
    """

    upwards: bool
    error: float
    end: int
    level: int
    tried: set[int] = field(default_factory=set)

    @property
    def found(self) -> bool:
        """Whether any level has the verdict."""
        return self.level in self.tried


@dataclass(frozen=True)
class Choice:
    """A test that might be made next.

    Attributes
    ----------
    needed : bool
        Whether there is no answer without it.
    gain : float
        By how many levels it is expected to narrow the bracket, less the price of its runs.
    side : Side
        For which end.
    level : int
        Of which level.
    design : Design
        How.
    stake : float
        Error that it stakes on its verdict.
    """

    needed: bool
    gain: float
    side: Side
    level: int
    design: Design
    stake: float


@dataclass
class Search:
    """One search under way.

    Parameters
    ----------
    levels : range
        The range searched.
    rule : Rule
        What is asked.
    first : int
        Number of its first run.
    tested : dict of int to Tested
        Every test so far; of two of the same level the one that decided.
    """

    levels: range
    rule: Rule
    first: int = 0
    tested: dict[int, Tested] = field(default_factory=dict)

    def course(self) -> Course:
        """Go through the search: each request that it yields is answered with the successes of those runs, in order."""
        error, least, greatest = 1 - self.rule.confidence, self.levels[0], self.levels[-1]
        self._up, self._down = Side(True, error, greatest, greatest + 1), Side(False, error, least, least - 1)
        pilot = self.first + self.rule.most  # the first test has the luck that other runs of a study have
        self._firsts = chain([self.first], count(pilot + PILOT_RUNS, self.rule.most))
        self._response, self._numbers = Response(self.levels), dict[int, int]()
        yield from self._pilot(pilot)
        while (choice := self._choice()) is not None:
            yield from self._test(choice)
        meets, fails = (side.level if side.found else None for side in (self._up, self._down))
        if meets is not None:
            yield from self._fewer(meets)
        return Bracket(meets, fails, dict(sorted(self.tested.items())))

    def _pilot(self, first: int) -> Generator[RunRequest, NDArray[np.bool_], None]:
        sweep = np.linspace(self.levels[0], self.levels[-1], SWEEP_LEVELS).round().astype(int)
        for level in dict.fromkeys(sweep.tolist()):
            first = yield from self._pilot_runs(level, first, SWEEP_RUNS)
        for _ in range(ROUNDS):
            first = yield from self._pilot_runs(self._response.first_at(self.rule.probability), first, ROUND_RUNS)

    def _pilot_runs(self, level: int, first: int, runs: int) -> Generator[RunRequest, NDArray[np.bool_], int]:
        successes = yield RunRequest(level, range(first, first + runs), range(0))
        self._response.learn(level, int(successes.sum()), runs)
        return first + runs

    @property
    def _price(self) -> float:
        """What a run is to bring at the least, in levels."""
        rule = self.rule
        return PRICE * max(self._response.standard_error(rule.probability, rule.most), LEAST_ERROR) / rule.most

    def _design(self, side: Side, stake: float) -> Design:
        rule = self.rule
        return design(rule.probability, rule.most, rule.step, stake, upwards=side.upwards)

    def _stake(self, side: Side, left: float) -> float:
        """Half of what is left; all of it if with half of it no runs, however they end, would be enough."""
        every_run = self.rule.probability if side.upwards else 1 - self.rule.probability
        return STAKE * left if every_run**self.rule.most < STAKE * left else left

    def _choice(self) -> Choice | None:
        """The test to make next: first one that is to find a level that meets, then that which gains most."""
        choices = [choice for side in (self._up, self._down) if (choice := self._best(side)) is not None]
        return max(choices, key=lambda each: (each.needed and each.side.upwards, each.gain), default=None)

    def _best(self, side: Side) -> Choice | None:
        """The best test for one end; none if it is not worth its runs, or there is no error left for it."""
        open_ = [level for level in range(self._down.level + 1, self._up.level) if level not in side.tried]
        stake = self._stake(side, side.error)
        if not open_ or side.error <= 0 or (side.found and stake < LEAST_STAKE * (1 - self.rule.confidence)):
            return None
        planned, price, sign = self._design(side, stake), self._price, 1 if side.upwards else -1
        chances, runs = self._foretold(planned, open_)
        levels = np.array(open_)
        gains = chances * sign * (self._without(side, stake, levels, price) - levels) - price * runs
        best = int(gains.argmax())
        if gains[best] > 0:
            return Choice(not side.found, float(gains[best]), side, open_[best], planned, stake)
        if side.found or side.end not in open_:
            return None
        return Choice(True, 0.0, side, side.end, planned, stake)

    def _foretold(self, planned: Design, levels: Sequence[int]) -> NDArray[np.float64]:
        """Chance and runs of a test at each of some levels, shape (2, levels)."""
        return np.array([self._response.mean_of(level, planned.foretold) for level in levels]).T

    def _without(self, side: Side, stake: float, levels: NDArray[np.int64], price: float) -> float:
        """Where the end is to be if a test says nothing: as now, or where one with the error left can be counted on."""
        left = side.error - stake
        if side.found or left <= 0:
            return side.level
        chances, runs = self._foretold(self._design(side, self._stake(side, left)), levels.tolist())
        safe = np.flatnonzero(chances >= SAFE)
        if not len(safe):
            return side.level
        nearest = int(safe[0 if side.upwards else -1])
        return float(levels[nearest] + (1 if side.upwards else -1) * price * runs[nearest])

    def _test(self, choice: Choice) -> Generator[RunRequest, NDArray[np.bool_], None]:
        """Make one test, with runs of its own: it ends with a verdict, or when it is not worth its runs."""
        level, side, first = choice.level, choice.side, next(self._firsts)
        last = first + self.rule.most
        side.error -= choice.stake
        side.tried.add(level)
        successes, before = 0, 0
        for look in choice.design.limits.looks:
            answered = yield RunRequest(level, range(first + before, first + look), range(first + look, last))
            successes, before = successes + int(answered.sum()), look
            if choice.design.is_over(successes, look):
                break
        self._response.learn(level, successes, before)
        found = Tested(choice.design.limits.verdict(successes, before), successes, before)
        if found.verdict != "undecided":
            side.level, side.error = level, side.error + choice.stake
        if found.verdict != "undecided" or level not in self.tested:
            self.tested[level], self._numbers[level] = found, first

    def _fewer(self, meets: int) -> Generator[RunRequest, NDArray[np.bool_], None]:
        """Runs below the answer, on the luck of its test."""
        first, runs = self._numbers[meets], min(self.rule.fewer_runs, self.tested[meets].runs)
        for fewer in sorted({1, self.rule.fewer}) if self.rule.fewer else ():
            if meets - fewer in self.levels:
                yield RunRequest(meets - fewer, range(first, first + runs), range(0))
