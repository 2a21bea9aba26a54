"""Applies a setting of one region's head-count, and updates the role's total to match."""

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
    """Return whether a key is the head-count of a role in one region."""
    return OF_ONE_REGION.fullmatch(path) is not None


def with_head_counts(sheet: Sheet, changes: Mapping[str, object], authorities: Iterable[Any], where: str) -> Sheet:
    """Return a new sheet with head-counts of single regions applied.

    If a role has no head-counts by region yet, its people are first shared out over the regions, as at the start. The
    role's total becomes the sum over all regions, unless the changes set it too.

    Parameters
    ----------
    sheet : Sheet
        Values of a scenario, with its notes.
    changes : mapping of str to object
        Values to change, by dotted path; only those of single regions are used.
    authorities : iterable of Authority or mapping
        Rows of the table of authorities.
    where : str
        Origin of the changes, for faults.
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
    """Return a sheet with one value under some keys; a region's name may contain a full stop."""
    for key in reversed(keys):
        value = {key: value}
    return toml_tree.split_notes(value, where)  # type: ignore[arg-type]  # there is at least one key


def _shared_out(sheet: Sheet, role: str, rows: Iterable[Any], where: str) -> Sheet:
    """Return head-counts of every region for a role that has none, with the note of the role's total."""
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
