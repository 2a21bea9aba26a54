"""Which weakly founded numbers drive the answer: exact designs, statistics held against theory, a folder kept whole."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.analysis.sensitivity import Factor, changes_of, factors_of, hypercube, not_varied, values_at, varied_once
from sim.analysis.sensitivity_table import Design, Outcome, correlations, most_in_need, steadiness
from sim.base.faults import InputError
from sim.charts import alternative, figure_of, tornado
from sim.cli.main import main
from sim.inputs.assumptions import entries
from sim.inputs.scenario import Scenario, load
from sim.inputs.toml_tree import Note
from sim.runs import ensemble
from sim.runs.executors import here, kept_ready
from sim.statistics.effects import Correlation, effects, least_points, partial_rank, share_of_chance, spearman
from sim.statistics.paired import holm
from sim.studies import sensitivity_study
from sim.studies.answer import read
from sim.studies.keeper import EVERY_STUDY
from sim.studies.ranking import CORRELATIONS
from sim.studies.sensitivity_answer import sentences, tables
from sim.studies.sensitivity_study import DESIGN, SensitivityQuestion, answer

FALSE_ALARM = 1e-4
FILES = sensitivity_study.FILES | EVERY_STUDY
SECONDS = {"started": "", "finished": ""}
LEAST_SECONDS = 10
Values = NDArray[np.float64]


def factor(name: str, low: float = 0.0, high: float = 1.0, whole: bool = False) -> Factor:
    return Factor(name, (f"here.{name}",), low, low, high, whole, "", "assumption")


def design(points: int, outcome: Callable[[Values], Values], factors: int = 5, runs: int = 1) -> Design:
    """A hypercube over factors from 0 to 1, and an outcome of it."""
    named = [factor(f"x{place}") for place in range(factors)]
    values = values_at(named, hypercube(factors, points, 1))
    told = np.repeat(outcome(values)[:, None], runs, axis=1)
    return Design(tuple(named), values, (Outcome("inspector_days_worked", told, np.full(runs, 5.0)),), {})


def said(*given: Any) -> list[str]:
    """Words of the sentences."""
    return [each.text for each in sentences(*given)]


# ---------------------------------------------------------------- factors and their hypercube


def test_a_hypercube_has_one_point_in_each_stratum_of_each_factor() -> None:
    shares = hypercube(7, 40, seed=3)
    assert shares.shape == (40, 7)
    for column in shares.T:
        assert sorted(np.floor(40 * column).astype(int)) == list(range(40))


def test_a_hypercube_is_that_of_its_seed() -> None:
    assert np.array_equal(hypercube(4, 30, 1), hypercube(4, 30, 1))
    assert not np.array_equal(hypercube(4, 30, 1), hypercube(4, 30, 2))


def test_every_whole_number_of_a_range_is_as_likely_as_any_other() -> None:
    found = factor("months", -6, 3, whole=True).at(hypercube(1, 50, 1)[:, 0])
    months, counts = np.unique(found, return_counts=True)
    assert months.tolist() == list(range(-6, 4)) and set(counts.tolist()) == {5}
    assert factor("people", 0.5, 3.5, whole=True).at(np.array([0.0, 0.5, 0.999])).tolist() == [1, 2, 3]


def test_every_number_of_low_confidence_is_varied_once_or_said_not_to_be() -> None:
    scenario = load("ilacs_launch")
    weak = [entry.key for entry in entries(scenario) if entry.note.confidence == "low"]
    varied = [key for each in factors_of(scenario) for key in each.keys]
    others = not_varied(scenario)
    assert sorted([*varied, *(each.key for each in others)]) == sorted(weak)
    ranged = {entry.key for entry in entries(scenario) if entry.note.low is not None and entry.note.confidence == "low"}
    assert set(varied) == ranged
    why = {each.key: each.why for each in others}
    assert why["workforce.hiring_months"] == "no range given"
    assert why["ratings.judging.good.good"] == "drawn for each run"
    assert why["planning.order"] == "a word, a date or a list"


def test_keys_of_one_assumption_move_together_and_no_others() -> None:
    scenario = load("ilacs_launch")
    book = {entry.key: entry for entry in entries(scenario)}
    factors = factors_of(scenario)
    row = values_at(factors, hypercube(len(factors), 8, 1))[3]
    at_a_point = {entry.key: entry.value for entry in entries(scenario.with_changes(changes_of(factors, row.tolist())))}
    for each, value in zip(factors, row, strict=True):
        assert {at_a_point[key] for key in each.keys} == {value}
        assert len({(key.rpartition(".")[2], book[key].note, book[key].value) for key in each.keys}) == 1
        assert each.low <= value <= each.high and each.low <= each.value <= each.high
    untouched = set(book) - {key for each in factors for key in each.keys}
    assert all(at_a_point[key] == book[key].value for key in untouched)
    together = next(each for each in factors if "frameworks.ilacs_2017.pathways.good.planned_from_months" in each.keys)
    assert len(together.keys) == 6


def test_two_assumptions_that_differ_in_source_or_range_are_two_factors() -> None:
    scenario = load("ilacs_launch")
    key = "workforce.roles.schools_hmi.people"
    (whole,) = (each for each in factors_of(scenario) if key in each.keys)
    assert whole.keys == (key, "workforce.roles.regulatory_inspector.people")
    for other in (replace(scenario.notes[key], source="ours"), replace(scenario.notes[key], high=40)):
        notes = dict(scenario.notes) | {key: other}
        apart = factors_of(scenario.model_copy(update={"notes": notes}))
        assert (key,) in {each.keys for each in apart}
        assert len({each.name for each in apart}) == len(apart) == len(factors_of(scenario)) + 1


@pytest.mark.parametrize(("low", "high"), [(9, 16), (8, 8), (7.5, 8.5)])
def test_a_range_that_does_not_hold_its_number_or_no_other_is_not_varied(low: float, high: float) -> None:
    scenario = load("ilacs_launch")
    key = "workforce.roles.senior_hmi.people"
    notes = dict(scenario.notes) | {key: Note("ours", "low", low, high)}
    scenario = scenario.model_copy(update={"notes": notes})
    assert key not in {each for found in factors_of(scenario) for each in found.keys}
    others = not_varied(scenario)
    assert "range" in next(each.why for each in others if each.key == key)
    made = design(40, lambda values: values[:, 0])
    assert f"; {key}, whose range holds no other number" in said(made, correlations(made), others)[-1]


@pytest.mark.parametrize("name", ["ilacs_launch", "pandemic", "position_2022", "no_overall_judgement", "sif_kept"])
def test_no_two_factors_of_a_scenario_have_one_name(name: str) -> None:
    names = [each.name for each in factors_of(load(name))]
    assert len(set(names)) == len(names)


# ---------------------------------------------------------------- rank correlations


def by_residuals(factors: Values, outcome: Values, place: int) -> float:
    """Partial rank correlation from its definition: the correlation of what the other factors leave of both."""
    ranks = stats.rankdata(np.column_stack([factors, outcome]), axis=0)
    others = np.column_stack([np.ones(len(outcome)), np.delete(ranks[:, :-1], place, axis=1)])
    left = [ranks[:, at] - others @ np.linalg.lstsq(others, ranks[:, at])[0] for at in (place, -1)]
    return float(stats.pearsonr(*left).statistic)


def test_the_partial_rank_correlation_is_that_of_the_residuals() -> None:
    source = np.random.default_rng(7)
    values = source.random((60, 6))
    values[:, 2] = np.floor(3 * values[:, 2])  # ties
    outcome = np.exp(3 * values[:, 0]) - 2 * values[:, 2] + source.normal(size=60)
    found = partial_rank(values, outcome)
    assert [each.value for each in found] == pytest.approx([by_residuals(values, outcome, at) for at in range(6)])


def test_spearmans_correlation_and_its_probability_are_those_of_another_program() -> None:
    source = np.random.default_rng(8)
    values, outcome = source.random((30, 3)), source.random(30)
    for at, found in enumerate(spearman(values, outcome)):
        theirs = stats.spearmanr(values[:, at], outcome)
        assert (found.value, found.p_value) == pytest.approx((theirs.statistic, theirs.pvalue))


def test_of_an_outcome_that_follows_one_factor_alone_all_is_that_factors() -> None:
    made = design(40, lambda values: np.exp(5 * values[:, 2]))
    first = partial_rank(made.values, made.outcomes[0].values)
    assert first[2] == Correlation(1.0, 1.0, 1.0, 0.0)
    assert [each.value for place, each in enumerate(first) if place != 2] == [0.0] * 4


def test_an_outcome_of_one_factor_and_noise_ranks_it_first_and_its_interval_leaves_out_zero() -> None:
    source = np.random.default_rng(9)
    made = design(60, lambda values: 80 - np.exp(4 * values[:, 3]) + 5 * source.normal(size=60))
    table = correlations(made)
    assert most_in_need(table) == ["here.x3"]
    rows = table.set_index("assumption")
    assert rows["partial_high"]["here.x3"] < 0 and rows["spearman_high"]["here.x3"] < 0
    assert rows["at_low_point"]["here.x3"] > rows["at_high_point"]["here.x3"]
    assert rows["share_of_variance"].idxmax() == "here.x3"


STUDIES, POINTS, FACTORS = 600, 45, 10


@pytest.fixture(scope="module")
def of_nothing() -> list[list[Correlation]]:
    """Partial rank correlations of studies in which no factor has an effect."""
    source = np.random.default_rng(2018)
    return [partial_rank(hypercube(FACTORS, POINTS, seed), source.normal(size=POINTS) ** 3) for seed in range(STUDIES)]


def wrong_too_often(wrong: int, studies: int, allowed: float) -> bool:
    """Whether so many errors are more than a rate explains, with a stated rate of false alarms."""
    return float(stats.binom.sf(wrong - 1, studies, allowed)) < FALSE_ALARM


def test_factors_without_effect_are_called_beyond_chance_in_at_most_one_study_of_twenty(
    of_nothing: list[list[Correlation]],
) -> None:
    wrong = sum(min(step.p_value for step in holm([each.p_value for each in study])) <= 0.05 for study in of_nothing)
    assert not wrong_too_often(wrong, STUDIES, 0.05)


def test_a_study_that_allows_each_factor_the_whole_error_is_caught(of_nothing: list[list[Correlation]]) -> None:
    wrong = sum(min(each.p_value for each in study) <= 0.05 for study in of_nothing)
    assert wrong_too_often(wrong, STUDIES, 0.05)


def test_intervals_leave_out_the_truth_in_at_most_one_of_twenty(of_nothing: list[list[Correlation]]) -> None:
    firsts = [study[0] for study in of_nothing]
    assert not wrong_too_often(sum(not each.low <= 0 <= each.high for each in firsts), STUDIES, 0.05)


def test_intervals_that_are_a_quarter_too_narrow_are_caught(of_nothing: list[list[Correlation]]) -> None:
    ends = [np.arctanh((study[0].value, study[0].low, study[0].high)) for study in of_nothing]
    narrow = [(value + 0.75 * (low - value), value + 0.75 * (high - value)) for value, low, high in ends]
    assert wrong_too_often(sum(not low <= 0 <= high for low, high in narrow), STUDIES, 0.05)


# ---------------------------------------------------------------- how much


ENDS = np.array([[0.1] * 5, [0.9] * 5])


def test_a_parabola_is_told_at_its_ends_exactly_and_accounts_for_all() -> None:
    made = design(40, lambda values: 3 + 2 * values[:, 1] - 4 * values[:, 1] ** 2)
    found = effects(made.values, made.outcomes[0].values, ENDS)
    first = found.each[1]
    assert (first.at_low.value, first.at_high.value) == pytest.approx((3.16, 1.56))
    assert (first.share, found.share) == pytest.approx((1, 1))
    assert first.length == pytest.approx(1.6)
    for other in (*found.each[:1], *found.each[2:]):
        assert other.share == pytest.approx(0, abs=1e-9) and other.length == pytest.approx(0, abs=1e-9)


def test_shares_of_the_variance_are_those_of_theory() -> None:
    # Of a sum of independent uniform numbers each accounts for its squared weight; what they do together is left.
    made = design(2000, lambda values: values[:, 0] + 2 * values[:, 1] + 2 * np.prod(2 * values[:, 2:4] - 1, axis=1))
    found = effects(made.values, made.outcomes[0].values, ENDS)
    together = 4 / 9
    total = 1 / 12 + 4 / 12 + together
    theory = [1 / 12 / total, 4 / 12 / total, 0, 0, 0]
    assert [each.share for each in found.each] == pytest.approx(theory, abs=0.02)
    assert found.share == pytest.approx(1 - together / total, abs=0.03)


def covered(shrunk: float) -> int:
    """In how many of 600 studies the interval of what is expected, made so many times as wide, leaves out the truth."""
    source = np.random.default_rng(5)
    missed = 0
    for seed in range(STUDIES):
        values = hypercube(3, 30, seed)
        found = effects(values, 4 * values[:, 0] ** 2 + source.normal(size=30), ENDS[:, :3]).each[0].at_high
        half_width = shrunk * (found.high - found.low) / 2
        missed += abs(found.value - 4 * 0.81) > half_width
    return missed


def test_intervals_of_what_is_expected_leave_it_out_in_at_most_one_of_twenty() -> None:
    assert not wrong_too_often(covered(1.0), STUDIES, 0.05)


def test_intervals_of_what_is_expected_that_are_a_quarter_too_narrow_are_caught() -> None:
    assert wrong_too_often(covered(0.75), STUDIES, 0.05)


def test_what_a_run_adds_to_all_points_is_no_chance_between_them() -> None:
    source = np.random.default_rng(3)
    points, runs = source.normal(size=(50, 1)), 10 * source.normal(size=(1, 3))
    assert share_of_chance(points + runs) == pytest.approx(0)
    noise = source.normal(size=(4000, 2))
    assert share_of_chance(2 * source.normal(size=(4000, 1)) + noise) == pytest.approx(0.5 / 4.5, abs=0.01)
    assert np.isnan(share_of_chance(points))


# ---------------------------------------------------------------- what is said


def test_the_three_that_most_need_a_better_figure_are_those_that_account_for_most() -> None:
    source = np.random.default_rng(4)
    made = design(100, lambda values: values @ np.array([3.0, 1.0, 0.0, 4.0, 2.0]) + 0.1 * source.normal(size=100))
    table = correlations(made)
    assert most_in_need(table) == ["here.x3", "here.x0", "here.x4"]
    steady = steadiness(made, np.random.default_rng(1))
    first, *three, of_measure = said(made, table, [], steady)
    assert first.startswith("The three assumptions that most need a better figure")
    assert [each.partition(":")[0] for each in three] == ["1. x3", "2. x0", "3. x4"]
    assert "x3: 0 (plausible range 0 to 1). It accounts for" in three[0]
    assert all("in the top three in 100% of random halves" in each for each in three)
    assert "4 of 5 assumptions have an effect larger than chance explains" in of_measure
    assert len(list(tables(table))) == 1


def test_how_steady_the_three_are_is_told_of_halves_that_are_large_enough_and_not_taken_for_granted() -> None:
    source = np.random.default_rng(4)
    close = design(60, lambda values: values @ np.ones(5) + source.normal(size=60))
    steady = steadiness(close, np.random.default_rng(1))
    assert steady is not None and sum(steady.values()) == pytest.approx(3)
    assert max(steady.values()) < 0.95  # of five that matter alike no three are steady
    assert any(each.startswith("Close behind: x") for each in said(close, correlations(close), [], steady))
    assert steadiness(design(40, lambda values: values[:, 0]), np.random.default_rng(1)) is None
    seldom = design(60, lambda values: np.where(values[:, 0] == values[:, 0].max(), 1.0, 0.0))
    assert steadiness(seldom, np.random.default_rng(1)) is not None


def test_it_is_said_plainly_when_fewer_than_three_can_be_told_from_chance() -> None:
    source = np.random.default_rng(5)
    one = design(60, lambda values: 9 * values[:, 0] + source.normal(size=60))
    none = design(60, lambda values: source.normal(size=60))
    first, named, _ = said(one, correlations(one), [])
    assert "only one has an effect larger than chance explains" in first
    assert named.startswith("1. x0: 0 (plausible range 0 to 1). It accounts for")
    assert said(none, correlations(none), [])[0].startswith("None of the 5 assumptions")


def test_a_measure_that_never_varies_or_that_few_points_have_is_said_and_left_out() -> None:
    made = design(40, lambda values: np.where(values[:, 0] < 0.5, values[:, 1], np.nan))
    assert (
        f"only 20 points have a value; to distinguish 5 assumptions takes {least_points(5)}"
        in said(made, correlations(made), [])[1]
    )
    same = design(40, lambda values: np.full(len(values), 3.0))
    assert not len(correlations(same))
    assert "the same at every point" in said(same, correlations(same), [])[1]


def test_the_tornado_has_the_longest_bars_first_and_its_text_has_all_of_them() -> None:
    source = np.random.default_rng(6)
    made = design(60, lambda values: values @ np.arange(5) + 0.1 * source.normal(size=60))
    drawn = tornado(correlations(made), {"inspector_days_worked": 5.0}, {"inspector_days_worked": 4.9})
    figure, text = figure_of(drawn), alternative(drawn)
    names = [line.partition(":")[0] for line in text.splitlines() if line.startswith("x")]
    assert names == ["x4", "x3", "x2", "x1", "x0"]
    assert text.startswith("What most needs a better figure: x4, x3 and x2.")
    labels = [label.get_text().partition(":")[0] for label in figure.axes[0].get_yticklabels()]
    assert labels == names
    assert figure.axes[0].yaxis_inverted()  # the first is the uppermost


# ---------------------------------------------------------------- a folder


VARIED = ("workforce.part_time_share", "workforce.roles.")
"""Where the small scenario has numbers of low confidence: fewer of them take fewer points."""


@pytest.fixture(scope="module")
def few() -> Scenario:
    """A few of the authorities for two years, and a few numbers of low confidence."""
    everybody = load("ilacs_launch", {"years": 2})
    small = everybody.with_changes({"authorities": everybody.authorities[::20], "name": "few"})
    notes = {
        key: note if key.startswith(VARIED) else replace(note, confidence="medium") for key, note in small.notes.items()
    }
    return small.model_copy(update={"notes": notes})


FEW = 9
"""Its assumptions."""
ASKED = SensitivityQuestion(
    points=least_points(FEW), replications=1, from_year=1, measures=("utilisation", "inspector_days_available")
)


@pytest.fixture(scope="module")
def kept(few: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept") / "out"
    began = time.thread_time()
    assert answer(few, ASKED, folder).failures == []
    assert time.thread_time() - began < LEAST_SECONDS
    return folder


def contents(folder: Path) -> dict[str, Any]:
    """Every file of a folder; the manifest without its times."""
    found: dict[str, Any] = {path.name: path.read_bytes() for path in folder.iterdir()}
    return found | {"manifest.json": json.loads(found["manifest.json"]) | SECONDS}


def test_a_folder_has_every_file_and_they_agree(kept: Path, few: Scenario) -> None:
    assert {path.name for path in kept.iterdir()} == FILES
    made, table = pd.read_csv(kept / DESIGN), pd.read_csv(kept / CORRELATIONS)
    factors = factors_of(few)
    assert len(factors) == FEW
    assert len(made) == 1 + ASKED.points and made["left_out"].isna().all()
    assert len(table) == 2 * len(factors)
    values = values_at(factors, hypercube(len(factors), ASKED.points, few.seed))
    columns = made[[each.keys[0] for each in factors]].to_numpy()
    np.testing.assert_allclose(columns[1:], values, rtol=1e-5)
    assert columns[0].tolist() == [each.value for each in factors]
    for row in table[table["measure"] == "utilisation"].to_dict("records"):
        plain = stats.spearmanr(made[row["assumption"]][1:], made["utilisation"][1:]).statistic
        assert row["spearman"] == pytest.approx(plain, abs=1e-4)
    found, text = read(kept), (kept / "answer.txt").read_text(encoding="utf-8")
    assert "nan" not in text and text == found.text() + "\n"
    assert found.lead and found.lead[0] in " ".join(text.split())
    assert (kept / "tornado.png").read_bytes().startswith(b"\x89PNG")
    assert load(kept / "scenario.toml").digest == json.loads((kept / "manifest.json").read_text())["scenario"]


def test_a_point_is_the_scenario_with_its_values_on_the_same_luck(kept: Path, few: Scenario) -> None:
    factors = factors_of(few)
    row = values_at(factors, hypercube(len(factors), ASKED.points, few.seed))[4]
    point = varied_once(few, factors).with_changes({**changes_of(factors, row.tolist()), "runs_per_draw": 1})
    alone = ensemble.measures_of(point, 0).column("2018-19", "utilisation")
    assert pd.read_csv(kept / DESIGN)["utilisation"][5] == pytest.approx(alone[0], rel=1e-5)


def test_the_same_question_is_shown_again_without_a_run(
    kept: Path, few: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.runs.variants.run_batch", None)
    before = contents(kept)
    again = answer(few, ASKED, kept)
    assert again.repeated and again.text + "\n" == (kept / "answer.txt").read_text(encoding="utf-8")
    assert contents(kept) == before


@pytest.mark.slow
def test_two_processes_give_the_same_bytes_as_one(kept: Path, few: Scenario, tmp_path: Path) -> None:
    with kept_ready(2) as executor:
        answer(few, ASKED, tmp_path / "two", executor=executor)
    assert contents(tmp_path / "two") == contents(kept)


@pytest.mark.slow
def test_an_interrupted_study_goes_on_and_ends_with_the_same_bytes(kept: Path, few: Scenario, tmp_path: Path) -> None:
    def some(task: Any, inputs: Any) -> Iterator[Any]:
        for number, each in enumerate(inputs):
            if number == 20:
                raise KeyboardInterrupt
            yield task(each)

    with pytest.raises(KeyboardInterrupt) as stopped:
        answer(few, ASKED, tmp_path / "out", executor=some)
    assert "20 finished replications are kept" in stopped.value.__notes__[0]
    made: list[Any] = []

    def counted(task: Any, inputs: Any) -> Iterator[Any]:
        for each in inputs:
            made.append(each)
            yield task(each)

    answer(few, ASKED, tmp_path / "out", executor=counted)
    assert len(made) == 1 + ASKED.points - 20
    assert contents(tmp_path / "out") == contents(kept)


@pytest.mark.parametrize("what", ["points", "range", "value"])
def test_a_folder_of_another_study_is_refused(kept: Path, few: Scenario, what: str) -> None:
    key = "workforce.part_time_share"
    notes = dict(few.notes) | {key: replace(few.notes[key], high=0.35)}
    others = {
        "points": (few, replace(ASKED, points=40)),
        "range": (few.model_copy(update={"notes": notes}), ASKED),
        "value": (few.with_changes({"workforce.leave_days": 30}), ASKED),
    }
    before = contents(kept)
    with pytest.raises(InputError, match="it holds another study"):
        answer(*others[what], kept)
    assert contents(kept) == before


def test_a_point_that_cannot_be_or_that_raises_is_a_row_and_is_left_out(
    few: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "workforce.part_time_share"
    notes = dict(few.notes) | {key: replace(few.notes[key], low=-0.006)}  # a share below 0 is refused
    scenario = few.model_copy(update={"notes": notes})
    most = "workforce.roles.social_care_hmi.people"
    tables = ensemble._tables

    def raising(given: Scenario, *others: Any) -> Any:
        if given.workforce.roles["social_care_hmi"].people >= 90:
            raise ZeroDivisionError("nobody expected so many")
        return tables(given, *others)

    monkeypatch.setattr(ensemble, "_tables", raising)
    found = answer(scenario, replace(ASKED, points=40), tmp_path / "out", executor=here)
    rows = pd.read_csv(tmp_path / "out" / DESIGN).set_index("point")
    wrong = rows[(rows[key] < 0) | (rows[most] >= 90)]
    assert (rows[key] < 0).sum() == 1 and len(wrong) > 1
    assert [each["point"] for each in found.failures] == wrong.index.tolist()
    assert wrong["utilisation"].isna().all() and wrong["left_out"].notna().all()
    assert rows.drop(wrong.index)["left_out"].isna().all()
    assert any("part_time_share" in each["why"] for each in found.failures)
    assert any("ZeroDivisionError" in each.get("traceback", "") for each in found.failures)
    assert f"{len(wrong)} points of the design FAILED" in found.text
    assert pd.read_csv(tmp_path / "out" / CORRELATIONS)["points"].eq(40 - len(wrong)).all()


# ---------------------------------------------------------------- the command


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: Scenario) -> Path:
    """Folder with the file of a small scenario."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "few.toml").write_text(few.to_toml(), encoding="utf-8")
    return tmp_path


