"""Finds the smallest level that meets a target, with a bounded error rate.

A level is a head-count, or anything else that can be increased until it suffices. At each level a run is a success or a
failure. A level meets the target if the probability of a success is at least the required one. The search has two
parts.

pilot
    It makes a few runs over the whole range. Then it makes more where a response curve fitted to them
    (:mod:`sim.statistics.response`) reaches the probability.
tests
    It makes one exact sequential test (:mod:`sim.statistics.sequential`) after another. Upward tests aim to show that a
    level meets, downward tests that one fails. Each is made where the curve, fitted to all runs so far, expects it to
    narrow the bracket most for its runs. The search ends when no test is worth its runs.

The promise is about the familywise error rate: the probability of one or more wrong ``meets`` is at most the error
allowed. Separately, so is that of one or more wrong ``fails``. The promise does not depend on the curve, nor on
monotonicity. Here is why it holds for ``meets``; ``fails`` is the same.

1. Each test uses runs with numbers that the search has used at no level before, and runs with different numbers are
   independent. So earlier results may decide the level and the stake, and the runs of the test are still fresh. A
   second search begins beyond every number of the first one. So this also holds for the second search, given everything
   that the first one showed.
2. Before its first run a test stakes a part of the error that is left. If its level does not meet, it says ``meets``
   with
   a probability of at most the stake, whatever happened before. Its boundaries are exact for the required probability,
   a lower one crosses them less often, and giving up early adds no crossing.
3. The error that is left is the error allowed less the stakes that were lost. A test that says ``meets`` gets its stake
   back; any other loses it.
4. A test of a level that does not meet is either wrong or loses its stake. So until the first wrong verdict, the stakes
   of
   these tests add up to at most the error allowed. This includes the stake of the wrong test.
5. The probability of a wrong ``meets`` is a sum over the tests in order: the probability that each is the first to be
   wrong. By (2) each term is at most the expected stake of the test, counted if its level does not meet and no earlier
   test was wrong. By (4) the stakes counted in this way never add up to more than the error allowed, so neither does
   their expectation. This holds for any number of tests. It also holds with common random numbers, because two levels
   share a number only outside the tests.

A procedure that returns a stake is a graphical one (Bretz, Maurer, Brannath and Posch, Statistics in Medicine 28,
2009). Since no more than the stake comes back, it keeps the familywise error rate.
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
"""Number of levels over the whole range at which the pilot begins, and of runs at each: enough to find where all or
none succeed.
"""
ROUNDS, ROUND_RUNS = 12, 8
PILOT_RUNS = SWEEP_LEVELS * SWEEP_RUNS + ROUNDS * ROUND_RUNS
"""Number of later rounds of the pilot, and of runs in each. Neither these numbers nor those below affect the promise.
We chose them by the runs that searches of made-up responses took.
"""
STAKE = 0.5
"""Share of the remaining error that a test stakes. The rest is kept in case the test gives no verdict."""
LEAST_STAKE = 0.02
"""Once a side has an answer, it stops when its stake is below this share of the whole error. With so little error, only
distant levels could still be decided.
"""
PRICE = 2.5
"""A test of the most runs must be expected to narrow the bracket by this many standard errors of the located level."""
LEAST_ERROR = 0.3
"""Smallest such standard error, in levels: nothing can be found between two levels."""
SAFE = 0.9
"""Probability of its verdict above which a later test counts as certain when the next one is planned."""
MIN_CONFIDENCE = 0.5
"""Below this confidence, a promise would more likely be broken than kept."""


class RuleError(ValueError):
    """Report a rule that promises nothing, or that too few runs cannot keep.

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
    """Describe what a level must achieve, and what the answer may cost.

    Attributes
    ----------
    probability : float
        Probability of a success that a level must have, between 0 and 1.
    confidence : float
        Smallest probability that no level is wrongly said to meet and, separately, that none is wrongly said to fail.
    most : int
        Most runs of one level's test. With 400, a share of 90% has a standard error of 1.5%.
    step : int
        Runs between two looks.
    fewer : int
        Also show the level this many below the answer, and the level one below it; 0 for neither.
    shown_runs : int
        Number of runs that illustrate each level shown, or ``most`` if that is fewer. No test used their numbers, and
        they are the same at every level. They decide nothing. With 100, a share of 90% has a standard error of 3
        percentage points.

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
    shown_runs: int = 100

    def __post_init__(self) -> None:
        faults: list[tuple[str, float, str]] = []
        if not 0 < self.probability < 1:
            words = "give a probability above 0 and below 1; no number of runs can show that something is certain"
            faults.append(("probability", self.probability, words))
        if not MIN_CONFIDENCE <= self.confidence < 1:
            words = f"give a number from {MIN_CONFIDENCE} to below 1, such as 0.95"
            faults.append(("confidence", self.confidence, words))
        least = self.least_runs
        if self.most < least:
            words = (
                f"give at least {least}; with fewer, even a head-count that keeps the level in every run proves nothing"
            )
            faults.append(("most", self.most, words))
        least_of = {"step": 1, "fewer": 0, "shown_runs": 1}
        faults += [
            (name, found, f"must be {least} or more")
            for name, least in least_of.items()
            if (found := getattr(self, name)) < least
        ]
        if faults:
            raise RuleError(faults)

    @property
    def illustrating_runs(self) -> int:
        """Return the number of runs that illustrate each level shown."""
        return min(self.shown_runs, self.most)

    @property
    def least_runs(self) -> int:
        """Return the fewest runs with which a first test can say ``meets``: if all of them are successes."""
        if not 0 < self.probability < 1 or not 0 < self.confidence < 1:
            return 1
        return max(self.step, ceil(log(self.first_stake) / log(self.probability)))

    @property
    def first_stake(self) -> float:
        """Return the error that the first test stakes on its verdict."""
        return (1 - self.confidence) * STAKE


@dataclass(frozen=True)
class RunRequest:
    """Request runs that a search waits for.

    Attributes
    ----------
    level : int
        Level of the runs.
    replications : range
        Numbers of the runs. Runs with the same number have the same luck at every level.
    ahead : range
        Further runs of the level that the search may need next.
    """

    level: int
    replications: range
    ahead: range


@dataclass(frozen=True)
class Tested:
    """Hold the result of a test of a level.

    Attributes
    ----------
    verdict : {"meets", "fails", "undecided"}
        Verdict.
    successes, runs : int
        Number of successes, and of all runs.
    sought : {"meets", "fails"}
        Verdict that it aimed to show.
    """

    verdict: Verdict
    successes: int
    runs: int
    sought: Verdict = "meets"


@dataclass(frozen=True)
class Bracket:
    """Hold the answer of a search.

    Attributes
    ----------
    meets : int or None
        Smallest level that was found to meet; None if there is none in the range.
    fails : int or None
        Greatest level below it that was found to fail.
    tested : dict of int to Tested
        Tests by level. If a level had two, the one that decided, or the one with more runs.
    shown : range
        Numbers of the runs that illustrate levels; no test used them.
    """

    meets: int | None
    fails: int | None
    tested: dict[int, Tested]
    shown: range


Course = Generator[RunRequest, NDArray[np.bool_], Bracket]


@dataclass
class Side:
    """Represent one end of the bracket.

    Attributes
    ----------
    upwards : bool
        Whether this is the level found to meet, or the level found to fail.
    error : float
        Error that is left to stake.
    end : int
        End of the range to try if no level looks likely. If more is better, the verdict is most likely there.
    level : int
        Nearest level so far with the verdict; one beyond the end if there is none.
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
        """Return whether any level has the verdict."""
        return self.level in self.tried


