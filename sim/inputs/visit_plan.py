"""Reads the user's own plan: a table with a row for each visit and the week in which it should begin."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import field_validator

from sim.base.faults import NOT_SHOWN, Fault, InputError, nearest
from sim.base.files import content_of
from sim.inputs.framework import INSPECTIONS, Framework, KindOfVisit
from sim.inputs.headings import MOST_ABOVE, WantedColumns, find, grouped
from sim.inputs.section import Section, quantity
from sim.inputs.spellings import day_of, meant, spelled_as
from sim.inputs.spellings import words as words_of
from sim.inputs.spreadsheet import grids
from sim.inputs.toml_tree import UNSOURCED, Note

PlannedKind = str
"""What a row may plan: a kind of visit, or ``inspection`` for a full inspection of any kind."""
PLANNED_KINDS: tuple[PlannedKind, ...] = (
    "inspection", "short", "standard", "single_inspection", "focused", "monitoring", "engagement",
)  # fmt: skip
"""Kinds that a plan for children's services may contain."""
ANY_INSPECTION: PlannedKind = "inspection"
REQUIRED, OPTIONAL = ("authority", "kind", "week"), ("lead",)
COLUMNS_OF_OTHERS = ("judgement", "inspected_on", "role", "hours")
"""Columns that only tables of authorities or people have, never a plan."""
KEY = "planning.plan"
"""Key with which a scenario names the table."""
NO_PLAN = "none"
"""Value that means no table: the model chooses every week, as ``planning.programme`` says."""
JOINT = "joint"
JOINT_WORDS = (
    "joint inspections are agreed with other inspectorates, and the model draws their dates, so a plan cannot contain "
    "them; delete the row"
)


class PlannedVisit(Section):
    """Represents one visit of the plan."""

    authority: str = quantity("authority to visit")
    kind: PlannedKind = quantity(
        "kind of visit; any kind of full inspection stands for whichever full inspection falls due"
    )
    week: datetime.date = quantity("any day of the week in which the visit should begin; the model uses its Monday")
    lead: str | None = quantity("lead of the visit, by the name in workforce.in_post or in the result tables",
                                default=None)  # fmt: skip

    @field_validator("week")
    @classmethod
    def _its_monday(cls, day: datetime.date) -> datetime.date:
        return day - datetime.timedelta(days=day.weekday())


def group_of(kind: KindOfVisit) -> PlannedKind:
    """Return the kind under which a row of the plan matches a visit: all full inspections share one kind.

    Which kind of full inspection falls due depends on judgements and signs that are not known when the plan is made.
    """
    return ANY_INSPECTION if kind.gives_judgement else kind.name


def groups_of(frameworks: Iterable[Framework]) -> dict[PlannedKind, PlannedKind]:
    """Return :func:`group_of` for each name of a visit: the frameworks' rules and kinds, and :data:`PLANNED_KINDS`."""
    found = {kind: ANY_INSPECTION if kind in INSPECTIONS else kind for kind in PLANNED_KINDS}
    for framework in frameworks:
        for name in framework.visits:
            kind = framework.kind(name)
            found[kind.name] = found[name] = group_of(kind)
    return found


