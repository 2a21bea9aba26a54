"""Other inspectorates ship as folders of data alone: they are listed, checked and run like what is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.base import package_data
from sim.base.package_data import by_name, inspectorates, shipped, tables_by_name
from sim.cli.main import main
from sim.inputs.scenario import load
from sim.runs.ensemble import measures_of
from sim.runs.measures import absent_from, defined_for

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
