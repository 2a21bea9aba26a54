"""Charts show what is there, however little; their labels can be read; a figure is written the same everywhere."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text

from sim.charts import Drawn, Frame, alternative, figure_of, judgement_mix, weekly_peak, workload
from sim.charts.drawing import spread_out
from sim.charts.folder import CHARTS
from sim.cli.main import main
from sim.inputs.scenario import load
from sim.runs import outcomes
from sim.runs.measures import UNITS

PARTS = Frame(("2017-18", "2018-19"), frozenset({"2017-18", "2018-19"}), datetime.date(2019, 1, 30), 2)
ONE = Frame(("2018-19",), frozenset(), datetime.date(2019, 3, 31), 20)
WHOLE = Frame(("2018-19", "2019-20", "2020-21"), frozenset(), datetime.date(2021, 3, 31), 20)


@pytest.fixture(autouse=True)
def without_a_screen() -> Iterator[None]:
    mpl.use("Agg")
    yield
    plt.close("all")


def summary(frame: Frame, **means: float) -> pd.DataFrame:
    """Summary in which a measure is 40 unless it is said otherwise; runs lie 2 to either side, the median 1 above."""
    rows = [(year, name, means.get(name, 40.0)) for year in frame.years for name in UNITS]
    table = pd.DataFrame(rows, columns=["financial_year", "measure", "mean"])
    return table.assign(p10=table["mean"] - 2, p50=table["mean"] + 1, p90=table["mean"] + 2)


def shown(drawn: Drawn) -> tuple[Figure, str]:
    """Figure of a chart, and its text."""
    return figure_of(drawn), alternative(drawn)


def labels(figure: Figure) -> list[Annotation]:
    """Labels that stand beside what they name."""
    return [text for axes in figure.axes for text in axes.texts if isinstance(text, Annotation)]


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=8).map(sorted), st.floats(0.1, 500))
def test_labels_are_moved_apart_in_their_order_and_no_further_than_need_be(heights: list[float], gap: float) -> None:
    places = spread_out(heights, gap)
    assert places[0] >= 0
    assert all(above - below >= gap * (1 - 1e-6) for below, above in pairwise(places))
    if all(above - below >= gap for below, above in pairwise(heights)):
        assert places == pytest.approx(heights, abs=1e-6)


@pytest.mark.parametrize("days", [0.0, 5.0, 60.0])
@pytest.mark.parametrize("frame", [ONE, WHOLE], ids=["one year", "years"])
def test_labels_of_thin_bands_do_not_overlap(days: float, frame: Frame) -> None:
    thin = {f"inspector_days_{kind}": days for kind in ("focused", "joint", "monitoring", "engagement", "desk_work")}
    table = summary(frame, **thin, inspector_days_short=4000, inspector_days_due=4100)
    figure, _ = shown(workload(table, frame))
    figure.draw_without_rendering()
    boxes = [Text.get_window_extent(label) for label in labels(figure)]
    assert len(boxes) == 5
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    assert all(box.x1 <= figure.bbox.x1 for box in boxes)


def test_one_year_is_shown_by_marks_and_said_once() -> None:
    drawn = {name: shown(draw(summary(ONE, utilisation=0.5), ONE)) for name, draw in CHARTS.items()}
    for figure, text in drawn.values():
        assert text.splitlines()[0].count("2019") + text.splitlines()[0].count("2018-19") == 1
        for axes in figure.axes:
            assert len(axes.get_xticklabels()) == 1
            assert all(line.get_marker() not in ("None", "", None) for line in axes.lines)
    assert [label.get_text() for label in labels(drawn["judgements"][0])] == ["40"] * 4
    assert len(drawn["time_by_role"][0].axes[0].collections) == 2  # the range, and all of their time


def test_parts_of_a_year_are_marked_and_the_run_ends_when_it_does() -> None:
    for draw in (workload, weekly_peak):
        figure, text = shown(draw(summary(PARTS, utilisation=0.5), PARTS))
        (axes,) = figure.axes
        assert [label.get_text() for label in axes.get_xticklabels()] == ["2017-18*", "2018-19*"]
        assert axes.get_xlabel() == "* part of a year"
        assert text.endswith("* part of a year.\n")
    figure, text = shown(judgement_mix(summary(PARTS), PARTS))
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["Mar 2018", "Jan 2019"]
    assert "January 2019" in text.splitlines()[0]
    assert "March 2019" not in text


@pytest.mark.parametrize("inspectors", [1, 2, 46, 5000])
def test_the_marks_of_an_axis_say_where_they_are(inspectors: int) -> None:
    figure, _ = shown(weekly_peak(summary(WHOLE, peak_week_inspectors=inspectors), WHOLE))
    figure.canvas.draw()
    (axes,) = figure.axes
    said = [float(label.get_text().replace(",", "")) for label in axes.get_yticklabels()]
    assert said == pytest.approx(list(axes.get_yticks()))


def test_the_share_of_two_judgements_is_of_means_since_medians_do_not_add_up() -> None:
    table = summary(WHOLE, authorities_outstanding=10, authorities_good=40, authorities_inadequate=10)
    _, text = shown(judgement_mix(table.assign(p50=99.0), WHOLE))
    assert "50% of authorities are good or outstanding" in text


@pytest.mark.parametrize(("runs", "words"), [(1, "one run"), (2, "points of 2 runs"), (10, "eight runs in ten")])
def test_a_range_is_called_eight_runs_in_ten_only_if_there_are_ten(runs: int, words: str) -> None:
    frame = Frame(WHOLE.years, frozenset(), WHOLE.last_day, runs)
    for draw in CHARTS.values():
        figure, text = shown(draw(summary(frame, utilisation=0.5), frame))
        words_of = " ".join([text, *(axes.get_ylabel().replace("\n", " ") for axes in figure.axes)])
        assert (words in words_of, "eight runs in ten" in words_of) == (True, runs >= 10)


def test_a_figure_is_written_the_same_in_table_sentence_and_chart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy = outcomes.summary
    figures = {"inspector_days_worked": 8998.49996, "peak_week_inspectors": 62.5, "utilisation_social_care_hmi": 0.995}

    def near_a_half(found: outcomes.Outcomes) -> pd.DataFrame:
        table = healthy(found)
        for name, value in figures.items():
            table.loc[table["measure"] == name, ["mean", "p10", "p50", "p90"]] = value
        return table

    monkeypatch.setattr(outcomes, "summary", near_a_half)
    flags = ["--set", "years=2", "--replications", "1", "--jobs", "1", "--out", str(tmp_path / "out")]
    assert main(["run", "ilacs_launch", *flags]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for words in ("8,999 (8,999-8,999)", "63 (63-63)", "100% (100%-100%)", "takes 100% (100% to 100%)"):
        assert words in text
    said = {name: (tmp_path / "out" / f"{name}.txt").read_text(encoding="utf-8") for name in CHARTS}
    assert "8,999 worked" in said["workload"]
    assert "takes 100% of their time" in said["time_by_role"]
    assert "63 inspectors are on site" in said["weekly_peak"]


def test_a_run_without_a_whole_year_shows_its_parts_and_when_it_ends() -> None:
    frame = Frame.of(load("ilacs_launch", {"years": 1, "replications": 12}), 2)
    assert (frame.years, frame.parts) == (("2017-18", "2018-19"), frozenset({"2017-18", "2018-19"}))
    assert (frame.last_day, frame.runs) == (datetime.date(2019, 1, 30), 10)
