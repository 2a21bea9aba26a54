"""Make the sheet of assumptions: every number with its unit, range, confidence, source and rank."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Callable, Iterator, Sequence

from sim.base.figures import plain_words
from sim.inputs.assumptions import Entry, entries
from sim.inputs.scenario import Scenario
from sim.report import assumptions
from sim.report.sheets import SHARE, WHOLE, Row, Sheet, dated, form_of
from sim.studies.columns import Column
from sim.studies.provenance import Wanted, outside_scenarios
from sim.studies.ranking import Number as Varied
from sim.studies.ranking import Ranking, ranked
from sim.studies.workbook import NOT_APPLICABLE, Cell, Number

NAME = "Assumptions"
MAY_BE_CHANCE = "may be chance"
"""Shown instead of a share of the variance that may be chance."""
OF = "scenario.toml"
COLUMNS = (
    Column(OF, "key", "", "Key of the assumption; --set accepts it unless no scenario sets it"),
    Column(OF, "value", "as in unit", "Value of the assumption"),
    Column(OF, "unit", "", "Unit of the value and the range"),
    Column(OF, "low", "as in unit", "Lower end of the plausible range; not applicable where there is none"),
    Column(OF, "high", "as in unit", "Upper end of the plausible range; not applicable where there is none"),
    Column(OF, "confidence", "", "How sure the value is", ", ".join(assumptions.CONFIDENCE)),
    Column(OF, "source", "", "Where the value comes from"),
    Column(OF, "meaning", "", "What the assumption means"),
    Column(OF, "whose", "", "Which scenario the assumption belongs to"),
)


def sheet_of(found: Sequence[tuple[str, Entry]], ranking: Ranking, clean: Callable[[str], str]) -> Sheet:
    """Return the sheet of assumptions, in order.

    Parameters
    ----------
    found : sequence of tuple of str and Entry
        The scenario that each assumption belongs to, in words, and the assumption.
    ranking : Ranking
        Ranking with the rank of each assumption and its shares of the variance of measures.
    clean : callable
        Function that removes the names of authorities from a text.
    """
    ranks = {entry.key: each for each in ranked(ranking, [entry for _, entry in found]) for entry in each.entries}
    varied = {key: each for each in ranking.numbers for key in each.keys} if ranks else {}
    rows = tuple(
        (
            *_cells(whose, entry, clean),
            Number(ranks[entry.key].rank, WHOLE) if entry.key in ranks else NOT_APPLICABLE,
            *_shares(varied.get(entry.key), ranking.measures),
        )
        for whose, entry in found
    )
    of_rank = _columns_of_rank(ranking)
    head = [each.name.capitalize() for each in (*COLUMNS, *of_rank[:1])]
    head += [f"Share of the variance of {plain_words(each)}" for each in ranking.measures]
    line = "; ".join(assumptions.CONFIDENCE.values())
    title = "Every assumption, with its unit, source and confidence"
    return Sheet(NAME, title, (f"{line}.",), tuple(head), rows, (*COLUMNS, *of_rank))


def _cells(whose: str, entry: Entry, clean: Callable[[str], str]) -> Iterator[Cell]:
    """Return the cells of an assumption in the columns of :data:`COLUMNS`."""
    note = entry.note
    yield clean(entry.key)
    yield _value(entry, clean)
    yield entry.unit or NOT_APPLICABLE
    yield from (NOT_APPLICABLE if each is None else Number(each) for each in (note.low, note.high))
    yield from map(clean, (note.confidence, note.source or NOT_APPLICABLE, entry.meaning or NOT_APPLICABLE, whose))


def _columns_of_rank(ranking: Ranking) -> list[Column]:
    """Describe the columns of the rank and the shares, the rank first."""
    study = f"the sensitivity study of {ranking.scenario} made on {ranking.made}"
    said = f"from {study}; not applicable to a number that the study did not vary"
    rank = Column(OF, "rank", "", f"Rank among the numbers that matter most and are known least, {said}")
    shares = [
        Column(OF, f"share_of_variance_{each}", "share", f"Share of the variance that the number accounts for, {said}")
        for each in ranking.measures
    ]
    return [rank, *shares]


def _shares(number: Varied | None, measures: Sequence[str]) -> list[Cell]:
    """Return the share of each measure's variance that a number accounts for."""
    effects = {} if number is None else {each.measure: each for each in number.effects}
    return [
        NOT_APPLICABLE
        if each not in effects
        else Number(effects[each].share, SHARE)
        if effects[each].beyond_chance
        else MAY_BE_CHANCE
        for each in measures
    ]


def _value(entry: Entry, clean: Callable[[str], str]) -> Cell:
    value = entry.value
    if isinstance(value, bool | datetime.date):
        return value
    if isinstance(value, int | float):
        return Number(float(value), form_of([float(value)]) if value == int(value) else "General")
    return dated(clean(assumptions.told(entry))) or NOT_APPLICABLE


def sheet_of_scenario(scenario: Scenario, ranking: Ranking, wanted: Wanted) -> Sheet:
    """Return the sheet of the wanted assumptions of a scenario, and of those that no scenario sets."""
    own, beside = entries(scenario), outside_scenarios()
    found = [("The scenario", entry) for entry in own] + [("Not set by any scenario", entry) for entry in beside]
    keys = {entry.key for entry in wanted.of([*own, *beside])}
    whole = sheet_of(found, ranking, str)
    rows = tuple(row for row, (_, entry) in zip(whole.rows, found, strict=True) if entry.key in keys)
    return Sheet(NAME, whole.title, whole.lines, whole.head, rows, whole.columns)


def csv_of(sheet: Sheet) -> str:
    """Return a sheet as the text of a CSV with the names of its columns; cells that do not apply are empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(column.name for column in sheet.columns)
    writer.writerows(map(_plain, sheet.rows))
    return text.getvalue()


def _plain(row: Row) -> list[str]:
    return [
        "" if cell in (None, NOT_APPLICABLE) else f"{cell.value:.15g}" if isinstance(cell, Number) else str(cell)
        for cell in row
    ]
