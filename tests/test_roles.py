"""Roles are those that a scenario declares: measures, tables, faults and questions follow."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.base.faults import InputError
from sim.cli.main import main
from sim.inputs.people_in_post import read_people
from sim.inputs.scenario import Scenario, load
from sim.runs.ensemble import measures_of
from sim.runs.measures import NAMES, defined_for, unit_of
from sim.runs.model import Model

OWN = "workforce.roles.practice_adviser"
SEAT = "frameworks.ilacs_2018.visits.{}.team.adviser"
ADVISER = {
    "role": "practice_adviser", "people": {"small": 1, "medium": 1, "large": 1}, "preparation_days": 0,
    "on_site_days": (1,), "writing_up_days": 0,
}  # fmt: skip
PEOPLE = {"people": 3, "may_lead_share": 0.0, "programme_share": 0.5, "turnover_a_year": 0.1}


def with_advisers(**changes: object) -> Scenario:
    """Two years in which an adviser is a day on every short inspection."""
    return load("position_2022", {"years": 2, OWN: PEOPLE, SEAT.format("short"): ADVISER, **changes})


def test_people_of_a_declared_role_fill_its_seats_and_no_others() -> None:
    run = Model(with_advisers(), 0)
    record = run.run()
    kinds = {row.visit: row.kind for row in record.visits}
    on_site = [row for row in record.assignments if row.role == "practice_adviser"]
    begun = [row for row in record.visits if row.kind == "short" and row.fieldwork_start is not None]
    assert {kinds[row.visit] for row in on_site} == {"short"}
    assert len(on_site) == len(begun) > 0
    assert sum(row.role == "practice_adviser" for row in record.careers) >= PEOPLE["people"]


def test_its_utilisation_follows_those_of_every_scenario() -> None:
    scenario = with_advisers()
    found = measures_of(scenario, 0)
    assert found.names == (*NAMES, "utilisation_practice_adviser")
    assert [definition.name for definition in defined_for(scenario)] == list(found.names)
    assert unit_of("utilisation_practice_adviser") == "share"
    assert all(found.column(year, "utilisation_practice_adviser")[0] > 0 for year in found.years[1:])
    assert found.column(found.years[1], "utilisation_somebody_else").size == 1


def test_a_role_more_changes_nobody_elses_luck() -> None:
    one, other = (Model(each, 0).run() for each in (load("position_2022", {"years": 2}), with_advisers()))
    assert one.quality == other.quality
    others = [row for row in other.careers if row.role != "practice_adviser"]
    assert [row[:7] for row in one.careers] == [row[:7] for row in others]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"workforce.roles.idler": PEOPLE}, "workforce.roles.idler: no visit or desk work needs this role"),
        ({SEAT.format("focused"): ADVISER | {"role": "nobody"}}, "nobody is missing, but ilacs_2018 needs it"),
        ({"planning.stay_in_region": ("practice_adviser", "adviser")}, "stay_in_region: there is no role 'adviser'"),
        ({"workforce.roles.Odd Role": PEOPLE}, "Odd Role"),
    ],
)
def test_what_is_wrong_with_a_role_is_said(changes: dict[str, object], words: str) -> None:
    with pytest.raises(InputError) as refused:
        with_advisers(**changes)
    assert words in str(refused.value)


def test_a_table_of_people_may_hold_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = ["role,region,hours,may_lead", "Practice adviser,London,1,no", "practice_adviser,South West,0.5,no"]
    (tmp_path / "people.csv").write_text("\n".join(rows), encoding="utf-8")
    scenario = with_advisers().with_changes({"workforce.in_post": "people.csv"})
    assert [row.role for row in scenario.workforce.in_post or ()] == ["practice_adviser"] * 2
    with pytest.raises(InputError, match="Practice adviser"):
        read_people("people.csv")


def test_a_search_may_be_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "advised.toml").write_text(with_advisers().to_toml(), encoding="utf-8")
    assert main(["capacity", "advised.toml", "--role", "adviser"]) == 2
    assert "practice_adviser" in capsys.readouterr().err