def test_the_command_answers_and_says_where_it_is_kept(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--points", "38", "--replications", "1", "--from-year", "1", "--jobs", "1", "--measure", "utilisation"]
    assert main(["sensitivity", "few.toml", *flags]) == 0
    said = capsys.readouterr().out
    folder = home / "results" / "sensitivity_few"
    assert (folder / "answer.txt").read_text(encoding="utf-8").strip() in said
    assert "Written: results/sensitivity_few/" in said and {path.name for path in folder.iterdir()} == FILES
    assert main(["sensitivity", "few.toml", *flags]) == 0
    assert "Already there, nothing run" in capsys.readouterr().out


def test_what_is_not_varied_is_said() -> None:
    others = not_varied(load("ilacs_launch"))
    made = design(60, lambda values: values[:, 0])
    words = said(made, correlations(made), others)[-1]
    assert words.startswith("NOT varied") and "inspector-days" in words and "workforce.hiring_months" in words


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--points", "37"], ["--points: N: found 37", "at least 38", "9 assumptions"]),
        (["--points", "0", "--replications", "-1"], ["--points: N: found 0", "--replications: N: found -1"]),
        (["--measure", "inspections_in_time"], ["--measure", "did you mean 'inspections_on_time'"]),
        (["--from-year", "2"], ["--from-year: N: found 2", "1 whole financial years"]),
        (["--from-year", "0"], ["--from-year: N: found 0"]),
        (["--jobs", "0"], ["--jobs: J: found 0"]),
        (["--seed", "-1"], ["--seed: seed: found -1"]),
        (["--set", "workforce.leave_day=3"], ["'leave_days'"]),
        (["--out", "few.toml"], ["it is a file"]),
        (["--out", "."], ["it holds files that do not belong to such a study"]),
    ],
)
def test_what_cannot_be_asked_is_refused_in_plain_words_and_nothing_is_written(
    home: Path, flags: list[str], words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.runs.variants.run_batch", None)
    before = sorted(home.rglob("*"))
    from_year = [] if "--from-year" in flags else ["--from-year", "1"]
    assert main(["sensitivity", "few.toml", "--points", "38", *from_year, "--jobs", "1", *flags]) == 2
    said = capsys.readouterr().err
    assert [word for word in words if word not in said] == [], said
    assert "Traceback" not in said and sorted(home.rglob("*")) == before


def test_a_scenario_without_a_number_to_vary_is_refused(home: Path) -> None:
    scenario = load("few.toml")
    sure = {key: replace(note, confidence="high") for key, note in scenario.notes.items()}
    with pytest.raises(InputError, match="there is nothing to vary"):
        answer(scenario.model_copy(update={"notes": sure}), ASKED, home / "out")
    assert not (home / "out").exists()


def test_the_help_names_the_defaults_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["sensitivity", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    for words in (
        f"points of the hypercube (default: {SensitivityQuestion.points})",
        f"(default: {SensitivityQuestion.replications})",
    ):
        assert words in said
    assert f"first whole financial year that counts (default: {SensitivityQuestion.from_year})" in said
    assert len(sensitivity_study.MEASURES) == 4


def test_no_number_is_varied_by_the_hypercube_and_drawn_as_well() -> None:
    scenario = load("ilacs_launch")
    factors = factors_of(scenario)
    keys = {key for factor in factors for key in factor.keys}
    assert keys & set(scenario.draws or ())  # the share of time would be
    left = varied_once(scenario, factors).draws or {}
    assert left and not keys & {*left, *(f"ratings.{name}" for name in left)}
