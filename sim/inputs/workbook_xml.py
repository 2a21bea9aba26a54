"""Finds in XLSX and ODS files what the workbook library does not report: hidden rows, errors, formulas without a value,
and the extent of each sheet.

The library makes room for every cell up to the last one, so the extent of a sheet is checked before it is read.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from string import ascii_uppercase
from xml.etree.ElementTree import Element, iterparse

from sim.base.bounds import MOST_ROWS, MOST_SHEETS
from sim.base.faults import NOT_SHOWN, Fault, InputError

WORKBOOK, RELATIONS, CONTENT = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "content.xml"
"""Parts of an archive: the first two in XLSX (plain or strict), the last in ODS."""
UNSHOWN = ("filter", "collapse")
"""Values with which ODS marks a hidden row."""


@dataclass(slots=True)
class SheetFacts:
    """Holds facts about a sheet besides its cells; rows count from 1, columns from 0.

    Attributes
    ----------
    filled, rows, columns : int
        Number of rows with content; the last row, and the number of columns, that have a value, even an empty one.
    hidden : frozenset of int
        Rows hidden by a filter or by hand.
    errors : dict of (int, int) to str
        Cells that show an error, and the error.
    unworked : set of (int, int)
        Cells that have a formula without a stored value.
    """

    filled: int = 0
    rows: int = 0
    columns: int = 0
    hidden: frozenset[int] = frozenset()
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    unworked: set[tuple[int, int]] = field(default_factory=set)

    def fill(self, row: int, columns: int, times: int = 1) -> None:
        """Count a row, or ``times`` equal rows ending with it, that extends to a column; 0 times if its cells are
        empty.
        """
        self.filled, self.rows, self.columns = self.filled + times, max(self.rows, row), max(self.columns, columns)


def looks_of(archive: zipfile.ZipFile, where: str) -> Mapping[str, SheetFacts]:
    """Return the facts about each sheet, by name; none for XLSB, whose parts are not XML.

    Raises
    ------
    InputError
        If it has too many sheets.
    """
    parts = set(archive.namelist())
    sheets = _of_xlsx(archive) if WORKBOOK in parts else _of_ods(archive) if CONTENT in parts else iter(())
    found = list(islice(sheets, MOST_SHEETS + 1))
    if len(found) > MOST_SHEETS:
        words = f"it has more than {MOST_SHEETS} sheets; save only the one with the table"
        raise InputError([Fault(where, "(the file)", NOT_SHOWN, words)])
    return dict(found)


def _of_xlsx(archive: zipfile.ZipFile) -> Iterator[tuple[str, SheetFacts]]:
    targets = {
        each.get("Id"): each.get("Target", "") for each in _elements(archive, RELATIONS) if _is(each, "Relationship")
    }
    for each in _elements(archive, WORKBOOK):
        if _is(each, "sheet"):
            target = targets.get(next((value for key, value in each.items() if key.endswith("}id")), None), "")
            part = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
            if part in archive.namelist():
                yield each.get("name", ""), _of_sheet(archive, part)


def _of_sheet(archive: zipfile.ZipFile, part: str) -> SheetFacts:
    look, number = SheetFacts(), 0
    hidden: set[int] = set()
    for row in _elements(archive, part):
        if not _is(row, "row"):
            continue
        number, column, last, held = int(row.get("r", number + 1)), -1, -1, False
        if row.get("hidden") in ("1", "true"):
            hidden.add(number)
        for cell in row:
            column = _column(cell.get("r", "")) if cell.get("r") else column + 1
            inside = {_name(each): each.text or "" for each in cell}
            if cell.get("t") == "e":
                look.errors[number, column] = inside.get("v", "")
            elif "f" in inside and not inside.get("v"):
                look.unworked.add((number, column))
            last = max(last, column) if inside.keys() & {"v", "is"} else last
            held = held or bool(inside.get("v")) or "is" in inside
        if last >= 0:
            look.fill(number, last + 1, times=int(held))
        row.clear()
    look.hidden = frozenset(hidden)
    return look


def _of_ods(archive: zipfile.ZipFile) -> Iterator[tuple[str, SheetFacts]]:
    look, number = SheetFacts(), 0
    for each in _elements(archive, CONTENT):
        if _is(each, "table"):
            yield _get(each, "name"), look
            look, number = SheetFacts(), 0
        elif _is(each, "table-row"):
            times = int(_get(each, "number-rows-repeated") or 1)
            number += times
            columns = last = 0
            for cell in each:
                columns += int(_get(cell, "number-columns-repeated") or 1)
                last = columns if len(cell) or _get(cell, "value-type") else last
            if last:
                look.fill(number, last, times)
                if _get(each, "visibility") in UNSHOWN and number <= MOST_ROWS:  # sheets with more rows are refused
                    look.hidden |= set(range(number - times + 1, number + 1))
            each.clear()


def _elements(archive: zipfile.ZipFile, part: str) -> Iterator[Element]:
    with archive.open(part) as stream:
        for _, element in iterparse(stream):
            yield element


def _name(element: Element) -> str:
    """Return the name of an element without its namespace, since strict workbooks use another one."""
    return element.tag.rpartition("}")[2]


def _is(element: Element, name: str) -> bool:
    return _name(element) == name


def _get(element: Element, name: str) -> str:
    """Return an attribute by its name, whatever its namespace."""
    return next((value for key, value in element.items() if key.rpartition("}")[2] == name), "")


def _column(reference: str) -> int:
    """Return the column number, from 0, of a cell such as ``AB12``."""
    column = 0
    for letter in reference.upper():
        if letter in ascii_uppercase:
            column = column * len(ascii_uppercase) + ascii_uppercase.index(letter) + 1
    return column - 1