@dataclass(frozen=True)
class PlanTable:
    """Holds a plan that was read from a table.

    Attributes
    ----------
    rows : tuple of PlannedVisit
        Rows without faults.
    places : tuple of mapping of str to (str, str)
        For each of these rows, by column, its place in the file and the cell's text; ``""`` stands for the whole row.
    faults : tuple of Fault
        What is wrong with the other rows.
    understood : tuple of str
        How the table was read, in sentences that name nobody.
    """

    rows: tuple[PlannedVisit, ...] = ()
    places: tuple[Mapping[str, tuple[str, str]], ...] = ()
    faults: tuple[Fault, ...] = ()
    understood: tuple[str, ...] = ()

    def placed(self, fault: Fault) -> Fault:
        """Return a fault about one of the plan's rows with that row's place in the table; return other faults as given.

        If the fault's words name other rows, replace their keys by their places too.
        """
        number, _, column = fault.key.removeprefix(f"{KEY}.").partition(".")
        if not fault.key.startswith(f"{KEY}.") or not number.isdigit() or int(number) >= len(self.places):
            return fault
        places = self.places[int(number)]
        where, cell = places.get(column, places[""])
        return Fault(where, column or "(the row)", cell or NOT_SHOWN, _ROW.sub(self._place_of, fault.allowed))

    def _place_of(self, key: re.Match[str]) -> str:
        """Return the line or row of the table, in words, that a key's row comes from."""
        number = int(key[1])
        return self.places[number][""][0].rpartition(", ")[2] if number < len(self.places) else key[0]

    def in_order(self, faults: Iterable[Fault]) -> list[Fault]:
        """Return a scenario's faults: first those not about the table, then those about its rows, in the table's
        order.
        """
        placed = [self.placed(fault) for fault in faults]
        own = {where for row in self.places for where, _ in row.values()} | {fault.where for fault in self.faults}
        others = [fault for fault in placed if fault.where not in own]
        return others + sorted((fault for fault in placed if fault.where in own), key=_row_of)


_ROW = re.compile(rf"\b{re.escape(KEY)}\.(\d+)")
"""Key of a row in the words of a fault."""


def _row_of(fault: Fault) -> int:
    """Return the number of the row that a fault is about; 0 if it is about the whole table."""
    numbers = re.findall(r", (?:line|row)s? (\d+)", fault.where)
    return int(numbers[-1]) if numbers else 0


def is_plan(path: Path, otherwise: bool = True) -> bool:
    """Return whether a file has a row of headings that only a plan has, and none of authorities or people.

    A kind of visit alone is enough; if the heading of the week is not recognised, reading the plan then reports that.
    ``otherwise`` is false if the user treats the file as a table of authorities, which may also have a kind.
    """
    heads = []
    for grid in grids(content_of(path), str(path)):
        with suppress(InputError):  # with another separator it may not be a table; the reader of the table reports that
            heads += grid.rows(MOST_ABOVE)
    found = {meant("columns", cell, (*REQUIRED, *COLUMNS_OF_OTHERS)) for row in heads for cell in row.cells if cell}
    return bool(found & ({"week", "kind"} if otherwise else {"week"})) and not found & set(COLUMNS_OF_OTHERS)


def read_plan(table: str | Path, kinds: Collection[str] = ()) -> PlanTable:
    """Read a plan from a CSV file or a workbook.

    Parameters
    ----------
    table : str or pathlib.Path
        A table with the columns authority, kind, week and, optionally, lead. The week may be given by any of its days,
        day first or year first.
    kinds : collection of str, optional
        Visits in the frameworks, beyond those of :data:`PLANNED_KINDS`.

    Returns
    -------
    PlanTable
        The rows that were read, and the faults of the other rows, so that they can be reported together with the
        scenario's other faults.

    Raises
    ------
    InputError
        If the file is not such a table.
    """
    where = str(table)
    headings = find(grids(content_of(Path(table)), where), WantedColumns(REQUIRED, OPTIONAL, {}, nameable=False), where)
    faults: list[Fault] = []
    planned: list[PlannedVisit] = []
    places: list[Mapping[str, tuple[str, str]]] = []
    rows, left_out = headings.table()
    allowed = (*PLANNED_KINDS, *sorted(set(kinds) - {*PLANNED_KINDS, JOINT}))
    for row in rows:
        values, found = headings.read(row, partial(_value, allowed))
        faults += found
        if not found:
            cells = headings.cells(row)
            planned.append(PlannedVisit.model_validate(values))
            at = {column: (headings.grid.at(row.number, headings.columns[column]), cells[column]) for column in cells}
            places.append({"": (headings.grid.at(row.number), ""), **at})
    if not faults and not planned:
        faults.append(Fault(where, "(the table)", NOT_SHOWN, "the table is empty; give at least one visit"))
    understood = (headings.understood(), *left_out)
    return PlanTable(tuple(planned), tuple(places), tuple(grouped(faults)), understood)


