"""People in post: a table of a user's own, with a row for each person, and what it says of head-counts."""

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
from sim.inputs.headings import MOST_ABOVE, Wanted, find, grouped
from sim.inputs.section import Section, quantity
from sim.inputs.spellings import day_of, meant
from sim.inputs.spellings import words as words_of
from sim.inputs.spreadsheet import grids
from sim.inputs.toml_tree import UNSOURCED, Note, Sheet

REQUIRED = ("role", "region", "hours", "may_lead")
OPTIONAL = ("start", "last_day", "name")
OWN_COLUMNS = ("role", "hours", "may_lead", "start", "last_day")
"""Columns by which a table of people is known."""
COLUMNS_OF_AUTHORITIES = ("judgement", "inspected_on")
"""Columns that it has not."""
KEY = "workforce.in_post"
"""Key of a scenario that names the table."""
NO_TABLE = "none"
"""Instead of a table: everybody is drawn."""
WHOLE = 100
"""Per cent of full time."""
HALF = 0.5
"""Of a person's place among those of the region: people of two regions take turns."""
ANSWERS = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}
OTHERWISE = {
    "start": "leave it empty for whoever joined long ago",
    "last_day": "leave it empty for whoever is not known to leave",
}
"""What to do with a day that nobody can give."""
EARLIEST = datetime.date(1950, 1, 1)
"""Nobody in post joined before it; a date that says so is a slip of the pen."""


class Person(Section):
    """One person as the run finds them, or as they join."""

    role: Role = quantity("what the person does")
    region: str = quantity("region of the inspectorate in which the person is based")
    hours: Annotated[float, Field(gt=0, le=1)] = quantity("hours", "share of full time")
    may_lead: bool = quantity("whether the person may lead a visit once in full use")
    start: datetime.date | None = quantity("day of joining; long ago if the table does not say", default=None)
    last_day: datetime.date | None = quantity(
        "last day in post, such as the end of a contract; drawn if the table does not say", default=None
    )
    name: str | None = quantity("for the reader of the table; nothing depends on it", default=None)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start is not None and self.last_day is not None and self.last_day < self.start:
            raise ValueError(f"last_day: {_before_joining(self.last_day, self.start)}")
        return self


@dataclass(frozen=True)
class Known:
    """What a scenario has, of which a table of people may speak.

    Attributes
    ----------
    regions : tuple of str or None
        Regions in which inspectors are based; not checked if None.
    roles : tuple of str
        Roles.
    """

    regions: tuple[str, ...] | None = None
    roles: tuple[str, ...] = ROLES


ANYTHING = Known()


def is_table_of_people(path: Path) -> bool:
    """Whether a file has a row of headings that a table of people has, and none of a table of authorities."""
    heads = []
    for grid in grids(content_of(path), str(path)):
        with suppress(InputError):  # cut at another sign it may be no table; whoever reads it says what is wrong
            heads += grid.rows(MOST_ABOVE)
    of_people, of_others = (
        [any(meant("columns", cell, columns) for cell in row.cells) for row in heads]
        for columns in (OWN_COLUMNS, COLUMNS_OF_AUTHORITIES)
    )
    return any(of_people) and not any(of_others)


class Table(NamedTuple):
    """A table of people that was read.

    Attributes
    ----------
    people : tuple of Person
        Its rows.
    understood : tuple of str
        How it was read, in sentences without the name of anybody.
    """

    people: tuple[Person, ...]
    understood: tuple[str, ...]


def read_people(table: str, known: Known = ANYTHING) -> Table:
    """People of a table that ships, by name, or of a CSV file or a workbook, by path.

    Parameters
    ----------
    table : str
        A table with the columns role, region, hours, may_lead and, if wanted, start, last_day and name. Hours are a
        share of full time (``0.6``) or a percentage (``60%``), ``may_lead`` is yes or no, ``start`` the day of joining
        and ``last_day`` that of leaving, day first or year first: empty for those who joined long ago, and for those of
        whom nobody knows that they leave.
    known : Known, optional
        What the scenario has.

    Raises
    ------
    InputError
        With every fault of the table, by line or row and column.
    """
    ships = people_tables()
    content = ships[table].encode() if table in ships else content_of(Path(table))
    return parse_people(content, table, known)


def parse_people(content: bytes, where: str, known: Known = ANYTHING) -> Table:
    """People of a file's bytes; ``where`` names it in a fault. See :func:`read_people`."""
    headings = find(grids(content, where), Wanted(REQUIRED, OPTIONAL, {}, nameable=False), where)
    faults: list[Fault] = []
    people: list[Person] = []
    first_row: dict[tuple[str, ...], int] = {}
    rows, left_out = headings.table()
    for row in rows:
        values, found = headings.read(row, partial(_value, known))
        who = tuple(words_of(str(values.get(column) or "")) for column in ("name", "role", "region"))
        if who[0] and who in first_row:
            unit = headings.grid.unit
            words = f"a person may appear once in a role and region; this one is on {unit} {first_row[who]} already"
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
    return Table(tuple(people), (headings.understood(), *left_out))


def _before_joining(last: datetime.date, start: datetime.date) -> str:
    return f"{last} is before the day of joining, {start}"


