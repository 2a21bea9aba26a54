"""The record is what its template gives, has every item of its checklist, and has no typed number.

`python -m tests.record` generates `sim/docs/record.md` from `tests/record/record.md.jinja`.
"""

from __future__ import annotations

import datetime
import difflib
import re
import tomllib

import pytest
from jinja2 import UndefinedError

from sim.analysis.fitting import fit
from sim.analysis.predictive import check
from sim.base.package_data import shipped
from sim.inputs.history import shipped_history
from sim.inputs.scenario import load
from sim.inputs.scenario_files import DEFAULT
from sim.inputs.shocks import SHOCKS
from tests.record.page import FOLDER, NUMBER, PAGE, ROOT, TEMPLATE, rendered, shown, typed_numbers
from tests.record.values import ITEMS, SCRIPTS, TESTS, measured, values

TEXT = PAGE.read_text(encoding="utf-8")
SOURCE = TEMPLATE.read_text(encoding="utf-8")
PARTS = (
    "Purpose and fitness", "Roles", "Verification", "Validation", "Uncertainty", "Sensitivity", "Limitations",
    "Changes to the assumptions", "Open risks", "Sign-off", "Measured figures",
)  # fmt: skip
"""Parts of the log of quality assurance."""
RUN = "run python -m tests.record and commit sim/docs/record.md"


@pytest.fixture(scope="module")
def known() -> dict[str, object]:
    return values()


def test_the_record_is_what_its_template_gives_now(known: dict[str, object]) -> None:
    now = rendered(known)
    changed = "\n".join(difflib.unified_diff(TEXT.splitlines(), now.splitlines(), "committed", "generated", n=0))
    assert now == TEXT, f"the record is out of date: {RUN}\n{changed}"


def test_no_line_of_the_record_looks_like_an_item_of_a_numbered_list_because_a_value_begins_it() -> None:
    assert re.findall(r"^ *\d+[.)] .*", TEXT, re.MULTILINE) == []


def test_no_number_is_typed_into_the_template() -> None:
    assert typed_numbers(SOURCE) == []


@pytest.mark.parametrize(
    "sentence", ["There are 17 of them.", "It takes five weeks.", "| share | 62% |", "17<!-- counted by hand -->"]
)
def test_a_typed_number_is_caught(sentence: str) -> None:
    (line,) = typed_numbers(SOURCE.replace("\n## Sources\n", f"\n{sentence}\n\n## Sources\n"))
    assert line.split()[0] in sentence


def test_a_changed_assumption_changes_the_page(known: dict[str, object]) -> None:
    other = load(DEFAULT, {"workforce.roles.social_care_hmi.people": 54})
    pages = [rendered(each).splitlines() for each in (known, values(other))]
    lines = [[line for line in page if "social care HMI in post, people" in line] for page in pages]
    assert [[line.split("|")[2].strip() for line in found] for found in lines] == [["63"], ["54"]]


def test_a_name_that_no_value_has_is_refused(known: dict[str, object]) -> None:
    with pytest.raises(UndefinedError, match="no_such_count"):
        rendered(known, "{{ count.no_such_count }}")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4010, "4,010"), (0.1061, "0.1061"), (520.0, "520"), (datetime.date(2018, 1, 31), "31 January 2018"),
        ("71%", "71%"),
    ],
)  # fmt: skip
def test_a_value_is_shown_in_the_style_of_the_page(value: object, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize("value", [None, (1, 2), True])
def test_what_is_no_number_date_or_text_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="neither a number, a date nor text"):
        shown(value)


def test_each_measured_figure_has_a_value_a_day_and_a_command_and_is_on_the_page() -> None:
    for name, each in measured().items():
        assert re.fullmatch(NUMBER, shown(each.value)), name
        assert type(each.measured_on) is datetime.date, name
        assert each.what and each.command, name
        assert f"measured.{name} " in SOURCE, name
    assert len(measured()) == len(tomllib.loads((FOLDER / "measured.toml").read_text(encoding="utf-8"))) > 0


def test_the_measured_predictive_check_is_that_of_the_code() -> None:
    history, figures = shipped_history(), measured()
    points = check(fit(history), history)
    assert figures["predictive_counts"].value == len(points)
    assert figures["predictive_counts_inside"].value == sum(point.inside for point in points)


def test_the_record_has_every_item_of_its_checklist_in_order_and_every_part_of_the_log() -> None:
    assert tuple(re.findall(r"^\*\*(\d+(?:\.\d+)+) ", TEXT, re.MULTILINE)) == ITEMS
    heads = re.findall(r"^### (.+)$", TEXT, re.MULTILINE)
    assert tuple(head for head in heads if head in PARTS) == PARTS


def test_the_record_names_every_scenario_script_table_shock_and_test_there_is() -> None:
    data = [path.name for path in (ROOT / "sim" / "data").iterdir() if path.suffix == ".csv"]
    names = (*shipped("scenarios"), *shipped("frameworks"), *SCRIPTS, *SHOCKS, *data)
    assert [name for name in names if f"`{name}`" not in TEXT] == []
    assert [name for name in TESTS if f"`tests/{name}`" not in TEXT] == []


def test_every_file_and_test_that_the_record_names_is_there() -> None:
    paths = set(re.findall(r"`((?:sim|tests|scenarios|\.ci|\.github)/[\w./-]+)", TEXT))
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []
    links = set(re.findall(r"\]\(([^)#:]+)\)", TEXT))
    assert [link for link in sorted(links) if not (ROOT / "sim" / "docs" / link).exists()] == []
