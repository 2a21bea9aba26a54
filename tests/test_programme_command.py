"""A plan of one's own is tried, and a levelled one is written that can be tried."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from sim.analysis import own_plan
from sim.analysis.expected_programme import expected_programme
from sim.analysis.own_plan import FEWEST, RowFound, better_weeks, rows_found
from sim.analysis.plan_tables import held_by_plan, on_site
from sim.cli.main import main
from sim.inputs.people_in_post import Person
from sim.inputs.scenario import Scenario, load
from sim.inputs.visit_plan import KEY, PlannedVisit, read_plan
from sim.runs import plan_runs
from sim.runs.executors import here
from sim.runs.model import Model
from sim.runs.unfinished import UNFINISHED
from sim.runs.variants import Variant
from sim.studies import programme_answer
from sim.studies.answer import Table, read
from sim.studies.programme_answer import Tried
from sim.studies.programme_study import try_plan, write_levelled
from sim.world.own_plan import latest_of_rows
from sim.world.policies import Levelled, Request
from tests.worlds import authority, quiet, without_focused

RUNS = 20
days = datetime.timedelta


@pytest.fixture(scope="module", autouse=True)
def _without_a_screen() -> None:
    mpl.use("Agg")


@pytest.fixture(scope="module")
def some() -> Scenario:
    """Every sixth authority of the launch and too few people, so that some weeks hold and some do not."""
    whole = load("ilacs_launch", {"years": 3, "replications": RUNS, "planning.programme": "levelled"})
    rows = whole.authorities[::6]
    return whole.with_changes({"authorities": rows, "workforce.roles.social_care_hmi.people": 12})


@pytest.fixture(scope="module")
def levelled(some: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_levelled(some, tmp_path_factory.mktemp("levelled") / "study", months=18).folder


@pytest.fixture(scope="module")
def planned(some: Scenario, levelled: Path) -> Scenario:
    return some.with_changes({KEY: str(levelled / "programme.csv")})


@pytest.fixture(scope="module")
def tried(planned: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return try_plan(planned, tmp_path_factory.mktemp("tried") / "study", executor=here).folder


# ---------------------------------------------------------------- a levelled plan


def test_a_levelled_plan_is_accepted_as_input_from_the_text_and_from_the_workbook(
    some: Scenario, levelled: Path
) -> None:
    rows = read_plan(levelled / "programme.csv").rows
    assert rows and rows == read_plan(levelled / "programme.xlsx").rows
    for name in ("programme.csv", "programme.xlsx"):
        assert some.with_changes({KEY: str(levelled / name)}).planning.plan == rows


def test_a_plan_that_is_tried_is_expected_as_it_was_written(planned: Scenario) -> None:
    programme = expected_programme(planned)
    assert [taken.row.number for taken in programme.rows if taken.visit is None or taken.passed_over] == []
    assert all(taken.visit is not None and taken.visit.planned == taken.row.monday for taken in programme.rows)


def test_the_workbook_has_real_dates_and_a_head_that_stays(levelled: Path) -> None:
    sheet = load_workbook(levelled / "programme.xlsx").active
    assert sheet is not None and sheet.freeze_panes == "A2"
    head = [cell.value for cell in sheet[1]]
    assert head[:4] == ["authority", "kind", "week", "lead"]
    weeks = [row[2].value for row in sheet.iter_rows(min_row=2)]
    assert weeks and all(isinstance(week, datetime.datetime) and week.weekday() == 0 for week in weeks)


def test_the_same_levelled_plan_is_the_same_bytes(some: Scenario, levelled: Path, tmp_path: Path) -> None:
    again = write_levelled(some, tmp_path / "again", months=18).folder
    for name in ("programme.csv", "programme.xlsx", "calendar.png", "answer.json"):
        assert (again / name).read_bytes() == (levelled / name).read_bytes(), name


def test_every_authority_has_one_inspection_in_what_can_be_foreseen_and_nothing_after_it(some: Scenario) -> None:
    last: dict[str, int] = {}
    for visit in expected_programme(some.with_changes({"years": 8})).visits:
        assert visit.authority.name not in last
        if visit.kind in ("short", "standard", "single_inspection"):
            last[visit.authority.name] = visit.planned
    assert set(last) == {row.authority for row in some.authorities}


# ---------------------------------------------------------------- a plan that is tried


def test_no_row_is_written_that_its_visit_would_leave_for_a_later_one() -> None:
    """Overdue inspections of authorities that are monitored among them, whose windows are short."""
    found = expected_programme(load("ilacs_launch"))
    overdue = [visit for visit in found.visits if visit.window.latest < 0 and visit.window.backlog is None]
    assert overdue
    assert all(visit.planned <= latest_of_rows(visit.window, visit.earliest) for visit in overdue)


def test_no_better_week_is_one_that_its_visit_would_leave_for_a_later_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Overdue inspections of monitored authorities have short windows; the rule here takes their last week."""

    def last(rule: Levelled, request: Request) -> int:
        return rule.mondays(request.kind, request.rules, request.window, request.earliest)[-1]

    launch = load("ilacs_launch", {"years": 3})
    foreseen = expected_programme(launch)
    overdue = [visit for visit in foreseen.visits if visit.window.latest < 0 and visit.window.backlog is None]
    rows = tuple(
        PlannedVisit(authority=visit.authority.name, kind="inspection", week=launch.start + days(visit.earliest))
        for visit in overdue
    )
    found = [
        RowFound(place + 1, row, 10, 10, 0, 0, {}, {}, 0, 0, {}, visit.window[:3])
        for place, (row, visit) in enumerate(zip(rows, overdue, strict=True))
    ]
    planned = launch.with_changes({KEY: rows})
    programme = expected_programme(planned)
    monkeypatch.setattr(Levelled, "monday", last)
    better = better_weeks(planned, programme, found)
    assert better
    for place, week in better.items():
        visit = overdue[place]
        assert (week - launch.start).days <= latest_of_rows(visit.window, visit.earliest)


