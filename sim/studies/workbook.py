"""Write workbooks for a spreadsheet program, with real dates and numbers, a frozen head and no formulas.

The same content gives the same file, byte for byte. :mod:`sim.report.workbook` lays out the workbook of a study;
:func:`write_workbook` writes a single table.
"""

from __future__ import annotations

import datetime
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from sim.base.versions import program_version

if TYPE_CHECKING:
    import pandas as pd

MISSING, NOT_APPLICABLE = "[x]", "[z]"
"""Shorthand for a figure that is not available, and for a cell that does not apply."""
DATE_FORMAT = "dd/mm/yyyy"
WIDEST, NARROWEST, ROOM = 50, 10, 2
"""Widths of a column in letters, and room beside its longest cell."""
PER_WIDTH, PER_WIDTH_BOLD = 1.12, 1.0
"""Letters of plain and of bold text that a column holds for each letter of its width."""
LINE, TALLEST = 14.5, 400.0
"""Height of a line of text, and of the tallest row that a program shows, in points."""
BUTTON = "--"
"""Text as wide as the filter button in a head."""
LONGEST_CELL = 32_767
"""Most letters in a cell."""
CUT = " ... (cut here; the folder of the study has the whole text)"
CREATED = datetime.datetime(1980, 1, 1)
"""Time written into the file, so that the same content gives the same file."""
AUTHOR = "inspectorate-workload-simulation"
LANGUAGE = "en-GB"


@dataclass(frozen=True)
class Number:
    """Hold a number and its format."""

    value: float
    form: str = "General"


Cell: TypeAlias = str | Number | bool | datetime.date | None


@dataclass
class Book:
    """Hold a workbook being written, and its formats so far."""

    file: Any
    formats: dict[tuple[tuple[str, object], ...], Any] = field(default_factory=dict)

    def format(self, **properties: object) -> Any:
        """Return the format with these properties, the same one each time."""
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.file.add_format(
                {"font_name": "Arial", "font_size": 11, "valign": "top"} | properties
            )
        return self.formats[key]


@contextmanager
def opened(file: Path | IO[bytes], title: str) -> Iterator[Book]:
    """Open a workbook and write it when the block ends; its properties name the program and no person.

    Parameters
    ----------
    file : pathlib.Path or binary file
        Place of the workbook.
    title : str
        Title in its properties.
    """
    from xlsxwriter import Workbook

    never = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    book = Workbook(file if not isinstance(file, Path) else str(file), {"in_memory": True, **never})
    book.set_properties({"title": title, "author": f"{AUTHOR} {program_version()}", "created": CREATED})
    book.set_custom_property("Language", LANGUAGE)
    yield Book(book)
    book.close()


def write_table(
    book: Book, sheet: Any, top: int, head: Sequence[str], rows: Sequence[Sequence[Cell]], name: str
) -> None:
    """Write rows and their head as an Excel table from the first column, with fitting widths and a frozen head.

    Parameters
    ----------
    book : Book
        The workbook.
    sheet : xlsxwriter.worksheet.Worksheet
        Sheet of the workbook.
    top : int
        Row of the head, from 0.
    head : sequence of str
        Name of each column, without duplicates.
    rows : sequence of sequence
        Cells; a missing cell stays empty. There must be at least one row.
    name : str
        Name of the table: letters, digits and underscores, unique in the workbook.
    """
    sides = ["right" if _of_figures([row[place] for row in rows]) else "left" for place in range(len(head))]
    of_head = [
        book.format(bold=True, text_wrap=True, bottom=1, align=side, indent=int(side == "left" and place > 0))
        for place, side in enumerate(sides)
    ]
    sheet.add_table(
        top,
        0,
        top + len(rows),
        len(head) - 1,
        {
            "name": name,
            "style": "Table Style Light 1",
            "banded_rows": False,
            "columns": [{"header": text, "header_format": style} for text, style in zip(head, of_head, strict=True)],
        },
    )
    widths = []
    for place, text in enumerate(head):
        longest = max([longest_word(text), *(length_of(row[place]) + ROOM for row in rows)])
        widths.append(min(WIDEST, max(NARROWEST, longest)))
        sheet.set_column(place, place, widths[-1])
    sheet.set_row(top, height([f"{text} {BUTTON}" for text in head], widths, bold=True))
    for line, row in enumerate(rows, start=top + 1):
        sheet.set_row(line, height([each if isinstance(each, str) else "" for each in row], widths))
        for place, cell in enumerate(row):
            write_cell(book, sheet, line, place, cell, sides[place])
    sheet.freeze_panes(top + 1, 0)


