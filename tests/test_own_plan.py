"""A plan of one's own: its rows move visits and name leads, and every fault of its table is told at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from sim.base.faults import InputError
from sim.base.package_data import shipped
from sim.inputs.assumptions import differences
from sim.inputs.caveats import warnings
from sim.inputs.people_in_post import Person
from sim.inputs.plan_faults import leads_by_name
from sim.inputs.scenario import Scenario, load
from sim.inputs.visit_plan import KEY, PlannedVisit, is_plan, read_plan
from sim.runs.model import Model
from tests.worlds import authority, log, none_but_by_video, posts, quiet

HMI = "social_care_hmi"
FREE = "2019-03-04"
"""Monday of an open week inside the window of Ayton's next inspection."""
AFTER = "2019-03-18"
"""First Monday after a standard inspection that begins in that week."""


def world(
    plan: tuple[dict[str, Any], ...] = (), years: int = 2, changes: Mapping[str, object] | None = None
) -> Scenario:
    """Two good authorities, whose inspections are due on 4 February 2019 and a month later, and six people."""
    found = quiet(
        [authority("Ayton", "North", "good", "2016-02-04"), authority("Beeford", "South", "good", "2016-03-04")],
        {"North": 3, "South": 3},
        {**none_but_by_video(), **(changes or {})},
        years=years,
    )
    rows = tuple(PlannedVisit.model_validate({**row, "week": date.fromisoformat(row["week"])}) for row in plan)
    return found.with_changes({KEY: rows}) if rows else found


def row(name: str = "Ayton", kind: str = "inspection", week: str | date = FREE, **lead: str) -> dict[str, Any]:
    return {"authority": name, "kind": kind, "week": week, **lead}


def begun(scenario: Scenario) -> dict[str, tuple[str | None, tuple[str, ...]]]:
    """First day on site of each authority's first inspection, and its team."""
    found: dict[str, tuple[str | None, tuple[str, ...]]] = {}
    for name, kind, first, *_, team in log(scenario):
        if kind in ("short", "standard"):
            found.setdefault(name, (first, team))
    return found


# ---------------------------------------------------------------- what a row does


def test_a_row_moves_its_visit_to_its_week_and_no_other_visit() -> None:
    before, after = begun(world()), begun(world((row(),)))
    assert before["Ayton"][0] == "2019-02-04"
    assert after["Ayton"][0] == FREE
    assert after["Beeford"] == before["Beeford"]


@pytest.mark.parametrize("kind", ["inspection", "standard", "short"])
def test_whichever_full_inspection_falls_due_takes_the_row_of_any(kind: str) -> None:
    assert begun(world((row(kind=kind),)))["Ayton"][0] == FREE


def test_any_day_of_the_week_is_its_week() -> None:
    assert begun(world((row(week="2019-03-07"),)))["Ayton"][0] == FREE


def test_the_named_lead_leads_if_free_and_it_is_said_why_not_otherwise() -> None:
    unnamed = begun(world((row(),)))["Ayton"][1][0]
    other = next(f"North 0{number}" for number in (1, 2, 3) if f"North 0{number}" != unnamed)
    named = world((row(lead=f"{HMI} {other}"),))
    record = Model(named).run()
    assert begun(named)["Ayton"][1][0] == other
    assert (record.planned[0].led, record.planned[0].not_led_because) == (True, None)
    still_writing = row("Beeford", week=AFTER, lead=f"{HMI} {other}")
    busy = world((row(kind="standard", lead=f"{HMI} {other}"), still_writing))
    (first, second) = Model(busy).run().planned
    assert (first.led, second.led) == (True, False)
    assert (first.not_led_because, second.not_led_because) == (None, "lead_diary")
    assert first.fate == second.fate == "in_its_week"


def test_a_week_after_the_latest_date_is_kept_and_the_visit_is_late() -> None:
    (planned,) = Model(world((row(week="2019-09-16"),))).run().planned
    assert (planned.fate, planned.late) == ("in_its_week", True)