def test_what_a_later_framework_makes_overdue_has_the_place_that_it_has_in_a_run() -> None:
    """One way finds both: the run and what can be foreseen of it."""
    rows = [authority(f"A{number:02}", "North", "good", str(datetime.date(2013, 1, 7) + days(7 * number)))
            for number in range(20)]  # fmt: skip
    changes = {"start": datetime.date(2017, 10, 2), "frameworks.sif_2013.pathways.good.interval_months": 75}
    changes |= {"planning.programme": "levelled", "planning.transition_months": 24, **without_focused()}
    scenario = quiet(rows, {"North": 60}, changes, ("sif_2013", "ilacs_2017"), years=3)
    model = Model(scenario)
    model.run()
    in_run = {visit.authority.name: visit for visit in reversed(model.world.visits) if visit.kind == "short"}
    foreseen = {visit.authority.name: visit for visit in expected_programme(scenario).visits}
    assert len(in_run) == len(foreseen) == 20
    for name, visit in foreseen.items():
        assert visit.window == in_run[name].window and visit.window.backlog is not None
    assert max(visit.planned for visit in foreseen.values()) > 365 + 200


@pytest.mark.slow
def test_shares_are_those_of_runs_counted_one_by_one(planned: Scenario, tried: Path) -> None:
    scenario = load(tried / "scenario.toml")
    kept = pd.read_csv(tried / "rows.csv")
    plan = scenario.planning.plan or ()
    assert len(kept) == len(plan) > 20
    due, in_week, late = ([0] * len(plan) for _ in range(3))
    for replication in range(RUNS):
        model = Model(scenario, replication)
        record = model.run()
        visits = {visit.visit: visit for visit in record.visits}
        for taken in model.world.own_plan.rows:
            if taken.visit is None:
                continue
            visit, number = visits[taken.visit.serial], taken.row.number
            monday = (plan[number].week - scenario.start).days
            due[number] += 1
            in_week[number] += visit.fieldwork_start == monday and taken.passed_over is None
            begun = visit.fieldwork_start
            never = begun is None and visit.latest <= scenario.horizon and not visit.replaced
            late[number] += never or (begun is not None and begun > visit.latest)
    assert list(kept["falls_due"]) == due
    for column, counted in (("in_its_week", in_week), ("late", late)):
        expected = pd.Series([count / runs if runs else float("nan") for count, runs in zip(counted, due, strict=True)])
        pd.testing.assert_series_equal(kept[column], expected, check_names=False, rtol=1e-5)
    assert 0 < sum(in_week) < sum(due)


