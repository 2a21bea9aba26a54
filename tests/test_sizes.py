"""Sizes of authority are those for which teams have people: tables, teams and faults follow."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.base.faults import InputError
from sim.inputs.authorities import ExpectedRows
from sim.inputs.authority_tables import TableSource, read_table
from sim.inputs.scenario import Scenario, load
from sim.runs.model import Model

NAME = "ilacs_2018"
SHIPS = load("position_2022", {"years": 2})


def with_sizes(people: dict[str, dict[str, int]], **changes: object) -> Scenario:
    """Two years in which the lead is alone, and the other inspectors are as many as said of each size."""
    given: dict[str, object] = {}
    for visit, rules in SHIPS.frameworks[NAME].visits.items():
        for seat in rules.team:
            key = f"frameworks.{NAME}.visits.{visit}.team.{seat}.people"
            given[key] = people["lead" if seat == "lead" else "others"]
    return load("position_2022", {"years": 2, **given, **changes})


CITIES = "authority,region,judgement,inspected_on,size\nA,London,good,2019-03-01,City\nB,London,good,2019-06-07,town\n"
TWO = {"lead": {"town": 1, "city": 1}, "others": {"town": 1, "city": 4}}


def test_a_team_has_the_people_of_a_declared_size(tmp_path: Path) -> None:
    table = tmp_path / "cities.csv"
    table.write_text(CITIES, encoding="utf-8")
    scenario = with_sizes(TWO, authorities=str(table))
    assert [row.size for row in scenario.authorities] == ["city", "town"]
    model = Model(scenario, 0)
    model.run()
    begun = [visit for visit in model.world.visits if visit.kind == "short" and visit.fieldwork_start is not None]
    seats = len(scenario.frameworks[NAME].visits["short"].team)
    assert {(visit.authority.name, len(visit.team)) for visit in begun} <= {("A", 1 + 4 * (seats - 1)), ("B", seats)}
    assert begun


def test_where_there_is_one_size_a_table_need_not_say_it(tmp_path: Path) -> None:
    table = tmp_path / "plain.csv"
    table.write_text("\n".join(",".join(row.split(",")[:4]) for row in CITIES.splitlines()), encoding="utf-8")
    for sizes, found in ((("any",), "any"), (("small", "medium"), "medium")):
        read = read_table(TableSource(file=str(table)), ExpectedRows(sizes=sizes))
        assert [row.size for row in read.authorities] == [found, found]


def test_a_size_without_teams_is_refused_in_the_table_and_in_a_reorganisation(tmp_path: Path) -> None:
    table = tmp_path / "cities.csv"
    table.write_text(CITIES.replace("town", "twon"), encoding="utf-8")
    with pytest.raises(InputError, match="did you mean 'town'"):
        with_sizes(TWO, authorities=str(table))
    table.write_text(CITIES, encoding="utf-8")
    shock = {
        "name": "merger", "kind": "reorganisation", "begins_on": SHIPS.start.replace(year=2023), "abolished": ("A",),
        "created": ({"authority": "C", "region": "London", "size": "huge"},),
    }  # fmt: skip
    with pytest.raises(InputError, match="no teams for the size 'huge'"):
        with_sizes(TWO, authorities=str(table), shocks=(shock,))


def test_every_seat_has_people_for_the_same_sizes() -> None:
    key = f"frameworks.{NAME}.visits.short.team.inspectors.people.huge"
    words = r"visits\.short\.team\.lead: give people for small, medium, large, huge; missing: huge"
    with pytest.raises(InputError, match=words):
        load("position_2022", {key: 6})