def test_a_window_that_opens_later_is_said_and_the_visit_is_planned_by_the_programme() -> None:
    early = world((row(week="2018-06-11"),))
    (planned,) = Model(early).run().planned
    assert (planned.fate, planned.late) == ("opens_later", False)
    assert planned.opens == (date(2018, 8, 4) - early.start).days
    assert begun(early) == begun(world())


def test_a_row_long_after_the_window_is_left_for_a_later_visit() -> None:
    later = world((row(week="2021-11-08"),), years=5)
    (planned,) = Model(later).run().planned
    assert begun(later) == begun(world(years=5))
    assert planned.fate == "in_its_week"
    assert planned.fieldwork_start == (date(2021, 11, 8) - later.start).days


def test_a_row_that_nothing_comes_to_is_said_not_to_have_been_asked_for() -> None:
    (planned,) = Model(world((row(kind="monitoring"),))).run().planned
    assert (planned.fate, planned.kind, planned.late) == ("not_asked", None, False)


def test_a_visit_by_video_takes_no_row() -> None:
    virtual = {"begins_on": date(2018, 11, 1), "ends_on": date(2018, 12, 31), "visits": 2, "inadequate_share": 0.0}
    pause = {"kind": "pause", "begins_on": date(2018, 10, 1), "ends_on": date(2018, 12, 31), "visits": ["focused"]}
    changes = {"shocks": {"pause": {**pause, "virtual": virtual}}}
    paused = world((row(kind="focused", week="2018-11-26"),), changes=changes)
    model = Model(paused)
    (planned,) = model.run().planned
    assert sum(visit.virtual for visit in model.world.visits) == 2
    assert planned.fate == "not_asked"


def test_a_visit_that_finds_no_team_in_its_week_waits_and_keeps_the_reason() -> None:
    busy = world((row(), row("Beeford")), changes=posts("social_care_hmi", {"North": 2, "South": 0}))
    first, second = sorted(Model(busy).run().planned, key=lambda each: each.fieldwork_start or 0)
    assert (first.fate, second.fate) == ("in_its_week", "another_week")
    assert second.because in ("lead_diary", "team_diary") and not second.late


# ---------------------------------------------------------------- tables


CSV = "Local authority,Type of visit,Week commencing,Lead,Region\nayton,Short inspection,4 March 2019,,North\n"


def workbook(path: Path, rows: list[list[object]]) -> None:
    book = Workbook()
    assert book.active is not None
    for cells in rows:
        book.active.append(cells)
    book.save(path)


