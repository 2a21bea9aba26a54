"""Figures, commands and files in the documents that ship are those of the code."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from importlib import import_module
from importlib.resources import files
from pathlib import Path

import pytest

from sim import charts
from sim.analysis import scoring
from sim.analysis.estimates import quantiles
from sim.analysis.fitting import CHOSEN, PRIORS, fit
from sim.analysis.predictive import check
from sim.base.package_data import shipped
from sim.base.versions import code_digest
from sim.cli.main import COMMANDS
from sim.inputs.history import shipped_history
from sim.inputs.shocks import SHOCKS
from sim.report import book
from sim.runs.manifest import manifest_of
from sim.statistics.sampling import Effort
from sim.studies import ensemble_study
from tests.record.values import measured
from tests.test_fitting import HISTORIES
from tests.test_offered_load import CLOSE

PAGE = files("sim").joinpath("docs", "drift_and_judgement.md").read_text(encoding="utf-8")
ROOT = Path(__file__).parent.parent
ROUNDING = 0.00051
"""Scores are given to four decimals; the last one may differ with the processor's arithmetic."""


def rows_under(head: str) -> dict[str, list[str]]:
    """Cells of the table whose header line begins with a word, by first cell."""
    lines = iter(PAGE.splitlines())
    for line in lines:
        if line.startswith(f"| {head} |"):
            break
    next(lines)
    rows = {}
    for line in lines:
        if not line.startswith("|"):
            break
        name, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        rows[name] = cells
    return rows


def wrong_scores(scores: list[scoring.Score]) -> list[str]:
    told = rows_under("model")
    wrong = []
    for place, score in enumerate(scores):
        figures = [score.mean, *([score.better_by, score.error] if place else [])]
        shown = [float(cell) for cell in told[score.model] if cell]
        if len(shown) != len(figures) or any(abs(a - b) > ROUNDING for a, b in zip(shown, figures, strict=True)):
            wrong.append(score.model)
    return wrong


def test_the_page_tells_every_model_and_prior_that_was_considered() -> None:
    assert list(rows_under("model")) == list(scoring.models(every=True))
    head = next(line for line in PAGE.splitlines() if line.startswith("| parameter | as assumed"))
    assert [cell.strip() for cell in head.strip("|").split("|")][2:] == list(PRIORS)


@pytest.mark.slow
def test_the_chosen_model_beats_its_rivals_on_inspections_it_has_not_seen_as_the_page_says() -> None:
    models = {CHOSEN.name: scoring.by_fit(CHOSEN), **scoring.RIVALS}
    scores = scoring.compare(shipped_history(), models)
    assert wrong_scores(scores) == []
    assert all(score.mean < scores[0].mean for score in scores[1:])


def test_a_wrong_score_on_the_page_is_caught() -> None:
    scores = scoring.compare(shipped_history(), scoring.RIVALS)
    first = scores[0]
    wrong = scoring.Score(first.model, first.predictions, first.mean + 0.001, 0.0, 0.0)
    assert wrong_scores([wrong]) == [first.model]


def test_eight_in_ten_of_what_was_observed_lie_in_the_simulated_range_as_the_page_says() -> None:
    history = shipped_history()
    points = check(fit(history), history)
    inside = sum(point.inside for point in points)
    assert inside >= 0.8 * len(points)
    assert f"Of {len(points)} counts" in PAGE and f"**{inside} lie inside" in PAGE


@pytest.mark.slow
def test_every_score_on_the_page_is_that_of_the_code() -> None:
    assert wrong_scores(scoring.compare(shipped_history(), scoring.models(every=True))) == []


@pytest.mark.slow
@pytest.mark.parametrize("months", [(1, 4, 7, 10), range(1, 13)], ids=["quarterly", "monthly"])
def test_the_chosen_model_beats_its_rivals_with_more_origins_too(months: Sequence[int]) -> None:
    models = {CHOSEN.name: scoring.by_fit(CHOSEN), **scoring.RIVALS}
    chosen, *rivals = scoring.compare(shipped_history(), models, months)
    assert all(rival.mean < chosen.mean for rival in rivals)


