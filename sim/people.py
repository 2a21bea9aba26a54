"""People in post: a table of a user's own, with a row for each person, and what it says of head-counts."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from sim import tree
from sim.csvfile import DATE_WORDS, as_date, header, read_text, rows
from sim.faults import NOT_SHOWN, Fault, InputError, nearest
from sim.framework import ROLES, Role
from sim.parts import Part, quantity
from sim.shipped import people_tables
from sim.tree import UNSOURCED, Note, Sheet

REQUIRED = ("role", "region", "hours", "may_lead")
OPTIONAL = ("start", "name")
OWN_COLUMNS = frozenset({"role", "hours", "may_lead", "start"})
"""Columns by which a table of people is known."""
KEY = "workforce.in_post"
"""Key of a scenario that names the table."""
NO_TABLE = "none"
"""Instead of a table: everybody is drawn."""
WHOLE = 100
"""Per cent of full time."""
ANSWERS = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}
EARLIEST = datetime.date(1950, 1, 1)
"""Nobody in post joined before it; a date that says so is a slip of the pen."""


class Person(Part):
    """One person as the run finds them, or as they join."""

    role: Role = quantity("what the person does")
    region: str = quantity("region of the inspectorate in which the person is based")
    hours: Annotated[float, Field(gt=0, le=1)] = quantity("hours", "share of full time")
    may_lead: bool = quantity("whether the person may lead a visit once in full use")
    start: datetime.date | None = quantity("day of joining; long ago if the table does not say", default=None)
    name: str | None = quantity("for the reader of the table; nothing depends on it", default=None)


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
    """Whether a CSV file has a column that a table of people has and no table of authorities."""
    return bool(OWN_COLUMNS & {folded(name) for name in header(read_text(path))})


def read_people(table: str, known: Known = ANYTHING) -> tuple[Person, ...]:
    """People of a table that ships, by name, or of a CSV file, by path.

    Parameters
    ----------
    table : str
        A table with the columns role, region, hours, may_lead and, if wanted, start and name. Hours are a share of full
        time (``0.6``) or a percentage (``60%``), ``may_lead`` is yes or no, ``start`` the day of joining
        (``2018-01-31``), empty for those who joined long ago.
    known : Known, optional
        What the scenario has.

    Raises
    ------
    InputError
        With every fault of the table, by line and column.
    """
    ships = people_tables()
    return parse_people(ships[table] if table in ships else read_text(Path(table)), table, known)


def parse_people(text: str, where: str, known: Known = ANYTHING) -> tuple[Person, ...]:
    """People of a CSV text; ``where`` names it in a fault. See :func:`read_people`."""
    faults: list[Fault] = []
    people: list[Person] = []
    first_line: dict[tuple[str, ...], int] = {}
    for place, line, cells in rows(text, where, REQUIRED, OPTIONAL, faults):
        values, found = _read(cells, place, known)
        who = tuple(folded(cells.get(column, "")) for column in ("name", "role", "region"))
        if who[0] and who in first_line:
            words = f"a person may appear once in a role and region; this one is on line {first_line[who]} already"
            found.append(Fault(place, "name", cells["name"], words))
        first_line.setdefault(who, line)
        faults += found
        if not found and all(cells[column] for column in REQUIRED):
            people.append(Person.model_validate(values))
    if not faults and not people:
        faults.append(Fault(where, "(the table)", NOT_SHOWN, "the table is empty; give at least one person"))
    if faults:
        raise InputError(faults)
    return tuple(people)


def _read(cells: Mapping[str, str], place: str, known: Known) -> tuple[dict[str, object], list[Fault]]:
    """Values of a row, and what is wrong with those cells that are not empty."""
    values: dict[str, object] = {}
    faults = []
    value: object
    for column, cell in cells.items():
        if not cell:
            continue
        match column:
            case "role":
                value, words = meant(cell, known.roles), nearest(folded(cell), known.roles)
            case "region":
                regions = known.regions
                value = cell if regions is None else meant(cell, regions)
                words = f"nobody works there; {nearest(cell, regions or ())}"
            case "hours":
                value, words = share_of_full_time(cell), HOURS_WORDS
            case "may_lead":
                value, words = ANSWERS.get(cell.casefold()), f"say yes or no; allowed: {', '.join(ANSWERS)}"
            case "start":
                value, words = _day_of_joining(cell)
            case _:
                value, words = cell, ""
        if value is None:
            faults.append(Fault(place, column, cell, words))
        values[column] = value
    return values, faults


HOURS_WORDS = "hours are a share of full time, more than 0 and at most 1, such as 0.6, or a percentage, such as 60%"


def share_of_full_time(cell: str) -> float | None:
    """Hours written as a share (``0.6``) or a percentage (``60%``); None if they are neither, or no hours to work."""
    number = cell.removesuffix("%").strip()
    try:
        share = float(Decimal(number) / (1 if number == cell else WHOLE))
    except InvalidOperation:
        return None
    return share if 0 < share <= 1 else None


def _day_of_joining(cell: str) -> tuple[datetime.date | None, str]:
    """Day of joining, and what is wrong with it if it is none."""
    day = as_date(cell)
    if day is not None and day < EARLIEST:
        return None, f"it is before {EARLIEST}, and nobody in post joined so long ago"
    return day, f"{DATE_WORDS}; leave it empty for whoever joined long ago"


def folded(word: str) -> str:
    """A word in one of its spellings: small letters, with one underscore for spaces, hyphens and underscores."""
    return re.sub(r"[\s_-]+", "_", word.strip().casefold())


def meant(cell: str, allowed: Iterable[str]) -> str | None:
    """The allowed word of which a cell is a spelling; None if there is none."""
    return next((word for word in allowed if folded(word) == folded(cell)), None)


def of_role(people: Iterable[Person], role: Role) -> list[Person]:
    """People of a role, in the order of the table."""
    return [person for person in people if person.role == role]


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
    return with_table(tree.overlay(base, differences), differences)


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
    if isinstance(table, str) and table != NO_TABLE:
        if note == UNSOURCED:
            note = Note(f"{Path(table).name}, no source given", UNSOURCED.confidence)
        try:
            table = read_people(table, _known(workforce))
        except InputError as error:
            faults += error.faults
            table = NO_TABLE
    if table != NO_TABLE:
        workforce["in_post"], notes[KEY] = table, note
        if "roles" in workforce:
            workforce["roles"] = _counted(workforce["roles"], table, said.get("roles"), notes)
    return replace(sheet, values=sheet.values | {"workforce": workforce}, notes=notes, faults=tuple(faults))


def _known(workforce: Mapping[str, Any]) -> Known:
    """What a scenario has, as far as it is sound itself."""
    regions, roles = workforce.get("regions"), workforce.get("roles")
    sound = isinstance(regions, tuple) and all(isinstance(region, str) for region in regions)
    there = tuple(role for role in ROLES if role in roles) if isinstance(roles, Mapping) else ()
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
