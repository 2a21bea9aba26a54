"""Reading a table of authorities: one that ships, or a user's own in whatever words and layout it has."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

from sim.base.faults import NOT_SHOWN, Fault, InputError, nearest, unless_wrong
from sim.base.package_data import tables_by_name
from sim.inputs.authorities import ANYTHING, EARLIEST, Authority, Expected
from sim.inputs.grades import Grades
from sim.inputs.headings import Headings, Wanted, find
from sim.inputs.section import Section, quantity
from sim.inputs.spellings import day_of, meant, refused, words
from sim.inputs.spreadsheet import Row, content_of, grids

Column = Literal["authority", "region", "judgement", "inspected_on", "size", "framework", "last_inspection", "note"]
REQUIRED, OPTIONAL = get_args(Column)[:4], get_args(Column)[4:]
ERRORS = ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!")
"""What a spreadsheet program shows instead of a value that it cannot work out."""
MOST_FAULTS = 500
MOST_SPELLINGS = 20
"""Told one by one in what was understood."""


class TableSource(Section):
    """Where a table of authorities is, and how to read it: what a scenario says under ``authorities``."""

    file: str = quantity("path of a CSV or XLSX file, relative to the file that names it; or a name that ships")
    sheet: str = quantity("sheet of a workbook; the only one with such a table if it is not said", default="")
    columns: dict[Column, str] = quantity(
        "heading of each column that is not called by its own name or a known one; empty for one that is not there",
        default_factory=dict,
    )


@dataclass(frozen=True)
class Table:
    """A table that was read.

    Attributes
    ----------
    authorities : tuple of Authority
        Its rows.
    understood : tuple of str
        How it was read, in sentences without the name of any authority.
    """

    authorities: tuple[Authority, ...]
    understood: tuple[str, ...]


@dataclass
class Reading:
    """What has been read so far, row by row."""

    headings: Headings
    expected: Expected
    faults: list[Fault] = field(default_factory=list)
    after_start: list[Fault] = field(default_factory=list)
    authorities: list[Authority] = field(default_factory=list)
    row_of: dict[str, int] = field(default_factory=dict)
    spelled: Counter[tuple[str, str]] = field(default_factory=Counter)
    day_first: Counter[str] = field(default_factory=Counter)


def read_table(source: TableSource, expected: Expected = ANYTHING) -> Table:
    """Authorities of a file or of a table that ships, checked against what the scenario expects.

    Raises
    ------
    InputError
        With every fault of the table, by line or row and column.
    """
    ships = tables_by_name()
    content = ships[source.file] if source.file in ships else content_of(Path(source.file))
    return parse_table(content, source, expected)


def parse_table(content: bytes, source: TableSource, expected: Expected = ANYTHING) -> Table:
    """Authorities of a file's bytes; see :func:`read_table`."""
    wanted = Wanted(REQUIRED, OPTIONAL, dict(source.columns.items()), source.sheet)
    headings = find(grids(content, source.file), wanted, source.file)
    reading = Reading(headings, expected)
    below = _read_rows(reading)
    if not reading.faults and not reading.authorities:
        words = "the table is empty; give at least one authority"
        reading.faults.append(Fault(headings.grid.place, "(the table)", NOT_SHOWN, words))
    reading.faults += _after_start(reading)
    if reading.faults:
        raise InputError(reading.faults)
    return Table(tuple(reading.authorities), tuple(_understood(reading, below)))


def mix(authorities: Sequence[Authority]) -> str:
    """How many authorities there are, of each judgement and region, and from when to when they were inspected."""
    judgements, regions = (Counter(getattr(row, key) for row in authorities) for key in ("judgement", "region"))
    days = [row.inspected_on for row in authorities]
    return (
        f"{len(authorities)} authorities: {_counts(judgements)}; oldest judgement inspected on {min(days)}, newest on "
        f"{max(days)}; regions: {_counts(regions)}"
    )


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counter.most_common())


def _read_rows(reading: Reading) -> list[int]:
    """Read the rows under the headings; numbers of those below the table, which are not read."""
    headings = reading.headings
    for row in headings.grid.rows(headings.row.number):
        _look_above(reading, row)
    rows, below = headings.table()
    for row in rows:
        _read_row(reading, row)
        if len(reading.faults) >= MOST_FAULTS:
            wrong = f"reading ended here, after {len(reading.faults)} faults; there may be more"
            reading.faults.append(Fault(headings.grid.at(row.number), "(the table)", NOT_SHOWN, wrong))
            return []
    return below


def _look_above(reading: Reading, row: Row) -> None:
    """Refuse a row above the headings that reads like an authority; titles and notes are passed over."""
    cells = [row.cells[place] if place < len(row.cells) else "" for place in reading.headings.columns.values()]
    judged = any(_grade_meant(cell, reading.expected.grades) for cell in cells)
    if judged and any(isinstance(day_of(cell), datetime.date) for cell in cells):
        wrong = f"it reads like an authority, and the headings are only in {reading.headings.grid.unit} "
        wrong += f"{reading.headings.row.number}; put them above it"
        reading.faults.append(Fault(reading.headings.grid.at(row.number), "(the row)", NOT_SHOWN, wrong))


