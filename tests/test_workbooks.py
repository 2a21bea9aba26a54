"""Tables of every kind of file, odd and spoilt ones among them, are read as they are meant or refused in words."""

from __future__ import annotations

import csv
import datetime
import io
import random
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from sim.base.faults import InputError
from sim.cli.main import main
from sim.inputs.authorities import Authority, ExpectedRows
from sim.inputs.authority_tables import AuthorityTable, TableSource, parse_table
from sim.inputs.grades import SHIPPED
from sim.inputs.scenario import load
from sim.inputs.scenario_files import rule_over_four
from sim.inputs.spreadsheet import UNSEEN
from tests import workbooks

Rows = list[list[Any]]
HEAD = ["Local authority", "Region", "Overall effectiveness", "Inspection end date"]
ASH = ["Ashmere", "London", "Good", datetime.date(2016, 5, 13)]
BOX = ["Boxbridge", "South West", "Requires improvement", datetime.date(2015, 3, 20)]
CAL = ["Caldhithe", "North West", "Inadequate", datetime.date(2017, 6, 30)]
DUN = ["Dunmormere & Vale", "East of England", "Outstanding", datetime.date(2014, 10, 3)]
PLAIN: Rows = [HEAD, ASH, BOX, CAL, DUN]
EIGHT = load("ilacs_launch").workforce.regions
EXPECTED = ExpectedRows(EIGHT, datetime.date(2018, 1, 31), rule=rule_over_four({}, SHIPPED))
OF_PROGRAMS = ("Traceback", "Error", "panick", "calamine", "openpyxl", "NoneType", "datetime.")


def text(rows: Rows) -> bytes:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue().encode()


MAKERS: dict[str, Callable[[Rows], bytes]] = {
    "csv": text, "xlsx": workbooks.xlsx, "ods": workbooks.ods, "xls": workbooks.xls,
}  # fmt: skip


def read(content: bytes, file: str = "mine.table", sheet: str = "", **columns: str) -> AuthorityTable:
    return parse_table(content, TableSource(file=file, sheet=sheet, columns=columns), EXPECTED)  # type: ignore[arg-type]  # names of columns


def refusal(content: bytes, **how: str) -> str:
    with pytest.raises(InputError) as refused:
        read(content, **how)
    return str(refused.value)


AS_PLAIN = read(text(PLAIN)).authorities


# ---- kinds of file -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [*MAKERS.values(), workbooks.strict, workbooks.xlsb], ids=lambda make: make.__name__)
def test_every_kind_of_file_is_the_same_table(make: Callable[[Rows], bytes]) -> None:
    days = [[str(cell) if isinstance(cell, datetime.date) else cell for cell in row] for row in PLAIN]
    assert read(make(PLAIN if make is not workbooks.xlsb else days)).authorities == AS_PLAIN


@pytest.mark.parametrize("make", [workbooks.xlsx, workbooks.strict, workbooks.ods], ids=lambda make: make.__name__)
def test_rows_that_a_filter_hides_are_asked_about_where_they_are_of_the_table(make: Callable[..., bytes]) -> None:
    rows: Rows = [["A table"], [], *PLAIN, [], ["Source: a list"]]
    message = refusal(make(rows, hidden=[5, 7]))
    assert (
        "(hidden rows): rows 5 and 7 of the table are hidden, such as by a filter; if they belong to the table"
        in message
    )
    assert read(make(rows, hidden=[1, 2, 9])).authorities == AS_PLAIN


@pytest.mark.parametrize("make", [workbooks.xls, workbooks.xlsb], ids=lambda make: make.__name__)
def test_where_hidden_rows_cannot_be_seen_it_is_said(make: Callable[[Rows], bytes]) -> None:
    days = [[str(cell) for cell in row] for row in PLAIN]
    assert UNSEEN in " ".join(read(make(days)).understood)


