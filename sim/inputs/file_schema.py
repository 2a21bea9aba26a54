"""Describe in JSON Schema what the files of users may hold, so that editors complete and check their keys.

The schemas come from the models of a scenario, a framework and a plan. A file may hold less than its model, because it
extends another file. It may also hold more, because any value may stand in a table with its source. A schema does not
check keys against each other: ``python -m sim check`` does.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter

from sim.inputs.authority_tables import TableSource
from sim.inputs.framework import Framework
from sim.inputs.scenario import Scenario
from sim.inputs.section import Section
from sim.inputs.toml_tree import CONFIDENCES
from sim.inputs.visit_plan import PlannedVisit

Schema = dict[str, Any]
VERSION = "1.0.0"
"""Version of the schemas, by Semantic Versioning: raise it whenever a key comes, goes or changes its meaning."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"
KINDS: Mapping[str, str] = {
    "scenario": "A scenario file (TOML): everything that a run depends on, or what differs from the file it extends",
    "framework": "A framework file (TOML): rules of an inspection framework, or what differs from the file it extends",
    "plan": "A plan of visits: a row for each visit, as planning.plan holds it or as a table has it",
}
"""Kinds of file that have a schema, and what each holds."""
NOTES: Schema = {
    "source": {"type": "string", "pattern": r"\S", "description": "Where the value comes from: a document or a reason"},
    "confidence": {"enum": list(CONFIDENCES), "description": "How far to trust the source"},
}
"""Keys that may stand in any table and hold for all values in it."""
WHOLE: Schema = {"description": "The whole table, where its source and confidence stand beside it"}
RANGE: Schema = {
    "low": {"type": "number", "description": "Lower end of the plausible range"},
    "high": {"type": "number", "description": "Upper end of the plausible range"},
}
EXTENDS: Schema = {
    "type": "string",
    "description": "Built-in name, or path of a file, which this one changes",
}
NOT_IN_FILES = ("notes", "understood", "extended")
"""Fields of a scenario that a file never holds."""
NOT_NEEDED = ("name", "frameworks")
"""Fields of a scenario that follow from the name of the file and from the frameworks that it names."""
NAMES_A_TABLE: Mapping[str, str] = {
    "in_post": "Built-in name, path of a CSV file or a workbook, or none",
    "plan": "Path of a CSV file or a workbook, or none",
    "draws": "Built-in name, path of a CSV file, or none",
}
"""Keys that may name a table instead of holding its rows, and how they name it."""
KEPT = (
    "exclusiveMaximum", "exclusiveMinimum", "format", "maximum", "maxItems", "minimum", "minItems",
    "pattern", "type",
)  # fmt: skip
"""Rules of a plain value that the schema keeps. It leaves out bounds of dates, because JSON has no dates."""


def schema_of(kind: str) -> Schema:
    """Return the JSON Schema of a kind of file, which is one of :data:`KINDS`."""
    head: Schema = {
        "$schema": DIALECT,
        "$id": f"urn:inspectorate-workload-simulation:schema:{kind}:{VERSION}",
        "title": KINDS[kind],
    }
    if kind == "plan":
        return head | {"type": "array", "minItems": 1, "items": _Files(PlannedVisit).row("PlannedVisit")}
    if kind == "framework":
        return head | _Files(Framework).whole(Framework)
    files = _Files(Scenario, TableSource)
    top = files.whole(Scenario)
    keys = top["properties"]
    keys["authorities"] = _or_named(keys["authorities"], {"type": "string"}, _reference("TableSource"))
    keys["framework"] = _or_named(keys["framework"], {"type": "string"})
    keys["shocks"] = files.shocks(keys["shocks"]["description"])
    return head | top


def text_of(kind: str) -> str:
    """Return the schema of a kind of file as the text of a JSON file."""
    return json.dumps(schema_of(kind), indent=1, ensure_ascii=False) + "\n"


class _Files:
    """Turns the schemas of models into schemas of files, which refer to shared parts."""

    def __init__(self, *models: type[Section]) -> None:
        self._parts: dict[str, Schema] = {}
        for model in models:
            found = TypeAdapter(model).json_schema()
            self._parts |= found.pop("$defs", {})
            self._parts[model.__name__] = found
        self._rows = set(_names_in_lists(self._parts.values()))

    def whole(self, model: type[Section]) -> Schema:
        """Return the schema of a whole file, with the parts that it refers to."""
        part = self._part(model.__name__)
        own = {key: value for key, value in part["properties"].items() if key not in NOT_IN_FILES}
        needed = [key for key in self._parts[model.__name__]["required"] if key not in NOT_NEEDED]
        parts = {name: self._part(name) for name in sorted(self._parts) if name not in (model.__name__, "Note")}
        return {
            "description": part["description"],
            **part,
            "properties": {"extends": EXTENDS, **own},
            "anyOf": [{"required": ["extends"]}, {"required": needed}],
            "$defs": {**parts, **NOTES, "noted": NOTED},
        }

    def row(self, name: str) -> Schema:
        """Return the schema of a row of a table. A row extends nothing and holds plain values."""
        found = self._parts[name]
        keys = {key: _described(_plain(value), _meaning(value)) for key, value in found["properties"].items()}
        return {
            "description": _first(found.get("description", "")), "type": "object", "properties": keys,
            "required": found.get("required", []), "additionalProperties": False,
        }  # fmt: skip

    def shocks(self, meaning: str) -> Schema:
        """Return the schema of shocks: a list of tables that each give a name, or a table of them by name."""
        values = self._parts["Scenario"]["properties"]["shocks"]["additionalProperties"]
        any_kind = self._value(values)
        by_list = {"type": "array", "items": {"required": ["name"], **any_kind}}
        return {"description": meaning, "anyOf": [by_list, _table({}, any_kind)]}

    def _part(self, name: str) -> Schema:
        """Return the schema of a part of a file, in which no key is required and each may have a source."""
        if name in self._rows:
            return self.row(name)
        found = self._parts[name]
        keys = {key: self._key(key, value) for key, value in found["properties"].items() if key not in NOT_IN_FILES}
        if name in _of_shocks(self._parts):
            keys = {"name": {"type": "string", "description": "Name of the shock: unique, without full stops"}, **keys}
        return {"description": _first(found.get("description", "")), **_table(keys)}

    def _key(self, key: str, found: Schema) -> Schema:
        value = self._value(found)
        if key in NAMES_A_TABLE:
            value = {"anyOf": [{"type": "string", "description": NAMES_A_TABLE[key]}, value]}
        return _described(_noted(value), _meaning(found))

    def _value(self, found: Schema) -> Schema:
        """Return what a file may hold for a value of a model."""
        found = _without_null(found)
        if "$ref" in found:
            return {"$ref": found["$ref"]}
        if "oneOf" in found:  # the file that is extended may say which kind it is
            return {"anyOf": [self._value(each) for each in found["oneOf"]]}
        if found.get("type") == "object":
            return self._table_of(found)
        return _plain(found)

    def _table_of(self, found: Schema) -> Schema:
        """Return the schema of a table whose keys are names, perhaps of a given form or from a given list."""
        named = found.get("patternProperties")
        form, inner = next(iter(named.items())) if named else (None, found["additionalProperties"])
        value = _noted(self._value(inner))
        allowed = found.get("propertyNames", {})
        if "enum" in allowed:
            return _table({word: _described(value, f"The {word} value") for word in allowed["enum"]})
        return _table({}, value, form or allowed.get("pattern"))


