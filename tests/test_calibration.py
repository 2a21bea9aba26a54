"""Inference of what nobody has counted: it finds what is there, says nothing where nothing is, and holds its ranges."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.analysis.calibration import CHECKED, DRAWS, TIMETABLE, _run, base_scenario, coverage, posterior, run_table
from sim.analysis.inferred_workforce import changes_known_on, known_on, known_tables
from sim.analysis.posterior import Table
from sim.analysis.programme_figures import Figure, Span
from sim.cli.main import main
from sim.inputs.history import shipped_history
from sim.inputs.parameter_draws import POLICIES
from sim.inputs.scenario import Scenario, load
from sim.inputs.unknowns import Unknown, points, shipped_unknowns, unknowns_of
from sim.studies import calibration_answer, calibration_study
from sim.studies.keeper import EVERY_STUDY
from tests.oracle.shipped_draws import deployable_share, of_people_and_plan

UNKNOWNS = shipped_unknowns()
RUNS = 1200
NOISE = 0.05
FALSE_ALARM = 1e-4


def known_world(truth: NDArray[np.float64], seed: int = 0) -> Table:
    """Figures that say the place of each of the first three unknowns, with noise, and nothing of the others."""
    places = points(UNKNOWNS, RUNS, seed)
    rng = np.random.default_rng([7, seed])
    figures = places[:, :3] + NOISE * rng.standard_normal((RUNS, 3))
    names = tuple(Figure("inspections_started", "all", f"20{year}-{year + 1}") for year in (14, 15, 16))
    return Table(UNKNOWNS, places, names, figures, truth + NOISE * rng.standard_normal(3))


def test_what_the_figures_say_is_found_and_the_rest_stays_as_assumed() -> None:
    found = posterior(known_world(np.array([0.3, 0.6, 0.8])))
    assert np.abs(np.median(found.places[:, :3], axis=0) - [0.3, 0.6, 0.8]).max() < 4 * NOISE
    assert found.places[:, :3].std(axis=0).max() < 2 * NOISE
    for place in range(3, len(UNKNOWNS)):  # the kept runs are a sample of a uniform prior
        of_kept = found.table.places[found.kept, place]
        assert stats.kstest(of_kept, "uniform").pvalue > FALSE_ALARM / (len(UNKNOWNS) - 3)


def test_a_figure_that_says_something_of_an_unknown_would_be_seen_in_it() -> None:
    table = known_world(np.array([0.3, 0.6, 0.8]))
    told = replace(table, figures=table.figures + table.places[:, [3]])  # as much as of its own unknown
    found = posterior(told)
    assert stats.kstest(told.places[found.kept, 3], "uniform").pvalue < FALSE_ALARM


@pytest.mark.slow
def test_ranges_hold_the_truth_as_often_as_they_say() -> None:
    shares = coverage(known_world(np.array([0.4, 0.5, 0.6])))
    low, high = (stats.binom.ppf(level, CHECKED, 0.8) / CHECKED for level in (FALSE_ALARM / 16, 1 - FALSE_ALARM / 16))
    assert all(low <= shares[each.name] <= high for each in UNKNOWNS if not each.names)


@pytest.mark.slow
def test_ranges_that_are_too_narrow_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.analysis.calibration.RANGE", (0.35, 0.5, 0.65))
    shares = coverage(known_world(np.array([0.4, 0.5, 0.6])))
    assert (
        min(shares[each.name] for each in UNKNOWNS if not each.names)
        < stats.binom.ppf(FALSE_ALARM / 16, CHECKED, 0.8) / CHECKED
    )


def test_a_figure_that_some_runs_have_not_takes_the_place_of_no_other() -> None:
    table = known_world(np.array([0.3, 0.6, 0.8]))
    holes = table.figures.copy()
    holes[::10, 0] = np.nan
    found = posterior(replace(table, figures=holes))
    assert np.median(found.places[:, 1]) == pytest.approx(0.6, abs=4 * NOISE)


def known_policy(truth: int, says: float) -> Table:
    """Figures of which the first says the order of the plan, as surely as it is told to."""
    table = known_world(np.array([0.3, 0.6, 0.8]))
    place = [each.name for each in UNKNOWNS].index("order")
    level = UNKNOWNS[place].smooth(table.places[:, place])
    figures, observed = table.figures.copy(), table.observed.copy()
    figures[:, 0] = says * (level == truth) + NOISE * np.random.default_rng(3).standard_normal(RUNS)
    observed[0] = says
    return replace(table, figures=figures, observed=observed)


@pytest.mark.parametrize("truth", [0, 1, 2])
def test_a_policy_that_the_figures_say_is_found_and_one_that_they_do_not_say_stays_as_likely(truth: int) -> None:
    told, untold = (posterior(known_policy(truth, says)).shares() for says in (1.0, 0.0))
    assert list(told["order"].values())[truth] > 0.9
    assert all(abs(share - 1 / 3) < 0.2 for share in untold["order"].values())
    assert all(sum(shares.values()) == pytest.approx(1) for shares in told.values())


@pytest.mark.slow
def test_the_true_policy_is_given_a_high_probability_where_figures_say_it_and_that_of_chance_where_not() -> None:
    assert coverage(known_policy(1, 1.0))["order"] > 0.6  # it tells one order from the other two
    assert coverage(known_policy(1, 0.0))["order"] == pytest.approx(1 / 3, abs=0.1)


def test_a_policy_is_written_by_its_name_and_read_again() -> None:
    order = next(each for each in UNKNOWNS if each.name == "order")
    assert order.told([2.0, 0.0]) == ["lowest_first", "due_date"]
    assert order.read(["lowest_first", "due_date"]).tolist() == [2.0, 0.0]
    assert [order.sets_to(value)["planning.order"] for value in (0.0, 1.0, 2.0)] == list(order.names)


def test_the_programme_to_a_day_has_what_had_begun_by_it_and_nothing_later() -> None:
    history = shipped_history()
    begun = {str(day): set(base_scenario(history, day).shocks) for day in (date(2020, 1, 1), date(2022, 4, 1))}
    assert begun["2020-01-01"] == {"election_2019", "reorganisation_2019"}
    later = {"pause_of_inspections", "pause_of_monitoring", "people_lent", "reorganisation_2021"}
    assert begun["2022-04-01"] == begun["2020-01-01"] | later


@pytest.mark.parametrize("unknown", UNKNOWNS, ids=[each.name for each in UNKNOWNS])
def test_every_unknown_changes_the_programme(unknown: Unknown) -> None:
    base = load("sif_launch", {"framework": list(TIMETABLE)})
    low, high = base.with_changes(unknown.sets(0.01)), base.with_changes(unknown.sets(0.99))
    assert low.digest != high.digest


@pytest.mark.parametrize("unknown", UNKNOWNS, ids=[each.name for each in UNKNOWNS])
def test_every_value_of_an_unknown_is_as_likely(unknown: Unknown) -> None:
    places = (np.arange(5040) + 0.5) / 5040
    values = [unknown.value(float(place)) for place in places]
    assert min(values) == pytest.approx(unknown.values[0], abs=0.01)
    assert max(values) == pytest.approx(unknown.values[-1], abs=0.01)
    if unknown.count:
        counts = np.unique(values, return_counts=True)[1]
        assert counts.max() - counts.min() <= 1
    assert np.abs(unknown.smooth(places) - values).max() <= (1 if unknown.whole else 13 if unknown.count else 1e-9)


def test_days_of_levels_are_those_that_their_changes_make() -> None:
    base = load("ilacs_launch")
    for unknown, kind in (
        ("days_of_standard_and_short", "standard"),
        ("days_of_single_inspections", "single_inspection"),
    ):
        scenario = load("sif_launch") if kind == "single_inspection" else base
        framework = scenario.framework[0]
        each = next(one for one in UNKNOWNS if one.name == unknown)
        for place, days in zip((0.1, 0.5, 0.9), each.values, strict=True):
            changes = {key: to for key, to in each.sets(place).items() if key.split(".")[1] in scenario.frameworks}
            rules = scenario.with_changes(changes).frameworks[framework].visits[kind]
            assert rules.inspector_days("medium") == days


def test_what_ships_was_drawn_as_often_as_a_fit_and_of_every_unknown() -> None:
    for day in known_tables():
        draws, source = known_on(day)
        assert list(draws) == [each.name for each in UNKNOWNS if each.name in draws] and str(day) in source
        assert {"people", "programme_share", "most_inspections", "backlog_months"} <= set(draws)
        assert {len(values) for values in draws.values()} == {DRAWS}


def test_before_anything_was_done_the_prior_is_taken() -> None:
    base = load("sif_launch")
    draws, source = known_on(base.start)
    assert source == "the prior"
    assert np.quantile(draws["people"], (0.1, 0.9)) == pytest.approx([51.8, 86.2], abs=0.5)


def test_each_run_of_a_forecast_has_a_draw_of_all_that_was_inferred_together() -> None:
    base = load("sif_launch")
    changes = changes_known_on(base.start, base)
    people = [each["workforce.roles.social_care_hmi.people"] for each in changes]
    assert len(changes) == DRAWS and len(set(people)) > 30
    draws, _ = known_on(base.start)
    assert people == [round(value) for value in draws["people"]]
    for each in changes[:5]:
        base.with_changes(each)


def test_what_else_is_not_known_at_the_launch_is_drawn_too() -> None:
    base = load("launch_as_known")
    keys = {key for each in unknowns_of("launch_as_known") for place in (0.1, 0.9) for key in each.sets(place)}
    assert keys and keys <= {key for each in changes_known_on(base.start, base) for key in each}
    assert unknowns_of("ilacs_launch") == ()


def test_the_scenarios_that_ship_take_what_the_calibration_says() -> None:
    draws, _ = known_on(calibration_study.BEFORE)
    then, _ = known_on(date(2018, 1, 31))
    rests_on = {"ilacs_launch": draws, "sif_kept": draws, "sif_launch": then, "launch_as_known": then}
    for name, draws in rests_on.items():
        scenario = load(name)
        share = scenario.workforce.roles["social_care_hmi"].programme_share
        assert share == pytest.approx(np.median(deployable_share(scenario, draws)), abs=6e-4)
    as_known, launch, pandemic = load("launch_as_known"), load("ilacs_launch"), load("pandemic")
    draws = rests_on["ilacs_launch"]
    for name in ("most_inspections", "most_inspections_after_pause", "after_pause_months"):
        assert getattr(as_known.planning, name) == round(np.median(then[name]))
    assert launch.planning.most_inspections == round(np.median(draws["most_inspections"]))
    for scenario, known in ((as_known, then), (launch, draws)):
        assert scenario.planning.backlog_months == round(np.median(known["transition_months"]))
    for name in ("most_inspections_after_pause", "after_pause_months"):
        assert getattr(pandemic.planning, name) == round(np.median(draws[name]))
    assert (launch.planning.programme, launch.planning.order) == ("inferred", "inferred")


@pytest.mark.parametrize("name", ["ilacs_launch", "position_2022"])
def test_draws_that_ship_hold_those_of_the_calibration_together(name: str) -> None:
    """A run takes people's time and the plan of one draw, since a better plan takes less time for the same work."""
    draws, _ = known_on(calibration_study.BEFORE)
    launch, shipped = load("ilacs_launch"), load(name).draws or {}
    for column, values in of_people_and_plan(launch, draws).items():
        told = shipped[str(column)]
        if column in POLICIES:
            assert [POLICIES[str(column)][round(each) - 1] for each in told] == list(values)
        else:
            assert told == pytest.approx(values, rel=1e-5)


