"""Describe what a script asks and finds, without importing the modules that run it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import TYPE_CHECKING, Any, TypeAlias

from sim.base.figures import interval, value
from sim.studies.answer import Block, Table

if TYPE_CHECKING:  # for annotations alone: a script answers --help without the modules that run it
    import pandas as pd

    from sim.analysis.study import Study
    from sim.charts.drawing import Drawn
    from sim.inputs.scenario import Scenario
    from sim.runs.ensemble import Detail

TABLE = "answer.csv"
"""File with a script's table."""
BESIDE = 4
"""Most scenarios that a table shows as columns; with more scenarios, the measures are the columns."""


@dataclass(frozen=True)
class Findings:
    """Hold what a script finds in the runs of its scenarios; scripts call it ``Answer``.

    Attributes
    ----------
    sentences : sequence of str
        The answer, the most important first.
    tables : sequence of Block or str
        Tables and notes with lists; a text is shown unchanged.
    table : pandas.DataFrame
        The figures behind the tables.
    picture : Axes or sequence of Axes
        The chart and its text alternative.
    more : mapping of str to pandas.DataFrame
        Further tables, by the name of their file.
    """

    sentences: Sequence[str]
    tables: Sequence[Block | str]
    table: pd.DataFrame
    picture: Drawn
    more: Mapping[str, pd.DataFrame] = field(default_factory=dict)


Policy: TypeAlias = "Mapping[str, object] | Callable[[Scenario], Mapping[str, object]]"
"""Values of a scenario by dotted path, or a function that works them out from the base scenario of the command."""


@dataclass(frozen=True)
class Question:
    """Describe what a script asks.

    Attributes
    ----------
    base : str
        Shipped scenario with which the others are compared.
    answer : callable
        Function that works out the answer from the study.
    others : tuple of str
        Other shipped scenarios.
    policies : mapping of str to Policy
        Further scenarios by name: the base with these values changed, by dotted path.
    replications : int
        Default number of pairs of runs.
    measures : tuple of str
        Measures of the comparison that is kept with the answer.
    detail : {"measures", "visits", "full"}
        Tables that the answer needs.
    files : mapping of str to mapping of str to tuple of str
        Further tables that the answer keeps, by the name of their file: unit and meaning of each column. A column with
        the same meaning in every study, such as ``region``, needs no entry.
    """

    base: str
    answer: Callable[[Study], Findings]
    others: tuple[str, ...] = ()
    policies: Mapping[str, Policy] = field(default_factory=dict)
    replications: int = 100
    measures: tuple[str, ...] = ("inspector_days_worked", "inspections_on_time", "contacts_per_authority")
    detail: Detail = "measures"
    files: Mapping[str, Mapping[str, tuple[str, str]]] = field(default_factory=dict)


def shown(table: pd.DataFrame, head: str, file: str = TABLE) -> Table:
    """Return a table of :meth:`Study.table` for readers, each figure with its difference and interval.

    A few scenarios are columns; many are rows.

    Parameters
    ----------
    table : pandas.DataFrame
        Table from :meth:`Study.table`.
    head : str
        What all figures are, such as ``yearly mean``.
    file : str, optional
        File that holds the unrounded figures.
    """
    names, words = (list(dict.fromkeys(table[column])) for column in ("scenario", "words"))
    cells = {(row["scenario"], row["words"]): row for row in table.to_dict("records")}
    named = {each: f"{each}{_unit(cells[names[0], each])}" for each in words}
    if len(names) <= BESIDE:
        rows = [(named[each], *(_cell(cells[name, each]) for name in names)) for each in words]
        return Table("", (head, *names), tuple(rows), file=file)
    rows = [(name, *(_cell(cells[name, each]) for each in words)) for name in names]
    return Table("", (head, *named.values()), tuple(rows), file=file)


def _unit(row: Mapping[Hashable, Any]) -> str:
    return "" if row["unit"] == "share" or row["unit"] in str(row["words"]).lower() else f" ({row['unit']})"


def _cell(row: Mapping[Hashable, Any]) -> str:
    text = value(row["mean"], row["unit"])
    if isnan(row["difference"]):
        return text
    return f"{text}, {interval(row['difference'], row['difference_low'], row['difference_high'], row['unit'])}"
