"""A history of inspections: which authority was judged what, and when."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from sim.base.calendar import holiday_years
from sim.base.faults import NOT_SHOWN, Fault, nearest, refuse_any
from sim.base.package_data import table
from sim.inputs.csvfile import DATE_WORDS, as_date, read_text, rows
from sim.inputs.framework import COUNTED_AS, Kind
from sim.inputs.grades import SHIPPED as SHIPPED_GRADES
from sim.inputs.grades import Grades, Judgement
from sim.inputs.spellings import spelled_as, words

REQUIRED = ("authority", "judgement", "inspected_on")
OPTIONAL = ("published", "kind", "region", "fieldwork_start")
DATES = ("fieldwork_start", "inspected_on", "published")
InspectionName = Literal["short", "standard", "single_inspection", "single_reinspection"]
NAMES: tuple[InspectionName, ...] = get_args(InspectionName)
SHIPPED = "inspections_2013_2022.csv"
EARLIEST, LATEST = (datetime.date(year, 1, 1) for year in (holiday_years()[0], holiday_years()[-1]))
FEWEST_PAIRS = 10
"""Judgements that follow another; with fewer, what a fit says would be its prior."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """One inspection of the past.

    Attributes
    ----------
    authority : str
        Who was inspected.
    judgement : str
        What was found.
    inspected_on : datetime.date
        Last day on site, on which quality was what it was.
    published : datetime.date
        Day from which the judgement was known.
    kind : str
        What a framework calls its rules; empty if the table does not say.
    began : datetime.date or None
        First day on site, if the table says it.
    region : str
        Region of the inspectorate; empty if the table does not say.
    told : bool
        Whether the table says the day of publication, and not only that of the inspection.
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
        """Kind that the inspection was; a re-inspection of the first framework is a single inspection."""
        return None if self.kind is None else COUNTED_AS.get(self.kind, self.kind)


@dataclass(frozen=True)
class History:
    """Inspections of several authorities, those of each in the order of their dates."""

    of_authority: Mapping[str, tuple[Inspection, ...]]
    grades: Grades = SHIPPED_GRADES

    @classmethod
    def of(cls, inspections: Iterable[Inspection], grades: Grades = SHIPPED_GRADES) -> History:
        """History of inspections in any order, judged in some grades; a name is one however it is spelled."""
        found: dict[str, list[Inspection]] = defaultdict(list)
        for inspection in sorted(inspections, key=lambda one: (words(one.authority), one.inspected_on, one.authority)):
            found[words(inspection.authority)].append(inspection)
        return cls({min(one.authority for one in ones): tuple(ones) for ones in found.values()}, grades)._named()

    def _named(self) -> History:
        """The same, in which each inspection has the name under which its authority stands."""
        named = {
            name: tuple(one if one.authority == name else replace(one, authority=name) for one in ones)
            for name, ones in self.of_authority.items()
        }
        return History(named, self.grades)

    def spelled_as(self, names: Iterable[str]) -> History:
        """The same, with the names of authorities as they are among some, however the table spells them."""
        spelled = spelled_as(names)
        return History({spelled(name): ones for name, ones in self.of_authority.items()}, self.grades)._named()

    @property
    def inspections(self) -> list[Inspection]:
        """Every inspection, authority by authority."""
        return [one for ones in self.of_authority.values() for one in ones]

    @property
    def pairs(self) -> int:
        """Judgements that follow another of the same authority."""
        return len(self.inspections) - len(self.of_authority)

    @property
    def transitions(self) -> NDArray[np.int64]:
        """Counts of judgements (down) and those that followed them (across), best first."""
        place = self.grades.place
        counts = np.zeros((len(place), len(place)), dtype=np.int64)
        for ones in self.of_authority.values():
            for before, after in pairwise(ones):
                counts[place[before.judgement], place[after.judgement]] += 1
        return counts

    def known_on(self, day: datetime.date) -> History:
        """What had been published before a day."""
        return History.of((one for one in self.inspections if one.published < day), self.grades)


def shipped_history() -> History:
    """Full inspections of England that began from November 2013 to March 2022, counted from the published reports."""
    return parse_history(table(SHIPPED), SHIPPED)


