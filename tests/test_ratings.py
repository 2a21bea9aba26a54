"""Judging, Bayes's rule, what a visit sees and what multiplies the drift, exactly: by shares over a grid of draws."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import ValidationError
from scipy.linalg import expm

from sim.base.calendar import DAYS_A_YEAR
from sim.base.randomness import Stream, triangular
from sim.inputs.grades import JUDGEMENTS
from sim.inputs.grades import SHIPPED as GRADES
from sim.inputs.ratings import QualityPath, Ratings, Regime, reading, seen_given, transitions
from sim.inputs.scenario import load

SHIPPED = load("ilacs_launch").ratings
GRID = 20_000
NEARLY_ONE = float(np.nextafter(1.0, 0.0))
"""The largest draw there is."""


def with_changes(**tables: object) -> Ratings:
    """Shipped ratings with some of their tables replaced."""
    return Ratings.model_validate({**SHIPPED.model_dump(), **tables})


def shares(draw: Callable[[float], int]) -> list[float]:
    """Share of each grade over a grid of uniform draws."""
    count = Counter(draw((place + 0.5) / GRID) for place in range(GRID))
    return [count[grade] / GRID for grade in range(4)]


def generator() -> NDArray[np.float64]:
    rates = np.array([[SHIPPED.drift[row].get(to, 0.0) for to in JUDGEMENTS] for row in JUDGEMENTS])
    return np.asarray(rates - np.diag(rates.sum(axis=1)))


@pytest.mark.parametrize("grade", range(4))
def test_inspections_judge_with_the_probabilities_of_the_table(grade: int) -> None:
    expected = [SHIPPED.judging[JUDGEMENTS[grade]].get(judgement, 0.0) for judgement in JUDGEMENTS]
    found = shares(lambda u: JUDGEMENTS.index(SHIPPED.judge(grade, u)))
    assert found == pytest.approx(expected, abs=1 / GRID)


def test_where_probabilities_fall_short_of_1_by_a_last_digit_the_draw_beyond_them_is_the_likeliest_judgement() -> None:
    short = with_changes(judging={**SHIPPED.judging, "good": {"good": 0.9, "requires_improvement": 0.1 - 5e-10}})
    assert short.judge(1, NEARLY_ONE) == "good"
    assert short.judge(1, 0.95) == "requires_improvement"


@pytest.mark.parametrize("days", [-4000, 0, 1, 1500, 40_000])
@pytest.mark.parametrize("judgement", JUDGEMENTS)
def test_true_quality_given_a_judgement_is_by_bayes_s_rule_from_the_mix_as_it_has_drifted(
    judgement: str, days: int
) -> None:
    (said,) = (each for each in JUDGEMENTS if each == judgement)
    mix = np.array([SHIPPED.mix[true] for true in JUDGEMENTS]) @ expm(max(0, days) / DAYS_A_YEAR * generator())
    weights = mix * [SHIPPED.judging[true].get(said, 0.0) for true in JUDGEMENTS]
    found = shares(lambda u: SHIPPED.quality_given(said, days, u))
    assert found == pytest.approx(list(weights / weights.sum()), abs=2 / GRID)
    assert all(weights[SHIPPED.quality_given(said, days, u)] > 0 for u in (0.0, NEARLY_ONE))
    assert SHIPPED.weights_given(said, days) == pytest.approx(list(weights))
    if days == 0:
        assert SHIPPED.weights_given(said) == SHIPPED.weights_given(said, 0)


def test_a_grade_that_a_mix_does_not_name_is_not_in_it() -> None:
    named = with_changes(mix={"good": 0.5, "requires_improvement": 0.3, "inadequate": 0.2})
    said = with_changes(mix={"outstanding": 0.0, **named.mix})
    assert named.mix_after(0) == [0.0, 0.5, 0.3, 0.2]
    assert named.mix_after(1000) == said.mix_after(1000)
    assert named.weights_given("good") == said.weights_given("good")


def test_quality_that_nothing_moves_stays_for_ever() -> None:
    still = QualityPath(with_changes(drift={}), 2, 0, Stream(np.random.default_rng(7), 2))
    assert (still.at(10**6), still.days, still.grades) == (2, [0.0], [2])


def test_the_generator_holds_the_rates_a_year_and_its_rows_add_up_to_nothing() -> None:
    assert SHIPPED.generator() == pytest.approx(generator())
    assert SHIPPED.generator().sum(axis=1) == pytest.approx(np.zeros(4))


@given(st.lists(st.floats(0, 1000), min_size=12, max_size=12))
def test_transitions_of_a_unit_of_time_are_the_exponential_of_the_generator(rates: list[float]) -> None:
    generator = np.zeros((4, 4))
    generator[~np.eye(4, dtype=bool)] = rates
    np.fill_diagonal(generator, -generator.sum(axis=1))
    assert transitions(generator) == pytest.approx(expm(generator), abs=1e-11)


def test_a_rate_of_nothing_is_no_move() -> None:
    still = with_changes(drift={**SHIPPED.drift, "good": {"outstanding": 0.0, "requires_improvement": 0.1}})
    assert still.moves[1] == ((0.1 / DAYS_A_YEAR, 2),)
    assert [to for _, to in SHIPPED.moves[1]] == [0, 2]


@pytest.mark.parametrize("accuracy", [0.0, 0.7, 1.0])
@pytest.mark.parametrize("grade", range(4))
def test_what_a_visit_is_believed_to_see_is_what_visits_see(grade: int, accuracy: float) -> None:
    found = shares(lambda u: JUDGEMENTS.index(reading(grade, accuracy, u, GRADES)))
    assert [seen_given(grade, accuracy, seen, GRADES) for seen in range(4)] == pytest.approx(found, abs=2 / GRID)


@pytest.mark.parametrize("part", ["contact", "intervention"])
@pytest.mark.parametrize("change", ["improvement", "decline"])
def test_any_effect_of_visits_or_of_monitoring_changes_the_drift_and_none_leaves_it(part: str, change: str) -> None:
    assert not SHIPPED.can_be_changed
    assert with_changes(**{part: {**getattr(SHIPPED, part).model_dump(), change: -0.1}}).can_be_changed


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({"drift": {**SHIPPED.drift, "good": {"good": 0.1}}}, "drift.good.good: quality cannot move to where it is"),
        ({"judging": {**SHIPPED.judging, "good": {"good": 0.98}}}, "judging.good: .* add up to 1, not 0.98"),
        ({"judging": {**SHIPPED.judging, "good": {"good": 1.0, "outstanding": 0.01}}}, "judging.good: .*, not 1.01"),
        ({"mix": {**SHIPPED.mix, "good": 0.3}}, "mix: probabilities must add up to 1, not 0.9527"),
        ({"mix": {**SHIPPED.mix, "good": 0.4}}, "mix: probabilities must add up to 1, not 1.0527"),
        (
            {"judging": {true: {"good": 1.0} for true in JUDGEMENTS}},
            "be judged outstanding(.|\n)*be judged requires_improvement(.|\n)*be judged inadequate",
        ),
    ],
)
def test_what_is_no_chain_or_no_probability_is_refused_in_words(tables: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        with_changes(**tables)


def path(grade: int = 2, climate: tuple[Regime, ...] = (), first_day: int = 0) -> QualityPath:
    return QualityPath(SHIPPED, grade, first_day, Stream(np.random.default_rng(7), 2), climate)


def moves_until(one: QualityPath, day: float) -> tuple[list[float], list[int]]:
    one.extend_to(day)
    return one.days, one.grades


def test_a_climate_twice_as_fast_is_the_same_life_in_half_the_time() -> None:
    days, grades = moves_until(path(), 12_000)
    faster, same = moves_until(path(climate=(Regime(-100, 2.0, 2.0),)), 6_000)
    assert len(days) > 5
    assert faster == pytest.approx([day / 2 for day in days])
    assert same == grades


def test_a_climate_and_a_regime_multiply_each_other_as_long_as_both_last() -> None:
    # Twice as fast from outside from day 0, three times as fast by a regime from day 300 to 600: 300 days count as 600,
    # then 300 as 1800, and each later one as two.
    days, grades = moves_until(path(), 12_000)
    both = path(climate=(Regime(0, 2.0, 2.0),))
    both.change_rates(300, [Regime(300, 3.0, 3.0), Regime(600, 1.0, 1.0)])
    found, same = moves_until(both, 600 + (12_000 - 2400) / 2)

    def when(day: float) -> float:
        counted = ((0, 0, 2), (600, 300, 6), (2400, 600, 2))
        lived, begins, speed = next(each for each in reversed(counted) if each[0] <= day)
        return begins + (day - lived) / speed

    assert found == pytest.approx([when(day) for day in days])
    assert same == grades


def test_only_what_gets_better_is_faster_where_only_improvement_is() -> None:
    # An outstanding authority has nothing to improve, and an inadequate one nothing to lose.
    climate = (Regime(0, 5.0, 1.0),)
    assert path(0, climate).days == path(0).days
    first = [moves_until(one, 30_000)[0][1] for one in (path(0), path(0, climate), path(3), path(3, climate))]
    assert first[1] == pytest.approx(first[0])
    assert first[3] == pytest.approx(first[2] / 5)


def test_quality_is_the_first_grade_before_the_path_begins_and_the_new_one_from_the_day_of_a_move_on() -> None:
    one = path(first_day=-200)
    days, grades = moves_until(one, 8000)
    assert one.at(-5000) == one.at(-200) == grades[0]
    for before, day, after in zip(grades, days[1:], grades[1:], strict=False):
        assert (one.at(day - 1e-6), one.at(day)) == (before, after)


def test_a_path_up_to_a_day_before_it_begins_is_its_first_grade() -> None:
    assert path(first_day=900).up_to(365) == ([365.0], [2])


def test_a_path_that_goes_on_elsewhere_keeps_what_has_been_and_has_moves_of_its_own() -> None:
    gone = path()
    days, grades = moves_until(gone, 8000)
    kept = sum(day <= 3000 for day in days)
    new = gone.continued(3000, SHIPPED, Stream(np.random.default_rng(8), 2), ())
    assert (new.days[:kept], new.grades[:kept]) == (days[:kept], grades[:kept])
    assert (new.days[kept], new.grades[kept]) == (3000.0, grades[kept - 1])
    new_days, _ = moves_until(new, 20_000)
    assert len(new_days) > kept + 2
    assert not set(new_days[kept + 1 :]) & set(moves_until(gone, 20_000)[0])


def test_a_triangle_of_a_single_point_is_that_point() -> None:
    assert {triangular(u, 4.0, 4.0, 4.0) for u in (0.0, 0.3, NEARLY_ONE)} == {4.0}