def test_no_policy_is_likelier_but_by_chance_than_the_one_that_stands_in_where_draws_say_nothing() -> None:
    draws = load("ilacs_launch").draws or {}
    for column in POLICIES:
        counts = np.bincount(np.array(draws[column], dtype=int))[1:]
        assert counts.max() - counts[0] < 3 * np.sqrt(DRAWS), f"{column}: {counts}"


def test_people_share_and_days_give_one_number_of_full_time_equivalents() -> None:
    base = load("ilacs_launch")
    people = base.workforce.roles["social_care_hmi"].people
    draws = {"programme_share": np.array([0.4, 0.4]), "people": np.array([people, 2.0 * people])}
    draws |= {
        "days_of_standard_and_short": np.array([58.0, 58.0]),
        "days_of_single_inspections": np.array([80.0, 80.0]),
    }
    assert deployable_share(base, draws) == pytest.approx([0.4, 0.8])


def test_the_answer_says_what_history_hardly_informs_and_what_it_cannot_tell_apart() -> None:
    table = known_world(np.array([0.3, 0.6, 0.8]))
    table = replace(table, figures=table.figures.copy(), observed=table.observed.copy())
    table.figures[:, 0] = table.places[:, 0] + table.places[:, 1] + NOISE * np.random.default_rng(8).random(RUNS)
    table.figures[:, 1] = table.figures[:, 0]
    table.observed[:2] = 1.0 + NOISE / 2
    text = calibration_answer.answer(posterior(table), {"people": 0.8}).text()
    assert "cannot separate: social care HMI in post and share of their time" in text
    assert text.count("(*)") > 3


