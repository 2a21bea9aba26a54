"""Write the workbook of a study as an XLSX file that follows the UK government's guidance on accessibility.

A sheet has its title in A1. Below it are what the sheet holds, a link to the contents, its table (marked up as a table)
and its charts. The charts are the spreadsheet program's own, and each has a text alternative.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from sim.charts.drawing import BLUE, GREY, LILAC, ORANGE, PLUM, TEAL
from sim.report.book import CONTENTS, NOTES, Book, Text
from sim.report.place import beside, no_place, refuse
from sim.report.sheets import Chart, Row, Sheet
from sim.studies.workbook import Book as File
from sim.studies.workbook import Number, fitted, height, opened, write_table

COLOURS = (BLUE, TEAL, PLUM, ORANGE, GREY, LILAC, BLUE, TEAL)
PATTERNS = (
    None,
    "wide_upward_diagonal",
    "percent_20",
    "dark_horizontal",
    "large_grid",
    "wide_downward_diagonal",
    "percent_60",
    "light_vertical",
)
"""Patterns that separate stacked parts without colour."""
MARKERS = ("circle", "square", "diamond", "triangle", "x", "plus", "star", "short_dash")
DASHES = ("solid", "dash", "round_dot", "long_dash", "dash_dot", "square_dot", "long_dash_dot", "long_dash_dot_dot")
"""Dashes that separate lines without colour."""
KINDS: dict[str, dict[str, str]] = {
    "column": {"type": "column"},
    "stacked": {"type": "column", "subtype": "stacked"},
    "line": {"type": "line"},
    "points": {"type": "scatter"},
}
CALLED = {
    "column": "Columns",
    "stacked": "Stacked columns",
    "line": "Lines with markers",
    "points": "Dots",
}
CHART_WIDTH, CHART_HEIGHT = 920, 400
"""Size of a chart in pixels."""
ROW_HEIGHT = 20
"""Height of a row with one line, in pixels."""
TEXT_WIDTH = 100
"""Letters in a line of text."""
A4 = 9
ON_ONE_PAGE = 40
"""Most rows of a table that is printed on one page with its charts."""


def bytes_of(book: Book) -> bytes:
    """Return the workbook as a file; the same book gives the same bytes."""
    content = io.BytesIO()
    with opened(content, book.title) as file:
        for each in book.sheets:
            sheet = file.file.add_worksheet(each.name)
            if isinstance(each, Text):
                _write_text(file, sheet, each)
            else:
                _write_sheet(file, sheet, each)
    return content.getvalue()


ENDING = ".xlsx"
"""Ending of the name of a workbook."""


def place_of(folder: Path, out: Path | None, overwrite: bool) -> Path:
    """Return where the workbook goes: the place asked for, or beside the folder of the study.

    Raises
    ------
    InputError
        If the place cannot be a workbook, or holds something that must not be replaced.
    """
    place = beside(folder, ENDING) if out is None else out
    words = no_place(place, "workbook.xlsx", [ENDING])
    if not words and place.exists() and not overwrite:
        words = "the file already exists; replace it with `overwrite=True`, or give another name"
    refuse(place, words)
    return place


def _write_text(file: File, sheet: Any, text: Text) -> None:
    sheet.set_column(0, 0, TEXT_WIDTH)
    _title(file, sheet, text.title)
    row = 1
    sheet.write_string(row, 0, "This worksheet contains no table.", file.format(text_wrap=True))
    row += 1
    _link(file, sheet, row, CONTENTS, "Contents of this workbook")
    row += 1
    for head, paragraphs in text.parts:
        sheet.write_string(row, 0, head, file.format(bold=True, font_size=13))
        row += 1
        for paragraph in paragraphs:
            sheet.set_row(row, height([paragraph], [TEXT_WIDTH]))
            sheet.write_string(row, 0, fitted(paragraph), file.format(text_wrap=True))
            row += 1
    _page(sheet)


def _write_sheet(file: File, sheet: Any, told: Sheet) -> None:
    _title(file, sheet, told.title)
    lines = [_contains(told), *told.lines]
    if told.shorthand and told.name != NOTES:
        lines.append(f"The sheet {NOTES} explains the shorthand in the cells ({', '.join(told.shorthand)}).")
    for row, line in enumerate(lines, start=1):
        sheet.write_string(row, 0, fitted(line), file.format())
    top = 1 + len(lines)
    if told.name != CONTENTS:
        _link(file, sheet, top, CONTENTS, "Contents of this workbook")
        top += 1
    if told.rows:
        name = "Table_" + re.sub(r"\W+", "_", told.name)
        write_table(file, sheet, top, told.head, told.rows, name)
        for row, target in enumerate(told.links, start=top + 1):
            _link(file, sheet, row, target, target)
        sheet.repeat_rows(top)
    below = top + len(told.rows) + 2
    for number, chart in enumerate(told.charts):
        drawn = _drawn(file, told, chart, top + 1)
        sheet.insert_chart(
            below + number * (CHART_HEIGHT // ROW_HEIGHT + 2), 0, drawn,
            {"description": alternative(chart, told.rows), "object_position": 3},
        )  # fmt: skip
    _page(sheet)
    if told.charts and len(told.rows) <= ON_ONE_PAGE:
        sheet.fit_to_pages(1, 1)


def _title(file: File, sheet: Any, title: str) -> None:
    sheet.write_string(0, 0, fitted(title), file.format(bold=True, font_size=15))


def _contains(told: Sheet) -> str:
    tables = "one table" if told.rows else "no table"
    number = len(told.charts)
    charts = f" and {'one chart' if number == 1 else f'{number} charts'}, below the table" if number else ""
    return f"This worksheet contains {tables}{charts}."


def _link(file: File, sheet: Any, row: int, target: str, text: str) -> None:
    sheet.write_url(row, 0, f"internal:'{target}'!A1", file.format(font_color=BLUE, underline=1), text)


def _page(sheet: Any) -> None:
    """Set how the sheet prints: as wide as a page, with its name and page number at the foot."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&RPage &P of &N")


