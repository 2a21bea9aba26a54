"""Forecasts from several origins: each knows its day and nothing later, and together they say what they say apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import charts
from sim.analysis.backtest import blind
from sim.analysis.inferred_workforce import BEGAN, changes_known_on
from sim.analysis.origins import LIKE, ORIGINS, scenario_on
from sim.analysis.pooled import BEGUN, BINS, Pooled
from sim.analysis.programme_figures import Figure, Span
from sim.analysis.scored_forecast import OURS, RIVALS, BackTest, Point
from sim.base.calendar import bank_holidays
from sim.base.faults import InputError
from sim.cli.main import main
from sim.inputs.grades import JUDGEMENTS
from sim.inputs.history import History, shipped_history
from sim.inputs.scenario import Scenario, load
from sim.inputs.shocks import reorganisations
from sim.studies import pooled_answer, pooled_study
from sim.studies.keeper import EVERY_STUDY

HISTORY = shipped_history()
LAST_YEAR, CYCLE = RIVALS


@pytest.fixture(scope="module", params=ORIGINS, ids=str)
def origin(request: pytest.FixtureRequest) -> Scenario:
    return scenario_on(request.param, HISTORY)


def test_what_was_published_later_changes_nothing_of_an_origin(origin: Scenario) -> None:
    year = timedelta(days=364)
    otherwise = History.of(
        one if one.published < origin.start else replace(one, judgement="outstanding", published=one.published + year)
        for one in HISTORY.inspections
    )
    assert scenario_on(origin.start, otherwise).digest == origin.digest


def test_what_was_published_the_day_before_would_change_it() -> None:
    day = ORIGINS[0]
    first = HISTORY.known_on(day).inspections[0]
    judgement = next(
        each for each in JUDGEMENTS if each != HISTORY.known_on(day).of_authority[first.authority][-1].judgement
    )
    as_it_was = scenario_on(day, HISTORY)
    for published, known in ((day - timedelta(days=1), True), (day, False)):
        planted = replace(
            first, inspected_on=day - timedelta(days=9), published=published, judgement=judgement, began=None
        )
        found = scenario_on(day, History.of([*HISTORY.inspections, planted]))
        changed = {
            row.authority
            for row, before in zip(found.authorities, as_it_was.authorities, strict=True)
            if row.judgement != before.judgement
        }
        assert changed == ({first.authority} if known else set())


def test_a_day_after_a_reorganisation_is_no_origin() -> None:
    with pytest.raises(InputError, match=r"origins: found 2019-06-01; authorities were reorganised on 2019-04-01"):
        scenario_on(date(2019, 6, 1), HISTORY)
    with pytest.raises(InputError, match="give at least one day"):
        pooled_study.answer("never", origins=())


def test_every_authority_has_the_judgement_that_was_published_last_or_none(origin: Scenario) -> None:
    known = HISTORY.known_on(origin.start).of_authority
    for row in origin.authorities:
        if row.authority in known:
            assert row.judgement == known[row.authority][-1].judgement
            assert not origin.position.stands_in(row.authority)
        else:
            assert row.note or origin.position.stands_in(row.authority)
        assert row.inspected_on <= origin.start


def test_who_is_being_inspected_is_not_due_again(origin: Scenario) -> None:
    day = origin.start
    under_way = {one.authority for one in HISTORY.inspections if one.began and one.began < day <= one.published}
    rows = {row.authority: row for row in origin.authorities}
    assert under_way and all(day - rows[name].inspected_on < timedelta(days=150) for name in under_way)


def test_the_newest_calibration_that_looked_at_nothing_later_is_taken(origin: Scenario) -> None:
    known = blind(origin, HISTORY, LIKE).known
    day = known.rsplit(" before ", 1)[1] if "what was done before" in known else "2013-11-01"
    assert date.fromisoformat(day) <= origin.start


def test_no_reorganisation_of_before_an_origin_comes_again(origin: Scenario) -> None:
    assert all(shock.begins_on > origin.start for _, shock in reorganisations(origin.shocks))


@pytest.mark.parametrize(
    ("day", "launch"),
    [
        ("2013-11-01", "2013-11-01"),
        ("2018-01-30", "2013-11-01"),
        ("2018-01-31", "2018-01-31"),
        ("2019-04-01", "2018-01-31"),
    ],
)
def test_the_months_of_a_backlog_count_from_the_last_launch(day: str, launch: str) -> None:
    found = changes_known_on(date.fromisoformat(day), load("sif_launch"))
    assert {change[BEGAN] for change in found} == {date.fromisoformat(launch)}


def test_no_number_of_the_position_of_march_2022_rests_on_what_was_counted_later() -> None:
    notes = load("position_2022").notes
    late = ("2018 on", "since 2021", "128 short", "193 standard", "2023", "2024", "2025", "2026")
    assert {key for key, note in notes.items() if any(word in note.source for word in late)} == set()


def test_what_the_position_of_march_2022_says_it_has_counted_is_in_the_table_of_inspections() -> None:
    position = load("position_2022")
    new = [one for one in HISTORY.inspections if one.kind in ("short", "standard") and one.began]
    assert len(new) == 134 and all(one.began < position.start for one in new if one.began)
    on_site = {
        (one.began + timedelta(days=day)).isocalendar().week
        for one in new
        if one.began
        for day in range((one.inspected_on - one.began).days + 1)
        if (one.began + timedelta(days=day)).weekday() < 5
    }
    assert sorted(set(range(1, 54)) - on_site) == list(position.calendar.closed_weeks)
    since = [one for one in new if one.began and one.began.year >= 2021 and one.published < position.start]
    lags = [np.busday_count(one.inspected_on, one.published, holidays=sorted(bank_holidays())) for one in since]
    rules = position.frameworks["ilacs_2018"].visits["standard"].publication
    assert len(since) == 20 and rules is not None
    assert (np.median(lags), np.quantile(lags, 0.9)) == pytest.approx((rules.median_days, rules.p90_days), abs=1)
    assert position.position.published_after_days == np.median(lags)


# ---------------------------------------------------------------- taken together


def point(ours: float, rival: float, reached: tuple[float, float] = (0.4, 0.5), year: str = "2018-19") -> Point:
    figure = Figure("inspections_started", "all", year)
    return Point(figure, 50.0, (40, 45, 50, 55, 60), {OURS: ours, LAST_YEAR: rival}, False, reached)


def pooled(*origins: tuple[Point, ...]) -> Pooled:
    scenario = load("launch_as_known")
    span = Span(scenario.start, date(2019, 3, 31))
    return Pooled(tuple(BackTest(scenario, span, "what was known", points, 10) for points in origins))


def test_the_score_over_a_rival_is_that_of_all_figures_together() -> None:
    told = pooled((point(1, 10), point(3, 10)), (point(5, 10),)).against(LAST_YEAR, "inspections_started")
    assert told is not None
    assert (told.ours, told.rivals, told.ratio) == pytest.approx((3.0, 10.0, 0.3))
    assert (told.low, told.high) == pytest.approx((0.2, 0.5))  # the one origin alone, and the other


def test_the_range_is_over_every_resample_with_its_probability() -> None:
    ours, theirs = np.array([1.0, 2.0, 9.0, 4.0]), np.array([10.0, 30.0, 10.0, 20.0])
    told = pooled(*[(point(*each),) for each in zip(ours, theirs, strict=True)]).against(LAST_YEAR, BEGUN)
    ordered = np.array(list(product(range(4), repeat=4)))  # each as likely as any other
    ratios = ours[ordered].sum(axis=1) / theirs[ordered].sum(axis=1)
    low, high = np.quantile(ratios, (0.025, 0.975), method="inverted_cdf")
    assert told is not None and (told.low, told.high) == pytest.approx((low, high))


def test_origins_that_say_the_same_leave_no_doubt() -> None:
    told = pooled(*[(point(2, 10),)] * 3).against(LAST_YEAR, "inspections_started")
    assert told is not None and (told.low, told.high) == pytest.approx((0.2, 0.2))
    assert pooled((point(2, 10),)).against(CYCLE, "inspections_started") is None


@settings(max_examples=30, deadline=None, database=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=9))
def test_every_figure_counts_once_in_the_histogram(places: list[tuple[float, float]]) -> None:
    found = pooled(tuple(point(1, 1, (min(each), max(each))) for each in places)).histogram()
    assert len(found) == BINS and found.min() >= 0
    assert found.sum() == pytest.approx(1)


def test_what_lies_below_all_runs_is_in_the_first_tenth_and_above_all_in_the_last() -> None:
    assert pooled((point(1, 1, (0.0, 0.0)),)).histogram() == pytest.approx(np.eye(BINS)[0])
    assert pooled((point(1, 1, (1.0, 1.0)),)).histogram() == pytest.approx(np.eye(BINS)[-1])


def test_what_ties_with_runs_is_spread_over_their_share() -> None:
    assert pooled((point(1, 1, (0.0, 1.0)),)).histogram() == pytest.approx(np.full(BINS, 0.1))
    assert pooled((point(1, 1, (0.2, 0.4)),)).histogram()[2:4] == pytest.approx([0.5, 0.5])


def test_the_answer_says_what_lies_inside_and_the_score_over_each_rival() -> None:
    text = pooled_answer.answer(pooled((point(2, 10), point(2, 10, year="2019-20")))).text()
    assert "2 of 2 figures for inspections begun (100%) lie inside" in " ".join(text.split())
    assert "0.20 (0.20 to 0.20)" in text


def test_the_picture_says_what_lies_inside() -> None:
    axes = charts.places_in_forecast(pooled((point(2, 10),)))
    assert "1 of 1 counts of inspections" in charts.alternative(axes)


# ---------------------------------------------------------------- kept in a folder


@pytest.mark.slow
def test_back_tests_from_origins_are_kept_whole_and_shown_again(tmp_path: Path) -> None:
    out = tmp_path / "out"
    kept = pooled_study.answer(out, runs=10, origins=ORIGINS[-1:])
    assert {path.name for path in out.iterdir()} == pooled_study.FILES | EVERY_STUDY
    assert "Forecasts from 2019-04-01" in kept.text
    rows = pd.read_csv(out / pooled_study.POINTS).query("not settled")
    places = zip(rows["reached_low"], rows["reached_high"], strict=True)
    again = pooled(tuple(point(1, 1, place) for place in places)).histogram()
    shown = (out / "places.txt").read_text().partition("Every measure, share of figures in each tenth: ")[2]
    assert shown.partition(".")[0] == ", ".join(f"{100 * each:.0f}%" for each in again)
    assert pooled_study.answer(out, runs=10, origins=ORIGINS[-1:]).repeated


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["launch_as_known", "--until", "2020-03-31"], ("SCENARIO: found", "--until")),
        (["--replications", "5", "--set", "a=b", "--jobs", "0"], ("must be 10 or more", "--set", "--jobs")),
    ],
)
def test_origins_take_no_scenario_and_enough_runs(
    flags: list[str], words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["backtest", "--origins", *flags, "--out", str(out)]) == 2
    said = capsys.readouterr().err
    assert all(each in said for each in words) and not out.exists()
