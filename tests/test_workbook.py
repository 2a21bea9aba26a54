"""The workbook of every kind of study: true to its files, and in the form of accessible spreadsheets."""

from __future__ import annotations

import csv
import datetime
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from sim.analysis.recruitment_plan import LATER, NONE
from sim.base.versions import program_version
from sim.cli.main import main
from sim.inputs.assumptions import entries
from sim.inputs.scenario import load
from sim.report.book import FILES, LONGEST_NAME, Book, Text, book_of, named_apart
from sim.report.kinds import KINDS
from sim.report.sheets import DAY, NUMBER, TRUTHS, Sheet, of_table
from sim.report.workbook import bytes_of
from sim.studies.answer import Table
from sim.studies.answer import read as read_answer
from sim.studies.columns import EVERY_FILE, Dictionary, _known
from sim.studies.workbook import CREATED, LONGEST_CELL, Number, write_workbook
from tests.folders import CREATED as AUTHORITY_CREATED
from tests.folders import NAMES, OF_EVERY_KIND, UNLISTED, run, undescribed
from tests.office import pdf_of

pytestmark = pytest.mark.usefixtures("smaller")
SHORTHAND = ("[x]", "[z]")
TEXT_SHEETS = ("Cover", "Answer")
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "http://x", "12", "\t=1")


@pytest.fixture(scope="module")
def path_of(home: Path, folder_of: Callable[[str], Path]) -> Callable[[str], Path]:
    """Workbook of a study of some kind, written by the command when it is first asked for."""

    @cache
    def written(kind: str) -> Path:
        path = home / "books" / f"{kind}.xlsx"
        assert main(["workbook", str(folder_of(kind)), "--out", str(path)]) == 0
        return path

    return written


@pytest.fixture(scope="module")
def book_of_kind(path_of: Callable[[str], Path]) -> Callable[[str], Workbook]:
    return cache(lambda kind: load_workbook(path_of(kind)))


@pytest.fixture(params=OF_EVERY_KIND)
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def book(kind: str, book_of_kind: Callable[[str], Workbook]) -> Workbook:
    return book_of_kind(kind)


def table_of(sheet: Worksheet) -> list[list[Any]]:
    """Head and rows of the one table of a sheet."""
    (table,) = sheet.tables.values()
    return [[cell.value for cell in row] for row in sheet[table.ref]]


def cells(book: Workbook) -> Iterator[tuple[str, Any]]:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            yield from ((sheet.title, cell) for cell in row if cell.value is not None)


def values(row: dict[str, str]) -> list[object]:
    """Cells of a row of a CSV as what they are; missing ones as None."""
    found: list[object] = []
    for text in row.values():
        if DAY.fullmatch(text):
            found.append(datetime.datetime.fromisoformat(text))
        else:
            found.append(TRUTHS.get(text, float(text) if NUMBER.fullmatch(text) else text or None))
    return found


# ---------------------------------------------------------------- the same figures as the folder


def test_every_csv_of_a_study_stands_in_its_workbook_figure_by_figure(
    kind: str, book: Workbook, folder_of: Callable[[str], Path]
) -> None:
    folder = folder_of(kind)
    files = sorted(path for path in folder.rglob("*.csv") if path.name != "columns.csv")
    assert files or kind in ("calibration",)
    for path in files:
        (name, _), inner = FILES[path.name], path.parent != folder
        head, *told = table_of(book[name])
        rows = [values(row) for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())]
        if inner:
            assert head[0] == "scenario"
            name = load(path.parent / "scenario.toml").name
            told = [row[1:] for row in told if row[0] == name]
        assert len(told) == len(rows) and rows
        for ours, theirs in zip(told, rows, strict=True):
            for cell, value in zip(ours, theirs, strict=True):
                if value is None:
                    assert cell in SHORTHAND
                elif not isinstance(value, str):
                    assert cell == value and isinstance(cell, bool) == isinstance(value, bool)
                else:
                    assert isinstance(cell, str)


