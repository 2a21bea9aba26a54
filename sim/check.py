"""Checking one file before it is used, and saying what was understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from sim import people, tree
from sim.assumptions import entries
from sim.caveats import warnings
from sim.faults import Fault, InputError
from sim.framework import Framework
from sim.people import Known, Person
from sim.scenario import DEFAULT, load, load_framework
from sim.sector import Authority, Expected, parse_table, read_table
from sim.shipped import authority_tables, people_tables, shipped

OF_FRAMEWORKS = frozenset({"visits", "pathways", "in_force_from"})
"""Keys that every whole framework has and no scenario."""


def check(file: str) -> str:
    """What a scenario, a framework or a table of authorities or of people in post says, in words.

    Parameters
    ----------
    file : str
        Path of a TOML or CSV file, or the name of one that ships in the package.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    tables = authority_tables()
    if file in tables:
        return _table(file, parse_table(tables[file], file, _expected()))
    path = Path(file)
    ending = path.suffix.lower()
    if file in people_tables() or (file not in tables and ending == ".csv" and people.is_table_of_people(path)):
        return _people(file)
    if file in shipped("scenarios"):
        return _scenario(file)
    if file in shipped("frameworks"):
        return _framework(file)
    if ending == ".csv":
        return _table(file, read_table(path, _expected()))
    if ending != ".toml":
        ships = ", ".join((*shipped("scenarios"), *shipped("frameworks"), *tables, *people_tables()))
        words = (
            "give a .toml file (a scenario or a framework), a .csv file (authorities, or people in post), or what "
            f"ships: {ships}"
        )
        raise InputError([Fault(file, "(the file)", path.suffix or "no ending", words)])
    return _framework(file) if _is_framework(path, ()) else _scenario(file)


def _framework(file: str) -> str:
    framework: Framework = load_framework(file)
    return (
        f"{file}: a framework, {framework.title!r}, in force from {framework.in_force_from}; "
        f"kinds of visit: {', '.join(framework.visits)}. No faults."
    )


def _scenario(file: str) -> str:
    scenario = load(file)
    unsourced = sum(entry.note.confidence == "none" for entry in entries(scenario))
    lines = [
        f"{file}: a scenario, {scenario.name!r}: {len(scenario.authorities)} authorities, {scenario.start} "
        f"to {scenario.end}, "
        f"framework {', '.join(scenario.framework)}; {unsourced} numbers set without a source. No faults.",
        *(f"Note: {warning}." for warning in warnings(scenario)),
    ]
    return "\n".join(lines)


def _is_framework(file: Path, seen: tuple[Path, ...]) -> bool:
    """Whether a file gives rules of a framework, itself or in a file that it extends."""
    content = tree.read(file)
    base = content.get("extends")
    if base in shipped("frameworks") or OF_FRAMEWORKS & set(content):
        return True
    if not isinstance(base, str) or base in shipped("scenarios"):
        return False
    under = (file.parent / base).resolve()
    return under.is_file() and under not in seen and _is_framework(under, (*seen, under))


def _expected() -> Expected:
    """Regions of the default scenario; a table for others is checked with the scenario that names it."""
    return Expected(regions=load(DEFAULT).workforce.regions)


def _table(file: str, rows: Sequence[Authority]) -> str:
    judgements = Counter(row.judgement for row in rows)
    where = Counter(row.region for row in rows)
    return (
        f"{file}: {len(rows)} authorities; {', '.join(f'{count} {name}' for name, count in judgements.most_common())}; "
        f"inspected {min(row.inspected_on for row in rows)} to {max(row.inspected_on for row in rows)}; "
        f"{', '.join(f'{name} {count}' for name, count in where.most_common())}. No faults."
    )


def _people(file: str) -> str:
    workforce = load(DEFAULT).workforce
    rows: Sequence[Person] = people.read_people(file, Known(workforce.regions, tuple(workforce.roles)))
    days = [row.start for row in rows if row.start is not None]
    joined = f"; {len(days)} with a day of joining, {min(days)} to {max(days)}" if days else ""
    return "\n".join([f"{file}: {len(rows)} people in post{joined}. No faults.", *people.in_words(rows)])
