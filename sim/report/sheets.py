"""Represent sheets of a workbook as data, and read cells from the files and tables of a study."""

from __future__ import annotations

import csv
import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal, TypeAlias

from sim.runs.measures import unit_of
from sim.studies.answer import Table
from sim.studies.columns import AS_IN_UNIT, AS_THE_MEASURE, Column
from sim.studies.comparison_answer import MAY_BE_CHANCE
from sim.studies.workbook import MISSING, NOT_APPLICABLE, Cell, Number

NOTHING = "-"
"""Sign that a table of an answer shows where there is no figure."""
SHARE, POUNDS, WHOLE = "0.0%", "£#,##0", "#,##0"
FORMS = {
    "share": SHARE, "pounds": POUNDS, "probability": "0.0000", "days": "#,##0.0", "inspector-days": "#,##0.0",
    **dict.fromkeys(("inspections", "visits", "authorities", "declines"), "#,##0.00"),
}  # fmt: skip
"""Formats by unit; other units use the digits of their column."""
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
FIGURE = r"[+-]?£?(?:0|[1-9][\d,]*)(?:\.\d+)?%?"
READ = re.compile(rf"({FIGURE})(?: \(({FIGURE})(?: to |-)({FIGURE})\))?")
"""Pattern of a figure of an answer and its range in brackets."""
TRUTHS = {"True": True, "False": False}
Row: TypeAlias = Sequence[Cell]
Kind = Literal["column", "stacked", "line", "points"]


@dataclass(frozen=True)
class Series:
    """Describe a series of a chart: its name, and the column of the table with its figures."""

    name: str
    column: int


@dataclass(frozen=True)
class Chart:
    """Describe a chart of some rows of a sheet's table.

    Attributes
    ----------
    kind : {"column", "stacked", "line", "points"}
        Kind of chart; ``points`` have numbers on the horizontal axis.
    title, x, y : str
        Title, and labels of the axes with units.
    across : int
        Column of the table on the horizontal axis.
    first, last : int
        First and last row of the table in the chart, from 0.
    series : tuple of Series
        Series of the chart.
    form : str
        Format of the figures on the axis.
    of_a_whole : bool
        Whether the figures are shares of a whole, so that none is above 100%.
    """

    kind: Kind
    title: str
    x: str
    y: str
    across: int
    first: int
    last: int
    series: tuple[Series, ...]
    form: str
    of_a_whole: bool = False


@dataclass(frozen=True)
class Sheet:
    """Describe a sheet: a table, or only text.

    Attributes
    ----------
    name : str
        Name on the tab, at most 31 letters.
    title : str
        Title of the sheet.
    lines : tuple of str
        Text under the title.
    head : tuple of str
        Names of the columns; empty if there is no table.
    rows : tuple of sequence
        Cells of the table; missing values have the shorthand.
    columns : tuple of Column
        Meaning of the columns; empty if they explain themselves.
    charts : tuple of Chart
        Charts of the table.
    links : tuple of str
        Sheets that the cells of the first column link to, one for each row.
    """

    name: str
    title: str
    lines: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    columns: tuple[Column, ...] = ()
    charts: tuple[Chart, ...] = ()
    links: tuple[str, ...] = ()

    @property
    def shorthand(self) -> tuple[str, ...]:
        """Shorthand used in the cells."""
        return tuple(each for each in (MISSING, NOT_APPLICABLE) if any(each in row for row in self.rows))


