"""A plan of one's own: a table with a row for each visit and the week for which it is planned."""

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
from sim.inputs.headings import MOST_ABOVE, Wanted, find, grouped
from sim.inputs.section import Section, quantity
from sim.inputs.spellings import day_of, meant, spelled_as
from sim.inputs.spellings import words as words_of
from sim.inputs.spreadsheet import grids
from sim.inputs.toml_tree import UNSOURCED, Note

PlannedKind = str
"""What a row may plan: a kind of visit, or ``inspection``, a full inspection of whichever kind."""
PLANNED_KINDS: tuple[PlannedKind, ...] = (
    "inspection", "short", "standard", "single_inspection", "focused", "monitoring", "engagement",
)  # fmt: skip
"""Those of the inspectorate of children's services."""
ANY_INSPECTION: PlannedKind = "inspection"
REQUIRED, OPTIONAL = ("authority", "kind", "week"), ("lead",)
COLUMNS_OF_OTHERS = ("judgement", "inspected_on", "role", "hours")
"""Columns of tables of authorities and of people, which a plan has not."""
KEY = "planning.plan"
"""Key of a scenario that names the table."""
NO_PLAN = "none"
"""Instead of a table: every week is chosen by ``planning.programme``."""
JOINT = "joint"
JOINT_WORDS = (
    "joint inspections are settled with other inspectorates and drawn in the model, so a plan cannot hold them; leave "
    "the row away"
)


class PlannedVisit(Section):
    """One visit of the plan."""

    authority: str = quantity("whom it is for")
    kind: PlannedKind = quantity("its kind; each kind of full inspection stands for whichever falls due")
    week: datetime.date = quantity("any day of the week in which it is to begin, kept as its Monday")
    lead: str | None = quantity("who is to lead it, by the name in workforce.in_post or in tables of results",
                                default=None)  # fmt: skip

    @field_validator("week")
    @classmethod
    def _its_monday(cls, day: datetime.date) -> datetime.date:
        return day - datetime.timedelta(days=day.weekday())


def group_of(kind: KindOfVisit) -> PlannedKind:
    """Kind under which rows and visits find each other: full inspections are one, whatever their kind.

    Which kind of full inspection falls due hangs on judgements and signs that nobody knows when the plan is made.
    """
    return ANY_INSPECTION if kind.gives_judgement else kind.name


def groups_of(frameworks: Iterable[Framework]) -> dict[PlannedKind, PlannedKind]:
    """The same of each word for a visit: names of rules and kinds in frameworks, and all of :data:`PLANNED_KINDS`."""
    found = {kind: ANY_INSPECTION if kind in INSPECTIONS else kind for kind in PLANNED_KINDS}
    for framework in frameworks:
        for name in framework.visits:
            kind = framework.kind(name)
            found[kind.name] = found[name] = group_of(kind)
    return found


@dataclass(frozen=True)
class Table:
    """A table that was read.

    Attributes
    ----------
    rows : tuple of PlannedVisit
        Its sound rows.
    places : tuple of mapping of str to (str, str)
        For each of them, by column, where it stands in the file and what the cell says; under ``""`` the row itself.
    faults : tuple of Fault
        What is wrong with the others.
    understood : tuple of str
        How it was read, in sentences without a name.
    """

    rows: tuple[PlannedVisit, ...] = ()
    places: tuple[Mapping[str, tuple[str, str]], ...] = ()
    faults: tuple[Fault, ...] = ()
    understood: tuple[str, ...] = ()

    def placed(self, fault: Fault) -> Fault:
        """A fault of a scenario's rows, at its place in the table if it is about a row of it.

        Other rows that it names are then named by their places too.
        """
        number, _, column = fault.key.removeprefix(f"{KEY}.").partition(".")
        if not fault.key.startswith(f"{KEY}.") or not number.isdigit() or int(number) >= len(self.places):
            return fault
        places = self.places[int(number)]
        where, cell = places.get(column, places[""])
        return Fault(where, column or "(the row)", cell or NOT_SHOWN, _ROW.sub(self._place_of, fault.allowed))

    def _place_of(self, key: re.Match[str]) -> str:
        """Line or row of the table, in words, where the row of a key stands."""
        number = int(key[1])
        return self.places[number][""][0].rpartition(", ")[2] if number < len(self.places) else key[0]

    def in_order(self, faults: Iterable[Fault]) -> list[Fault]:
        """Faults of a scenario, those of the rows at their places in the table and in its order, after all others."""
        placed = [self.placed(fault) for fault in faults]
        own = {where for row in self.places for where, _ in row.values()} | {fault.where for fault in self.faults}
        others = [fault for fault in placed if fault.where not in own]
        return others + sorted((fault for fault in placed if fault.where in own), key=_row_of)


_ROW = re.compile(rf"\b{re.escape(KEY)}\.(\d+)")
"""Key of a row in the words of a fault."""


