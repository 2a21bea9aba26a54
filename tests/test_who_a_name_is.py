"""A name is one however it is spelled, and the order in which rows are given changes nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sim.base.faults import InputError
from sim.base.package_data import tables_by_name
from sim.inputs.authorities import Authority, drawn_as
from sim.inputs.authority_tables import TableSource, read_table
from sim.inputs.history import parse_history, shipped_history
from sim.inputs.people_in_post import Person, parse_people
from sim.inputs.scenario import Scenario, load
from sim.inputs.shocks import reorganisations
from sim.inputs.spellings import words
from sim.record.rows import VisitRow
from sim.runs.model import Model
from tests.test_every_key import outcome_of, same
from tests.worlds import authority, few_of, quiet, without_focused

NAMES = ["North & South Wold", "Ayton", "St. Bees", "ceeham", "Dale-on-Sea", "Éastby"]
EXAMPLE = {"workforce.in_post": "people_in_post_example.csv"}


def respelled(name: str) -> str:
    return name.upper().replace("&", " AND ").replace(".", "").replace("-", "  ")


def small(names: list[str], policy: str) -> Scenario:
    """Some authorities of the launch under names of one's own, in their order, that are tied more often than not."""
    scenario = few_of(load("ilacs_launch", {"years": 3, "draws": "none", "planning.programme": policy}), 25)
    rows = [
        row.model_copy(update={"authority": name, "inspected_on": date(2016, 3, 11), "judgement": "good"})
        for name, row in zip(names, scenario.authorities, strict=False)
    ]
    return scenario.with_changes({"authorities": tuple(rows)})


@pytest.mark.parametrize("policy", ["drawn", "levelled", "optimised"])
def test_the_order_of_authorities_changes_nothing(policy: str) -> None:
    scenario = small(NAMES, policy)
    for number in range(3):
        rows = list(scenario.authorities)
        random.Random(number).shuffle(rows)
        other = scenario.with_changes({"authorities": tuple(rows)})
        assert other.digest == scenario.digest
        assert same(outcome_of(scenario, number), outcome_of(other, number))


@pytest.mark.parametrize("policy", ["drawn", "optimised"])
def test_the_spelling_of_a_name_changes_nothing_but_the_name(policy: str) -> None:
    one, other = (Model(small(names, policy), 1).run() for names in (NAMES, [respelled(name) for name in NAMES]))

    def plain(rows: list[VisitRow]) -> list[VisitRow]:
        return [row._replace(authority=words(row.authority)) for row in rows]

    assert one.visits != other.visits and plain(one.visits) == plain(other.visits)
    assert one.assignments == other.assignments


def test_the_random_numbers_of_names_that_ship_are_those_of_the_names_as_they_are() -> None:
    tables = [read_table(TableSource(file=name)).authorities for name in tables_by_name() if "sample" not in name]
    created = [new.authority for _, shock in reorganisations(load("pandemic").shocks) for new in shock.created]
    names = [row.authority for table in tables for row in table] + created
    assert len(names) > 4000
    assert all(drawn_as(name) == name == drawn_as(respelled(name)) for name in names)
    assert drawn_as("Ayton & Dale") == drawn_as("AYTON and dale") == "ayton and dale"


def test_the_order_of_people_changes_nothing_not_even_who_is_left_out() -> None:
    base = few_of(load("ilacs_launch", {**EXAMPLE, "years": 2, "draws": "none"}), people=1)
    rows = list(base.workforce.in_post or ())
    for fewer in ({}, {"workforce.roles.social_care_hmi.people": 17}):
        scenario = base.with_changes(fewer)
        shuffled = list(rows)
        random.Random(len(fewer)).shuffle(shuffled)
        other = base.with_changes({"workforce.in_post": tuple(shuffled), **fewer})
        assert other.digest == scenario.digest
        assert same(outcome_of(scenario, 0), outcome_of(other, 0))


