"""Peaks: who is out by week, which weeks are the busiest, and a reason only where the tables have one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from sim import charts
from sim.analysis import peak_reasons, peaks
from sim.analysis.peak_reasons import AFTER_PAUSE, NO_CAUSE, Week, reason
from sim.analysis.peaks import AFTER_CLOSED, OnSite, PauseOfVisits
from sim.base.calendar import bank_holidays
from sim.inputs.framework import KINDS
from sim.inputs.scenario import load
from sim.studies import ensemble_study

COLUMNS = ["replication", "week", "kind", "role", "region", "inspectors", "begun_late", "due_before_start"]
MONDAY = np.datetime64("2018-04-02")
HMI, NORTH = "social_care_hmi", "North"
BUSY = 40
"""Place of the busy week in the worlds of the rules: 7 January 2019."""


def row(week: int, kind: str, people: int, late: int = 0, backlog: int = 0, run: int = 0) -> list[object]:
    return [run, pd.Timestamp(MONDAY + np.timedelta64(7 * week, "D")), kind, HMI, NORTH, people, late, backlog]


def world(
    rows: Sequence[list[object]],
    weeks: int = 52,
    closed: Sequence[int] = (),
    due: Sequence[float] | None = None,
    pauses: Sequence[PauseOfVisits] = (),
    runs: int = 1,
) -> OnSite:
    """Weeks from Monday 2 April 2018, all in one year of 52, of which some are closed."""
    mondays = MONDAY + 7 * np.arange(weeks)
    return OnSite(
        table=pd.DataFrame(rows, columns=COLUMNS),
        replications=np.arange(runs),
        weeks=mondays,
        open=~np.isin(np.arange(weeks), closed),
        years=np.array([f"{2018 + week // 52}-{19 + week // 52}" for week in range(weeks)]),
        days_due=np.array([100.0] * weeks if due is None else due),
        pauses=tuple(pauses),
    )


def why(
    extra: Sequence[list[object]],
    closed: Sequence[int] = (),
    due: float = 100.0,
    pauses: Sequence[PauseOfVisits] = (),
) -> str:
    """Reason of the busy week in a world where ten people are on focused visits in every open week."""
    every = [row(week, "focused", 10) for week in range(52) if week not in closed]
    days = [100.0] * 52
    days[BUSY] = due
    (told,) = peak_reasons.weeks_of(world([*every, *extra], closed=closed, due=days, pauses=pauses), [BUSY])
    return reason(told)


# ---------------------------------------------------------------- by week


def test_inspectors_of_a_week_are_added_up_in_each_run_and_told_as_mean_and_range() -> None:
    rows = [row(1, "short", 4), row(1, "focused", 2), row(1, "short", 10, run=1), row(2, "short", 3, run=1)]
    out = world(rows, weeks=3, runs=2)
    assert out.people().tolist() == [[0, 6, 0], [0, 10, 3]]
    assert out.people(kind="short").tolist() == [[0, 4, 0], [0, 10, 3]]
    assert out.people(kind="short", region="South").tolist() == [[0, 0, 0], [0, 0, 0]]
    table = peaks.by_week(out, out.people())
    assert table["mean"].tolist() == [0, 8, 1.5]
    assert table["max"].to_list() == [0, 10, 3]
    assert [table["p10"][1], table["p90"][1]] == pytest.approx([6.4, 9.6])
    assert table["week"].tolist() == list(pd.date_range("2018-04-02", periods=3, freq="7D"))


def test_runs_that_do_not_count_are_left_out() -> None:
    out = world([row(0, "short", 4), row(0, "short", 9, run=1)], weeks=1)
    assert out.people().tolist() == [[4]]


def test_kinds_roles_and_regions_add_up_to_everybody() -> None:
    rows = [row(0, kind, place + 1, late=place, backlog=1) for place, kind in enumerate(KINDS)]
    out = world(rows, weeks=1)
    of_kinds = np.sum([out.people(kind=kind) for kind in KINDS], axis=0)
    for people in (of_kinds, out.people(role=HMI), out.people(region=NORTH)):
        assert people.tolist() == out.people().tolist() == [[28]]
    assert out.people("begun_late").tolist() == [[21]]
    assert out.people("due_before_start").tolist() == [[7]]


def test_the_usual_weeks_are_the_open_ones_without_a_pause_of_full_inspections() -> None:
    # Monday 16 April to Friday 20 April is the third week; a pause until that Monday takes it too, and one that ends on
    # the Sunday before does not.
    def usual(last: str, *kinds: str) -> list[int]:
        pause = PauseOfVisits(np.datetime64("2018-04-10"), np.datetime64(last), kinds)
        return np.flatnonzero(world([], weeks=5, closed=[4], pauses=[pause]).usual).tolist()

    assert usual("2018-04-16", "short", "focused") == [0, 3]
    assert usual("2018-04-15", "short") == [0, 2, 3]
    assert usual("2018-04-16", "focused") == [0, 1, 2, 3]


def test_open_weeks_are_counted_from_the_last_closed_one_and_not_from_the_start() -> None:
    out = world([], weeks=9, closed=[0, 3, 4, 7])
    assert out.place.tolist() == [0, 0, 0, 0, 0, 1, 2, 0, 1]
    assert out.closed_before.tolist() == [0, 0, 0, 0, 0, 2, 2, 0, 1]


def test_the_figures_of_a_run_are_those_that_a_hand_works_out() -> None:
    people = np.array([[10, 20, 0, 30, 40], [5, 5, 0, 5, 5]], dtype=float)
    out = world([], weeks=5, closed=[2], runs=2)
    found = peaks.figures(out, people, ["2018-19"])
    assert {name: values.tolist() for name, values in found.items()} == {
        "usual_week": [25, 5],
        "nine_in_ten": [37, 5],
        "busiest_of_a_year": [40, 5],
        "busiest": [40, 5],
    }
    assert peaks.share_above(out, people, 20).tolist() == [0.5, 0]


def test_the_busiest_week_of_a_year_is_a_mean_of_the_years_asked_for() -> None:
    out = world([], weeks=156)
    people = np.zeros((1, 156))
    people[0, [3, 60, 120]] = 10, 20, 60
    found = peaks.figures(out, people, ["2018-19", "2019-20"])
    assert (found["busiest_of_a_year"].tolist(), found["busiest"].tolist()) == ([15], [60])


def test_full_inspections_are_on_site_in_every_week_that_they_touch() -> None:
    visits = pd.DataFrame(
        [
            (0, "standard", "2018-04-02", "2018-04-13"),
            (0, "short", "2018-04-09", "2018-04-13"),
            (0, "focused", "2018-04-09", "2018-04-10"),
            (0, "short", None, None),
            (1, "single_inspection", "2018-04-09", "2018-05-04"),
        ],
        columns=["replication", "kind", "fieldwork_start", "fieldwork_end"],
    )
    for name in ("fieldwork_start", "fieldwork_end"):
        visits[name] = pd.to_datetime(visits[name])
    assert peaks.inspections_on_site(world([], weeks=4, runs=2), visits).tolist() == [[1, 2, 0, 0], [0, 1, 1, 1]]


def test_weeks_after_closed_ones_are_told_apart_and_later_ones_put_together() -> None:
    out = world([], weeks=9, closed=[1, 8])
    people = np.array([[99, 0, 1, 2, 3, 4, 6, 8, 0]], dtype=float)
    assert peaks.by_place(out, people).tolist() == [1, 2, 3, 6]
    assert np.isnan(peaks.by_place(world([], weeks=9), people)).all()


def test_the_busiest_weeks_of_a_year_are_of_different_quarters() -> None:
    # April to June: weeks 0 to 12; the three busiest are neighbours there.
    rows = [row(3, "short", 30), row(4, "short", 29), row(5, "short", 28), row(20, "short", 9), row(60, "short", 1)]
    out = world(rows, weeks=104)
    assert peaks.busiest(out, ["2018-19", "2019-20"], 2) == [3, 20, 60]
    assert peaks.busiest(out, ["2018-19"], 1) == [3]


# ---------------------------------------------------------------- reasons


def test_a_week_like_any_other_has_no_reason() -> None:
    assert why([]) == "No busier than the usual open week."


def test_a_week_for_which_no_rule_speaks_says_so() -> None:
    assert why([row(BUSY, "short", 30)]).endswith(f"more than usual: 29.4 on short inspections; {NO_CAUSE}.")


def test_what_there_is_more_of_is_named_and_not_what_is_a_small_part_of_it() -> None:
    said = why([row(BUSY, "short", 30), row(BUSY, "monitoring", 30), row(BUSY, "standard", 6)])
    assert "on short inspections, " in said and "on monitoring visits" in said and "standard" not in said
    evenly = why([row(BUSY, kind, 5) for kind in ("short", "standard", "monitoring", "joint", "single_inspection")])
    assert "spread over several kinds" in evenly


def test_kinds_of_which_there_are_fewer_than_usual_let_no_small_part_count() -> None:
    # Nobody is on a focused visit, where ten usually are: 12.5 more in all are 4.5 more of each of five kinds.
    kinds = dict.fromkeys(("short", "standard", "monitoring", "joint", "single_inspection"), 4.5) | {"focused": 0.0}
    usual = dict.fromkeys(kinds, 0.0) | {"focused": 10.0}
    assert "spread over several kinds" in reason(Week(MONDAY, 22.5, 10.0, kinds, usual))


def test_the_backlog_is_a_reason_where_people_are_on_what_was_due_before_the_start() -> None:
    words = "of inspectors are on visits that were due before the start"
    assert f"75% {words}" in why([row(BUSY, "short", 30, backlog=30)])
    assert words not in why([row(BUSY, "short", 30, backlog=5)])


def test_lateness_is_a_reason_where_people_are_on_visits_begun_late_and_more_than_usually_are() -> None:
    words = "of inspectors are on visits that began after their latest date"
    assert f"75% {words}" in why([row(BUSY, "short", 30, late=30)])
    assert words not in why([row(BUSY, "short", 30, late=5)])
    always = [row(week, "joint", 12, late=12) for week in range(52)]
    assert words not in why([*always, row(BUSY, "short", 30)])


@pytest.mark.parametrize(
    ("closed", "words"),
    [
        ([BUSY - 1], "first open week after a closed week"),
        ([BUSY - 4, BUSY - 3, BUSY - 2], "second open week after 3 closed weeks"),
        ([BUSY - AFTER_CLOSED], "third open week after a closed week"),
        ([BUSY - AFTER_CLOSED - 1], None),
        ([BUSY + 1], None),
    ],
)
def test_closed_weeks_are_a_reason_just_after_them(closed: list[int], words: str | None) -> None:
    said = why([row(BUSY, "short", 30)], closed=closed)
    assert words in said if words else "open week after" not in said and NO_CAUSE in said


def test_closed_weeks_are_no_reason_for_a_place_after_them_at_which_fewer_are_usually_out() -> None:
    # Three other first weeks after a closed one have nobody out, so the four of them have 32 / 4 on average.
    closed = [10, 20, 30, BUSY - 1]
    nobody = [11, 21, 31]
    every = [row(week, "focused", 12) for week in range(52) if week not in (*closed, *nobody)]
    (told,) = peak_reasons.weeks_of(world([*every, row(BUSY, "short", 20)], closed=closed), [BUSY])
    assert (told.place, told.people_at_place) == (1, 8)
    assert "open week after" not in reason(told) and NO_CAUSE in reason(told)


@pytest.mark.parametrize(
    ("weeks", "kinds", "words"),
    [
        (3, ("short",), "3 weeks after a pause"),
        (1, ("short", "standard"), "; 1 week after a pause"),
        (0, ("short",), "; the week after a pause"),
        (AFTER_PAUSE, ("short",), None),
        (3, ("joint",), None),
        (-2, ("short",), None),
    ],
)
def test_a_pause_is_a_reason_soon_after_it_for_the_kinds_that_it_held_back(
    weeks: int, kinds: tuple[str, ...], words: str | None
) -> None:
    last = MONDAY + np.timedelta64(7 * (BUSY - weeks) - 1, "D")  # a Sunday
    said = why([row(BUSY, "short", 30)], pauses=[PauseOfVisits(last - np.timedelta64(28, "D"), last, kinds)])
    assert words in said if words else "after a pause" not in said


def test_work_that_falls_due_is_a_reason_where_it_is_more_than_in_nine_weeks_of_ten() -> None:
    busy = [row(BUSY, "short", 30)]
    assert "; 250 days of work fall due, against 100 in the median open week." in why(busy, due=250.0)
    assert "fall due" not in why(busy, due=100.0)


def test_reasons_stand_beside_each_other_where_there_are_several() -> None:
    said = why([row(BUSY, "short", 30, late=30, backlog=30)], closed=[BUSY - 2], due=250.0)
    assert said.count(";") == 4 and NO_CAUSE not in said


def test_the_table_of_reasons_has_the_figures_of_each_week_and_how_often_it_is_the_busiest() -> None:
    rows = [row(week, "focused", 10, run=run) for week in range(52) for run in range(4)]
    rows += [row(BUSY, "short", 8, late=4, run=run) for run in range(3)] + [row(7, "short", 8, run=3)]
    out = world(rows, closed=[BUSY - 2], runs=4)
    (told,) = peak_reasons.reasons(out, [BUSY]).to_dict("records")
    assert (told["financial_year"], told["week"]) == ("2018-19", pd.Timestamp("2019-01-07"))
    assert (told["mean"], told["max"], told["busiest_share"], told["begun_late"]) == (16, 18, 0.75, 3)
    assert (told["open_week_after_closed"], told["closed_weeks"]) == (2, 1)
    assert told["usual"] == pytest.approx((51 * 10 + 8) / 51, abs=0.05)
    more = {kind: told[f"more_{kind}"] for kind in KINDS}
    assert sum(more.values()) == pytest.approx(told["mean"] - told["usual"])
    assert told["reason"] == reason(peak_reasons.weeks_of(out, [BUSY])[0])


def test_a_part_of_what_a_week_has_more_counts_from_the_third_on_that_is_promised() -> None:
    week = Week(MONDAY, 40.0, 10.0, {}, {})
    assert week.is_part(10.0, 0.0) and not week.is_part(9.9, 0.0) and not week.is_part(14.0, 5.0)


# ---------------------------------------------------------------- of a study


def test_who_is_out_in_a_study_is_what_its_tables_and_its_calendar_say(tmp_path: Path) -> None:
    pause = {"name": "pause", "kind": "pause", "begins_on": date(2018, 6, 4), "ends_on": date(2018, 7, 1)}
    shocks = ({**pause, "visits": ("short", "standard", "single_inspection")},)
    scenario = load("ilacs_launch", {"years": 1, "replications": 2, "shocks": shocks})
    results = ensemble_study.run(scenario, tmp_path / "out", pictures=False)
    out = peaks.on_site(results, scenario, np.array([0, 1]))
    people = out.people()
    measured = results.table("measures")
    peak = measured[measured["measure"] == "peak_week_inspectors"]
    assert len(peak) == 4
    for run, year, most in zip(peak["replication"], peak["financial_year"], peak["value"], strict=True):
        assert people[run, out.years == year].max() == most
    assert out.weeks[0] == np.datetime64("2018-01-29") and out.years[0] == "2017-18"
    assert not people[:, ~out.open].any() and people[:, out.open].any()
    holidays = {np.datetime64(day) for day in bank_holidays()}
    held = [any(monday + np.timedelta64(day, "D") in holidays for day in range(5)) for monday in out.weeks]
    assert not out.open[held].any()
    (found,) = out.pauses
    assert found.kinds == ("short", "standard", "single_inspection")
    paused = out.open & ~out.usual
    assert out.weeks[paused].min() >= np.datetime64("2018-06-04") and out.weeks[paused].max() <= np.datetime64(
        "2018-07-01"
    )
    assert not any(out.people(kind=kind)[:, paused].any() for kind in found.kinds)
    due = results.table("workload")["days_due"].sum() / 2
    assert out.days_due.sum() == pytest.approx(due)


def test_the_picture_has_gaps_for_closed_weeks_names_the_busiest_and_says_all_in_its_text() -> None:
    rows = [row(week, "short", 10 + week) for week in range(104) if week % 8]
    out = world(rows, weeks=104)
    weekly = {called: peaks.by_week(out, out.people()) for called in ("As it is", "Levelled")}
    drawn = charts.by_week(weekly, "They save", "Inspectors on site", "one run", {"As it is": [103], "Levelled": []})
    figure, text = charts.figure_of(drawn), charts.alternative(drawn)
    first, second = figure.axes
    assert np.isnan(np.asarray(first.lines[0].get_ydata(), dtype=float)).sum() == 13
    assert [each.get_text() for each in first.texts] == ["113 in the week of 23 Mar 2020"]
    assert (len(second.texts), first.get_ylim()) == (0, second.get_ylim())
    title, _, *lines = text.splitlines()
    assert (title, len(lines)) == ("They save.", 2 * 2)
    assert "As it is, 2018-19: most in the week of 25 March 2019, 61.0 (61.0 to 61.0)" in lines
    plt.close(figure)


def test_names_of_weeks_that_would_lie_over_each_other_are_left_to_the_text() -> None:
    out = world([row(week, "short", 10) for week in range(104)], weeks=104)
    weekly = {"As it is": peaks.by_week(out, out.people())}
    figure = charts.figure_of(charts.by_week(weekly, "Title", "Inspectors", "one run", {"As it is": [10, 20, 60]}))
    assert [each.get_text().split("of ")[1] for each in figure.axes[0].texts] == ["11 Jun 2018", "27 May 2019"]
    plt.close(figure)
