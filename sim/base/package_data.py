"""Files that ship with the package: scenarios, frameworks, tables."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

DATA, INSPECTORATES = (files("sim").joinpath(folder) for folder in ("data", "inspectorates"))
SAMPLES = ("sample_authorities.csv", "sample_authorities.xlsx")
"""Made-up authorities in the layout of a published spreadsheet, to try out how a table is read."""


class Inspectorate(NamedTuple):
    """What ships of an inspectorate beside that of children's services, each by file name or name.

    Attributes
    ----------
    scenarios, frameworks : dict of str to str
        Text of each TOML file, by name.
    tables : dict of str to str
        Text of each table of whom it inspects, by file name.
    """

    scenarios: dict[str, str]
    frameworks: dict[str, str]
    tables: dict[str, str]


def inspectorates() -> dict[str, Inspectorate]:
    """What ships of each other inspectorate, by the name of its folder in ``inspectorates``."""
    found = {}
    for folder in _entries(INSPECTORATES):
        parts = {entry.name: entry for entry in folder.iterdir()}
        scenarios, frameworks = (_tomls(parts[kind]) for kind in ("scenarios", "frameworks"))
        found[folder.name] = Inspectorate(scenarios, frameworks, _texts(parts["data"], "", ".csv"))
    return found


def by_name(kind: str) -> dict[str, str]:
    """Text of each TOML file of a kind that ships, by name: those of :func:`shipped` and of other inspectorates."""
    found = shipped(kind)
    for inspectorate in inspectorates().values():
        found |= inspectorate.scenarios if kind == "scenarios" else inspectorate.frameworks
    return found


def shipped(kind: str) -> dict[str, str]:
    """Text of each TOML file of a folder of the package, by name; ``kind`` is ``scenarios`` or ``frameworks``."""
    return _tomls(files("sim").joinpath(kind))


def authority_tables() -> dict[str, str]:
    """Text of each table of authorities, by file name."""
    return _texts(DATA, "authorities_", ".csv")


def people_tables() -> dict[str, str]:
    """Text of each table of people in post, by file name."""
    return _texts(DATA, "people_", ".csv")


def tables_by_name() -> dict[str, bytes]:
    """Content of each table of authorities that ships, by file name.

    Those of other inspectorates and the made-up samples in a published layout are among them.
    """
    found = authority_tables()
    for inspectorate in inspectorates().values():
        found |= inspectorate.tables
    return {name: text.encode() for name, text in found.items()} | {
        name: DATA.joinpath(name).read_bytes() for name in SAMPLES
    }


def texts(begins: str) -> dict[str, str]:
    """Text of each file of the folder ``data`` whose name begins so, by file name."""
    return _texts(DATA, begins, "")


def table(name: str) -> str:
    """Text of one table of the folder ``data``."""
    return DATA.joinpath(name).read_text(encoding="utf-8")


def _tomls(folder: Traversable) -> dict[str, str]:
    return {name.removesuffix(".toml"): text for name, text in _texts(folder, "", ".toml").items()}


def _texts(folder: Traversable, begins: str, ends: str) -> dict[str, str]:
    return {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in _entries(folder)
        if entry.name.startswith(begins) and entry.name.endswith(ends)
    }


def _entries(folder: Traversable) -> Iterator[Traversable]:
    """What a folder holds, in the order of names; nothing if there is no such folder."""
    if folder.is_dir():
        yield from sorted(folder.iterdir(), key=lambda entry: entry.name)
