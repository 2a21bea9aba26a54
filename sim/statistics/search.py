"""The smallest level that meets, of a rule that may err: a search whose answer is a bracket with a guarantee.

A level is a head-count, or whatever else can be made larger until it suffices. At each level a run is a success or not,
and a level meets if the probability of a success is at least the one asked for. The search goes in three steps.

pilot
    A few runs all over the range, and then where a response curve fitted to them reaches the probability (Watson and
    Pelli, Perception and Psychophysics 33, 1983; a probit in the logarithm of the level, on a grid).
test
    From the level at which the curve says that a test would just succeed, exact sequential tests
    (:mod:`sim.statistics.sequential`) upwards until a level meets, and downwards until the one below it does not.
lower end
    A level further down that fails, so that the answer is a bracket.

The promise does not rest on the curve, which only says where to look. Before the first test the error allowed is
shared out over all levels of the range, most to those near the pilot's, and the pilot's runs are not used again.
However the search then goes from level to level, a wrong ``meets`` is among all verdicts with no more than the error
allowed, and a wrong ``fails`` with no more than the same again (Bonferroni), whether or not more is always better,
and with common random numbers. A level that meets hands its error on to the one below it (Bretz, Maurer, Brannath and
Posch, Statistics in Medicine 28, 2009; with looks, Maurer and Bretz, Statistics in Biopharmaceutical Research 5,
2013), so one that is found level by level has most of it.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from math import ceil, log

import numpy as np
from numpy.typing import NDArray

from sim.statistics.sequential import Boundaries, Verdict, boundaries

SWEEP_LEVELS, SWEEP_RUNS = 5, 4
"""Levels over the whole range at which the pilot begins, and runs at each: enough to tell where all or none succeed."""
ROUNDS, ROUND_RUNS = 8, 8
PILOT_RUNS = SWEEP_LEVELS * SWEEP_RUNS + ROUNDS * ROUND_RUNS
"""Rounds of the pilot after that, and runs of each: together a fifth of one level's test. None of these numbers touches
the promise; they were chosen by the runs that searches of made-up responses took."""
SPREADS = (0.005, 0.5)
"""Steepest and flattest response curve, as the standard deviation of the logarithm of the level that is needed."""
GRID = 120
"""Values of each parameter of the response curve."""
NEAR = 2.0
"""Power of the distance from where the pilot points by which a level's share of the error falls: near levels have most,
and far ones enough that they can still be told to meet if the pilot was wrong."""
NEAREST_SHARE = 0.4
"""Share of the error that the level has to which the pilot points: about 1 / (2 zeta(2) - 1)."""
HOPE = 0.05
"""A test that looks for a level that meets is given up when it does so with less than this probability: a level that
would have met after all is found when the one above hands its error on, so only runs are at stake."""
LEAST_RUNS = 20
"""No test is given up before so many runs: with fewer the share of successes says little, and one that is about to
fail says so within them."""
MIN_CONFIDENCE = 0.5
"""A promise that is likelier broken than kept is none."""
QUICK = 0.25
"""Share of the most runs with which the lower end is to be found: it is to bound the answer, and a closer one costs
more runs than the answer itself."""


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
        How far below the answer runs are made in any case, to tell what fewer would cost; 0 for nowhere.
    fewer_runs : int
        How many.

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
    fewer_runs: int = 100

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
        """Fewest runs of a test that can say ``meets``, with the share of the error that the likeliest level has."""
        if not 0 < self.probability < 1 or not 0 < self.confidence < 1:
            return 1
        error = (1 - self.confidence) * NEAREST_SHARE
        return max(self.step, ceil(log(error) / log(self.probability)) + 1)


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
        Smallest level that was found to meet; the level below it was tested and was not, unless the range begins with
        it. None if no level of the range was.
    fails : int or None
        Greatest level below that which was found to fail.
    tested : dict of int to Tested
        Every test.
    """

    meets: int | None
    fails: int | None
    tested: dict[int, Tested]


Course = Generator[RunRequest, NDArray[np.bool_], Bracket]