def _of_figures(cells: Sequence[Cell]) -> bool:
    """Return whether most cells of a column that are not missing hold numbers."""
    there = [isinstance(cell, Number) for cell in cells if cell is not None and cell not in (MISSING, NOT_APPLICABLE)]
    return sum(there) > len(there) / 2


def height(texts: Sequence[str], widths: Sequence[float], bold: bool = False) -> float:
    """Return the height of a row in points, with its texts folded to widths in letters."""
    lines = [
        len(textwrap.wrap(text, max(1, int(width * (PER_WIDTH_BOLD if bold else PER_WIDTH)))))
        for text, width in zip(texts, widths, strict=True)
    ]
    return min(TALLEST, LINE * max(1, *lines))


def write_cell(book: Book, sheet: Any, row: int, place: int, cell: Cell, side: str = "left") -> None:
    """Write a cell with its own type; a text is never a formula, a link or a number."""
    if isinstance(cell, str) and cell:
        align = side if cell in (MISSING, NOT_APPLICABLE) else "left"
        sheet.write_string(row, place, fitted(cell), book.format(text_wrap=True, align=align, indent=int(place > 0)))
    elif isinstance(cell, Number):
        sheet.write_number(row, place, cell.value, book.format(num_format=cell.form))
    elif isinstance(cell, bool):
        sheet.write_boolean(row, place, cell, book.format(align="left", indent=int(place > 0)))
    elif isinstance(cell, datetime.date):
        sheet.write_datetime(row, place, cell, book.format(num_format=DATE_FORMAT, align="left", indent=int(place > 0)))


def fitted(text: str) -> str:
    """Return a text that fits into a cell; if it is too long, cut it and say so."""
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - len(CUT)] + CUT


def length_of(cell: Cell) -> int:
    """Return the number of letters that a cell needs on one line."""
    if isinstance(cell, datetime.date):
        return len(DATE_FORMAT)
    if isinstance(cell, Number):
        return max(len(f"{cell.value:,.0f}") + 3, NARROWEST - ROOM)
    return max(map(len, str(cell).splitlines()), default=0) if cell is not None else 0


@cache
def longest_word(text: str) -> int:
    """Return the letters of the longest word, with room for the filter button."""
    return max(map(len, text.split()), default=0) + ROOM + len(BUTTON)


def write_workbook(path: Path, table: pd.DataFrame, title: str) -> None:
    """Write a table as an XLSX workbook with one sheet; the same table gives the same bytes.

    Parameters
    ----------
    path : pathlib.Path
        Path of the workbook.
    table : pandas.DataFrame
        Table with at least one row. Dates are written as dates, and missing values as empty cells. A text is never a
        formula.
    title : str
        Name of the sheet.
    """
    rows = [list(map(cell_of, row)) for row in table.itertuples(index=False)]
    with opened(path, title) as book:
        write_table(book, book.file.add_worksheet(title), 0, list(map(str, table.columns)), rows, title)


def cell_of(value: Any) -> Cell:
    """Return a value of a table as a cell; not-a-number is missing."""
    if value is None or value != value:  # noqa: PLR0124 - not a number
        return None
    if isinstance(value, str | bool):
        return value
    if isinstance(value, datetime.date):
        return value.date() if isinstance(value, datetime.datetime) else value
    return Number(float(value))
