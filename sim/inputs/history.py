"""Represents a history of inspections: how each authority was judged, and when."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from sim.base.calendar import holiday_years
from sim.base.faults import NOT_SHOWN, Fault, nearest, refuse_any
from sim.base.files import content_of
from sim.base.package_data import table
from sim.inputs.framework import COUNTED_AS, Kind
from sim.inputs.grades import SHIPPED as SHIPPED_GRADES
from sim.inputs.grades import Grades, Judgement
from sim.inputs.headings import Headings, WantedColumns, find, grouped
from sim.inputs.spellings import day_of, meant, refused, spelled_as, words
from sim.inputs.spreadsheet import Row, grids

REQUIRED = ("authority", "judgement", "inspected_on")
OPTIONAL = ("published", "kind", "region", "fieldwork_start")
InspectionName = Literal["short", "standard", "single_inspection", "single_reinspection"]
NAMES: tuple[InspectionName, ...] = get_args(InspectionName)
SHIPPED = "inspections_2013_2022.csv"
EARLIEST, LATEST = (datetime.date(year, 1, 1) for year in (holiday_years()[0], holiday_years()[-1]))
FEWEST_PAIRS = 10
"""Fewest judgements that follow an earlier one; with fewer, a fit would show only its prior."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """Represents one past inspection.

    Attributes
    ----------
    authority : str
        Authority inspected.
    judgement : str
        Judgement given.
    inspected_on : datetime.date
        Last day on site, the day whose quality was judged.
    published : datetime.date
        Day on which the judgement became known.
    kind : str or None
        What a framework calls its rules; None if the table does not say.
    began : datetime.date or None
        First day on site, if the table says it.
    region : str
        Region of the inspectorate; empty if the table does not say.
    told : bool
        Whether the table gives the day of publication, not only that of the inspection.
    """

    authority: str
    judgement: Judgement
    inspected_on: datetime.date
    published: datetime.date
    kind: InspectionName | None = None
    began: datetime.date | None = None
    region: str = ""
    told: bool = True

    @property
    def counted_as(self) -> Kind | None:
        """Return the kind that the inspection counts as; a re-inspection under the first framework is a single
        inspection.
        """
        return None if self.kind is None else COUNTED_AS.get(self.kind, self.kind)


@dataclass(frozen=True)
class History:
    """Holds the inspections of several authorities, in date order for each."""

    of_authority: Mapping[str, tuple[Inspection, ...]]
    grades: Grades = SHIPPED_GRADES
    understood: tuple[str, ...] = ()
    """How the table was read, in sentences."""

    @classmethod
    def of(cls, inspections: Iterable[Inspection], grades: Grades = SHIPPED_GRADES) -> History:
        """Build a history from inspections in any order; spellings of one name count as one authority."""
        found: dict[str, list[Inspection]] = defaultdict(list)
        for inspection in sorted(inspections, key=lambda one: (words(one.authority), one.inspected_on, one.authority)):
            found[words(inspection.authority)].append(inspection)
        return cls({min(one.authority for one in ones): tuple(ones) for ones in found.values()}, grades)._named()

    def _named(self) -> History:
        """Return the same history, with each inspection under its authority's chosen name."""
        named = {
            name: tuple(one if one.authority == name else replace(one, authority=name) for one in ones)
            for name, ones in self.of_authority.items()
        }
        return History(named, self.grades, self.understood)

    def spelled_as(self, names: Iterable[str]) -> History:
        """Return the same history with authorities spelled as in ``names``, however the table spells them."""
        spelled = spelled_as(names)
        return History({spelled(name): ones for name, ones in self.of_authority.items()}, self.grades)._named()

    @property
    def inspections(self) -> list[Inspection]:
        """Return every inspection, authority by authority."""
        return [one for ones in self.of_authority.values() for one in ones]

    @property
    def pairs(self) -> int:
        """Return the number of judgements that follow another of the same authority."""
        return len(self.inspections) - len(self.of_authority)

    @property
    def transitions(self) -> NDArray[np.int64]:
        """Count judgements (rows) by the judgement that followed (columns), best first."""
        place = self.grades.place
        counts = np.zeros((len(place), len(place)), dtype=np.int64)
        for ones in self.of_authority.values():
            for before, after in pairwise(ones):
                counts[place[before.judgement], place[after.judgement]] += 1
        return counts

    def known_on(self, day: datetime.date) -> History:
        """Return the inspections published before a day."""
        return History.of((one for one in self.inspections if one.published < day), self.grades)


