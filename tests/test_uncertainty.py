"""Draws of uncertain parameters: which run takes which, and what it does to the ratings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from sim.base.faults import InputError
from sim.inputs.caveats import warnings
from sim.inputs.grades import JUDGEMENTS
from sim.inputs.parameter_draws import SHIPPED, columns_of, factors, read_draws, shares_of_policies, varied
from sim.inputs.scenario import load
from sim.runs.executors import processes
from sim.runs.model import Model
from sim.statistics.intervals import mean_interval, variance_share
from sim.studies.ensemble_answer import headline
from sim.studies.ensemble_study import run
from sim.world.context import ScenarioContext

BASE = load("ilacs_launch")


def draws_file(folder: Path, text: str) -> Path:
    path = folder / "my_draws.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_draws_every_run_has_the_values_given() -> None:
    fixed = BASE.with_changes({"draws": "none"})
    assert all(fixed.drawn(number).ratings == fixed.ratings for number in range(5))


def test_runs_that_share_a_draw_share_it_and_others_do_not() -> None:
    shared, alone = (BASE.with_changes({"runs_per_draw": number}) for number in (3, 1))
    first = [shared.drawn(number).ratings.drift for number in range(6)]
    assert first[0] == first[1] == first[2] != first[3] == first[4] == first[5]
    assert alone.drawn(1).ratings.drift == first[3]


def test_a_draw_depends_on_the_seed_and_not_on_what_is_compared() -> None:
    other = BASE.with_changes(
        {"workforce.roles.social_care_hmi.people": 40, "years": 3, "planning.travel_days_elsewhere": 2}
    )
    assert other.drawn(7).ratings == BASE.drawn(7).ratings
    assert BASE.with_changes({"seed": 2}).drawn(7).ratings != BASE.drawn(7).ratings


def test_the_runs_take_the_draws_of_the_table_all_alike() -> None:
    shipped = read_draws(SHIPPED[0])["drift.good.outstanding"]
    middle = BASE.ratings.drift["good"]["outstanding"] / np.median(shipped)
    taken = [BASE.drawn(number).ratings.drift["good"]["outstanding"] / middle for number in range(2000)]
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


@pytest.mark.parametrize(("name", "file"), list(zip(("ilacs_launch", "position_2022"), SHIPPED, strict=True)))
def test_the_shipped_draws_name_every_parameter_that_the_fit_has_and_centre_on_the_scenario(
    name: str, file: str
) -> None:
    draws, base = read_draws(file), load(name)
    share = "workforce.roles.social_care_hmi.programme_share"
    assert base.draws == draws
    assert set(draws) <= set(columns_of(base.grades)) and len(draws) == 18
    assert np.median(draws[share]) == pytest.approx(base.workforce.roles["social_care_hmi"].programme_share, abs=5e-4)
    assert {len(values) for values in draws.values()} == {400}
    for true, moves in base.ratings.drift.items():
        for to, rate in moves.items():
            assert np.median(draws[f"drift.{true}.{to}"]) == pytest.approx(rate, abs=1e-4)
    assert np.median([factors(draws, place)["judging.error"] for place in range(400)]) == pytest.approx(1)
    assert not [warning for warning in warnings(base) if "draws." in warning]


def test_whole_numbers_of_the_plan_are_the_draws_own_where_the_scenario_has_their_middle() -> None:
    draws = read_draws(SHIPPED[0])["planning.most_inspections"]
    taken = {BASE.drawn(number).planning.most_inspections for number in range(800)}
    assert taken <= {max(1, round(each)) for each in draws} and len(taken) > 2


def test_a_resolved_scenario_holds_its_draws(tmp_path: Path) -> None:
    path = tmp_path / "resolved.toml"
    path.write_text(BASE.to_toml(), encoding="utf-8")
    assert load(path).digest == BASE.digest


def test_a_table_that_is_read_again_is_read_as_it_is_now_and_nobody_can_change_it_for_another(tmp_path: Path) -> None:
    for value in ("0.1", "0.2"):
        (tmp_path / "own.csv").write_text(f"judging.error\n{value}\n", encoding="utf-8")
        assert read_draws(str(tmp_path / "own.csv")) == {"judging.error": (float(value),)}
    first = read_draws("draws_2013_2022.csv")
    first.clear()
    assert len(read_draws("draws_2013_2022.csv")) == 18


def test_draws_of_a_users_own_are_found_beside_the_file_that_names_them(tmp_path: Path) -> None:
    draws_file(tmp_path, "judging.error\n0.1\n0.2\n0.3\n")
    scenario = tmp_path / "mine.toml"
    scenario.write_text('extends = "ilacs_launch"\ndraws = "my_draws.csv"\n', encoding="utf-8")
    mine = load(scenario)
    assert mine.draws == {"judging.error": (0.1, 0.2, 0.3)}
    assert mine.drawn(0).ratings.drift == BASE.ratings.drift


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("judging.err\n0.1\n", "did you mean 'judging.error'?"),
        ("judging.error\nmany\n", "found 'many'; a draw must be a number above 0"),
        ("judging.error\n0\n", "a draw must be a number above 0"),
        ("judging.error\nnan\n", "a draw must be a number above 0"),
        ("judging.error\n", "the table is empty"),
        ("judging.error\n0.05\n0.05\n0.05\n0.9\n", "gives a probability of error above 1"),
    ],
)
def test_wrong_draws_are_refused_in_plain_words(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError) as refused:
        load("ilacs_launch", {"draws": str(draws_file(tmp_path, text))})
    assert words in str(refused.value)


PLANS = """planning.programme,planning.order,planning.backlog_months
levelled,risk,10
drawn,lowest_first,20
drawn,risk,40
"""


INFERRED = {"planning.programme": "inferred", "planning.order": "inferred"}
DRAWN = {"planning.programme": "drawn", "planning.order": "risk"}


def test_a_run_plans_as_its_draw_says_where_the_scenario_says_inferred(tmp_path: Path) -> None:
    table = tmp_path / "plans.csv"
    table.write_text(PLANS, encoding="utf-8")
    own: dict[str, object] = {"draws": str(table), "runs_per_draw": 1, "planning.backlog_months": 20}
    for changes in (DRAWN, INFERRED):
        scenario = load("ilacs_launch", own | changes)
        again = load("ilacs_launch", own | changes)
        plans = [scenario.drawn(number).planning for number in range(60)]
        assert plans == [again.drawn(number).planning for number in range(60)]
        said = {(plan.programme, plan.order, plan.backlog_months) for plan in plans}
        of_draws = {
            ("levelled", "risk", 10),
            ("drawn", "lowest_first", 20),
            ("drawn", "risk", 40),
        }
        assert said == (of_draws if changes is INFERRED else {("drawn", "risk", each[2]) for each in of_draws})
        with_text = tmp_path / "whole.toml"
        with_text.write_text(scenario.to_toml(), encoding="utf-8")
        assert load(with_text).digest == scenario.digest


def test_a_scenario_that_says_another_number_of_the_plan_means_it(tmp_path: Path) -> None:
    table = tmp_path / "plans.csv"
    table.write_text(PLANS, encoding="utf-8")
    scenario = load("ilacs_launch", {"draws": str(table), "planning.backlog_months": 12})
    assert {scenario.drawn(number).planning.backlog_months for number in range(60)} == {12}
    assert not [warning for warning in warnings(scenario) if "backlog_months" in warning]


def test_a_run_of_an_inferred_policy_is_that_of_the_policy_itself(tmp_path: Path) -> None:
    table = tmp_path / "plans.csv"
    table.write_text("planning.programme,planning.order\nlevelled,lowest_first\n", encoding="utf-8")
    policies = {"planning.programme": "levelled", "planning.order": "lowest_first"}
    inferred, itself = (
        load("ilacs_launch", {"years": 2, "draws": str(table)} | changes)
        for changes in (dict.fromkeys(policies, "inferred"), policies)
    )
    first, second = (Model(each, 0, ScenarioContext(each)).run() for each in (inferred, itself))
    assert first.visits == second.visits and first.visits


@pytest.mark.parametrize("draws", ["none", "my_draws.csv"])
def test_an_inferred_policy_of_which_draws_say_nothing_is_the_first(tmp_path: Path, draws: str) -> None:
    draws_file(tmp_path, "judging.error\n0.1\n0.2\n")
    scenario = load("ilacs_launch", {"draws": "none" if draws == "none" else str(tmp_path / draws)} | INFERRED)
    taken = {(plan.programme, plan.order) for plan in (scenario.drawn(number).planning for number in range(9))}
    assert taken == {("levelled", "due_date")}
    assert shares_of_policies(scenario.draws, scenario.planning)["planning.programme"] == {"drawn": 0, "levelled": 1}


def test_runs_per_draw_must_be_at_least_one() -> None:
    with pytest.raises(InputError, match="runs_per_draw"):
        load("ilacs_launch", {"runs_per_draw": 0})


# ---------------------------------------------------------------- two parts of the range


def two_parts(share: float, draws: int, runs: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Values of which a share of the variance lies between draws, and their draws."""
    rng = np.random.default_rng(seed)
    values = np.sqrt(share) * rng.normal(size=(draws, 1)) + np.sqrt(1 - share) * rng.normal(size=(draws, runs))
    return values.ravel(), np.repeat(np.arange(draws), runs)


