"""Reads a user's spreadsheet, text or workbook, as rows of text, with the place of every cell.

This module does not know what a table means. A file gives one or more *grids*: each sheet of a workbook, or each way of
splitting a text into cells at commas, semicolons or tabs. Code that knows what the table contains chooses between them.
"""

from __future__ import annotations

import codecs
import csv
import datetime
import io
import os
import subprocess
import sys
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from sim.base.bounds import MEGABYTE, MOST_CELLS, MOST_COLUMNS, MOST_FILLED, MOST_MEGABYTES, MOST_ROWS
from sim.base.faults import NOT_SHOWN, Fault, InputError
from sim.base.files import NUL
from sim.inputs.workbook_xml import SheetFacts, looks_of

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
"""Separators that may stand between the cells of a text."""
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", ""), (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)  # fmt: skip
"""Byte order marks, the encoding that each indicates, and how to name it to the user."""
WINDOWS = "cp1252"
"""Encoding that spreadsheet programs in western Europe write if not UTF-8."""
ZIP, OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
"""First bytes of a workbook: ZIP for XLSX, XLSB and ODS; OLE for older workbooks or those with a password."""
MOST_SECONDS = 20
"""Longest time for reading a workbook of an older kind, in seconds."""
TRIAL = """
import io, sys
from python_calamine import CalamineWorkbook
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (2**32, 2**32))
except ImportError:
    pass
book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
for name in book.sheet_names:
    book.get_sheet_by_name(name)
"""
"""Program that tries in another process whether such a workbook can be read, with at most four gigabytes of memory
where this can be limited."""
UNSEEN = (
    "this kind of file does not show whether a filter hides rows or a cell has an error: every row is read, and cells "
    "with errors count as empty"
)
"""Note on XLS and XLSB files."""
NEEDED = "this cell is needed"


class Row(NamedTuple):
    """Holds a row: its number in the file (that of its last line), and its cells from the left, without surrounding
    spaces.

    Dates are written ``2018-01-31``; an empty cell is an empty text.
    """

    number: int
    cells: tuple[str, ...]


class Grid(ABC):
    """Represents one way of reading a file as rows and columns."""

    place: str
    """Name in faults."""
    unit: str
    """Word for its rows."""
    understood: str
    """How it was read, if not in the usual way."""
    hidden: bool
    """Whether a spreadsheet program hides it."""

    @property
    def hidden_rows(self) -> frozenset[int]:
        """Return the numbers of the rows that a spreadsheet program hides."""
        return frozenset()

    @abstractmethod
    def rows(self, most: int | None = None) -> list[Row]:
        """Return the rows from the top, including empty ones: at most ``most``, or all.

        Raises
        ------
        InputError
            If a row cannot be read, or there are too many.
        """

    @abstractmethod
    def at(self, row: int, column: int | None = None) -> str:
        """Return the place of a row, or of a cell (columns from 0) where columns have letters."""

    @abstractmethod
    def why_empty(self, row: int, column: int) -> str:
        """Explain a needed cell that has no value."""


@dataclass(frozen=True)
class Cut(Grid):
    """Represents a text split into cells at one separator."""

    place: str
    text: str = field(repr=False)
    separator: str
    understood: str
    hidden: bool = False
    unit: str = "line"

    def rows(self, most: int | None = None) -> list[Row]:
        """Return the rows from the top; see :class:`Grid`."""
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.separator, strict=True)
        try:
            return _within_limits(self, (Row(reader.line_num, _trimmed(cells)) for cells in islice(reader, most)))
        except csv.Error as error:
            words = f"it is not CSV: {error}"
            raise InputError([Fault(self.at(reader.line_num), "(the row)", NOT_SHOWN, words)]) from None

    def at(self, row: int, column: int | None = None) -> str:
        """Return the place of a row; columns of a text have no letters."""
        return f"{self.place}, line {row}"

    def why_empty(self, row: int, column: int) -> str:
        """Explain a needed cell that has no value."""
        return NEEDED


