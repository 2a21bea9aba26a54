"""Files that ship with the package: scenarios, frameworks, tables."""

from __future__ import annotations

from importlib.resources import files

SAMPLES = ("sample_authorities.csv", "sample_authorities.xlsx")
"""Made-up authorities in the layout of a published spreadsheet, to try out how a table is read."""


def shipped(kind: str) -> dict[str, str]:
    """Text of each TOML file of a folder of the package, by name; ``kind`` is ``scenarios`` or ``frameworks``."""
    return {name.removesuffix(".toml"): text for name, text in _texts(kind, "", ".toml").items()}


def authority_tables() -> dict[str, str]:
    """Text of each table of authorities, by file name."""
    return _texts("data", "authorities_", ".csv")


def people_tables() -> dict[str, str]:
    """Text of each table of people in post, by file name."""
    return _texts("data", "people_", ".csv")


def tables_by_name() -> dict[str, bytes]:
    """Content of each table of authorities that ships, the made-up samples in a published layout too, by file name."""
    found = {name: text.encode() for name, text in authority_tables().items()}
    return found | {name: files("sim").joinpath("data", name).read_bytes() for name in SAMPLES}


def texts(begins: str) -> dict[str, str]:
    """Text of each file of the folder ``data`` whose name begins so, by file name."""
    return _texts("data", begins, "")


def table(name: str) -> str:
    """Text of one table of the folder ``data``."""
    return files("sim").joinpath("data", name).read_text(encoding="utf-8")


def _texts(folder: str, begins: str, ends: str) -> dict[str, str]:
    entries = sorted(files("sim").joinpath(folder).iterdir(), key=lambda entry: entry.name)
    return {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in entries
        if entry.name.startswith(begins) and entry.name.endswith(ends)
    }
