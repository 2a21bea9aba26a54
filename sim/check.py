"""Checking one file before it is used, and saying what was understood."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from sim import tree
from sim.book import entries, warnings
from sim.faults import Fault, InputError
from sim.framework import Framework
from sim.scenario import load, load_framework
from sim.sector import Expected, read_table
from sim.shipped import shipped

REGIONS_OF = "ilacs_launch"
"""Scenario whose regions a table of authorities is held against."""


def check(file: Path) -> str:
    """What a scenario, a framework or a table of authorities says, in words.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    if file.suffix == ".csv":
        return _table(file)
    if file.suffix != ".toml":
        raise InputError(
            [
                Fault(
                    str(file),
                    "(the file)",
                    file.suffix or "no ending",
                    "give a .toml file (a scenario or a framework) or a .csv file (authorities)",
                )
            ]
        )
    content = tree.read(file)
    if content.get("extends") in shipped("frameworks") or {"visits", "pathways", "in_force_from"} & set(content):
        framework: Framework = load_framework(file)
        return (
            f"{file}: a framework, {framework.title!r}, in force from {framework.in_force_from}; "
            f"kinds of visit: {', '.join(framework.visits)}. No faults."
        )
    scenario = load(file)
    unsourced = sum(entry.note.confidence == "none" for entry in entries(scenario))
    lines = [
        f"{file}: a scenario, {scenario.name!r}: {len(scenario.authorities)} authorities, {scenario.start} "
        f"to {scenario.end}, "
        f"framework {', '.join(scenario.framework)}; {unsourced} numbers set without a source. No faults.",
        *(f"Note: {warning}." for warning in warnings(scenario)),
    ]
    return "\n".join(lines)


def _table(file: Path) -> str:
    rows = read_table(file, Expected(regions=load(REGIONS_OF).workforce.regions))
    judgements = Counter(row.judgement for row in rows)
    where = Counter(row.region for row in rows)
    return (
        f"{file}: {len(rows)} authorities; {', '.join(f'{count} {name}' for name, count in judgements.most_common())}; "
        f"inspected {min(row.inspected_on for row in rows)} to {max(row.inspected_on for row in rows)}; "
        f"{', '.join(f'{name} {count}' for name, count in where.most_common())}. No faults."
    )
