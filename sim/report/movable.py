"""Collect what a reader can move on the page: the combinations that a study ran, with their figures."""

from __future__ import annotations

import csv
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from math import isnan

from sim.analysis.comparison import Comparison
from sim.analysis.study import Study
from sim.base.figures import interval, people_of, percent, plain_words, span, value
from sim.inputs.assumptions import Entry, entries, values_that_differ
from sim.report.assumptions import told
from sim.report.grid import Axis, axes_of
from sim.report.repeat import staff_of
from sim.report.source import Source
from sim.runs.measures import unit_of
from sim.runs.precision import LEAST_GROUPS
from sim.studies.capacity_answer import CURVE
from sim.studies.comparison_answer import TABLE

SERVICE = ("inspections_on_time", "inspections_late")
"""Measures that readers ask about most."""
THE_BASE = "base"
"""Words in place of the difference of the base from itself."""


@dataclass(frozen=True)
class Control:
    """Describe a slider or a list.

    Attributes
    ----------
    name : str
        Name of what it moves.
    about : str
        Meaning of what it moves.
    places : tuple of str
        Positions in words.
    slides : bool
        Whether the positions are numbers in their order.
    """

    name: str
    about: str
    places: tuple[str, ...]
    slides: bool


@dataclass(frozen=True)
class Cell:
    """Hold the figure of a combination for one measure.

    Attributes
    ----------
    text : str
        Value with its interval.
    difference : str
        Difference from the base, with its interval; empty where the study has none.
    drawn : tuple of float
        Low end, value and high end on a scale from 0 to 100, the lowest and the highest of all combinations. Empty for
        words.
    """

    text: str
    difference: str = ""
    drawn: tuple[float, ...] = ()