def test_a_table_is_read_relative_to_the_scenario_and_its_rows_rerun_to_the_bit(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(world().to_toml(), encoding="utf-8")
    (tmp_path / "plan.csv").write_text(CSV, encoding="utf-8")
    text = (
        'extends = "base.toml"\n[planning]\nplan = { value = "plan.csv", source = "the office", confidence = "high" }\n'
    )
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    found = load(tmp_path / "mine.toml")
    assert found.planning.plan == (PlannedVisit(authority="Ayton", kind="short", week=date(2019, 3, 4)),)
    assert "planning.plan: 0 rows -> 1 rows, 1 of them different" in differences(found, load(tmp_path / "base.toml"))
    (tmp_path / "plan.csv").unlink()
    (tmp_path / "again.toml").write_text(found.to_toml(), encoding="utf-8")
    again = load(tmp_path / "again.toml", {"name": "mine"})
    said = found.model_copy(update={"understood": ()})
    assert (again, again.notes, again.digest) == (said, found.notes, found.digest)
    assert found.understood[0].startswith("how the plan was read: headings in line 1; authority from")
    assert found.understood[0].endswith("not used: 'Region'")
    assert again.notes[KEY].source == "the office"
    assert begun(again)["Ayton"][0] == FREE
    assert load(tmp_path / "again.toml", {KEY: "none"}).planning.plan is None


def test_a_workbook_with_dates_says_the_same_as_a_text(tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text(CSV, encoding="utf-8")
    head, *_ = (line.split(",") for line in CSV.splitlines())
    workbook(tmp_path / "plan.xlsx", [list(head), ["ayton", "Short inspection", date(2019, 3, 4), None, "North"]])
    assert read_plan(tmp_path / "plan.xlsx").rows == read_plan(tmp_path / "plan.csv").rows
    assert is_plan(tmp_path / "plan.xlsx") and is_plan(tmp_path / "plan.csv")


def in_post() -> tuple[Person, ...]:
    """Three people in each region, who have names of their own."""
    return tuple(
        Person(role="social_care_hmi", region=region, hours=1.0, may_lead=True, name=f"{region} {name}")
        for region in ("North", "South")
        for name in ("A", "B", "C")
    )


def test_a_lead_may_be_named_as_in_the_table_of_people_and_the_name_then_counts() -> None:
    people = tuple(each.model_copy(update={"hours": 1 - 0.1 * place}) for place, each in enumerate(in_post()))
    named = world().with_changes({"workforce.in_post": people})
    planned = named.with_changes({KEY: (PlannedVisit(**row(week=date(2019, 3, 4), lead="North C")),)})
    assert begun(planned)["Ayton"] == (FREE, begun(planned)["Ayton"][1])
    assert begun(planned)["Ayton"][1][0] == "North 03"
    swapped = tuple(each.model_copy(update={"name": f"{each.name[:-1]}{'CBA'['ABC'.index(each.name[-1])]}"})
                    for each in people if each.name)  # fmt: skip
    other = planned.with_changes({"workforce.in_post": swapped})
    assert other.digest != planned.digest
    assert begun(other)["Ayton"][1][0] == "North 01"
    assert len(leads_by_name(planned.workforce, planned.authorities_by_region)["North C"]) == 1


FAULTY = """authority,kind,week,lead
Aytn,inspection,2019-03-04,
Ayton,visit of state,2019-03-11,
Ayton,joint,2019-03-18,
Ayton,focused,2019-04-15,
Ayton,focused,2018-01-24,
Ayton,focused,2018-02-05,
Ayton,focused,2021-03-01,
Ayton,focused,3/31/2019,
Ayton,inspection,2019-03-04,Nobody
Ayton,inspection,2019-03-06,
Ayton,focused,2019-03-05,
Beeford,inspection,2019-03-04,social_care_hmi South 01
Beeford,,,
"""


def faults_of(tmp_path: Path, text: str, changes: Mapping[str, object] | None = None) -> list[str]:
    (tmp_path / "plan.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        world(changes=changes).with_changes({KEY: str(tmp_path / "plan.csv")})
    return [str(fault).removeprefix(f"{tmp_path}/") for fault in caught.value.faults]


def test_every_fault_of_a_plan_is_told_at_once_by_row(tmp_path: Path) -> None:
    share = {f"workforce.roles.{HMI}.may_lead_share": 0.0}
    found = faults_of(tmp_path, FAULTY, share)
    expected = [
        ("plan.csv, line 2: authority", "no such authority; did you mean 'Ayton'"),
        ("plan.csv, line 3: kind", "allowed: engagement, focused, inspection"),
        ("plan.csv, line 4: kind", "joint inspections are agreed"),
        ("plan.csv, line 5: week", "the nearest possible weeks"),
        ("plan.csv, line 6: week", "it is in the past; the run begins on 31 January 2018"),
        ("plan.csv, line 7: week", "the first possible week is that of 12 February 2018"),
        ("plan.csv, line 8: week", "outside the run, which ends before 31 January 2020"),
        ("plan.csv, line 9: week", "there is no month 31"),
        ("plan.csv, line 10: lead", "nobody in post has this name"),
        ("plan.csv, line 11: (the row)", "line 10 already plans the same visit for the same week"),
        ("plan.csv, line 12: week", "two visits at once at Ayton: an inspection is on site"),
        ("plan.csv, line 13: lead", "this person may not lead"),
        ("plan.csv, line 14: kind", "this cell is needed"),
        ("plan.csv, line 14: week", "this cell is needed"),
    ]  # fmt: skip
    assert len(found) == len(expected), "\n".join(found)
    for told, (place, words) in zip(found, expected, strict=True):
        assert told.startswith(place) and words in told, told


def test_a_row_before_its_kind_begins_is_a_fault_that_names_the_day(tmp_path: Path) -> None:
    begins = {"frameworks.ilacs_2017.visits.short.begins_on": date(2019, 3, 6)}
    found = faults_of(tmp_path, "authority,kind,week,lead\nAyton,inspection,2019-03-04,\n", begins)
    words = "under ILACS as announced on 29 November 2017, no such visit begins before 6 March 2019"
    assert found == [f"plan.csv, line 2: week: found '2019-03-04'; {words}"]


@pytest.mark.parametrize("names", [("North C", "North C"), ("North C", f"{HMI} North 03")])
@pytest.mark.parametrize(
    ("kind", "week"), [("inspection", FREE), ("focused", "2019-03-11"), ("standard", "2019-02-25")]
)
def test_a_lead_in_two_places_at_once_is_a_fault_that_names_both_rows(
    names: tuple[str, str], kind: str, week: str, tmp_path: Path
) -> None:
    """A standard inspection takes two weeks, and a person has two names."""
    rows = f"Ayton,standard,{FREE},{names[0]}\nBeeford,monitoring,2018-06-04,\nBeeford,{kind},{week},{names[1]}\n"
    (tmp_path / "plan.csv").write_text(f"authority,kind,week,lead\n{rows}", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        world().with_changes({"workforce.in_post": in_post()}).with_changes({KEY: str(tmp_path / "plan.csv")})
    (told,) = map(str, caught.value.faults)
    assert "plan.csv, line 4: lead: found" in told and "in two places at once" in told, told
    assert "they lead a standard inspection of Ayton from 4 March 2019 (line 2)" in told, told


def test_a_lead_may_go_from_one_visit_to_the_next() -> None:
    assert world((row(lead=f"{HMI} North 01"), row("Beeford", week=AFTER, lead=f"{HMI} North 01"))).planning.plan


def test_a_fault_of_two_rows_names_the_row_of_a_workbook_and_the_key_of_a_scenario(tmp_path: Path) -> None:
    head: list[object] = ["authority", "kind", "week"]
    workbook(tmp_path / "plan.xlsx", [head, *[["Ayton", "inspection", date(2019, 3, 4)]] * 2])
    with pytest.raises(InputError, match=r"row 3: \(the row\): row 2 already plans the same visit for the same week"):
        world().with_changes({KEY: str(tmp_path / "plan.xlsx")})
    with pytest.raises(InputError, match=r"planning\.plan\.1: planning\.plan\.0 already plans the same visit"):
        world((row(), row()))


def test_faults_of_rows_in_the_scenario_itself_name_the_row() -> None:
    with pytest.raises(InputError, match=r"planning\.plan\.1\.authority: there is no such authority"):
        world((row(), row("Aytown")))


def test_a_plan_without_rows_is_refused(tmp_path: Path) -> None:
    assert "give at least one visit" in faults_of(tmp_path, "authority,kind,week\n")[0]


# ---------------------------------------------------------------- settings beside a plan


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"planning.frozen_weeks": 3}, "planning.frozen_weeks has no effect: planning.programme is inferred"),
        ({"planning.frozen_weeks": 3, "planning.programme": "optimised"}, ""),
        (
            {"planning.margin_weeks": 3, "planning.monitoring_weeks": 0, "planning.programme": "drawn"},
            "planning.margin_weeks, planning.monitoring_weeks have no effect",
        ),
        ({"planning.margin_weeks": 3, "planning.programme": "levelled"}, ""),
        ({"planning.margin_weeks": 3}, ""),
        ({"draws": "none"}, "planning.programme is inferred, but no draws give it: every run uses levelled"),
        ({"planning.programme": "drawn"}, ""),
        (
            {"planning.programme": "optimised", KEY: (row("London 01", "focused", date(2018, 9, 17)),)},
            "planning.plan keeps its weeks",
        ),
    ],
)  # fmt: skip
def test_a_setting_of_the_planning_that_cannot_act_is_told(changes: dict[str, object], words: str) -> None:
    told = [line for line in warnings(load("ilacs_launch", changes)) if line.startswith("planning.")]
    assert any(words in line for line in told) if words else told == [], told


@pytest.mark.parametrize("name", shipped("scenarios"))
def test_no_scenario_that_ships_has_such_a_setting(name: str) -> None:
    assert not [line for line in warnings(load(name)) if line.startswith("planning.")]
