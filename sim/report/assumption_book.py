"""Write the assumption book of a scenario to a file: an accessible workbook, or a CSV."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sim.inputs.assumptions import entries
from sim.inputs.scenario import Scenario
from sim.report import assumptions, workbook
from sim.report.assumptions_sheet import csv_of, sheet_of_scenario
from sim.report.book import COVER, GUIDANCE, NOTES, SHORTHAND, Book, Text, columns_of, contents_of
from sim.report.place import no_place, refuse
from sim.report.sheets import WHOLE, Sheet, form_of
from sim.studies.assumptions_answer import drives, how_ranked
from sim.studies.columns import Column
from sim.studies.provenance import Wanted
from sim.studies.ranking import Ranked, Ranking, ranked
from sim.studies.workbook import NOT_APPLICABLE, Number

ENDINGS = (".xlsx", ".csv")
EXAMPLE = "assumptions.xlsx"
FIRST = "Matter most"
HEADS = (
    ("Rank", "Rank among the numbers that matter most and are known least; 1 is first"),
    ("Name", "What the number is called"),
    ("Value", "Value of the first key in the scenario"),
    ("Unit", "Unit of the value and the range"),
    ("Low", "Lower end of the plausible range"),
    ("High", "Upper end of the plausible range"),
    ("Confidence", "How sure the value is"),
    ("What it drives", "Whether a higher value raises or lowers each measure, and its share of the variance"),
    ("Keys", "Keys of the scenario that have the value"),
    ("Source", "Where the value comes from"),
)
"""Columns of the sheet with the ranking, and their meanings."""


def place_of(out: Path, overwrite: bool) -> Path:
    """Return where the file goes.

    Raises
    ------
    InputError
        If the file cannot go there, or something is there that must not be replaced.
    """
    words = no_place(out, EXAMPLE, ENDINGS)
    if not words and out.exists() and not overwrite:
        words = "the file already exists; replace it with `overwrite=True`, or give another name"
    refuse(out, words)
    return out


def content_of(scenario: Scenario, ranking: Ranking, wanted: Wanted, ending: str) -> bytes:
    """Return the content of the file: a workbook, or only the sheet of assumptions as a CSV."""
    sheet = sheet_of_scenario(scenario, ranking, wanted)
    if ending.lower() == ".csv":
        return csv_of(sheet).encode()
    return workbook.bytes_of(_book(scenario, ranking, wanted, sheet))


def _book(scenario: Scenario, ranking: Ranking, wanted: Wanted, sheet: Sheet) -> Book:
    title = f"{scenario.name}: assumptions"
    how = tuple(how_ranked(ranking, scenario))
    asked = (f"Only those {wanted}.",) if wanted else ("All assumptions.",)
    parts = (
        ("Scenario", (scenario.question,)),
        ("Assumptions in this workbook", (*asked, f"The scenario has {assumptions.tally(scenario)}.")),
        ("How the numbers are ranked", how),
        ("This workbook", (GUIDANCE,)),
    )
    keys = {entry.key for entry in wanted.of(entries(scenario))}
    places = [each for each in ranked(ranking, entries(scenario)) if any(own.key in keys for own in each.entries)]
    inner = [_first(places), sheet] if places else [sheet]
    inner.append(columns_of(inner, str))
    notes = Sheet(NOTES, "Notes: shorthand", (), ("About", "Note"), tuple(SHORTHAND.items()))
    return Book(title, (Text(COVER, title, parts), contents_of([notes, *inner]), notes, *inner))


def _first(places: list[Ranked]) -> Sheet:
    """Return the sheet of the numbers that matter most and are known least."""
    columns = tuple(Column("scenario.toml", name.lower(), "", meaning) for name, meaning in HEADS)
    rows = tuple(tuple(_cells(each)) for each in places)
    title = "Numbers that matter most and are known least, in order"
    lines = (f"The sheet {COVER} explains the ranking.",)
    return Sheet(FIRST, title, lines, tuple(name for name, _ in HEADS), rows, columns)


def _cells(place: Ranked) -> Iterator[str | Number]:
    first, number = place.entries[0], place.number
    value = first.value
    yield Number(place.rank, WHOLE)
    yield number.name
    yield Number(float(value), form_of([float(value)])) if isinstance(value, int | float) else str(value)
    yield first.unit or NOT_APPLICABLE
    yield from (NOT_APPLICABLE if each is None else Number(each) for each in (first.note.low, first.note.high))
    yield first.note.confidence
    yield drives(number)
    yield ", ".join(entry.key for entry in place.entries)
    yield first.note.source or NOT_APPLICABLE
