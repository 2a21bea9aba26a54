"""The sheet of assumptions: every number with unit, range, confidence, source and rank."""

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
"""Instead of a share of the variance that is not beyond chance."""
OF = "scenario.toml"
COLUMNS = (
    Column(OF, "key", "", "Key of the assumption; --set takes it, but for what stands beside every scenario"),
    Column(OF, "value", "as in unit", "Its value"),
    Column(OF, "unit", "", "Unit of value and range"),
    Column(OF, "low", "as in unit", "Low end of its plausible range; not applicable where none is given"),
    Column(OF, "high", "as in unit", "High end of its plausible range; not applicable where none is given"),
    Column(OF, "confidence", "", "How sure the value is", ", ".join(assumptions.CONFIDENCE)),
    Column(OF, "source", "", "Where the value is from"),
    Column(OF, "meaning", "", "What it is"),
    Column(OF, "whose", "", "Whose assumption it is"),
)


def sheet_of(found: Sequence[tuple[str, Entry]], ranking: Ranking, clean: Callable[[str], str]) -> Sheet:
    """Sheet of assumptions in their order.

    Parameters
    ----------
    found : sequence of tuple of str and Entry
        Whose each assumption is, in words, and the assumption.
    ranking : Ranking
        By which they have a rank, and shares of the variance of measures.
    clean : callable
        Takes the names of authorities out of a text.
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
    title = "Every assumption, with unit, source and confidence"
    return Sheet(NAME, title, (f"{line}.",), tuple(head), rows, (*COLUMNS, *of_rank))


def _cells(whose: str, entry: Entry, clean: Callable[[str], str]) -> Iterator[Cell]:
    """Cells of an assumption in the columns of :data:`COLUMNS`."""
    note = entry.note
    yield clean(entry.key)
    yield _value(entry, clean)
    yield entry.unit or NOT_APPLICABLE
    yield from (NOT_APPLICABLE if each is None else Number(each) for each in (note.low, note.high))
    yield from map(clean, (note.confidence, note.source or NOT_APPLICABLE, entry.meaning or NOT_APPLICABLE, whose))


def _columns_of_rank(ranking: Ranking) -> list[Column]:
    """What the columns of rank and shares hold, the rank first."""
    study = f"the sensitivity study of {ranking.scenario} of {ranking.made}"
    said = f"by {study}; not applicable to a number that it did not vary"
    rank = Column(OF, "rank", "", f"Place among the numbers that matter most and are known least, {said}")
    shares = [
        Column(OF, f"share_of_variance_{each}", "share", f"Share for which the number accounts, {said}")
        for each in ranking.measures
    ]
    return [rank, *shares]


def _shares(number: Varied | None, measures: Sequence[str]) -> list[Cell]:
    """Share of the variance of each measure for which a number accounts."""
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
    """Sheet of the assumptions of a scenario that are asked for, and of those that stand beside every scenario."""
    own, beside = entries(scenario), outside_scenarios()
    found = [("The scenario", entry) for entry in own] + [("Beside every scenario", entry) for entry in beside]
    keys = {entry.key for entry in wanted.of([*own, *beside])}
    whole = sheet_of(found, ranking, str)
    rows = tuple(row for row, (_, entry) in zip(whole.rows, found, strict=True) if entry.key in keys)
    return Sheet(NAME, whole.title, whole.lines, whole.head, rows, whole.columns)


def csv_of(sheet: Sheet) -> str:
    """A sheet as the text of a CSV under the names of its columns; what is not applicable stays empty."""
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