def _value(kinds: Sequence[PlannedKind], column: str, cell: str) -> tuple[object, str]:
    """Return a cell's meaning and an empty text, or None and what is allowed."""
    match column:
        case "kind":
            word = meant("kinds", cell, (*kinds, JOINT))
            return (None, JOINT_WORDS) if word == JOINT else (word, nearest(_joined(cell), kinds))
        case "week":
            day = day_of(cell)
            return (None, day) if isinstance(day, str) else (day, "")
        case _:
            return " ".join(cell.split()), ""


def _joined(cell: str) -> str:
    return "_".join(words_of(cell).split())


# ---------------------------------------------------------------- as a part of scenario files


def at_home(table: object, home: Path) -> object:
    """Return a scenario file's entry for a table, with or without a source, with its path relative to the file's
    folder.
    """
    if isinstance(table, Mapping):
        return {key: at_home(value, home) if key == "value" else value for key, value in table.items()}
    if isinstance(table, str) and table != NO_PLAN:
        return str(home / table)
    return table


def with_plan(values: dict[str, Any], notes: dict[str, Note], names: Iterable[str] | None) -> PlanTable:
    """Read the table that a scenario names, put its rows in the scenario's values, and note their source.

    Parameters
    ----------
    values : dict
        Values of the scenario; their ``planning`` part is replaced.
    notes : dict of str to Note
        Notes of the values, changed in place.
    names : iterable of str or None
        Names of authorities, whose spelling the rows adopt. If None, the authorities are unknown and no rows are added.

    Returns
    -------
    PlanTable
        What was read; empty if the scenario names no plan or already has its rows.
    """
    planning = values.get("planning")
    if not isinstance(planning, Mapping) or not isinstance(planning.get("plan"), str):
        return PlanTable()
    file, rest = planning["plan"], {key: value for key, value in planning.items() if key != "plan"}
    note = notes.pop(KEY, UNSOURCED)
    values["planning"] = rest
    if file == NO_PLAN:
        return PlanTable()
    try:
        table = read_plan(file, _visits_of(values))
    except InputError as error:
        return PlanTable(faults=error.faults)
    if names is None or not table.rows:
        return PlanTable(faults=table.faults)
    table = replace(table, rows=tuple(_in_their_spelling(table.rows, names)))
    values["planning"] = {**rest, "plan": table.rows}
    notes[KEY] = Note(f"{Path(file).name}, no source given", note.confidence) if note == UNSOURCED else note
    return table


def _visits_of(values: Mapping[str, Any]) -> set[str]:
    """Return the names of the visits in a scenario's frameworks, and of their kinds, as far as these are valid."""
    frameworks = values.get("frameworks")
    rules = frameworks.values() if isinstance(frameworks, Mapping) else ()
    visits = [
        (str(name), visit.get("counted_as") if isinstance(visit, Mapping) else None)
        for each in rules
        if isinstance(each, Mapping) and isinstance(each.get("visits"), Mapping)
        for name, visit in each["visits"].items()
    ]
    return {word for words in visits for word in words if isinstance(word, str)}


def _in_their_spelling(rows: Sequence[PlannedVisit], names: Iterable[str]) -> Iterator[PlannedVisit]:
    """Yield rows with authorities spelled as in the table of authorities, ignoring punctuation and case."""
    spelled = spelled_as(names)
    for row in rows:
        name = spelled(row.authority)
        yield row if name == row.authority else row.model_copy(update={"authority": name})


def in_words(rows: Sequence[PlannedVisit]) -> str:
    """Describe a plan in one line: number of visits by kind, dates, and how many rows name a lead."""
    every = dict.fromkeys([*PLANNED_KINDS, *sorted(row.kind for row in rows)])
    kinds = {kind: sum(row.kind == kind for row in rows) for kind in every}
    told = ", ".join(f"{count} {kind}" for kind, count in kinds.items() if count)
    first, last = min(row.week for row in rows), max(row.week for row in rows)
    led = sum(row.lead is not None for row in rows)
    leads = f"; {_counted(led, 'names', 'name')} the lead" if led else ""
    return (
        f"{_counted(len(rows), 'visit', 'visits')} at "
        f"{_counted(len({row.authority for row in rows}), 'authority', 'authorities')} ({told}), {first} to {last}"
        f"{leads}"
    )


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"
