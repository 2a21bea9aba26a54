"""A spreadsheet of somebody's own, a text or a workbook, as rows of text: every cell with the place where it stands.

Nothing of what a table means is known here. A file gives one or more *grids*: each sheet of a workbook is one, and so
is each way of cutting a text into cells, at commas, semicolons or tabs. Whoever knows what the table holds chooses.
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
from sim.inputs.workbook_xml import Look, looks_of

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
"""What may stand between the cells of a text."""
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", ""), (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)  # fmt: skip
"""Bytes by which a text says its encoding, the encoding, and what to say of it."""
WINDOWS = "cp1252"
"""What spreadsheet programs in western Europe write where it is not UTF-8."""
ZIP, OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
"""First bytes of a workbook since 2007 or of OpenDocument; and of an older one, or one with a password."""
MOST_SECONDS = 20
"""That a workbook of an older kind may take to be read."""
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
"""What another process does to try whether such a workbook can be read, with four gigabytes of memory where it can."""
UNSEEN = (
    "whether a filter hides rows or a cell shows an error cannot be seen in this kind of file: every row is read, and "
    "such a cell is empty"
)
"""What to say of XLS and XLSB."""
NEEDED = "this cell is needed"


class Row(NamedTuple):
    """A row: its number in the file, or that of its last line, and its cells from the left, without spaces round them.

    Dates are written ``2018-01-31``; an empty cell is an empty text.
    """

    number: int
    cells: tuple[str, ...]


class Grid(ABC):
    """One way of reading a file as rows and columns."""

    place: str
    """What a fault calls it."""
    unit: str
    """What its rows are called."""
    understood: str
    """How it was read, where that is not as plain as can be."""
    hidden: bool
    """Whether a spreadsheet program does not show it."""

    @property
    def hidden_rows(self) -> frozenset[int]:
        """Numbers of the rows that it does not show."""
        return frozenset()

    @abstractmethod
    def rows(self, most: int | None = None) -> list[Row]:
        """Rows from the top, empty ones too: so many at most, or all.

        Raises
        ------
        InputError
            If one of them cannot be read, or there are too many.
        """

    @abstractmethod
    def at(self, row: int, column: int | None = None) -> str:
        """Place of a row, or of a cell (columns from 0) where columns have letters."""

    @abstractmethod
    def why_empty(self, row: int, column: int) -> str:
        """What to say of a cell that is needed and has no value."""


@dataclass(frozen=True)
class Cut(Grid):
    """A text cut into cells at one sign."""

    place: str
    text: str = field(repr=False)
    separator: str
    understood: str
    hidden: bool = False
    unit: str = "line"

    def rows(self, most: int | None = None) -> list[Row]:
        """Rows from the top; see :class:`Grid`."""
        reader = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.separator, strict=True)
        try:
            return _within_limits(self, (Row(reader.line_num, _trimmed(cells)) for cells in islice(reader, most)))
        except csv.Error as error:
            words = f"it is not CSV: {error}"
            raise InputError([Fault(self.at(reader.line_num), "(the row)", NOT_SHOWN, words)]) from None

    def at(self, row: int, column: int | None = None) -> str:
        """Place of a row; its columns have names alone."""
        return f"{self.place}, line {row}"

    def why_empty(self, row: int, column: int) -> str:
        """What to say of a cell that is needed and has no value."""
        return NEEDED


@dataclass(frozen=True)
class Sheet(Grid):
    """A sheet of a workbook; of a formula the value stored with it is taken."""

    place: str
    book: CalamineWorkbook = field(repr=False)
    name: str
    hidden: bool
    look: Look = field(repr=False)
    understood: str = ""
    unit: str = "row"

    def rows(self, most: int | None = None) -> list[Row]:
        """Rows from the top; see :class:`Grid`."""
        return self._rows if most is None else self._rows[:most]

    def at(self, row: int, column: int | None = None) -> str:
        """Place of a row, or of a cell by the letters of its column."""
        from openpyxl.utils import get_column_letter

        return f"{self.place}, row {row}" + ("" if column is None else f", column {get_column_letter(column + 1)}")

    def why_empty(self, row: int, column: int) -> str:
        """What to say of a cell that is needed and has no value, which in a workbook has three reasons."""
        if (row, column) in self.look.unworked:
            return (
                f"{NEEDED}; it holds a formula without a stored value: open and save the file in a spreadsheet "
                "program, or write the value"
            )
        return f"{NEEDED} (of merged cells only the first one has a value)"

    @property
    def hidden_rows(self) -> frozenset[int]:
        """Numbers of the rows that a spreadsheet program does not show."""
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
    """Every way of reading a file as rows and columns, the likeliest first.

    Parameters
    ----------
    content : bytes
        Of a CSV file (UTF-8, UTF-16 with its mark, otherwise Windows-1252) or a workbook (XLSX, XLSB, XLS, ODS); what
        it is is seen from the bytes.
    where : str
        What a fault calls the file.

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
    """Text of a file, and its encoding where that is not UTF-8."""
    known = [(encoding, told) for mark, encoding, told in MARKS if content.startswith(mark)]
    for encoding, told in known or (("utf-8", ""), (WINDOWS, "text in Windows-1252")):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            continue
        if NUL in text:
            place = f"{where}, line {text[: text.index(NUL)].count(chr(10)) + 1}"
            words = "it must be text, and there is a NUL byte in it; save it as CSV in UTF-8"
            raise InputError([Fault(place, "(the file)", NOT_SHOWN, words)])
        return text, told
    words = "it must be text in UTF-8, UTF-16 with its mark, or Windows-1252; save it as CSV in UTF-8"
    raise InputError([Fault(f"{where}, line {line}", "(the file)", NOT_SHOWN, words)])