def test_means_beside_each_other_are_those_of_the_summary(
    book_of_kind: Callable[[str], Workbook], folder_of: Callable[[str], Path]
) -> None:
    summary = pd.read_csv(folder_of("run") / "summary.csv").set_index(["measure", "financial_year"])["mean"]
    for name, columns in {
        "Late and why": {"Share on time": "inspections_on_time", "All late": "inspections_late"},
        "People": {"Social care HMI": "utilisation_social_care_hmi", "All roles": "utilisation"},
    }.items():
        head, *rows = table_of(book_of_kind("run")[name])
        for column, measure in columns.items():
            told = {row[0]: row[head.index(column)] for row in rows}
            assert told == {
                year: "[x]" if pd.isna(value) else value for year, value in summary[measure].to_dict().items()
            }


def test_quarters_add_up_to_the_days_of_the_runs_and_peaks_have_every_week(
    book_of_kind: Callable[[str], Workbook], folder_of: Callable[[str], Path]
) -> None:
    load_by_week = pd.read_parquet(folder_of("run") / "workload.parquet")
    head, *rows = table_of(book_of_kind("run")["Quarters"])
    for name in ("days_due", "days_worked", "days_available"):
        column = name.replace("_", " ").capitalize()
        assert sum(row[head.index(column)] for row in rows) == pytest.approx(load_by_week[name].sum() / 4)
    _, *weeks = table_of(book_of_kind("run")["Peaks"])
    on_site = pd.read_parquet(folder_of("run") / "on_site.parquet")
    assert [row[0] for row in weeks] == sorted({row[0] for row in weeks})
    assert sum(row[1] for row in weeks) == pytest.approx(on_site["inspectors"].sum() / 4)


def test_tables_of_the_answer_hold_their_figures_as_numbers(
    kind: str, book: Workbook, folder_of: Callable[[str], Path]
) -> None:
    tables = [block for block in read_answer(folder_of(kind)).blocks if isinstance(block, Table) and block.rows]
    sheets = [sheet for sheet in book.worksheets if re.fullmatch(r"Answer \d+", sheet.title)]
    assert len(sheets) == len(tables)
    for sheet, table in zip(sheets, tables, strict=True):
        head, *rows = table_of(sheet)
        assert len(rows) == len(table.rows)
        for place, name in enumerate(table.heads):
            at = head.index(name or "note")
            for row, told in zip(rows, table.rows, strict=True):
                if isinstance(row[at], int | float):
                    shown = told[place].removesuffix("~").partition(" (")[0].replace(",", "").replace("£", "")
                    scale = 0.01 if shown.endswith("%") else 1.0
                    assert row[at] == pytest.approx(float(shown.removesuffix("%")) * scale)


def test_every_assumption_has_value_unit_source_and_confidence(
    kind: str, book: Workbook, folder_of: Callable[[str], Path]
) -> None:
    folder = folder_of(kind)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    own = folder / "scenario.toml"
    file = own if own.exists() else folder / manifest["scenarios"][0] / "scenario.toml"
    head, *rows = table_of(book["Assumptions"])
    assert head[:10] == ["Key", "Value", "Unit", "Low", "High", "Confidence", "Source", "Meaning", "Whose", "Rank"]
    told = {row[0]: row for row in rows}
    for entry in entries(load(file)):
        row = told[entry.key]
        if isinstance(entry.value, int | float):
            assert row[1] == entry.value
        assert row[2] == (entry.unit or "[z]") and row[5] == entry.note.confidence
        if entry.note.low is not None:
            assert row[3:5] == [entry.note.low, entry.note.high]


# ---------------------------------------------------------------- what the columns mean