def shipped_history() -> History:
    """Return England's full inspections begun from November 2013 to March 2022, counted from the published reports."""
    return parse_history(table(SHIPPED).encode(), SHIPPED)


def read_history(path: Path, fewest: int = FEWEST_PAIRS, grades: Grades = SHIPPED_GRADES) -> History:
    """Read a history from a CSV file or a workbook, or the built-in table by its name.

    Parameters
    ----------
    path : pathlib.Path
        A table with the columns authority, judgement, inspected_on and, optionally, published, kind, region and
        fieldwork_start, under these or other known headings. Without ``published``, a judgement counts as known on the
        day of inspection.
    fewest : int, optional
        Fewest judgements that must follow an earlier one of the same authority.
    grades : Grades, optional
        Grades of the judgements.

    Raises
    ------
    InputError
        With every fault of the table, by line or row and column.
    """
    content = table(SHIPPED).encode() if str(path) == SHIPPED else content_of(path)
    return parse_history(content, str(path), fewest, grades)


def parse_history(content: bytes, where: str, fewest: int = FEWEST_PAIRS, grades: Grades = SHIPPED_GRADES) -> History:
    """Read a history from a file's bytes; ``where`` names the file in faults. See :func:`read_history`."""
    headings = find(grids(content, where), WantedColumns(REQUIRED, OPTIONAL, {}, nameable=False), where)
    faults: list[Fault] = []
    inspections: list[Inspection] = []
    row_of: dict[tuple[str, object], tuple[int, str]] = {}
    rows, left_out = headings.table()
    for row in rows:
        values, found = headings.read(row, partial(_value, grades))
        found += _in_disorder(values, headings, row)
        name, day = str(values.get("authority", "")), values.get("inspected_on")
        first, spelled = row_of.setdefault((words(name), day), (row.number, name))
        if first != row.number and name and day is not None:
            once = f"an authority may have one inspection a day; {spelled!r} is already on {headings.grid.unit} {first}"
            place = headings.grid.at(row.number, headings.columns["inspected_on"])
            found.append(Fault(place, "inspected_on", str(day), once))
        faults += found
        if not found:
            told = "published" in values
            values = {"published": day, "began": values.pop("fieldwork_start", None), **values}
            inspections.append(Inspection(**values, told=told))  # type: ignore[arg-type]  # values of these types
    history = replace(History.of(inspections, grades), understood=(headings.understood(), *left_out))
    if not faults and not inspections:
        faults.append(Fault(where, "(the table)", NOT_SHOWN, "the table has no rows; give at least one inspection"))
    if not faults and history.pairs < fewest:
        few = f"{history.pairs} of its judgements follow an earlier one of the same authority; a fit needs at least"
        faults.append(Fault(where, "(the table)", NOT_SHOWN, f"{few} {fewest}"))
    refuse_any(grouped(faults))
    return history


def _in_disorder(values: Mapping[str, object], headings: Headings, row: Row) -> Iterator[Fault]:
    """List days that wrongly come before or after the day of inspection."""
    began, inspected, published = (values.get(key) for key in ("fieldwork_start", "inspected_on", "published"))
    if not isinstance(inspected, datetime.date):
        return
    wrong = {}
    if isinstance(published, datetime.date) and published < inspected:
        wrong["published"] = f"a judgement cannot be published before its inspection ended, on {inspected}"
    if isinstance(began, datetime.date) and inspected < began:
        wrong["fieldwork_start"] = f"an inspection cannot begin after it ended, on {inspected}"
    for column, allowed in wrong.items():
        yield Fault(headings.grid.at(row.number, headings.columns[column]), column, str(values[column]), allowed)


def _value(grades: Grades, column: str, cell: str) -> tuple[object, str]:
    """Return a cell's meaning and an empty text, or None and what is allowed."""
    match column:
        case "judgement":
            if (word := meant("judgements", cell, grades.names, grades.spellings)) is not None:
                return word, ""
            return None, refused(cell) or nearest("_".join(words(cell).split()), grades.names)
        case "kind":
            return meant("kinds", cell, NAMES), nearest("_".join(words(cell).split()), NAMES)
        case "inspected_on" | "published" | "fieldwork_start":
            day = day_of(cell)
            if isinstance(day, str):
                return None, day
            return (day, "") if EARLIEST <= day <= LATEST else (None, f"a date must lie from {EARLIEST} to {LATEST}")
        case _:
            return (" ".join(cell.split()) if words(cell) else None), "it must contain a letter or a digit"
