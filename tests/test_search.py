"""The search for the smallest level that meets, on responses whose answer is known."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.statistics import design, search
from sim.statistics.design import Design
from sim.statistics.response import Response
from sim.statistics.search import Bracket, Rule, RuleError, RunRequest, Search
from sim.statistics.sequential import Boundaries, boundaries

Chance = Callable[[int], float]
TRIALS = 300
SURE = 0.001
"""Probability with which a test of a promise may fail by chance."""


def more_often(wrong: int, trials: int, promised: float) -> bool:
    """Whether so many are wrong that the promise is broken beyond chance."""
    return bool(stats.binom.sf(wrong - 1, trials, promised) < SURE)


def searched(chance: Chance, levels: range, rule: Rule, seed: int = 0) -> tuple[Bracket, list[RunRequest]]:
    """Search of a response whose runs have common random numbers, and what it asked for."""
    luck = np.random.default_rng(seed).random(30 * rule.most + 1000)
    course, asked = Search(levels, rule).course(), list[RunRequest]()
    answer: NDArray[np.bool_] | None = None
    while True:
        try:
            need = next(course) if answer is None else course.send(answer)
        except StopIteration as over:
            return over.value, asked
        asked.append(need)
        answer = luck[need.replications.start : need.replications.stop] < chance(need.level)


def runs(asked: list[RunRequest]) -> int:
    return len({(need.level, number) for need in asked for number in need.replications})


def step_at(level: int) -> Chance:
    return lambda there: float(there >= level)


@pytest.mark.parametrize("truth", [20, 21, 37, 59, 60])
def test_of_a_response_without_chance_it_finds_the_very_level(truth: int) -> None:
    found, _ = searched(step_at(truth), range(20, 61), Rule(0.9))
    assert found.meets == truth
    assert found.fails == (truth - 1 if truth > 20 else None)
    assert {level for level, test in found.tested.items() if test.verdict == "meets"} <= set(range(truth, 61))


def test_where_nothing_suffices_it_says_so_and_where_everything_does_it_takes_the_least() -> None:
    nothing, _ = searched(lambda _: 0.5, range(20, 61), Rule(0.9))
    assert nothing.meets is None
    assert nothing.fails is not None
    everything, _ = searched(lambda _: 1.0, range(20, 61), Rule(0.9))
    assert (everything.meets, everything.fails) == (20, None)


def test_where_more_is_worse_no_level_is_wrongly_said_to_be_enough_or_too_few() -> None:
    found, asked = searched(lambda level: float(level < 60), range(31, 127), Rule(0.9))
    assert found.meets is None or found.meets < 60
    assert found.fails is None or found.fails >= 60
    assert runs(asked) > 0


def test_both_ends_of_the_bracket_were_told_by_a_test() -> None:
    for seed in range(8):
        found, _ = searched(lambda level: float(stats.poisson.cdf(level, 30)), range(15, 61), Rule(0.9), seed)
        assert found.meets is not None
        assert found.tested[found.meets].verdict == "meets"
        assert found.fails is not None
        assert found.fails < found.meets
        assert found.tested[found.fails].verdict == "fails"


def test_no_run_of_a_test_has_the_number_of_one_made_before_it_at_any_level() -> None:
    rule = Rule(0.9, fewer=0)
    for seed in range(8):
        _, asked = searched(lambda level: float(stats.poisson.cdf(level, 30)), range(15, 61), rule, seed)
        numbers = [number for need in asked for number in need.replications]
        assert len(numbers) == len(set(numbers)) > rule.least_runs


def test_the_runs_that_show_what_levels_do_have_numbers_that_no_other_run_had() -> None:
    found, asked = searched(step_at(40), range(20, 61), Rule(0.9, shown_runs=30))
    assert found.meets == 40
    assert len(found.shown) == 30
    assert not {*found.shown} & {number for need in asked for number in need.replications}


@pytest.mark.parametrize("upwards", [True, False])
def test_a_test_stakes_no_more_than_is_left_and_only_its_verdict_gives_the_stake_back(
    monkeypatch: pytest.MonkeyPatch, upwards: bool
) -> None:
    staked: list[float] = []
    returned: list[bool] = []
    stakes: dict[int, float] = {}

    def noted(probability: float, most: int, step: int, stake: float, *, upwards: bool) -> Design:
        """The test as it is, and the stake with which its boundaries were reckoned."""
        planned = design.design(probability, most, step, stake, upwards=upwards)
        exact = boundaries(probability, most, step, *((stake, 0.0) if upwards else (0.0, stake)))
        assert planned.limits == exact
        stakes[id(planned)] = stake
        return planned

    monkeypatch.setattr(search, "design", noted)
    test = Search._test

    def watched(self: Search, choice: search.Choice) -> Any:
        if choice.side.upwards != upwards:
            return (yield from test(self, choice))
        before, level = choice.side.error, choice.side.level
        assert choice.stake == stakes[id(choice.design)] <= before
        yield from test(self, choice)
        staked.append(choice.stake)
        told = choice.side.level != level
        returned.append(told)
        assert choice.side.error == pytest.approx(before if told else before - choice.stake)

    monkeypatch.setattr(Search, "_test", watched)
    for seed in range(8):
        _, asked = searched(lambda level: float(stats.poisson.cdf(level, 30)), range(15, 61), Rule(0.9), seed)
        assert asked
    assert len(staked) > 8
    assert set(returned) == {True, False}


def test_the_response_curve_follows_what_it_is_told() -> None:
    response = Response(range(20, 61))
    for level in range(20, 61, 5):
        response.learn(level, round(200 * stats.norm.cdf(np.log(level / 40) / 0.1)), 200)
    told = response.probabilities
    assert np.all(np.diff(told) >= 0)
    truth = stats.norm.cdf(np.log(np.arange(20, 61) / 40) / 0.1)
    assert np.abs(told - truth).max() < 0.03
    assert response.first_at(0.9) == 40 + int(np.ceil(40 * (np.exp(0.1 * 1.2816) - 1)))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"confidence": 1.0}, "0.95"),
        ({"confidence": 0.1}, "0.5"),
        ({"most": 20}, "at least"),
        ({"step": 0, "fewer": -2, "shown_runs": 0}, "step is 0: must be 1 or more; fewer is -2: .*shown_runs is 0"),
    ],
)
def test_a_rule_that_could_never_decide_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(RuleError, match=words):
        Rule(0.9, **changes)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("chance", "levels"),
    [
        pytest.param(lambda level: float(stats.poisson.cdf(level, 30)), range(15, 61), id="as many as are busy"),
        pytest.param(lambda level: float(stats.norm.cdf((level - 59.5) / 7)), range(32, 96), id="normal"),
        pytest.param(lambda level: float(stats.binom.cdf(level, 60, 0.4)), range(12, 49), id="of sixty"),
    ],
)
def test_it_is_never_too_small_more_often_than_it_promises_and_within_one_of_the_truth(
    chance: Chance, levels: range
) -> None:
    """M/G/infinity: a Poisson number is busy; a normal need; a binomial one. 4,000 runs of a level at the most."""
    rule = Rule(0.9, most=4000, step=40)
    truth = next(level for level in levels if chance(level) >= rule.probability)
    found = [searched(chance, levels, rule, seed)[0] for seed in range(TRIALS)]
    answers = np.array([-1 if each.meets is None else each.meets for each in found])
    lower = np.array([levels[0] - 1 if each.fails is None else each.fails for each in found])
    print(f"truth {truth}: {dict(zip(*np.unique(answers - truth, return_counts=True), strict=True))}")
    for wrong in (answers < truth, lower >= truth):
        assert not more_often(int(np.sum(wrong)), TRIALS, 1 - rule.confidence)
    assert np.mean(np.abs(answers - truth) <= 1) >= 0.95


@pytest.mark.slow
def test_where_more_is_not_better_it_is_wrong_no_more_often() -> None:
    """Every other level falls just short: the promise is of each level and not of those beside it."""
    levels, rule = range(30, 71), Rule(0.9)

    def chance(level: int) -> float:
        return (
            float(stats.norm.cdf((level - 40) / 8))
            if level % 2
            else min(0.895, float(stats.norm.cdf((level - 40) / 8)))
        )

    found = [searched(chance, levels, rule, seed)[0] for seed in range(TRIALS)]
    wrong = [
        any(test.verdict == "meets" and chance(level) < rule.probability for level, test in each.tested.items())
        for each in found
    ]
    assert not more_often(sum(wrong), TRIALS, 1 - rule.confidence)


def made_up(number: int) -> tuple[range, dict[int, float]]:
    """A response: probability by level. A third of them wobble; in a tenth every other level falls just short."""
    rng = np.random.default_rng((7, number))
    least = int(rng.integers(8, 60))
    levels = range(least, 4 * least + 1)
    middle, spread = np.log(least) + rng.uniform(0.1, 1.2), np.exp(rng.uniform(*np.log((0.03, 0.25))))
    chances = stats.norm.cdf((np.log(levels) - middle) / spread)
    if number % 3 == 0:
        chances = (chances - rng.uniform(0, 0.06, len(chances))).clip(0)
    if number % 10 == 1:
        chances[::2] = chances[::2].clip(max=0.895)
    return levels, dict(zip(levels, chances.tolist(), strict=True))


BEFORE = (10.0, 1016)
"""Mean width and runs, of these responses, of the search of version 0.2, which shared the error over all levels."""


@pytest.mark.slow
def test_of_five_hundred_made_up_responses_it_is_wrong_of_no_more_than_it_promises() -> None:
    rule, responses = Rule(0.9), 500
    wrongly, widths, made = {"meets": 0, "fails": 0}, [], []
    for number in range(responses):
        levels, chances = made_up(number)
        found, asked = searched(chances.__getitem__, levels, rule, number)
        for verdict, truth in (("meets", False), ("fails", True)):
            wrongly[verdict] += any(
                test.verdict == verdict and (chances[level] >= rule.probability) == truth
                for level, test in found.tested.items()
            )
        upper = levels[-1] + 1 if found.meets is None else found.meets
        widths.append(upper - (levels[0] - 1 if found.fails is None else found.fails))
        made.append(runs(asked))
    print(f"wrongly {wrongly} of {responses}; mean width {np.mean(widths):.2f}; mean runs {np.mean(made):.0f}")
    assert not more_often(max(wrongly.values()), responses, 1 - rule.confidence)
    assert np.mean(widths) < BEFORE[0] and np.mean(made) < BEFORE[1]


def just_short(level: int) -> float:
    """The worst case: every level but the last has only just too few."""
    return 0.8999 if level < 70 else 1.0


@pytest.mark.slow
def test_in_the_worst_case_it_keeps_its_promise() -> None:
    found = [searched(just_short, range(30, 71), Rule(0.9), seed)[0] for seed in range(TRIALS)]
    wrong = sum(any(test.verdict == "meets" for level, test in each.tested.items() if level < 70) for each in found)
    print(f"wrong in {wrong} of {TRIALS}")
    assert not more_often(wrong, TRIALS, 1 - Rule(0.9).confidence)


@pytest.mark.slow
def test_without_the_correction_it_would_be_too_small_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: each level is tested with the whole error, as if it were the only one, at one look each."""
    levels, rule = range(30, 71), Rule(0.9)
    looks = tuple(range(rule.step, rule.most + 1, rule.step))
    alone = tuple(int(stats.binom.isf(0.05, look, 0.9)) + 1 for look in looks)
    never = tuple(look + 1 for look in looks)

    def faulty(_: float, __: int, ___: int, error_meets: float, error_fails: float) -> Boundaries:
        return Boundaries(looks, alone if error_meets else never, tuple(-1 for _ in looks))

    def planned_anew(*asked: Any, **more: Any) -> Design:
        return design.design.__wrapped__(*asked, **more)

    monkeypatch.setattr(design, "boundaries", faulty)
    monkeypatch.setattr(search, "design", cache(planned_anew))
    trials = TRIALS // 2
    answers = [searched(just_short, levels, rule, seed)[0].meets for seed in range(trials)]
    wrong = sum(answer is not None and answer < 70 for answer in answers)
    print(f"wrong in {wrong} of {trials}")
    assert more_often(wrong, trials, 1 - rule.confidence)