def test_every_column_of_every_sheet_and_table_is_explained(
    kind: str, book: Workbook, folder_of: Callable[[str], Path]
) -> None:
    head, *rows = table_of(book["Columns"])
    assert head == ["Sheet", "File", "Column", "Unit", "Meaning", "Allowed values"]
    assert not [row for row in rows if "A column that only this study has" in row[4]]
    told = {(row[0], row[2]) for row in rows}
    for sheet in book.worksheets:
        if sheet.tables and sheet.title not in ("Contents", "Notes"):
            assert not [name for name in table_of(sheet)[0] if (sheet.title, name) not in told], sheet.title
    import pyarrow.parquet as pq

    for path in folder_of(kind).rglob("*.parquet"):
        assert {("[z]", name) for name in pq.read_schema(path).names} <= told


def test_the_folder_of_every_kind_says_what_each_column_of_its_tables_holds(
    kind: str, folder_of: Callable[[str], Path]
) -> None:
    assert undescribed(folder_of(kind)) == []
    manifests = list(folder_of(kind).rglob("manifest.json"))
    assert all("columns.csv" in json.loads(path.read_text(encoding="utf-8"))["files"] for path in manifests)


@pytest.mark.slow
def test_no_description_is_of_a_column_that_no_study_has(folder_of: Callable[[str], Path]) -> None:
    there: set[tuple[str, str]] = set()
    scenario = load("ilacs_launch")
    for kind in KINDS:
        paths = [*folder_of(kind).rglob("*.csv"), *folder_of(kind).rglob("*.parquet")]
        there |= {(each.file, each.name) for path in paths for each in Dictionary.of(scenario).columns_of(path)}
    names = {name for _, name in there}
    told = {key for key in _known() if not key[1].startswith((f"{NONE}_", f"{LATER}_"))}  # plans that small one lacks
    assert {key for key in told if key not in there and not (key[0] == EVERY_FILE and key[1] in names)} == set()


# ---------------------------------------------------------------- the accessible form


def test_sheets_stand_in_order_and_their_names_are_short_and_plain(book: Workbook) -> None:
    names = book.sheetnames
    assert names[:4] == ["Cover", "Contents", "Notes", "Answer"] and names[-2:] == ["Assumptions", "Columns"]
    assert all(len(name) <= 31 and re.fullmatch(r"[\w ]+", name) for name in names)


def test_each_sheet_has_a_title_in_a1_and_says_how_many_tables_and_charts_it_has(book: Workbook) -> None:
    for sheet in book.worksheets:
        assert isinstance(sheet["A1"].value, str) and sheet["A1"].font.bold
        tables = "one table" if sheet.tables else "no table"
        charts = ["", " and one chart, below the table"]
        number = len(sheet._charts)  # type: ignore[attr-defined]  # it has no public name
        said = charts[number] if number < 2 else f" and {number} charts, below the table"
        assert sheet["A2"].value == f"This worksheet contains {tables}{said}."


def test_each_sheet_has_at_most_one_table_marked_up_from_column_a_with_a_name_of_its_own(book: Workbook) -> None:
    names = [name for sheet in book.worksheets for name in sheet.tables]
    assert len(names) == len(set(names)) and all(re.fullmatch(r"Table_\w+", name) for name in names)
    for sheet in book.worksheets:
        assert len(sheet.tables) == (0 if sheet.title in TEXT_SHEETS or "no table" in sheet["A2"].value else 1)
        for table in sheet.tables.values():
            first, last = table.ref.split(":")
            assert first.startswith("A") and first[1:].isdigit()
            assert sheet.freeze_panes == f"A{int(first[1:]) + 1}"
            assert int(re.sub(r"\D", "", last)) == sheet.max_row, "text stands under the table"