@dataclass(frozen=True)
class Choice:
    """Describe a test that might be made next.

    Attributes
    ----------
    finds_answer : bool
        Whether it aims to find the first level that meets.
    gain : float
        Number of levels by which it is expected to narrow the bracket, less the price of its runs.
    side : Side
        End of the bracket that it is for.
    level : int
        Level to test.
    design : Design
        Design of the test.
    stake : float
        Error that it stakes on its verdict.
    """

    finds_answer: bool
    gain: float
    side: Side
    level: int
    design: Design
    stake: float


@dataclass
class Search:
    """Carry out one search.

    Parameters
    ----------
    levels : range
        Range to search.
    rule : Rule
        What a level must achieve.
    first : int
        Number of its first run.

    Attributes
    ----------
    tested : dict of int to Tested
        Tests so far, as in :class:`Bracket`.
    """

    levels: range
    rule: Rule
    first: int = 0
    tested: dict[int, Tested] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        error, least, greatest = 1 - self.rule.confidence, self.levels[0], self.levels[-1]
        self._up, self._down = Side(True, error, greatest, greatest + 1), Side(False, error, least, least - 1)
        self._pilot_first = self.first + self.rule.most  # the first test shares its luck with the other runs of a study
        self._firsts = chain([self.first], count(self._pilot_first + PILOT_RUNS, self.rule.most))
        self._response = Response(self.levels)

    def course(self) -> Course:
        """Go through the search once; answer each request that it yields with the successes of its runs, in order."""
        yield from self._pilot(self._pilot_first)
        while (choice := self._choice()) is not None:
            yield from self._test(choice)
        meets, fails = (side.level if side.found else None for side in (self._up, self._down))
        shown = range(fresh := next(self._firsts), fresh + self.rule.illustrating_runs)
        return Bracket(meets, fails, dict(sorted(self.tested.items())), shown)

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
        """Return the price of a run: how far it must be expected to narrow the bracket, in levels."""
        rule = self.rule
        return PRICE * max(self._response.standard_error_of_level(rule.probability, rule.most), LEAST_ERROR) / rule.most

    def _design(self, side: Side, stake: float) -> Design:
        rule = self.rule
        return design(rule.probability, rule.most, rule.step, stake, upwards=side.upwards)

    def _stake(self, side: Side, left: float) -> float:
        """Return the stake: half of what is left, or all of it if no outcome could decide with half."""
        every_run = self.rule.probability if side.upwards else 1 - self.rule.probability
        return STAKE * left if every_run**self.rule.most < STAKE * left else left

    def _choice(self) -> Choice | None:
        """Choose the next test: first one that finds a level that meets, then the one that gains most."""
        choices = [choice for side in (self._up, self._down) if (choice := self._best(side)) is not None]
        return max(choices, key=lambda each: (each.finds_answer, each.gain), default=None)

    def _best(self, side: Side) -> Choice | None:
        """Choose the best test for one end; None if none is worth its runs, or no error is left."""
        open_ = [level for level in range(self._down.level + 1, self._up.level) if level not in side.tried]
        stake = self._stake(side, side.error)
        if not open_ or side.error <= 0 or (side.found and stake < LEAST_STAKE * (1 - self.rule.confidence)):
            return None
        planned, price, sign = self._design(side, stake), self._price, 1 if side.upwards else -1
        power, runs = self._expected(planned, open_)
        levels = np.array(open_)
        gains = power * sign * (self._without(side, stake, levels, price) - levels) - price * runs
        best = int(gains.argmax())
        if gains[best] > 0:
            return Choice(side.upwards and not side.found, float(gains[best]), side, open_[best], planned, stake)
        if side.found or side.end not in open_:
            return None
        return Choice(side.upwards, 0.0, side, side.end, planned, stake)

    def _expected(self, planned: Design, levels: Sequence[int]) -> NDArray[np.float64]:
        """Return the power and the expected runs of a test at each of some levels, shape (2, levels)."""
        return np.array([self._response.mean_of(level, planned.operating_characteristics) for level in levels]).T

    def _without(self, side: Side, stake: float, levels: NDArray[np.int64], price: float) -> float:
        """Return where the end will be if a test gives no verdict: as now, or where a test with the remaining error is
        safe.
        """
        left = side.error - stake
        if side.found or left <= 0:
            return side.level
        power, runs = self._expected(self._design(side, self._stake(side, left)), levels.tolist())
        safe = np.flatnonzero(power >= SAFE)
        if not len(safe):
            return side.level
        nearest = int(safe[0 if side.upwards else -1])
        return float(levels[nearest] + (1 if side.upwards else -1) * price * runs[nearest])

    def _test(self, choice: Choice) -> Generator[RunRequest, NDArray[np.bool_], None]:
        """Make one test, with its own runs, until it has its verdict or is not worth its runs."""
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
        found = Tested(choice.design.limits.verdict(successes, before), successes, before, choice.design.sought)
        if found.verdict != "undecided":
            side.level, side.error = level, side.error + choice.stake
        other = self.tested.get(level)
        if other is None or found.verdict != "undecided" or (other.verdict == "undecided" and other.runs < before):
            self.tested[level] = found
