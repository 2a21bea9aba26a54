"""The exact sequential test: its errors are worked out here by hand, path by path, and never above what was allowed."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from scipy import stats

from sim.statistics.sequential import boundaries, error_spent

PROBABILITY, MOST, STEP = 0.9, 400, 4


def crossed(path: tuple[int, ...], looks: tuple[int, ...], least: tuple[int, ...]) -> bool:
    return any(sum(path[:look]) >= enough for look, enough in zip(looks, least, strict=True))


def test_the_error_spent_is_that_of_all_paths_added_up() -> None:
    looks, least = (2, 5, 9), (2, 5, 8)
    added = sum(
        0.7 ** sum(path) * 0.3 ** (9 - sum(path)) for path in product((0, 1), repeat=9) if crossed(path, looks, least)
    )
    assert error_spent(0.7, looks, least) == pytest.approx(added)
    assert error_spent(0.7, looks, (3, 6, 10)) == 0  # more successes than there are runs


@pytest.mark.parametrize("probability", [0.5, 0.8, 0.9, 0.99])
@pytest.mark.parametrize("error", [0.05, 0.01, 0.0001])
def test_neither_error_is_above_what_is_allowed_nor_far_below(probability: float, error: float) -> None:
    limits = boundaries(probability, MOST, STEP, error, error)
    failures = [look - most for look, most in zip(limits.looks, limits.fails, strict=True)]
    for spent in (
        error_spent(probability, limits.looks, limits.meets),
        error_spent(1 - probability, limits.looks, failures),
    ):
        assert spent <= error
        assert spent >= 0.7 * error or probability == 0.99  # of few failures a step is large


def test_a_lower_probability_makes_it_no_likelier_to_meet_and_a_higher_one_no_likelier_to_fail() -> None:
    limits = boundaries(PROBABILITY, MOST, STEP, 0.05, 0.05)
    failures = [look - most for look, most in zip(limits.looks, limits.fails, strict=True)]
    spent = [error_spent(lower, limits.looks, limits.meets) for lower in (0.5, 0.8, 0.85, 0.89, 0.9)]
    assert spent == sorted(spent)
    spent = [error_spent(1 - higher, limits.looks, failures) for higher in (0.99, 0.95, 0.92, 0.9)]
    assert spent == sorted(spent)


def test_looking_at_each_look_as_if_it_were_the_only_one_is_wrong_far_more_often() -> None:
    looks = tuple(range(STEP, MOST + 1, STEP))
    alone = [int(stats.binom.isf(0.05, look, PROBABILITY)) + 1 for look in looks]
    assert error_spent(PROBABILITY, looks, alone) > 0.15


def test_with_more_error_allowed_no_boundary_is_further_away() -> None:
    found = [boundaries(PROBABILITY, MOST, STEP, error, error) for error in np.geomspace(1e-5, 0.1, 25).tolist()]
    for less, more in pairwise(found):
        assert all(one >= other for one, other in zip(less.meets, more.meets, strict=True))
        assert all(one <= other for one, other in zip(less.fails, more.fails, strict=True))


def test_runs_that_all_keep_it_meet_and_runs_that_all_miss_it_fail_soon() -> None:
    limits = boundaries(PROBABILITY, MOST, STEP, 0.05, 0.05)
    meets = next(look for look in limits.looks if limits.verdict(look, look) == "meets")
    fails = next(look for look in limits.looks if limits.verdict(0, look) == "fails")
    assert PROBABILITY**meets <= 0.05
    assert (meets, fails) <= (80, 8)
    assert limits.verdict(meets - 1, meets - 1) == "undecided"  # between two looks
    assert limits.looks[-1] == MOST


def test_where_no_error_is_allowed_a_verdict_is_never_given() -> None:
    up, down = boundaries(PROBABILITY, MOST, STEP, 0.05, 0.0), boundaries(PROBABILITY, MOST, STEP, 0.0, 0.05)
    assert {up.verdict(0, look) for look in up.looks} == {"undecided"}
    assert {down.verdict(look, look) for look in down.looks} == {"undecided"}
    both = boundaries(PROBABILITY, MOST, STEP, 0.05, 0.05)
    assert (up.meets, down.fails) == (both.meets, both.fails)
