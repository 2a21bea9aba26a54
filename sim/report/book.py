"""Define the workbook of a study, sheet by sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from sim.base.calendar import quarter
from sim.base.figures import people_of, plain_words
from sim.charts.lateness import ROWS
from sim.inputs.reasons import GROUPS
from sim.report import assumptions
from sim.report.assumptions_sheet import sheet_of
from sim.report.contents import Report, report_from, told_of
from sim.report.folder import source_of
from sim.report.names import TOLD, without_names_of
from sim.report.sheets import (
    SHARE,
    WHOLE,
    Chart,
    Csv,
    Kind,
    Row,
    Series,
    Sheet,
    named_once,
    of_table,
)
from sim.report.source import Source
from sim.runs.measures import USED, defined_for, unit_of
from sim.runs.results import QUANTILES, SUMMARY, VARIANCE, Results
from sim.studies.answer import Note, Preformatted, Sentence, Table
from sim.studies.columns import DICTIONARY, Column, Dictionary, read_columns
from sim.studies.workbook import MISSING, NOT_APPLICABLE, Cell, Number

COVER, CONTENTS, NOTES, ANSWER, COLUMNS = "Cover", "Contents", "Notes", "Answer", "Columns"
RESULT_FILES = {
    SUMMARY: (
        "Years",
        "Every measure by financial year: mean over the runs, its 95% interval, and the range of the runs",
    ),
    QUANTILES: ("Quantiles", "Quantiles of the runs by measure and financial year, each with its interval"),
    VARIANCE: ("Variance", "How much of the variance of each measure comes from uncertainty about the parameters"),
}
"""Sheet and title for each file of a scenario's result folder."""
FILES = RESULT_FILES | {
    "comparison.csv": ("Comparison", "Differences between scenarios by measure and financial year"),
    "answer.csv": ("Study table", "Measures of every scenario, and their differences from the base"),
    "curve.csv": ("Capacity curve", "What each head-count does"),
    "offered_load.csv": ("Offered load", "Work that would fall due if no visit waited for people, by financial year"),
    "people_bound.csv": ("Fewest people", "Fewest people that the inspections of each run need"),
    "quarters.csv": ("Quarters", "The recruitment plan by quarter"),
    "years.csv": ("Plan by year", "How often each financial year keeps the service level"),
    "rows.csv": ("Visits of the plan", "What the runs say about each visit in the plan"),
    "weeks.csv": ("Weeks of the plan", "What the runs say about each week of the plan"),
    "moved.csv": ("Better weeks", "The plan with better weeks"),
    "programme.csv": ("Programme", "Levelled plan of visits"),
    "points.csv": ("Points", "What happened, and what the forecast said"),
    "draws.csv": ("Draws", "Draws of the inferred parameters"),
    "rank_correlations.csv": ("Sensitivity", "How each measure depends on each assumption"),
    "assumptions.csv": ("Varied", "Assumptions that were varied, with their ranges"),
    "not_varied.csv": ("Not varied", "Values of low confidence that were not varied"),
    "design.csv": ("Design", "Every run: its point, the value of each assumption, and each measure"),
}
"""Sheet and title for each file of a study; other files are named after their file name."""
PARQUET = ".parquet"
LONGEST_NAME = 31
"""Most letters in the name of a sheet."""
YEAR = "financial_year"
ON_TIME, LATE = "inspections_on_time", "inspections_late"
DAYS = ("inspector_days_due", "inspector_days_worked", "inspector_days_available")

SHORTHAND = {
    MISSING: "The figure is not available: there was nothing to measure, or there were too few runs.",
    NOT_APPLICABLE: "Not applicable: the cell cannot have a value.",
}
GUIDANCE = (
    "This workbook follows the guidance Releasing statistics in spreadsheets of the UK government's Analysis Function. "
    "Each sheet has one table, which begins in column A. Missing values have a shorthand, and charts have a text "
    "alternative."
)
NO_NAMES = f"This workbook writes (an authority) in place of the name of an authority. {TOLD}"


