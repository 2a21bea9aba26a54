"""Head-counts of single regions: a setting of one, from which the number of people of the role follows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sim.inputs import toml_tree
from sim.inputs.posts import share_out
from sim.inputs.toml_tree import UNSOURCED, Note, Sheet

OF_ONE_REGION = re.compile(r"workforce\.roles\.(?P<role>[^.]+)\.by_region\.(?P<region>.+)")
"""Key of the head-count of one region."""


def of_one_region(path: str) -> bool:
    """Whether a key is the head-count of a role in one region."""
    return OF_ONE_REGION.fullmatch(path) is not None


def with_head_counts(sheet: Sheet, changes: Mapping[str, object], authorities: Iterable[Any], where: str) -> Sheet:
    """New sheet: head-counts of single regions laid over it.

    A role of which no region is given is shared out over the regions first, as the people of the start are. How many
    people there are is the sum of all regions, unless the changes say it themselves.

    Parameters
    ----------
    sheet : Sheet
        Values of a scenario, with its notes.
    changes : mapping of str to object
        Values to change, by dotted path, of which those of single regions are taken.
    authorities : iterable of Authority or mapping
        Rows of the table of authorities.
    where : str
        What gave the changes, in a fault.
    """
    rows = list(authorities)
    for role in dict.fromkeys(match["role"] for path in changes if (match := OF_ONE_REGION.fullmatch(path))):
        key = f"workforce.roles.{role}"
        sheet = toml_tree.overlay(sheet, _shared_out(sheet, role, rows, where))
        for path in (path for path in changes if path.startswith(f"{key}.by_region.")):
            region = path.removeprefix(f"{key}.by_region.")
            sheet = toml_tree.overlay(sheet, _at((*key.split("."), "by_region", region), changes[path], where))
        counts = sheet.values["workforce"]["roles"][role]["by_region"].values()
        if f"{key}.people" not in changes and all(type(count) is int for count in counts):
            note = Note("sum of by_region", UNSOURCED.confidence)
            people = _at((*key.split("."), "people"), sum(counts), where)
            sheet = toml_tree.overlay(sheet, Sheet(people.values, {f"{key}.people": note}))
    return sheet


def _at(keys: tuple[str, ...], value: object, where: str) -> Sheet:
    """Sheet that holds one value under some keys; a region's name may have a full stop in it."""
    for key in reversed(keys):
        value = {key: value}
    return toml_tree.split_notes(value, where)  # type: ignore[arg-type]  # there is at least one key


def _shared_out(sheet: Sheet, role: str, rows: Iterable[Any], where: str) -> Sheet:
    """Head-counts of every region of a role that has none of its own, with the note of how many people there are."""
    workforce = sheet.values["workforce"]
    rules, regions = workforce["roles"][role], workforce.get("regions")
    sound = type(rules.get("people")) is int and isinstance(regions, tuple)
    if rules.get("by_region") is not None or not sound:
        return _at(("workforce", "roles", role, "by_region"), dict(rules.get("by_region") or {}), where)
    count = Counter(_regions(rows))
    shared = share_out(rules["people"], {region: count[region] for region in regions})
    note = sheet.notes.get(f"workforce.roles.{role}.people", UNSOURCED)
    made = _at(("workforce", "roles", role, "by_region"), shared, where)
    notes = {f"workforce.roles.{role}.by_region.{region}": note for region in shared}
    return Sheet(made.values, notes)


def _regions(rows: Iterable[Any]) -> Iterator[str]:
    for row in rows:
        yield str(row.get("region") if isinstance(row, Mapping) else getattr(row, "region", None))
