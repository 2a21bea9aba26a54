"""A user's own table of authorities is read in the words and the layout that it has, or refused in plain words."""

from __future__ import annotations

import csv
import datetime
import io
import os
import random
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from sim.base.bounds import MOST_CELLS, MOST_COLUMNS, MOST_FILLED, MOST_ROWS, MOST_SHEETS
from sim.base.faults import InputError
from sim.base.package_data import SAMPLES, tables_by_name
from sim.cli.main import main
from sim.inputs.authorities import ExpectedRows
from sim.inputs.authority_tables import AuthorityTable, TableSource, parse_table
from sim.inputs.headings import MOST_ABOVE
from sim.inputs.scenario import Scenario, load
from sim.inputs.spellings import day_of, meant
from tests.workbooks import ods

Rows = list[list[Any]]
HEAD = ["authority", "region", "judgement", "inspected_on"]
EIGHT = load("ilacs_launch").workforce.regions
PLAIN: Rows = [
    HEAD,
    ["Dunmormere", "East Midlands", "requires_improvement", "2014-10-03"],
    ["Ambercombe", "North East, Yorkshire and Humber", "good", "2015-03-13"],
    ["Bramshire", "North East, Yorkshire and Humber", "outstanding", "2014-05-23"],
    ["Fallowwick", "East of England", "inadequate", "2016-11-04"],
    ["Gorseford", "London", "good", "2016-12-09"],
    ["Hazelstow", "South East", "requires_improvement", "2015-12-04"],
]
OF_PYTHON = (
    "Traceback",
    "Error",
    "dictionary",
    "tuple",
    "instance of",
    "NoneType",
    "pydantic",
    "datetime.",
    "openpyxl",
)
SECONDS = 20
"""In which a command ends on a busy machine; a hang takes for ever."""


def text_of(rows: Rows, sign: str = ",") -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=sign, lineterminator="\n").writerows(rows)
    return written.getvalue()