def test_no_cells_are_merged_hidden_or_blank_inside_of_tables(book: Workbook) -> None:
    for sheet in book.worksheets:
        assert not sheet.merged_cells.ranges and sheet.sheet_state == "visible"
        assert not any(each.hidden for each in (*sheet.row_dimensions.values(), *sheet.column_dimensions.values()))
        first = [sheet.cell(row, 1).value for row in range(1, sheet.max_row + 1)]
        assert None not in first, f"a blank row on {sheet.title}"
        if sheet.tables:
            head, *rows = table_of(sheet)
            assert all(cell is not None and cell != "" for row in (head, *rows) for cell in row), sheet.title
            assert len({name.lower() for name in head}) == len(head)


def test_heads_are_wrapped_and_bold_and_rows_high_enough_for_their_text(book: Workbook) -> None:
    for sheet in book.worksheets:
        for table in sheet.tables.values():
            for cell in sheet[table.ref][0]:
                assert cell.alignment.wrap_text and cell.font.bold
        for number, row in enumerate(sheet.iter_rows(min_row=2, max_col=1), start=2):
            text, wide = str(row[0].value), sheet.column_dimensions["A"].width
            if row[0].alignment.wrap_text and len(text) > 3 * wide:
                assert (sheet.row_dimensions[number].height or 0) > 29, (sheet.title, text)


def test_figures_are_numbers_with_formats_and_dates_are_dates(book: Workbook) -> None:
    texts = [cell.value for _, cell in cells(book) if isinstance(cell.value, str)]
    assert not [text for text in texts if DAY.fullmatch(text)]
    dates = [cell for _, cell in cells(book) if isinstance(cell.value, datetime.datetime)]
    assert all(cell.is_date and cell.number_format == "dd/mm/yyyy" for cell in dates) and dates
    if "Years" in book.sheetnames:
        head, *rows = table_of(book["Years"])
        formats = {
            row[head.index("unit")].value: row[head.index("mean")].number_format
            for row in book["Years"].iter_rows(min_row=book["Years"].max_row - len(rows) + 1)
            if row[head.index("mean")].value not in SHORTHAND
        }
        assert formats["share"] == "0.0%" and formats["pounds"] == "£#,##0"


def test_shorthand_is_explained_in_the_notes_and_each_sheet_that_uses_it_says_so(book: Workbook) -> None:
    about = [row[0] for row in table_of(book["Notes"])]
    assert set(SHORTHAND) <= set(about)
    for sheet in book.worksheets:
        if sheet.tables and sheet.title != "Notes":
            used = {cell for row in table_of(sheet) for cell in row if cell in SHORTHAND}
            said = " ".join(str(sheet.cell(row, 1).value) for row in range(1, 8))
            assert all(each in said for each in used) and ("The sheet Notes explains the shorthand" in said) == bool(
                used
            )


def test_contents_lead_to_every_sheet_and_every_sheet_leads_back(book: Workbook) -> None:
    targets = [cell.hyperlink.location for row in book["Contents"].iter_rows() for cell in row if cell.hyperlink]
    assert targets == [f"'{name}'!A1" for name in book.sheetnames if name not in ("Cover", "Contents")]
    for sheet in book.worksheets:
        if sheet.title != "Contents":
            links = [cell.hyperlink.location for row in sheet.iter_rows(max_row=8) for cell in row if cell.hyperlink]
            assert links == ["'Contents'!A1"]


def test_each_chart_is_the_programs_own_and_has_a_text_alternative(
    kind: str, book: Workbook, path_of: Callable[[str], Path]
) -> None:
    with zipfile.ZipFile(path_of(kind)) as file:
        names = file.namelist()
        drawings = [file.read(name).decode() for name in names if re.match(r"xl/drawings/drawing\d+\.xml", name)]
    frames = [frame for text in drawings for frame in re.findall(r"<xdr:graphicFrame.*?</xdr:graphicFrame>", text)]
    assert len(frames) == len([name for name in names if re.match(r"xl/charts/chart\d+\.xml", name)])
    assert not [name for name in names if "/media/" in name]
    described = [re.search(r'descr="([^"]+)"', frame) for frame in frames]
    assert all(found and "All figures are in the table above it" in found[1] for found in described)
    assert len(frames) == sum(row[2] for row in table_of(book["Contents"])[1:])
    assert len(frames) >= {"run": 3, "comparison": 4, "script": 4, "capacity": 1, "plan": 1}.get(kind, 0)