def test_the_other_readers_ask_about_hidden_rows_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people: Rows = [["Role", "Region", "FTE", "Lead"], *[["Social care HMI", "London", 1, "yes"]] * 2]
    plan: Rows = [["Authority", "Kind", "Week"], ["London 01", "Focused", datetime.date(2018, 6, 4)]]
    history: Rows = [["Authority", "Judgement", "Inspected on"], ["A", "good", datetime.date(2016, 1, 8)]]
    for command, rows in (("check", people), ("check", plan), ("fit", history)):
        (tmp_path / "mine.ods").write_bytes(workbooks.ods(rows, hidden=[2]))
        assert main([command, str(tmp_path / "mine.ods")]) == 2
        assert "(hidden rows): row 2 of the table is hidden" in capsys.readouterr().err


def test_a_history_is_read_from_a_workbook_in_words_of_its_own() -> None:
    from sim.inputs.history import parse_history

    rows: Rows = [["Title"], ["LA", "Overall effectiveness", "Inspection end date", "Publication date", "Web link"]]
    rows += [["A & B", "RI", datetime.date(2014, 1, 10), datetime.date(2014, 3, 3), "x"],
             ["A and B", "Good", "10/01/2017", "3 March 2017", "x"], ["Total", "", "", "", "2"]]  # fmt: skip
    histories = [parse_history(make(rows), "mine.table", fewest=1) for make in MAKERS.values()]
    assert len({tuple(history.inspections) for history in histories}) == 1
    (history, *_) = histories
    assert [(name, len(ones)) for name, ones in history.of_authority.items()] == [("A & B", 2)]
    assert "not used: 'Web link'" in history.understood[0]
    assert "left out: 1 line with totals (line 5)" in history.understood


def test_people_and_plans_say_what_was_not_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people: Rows = [["Role", "Region", "FTE", "Lead", "Pay band"], ["Social care HMI", "London", 1, "yes", "x"],
                    ["Total", "", 1, "", ""], ["Note: as at March"]]  # fmt: skip
    plan: Rows = [["Authority", "Kind", "Week", "Status"], ["London 01", "Focused", datetime.date(2018, 6, 4), "x"],
                  [], ["[x] = not settled"]]  # fmt: skip
    for rows, says in ((people, ("not used: 'Pay band'", "1 row with totals (row 3)", "1 row with notes below")),
                       (plan, ("not used: 'Status'", "1 row with notes below the table (row 4)"))):  # fmt: skip
        (tmp_path / "mine.ods").write_bytes(workbooks.ods(rows))
        assert main(["check", str(tmp_path / "mine.ods")]) == 0
        told = capsys.readouterr().out
        assert [words for words in says if words not in told] == []


# ---- headings ------------------------------------------------------------------------------------------------------


TWO_ROWS: Rows = [
    ["Local authority", "Region", "Inspection", ""], ["", "", "Overall effectiveness", "End date"], *PLAIN[1:],
]  # fmt: skip


@pytest.mark.parametrize("kind", MAKERS)
def test_headings_in_two_rows_are_read_under_those_of_their_groups(kind: str) -> None:
    table = read(MAKERS[kind](TWO_ROWS))
    assert table.authorities == AS_PLAIN
    unit = "lines" if kind == "csv" else "rows"
    assert f"headings in {unit} 1 and 2" in table.understood[1]
    assert "inspected_on from 'Inspection: End date'" in table.understood[1]


def test_headings_that_are_merged_are_read() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in TWO_ROWS:
        sheet.append([cell if cell != "" else None for cell in row])
    for cells in ("A1:A2", "B1:B2", "C1:D1"):
        sheet.merge_cells(cells)
    written = io.BytesIO()
    book.save(written)
    assert read(written.getvalue()).authorities == AS_PLAIN


def test_of_headings_that_repeat_under_groups_the_latest_are_taken() -> None:
    groups = ["", "", "Latest inspection", "", "Previous inspection", ""]
    head = [*HEAD[:2], *HEAD[2:] * 2]
    rows = [groups, head, *([*row, "Good", datetime.date(2011, 1, 7)] for row in PLAIN[1:])]
    table = read(workbooks.xlsx(rows))
    assert table.authorities == AS_PLAIN
    assert "not used: 'Previous inspection: Overall effectiveness'" in table.understood[1]
    assert "may all be 'judgement'" in refusal(workbooks.xlsx([groups[:2], head, *rows[2:]]))


