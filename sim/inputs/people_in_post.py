"""Reads people in post: the user's own table with a row for each person, and the head-counts that follow from it."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Self

from pydantic import Field, model_validator

from sim.base.faults import NOT_SHOWN, Fault, InputError, nearest, refuse_any
from sim.base.files import content_of
from sim.base.package_data import people_tables
from sim.inputs import toml_tree
from sim.inputs.framework import ROLES, Role
from sim.inputs.headings import MOST_ABOVE, WantedColumns, find, grouped
from sim.inputs.section import Section, quantity
from sim.inputs.spellings import day_of, meant
from sim.inputs.spellings import words as words_of
from sim.inputs.spreadsheet import grids
from sim.inputs.toml_tree import UNSOURCED, Note, Sheet

REQUIRED = ("role", "region", "hours", "may_lead")
OPTIONAL = ("start", "last_day", "name")
OWN_COLUMNS = ("role", "hours", "may_lead", "start", "last_day")
"""Columns that identify a table of people."""
COLUMNS_OF_AUTHORITIES = ("judgement", "inspected_on")
"""Columns that a table of people never has."""
KEY = "workforce.in_post"
"""Key with which a scenario names the table."""
NO_TABLE = "none"
"""Value that means no table: the model draws everybody."""
WHOLE = 100
"""Full time, in per cent."""
HALF = 0.5
"""Offset of a person's place among those of the region, so that people of two regions alternate."""
ANSWERS = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}
OTHERWISE = {
    "start": "leave it empty for people who joined long ago",
    "last_day": "leave it empty for people who are not known to be leaving",
}
"""What to do if a day is not known."""
EARLIEST = datetime.date(1950, 1, 1)
"""Earliest day of joining that is accepted; nobody still in post joined earlier, so such a date is an error."""


class Person(Section):
    """Represents one person, as in post at the start or as joining later."""

    role: Role = quantity("role of the person")
    region: str = quantity("region of the inspectorate in which the person is based")
    hours: Annotated[float, Field(gt=0, le=1)] = quantity("working hours", "share of full time")
    may_lead: bool = quantity("whether the person may lead a visit once in full use")
    start: datetime.date | None = quantity("day of joining; empty means long ago", default=None)
    last_day: datetime.date | None = quantity(
        "last day in post, such as the end of a contract; the model draws it if empty", default=None
    )
    name: str | None = quantity("name, for readers of the table; only a plan of visits refers to it", default=None)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start is not None and self.last_day is not None and self.last_day < self.start:
            raise ValueError(f"last_day: {_before_joining(self.last_day, self.start)}")
        return self


@dataclass(frozen=True)
class RegionsAndRoles:
    """Holds the scenario's names that a table of people may use.

    Attributes
    ----------
    regions : tuple of str or None
        Regions in which inspectors are based; not checked if None.
    roles : tuple of str
        Roles.
    """

    regions: tuple[str, ...] | None = None
    roles: tuple[str, ...] = ROLES


ANYTHING = RegionsAndRoles()


def is_table_of_people(path: Path) -> bool:
    """Return whether a file has a row of headings of a table of people, and none of a table of authorities."""
    heads = []
    for grid in grids(content_of(path), str(path)):
        with suppress(InputError):  # with another separator it may not be a table; the reader of the table reports that
            heads += grid.rows(MOST_ABOVE)
    of_people, of_others = (
        [any(meant("columns", cell, columns) for cell in row.cells) for row in heads]
        for columns in (OWN_COLUMNS, COLUMNS_OF_AUTHORITIES)
    )
    return any(of_people) and not any(of_others)


class PeopleTable(NamedTuple):
    """Holds a table of people that was read.

    Attributes
    ----------
    people : tuple of Person
        Its rows.
    understood : tuple of str
        How it was read, in sentences that name nobody.
    """

    people: tuple[Person, ...]
    understood: tuple[str, ...]


def read_people(table: str, known: RegionsAndRoles = ANYTHING) -> PeopleTable:
    """Read the people of a built-in table, by name, or of a CSV file or a workbook, by path.

    Parameters
    ----------
    table : str
        A table with the columns role, region, hours, may_lead and, optionally, start, last_day and name. Hours are a
        share of full time (``0.6``) or a percentage (``60%``), ``may_lead`` is yes or no. ``start`` is the day of
        joining and ``last_day`` that of leaving, day first or year first. Leave ``start`` empty for people who joined
        long ago, and ``last_day`` for people not known to be leaving.
    known : RegionsAndRoles, optional
        Names in the scenario.

    Raises
    ------
    InputError
        With every fault of the table, by line or row and column.
    """
    ships = people_tables()
    content = ships[table].encode() if table in ships else content_of(Path(table))
    return parse_people(content, table, known)


