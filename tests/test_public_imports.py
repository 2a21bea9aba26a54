"""What users' scripts and notebooks import by the documented names is there, and earlier scenario files still run."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from sim import ensemble
from sim.inputs.scenario import load

ROOT = Path(__file__).parent.parent
EARLIER = Path(__file__).parent / "data" / "scenario_of_0_1.toml"
"""The file scenario.toml of a run by version 0.1, of four made-up authorities in one year."""
DOCUMENTED = {
    "sim.backtest_study": "answer",
    "sim.capacity": "ServiceLevel Staff",
    "sim.capacity_study": "Asked answer",
    "sim.charts": "Drawn beside by_week calendar capacity_curve diary differences fan frontier judgement_mix life "
    "over_years paired_differences panels save workload",
    "sim.check": "check",
    "sim.cli": "answer_script script",
    "sim.comparison": "compare",
    "sim.comparison_headline": "text",
    "sim.ensemble": "run",
    "sim.executors": "on_cluster processes",
    "sim.figures": "EIGHT_IN_TEN aligned count more_or_less people_of range_name share span value",
    "sim.framework": "INSPECTIONS ROLES Role",
    "sim.headline": "headline",
    "sim.history": "shipped_history",
    "sim.judgement": "JUDGEMENTS",
    "sim.model": "Groundwork Model",
    "sim.peak_reasons": "ORDINALS reasons",
    "sim.peaks": "AFTER_CLOSED FIGURES OnSite busiest by_place by_week figures inspections_on_site on_site share_above",
    "sim.precision": "LEAST_GROUPS",
    "sim.results": "read",
    "sim.scenario": "Scenario load",
    "sim.search": "Rule",
    "sim.sensitivity_study": "Asked answer",
    "sim.shipped": "table",
    "sim.statistics": "CONFIDENCE Mean",
    "sim.study": "Answer Policy Question Study WIDTH shown",
    "sim.workdays": "APRIL financial_year",
}
"""Names that README, the pages, the notebooks and the scripts of version 0.1 import or use, by module."""


TARGET = re.compile(r":(?:func|class|mod|meth|data|attr|exc):`~?(sim\.[\w.]+)`")
"""What a docstring refers to, by its whole path."""


def code_for_users() -> Iterator[tuple[str, str]]:
    """Python that users read or run, as it stands: of README, the pages, the notebooks and the scripts, by file."""
    for page in (ROOT / "README.md", *(ROOT / "sim" / "docs").glob("*.md")):
        for block in re.findall(r"^```python[^\n]*\n(.*?)^```", page.read_text(encoding="utf-8"), re.S | re.M):
            yield page.name, block
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                yield notebook.name, "".join(cell["source"])
    for script in (ROOT / "scenarios").glob("*.py"):
        yield script.name, script.read_text(encoding="utf-8")


def imported_by(code: str) -> set[str]:
    """Whole paths of what some code imports from the package."""
    nodes = list(ast.walk(ast.parse(code)))
    whole = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    parts = {
        f"{node.module}.{alias.name}" for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    return {path for path in whole | parts if path.split(".")[0] == "sim"}


def is_there(path: str) -> bool:
    """Whether a path leads to a module, or to something inside of one."""
    name, inside = path, list[str]()
    while True:
        try:
            found = import_module(name)
            break
        except ModuleNotFoundError:
            name, _, last = name.rpartition(".")
            inside.insert(0, last)
    for each in inside:
        if not hasattr(found, each):
            return False
        found = getattr(found, each)
    return True


def test_what_users_pages_notebooks_and_scripts_import_is_there() -> None:
    imported = {(name, path) for name, code in code_for_users() for path in imported_by(code)}
    assert {Path(name).suffix for name, _ in imported} == {".md", ".ipynb", ".py"}
    assert [each for each in sorted(imported) if not is_there(each[1])] == []


def test_what_a_docstring_refers_to_by_its_whole_path_is_there() -> None:
    files = sorted((ROOT / "sim").rglob("*.py"))
    targets = {(path.name, target) for path in files for target in TARGET.findall(path.read_text(encoding="utf-8"))}
    assert len(targets) > 1
    assert [each for each in sorted(targets) if not is_there(each[1])] == []


@pytest.mark.parametrize("module", DOCUMENTED)
def test_every_documented_import_is_there(module: str) -> None:
    missing = [name for name in DOCUMENTED[module].split() if not hasattr(import_module(module), name)]
    assert missing == []


def test_no_module_stands_beside_the_packages_but_the_thin_public_ones() -> None:
    beside = {f"sim.{path.stem}" for path in (ROOT / "sim").glob("*.py")} - {"sim.__init__", "sim.__main__"}
    assert beside <= set(DOCUMENTED)
    for name in sorted(beside):
        body = ast.parse((ROOT / f"{name.replace('.', '/')}.py").read_text(encoding="utf-8")).body
        kinds = {type(statement).__name__ for statement in body[1:]}
        assert kinds <= {"ImportFrom", "Assign", "Expr"}, name


def test_an_import_for_the_type_checker_alone_counts_where_circles_are_looked_for() -> None:
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    assert linter["exclude_type_checking_imports"] is False
    assert {"type": "acyclic_siblings", "ancestors": ["sim"]}.items() <= linter["contracts"][-1].items()


def test_a_resolved_scenario_of_an_earlier_version_runs_and_keeps_every_line_beside_keys_that_came_since(
    tmp_path: Path,
) -> None:
    results = ensemble.run(load(EARLIER), tmp_path / "out", detail="measures")
    assert results.failures == []
    before, after = (
        [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
        for path in (EARLIER, tmp_path / "out" / "scenario.toml")
    )
    before = [re.sub(r"(pathways\.\w+)\.(focused|monitoring)\b", r"\1.contacts.\2", line) for line in before]
    lines = iter(after)
    assert [line for line in before if line not in lines] == []  # all of them, in their order


def test_a_script_starts_without_the_libraries_and_studies_that_its_help_does_not_need() -> None:
    heavy = ("scipy", "pandas", "matplotlib", "pyarrow", "pydantic", "simpy", "filelock", "sim.runs.measures")
    code = f"import sys, sim.charts, sim.study, sim.cli.questions; print([n for n in {heavy} if n in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ended.stdout.strip() == "[]"