def book_of(rows: Rows, change: Callable[[Workbook], None] = lambda _: None) -> bytes:
    """A workbook whose one sheet, LAs, holds the rows; texts that are ISO dates are cells of the type date."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "LAs"
    for row in rows:
        sheet.append([day(cell) if place == 3 else cell for place, cell in enumerate(row)])
    change(book)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def day(cell: object) -> object:
    try:
        return datetime.date.fromisoformat(str(cell))
    except ValueError:
        return cell


def read(content: bytes | str, file: str = "mine.csv", sheet: str = "", **columns: str) -> AuthorityTable:
    source = TableSource.model_validate({"file": file, "sheet": sheet, "columns": columns})
    return parse_table(content.encode() if isinstance(content, str) else content, source, ExpectedRows(EIGHT))


def refusal(content: bytes | str, file: str = "mine.csv", sheet: str = "", **columns: str) -> str:
    with pytest.raises(InputError) as refused:
        read(content, file, sheet, **columns)
    return str(refused.value)


def with_cell(column: str, value: object, row: int = 1) -> Rows:
    rows = [list(each) for each in PLAIN]
    rows[row][HEAD.index(column)] = value
    return rows


def changed_inside(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with one part of its archive changed."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry.filename)
            new.writestr(entry.filename, change(data) if entry.filename == part else data)
    return written.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
AS_PLAIN = read(text_of(PLAIN)).authorities
IN_ORDER = tuple(sorted(AS_PLAIN, key=lambda row: row.authority))
"""As a scenario has them, whatever the order of the table."""


# ---- what is read --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value", "plain"),
    [
        *(("judgement", text, "requires_improvement") for text in (
            "RI", "ri", "Requires improvement", "Requires Improvement to be good", "requires-improvement", "3",
            "Requires improvement\u00a0to be good", "  Requires  improvement ",
        )),
        *(("judgement", text, word) for text, word in (("1", "outstanding"), ("Good", "good"), ("4", "inadequate"))),
        *(("region", text, "North East, Yorkshire and Humber") for text in (
            "North East", "Yorkshire and The Humber", "Yorkshire & Humber", "North East, Yorkshire & the Humber",
        )),
        *(("region", text, word) for text, word in (
            ("east midlands", "East Midlands"), ("Eastern", "East of England"),
        )),
        *(("inspected_on", text, datetime.date(2018, 1, 31)) for text in (
            "2018-01-31", "31/01/2018", "31.1.2018", "31-01-2018", "31 January 2018", "31-Jan-18", "31st Jan 2018",
            "2018-01-31 00:00:00", "31/01/2018 00:00",
        )),
    ],
)  # fmt: skip
def test_a_common_spelling_means_the_models_own_word(column: str, value: str, plain: object) -> None:
    assert getattr(read(text_of(with_cell(column, value))).authorities[0], column) == plain


@pytest.mark.parametrize("size", ["small", "Small", "S"])
def test_a_size_may_be_a_letter(size: str) -> None:
    rows = [[*row, "size" if row is PLAIN[0] else size] for row in PLAIN]
    assert {row.size for row in read(text_of(rows)).authorities} == {"small"}


DAYS = st.dates(datetime.date(2000, 1, 1), datetime.date(2049, 12, 31))
SPELLED_DAYS: tuple[Callable[[datetime.date], str], ...] = (
    datetime.date.isoformat,
    lambda day: f"{day:%d/%m/%Y}",
    lambda day: f"{day.day}.{day.month}.{day.year}",
    lambda day: f"{day.day} {day:%B %Y}",
    lambda day: f"{day:%d-%b-%y}",
    lambda day: f"{day.day} {day:%b} {day.year}",
)


@given(DAYS, st.sampled_from(SPELLED_DAYS))
def test_a_day_is_read_back_however_it_is_spelled(day: datetime.date, spell: Callable[[datetime.date], str]) -> None:
    assert day_of(spell(day)) == day


@given(st.text(max_size=30))
def test_any_text_is_a_day_or_is_refused_in_words(text: str) -> None:
    found = day_of(text)
    assert isinstance(found, datetime.date) or "day first" in found


@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_a_text_is_read_in_the_encodings_that_spreadsheet_programs_write(sign: str, encoding: str, ends: str) -> None:
    rows = with_cell("authority", "Ünder Wëir \u2013 €")
    table = read(text_of(rows, sign).replace("\n", ends).encode(encoding))
    assert table.authorities[0].authority == "Ünder Wëir \u2013 €"
    assert table.authorities[1:] == AS_PLAIN[1:]
    assert ("Windows-1252" in " ".join(table.understood)) == (encoding == "cp1252")


def test_a_workbook_is_read_as_the_text_of_the_same_rows() -> None:
    assert read(book_of(PLAIN), "mine.xlsx").authorities == AS_PLAIN


def test_days_since_1904_are_the_days_that_the_workbook_shows() -> None:
    def since_1904(book: Workbook) -> None:
        book.epoch = CALENDAR_MAC_1904

    assert read(book_of(PLAIN, since_1904), "mine.xlsx").authorities == AS_PLAIN


def test_the_samples_in_a_published_layout_are_one_table() -> None:
    one, other = (read(tables_by_name()[name], name) for name in SAMPLES)
    assert one.authorities == other.authorities
    assert len(one.authorities) == 24
    assert {row.judgement for row in one.authorities} == {"outstanding", "good", "requires_improvement", "inadequate"}
    assert {row.region for row in one.authorities} == set(EIGHT)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_may_be_named_in_a_scenario(name: str) -> None:
    assert len(load("ilacs_launch", {"authorities": name}).authorities) == 24


def test_titles_blank_rows_and_notes_below_are_passed_over_and_told() -> None:
    rows = [["Table 4"], [], ["as at", "31 January"], *PLAIN[:3], [], [], *PLAIN[3:], [], ["1. A note."], ["Source."]]
    for content, file, unit in ((text_of(rows), "mine.csv", "line"), (book_of(rows), "mine.xlsx", "row")):
        table = read(content, file)
        assert table.authorities == AS_PLAIN
        assert f"left out: 2 {unit}s with notes below the table ({unit}s 14 and 15)" in table.understood


def test_an_authority_above_the_headings_is_refused_not_passed_over() -> None:
    message = refusal(text_of([PLAIN[1], *PLAIN[:1], *PLAIN[2:]]))
    assert message.startswith(
        "mine.csv, line 1: (the row): it looks like an authority, but the headings come later, in line 2"
    )


def test_a_row_of_one_cell_inside_the_table_is_refused_not_passed_over() -> None:
    message = refusal(text_of([*PLAIN[:3], [], ["Elderholt"], *PLAIN[3:]]))
    assert message.count("mine.csv, line 5") == 3


def test_what_was_understood_gives_rows_mix_oldest_judgement_and_regions_and_no_name() -> None:
    rows = [[*row, "x"] for row in with_cell("judgement", "RI")]
    rows[0][4] = "Web link"
    text = " ".join(read(text_of(rows, ";")).understood)
    for words in ("6 authorities", "good 2", "requires_improvement 2", "2014-05-23", "London 1", "not used: 'Web link'",
                  "'RI' as requires_improvement (1)", "semicolons"):  # fmt: skip
        assert words in text
    assert [row[0] for row in PLAIN[1:] if row[0] in text] == []


def test_the_dates_that_were_read_day_first_are_told_with_an_example() -> None:
    text = " ".join(read(text_of(with_cell("inspected_on", "05/06/2016"))).understood)
    assert "dates not written year-month-day: 1; '05/06/2016', for example, means 2016-06-05" in text


def test_a_region_of_the_scenarios_own_comes_before_the_one_that_it_is_put_together_with() -> None:
    assert meant("regions", "Yorkshire and The Humber", ("Yorkshire & the Humber", *EIGHT)) == "Yorkshire & the Humber"


# ---- which column is which -----------------------------------------------------------------------------------------


NAMED = ["Name in full", "Area", "Outcome", "Seen"]


def test_headings_may_be_named_in_the_scenario_or_by_a_flag(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.csv").write_text(text_of([NAMED, *PLAIN[1:]]), encoding="utf-8")
    pairs = list(zip(HEAD, NAMED, strict=True))
    columns = ", ".join(f'{column} = "{heading}"' for column, heading in pairs)
    own = f'extends = "ilacs_launch"\nauthorities = {{ file = "mine.csv", columns = {{ {columns} }} }}\n'
    Path("mine.toml").write_text(own, encoding="utf-8")
    assert load("mine.toml").authorities == IN_ORDER
    flags = [flag for column, heading in pairs for flag in ("--column", f"{column}={heading}")]
    assert main(["check", "mine.csv", *flags]) == 0
    assert "judgement from 'Outcome'" in capsys.readouterr().out
    assert main(["check", "mine.toml"]) == 0
    assert "judgement from 'Outcome'" in capsys.readouterr().out
    Path("other.csv").write_text(text_of([["Finding" if cell == "judgement" else cell for cell in HEAD], *PLAIN[1:]]))
    assert main(["check", "other.csv"]) == 2
    assert '(--column judgement="its heading")' in capsys.readouterr().err


def test_the_headings_are_the_first_row_that_has_all_that_are_needed() -> None:
    rows = [["authority", "region"], HEAD, *PLAIN[1:]]
    assert read(text_of(rows)).authorities == AS_PLAIN
    far = [["title"]] * MOST_ABOVE + PLAIN
    assert f"none of its first {MOST_ABOVE} rows names the columns authority, region" in refusal(text_of(far))


ASKED: dict[str, tuple[list[str], tuple[str, ...]]] = {
    "a size that is nearly one": (
        [*HEAD, "siz"],
        ("line 1: (column): found 'siz'", "does it mean 'size'?", 'size = ""'),
    ),
    "a size among other words": ([*HEAD, "LA size band"], ("found 'LA size band'", "does it mean 'size'?")),
    "a judgement of something": (
        ["authority", "region", "judgment of", "inspected_on"],
        ("line 1: judgement: found nothing", "did you mean 'judgment of'", 'columns = { judgement = "judgment of" }'),
    ),
    "two judgements": (
        [*HEAD, "Overall effectiveness"],
        ("'judgement', 'Overall effectiveness' may all be 'judgement'",),
    ),
    "a region twice": ([*HEAD, "region"], ("'region'", "a column may appear once")),
    "no date": (HEAD[:3], ("line 1: inspected_on: found nothing; this column is needed",)),
}  # fmt: skip


@pytest.mark.parametrize("case", ASKED)
def test_a_heading_that_leaves_a_doubt_is_asked_about(case: str) -> None:
    head, says = ASKED[case]
    message = refusal(text_of([head, *([*row, ""] for row in PLAIN[1:])]))
    assert [words for words in says if words not in message] == [], message


def test_the_answer_that_a_column_is_not_there_is_taken() -> None:
    rows = [[*row, "siz" if row is PLAIN[0] else "42"] for row in PLAIN]
    assert read(text_of(rows), size="").authorities == AS_PLAIN


@pytest.mark.parametrize(
    ("authorities", "says"),
    [
        ('{ sheet = "LAs" }', ["authorities.file", "needed"]),
        ('{ file = "mine.csv", shet = "LAs" }', ["authorities.shet", "did you mean 'sheet'"]),
        ('{ file = "mine.csv", columns = { size = 3 } }', ["authorities.columns.size", "text"]),
        ('{ file = "mine.csv", columns = { siz = "Size" } }', ["authorities.columns.siz", "did you mean 'size'"]),
        (
            '{ file = "mine.csv", columns = { size = "Sise" } }',
            ["mine.csv, line 1: size: found 'Sise'", "no such heading"],
        ),
        ('{ file = "mine.csv", sheet = "LAs" }', ["mine.csv: sheet: found 'LAs'; a CSV file has no sheets"]),
        ('{ file = "gone.xlsx" }', ["gone.xlsx", "cannot be read"]),
        ("3", ["authorities", "found 3"]),
    ],
)  # fmt: skip
def test_what_a_scenario_says_of_its_table_is_refused_by_key(
    authorities: str, says: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("mine.csv").write_text(text_of(PLAIN), encoding="utf-8")
    Path("mine.toml").write_text(f'extends = "ilacs_launch"\nauthorities = {authorities}\n', encoding="utf-8")
    assert main(["run", "mine.toml"]) == 2
    message = capsys.readouterr().err
    assert [words for words in says if words not in message] == [], message


def test_a_table_is_found_beside_the_file_that_names_it_and_may_be_set_in_parts(tmp_path: Path) -> None:
    (tmp_path / "mine.xlsx").write_bytes(book_of(PLAIN))
    (tmp_path / "other.csv").write_text(text_of(PLAIN[:3]), encoding="utf-8")
    own = 'extends = "ilacs_launch"\nauthorities = { file = "mine.xlsx", sheet = "LAs" }\n'
    (tmp_path / "mine.toml").write_text(own, encoding="utf-8")
    assert load(tmp_path / "mine.toml").authorities == IN_ORDER
    changes = {"authorities.file": "other.csv", "authorities.sheet": ""}
    assert load(tmp_path / "mine.toml", changes).authorities == AS_PLAIN[1::-1]


@pytest.mark.parametrize(("flags", "says"), [
    (["--column", "size"], "--column: size: write COLUMN=HEADING"),
    (["--column", "siz=Size"], "--column: columns.siz: found 'siz'; did you mean 'size'?"),
    (["--sheet", "LAs"], "--sheet: ilacs_launch: it applies only to a table of authorities"),
])  # fmt: skip
def test_a_flag_about_a_table_is_refused_in_words(
    flags: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = "ilacs_launch" if flags[0] == "--sheet" else SAMPLES[0]
    assert main(["check", file, *flags]) == 2
    assert says in capsys.readouterr().err


# ---- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        (
            "inspected_on",
            "01/31/2018",
            "dates are read day first, and there is no month 31; if you mean 31/01/2018, write that",
        ),
        ("inspected_on", "1900-01-00", "there is no such day"),
        ("inspected_on", "01/01/1900", "it is before 2000-01-01"),
        ("inspected_on", "43131", "it is a number; give the cell a date format"),
        ("inspected_on", "last spring", "year-month-day"),
        ("inspected_on", "31/01/18", "year-month-day"),
        ("inspected_on", "2018-02-29", "there is no such day"),
        ("judgement", "Adequate", "a judgement of frameworks before 2013"),
        ("judgement", "Godo", "did you mean 'good'? Allowed: good, inadequate"),
        ("judgement", "5", "the grades are 1, the best, to 4; where a table has 5 for no overall judgement"),
        ("judgement", "z", "in official statistics this symbol means 'not applicable'; a value is needed here"),
        ("inspected_on", "..", "in official statistics this symbol means 'not available'"),
        ("region", "[c]", "in official statistics this symbol means 'kept back as confidential'"),
        ("authority", "[x]", "in official statistics this symbol means 'not available'"),
        ("region", "Londom", "no inspector is based there; did you mean 'London'?"),
        ("authority", "#REF!", "the spreadsheet shows an error here"),
        ("authority", "FALLOWWICK", "an authority may appear once; it is already on"),
        ("judgement", "", "this cell is needed"),
    ],
)
def test_a_cell_that_cannot_be_read_is_refused_with_its_place_and_what_is_allowed(
    column: str, value: str, says: str
) -> None:
    place = HEAD.index(column)
    rows = with_cell(column, value, row=5)
    message = refusal(text_of(rows))
    assert message.startswith(f"mine.csv, line 6: {column}: found ") and says in message
    message = refusal(book_of(rows), "mine.xlsx")
    assert message.startswith(f"mine.xlsx, sheet 'LAs', row 6, column {'ABCD'[place]}: {column}: found ")
    assert says in message


def test_a_number_or_a_day_of_1900_in_a_date_cell_is_refused() -> None:
    def change(book: Workbook) -> None:
        sheet = book["LAs"]
        for cell, number, form in (("D2", 42000, "General"), ("D3", 1, "dd/mm/yyyy"), ("D4", 2958466, "dd/mm/yyyy")):
            sheet[cell] = number
            sheet[cell].number_format = form

    message = refusal(book_of(PLAIN, change), "mine.xlsx")
    assert "row 2, column D: inspected_on: found '42000'; it is a number" in message
    assert "row 3, column D: inspected_on: found '1900-01-01'; it is before 2000-01-01" in message
    assert "row 4, column D: inspected_on: found '2958466'; it is a number" in message


def test_a_formula_counts_by_the_value_that_is_stored_and_is_named_where_none_is() -> None:
    def change(book: Workbook) -> None:
        book["LAs"]["C2"] = '="RI"'

    content = book_of(PLAIN, change)
    message = refusal(content, "mine.xlsx")
    assert "row 2, column C: judgement: found nothing; this cell is needed; it has a formula without" in message
    stored = changed_inside(
        content, SHEET, lambda xml: xml.replace(b"<v />", b"<v>RI</v>").replace(b"<v></v>", b"<v>RI</v>")
    )
    stored = changed_inside(stored, SHEET, lambda xml: xml.replace(b'<c r="C2">', b'<c r="C2" t="str">'))
    assert read(stored, "mine.xlsx").authorities == AS_PLAIN


def test_a_merged_cell_is_said_to_be_the_reason_that_there_is_no_value() -> None:
    message = refusal(book_of(PLAIN, lambda book: book["LAs"].merge_cells("B2:B3")), "mine.xlsx")
    assert "row 3, column B: region: found nothing; this cell is needed (if cells are merged, only" in message


def sheets(*names: str, hidden: str = "") -> Callable[[Workbook], None]:
    def change(book: Workbook) -> None:
        for name in names:
            other = book.create_sheet(name)
            for row in PLAIN:
                other.append(row)
        if hidden:
            book[hidden].sheet_state = "hidden"

    return change


def test_a_choice_between_sheets_is_the_users() -> None:
    content = book_of(PLAIN, sheets("Other"))
    assert "mine.xlsx: sheet: found nothing; more than one sheet has such a table; name one: 'LAs', 'Other'" in refusal(
        content, "mine.xlsx"
    )
    assert read(content, "mine.xlsx", "Other").authorities == AS_PLAIN
    assert "did you mean 'Other'?" in refusal(content, "mine.xlsx", "Othr")


def test_a_hidden_sheet_is_read_if_it_is_named_and_only_then() -> None:
    content = book_of([["Cover"]], sheets("Data", hidden="Data"))
    assert "hidden: 'Data'" in refusal(content, "mine.xlsx")
    assert read(content, "mine.xlsx", "Data").authorities == AS_PLAIN
    assert read(book_of(PLAIN, sheets("Data", hidden="Data")), "mine.xlsx").authorities == AS_PLAIN


def test_a_wrong_size_written_in_the_workbook_cuts_nothing_off() -> None:
    wrong = changed_inside(book_of(PLAIN), SHEET, lambda xml: xml.replace(b'ref="A1:D7"', b'ref="A1:D2"'))
    assert wrong != book_of(PLAIN)
    assert read(wrong, "mine.xlsx").authorities == AS_PLAIN


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    f'<!ENTITY {name} "{f"&{inner};" * 10}">'.encode() for inner, name in zip("abcdefghi", "bcdefghij", strict=True)
) + b"]>"  # fmt: skip


def many_rows(count: int, cells: str) -> bytes:
    """A workbook of many equal rows under the headings."""
    rows = "".join(f'<row r="{number}">{cells}</row>' for number in range(8, count + 8))
    return changed_inside(
        book_of(PLAIN), SHEET, lambda xml: xml.replace(b"</sheetData>", rows.encode() + b"</sheetData>")
    )


def of_sheets(count: int) -> bytes:
    """A workbook that names one sheet many times."""

    def named_again(xml: bytes) -> bytes:
        sheet = re.search(rb"<sheet [^>]*/>", xml)
        assert sheet is not None
        return xml.replace(sheet[0], b"".join(sheet[0].replace(b"LAs", b"L%d" % number) for number in range(count)))

    return changed_inside(book_of(PLAIN), "xl/workbook.xml", named_again)


def hidden_rows(count: int) -> bytes:
    """A sheet of OpenDocument whose last row stands for many hidden ones."""
    row = f'<table:table-row table:number-rows-repeated="{count}" table:visibility="filter">'.encode()
    return changed_inside(ods(PLAIN), "content.xml", lambda xml: row.join(xml.rsplit(b"<table:table-row>", 1)))


FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "a broken archive": (lambda: book_of(PLAIN)[:2000], "cannot be read as a workbook"),
    "no workbook": (lambda: changed_inside(book_of(PLAIN), "xl/workbook.xml", lambda _: b"<x/>"), "cannot be read"),
    "broken XML": (lambda: changed_inside(book_of(PLAIN), SHEET, lambda xml: xml[:-300]), "cannot be read"),
    "entities of entities": (
        lambda: changed_inside(book_of(PLAIN), SHEET, lambda xml: ENTITIES + xml.replace(b"Gorseford", b"&j;")),
        "cannot be read as a workbook",
    ),
    "an old workbook, or a password": (lambda: bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "has a password"),
    "a bomb": (lambda: changed_inside(book_of(PLAIN), SHEET, lambda xml: xml + b" " * 2**26), "larger than 32"),
    "a text without an end": (lambda: b"a" * 2**25, "it is not CSV: field larger than field limit"),
    "200,000 rows of text": (lambda: text_of(PLAIN + [[f"A{n}", *PLAIN[1][1:]] for n in range(200_000)]).encode(),
                             f"more than {MOST_FILLED:,} rows"),
    "200,000 rows of a workbook": (lambda: many_rows(200_000, "<c><v>1</v></c>"), f"more than {MOST_FILLED:,} rows"),
    "a million empty lines": (lambda: text_of(PLAIN).encode() + b"\n" * 1_000_000, f"more than {MOST_ROWS:,} rows"),
    "a hundred thousand empty rows": (lambda: many_rows(100_000, '<c s="0"/>'), ""),
    "a last row of a sheet": (
        lambda: changed_inside(book_of(PLAIN), SHEET, lambda xml: xml.replace(b'<row r="7"', b'<row r="1048576"')),
        f"more than {MOST_ROWS:,} rows",
    ),
    "a last column": (lambda: many_rows(1, '<c r="XFD8"><v>1</v></c>'), f"more than {MOST_COLUMNS} columns"),
    "an empty last column of 190,000 rows": (
        lambda: many_rows(190_000, '<c r="XFD8" t="str"><v></v></c>'), f"more than {MOST_COLUMNS} columns",
    ),
    "an empty column far from the table, of 190,000 rows": (
        lambda: many_rows(190_000, '<c r="SF8" t="str"><v></v></c>'), f"more than {MOST_CELLS:,} cells",
    ),
    "a thousand sheets": (lambda: of_sheets(1000), f"more than {MOST_SHEETS} sheets"),
    "a thousand million hidden rows": (lambda: hidden_rows(10**9), f"more than {MOST_FILLED:,} rows"),
    "NUL bytes": (lambda: text_of(PLAIN).replace("London", "Lon\0don").encode(), "line 6"),
    "UTF-16 without its mark": (lambda: text_of(PLAIN).encode("utf-16-le"), "NUL"),
    "UTF-32": (lambda: text_of(PLAIN).encode("utf-32"), "NUL"),
    "bytes of no encoding": (lambda: text_of(PLAIN).encode() + b"\x81", "line 8"),
    "an open quote": (lambda: text_of(PLAIN).encode() + b'"Elderholt,London', "it is not CSV"),
    "no bytes": (lambda: b"", "it is empty"),
    "headings alone": (lambda: text_of(PLAIN[:1]).encode(), "give at least one authority"),
    "a cell with a comma": (lambda: text_of(PLAIN).encode() + b"A,North East, Yorkshire and Humber,good,2016-01-01\n",
                            "was one of them split in two?"),
}  # fmt: skip


def test_one_name_in_two_regions_is_two_authorities_and_refused() -> None:
    rows = [*PLAIN, ["Dunmormere", "London", "good", "2016-10-03"]]
    said = refusal(text_of(rows))
    assert "Dunmormere" in said and "it is in East Midlands and in London (see line 2)" in said
    assert "if these are two authorities, give each its own name" in said


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_is_no_such_table_is_refused_in_words_and_soon(case: str) -> None:
    make, says = FILES[case]
    content = make()
    begun = time.monotonic()
    if not says:
        assert read(content, "mine.xlsx").authorities == AS_PLAIN
    else:
        message = refusal(content, "mine.xlsx" if content.startswith(b"PK") else "mine.csv")
        assert says in message and len(message) < 2000
        assert [word for word in OF_PYTHON if word in message] == []
    assert time.monotonic() - begun < SECONDS


def test_ten_thousand_wrong_rows_end_in_a_list_that_one_can_read() -> None:
    rows = [[f"A{number}", f"Nowhere {number}", "fair", "soon"] for number in range(5000)]
    lines = refusal(text_of([HEAD, *rows])).splitlines()
    assert len(lines) < 600 and "more faults are not shown" in lines[-1]


def test_equal_faults_are_one_that_counts_its_rows() -> None:
    rows = [[f"A{number}", "XY", "good", "2016-01-01"] for number in range(17)]
    message = refusal(text_of([*PLAIN, *rows]))
    assert message.startswith(
        "mine.csv, lines 8, 9, 10 and 14 more: region: found 'XY' in 17 lines; no inspector is based there"
    )
    assert len(message.splitlines()) == 1


@pytest.mark.skipif(os.name != "posix", reason="no such pipes elsewhere")
def test_a_pipe_that_never_ends_is_not_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "mine.csv")
    assert main(["check", str(tmp_path / "mine.csv")]) == 2
    assert "it is not a file" in capsys.readouterr().err


# ---- promises over any table ---------------------------------------------------------------------------------------


SPELLINGS = {
    "outstanding": ["outstanding", "Outstanding", "1", "OUTSTANDING "],
    "good": ["good", "Good", "2", "Grade 2"],
    "requires_improvement": ["RI", "Requires improvement to be good", "requires improvement", "3"],
    "inadequate": ["Inadequate", "4", "inadequate"],
    "North East, Yorkshire and Humber": ["North East", "Yorkshire and The Humber", "North East, Yorkshire & Humber"],
    "East of England": ["East of England", "Eastern", "EAST OF ENGLAND"],
}
KNOWN = {
    "authority": ["authority", "Local authority", "LA name"],
    "region": ["region", "Ofsted region", "Region"],
    "judgement": ["judgement", "Overall effectiveness", "Judgment"],
    "inspected_on": ["inspected_on", "Inspection end date", "Inspected on"],
}


@st.composite
def spelled_tables(draw: st.DrawFn) -> bytes:
    """The plain table in other spellings, headings, layouts, encodings and kinds of file."""
    head = [draw(st.sampled_from(KNOWN[column])) for column in HEAD]
    rows: Rows = [head]
    for name, region, judgement, inspected in PLAIN[1:]:
        day = datetime.date.fromisoformat(inspected)
        cells = [f" {name} ", *(draw(st.sampled_from(SPELLINGS.get(word, [word]))) for word in (region, judgement))]
        rows += [[*cells, draw(st.sampled_from(SPELLED_DAYS))(day)], *[[]] * draw(st.integers(0, 1))]
    if draw(st.booleans()):
        rows = [[*row, *(["x"] if row else [])] for row in rows]
        rows[0][-1] = "Web link"
    rows = [*draw(st.sampled_from([[], [["Table 4"], []], [["Table 4", "as at, 31; March"]]])), *rows]
    if draw(st.booleans()):
        return book_of(rows)
    text = text_of(rows, draw(st.sampled_from(",;\t")))
    return text.encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])))


@cache
def base() -> Scenario:
    return load("ilacs_launch")


@given(spelled_tables())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_spelling_of_a_table_is_the_same_position(content: bytes) -> None:
    assert read(content, "mine.table").authorities == AS_PLAIN


def test_any_spelling_of_a_table_gives_the_same_scenario(tmp_path: Path) -> None:
    rows = [
        [word if place == 3 else SPELLINGS.get(word, [word])[-1] for place, word in enumerate(row)] for row in PLAIN
    ]
    files = {"plain.csv": text_of(PLAIN).encode(), "spelled.csv": text_of(rows, ";").encode("utf-16"),
             "spelled.xlsx": book_of([["Table 4"], [], *rows])}  # fmt: skip
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    digests = {load("ilacs_launch", {"authorities": str(tmp_path / name)}).digest for name in files}
    assert len(digests) == 1
    assert digests != {base().digest}


def test_the_scenario_of_a_result_needs_the_table_no_more(tmp_path: Path) -> None:
    (tmp_path / "mine.xlsx").write_bytes(book_of(PLAIN))
    scenario = load("ilacs_launch", {"authorities": str(tmp_path / "mine.xlsx")})
    (tmp_path / "mine.xlsx").unlink()
    (tmp_path / "scenario.toml").write_text(scenario.to_toml(), encoding="utf-8")
    assert load(tmp_path / "scenario.toml").digest == scenario.digest


def test_names_never_leave_the_result_folder(tmp_path: Path) -> None:
    for folder in ("home", "scratch", "work"):
        (tmp_path / folder).mkdir()
    (tmp_path / "work" / "mine.xlsx").write_bytes(book_of(PLAIN))
    own = 'extends = "ilacs_launch"\nauthorities = "mine.xlsx"\nyears = 1\n'
    (tmp_path / "work" / "mine.toml").write_text(own, encoding="utf-8")
    places = {"HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "scratch")}
    command = [sys.executable, "-m", "sim", "run", "mine.toml", "--replications", "2", "--jobs", "2", "--out", "out"]
    ended = subprocess.run(
        command, cwd=tmp_path / "work", env={**os.environ, **places}, capture_output=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    names = [str(row[0]).encode() for row in PLAIN[1:]]
    said = ended.stdout + ended.stderr
    assert b"how the table of authorities was read: 6 authorities" in said
    outside = [path for path in tmp_path.rglob("*") if path.is_file() and "out" not in path.parts]
    assert [path for path in outside if any(name in path.read_bytes() for name in names)] == []
    assert [name for name in names if name in said] == []
    assert all(name in (tmp_path / "work" / "out" / "scenario.toml").read_bytes() for name in names)


# ---- three hundred files that somebody spoilt ----------------------------------------------------------------------


FRAGMENTS = (
    "", " ", "RI", "3", "31/01/2016", "01/31/2016", "1900-01-01", "42000", "=SUM(A1:A9)", "#N/A", "\0", '"', "'", ",",
    ";", "\n", "\ufeff", "x" * 200_000, "Ünïcödé", "\x1b[31m", "\u202e", "2016-02-30", "\u0661\u0662/01/2016", "nan",
    "-1", "good", "inadequate", "London", "authority", "judgement", "size", "siz", "Inspection end date", "{", "\r",
)  # fmt: skip
ENCODINGS = (*["utf-8"] * 8, "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "utf-7")


def spoilt_text(chance: random.Random, rows: Rows) -> bytes:
    """A text table with up to three things done to it."""
    rows = [list(row) for row in rows]
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
        row = chance.choice([row for row in rows if row] or rows)
        done = chance.randrange(8)
        if done <= 2 and row:
            row[chance.randrange(len(row))] = chance.choice(FRAGMENTS)
        elif done == 3:
            rows.insert(chance.randrange(len(rows) + 1), chance.choice([[], [""] * 4, list(row), ["a note"]]))
        elif done == 4:
            place = chance.randrange(4)
            rows = [[*each[: place + 1], *each[place:]] for each in rows]  # a column twice
        elif done == 5:
            place = chance.randrange(5)
            rows = [each[:place] + each[place + 1 :] for each in rows]
        elif done == 6:
            rows = [[*each, chance.choice(FRAGMENTS)] for each in rows]
        else:
            chance.shuffle(rows)
    content = text_of(rows, chance.choice(",,,,,,,;\t|")).encode(chance.choice(ENCODINGS), errors="replace")
    return spoilt_bytes(chance, content) if chance.random() < 0.3 else content


def spoilt_bytes(chance: random.Random, content: bytes) -> bytes:
    """Bytes cut off, turned round, doubled, or with others put in."""
    place = chance.randrange(len(content) or 1)
    other = bytes(chance.randrange(256) for _ in range(chance.randint(1, 4)))
    return chance.choice([content[:place], content[place:] + content[:place], content + content,
                          content[:place] + other + content[place + len(other) :]])  # fmt: skip


CELLS = (
    None, 3, 0, -5.5, 1e300, True, datetime.date(1900, 1, 1), datetime.datetime(2016, 5, 5, 14, 30), "=1+1", "#REF!",
    datetime.time(8, 0), datetime.timedelta(days=3), "RI", "31/01/2016", "43131", "Yorkshire & Humber",
)  # fmt: skip


def spoilt_book(chance: random.Random, rows: Rows) -> bytes:
    """A workbook with one to four things done to it, and now and then its bytes or XML spoilt."""

    def change(book: Workbook) -> None:
        sheet = book["LAs"]
        for _ in range(chance.randint(1, 4)):
            row, column = chance.randint(1, sheet.max_row), chance.randint(1, 5)
            done = chance.randrange(8)
            cell = sheet.cell(row, column)
            if isinstance(cell, Cell) and done <= 2:
                cell.value = chance.choice(CELLS)
                cell.number_format = chance.choice(["General", "dd/mm/yyyy", "0.00", "[h]:mm"])
            elif done == 3:
                sheet.merge_cells(start_row=row, start_column=1, end_row=row + 1, end_column=column)
            elif done == 4:
                sheet.insert_rows(row, chance.randint(1, 60))
            elif done == 5:
                sheet.delete_cols(column)
            elif done == 6:
                sheets(f"More {row} {column}", hidden=chance.choice(["", "LAs"]))(book)
                sheet.sheet_state = "visible" if len(book.sheetnames) < 2 else sheet.sheet_state
            else:
                book.epoch = CALENDAR_MAC_1904

    content = book_of(rows, change)
    if chance.random() < 0.4:
        part = chance.choice([SHEET, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml", "xl/sharedStrings.xml"])
        content = changed_inside(content, part, lambda xml: spoilt_bytes(chance, xml))
    return spoilt_bytes(chance, content) if chance.random() < 0.2 else content


SETTINGS = (
    'extends = "ilacs_launch"', 'authorities = "mine.csv"', "years = 1",
    'authorities = { file = "mine.csv", sheet = "", columns = { size = "" } }', "[workforce]", "leave_days = 25",
    '[frameworks.ilacs_2018.joint]', "low_a_year = 6", "start = 2018-02-01", '[[shocks]]', 'name = "a"',
    'kind = "pause"', "begins_on = 2019-01-01",
)  # fmt: skip


def spoilt_scenario(chance: random.Random) -> bytes:
    """A scenario file of lines in disorder, with words of others or bytes put in."""
    lines = [SETTINGS[0], *chance.sample(SETTINGS[1:], chance.randint(1, 6))]
    for _ in range(chance.randint(0, 2)):
        place = chance.randrange(len(lines))
        key, _, value = lines[place].partition(" = ")
        values = (repr(chance.choice(FRAGMENTS)), "{}", "[]", "1e400", "true", "2016-05-05T14:30:00")
        lines[place] = chance.choice([f"{key} = {chance.choice(values)}", f"{key}x = {value}", lines[place] * 2])
    content = "\n".join(lines).encode(
        chance.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252"]), errors="replace"
    )
    return spoilt_bytes(chance, content) if chance.random() < 0.3 else content


QUICK, ALL = 20, 300
NUMBERED = [pytest.param(number, marks=() if number < QUICK else pytest.mark.slow) for number in range(ALL)]


@pytest.mark.parametrize("number", NUMBERED)
def test_a_spoilt_file_ends_in_a_result_or_in_plain_words(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    chance = random.Random(number)
    samples = [PLAIN, list(csv.reader(io.StringIO(tables_by_name()[SAMPLES[0]].decode("utf-8-sig"))))]
    kind, rows = number % 3, chance.choice(samples)
    name = ("mine.csv", "mine.xlsx", "mine.toml")[kind]
    own = f'extends = "ilacs_launch"\nyears = 1\nauthorities = "{name}"\n'.encode()
    Path("mine.csv").write_bytes(spoilt_text(chance, rows) if kind == 0 else text_of(PLAIN).encode())
    Path("mine.xlsx").write_bytes(spoilt_book(chance, rows) if kind == 1 else b"")
    Path("mine.toml").write_bytes(spoilt_scenario(chance) if kind == 2 else own)
    before = sorted(tmp_path.rglob("*"))

    monkeypatch.setattr("sim.studies.ensemble_study.run", taken)
    for command in (["check", name], ["run", "mine.toml", "--out", "out", "--jobs", "1"]):
        begun = time.monotonic()
        try:
            status = main(command)
        except Taken:
            status = 0
        message = capsys.readouterr().err
        assert time.monotonic() - begun < SECONDS
        assert sorted(tmp_path.rglob("*")) == before
        if status:
            assert status == 2
            faults_are_plain(message)


class Taken(Exception):  # noqa: N818 - it is no error: the scenario was taken, and would be run
    pass


def taken(scenario: Scenario, *_: object, **__: object) -> None:
    """Instead of a run: the scenario is whole, for it can be written and read again."""
    Path("scenario.toml").write_text(scenario.to_toml(), encoding="utf-8")
    assert load("scenario.toml").digest == scenario.digest
    Path("scenario.toml").unlink()
    raise Taken


def faults_are_plain(message: str) -> None:
    """Every line names a file or a flag, and says something without words of Python."""
    head, *lines = message.strip().splitlines()
    assert "to put right; nothing was run or written." in head, message
    assert lines
    assert [line for line in lines if not line.startswith(("  mine.", "  --", "  scenario"))] == [], message
    assert [word for word in OF_PYTHON if word in message] == [], message
    assert max(map(len, lines)) < 2000
