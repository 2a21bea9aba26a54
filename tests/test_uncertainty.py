"""Draws of uncertain parameters: which run takes which, and what it does to the ratings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from sim.faults import InputError
from sim.framework import JUDGEMENTS
from sim.scenario import load
from sim.statistics import mean_interval
from sim.uncertainty import COLUMNS, SHIPPED, factors, read_draws, varied

BASE = load("ilacs_launch")


def draws_file(folder: Path, text: str) -> Path:
    path = folder / "my_draws.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_draws_every_run_has_the_values_given() -> None:
    fixed = BASE.with_changes({"draws": "none"})
    assert all(fixed.ratings_of(number) == fixed.ratings for number in range(5))


def test_runs_that_share_a_draw_share_it_and_others_do_not() -> None:
    shared = BASE.with_changes({"runs_per_draw": 3})
    first = [shared.ratings_of(number).drift for number in range(6)]
    assert first[0] == first[1] == first[2] != first[3] == first[4] == first[5]
    assert BASE.ratings_of(1).drift == first[3]


def test_a_draw_depends_on_the_seed_and_not_on_what_is_compared() -> None:
    other = BASE.with_changes(
        {"workforce.roles.social_care_hmi.people": 40, "years": 3, "planning.travel_days_elsewhere": 2}
    )
    assert other.ratings_of(7) == BASE.ratings_of(7)
    assert BASE.with_changes({"seed": 2}).ratings_of(7) != BASE.ratings_of(7)


def test_the_runs_take_the_draws_of_the_table_all_alike() -> None:
    shipped = read_draws(SHIPPED)["drift.good.outstanding"]
    middle = BASE.ratings.drift["good"]["outstanding"] / np.median(shipped)
    taken = [BASE.ratings_of(number).drift["good"]["outstanding"] / middle for number in range(2000)]
    assert set(np.round(taken, 9)) <= set(np.round(shipped, 9))
    assert stats.ks_2samp(taken, shipped).pvalue > 1e-4
    assert stats.ks_2samp(np.array(taken) * 1.3, shipped).pvalue < 1e-4  # rates a third too high would be caught


def test_ratings_vary_by_their_factors_and_stay_probabilities() -> None:
    changed = varied(BASE.ratings, {"drift.good.outstanding": 2.0, "judging.error": 0.5, "mix.good": 3.0})
    assert changed.drift["good"]["outstanding"] == pytest.approx(2 * BASE.ratings.drift["good"]["outstanding"])
    assert changed.drift["inadequate"] == BASE.ratings.drift["inadequate"]
    for judgement in JUDGEMENTS:
        assert 1 - changed.judging[judgement][judgement] == pytest.approx(
            (1 - BASE.ratings.judging[judgement][judgement]) / 2
        )
    assert changed.mix["good"] / changed.mix["outstanding"] == pytest.approx(
        3 * BASE.ratings.mix["good"] / BASE.ratings.mix["outstanding"]
    )


def test_the_shipped_draws_name_every_parameter_that_the_fit_has_and_centre_on_the_scenario() -> None:
    draws = read_draws(SHIPPED)
    assert set(draws) <= set(COLUMNS) and len(draws) == 11
    assert {len(values) for values in draws.values()} == {400}
    for true, moves in BASE.ratings.drift.items():
        for to, rate in moves.items():
            assert np.median(draws[f"drift.{true}.{to}"]) == pytest.approx(rate, abs=1e-4)
    assert np.median([factors(draws, place)["judging.error"] for place in range(400)]) == pytest.approx(1)


def test_a_resolved_scenario_holds_its_draws(tmp_path: Path) -> None:
    path = tmp_path / "resolved.toml"
    path.write_text(BASE.to_toml(), encoding="utf-8")
    assert load(path).digest == BASE.digest


def test_draws_of_a_users_own_are_found_beside_the_file_that_names_them(tmp_path: Path) -> None:
    draws_file(tmp_path, "judging.error\n0.1\n0.2\n0.3\n")
    scenario = tmp_path / "mine.toml"
    scenario.write_text('extends = "ilacs_launch"\ndraws = "my_draws.csv"\n', encoding="utf-8")
    mine = load(scenario)
    assert mine.draws == {"judging.error": (0.1, 0.2, 0.3)}
    assert mine.ratings_of(0).drift == BASE.ratings.drift


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("judging.err\n0.1\n", "did you mean 'judging.error'?"),
        ("judging.error\nmany\n", "found 'many'; a draw is a number above 0"),
        ("judging.error\n0\n", "a draw must be a number above 0"),
        ("judging.error\nnan\n", "a draw must be a number above 0"),
        ("judging.error\n", "the table is empty"),
        ("judging.error\n0.05\n0.05\n0.05\n0.9\n", "makes an error more than certain"),
    ],
)
def test_wrong_draws_are_refused_in_plain_words(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError) as refused:
        load("ilacs_launch", {"draws": str(draws_file(tmp_path, text))})
    assert words in str(refused.value)


def test_runs_per_draw_must_be_at_least_one() -> None:
    with pytest.raises(InputError, match="runs_per_draw"):
        load("ilacs_launch", {"runs_per_draw": 0})


# ---------------------------------------------------------------- intervals of means over draws


def test_with_groups_of_one_the_interval_is_students() -> None:
    values = np.random.default_rng(1).normal(size=12)
    expected = stats.t.interval(0.95, 11, values.mean(), stats.sem(values))
    assert mean_interval(values) == pytest.approx(expected)
    assert mean_interval(values, range(12)) == pytest.approx(expected)


def test_with_equal_groups_the_interval_is_that_of_the_means_of_groups() -> None:
    values = np.random.default_rng(2).normal(size=(6, 4)) + np.arange(6)[:, None]
    means = values.mean(axis=1)
    expected = stats.t.interval(0.95, 5, means.mean(), stats.sem(means))
    assert mean_interval(values.ravel(), np.repeat(np.arange(6), 4)) == pytest.approx(expected)
    assert mean_interval(values.ravel())[0] > expected[0]  # as if independent it would claim too much


def test_one_group_has_no_interval() -> None:
    assert np.isnan(mean_interval([1.0, 2.0], [0, 0])).all()
