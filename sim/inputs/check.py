"""Checks one file before it is used, and says how it was understood."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sim.base.faults import NOT_SHOWN, Argument, Fault, InputError
from sim.base.package_data import by_name, people_tables, tables_by_name
from sim.inputs import people_in_post, visit_plan
from sim.inputs.assumptions import entries
from sim.inputs.authorities import ExpectedRows
from sim.inputs.authority_tables import TableSource, read_table
from sim.inputs.caveats import warnings
from sim.inputs.framework import Framework
from sim.inputs.grades import SHIPPED
from sim.inputs.people_in_post import RegionsAndRoles
from sim.inputs.scenario import load, load_framework
from sim.inputs.scenario_files import DEFAULT, chain, rule_over_four
from sim.inputs.validation import validate

OF_FRAMEWORKS = frozenset({"visits", "pathways", "in_force_from"})
"""Keys that every complete framework has, and no scenario."""


TABLES = (".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
"""Endings of spreadsheets."""


def check(file: str, columns: Mapping[str, str] | None = None, sheet: str = "") -> str:
    """Describe what a scenario, a framework or a table (authorities, people in post, plan of visits) says.

    Parameters
    ----------
    file : str
        Path of a TOML or CSV file or of a workbook, or the name of a built-in file.
    columns : mapping of str to str, optional
        For a table: the heading of each column that has neither its own name nor a known one.
    sheet : str, optional
        For a workbook: the sheet with the table.

    Returns
    -------
    str
        Description, with notes on how the file was read.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    path = Path(file)
    ships = file in (*tables_by_name(), *people_tables())
    if not ships and path.suffix.lower() in TABLES and visit_plan.is_plan(path, not (columns or sheet)):
        _refuse_about(file, columns, sheet)
        return _plan(file)
    of_people = file in people_tables() or (
        not (columns or sheet)  # only tables of authorities take these
        and file not in tables_by_name()
        and path.suffix.lower() in TABLES
        and people_in_post.is_table_of_people(path)
    )
    if not of_people and (file in tables_by_name() or path.suffix.lower() in TABLES):
        return _table({"file": file, "sheet": sheet, "columns": dict(columns or {})})
    _refuse_about(file, columns, sheet)
    if of_people:
        return _people(file)
    if file in by_name("scenarios"):
        return _scenario(file)
    if file in by_name("frameworks"):
        return _framework(file)
    if path.suffix.lower() != ".toml":
        names = ", ".join((*by_name("scenarios"), *by_name("frameworks"), *tables_by_name(), *people_tables()))
        words = (
            "give a .toml file (a scenario or a framework), or a .csv, .xlsx, .xlsb, .xls or .ods file (authorities, "
            f"people in post or a plan). Or give the name of a built-in file: {names}"
        )
        raise InputError([Fault(file, "(the file)", path.suffix or "no ending", words)])
    return _framework(file) if _is_framework(file) else _scenario(file)


def _refuse_about(file: str, columns: Mapping[str, str] | None, sheet: str) -> None:
    """Raise an error if ``columns`` or ``sheet`` is given for a file that is not a table of authorities."""
    about = [name for name, given in (("columns", columns), ("sheet", sheet)) if given]
    if about:
        words = "it applies only to a table of authorities, and this file is not one"
        raise InputError([Fault(Argument(name), file, NOT_SHOWN, words) for name in about])


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


def _is_framework(file: str) -> bool:
    """Return whether a file, or one that it extends, gives rules of a framework."""
    return any(name in by_name("frameworks") or OF_FRAMEWORKS & set(keys) for name, keys in chain(file, Path()))


def _expected() -> ExpectedRows:
    """Return what a table for the default scenario must match; other tables are checked with the scenario that
    names them.
    """
    return ExpectedRows(regions=load(DEFAULT).workforce.regions, rule=rule_over_four({}, SHIPPED))


def _people(file: str) -> str:
    workforce = load(DEFAULT).workforce
    rows, understood = people_in_post.read_people(file, RegionsAndRoles(workforce.regions, tuple(workforce.roles)))
    days = {
        "a day of joining": [row.start for row in rows if row.start is not None],
        "a last day": [row.last_day for row in rows if row.last_day is not None],
    }
    told = "".join(f"; {len(each)} with {what}, {min(each)} to {max(each)}" for what, each in days.items() if each)
    lines = [f"{file}: {len(rows)} people in post{told}. No faults.", *people_in_post.in_words(rows)]
    return "\n".join([*lines, *(f"How it was read: {sentence}." for sentence in understood)])


def _plan(file: str) -> str:
    scenario = load(DEFAULT, {visit_plan.KEY: str(Path(file).absolute())})
    words = (
        f"with the authorities, people and calendar of {DEFAULT}; to use others, check a scenario that names this plan"
    )
    head = f"{file}: a plan of {visit_plan.in_words(scenario.planning.plan or ())}. No faults ({words})."
    return "\n".join([head, *(f"How it was read: {sentence}." for sentence in visit_plan.read_plan(file).understood)])


def _table(given: Mapping[str, object]) -> str:
    source = validate(TableSource, given, Argument("columns"), lambda: {"file": ""})
    if not isinstance(source, TableSource):
        raise InputError(source)
    about, *how = read_table(source, _expected()).understood
    return "\n".join([f"{source.file}: {about}. No faults.", *(f"How it was read: {sentence}." for sentence in how)])
