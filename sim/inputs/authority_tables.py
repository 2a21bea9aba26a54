"""Reads a table of authorities: a built-in one, or the user's own in whatever words and layout it has."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from sim.base.faults import NOT_SHOWN, Fault, InputError, nearest, unless_wrong
from sim.base.files import content_of
from sim.base.package_data import tables_by_name
from sim.inputs.authorities import ANYTHING, EARLIEST, Authority, ExpectedRows
from sim.inputs.four_judgements import SubJudgements
from sim.inputs.grades import Grades
from sim.inputs.headings import ERRORS, Headings, WantedColumns, find, grouped
from sim.inputs.section import ReadOnly, Section, quantity
from sim.inputs.spellings import day_of, meant, refused, symbol, words
from sim.inputs.spreadsheet import Row, grids

Column = Literal[
    "authority", "region", "judgement", "inspected_on", "size", "framework", "last_inspection", "note",
    "leaders", "help_and_protection", "in_care", "care_leavers",
]  # fmt: skip
REQUIRED, OPTIONAL = get_args(Column)[:4], get_args(Column)[4:]
FOUR = SubJudgements._fields
"""Columns of the four judgements, from which the overall one follows if none is published."""
MOST_SPELLINGS = 20
"""Most spellings that are listed one by one in the notes on reading."""


class TableSource(Section):
    """Says where a table of authorities is and how to read it: what a scenario writes under ``authorities``."""

    file: str = quantity(
        "path of a CSV file or a workbook (XLSX, XLSB, XLS, ODS), relative to the file that names it; or the name of a "
        "built-in table"
    )
    sheet: str = quantity("sheet of a workbook; needed only if several sheets have such a table", default="")
    columns: dict[Column, str] = quantity(
        "heading of each column that has neither its own name nor a known one; empty if the table lacks the column",
        default_factory=ReadOnly,
    )


@dataclass(frozen=True)
class AuthorityTable:
    """Holds a table of authorities that was read.

    Attributes
    ----------
    authorities : tuple of Authority
        Its rows.
    understood : tuple of str
        How it was read, in sentences that name no authority.
    """

    authorities: tuple[Authority, ...]
    understood: tuple[str, ...]


class Inspected(NamedTuple):
    """Holds a row that was read: an inspection of an authority.

    Attributes
    ----------
    row : int
        Number of the row.
    authority : str
        Name as written; empty if it cannot be read.
    values : dict of str to object
        Meaning of the cells, by column.
    faults : list of Fault
        What is wrong with the row.
    """

    row: int
    authority: str
    values: dict[str, object]
    faults: list[Fault]

    @property
    def day(self) -> datetime.date | None:
        """Return the last day on site, or None if it cannot be read."""
        day = self.values.get("inspected_on")
        return day if isinstance(day, datetime.date) else None


@dataclass
class Reading:
    """Collects what has been read so far, row by row."""

    headings: Headings
    expected: ExpectedRows
    after_start: list[Fault] = field(default_factory=list)
    spelled: Counter[tuple[str, str]] = field(default_factory=Counter)
    day_first: Counter[str] = field(default_factory=Counter)
    derived: int = 0
    without_size: int = 0
    earlier: int = 0
    later: int = 0


def read_table(source: TableSource, expected: ExpectedRows = ANYTHING) -> AuthorityTable:
    """Read the authorities of a file or a built-in table, and check them against what the scenario expects.

    Raises
    ------
    InputError
        With every fault of the table, by line or row and column.
    """
    ships = tables_by_name()
    if source.file in ships:
        return _shipped(ships[source.file], source, expected)
    return parse_table(content_of(Path(source.file)), source, expected)


@lru_cache(maxsize=16)
def _shipped(content: bytes, source: TableSource, expected: ExpectedRows) -> AuthorityTable:
    """Read a built-in table; a process that loads many scenarios parses it once for each way of reading it."""
    return parse_table(content, source, expected)


def parse_table(content: bytes, source: TableSource, expected: ExpectedRows = ANYTHING) -> AuthorityTable:
    """Read the authorities from a file's bytes; see :func:`read_table`."""
    instead = {} if expected.rule is None else {"judgement": FOUR}
    wanted = WantedColumns(REQUIRED, OPTIONAL, dict(source.columns.items()), source.sheet, instead=instead)
    headings = find(grids(content, source.file), wanted, source.file)
    reading = Reading(headings, expected)
    faults = [fault for row in headings.above() for fault in _look_above(reading, row)]
    rows, left_out = headings.table()
    latest = _latest(reading, [_read_row(reading, row) for row in rows])
    faults += [fault for each in latest for fault in each.faults]
    faults += _after_start(reading, [each.day for each in latest if each.day is not None])
    if not faults and not latest:
        words_ = "the table is empty; give at least one authority"
        faults.append(Fault(headings.grid.place, "(the table)", NOT_SHOWN, words_))
    if faults:
        raise InputError(grouped(faults))
    authorities = tuple(Authority.model_validate(each.values) for each in latest)
    return AuthorityTable(authorities, tuple(_understood(reading, authorities, left_out)))