@dataclass(frozen=True)
class Combination:
    """Hold one position of every control, and the figures there."""

    name: str
    at: tuple[int, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Movable:
    """Hold everything that a reader can move on a page.

    Attributes
    ----------
    controls : tuple of Control
        Sliders and lists, in the order of the positions of a combination.
    measures : tuple of str
        Measures of the cells of a combination.
    combinations : tuple of Combination
        All combinations.
    first : int
        Number of the combination that is shown first: the base, or today.
    against : str
        Name of the base of the differences; empty where there are none.
    note : str
        How to read the figures.
    """

    controls: tuple[Control, ...]
    measures: tuple[str, ...]
    combinations: tuple[Combination, ...]
    first: int
    against: str
    note: str


def movable_of(source: Source) -> Movable | None:
    """Return what a reader can move: the grid of a study's scenarios, or the head-counts that a search tried."""
    if source.kind == "capacity":
        return _of_head_counts(source)
    return _of_scenarios(source) if len(source.results) > 1 else None


# ---------------------------------------------------------------- scenarios


def _of_scenarios(source: Source) -> Movable | None:
    """Return the grid of the scenarios of a study, if they form one."""
    import pandas as pd

    books = [{entry.key: entry for entry in entries(each)} for each in source.scenarios]
    axes = axes_of(_settings(source, books))
    if not axes or any(len({_last(key) for key in axis.keys}) > 1 for axis in axes):
        return None
    base, *others = source.scenarios
    table = pd.read_csv(source.folder / TABLE)
    results = {each.name: held for each, held in zip(source.scenarios, source.results, strict=True)}
    study = Study(Comparison(source.folder, base, tuple(others), results, table))
    if not len(study.replications):
        return None
    shown = dict.fromkeys(table.loc[table["shown"], "measure"])
    measures = sorted(shown, key=lambda name: name not in SERVICE)  # the service first, and then as they come
    columns = [_column(rows.to_dict("records")) for _, rows in study.table({name: name for name in measures}).groupby(
        "measure", sort=False
    )]  # fmt: skip
    few = len(set(study.groups.tolist()))
    warned = f" {few} INDEPENDENT PAIRS ARE TOO FEW for the intervals to say much." * (few < LEAST_GROUPS)
    rows = zip(study.names, zip(*(axis.places for axis in axes), strict=True), zip(*columns, strict=True), strict=True)
    return Movable(
        tuple(_control(axis, books) for axis in axes),
        tuple(_called(name) for name in measures),
        tuple(Combination(*row) for row in rows),
        first=0,
        against=base.name,
        note=(
            f"Figures are yearly means over {span(study.years)}, from {len(study.replications)} runs of each "
            "combination with the same random events. The brackets hold the 95% interval of each mean, and of each "
            f"difference from {base.name}. No interval is corrected for comparing several combinations.{warned} The "
            "study ran nothing between these positions or beyond them."
        ),
    )


def _settings(source: Source, books: Sequence[Mapping[str, Entry]]) -> list[dict[str, Hashable]]:
    """Return each scenario's values of the assumptions that differ; empty if they differ in anything else."""
    base, *others = source.scenarios
    keys = dict.fromkeys(each.key for other in others for each in values_that_differ(other, base))
    if not all(key in book for key in keys for book in books):
        return [{}]
    return [{key: book[key].value for key in keys} for book in books]


def _control(axis: Axis, books: Sequence[Mapping[str, Entry]]) -> Control:
    """Return the slider or list of an axis, in the words of the assumption book."""
    first, *others = axis.keys
    whose = [books[axis.places.index(place)] for place in range(len(axis.values))]
    entry, more = whose[0][first], [_parent(key) for key in others]
    name = plain_words(_last(first).removesuffix(f"_{entry.unit}"))
    of = f"{_parent(first)}: " if not more else ""
    also = f" It changes together for {', '.join([_parent(first), *more])}." if more else ""
    places = tuple(", ".join(dict.fromkeys(_words(book[key]) for key in axis.keys)) for book in whose)
    return Control(_capital(f"{of}{name}"), f"{_capital(entry.meaning)}.{also}", places, axis.of_numbers)


def _words(entry: Entry) -> str:
    """Return the value of an assumption with its unit."""
    if isinstance(entry.value, bool):
        return "yes" if entry.value else "no"
    if entry.unit == "share" and isinstance(entry.value, int | float):
        return percent(entry.value)
    return f"{told(entry)} {entry.unit}".strip()


def _last(key: str) -> str:
    return key.rpartition(".")[2]


def _parent(key: str) -> str:
    """Return the parent of a key in words: a role, a grade or a table."""
    above = key.split(".")[:-1]
    return people_of(above[-1]) if above[:2] == ["workforce", "roles"] else plain_words(above[-1] if above else key)


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _called(measure: str) -> str:
    """Return the name of a measure, with its unit if the name lacks it."""
    unit = unit_of(measure)
    words = plain_words(measure).removesuffix(f" {unit}").replace(" hmi", " HMI")
    return _capital(words if unit == "share" or unit in words else f"{words} ({unit})")


# ---------------------------------------------------------------- head-counts


def _of_head_counts(source: Source) -> Movable | None:
    """Return the head-counts that a search for one role tried."""
    rows = list(csv.DictReader(StringIO((source.folder / CURVE).read_text(encoding="utf-8"), newline="")))
    if len({row["search"] for row in rows}) != 1:
        return None
    (word,) = source.asked["searched"]
    lever, levels = staff_of(word, source.base), [int(row["level"]) for row in rows]
    measures = [name for name in rows[0] if f"{name}_low" in rows[0] and name != "kept"]
    columns = [
        _column([_figures(row, "share_kept", "kept") | {"unit": "share"} for row in rows]),
        *(_column([_figures(row, name, name) | {"unit": unit_of(name)} for row in rows]) for name in measures),
        [Cell(row["verdict"]) for row in rows],
        [Cell(f"{int(row['runs']):,}") for row in rows],
    ]
    meets = [place for place, row in enumerate(rows) if row["verdict"] == "meets"]
    today = lever.people(source.base)
    return Movable(
        (
            Control(
                "Head-count",
                f"The {len(rows)} head-counts that the search tried. The steps between them differ. Today: {today}.",
                tuple(f"{level:,} {lever.unit}" for level in levels),
                slides=True,
            ),
        ),
        ("Runs that keep the level", *map(_called, measures), "Result of the exact test", "Runs made"),
        tuple(
            Combination(f"{level:,} {lever.unit}", (place,), cells)
            for place, (level, cells) in enumerate(zip(levels, zip(*columns, strict=True), strict=True))
        ),
        first=levels.index(today) if today in levels else next(iter(meets), 0),
        against="",
        note=(
            "Figures are those of the search at each head-count, with 95% intervals. The number of runs and their "
            "random events differ, so part of a difference between two head-counts is chance, above all where there "
            "are few runs. The exact test decides what is enough. The search says nothing about head-counts between "
            "those tried."
        ),
    )


def _figures(row: Mapping[str, str], name: str, ends: str) -> dict[Hashable, object]:
    names = {"mean": name, "ci_low": f"{ends}_low", "ci_high": f"{ends}_high"}
    return {key: float(row[column] or "nan") for key, column in names.items()}


# ---------------------------------------------------------------- cells


def _column(rows: Sequence[Mapping[Hashable, object]]) -> list[Cell]:
    """Return the cells of one measure, from rows of :meth:`sim.analysis.study.Study.table`, or without differences."""
    ends = [_ends(row) for row in rows]
    known = [end for row in ends for end in row if not isnan(end)]
    least, most = min(known, default=0.0), max(known, default=0.0)
    return [
        Cell(_value(*figures, str(row["unit"])), _difference(row), _drawn(figures, least, most))
        for row, figures in zip(rows, ends, strict=True)
    ]


def _ends(row: Mapping[Hashable, object]) -> tuple[float, float, float]:
    """Return low end, mean and high end; a share stays between 0 and 1, and one run has no interval."""
    low, mean, high = (float(str(row[name])) for name in ("ci_low", "mean", "ci_high"))
    low, high = (mean, mean) if isnan(low) else (low, high)
    return (max(low, 0.0), mean, min(high, 1.0)) if row["unit"] == "share" else (low, mean, high)


def _value(low: float, mean: float, high: float, unit: str) -> str:
    return value(mean, unit) + ("" if low == high else f" ({value(low, unit)} to {value(high, unit)})")


def _difference(row: Mapping[Hashable, object]) -> str:
    if "difference" not in row:
        return ""
    difference, low, high = (float(str(row[name])) for name in ("difference", "difference_low", "difference_high"))
    if isnan(difference):
        return THE_BASE if row["mean"] == row["mean"] else "-"
    points = " percentage points" if row["unit"] == "share" else ""
    return f"{interval(difference, low, high, str(row['unit']))}{points}"


def _drawn(figures: Sequence[float], least: float, most: float) -> tuple[float, ...]:
    """Return where the figures lie between the lowest and the highest of all combinations."""
    if any(map(isnan, figures)):
        return ()
    return tuple(round(100 * (each - least) / (most - least), 1) if most > least else 50.0 for each in figures)
