"""Sheets of a workbook as data, and cells of the files and tables of a study."""

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
"""What a table of an answer shows where there is nothing to show."""
SHARE, POUNDS, WHOLE = "0.0%", "£#,##0", "#,##0"
FORMS = {
    "share": SHARE, "pounds": POUNDS, "probability": "0.0000", "days": "#,##0.0", "inspector-days": "#,##0.0",
    **dict.fromkeys(("inspections", "visits", "authorities", "declines"), "#,##0.00"),
}  # fmt: skip
"""Formats by unit; other units take the digits of their column."""
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
FIGURE = r"[+-]?£?(?:0|[1-9][\d,]*)(?:\.\d+)?%?"
READ = re.compile(rf"({FIGURE})(?: \(({FIGURE})(?: to |-)({FIGURE})\))?")
"""A figure of an answer, and its range in brackets."""
TRUTHS = {"True": True, "False": False}
Row: TypeAlias = Sequence[Cell]
Kind = Literal["column", "stacked", "line", "points"]


@dataclass(frozen=True)
class Series:
    """One row of columns or one line of a chart: its name, and the column of the table that has its figures."""

    name: str
    column: int


@dataclass(frozen=True)
class Chart:
    """A chart of rows of the table of its sheet.

    Attributes
    ----------
    kind : {"column", "stacked", "line", "points"}
        How it is drawn; ``points`` have numbers along the axis.
    title, x, y : str
        What it shows, and what its axes are, with units.
    across : int
        Column of the table that stands along the axis.
    first, last : int
        Rows of the table that it shows, from 0.
    series : tuple of Series
        What it shows of them.
    form : str
        Format of the figures of the axis.
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
    """A sheet: a table, or text alone.

    Attributes
    ----------
    name : str
        On its tab, at most 31 letters.
    title : str
        What it holds.
    lines : tuple of str
        Text under the title.
    head : tuple of str
        Names of the columns; none where it has no table.
    rows : tuple of sequence
        Cells of the table; those of missing values have the shorthand.
    columns : tuple of Column
        What the columns mean; none where they explain themselves.
    charts : tuple of Chart
        Charts of the table.
    links : tuple of str
        Sheets to which the cells of the first column lead, one for each row.
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
        """Shorthand that its cells use."""
        return tuple(each for each in (MISSING, NOT_APPLICABLE) if any(each in row for row in self.rows))


@dataclass(frozen=True)
class Csv:
    """A CSV of a study: its head, and its cells as they are written."""

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
        """Files of several scenarios, each row under its scenario's name; of one alone as it is."""
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
        """Cells as what they are: numbers, dates, truths, and texts cleaned; missing ones are told from blank ones."""
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
    """A text, or the day that it is."""
    return datetime.date.fromisoformat(text) if DAY.fullmatch(text) else text


def _value(text: str) -> float | datetime.date | bool | str | None:
    if not text:
        return None
    if text in TRUTHS:
        return TRUTHS[text]
    return float(text) if NUMBER.fullmatch(text) else dated(text)


def form_of(values: Sequence[float]) -> str:
    """Format of the figures of a column: whole numbers without decimals, others with what their size takes."""
    if all(value == int(value) for value in values):
        return WHOLE
    most = max(map(abs, values))
    return "#,##0.0" if most >= 100 else "0.00" if most >= 1 else "0.000"  # noqa: PLR2004


def of_table(table: Table) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    """Head and rows of a table of an answer: figures as numbers, and their ranges in columns of their own."""
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
    """A figure as it is read, such as ``1,305``, ``98%`` or ``+1.2%``, shown with as many digits."""
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