def _drawn(file: File, told: Sheet, chart: Chart, top: int) -> Any:
    """Return a chart of the figures of the table that begins in a row."""
    drawn = file.file.add_chart(KINDS[chart.kind])
    first, last = top + chart.first, top + chart.last
    for number, series in enumerate(chart.series):
        colour = COLOURS[number % len(COLOURS)]
        own: dict[str, Any] = {
            "name": series.name,
            "categories": [told.name, first, chart.across, last, chart.across],
            "values": [told.name, first, series.column, last, series.column],
        }
        if chart.kind in ("column", "stacked"):
            pattern = PATTERNS[number % len(PATTERNS)]
            filled = {"fill": {"color": colour}} if pattern is None else {
                "pattern": {"pattern": pattern, "fg_color": colour, "bg_color": "white"}
            }  # fmt: skip
            own |= {"border": {"color": colour}, "gap": 60, **filled}
        else:
            marker = {
                "type": MARKERS[number % len(MARKERS)],
                "size": 7,
                "border": {"color": colour},
                "fill": {"color": colour},
            }
            dash = {"color": colour, "width": 2, "dash_type": DASHES[number % len(DASHES)]}
            own |= {"line": {"none": True} if chart.kind == "points" else dash, "marker": marker}
        drawn.add_series(own)
    plain = {"name": "Arial", "size": 10, "bold": False, "color": GREY}
    drawn.set_title({"name": chart.title, "name_font": plain | {"size": 13, "bold": True}, "overlay": False})
    drawn.set_x_axis({"name": chart.x, "name_font": plain, "num_font": plain, **_span(told, chart)})
    y_axis: dict[str, Any] = {
        "name": chart.y,
        "name_font": plain,
        "num_font": plain,
        "num_format": chart.form,
        "min": 0,
    }
    if chart.of_a_whole:
        y_axis["max"] = 1
    drawn.set_y_axis(y_axis | {"major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}})
    drawn.set_legend({"none": True} if len(chart.series) == 1 else {"position": "bottom", "font": plain})
    drawn.set_size({"width": CHART_WIDTH, "height": CHART_HEIGHT})
    return drawn


def _span(told: Sheet, chart: Chart) -> dict[str, float]:
    """Return the ends of an axis of numbers, which would otherwise begin at zero."""
    if chart.kind != "points":
        return {}
    levels = [number for number, _ in _points(chart, told.rows, chart.across)]
    return {"min": min(levels), "max": max(levels)} if min(levels) < max(levels) else {}


def _points(chart: Chart, rows: tuple[Row, ...], column: int) -> list[tuple[float, str]]:
    """Return the figures of a column in the rows of a chart, each with its position on the axis."""
    shown = rows[chart.first : chart.last + 1]
    return [
        (cell.value, f"{along.value:g}" if isinstance(along, Number) else str(along))
        for row in shown
        for cell, along in [(row[column], row[chart.across])]
        if isinstance(cell, Number)
    ]


def alternative(chart: Chart, rows: tuple[Row, ...]) -> str:
    """Return the text alternative of a chart: what it shows, its highest and lowest figures, and where all are."""
    lead = chart.series[0]
    points = _points(chart, rows, lead.column)
    (high, at), (low, there) = max(points, key=lambda each: each[0]), min(points, key=lambda each: each[0])
    names = "; ".join(each.name for each in chart.series)
    figures = [f"{each:.0%}" if "%" in chart.form else f"{each:.1f}" for each in (high, low)]
    return (
        f"{chart.title}. {CALLED[chart.kind]} by {chart.x.lower()}, from {points[0][1]} to {points[-1][1]}: {names}. "
        f"{lead.name} is highest at {at} ({figures[0]}) and lowest at {there} ({figures[1]}). All figures are in the "
        "table above it."
    )