def test_parts_of_a_chart_are_told_apart_without_their_colour(path_of: Callable[[str], Path]) -> None:
    with zipfile.ZipFile(path_of("run")) as file:
        charts = [file.read(name).decode() for name in file.namelist() if name.startswith("xl/charts/chart")]
    for text in charts:
        series = re.findall(r"<c:ser>.*?</c:ser>", text, re.S)
        marks = [re.search(r'(?:<c:symbol val|pattFill prst)="(\w+)"', each) for each in series]
        told = [mark[1] if mark else "plain" for mark in marks]
        assert told and len(set(told)) == len(told)


def test_properties_name_the_program_and_nobody(book: Workbook) -> None:
    about = book.properties
    assert about.creator == f"inspectorate-workload-simulation {program_version()}"
    assert about.title == book["Cover"]["A1"].value and about.created == CREATED
    assert about.lastModifiedBy in (None, about.creator)
    props = book.custom_doc_props.props  # type: ignore[attr-defined]  # the types lack it
    assert [(each.name, each.value) for each in props] == [("Language", "en-GB")]


# ---------------------------------------------------------------- safe to send on, and the same bytes


def test_no_cell_of_any_workbook_is_a_formula_and_none_leads_outside(kind: str, path_of: Callable[[str], Path]) -> None:
    with zipfile.ZipFile(path_of(kind)) as file:
        for name in file.namelist():
            text = file.read(name).decode()
            if name.startswith("xl/worksheets/"):
                assert "<f>" not in text and "<f " not in text
                assert 'TargetMode="External"' not in text


def test_no_authority_is_named_in_any_workbook(kind: str, path_of: Callable[[str], Path]) -> None:
    with zipfile.ZipFile(path_of(kind)) as file:
        text = "".join(file.read(name).decode() for name in file.namelist())
    assert [name for name in (*NAMES, UNLISTED, AUTHORITY_CREATED) if name.replace("&", "&amp;") in text] == []


def test_the_same_study_gives_the_same_bytes_wherever_it_stands(
    kind: str, path_of: Callable[[str], Path], folder_of: Callable[[str], Path], tmp_path: Path
) -> None:
    elsewhere = tmp_path / folder_of(kind).name
    shutil.copytree(folder_of(kind), elsewhere)
    assert bytes_of(book_of(elsewhere)) == path_of(kind).read_bytes()


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_like_a_formula_or_link_is_a_text(text: str, tmp_path: Path) -> None:
    write_workbook(tmp_path / "one.xlsx", pd.DataFrame({text: [text, "b"], "b": [1.5, 2.0]}), "one")
    row = Sheet("Table", text, (text,), (text, "b"), ((text, text),))
    content = bytes_of(Book(text, (Text("Cover", text, ((text, (text,)),)), row)))
    (tmp_path / "two.xlsx").write_bytes(content)
    for name in ("one.xlsx", "two.xlsx"):
        found = [cell for _, cell in cells(load_workbook(tmp_path / name)) if cell.value == text]
        assert len(found) >= 2 and {cell.data_type for cell in found} == {"s"}


def test_a_text_longer_than_a_cell_is_cut_and_says_so(tmp_path: Path) -> None:
    write_workbook(tmp_path / "long.xlsx", pd.DataFrame({"a": ["x" * (LONGEST_CELL + 1)]}), "long")
    (cell,) = [cell.value for _, cell in cells(load_workbook(tmp_path / "long.xlsx")) if cell.value != "a"]
    assert len(cell) == LONGEST_CELL and cell.endswith("the folder of the study has the whole text)")


# ---------------------------------------------------------------- where it goes, and what is refused


