"""Pictures of one run: who was where, the life of an authority, weeks and years; each shows what its table says."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from sim import charts
from sim.base.faults import InputError
from sim.charts.drawing import LONGEST_NAME
from sim.charts.kinds import LOOKS
from sim.inputs.framework import KINDS

FIRST, LAST = datetime.date(2018, 4, 2), datetime.date(2018, 6, 29)


@pytest.fixture(autouse=True)
def without_a_screen() -> Iterator[None]:
    mpl.use("Agg")
    yield
    plt.close("all")


def number(day: str) -> float:
    """A day as the axes of Matplotlib have it."""
    return float((np.datetime64(day) - np.datetime64("1970-01-01")).astype(int))


def days(*texts: str) -> list[pd.Timestamp]:
    return [pd.Timestamp(text) for text in texts]


# ---------------------------------------------------------------- diary

VISITS = pd.DataFrame(
    {
        "replication": [0, 0, 1],
        "visit": [7, 8, 7],
        "kind": ["standard", "focused", "short"],
        "authority": ["London 01", "London 02", "Leeds"],
    }
)
ASSIGNMENTS = pd.DataFrame(
    {
        "replication": [0, 0, 0, 1],
        "visit": [7, 7, 8, 7],
        "inspector": ["Ann", "Bea", "Bea", "Ann"],
        "role": "social_care_hmi",
        "lead": [True, False, True, True],
        "first_day": days("2018-04-09", "2018-04-16", "2018-06-25", "2018-05-07"),
        "last_day": days("2018-04-27", "2018-04-27", "2018-07-06", "2018-05-11"),
        "days": [15, 10, 10, 5],
    }
)


def bars(axes: Axes) -> list[PolyCollection]:
    return [each for each in axes.collections if isinstance(each, PolyCollection)]


def extent(bar: PolyCollection) -> tuple[float, float, float]:
    """First day, day after the last, and line of a bar."""
    corners = np.concatenate([path.vertices for path in bar.get_paths()])
    return corners[:, 0].min(), corners[:, 0].max(), corners[:, 1].mean().round()


def test_a_bar_of_the_diary_is_as_long_as_the_part_in_the_visit_and_ends_with_the_days_shown() -> None:
    axes = charts.diary(ASSIGNMENTS, VISITS, ["Bea", "Ann"], FIRST, LAST)
    found = sorted(extent(bar) for bar in bars(axes))
    whole = [
        number(day) for day in ("2018-04-09", "2018-04-28", "2018-04-16", "2018-04-28", "2018-06-25", "2018-06-30")
    ]
    assert found == [(whole[0], whole[1], 1), (whole[2], whole[3], 0), (whole[4], whole[5], 0)]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Bea", "Ann"]
    assert {text.get_text() for text in axes.texts} == {"London 01", "London 02"}


def test_people_of_a_region_with_a_long_name_are_told_apart_in_the_diary() -> None:
    names = [f"social_care_hmi North East, Yorkshire and Humber 0{number}" for number in (1, 2)]
    axes = charts.diary(ASSIGNMENTS.replace({"Ann": names[0], "Bea": names[1]}), VISITS, names, FIRST, LAST)
    shown = [label.get_text() for label in axes.get_yticklabels()]
    assert [text[-2:] for text in shown] == ["01", "02"] and all(len(text) <= LONGEST_NAME for text in shown)


def test_a_lead_and_a_kind_are_told_by_more_than_colour() -> None:
    axes = charts.diary(ASSIGNMENTS, VISITS, ["Ann", "Bea"], FIRST, LAST)
    edges = {extent(bar)[0]: tuple(np.asarray(bar.get_edgecolor())[0, :3]) for bar in bars(axes)}
    black, white = (0, 0, 0), (1, 1, 1)
    assert edges == {number("2018-04-09"): black, number("2018-04-16"): white, number("2018-06-25"): black}
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["standard inspection", "focused visit", "as lead"]
    assert len({look[:2] for look in LOOKS.values()}) == len({look[2] for look in LOOKS.values()}) == len(KINDS)


def test_the_diary_says_in_words_where_everybody_was_and_who_was_nowhere() -> None:
    text = charts.alternative(charts.diary(ASSIGNMENTS, VISITS, ["Ann", "Bea"], FIRST, datetime.date(2018, 4, 13)))
    assert "Ann: standard inspection at London 01 as lead, 9 April 2018 to 27 April 2018" in text
    assert "Bea: no visit" in text
    assert text.startswith("1 of 2 inspectors take part in 1 visit, ")


def test_a_diary_that_cannot_be_is_refused_with_all_that_is_wrong() -> None:
    with pytest.raises(InputError, match="did you mean 'Ann'") as found:
        charts.diary(ASSIGNMENTS, VISITS, ["Anne"], LAST, FIRST)
    assert {fault.key for fault in found.value.faults} == {"people", "last"}
    with pytest.raises(InputError, match="name from 1 to 60"):
        charts.diary(ASSIGNMENTS, VISITS, [], FIRST, LAST)


# ---------------------------------------------------------------- life of an authority

QUALITY = pd.DataFrame(
    {
        "replication": [0, 0, 0, 1],
        "authority": ["A", "A", "A", "A"],
        "since": days("2016-01-01", "2018-05-01", "2018-06-01", "2016-01-01"),
        "quality": ["good", "requires_improvement", "good", "inadequate"],
    }
)
JUDGED = pd.DataFrame(
    {
        "replication": [0, 0, 1],
        "authority": "A",
        "published": days("2016-03-01", "2018-06-20", "2016-03-01"),
        "judgement": ["good", "outstanding", "good"],
    }
)
SEEN = pd.DataFrame(
    {
        "replication": [0, 0, 0],
        "authority": "A",
        "kind": ["focused", "short", "focused"],
        "fieldwork_start": days("2018-04-10", "2018-05-14", "2017-01-01"),
    }
)


def test_the_life_of_an_authority_shades_the_days_on_which_it_is_below_its_judgement() -> None:
    axes = charts.life(QUALITY, JUDGED, SEEN, "A", FIRST, LAST)
    shaded = [
        (corners[:, 0].min(), corners[:, 0].max())
        for each in axes.collections
        for corners in [np.concatenate([path.vertices for path in each.get_paths()])]
    ]
    stretches = [("2018-05-01", "2018-06-01"), ("2018-06-20", "2018-06-29")]
    assert shaded == [(number(begins), number(ends)) for begins, ends in stretches]
    below = 31 + 10  # of May, and the last ten days of June that are shown
    assert axes.get_title(loc="left") == f"A is below its published judgement on {below} of 89 days, and has 2 contacts"


def test_the_lines_of_a_life_are_told_apart_without_colour_and_every_contact_is_named() -> None:
    axes = charts.life(QUALITY, JUDGED, SEEN, "A", FIRST, LAST)
    quality, judged, *contacts = axes.lines
    assert (quality.get_linestyle(), judged.get_linestyle()) == ("-", "--")
    assert list(np.asarray(quality.get_ydata())) == [1, 2, 1, 1]
    assert {str(each.get_label()): len(np.asarray(each.get_xdata())) for each in contacts} == {
        "short inspection": 1, "focused visit": 1,
    }  # fmt: skip
    assert len({each.get_marker() for each in contacts}) == 2
    text = charts.alternative(axes)
    assert "true quality from 1 May 2018: requires improvement to be good" in text
    assert "published judgement from 20 June 2018: outstanding" in text
    assert "focused visit, 10 April 2018" in text and "2017" not in text


@pytest.mark.parametrize("name", ["$\\frac{$", "$x^2$ Council", "N" * 300])
def test_a_name_is_drawn_as_it_is_written_and_leaves_room(name: str) -> None:
    quality, judged, seen = (table.assign(authority=name) for table in (QUALITY, JUDGED, SEEN))
    axes = charts.life(quality, judged, seen, name, FIRST, LAST)
    figure = charts.figure_of(axes)
    figure.draw_without_rendering()
    box = axes.title.get_window_extent() if axes.get_title() else axes._left_title.get_window_extent()  # type: ignore[attr-defined]
    assert box.x1 <= figure.bbox.x1
    assert charts.alternative(axes).startswith(name)


def test_a_life_that_nobody_lived_is_refused() -> None:
    with pytest.raises(InputError) as found:
        charts.life(QUALITY, JUDGED, SEEN, "B", LAST, FIRST, replication=5)
    assert {fault.key for fault in found.value.faults} == {"authority", "replication", "last"}


# ---------------------------------------------------------------- weeks


def out(*rows: tuple[int, str, int]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["replication", "week", "inspectors"])
    return table.assign(week=pd.to_datetime(table["week"]))


def test_a_square_of_the_calendar_has_the_mean_of_all_runs_and_a_week_with_nobody_is_empty() -> None:
    table = out((0, "2018-04-02", 10), (1, "2018-04-02", 20), (0, "2019-03-25", 30), (0, "2019-04-01", 4))
    axes = charts.calendar(table, runs=4)
    grid = np.asarray(axes.images[0].get_array().filled(np.nan))  # type: ignore[union-attr]  # it has one
    assert grid.shape == (2, 53)
    assert grid[0, 0] == (10 + 20) / 4 and grid[0, 51] == 30 / 4 and grid[1, 0] == 4 / 4
    assert np.isnan(grid).sum() == grid.size - 3
    assert sorted(text.get_text() for text in axes.texts) == ["1", "8", "8"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["2018-19", "2019-20"]
    assert axes.get_title(loc="left").startswith("The busiest week is that of 2 April 2018: 8 inspectors on site")


def test_with_nobody_out_at_all_the_calendar_says_so() -> None:
    assert charts.alternative(charts.calendar(out(), runs=2)).startswith("Nobody is on site in any week")


# ---------------------------------------------------------------- years


def summary(measure: str, *rows: tuple[str, float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["financial_year", "p10", "mean", "p90"]).assign(measure=measure)


def test_a_fan_shows_the_mean_in_the_range_of_the_runs_in_its_own_unit() -> None:
    frame = charts.Frame(("2018-19", "2019-20"), frozenset({"2019-20"}), datetime.date(2020, 1, 30), 20)
    table = summary("utilisation", ("2018-19", 0.5, 0.6, 0.7), ("2019-20", 0.4, 0.8, 1.1))
    axes = charts.fan(table, "utilisation", frame)
    assert list(np.asarray(axes.lines[0].get_ydata())) == pytest.approx([60, 80])
    corners = np.concatenate([path.vertices for path in axes.collections[0].get_paths()])[:, 1]
    assert (corners.min(), corners.max()) == pytest.approx((40, 110))
    assert [text.get_text() for text in axes.texts] == ["60%", "80%"]
    text = charts.alternative(axes)
    assert text.startswith("Utilisation: 60% in 2018-19, 80% in 2019-20*")
    assert "2019-20*: 80% (40% to 110" in text and "* part of a year" in text


def test_a_fan_of_a_measure_that_there_is_not_names_the_nearest() -> None:
    frame = charts.Frame(("2018-19",), frozenset(), datetime.date(2019, 3, 31), 20)
    with pytest.raises(InputError, match="did you mean 'utilisation'"):
        charts.fan(summary("utilisation", ("2018-19", 0.5, 0.6, 0.7)), "utilization", frame)


def test_a_fan_says_none_of_a_year_with_nothing_to_measure_and_refuses_what_the_table_has_not() -> None:
    frame = charts.Frame(("2018-19", "2019-20"), frozenset(), datetime.date(2020, 3, 31), 20)
    table = summary("inspections_on_time", ("2018-19", np.nan, np.nan, np.nan), ("2019-20", 0.4, 0.8, 0.9))
    axes = charts.fan(table, "inspections_on_time", frame)
    assert "Inspections on time: none in 2018-19, 80%" in charts.alternative(axes)
    with pytest.raises(InputError):
        charts.fan(table, "utilisation", frame)


@pytest.mark.usefixtures("painted")
def test_every_chart_is_saved_with_its_text_beside_it(tmp_path: Path) -> None:
    axes = charts.life(QUALITY, JUDGED, SEEN, "A", FIRST, LAST)
    text = charts.alternative(axes)
    charts.save(tmp_path / "life", axes)
    assert (tmp_path / "life.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "life.txt").read_text(encoding="utf-8") == text