def test_the_share_of_variance_by_hand() -> None:
    # Means 2 and 6 of draws of two: between 2 * (4 + 4) / 1 = 16, within (1 + 1 + 1 + 1) / 2 = 2, so 7 of 7 + 1 parts
    # between: (16 - 2) / 2 = 7 against 2 within.
    found = variance_share([1.0, 3.0, 5.0, 7.0], [0, 0, 1, 1])
    assert found.groups == 2
    assert found.share == pytest.approx(7 / 9)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8])
def test_the_interval_of_a_share_of_variance_holds_it_as_often_as_it_says(share: float) -> None:
    held, studies = 0, 600
    for seed in range(studies):
        found = variance_share(*two_parts(share, draws=20, runs=3, seed=seed))
        held += found.ci_low <= share <= found.ci_high
    expected = 0.975 if share == 0 else 0.95  # at the end of the scale only one side can miss
    assert stats.binomtest(held, studies, expected).pvalue > 1e-4
    wrong = sum(
        found.ci_low <= share <= found.ci_high
        for seed in range(studies)
        for found in [variance_share(*two_parts((share + 0.5) % 1, draws=20, runs=3, seed=seed))]
    )
    assert stats.binomtest(wrong, studies, expected).pvalue < 1e-4  # half more or less between draws is caught


