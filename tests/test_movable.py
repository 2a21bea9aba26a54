"""What a reader may move on a page: a grid is found for what it is, shows the study's figures, moves by keyboard."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from sim.base.figures import value
from sim.cli.main import main
from sim.report.contents import report_of
from sim.report.grid import axes_of
from sim.report.movable import Movable
from sim.report.page import html_of
from sim.runs.measures import whole_years
from sim.runs.results import read
from tests.browser import Tab, axe_finds, tab
from tests.folders import NAMES, SMALL

pytestmark = pytest.mark.usefixtures("smaller")
PEOPLE, PROGRAMME = "workforce.roles.social_care_hmi.people", "planning.programme"


# ---------------------------------------------------------------- axes, by hand


def settings(*rows: tuple[object, ...]) -> list[dict[str, object]]:
    return [dict(zip(("a", "b", "c", "d"), row, strict=False)) for row in rows]


def test_every_combination_once_is_a_grid_with_numbers_in_order_and_words_as_they_come() -> None:
    found = axes_of(
        settings((60, "drawn"), (70, "levelled"), (50, "drawn"), (70, "drawn"), (50, "levelled"), (60, "levelled"))
    )
    people, policy = found
    assert (people.keys, people.values, people.places) == (("a",), ((50,), (60,), (70,)), (1, 2, 0, 2, 0, 1))
    assert (policy.keys, policy.values, policy.places) == (("b",), (("drawn",), ("levelled",)), (0, 1, 0, 0, 1, 1))
    assert people.of_numbers and not policy.of_numbers


def test_what_always_changes_together_is_one_axis_and_what_never_does_is_none() -> None:
    (axis,) = axes_of(settings((36, 24, "same"), (24, 12, "same"), (48, 30, "same")))
    assert (axis.keys, axis.values) == (("a", "b"), ((24, 12), (36, 24), (48, 30)))


@pytest.mark.parametrize(
    "rows",
    [
        ((1, 1), (1, 2), (2, 1)),
        ((1, 1), (1, 2), (2, 1), (2, 2), (2, 2)),
        ((1, 1), (1, 2), (2, 3), (2, 4)),
        tuple((a, b, c, d) for a in (1, 2) for b in (1, 2) for c in (1, 2) for d in (1, 2)),
        ((1, 1), (1, 1)),
    ],
    ids=["one is missing", "one is there twice", "each value of the second with one of the first", "four axes", "none"],
)
def test_anything_else_is_no_grid(rows: tuple[tuple[object, ...], ...]) -> None:
    assert axes_of(settings(*rows)) == ()


# ---------------------------------------------------------------- on the page of a study


@pytest.fixture(scope="module")
def grid(home: Path) -> Path:
    """A comparison of two head-counts and two policies, which the base is one of."""
    more, levelled = f"{PEOPLE}=9", f"{PROGRAMME}=levelled"
    variants = ["--variant", more, "--variant", levelled, "--variant", more, levelled]
    folder = home / "results" / "grid"
    flags = ["--measures", "inspections_started", "inspections_on_time", *SMALL, "--out", str(folder)]
    assert main(["compare", str(home / "small.toml"), *variants, *flags]) == 0
    return folder


def moved_in(folder: Path) -> Movable:
    found = report_of(folder).movable
    assert found is not None
    return found


@pytest.mark.slow
def test_each_combination_shows_the_figures_of_its_own_runs_and_their_difference_from_the_base(grid: Path) -> None:
    moved = moved_in(grid)
    assert [(each.places, each.slides) for each in moved.controls] == [
        (("6 people", "9 people"), True), (("inferred", "levelled"), False),
    ]  # fmt: skip
    assert [each.at for each in moved.combinations] == [(0, 0), (1, 0), (0, 1), (1, 1)]
    held = {each.name: read(grid / each.name) for each in moved.combinations}
    means = {
        name: np.mean([each.outcomes.column(year, "inspections_started") for year in whole_years(each.scenario)])
        for name, each in held.items()
    }
    for each in moved.combinations:
        cell = each.cells[moved.measures.index("Inspections started")]
        assert cell.text.partition(" (")[0] == value(float(means[each.name]), "inspections")
        if each.name != "small":
            told = float(cell.difference.partition(" (")[0])
            assert told == pytest.approx(means[each.name] - means["small"], abs=0.05)


def test_scenarios_that_differ_in_more_than_assumptions_are_no_grid(home: Path) -> None:
    other = home / "fewer.toml"
    other.write_text(
        'extends = "small.toml"\nauthorities = "half.csv"\n[workforce.roles]\nsocial_care_hmi.people = 8\n'
    )
    head, *rows = (home / "made_up.csv").read_text(encoding="utf-8").splitlines()
    (home / "half.csv").write_text("\n".join([head, *rows]).replace("2015-", "2014-") + "\n", encoding="utf-8")
    folder = home / "results" / "other"
    assert main(["compare", str(home / "small.toml"), str(other), *SMALL, "--out", str(folder)]) == 0
    report = report_of(folder)
    assert report.movable is None and "<script" not in html_of(report)


def test_a_search_moves_over_the_head_counts_it_tried_and_begins_with_todays(
    folder_of: Callable[[str], Path],
) -> None:
    folder = folder_of("capacity")
    moved = moved_in(folder)
    rows = list(csv.DictReader((folder / "curve.csv").read_text(encoding="utf-8").splitlines()))
    (control,) = moved.controls
    assert control.places == tuple(f"{row['level']} social care HMI" for row in rows)
    assert control.places[moved.first] == "6 social care HMI"
    said, made = (moved.measures.index(name) for name in ("Result of the exact test", "Runs made"))
    assert [(each.cells[said].text, each.cells[made].text) for each in moved.combinations] == [
        (row["verdict"], row["runs"]) for row in rows
    ]


# ---------------------------------------------------------------- in a browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Tab]:
    with tab() as started:
        yield started


@pytest.fixture
def opened(grid: Path, browser: Tab, tmp_path: Path) -> Tab:
    """Page of the grid in a narrow window."""
    place = tmp_path / "page.html"
    place.write_text(html_of(report_of(grid)), encoding="utf-8")
    browser.complaints.clear()
    browser.open(place.as_uri(), 400)
    return browser


def press(browser: Tab, control: str, key: str) -> None:
    """Press a key while a control has the focus."""
    assert browser.evaluate(f"document.querySelector('{control}').focus(), document.activeElement.id") != ""
    code = {"ArrowRight": 39, "ArrowDown": 40, "Home": 36}[key]
    for kind in ("rawKeyDown", "keyUp"):
        browser.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)


SHOWN = (
    "JSON.stringify(Array.from(document.querySelectorAll('.moved tbody tr'), row => "
    "Array.from(row.cells, cell => cell.textContent.trim())))"
)
"""Measure, value and difference of each line that is shown."""


def test_slider_and_list_show_by_keyboard_what_the_table_has(grid: Path, opened: Tab) -> None:
    moved = moved_in(grid)
    at = (0, 0)
    for control, key, to in (("#moved input", "ArrowRight", (1, 0)), ("#moved select", "ArrowDown", (1, 1))):
        for expected in (at, to):
            (combination,) = (each for each in moved.combinations if each.at == expected)
            assert json.loads(opened.evaluate(SHOWN)) == [
                [measure, cell.text, cell.difference]
                for measure, cell in zip(moved.measures, combination.cells, strict=True)
            ]
            if expected == at:
                press(opened, control, key)
        at = to
    assert opened.evaluate("document.querySelector('output').textContent") == "9 people"
    assert opened.evaluate("document.querySelector('input').getAttribute('aria-valuetext')") == "9 people"
    assert opened.evaluate("document.getElementById('said').textContent").startswith("9 people, levelled: ")
    assert opened.complaints == []


@pytest.mark.slow
def test_axe_core_finds_no_violation_where_something_moves(opened: Tab) -> None:
    opened.evaluate("document.querySelector('#move details').open = true")
    passes, violations = axe_finds(opened)
    assert violations == [] and passes > 20
    assert opened.evaluate("document.documentElement.scrollWidth") <= 400


def test_without_a_script_the_table_is_there_and_the_controls_are_not(grid: Path) -> None:
    page = html_of(report_of(grid))
    assert '<div id="moved" hidden>' in page and page.count("<tr data-at=") == 4
    assert [name for name in NAMES if name in page] == []
