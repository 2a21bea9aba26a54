"""The smallest workforce: exact where all can be worked out by hand, kept whole, and refused in plain words."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from sim.analysis import people_bound
from sim.analysis.capacity import (
    LEAST_SHARE,
    MOST_SHARE,
    SearchResult,
    ServiceLevel,
    levels_about,
    look_for,
    look_for_two,
    of_one_draw_each,
    round_levels,
    runs_at,
)
from sim.analysis.capacity_curve import curve, level_shown, paired_difference, reversals
from sim.analysis.levers import Staff
from sim.analysis.load import ample_staff, offered_load, with_ample_staff
from sim.analysis.other_policy import BothPolicies
from sim.base.faults import InputError
from sim.base.figures import few as in_few
from sim.base.figures import per_cent, percent
from sim.base.progress import SECONDS_A_LINE
from sim.charts import alternative, at_head_count, capacity_curve, figure_of
from sim.charts.capacity import LIKE_PRECISION
from sim.cli.main import main
from sim.inputs.scenario import Scenario, load
from sim.runs.executors import here, kept_ready
from sim.runs.measures import NAMES, UNITS, most_of, years_of
from sim.runs.variants import Runs
from sim.statistics import search
from sim.statistics.search import Bracket, Rule
from sim.statistics.search_cost import runs_to_decide
from sim.studies import bracket_answer, capacity_answer, capacity_study
from sim.studies.answer import Table, read
from sim.studies.bracket_answer import BOUND
from sim.studies.capacity_study import CapacityQuestion
from sim.studies.keeper import EVERY_STUDY
from sim.studies.plan_study import Plan
from tests.oracle.offered_load import offered_load as closed_form
from tests.worlds import all_sizes, authority, nothing_held_back, only_open, quiet, without_focused

HMI = "social_care_hmi"
RULE = Rule(0.8, most=40, fewer=2, shown_runs=12)
FROM_THE_FIRST = ServiceLevel(bound=1.0, from_year=1)
FIRST = ServiceLevel(from_year=1)
WRITTEN = capacity_study.FILES | EVERY_STUDY | {BOUND}
SECONDS = {"started": "", "finished": ""}


@pytest.fixture(scope="module")
def three_at_once() -> Scenario:
    """Three inspections that can begin in one week only, each by a lead and one inspector: six people, no fewer."""
    # Inspected until Friday 4 March 2016, due 36 months later. Of the weeks open (ISO week 10) one lies in the window
    # that closes in September 2019, in the whole financial year 2019-20: that of Monday 4 March 2019.
    names = ("Ayton", "Beeford", "Cayton")
    return quiet(
        [authority(name, "North", "good", "2016-03-04") for name in names],
        {"North": 4},
        {"calendar.closed_weeks": only_open(10), **without_focused()},
        years=3,
    )


@pytest.fixture(scope="module")
def sector() -> Scenario:
    """A few of the authorities, with chance, and of each role a few people, of whom ample staff are a multiple."""
    everybody = load("ilacs_launch", {"years": 2, "runs_per_draw": 1, **nothing_held_back()})
    few = {f"workforce.roles.{role}.people": 4 for role in everybody.workforce.roles}
    return everybody.with_changes({"authorities": everybody.authorities[::25], **few})


@pytest.fixture(scope="module")
def answered(sector: Scenario, tmp_path_factory: pytest.TempPathFactory) -> capacity_study.KeptSearch:
    """A search in one process, kept whole."""
    folder = tmp_path_factory.mktemp("answered") / "out"
    return capacity_study.answer(sector, asked_of(range(3, 11), FIRST), folder, executor=here, progress=False)


def found_in(
    scenario: Scenario, levels: range, service: ServiceLevel = FROM_THE_FIRST, role: Any = None
) -> SearchResult:
    scenario = of_one_draw_each(scenario)
    lever = role or Staff("social_care_hmi")
    return look_for(scenario, service, lever, levels, RULE, Runs(scenario, here))


def asked_of(levels: range, service: ServiceLevel = FROM_THE_FIRST) -> CapacityQuestion:
    return CapacityQuestion(service, (Staff("social_care_hmi"),), (levels,), RULE)


@pytest.mark.parametrize("levels", [range(60, 90, 5), range(90, 60), range(0)])
def test_a_range_that_leaves_out_levels_is_refused(levels: range) -> None:
    with pytest.raises(InputError, match="with no gaps between them"):
        CapacityQuestion(ServiceLevel(), (Staff("social_care_hmi", None),), (levels,), RULE)


@pytest.mark.parametrize("most", [41, 45, 63])
@pytest.mark.slow
def test_an_odd_number_of_runs_ends_as_well(three_at_once: Scenario, most: int) -> None:
    # The runs that a test begins ahead of itself (up to the most) meet those of the pilot in the middle of a pair.
    rule = Rule(0.8, most=most, fewer=2, shown_runs=100)
    scenario = of_one_draw_each(three_at_once)
    runs = Runs(scenario, here)
    found = look_for(scenario, FROM_THE_FIRST, Staff("social_care_hmi"), range(2, 13), rule, runs)
    assert found.bracket.meets == 6
    assert np.array_equal(np.intersect1d(found.numbers[4], found.numbers[6]), found.bracket.shown)


def test_three_inspections_in_one_week_take_six_people(three_at_once: Scenario) -> None:
    found = found_in(three_at_once, range(2, 13))
    assert (found.bracket.meets, found.bracket.fails) == (6, 5)
    assert found.kept(6).all()
    assert not found.kept(5).any()


def test_what_fewer_cost_is_the_inspection_that_is_late(three_at_once: Scenario) -> None:
    found = found_in(three_at_once, range(2, 13))
    late = paired_difference(found, 4, 6, "inspections_late")
    assert late.mean == pytest.approx(1 / len(found.counted))  # one of three, in one of the years that count
    spared = paired_difference(found, 4, 6, "staff_cost_pounds").mean
    assert spared < 0
    assert "2 fewer (4)" in " ".join(capacity_answer.of_one(found))


def test_the_first_line_sets_today_beside_round_numbers_and_the_answer(three_at_once: Scenario) -> None:
    found = found_in(three_at_once, range(2, 13))
    # Of three inspections in one of two years one is late with four or five people, and none with six or more.
    said = (
        "With today's 4 social care HMI: 0% of 12 runs keep the service level, and the median run has 0.5 late "
        "inspections a year. With 5: 0% and 0.5. With 6: 100% and 0. With 7: 100% and 0. For the service level that "
        "you asked for, 6 are enough and 5 are not."
    )
    assert capacity_answer.of_one(found)[0] == said
    for level in (4, 5, 6, 7):
        assert set(found.numbers[level]) >= set(found.bracket.shown)
    table = capacity_answer.head_counts(found)
    assert [row[:2] for row in table.rows] == [
        ("4", "today, 2 fewer"), ("5", "1 fewer"), ("6", "enough"), ("7", ""),
    ]  # fmt: skip
    assert [row[2] for row in table.rows] == ["0.0%", "0.0%", "100.0%", "100.0%"]
    assert [row[3] for row in table.rows] == ["0.5", "0.5", "0", "0"]


def test_the_first_line_has_the_figures_of_the_table(answered: capacity_study.KeptSearch) -> None:
    (found,) = answered.found
    line = capacity_answer.first_line(found)
    kept, many, late = re.findall(
        r": (\d+)% of (\d+) runs keep the service level, and the median run has (.+?) late", line
    )[0]
    today = str(found.lever.people(found.scenario))
    said = [(today, kept, late), *re.findall(r"With (\d+): (\d+)% and (.+?)\. ", line)]
    table = {row[0]: row[2:4] for row in capacity_answer.head_counts(found).rows}
    assert len(said) > 2
    for level, kept, late in said:
        shown = found.is_shown(int(level))
        of_level = found.column(int(level), "inspections_late")[shown]
        assert (shown.sum(), late) == (int(many), in_few(float(np.median(of_level))))
        low, high = (in_few(float(np.quantile(of_level, part))) for part in (0.1, 0.9))
        share = float(found.kept(int(level))[shown].mean())
        assert int(kept) == per_cent(share)
        assert table[level] == (percent(share), late + (f" ({low} to {high})" if low != high else ""))


def test_the_first_line_gives_late_inspections_only_where_the_level_is_about_them(three_at_once: Scenario) -> None:
    old = ServiceLevel("judgements_older_than_3_5_years", 0.5, at_least=False, from_year=1)
    line = capacity_answer.first_line(found_in(three_at_once, range(3, 8), old))
    assert re.match(r"With today's 4 social care HMI: \d+% of 12 runs keep the service level\. With \d: \d+%\. ", line)


def test_the_first_line_gives_no_median_where_every_run_raised(three_at_once: Scenario) -> None:
    found = found_in(three_at_once, range(2, 13))
    raised = replace(found, runs={level: np.full_like(runs, np.nan) for level, runs in found.runs.items()})
    assert capacity_answer.first_line(raised).startswith(
        "With today's 4 social care HMI: 0% of 12 runs keep the service level. With 5: 0%. "
    )


def test_where_nothing_falls_due_no_number_of_people_is_called_enough(three_at_once: Scenario) -> None:
    found = found_in(three_at_once, range(2, 13))
    runs = {level: each.copy() for level, each in found.runs.items()}
    for each in runs.values():
        each[:, :, found.names.index("inspections_on_time")] = np.nan
    said = " ".join(capacity_answer.of_one(replace(found, runs=runs)))
    assert said == capacity_answer.SAYS_NOTHING


def test_where_runs_are_too_few_to_show_that_any_number_is_enough_the_first_line_says_so(
    three_at_once: Scenario,
) -> None:
    found = found_in(three_at_once, range(2, 13))
    shown = Bracket(None, 5, found.bracket.tested, found.bracket.shown)
    few_runs = replace(found, bracket=shown, rule=Rule(0.9, most=40))
    said = "no number from 2 to 12 was shown to be enough, and 40 runs each could hardly have shown it; 5 are too few."
    assert capacity_answer.first_line(few_runs).endswith(said)
    assert "could hardly" not in capacity_answer.first_line(replace(few_runs, rule=Rule(0.9, most=400)))


def test_runs_that_only_show_are_no_more_than_a_test_may_have() -> None:
    assert (Rule().illustrating_runs, Rule(0.8, most=40).illustrating_runs) == (100, 40)


def test_a_share_can_reach_one_and_other_measures_have_no_limit() -> None:
    assert (most_of("inspections_on_time"), most_of("utilisation"), most_of("inspections_late")) == (
        1.0,
        np.inf,
        np.inf,
    )


def test_people_today_are_run_and_told_where_the_search_does_not_look(three_at_once: Scenario) -> None:
    found = found_in(three_at_once, range(5, 13))
    assert len(found.numbers[4]) == RULE.shown_runs
    assert capacity_answer.first_line(found).startswith(
        "With today's 4 social care HMI: 0% of 12 runs keep the service level, and the median run has 0.5 late "
        "inspections a year. With 5: 0% and 0.5. With 6: 100% and 0. With 7: 100% and 0."
    )


@pytest.mark.parametrize(
    ("meets", "fails", "shown"),
    [(82, 77, [63, 75, 85]), (120, 98, [63, 90, 130]), (80, 75, [63, 75, 85]), (6, 5, [63, 7]), (None, 90, [63, 126])],
)
def test_round_numbers_stand_next_to_the_answer(meets: int | None, fails: int, shown: list[int]) -> None:
    levels = range(6, 131) if meets == 6 else range(31, 131 if meets else 127)
    assert round_levels(63, levels, Bracket(meets, fails, {}, range(0))) == shown


@pytest.mark.parametrize(
    ("begun", "words"),
    [
        (
            [40.0] * 7,
            "About 40 inspections begin in a year. If as many have their latest date in it, at most 2 can be late in "
            "each of these 7 years without missing the service level.",
        ),
        (
            [10.0, *[60.0] * 6],
            "About 10 to 60 inspections begin in a year. If as many have their latest date in it, at most 0 to 3",
        ),
        ([19.0] * 7, "date in it, none can be late"),
    ],
)
def test_a_share_on_time_is_told_in_inspections(begun: list[float], words: str) -> None:
    found = with_kept({80: [True] * 3})
    years = [found.years.index(year) for year in found.counted]
    found.runs[80][:, years, NAMES.index("inspections_started")] = begun
    assert words in capacity_answer.in_inspections(found)
    late = replace(found, service=ServiceLevel("inspections_late", 2.0, at_least=False))
    assert capacity_answer.in_inspections(late) == ""


def test_people_of_one_region_are_added_there_alone(three_at_once: Scenario) -> None:
    lever = Staff("social_care_hmi", "South")
    changes = lever.changes(three_at_once, 3)
    assert changes["workforce.roles.social_care_hmi.by_region"] == {"North": 4, "South": 3}
    assert lever.people(three_at_once) == 0
    # From another region a day of travel is needed, which a quiet world's week of notice leaves room for.
    found = found_in(three_at_once, range(1, 9), role=lever)
    assert found.bracket.meets == 2


def test_people_given_by_region_keep_their_proportions(sector: Scenario) -> None:
    by_region = dict.fromkeys(sector.workforce.regions, 1) | {"London": 6}
    key = "workforce.roles.social_care_hmi"
    given = sector.with_changes({f"{key}.people": sum(by_region.values()), f"{key}.by_region": by_region})
    shared = Staff("social_care_hmi").changes(given, 26)[f"{key}.by_region"]
    assert shared == {region: 2 * people for region, people in by_region.items()}


def test_a_run_keeps_the_level_in_every_year_in_which_there_is_anything_due() -> None:
    service = ServiceLevel()
    kept = service.kept(np.array([[1.0, np.nan], [0.94, 1.0], [0.95, 0.95]]))
    assert kept.tolist() == [True, False, True]
    at_most = ServiceLevel("inspections_late", 1.0, at_least=False)
    assert at_most.kept(np.array([[1.0], [2.0]])).tolist() == [True, False]


@pytest.mark.slow
def test_runs_that_raise_count_as_missed_and_are_said(
    sector: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim.runs.model import Model

    run = Model.run

    def raises(self: Model) -> Any:
        if self._replication % 3 == 1:
            raise RuntimeError("on purpose")
        return run(self)

    monkeypatch.setattr(Model, "run", raises)
    service = ServiceLevel("inspections_late", 1000.0, at_least=False, from_year=1)
    found = capacity_study.answer(sector, asked_of(range(3, 6), service), tmp_path / "out", progress=False)
    assert found.found[0].bracket.meets is None  # two in three keep it, everywhere
    assert found.failures
    assert "FAILED" in found.text
    assert {each["replication"] % 3 for each in found.failures} == {1}
    again = capacity_study.answer(sector, asked_of(range(3, 6), service), tmp_path / "out", progress=False)
    assert (again.repeated, again.text, again.failures) == (True, found.text, found.failures)


def test_the_years_that_count_are_whole_and_from_the_one_asked_for(sector: Scenario) -> None:
    launch = load("ilacs_launch")
    assert ServiceLevel().years(launch) == [f"{year}-{year % 100 + 1}" for year in range(2020, 2027)]
    with pytest.raises(InputError, match="1 whole financial years"):
        ServiceLevel(from_year=3).years(sector)


def test_every_run_has_a_draw_of_its_own() -> None:
    launch = of_one_draw_each(load("ilacs_launch"))
    assert launch.runs_sharing_a_draw == 1
    assert launch.drawn(0).ratings.drift != launch.drawn(1).ratings.drift


@pytest.mark.slow
def test_the_same_question_has_the_same_answer_byte_for_byte_in_one_process_or_two(
    sector: Scenario, answered: capacity_study.KeptSearch, tmp_path: Path
) -> None:
    folders = [answered.folder, tmp_path / "two"]
    with kept_ready(2) as both:
        capacity_study.answer(sector, asked_of(range(3, 11), FIRST), folders[1], executor=both, progress=False)
    files = sorted(path.name for path in folders[0].iterdir())
    assert set(files) == WRITTEN
    assert read(folders[0]).lead[1].partition(" ")[2].startswith("social care HMI are enough")
    for name in files:
        one, two = (folder / name for folder in folders)
        if name == "manifest.json":
            assert json.loads(one.read_text()) | SECONDS == json.loads(two.read_text()) | SECONDS
        else:
            assert one.read_bytes() == two.read_bytes(), name


class _StoppedError(Exception):
    """What ends a search before its time."""


@pytest.mark.slow
def test_a_search_that_was_stopped_goes_on_and_ends_with_the_same_answer(
    sector: Scenario, answered: capacity_study.KeptSearch, tmp_path: Path
) -> None:
    done = 0

    def stops(task: Any, inputs: Any) -> Iterator[Any]:
        nonlocal done
        for each in inputs:
            if done == 20:
                raise _StoppedError
            done += 1
            yield task(each)

    asked = asked_of(range(3, 11), FIRST)
    with pytest.raises(_StoppedError) as stopped:
        capacity_study.answer(sector, asked, tmp_path / "stopped", executor=stops, progress=False)
    assert "40 finished replications are kept" in " ".join(stopped.value.__notes__)
    again = capacity_study.answer(sector, asked, tmp_path / "stopped", progress=False)
    assert again.text == answered.text
    for name in WRITTEN - {"manifest.json"}:
        assert (tmp_path / "stopped" / name).read_bytes() == (answered.folder / name).read_bytes()


@pytest.mark.parametrize(
    ("after", "known"),
    [pytest.param(5, "nothing decided yet", marks=pytest.mark.slow), (80, r"(enough|too few|not decided): \d \(")],
)
def test_ctrl_c_ends_in_what_is_known_so_far_and_nothing_is_lost(
    few: Path, after: int, known: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stops(task: Any, inputs: Any) -> Iterator[Any]:
        for number, each in enumerate(inputs):
            if number == after:
                raise KeyboardInterrupt
            yield task(each)

    with monkeypatch.context() as stopped:
        stopped.setattr("sim.cli.capacity.executor_of", lambda _: nullcontext(stops))
        assert main(["capacity", "few.toml", *FLAGS]) == 1
    said = capsys.readouterr().err.rpartition("Stopped.")[2]
    assert re.search(f"So far, of social care HMI: {known}", said)
    assert f"{2 * after} finished replications are kept" in said
    if "nothing" in known:
        assert main(["capacity", "few.toml", *FLAGS]) == 0
        assert f"in addition to the {2 * after} kept from before" in capsys.readouterr().err


def test_ctrl_c_after_the_search_ends_in_the_answer(three_at_once: Scenario, tmp_path: Path) -> None:
    def stops(task: Any, inputs: Any) -> Iterator[Any]:
        for each in inputs:
            if not isinstance(each, range) and "." not in each[0].word:  # runs of the offered load
                raise KeyboardInterrupt
            yield task(each)

    with pytest.raises(KeyboardInterrupt) as stopped:
        capacity_study.answer(three_at_once, asked_of(range(2, 13)), tmp_path, executor=stops, progress=False)
    assert stopped.value.__notes__[0].endswith("For the service level that you asked for, 6 are enough and 5 are not.")


@pytest.mark.slow
def test_runs_and_time_are_told_before_any_run_and_what_is_known_in_a_line_every_half_minute(
    few: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert SECONDS_A_LINE == 30
    monkeypatch.setattr("sim.base.progress.SECONDS_A_LINE", 0.0)
    assert main(["capacity", "few.toml", *FLAGS]) == 0
    said = capsys.readouterr().err
    before, line, after = said.partition("capacity_few: ")
    low, high = map(int, re.findall(r"Expected: (\d+) to (\d+) runs\. On this machine a run takes", before)[0])
    runs = json.loads((few / "results" / "capacity_few" / "manifest.json").read_text())["runs"]
    assert low / 2 <= runs <= 2 * high
    enough = runs_to_decide(Rule(0.7, most=24))
    assert "WITH AT MOST 24 RUNS AT EACH HEAD-COUNT" in before and f"`--replications {enough}`" in before
    lines = (line + after).splitlines()
    assert lines[0].endswith("runs made; nothing decided yet")
    assert any("enough: " in each and "too few: 3 (" in each for each in lines)


@pytest.mark.filterwarnings("error")
def test_the_curve_has_room_for_its_words_where_every_head_count_has_many_runs() -> None:
    drawn = capacity_curve(with_kept({50: [True] * LIKE_PRECISION, 51: [True] * LIKE_PRECISION}))
    figure = figure_of(drawn)
    figure.canvas.draw()
    legend = drawn[0].get_legend()
    assert legend is not None
    assert legend.get_window_extent().x1 <= figure.bbox.x1
    plt.close(figure)


def test_the_title_of_the_curve_writes_a_number_with_a_decimal_as_one() -> None:
    found = with_kept({50: [True] * 10, 51: [True] * 10})
    old = replace(found, service=ServiceLevel("judgements_older_than_3_5_years", 0.1, at_least=False))
    drawn = capacity_curve(old)
    assert "judgements older than 3.5 years" in alternative(drawn).partition("\n")[0]
    plt.close(figure_of(drawn))


def test_the_curve_joins_no_points_of_few_runs_and_has_no_words_among_its_marks(three_at_once: Scenario) -> None:
    found = found_in(three_at_once, range(2, 13))
    runs = curve(found).set_index("level")["runs"]
    assert runs.min() < LIKE_PRECISION  # those of the pilot
    above, *below = capacity_curve(found)
    figure = figure_of(above)
    figure.canvas.draw()
    for panel in below:
        lines = [line for line in panel.lines if line.get_linestyle() == "-"]
        (joined,) = [np.asarray(line.get_xdata()).tolist() for line in lines]
        assert joined == runs.index[runs >= LIKE_PRECISION].tolist()
    inside, legend = above.get_window_extent(), above.get_legend()
    assert legend is not None
    for words in (legend, *above.texts):
        assert words.get_window_extent().x0 >= inside.x1
    plt.close(figure)


def test_one_head_count_is_told_year_by_year_on_the_scales_of_all() -> None:
    found = with_kept({50: [True] * 12 + [False] * 8, 51: [True] * 4})
    found.runs[50][0, :, NAMES.index("inspections_late")] = 40
    first, second = at_head_count(found, 50), at_head_count(found, 51)
    told = alternative(first).splitlines()
    assert told[0] == "50 social care HMI: 12 of 20 runs keep the service level."
    assert "inspections on time, 2018-19: 60% (0.0% to 100.0%)" in told
    assert "late inspections, 2026-27: 2.0 (0.00 to 0.00)" in told
    assert "too few runs to tell this head-count from its neighbours" in alternative(second).partition("\n")[0]
    assert [axes.get_ylim() for axes in first] == [axes.get_ylim() for axes in second]
    plt.close("all")
    with pytest.raises(InputError, match="people: found 52; the search made runs for 50, 51"):
        at_head_count(found, 52)


def test_a_folder_that_holds_the_answer_is_shown_again_and_another_question_is_refused(
    sector: Scenario, answered: capacity_study.KeptSearch, tmp_path: Path
) -> None:
    asked = asked_of(range(3, 11), FIRST)
    shutil.copytree(answered.folder, tmp_path / "out")

    def none(task: Any, inputs: Any) -> Iterator[Any]:
        raise AssertionError(f"{task} was run on {inputs}")

    again = capacity_study.answer(sector, asked, tmp_path / "out", executor=none, progress=False)
    assert again.repeated
    assert again.text == answered.text
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    with pytest.raises(InputError, match=r"bound is 0\.95 there and 0\.9 here"):
        other = asked_of(range(3, 11), ServiceLevel(bound=0.9, from_year=1))
        capacity_study.answer(sector, other, tmp_path / "out", progress=False)
    assert before == {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    (tmp_path / "out" / "curve.csv").write_text("changed")
    with pytest.raises(InputError, match=r"damaged: curve\.csv has changed since it was written"):
        capacity_study.answer(sector, asked, tmp_path / "out", progress=False)


def test_nobody_may_be_enough(three_at_once: Scenario, tmp_path: Path) -> None:
    asked = CapacityQuestion(FROM_THE_FIRST, (Staff("senior_hmi"),), (range(4),), RULE)
    six = three_at_once.with_changes(Staff("social_care_hmi").changes(three_at_once, 6))
    text = capacity_study.answer(six, asked, tmp_path / "out", progress=False).text
    now = "With today's 0 senior HMI: 100% of 12 runs keep the service level, and the median run has 0 late "
    now += "inspections a year. With 1: 100% and 0."
    assert " ".join(text.split()).startswith(f"{now} For the service level that you asked for, 0 are enough.")
    assert "0 senior HMI are enough" in text
    assert "In none of" in text


def test_the_offered_load_is_what_falls_due_where_nobody_waits(three_at_once: Scenario) -> None:
    # Three short inspections, each of a lead and one inspector: as the closed form has it, and as six people have it.
    scenario = of_one_draw_each(three_at_once)
    runs = Runs(scenario, here)
    found = look_for(scenario, FROM_THE_FIRST, Staff("social_care_hmi"), range(2, 13), RULE, runs)
    load = offered_load(found, runs)
    assert load.level == 6
    assert load.table["offered"].tolist() == pytest.approx(load.table["due"].tolist())
    days = closed_form(scenario).days
    by_year = days.groupby("financial_year")["days"].sum().reindex(load.table["financial_year"], fill_value=0.0)
    assert load.table["offered"].tolist() == pytest.approx(by_year.tolist())
    assert load.table["offered"].sum() > 0
    of_role = days[(days["role"] == "social_care_hmi") & days["financial_year"].isin(found.counted)]["days"].sum()
    a_person = (253 + 254) / 2  # working days of 2018-19 (Easter falls outside but for its Monday) and 2019-20
    assert load.busy is not None
    assert load.busy.mean == pytest.approx(of_role / len(found.counted) / a_person, rel=0.003)
    assert load.late.mean == 0
    said = " ".join(capacity_answer.load_sentences(load, found))
    assert "30 runs with ample staff (16 social care HMI" in said
    assert "would keep" in said


def test_the_offered_load_waits_for_nobody_where_the_staff_that_was_found_is_too_few(three_at_once: Scenario) -> None:
    scenario = of_one_draw_each(three_at_once)
    runs = Runs(scenario, here)
    found = look_for(scenario, FROM_THE_FIRST, Staff("social_care_hmi"), range(2, 6), RULE, runs)
    load = offered_load(found, runs)
    assert found.column(load.level, "inspections_late").mean() > 0
    assert load.late.mean == 0


def test_ample_staff_are_a_multiple_of_the_people_in_post_and_one_for_each_authority_at_the_least() -> None:
    launch = load("ilacs_launch")
    staff = ample_staff(launch)
    assert staff["social_care_hmi"] == 4 * 63
    assert staff["senior_hmi"] == len(launch.authorities) == 152
    ample = with_ample_staff(launch)
    assert {role: rules.people for role, rules in ample.workforce.roles.items()} == staff
    assert ample.planning.most_inspections is None


def test_the_fewest_of_any_plan_and_the_other_policy_stand_beside_the_answer(
    answered: capacity_study.KeptSearch,
) -> None:
    (found,) = answered.found
    bounds = pd.read_csv(answered.folder / BOUND)
    assert list(bounds["replication"]) == list(range(people_bound.RUNS))
    assert (bounds["fewest"] <= bounds["fewest_with_other_visits"]).all()
    level = level_shown(found)
    kept = dict(zip(found.numbers[level].tolist(), found.kept(level).tolist(), strict=True))
    fewest = zip(bounds["replication"].tolist(), bounds["fewest"].tolist(), strict=True)
    assert all(bound <= level for number, bound in fewest if kept.get(number))
    (table,) = policies_of(answered)
    assert table.rows[0][0].startswith("perfect foresight")
    least = int(table.rows[0][1].split()[0])
    # Of thirty runs fewer than this many are below their quantile at 80% with a probability of at most 5%.
    place = max(number for number in range(31) if binom.cdf(number - 1, 30, 0.8) <= 0.05)
    assert least == sorted(bounds["fewest"])[place - 1]
    assert found.bracket.meets is None or least <= found.bracket.meets
    said = " ".join(answered.text.split())
    assert f"the inspections of these runs need at least {least} social care HMI to keep the level in 80% of" in said
    assert f"This comes from 30 runs with {level} people." in said
    assert "No plan could" not in said


def policies_of(kept: capacity_study.KeptSearch) -> list[Table]:
    return [block for block in kept.answer.blocks if isinstance(block, Table) and block.head[0] == "weeks"]


OLD = ServiceLevel("judgements_older_than_3_5_years", 1.0, at_least=False, from_year=1)
LATE_OR_FEW = ServiceLevel("inspections_on_time", 1.0, at_least=False, from_year=1)
LIMITED = {f"workforce.roles.{HMI}.most_offers_a_quarter": 1}


@pytest.mark.parametrize(
    ("service", "changes", "words"),
    [
        pytest.param(OLD, {}, "", marks=pytest.mark.slow),
        (LATE_OR_FEW, {}, ""),
        pytest.param(ServiceLevel("inspections_late", 0.0, from_year=1), {}, "", marks=pytest.mark.slow),
        (FROM_THE_FIRST, LIMITED, "There is no lower bound here, because a limit on offers"),
    ],
)
def test_without_a_bound_both_policies_are_shown_all_the_same(
    three_at_once: Scenario, tmp_path: Path, service: ServiceLevel, changes: dict[str, object], words: str
) -> None:
    scenario = three_at_once.with_changes(changes)
    found = capacity_study.answer(scenario, asked_of(range(3, 7), service), tmp_path / "out", progress=False)
    assert not (found.folder / BOUND).exists()
    (table,) = policies_of(found)
    assert len(table.rows) == 2 and "foresight" not in table.caption
    assert words in " ".join(found.text.split()) and "perfect foresight" not in found.text


def test_there_is_no_bound_where_every_run_raises(three_at_once: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    found = found_in(three_at_once, range(5, 7))

    def raises(*_: Any) -> Any:
        raise RuntimeError("on purpose")

    monkeypatch.setattr(people_bound, "bound_of_run", raises)
    runs = Runs(three_at_once, here)
    assert people_bound.people_bound(found, runs) is None
    assert len(runs.failures) == people_bound.RUNS


@pytest.mark.parametrize(
    ("own", "other"),
    [
        ("inferred", "levelled"),
        pytest.param("optimised", "levelled", marks=pytest.mark.slow),
        ("levelled", "drawn"),
    ],
)
def test_the_bracket_names_the_policies_it_has_and_the_better_one_comes_first(
    three_at_once: Scenario, own: str, other: str
) -> None:
    found = found_in(three_at_once, range(5, 7))
    few, many = np.arange(30) < 9, np.arange(30) < 21
    for by_own, by_other in ((few, many), (many, few)):
        policies = BothPolicies(own, other, by_own, by_other)
        table = bracket_answer.table(found, None, policies)
        assert [row[2] for row in table.rows] == ["21 of 30", "9 of 30"]
        assert (f"({own})" in table.rows[0][0] or "parameter draw" in table.rows[0][0]) == (by_own is many)
        assert "random" not in table.caption and "any plan" not in table.caption
        said = bracket_answer.sentence(found, None, policies)
        assert f"{by_own.sum()} of 30 runs keep the level with weeks" in said
        assert f"search again with `--set planning.programme={other}`" in said


def test_the_curve_is_of_the_runs_that_were_made(answered: capacity_study.KeptSearch) -> None:
    found = answered.found[0]
    table = curve(found).set_index("level")
    assert table["runs"].sum() == found.made
    for level, row in table.iterrows():
        values = found.runs[int(str(level))]
        years = [found.years.index(year) for year in found.counted]
        on_time = values[:, years, NAMES.index("inspections_on_time")]
        assert row["kept"] == np.sum(np.all((on_time >= 0.95) | np.isnan(on_time), axis=1))
        assert row["kept_low"] <= row["share_kept"] <= row["kept_high"]
        cost = values[:, years, NAMES.index("staff_cost_pounds")].mean()
        assert row["staff_cost_pounds"] == pytest.approx(cost)
    costs = table["staff_cost_pounds"].to_numpy()
    assert np.all(np.diff(costs[[0, -1]]) > 0)


def with_kept(kept: dict[int, list[bool]]) -> SearchResult:
    """A search in which these runs kept the service level."""
    scenario = load("ilacs_launch", {"runs_per_draw": 1})
    years = tuple(years_of(scenario))
    runs = {}
    for level, each in kept.items():
        values = np.zeros((len(each), len(years), len(NAMES)))
        values[:, :, NAMES.index("inspections_on_time")] = np.array(each, dtype=float)[:, None]
        runs[level] = values
    numbers = {level: np.arange(len(each)) for level, each in kept.items()}
    bracket = Bracket(None, None, {}, range(0))
    return SearchResult(
        scenario, ServiceLevel(), Staff("social_care_hmi"), range(1, 99), Rule(0.9), bracket, runs, numbers, years
    )


def test_whether_more_people_do_better_is_found_out() -> None:
    better = with_kept({50: [False] * 15 + [True] * 5, 51: [False] * 5 + [True] * 15})
    assert (reversals(better).pairs, reversals(better).reversed_) == (20, 0)
    assert "In none of 20 pairs of runs" in " ".join(capacity_answer.of_one(better))
    once = with_kept({50: [False] * 9 + [True], 51: [True] * 9 + [False]})
    said = " ".join(capacity_answer.of_one(once))
    assert "do not do better in every run: in 1 of 10 pairs" in said and "Chance may explain this" in said
    worse = with_kept({50: [True] * 20, 51: [False] * 20})
    assert reversals(worse).least_p_value == pytest.approx(0.5**20)
    assert "MORE PEOPLE DO NOT ALWAYS DO BETTER" in " ".join(capacity_answer.of_one(worse))


def test_a_head_count_that_was_not_decided_is_not_said_to_be_enough(three_at_once: Scenario) -> None:
    found = found_in(three_at_once, range(2, 9))
    wide = replace(found, bracket=replace(found.bracket, fails=3))
    assert capacity_answer.first_line(wide).endswith(
        "6 are enough and 3 are not; the numbers between were not decided."
    )


def test_where_nothing_suffices_the_best_is_named(three_at_once: Scenario) -> None:
    found = found_in(three_at_once, range(2, 6))
    assert found.bracket.meets is None
    now, said = capacity_answer.of_one(found)[:2]
    assert now == (
        "With today's 4 social care HMI: 0% of 12 runs keep the service level, and the median run has 0.5 late "
        "inspections a year. With 5: 0% and 0.5. For the service level that you asked for, no number from 2 to 5 was "
        "shown to be enough; 5 are too few."
    )
    assert said.startswith("No number from 2 to 5 social care HMI was shown to be enough")
    assert "The best number tried is 5" in said


@pytest.mark.slow
def test_both_of_two_roles_are_found_together(three_at_once: Scenario) -> None:
    # The lead is of social care, and the second seat of the schools HMI: three of each.
    team = "frameworks.ilacs_2017.visits.short.team"
    seats = {f"{team}.inspectors.people": all_sizes(0), f"{team}.schools.people": all_sizes(1)}
    both = three_at_once.with_changes({**seats, "workforce.roles.schools_hmi.programme_share": 1.0})
    asked = CapacityQuestion(
        FROM_THE_FIRST, (Staff("social_care_hmi"), Staff("schools_hmi")), (range(1, 9), range(1, 9)), RULE
    )
    scenario = of_one_draw_each(both)
    runs = Runs(scenario, here)
    pair = look_for_two(scenario, asked.service, asked.levers, asked.ranges, RULE, runs)
    assert pair.answer == (3, 3)
    (one, other), posts = asked.levers, both.workforce.roles
    assert (one.people(both), other.people(both)) == (4, posts["schools_hmi"].people)
    today = runs_at(scenario, asked.service, one, 2, RULE, runs, range(40), (other, 3))
    now, said = capacity_answer.of_two(pair, today)[:2]
    assert now == (
        "With today's 2 social care HMI and 3 schools HMI: 0% of 40 runs keep the service level, and the median run "
        "has 0.5 late inspections a year. With 3 and 3: 100% and 0. For the service level that you asked for, 3 and 3 "
        "together are enough."
    )
    assert "3 social care HMI and 3 schools HMI together are enough" in said


@pytest.mark.slow
def test_plenty_of_the_second_role_stands_where_its_own_search_finds_nothing(
    three_at_once: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, searches = Staff("social_care_hmi"), Staff("schools_hmi"), []

    def given_up(*asked: Any, **more: Any) -> SearchResult:
        """The first search as it is; of the second one, a search that decides nothing."""
        found = look_for(*asked, **more)
        searches.append(found)
        if found.lever == one:
            return found
        last = found.numbers[8].tolist()
        nothing = Bracket(None, None, {8: search.Tested("undecided", 30, 40)}, range(last[0], last[-1] + 1))
        return replace(found, bracket=nothing)

    monkeypatch.setattr("sim.analysis.capacity.look_for", given_up)
    runs = Runs(three_at_once, here)
    pair = look_for_two(three_at_once, FROM_THE_FIRST, (one, two), (range(2, 13), range(1, 9)), RULE, runs)
    assert pair.answer == (6, 8)
    today = runs_at(three_at_once, FROM_THE_FIRST, one, 4, RULE, runs, range(40), (two, 8))
    said = " ".join(capacity_answer.of_two(pair, today))
    assert (
        "With today's 4 social care HMI and 8 schools HMI: 0% of 40 runs keep the service level, and the median" in said
    )
    assert "late inspections a year. With 6 and 8: 100% and 0." in said
    assert "6 social care HMI and 8 schools HMI together are enough" in said
    assert "1 to 7 are not decided (not tested), 8 meets (100.0%" in said
    assert pair.second is not None
    assert level_shown(pair.second) == 8
    drawn = capacity_curve(pair.second)
    figure, text = figure_of(drawn), alternative(drawn)
    plt.close(figure)
    assert text.startswith("8 schools HMI are enough beside 6 social care HMI")
    fails = Bracket(None, 8, {8: search.Tested("fails", 3, 40)}, pair.second.bracket.shown)
    failed = replace(pair, second=replace(pair.second, bracket=fails))
    now, *others = capacity_answer.of_two(failed, today)
    assert now.endswith("For the service level that you asked for, no pair was shown to be enough.")
    said = " ".join(others)
    assert said.startswith("No pair of head-counts was shown to be enough")
    assert "so one of them is wrong" in said
    first, second = (set(each.numbers[each.levels[-1]].tolist()) for each in searches)
    assert first.isdisjoint(second)


def test_the_range_is_about_the_people_in_post() -> None:
    assert levels_about(63) == range(31, 127)
    assert levels_about(0) == range(1, 3)
    assert levels_about(1) == range(1, 3)


SMALL = """
extends = "ilacs_launch"
question = "How many?"
years = 2
authorities = "few.csv"