def parse_people(content: bytes, where: str, known: RegionsAndRoles = ANYTHING) -> PeopleTable:
    """Read people from a file's bytes; ``where`` names the file in faults. See :func:`read_people`."""
    headings = find(grids(content, where), WantedColumns(REQUIRED, OPTIONAL, {}, nameable=False), where)
    faults: list[Fault] = []
    people: list[Person] = []
    first_row: dict[tuple[str, ...], int] = {}
    rows, left_out = headings.table()
    for row in rows:
        values, found = headings.read(row, partial(_value, known))
        who = tuple(words_of(str(values.get(column) or "")) for column in ("name", "role", "region"))
        if who[0] and who in first_row:
            unit = headings.grid.unit
            words = f"a person may appear once in a role and region; this one is already on {unit} {first_row[who]}"
            place = headings.grid.at(row.number, headings.columns["name"])
            found.append(Fault(place, "name", values["name"], words))
        first_row.setdefault(who, row.number)
        start, last = values.get("start"), values.get("last_day")
        if isinstance(start, datetime.date) and isinstance(last, datetime.date) and last < start:
            place = headings.grid.at(row.number, headings.columns["last_day"])
            found.append(Fault(place, "last_day", str(last), _before_joining(last, start)))
        faults += found
        if not found:
            people.append(Person.model_validate(values))
    if not faults and not people:
        faults.append(Fault(where, "(the table)", NOT_SHOWN, "the table is empty; give at least one person"))
    refuse_any(grouped(faults))
    return PeopleTable(tuple(people), (headings.understood(), *left_out))


def _before_joining(last: datetime.date, start: datetime.date) -> str:
    return f"{last} is before the day of joining, {start}"


def _value(known: RegionsAndRoles, column: str, cell: str) -> tuple[object, str]:
    """Return a cell's meaning and an empty text, or None and what is allowed."""
    match column:
        case "role":
            return meant("roles", cell, known.roles), nearest("_".join(words_of(cell).split()), known.roles)
        case "region" if known.regions is not None:
            return meant("regions", cell, known.regions), f"no inspector is based there; {nearest(cell, known.regions)}"
        case "hours":
            return share_of_full_time(cell), HOURS_WORDS
        case "may_lead":
            return ANSWERS.get(cell.casefold()), f"write yes or no; allowed: {', '.join(ANSWERS)}"
        case "start" | "last_day":
            return _day_in_post(cell, OTHERWISE[column])
        case _:
            return cell, ""


HOURS_WORDS = (
    "give hours as a share of full time, more than 0 and at most 1, such as 0.6, or as a percentage, such as 60%"
)


def share_of_full_time(cell: str) -> float | None:
    """Return hours written as a share (``0.6``) or a percentage (``60%``); None if they are neither, or out of
    range.
    """
    number = cell.removesuffix("%").strip()
    try:
        share = float(Decimal(number) / (1 if number == cell else WHOLE))
    except ArithmeticError:  # not a number, or infinite
        return None
    return share if 0 < share <= 1 else None


def _day_in_post(cell: str, otherwise: str) -> tuple[datetime.date | None, str]:
    """Return a day of joining or leaving, or None and what is wrong with it."""
    day = day_of(cell)
    if isinstance(day, str):
        return None, f"{day}; {otherwise}"
    if day < EARLIEST:
        return None, f"it is before {EARLIEST}, too long ago for anybody still in post"
    return day, ""


def faults_of(
    people: Sequence[Person], regions: Sequence[str], by_region: Mapping[Role, object | None], begins: datetime.date
) -> Iterator[str]:
    """List what is wrong with the people in post in a scenario.

    Parameters
    ----------
    people : sequence of Person
        Rows of the table.
    regions : sequence of str
        Regions in which inspectors are based.
    by_region : mapping of str to object or None
        For each role, its head-counts by region, if the scenario gives them.
    begins : datetime.date
        Day 0.
    """
    if gone := [row.last_day for row in people if row.last_day is not None and row.last_day < begins]:
        words = "delete their rows"
        yield f"{KEY}: people who left before the start, {begins}: {len(gone)}, the first on {min(gone)}; {words}"
    for kind, known in (("region", regions), ("role", by_region)):
        for word, count in Counter(getattr(row, kind) for row in people if getattr(row, kind) not in known).items():
            rows = f"{count} rows say" if count > 1 else "a row says"
            yield f"{KEY}: {rows} {word!r}, but the scenario has no such {kind}; {nearest(word, known)}"
    for role, said in by_region.items():
        if said is not None and of_role(people, role):
            words = f"the table {KEY} already says where the people of this role are; remove by_region, or those rows"
            yield f"workforce.roles.{role}.by_region: {words}"


def of_role(people: Iterable[Person], role: Role) -> list[Person]:
    """Return the people of a role, in the given order."""
    return [person for person in people if person.role == role]


def in_order(people: Iterable[Person]) -> tuple[Person, ...]:
    """Sort people by role and region, then by day of joining, then leads first; the order of rows does not matter."""
    return tuple(sorted(people, key=_place))


def _place(person: Person) -> tuple[str, str, datetime.date, bool, float, datetime.date, str]:
    joined, leaves = person.start or datetime.date.min, person.last_day or datetime.date.max
    return person.role, person.region, joined, not person.may_lead, -person.hours, leaves, person.name or ""