def test_the_order_of_a_history_changes_nothing_and_its_names_are_one_however_they_are_spelled() -> None:
    rows = [f"A & B,good,{year}-03-01" for year in range(2011, 2016)]
    rows += [f"a and b,requires_improvement,{year}-03-01" for year in range(2016, 2020)] + ["C,good,2012-03-01"]
    head, found = "authority,judgement,inspected_on\n", []
    for number in range(4):
        random.Random(number).shuffle(rows)
        found.append(parse_history((head + "\n".join(rows)).encode(), "t.csv", fewest=8))
    assert all(each.inspections == found[0].inspections for each in found)
    assert {name: len(ones) for name, ones in found[0].of_authority.items()} == {"A & B": 9, "C": 1}
    assert set(found[0].spelled_as(["A and B"]).of_authority) == {"A and B", "C"}
    with pytest.raises(InputError, match="'A & B' is already on line 2"):
        parse_history((head + "A & B,good,2012-03-01\nA and B,good,2012-03-01\n").encode(), "t.csv")


def test_a_back_test_knows_its_authorities_however_the_history_spells_them() -> None:
    from sim.studies.backtest_study import refuse

    scenario, history = load("launch_as_known"), shipped_history()
    ones = [replace(one, authority=respelled(one.authority)) for one in history.inspections]
    refuse(scenario, history.of(ones), None, until=None, as_it_ships=True, overwrite=False)


MERGER = {
    "kind": "reorganisation", "begins_on": date(2018, 10, 1), "abolished": ("AYTON", "Bee and Ford"),
    "created": ({"authority": "Dale", "region": "North"},),
}  # fmt: skip
THERE = [
    authority("Ayton", "North", "good", "2016-05-06"), authority("Bee & Ford", "North", "good", "2017-05-05"),
    authority("Ceeham", "South", "good", "2017-06-09"),
]  # fmt: skip