NOTED: Schema = {
    "description": "A value with where it comes from and how far it can be trusted",
    "type": "object",
    "properties": {
        "value": True,
        "source": {"$ref": "#/$defs/source"},
        "confidence": {"$ref": "#/$defs/confidence"},
        **RANGE,
    },
    "required": ["value"],
    "dependentRequired": {"source": ["confidence"]},
    "additionalProperties": False,
}
"""Schema of a value in a table with its source."""


def _noted(value: Schema) -> Schema:
    """Return the schema of a value that stands plain, or in a table with its source; a table holds its own source."""
    if _is_table(value):
        return value
    plain = value["anyOf"] if set(value) == {"anyOf"} else [value]
    return {"anyOf": [*plain, {"allOf": [_reference("noted"), {"properties": {"value": value}}]}]}


def _or_named(key: Schema, *ways: Schema) -> Schema:
    """Return the schema of a key that holds a list, or names it in one of some ways."""
    return _described(_noted({"anyOf": [*ways, key["anyOf"][0]]}), key["description"])


def _is_table(value: Schema) -> bool:
    """Return whether a schema, outside lists, describes a table."""
    among = value.get("anyOf", ())
    return "$ref" in value or value.get("type") == "object" or (bool(among) and all(map(_is_table, among)))


def _table(keys: Schema, others: Schema | None = None, form: str | None = None) -> Schema:
    """Return the schema of a table with these keys, perhaps other keys of a form, and perhaps a source."""
    return {
        "type": "object", "properties": {**{key: _reference(key) for key in NOTES}, "value": WHOLE, **keys},
        "additionalProperties": False if others is None else others,
        **({"propertyNames": {"pattern": form}} if form else {}),
        "dependentRequired": {"source": ["confidence"], "confidence": ["source"]},
    }  # fmt: skip


def _plain(found: Schema) -> Schema:
    """Return the rules of a value or list without sources."""
    found = _without_null(found)
    if "$ref" in found:
        return {"$ref": found["$ref"]}
    words = [found["const"]] if "const" in found else found.get("enum")
    if words:
        return {"enum": words}
    kept = {key: _rule(found[key]) for key in KEPT if not isinstance(found.get(key), datetime.date | None)}
    return kept | ({"items": _plain(found["items"])} if "items" in found else {})


def _rule(value: Any) -> Any:
    """Return a bound in the same form for every version of pydantic: 1, not 1.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _without_null(found: Schema) -> Schema:
    """Return a schema without null, which TOML cannot write, and without a list of one alternative around it."""
    others = [each for each in found.get("anyOf", ()) if each != {"type": "null"}] or found.get("allOf", ())
    return others[0] if len(others) == 1 else found


def _meaning(found: Schema) -> str:
    """Return the meaning of a key, and its unit if it has one."""
    meaning, unit = found.get("description", ""), found.get("unit", "")
    return f"{meaning[:1].upper()}{meaning[1:]}{f' (unit: {unit})' if unit else ''}"


def _first(words: str) -> str:
    """Return the first paragraph of a docstring on one line."""
    return " ".join(words.strip().split("\n\n")[0].split())


def _described(value: Schema, words: str) -> Schema:
    return {"description": words, **value} if words else value


def _reference(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _names_in_lists(found: Iterable[Any]) -> Iterator[str]:
    """Yield the names of parts that stand in lists, such as rows of tables."""
    for node in found:
        if isinstance(node, Mapping):
            items = node.get("items")
            if isinstance(items, Mapping) and "$ref" in items:
                yield items["$ref"].rpartition("/")[2]
            yield from _names_in_lists(node.values())
        elif isinstance(node, list):
            yield from _names_in_lists(node)


def _of_shocks(parts: Mapping[str, Schema]) -> set[str]:
    """Return the names of the parts that are kinds of shock."""
    if "Scenario" not in parts:
        return set()
    kinds = parts["Scenario"]["properties"]["shocks"]["additionalProperties"]["oneOf"]
    return {each["$ref"].rpartition("/")[2] for each in kinds}