@pytest.mark.parametrize(
    ("code", "region"),
    [
        ("NW", "North West"), ("E", "East of England"), ("YH", "North East, Yorkshire and Humber"), ("GL", "London"),
        ("E12000001", "North East, Yorkshire and Humber"), ("E12000002", "North West"),
        ("E12000003", "North East, Yorkshire and Humber"), ("E12000004", "East Midlands"),
        ("E12000005", "West Midlands"), ("E12000006", "East of England"), ("E12000007", "London"),
        ("e12000008", "South East"), ("E12000009", "South West"), ("sw", "South West"),
    ],
)  # fmt: skip
def test_codes_of_regions_are_known(code: str, region: str) -> None:
    (row,) = read(text([HEAD, [ASH[0], code, *ASH[2:]]])).authorities
    assert row.region == region


# ---- what a row is -------------------------------------------------------------------------------------------------


def test_of_a_table_of_inspections_the_latest_of_each_authority_is_taken_and_that_is_said() -> None:
    earlier: Rows = [
        ["Ashmere", "London", "Adequate", datetime.date(2010, 4, 2)],
        ["boxbridge", "South West", "Good", datetime.date(2010, 9, 3)],
    ]
    rows: Rows = [HEAD, earlier[0], *PLAIN[1:], ["Boxbridge", "South West", "Good", datetime.date(2011, 9, 2)]]
    table = read(text(rows))
    assert table.authorities == AS_PLAIN
    assert "some authorities have several rows: the latest inspection of each is used, not the others (2 earlier)" in (
        table.understood
    )
    message = refusal(text([*rows, earlier[1]]))
    assert message.count("\n") == 0
    assert "already on line 3" not in message and "as 'Boxbridge'" in message and "line 8: authority: found" in message


def test_inspections_after_the_start_are_not_used_where_there_are_others_and_refused_where_there_are_none() -> None:
    later: Rows = [[*row[:2], "Good", datetime.date(2019, 7, 5)] for row in (ASH, BOX)]
    table = read(text([*PLAIN, *later]))
    assert table.authorities == AS_PLAIN
    assert "is used, not the others (2 after the start)" in " ".join(table.understood)
    assert "line 2: inspected_on: found '2019-07-05'; it is after the start" in refusal(text([HEAD, later[0]]))
    respelled = ["ASHMERE", *later[0][1:]]
    assert "an authority may appear once" in refusal(text([*PLAIN, respelled]))


@pytest.mark.parametrize(
    ("one", "other"),
    [("Dunmormere & Vale", "Dunmormere and Vale"), ("St. Ives", "St Ives"), ("NORTH-END", "North End"),
     ("Ashmere", " ashmere ")],
)  # fmt: skip
def test_two_spellings_of_one_authority_are_refused_and_both_are_named(one: str, other: str) -> None:
    for days in ((ASH[3], ASH[3]), (ASH[3], BOX[3])):
        rows = [[name, *ASH[1:3], day] for name, day in zip((one, other), days, strict=True)]
        message = refusal(text([HEAD, *rows]))
        assert f"line 3: authority: found {other.strip()!r}" in message and f"already on line 2, as {one!r}" in message


FOUR = ["Impact of leaders", "Help and protection", "In care", "Care leavers"]


@pytest.mark.parametrize(
    ("four", "overall"),
    [
        (("Good", "Good", "Good", "Requires improvement"), "good"),
        (("Good", "Good", "Requires improvement", "Requires improvement"), "requires_improvement"),
        (("Requires improvement", "Good", "Good", "Good"), "requires_improvement"),
        (("Good", "Good", "Good", "Inadequate"), "inadequate"),
        (("Outstanding", "Outstanding", "Outstanding", "Good"), "outstanding"),
    ],
)
@pytest.mark.parametrize("said", ["", "[z]", "Not reported", None])
def test_four_judgements_give_the_overall_one_where_there_is_none(
    four: tuple[str, ...], overall: str, said: str | None
) -> None:
    head = [*HEAD[:2], HEAD[3], *FOUR, *([] if said is None else [HEAD[2]])]
    row = [*ASH[:2], ASH[3], *four, *([] if said is None else [said])]
    table = read(text([head, row]))
    assert [each.judgement for each in table.authorities] == [overall]
    assert "rows without an overall judgement: 1; the model derives it from their four judgements" in table.understood