class Response:
    """Probability of a success by level, as far as runs tell: a probit in the logarithm of the level (1 or more)."""

    def __init__(self, levels: range) -> None:
        from scipy.special import ndtr

        self._levels = np.array(levels, dtype=np.float64)
        least, most = np.log(max(levels[0], 1)), np.log(max(levels[-1], 2))
        room = max(most - least, 0.5)
        centre, spread = np.meshgrid(
            np.linspace(least - room / 2, most + room / 2, GRID), np.geomspace(*SPREADS, GRID), indexing="ij"
        )
        logarithm = np.log(np.maximum(self._levels, 0.5))
        self._curves = ndtr((logarithm - centre[..., None]) / spread[..., None]).clip(1e-4, 1 - 1e-4)
        self._weight = np.zeros_like(centre)

    def learn(self, level: int, successes: int, runs: int) -> None:
        """Take in some runs at a level."""
        curve = self._curves[..., int(level - self._levels[0])]
        self._weight += successes * np.log(curve) + (runs - successes) * np.log1p(-curve)

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Mean over what the runs leave open, shape (levels,); it never falls."""
        weight = np.exp(self._weight - self._weight.max())
        return np.asarray(np.tensordot(weight, self._curves, axes=2) / weight.sum(), dtype=np.float64)

    def first_at(self, probability: float) -> int:
        """Smallest level that has a probability; the greatest one if none has."""
        enough = np.flatnonzero(self.probabilities >= probability)
        return int(self._levels[enough[0] if len(enough) else -1])

    def last_at(self, probability: float) -> int:
        """Greatest level that has no more than a probability; the smallest one if none has."""
        few = np.flatnonzero(self.probabilities <= probability)
        return int(self._levels[few[-1] if len(few) else 0])


def errors_near(levels: Sequence[int], centre: int, error: float) -> dict[int, float]:
    """Error allowed to each of some levels: most to the centre, and less to those further away."""
    weights = {level: (1 + abs(level - centre)) ** -NEAR for level in levels}
    total = sum(weights.values())
    return {level: error * weight / total for level, weight in weights.items()}


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
        Number of its first run; those of the pilot follow on the tests'.
    tested : dict of int to Tested
        Every test so far.
    """

    levels: range
    rule: Rule
    first: int = 0
    tested: dict[int, Tested] = field(default_factory=dict)

    def course(self) -> Course:
        """Go through the search: each request that it yields is answered with the successes of those runs, in order."""
        self._response, self._learnt = Response(self.levels), dict[int, tuple[int, int]]()
        yield from self._pilot()
        self._share_out_errors()
        while True:
            meets = yield from self._smallest()
            fails = yield from self._lower_end(meets)
            if meets == self._least_that_meets:
                break  # otherwise a level further down, tested to the end, has met
        if meets is not None:
            yield from self._fewer(meets)
        return Bracket(meets, fails, dict(sorted(self.tested.items())))

    @property
    def _least_that_meets(self) -> int | None:
        return min((level for level, found in self.tested.items() if found.verdict == "meets"), default=None)

    def _pilot(self) -> Generator[RunRequest, NDArray[np.bool_], None]:
        number = self.first + self.rule.most  # runs after those of the tests
        sweep = np.linspace(self.levels[0], self.levels[-1], SWEEP_LEVELS).round().astype(int)
        for level in dict.fromkeys(sweep.tolist()):
            number = yield from self._pilot_runs(level, number, SWEEP_RUNS)
        for _ in range(ROUNDS):
            number = yield from self._pilot_runs(self._response.first_at(self.rule.probability), number, ROUND_RUNS)

    def _pilot_runs(self, level: int, number: int, runs: int) -> Generator[RunRequest, NDArray[np.bool_], int]:
        successes = yield RunRequest(level, range(number, number + runs), range(0))
        self._response.learn(level, int(successes.sum()), runs)
        return number + runs

    def _request(self, level: int, first: int, last: int, most: int) -> RunRequest:
        """Runs of a level, counted from the first of the search, and those that may be wanted next."""
        return RunRequest(
            level, range(self.first + first, self.first + last), range(self.first + last, self.first + most)
        )

    def _share_out_errors(self) -> None:
        error = 1 - self.rule.confidence
        self._too_good = errors_near(self.levels, self._response.first_at(self._decided_above), error)
        self._too_bad = errors_near(self.levels, self._response.last_at(self._decided_below), error)

    @property
    def _decided_above(self) -> float:
        """Probability with which a test would just succeed with the most runs."""
        return min(self.rule.probability + self._distance(self.rule.most), 1 - 0.5 * (1 - self.rule.probability))

    @property
    def _decided_below(self) -> float:
        """Probability with which a test would fail with a share of the most runs."""
        return max(self.rule.probability - self._distance(QUICK * self.rule.most), 0.5 * self.rule.probability)

    def _distance(self, runs: float) -> float:
        from scipy.special import ndtri

        error = (1 - self.rule.confidence) * NEAREST_SHARE
        return float(-ndtri(error) * np.sqrt(self.rule.probability * (1 - self.rule.probability) / runs))

    def _boundaries(self, level: int) -> Boundaries:
        rule = self.rule
        return boundaries(rule.probability, rule.most, rule.step, self._too_good[level], self._too_bad[level])

    def _test(self, level: int, *, upwards: bool) -> Generator[RunRequest, NDArray[np.bool_], Tested]:
        """Test of one level: it ends with a verdict, or when it has had its runs or, upwards, hardly can meet."""
        limits, successes, before = self._boundaries(level), 0, 0
        found = Tested("undecided", 0, 0)
        for look in limits.looks:
            answered = yield self._request(level, before, look, self.rule.most)
            successes, before = successes + int(answered.sum()), look
            found = Tested(limits.verdict(successes, look), successes, look)
            hopeless = upwards and look >= LEAST_RUNS and limits.hope_of_meeting(successes, look) < HOPE
            if found.verdict != "undecided" or hopeless:
                break
        known, successes = self._learnt.get(level, (0, 0))
        self._response.learn(level, found.successes - successes, found.runs - known)
        self._learnt[level] = found.runs, found.successes
        self.tested[level] = found
        return found

    def _smallest(self) -> Generator[RunRequest, NDArray[np.bool_], int | None]:
        """Smallest level that meets: the one below it does not, or is not in the range.

        Where the response curve points; if that is known not to do, in doubling steps upwards until a level meets, and
        by halves back down.
        """
        stride = 1
        while True:
            meets = self._least_that_meets
            above = self.levels[-1] + 1 if meets is None else meets
            below = max((level for level in self.tested if level < above), default=self.levels[0] - 1)
            if above - below <= 1:
                return meets
            level = self._response.first_at(self._decided_above)
            if not below < level < above:
                level = min(below + stride, above - 1) if meets is None else (below + above) // 2
                stride *= 2
            found = yield from self._test(level, upwards=True)
            if found.verdict == "meets":
                self._hand_on(level - 1)

    def _hand_on(self, level: int) -> None:
        """Hand the error of the level above on; a level that was undecided with its own is to be tested again."""
        if level in self.levels:
            self._too_good[level] += self._too_good[level + 1]
            if level in self.tested and self.tested[level].verdict == "undecided":
                del self.tested[level]

    def _fewer(self, meets: int) -> Generator[RunRequest, NDArray[np.bool_], None]:
        """Runs below the answer, on the luck of the tests."""
        level = meets - self.rule.fewer
        if self.rule.fewer and level in self.levels:
            for first in range(0, self.rule.fewer_runs, self.rule.step):
                last = min(first + self.rule.step, self.rule.fewer_runs)
                yield self._request(level, first, last, self.rule.fewer_runs)

    def _lower_end(self, meets: int | None) -> Generator[RunRequest, NDArray[np.bool_], int | None]:
        """Greatest level that fails below the answer, or of the whole range if there is none."""
        top = self.levels[-1] if meets is None else meets - 1
        tested_to_the_end: set[int] = set()  # a test upwards may have been given up before it could fail
        while True:
            failing = [level for level, found in self.tested.items() if level <= top and found.verdict == "fails"]
            if failing:
                return max(failing)
            if self.levels[0] in tested_to_the_end or top < self.levels[0]:
                return None  # not even the least fails; those above it are no likelier to
            open_ = [level for level in self.levels if level <= top and level not in tested_to_the_end]
            guess = self._response.last_at(self._decided_below)
            below = [level for level in open_ if level <= guess]
            level = max(below) if below else min(open_)
            yield from self._test(level, upwards=False)
            tested_to_the_end.add(level)