@pytest.mark.parametrize(("values", "draws"), [([1.0, 2.0], [0, 0]), ([1.0, 2.0], [0, 1]), ([1.0] * 4, [0, 0, 1, 1])])
def test_where_nothing_can_be_told_apart_no_share_is_given(values: list[float], draws: list[int]) -> None:
    assert np.isnan(variance_share(values, draws).share)


@pytest.mark.slow
def test_a_study_says_which_part_of_its_variance_comes_from_the_parameters(tmp_path: Path) -> None:
    study = BASE.with_changes({"years": 2, "replications": 40, "runs_per_draw": 2})
    results = run(study, tmp_path / "apart", detail="measures", executor=processes(2))
    assert results.variance is not None and results.variance["draws"].max() == 20
    assert "has two parts" in " ".join(headline(results, study, ["2018-19"]).split())
    alone = run(BASE.with_changes({"years": 1, "replications": 2, "draws": "none"}), tmp_path / "chance")
    assert alone.variance is None and not (tmp_path / "chance" / "variance.csv").exists()


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


# ---------------------------------------------------------------- what a reader is told


def test_draws_whose_level_is_not_taken_are_warned_of(tmp_path: Path) -> None:
    assert not [warning for warning in warnings(BASE) if "median" in warning]
    far = load("ilacs_launch", {"draws": str(draws_file(tmp_path, "judging.error\n0.02\n0.04\n"))})
    (warning,) = [warning for warning in warnings(far) if "median" in warning]
    assert "draws.judging.error has the median 0.03" in warning
    single = load("ilacs_launch", {"draws": str(draws_file(tmp_path, "judging.error\n0.1061\n"))})
    assert any("one draw" in warning for warning in warnings(single))


def test_a_table_of_many_draws_is_checked_at_once(tmp_path: Path) -> None:
    many = "judging.error\n" + "0.1\n0.11\n" * 25_000
    assert (
        len((load("ilacs_launch", {"draws": str(draws_file(tmp_path, many))}).draws or {})["judging.error"]) == 50_000
    )


def test_too_few_draws_split_no_variance(tmp_path: Path) -> None:
    study = BASE.with_changes({"years": 2, "replications": 4})
    words = headline(run(study, tmp_path / "few", detail="measures"), study, ["2018-19"])
    assert "2 parameter draws are too few" in words and "two parts" not in words
