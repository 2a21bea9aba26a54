"""The notebooks are thin, small and as they were run, and run from top to bottom in a place of their own."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
NAMES = (
    "01_forecast", "02_old_and_new_framework", "03_how_many_inspectors", "04_history_forecast_blind",
    "05_early_warning", "06_what_matters_most", "07_your_own_data",
)  # fmt: skip
LARGEST = 500_000
MOST_LINES = 45
WORDS, FIRST_WORDS = 20, 10
"""Of the answer, from its beginning, that a whole run and one of a few runs say again; later ones turn with figures."""
UNCERTAINTY = ("range", "interval", "chance", "confidence")
IN_SHORT = "**In short.**"
SHOWS, MEANS, NOT = "**What it shows.**", "**What it means for a planner.**", "**What not to conclude.**"
READING = (SHOWS, MEANS, NOT)
"""What is said after every chart: the figures by code, the rest in words."""


FEW = """
few = {f"workforce.roles.{role}.people": rules.people // 4 for role, rules in scenario.workforce.roles.items()}
scenario = scenario.with_changes({"authorities": scenario.authorities[::8], **few})"""
HERE = {"processes(2)": "processes(1)"}
"""A process takes longer to start than a few runs take; the first notebook keeps its two."""
LONG = (
    "02_old_and_new_framework",
    "03_how_many_inspectors",
    "04_history_forecast_blind",
    "05_early_warning",
    "06_what_matters_most",
    "07_your_own_data",
)
"""Notebooks that are run weekly: they make many runs even in miniature, or do what a quicker one does."""
MINIATURE = {
    "01_forecast": {'"replications": 40': '"replications": 4, "years": 4'},
    "02_old_and_new_framework": {'"replications": 20, "years": 6': '"replications": 4, "years": 2', **HERE},
    "03_how_many_inspectors": {
        '"years": 5})': f'"years": 3}}){FEW}', "bound=0.9, from_year=3": "bound=0.1, from_year=1",
        "range(40, 86)": "range(5, 18)", "most=40": "most=12", "shown_runs=20": "shown_runs=4", **HERE,
    },
    "04_history_forecast_blind": {'"replications": 60': '"replications": 4', **HERE},
    "05_early_warning": {'"replications": 24, "years": 6': '"replications": 4, "years": 2', **HERE},
    "06_what_matters_most": {
        '"years": 5})': f'"years": 2}}){FEW}', "replications=1": "replications=1, from_year=1", **HERE,
    },
    "07_your_own_data": {'"years": 6, "replications": 40': '"years": 4, "replications": 4', **HERE},
}  # fmt: skip
"""What the quick selection puts in place of some words of a notebook: fewer runs, years, authorities and processes."""
BEGINNING = """
%reset -f
%cd {there}
import sys
sys.path.insert(0, {root!r})
from matplotlib.figure import Figure
from tests.conftest import blank
Figure.savefig = blank
"""
"""What the quick selection runs first: nothing is left of the notebook before, and only what is shown is painted.

The checkout comes first on the path, since an installed package may bring a ``tests`` of its own.
"""


@pytest.fixture(scope="module")
def one_kernel() -> Iterator[NotebookClient]:
    """One process for all that the quick selection runs: it takes longer to start than a notebook of a few runs."""
    empty = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]  # as above
    client = of_no_page(NotebookClient(empty, timeout=600))
    with client.setup_kernel():
        yield client


def of_no_page(client: NotebookClient) -> NotebookClient:
    """A client that plays no page on which a slider draws: its answers to the kernel may cross those of the kernel."""
    client.widget_registry.clear()
    return client


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # published without types


def cells_of(path: Path) -> list[Any]:
    return list(read(path).cells)


def code_of(path: Path) -> list[Any]:
    return [cell for cell in cells_of(path) if cell.cell_type == "code"]


def text_of(cell: Any) -> str:
    return "".join(output.get("text", "") for output in cell.outputs)


def words_of(text: str) -> list[str]:
    """Words of a text without its figures."""
    return re.findall(r"[a-z_]{4,}", text)


def test_the_notebooks_named_here_are_there() -> None:
    assert {*LONG, *MINIATURE} <= {path.stem for path in NOTEBOOKS}


def test_there_is_a_notebook_for_every_question() -> None:
    assert tuple(path.stem for path in NOTEBOOKS) == NAMES


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_opens_with_the_question_and_closes_with_an_answer_that_names_the_uncertainty(path: Path) -> None:
    first, *_, words, last = cells_of(path)
    assert first.cell_type == "markdown" and "?**" in first.source
    assert words.cell_type == "markdown" and words.source.startswith("## The answer")
    assert any(word in words.source for word in UNCERTAINTY)
    assert last.cell_type == "code" and len(text_of(last)) > 200


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_answers_in_short_after_its_run_and_reads_every_chart_in_words(path: Path) -> None:
    shown = [what for cell in cells_of(path) for what in shown_by(cell)]
    assert shown[0].startswith(IN_SHORT) and "nan" not in " ".join(shown)
    marks = [mark for text in shown for mark in (CHART, *READING) if mark in text]
    charts = [place for place, mark in enumerate(marks) if mark == CHART]
    assert charts and all(tuple(marks[place + 1 : place + 4]) == READING for place in charts)


CHART = "(chart)"


def shown_by(cell: Any) -> Iterator[str]:
    """Charts and words of a cell after the run, as they are kept."""
    if cell.cell_type == "markdown" and NOT in cell.source:
        yield cell.source
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if "image/png" in data:
            yield CHART
        elif "text/markdown" in data:
            yield data["text/markdown"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_figure_that_a_run_may_contradict_is_written_in_by_hand(path: Path) -> None:
    for cell in cells_of(path):
        if cell.cell_type == "markdown" and MEANS in cell.source:
            assert not re.search(r"\d", cell.source)


def test_one_has_a_slider_over_what_is_kept_and_the_same_as_a_table_for_who_cannot_move_it() -> None:
    cells = code_of(FOLDER / "03_how_many_inspectors.ipynb")
    (place,) = (place for place, cell in enumerate(cells) if "interactive(" in cell.source)
    assert "fixed(search)" in cells[place].source
    (table,) = (output["data"]["text/html"] for output in cells[place + 1].outputs)
    levels = [int(level) for level in re.findall(r"<th>(\d+)</th>", table)]
    assert levels == sorted(levels) and len(levels) >= 10


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_thin_and_calls_what_the_package_has(path: Path) -> None:
    lines = 0
    for cell in code_of(path):
        lines += len(cell.source.splitlines())
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.While | ast.Lambda)
    assert lines <= MOST_LINES


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_kept_small_whole_and_in_order_and_names_no_place_of_a_machine(path: Path) -> None:
    assert path.stat().st_size <= LARGEST
    code = code_of(path)
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert "/home/" not in path.read_text(encoding="utf-8") and "/tmp/" not in path.read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_from_top_to_bottom_and_says_again_what_it_said(path: Path, tmp_path: Path) -> None:
    """In the same words; its figures may differ by the libraries that drew the random numbers."""
    there = place_of(path, tmp_path)
    notebook = read(path)
    resources = {"metadata": {"path": str(there)}}
    of_no_page(NotebookClient(notebook, timeout=600, resources=resources)).execute()
    says_again(notebook, path, WORDS)


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=[pytest.mark.slow] * (path.stem in LONG)) for path in NOTEBOOKS],
    ids=lambda path: path.stem,
)
def test_with_a_few_runs_it_does_so_too(path: Path, one_kernel: NotebookClient, tmp_path: Path) -> None:
    notebook = read(path)
    for whole, few in MINIATURE[path.stem].items():
        (cell,) = (cell for cell in notebook.cells if cell.cell_type == "code" and whole in cell.source)
        cell.source = cell.source.replace(whole, few)
    beginning = BEGINNING.format(there=place_of(path, tmp_path), root=str(FOLDER.parent))
    notebook.cells.insert(0, nbformat.v4.new_code_cell(beginning))  # type: ignore[no-untyped-call]  # as above
    one_kernel.nb = notebook
    one_kernel.execute(cleanup_kc=False)
    says_again(notebook, path, FIRST_WORDS)
    kept, drawn = ([each for cell in cells for each in shown_by(cell)] for cells in (cells_of(path), notebook.cells))
    assert drawn.count(CHART) >= kept.count(CHART) > 0, "a chart is drawn and not shown"


def place_of(path: Path, tmp_path: Path) -> Path:
    """A folder that holds a notebook and nothing else."""
    there = tmp_path / "notebooks"
    there.mkdir()
    shutil.copy(path, there)
    return there


def says_again(notebook: Any, path: Path, words: int) -> None:
    """Whether the last words of a notebook that was run begin as those that are kept."""
    kept, said = (
        text_of([cell for cell in cells if cell.cell_type == "code"][-1]) for cells in (cells_of(path), notebook.cells)
    )
    assert words_of(said)[:words] == words_of(kept)[:words]
