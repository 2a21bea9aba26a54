"""Lists what a scenario assumes, number by number, and how this differs from another scenario."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from sim.base.figures import day_in_words
from sim.base.package_data import by_name
from sim.inputs.pathways import Between, Monitoring
from sim.inputs.people_in_post import KEY as IN_POST
from sim.inputs.scenario import Scenario, load
from sim.inputs.scenario_files import DEFAULT
from sim.inputs.section import Section
from sim.inputs.shocks import Created, Shock
from sim.inputs.toml_tree import UNSOURCED, Note
from sim.inputs.visit_plan import KEY as PLAN

SELF_EXPLAINING = frozenset(
    {"name", "question", "seed", "replications", "years", "framework", "authorities", "notes", "draws", "runs_per_draw"}
    | {"understood", "extended"}
)
"""Keys of a scenario that say what is asked, not what is assumed."""
NOT_COMPARED = frozenset({"name", "question", "seed", "replications", "notes", "draws", "understood", "extended"})
"""Keys whose values the headline gives, or that are not single values."""


@dataclass(frozen=True)
class Entry:
    """Holds one line of the assumption book.

    Attributes
    ----------
    key : str
        Dotted path, which ``--set`` takes, except for entries outside scenarios.
    value : object
        A number, a word, a date, or a tuple of numbers.
    unit, meaning : str
        From the model.
    note : Note
        Source and confidence, with a plausible range if there is one.
    """

    key: str
    value: object
    unit: str
    meaning: str
    note: Note


def entries(scenario: Scenario) -> list[Entry]:
    """Return every value that a scenario assumes, in the order of its file."""
    return [
        Entry(key, value, unit, meaning, scenario.notes.get(key, UNSOURCED))
        for key, value, unit, meaning in _leaves(scenario, "", "", "")
        if key.split(".")[0] not in SELF_EXPLAINING
    ]


def _leaves(node: object, path: str, unit: str, meaning: str) -> Iterator[tuple[str, object, str, str]]:
    if isinstance(node, Section):
        for name, field in type(node).model_fields.items():
            if name == (
                "part" if isinstance(node, Between | Monitoring) else "kind" if isinstance(node, Shock) else ""
            ):
                continue  # says what the section is, not what it assumes
            extra = field.json_schema_extra
            inner_unit = str(extra.get("unit", "")) if isinstance(extra, Mapping) else ""
            yield from _leaves(
                getattr(node, name), f"{path}.{name}" if path else name, inner_unit, field.description or ""
            )
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _leaves(value, f"{path}.{key}", unit, meaning)
    elif isinstance(node, tuple) and node and isinstance(node[0], Section):
        if isinstance(node[0], Created):  # these are few; a table of authorities is shown as a whole
            yield path, tuple(f"{each.authority} ({each.region}, {each.size})" for each in node), unit, meaning
    elif node is not None:
        yield path, node, unit, meaning


def shipped_beside(scenario: Scenario) -> Scenario:
    """Return the built-in scenario to compare a scenario with: the one of the same name, or else the default."""
    return as_it_ships(scenario.name if scenario.name in by_name("scenarios") else DEFAULT)


@cache
def as_it_ships(name: str) -> Scenario:
    """Return a built-in scenario, read only once."""
    return load(name)


@dataclass(frozen=True)
class Difference:
    """Describes a value in which two scenarios differ.

    Attributes
    ----------
    key : str
        Dotted path.
    there, here : str
        Value in the other scenario, and in this one.
    """

    key: str
    there: str
    here: str

    def __str__(self) -> str:
        return f"{self.key}: {self.there} -> {self.here}"


def differences(scenario: Scenario, other: Scenario) -> list[str]:
    """List where a scenario differs from another, one line each: ``key: other value -> own value``."""
    return [str(each) for each in values_that_differ(scenario, other)]


def values_that_differ(scenario: Scenario, other: Scenario) -> list[Difference]:
    """Return where a scenario differs from another.

    Question, seed and replications are left out, since the headline gives them.
    """
    old, new = _values(other, scenario), _values(scenario, other)
    found = [
        Difference(key, shown(old[key]) if key in old else "nothing", shown(new[key]) if key in new else "nothing")
        for key in (*old, *(key for key in new if key not in old))
        if old.get(key) != new.get(key)
    ]
    if scenario.draws != other.draws:
        theirs = "none" if other.draws is None else f"those of {other.name}"
        found.append(Difference("draws", theirs, "none" if scenario.draws is None else "others"))
    people, theirs_there = scenario.workforce.in_post or (), other.workforce.in_post or ()
    if people != theirs_there:
        others = len([row for row in people if row not in theirs_there])
        found.append(
            Difference(IN_POST, f"{len(theirs_there)} rows", f"{len(people)} rows, {others} of them different")
        )
    plan, plan_there = scenario.planning.plan or (), other.planning.plan or ()
    if plan != plan_there:
        others = len([row for row in plan if row not in plan_there])
        found.append(Difference(PLAN, f"{len(plan_there)} rows", f"{len(plan)} rows, {others} of them different"))
    if scenario.authorities != other.authorities:
        others = len([row for row in scenario.authorities if row not in other.authorities])
        rows = f"{len(scenario.authorities)} rows, {others} of them different"
        found.append(Difference("authorities", f"{len(other.authorities)} rows", rows))
    return found


def with_differences(scenario: Scenario) -> str:
    """Write the complete scenario as a file, with a list of changes from the built-in one at the top."""
    beside = shipped_beside(scenario)
    changed = differences(scenario, beside)
    head = [f"# Changes from the built-in scenario {beside.name}:", *(f"#   {line}" for line in changed), ""]
    return "\n".join([*(head if changed else []), scenario.to_toml()])


def _values(scenario: Scenario, beside: Scenario) -> dict[str, object]:
    """Return values by key, without those of frameworks that the other scenario lacks."""
    alone = tuple(f"frameworks.{name}." for name in set(scenario.framework) - set(beside.framework))
    return {
        key: value
        for key, value, *_ in _leaves(scenario, "", "", "")
        if key.split(".")[0] not in NOT_COMPARED and not key.startswith(alone)
    }


def shown(value: object) -> str:
    """Format a value as pages show it."""
    if isinstance(value, tuple):
        return " ".join(str(item) for item in value)
    return day_in_words(value) if isinstance(value, datetime.date) else " ".join(str(value).split())