def test_three_judgements_of_four_give_none_and_an_overall_one_counts_before_them() -> None:
    head = [*HEAD, *FOUR]
    assert "line 2: judgement: found nothing" in refusal(text([head, [*ASH[:2], "", ASH[3], *["Good"] * 3, ""]]))
    table = read(text([head, [*ASH, *["Inadequate"] * 4]]))
    assert [each.judgement for each in table.authorities] == ["good"]


# ---- forty odd tables, in four kinds of file -----------------------------------------------------------------------


def with_cell(row: int, column: int, value: object) -> Rows:
    rows = [list(each) for each in PLAIN]
    rows[row][column] = value
    return rows


def with_column(name: str, *values: object) -> Rows:
    return [[*row, value] for row, value in zip(PLAIN, (name, *values), strict=True)]


SIGN = "this symbol means"
ODD: dict[str, tuple[Rows, str]] = {
    "as it should be": (PLAIN, ""),
    "upside down": ([HEAD, DUN, CAL, BOX, ASH], ""),
    "titles above": ([["Table 1: outcomes"], ["as at", "31 January"], [], *PLAIN], ""),
    "empty rows between": ([HEAD, [], ASH, [], [], BOX, CAL, DUN], ""),
    "empty rows below": ([*PLAIN, *[[""] * 4] * 30], ""),
    "an empty column": ([["", *row] for row in PLAIN], ""),
    "a column of numbers": (with_column("Children", 10, 20.5, 30, 40), "not used: 'Children'"),
    "notes at once": ([*PLAIN, ["Source: returns"], ["[x] = not available"]], "2 {unit}s with notes below the table"),
    "notes after a gap": ([*PLAIN, [], ["As published"]], "1 {unit} with notes below the table"),
    "a key of symbols": ([*PLAIN, ["[c]", "kept back"], ["[z]", "none"]], "2 {unit}s with notes below the table"),
    "a long note": ([*PLAIN, ["Figures of authorities that were reorganised are those of the new ones, not the old."]],
                    "1 {unit} with notes below the table"),
    "a total": ([*PLAIN, ["Total", "", 4, ""]], "1 {unit} with totals ({unit} 6)"),
    "a total of England above": ([HEAD, ["England", "", 4, ""], ASH, BOX, CAL, DUN], "1 {unit} with totals ({unit} 2)"),
    "totals of regions": ([HEAD, ASH, ["London total", "", 1, ""], BOX, CAL, DUN, ["All authorities"]],
                          "2 {unit}s with totals ({unit}s 3 and 7)"),
    "repeated headings": ([HEAD, ASH, BOX, HEAD, CAL, DUN], "1 {unit} with repeated headings ({unit} 4)"),
    "headings in two rows": (TWO_ROWS, "headings in {unit}s 1 and 2"),
    "grades by number": ([HEAD, *([*row[:2], (2, 3, 4, 1)[place], row[3]] for place, row in enumerate(PLAIN[1:]))],
                         "'2' as good"),
    "a number as a name": (with_cell(1, 0, 301), "numbered"),
    "a size of no size": (with_column("Size", "M", "S", "", "L"), "rows without a size: 1; they count as medium"),
    "days as text": (with_cell(1, 3, "13/05/2016"), "dates not written year-month-day: 1;"),
    "a day with its month by name": (with_cell(1, 3, "13 May 2016"), ""),
    "a month first": (with_cell(1, 3, "05/13/2016"), "there is no month 13"),
    "a number for a day": (with_cell(1, 3, 42503), "it is a number"),
    "a day to come": (with_cell(1, 3, datetime.date(2020, 1, 3)), "it is after the start"),
    "no day": (with_cell(1, 3, ""), "this cell is needed"),
    "no name": (with_cell(2, 0, ""), "this cell is needed"),
    "no region": (with_cell(3, 1, None), "this cell is needed"),
    "a region of nowhere": (with_cell(3, 1, "Wessex"), "no inspector is based there"),
    "a region in a code": (with_cell(3, 1, "E12000002"), "'E12000002' as North West (1)"),
    "not applicable": (with_cell(2, 2, "z"), SIGN),
    "not available": (with_cell(2, 2, "[x]"), SIGN),
    "two dots": (with_cell(2, 3, ".."), SIGN),
    "a dash": (with_cell(2, 1, "-"), SIGN),
    "kept back": (with_cell(2, 0, "[c]"), SIGN),
    "a fifth grade": (with_cell(2, 2, 5), "the grades are 1, the best, to 4"),
    "an old grade": (with_cell(2, 2, "Adequate"), "a judgement of frameworks before 2013"),
    "an error for a judgement": (with_cell(2, 2, "#REF!"), "the spreadsheet shows an error here"),
    "one authority twice": ([*PLAIN, ["ASHMERE", *ASH[1:]]], "an authority may appear once"),
    "one authority in two spellings": ([*PLAIN, ["Dunmormere and Vale", *DUN[1:]]], "as 'Dunmormere & Vale'"),
    "two inspections of one": ([*PLAIN, [*ASH[:3], datetime.date(2013, 2, 1)]], "not the others (1 earlier)"),
    "no headings": (PLAIN[1:], "names the columns"),
    "headings alone": ([HEAD], "give at least one authority"),
    "a heading that is nearly one": (with_column("Siz", "M", "M", "M", "M"), "does it mean 'size'?"),
    "two columns of judgements": (with_column("Overall judgement", *["Good"] * 4), "may all be 'judgement'"),
    "an authority cut off": ([*PLAIN, ["Elderholt"]], "this cell is needed"),
    "an authority above the headings": ([ASH, HEAD, BOX, CAL, DUN], "it looks like an authority"),
}  # fmt: skip
CHANGED = {
    "a number as a name": lambda rows: [rows[0].model_copy(update={"authority": "301"}), *rows[1:]],
    "a size of no size": lambda rows: [row.model_copy(update={"size": size}) for row, size in
                                       zip(rows, ("medium", "small", "medium", "large"), strict=True)],
}  # fmt: skip
"""Authorities of odd tables that say something else."""


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("case", ODD)
def test_an_odd_table_is_right_or_refused_in_words(case: str, kind: str) -> None:
    rows, says = ODD[case]
    says = says.replace("{unit}", "line" if kind == "csv" else "row")
    try:
        table = read(MAKERS[kind](rows))
    except InputError as error:
        assert says and says in str(error), error
        assert [word for word in OF_PROGRAMS if word in str(error)] == []
        return
    expected: Callable[[Any], Any] = CHANGED.get(case, list)
    assert by_name(table.authorities) == by_name(expected(AS_PLAIN))
    if case not in CHANGED and says:
        assert says in " ".join(table.understood)


