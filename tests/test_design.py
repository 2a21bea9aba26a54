"""A planned test: its power and runs are those of tests that are made, and to give it up adds no wrong verdict."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.statistics.design import Design, design
from sim.statistics.sequential import error_spent

PROBABILITY, MOST, STEP, STAKE, TRIALS = 0.9, 120, 4, 0.025, 4000


def made(planned: Design, chance: float) -> tuple[NDArray[np.str_], NDArray[np.int64]]:
    """Verdict and runs of many tests, each made run by run."""
    verdicts, runs = [], []
    for path in (np.random.default_rng(1).random((TRIALS, MOST)) < chance).cumsum(axis=1):
        end = next(look for look in planned.limits.looks if planned.is_over(int(path[look - 1]), look))
        verdicts.append(planned.limits.verdict(int(path[end - 1]), end))
        runs.append(end)
    return np.array(verdicts), np.array(runs)


@pytest.mark.parametrize(("upwards", "chance"), [(True, 0.9), (True, 0.97), (False, 0.9), (False, 0.78)])
def test_chance_and_runs_are_those_of_many_made_up_tests(upwards: bool, chance: float) -> None:
    planned = design(PROBABILITY, MOST, STEP, STAKE, upwards=upwards)
    verdicts, runs = made(planned, chance)
    told, expected = planned.operating_characteristics(np.array([chance]))[:, 0]
    assert np.mean(verdicts == ("meets" if upwards else "fails")) == pytest.approx(
        told, abs=4 * (told * (1 - told) / TRIALS) ** 0.5
    )
    assert runs.mean() == pytest.approx(expected, abs=4 * runs.std() / TRIALS**0.5)
    assert set(verdicts) <= {"meets" if upwards else "fails", "undecided"}


@pytest.mark.parametrize("upwards", [True, False])
def test_a_test_that_is_given_up_errs_no_more_often_than_one_that_never_is(upwards: bool) -> None:
    planned = design(PROBABILITY, MOST, STEP, STAKE, upwards=upwards)
    limits, wrong = planned.limits, planned.operating_characteristics(np.array([PROBABILITY]))[0, 0]
    failures = [look - most for look, most in zip(limits.looks, limits.fails, strict=True)]
    never_given_up = error_spent(
        PROBABILITY if upwards else 1 - PROBABILITY, limits.looks, limits.meets if upwards else failures
    )
    assert wrong <= never_given_up <= STAKE


@pytest.mark.parametrize("upwards", [True, False])
def test_it_is_not_given_up_at_the_first_bad_luck_nor_kept_without_hope(upwards: bool) -> None:
    planned = design(PROBABILITY, 400, STEP, STAKE, upwards=upwards)
    none, all_ = (0, 100) if upwards else (40, 0)
    assert not planned.is_over(3 if upwards else 1, 4)
    assert planned.is_over(none, 40)
    assert planned.limits.verdict(none, 40) == "undecided"
    assert planned.limits.verdict(all_, 100 if upwards else 40) == ("meets" if upwards else "fails")


@pytest.mark.parametrize("most", [40, 60])
def test_a_test_of_hardly_enough_runs_is_made_all_the_same(most: int) -> None:
    assert design(PROBABILITY, most, STEP, STAKE, upwards=True).operating_characteristics(np.array([1.0]))[0, 0] > 0.99


@pytest.mark.parametrize("probability", [0.05, 0.1, 0.3])
def test_a_small_probability_can_be_told_to_fail(probability: float) -> None:
    planned = design(probability, MOST, STEP, STAKE, upwards=False)
    assert not planned.is_over(0, STEP)
    assert planned.operating_characteristics(np.array([probability / 4]))[0, 0] > planned.power[0] / 4