def read_history(path: Path, fewest: int = FEWEST_PAIRS, grades: Grades = SHIPPED_GRADES) -> History:
    """History of a CSV file, or of the table that ships, by its name.

    Parameters
    ----------
    path : pathlib.Path
        A table with the columns authority, judgement, inspected_on and, if wanted, published, kind, region and
        fieldwork_start. Dates are written ``2018-01-31``; without ``published`` a judgement counts as known on the day
        of inspection.
    fewest : int, optional
        Judgements that must follow an earlier one of the same authority.
    grades : Grades, optional
        Grades in which it judges.

    Raises
    ------
    InputError
        With every fault of the table, by line and column.
    """
    text = table(SHIPPED) if str(path) == SHIPPED else read_text(path)
    return parse_history(text, str(path), fewest, grades)


def parse_history(text: str, where: str, fewest: int = FEWEST_PAIRS, grades: Grades = SHIPPED_GRADES) -> History:
    """History of a CSV text; ``where`` names it in a fault. See :func:`read_history`."""
    faults: list[Fault] = []
    inspections: list[Inspection] = []
    line_of: dict[tuple[str, str], tuple[int, str]] = {}
    for place, line, cells in rows(text, where, REQUIRED, OPTIONAL, faults):
        found = _row_faults(cells, place, grades)
        twice = line_of.get((words(cells["authority"]), cells["inspected_on"]))
        if twice is not None and cells["inspected_on"]:
            once = f"an authority is inspected once on a day; {twice[1]!r} is on line {twice[0]} already"
            found.append(Fault(place, "inspected_on", cells["inspected_on"], once))
        line_of.setdefault((words(cells["authority"]), cells["inspected_on"]), (line, cells["authority"]))
        faults += found
        if not found and all(cells[name] for name in REQUIRED):
            inspections.append(_inspection(cells))
    history = History.of(inspections, grades)
    if not faults and not inspections:
        faults.append(Fault(where, "(the table)", NOT_SHOWN, "the table has no rows; give at least one inspection"))
    if not faults and history.pairs < fewest:
        few = f"{history.pairs} of its judgements follow an earlier one of the same authority; a fit needs at least"
        faults.append(Fault(where, "(the table)", NOT_SHOWN, f"{few} {fewest}"))
    refuse_any(faults)
    return history


def _inspection(cells: Mapping[str, str]) -> Inspection:
    day = {name: datetime.date.fromisoformat(cells[name]) for name in DATES if cells.get(name)}
    return Inspection(
        cells["authority"],
        cells["judgement"],
        day["inspected_on"],
        day.get("published", day["inspected_on"]),
        next((name for name in NAMES if name == cells.get("kind")), None),
        day.get("fieldwork_start"),
        cells.get("region", ""),
        "published" in day,
    )


def _row_faults(cells: Mapping[str, str], place: str, grades: Grades) -> list[Fault]:
    faults = []
    judgement = cells["judgement"]
    if judgement and judgement not in grades.names:
        faults.append(Fault(place, "judgement", judgement, nearest(judgement, grades.names)))
    if cells.get("kind") and cells["kind"] not in NAMES:
        faults.append(Fault(place, "kind", cells["kind"], nearest(cells["kind"], NAMES)))
    days = {name: as_date(cells[name]) for name in DATES if cells.get(name)}
    for name, day in days.items():
        if day is None:
            faults.append(Fault(place, name, cells[name], DATE_WORDS))
        elif not EARLIEST <= day <= LATEST:
            faults.append(Fault(place, name, cells[name], f"a date must lie from {EARLIEST} to {LATEST}"))
    inspected, published = days.get("inspected_on"), days.get("published")
    if inspected and published and published < inspected:
        late = f"a judgement is published after its inspection, which ended on {inspected}"
        faults.append(Fault(place, "published", cells["published"], late))
    began = days.get("fieldwork_start")
    if inspected and began and inspected < began:
        early = f"an inspection begins before it ends, which was on {inspected}"
        faults.append(Fault(place, "fieldwork_start", cells["fieldwork_start"], early))
    return faults