@pytest.mark.slow
def test_the_influence_of_the_prior_is_as_the_page_says() -> None:
    history = shipped_history()
    told = rows_under("parameter | as assumed")
    fits = [quantiles(fit(history)), *(quantiles(fit(history, CHOSEN, prior)) for prior in PRIORS.values())]
    for name, cells in told.items():
        assert [float(cell) for cell in cells] == pytest.approx([values[name][1] for values in fits], abs=0.0011)


def test_the_range_of_a_fit_with_wrong_rates_holds_less_of_what_was_observed() -> None:
    history = shipped_history()
    fitted = fit(history, effort=Effort(200, 400, 4))
    wrong = fitted.sample.draws.copy()
    wrong[:, : len(CHOSEN.moves)] += 2.0  # every rate seven times as high
    points = check(type(fitted)(CHOSEN, type(fitted.sample)(fitted.sample.mode, wrong, 1.0, 1.0), 0.0), history)
    assert sum(point.inside for point in points) < 0.8 * len(points)


def test_the_pages_on_scenarios_name_every_framework_shock_key_and_script() -> None:
    pages = [files("sim").joinpath("docs", f"{name}.md") for name in ("scenarios", "frameworks", "shocks", "ask")]
    page = "".join(each.read_text(encoding="utf-8") for each in pages)
    keys = {key for part in SHOCKS.values() for key in part.model_fields} - {"kind"}
    scripts = [path.name for path in (Path(__file__).parent.parent / "scenarios").glob("*.py")]
    assert [word for word in (*shipped("frameworks"), *SHOCKS, *keys, *scripts) if f"`{word}`" not in page] == []


