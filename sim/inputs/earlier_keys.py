"""Translates keys of earlier versions: a pathway's ``focused`` and ``monitoring`` are now among its contacts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sim.base.faults import Fault, refuse_any

PARTS = {"focused": "between", "monitoring": "monitoring"}
"""Tables that a pathway used to have beside its inspection, and the part that each plays as a contact."""
PATHWAY = re.compile(r"(frameworks\.[^.]+\.)?pathways\.[^.]+")
"""Path of a pathway, in a scenario or in a framework."""
ABOVE = re.compile(r"(frameworks(\.[^.]+(\.pathways)?)?|pathways)?")
"""Path of a table that contains pathways, at any depth."""
OLD_KEY = re.compile(rf"(?P<pathway>{PATHWAY.pattern})\.(?P<name>{'|'.join(PARTS)})(?P<inside>\..*)?")


def key_of_today(path: str) -> str:
    """Return the current dotted path of a key."""
    old = OLD_KEY.fullmatch(path)
    return path if old is None else f"{old['pathway']}.contacts.{old['name']}{old['inside'] or ''}"


def changes_of_today(changes: Mapping[str, object]) -> dict[str, object]:
    """Return changes by dotted path, with current paths and tables.

    Raises
    ------
    InputError
        If a key is given under both its names.
    """
    twice = [path for path in changes if key_of_today(path) != path and key_of_today(path) in changes]
    words = "it is now called {}, which is given too; give only that one"
    refuse_any(Fault("the changes", path, str(changes[path]), words.format(key_of_today(path))) for path in twice)
    return {key_of_today(path): _value_of_today(path, value) for path, value in changes.items()}


def tree_of_today(tree: Any, path: str = "") -> Any:
    """Return the tree of a file, or its part at a dotted path, with a pathway's former tables among its contacts.

    A table that appears under both keys is left in place, to be refused later.
    """
    if not isinstance(tree, Mapping):
        return tree
    if ABOVE.fullmatch(path):
        return {key: tree_of_today(value, f"{path}.{key}".lstrip(".")) for key, value in tree.items()}
    contacts = tree.get("contacts", {}) if PATHWAY.fullmatch(path) else None
    old = tree.keys() & PARTS.keys()
    if not old or not isinstance(contacts, Mapping) or old & contacts.keys():
        return tree
    moved = {name: _value_of_today(f"{path}.{name}", tree[name]) for name in PARTS if name in old}
    return {key: value for key, value in tree.items() if key not in old} | {"contacts": {**moved, **contacts}}


def _value_of_today(path: str, value: object) -> object:
    """Return the value at an old or current dotted path; add its part to the table of a contact."""
    old = OLD_KEY.fullmatch(path)
    if old is not None and not old["inside"] and isinstance(value, Mapping):
        return {"part": PARTS[old["name"]], **value}
    return tree_of_today(value, path)
