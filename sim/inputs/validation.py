"""Validates a tree of values as a section of a scenario, and reports every fault in plain words."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sim.base.bounds import MOST_FAULTS
from sim.base.faults import NOT_SHOWN, Fault, nearest
from sim.inputs.pathways import CONTACTS
from sim.inputs.section import Section
from sim.inputs.shocks import SHOCKS

Model = TypeVar("Model", bound=Section)
Path = tuple[str | int, ...]

TAGGED: Mapping[str, Mapping[str, type[Section]]] = {"shocks": SHOCKS, "contacts": CONTACTS}
"""Sections that say themselves what they are, by the name of the table that holds them."""

_PLAIN = {
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less",
    "less_than": "must be less than {lt}",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "date_type": "must be a date, such as 2018-01-31 (without quotes)",
    "date_from_datetime_inexact": "must be a date without a time, such as 2018-01-31",
    "string_type": "must be text, in quotes",
    "tuple_type": "must be a list, in square brackets",
    "dict_type": "must be a table of keys",
    "model_type": "must be a table of keys",
    "missing": "this key is needed",
    "bool_type": "must be true or false",
    "model_attributes_type": "must be a table of keys",
    "too_short": "must have at least {min_length}",
    "too_long": "may have at most {max_length}",
    "string_pattern_mismatch": "must begin with a letter or digit and contain only letters, digits, spaces and . + - _",
}


def validate(
    model: type[Model], values: Mapping[str, Any], where: str, sound: Callable[[], Mapping[str, Any]]
) -> Model | list[Fault]:
    """Return a section made of these values, or everything that is wrong with them.

    Checks across keys are possible only when every single key is right. To report both kinds of fault together, wrong
    values are replaced by valid ones, and any remaining faults are added.

    Parameters
    ----------
    model : type
        The section.
    values : mapping
        Its values.
    where : str
        Name of their file in faults.
    sound : callable
        Returns values known to be valid, from any scenario. It is called only if something is wrong.

    Returns
    -------
    Section or list of Fault
        The section, or its faults.
    """
    repaired: Any = values
    faults: list[Fault] = []
    for _ in range(3):
        try:
            part = model.model_validate(repaired)
        except ValidationError as error:
            problems = _without_consequences(error.errors(include_url=False))
            told = set(map(str, faults))
            faults += [fault for fault in _faults(problems, where, model) if str(fault) not in told]
            repaired = _repair(repaired, problems, sound())
        else:
            return faults or part
    return faults


def _without_consequences(problems: list[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out faults that follow from others: those inside a misnamed table, or of a list with a wrong item."""
    misnamed = {problem["loc"][:-1] for problem in problems if problem["loc"] and problem["loc"][-1] == "[key]"}
    return [
        problem
        for problem in problems
        if not (problem["type"] == "too_short" and len(problem["input"]) >= problem["ctx"]["min_length"])
        if problem["loc"][-1:] == ("[key]",) or misnamed.isdisjoint(_tables_above(problem["loc"]))
    ]


def _tables_above(place: Path) -> Iterator[Path]:
    """Return the places of all tables that contain a place, and the place itself."""
    return (place[:depth] for depth in range(len(place) + 1))


class _Tagged(NamedTuple):
    """Describes a section that says itself what it is: a shock by its kind, a contact by its part."""

    model: type[Section]
    depth: int
    """Number of keys that lead to it."""


def _place(problem: ErrorDetails) -> tuple[Path, _Tagged | None]:
    """Return the path of a fault's keys, and the self-describing section that contains it, if any.

    Inside such a section, the raw path also contains what the section is, which is not a key.
    """
    path = tuple(part for part in problem["loc"] if part != "[key]")
    for table, models in TAGGED.items():
        depth = path.index(table) + 2 if table in path else len(path)
        if depth < len(path) and path[depth] in models:
            return path[:depth] + path[depth + 1 :], _Tagged(models[str(path[depth])], depth)
    return path, None