def test_rows_that_break_are_told_with_the_reason_and_the_better_weeks_make_a_plan(
    planned: Scenario, tried: Path
) -> None:
    kept = pd.read_csv(tried / "rows.csv")
    missed = kept[(kept["falls_due"] > 0) & (kept["in_its_week"] < 1)]
    assert len(missed) and (missed["mostly_because"].notna()).all()
    better = kept["better_week"].notna()
    assert better.any()
    moved = read_plan(tried / "moved.csv").rows
    assert [row.week.isoformat() for row in moved] == list(kept["better_week"].where(better, kept["week"]))
    assert planned.with_changes({KEY: str(tried / "moved.csv")}).planning.plan == moved
    said = " ".join(read(tried).text().split())
    assert f"We suggest moving {better.sum()} visits" in said
    assert "They were chosen together, so take all of them" in said
    judged = kept[kept["falls_due"] >= FEWEST]
    breaks = int(said.partition(" and ")[2].split()[0])
    assert (
        f"{len(judged)} of the {len(kept)} visits in the plan fall due in 10 or more of the {RUNS} runs. Of these, "
        in said
    )
    assert f"{len(judged) - breaks} hold and {breaks} break." in said


@pytest.mark.slow
def test_a_trial_that_is_stopped_goes_on_and_ends_with_the_same_answer(
    planned: Scenario, tried: Path, tmp_path: Path
) -> None:
    made: list[Any] = []

    def stops(task: Callable[[Any], Any], inputs: Any) -> Iterator[Any]:
        for each in inputs:
            if len(made) == 2:
                raise KeyboardInterrupt
            made.append(task(each))
            yield made[-1]

    def counts(task: Callable[[Any], Any], inputs: Any) -> Iterator[Any]:
        for each in inputs:
            made.append(each)
            yield task(each)

    with pytest.raises(KeyboardInterrupt):
        try_plan(planned, tmp_path / "study", executor=stops)
    assert (tmp_path / "study" / UNFINISHED).is_dir()
    kept = try_plan(planned, tmp_path / "study", executor=counts)
    assert len(made) == 2 * RUNS // plan_runs.AT_A_TIME
    assert (kept.folder / "answer.json").read_bytes() == (tried / "answer.json").read_bytes()
    assert try_plan(planned, tmp_path / "study", executor=stops).repeated


