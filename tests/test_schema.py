"""Schemas of files are true of every file that ships, refuse wrong ones, and stand in the package as they are made."""

from __future__ import annotations

import datetime
import json
import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import TypeAdapter

from sim.base.package_data import by_name
from sim.cli.main import main
from sim.inputs.file_schema import KINDS, NOTES, VERSION, schema_of, text_of
from sim.inputs.scenario import load

SHIPPED = [(kind, name) for kind in ("scenario", "framework") for name in by_name(f"{kind}s")]
FAULTY = {
    "a key that does not exist": ("scenario", 'extends = "ilacs_launch"\nyeers = 3'),
    "a key of a table that does not exist": ("scenario", 'extends = "ilacs_launch"\n[workforce]\nleave_dys = 30'),
    "text where a number belongs": ("scenario", 'extends = "ilacs_launch"\nyears = "three"'),
    "a number out of its range": ("scenario", 'extends = "ilacs_launch"\n[workforce]\npart_time_share = 1.5'),
    "a noted number out of its range": (
        "scenario", 'extends = "ilacs_launch"\nyears = { value = 90, source = "board", confidence = "high" }',
    ),
    "a source without a confidence": ("scenario", 'extends = "ilacs_launch"\nyears = { value = 3, source = "board" }'),
    "a confidence that is none": (
        "scenario", 'extends = "ilacs_launch"\nyears = { value = 3, source = "board", confidence = "sure" }',
    ),
    "something else beside a value": ("scenario", 'extends = "ilacs_launch"\nyears = { value = 3, because = "board" }'),
    "a shock of no known kind": ("scenario", 'extends = "ilacs_launch"\n[[shocks]]\nname = "storm"\nkind = "storm"'),
    "a shock without a name": (
        "scenario", 'extends = "ilacs_launch"\n[[shocks]]\nkind = "publication_gap"\nbegins_on = 2019-01-01',
    ),
    "a word that planning does not know": ("scenario", 'extends = "ilacs_launch"\n[planning]\norder = "alphabet"'),
    "a date that is none": ("scenario", 'extends = "ilacs_launch"\nstart = "the first of May"'),
    "a scenario that extends nothing and gives little": ("scenario", 'question = "What?"'),
    "a framework without rules": ("framework", 'title = "Ours"'),
    "an interval of text": (
        "framework", 'extends = "ilacs_2017"\n[pathways.good]\ninterval_months = "four years"',
    ),
    "a seat with six days in a week": (
        "framework", 'extends = "ilacs_2017"\n[visits.short.team.lead]\non_site_days = [6, 5]',
    ),
}  # fmt: skip


def plain(node: Any) -> Any:
    """A TOML document as an editor holds it against a schema: dates as text."""
    match node:
        case dict():
            return {key: plain(value) for key, value in node.items()}
        case list():
            return [plain(value) for value in node]
        case datetime.date():
            return node.isoformat()
    return node


def is_valid(kind: str, text: str) -> bool:
    validator = Draft202012Validator(schema_of(kind), format_checker=FormatChecker())
    return validator.is_valid(plain(tomllib.loads(text)))


def keys_of(node: Any) -> Iterator[tuple[str, Any]]:
    """Every key that a schema names, with what it says of it."""
    if isinstance(node, dict):
        named = node.get("properties", {})
        yield from named.items()
        for value in node.values():
            yield from keys_of(value)
    elif isinstance(node, list):
        for value in node:
            yield from keys_of(value)


@pytest.mark.parametrize(("kind", "name"), SHIPPED)
def test_every_file_that_ships_is_valid(kind: str, name: str) -> None:
    assert is_valid(kind, by_name(f"{kind}s")[name])


@pytest.mark.parametrize("name", ["pandemic", "adult_social_care", "no_overall_judgement"])
def test_the_complete_scenario_of_a_result_folder_is_valid(name: str) -> None:
    assert is_valid("scenario", load(name).to_toml())


@pytest.mark.parametrize("page", [path.name for path in sorted(Path(str(files("sim")), "docs").glob("*.md"))])
def test_every_scenario_that_a_page_shows_is_valid(page: str) -> None:
    text = files("sim").joinpath("docs", page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```toml file=[^\n]*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert [block for block in blocks if 'extends = "' in block and not is_valid("scenario", block)] == []


@pytest.mark.parametrize("fault", FAULTY)
def test_a_faulty_file_is_not_valid(fault: str) -> None:
    assert not is_valid(*FAULTY[fault])


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_says_what_it_means(kind: str) -> None:
    schema = schema_of(kind)
    Draft202012Validator.check_schema(schema)
    said = [(key, value) for key, value in keys_of(schema) if key not in (*NOTES, "value")]
    assert said
    assert [key for key, value in said if not value.get("description")] == []


def test_a_key_says_its_unit() -> None:
    keys = schema_of("scenario")["$defs"]["Pathway"]["properties"]
    assert keys["interval_months"]["description"].endswith("(unit: months)")


@pytest.mark.skipif(
    "propertyNames" not in TypeAdapter(dict[Literal["low"], int]).json_schema(),
    reason="an older pydantic does not say which keys a table may have, so the schemas are made with a newer one",
)
@pytest.mark.parametrize("kind", KINDS)
def test_the_copy_that_ships_is_current_and_says_its_version(kind: str) -> None:
    """``python -m sim schema KIND --out sim/schemas/KIND.json --overwrite`` makes it anew."""
    shipped = files("sim").joinpath("schemas", f"{kind}.json").read_text(encoding="utf-8")
    assert shipped == text_of(kind)
    assert json.loads(shipped)["$id"].endswith(f":{kind}:{VERSION}")


def test_a_plan_is_rows_of_visits() -> None:
    rows = [{"authority": "London 01", "kind": "inspection", "week": "2019-03-04"}]
    validator = Draft202012Validator(schema_of("plan"), format_checker=FormatChecker())
    assert validator.is_valid(rows)
    assert not validator.is_valid([{**rows[0], "day": "Monday"}])
    assert not validator.is_valid([{"authority": "London 01", "kind": "inspection"}])


def test_the_command_has_help_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["schema", "--help"])
    assert end.value.code == 0
    assert "examples:\n  python -m sim schema scenario" in capsys.readouterr().out


def test_the_command_prints_or_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "plan"]) == 0
    assert capsys.readouterr().out == text_of("plan")
    out = tmp_path / "new" / "plan.json"
    assert main(["schema", "plan", "--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8") == text_of("plan")
    assert f"Written: {out}" in capsys.readouterr().out


def test_the_command_refuses_with_every_fault_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "plan.json"
    out.write_text("mine", encoding="utf-8")
    assert main(["schema", "plans", "--out", str(out)]) == 2
    said = capsys.readouterr().err
    assert "2 things to put right" in said
    assert "did you mean 'plan'?" in said
    assert "--overwrite" in said
    assert out.read_text(encoding="utf-8") == "mine"
    assert main(["schema", "plan", "--out", str(out), "--overwrite"]) == 0
