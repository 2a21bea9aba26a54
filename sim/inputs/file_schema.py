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
"""What there is a schema of, and what it describes."""
NOTES: Schema = {
    "source": {"type": "string", "pattern": r"\S", "description": "Where the value comes from: a document or a reason"},
    "confidence": {"enum": list(CONFIDENCES), "description": "How far to trust the source"},
}
"""Keys that may stand in any table and hold for all values in it."""
WHOLE: Schema = {"description": "The whole table, where its source and confidence stand beside it"}
RANGE: Schema = {
    "low": {"type": "number", "description": "Low end of the plausible range"},
    "high": {"type": "number", "description": "High end of the plausible range"},
}
EXTENDS: Schema = {
    "type": "string",
    "description": "Name of a file that ships, or path of a file, which this one changes",
}
NOT_IN_FILES = ("notes", "understood", "extended")
"""Fields of a scenario that no file gives."""
NOT_NEEDED = ("name", "frameworks")
"""Fields of a scenario that follow from the name of the file and from the frameworks that it names."""
NAMES_A_TABLE: Mapping[str, str] = {
    "in_post": "Name of a table that ships, path of a CSV file or a workbook, or none",
    "plan": "Path of a CSV file or a workbook, or none",
    "draws": "Name of a table of draws that ships, path of a CSV file, or none",
}
"""Keys under which a file may name a table in place of its rows, and how."""
KEPT = (
    "exclusiveMaximum", "exclusiveMinimum", "format", "maximum", "maxItems", "minimum", "minItems",
    "pattern", "type",
)  # fmt: skip
"""Rules of a plain value that go into the schema as they are; a bound of dates does not, as JSON has no dates."""


def schema_of(kind: str) -> Schema:
    """Return the JSON Schema of a kind of file, which is one of :data:`KINDS`."""
    head: Schema = {
        "$schema": DIALECT,
        "$id": f"urn:inspectorate-workload-simulation:schema:{kind}:{VERSION}",
        "title": KINDS[kind],
    }
    if kind == "plan":
        rows = _Files(PlannedVisit).row("PlannedVisit", described_by=PlannedVisit)
        return head | {"type": "array", "minItems": 1, "items": rows}
    if kind == "framework":
        return head | _Files(Framework).whole(Framework)
    files = _Files(Scenario, TableSource)
    top = files.whole(Scenario)
    keys = top["properties"]
    table = {"anyOf": [{"type": "string"}, _reference("TableSource"), *keys["authorities"]["anyOf"][:1]]}
    keys["authorities"] = _described(_noted(table), keys["authorities"]["description"])
    keys["framework"] = _described(
        _noted({"anyOf": [{"type": "string"}, *keys["framework"]["anyOf"][:1]]}), keys["framework"]["description"]
    )
    keys["shocks"] = files.shocks(keys["shocks"]["description"])
    return head | top


def text_of(kind: str) -> str:
    """Return the schema of a kind of file as the text of a JSON file."""
    return json.dumps(schema_of(kind), indent=1, ensure_ascii=False) + "\n"