[planning]
backlog_months = 0
most_inspections = 40

[workforce.roles]
social_care_hmi.people = 6
social_care_hmi.programme_share = 0.62
schools_hmi.people = 4
regulatory_inspector.people = 4
senior_hmi.people = 4
"""


@pytest.fixture
def few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder with a scenario of a few authorities."""
    monkeypatch.chdir(tmp_path)
    rows = [f"A{number},London,good,201{5 + number % 3}-0{1 + number % 9}-10" for number in range(8)]
    (tmp_path / "few.csv").write_text("\n".join(["authority,region,judgement,inspected_on", *rows]), encoding="utf-8")
    (tmp_path / "few.toml").write_text(SMALL, encoding="utf-8")
    return tmp_path


FLAGS = ["--from-year", "1", "--with-probability", "0.7", "--between", "3", "9", "--replications", "24", "--jobs", "1"]


def test_the_command_answers_with_a_bracket_a_curve_and_a_picture(
    few: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["capacity", "few.toml", *FLAGS]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "social care HMI are enough for this service level: inspections on time at least 95.0%" in said
    assert "meets (" in said
    assert "a full grid would take, 24 at each of 7 head-counts" in said
    folder = few / "results" / "capacity_few"
    assert {path.name for path in folder.iterdir()} == WRITTEN
    table = pd.read_csv(folder / "curve.csv")
    assert set(table["verdict"]) <= {"meets", "fails", "undecided", "not tested"}
    assert (folder / "capacity_curve.txt").read_text().count("social care HMI:") == len(table)
    assert main(["capacity", "few.toml", *FLAGS]) == 0
    assert "Already there, nothing run" in capsys.readouterr().out


def test_two_roles_that_share_the_error_need_more_runs_and_it_is_said_before_anything_is_run(
    few: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--role", "schools_hmi", "--role", "social_care_hmi", "--from-year", "1", "--replications", "40"]
    assert main(["capacity", "few.toml", *flags]) == 2
    assert "give at least" in capsys.readouterr().err
    assert not (few / "results").exists()


def test_a_measure_of_which_less_is_better_is_not_asked_to_be_high(
    few: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["capacity", "few.toml", "--measure", "inspections_late", "--from-year", "1"]) == 2
    assert (
        "give the lowest acceptable value of inspections_late here, or the highest with --at-most"
        in capsys.readouterr().err
    )


def test_every_fault_of_a_question_is_said_at_once_and_nothing_is_written(
    few: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = [
        "--measure", "inspections_in_time", "--at-least", "nan", "--with-probability", "1", "--confidence", "2",
        "--role", "social_care", "--between", "9", "3", "--replications", "5", "--from-year", "0", "--jobs", "0",
    ]  # fmt: skip
    assert main(["capacity", "few.toml", *flags]) == 2
    said = capsys.readouterr().err
    for words in (
        "did you mean 'inspections_on_time'", "--at-least: X: found nan", "--with-probability", "--confidence",
        "did you mean 'social_care_hmi'", "LOW must be less than HIGH", "--from-year", "--jobs",
    ):  # fmt: skip
        assert words in said
    assert main(["capacity", "few.toml", "--at-least", "95", "--from-year", "9"]) == 2
    said = capsys.readouterr().err
    assert "a share lies between 0 and 1" in said
    assert "1 whole financial years" in said
    assert not (few / "results").exists()


@pytest.mark.parametrize("command", ["capacity", "plan"])
def test_the_help_names_the_defaults_that_there_are(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    options = capsys.readouterr().out.partition("options:")[2].partition("examples:")[0]
    said = {each.split()[0]: " ".join(each.split()) for each in re.split(r"\n  (?=--)", options)}
    level, rule = ServiceLevel(), Rule()
    defaults = {
        "--measure": level.measure, "--at-least": f"{level.bound} for {level.measure}", "--from-year": level.from_year,
        "--with-probability": rule.probability, "--confidence": rule.confidence, "--replications": rule.most,
    }  # fmt: skip
    if command == "plan":
        defaults["--wait-months"] = Plan.wait_months
    for flag, default in defaults.items():
        assert f"(default: {default})" in said[flag]
    assert levels_about(1000) == range(int(1000 * LEAST_SHARE), int(1000 * MOST_SHARE) + 1)
    low = f"{LEAST_SHARE:g}" if command == "capacity" else "the people in post"
    assert f"(default: {low} to {MOST_SHARE:g} times " in said["--between"]


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--region", "Londn"], "did you mean 'London'"),
        (["--role", "schools_hmi", "--role", "schools_hmi"], "or two different ones"),
        (["--role", "schools_hmi", "--role", "social_care_hmi", "--between", "1", "9"], "give one range for each role"),
        (["--at-least", "95"], "a share lies between 0 and 1"),
        (["--replications", "3"], "--replications"),
        (["--from-year", "9"], "simulates 1 whole financial years"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(
    few: Path, flags: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["capacity", "few.toml", *flags]) == 2
    assert words in capsys.readouterr().err
    assert not (few / "results").exists()


def test_the_measures_of_the_curve_exist(sector: Scenario) -> None:
    assert set(capacity_answer.HEADS) <= set(UNITS)