PAGES = [ROOT / "README.md", ROOT / ".github" / "CONTRIBUTING.md", *sorted((ROOT / "sim" / "docs").glob("*.md"))]
PATH = re.compile(r"`((?:sim|tests|scenarios|notebooks)/[\w/]+\.(?:py|toml|md|html))`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    named = PATH.findall(page.read_text(encoding="utf-8"))
    assert [path for path in named if not (ROOT / path).is_file()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_to_another_file_leads_to_one(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def page_named(name: str) -> str:
    """Return the text of a page."""
    return files("sim").joinpath("docs", name).read_text(encoding="utf-8")


def flags_of(command: str) -> set[str]:
    """Return the flags of a command, but ``--help``."""
    parser = argparse.ArgumentParser(add_help=False)
    import_module(f"sim.cli.{command}").add_flags(parser)
    return {flag for action in parser._actions for flag in action.option_strings}


def sections_of(page: str) -> dict[str, str]:
    """Return the text below each heading of the second level, by heading."""
    return {heading.strip("`"): text for heading, text in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", page, re.M | re.S)}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_page_of_commands_gives_each_command_its_flags_and_no_other(command: str) -> None:
    sections = sections_of(page_named("commands.md"))
    named = set(re.findall(r"`(--[a-z-]+)", sections[command]))
    shared = set(re.findall(r"^\| `(--[a-z-]+)", sections["Shared flags"], re.M))
    if "the shared" in " ".join(sections[command].split()):
        named |= shared
    assert named - {"--help"} == flags_of(command)


def test_the_page_of_questions_names_every_script() -> None:
    scripts = [path.name for path in (ROOT / "scenarios").glob("*.py")]
    assert [name for name in scripts if f"`{name}`" not in page_named("ask.md")] == []


def test_the_page_of_results_names_every_file_of_every_study() -> None:
    names = {name for name in (*ensemble_study.FILES, *book.FILES) if name.endswith((".csv", ".parquet"))}
    assert [name for name in sorted(names) if f"`{name}`" not in page_named("results.md")] == []


def test_the_page_on_sharing_names_every_notebook() -> None:
    notebooks = [path.name for path in (ROOT / "notebooks").glob("*.ipynb")]
    assert [name for name in notebooks if f"`{name}`" not in page_named("share.md")] == []


def test_the_page_on_sharing_names_every_chart() -> None:
    no_charts = {"Drawn", "Frame", "alternative", "figure_of"}
    page = page_named("share.md")
    assert [
        name for name in charts.__all__ if name not in no_charts and not re.search(rf"`(charts\.)?{name}`", page)
    ] == []


@pytest.mark.parametrize("number", [1, 2])
def test_readme_has_each_command_below_its_mark(number: int) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(rf"^<!-- command {number} -->\n```sh\n(python3 -m venv \.venv && [^\n]+)\n```$", readme, re.M)
    assert found
    assert re.findall(r"\.venv/bin/python (scenarios/\S+|-m pytest)$", found[1]) == [
        "scenarios/ilacs_launch.py" if number == 1 else "-m pytest"
    ]


def test_pages_quote_the_late_inspections_that_were_measured() -> None:
    found = {name: each.value for name, each in measured().items()}
    how, plan, readme = (
        " ".join((ROOT / name).read_text(encoding="utf-8").split())
        for name in ("sim/docs/how_it_works.md", "sim/docs/plan.md", "README.md")
    )
    ends = f"{found['late_saved_low']} to {found['late_saved_high']}"
    assert f"saves {found['late_saved']} late inspections a year (95% interval {ends})" in how
    assert f"With `levelled` weeks, {found['on_time_levelled']} of the runs keep it" in how
    assert f"and with `drawn` weeks {found['on_time_drawn']}." in how
    assert f"With `levelled` weeks, {found['on_time_levelled']} of the runs of the launch have 95% on time" in plan
    assert f"With `drawn` weeks, {found['on_time_drawn']} have." in plan
    ends = f"{found['late_middle_low']} to {found['late_middle_high']}"
    half = f"half have at most {found['late_middle']} late inspections, eight in ten have {ends}"
    assert f"Of 400 other runs, {half}, and {found['late_many']} have more than 50." in readme
    assert f"In {found['late_many_little_time']} of these, social care HMI give less than 35%" in readme
    only = int(str(found["little_time"])) - int(str(found["late_many_little_time"]))
    assert f"Only {only} other runs have so small a share." in readme


def test_the_page_of_capacity_quotes_the_search_that_was_measured() -> None:
    found = {name: each.value for name, each in measured().items()}
    page = " ".join((ROOT / "sim" / "docs" / "capacity.md").read_text(encoding="utf-8").split())
    assert f"With today's 63 social care HMI: {found['capacity_kept_today']} of 100 runs keep" in page
    assert f"92% is more than nine in ten, and {found['capacity_kept_today']} is less." in page
    assert (
        f"after {found['capacity_tested_enough']} runs for 70, and after {found['capacity_tested_today']} for 63"
        in page
    )


def test_pages_say_what_the_tests_of_load_and_of_fits_hold_the_model_to() -> None:
    docs = ROOT / "sim" / "docs"
    assert f"the two agree to within {CLOSE:.0%}." in (docs / "capacity_details.md").read_text(encoding="utf-8")
    assert f"and {HISTORIES} histories at the shipped dates" in (docs / "drift_and_judgement.md").read_text(
        encoding="utf-8"
    )


def test_readme_quotes_what_its_first_command_prints() -> None:
    """Read the study that the command left here, as it does wherever the README's commands are followed in order."""
    study = ROOT / "results" / "ilacs_launch"
    if not (study / "manifest.json").exists() or manifest_of(study)["code"] != code_digest():
        pytest.skip("run the README's first command first: this compares its answer with the README's quote")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    quoted = re.search(r"^```text[^\n]*\n(.*?)^```$", readme, re.M | re.S)
    assert quoted
    printed = " ".join((study / "answer.txt").read_text(encoding="utf-8").split())
    parts = [part for part in " ".join(quoted[1].split()).split(" [...] ") if part]
    place = 0
    for part in parts:  # in this order
        found = printed.find(part, place)
        assert found >= 0, part
        place = found + len(part)
