"""A table of people in post: what is read of it, and that the run has these people and nobody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from sim.analysis.levers import Staff
from sim.analysis.recruitment import Recruits
from sim.analysis.staffing import by_quarter
from sim.base.faults import InputError
from sim.cli.main import main
from sim.inputs.assumptions import differences, entries
from sim.inputs.caveats import warnings
from sim.inputs.framework import Role
from sim.inputs.people_in_post import ANYTHING, Person, RegionsAndRoles, is_table_of_people, parse_people, read_people
from sim.inputs.posts import Post, name_of, posts_of
from sim.inputs.scenario import Scenario, load
from sim.runs.ensemble import measures_of
from sim.runs.executors import here
from sim.runs.model import Model
from sim.studies.assumptions_answer import derived, text
from sim.studies.ensemble_study import run
from sim.world.context import ScenarioContext
from sim.world.world import World
from tests.oracle.days_of_a_person import days_of_a_person
from tests.oracle.offered_load import offered_load
from tests.test_every_key import outcome_of, same
from tests.worlds import authority, lines, quiet
from tests.worlds import run as run_of

KEY = "workforce.in_post"
HMI: Role = "social_care_hmi"
PEOPLE = f"workforce.roles.{HMI}.people"
HEAD = "role,region,hours,may_lead,start,name\n"
EXAMPLE = "people_in_post_example.csv"
SHIPPED = load("ilacs_launch")


def people_of(content: bytes, where: str, known: RegionsAndRoles = ANYTHING) -> tuple[Person, ...]:
    return parse_people(content, where, known).people


def person(region: str, hours: float = 1.0, may_lead: bool = True, start: str | None = None) -> Person:
    joined = None if start is None else date.fromisoformat(start)
    return Person(role="social_care_hmi", region=region, hours=hours, may_lead=may_lead, start=joined)


def with_table(scenario: Scenario, rows: Iterable[Person], changes: Mapping[str, object] | None = None) -> Scenario:
    return scenario.with_changes({KEY: tuple(rows), **(changes or {})})


def world(*rows: Person, years: int = 1, changes: Mapping[str, object] | None = None) -> Scenario:
    """World of two regions without chance, from 31 January 2018, with two authorities that are monitored."""
    authorities = [
        authority("Ayton", "North", "inadequate", "2017-12-15"),
        authority("Beeford", "South", "inadequate", "2017-11-17"),
    ]
    return with_table(quiet(authorities, {"North": 1}, years=years), rows, changes)


def of_table(scenario: Scenario) -> list[tuple[str, str, float, bool]]:
    return [(row.role, row.region, row.hours, row.may_lead) for row in scenario.workforce.in_post or ()]


def told(posts: Iterable[Post]) -> dict[str, tuple[bool, float]]:
    return {name_of(post, 1): (post.may_lead, post.hours) for post in posts}


def diaries(scenario: Scenario) -> dict[str, tuple[int, float, bool, int]]:
    """Days away of everybody there at the start, their hours, whether they may lead, and when they are in full use."""
    people = World(scenario, 0, ScenarioContext(scenario)).workforce.everybody
    return {each.name: (each.away, each.hours, each.may_lead, each.full_use) for each in people}


# ---------------------------------------------------------------- who is in post


def test_the_people_of_the_table_and_nobody_else_are_in_post() -> None:
    scenario = world(person("North", 0.6), person("South", 1.0, may_lead=False), person("South", 0.8))
    careers = Model(scenario).run().careers
    assert [(row.role, row.region, row.hours, row.may_lead) for row in careers] == of_table(scenario)
    assert [row.inspector for row in careers] == [f"{HMI} North 01", f"{HMI} South 01", f"{HMI} South 02"]


def test_a_table_of_people_who_are_alike_as_they_would_be_drawn_anyway_changes_nothing() -> None:
    alike = {f"workforce.roles.{role}.may_lead_share": 1.0 for role in SHIPPED.workforce.roles}
    scenario = load("ilacs_launch", {"years": 2, "workforce.part_time_share": 0.0, **alike})
    rows = [
        Person(role=post.role, region=post.region, hours=post.hours, may_lead=post.may_lead)
        for role in scenario.workforce.roles
        for post in posts_of(role, scenario.workforce, scenario.authorities_by_region)
    ]
    assert same(outcome_of(scenario, 0), outcome_of(with_table(scenario, rows), 0))


def test_whoever_may_not_lead_never_leads_and_an_authority_is_visited_by_its_own_region_first() -> None:
    # Two in each region, one of whom may lead: every visit of either is led by its own region's lead, with the other.
    scenario = world(*(person(region, may_lead=lead) for region in ("North", "South") for lead in (False, True)))
    log = lines(scenario, Model(scenario).run())
    assert {(name, team) for name, kind, *_, team in log if kind == "monitoring" and team} == {
        ("Ayton", ("North 01", "North 02")),
        ("Beeford", ("South 01", "South 02")),
    }


def test_part_time_people_have_that_share_of_the_days_of_full_time_ones() -> None:
    full, part = (Model(world(person("North", hours))).run().workload.available for hours in (1.0, 0.6))
    assert full.sum() > 0
    np.testing.assert_allclose(part, 0.6 * full)


def test_whoever_starts_later_takes_no_visit_and_gives_no_day_before() -> None:
    later = "2018-09-10"
    scenario = world(person("North"), person("South"), person("South", start=later))
    done = run_of(scenario)
    name = f"{HMI} South 02"
    (career,) = [row for row in done.record.careers if row.inspector == name]
    assert career.joined == done.day(date(2018, 9, 10))
    parts = [part for part in done.record.assignments if part.inspector == name]
    assert parts and min(part.first_day for part in parts) >= career.joined
    assert all(done.people[name].busy >> day & 1 for day in range(career.joined))
    alone = with_table(scenario, (scenario.workforce.in_post or ())[:2])
    weeks = done.record.workload.weeks + 6 < career.joined
    extra = done.record.workload.available - Model(alone).run().workload.available
    assert extra[weeks].sum() == 0 < extra[~weeks].sum()


def test_whoever_starts_later_is_inducted_from_that_day_and_leads_nothing_until_then() -> None:
    scenario = world(person("North", may_lead=False), person("North", start="2018-06-04"), years=2)
    done = run_of(scenario)
    inducted = done.day(date(2018, 12, 4))
    assert [row.full_use for row in done.record.careers] == [0, inducted]
    visits = [visit for visit in done.record.visits if visit.lead is not None and visit.kind == "monitoring"]
    assert visits and all((visit.fieldwork_start or 0) >= inducted for visit in visits)


@pytest.mark.parametrize(
    ("start", "full_use"),
    [("1998-05-01", 0), ("2017-07-31", 0), ("2017-08-10", 10), ("2018-01-31", 181)],
    ids=["long ago", "six months before", "ten days short of it", "on the first day"],
)
def test_the_induction_of_whoever_joined_lately_goes_on_where_it_was(start: str, full_use: int) -> None:
    (career,) = Model(world(person("North", start=start))).run().careers
    assert (career.joined, career.full_use) == (None, full_use)


def test_whoever_is_inducted_still_gives_half_the_days_until_then() -> None:
    old, new = (Model(world(person("North", start=start))).run().workload for start in (None, "2018-01-22"))
    before = old.weeks + 6 < 172  # 22 July 2018
    np.testing.assert_allclose(new.available[before], 0.5 * old.available[before])
    assert old.available[before].sum() > 0
    np.testing.assert_allclose(new.available[old.weeks >= 172], old.available[old.weeks >= 172])


def test_whoever_would_join_after_the_end_is_never_there_and_it_is_said() -> None:
    scenario = world(person("North"), person("South", start="2019-01-31"))
    assert [row.region for row in Model(scenario).run().careers] == ["North"]
    assert [
        words
        for words in warnings(scenario)
        if "people who join only after the run has ended: 1, on 2019-01-31" in words
    ]


def test_the_successor_of_somebody_in_the_table_has_the_same_post_and_is_inducted_anew() -> None:
    scenario = with_table(
        SHIPPED, [person("London", 0.6, may_lead=True, start="2017-12-01")] * 9,
        {"workforce.roles.social_care_hmi.turnover_a_year": 3.0, "years": 3},
    )  # fmt: skip
    done = run_of(scenario)
    later = [row for row in done.record.careers if row.successor and row.role == HMI]
    assert {(row.region, row.hours, row.may_lead) for row in later} == {("London", 0.6, True)}
    assert all(row.joined is not None and row.full_use - row.joined > 150 for row in later)


# ---------------------------------------------------------------- more and fewer people than rows


def test_more_people_than_rows_are_drawn_beside_them_where_the_next_would_come() -> None:
    rows = [person("London")] * 3 + [person("South East")]
    scenario = with_table(SHIPPED, rows, {PEOPLE: 63})
    own = Counter(post.region for post in posts_of(HMI, scenario.workforce, scenario.authorities_by_region))
    drawn = Counter(post.region for post in posts_of(HMI, SHIPPED.workforce, SHIPPED.authorities_by_region))
    assert own == drawn
    assert "4 from the table of people in post, 59 drawn at random" in "\n".join(derived(scenario))


def test_a_region_with_more_rows_than_its_share_gets_nobody_else() -> None:
    rows = [person("London")] * 20
    scenario = with_table(SHIPPED, rows, {PEOPLE: 40})
    own = Counter(post.region for post in posts_of(HMI, scenario.workforce, scenario.authorities_by_region))
    assert own["London"] == 20 and own.total() == 40
    assert min(own.values()) >= 1


def test_fewer_people_than_rows_leave_out_who_joined_last_in_the_largest_region_and_it_is_said() -> None:
    scenario = world(person("North", 0.6, start="2017-11-06"), person("South", 0.7), person("North", 0.8))
    fewer = scenario.with_changes({PEOPLE: 2})
    assert [row.hours for row in Model(fewer).run().careers] == [0.8, 0.7]
    rows = f"{KEY} has 3 rows of {HMI}, but {PEOPLE} is 2"
    words = f"{rows}: the run leaves out 1 of them, those who joined last in their regions"
    assert words in warnings(fewer) and words not in warnings(scenario)


def test_a_campaign_hires_other_people_than_those_who_were_left_out() -> None:
    rows = [person("North", 0.3, may_lead=False)] * 4
    campaign = {"kind": "recruitment", "begins_on": date(2018, 2, 1), "role": HMI, "people": 2}
    scenario = world(*rows, changes={PEOPLE: 2, "shocks": [{"name": "more", **campaign}]})
    careers = Model(scenario).run().careers
    assert [(row.hours, row.joined is None) for row in careers] == [(0.3, True)] * 2 + [(1.0, False)] * 2


def test_roles_of_which_the_table_has_no_row_keep_what_the_scenario_says() -> None:
    regions = dict.fromkeys(SHIPPED.workforce.regions, 2)
    given_so = SHIPPED.with_changes({"workforce.roles.schools_hmi.by_region": regions})
    scenario = with_table(given_so, [person("London")])
    before, after = (dict(each.workforce.roles) for each in (given_so, scenario))
    assert after.pop(HMI).people == 1
    before.pop(HMI)
    assert after == before


@st.composite
def tables(draw: st.DrawFn) -> tuple[Scenario, list[Person], Person, int]:
    """A scenario, rows of social care HMI, one more who joins after them, and how many people there are to be."""
    regions = SHIPPED.workforce.regions
    rows = st.builds(person, st.sampled_from(regions), st.sampled_from([0.5, 0.8, 1.0]), st.booleans())
    found = draw(st.lists(rows, max_size=30))
    people = len(found) + draw(st.integers(1, 40))
    share = draw(st.sampled_from([0.0, 0.3, 0.5, 1.0]))
    scenario = SHIPPED.with_changes({PEOPLE: people, f"workforce.roles.{HMI}.may_lead_share": share})
    return scenario, found, draw(rows).model_copy(update={"start": date(2018, 1, 30)}), people


@settings(max_examples=40, deadline=None, database=None)
@given(tables())
def test_one_more_who_joins_last_changes_nobody_elses_hours_place_or_leave_to_lead(
    drawn: tuple[Scenario, list[Person], Person, int],
) -> None:
    scenario, rows, one, people = drawn
    weights = scenario.authorities_by_region
    rules = [scenario.workforce.model_copy(update={"in_post": tuple(each) or None}) for each in (rows, [*rows, one])]
    before, after = (told(posts_of(HMI, each, weights)) for each in rules)
    assert len(before) == len(after) == people
    number = sum(row.region == one.region for row in rows)
    new = f"{HMI} {one.region} {number + 1:02d}"
    assert after.pop(new) == (one.may_lead, one.hours)
    before.pop(new, None)
    assert after.items() <= before.items()
    assert len(before) - len(after) <= 1


@pytest.mark.parametrize("beside", [0, 12], ids=["nobody drawn", "twelve drawn beside"])
def test_one_more_who_joins_last_changes_nobody_elses_diary(beside: int) -> None:
    example = load("ilacs_launch", {KEY: EXAMPLE, "years": 2})
    rows = example.workforce.in_post or ()
    more = (*rows, person("London", 0.5, start="2018-01-29"))
    counts = [len([row for row in each if row.role == HMI]) for each in (rows, more)]
    before, after = (
        diaries(with_table(example, each, {PEOPLE: count + beside}))
        for each, count in zip((rows, more), counts, strict=True)
    )
    assert len(after) == len(before) + 1
    assert {name: diary for name, diary in after.items() if name in before and name != f"{HMI} London 05"} == {
        name: diary for name, diary in before.items() if name != f"{HMI} London 05"
    }


# ---------------------------------------------------------------- scenario files


def test_a_scenario_with_a_table_comes_back_whole_from_what_it_writes_without_the_table(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(
        HEAD + "Social care HMI,London,60%,Yes,,A Person\nschools-hmi,North  West,1,n,2018-04-02,\n", encoding="utf-8"
    )
    (tmp_path / "mine.toml").write_text(
        'extends = "ilacs_launch"\n[workforce]\n'
        'in_post = { value = "people.csv", source = "list of March 2018", confidence = "high" }\n',
        encoding="utf-8",
    )
    found = load(tmp_path / "mine.toml")
    assert found.workforce.in_post == (
        Person(role="schools_hmi", region="North West", hours=1.0, may_lead=False, start=date(2018, 4, 2)),
        Person(role="social_care_hmi", region="London", hours=0.6, may_lead=True, name="A Person"),
    )
    (tmp_path / "people.csv").unlink()
    (tmp_path / "again.toml").write_text(found.to_toml(), encoding="utf-8")
    again = load(tmp_path / "again.toml", {"name": "mine"})
    said = found.model_copy(update={"understood": (), "extended": again.extended})
    assert (again, again.notes, again.digest) == (said, found.notes, found.digest)
    assert "how the table of people in post was read: headings in line 1" in found.understood
    assert again.notes[KEY].source == "list of March 2018"
    assert again.notes[PEOPLE].source == "rows of the table of people in post (list of March 2018)"
    assert again.notes[PEOPLE].confidence == "high"


def test_a_result_folder_repeats_its_run_without_the_table(tmp_path: Path) -> None:
    scenario = load("ilacs_launch", {KEY: EXAMPLE, "years": 1, "replications": 2})
    results = run(scenario, tmp_path / "first", executor=here, pictures=False)
    again = load(results.folder / "scenario.toml")
    pd.testing.assert_frame_equal(
        results.table("inspectors"), run(again, tmp_path / "second", pictures=False).table("inspectors")
    )
    people = results.table("inspectors")
    first = people[(people["replication"] == 0) & (people["role"] == HMI) & ~people["inspector"].str.contains("/")]
    rows = Counter((row.region, row.hours) for row in scenario.workforce.in_post or () if row.role == HMI)
    late = [("East of England", 1.0)]  # joins on 3 September 2018
    assert Counter(zip(first["region"], first["hours"], strict=True)) == rows
    joined = first[first["joined"].notna()]
    assert late[0] in list(zip(joined["region"], joined["hours"], strict=True))
    assert "Changes from the built-in scenario ilacs_launch:" in (results.folder / "scenario.toml").read_text(
        encoding="utf-8"
    )


FILES = {
    "base.toml": 'extends = "ilacs_launch"\n[workforce]\nin_post = "people.csv"\n',
    "said.toml": 'extends = "ilacs_launch"\n[workforce]\nin_post = "people.csv"\n'
    "[workforce.roles.social_care_hmi]\npeople = 5\n",
    "over.toml": 'extends = "base.toml"\n[workforce.roles.social_care_hmi]\npeople = 7\n',
    "under.toml": 'extends = "other/regions.toml"\n[workforce]\nin_post = "people.csv"\n',
    "none.toml": 'extends = "base.toml"\n[workforce]\nin_post = "none"\n',
    "other/regions.toml": 'extends = "ilacs_launch"\n[workforce.roles.social_care_hmi]\npeople = 8\n'
    "[workforce.roles.social_care_hmi.by_region]\n"
    + "\n".join(f'"{region}" = 1' for region in SHIPPED.workforce.regions),
    "other/more.toml": 'extends = "../over.toml"\n[workforce]\nin_post = "../three.csv"\n',
    "people.csv": HEAD + "Social care HMI,London,1,yes,,\nSocial care HMI,South East,0.5,no,,\n",
    "three.csv": HEAD + "Social care HMI,London,1,yes,,\n" * 3,
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "other").mkdir()
    for name, content in FILES.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "changes", "people", "rows"),
    [
        ("base.toml", {}, 2, 2),
        ("said.toml", {}, 5, 2),
        ("over.toml", {}, 7, 2),
        ("under.toml", {}, 2, 2),
        ("none.toml", {}, 63, 0),
        ("other/more.toml", {}, 3, 3),
        ("base.toml", {PEOPLE: 9}, 9, 2),
        ("over.toml", {KEY: "three.csv"}, 3, 3),
        ("over.toml", {PEOPLE: 9, KEY: "three.csv"}, 9, 3),
        ("base.toml", {KEY: "none"}, 2, 0),
    ],
)
def test_there_are_as_many_people_as_rows_unless_it_is_said_beside_or_above_the_table(
    home: Path, file: str, changes: dict[str, object], people: int, rows: int
) -> None:
    found = load(home / file, changes).workforce
    if file == "none.toml":
        assert found.in_post is None
        return
    assert (found.roles["social_care_hmi"].people, len(found.in_post or ())) == (people, rows)
    assert found.roles["social_care_hmi"].by_region is None


def test_people_given_by_region_beside_a_table_are_refused_in_plain_words(home: Path) -> None:
    regions = dict.fromkeys(SHIPPED.workforce.regions, 1)
    with pytest.raises(InputError) as refused:
        load(home / "base.toml", {PEOPLE: 8, f"workforce.roles.{HMI}.by_region": regions})
    (fault,) = refused.value.faults
    assert fault.key == f"workforce.roles.{HMI}.by_region"
    assert "says where the people of this role are" in fault.allowed


def test_a_name_changes_no_result_and_is_written_nowhere_but_in_the_scenario() -> None:
    bare = world(person("North"))
    (row,) = bare.workforce.in_post or ()
    named = with_table(bare, [row.model_copy(update={"name": "A Person"})])
    assert named.digest == bare.digest
    assert "A Person" not in text(named) + "".join(differences(named, bare)) + str(Model(named).run())
    assert 'name = "A Person"' in named.to_toml()


def test_what_differs_from_the_scenario_that_ships_is_said_by_its_rows() -> None:
    found = load("ilacs_launch", {KEY: EXAMPLE})
    assert f"{KEY}: 0 rows -> 26 rows, 26 of them different" in differences(found, SHIPPED)
    fewer = with_table(found, (found.workforce.in_post or ())[:-1])
    assert f"{KEY}: 26 rows -> 25 rows, 0 of them different" in differences(fewer, found)


# ---------------------------------------------------------------- what is wrong with a table

KNOWN = RegionsAndRoles(("London", "North West"))
ROW = "Social care HMI,London,1,yes,,\n"
WRONG = {
    "an unknown role": ("boss,London,1,yes,,", "role", "'boss'", "social_care_hmi"),
    "an unknown region": ("Senior HMI,Londom,1,yes,,", "region", "'Londom'", "did you mean 'London'"),
    "no hours": ("Senior HMI,London,0,yes,,", "hours", "'0'", "more than 0 and at most 1"),
    "more than all hours": ("Senior HMI,London,1.5,yes,,", "hours", "'1.5'", "more than 0 and at most 1"),
    "hours of a week": ("Senior HMI,London,37,yes,,", "hours", "'37'", "60%"),
    "hours in words": ("Senior HMI,London,abc,yes,,", "hours", "'abc'", "0.6"),
    "hours that are no number": ("Senior HMI,London,nan,yes,,", "hours", "'nan'", "0.6"),
    "more than all per cent": ("Senior HMI,London,120%,yes,,", "hours", "'120%'", "60%"),
    "per cent of nothing": ("Senior HMI,London,%,yes,,", "hours", "'%'", "60%"),
    "hours without an end": ("Senior HMI,London,1e9999999,yes,,", "hours", "'1e9999999'", "60%"),
    "perhaps a lead": ("Senior HMI,London,1,perhaps,,", "may_lead", "'perhaps'", "yes or no"),
    "a date month first": (
        "Senior HMI,London,1,no,01/31/2018,",
        "start",
        "'01/31/2018'",
        "if you mean 31/01/2018, write that",
    ),
    "a day that is none": ("Senior HMI,London,1,no,2018-02-30,", "start", "'2018-02-30'", "2018-01-31"),
    "a day long past": ("Senior HMI,London,1,no,1018-02-20,", "start", "'1018-02-20'", "1950-01-01"),
    "an empty cell": ("Senior HMI,London,,no,,", "hours", "nothing", "needed"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_cell_is_refused_by_line_column_and_value(case: str) -> None:
    row, column, value, allowed = WRONG[case]
    with pytest.raises(InputError) as refused:
        people_of((HEAD + ROW + row + "\n").encode(), "people.csv", KNOWN)
    (fault,) = refused.value.faults
    assert (fault.where, fault.key) == ("people.csv, line 3", column)
    assert f"found {value}; " in str(fault) and allowed in fault.allowed


def test_every_fault_of_a_table_is_told_at_once() -> None:
    with pytest.raises(InputError) as refused:
        people_of((HEAD + "".join(f"{row}\n" for row, *_ in WRONG.values())).encode(), "people.csv", KNOWN)
    found = [(fault.where, fault.key) for fault in refused.value.faults]
    columns = enumerate((column for _, column, *_ in WRONG.values()), start=2)
    assert found == [(f"people.csv, line {line}", column) for line, column in columns]


def test_somebody_who_is_there_twice_is_refused_but_people_without_names_are_not() -> None:
    assert len(people_of((HEAD + 2 * ROW).encode(), "people.csv", KNOWN)) == 2
    row = ROW.replace(",,\n", ",,A Person\n")
    assert len(people_of((HEAD + row + row.replace("Social care", "Senior")).encode(), "people.csv", KNOWN)) == 2
    with pytest.raises(InputError, match=r"line 3: name: found 'A Person'; .* already on line 2"):
        people_of((HEAD + row + row).encode(), "people.csv", KNOWN)


@pytest.mark.parametrize("text", ["", HEAD], ids=["no bytes", "a header alone"])
def test_an_empty_table_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="empty"):
        people_of(text.encode(), "people.csv")


@pytest.mark.parametrize(
    ("cell", "share"), [("1", 1.0), ("1.0", 1.0), ("0.6", 0.6), ("60%", 0.6), ("60 %", 0.6), ("33.3%", 0.333)]
)
def test_hours_are_a_share_or_a_percentage(cell: str, share: float) -> None:
    (row,) = people_of((HEAD + ROW.replace(",1,", f",{cell},")).encode(), "people.csv")
    assert row.hours == share


@pytest.mark.parametrize("role", ["Social care HMI", "social-care hmi", "SOCIAL_CARE_HMI", " social  care\tHMI "])
def test_roles_are_known_by_any_case_and_with_spaces_or_hyphens(role: str) -> None:
    (row,) = people_of((HEAD + ROW.replace("Social care HMI", role)).encode(), "people.csv")
    assert row.role == HMI


@pytest.mark.parametrize(
    ("cell", "may"), [("yes", True), ("Y", True), ("TRUE", True), ("no", False), ("n", False), ("False", False)]
)
def test_who_may_lead_is_said_by_yes_or_no(cell: str, may: bool) -> None:
    (row,) = people_of((HEAD + ROW.replace("yes", cell)).encode(), "people.csv")
    assert row.may_lead is may


def test_columns_of_start_and_name_may_be_missing() -> None:
    (row,) = people_of((b"may_lead,hours,role,region\nyes,1,senior HMI,London\n"), "people.csv", KNOWN)
    assert (row.start, row.name) == (None, None)


def test_somebody_is_the_same_in_other_words_for_the_role() -> None:
    twice = HEAD + "senior HMI,London,1,no,,A Person\nSHMI,London,1,no,,a  person\n"
    with pytest.raises(InputError, match="line 3: name"):
        people_of(twice.encode(), "people.csv", KNOWN)


def test_notes_below_a_table_are_nobody() -> None:
    assert len(people_of((HEAD + ROW + "\nSource: list of staff\n").encode(), "people.csv", KNOWN)) == 1


def test_what_is_advised_of_a_heading_can_be_followed() -> None:
    with pytest.raises(InputError, match="call it 'hours' in the table") as refused:
        people_of((HEAD.replace("hours", "hrs") + ROW).encode(), "people.csv", KNOWN)
    assert "columns =" not in str(refused.value)
    manager = HEAD.strip() + ",line manager name\n"
    assert len(people_of((manager + ROW.strip() + ",Boss\n").encode(), "people.csv", KNOWN)) == 1


def test_a_date_above_the_headings_makes_no_table_of_people(tmp_path: Path) -> None:
    path = tmp_path / "authorities.csv"
    path.write_text("Start date,2018-04-01\n\nauthority,region,judgement,inspected_on\n", encoding="utf-8")
    assert not is_table_of_people(path)


def test_a_table_of_people_is_told_from_one_of_authorities(tmp_path: Path) -> None:
    for name, columns, people in (("a", "authority,region,judgement", False), ("b", "Role,region", True)):
        (tmp_path / name).write_text(columns + "\n", encoding="utf-8")
        assert is_table_of_people(tmp_path / name) is people


def test_a_workbook_in_words_of_its_own_is_the_same_table(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["People in post, a made-up example"])
    sheet.append([])
    sheet.append(["Job title", "Region", "FTE", "Lead inspector", "Date joined", "Team"])
    sheet.append(["SC HMI", "Yorkshire and The Humber", 0.6, "Y", date(2017, 11, 6), "North"])
    book.save(tmp_path / "people.xlsx")
    plain = HEAD + '"social care HMI","North East, Yorkshire and Humber",60%,yes,2017-11-06,\n'
    assert is_table_of_people(tmp_path / "people.xlsx")
    known = load("ilacs_launch").workforce
    found = read_people(str(tmp_path / "people.xlsx"), RegionsAndRoles(known.regions)).people
    assert found == people_of(plain.encode(), "people.csv", RegionsAndRoles(known.regions))


# ---------------------------------------------------------------- commands


def test_check_says_what_it_understood_of_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "people.csv"
    path.write_text(HEAD + ROW + "schools hmi,North West,60%,no,2018-04-02,\n", encoding="utf-8")
    assert main(["check", str(path)]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0].endswith(
        "2 people in post; 1 with a day of joining, 2018-04-02 to 2018-04-02. No faults."
    )
    assert "social_care_hmi: 1 people, 1.0 full-time equivalents, 1 may lead: London 1 (1.0)" in said
    assert "schools_hmi: 1 people, 0.6 full-time equivalents, 0 may lead: North West 1 (0.6)" in said
    path.write_text(HEAD + "boss,Londom,1,yes,,\n", encoding="utf-8")
    assert main(["check", str(path)]) == 2
    said = capsys.readouterr().err
    assert "line 2: role" in said and "line 2: region" in said


def test_a_scenario_tells_the_faults_of_its_table_with_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "people.csv").write_text(HEAD + "boss,Londom,1,yes,,\n", encoding="utf-8")
    mine = 'extends = "ilacs_launch"\nyears = 0\n[workforce]\nin_post = "people.csv"\n'
    (tmp_path / "mine.toml").write_text(mine, encoding="utf-8")
    assert main(["check", str(tmp_path / "mine.toml")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("3 things to put right")
    assert "people.csv, line 2: role" in said and "mine.toml: years" in said


def test_describe_shows_the_table_as_a_whole_with_its_source() -> None:
    found = load("ilacs_launch", {KEY: {"value": EXAMPLE, "source": "made up", "confidence": "low"}})
    book = text(found)
    assert f"People in post: 26 rows of a table ({KEY})  [low]. Source: made up" in book
    assert "senior_hmi: 4 people, 3.8 full-time equivalents, 0 may lead" in book
    assert [entry.key for entry in entries(found)] == [entry.key for entry in entries(SHIPPED)]


def test_visits_that_nobody_of_the_table_may_lead_are_warned_of() -> None:
    rows = [person("North", may_lead=False), person("South", may_lead=False)]
    assert [words for words in warnings(world(*rows)) if f"nobody in {KEY} may lead" in words]
    beside = world(*rows, changes={PEOPLE: 3})
    assert not [words for words in warnings(beside) if "may lead" in words]


# ---------------------------------------------------------------- what stands on it


def test_the_offered_load_is_the_same_whoever_is_in_post() -> None:
    own = load("ilacs_launch", {KEY: EXAMPLE, "years": 2})
    other = load("ilacs_launch", {"years": 2})
    pd.testing.assert_frame_equal(offered_load(own).days, offered_load(other).days)


def test_days_of_a_person_take_the_hours_of_the_table() -> None:
    half, full = (
        days_of_a_person(world(person("North", hours), years=2), "social_care_hmi", ["2018-19"]) for hours in (0.5, 1.0)
    )
    assert half == pytest.approx(0.5 * full) and full > 0


def test_a_search_adds_people_to_the_table_and_leaves_its_last_ones_out() -> None:
    scenario = load("ilacs_launch", {KEY: EXAMPLE, "years": 1})
    lever = Staff("social_care_hmi")
    assert (lever.people(scenario), list(lever.faults(scenario))) == (22, [])
    posts = [
        told(ScenarioContext(scenario.with_changes(lever.changes(scenario, level))).posts["social_care_hmi"])
        for level in (21, 22, 23, 24)
    ]
    assert [len(each) for each in posts] == [21, 22, 23, 24]
    assert all(fewer.items() < more.items() for fewer, more in pairwise(posts))


def test_a_search_in_one_region_is_refused_where_the_table_says_who_is_there() -> None:
    scenario = load("ilacs_launch", {KEY: EXAMPLE})
    (fault,) = Staff("social_care_hmi", "London").faults(scenario)
    assert fault.where == "region" and KEY in fault.allowed
    assert list(Staff("schools_hmi", "London").faults(scenario)) == []


def test_a_plan_starts_from_the_table_and_takes_no_appointment_for_an_offer() -> None:
    scenario = load("ilacs_launch", {KEY: EXAMPLE, "years": 2, "draws": "none"})
    recruits = Recruits("social_care_hmi", 2, scenario.start)
    assert recruits.people(scenario) == 22
    planned = scenario.with_changes(recruits.changes(scenario, 26))
    rows = by_quarter(planned, "social_care_hmi", range(2), here)
    assert rows["offers_new"].sum() == 4
    assert (rows["offers_new"] + rows["offers_successors"]).max() <= 2
    assert rows["joined"].sum() >= 4 + 2  # two of the table join after the start


@pytest.mark.parametrize(
    "shock",
    [
        {"kind": "departures", "begins_on": date(2018, 6, 1), "role": HMI, "people": 3, "leads": True},
        {"kind": "other_programme", "begins_on": date(2018, 6, 1), "ends_on": date(2018, 9, 1), "roles": (HMI,),
         "people_share": 0.5},
        {"kind": "turnover", "begins_on": date(2018, 2, 1), "ends_on": date(2019, 2, 1), "roles": (HMI,),
         "turnover_a_year": 2.0},
        {"kind": "hiring_freeze", "begins_on": date(2018, 2, 1), "ends_on": date(2019, 1, 1), "roles": (HMI,)},
    ],
    ids=lambda shock: str(shock["kind"]),
)  # fmt: skip
def test_shocks_strike_the_people_of_a_table_as_they_strike_others(shock: dict[str, object]) -> None:
    scenario = load("ilacs_launch", {KEY: EXAMPLE, "years": 2})
    struck = scenario.with_changes({"shocks": {"one": shock}})
    before, after = (outcome_of(each, 0) for each in (scenario, struck))
    assert not same(before, after)
    joining = [
        row for row in after[0].careers if row.inspector in (f"{HMI} North West 04", f"{HMI} East of England 02")
    ]
    assert [row.joined for row in joining] == [61, 215]


@pytest.mark.parametrize(
    "change",
    [
        {"role": "schools_hmi"},
        {"region": "South West"},
        {"hours": 0.5},
        {"may_lead": False},
        {"start": date(2018, 9, 1)},
        {"last_day": date(2018, 9, 1)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_column_that_a_run_reads_changes_something(change: dict[str, object]) -> None:
    found = load("ilacs_launch", {KEY: EXAMPLE, "years": 2})
    first, *rows = sorted(found.workforce.in_post or (), key=lambda row: row.role != HMI)
    changed = with_table(found, [first.model_copy(update=change), *rows])
    assert not same(outcome_of(found, 0), outcome_of(changed, 0))


def test_a_blind_forecast_draws_people_over_the_table() -> None:
    from sim.analysis.inferred_workforce import changes_known_on

    found = load("ilacs_launch", {KEY: EXAMPLE, "years": 1})
    changes = changes_known_on(found.start, found)[0]
    drawn = found.with_changes(changes)
    assert len(ScenarioContext(drawn).posts["social_care_hmi"]) == changes[PEOPLE]
    assert drawn.workforce.in_post == found.workforce.in_post
    assert len(measures_of(drawn, 0).years) > 0
