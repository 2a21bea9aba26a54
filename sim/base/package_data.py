"""Reads the package's built-in files: scenarios, frameworks and tables. A process reads each folder of them once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

DATA, INSPECTORATES = (files("sim").joinpath(folder) for folder in ("data", "inspectorates"))
SAMPLES = ("sample_authorities.csv", "sample_authorities.xlsx")
"""Made-up authorities in the layout of a published spreadsheet, to try out how a table is read."""


class Inspectorate(NamedTuple):
    """Holds the built-in files of an inspectorate other than that of children's services.

    Attributes
    ----------
    scenarios, frameworks : dict of str to str
        Text of each TOML file, by name.
    tables : dict of str to str
        Text of each table of the services it inspects, by file name.
    """

    scenarios: dict[str, str]
    frameworks: dict[str, str]
    tables: dict[str, str]


def inspectorates() -> dict[str, Inspectorate]:
    """Return the built-in files of each other inspectorate, by the name of its folder in ``inspectorates``."""
    found = {}
    for folder in _entries(INSPECTORATES):
        parts = {entry.name: entry for entry in folder.iterdir()}
        scenarios, frameworks = (_tomls(parts[kind]) for kind in ("scenarios", "frameworks"))
        found[folder.name] = Inspectorate(scenarios, frameworks, _texts(parts["data"], "", ".csv"))
    return found


def by_name(kind: str) -> dict[str, str]:
    """Return the text of every built-in TOML file of a kind, by name, including those of other inspectorates."""
    found = shipped(kind)
    for inspectorate in inspectorates().values():
        found |= inspectorate.scenarios if kind == "scenarios" else inspectorate.frameworks
    return found


def shipped(kind: str) -> dict[str, str]:
    """Return the text of each TOML file in a folder of the package, by name; ``kind`` is ``scenarios`` or
    ``frameworks``.
    """
    return _tomls(files("sim").joinpath(kind))


def authority_tables() -> dict[str, str]:
    """Return the text of each built-in table of authorities, by file name."""
    return _texts(DATA, "authorities_", ".csv")


def people_tables() -> dict[str, str]:
    """Return the text of each built-in table of people in post, by file name."""
    return _texts(DATA, "people_", ".csv")


def tables_by_name() -> dict[str, bytes]:
    """Return the content of each built-in table of authorities, by file name.

    It includes the tables of other inspectorates and the made-up samples in a published layout.
    """
    found = authority_tables()
    for inspectorate in inspectorates().values():
        found |= inspectorate.tables
    return {name: text.encode() for name, text in found.items()} | {
        name: DATA.joinpath(name).read_bytes() for name in SAMPLES
    }


def texts(begins: str) -> dict[str, str]:
    """Return the text of each file in the folder ``data`` whose name begins with ``begins``, by file name."""
    return _texts(DATA, begins, "")


def table(name: str) -> str:
    """Return the text of one table in the folder ``data``."""
    return DATA.joinpath(name).read_text(encoding="utf-8")


def _tomls(folder: Traversable) -> dict[str, str]:
    return {name.removesuffix(".toml"): text for name, text in _texts(folder, "", ".toml").items()}


def _texts(folder: Traversable, begins: str, ends: str) -> dict[str, str]:
    return dict(_read_once(folder, begins, ends))  # type: ignore[arg-type]  # Traversable promises no hash; folders have one


@cache  # there are few folders
def _read_once(folder: Traversable, begins: str, ends: str) -> dict[str, str]:
    return {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in _entries(folder)
        if entry.name.startswith(begins) and entry.name.endswith(ends)
    }


def _entries(folder: Traversable) -> Iterator[Traversable]:
    """Yield the entries of a folder in order of name; nothing if there is no such folder."""
    if folder.is_dir():
        yield from sorted(folder.iterdir(), key=lambda entry: entry.name)