def test_a_reorganisation_names_authorities_in_any_spelling() -> None:
    world = quiet(THERE, {}, {**without_focused(), "shocks": {"merger": MERGER}})
    lives = Model(world).run().lives
    assert {row.authority: row.ends is None for row in lives} == {
        "Ayton": False, "Bee & Ford": False, "Ceeham": True, "Dale": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"created": ({"authority": "CEEHAM", "region": "North"},)}, "'CEEHAM' is or was another authority"),
        ({"abolished": ("Ayton", "AYTON")}, "there is no authority 'AYTON' on that day"),
    ],
)
def test_a_reorganisation_that_takes_one_name_for_two_is_refused(changes: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        quiet(THERE, {}, {**without_focused(), "shocks": {"merger": {**MERGER, **changes}}})


def test_rows_of_one_name_are_refused_wherever_they_come_from() -> None:
    twice: tuple[Authority, ...] = (*THERE, THERE[1].model_copy(update={"authority": "BEE AND FORD"}))
    with pytest.raises(InputError, match="'BEE AND FORD' and 'Bee & Ford' are the same name"):
        quiet(twice, {})


def test_an_authority_without_a_judgement_is_known_in_any_spelling_and_refused_where_there_is_none() -> None:
    world = quiet(THERE, {}, {"position.without_judgement": ("BEE and ford",)})
    assert [world.position.stands_in(row.authority) for row in world.authorities] == [False, True, False]
    with pytest.raises(InputError, match=r"position\.without_judgement: there is no authority 'Beeford'"):
        quiet(THERE, {}, {"position.without_judgement": ("Beeford",)})


PLAN = "authority,kind,week,lead\nbee AND ford,inspection,2018-06-04,anne b\nDALE,inspection,2018-12-03,\n"


def test_a_plan_names_authorities_and_leads_in_any_spelling(tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text(PLAN, encoding="utf-8")
    people = (Person(role="social_care_hmi", region="North", hours=1.0, may_lead=True, name="Anne-B."),)
    world = quiet(THERE, {}, {**without_focused(), "shocks": {"merger": MERGER}})
    world = world.with_changes({"workforce.in_post": people})
    (tmp_path / "base.toml").write_text(world.to_toml(), encoding="utf-8")
    planned = load(tmp_path / "base.toml", {"planning.plan": str(tmp_path / "plan.csv"), "name": "planned"})
    assert [row.authority for row in planned.planning.plan or ()] == ["Bee & Ford", "Dale"]


# ---- who leaves on a day that is known -----------------------------------------------------------------------------


def monitored(last_day: date | None, notice_months: int = 3) -> Scenario:
    """Two people of the North, who see a monitored authority together every quarter; the second one may leave."""
    people = tuple(
        Person(role="social_care_hmi", region="North", hours=1.0, may_lead=first, last_day=None if first else last_day)
        for first in (True, False)
    )
    world = quiet([authority("Ayton", "North", "inadequate", "2017-12-15")], {"North": 1}, years=2)
    return world.with_changes({"workforce.in_post": people, "workforce.notice_months": notice_months})


SECOND = "social_care_hmi North 02"


def days_of(scenario: Scenario) -> list[tuple[date, date]]:
    """First and last day of each part that the second one has in a visit."""
    to_date: Callable[[int], date] = lambda day: date.fromordinal(scenario.start.toordinal() + day)  # noqa: E731
    parts = Model(scenario).run().assignments
    return [(to_date(part.first_day), to_date(part.last_day)) for part in parts if part.inspector == SECOND]


def test_whoever_has_a_last_day_leaves_on_it_and_is_replaced_as_any_leaver_is() -> None:
    last = date(2018, 9, 28)
    scenario = monitored(last)
    first, successor = (row for row in Model(scenario).run().careers if row.inspector.startswith(SECOND))
    assert first.last_day == (last - scenario.start).days
    assert (scenario.workforce.notice_months, scenario.workforce.hiring_months) == (3, 5)
    assert successor.joined == (date(2019, 2, 28) - scenario.start).days  # notice on 28 June, and eight months after it
    stays = days_of(monitored(None))
    before = [part for part in stays if part[1] <= last]
    assert days_of(scenario) == before and 1 < len(before) < len(stays)


def test_whoever_would_leave_during_a_visit_stays_to_its_last_day() -> None:
    stays = days_of(monitored(None))
    begins, ends = stays[1]
    assert begins < ends
    scenario = monitored(begins, notice_months=0)  # so that nobody knows of it when the team is found
    assert days_of(scenario) == stays[:2]
    first = next(row for row in Model(scenario).run().careers if row.inspector == SECOND)
    assert first.last_day == (ends - scenario.start).days


def test_somebody_who_joins_and_leaves_is_there_between_the_two_days() -> None:
    scenario = monitored(None)
    people = [
        row if row.may_lead else row.model_copy(update={"start": date(2018, 4, 3), "last_day": date(2018, 10, 5)})
        for row in scenario.workforce.in_post or ()
    ]
    between = scenario.with_changes({"workforce.in_post": tuple(people)})
    row = next(row for row in Model(between).run().careers if row.inspector == SECOND)
    assert (row.joined, row.last_day) == tuple(
        (day - scenario.start).days for day in (date(2018, 4, 3), date(2018, 10, 5))
    )
    assert days_of(between) and all(
        date(2018, 4, 3) <= one and other <= date(2018, 10, 5) for one, other in days_of(between)
    )


@pytest.mark.parametrize("heading", ["leaving date", "Contract end date", "last_day", "Date of leaving"])
def test_the_last_day_is_read_under_the_headings_of_staff_lists(heading: str) -> None:
    text = f"role,region,hours,may_lead,start date,{heading}\nSocial care HMI,London,1,yes,4 Jan 2010,31/07/2019\n"
    (row,) = parse_people(text.encode(), "people.csv").people
    assert (row.start, row.last_day) == (date(2010, 1, 4), date(2019, 7, 31))


def test_a_last_day_before_the_day_of_joining_or_the_start_is_refused() -> None:
    text = "role,region,hours,may_lead,start,last_day\nSocial care HMI,London,1,yes,2018-01-04,2018-01-03\n"
    with pytest.raises(InputError, match="line 2: last_day: found '2018-01-03'; 2018-01-03 is before"):
        parse_people(text.encode(), "people.csv")
    with pytest.raises(
        InputError, match="people who left before the start, 2018-01-31: 1, the first on 2018-01-30; delete their rows"
    ):
        monitored(date(2018, 1, 30))
    with pytest.raises(InputError, match="last_day: 2018-01-03 is before the day of joining, 2018-01-04"):
        load("ilacs_launch", {"workforce.in_post": ({
            "role": "social_care_hmi", "region": "London", "hours": 1.0, "may_lead": True,
            "start": date(2018, 1, 4), "last_day": date(2018, 1, 3)},)})  # fmt: skip