@pytest.fixture
def own(folder_of: Callable[[str], Path], tmp_path: Path) -> Path:
    """A run of one's own, to be spoilt."""
    own = tmp_path / "mine"
    shutil.copytree(folder_of("run"), own)
    return own


def test_it_stands_beside_the_folder_of_the_study_which_stays_as_it_is(
    own: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(path.name for path in own.iterdir())
    place = own.with_name(f"{own.name}.xlsx")
    assert main(["workbook", str(own)]) == 0
    assert place.is_file() and f"Written: {place}" in capsys.readouterr().out
    assert sorted(path.name for path in own.iterdir()) == before
    assert run(home, own) == 0
    assert "Already there, nothing run" in capsys.readouterr().out


def test_a_file_in_the_way_stays_unless_it_may_be_replaced(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    thesis = own.parent / "thesis.xlsx"
    thesis.write_text("years of work", encoding="utf-8")
    for place, says in (
        (thesis, "replace it with --overwrite"),
        (own / "mine.xlsx", "inside the folder of a study"),
        (own.parent, "it is a folder"),
        (own.parent / "book.csv", "a name that ends in .xlsx"),
        (thesis / "book.xlsx", "cannot write there"),
    ):
        assert main(["workbook", str(own), "--out", str(place)]) == 2
        assert says in " ".join(capsys.readouterr().err.split())
    assert thesis.read_text(encoding="utf-8") == "years of work"
    assert sorted(path.name for path in own.parent.iterdir()) == ["mine", "thesis.xlsx"]
    assert main(["workbook", str(own), "--out", str(thesis), "--overwrite"]) == 0
    assert load_workbook(thesis).sheetnames[0] == "Cover"


def damaged(folder: Path) -> None:
    (folder / "summary.csv").write_text("spoilt", encoding="utf-8")


def no_study(folder: Path) -> None:
    (folder / "manifest.json").unlink()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [(damaged, "summary.csv has changed since it was written"), (no_study, "it is not the folder of a study"),
     (shutil.rmtree, "there is no such folder")],
)  # fmt: skip
def test_a_folder_that_is_no_whole_study_is_refused_in_plain_words(
    spoil: Callable[[Path], object], says: str, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(own)
    assert main(["workbook", str(own), "--out", str(own.parent / "mine.xlsx")]) == 2
    said = capsys.readouterr().err
    assert says in said and "nothing was run or written" in said and "Traceback" not in said and "`" not in said
    assert not (own.parent / "mine.xlsx").exists()


# ---------------------------------------------------------------- in a spreadsheet program


def test_libreoffice_opens_and_prints_it(path_of: Callable[[str], Path], tmp_path: Path) -> None:
    content = pdf_of(path_of("run"), tmp_path)
    assert content.startswith(b"%PDF") and len(content) > 50_000


def test_sheets_of_one_name_are_told_apart_whatever_the_size_of_its_letters() -> None:
    sheets = [Sheet(name, "title", ("line",)) for name in ("People", "people", "Peaks", "PEOPLE", "x" * LONGEST_NAME)]
    names = [sheet.name for sheet in named_apart([*sheets, sheets[-1]])]
    assert names[:4] == ["People", "people (2)", "Peaks", "PEOPLE (3)"]
    assert len({name.lower() for name in names}) == len(names)
    assert all(len(name) <= LONGEST_NAME for name in names)


def test_a_mark_of_chance_leaves_figures_and_ranges_numbers() -> None:
    table = Table(
        "differences", ("year", "late"), (("2018-19", "+1.2 (-0.1 to 2.3)~"), ("2019-20", "+3.0 (2.0 to 4.0)"))
    )
    head, rows = of_table(table)
    assert head == ("year", "late", "late, low", "late, high", "late, may be chance")
    assert [row[4] for row in rows] == ["yes", "no"]
    assert all(isinstance(cell, Number) for row in rows for cell in row[1:4])