def first_of(people: Sequence[Person], number: int) -> list[Person]:
    """Return the first ``number`` people of a role: a proportionate share from each region, earliest joiners first."""
    in_region = Counter(person.region for person in people)
    before: Counter[str] = Counter()
    shares = []
    for place, person in enumerate(in_order(people)):
        shares.append(((before[person.region] + HALF) / in_region[person.region], place, person))
        before[person.region] += 1
    return [person for _, _, person in sorted(shares)[:number]]


def in_words(people: Sequence[Person]) -> list[str]:
    """Describe each role of a table in a line: rows, full-time equivalents in all and by region, and how many may
    lead.
    """
    lines = []
    for role in dict.fromkeys(person.role for person in people):
        own = of_role(people, role)
        there = Counter(person.region for person in own)
        hours = {region: sum(person.hours for person in own if person.region == region) for region in there}
        where = "; ".join(f"{region} {count} ({hours[region]:.1f})" for region, count in there.most_common())
        lines.append(
            f"{role}: {len(own)} people, {sum(person.hours for person in own):.1f} full-time equivalents, "
            f"{sum(person.may_lead for person in own)} may lead: {where}"
        )
    return lines


# ---------------------------------------------------------------- as a part of scenario files


def at_home(table: object, home: Path) -> object:
    """Return a scenario file's entry for a table, with or without a source, with its path relative to the file's
    folder.
    """
    if isinstance(table, Mapping):
        return {key: at_home(value, home) if key == "value" else value for key, value in table.items()}
    if isinstance(table, str) and table != NO_TABLE and table not in people_tables():
        return str(home / table)
    return table


def laid(base: Sheet, differences: Sheet) -> Sheet:
    """Return a new sheet: ``base`` overlaid with ``differences``, including any table of people that they name."""
    return with_table(toml_tree.overlay(base, differences), differences)


def with_table(sheet: Sheet, differences: Sheet) -> Sheet:
    """Return a new sheet with the table of people in post that its differences name, already overlaid otherwise.

    The table is read. If it has rows of a role, they replace the role's inherited head-counts, in all and by region,
    unless the differences give these themselves.
    """
    said = differences.values.get("workforce")
    if not isinstance(said, Mapping) or "in_post" not in said:
        return sheet
    workforce: dict[str, Any] = dict(sheet.values["workforce"])
    notes, faults = dict(sheet.notes), list(sheet.faults)
    table, note = workforce.pop("in_post"), notes.pop(KEY, UNSOURCED)
    told: tuple[str, ...] = ()
    if isinstance(table, str) and table != NO_TABLE:
        if note == UNSOURCED:
            note = Note(f"{Path(table).name}, no source given", UNSOURCED.confidence)
        try:
            read = read_people(table, _known(workforce))
            told = () if table in people_tables() else read.understood
            table = read.people
        except InputError as error:
            faults += error.faults
            table = NO_TABLE
    if table != NO_TABLE:
        workforce["in_post"], notes[KEY] = table, note
        if "roles" in workforce:
            workforce["roles"] = _counted(workforce["roles"], table, said.get("roles"), notes)
    told = tuple(f"how the table of people in post was read: {sentence}" for sentence in told)
    values = sheet.values | {"workforce": workforce}
    return replace(sheet, values=values, notes=notes, faults=tuple(faults), understood=told)


def _known(workforce: Mapping[str, Any]) -> RegionsAndRoles:
    """Return the names in a scenario that a table may use, as far as these are valid."""
    regions, roles = workforce.get("regions"), workforce.get("roles")
    sound = isinstance(regions, tuple) and all(isinstance(region, str) for region in regions)
    there = tuple(roles) if isinstance(roles, Mapping) else ()
    return RegionsAndRoles(regions if sound else None, there or ROLES)


def _counted(roles: object, table: object, said: object, notes: dict[str, Note]) -> object:
    """Return the roles with head-counts equal to their rows in the table; update the notes to match."""
    if not isinstance(roles, Mapping) or not isinstance(table, tuple):
        return roles
    found = dict(roles)
    rows = (row.model_dump() if isinstance(row, Person) else row for row in table)
    for role, people in Counter(str(row.get("role")) for row in rows if isinstance(row, Mapping)).items():
        own = said.get(role) if isinstance(said, Mapping) else None
        own = own if isinstance(own, Mapping) else {}
        if not isinstance(found.get(role), Mapping):
            continue
        rules, key = dict(found[role]), f"workforce.roles.{role}"
        if "by_region" not in own:
            rules.pop("by_region", None)
            for path in [path for path in notes if path.startswith(f"{key}.by_region")]:
                del notes[path]
        if "people" not in own:
            rules["people"] = people
            notes[f"{key}.people"] = Note(f"rows of the table of people in post ({notes[KEY].source})",
                                          notes[KEY].confidence)  # fmt: skip
        found[role] = rules
    return found