def by_name(rows: Any) -> list[Authority]:
    return sorted(rows, key=lambda row: row.authority)


# ---- forty spoilt files of each kind -------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(40))
@pytest.mark.parametrize("kind", [*MAKERS, "xlsb"])
def test_a_spoilt_file_is_read_or_refused_in_words_and_no_program_speaks(
    kind: str, number: int, capfd: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(f"{kind} {number}")
    days = [[str(cell) if isinstance(cell, datetime.date) else cell for cell in row] for row in PLAIN]
    content = bytearray(workbooks.xlsb(days) if kind == "xlsb" else MAKERS[kind](PLAIN))
    for _ in range(chance.randint(1, 30)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    if number % 4 == 0:
        del content[chance.randrange(len(content)) :]
    try:
        assert read(bytes(content)).authorities
    except InputError as error:
        assert str(error) and [word for word in OF_PROGRAMS if word in str(error)] == []
    assert capfd.readouterr() == ("", "")


def test_a_sheet_that_reaches_far_is_refused_before_room_is_made_for_it() -> None:
    far = [*PLAIN[:2], [*[None] * 600, "x"]]
    for make in (workbooks.xlsx, workbooks.ods):
        assert "it has more than 500 columns" in refusal(make(far))
    book = workbooks.xls(PLAIN)
    cell = struct.pack("<HHH", 4, 0, 0)
    assert book.count(cell) == 1
    further = book.replace(cell, struct.pack("<HHH", 0xFFF0, 0xFFF0, 0))
    assert "cannot be read as a workbook" in refusal(further)
