"""History forecast blind: nothing after the origin is looked at, scores are what they say, rivals are fair."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from sim import charts
from sim.analysis.backtest import as_it_ships, blind, compared, forecast, held_against
from sim.analysis.programme_figures import Figure, Span, figures, of_history, of_record
from sim.analysis.rivals import fixed_cycle, last_year_again
from sim.analysis.scored_forecast import OURS, RIVALS, Point
from sim.base.package_data import table
from sim.cli.main import main
from sim.inputs.history import History, Inspection, shipped_history
from sim.inputs.scenario import Scenario, load
from sim.runs.model import Model
from sim.statistics.scores import fair_crps
from sim.studies import backtest_answer, backtest_study
from sim.studies.keeper import EVERY_STUDY
from sim.world.context import ScenarioContext

HISTORY = shipped_history()
LAUNCH = load("launch_as_known")
ALL_2018 = Figure("inspections_started", "all", "2018-19")


def changed_after(history: History, day: date) -> History:
    """The same history, but with everything published from a day on judged outstanding, and a year later."""
    year = timedelta(days=364)
    rows = [
        one
        if one.published < day
        else replace(one, judgement="outstanding", published=one.published + year, inspected_on=one.inspected_on + year)
        for one in history.inspections
    ]
    return History.of(rows)


def test_a_blind_forecast_does_not_see_what_was_published_after_its_origin() -> None:
    seen, unseen = (blind(LAUNCH, history).scenario for history in (HISTORY, changed_after(HISTORY, LAUNCH.start)))
    assert seen.digest == unseen.digest


@pytest.mark.slow
def test_a_forecast_that_looked_a_year_ahead_would_be_caught() -> None:
    ahead = LAUNCH.start + timedelta(days=365)
    looked = [
        replace(one, published=min(one.published, LAUNCH.start - timedelta(days=1))) if one.published < ahead else one
        for one in HISTORY.inspections
    ]
    assert blind(LAUNCH, History.of(looked)).scenario.digest != blind(LAUNCH, HISTORY).scenario.digest


def test_no_number_of_a_blind_forecast_rests_on_what_was_counted_later() -> None:
    told = blind(LAUNCH, HISTORY)
    scenario = told.scenario
    assert "people and plan on what was done before 2018-01-31" in told.known
    late = ("2018-20", "2018 on", "since 2021", "2019-20", "2022", "autumn 2019")
    looked = {key for key, note in scenario.notes.items() if any(word in note.source for word in late)}
    came = {key for key in looked if key.startswith(("shocks.", "costs."))}  # as it came; and of the past none costs
    unused = {key for key in looked if key.endswith("longer.inspection")}  # its share is nought
    assert looked == came | unused


def test_with_nothing_published_before_it_a_forecast_rests_on_the_prior() -> None:
    told = blind(load("sif_launch"), HISTORY)
    assert told.known.endswith("people and plan on the prior")
    assert told.scenario.notes["ratings.drift.good.outstanding"].source.startswith("fitted to the prior")


# ---------------------------------------------------------------- points and scores


@settings(max_examples=40, deadline=None, database=None)
@given(st.lists(st.floats(-5, 5), min_size=1, max_size=12), st.floats(-6, 6))
def test_the_score_is_the_integral_of_the_squared_distance_of_the_distributions_but_for_the_number_of_runs(
    sample: list[float], seen: float
) -> None:
    values = np.sort(sample)

    def squared(at: float) -> float:
        return float((np.mean(values <= at) - (seen <= at)) ** 2)

    ends = [-7.0, *sorted({*sample, seen}), 7.0]
    whole = sum(quad(squared, a, b)[0] for a, b in pairwise(ends) if b - a > 1e-9)
    pairs = [abs(one - other) for one in sample for other in sample]
    as_of_endless_runs = float(np.mean(pairs)) / 2 / max(1, len(sample) - 1)
    assert fair_crps(sample, seen) == pytest.approx(whole - as_of_endless_runs, abs=1e-6)


@settings(max_examples=40, deadline=None, database=None)
@given(st.lists(st.floats(-5, 5), min_size=2, max_size=7), st.floats(-6, 6))
def test_the_score_of_few_runs_is_on_average_that_of_many(sample: list[float], seen: float) -> None:
    for few in range(2, len(sample) + 1):
        scores = [fair_crps(part, seen) for part in combinations(sample, few)]
        assert float(np.mean(scores)) == pytest.approx(fair_crps(sample, seen), abs=1e-9)


@settings(max_examples=40, deadline=None, database=None)
@given(st.lists(st.floats(-5, 5), min_size=2, max_size=30), st.floats(-6, 6))
def test_the_score_is_the_fair_one_of_another_library(sample: list[float], seen: float) -> None:
    oracle = pytest.importorskip("scoringrules", reason="an extra of development")
    theirs = oracle.crps_ensemble(seen, np.array(sample), estimator="fair")
    assert fair_crps(sample, seen) == pytest.approx(float(theirs), abs=1e-9)


def test_the_score_of_one_value_is_its_distance() -> None:
    assert fair_crps([3.0], 5.0) == 2.0


def of_runs(*values: float) -> list[dict[Figure, float]]:
    return [{ALL_2018: value} for value in values]


def span_of_2018() -> Span:
    return Span(date(2018, 4, 1), date(2019, 3, 31))


def test_a_point_lies_inside_when_it_is_no_further_out_than_the_quantiles() -> None:
    span = span_of_2018()
    observed = 50.0
    for runs, half, eighty in (
        (range(41, 60), True, True),
        (range(50, 60), False, True),
        (range(30, 50), False, False),
    ):
        found = held_against(as_it_ships(LAUNCH), HISTORY, span, of_runs(*runs))
        (point,) = found.points
        assert (point.observed, point.in_half, point.in_eighty) == (observed, half, eighty)
        assert not point.settled


def test_what_every_run_knows_is_not_counted_and_what_every_run_has_wrong_is() -> None:
    right, wrong = (
        held_against(as_it_ships(LAUNCH), HISTORY, span_of_2018(), of_runs(value, value)) for value in (50.0, 51.0)
    )
    assert right.counted == [] and len(wrong.counted) == 1 and not wrong.counted[0].in_eighty


def test_a_kind_that_is_all_there_is_counts_once() -> None:
    kind = Figure("inspections_started", "single_inspection", "2014-15")
    everything = kind._replace(of="all")
    runs = [{kind: number, everything: number} for number in (30.0, 40.0)]
    found = held_against(as_it_ships(load("sif_launch")), HISTORY, Span(date(2014, 4, 1), date(2015, 3, 31)), runs)
    assert [point.figure for point in found.points] == [everything]


def test_the_overall_score_weighs_every_measure_alike() -> None:
    def point(measure: str, ours: float, rival: float) -> Point:
        scores = {OURS: ours, RIVALS[0]: rival}
        return Point(Figure(measure, "all", "2018-19"), 1.0, (0, 0, 0, 0, 0), scores, False)

    found = held_against(as_it_ships(LAUNCH), HISTORY, span_of_2018(), of_runs(1.0, 2.0))
    found = replace(found, points=(point("inspections_started", 10, 30), point("judgement_mix", 0.03, 0.01)))
    assert found.overall() == pytest.approx({OURS: 1.0, RIVALS[0]: 1.0})


# ---------------------------------------------------------------- rivals


def small(**changes: object) -> Scenario:
    return load("ilacs_launch", {"start": date(2018, 4, 1), "years": 4, "framework": ["ilacs_2018"], **changes})


def quiet_history(*days: str) -> History:
    rows = [
        Inspection(
            "London 01", "good", monday + timedelta(days=4), monday + timedelta(days=40), "short", monday, "London"
        )
        for monday in map(date.fromisoformat, days)
    ]
    return History.of(rows)


def test_last_year_again_is_last_year_in_every_year() -> None:
    history = quiet_history("2017-06-05", "2016-06-06", "2018-06-04")
    found = last_year_again(small(), history, Span(date(2018, 4, 1), date(2021, 3, 31)))
    started = {name.period: value for name, value in found.items() if name[:2] == ("inspections_started", "all")}
    assert started == {"2018-19": 1, "2019-20": 1, "2020-21": 1}
    assert found[Figure("regional_share", "London", "2018-04-01 to 2021-03-31")] == 1


def test_last_year_again_has_each_inspection_that_had_begun_once_a_year_and_no_later_judgement_of_it() -> None:
    done = quiet_history("2018-03-05", "2017-03-27")  # published after the start; and begun before the year it repeats
    span = Span(date(2018, 4, 1), date(2021, 3, 31))
    found = last_year_again(small(), done, span)
    assert [found[Figure("inspections_started", "all", year)] for year in span.years] == [1, 1, 1]
    inadequate = History.of(replace(one, judgement="inadequate") for one in done.inspections)
    assert last_year_again(small(), inadequate, span) == found


def test_last_year_again_keeps_judgements_as_they_are() -> None:
    scenario = small()
    found = last_year_again(scenario, quiet_history("2017-06-05"), Span(date(2018, 4, 1), date(2021, 3, 31)))
    good = sum(row.judgement == "good" for row in scenario.authorities) / len(scenario.authorities)
    for year in (2019, 2020, 2021):
        assert found[Figure("judgement_mix", "good", f"{year}-03-31")] == pytest.approx(good)


def test_with_no_year_before_it_last_year_again_has_nothing_to_say() -> None:
    assert last_year_again(small(), quiet_history("2018-06-04"), span_of_2018()) == {}


def test_the_fixed_cycle_sees_every_authority_once_in_three_years() -> None:
    scenario = small()
    span = Span(date(2018, 4, 1), date(2021, 3, 31))
    found = fixed_cycle(scenario, HISTORY, span)
    started = [found[Figure("inspections_started", "all", year)] for year in span.years]
    assert sum(started) == pytest.approx(len(scenario.authorities), abs=2)  # one near an end may fall over it
    overdue = sum(row.inspected_on < date(2015, 4, 1) for row in scenario.authorities)
    assert found[Figure("most_on_site", "all", "2018-19")] >= overdue


def test_the_fixed_cycle_waits_for_the_end_of_a_pause() -> None:
    scenario = load("pandemic", {"years": 4})
    found = fixed_cycle(scenario, HISTORY, Span(scenario.start, date(2022, 1, 30)))
    assert found[Figure("inspections_started", "all", "2020-21")] == 0


# ---------------------------------------------------------------- the command


@pytest.fixture(scope="module")
def never_seen(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A position, and a table of inspections of later years, that the package does not hold."""
    folder = tmp_path_factory.mktemp("mine")
    rows = ["authority,region,judgement,inspected_on"]
    done = ["authority,region,kind,fieldwork_start,inspected_on,published,judgement"]
    for number in range(12):
        region = ("London", "South West")[number % 2]
        rows.append(f"Mine {number},{region},good,{2020 + number % 3}-05-{number + 8:02d}")
        monday = date(2023, 4, 17) + timedelta(weeks=5 * number)
        days = [monday, monday + timedelta(days=4), monday + timedelta(days=40)]
        done.append(f"Mine {number},{region},short,{','.join(map(str, days))},good")
    (folder / "mine.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "done.csv").write_text("\n".join(done) + "\n", encoding="utf-8")
    text = 'extends = "position_2022"\nstart = 2023-04-01\nyears = 2\nauthorities = "mine.csv"\n'
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    return folder / "mine.toml", folder / "done.csv"


def flags(never_seen: tuple[Path, Path], out: Path, *more: str) -> list[str]:
    scenario, done = never_seen
    asked = ["backtest", str(scenario), "--history", "inspections_2013_2022.csv", "--history", str(done)]
    return [*asked, "--replications", "12", "--jobs", "1", "--out", str(out), *more]


@pytest.fixture(scope="module")
def kept(never_seen: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    out = tmp_path_factory.mktemp("kept") / "mine"
    assert main(flags(never_seen, out)) == 0
    yield out


@pytest.mark.slow
def test_a_position_and_a_table_never_seen_are_forecast_and_scored(kept: Path) -> None:
    points = pd.read_csv(kept / "points.csv")
    started = points[(points["measure"] == "inspections_started") & (points["of"] == "all")]
    text = (kept / "answer.txt").read_text(encoding="utf-8")
    assert list(started["observed"]) == [10, 2]
    assert "CRPS" in text and "lie inside the forecast's range" in text
    assert {path.name for path in kept.iterdir()} == backtest_study.FILES | EVERY_STUDY


def test_every_figure_of_every_run_is_kept(kept: Path) -> None:
    runs, points = pd.read_parquet(kept / "runs.parquet"), pd.read_csv(kept / "points.csv")
    assert set(runs["replication"]) == set(range(12))
    for row in points.to_dict("records"):
        same = (runs["measure"] == row["measure"]) & (runs["of"] == row["of"]) & (runs["period"] == row["period"])
        values = runs.loc[same, "value"].to_numpy()
        assert row["p50"] == pytest.approx(np.quantile(values, 0.5, method="inverted_cdf"), rel=1e-5)
        assert row["crps_forecast"] == pytest.approx(fair_crps(values, row["observed"]), rel=1e-4, abs=1e-9)


def test_asked_again_it_is_shown_again_and_not_run(
    kept: Path, never_seen: tuple[Path, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backtest_study, "forecast", None)
    assert main(flags(never_seen, kept)) == 0
    shown = capsys.readouterr().out
    assert "Already there, nothing run" in shown and (kept / "answer.txt").read_text(encoding="utf-8") in shown


def test_another_back_test_is_refused_there(
    kept: Path, never_seen: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    before = (kept / "manifest.json").read_bytes()
    assert main(flags(never_seen, kept, "--until", "2024-03-31")) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert main(flags(never_seen, kept, "--set", "planning.backlog_months=20")) == 2
    told = capsys.readouterr().err
    assert "planning.backlog_months" in told and "ratings" not in told  # what was fitted is no difference of the two
    assert (kept / "manifest.json").read_bytes() == before


@pytest.mark.slow
def test_any_number_of_processes_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.analysis.backtest.BATCH", 2)
    told, span = blind(LAUNCH, HISTORY), compared(LAUNCH, HISTORY)
    backwards = forecast(told, span, 4, executor=lambda task, inputs: iter([task(each) for each in list(inputs)[::-1]]))
    assert backwards == forecast(told, span, 4)


def test_what_is_compared_ends_with_the_month_of_the_last_inspection() -> None:
    assert compared(LAUNCH, HISTORY).last == date(2022, 3, 31)
    assert compared(LAUNCH, HISTORY, date(2020, 3, 31)).last == date(2020, 3, 31)
    assert compared(load("sif_launch"), HISTORY).last == date(2017, 10, 31)


COLUMNS = "authority,region,kind,fieldwork_start,inspected_on,published,judgement"
ROW = "London 01,London,short,2019-05-13,2019-05-17,2019-06-20,good"


@pytest.mark.parametrize(
    ("text", "more", "words"),
    [
        (
            "authority,judgement,inspected_on\nLondon 01,good,2019-05-03\n",
            [],
            "needs kind, fieldwork_start and published for every inspection from 2018-01-31 on; 1 of 1 inspections",
        ),
        (f"{COLUMNS}\n{ROW.replace('2019-06-20', '')}\n", [], "1 of 1 inspections lack one"),
        (f"{COLUMNS}\n{ROW.replace('2019', '2017')}\n", [], "no inspection in it begins between 2018-01-31"),
        (f"{COLUMNS}\n{ROW.replace('2019', '2026')}\n", [], "no inspection in it begins between 2018-01-31"),
        (
            f"{COLUMNS}\n{ROW.replace('London 01', 'Mine 1')}\n",
            [],
            "neither has nor creates this authority (1 unknown in all)",
        ),
        (f"{COLUMNS}\n{ROW.replace('London,', 'Londn,')}\n", [], "did you mean 'London'?"),
        (None, ["--until", "2017-01-01"], "give a day after the start, 2018-01-31"),
        (None, ["--until", "then"], "found 'then'; give a date"),
        ("authority,judgement\n", [], "inspected_on: found nothing; this column is needed"),
        (f"{COLUMNS}\n", [], "the table has no rows"),
    ],
)
def test_a_history_with_nothing_to_compare_is_refused(
    text: str | None, more: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text(text or table("inspections_2013_2022.csv"), encoding="utf-8")
    out = tmp_path / "out"
    assert main(["backtest", "launch_as_known", "--history", str(mine), "--out", str(out), *more]) == 2
    assert words in capsys.readouterr().err and not out.exists()


def test_nothing_is_run_if_one_of_three_cannot_be_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backtest_study, "forecast", None)
    last = tmp_path / "out" / "pandemic"
    last.mkdir(parents=True)
    (last / "mine.txt").write_text("mine", encoding="utf-8")
    assert main(["backtest", "--replications", "1", "--jobs", "1", "--out", str(tmp_path / "out")]) == 2
    assert "mine.txt" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["pandemic"]


def test_two_tables_that_contradict_each_other_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tables = []
    for name, row in (("one.csv", ROW), ("other.csv", ROW.replace("good", "inadequate"))):
        (tmp_path / name).write_text(f"{COLUMNS}\n{row}\n", encoding="utf-8")
        tables += ["--history", str(tmp_path / name)]
    assert main(["backtest", "launch_as_known", *tables, "--out", str(tmp_path / "out")]) == 2
    assert "another table has different details" in capsys.readouterr().err


def test_a_number_that_is_drawn_all_the_same_is_named() -> None:
    asked = load("sif_launch", {"workforce.roles.social_care_hmi.people": 30})
    known = blind(asked, HISTORY).known
    assert "draws replace your values" in known and "63 -> 30" in known
    assert "draws replace" not in blind(load("sif_launch"), HISTORY).known


def test_what_a_forecast_rests_on_is_said_as_it_is() -> None:
    assert "on the prior of their fit, people and plan on the prior" in blind(load("sif_launch"), HISTORY).known
    assert "on what was published before 2018-01-31" in blind(LAUNCH, HISTORY).known


def test_where_everything_is_settled_beforehand_that_is_said() -> None:
    found = held_against(as_it_ships(LAUNCH), HISTORY, span_of_2018(), of_runs(50.0, 50.0))
    assert "There is nothing to score" in backtest_answer.answer(found).text()
    assert charts.alternative(charts.forecast(found)).startswith("0 of 0 figures")


def test_an_inspection_under_way_at_the_start_counts_when_it_is_published() -> None:
    rows = [Inspection("London 01", "inadequate", date(2018, 3, 30), date(2018, 5, 1), "standard", date(2018, 3, 19))]
    span = Span(date(2018, 4, 1), date(2019, 3, 31))
    found = figures(of_history(History.of(rows), span), span, ())
    assert found[Figure("judgement_mix", "inadequate", "2019-03-31")] == 1
    assert found[ALL_2018] == 0


def test_the_same_inspection_in_two_tables_counts_once(tmp_path: Path) -> None:
    from argparse import Namespace

    from sim.cli.backtest import _history

    mine = tmp_path / "mine.csv"
    mine.write_text(table("inspections_2013_2022.csv"), encoding="utf-8")
    rows = list(csv.DictReader(table("inspections_2013_2022.csv").splitlines()))
    both = _history(Namespace(history=[Path("inspections_2013_2022.csv"), mine]))
    assert len(both.inspections) == len(rows)


def test_the_picture_says_in_words_what_it_shows() -> None:
    found = held_against(as_it_ships(LAUNCH), HISTORY, span_of_2018(), of_runs(*range(40, 60)))
    drawn = charts.forecast(found)
    figure, words = charts.figure_of(drawn), charts.alternative(drawn)
    assert "Full inspections begun, 2018-19: 50; eight runs in ten 41 to 57." in words
    assert figure.get_suptitle() == words.splitlines()[0].rstrip(".")


# ---------------------------------------------------------------- a programme of three years that took four

PROMISED, OBSERVED = date(2016, 11, 1), date(2017, 9, 25)
"""End of the three years announced, and day on which the last authority's first single inspection began (counted)."""


def programme_ends(people: int, runs: int = 4, changes: dict[str, object] | None = None) -> list[date]:
    """Day on which the last authority's first inspection begins, in each run."""
    changes = {"workforce.roles.social_care_hmi.people": people, "years": 6} | (changes or {})
    scenario = load("sif_launch", changes)
    context = ScenarioContext(scenario)
    ends = []
    for number in range(runs):
        first: dict[str, date] = {}
        for row in of_record(Model(scenario, 2 * number, context).run(), context.calendar):
            assert row.began is not None
            first[row.authority] = min(first.get(row.authority, row.began), row.began)
        ends.append(max(first.values()) if len(first) == len(scenario.authorities) else scenario.end)
    return ends


def test_the_single_inspections_end_about_a_year_late_with_the_people_there_were() -> None:
    shipped = load("sif_launch").workforce.roles["social_care_hmi"].people
    late = [(end - PROMISED).days for end in programme_ends(shipped)]
    assert all(180 <= days <= 600 for days in late)
    assert min(late) - 60 <= (OBSERVED - PROMISED).days <= max(late) + 60


def test_with_people_in_plenty_they_end_when_they_were_to() -> None:
    assert all((end - PROMISED).days <= 90 for end in programme_ends(300, 2, {"planning.most_inspections": None}))