class _Files:
    """Turns the schemas of models into those of files, whose parts they share by reference."""

    def __init__(self, *models: type[Section]) -> None:
        self._parts: dict[str, Schema] = {}
        for model in models:
            found = TypeAdapter(model).json_schema()
            self._parts |= found.pop("$defs", {})
            self._parts[model.__name__] = found
        self._rows = set(_names_in_lists(self._parts.values()))

    def whole(self, model: type[Section]) -> Schema:
        """Return the schema of a file that holds such a model, and the parts to which it refers."""
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

    def row(self, name: str, described_by: type[Section] | None = None) -> Schema:
        """Return the schema of a row, which has all its keys itself, each as a plain value."""
        found = self._parts[name]
        keys = {key: _described(_plain(value), _meaning(value)) for key, value in found["properties"].items()}
        words = (described_by.__doc__ if described_by else found.get("description")) or ""
        return {
            "description": _first(words), "type": "object", "properties": keys,
            "required": found.get("required", []), "additionalProperties": False,
        }  # fmt: skip

    def shocks(self, meaning: str) -> Schema:
        """Return the schema of shocks: tables with a name of their own, or a table of them by name."""
        values = self._parts["Scenario"]["properties"]["shocks"]["additionalProperties"]
        any_kind = self._value(values)
        by_list = {"type": "array", "items": {"required": ["name"], **any_kind}}
        return {"description": meaning, "anyOf": [by_list, _table({}, any_kind)]}

    def _part(self, name: str) -> Schema:
        """Return a part of a file: a row as it is; any other with no key that it must have, each perhaps noted."""
        if name in self._rows:
            return self.row(name)
        found = self._parts[name]
        keys = {key: self._key(key, value) for key, value in found["properties"].items() if key not in NOT_IN_FILES}
        if name in _of_shocks(self._parts):
            keys = {"name": {"type": "string", "description": "Name of the shock, its own, without full stops"}, **keys}
        return {"description": _first(found.get("description", "")), **_table(keys)}

    def _key(self, key: str, found: Schema) -> Schema:
        value = self._value(found)
        if key in NAMES_A_TABLE:
            value = {"anyOf": [{"type": "string", "description": NAMES_A_TABLE[key]}, value]}
        return _described(_noted(value), _meaning(found))

    def _value(self, found: Schema) -> Schema:
        """Return what may stand for a value of a model in a file."""
        found = _without_null(found)
        if "$ref" in found:
            return {"$ref": found["$ref"]}
        if "oneOf" in found:  # which it is may be said in the file that is extended
            return {"anyOf": [self._value(each) for each in found["oneOf"]]}
        if found.get("type") == "object":
            return self._table_of(found)
        return _plain(found)

    def _table_of(self, found: Schema) -> Schema:
        """Return a table by names, which may be bound to a form or to some words."""
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
"""A value in a table of its own, with its source."""


def _noted(value: Schema) -> Schema:
    """Return a value that may stand plain, or in a table with its source; a table says itself that it may have one."""
    if _is_table(value):
        return value
    plain = value["anyOf"] if set(value) == {"anyOf"} else [value]
    return {"anyOf": [*plain, {"allOf": [_reference("noted"), {"properties": {"value": value}}]}]}


def _is_table(value: Schema) -> bool:
    """Return whether a value of a file, which is in no list, is a table."""
    among = value.get("anyOf", ())
    return "$ref" in value or value.get("type") == "object" or (bool(among) and all(map(_is_table, among)))


def _table(keys: Schema, others: Schema | None = None, form: str | None = None) -> Schema:
    """Return a table with some keys, and perhaps others, perhaps of a form; its source may stand in it."""
    return {
        "type": "object", "properties": {**{key: _reference(key) for key in NOTES}, "value": WHOLE, **keys},
        "additionalProperties": False if others is None else others,
        **({"propertyNames": {"pattern": form}} if form else {}),
        "dependentRequired": {"source": ["confidence"], "confidence": ["source"]},
    }  # fmt: skip


def _plain(found: Schema) -> Schema:
    """Return the rules of a value, or of a list of values, that stands without notes."""
    found = _without_null(found)
    if "$ref" in found:
        return {"$ref": found["$ref"]}
    words = [found["const"]] if "const" in found else found.get("enum")
    if words:
        return {"enum": words}
    kept = {key: _rule(found[key]) for key in KEPT if not isinstance(found.get(key), datetime.date | None)}
    return kept | ({"items": _plain(found["items"])} if "items" in found else {})


def _rule(value: Any) -> Any:
    """Return a bound as JSON writes it, whichever version of pydantic gave it: 1, not 1.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _without_null(found: Schema) -> Schema:
    """Return a schema without what TOML cannot write, nothing, and without a list of one around it."""
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
    """Yield names of the parts that stand in lists, as the rows of tables do."""
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