@dataclass(frozen=True)
class WorkbookSheet(Grid):
    """Represents a sheet of a workbook; formulas count as the value stored with them."""

    place: str
    book: CalamineWorkbook = field(repr=False)
    name: str
    hidden: bool
    look: SheetFacts = field(repr=False)
    understood: str = ""
    unit: str = "row"

    def rows(self, most: int | None = None) -> list[Row]:
        """Return the rows from the top; see :class:`Grid`."""
        return self._rows if most is None else self._rows[:most]

    def at(self, row: int, column: int | None = None) -> str:
        """Return the place of a row, or of a cell by its column's letters."""
        from openpyxl.utils import get_column_letter

        return f"{self.place}, row {row}" + ("" if column is None else f", column {get_column_letter(column + 1)}")

    def why_empty(self, row: int, column: int) -> str:
        """Explain a needed cell that has no value; in a workbook there are three possible reasons."""
        if (row, column) in self.look.unworked:
            return (
                f"{NEEDED}; it has a formula without a stored value: open and save the file in a spreadsheet "
                "program, or enter the value"
            )
        return f"{NEEDED} (if cells are merged, only the first has a value)"

    @property
    def hidden_rows(self) -> frozenset[int]:
        """Return the numbers of the rows that a spreadsheet program hides."""
        return self.look.hidden

    @cached_property
    def _rows(self) -> list[Row]:
        look = self.look
        _refuse_size(self, look.filled, look.rows, look.columns)
        _refuse_area(self, look.rows, look.columns)
        with _in_words(self.place):
            sheet = self.book.get_sheet_by_name(self.name)
            _refuse_area(self, sheet.total_height, sheet.total_width)
            cells = sheet.to_python(skip_empty_area=False)
        found = (
            Row(number, _trimmed(look.errors.get((number, place)) or _text(value) for place, value in enumerate(row)))
            for number, row in enumerate(cells, start=1)
        )
        return _within_limits(self, found)


def grids(content: bytes, where: str) -> list[Grid]:
    """Return every way of reading a file as rows and columns, the likeliest first.

    Parameters
    ----------
    content : bytes
        Content of a CSV file (UTF-8, UTF-16 with a byte order mark, otherwise Windows-1252) or a workbook (XLSX, XLSB,
        XLS, ODS); the bytes show which.
    where : str
        Name of the file in faults.

    Raises
    ------
    InputError
        If it is neither, or too large.
    """
    if content.startswith((ZIP, OLE)):
        return _sheets(content, where)
    text, encoding = _decoded(content, where)
    told = {
        sign: [encoding] * bool(encoding) + [f"{name} between cells"] * (sign != ",")
        for sign, name in SEPARATORS.items()
    }
    return [Cut(where, text, sign, ", ".join(words)) for sign, words in told.items()]


def _decoded(content: bytes, where: str) -> tuple[str, str]:
    """Return the text of a file, and its encoding if this is not UTF-8."""
    known = [(encoding, told) for mark, encoding, told in MARKS if content.startswith(mark)]
    for encoding, told in known or (("utf-8", ""), (WINDOWS, "text in Windows-1252")):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            continue
        if NUL in text:
            place = f"{where}, line {text[: text.index(NUL)].count(chr(10)) + 1}"
            words = "it must be text, but it contains a NUL byte; save it as CSV in UTF-8"
            raise InputError([Fault(place, "(the file)", NOT_SHOWN, words)])
        return text, told
    words = "it must be text in UTF-8, UTF-16 with a byte order mark, or Windows-1252; save it as CSV in UTF-8"
    raise InputError([Fault(f"{where}, line {line}", "(the file)", NOT_SHOWN, words)])


def _sheets(content: bytes, where: str) -> list[Grid]:
    """Return the sheets of a workbook."""
    with _in_words(where):
        from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

        looks = _looks(content, where) if content.startswith(ZIP) else {}
        if not looks:
            _try(content)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [
            WorkbookSheet(
                f"{where}, sheet {sheet.name!r}",
                book,
                sheet.name,
                sheet.visible != SheetVisibleEnum.Visible,
                looks.get(sheet.name, SheetFacts()),
                "" if looks else UNSEEN,
            )
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet
        ]