# ---------------------------------------------------------------- through the model, in miniature

FEWER_RUNS = 200
TWO_REGIONS = ("London", "South East")
FIRST_UNKNOWN, LAST_KNOWN = date(2016, 4, 1), date(2016, 3, 31)


@pytest.fixture(scope="module")
def small_world() -> Scenario:
    """Two years and a half of the programme in two regions, whose people stay what the prior makes of them."""
    base = base_scenario(shipped_history(), FIRST_UNKNOWN)
    return base.model_copy(update={"authorities": tuple(row for row in base.authorities if row.region in TWO_REGIONS)})


@pytest.fixture(scope="module")
def small_table(small_world: Scenario) -> Table:
    span = Span(small_world.start, LAST_KNOWN)
    return run_table(small_world, shipped_history(), span, UNKNOWNS, FEWER_RUNS)


@pytest.mark.slow
def test_the_programme_of_a_long_plan_is_told_from_that_of_a_short_one(
    small_world: Scenario, small_table: Table
) -> None:
    """Of worlds whose truth is known, run by the model itself."""
    place = [each.name for each in UNKNOWNS].index("backlog_months")
    span = Span(small_world.start, LAST_KNOWN)
    middle = {}
    for truth in (0.1, 0.9):
        point = np.full(len(UNKNOWNS), 0.5)
        point[place] = truth
        point[-2:] = 0.1  # weeks drawn, by due dates
        found = _run(small_world, span, UNKNOWNS, (FEWER_RUNS, point))[1]
        observed = np.array([found.get(name, np.nan) for name in small_table.names])
        middle[truth] = np.quantile(posterior(replace(small_table, observed=observed)).places[:, place], (0.25, 0.75))
    assert middle[0.1][1] < middle[0.9][0]