@dataclass(frozen=True)
class Csv:
    """Hold a CSV of a study: its head, and its cells as written."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @classmethod
    def read(cls, path: Path) -> Csv:
        """Read a file."""
        with path.open(encoding="utf-8", newline="") as text:
            lines = list(map(tuple, csv.reader(text)))
        return cls(lines[0] if lines else (), tuple(lines[1:]))

    @classmethod
    def below_each_other(cls, named: Sequence[tuple[str, Csv]]) -> Csv:
        """Join the files of several scenarios, with the scenario's name in each row; return a single file unchanged."""
        if len(named) == 1:
            return named[0][1]
        head = tuple(dict.fromkeys(column for _, each in named for column in each.head))
        rows = [
            (name, *(row[each.head.index(column)] if column in each.head else "" for column in head))
            for name, each in named
            for row in each.rows
        ]
        return cls(("scenario", *head), tuple(rows))

    def cells(self, columns: Sequence[Column], clean: Callable[[str], str]) -> tuple[Row, ...]:
        """Return cells with their types; texts are cleaned, and missing figures differ from cells that do not apply."""
        unit, measure = (self.head.index(each) if each in self.head else -1 for each in ("unit", "measure"))
        found = []
        for place, column in enumerate(columns):
            own = list(map(_value, (row[place] for row in self.rows)))
            blank = NOT_APPLICABLE if all(isinstance(each, str | None) for each in own) else MISSING
            usual = form_of([each for each in own if isinstance(each, float)])
            cells: list[Cell] = []
            for value, row in zip(own, self.rows, strict=True):
                if not isinstance(value, float) or isinstance(value, bool):
                    cells.append(blank if value is None else clean(value) if isinstance(value, str) else value)
                    continue
                in_unit = column.unit
                if in_unit == AS_IN_UNIT and unit >= 0:
                    in_unit = row[unit]
                elif in_unit in (AS_IN_UNIT, AS_THE_MEASURE) and measure >= 0:
                    in_unit = unit_of(row[measure])
                cells.append(Number(value, FORMS.get(in_unit, usual)))
            found.append(cells)
        return tuple(zip(*found, strict=True))


def dated(text: str) -> str | datetime.date:
    """Return a text, or the date that it stands for."""
    return datetime.date.fromisoformat(text) if DAY.fullmatch(text) else text


def _value(text: str) -> float | datetime.date | bool | str | None:
    if not text:
        return None
    if text in TRUTHS:
        return TRUTHS[text]
    return float(text) if NUMBER.fullmatch(text) else dated(text)


def form_of(values: Sequence[float]) -> str:
    """Return the format of a column: whole numbers without decimals, others with decimals by their size."""
    if all(value == int(value) for value in values):
        return WHOLE
    most = max(map(abs, values))
    return "#,##0.0" if most >= 100 else "0.00" if most >= 1 else "0.000"  # noqa: PLR2004


def of_table(table: Table) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    """Return head and rows of a table of an answer: figures as numbers, and their ranges in separate columns."""
    head: list[str] = []
    columns: list[list[Cell]] = []
    for place, name in enumerate(table.heads):
        marked = [row[place].endswith(MAY_BE_CHANCE) for row in table.rows]
        texts = [row[place].removesuffix(MAY_BE_CHANCE) for row in table.rows]
        found = [None if text in ("", NOTHING) else READ.fullmatch(text) for text in texts]
        figures = table.of_figures[place] and all(
            match is not None or text in ("", NOTHING) for match, text in zip(found, texts, strict=True)
        )
        if not figures or not any(found):
            head.append(name)
            columns.append([NOT_APPLICABLE if text in ("", NOTHING) else dated(text) for text in texts])
            continue
        ranges = any(match is not None and match[2] for match in found)
        for group, end in islice(((1, ""), (2, ", low"), (3, ", high")), 3 if ranges else 1):
            head.append(f"{name}{end}")
            columns.append(
                [NOT_APPLICABLE if match is None or not match[group] else _read(match[group]) for match in found]
            )
        if any(marked):
            head.append(f"{name}, may be chance")
            columns.append(["yes" if each else "no" for each in marked])
    return named_once(head), tuple(zip(*columns, strict=True))


def _read(text: str) -> Number:
    """Return a figure such as ``1,305``, ``98%`` or ``+1.2%`` as a number, shown with the same digits."""
    plain = text.replace(",", "").replace("£", "").removesuffix("%")
    decimals = len(plain.partition(".")[2])
    form = "#,##0" + ("." + "0" * decimals if decimals else "")
    if "£" in text:
        form = f"£{form}"
    if text.endswith("%"):
        return Number(float(f"{plain}e-2"), f"{form}%".replace("#,##", ""))
    return Number(float(plain), form)


def named_once(names: Sequence[str]) -> tuple[str, ...]:
    """Heads of columns: none empty, and none twice, whatever the size of its letters."""
    found: list[str] = []
    for place, name in enumerate(names, start=1):
        words = name or "note"
        taken = {each.lower() for each in found}
        found.append(words if words.lower() not in taken else f"{words} ({place})")
    return tuple(found)