def _latest(reading: Reading, rows: Sequence[Inspected]) -> list[Inspected]:
    """Return the latest inspection of each authority; add a fault if two rows may be spelling variants or share a day.

    Faults of an authority's earlier inspections do not matter, as long as their days can be read.
    """
    of: dict[str, list[Inspected]] = {}
    for number, row in enumerate(rows):
        of.setdefault(words(row.authority) or f"\0{number}", []).append(row)
    found = []
    for rows_of_one in of.values():
        same = _until_the_start(reading, rows_of_one)
        first, *others = sorted(same, key=lambda row: (row.day is None, row.day or datetime.date.max))[::-1]
        found.append(first)
        for row in others:
            if row.day is None or first.day is None:
                found.append(row)
            if row.authority != first.authority or row.day is None or row.day == first.day:
                first.faults.append(_twice(reading, *sorted((row, first))))
            elif row.values.get("region") != first.values.get("region"):
                first.faults.append(_elsewhere(reading, *sorted((row, first))))
            else:
                reading.earlier += 1
    return sorted(found)


def _until_the_start(reading: Reading, rows: Sequence[Inspected]) -> Sequence[Inspected]:
    """Leave out an authority's inspections after the start; add a fault if it has no earlier one."""
    start = reading.expected.start
    after = [row for row in rows if start is not None and row.day is not None and row.day > start]
    if len(after) < len(rows) and len({row.authority for row in rows}) == 1:
        reading.later += len(after)
        return [row for row in rows if row not in after]
    headings = reading.headings
    for row in after:
        where = headings.grid.at(row.row, headings.columns["inspected_on"])
        reading.after_start.append(Fault(where, "inspected_on", str(row.day), f"it is after the start, {start}"))
    return rows


def _twice(reading: Reading, one: Inspected, other: Inspected) -> Fault:
    """Explain why two rows of one authority cannot be two inspections of it."""
    headings = reading.headings
    where = headings.grid.at(other.row, headings.columns["authority"])
    spelled = f"as {one.authority!r}; " if one.authority != other.authority else ""
    wrong = (
        f"an authority may appear once; it is already on {headings.grid.unit} {one.row}, {spelled}"
        "to list several inspections of an authority, spell it the same and give each its own day"
    )
    return Fault(where, "authority", other.authority, wrong)


def _elsewhere(reading: Reading, one: Inspected, other: Inspected) -> Fault:
    """Explain why two rows of one name in different regions cannot be two inspections of one authority."""
    headings = reading.headings
    where = headings.grid.at(other.row, headings.columns["authority"])
    regions = (str(row.values.get("region", "no region that can be read")) for row in (one, other))
    wrong = (
        f"it is in {' and in '.join(regions)} (see {headings.grid.unit} {one.row}); if these are two authorities, give "
        "each its own name, and otherwise the same region"
    )
    return Fault(where, "authority", other.authority, wrong)


def mix(authorities: Sequence[Authority]) -> str:
    """Describe the authorities: how many there are by judgement and region, and the dates of their inspections."""
    judgements, regions = (Counter(getattr(row, key) for row in authorities) for key in ("judgement", "region"))
    days = [row.inspected_on for row in authorities]
    return (
        f"{len(authorities)} authorities: {_counts(judgements)}; oldest judgement inspected on {min(days)}, newest on "
        f"{max(days)}; regions: {_counts(regions)}"
    )


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counter.most_common())


def _look_above(reading: Reading, row: Row) -> Iterator[Fault]:
    """Refuse a row above the headings that looks like an authority; skip titles and notes."""
    cells = [row.cells[place] if place < len(row.cells) else "" for place in reading.headings.columns.values()]
    judged = any(_grade_meant(cell, reading.expected.grades) for cell in cells)
    if judged and any(isinstance(day_of(cell), datetime.date) for cell in cells):
        wrong = f"it looks like an authority, but the headings come later, in {reading.headings.grid.unit} "
        wrong += f"{reading.headings.row.number}; move them above it"
        yield Fault(reading.headings.grid.at(row.number), "(the row)", NOT_SHOWN, wrong)