@pytest.mark.slow
def test_a_calibration_is_kept_whole_and_shown_again(
    small_world: Scenario,
    small_table: Table,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    asked = ["calibrate", "--before", str(FIRST_UNKNOWN), "--runs", str(FEWER_RUNS), "--out", str(out)]
    monkeypatch.setattr(calibration_study, "base_scenario", lambda *_: small_world)
    monkeypatch.setattr(calibration_study, "run_table", lambda *_, **__: small_table)
    assert main(asked) == 0
    assert (out / "answer.txt").read_text(encoding="utf-8") in capsys.readouterr().out
    assert {path.name for path in out.iterdir()} == calibration_study.FILES | EVERY_STUDY

    draws = pd.read_csv(out / "draws.csv")
    found = posterior(small_table, seed=1)
    assert list(draws) == [each.name for each in UNKNOWNS]
    for each in UNKNOWNS:
        assert each.read(draws[each.name].astype(str)) == pytest.approx(found.values(each.name), rel=1e-5)

    kept = pd.read_parquet(out / "runs.parquet")
    span = Span(small_world.start, LAST_KNOWN)
    again = _run(small_world, span, UNKNOWNS, (7, small_table.places[7]))[1]
    for name in small_table.names:
        assert kept[" ".join(name)][7] == pytest.approx(again.get(name, np.nan), nan_ok=True)
    for number, each in enumerate(UNKNOWNS):
        assert [kept[each.name][7]] == each.told([each.value(float(small_table.places[7, number]))])

    monkeypatch.setattr(calibration_study, "run_table", None)
    assert main(asked) == 0
    assert "Already there, nothing run" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--before", "2014-01-01"], "give a day from 2015-04-01 to 2022-04-01"),
        (["--before", "soon"], "found 'soon'; give a date"),
        (["--runs", "10"], "must be 200 or more"),
    ],
)
def test_a_calibration_that_cannot_be_is_refused(
    flags: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["calibrate", *flags, "--out", str(out)]) == 2
    assert words in capsys.readouterr().err and not out.exists()