def _value(known: Known, column: str, cell: str) -> tuple[object, str]:
    """What a cell means, None if nothing that is allowed; and what is."""
    match column:
        case "role":
            return meant("roles", cell, known.roles), nearest("_".join(words_of(cell).split()), known.roles)
        case "region" if known.regions is not None:
            return meant("regions", cell, known.regions), f"nobody works there; {nearest(cell, known.regions)}"
        case "hours":
            return share_of_full_time(cell), HOURS_WORDS
        case "may_lead":
            return ANSWERS.get(cell.casefold()), f"say yes or no; allowed: {', '.join(ANSWERS)}"
        case "start" | "last_day":
            return _day_in_post(cell, OTHERWISE[column])
        case _:
            return cell, ""


HOURS_WORDS = "hours are a share of full time, more than 0 and at most 1, such as 0.6, or a percentage, such as 60%"


def share_of_full_time(cell: str) -> float | None:
    """Hours written as a share (``0.6``) or a percentage (``60%``); None if they are neither, or no hours to work."""
    number = cell.removesuffix("%").strip()
    try:
        share = float(Decimal(number) / (1 if number == cell else WHOLE))
    except ArithmeticError:  # no number, or one without an end
        return None
    return share if 0 < share <= 1 else None


def _day_in_post(cell: str, otherwise: str) -> tuple[datetime.date | None, str]:
    """Day of joining or leaving, and what is wrong with it if it is none."""
    day = day_of(cell)
    if isinstance(day, str):
        return None, f"{day}; {otherwise}"
    if day < EARLIEST:
        return None, f"it is before {EARLIEST}, and nobody in post joined so long ago"
    return day, ""


def faults_of(
    people: Sequence[Person], regions: Sequence[str], by_region: Mapping[Role, object | None], begins: datetime.date
) -> Iterator[str]:
    """What a scenario has to say against its people in post.

    Parameters
    ----------
    people : sequence of Person
        Rows of the table.
    regions : sequence of str
        Regions in which inspectors are based.
    by_region : mapping of str to object or None
        For each role how many people there are in each region, if the scenario says it.
    begins : datetime.date
        Day 0.
    """
    if gone := [row.last_day for row in people if row.last_day is not None and row.last_day < begins]:
        words = "delete the rows of people who have left"
        yield f"{KEY}: {len(gone)} left before the start, {begins}, such as on {min(gone)}; {words}"
    for kind, known in (("region", regions), ("role", by_region)):
        for word, count in Counter(getattr(row, kind) for row in people if getattr(row, kind) not in known).items():
            rows = f"{count} rows say" if count > 1 else "a row says"
            yield f"{KEY}: {rows} {word!r}, and the scenario has no such {kind}; {nearest(word, known)}"
    for role, said in by_region.items():
        if said is not None and of_role(people, role):
            words = f"the table {KEY} says where the people of this role are; leave by_region away, or its rows"
            yield f"workforce.roles.{role}.by_region: {words}"


def of_role(people: Iterable[Person], role: Role) -> list[Person]:
    """People of a role, in the order in which they are given."""
    return [person for person in people if person.role == role]


def in_order(people: Iterable[Person]) -> tuple[Person, ...]:
    """People by role and region, who joined first and who may lead before others; no order of rows plays a part."""
    return tuple(sorted(people, key=_place))


def _place(person: Person) -> tuple[str, str, datetime.date, bool, float, datetime.date, str]:
    joined, leaves = person.start or datetime.date.min, person.last_day or datetime.date.max
    return person.role, person.region, joined, not person.may_lead, -person.hours, leaves, person.name or ""


def first_of(people: Sequence[Person], number: int) -> list[Person]:
    """So many people of a role: of each region its share of them, who joined first before others."""
    in_region = Counter(person.region for person in people)
    before: Counter[str] = Counter()
    shares = []
    for place, person in enumerate(in_order(people)):
        shares.append(((before[person.region] + HALF) / in_region[person.region], place, person))
        before[person.region] += 1
    return [person for _, _, person in sorted(shares)[:number]]


def in_words(people: Sequence[Person]) -> list[str]:
    """A line for each role of a table: rows, full-time equivalents in all and by region, and how many may lead."""
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
    """Name of a table as a scenario file gives it, with or without a source, made relative to where the file is."""
    if isinstance(table, Mapping):
        return {key: at_home(value, home) if key == "value" else value for key, value in table.items()}
    if isinstance(table, str) and table != NO_TABLE and table not in people_tables():
        return str(home / table)
    return table


def laid(base: Sheet, differences: Sheet) -> Sheet:
    """New sheet: ``base`` with ``differences`` laid over it, and the table of people that they bring, if they do."""
    return with_table(toml_tree.overlay(base, differences), differences)


def with_table(sheet: Sheet, differences: Sheet) -> Sheet:
    """New sheet: one over which differences are laid already, with the table of people in post that they name.

    The table is read. It takes the place of what was under the differences of how many people there are of a role, and
    where, if it has rows of the role and the differences themselves do not say how many there are.
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
    told = tuple(f"people in post as they were read: {sentence}" for sentence in told)
    values = sheet.values | {"workforce": workforce}
    return replace(sheet, values=values, notes=notes, faults=tuple(faults), understood=told)


def _known(workforce: Mapping[str, Any]) -> Known:
    """What a scenario has, as far as it is sound itself."""
    regions, roles = workforce.get("regions"), workforce.get("roles")
    sound = isinstance(regions, tuple) and all(isinstance(region, str) for region in regions)
    there = tuple(roles) if isinstance(roles, Mapping) else ()
    return Known(regions if sound else None, there or ROLES)


def _counted(roles: object, table: object, said: object, notes: dict[str, Note]) -> object:
    """Roles with as many people as a table has rows of them; the notes are changed with them."""
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