def _looks(content: bytes, where: str) -> Mapping[str, SheetFacts]:
    """Return what a valid archive says about each sheet besides its cells."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    if sum(part.file_size for part in archive.infolist()) > MOST_MEGABYTES * MEGABYTE:
        raise _too_large(where, "the workbook, unpacked,")
    if archive.testzip() is not None:  # this also finds parts larger than the archive says
        raise zipfile.BadZipFile
    return looks_of(archive, where)


def _try(content: bytes) -> None:
    """Try in another process to read a workbook of unknown size, since a broken one may end the process."""
    subprocess.run([sys.executable, "-c", TRIAL], input=content, capture_output=True, timeout=MOST_SECONDS, check=True)


@contextmanager
def _in_words(where: str) -> Iterator[None]:
    """Explain errors of the library that reads workbooks in words, and suppress its own output."""
    with _silenced():
        try:
            yield
        except (InputError, KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # the library may panic on a broken file, which is not an Exception
            words = "it cannot be read as a workbook: it is broken, has a password or is of another kind"
            advice = "save it again as .xlsx or .ods without a password, or as CSV"
            raise InputError([Fault(where, "(the file)", NOT_SHOWN, f"{words}; {advice}")]) from None


@contextmanager
def _silenced() -> Iterator[None]:
    """Discard everything written to standard error, since the library writes there if a file is broken."""
    try:
        kept = os.dup(2)
    except OSError:  # standard error is closed
        yield
        return
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - not a file of the user's
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _within_limits(grid: Grid, rows: Iterable[Row]) -> list[Row]:
    """Return the rows, unless there are too many, or too many cells in one."""
    found: list[Row] = []
    filled = 0
    for row in rows:
        found.append(row)
        filled += bool(row.cells)
        _refuse_size(grid, filled, len(found), len(row.cells))
    return found


def _refuse_size(grid: Grid, filled: int, rows: int, columns: int) -> None:
    """Refuse more filled rows, rows in all, or cells in a row than such a table needs."""
    if filled > MOST_FILLED:
        words = f"it has more than {MOST_FILLED:,} rows with content; delete what is not part of the table"
        raise InputError([Fault(grid.at(rows), "(the table)", NOT_SHOWN, words)])
    if rows > MOST_ROWS:
        words = f"it has more than {MOST_ROWS:,} rows, most of them empty; delete those below the table"
        raise InputError([Fault(grid.at(rows), "(the table)", NOT_SHOWN, words)])
    if columns > MOST_COLUMNS:
        words = f"it has more than {MOST_COLUMNS} columns; delete those that are not needed"
        raise InputError([Fault(grid.at(rows), "(the row)", NOT_SHOWN, words)])


def _refuse_area(sheet: WorkbookSheet, rows: int, columns: int) -> None:
    """Refuse a sheet so large that reading its cells, most of them empty, would take too long."""
    if rows * columns > MOST_CELLS:
        words = f"it extends over {rows:,} rows and {columns:,} columns, which is more than {MOST_CELLS:,} cells"
        advice = "delete what is below and beside the table"
        raise InputError([Fault(sheet.place, "(the table)", NOT_SHOWN, f"{words}; {advice}")])


def _too_large(where: str, what: str) -> InputError:
    words = f"{what} is larger than {MOST_MEGABYTES} megabytes; save only the table, without other sheets or empty rows"
    return InputError([Fault(where, "(the file)", NOT_SHOWN, words)])


def _trimmed(cells: Iterable[str]) -> tuple[str, ...]:
    """Return cells without surrounding spaces, up to the last one with content."""
    found = [cell.strip() for cell in cells]
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def _text(value: object) -> str:
    """Return a workbook cell's content as text; a date with a time becomes the date."""
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).upper() if isinstance(value, bool) else str(value)