def _sheets(content: bytes, where: str) -> list[Grid]:
    """Sheets of a workbook."""
    with _in_words(where):
        from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

        looks = _looks(content, where) if content.startswith(ZIP) else {}
        if not looks:
            _try(content)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [
            Sheet(
                f"{where}, sheet {sheet.name!r}",
                book,
                sheet.name,
                sheet.visible != SheetVisibleEnum.Visible,
                looks.get(sheet.name, Look()),
                "" if looks else UNSEEN,
            )
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet
        ]


def _looks(content: bytes, where: str) -> Mapping[str, Look]:
    """What the parts of a sound archive say of each sheet beside its cells."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    if sum(part.file_size for part in archive.infolist()) > MOST_MEGABYTES * MEGABYTE:
        raise _too_large(where, "the workbook, unpacked,")
    if archive.testzip() is not None:  # also where a part is larger than the archive says
        raise zipfile.BadZipFile
    return looks_of(archive, where)


def _try(content: bytes) -> None:
    """Read a workbook whose size cannot be asked for first in another process: a broken one may end it."""
    subprocess.run([sys.executable, "-c", TRIAL], input=content, capture_output=True, timeout=MOST_SECONDS, check=True)


@contextmanager
def _in_words(where: str) -> Iterator[None]:
    """Say in words what the library that reads workbooks raises, and keep it from writing anything itself."""
    with _silenced():
        try:
            yield
        except (InputError, KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # where a file is broken the library may panic, which is no Exception
            words = "it cannot be read as a workbook: it is broken, has a password or is of another kind"
            advice = "save it anew as .xlsx or .ods without a password, or as CSV"
            raise InputError([Fault(where, "(the file)", NOT_SHOWN, f"{words}; {advice}")]) from None


@contextmanager
def _silenced() -> Iterator[None]:
    """Let nobody write to the error output of the process, as the library does where a file is broken."""
    try:
        kept = os.dup(2)
    except OSError:  # there is no such output
        yield
        return
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - it is no file of anybody's
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _within_limits(grid: Grid, rows: Iterable[Row]) -> list[Row]:
    """The rows, unless there are too many, or too many cells in one."""
    found: list[Row] = []
    filled = 0
    for row in rows:
        found.append(row)
        filled += bool(row.cells)
        _refuse_size(grid, filled, len(found), len(row.cells))
    return found


def _refuse_size(grid: Grid, filled: int, rows: int, columns: int) -> None:
    """Refuse more rows that hold something, rows in all, or cells in one than a table of this kind has."""
    if filled > MOST_FILLED:
        words = f"it has more than {MOST_FILLED:,} rows that hold something; delete what is not of the table"
        raise InputError([Fault(grid.at(rows), "(the table)", NOT_SHOWN, words)])
    if rows > MOST_ROWS:
        words = f"it has more than {MOST_ROWS:,} rows, most of them empty; delete those below the table"
        raise InputError([Fault(grid.at(rows), "(the table)", NOT_SHOWN, words)])
    if columns > MOST_COLUMNS:
        words = f"it has more than {MOST_COLUMNS} columns; delete those that are not needed"
        raise InputError([Fault(grid.at(rows), "(the row)", NOT_SHOWN, words)])


def _refuse_area(sheet: Sheet, rows: int, columns: int) -> None:
    """Refuse a sheet that reaches so far that its cells, most of them empty, would take too long to be read."""
    if rows * columns > MOST_CELLS:
        words = f"it reaches {rows:,} rows down and {columns:,} columns across, which is more than {MOST_CELLS:,} cells"
        advice = "delete what is below and beside the table"
        raise InputError([Fault(sheet.place, "(the table)", NOT_SHOWN, f"{words}; {advice}")])


def _too_large(where: str, what: str) -> InputError:
    words = (
        f"{what} is larger than {MOST_MEGABYTES} megabytes; save the table alone, without other sheets or empty rows"
    )
    return InputError([Fault(where, "(the file)", NOT_SHOWN, words)])


def _trimmed(cells: Iterable[str]) -> tuple[str, ...]:
    """Cells without spaces round them, up to the last one that holds something."""
    found = [cell.strip() for cell in cells]
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def _text(value: object) -> str:
    """What a cell of a workbook holds, as it would be written in a text; of a day and a time the day."""
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).upper() if isinstance(value, bool) else str(value)