def _read_row(reading: Reading, row: Row) -> None:
    """Read a row: an authority, or faults."""
    headings = reading.headings
    before = len(reading.faults)
    values: dict[str, object] = {}
    cells = unless_wrong(reading.faults, lambda: headings.cells(row)) or {}
    for column, text in cells.items():
        place = headings.columns[column]
        try:
            if text:
                values[column] = _value(column, text, reading, row.number)
            elif column in REQUIRED:
                raise CellError(headings.grid.why_empty(row.number, place))
        except CellError as refusal:
            where = headings.grid.at(row.number, place)
            reading.faults.append(Fault(where, column, text or None, str(refusal)))
    day, start = values.get("inspected_on"), reading.expected.start
    if start is not None and isinstance(day, datetime.date) and day > start:
        where = headings.grid.at(row.number, headings.columns["inspected_on"])
        words = f"it is after the start, {start}"
        reading.after_start.append(Fault(where, "inspected_on", cells["inspected_on"], words))
    if len(reading.expected.sizes) == 1:
        values.setdefault("size", reading.expected.sizes[0])
    if len(reading.faults) == before:
        reading.authorities.append(Authority.model_validate(values))


def _after_start(reading: Reading) -> list[Fault]:
    """Fault of the one row that was inspected after the start; if there are more, one fault, of the start."""
    if len(reading.after_start) <= 1:
        return reading.after_start
    days = [row.inspected_on for row in reading.authorities]
    words = late_start(reading.expected.start, days)
    return [Fault(reading.headings.grid.place, "start", reading.expected.start, words)]


def late_start(start: datetime.date | None, days: Sequence[datetime.date]) -> str:
    """What to do about a start before the dates of a table of authorities."""
    late = [day for day in days if start is not None and day > start]
    return (
        f"{len(late)} of {len(days)} authorities were inspected after it, the last on {max(late)}; "
        "set start to that day or later"
    )


class CellError(ValueError):
    """Why a cell is not taken."""


def _value(column: str, text: str, reading: Reading, row: int) -> object:
    """What a cell means."""
    if column == "authority":
        return _name(text, reading, row)
    if column == "inspected_on":
        return _inspected_on(text, reading)
    if column == "region" and reading.expected.regions is not None:
        return _word("regions", text, reading.expected.regions, reading, "nobody works there; ")
    if column == "judgement":
        return _judgement(text, reading)
    if column == "size":
        return _word("sizes", text, reading.expected.sizes, reading)
    return text


def _name(text: str, reading: Reading, row: int) -> str:
    """Name of an authority; two that differ in case or spaces alone are the same."""
    if text in ERRORS:
        raise CellError("the spreadsheet shows an error here; write the name")
    name = " ".join(text.split())
    first = reading.row_of.setdefault(name.casefold(), row)
    if first != row:
        raise CellError(f"an authority may appear once; it is on {reading.headings.grid.unit} {first} already")
    return name


def _word(kind: str, text: str, allowed: tuple[str, ...], reading: Reading, why: str = "") -> str:
    """The model's word for what a cell says."""
    word = _meant(kind, text, allowed)
    if word is None:
        raise CellError(why + nearest(text if kind == "regions" else "_".join(words(text).split()), allowed))
    return _understood_as(word, text, reading)


def _judgement(text: str, reading: Reading) -> str:
    """The grade that a cell says, by its name, its published name, its number or another spelling."""
    grades = reading.expected.grades
    word = _grade_meant(text, grades)
    if word is None:
        raise CellError(refused(text) or nearest("_".join(words(text).split()), grades.names))
    return _understood_as(word, text, reading)


def _understood_as(word: str, text: str, reading: Reading) -> str:
    if words(word) != words(text):
        reading.spelled[text, word] += 1
    return word


_meant = lru_cache(maxsize=1024)(meant)


@lru_cache(maxsize=1024)
def _grade_meant(text: str, grades: Grades) -> str | None:
    return meant("judgements", text, grades.names, grades.spellings)


def _inspected_on(text: str, reading: Reading) -> datetime.date:
    day = day_of(text)
    if isinstance(day, str):
        raise CellError(day)
    if day < EARLIEST:
        raise CellError(f"it is before {EARLIEST}, from which bank holidays are known")
    if day.isoformat() != text:
        reading.day_first[text] += 1
    return day


def _understood(reading: Reading, below: Sequence[int]) -> Iterator[str]:
    """How the table was read, in sentences without the name of any authority."""
    yield mix(reading.authorities)
    yield reading.headings.understood()
    told = [f"{text!r} as {word} ({count})" for (text, word), count in reading.spelled.most_common(MOST_SPELLINGS)]
    if told:
        more = len(reading.spelled) - len(told)
        yield f"read {', '.join(told)}" + (f", and {more} other spellings" if more else "")
    if reading.day_first:
        text, count = next(iter(reading.day_first)), reading.day_first.total()
        yield f"{count} dates are not written year-month-day, such as {text!r}, read as {day_of(text)}"
    if below:
        first = f"{reading.headings.grid.unit} {below[0]}"
        yield f"not read are {len(below)} rows of a single cell below the table, from {first} on"