def _read_row(reading: Reading, row: Row) -> Inspected:
    """Read a row: an inspection of an authority, and what is wrong with it."""
    implied = _implied(unless_wrong([], lambda: reading.headings.cells(row)) or {}, reading)
    known = {} if implied is None else {"judgement": implied}
    values, faults = reading.headings.read(row, partial(_meaning, reading), known)
    reading.derived += implied is not None
    for column in FOUR:
        values.pop(column, None)
    if len(reading.expected.sizes) == 1:
        values.setdefault("size", reading.expected.sizes[0])
    reading.without_size += "size" in reading.headings.columns and "size" not in values
    return Inspected(row.number, str(values.get("authority", "")), values, faults)


def _implied(cells: Mapping[str, str], reading: Reading) -> str | None:
    """Return the grade that follows from the four judgements if a row has these and no overall one; otherwise None."""
    overall, expected = cells.get("judgement", ""), reading.expected
    if expected.rule is None or (overall and not symbol(overall) and not refused(overall)):
        return None
    if _grade_meant(overall, expected.grades) is not None:
        return None
    four = [_grade_meant(cells.get(column, ""), expected.grades) for column in FOUR]
    sound = [each for each in four if each is not None]
    return expected.rule.implied(SubJudgements(*sound)) if len(sound) == len(four) else None


def _after_start(reading: Reading, days: Sequence[datetime.date]) -> list[Fault]:
    """Return the fault of the only row inspected after the start; if there are more, one fault about the start."""
    if len(reading.after_start) <= 1:
        return reading.after_start
    wrong = late_start(reading.expected.start, days)
    return [Fault(reading.headings.grid.place, "start", reading.expected.start, wrong)]


def late_start(start: datetime.date | None, days: Sequence[datetime.date]) -> str:
    """Say what to do if the start is earlier than dates in the table of authorities."""
    late = [day for day in days if start is not None and day > start]
    return (
        f"{len(late)} of {len(days)} authorities were inspected after it, the last on {max(late)}; "
        "set start to that day or later"
    )


class CellError(ValueError):
    """Explains why a cell cannot be used."""


def _meaning(reading: Reading, column: str, text: str) -> tuple[object, str]:
    """Return a cell's meaning and an empty text, or None and what is allowed."""
    try:
        return _value(column, text, reading), ""
    except CellError as refusal:
        return None, str(refusal)


def _value(column: str, text: str, reading: Reading) -> object:
    """Return what a cell means."""
    if column == "authority":
        return _name(text)
    if column == "inspected_on":
        return _inspected_on(text, reading)
    if column == "region" and reading.expected.regions is not None:
        return _word("regions", text, reading.expected.regions, reading, "no inspector is based there; ")
    if column == "judgement":
        return _judgement(text, reading)
    if column == "size":
        return _word("sizes", text, reading.expected.sizes, reading)
    return text


def _name(text: str) -> str:
    """Return the name of an authority."""
    name = " ".join(text.split())
    if (
        text in ERRORS or not words(name) or (symbol(text) and words(text) != text.casefold())
    ):  # a single letter is a code
        raise CellError("a name must contain a letter or a digit, and must not be a symbol")
    return name


def _word(kind: str, text: str, allowed: tuple[str, ...], reading: Reading, why: str = "") -> str:
    """Return the model's word for a cell."""
    word = _meant(kind, text, allowed)
    if word is None:
        raise CellError(why + nearest(text if kind == "regions" else "_".join(words(text).split()), allowed))
    return _understood_as(word, text, reading)


def _judgement(text: str, reading: Reading) -> str:
    """Return the grade that a cell gives: by its name, published name, number or another spelling."""
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
        raise CellError(f"it is before {EARLIEST}, the first day for which bank holidays are known")
    if day.isoformat() != text:
        reading.day_first[text] += 1
    return day


def _understood(reading: Reading, authorities: Sequence[Authority], left_out: Sequence[str]) -> Iterator[str]:
    """Say how the table was read, in sentences that name no authority."""
    yield mix(authorities)
    yield reading.headings.understood()
    told = [f"{text!r} as {word} ({count})" for (text, word), count in reading.spelled.most_common(MOST_SPELLINGS)]
    if told:
        more = len(reading.spelled) - len(told)
        yield f"spellings: {', '.join(told)}" + (f", and {more} others" if more else "")
    if reading.day_first:
        text, count = next(iter(reading.day_first)), reading.day_first.total()
        yield f"dates not written year-month-day: {count}; {text!r}, for example, means {day_of(text)}"
    if reading.earlier or reading.later:
        others = {"earlier": reading.earlier, "after the start": reading.later}
        unused = " and ".join(f"{count} {which}" for which, count in others.items() if count)
        yield f"some authorities have several rows: the latest inspection of each is used, not the others ({unused})"
    if reading.derived:
        yield f"rows without an overall judgement: {reading.derived}; the model derives it from their four judgements"
    if reading.without_size:
        yield f"rows without a size: {reading.without_size}; they count as {Authority.model_fields['size'].default}"
    yield from left_out
