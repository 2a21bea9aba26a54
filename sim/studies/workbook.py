"""A table as a workbook that a spreadsheet program shows well: real dates, a head that stays, columns wide enough."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

DATE_FORMAT = "dd/mm/yyyy"
WIDEST, NARROWEST, ROOM = 60, 8, 2
"""Letters of a column, and room beside its longest cell."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time that is written into the file, so that the same table is the same file."""


def write_workbook(path: Path, table: pd.DataFrame, title: str) -> None:
    """Write a table as an XLSX workbook of one sheet; the same table gives the same bytes.

    Parameters
    ----------
    path : pathlib.Path
        Of the workbook.
    table : pandas.DataFrame
        Its rows; dates are written as dates, missing values as empty cells. A text is never a formula.
    title : str
        Name of the sheet.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for place, name in enumerate(table.columns, start=1):
        sheet.cell(1, place, name).font = Font(bold=True)
        longest = len(str(name))
        for number, value in enumerate(table[name], start=2):
            if value is None or value == "" or value != value:  # noqa: PLR0124 - not a number
                continue
            cell = sheet.cell(number, place, value)
            if isinstance(value, datetime.date):
                cell.number_format = DATE_FORMAT
            elif isinstance(value, str):
                cell.data_type = "s"
            longest = max(longest, len(DATE_FORMAT) if isinstance(value, datetime.date) else len(str(value)))
        sheet.column_dimensions[get_column_letter(place)].width = min(WIDEST, max(NARROWEST, longest + ROOM))
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    content = io.BytesIO()
    book.save(content)
    _write_without_times(content, path)


def _write_without_times(content: io.BytesIO, path: Path) -> None:
    """Write a workbook again without the times at which it was made."""
    with zipfile.ZipFile(content) as made, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as written:
        for part in made.infolist():
            text = made.read(part)
            if part.filename == "docProps/core.xml":
                text = re.sub(rb"(<dcterms:\w+[^>]*>)[^<]*(</dcterms)", rb"\g<1>1980-01-01T00:00:00Z\g<2>", text)
            written.writestr(zipfile.ZipInfo(part.filename, EPOCH), text, zipfile.ZIP_DEFLATED)