@pytest.mark.slow
def test_a_run_that_raises_is_told_and_the_others_are_counted(
    planned: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Model.run

    def fails(self: Model) -> object:
        if self._replication == 3:
            raise RuntimeError("planted")
        return run(self)

    monkeypatch.setattr(Model, "run", fails)
    kept = try_plan(planned, tmp_path / "study", executor=here)
    assert {each["replication"] for each in kept.failures} == {3}
    assert "runs FAILED" in kept.answer.failures[0]
    assert set(pd.read_csv(kept.folder / "rows.csv")["runs"]) == {RUNS - 1}


def test_a_better_week_is_one_with_more_to_spare() -> None:
    """Two inspections planned for one week by three people, so that one of them always misses it."""
    free = {"North": 2, "South": 0}
    quiet_world = quiet(
        [authority("Ayton", "North", "good", "2016-02-04"), authority("Beeford", "North", "good", "2016-03-04")],
        free,
        {**without_focused(), "planning.margin_weeks": 0, "replications": 10},
        years=2,
    )
    week = datetime.date(2019, 3, 4)
    rows = tuple(PlannedVisit(authority=name, kind="inspection", week=week) for name in ("Ayton", "Beeford"))
    scenario = quiet_world.with_changes({KEY: rows})
    batch = plan_runs.run_plan((Variant("plan", scenario), range(10), 700))
    found = rows_found(rows, pd.concat([table.to_pandas() for table in batch.tables["rows"]]), 10)
    assert sorted(each.in_week for each in found) == [0, 10]
    better = better_weeks(scenario, expected_programme(scenario), found)
    (place,) = better
    assert found[place].in_week == 0
    moved = tuple(row.model_copy(update={"week": better[place]}) if n == place else row for n, row in enumerate(rows))
    after = Model(scenario.with_changes({KEY: moved})).run().planned
    assert [row.fate for row in after] == ["in_its_week", "in_its_week"]


@pytest.mark.parametrize("every", [1, 2])
def test_better_weeks_can_be_taken_all_together(planned: Scenario, every: int) -> None:
    """With all of them taken the rule chooses the same weeks, also where visits without a row give way to them."""
    plan = (planned.planning.plan or ())[::every]
    planned = planned.with_changes({KEY: plan})
    programme = expected_programme(planned)
    windows = [
        None if each.visit is None else (each.visit.window.opens, each.visit.window.due, each.visit.window.latest)
        for each in programme.rows
    ]

    def all_break(rows: tuple[PlannedVisit, ...]) -> list[RowFound]:
        return [
            RowFound(place + 1, row, 10, 10, place % 5, 0, {}, {}, 0, 0, {}, window)
            for place, (row, window) in enumerate(zip(rows, windows, strict=True))
        ]

    better = better_weeks(planned, programme, all_break(plan))
    assert better
    moved = tuple(row.model_copy(update={"week": better.get(place, row.week)}) for place, row in enumerate(plan))
    again = planned.with_changes({KEY: moved})
    assert better_weeks(again, programme, all_break(moved)) == {}


@pytest.mark.parametrize(("week", "accepted"), [("2018-10-01", False), ("2018-10-15", False), ("2018-11-26", True)])
def test_a_week_is_not_proposed_with_which_the_plan_would_be_refused(
    week: str, accepted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A single inspection takes four weeks on site, and the lead joins on 5 October 2018."""
    joins = datetime.date(2018, 10, 5)
    people = tuple(
        Person(role="social_care_hmi", region="North", hours=1.0, may_lead=True, name=name, start=start)
        for name, start in (("A", None), ("B", None), ("C", joins))
    )
    base = quiet([authority("Ayton", "North", "good", "2015-11-04")], {"North": 3}, {"calendar.closed_weeks": ()},
                 framework=("sif_2013",), years=2).with_changes({"workforce.in_post": people})  # fmt: skip
    rows = (
        PlannedVisit(authority="Ayton", kind="inspection", week=datetime.date(2019, 1, 7), lead="C"),
        PlannedVisit(authority="Ayton", kind="monitoring", week=datetime.date(2018, 11, 5)),
    )
    scenario = base.with_changes({KEY: rows})
    monkeypatch.setattr(own_plan, "_chosen", lambda *_: datetime.date.fromisoformat(week))
    found = [
        RowFound(number, row, 10, 10, in_week, 0, {}, {}, 0, 0, {}, (200, 250, 350))
        for number, row, in_week in ((1, rows[0], 0), (2, rows[1], 10))
    ]
    assert bool(better_weeks(scenario, expected_programme(scenario), found)) is accepted


def answer_of(rows: list[RowFound], late: int = 0) -> str:
    nothing = pd.DataFrame({"week": [], "visits": [], "kept": [], "mostly_because": []})
    both = {"plan": np.full(20, late), "programme": np.full(20, late)}
    tried = Tried(load("ilacs_launch"), rows, nothing, {}, both, (0.0, 0.0), datetime.date(2019, 3, 31), 0)
    return " ".join(programme_answer.of_plan(tried).text().split())


def found_of(number: int, due: int, in_week: int, runs: int = 20) -> RowFound:
    planned = PlannedVisit(authority="Ayton", kind="inspection", week=datetime.date(2019, 3, 4))
    because = {"team_diary": due - in_week} if due > in_week else {}
    fates = {"in_its_week": in_week, "another_week": due - in_week}
    return RowFound(number, planned, runs, due, in_week, 0, fates, because, 0, 0, {}, (100, 200, 300))


def test_rows_that_are_not_judged_are_counted_among_those_that_miss_their_week() -> None:
    said = answer_of([found_of(1, 20, 20), found_of(2, 5, 0)])
    assert "1 of the 2 visits in the plan fall due in 10 or more of the 20 runs. Of these, 1 holds and 0 break." in said
    assert "Every visit that falls due begins in its week" not in said
    assert "Why visits miss their week: all because" in said
    assert "1 row is for a visit that falls due in fewer than" in said and "leaving it out of the plan" in said


def test_where_no_row_is_judged_nothing_else_is_said_of_them() -> None:
    said = answer_of([found_of(1, 5, 5)])
    assert "No visit in the plan falls due in 10 or more of the 20 runs, so" in said
    assert "begins in its week" not in said and "hold" not in said.partition("What the words")[0]


def test_the_calendar_of_a_tried_plan_has_every_row_of_it_and_no_visit_twice() -> None:
    """An inspection that is foreseen, a meeting, a visit of the next cycle, and a week before its window opens."""
    two = [authority("Ayton", "North", "good", "2016-02-04"), authority("Beeford", "North", "good", "2016-03-04")]
    base = quiet(two, {"North": 6}, without_focused(), years=5)
    asked = [("Ayton", "inspection", "2019-03-04"), ("Ayton", "engagement", "2019-04-29"),
             ("Ayton", "inspection", "2021-11-08"), ("Beeford", "inspection", "2018-06-11")]  # fmt: skip
    rows = tuple(
        PlannedVisit(authority=name, kind=kind, week=datetime.date.fromisoformat(week)) for name, kind, week in asked
    )
    scenario = base.with_changes({KEY: rows})
    programme = expected_programme(scenario)
    found = held_by_plan(scenario, programme, datetime.date(2021, 11, 8))
    date = programme.context.calendar.date
    assert sorted(date(each.monday) for each in found) == sorted(row.week for row in rows)
    weeks = on_site(found, programme).set_index("week")["inspectors"]
    assert all(weeks[pd.Timestamp(row.week)] > 0 for row in rows)


def test_what_changes_the_reading_of_a_trial_stands_in_its_lead_above_the_tables() -> None:
    nothing = pd.DataFrame({"week": [], "visits": [], "kept": [], "mostly_because": []})
    both = {"plan": np.full(20, 2), "programme": np.full(20, 2)}
    tried = Tried(load("ilacs_launch"), [found_of(1, 20, 0)], nothing, {}, both, (0, 0), datetime.date(2019, 3, 31), 0)
    lead = " ".join(programme_answer.of_plan(tried).lead)
    for words in (
        "An office would change its plan as things happen.",
        "people in the runs are drawn at random",
        "31 March 2019, the plan's last week",
    ):
        assert words in lead, lead


def test_overdue_is_counted_once_and_shares_have_as_many_digits_as_each_other() -> None:
    """A visit whose latest date lies before the start is overdue, judged or not, and its lateness is no share."""
    overdue = [replace(found_of(number, due, 0), window=(-90, -60, -1), late=due) for number, due in ((1, 20), (2, 5))]
    said = answer_of([*overdue, found_of(3, 20, 10), found_of(4, 20, 20)])
    assert "2 visits in the plan are overdue in most runs (latest date before the start)" in said
    assert said.count("latest date before the start") == 2  # in the sentence, and above the table
    assert "100% 0% overdue" in said and "100% 50% 0%" in said and "100.0%" not in said and "0.0%" not in said


def test_the_levelled_plan_counts_the_overdue_by_the_same_words(levelled: Path, some: Scenario) -> None:
    kept = pd.read_csv(levelled / "programme.csv")
    overdue = (pd.to_datetime(kept["latest"]).dt.date < some.start).sum()
    after = (pd.to_datetime(kept["week"]) > pd.to_datetime(kept["latest"])).sum()
    said = " ".join(" ".join(read(levelled).text().split("\n\n")[:6]).split())
    assert (
        f"{after} visits are planned after the latest date. Of these, {overdue} are overdue (latest date before the "
        "start" in said
    )
    assert "The plan leaves out joint inspections" in said


def test_nothing_breaks_where_there_are_people_enough(tmp_path: Path) -> None:
    alone = [authority("Ayton", "North", "good", "2016-02-04")]
    calm = quiet(alone, {"North": 6}, {**without_focused(), "replications": 10}, years=2)
    row = PlannedVisit(authority="Ayton", kind="inspection", week=datetime.date(2019, 3, 4))
    kept = try_plan(calm.with_changes({KEY: (row,)}), tmp_path / "study", executor=here)
    assert "Every visit that falls due begins in its week." in " ".join(kept.text.split())
    assert not any(isinstance(block, Table) for block in kept.answer.blocks)
    assert not (kept.folder / "moved.csv").exists()


@pytest.mark.parametrize(
    ("weeks", "by_plan", "missed"),
    [(("2019-09-16", "2018-11-12"), 1, 0), (("2019-07-22", "2019-07-22"), 0, 1), (("2019-01-14", "2019-03-04"), 0, 0)],
)
def test_late_inspections_are_told_apart_by_what_the_plan_did(
    weeks: tuple[str, str], by_plan: int, missed: int, tmp_path: Path
) -> None:
    """Two inspections, late after 4 August 2019, by people who can hold one at a time; a last row makes all count."""
    both = [authority("Ayton", "North", "good", "2016-02-04"), authority("Beeford", "North", "good", "2016-02-04")]
    changes = {**without_focused(), "replications": 10, "planning.programme": "drawn"}
    few = quiet(both, {"North": 2, "South": 0}, changes, years=2)
    rows = tuple(
        PlannedVisit(authority=name, kind="inspection", week=datetime.date.fromisoformat(week))
        for name, week in zip(("Ayton", "Beeford", "Ayton"), (*weeks, "2019-12-02"), strict=True)
    )
    kept = try_plan(few.with_changes({KEY: rows}), tmp_path / "study", executor=here)
    said = " ".join(kept.text.split())
    assert (
        f"{by_plan:.1f} are planned after their latest date, {missed:.1f} miss their week, and 0.0 have no row" in said
    )
    assert f"With the plan, {by_plan + missed:.1f} inspections a run are late" in said
    assert "if planning.programme (drawn) chooses every week" in said and "if every week is levelled" in said
    assert "They leave out inspections that were overdue at the start. They also leave out later inspections" in said


# ---------------------------------------------------------------- the command


@pytest.fixture
def files(some: Scenario, levelled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text(some.to_toml(), encoding="utf-8")
    (tmp_path / "plan.csv").write_bytes((levelled / "programme.csv").read_bytes())
    (tmp_path / "deep").mkdir()
    return tmp_path


def test_the_command_tries_a_table_and_writes_one_of_a_scenario(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["programme", "mine.toml", "--months", "12", "--out", "levelled"]) == 0
    assert "can be foreseen" in capsys.readouterr().out
    flags = ["--scenario", "mine.toml", "--replications", "10", "--jobs", "1"]
    assert main(["programme", "levelled/programme.xlsx", *flags, "--out", "tried"]) == 0
    assert "Written: tried/" in capsys.readouterr().out
    assert main(["programme", "tried/scenario.toml", "--jobs", "1", "--out", "tried"]) == 0
    assert "Already there, nothing run" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["plan.csv", "--scenario", "mine.toml", "--months", "6"], ["--months"]),
        (["plan.csv", "--scenario", "mine.toml", "--replications", "9", "--jobs", "0"], ["10 or more", "--jobs"]),
        (["mine.toml", "--cluster", "tcp://a:1"], ["--cluster"]),
        (
            ["plan.csv", "--scenario", "mine.toml", "--set", "planning.plan=none"],
            ["--set: planning.plan: PLAN is already a table of visits"],
        ),
        (
            ["mine.toml", "--months", "500", "--replications", "5", "--scenario", "x", "--jobs", "0"],
            ["--months", "--replications", "--scenario", "--jobs"],
        ),
        (["mine.toml", "--months", "1", "--set", "authorities=one.csv"], ["no visit can be foreseen"]),
        (["absent.csv", "--scenario", "mine.toml"], ["absent.csv"]),
        (
            ["plan.csv", "--months", "5", "--replications", "0", "--jobs", "0"],
            ["there is no such authority", "--months", "--replications", "--jobs"],
        ),
    ],
)
def test_what_does_not_go_together_is_refused_and_nothing_is_written(
    files: Path, capsys: pytest.CaptureFixture[str], flags: list[str], words: list[str]
) -> None:
    (files / "one.csv").write_text("authority,region,judgement,inspected_on\nA,London,good,2017-12-01\n")
    if "--scenario" not in flags:
        (files / "plan.csv").write_text("authority,kind,week\nNowhere,focused,2018-09-17\n", encoding="utf-8")
    assert main(["programme", *flags, "--out", "new"]) == 2
    said = capsys.readouterr().err
    assert all(each in said for each in words), said
    assert not (files / "new").exists()


def test_check_says_what_a_plan_holds_or_every_fault_of_it(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "good.csv").write_text("LA,visit type,w/c,lead\nlondon 01,ILACS focused visit,17/09/2018,\n")
    assert main(["check", "good.csv"]) == 0
    assert (
        "a plan of 1 visit at 1 authority (1 focused), 2018-09-17 to 2018-09-17. No faults" in capsys.readouterr().out
    )
    (files / "bad.csv").write_text("authority,kind,week\nLondn 01,focused,2018-09-17\nLondon 02,tea,2018-04-03\n")
    assert main(["check", "bad.csv"]) == 2
    said = capsys.readouterr().err
    assert "2 things to put right" in said and "bad.csv, line 2: authority" in said and "bad.csv, line 3: kind" in said


@pytest.mark.parametrize("headings", ["authority,kind,date", "LA,visit type,week of the year", "authority,visit,when"])
def test_check_of_a_plan_whose_week_has_an_unknown_heading_asks_for_the_week(
    headings: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "plan.csv").write_text(f"{headings}\nLondon 01,focused,2018-09-17\n", encoding="utf-8")
    assert main(["check", str(tmp_path / "plan.csv")]) == 2
    said = capsys.readouterr().err
    assert "1 thing to put right" in said and "line 1: week: found nothing; this column is needed" in said
    assert "region" not in said and "judgement" not in said
    assert main(["check", str(tmp_path / "plan.csv"), "--column", "judgement=date"]) == 2
    assert "inspected_on" in capsys.readouterr().err  # whoever names a judgement means a table of authorities


def test_help_says_how_many_runs_there_must_be(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["programme", "--help"])
    assert f"runs that test the table, {FEWEST} or more" in " ".join(capsys.readouterr().out.split())
