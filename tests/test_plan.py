"""The plan of recruitment: exact where all can be worked out by hand, and refused in plain words."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.analysis.capacity import ServiceLevel
from sim.analysis.levers import Staff
from sim.analysis.recruitment import Recruits
from sim.analysis.recruitment_plan import LATER, NONE, PLAN
from sim.analysis.staffing import FIGURES, by_quarter, figures_of, quarters_of
from sim.base.calendar import quarter
from sim.cli.main import main
from sim.inputs.scenario import Scenario, load
from sim.record.rows import CareerRow
from sim.runs.ensemble import measures_of
from sim.runs.executors import Executor, here
from sim.statistics.search import Rule
from sim.studies import capacity_study
from sim.studies.answer import Figure, Table, read
from sim.studies.capacity_study import KeptSearch
from sim.studies.keeper import EVERY_STUDY
from sim.studies.plan_study import PAIRS, Plan
from tests.oracle.days_of_a_person import days_of_a_person
from tests.worlds import authority, only_open, quiet, without_focused

RULE = Rule(0.8, most=40, fewer=2, shown_runs=12)
FROM_THE_FIRST = ServiceLevel(bound=1.0, from_year=1)
START = datetime.date(2018, 1, 31)


@pytest.fixture(scope="module")
def three_at_once() -> Scenario:
    """Three inspections that can begin in the week of 4 March 2019 alone, by two people each; four are in post."""
    names = ("Ayton", "Beeford", "Cayton")
    return quiet(
        [authority(name, "North", "good", "2016-03-04") for name in names],
        {"North": 4},
        {"calendar.closed_weeks": only_open(10), **without_focused(), "workforce.induction_months": 3},
        years=3,
    )


def answered(scenario: Scenario, folder: Path, a_quarter: int = 2, begins: datetime.date = START) -> KeptSearch:
    plan = Plan(FROM_THE_FIRST, Recruits("social_care_hmi", a_quarter, begins), range(4, 9), RULE)
    return capacity_study.answer(scenario, plan, folder, progress=False)


@pytest.fixture(scope="module")
def plan(three_at_once: Scenario, tmp_path_factory: pytest.TempPathFactory) -> KeptSearch:
    return answered(three_at_once, tmp_path_factory.mktemp("plan") / "out")


def test_two_more_people_are_recruited_where_two_are_missing(plan: KeptSearch) -> None:
    (found,) = plan.found
    assert (found.bracket.meets, found.bracket.fails) == (6, 5)
    said = " ".join(plan.text.split())
    assert "Recruit 2 social care HMI in addition to replacing leavers, from 4 in post to 6 posts" in said


def table_of(kept: KeptSearch, name: str) -> pd.DataFrame:
    return pd.read_csv(kept.folder / name)


def offers(quarters: pd.DataFrame) -> dict[str, float]:
    """Offers to more people, in the quarters in which there are any."""
    return {str(name): number for name, number in quarters["offers_new"].items() if number > 0}


def test_the_quarters_are_those_in_which_they_are_offered_posts_and_join(plan: KeptSearch) -> None:
    # Five months of hiring from 31 January: offers on 30 June; three of notice: they join on 30 September 2018, and
    # three of induction: in full use on 30 December.
    quarters = table_of(plan, "quarters.csv").set_index("quarter")
    assert offers(quarters) == {"2018-19 Q1": 2.0}
    assert quarters["joined"].to_dict() == dict.fromkeys(quarters.index, 0.0) | {"2018-19 Q2": 2.0}
    assert quarters["in_post"].tolist()[:4] == [4, 4, 6, 6]
    assert quarters["in_full_use"].tolist()[:4] == [4, 4, 4, 6]


def test_no_plan_and_a_later_one_miss_the_year_and_cost_the_inspection_that_is_late(plan: KeptSearch) -> None:
    years = table_of(plan, "years.csv").set_index("financial_year")
    plans = (PLAN, NONE, LATER)
    kept = [float(years[f"{name}_kept"]["2018-19"]) for name in plans]
    late = [float(years[f"{name}_late"]["2019-20"]) for name in plans]
    # The window closes in September 2019, in the financial year 2019-20: until then nothing is late.
    assert kept == [1.0, 1.0, 1.0]
    assert [float(years[f"{name}_kept"]["2019-20"]) for name in plans] == [1.0, 0.0, 0.0]
    assert late == [0.0, 1.0, 1.0]
    assert " ".join(plan.text.split()).count("100 percentage points lower") == 2


@pytest.mark.slow
def test_the_hiring_limit_holds_up_a_plan(three_at_once: Scenario, tmp_path: Path) -> None:
    quarters = table_of(answered(three_at_once, tmp_path / "out", a_quarter=1), "quarters.csv").set_index("quarter")
    assert offers(quarters) == {"2018-19 Q1": 1.0, "2018-19 Q2": 1.0}


@pytest.mark.slow
def test_too_late_a_plan_is_said_not_to_do(three_at_once: Scenario, tmp_path: Path) -> None:
    found = answered(three_at_once, tmp_path / "out", begins=datetime.date(2018, 12, 1))
    assert found.found[0].bracket.meets is None
    assert found.answer.lead[1].startswith("No plan from 4 to 8 posts of social care HMI")
    assert " ".join(found.text.split()).startswith(
        "With today's 4 posts of social care HMI: 0% of 12 runs keep the service level, and the median run has 0.5 late"
    )


def test_an_answer_shown_again_is_the_same_and_runs_nothing(plan: KeptSearch, three_at_once: Scenario) -> None:
    def none(task: Callable[[Any], Any], inputs: Any) -> Any:
        raise AssertionError("nothing is to be run")

    executor: Executor = none
    asked = Plan(FROM_THE_FIRST, Recruits("social_care_hmi", 2, START), range(4, 9), RULE)
    again = capacity_study.answer(three_at_once, asked, plan.folder, executor=executor, progress=False)
    assert again.repeated
    assert again.text == plan.text
    assert {path.name for path in plan.folder.iterdir()} == asked.files | EVERY_STUDY


@pytest.mark.slow
def test_a_plan_that_was_stopped_goes_on_and_ends_with_the_same_answer(
    plan: KeptSearch, three_at_once: Scenario, tmp_path: Path
) -> None:
    def stops(task: Callable[[Any], Any], inputs: Any) -> Any:
        for number, each in enumerate(inputs):
            if number == 20:
                raise KeyboardInterrupt
            yield task(each)

    asked = Plan(FROM_THE_FIRST, Recruits("social_care_hmi", 2, START), range(4, 9), RULE)
    with pytest.raises(KeyboardInterrupt) as stopped:
        capacity_study.answer(three_at_once, asked, tmp_path / "out", executor=stops, progress=False)
    assert "finished replications are kept" in " ".join(stopped.value.__notes__)
    assert capacity_study.answer(three_at_once, asked, tmp_path / "out", progress=False).text == plan.text
    for name in asked.files - {"manifest.json"}:
        assert (tmp_path / "out" / name).read_bytes() == (plan.folder / name).read_bytes()


def test_the_answer_is_kept_as_data_with_its_lead_its_tables_and_its_charts(plan: KeptSearch) -> None:
    kept = read(plan.folder)
    assert kept == plan.answer
    now = "With today's 4 posts of social care HMI: 0% of 12 runs keep the service level, and the "
    now += "median run has 0.5 late inspections a year. With 5: 0% and 0.5. With 6: 100% and 0. With 7: 100% and 0."
    assert kept.lead[0] == f"{now} For the service level that you asked for, 6 are enough and 5 are not."
    assert kept.lead[1].startswith("Recruit 2 social care HMI")
    assert kept.lead[2].startswith("Exact sequential tests found:")
    files = [block.file for block in kept.blocks if isinstance(block, Table)]
    assert files == ["curve.csv", "quarters.csv", "years.csv", "curve.csv", "offered_load.csv"]
    charts = [block for block in kept.blocks if isinstance(block, Figure)]
    assert [chart.name for chart in charts] == ["plan", "capacity_curve"]
    assert all(chart.message and chart.details for chart in charts)


def test_no_text_of_a_plan_says_nan(plan: KeptSearch) -> None:
    texts = [path.read_text(encoding="utf-8") for path in plan.folder.glob("*.txt")]
    assert texts
    assert not any("nan" in text.replace("financial", "") for text in texts)


@pytest.mark.slow
def test_the_people_there_are_may_be_enough(three_at_once: Scenario, tmp_path: Path) -> None:
    six = three_at_once.with_changes(Staff("social_care_hmi").changes(three_at_once, 6))
    asked = Plan(FROM_THE_FIRST, Recruits("social_care_hmi", 2, START), range(6, 10), RULE)
    found = capacity_study.answer(six, asked, tmp_path / "out", progress=False)
    assert found.answer.lead[0].endswith("For the service level that you asked for, 6 are enough.")
    assert found.answer.lead[1].startswith("No plan is needed")


def test_each_figure_of_a_quarter_is_counted_from_the_careers() -> None:
    scenario = quiet([authority("Ayton", "North", "good", "2016-03-04")], {"North": 1}, years=2)
    calendar = _calendar(scenario)

    def day(text: str | None) -> int | None:
        return None if text is None else calendar.day(datetime.date.fromisoformat(text))

    def row(name: str, successor: bool, joined: str | None, full_use: str, last_day: str | None) -> CareerRow:
        full = day(full_use)
        assert full is not None
        return CareerRow(name, "social_care_hmi", "North", True, 1.0, successor, day(joined), full, day(last_day))

    careers = [
        row("stays", False, None, "2018-01-31", None),
        row("leaves", False, None, "2018-01-31", "2018-06-30"),
        row("follows", True, "2018-12-31", "2019-06-30", None),
        row("new", False, "2018-10-01", "2019-04-01", "2019-03-31"),
    ]
    spans = [(calendar.day(each.first), calendar.day(each.last)) for each in quarters_of(scenario)]
    found = figures_of(careers, spans, calendar, notice_months=3, horizon=scenario.horizon)
    table = pd.DataFrame(found, columns=FIGURES, index=[each.name for each in quarters_of(scenario)])
    # The run ends on 30 January 2020: who is offered a post in the last quarter joins after it.
    known = table.index[:-1]
    assert table["offers_new"][known].to_dict() == dict.fromkeys(known, 0) | {"2018-19 Q2": 1}
    assert table["offers_successors"][known].to_dict() == dict.fromkeys(known, 0) | {"2018-19 Q2": 1}
    assert table.loc[table.index[-1], ["offers_new", "offers_successors"]].isna().all()
    assert table["joined"].to_dict() == dict.fromkeys(table.index, 0) | {"2018-19 Q3": 2}
    assert table["left"].to_dict() == dict.fromkeys(table.index, 0) | {"2018-19 Q1": 1, "2018-19 Q4": 1}
    assert table["in_post"].tolist() == [2, 1, 1, 3, 2, 2, 2, 2]
    assert table["in_full_use"].tolist() == [2, 1, 1, 1, 1, 2, 2, 2]


def _calendar(scenario: Scenario) -> Any:
    from sim.world.context import ScenarioContext

    return ScenarioContext(scenario).calendar


def test_quarters_are_those_of_the_financial_year_and_whole_at_their_end() -> None:
    days = ("2018-01-31", "2018-03-31", "2018-04-01", "2018-09-30", "2018-12-31")
    told = [quarter(datetime.date.fromisoformat(day)) for day in days]
    assert told == ["2017-18 Q4", "2017-18 Q4", "2018-19 Q1", "2018-19 Q2", "2018-19 Q3"]
    scenario = load("ilacs_launch", {"years": 1})
    assert [each.name for each in quarters_of(scenario)] == [
        "2017-18 Q4", "2018-19 Q1", "2018-19 Q2", "2018-19 Q3",
    ]  # fmt: skip


def test_joiners_and_leavers_make_up_the_people_in_post() -> None:
    scenario = load("ilacs_launch", {"years": 2, "runs_per_draw": 1})
    recruits = Recruits("social_care_hmi", 3, START)
    table = by_quarter(scenario.with_changes(recruits.changes(scenario, 70)), "social_care_hmi", range(2), here)
    flow = (table["joined"] - table["left"]).cumsum()
    # Who leaves on the last day of a quarter is no longer there at its end.
    assert (table["in_post"] - flow).tolist() == pytest.approx([63.0] * len(table))
    assert (table["offers_new"] + table["offers_successors"]).max() <= 3
    assert (table["in_full_use"] <= table["in_post"]).all()


@pytest.mark.parametrize("hiring_months", [0, 2, 5])
def test_no_quarter_has_more_offers_than_the_limit_however_quick_hiring_is(hiring_months: int) -> None:
    changes = {"years": 3, "runs_per_draw": 1, "workforce.hiring_months": hiring_months}
    scenario = load("ilacs_launch", changes | {"workforce.roles.social_care_hmi.turnover_a_year": 0.3})
    recruits = Recruits("social_care_hmi", 3, START)
    for run in range(2):
        table = by_quarter(
            scenario.with_changes(recruits.changes(scenario, 66)), "social_care_hmi", range(run, run + 1), here
        )
        offers = table["offers_new"] + table["offers_successors"]
        assert offers.max() == 3
        assert offers.sum() > 20


def test_the_days_of_a_person_are_those_that_one_more_brings() -> None:
    scenario = load("ilacs_launch", {"years": 3, "draws": "none", "workforce.roles.social_care_hmi.turnover_a_year": 0})
    staff = Staff("social_care_hmi")
    years = ["2018-19", "2019-20"]
    days = [
        np.mean([measures_of(scenario.with_changes(staff.changes(scenario, people)), 0)
                 .column(year, "inspector_days_available") for year in years])
        for people in (60, 100)
    ]  # fmt: skip
    assert (days[1] - days[0]) / 40 == pytest.approx(days_of_a_person(scenario, "social_care_hmi", years), rel=0.02)


def test_the_offered_load_beside_the_plan_is_of_the_year_in_which_all_fall_due(plan: KeptSearch) -> None:
    # Three inspections of 18 days of the role each, in 2018-19; a person who does nothing else has 253 of them.
    years = table_of(plan, "years.csv").set_index("financial_year")
    assert years["busy"].to_dict() == pytest.approx({"2018-19": 3 * 18 / 253, "2019-20": 0.0}, rel=1e-5)
    said = " ".join(plan.text.split())
    assert "would keep 0.11 people of the role busy all the time" in said  # the mean of the two
    assert "The tightest year is 2018-19, when the load would keep 0.21 people busy" in said
    assert "The plan agrees" in said


@pytest.mark.slow
def test_the_posts_of_a_plan_stand_empty_as_long_as_turnover_and_hiring_take() -> None:
    scenario = load("ilacs_launch", {"runs_per_draw": 1})
    recruits = Recruits("social_care_hmi", 4, START)
    table = by_quarter(scenario.with_changes(recruits.changes(scenario, 75)), "social_care_hmi", range(PAIRS), here)
    rate, wait = scenario.workforce.roles["social_care_hmi"].turnover_a_year, 5 / 12
    steady = 75 / (1 + rate * wait)  # posts are vacant from the leaver's going until the successor joins
    assert table["in_post"].iloc[-12:].mean() == pytest.approx(steady, rel=0.02)


def test_every_fault_of_a_plan_is_said_at_once_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    flags = [
        "--measure", "late", "--offers-a-quarter", "0", "--role", "social_care", "--wait-months", "0",
        "--begins", "2040-01-01", "--with-probability", "1",
    ]  # fmt: skip
    assert main(["plan", "ilacs_launch", *flags]) == 2
    said = capsys.readouterr().err
    for words in (
        "--measure", "--offers-a-quarter: N: found 0", "did you mean 'social_care_hmi'", "--wait-months", "--begins",
        "--with-probability",
    ):  # fmt: skip
        assert words in said
    assert main(["plan", "ilacs_launch", "--offers-a-quarter", "4", "--begins", "soon"]) == 2
    assert "such as 2019-03-31" in capsys.readouterr().err
    assert main(["plan", "ilacs_launch", "--offers-a-quarter", "4", "--between", "10", "80"]) == 2
    assert "at least 63 (the people in post)" in capsys.readouterr().err
    assert main(["plan", "ilacs_launch"]) == 2
    assert "--offers-a-quarter: N: give a limit" in capsys.readouterr().err
    assert (
        main(["plan", "ilacs_launch", "--offers-a-quarter", "4", "--role", "senior_hmi", "--role", "schools_hmi"]) == 2
    )
    assert "one role" in capsys.readouterr().err
    limit = "workforce.roles.social_care_hmi.most_offers_a_quarter=3"
    assert main(["plan", "ilacs_launch", "--offers-a-quarter", "4", "--set", limit]) == 2
    assert "the scenario has 3" in capsys.readouterr().err
    for late in (["--begins", "2026-09-01"], ["--wait-months", "115"]):
        assert main(["plan", "ilacs_launch", "--offers-a-quarter", "4", *late]) == 2
        assert f"{late[0]}:" in (said := capsys.readouterr().err)
        assert "the years that count are over on 2027-03-31" in said
    assert main(["plan", "ilacs_launch", "--offers-a-quarter", "4", "--wait-months", "100000"]) == 2
    assert "no longer than the scenario" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_the_command_answers_and_names_what_the_scenario_does_to_the_same_people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sim.studies.plan_study.PAIRS", 8)
    rows = [f"A{number},London,good,201{5 + number % 3}-0{1 + number % 9}-10" for number in range(8)]
    (tmp_path / "few.csv").write_text("\n".join(["authority,region,judgement,inspected_on", *rows]), encoding="utf-8")
    (tmp_path / "few.toml").write_text(
        """extends = "ilacs_launch"
question = "How many?"
years = 3
authorities = "few.csv"
workforce.roles.social_care_hmi.people = 4
workforce.roles.schools_hmi.people = 4
workforce.roles.regulatory_inspector.people = 4
workforce.roles.senior_hmi.people = 4
workforce.roles.social_care_hmi.most_offers_a_quarter = 2
[[shocks]]
name = "two_more"
kind = "recruitment"
begins_on = 2018-03-01
role = "social_care_hmi"
people = 2
""",
        encoding="utf-8",
    )
    flags = [
        "--from-year",
        "1",
        "--with-probability",
        "0.6",
        "--at-least",
        "0.5",
        "--replications",
        "40",
        "--jobs",
        "1",
    ]
    assert main(["plan", "few.toml", *flags, "--between", "4", "9"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "at most 2 job offers a quarter" in said
    assert "it recruits 2 from 2018-03-01, but the numbers above leave them out" in said
    assert "nan" not in said.replace("financial", "")
    assert main(["plan", "few.toml", *flags, "--between", "4", "9"]) == 0
    assert "Already there, nothing run" in capsys.readouterr().out
