"""Reads the user's CSV files row by row, and reports what is wrong with them by line and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sim.base.faults import NOT_SHOWN, Fault, InputError, nearest

SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
"""Separators that spreadsheets in some countries use instead of commas."""


class CsvRow(NamedTuple):
    """Holds one row: its place, its line, and its cells by column, without surrounding spaces."""

    place: str
    line: int
    cells: dict[str, str]


def rows(
    text: str, where: str, required: Sequence[str], optional: Sequence[str], faults: list[Fault]
) -> Iterator[CsvRow]:
    """Yield the rows of a CSV text that have as many cells as its header; skip empty ones.

    Parameters
    ----------
    text : str
        The table, with a header.
    where : str
        Name of the table in faults.
    required, optional : sequence of str
        Columns that it must have, and may have.
    faults : list of Fault
        Receives what is wrong with a row: cells beyond the last column, or an empty required cell.

    Raises
    ------
    InputError
        If the header is wrong or the text is not CSV.
    """
    reader = csv.DictReader(io.StringIO(text), restkey="(beyond the last column)", strict=True)
    try:
        header = [name.strip() for name in reader.fieldnames or ()]
        reader.fieldnames = header
        wrong = _header_faults(header, f"{where}, line 1", required, optional)
        if wrong:
            raise InputError(wrong)
        for row in reader:
            place = f"{where}, line {reader.line_num}"
            cells = {key: (value or "").strip() for key, value in row.items() if isinstance(value, str | None)}
            if len(row) > len(header):
                words = f"a row has {len(header)} cells, but this one has more"
                faults.append(Fault(place, "(the row)", ",".join(header), words))
            elif any(cells.values()):
                faults += [Fault(place, name, None, "this cell is needed") for name in required if not cells[name]]
                yield CsvRow(place, reader.line_num, cells)
    except csv.Error as error:
        place = f"{where}, line {reader.line_num}"
        raise InputError([Fault(place, "(the row)", NOT_SHOWN, f"it is not CSV: {error}")]) from None


def _header_faults(header: list[str], place: str, required: Sequence[str], optional: Sequence[str]) -> list[Fault]:
    known = (*required, *optional)
    if not header:
        words = f"it is empty; its first line must name the columns {', '.join(required or known)}"
        return [Fault(place, "(the table)", NOT_SHOWN, words)]
    if len(header) == 1 and (found := [name for sign, name in SEPARATORS.items() if sign in header[0]]):
        words = f"{found[0]} separate the cells instead of commas; save it as CSV with commas"
        return [Fault(place, "(the header)", header[0], words)]
    faults = [Fault(place, name, None, "this column is needed") for name in required if name not in header]
    faults += [Fault(place, "(column)", name, nearest(name, known)) for name in header if name not in known]
    faults += [
        Fault(place, "(column)", name, "a column may appear once")
        for name in sorted(set(header))
        if header.count(name) > 1
    ]
    return faults
