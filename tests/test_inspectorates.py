"""Other inspectorates ship as folders of data alone: they are listed, checked and run like what is there."""

from __future__ import annotations

import csv
import datetime
import resource
import shlex
import time
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from sim.analysis.hindsight import hindsight
from sim.analysis.levers import Staff
from sim.base import package_data
from sim.base.package_data import by_name, inspectorates, shipped, tables_by_name
from sim.cli.main import main
from sim.inputs.assumptions import entries
from sim.inputs.scenario import Scenario, load
from sim.runs.ensemble import measures_of
from sim.runs.measures import absent_from, defined_for, whole_years
from sim.runs.model import Model
from sim.runs.outcomes import Outcomes
from sim.world.context import ScenarioContext
from tests.oracle import adult_social_care_table, homes_table
from tests.test_examples import FENCE, PYTHON

TABLE = (
    "authority,region,judgement,inspected_on\nNorth 01,North West,good,2017-06-01\nNorth 02,London,good,2017-07-03\n"
)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of inspectorates with one that is made up."""
    folder = tmp_path / "inspectorates" / "lighthouses"
    for part in ("scenarios", "frameworks", "data"):
        (folder / part).mkdir(parents=True)
    rules = 'extends = "ilacs_2018"\ntitle = "Rules of lighthouses"\n'
    (folder / "frameworks" / "lights_2018.toml").write_text(rules, encoding="utf-8")
    scenario = 'extends = "ilacs_launch"\nquestion = "Do they shine?"\nframework = "lights_2018"\ndraws = "none"\n'
    scenario += 'authorities = "lights.csv"\n'
    (folder / "scenarios" / "lighthouses.toml").write_text(scenario, encoding="utf-8")
    (folder / "data" / "lights.csv").write_text(TABLE, encoding="utf-8")
    monkeypatch.setattr(package_data, "INSPECTORATES", folder.parent)
    return folder


def test_a_folder_of_files_is_an_inspectorate(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert list(inspectorates()) == ["lighthouses"]
    assert main(["list"]) == 0
    listed = capsys.readouterr().out
    for words in ("lighthouses", "Do they shine?", "Rules of lighthouses", "lights.csv", "2 rows"):
        assert words in listed
    for name in ("lighthouses", "lights_2018", "lights.csv"):
        assert main(["check", name]) == 0
    scenario = load("lighthouses")
    assert [row.authority for row in scenario.authorities] == ["North 01", "North 02"]
    assert scenario.frameworks["lights_2018"].title == "Rules of lighthouses"


def test_what_ships_of_children_s_services_is_the_same_with_it_and_without(made: Path) -> None:
    for kind in ("scenarios", "frameworks"):
        assert "lighthouses" not in shipped(kind)
        assert shipped(kind).items() < by_name(kind).items()


def test_no_two_files_that_ship_have_the_same_name() -> None:
    for kind in ("scenarios", "frameworks"):
        found = [each.scenarios if kind == "scenarios" else each.frameworks for each in inspectorates().values()]
        assert len(by_name(kind)) == len(shipped(kind)) + sum(map(len, found))
    tables = [name for each in inspectorates().values() for name in each.tables]
    assert len(set(tables)) == len(tables)
    assert set(tables) <= set(tables_by_name()) - set(package_data.authority_tables())


def test_measures_of_kinds_that_a_scenario_does_not_count_are_none_of_its_measures() -> None:
    every = load("sif_launch", {"years": 3})
    fewer = load("sif_launch", {"years": 3, "kinds": ("single_inspection", "monitoring")})
    names, left = ([definition.name for definition in defined_for(scenario)] for scenario in (every, fewer))
    absent = {"short_started", "standard_started", "focused_started", "engagement_started"}
    absent |= {f"inspector_days_{name.removesuffix('_started')}" for name in absent}
    assert {*names} - {*left} == absent == absent_from(fewer)
    assert [name for name in names if name in left] == left
    one, other = (measures_of(scenario, 0) for scenario in (every, fewer))
    for name in left:
        assert one.column(one.years[0], name).tobytes() == other.column(other.years[0], name).tobytes()


SHIPPED = [(name, scenario) for name, each in inspectorates().items() for scenario in each.scenarios]
ONE_IN = 40
"""Rows of a table for each that a miniature keeps."""
TEAM = 6
"""People of the largest team, whom a miniature has at the least."""


def miniature(name: str, tmp_path: Path, years: int = 2) -> Scenario:
    """Some years of a scenario with every fortieth of those that it inspects, and as much of the people."""
    scenario = load(name)
    rows = [row.model_dump() for row in scenario.authorities[::ONE_IN]]
    table = tmp_path / "few.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    people = {
        f"workforce.roles.{role}.people": max(TEAM, -(-each.people // ONE_IN))
        for role, each in scenario.workforce.roles.items()
    }
    return load(name, {"years": years, "authorities": str(table), **people})


@pytest.mark.parametrize(("inspectorate", "scenario"), SHIPPED)
def test_each_that_ships_is_listed_checked_and_sourced(
    inspectorate: str, scenario: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["list"]) == 0
    listed = capsys.readouterr().out
    each = inspectorates()[inspectorate]
    assert all(name in listed for name in (inspectorate, *each.scenarios, *each.frameworks, *each.tables))
    for name in (scenario, *each.frameworks, *each.tables):
        assert main(["check", name]) == 0
        assert "No faults" in capsys.readouterr().out
    assert [entry.key for entry in entries(load(scenario)) if entry.note.confidence == "none"] == []


@pytest.mark.parametrize(("inspectorate", "scenario"), SHIPPED)
def test_each_that_ships_runs_in_miniature(inspectorate: str, scenario: str, tmp_path: Path) -> None:
    few = miniature(scenario, tmp_path, years=5)  # longer than a cycle of four years
    record = Model(few, 0).run()
    assert {row.authority for row in few.authorities} >= {visit.authority for visit in record.visits}
    for kind in few.kinds_of_visit:
        assert any(visit.kind == kind and visit.status == "published" for visit in record.visits), kind
    found = measures_of(few, 0)
    assert found.names == tuple(definition.name for definition in defined_for(few))
    for year in found.years:
        assert 0 < found.column(year, "inspector_days_worked")[0] < found.column(year, "inspector_days_available")[0]


@pytest.mark.parametrize(("inspectorate", "scenario"), SHIPPED)
def test_the_command_runs_each_and_reports_it(
    inspectorate: str, scenario: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "few.toml"
    path.write_text(miniature(scenario, tmp_path).to_toml(), encoding="utf-8")
    assert main(["run", str(path), "--replications", "2", "--out", str(tmp_path / "out")]) == 0
    told = capsys.readouterr().out
    assert "Visits begun" in told and "SIF" not in told
    assert main(["report", str(tmp_path / "out")]) == 0


@pytest.mark.parametrize("inspectorate", inspectorates())
def test_the_sources_of_each_name_all_its_files(inspectorate: str) -> None:
    folder = files("sim").joinpath("inspectorates", inspectorate)
    sources = folder.joinpath("SOURCES.md").read_text(encoding="utf-8")
    for part in ("scenarios", "frameworks", "data"):
        for entry in folder.joinpath(part).iterdir():
            assert f"`{part}/{entry.name}`" in sources
    assert not list(Path(str(folder)).rglob("*.py"))


HOMES = tables_by_name()["homes_2025-03-31.csv"].decode()


def test_the_table_of_homes_is_drawn_as_its_sources_say() -> None:
    assert homes_table.drawn() == HOMES


def test_the_homes_of_the_table_are_as_many_as_were_published() -> None:
    homes = load("childrens_homes").authorities
    assert len(homes) == 4010
    regions = Counter(row.region for row in homes)
    published = {"North West": 0.26, "East Midlands": 0.12, "South East": 0.10, "London": 0.08}
    assert {region: round(regions[region] / len(homes), 2) for region in published} == published
    judged = Counter(row.judgement for row in homes)
    assert round((judged["outstanding"] + judged["good"]) / len(homes), 2) == 0.82
    assert sum(row.size == "large" for row in homes) == 4009 - 3946
    assert all(row.note == "made up: drawn from published counts of homes, no real home" for row in homes)
    days = [row.inspected_on for row in homes]
    assert datetime.date(2024, 4, 1) <= min(days) and max(days) <= datetime.date(2025, 3, 31)


@pytest.fixture(scope="module")
def year_of_homes() -> Outcomes:
    """Run 0 of the homes, for two years."""
    return measures_of(load("childrens_homes", {"years": 2}), 0)


@pytest.mark.slow
def test_every_home_is_fully_inspected_about_once_a_year_and_some_twice(year_of_homes: Outcomes) -> None:
    """Of 2,067 homes 545 were fully inspected from October to December 2013: 1.05 a home and year."""
    for year in year_of_homes.years:
        full = year_of_homes.column(year, "full_started")[0] / 4010
        assert full == pytest.approx(4 * 545 / 2067, rel=0.08)
        second = year_of_homes.column(year, "assurance_started")[0]
        below = year_of_homes.column(year, "authorities_requires_improvement")[0]
        assert second == pytest.approx(below, rel=0.15)


def test_the_mix_of_homes_stays_as_it_was_published(year_of_homes: Outcomes) -> None:
    for year in year_of_homes.years:
        good = sum(year_of_homes.column(year, f"authorities_{grade}")[0] for grade in ("outstanding", "good"))
        assert good / 4010 == pytest.approx(0.82, abs=0.02)


CARE = "adult_social_care"


@pytest.fixture(scope="module")
def care() -> Scenario:
    """The assessment of adult social care."""
    return load(CARE)


def test_the_table_of_adult_social_care_is_drawn_as_its_sources_say() -> None:
    assert adult_social_care_table.drawn() == tables_by_name()["adult_social_care_2026-03-31.csv"].decode()


def test_the_grades_of_adult_social_care_are_as_published_and_a_real_name_has_its_own(care: Scenario) -> None:
    rows = care.authorities
    judged = Counter(row.judgement for row in rows)
    assert len(rows) == 153
    for grade, of_88 in {"outstanding": 3, "good": 58, "requires_improvement": 25, "inadequate": 2}.items():
        assert judged[grade] == pytest.approx(of_88 * 153 / 88, abs=1)
    named = {row.authority: row.judgement for row in rows if row.note.startswith("grade published: ")}
    assert len(named) == 15 and "inadequate" not in named.values()
    assert {name for name, grade in named.items() if grade == "outstanding"} == {
        "Camden", "Barking and Dagenham", "Kensington and Chelsea",
    }  # fmt: skip
    made_up = [row for row in rows if row.authority not in named]
    assert all(row.note == "made up: drawn from published counts, no real authority" for row in made_up)
    assert all(row.authority[:-3] == row.region and row.authority[-2:].isdigit() for row in made_up)


def test_visits_of_the_baseline_are_as_many_by_each_day_as_were_published(care: Scenario) -> None:
    days = [row.inspected_on for row in care.authorities]
    for day, visits in {(2024, 3, 31): 3, (2025, 11, 28): 141, (2025, 12, 24): 153}.items():
        assert sum(each <= datetime.date(*day) for each in days) == visits


def test_there_are_as_many_assessors_as_the_pace_of_the_baseline_took(care: Scenario) -> None:
    rules, people = care.frameworks["asc_proposed_2026"], care.workforce.roles["assessor"]
    team = sum(seat.people["medium"] for seat in rules.visits["assessment"].team.values())
    visits_a_year = 153 / 23 * 12  # from February 2024 to December 2025
    visit = rules.visits["assessment"].inspector_days("medium") + team * care.planning.travel_days_elsewhere
    part_time = care.workforce.part_time_share * (1 - care.workforce.part_time_hours)
    person = 207 * (1 - part_time) * people.programme_share
    assert people.people == round((visits_a_year * visit + 153 * rules.desk_work.intelligence_days) / person)


@pytest.mark.slow
def test_with_ample_assessors_each_authority_is_assessed_in_the_window_that_was_proposed(care: Scenario) -> None:
    ample = care.with_changes({"workforce.roles.assessor.people": 999})
    record = Model(ample, 0).run()
    last = {row.authority: (row.inspected_on - care.start).days for row in care.authorities}
    judged = {row.authority: row.judgement for row in care.authorities}
    began = [visit for visit in record.visits if visit.kind == "assessment" and visit.fieldwork_start is not None]
    gaps = []
    for visit in sorted(began, key=lambda visit: visit.fieldwork_start or 0):
        assert visit.fieldwork_start is not None and visit.fieldwork_end is not None
        gap = (visit.fieldwork_start - last[visit.authority]) / 365.25
        if judged[visit.authority] == "inadequate":
            assert 1 <= gap <= 2
        else:
            assert 3 <= gap <= 4
            gaps.append(gap)
        last[visit.authority] = visit.fieldwork_end
        judged[visit.authority] = visit.judgement_after or judged[visit.authority]
    found = measures_of(ample, 0)
    assert all(found.column(each, "inspections_late")[0] == 0 for each in found.years)
    assert all(found.column(each, "conversation_started")[0] == pytest.approx(153, abs=15) for each in found.years)
    assert sum(gaps) / len(gaps) == pytest.approx(3.5, abs=0.25)


def test_an_assessment_takes_the_days_that_its_people_were_derived_from(care: Scenario) -> None:
    found = measures_of(care, 0)
    started, days = (
        sum(found.column(year, name)[0] for year in found.years)
        for name in ("assessment_started", "inspector_days_assessment")
    )
    assert 88 <= days / started <= 94 + 1  # travel of all six; what begins before a year ends is of two years
    for year in found.years:
        assert found.column(year, "assessment_started")[0] < 80  # the pace of the baseline, at which all of them worked


PAGE = files("sim").joinpath("docs", "another_inspectorate.md").read_text(encoding="utf-8")


def test_the_page_goes_from_nothing_to_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    told = []
    for language, said, text in FENCE.findall(PAGE):
        words = dict(each.split("=") for each in said.split())
        if "file" in words:
            Path(words["file"]).write_text(text, encoding="utf-8")
            continue
        assert language == "sh"
        for line in text.splitlines():
            flags = ["--replications", words["replications"]] if "run" in line.split() else []
            assert main([*shlex.split(line.removeprefix(f"{PYTHON} -m sim ")), *flags]) == 0
            told.append(capsys.readouterr().out)
    assert "kinds of visit: survey, spot_check. No faults." in told[0]
    assert "12 authorities" in told[1] and "No faults." in told[1]
    assert "survey" in told[-1] and "spot check" in told[-1]


def test_ample_people_make_the_harbours_of_the_page_punctual(tmp_path: Path) -> None:
    for _, said, text in FENCE.findall(PAGE):
        if "file=" in said:
            (tmp_path / said.strip().removeprefix("file=")).write_text(text, encoding="utf-8")
    scenario = load(tmp_path / "harbours.toml", {"workforce.roles.regulatory_inspector.people": 999})
    found = measures_of(scenario, 0)
    assert all(found.column(year, "inspections_late")[0] == 0 for year in found.years)


@pytest.fixture
def few_homes(tmp_path: Path) -> Scenario:
    """A miniature of the homes."""
    return miniature("childrens_homes", tmp_path)


def test_a_plan_may_call_visits_by_their_rules_or_by_what_they_are_counted_as(
    few_homes: Scenario, tmp_path: Path
) -> None:
    first = Model(few_homes, 0).run()
    wanted = {}
    for kind, word in (("full", "full"), ("assurance", "assurance"), ("full", "reinspection"), ("full", "inspection")):
        visit = next(
            each for each in first.visits
            if each.kind == kind and each.fieldwork_start is not None and each.authority not in wanted
        )  # fmt: skip
        assert visit.fieldwork_start is not None
        wanted[visit.authority] = (word, few_homes.start + datetime.timedelta(days=visit.fieldwork_start))
    plan = tmp_path / "plan.csv"
    rows = [f'"{name}",{word},{week}' for name, (word, week) in wanted.items()]
    plan.write_text("\n".join(["authority,kind,week", *rows]), encoding="utf-8")
    planned = Model(few_homes.with_changes({"planning.plan": str(plan)}), 0).run().planned
    assert {row.fate for row in planned} <= {"in_its_week", "another_week"}
    assert [row.kind for row in planned] == ["full", "assurance", "full", "full"]


def test_a_pause_of_its_inspections_is_one_whatever_they_are_called(few_homes: Scenario, tmp_path: Path) -> None:
    text = '[[shocks]]\nname = "halt"\nkind = "pause"\nbegins_on = 2025-06-01\nends_on = 2025-08-31\nvisits = ["{}"]\n'
    for kind, pauses in (("full", 1), ("assurance", 0)):
        path = tmp_path / f"{kind}.toml"
        path.write_text('extends = "childrens_homes"\n' + text.format(kind), encoding="utf-8")
        shocks = ScenarioContext(load(path, {"years": 1, "authorities": str(tmp_path / "few.csv")})).shocks
        assert len(shocks.pauses_of_inspections(6)) == pauses


def test_perfect_foresight_needs_people_for_its_inspections(few_homes: Scenario) -> None:
    model = Model(few_homes, 0)
    model.run()
    world, context = model.world, ScenarioContext(few_homes)
    found = hindsight(world, context, Staff("regulatory_inspector"), whole_years(few_homes))
    due = sum(
        visit.gives_judgement and not visit.replaced and 0 <= visit.window.latest <= few_homes.horizon
        for visit in world.visits
    )
    assert sum(task.year is not None for task in found.tasks) == due > 0


MOST_BYTES = 2 * 2**30
"""Memory that ten years of all homes may take."""
MOST_TIMES_A_VISIT = 1.3
"""Time that they may take for a visit begun, of that of the launch."""


def seconds_a_visit(name: str) -> float:
    """Least processor time of a visit begun, of three runs."""
    scenario, found = load(name), []
    for replication in range(3):
        context, began = ScenarioContext(scenario), time.process_time()
        record = Model(scenario, replication, context).run()
        taken = time.process_time() - began
        found.append(taken / sum(visit.fieldwork_start is not None for visit in record.visits))
    return min(found)


@pytest.mark.slow
def test_ten_years_of_all_homes_take_little_memory_and_as_little_time_a_visit_as_the_launch() -> None:
    launch = seconds_a_visit("ilacs_launch")
    assert seconds_a_visit("childrens_homes") <= MOST_TIMES_A_VISIT * launch
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 < MOST_BYTES