def _faults(problems: list[ErrorDetails], where: str, model: type[Section]) -> list[Fault]:
    faults = []
    for problem in problems:
        path, tagged = _place(problem)
        place = [str(part) for part in path]
        key, kind, context = ".".join(place), problem["type"], problem.get("ctx", {})
        if kind == "value_error":
            for line in str(context["error"]).split("\n"):
                inner, _, words = line.partition(": ") if not key else (key, "", line)
                if tagged is not None and len(place) == tagged.depth and ": " in line:  # about the section as a whole
                    own, _, words = line.partition(": ")
                    inner = f"{key}.{own}"
                faults.append(Fault(where, inner, NOT_SHOWN, words))
        elif kind == "extra_forbidden":
            words = "there is no such key"
            if len(faults) <= MOST_FAULTS:  # further faults get no suggestion, because finding one is slow
                words += f"; {nearest(place[-1], _known_beside(model, place, tagged))}"
            faults.append(Fault(where, key, _brief(problem["input"]), words))
        elif kind in ("union_tag_invalid", "union_tag_not_found"):
            tag = context["discriminator"].strip("'")
            given = problem["input"].get(tag) if isinstance(problem["input"], Mapping) else problem["input"]
            faults.append(Fault(where, f"{key}.{tag}", given, nearest(str(given), TAGGED[place[-2]])))
        elif kind == "literal_error":
            allowed = context["expected"].replace(" or ", ", ").replace("'", "").split(", ")
            faults.append(Fault(where, key, problem["input"], nearest(str(problem["input"]), allowed)))
        else:
            words = _PLAIN.get(kind, problem["msg"][0].lower() + problem["msg"][1:]).format(**context)
            faults.append(Fault(where, key, None if kind == "missing" else _brief(problem["input"]), words))
    return faults


def _brief(value: object) -> object:
    return "a table" if isinstance(value, Mapping | Section) else value


def _repair(values: Any, problems: Sequence[ErrorDetails], sound: Mapping[str, Any]) -> Any:
    """Return a copy with each wrong value replaced by a valid one from the same place, or removed if there is none."""
    repaired = copy.deepcopy(dict(values))
    for problem in problems:
        path, _ = _place(problem)
        if not path:
            continue
        superfluous = problem["type"] == "extra_forbidden" or problem["loc"][-1] == "[key]"
        if path[0] == "shocks":  # a shock without one of its keys would be wrong again
            path = path[:2]
        node: Any = repaired
        good: Any = sound
        for depth, key in enumerate(path):
            known = good[key] if isinstance(good, Mapping) and key in good else None
            inner = node.get(key)
            if (
                known is None and not superfluous and path[depth - 1 : depth] == ("contacts",)
            ):  # for the same reason as a shock
                known, inner = _stand_in(key, inner), None
            if depth == len(path) - 1 or not isinstance(inner, dict):  # the wrong value, or the list that contains it
                node.pop(key, None)
                if known is not None and not superfluous:
                    node[key] = copy.deepcopy(known)
                break
            node, good = inner, known
    return repaired


def _stand_in(name: str | int, contact: object) -> dict[str, object]:
    """Return a valid contact in place of one with faults and no known replacement; it asks for the same visits."""
    given = contact if isinstance(contact, Mapping) else {}
    kind = given.get("kind", name)
    asks = given.get("part") == "between" and isinstance(kind, str)
    named = kind if isinstance(kind, str) else str(name)
    return {"part": "between", "kind": named, "visits": int(asks), "window_months": 0, "joint_may_replace": 0}


def _known_beside(model: type[Section], place: Sequence[str], tagged: _Tagged | None) -> list[str]:
    """Return the keys that are allowed where an unknown one is."""
    return _keys_at(model, place[:-1]) if tagged is None else _keys_at(tagged.model, place[tagged.depth : -1])


def _keys_at(model: type[Section], place: Sequence[str]) -> list[str]:
    """Return the keys allowed in the table at a path of the model."""
    node: Any = model
    for key in place:
        if _is_part(node):
            field = node.model_fields.get(key)
            node = field.annotation if field else None
        else:  # a key in a table of sections, whatever its name
            node = next((argument for argument in _arguments(node) if _is_part(argument)), None)
    if not _is_part(node):
        node = next((argument for argument in _arguments(node) if _is_part(argument)), None)
    return (
        [name for name in node.model_fields if name not in ("notes", "understood", "extended")]
        if _is_part(node)
        else []
    )


def _is_part(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Section)


def _arguments(annotation: Any) -> list[Any]:
    found = [annotation]
    for argument in getattr(annotation, "__args__", ()):
        found += _arguments(argument)
    return found