@dataclass(frozen=True)
class Text:
    """Hold a sheet of text: headings, each with its paragraphs."""

    name: str
    title: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Book:
    """Hold a workbook: its title, and its sheets in order."""

    title: str
    sheets: tuple[Sheet | Text, ...]


def book_of(folder: Path) -> Book:
    """Return the workbook of a study's folder, without the name of any authority.

    Raises
    ------
    InputError
        If the folder does not hold a complete study.
    """
    return told_of(source_of(folder), lambda source: _book(source, report_from(source)))


def _book(source: Source, report: Report) -> Book:
    clean = without_names_of(source.scenarios)
    dictionary = Dictionary.of(source.base, _own_columns(source))
    title = clean(f"{report.name}: {report.called.lower()}")
    tables = [_sheet_of(table, number) for number, table in enumerate(_tables(report), start=1)]
    files = list(_files(source, dictionary, clean))
    inner = named_apart([*tables, *files, _assumptions(source, clean)])
    inner.append(_columns(source, inner, dictionary, clean))
    answer = _answer(report, tables)
    notes = _notes(report)
    contents = contents_of([notes, answer, *inner])
    return Book(title, (_cover(report, title), contents, notes, answer, *inner))


def named_apart(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Rename sheets so that no two share a name, ignoring case; the first one keeps it."""
    taken: set[str] = set()
    found = []
    for sheet in sheets:
        name, number = sheet.name, 2
        while name.lower() in taken:
            end = f" ({number})"
            name, number = sheet.name[: LONGEST_NAME - len(end)] + end, number + 1
        taken.add(name.lower())
        found.append(replace(sheet, name=name))
    return found


# ---------------------------------------------------------------- text, and tables about the workbook


def _cover(report: Report, title: str) -> Text:
    parts = [
        ("What was asked", (report.question, *(f"{each.head}: {each.text}" for each in report.asked))),
        ("Answer in brief", report.lead),
        ("Runs that failed", report.failures),
        ("Read this first", report.cautions),
        ("How to repeat the study", (report.command, *report.to_repeat)),
        ("How it was made", tuple(f"{each.head}: {each.text}" for each in report.made)),
        ("This workbook", (GUIDANCE, NO_NAMES)),
    ]
    return Text(COVER, title, tuple((head, texts) for head, texts in parts if texts))


def contents_of(others: Sequence[Sheet | Text]) -> Sheet:
    """Return the sheet of contents: each other sheet, what it holds, and how many charts it has."""
    rows = tuple((each.name, each.title, Number(len(getattr(each, "charts", ())), WHOLE)) for each in others)
    return Sheet(
        CONTENTS, "Contents: the sheets of this workbook", ("Each name is a link to its sheet.",),
        ("Sheet", "What it holds", "Charts"), rows, links=tuple(each.name for each in others),
    )  # fmt: skip


def _notes(report: Report) -> Sheet:
    found = list(SHORTHAND.items())
    found.append(("Percentages", "A share is a number from 0 to 1, shown as a percentage."))
    found.append(
        ("Ranges", "A column whose name ends in low or high holds one end of the range of the figure next to it.")
    )
    found += [("Answer", note.text) for note in _notes_of(report) if note.text]
    found += [(head, words) for note in _notes_of(report) for head, words in note.items]
    found += [(each.head, each.text) for each in report.uncertainty]
    found += [("What follows from the assumptions", text) for text in report.follows]
    for change in report.changes:
        found += [
            (f"Changed from {change.there}", f"{each.key}: {each.there} there, {each.here} in {change.here}")
            for each in change.rows
        ]
    return Sheet(NOTES, "Notes: shorthand, and how to read the figures", (), ("About", "Note"), tuple(found))


def _notes_of(report: Report) -> list[Note]:
    return [block for block in report.answer if isinstance(block, Note)]


def _answer(report: Report, tables: Sequence[Sheet]) -> Text:
    said = tuple(block.text for block in report.answer if isinstance(block, Sentence))
    printed = tuple(
        line for block in report.answer if isinstance(block, Preformatted) for line in block.text.splitlines()
    )
    parts = [
        ("In brief", report.lead),
        ("Runs that failed", report.failures),
        ("In full", said),
        ("As it was printed", tuple(line for line in printed if line.strip())),
        ("Its tables", tuple(f"{table.name}: {table.title}" for table in tables)),
    ]
    return Text(ANSWER, "Answer: what the study found", tuple((head, texts) for head, texts in parts if texts))


def _tables(report: Report) -> list[Table]:
    return [block for block in report.answer if isinstance(block, Table) and block.rows]


def _sheet_of(table: Table, number: int) -> Sheet:
    head, rows = of_table(table)
    name = f"{ANSWER} {number}"
    lines = ["Figures are rounded as in the answer."]
    if table.file in FILES:
        lines.append(f"The sheet {FILES[table.file][0]} has the unrounded figures.")
    columns = tuple(_of_answer(table.caption, number, each) for each in head)
    return Sheet(name, table.caption or f"Table {number} of the answer", (" ".join(lines),), head, rows, columns)


def _of_answer(caption: str, number: int, head: str) -> Column:
    """Describe a column of a table of the answer; the answer's sentences and notes explain its words."""
    inner, _, end = head.rpartition(", ")
    meaning = f"{head} (table: {caption})" if caption else f"{head}; see the sheet {ANSWER}"
    if inner and end in ("low", "high"):
        meaning = f"{end.capitalize()} end of the range of {inner}; see the sheets {ANSWER} and {NOTES}"
    return Column(f"answer.json, table {number}", head, meaning=meaning)


# ---------------------------------------------------------------- files of the study


def _own_columns(source: Source) -> list[Column]:
    """Return the columns that the study's folder describes; older versions of the program described none."""
    there = any(file.name == DICTIONARY for file in source.files)
    return read_columns((source.folder / DICTIONARY).read_text(encoding="utf-8")) if there else []


def _files(source: Source, dictionary: Dictionary, clean: Callable[[str], str]) -> Iterator[Sheet]:
    """Return sheets for the CSVs of a folder, and for the results of its scenarios by year, quarter and week."""
    names = [scenario.name for scenario in source.scenarios]
    results = list(zip(names, source.results, strict=True)) if source.results else []
    for file, (name, title) in RESULT_FILES.items():
        held = [(each, Csv.read(found.folder / file)) for each, found in results if (found.folder / file).is_file()]
        if held:
            both = Csv.below_each_other(held)
            yield _sheet_of_file(file, name, title, both, dictionary, clean)
            if file == SUMMARY:
                yield _measures(source, both)
                yield from _by_year(both, dictionary, clean)
    if results:
        yield from _quarters(results, clean)
        yield from _peaks(source, results, clean)
    for each in source.files:
        if each.name.endswith(".csv") and each.name not in (*RESULT_FILES, DICTIONARY) and "/" not in each.name:
            name, title = FILES.get(each.name, (plain_words(Path(each.name).stem).capitalize()[:LONGEST_NAME],) * 2)
            yield _sheet_of_file(each.name, name, title, Csv.read(source.folder / each.name), dictionary, clean)


def _sheet_of_file(
    file: str, name: str, title: str, held: Csv, dictionary: Dictionary, clean: Callable[[str], str]
) -> Sheet:
    known = [dictionary.column(file, each) for each in held.head]
    head = named_once([clean(each.replace("_", " ")) for each in held.head])
    line = f"All figures of the study's file {file}."
    if not held.rows:
        return Sheet(name, title, (f"{line} The file has no rows.",))
    sheet = Sheet(name, title, (line,), head, held.cells(known, clean), tuple(known))
    return replace(sheet, charts=tuple(_capacity_curve(held))) if file == "curve.csv" else sheet


def _measures(source: Source, held: Csv) -> Sheet:
    place = held.head.index("measure")
    formulas = {each.name: each.formula for scenario in source.scenarios for each in defined_for(scenario)}
    rows = tuple(
        (name, unit_of(name), formulas.get(name, NOT_APPLICABLE))
        for name in dict.fromkeys(row[place] for row in held.rows)
    )
    columns = (
        Column(SUMMARY, "measure", "", "Name of the measure"),
        Column(SUMMARY, "unit", "", "Unit of its figures"),
        Column("", "formula", "", "How the measure is counted"),
    )
    return Sheet("Measures", "Unit and formula of every measure", (), ("Measure", "Unit", "Formula"), rows, columns)


def _by_year(held: Csv, dictionary: Dictionary, clean: Callable[[str], str]) -> Iterator[Sheet]:
    """Return sheets of means by year, with charts: late inspections and why, and the use of people's time."""
    known = list(dict.fromkeys(row[held.head.index("measure")] for row in held.rows))
    groups = {f"{LATE}_{group}": ROWS[group] for group in GROUPS}
    late = {ON_TIME: "Share on time", LATE: "All late", **groups}
    late = {name: words for name, words in late.items() if name in known}
    roles = {name: _role(name) for name in known if name.startswith(USED)}
    people = {"utilisation": "All roles", **roles, **{name: plain_words(name) for name in DAYS}}
    people = {name: words for name, words in people.items() if name in known}
    if LATE in late:
        wide = _wide(held, late, dictionary, clean)
        why = [late[each] for each in groups if each in late]
        asked = (
            Asked("column", "Inspections that begin on time", "Share of inspections", [late.get(ON_TIME, "")], "0%"),
            Asked("stacked", "Late inspections by what they mostly waited for", "Inspections per run", why, "0"),
        )
        title = "Inspections on time, and late ones by what they mostly waited for (mean per run)"
        yield replace(wide, name="Late and why", title=title, charts=tuple(_charts(wide, asked)))
    if roles:
        wide = _wide(held, people, dictionary, clean)
        title = "Share of each role's time that the work takes, and inspector-days of all roles (mean per run)"
        time = Asked(
            "line", "Share of each role's time that the work takes", "Share of time", list(roles.values()), "0%"
        )
        yield replace(wide, name="People", title=title, charts=tuple(_charts(wide, [time])))


def _role(measure: str) -> str:
    words = people_of(measure.removeprefix(USED))
    return words[0].upper() + words[1:]


def _wide(held: Csv, measures: dict[str, str], dictionary: Dictionary, clean: Callable[[str], str]) -> Sheet:
    """Return a sheet of the means of some measures by year, and by scenario if there are several."""
    by = [each for each in ("scenario", YEAR) if each in held.head]
    places = [held.head.index(each) for each in by]
    measure, mean = held.head.index("measure"), held.head.index("mean")
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for row in held.rows:
        found.setdefault(tuple(row[place] for place in places), {})[row[measure]] = row[mean]
    rows = tuple((*key, *(values.get(each, "") for each in measures)) for key, values in found.items())
    known = [dictionary.column(SUMMARY, each) for each in (*by, *measures)]
    cells = Csv((*by, *measures), rows).cells(known, clean)
    head = ("Scenario", "Financial year")[-len(by) :] + tuple(measures.values())
    line = f"Means from the file {SUMMARY}; the sheet Years has the intervals and ranges."
    return Sheet("", "", (line,), head, cells, tuple(known))


class Asked(NamedTuple):
    """Describe a chart of a table by year: its kind, title, axis unit and format, and the heads of its columns."""

    kind: Kind
    title: str
    unit: str
    heads: Sequence[str]
    form: str


def _charts(wide: Sheet, asked: Sequence[Asked]) -> Iterator[Chart]:
    """Return charts of a table by year, one for each scenario."""
    year = wide.head.index("Financial year")
    names = [str(row[0]) if year else "" for row in wide.rows]
    for name in dict.fromkeys(names):
        rows = names.index(name), len(names) - 1 - names[::-1].index(name)
        for kind, title, unit, heads, form in asked:
            series = [Series(each, wide.head.index(each)) for each in heads if each]
            shown = tuple(each for each in series if _any(wide.rows[rows[0] : rows[1] + 1], each.column))
            if shown:
                words = f"{title}: {name}" if name else title
                yield Chart(kind, words, "Financial year", unit, year, *rows, shown, form, of_a_whole=kind == "column")


def _any(rows: Sequence[Row], place: int) -> bool:
    return any(isinstance(row[place], Number) for row in rows)


def _capacity_curve(held: Csv) -> Iterator[Chart]:
    """Return the capacity curve of each search; the rows of a search follow each other."""
    level, unit, search = (held.head.index(each) for each in ("level", "unit", "search"))
    share = [held.head.index(each) for each in ("share_kept", "kept_low", "kept_high")]
    words = ("Runs that keep the service level", "Lower limit of the 95% interval", "Upper limit of the 95% interval")
    found = [(row[search], row[unit]) for row in held.rows]
    for each in dict.fromkeys(found):
        rows = [place for place, other in enumerate(found) if other == each]
        if rows == list(range(rows[0], rows[-1] + 1)):
            yield Chart(
                "points", f"Share of runs that keep the service level, by {each[1]}", each[1], "Share of runs", level,
                rows[0], rows[-1], tuple(map(Series, words, share)), "0%",
                of_a_whole=True,
            )  # fmt: skip


def _kept(results: Sequence[tuple[str, Results]], name: str) -> list[tuple[str, Results]]:
    """Return the results that have a table and at least one run."""
    return [(each, found) for each, found in results if (found.folder / f"{name}.parquet").is_file() and found.runs]


def _quarters(results: Sequence[tuple[str, Results]], clean: Callable[[str], str]) -> Iterator[Sheet]:
    """Return a sheet of inspector-days by quarter and role, mean over the runs."""
    kept = _kept(results, "workload")
    rows: list[Row] = []
    for name, found in kept:
        table = found.table("workload")
        table["quarter"] = [quarter(day.date()) for day in table["week"]]
        days = ["days_due", "days_worked", "days_available"]
        sums = table.groupby(["quarter", "role"], sort=False)[days].sum() / found.runs
        for (when, role), values in zip(sums.index, sums.to_numpy().tolist(), strict=True):
            _, worked, available = values
            share: Cell = Number(worked / available, SHARE) if available else MISSING
            cells = (when, people_of(str(role)), *(Number(each, "#,##0.0") for each in values), share)
            rows.append((clean(name), *cells) if len(results) > 1 else cells)
    if rows:
        of = "workload.parquet"
        head = ("Quarter", "Role", "Days due", "Days worked", "Days available", "Share of time")
        columns = (
            Column(of, "quarter", "", "Quarter of the financial year that holds the Monday of the week"),
            Column(of, "role", "", "Role of the inspectors"),
            Column(of, "days_due", "inspector-days", "Days of visits that fall due, mean over the runs"),
            Column(of, "days_worked", "inspector-days", "Days worked, mean over the runs"),
            Column(of, "days_available", "inspector-days", "Days that people have available, mean over the runs"),
            Column(of, "share", "share", "Days worked as a share of the days available"),
        )
        yield _of_scenarios(
            Sheet("Quarters", "Inspector-days by quarter and role (mean per run)",
                  ("A week counts in the quarter of its Monday. The first has all work overdue at the start.",),
                  head, tuple(rows), columns), len(results) > 1,
        )  # fmt: skip


def _peaks(source: Source, results: Sequence[tuple[str, Results]], clean: Callable[[str], str]) -> Iterator[Sheet]:
    """Return a sheet of inspectors on site by week."""
    import numpy as np

    from sim.analysis import peaks

    rows: list[Row] = []
    scenarios = {scenario.name: scenario for scenario in source.scenarios}
    for name, found in _kept(_kept(results, "workload"), "on_site"):
        failed = {each["replication"] for each in found.failures}
        runs = np.array([each for each in range(found.replications) if each not in failed])
        out = peaks.on_site(found, scenarios[name], runs)
        for week, *values in peaks.by_week(out, out.people()).itertuples(index=False):
            cells = (week.date(), *(Number(float(each), "0.0") for each in values))
            rows.append((clean(name), *cells) if len(results) > 1 else cells)
    if rows:
        of = "on_site.parquet"
        columns = (
            Column(of, "week", "", "Monday of the week"),
            Column(of, "mean", "inspectors", "Inspectors on site, mean over the runs"),
            Column(of, "p10", "inspectors", "Value that one run in ten is below"),
            Column(of, "p90", "inspectors", "Value that nine runs in ten are below"),
            Column(of, "max", "inspectors", "Highest value in any run"),
        )
        sheet = Sheet(
            "Peaks", "Inspectors on site by week", ("To find the busiest weeks, sort or filter the column Mean.",),
            ("Week", "Mean", "10% of runs below", "90% of runs below", "Most in any run"), tuple(rows), columns,
        )  # fmt: skip
        yield _of_scenarios(sheet, len(results) > 1)


def _of_scenarios(sheet: Sheet, several: bool) -> Sheet:
    """Return a sheet whose rows begin with the name of the scenario, if there are several."""
    if not several:
        return sheet
    named = Column(sheet.columns[0].file, "scenario", "", "Name of the scenario")
    return replace(sheet, head=("Scenario", *sheet.head), columns=(named, *sheet.columns))


# ---------------------------------------------------------------- assumptions, and what the columns mean


def _assumptions(source: Source, clean: Callable[[str], str]) -> Sheet:
    several = len(source.scenarios) > 1
    found = [
        (whose or ("The base" if several else "The scenario"), entry)
        for whose, book in assumptions.every(source.scenarios)
        for entry in book
    ]
    return sheet_of(found, assumptions.ranking_of(source), clean)


def _columns(source: Source, sheets: Sequence[Sheet], dictionary: Dictionary, clean: Callable[[str], str]) -> Sheet:
    """Return the sheet with the meaning of every column of every sheet and table."""
    tables: dict[str, Path] = {}
    for file in source.files:
        path = Path(file.name)
        if path.suffix == PARQUET:
            tables.setdefault(path.name, path)
    known = [each for path in tables.values() for each in dictionary.columns_of(source.folder / path)]
    line = (
        f"Tables that are too large for a sheet are only in the folder of the study. Their sheet is {NOT_APPLICABLE}."
    )
    return columns_of(sheets, clean, known, (line,))


def columns_of(
    sheets: Sequence[Sheet], clean: Callable[[str], str], others: Sequence[Column] = (), lines: tuple[str, ...] = ()
) -> Sheet:
    """Return a sheet with the meanings of the columns of some sheets, and of other columns that have no sheet."""
    rows = [
        (sheet.name, column.file or NOT_APPLICABLE, head, *_described(column, clean))
        for sheet in sheets
        for head, column in zip(sheet.head, sheet.columns, strict=False)
    ]
    rows += [(NOT_APPLICABLE, each.file, clean(each.name), *_described(each, clean)) for each in others]
    own = (
        ("Sheet", "Sheet of this workbook; not applicable to a file that is only in the folder"),
        ("File", "File of the study that the column comes from"),
        ("Column", "Name of the column"),
        ("Unit", "Unit of the figures; not applicable to words, dates and names"),
        ("Meaning", "What the column holds"),
        ("Allowed values", "Words that the column may hold, if there is a fixed list"),
    )
    rows += [(COLUMNS, NOT_APPLICABLE, head, NOT_APPLICABLE, words, NOT_APPLICABLE) for head, words in own]
    return Sheet(
        COLUMNS, "Meaning of the columns of every sheet and file", lines, tuple(h for h, _ in own), tuple(rows)
    )


def _described(column: Column, clean: Callable[[str], str]) -> tuple[str, ...]:
    unknown = "A column that only this study has; the question and words of the study explain it"
    texts = (column.unit or NOT_APPLICABLE, column.meaning or unknown, column.allowed or NOT_APPLICABLE)
    return tuple(map(clean, texts))
