"""A scenario is what it was when it was built, wherever it goes."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sim.inputs.scenario import Scenario, load
from sim.inputs.section import Section, read_only

UNTOUCHED = load("ilacs_launch")
BUILT = load("ilacs_launch")
COPIES: list[Scenario] = [copy.deepcopy(BUILT), pickle.loads(pickle.dumps(BUILT)), BUILT.with_changes({})]


def dicts_of(node: object, path: str = "scenario") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every dict of a scenario, at any depth."""
    if isinstance(node, Section):
        for name in type(node).model_fields:
            yield from dicts_of(getattr(node, name), f"{path}.{name}")
    elif isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            yield from dicts_of(value, f"{path}.{key}")


def put(table: dict[str, Any]) -> None:
    table["x"] = 1


def delete(table: dict[str, Any]) -> None:
    del table[next(iter(table), "x")]


def merge(table: dict[str, Any]) -> None:
    table |= {"x": 1}


@pytest.mark.parametrize(
    "change",
    [
        put,
        delete,
        merge,
        lambda table: table.clear(),
        lambda table: table.update(x=1),
        lambda table: table.pop("x", None),
        lambda table: table.popitem(),
        lambda table: table.setdefault("x", 1),
    ],
    ids=["put", "delete", "merge", "clear", "update", "pop", "popitem", "setdefault"],
)
def test_no_dict_of_a_scenario_can_be_changed_in_place(change: Callable[[dict[str, Any]], object]) -> None:
    for scenario in (BUILT, *COPIES):
        tables = dict(dicts_of(scenario))
        assert {"scenario.frameworks", "scenario.ratings.drift.good", "scenario.workforce.roles"} <= tables.keys()
        for table in tables.values():
            with pytest.raises(TypeError, match="with_changes"):
                change(table)
        assert scenario == UNTOUCHED


def test_a_scenario_is_the_same_after_a_copy_a_pickle_and_no_changes() -> None:
    assert all(scenario == BUILT and scenario.digest == BUILT.digest for scenario in COPIES)


def test_a_dump_of_a_scenario_is_the_reader_s_own() -> None:
    dumped = BUILT.model_dump()
    dumped["frameworks"]["x"] = dumped["frameworks"].pop("ilacs_2018")
    dumped["ratings"]["drift"]["good"]["outstanding"] = 9.0
    assert BUILT == UNTOUCHED


def test_equal_tables_of_a_scenario_have_equal_hashes_in_whatever_order() -> None:
    assert hash(read_only({"a": {"b": 1}, "c": 2})) == hash(read_only({"c": 2, "a": {"b": 1}}))
    assert hash(BUILT.ratings) == hash(COPIES[1].ratings)
