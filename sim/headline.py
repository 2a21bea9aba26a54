"""The headline: what a director reads first, in words and two tables."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

from sim.book import differences

if TYPE_CHECKING:
    import pandas as pd

    from sim.ensemble import Results
    from sim.scenario import Scenario

Format = Callable[[float], str]
WIDTH = 118
CHANGES_SHOWN = 8


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _share(value: float) -> str:
    return f"{value:.0%}"


VISITS: tuple[tuple[str, str, Format], ...] = (
    ("short", "short_started", _count),
    ("standard", "standard_started", _count),
    ("SIF", "single_inspection_started", _count),
    ("inspections", "inspections_started", _count),
    ("focused", "focused_started", _count),
    ("monitoring", "monitoring_started", _count),
    ("joint", "joint_started", _count),
)
CAPACITY: tuple[tuple[str, str, Format], ...] = (
    ("days due", "inspector_days_due", _count),
    ("days worked", "inspector_days_worked", _count),
    ("available", "inspector_days_available", _count),
    ("utilisation", "utilisation", _share),
    ("on time", "inspections_on_time", _share),
    ("monitoring", "monitoring_on_time", _share),
    ("old judgements", "judgements_older_than_3_5_years", _share),
    ("peak week", "peak_week_inspectors", _count),
)
"""Columns of the two tables: head, measure, format."""


def headline(results: Results, scenario: Scenario, whole_years: Sequence[str]) -> str:
    """Text of the headline.

    Parameters
    ----------
    results : Results
        Of the scenario.
    scenario : Scenario
        What was run.
    whole_years : sequence of str
        Financial years simulated from their first day to their last; the others are marked.
    """
    summary = results.summary.set_index(["measure", "financial_year"])
    runs = scenario.replications - len(results.manifest["failures"])
    people = sum(rules.people for rules in scenario.workforce.roles.values())
    parts = [
        f"{scenario.name}: {scenario.question}",
        f"{len(scenario.authorities)} authorities and {people} people, {scenario.start:%d %B %Y} and "
        f"{scenario.years} years on; "
        f"{runs} runs, seed {scenario.seed}. Mean, and in brackets the range of eight runs in ten.",
        _changed(scenario),
        _failures(results),
        _answer(summary, whole_years, _what_ranges_hold(scenario)),
        "Visits begun",
        _table(summary, VISITS, whole_years),
        "Inspector-days, and whether the work is done",
        _table(summary, CAPACITY, whole_years),
        "* part of a year.  on time: of inspections whose latest date fell in the year, those begun by "
        "then.  old judgements: "
        "older than\n3.5 years at the year's end.  peak week: most inspectors on site in one week.",
    ]
    return "\n\n".join(part for part in parts if part)


def _changed(scenario: Scenario) -> str:
    """What makes this another study than the one that ships; the first few of many."""
    name, lines = differences(scenario)
    more = len(lines) - CHANGES_SHOWN
    if more > 0:
        lines = [*lines[:CHANGES_SHOWN], f"and {more} more (at the head of scenario.toml)"]
    return "\n".join(textwrap.wrap(f"Unlike {name} as it ships: {'; '.join(lines)}.", WIDTH)) if lines else ""


def _failures(results: Results) -> str:
    failures = results.manifest["failures"]
    if not failures:
        return ""
    numbers = ", ".join(str(failure["replication"]) for failure in failures)
    return (
        f"{len(failures)} of the replications FAILED and are left out (numbers {numbers}); "
        "their tracebacks are in manifest.json."
    )


def _what_ranges_hold(scenario: Scenario) -> str:
    return "chance" if scenario.draws is None else "chance and what is not known of drift and judgement"


def _answer(summary: pd.DataFrame, years: Sequence[str], held: str) -> str:
    """The whole years in a few sentences; each is left out where there is nothing to measure."""
    if not years or "utilisation" not in summary.index:
        return ""
    use, late, old = (
        summary.loc[[(name, year) for year in years]].droplevel("measure").dropna(subset="mean").to_dict("index")
        for name in ("utilisation", "inspections_on_time", "judgements_older_than_3_5_years")
    )
    sentences = []
    if use:
        idlest, busiest = (choose(use, key=lambda year: use[year]["mean"]) for choose in (min, max))
        shares = f"{use[idlest]['mean']:.0%} to {use[busiest]['mean']:.0%}"
        sentences.append(f"The work takes {shares} of the time available, most in {busiest}.")
    if late:
        hardest = min(late, key=lambda year: late[year]["mean"])
        begun = f"In the hardest year, {hardest}, {_spread(late[hardest])} of inspections begin by their latest date."
        sentences.append(begun)
    if old:
        last = str(next(reversed(old)))
        sentences.append(f"At the end of {last}, {_spread(old[last])} of judgements are older than 3.5 years.")
    sentences.append(
        f"The ranges hold {held}, and no more: the workforce and the days that a visit takes are of low confidence, "
        "and `python -m sim describe` says which numbers to question."
    )
    return "\n".join(textwrap.wrap("In short. " + " ".join(sentences), WIDTH))


def _spread(figure: Mapping[Hashable, float]) -> str:
    return f"{figure['mean']:.0%} ({figure['p10']:.0%} to {figure['p90']:.0%})"


def _table(summary: pd.DataFrame, columns: Sequence[tuple[str, str, Format]], whole_years: Sequence[str]) -> str:
    years = list(dict.fromkeys(summary.index.get_level_values("financial_year")))
    rows = [["year", *(head for head, _, _ in columns)]]
    for year in years:
        cells = [year if year in whole_years else f"{year}*"]
        for _, name, shown in columns:
            figure = summary.loc[(name, year)]
            cells.append(
                "-"
                if figure["mean"] != figure["mean"]
                else f"{shown(figure['mean'])} ({shown(figure['p10'])}-{shown(figure['p90'])})"
            )
        rows.append(cells)
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