def _row_of(fault: Fault) -> int:
    """Number of the row of a table that a fault is about; 0 if it is about the whole."""
    numbers = re.findall(r", (?:line|row)s? (\d+)", fault.where)
    return int(numbers[-1]) if numbers else 0


def is_plan(path: Path, otherwise: bool = True) -> bool:
    """Whether a file has a row of headings that a plan has, and none of a table of authorities or people.

    A kind of visit alone is enough: where the heading of the week is not known, the fault is then about the week;
    ``otherwise`` is false where the user speaks of the file as a table of authorities, which may have such a column.
    """
    heads = []
    for grid in grids(content_of(path), str(path)):
        with suppress(InputError):  # cut at another sign it may be no table; whoever reads it says what is wrong
            heads += grid.rows(MOST_ABOVE)
    found = {meant("columns", cell, (*REQUIRED, *COLUMNS_OF_OTHERS)) for row in heads for cell in row.cells if cell}
    return bool(found & ({"week", "kind"} if otherwise else {"week"})) and not found & set(COLUMNS_OF_OTHERS)


def read_plan(table: str | Path, kinds: Collection[str] = ()) -> Table:
    """Plan of a CSV file or a workbook.

    Parameters
    ----------
    table : str or pathlib.Path
        A table with the columns authority, kind, week and, if wanted, lead. The week is given by any of its days, day
        first or year first.
    kinds : collection of str, optional
        Visits that the frameworks have, beside those of :data:`PLANNED_KINDS`.

    Raises
    ------
    InputError
        If it is no such table. What is wrong with its rows stands in the result, so that it can be told together with
        what the scenario has to say of the others.
    """
    where = str(table)
    headings = find(grids(content_of(Path(table)), where), Wanted(REQUIRED, OPTIONAL, {}, nameable=False), where)
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
    return Table(tuple(planned), tuple(places), tuple(grouped(faults)), understood)


def _value(kinds: Sequence[PlannedKind], column: str, cell: str) -> tuple[object, str]:
    """What a cell means, None if nothing that is allowed; and what is."""
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
    """Name of a table as a scenario file gives it, with or without a source, made relative to where the file is."""
    if isinstance(table, Mapping):
        return {key: at_home(value, home) if key == "value" else value for key, value in table.items()}
    if isinstance(table, str) and table != NO_PLAN:
        return str(home / table)
    return table


def with_plan(values: dict[str, Any], notes: dict[str, Note], names: Iterable[str] | None) -> Table:
    """Bring the rows of the table that a scenario names into its values, and say in its notes where they come from.

    Parameters
    ----------
    values : dict
        Values of the scenario; the part of planning is replaced by one with the rows.
    notes : dict of str to Note
        Their notes.
    names : iterable of str or None
        Authorities, whose spelling the rows take; None if nobody knows them, and then there are no rows.

    Returns
    -------
    Table
        What was read: nothing, where the scenario has no plan or has its rows already.
    """
    planning = values.get("planning")
    if not isinstance(planning, Mapping) or not isinstance(planning.get("plan"), str):
        return Table()
    file, rest = planning["plan"], {key: value for key, value in planning.items() if key != "plan"}
    note = notes.pop(KEY, UNSOURCED)
    values["planning"] = rest
    if file == NO_PLAN:
        return Table()
    try:
        table = read_plan(file, _visits_of(values))
    except InputError as error:
        return Table(faults=error.faults)
    if names is None or not table.rows:
        return Table(faults=table.faults)
    table = replace(table, rows=tuple(_in_their_spelling(table.rows, names)))
    values["planning"] = {**rest, "plan": table.rows}
    notes[KEY] = Note(f"{Path(file).name}, no source given", note.confidence) if note == UNSOURCED else note
    return table


def _visits_of(values: Mapping[str, Any]) -> set[str]:
    """Names of the visits of a scenario's frameworks, and of their kinds, as far as they are sound."""
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
    """Rows with the names of authorities as the table of authorities has them, but for signs and case."""
    spelled = spelled_as(names)
    for row in rows:
        name = spelled(row.authority)
        yield row if name == row.authority else row.model_copy(update={"authority": name})


def in_words(rows: Sequence[PlannedVisit]) -> str:
    """A plan in one line: how many visits of which kind, from when to when, how many with a named lead."""
    every = dict.fromkeys([*PLANNED_KINDS, *sorted(row.kind for row in rows)])
    kinds = {kind: sum(row.kind == kind for row in rows) for kind in every}
    told = ", ".join(f"{count} {kind}" for kind, count in kinds.items() if count)
    first, last = min(row.week for row in rows), max(row.week for row in rows)
    led = sum(row.lead is not None for row in rows)
    leads = f"; {_counted(led, 'names', 'name')} who is to lead" if led else ""
    return (
        f"{_counted(len(rows), 'visit', 'visits')} at "
        f"{_counted(len({row.authority for row in rows}), 'authority', 'authorities')} ({told}), {first} to {last}"
        f"{leads}"
    )


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"
