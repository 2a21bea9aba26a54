"""Handles scenario files as plain trees: merges differences, separates values from their notes, and writes TOML.

A number in a file is plain, or a table ``{ value, source, confidence, low, high }``. A table without ``value`` may also
have ``source`` and ``confidence``; they apply to everything in it that has none of its own.
"""

from __future__ import annotations

import datetime
import pickle
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, reduce
from math import isfinite
from pathlib import Path
from typing import Any

import tomlkit

from sim.base.bounds import DEEPEST, MOST_DIGITS, MOST_KEYS
from sim.base.faults import NOT_SHOWN, Fault, InputError, refuse_any
from sim.base.files import text_of
from sim.inputs.earlier_keys import tree_of_today

Tree = dict[str, Any]
"""TOML document as Python reads it."""
CONFIDENCES = ("high", "medium", "low", "none")
TOO_DEEP = f"tables and lists may be nested at most {DEEPEST} deep"
TOO_LONG = f"a whole number may have at most {MOST_DIGITS} digits"
QUOTED = re.compile(r"""\"(?:[^"\\]|\\.)*+"|'[^']*+'""")
"""Text in quotes on one line, which may be part of a key."""
LONG_KEY = re.compile(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{DEEPEST}}}")
"""Dotted key with more parts than allowed."""
LONGEST_KEPT, MOST_KEPT = 500_000, 32
"""Characters of the longest text whose tree is kept in memory, and number of such texts."""
NOTE_KEYS = frozenset({"source", "confidence", "low", "high"})


@dataclass(frozen=True)
class Note:
    """Says where a number comes from and how far it can be trusted.

    Parameters
    ----------
    source : str
        Document, count or reason.
    confidence : str
        ``high``: read in an official text or counted; ``medium``: a secondary source; ``low``: an assumption;
        ``none``: set by the user without a source.
    low, high : float or None
        Plausible range, if known.
    """

    source: str
    confidence: str
    low: float | None = None
    high: float | None = None


UNSOURCED = Note("set by the user, no source given", "none")


@dataclass(frozen=True)
class Sheet:
    """Holds the values of a file, and the notes beside them.

    Parameters
    ----------
    values : dict
        The tree without notes; lists have become tuples.
    notes : dict of str to Note
        Note of each value that has one, by dotted path.
    faults : tuple of Fault
        What is wrong with the notes.
    understood : tuple of str
        How any table that it names was read, in sentences.
    """

    values: Tree
    notes: dict[str, Note]
    faults: tuple[Fault, ...] = ()
    understood: tuple[str, ...] = ()


def parse(text: str, where: str) -> Tree:
    """Return the tree of a TOML text, with current names of keys; report a syntax error as a fault that names the
    line.
    """
    try:
        tree: Tree = tree_of_today(loads(text, where))
    except tomllib.TOMLDecodeError as error:
        raise InputError([Fault(where, "(the file)", NOT_SHOWN, f"it is not valid TOML: {error}")]) from None
    return tree


def loads(text: str, where: str) -> Tree:
    """Return the tree of a TOML text, within the limits on its size.

    Raises
    ------
    tomllib.TOMLDecodeError
        If it is not TOML.
    InputError
        If it exceeds a limit.
    """
    if len(text) > LONGEST_KEPT:
        return _loads(text, where)
    try:
        kept = _pickled(text)
    except InputError:
        return _loads(text, where)  # the same faults, with their place
    tree: Tree = pickle.loads(kept)
    return tree


@lru_cache(maxsize=MOST_KEPT)
def _pickled(text: str) -> bytes:
    """Keep the tree of a text as bytes: a study reads the same text many times, and each reader gets its own tree."""
    return pickle.dumps(_loads(text, ""))


def _loads(text: str, where: str) -> Tree:
    refuse_any(_long_keys(text, where))
    try:
        tree = tomllib.loads(text)
    except RecursionError:
        raise InputError([Fault(where, "(the file)", NOT_SHOWN, TOO_DEEP)]) from None
    except tomllib.TOMLDecodeError:
        raise
    except ValueError:  # Python refuses whole numbers with thousands of digits
        raise InputError([Fault(where, "(the file)", NOT_SHOWN, TOO_LONG)]) from None
    refuse_any(_beyond_bounds(tree, where))
    return tree


def _long_keys(text: str, where: str) -> Iterator[Fault]:
    """List dotted keys with too many parts: reading one takes time in proportion to the square of their number."""
    lines = text.split("\n") if text.count(".") >= DEEPEST else ()
    for number, line in enumerate(lines, start=1):
        if line.count(".") >= DEEPEST and LONG_KEY.search(QUOTED.sub("-", line)):
            yield Fault(f"{where}, line {number}", "(the key)", NOT_SHOWN, f"a key may have at most {DEEPEST} parts")


def _beyond_bounds(tree: Tree, where: str) -> Iterator[Fault]:
    """List what is too deep, which numbers are too long, and whether there are too many keys."""
    keys, inside = 0, list[tuple[Any, str, int]]([(tree, "", 1)])
    while inside:
        node, place, depth = inside.pop()
        if depth > DEEPEST:
            yield Fault(where, place, NOT_SHOWN, TOO_DEEP)
            return
        keys += len(node) if isinstance(node, dict) else 0
        for key, value in node.items() if isinstance(node, dict) else (("", item) for item in node):
            named = f"{place}.{key}".strip(".") if isinstance(value, dict | list | int) else place
            if isinstance(value, dict | list):
                inside.append((value, named, depth + 1))
            elif isinstance(value, int) and abs(value) >= 10**MOST_DIGITS:
                yield Fault(where, named, NOT_SHOWN, TOO_LONG)
    if keys > MOST_KEYS:
        yield Fault(where, "(the file)", NOT_SHOWN, f"it has {keys:,} keys; a file may have at most {MOST_KEYS:,}")


def read(path: Path) -> Tree:
    """Return the tree of a TOML file."""
    return parse(text_of(path), str(path))


def overlay(base: Sheet, differences: Sheet) -> Sheet:
    """Return a new sheet: ``base`` overlaid with ``differences``, table by table.

    A number that replaces another brings its own note, or none: the old source says nothing about the new number.
    """
    notes = dict(base.notes)

    def lay(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Tree:
        merged = dict(old)
        for key, value in new.items():
            place = f"{path}.{key}" if path else key
            if isinstance(value, Mapping) and isinstance(old.get(key), Mapping):
                merged[key] = lay(old[key], value, place)
                continue
            notes.pop(place, None)
            if isinstance(old.get(key), Mapping):
                for known in [known for known in notes if known.startswith(f"{place}.")]:
                    del notes[known]
            merged[key] = value
            for leaf in _leaves(value, place):
                notes[leaf] = differences.notes.get(leaf, UNSOURCED)
        return merged

    faults = base.faults + differences.faults
    return Sheet(lay(base.values, differences.values, ""), notes, faults, differences.understood or base.understood)


def _leaves(node: object, path: str) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _leaves(value, f"{path}.{key}")
    else:
        yield path


def at_path(path: str, value: object, where: str) -> Sheet:
    """Return a sheet with one value at a dotted path; ``where`` names its origin in faults.

    Raises
    ------
    InputError
        If the path has too many parts.
    """
    if path.count(".") >= DEEPEST:
        raise InputError([Fault(where, path, NOT_SHOWN, f"a key may have at most {DEEPEST} parts")])
    return split_notes(reduce(lambda inner, key: {key: inner}, reversed(path.split(".")), value), where)  # type: ignore[arg-type]  # a path has at least one key


def split_notes(tree: Tree, where: str) -> Sheet:
    """Separate the values of a tree from the notes beside them; ``where`` names the file in faults."""
    notes: dict[str, Note] = {}
    faults: list[Fault] = []

    def walk(node: object, path: str, note: Note | None) -> object:
        if isinstance(node, Mapping):
            own = _note(node, path, where, faults) or note
            if path and "value" in node:  # at the top level it is an ordinary key
                return walk(node["value"], path, own)
            noted = "source" in node
            return {
                key: walk(value, f"{path}.{key}" if path else key, own)
                for key, value in node.items()
                if not (noted and key in ("source", "confidence"))
            }
        if note is not None:
            notes[path] = note
        return plain(node)

    values = walk(tree, "", None)
    return Sheet(values, notes, tuple(faults))  # type: ignore[arg-type]  # the top of a tree is a table


def _note(node: Mapping[str, Any], path: str, where: str, faults: list[Fault]) -> Note | None:
    """Return the note of a table that has one; add what is wrong with it to ``faults``."""
    wrong = []
    if path and "value" in node:
        wrong += [
            Fault(
                where,
                f"{path}.{key}",
                node[key],
                "a table with value may also have only source, confidence, low and high",
            )
            for key in node
            if key not in NOTE_KEYS | {"value"}
        ]
    if "source" not in node:
        faults += wrong
        return None
    source, confidence = node["source"], node.get("confidence")
    if not isinstance(source, str) or not source.strip():
        wrong.append(Fault(where, f"{path}.source", source, "give the source or the reason in words"))
    if confidence not in CONFIDENCES:
        wrong.append(Fault(where, f"{path}.confidence", confidence, f"allowed: {', '.join(CONFIDENCES)}"))
    ends = {end: node[end] for end in ("low", "high") if "value" in node and end in node}
    wrong += [
        Fault(where, f"{path}.{end}", number, "must be a number: one end of the plausible range")
        for end, number in ends.items()
        if isinstance(number, bool) or not isinstance(number, int | float)
    ]
    if not wrong and len(ends) > 1 and ends["low"] > ends["high"]:
        wrong.append(Fault(where, f"{path}.low", ends["low"], f"must not be above {path}.high, {ends['high']:g}"))
    faults += wrong
    return None if wrong else Note(source, str(confidence), **ends)


def plain(node: object) -> object:
    """Turn lists into tuples at every level, since a scenario cannot change."""
    if isinstance(node, Mapping):
        return {key: plain(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return tuple(plain(item) for item in node)
    return node


def join_notes(values: object, notes: Mapping[str, Note], path: str = "") -> object:
    """Put each note beside its value again: the inverse of :func:`split_notes`."""
    if path in notes:
        note = notes[path]
        beside = {"source": note.source, "confidence": note.confidence, "low": note.low, "high": note.high}
        return {"value": values} | {key: value for key, value in beside.items() if value is not None}
    if isinstance(values, Mapping):
        return {key: join_notes(value, notes, f"{path}.{key}" if path else key) for key, value in values.items()}
    return values


class Tables(list[Mapping[str, Any]]):
    """Holds tables that a file lists under one name, as in ``[[shocks]]``."""


def to_toml(tree: Mapping[str, Any]) -> str:
    """Write a tree as TOML: tables as tables, numbers with their notes on one line.

    tomlkit writes keys and scalars. Its documents are not used, because filling one takes longer than a short run.
    """
    return "\n".join(_lines(tree, "")).lstrip("\n") + "\n"


def _lines(tree: Mapping[str, Any], path: str) -> Iterator[str]:
    """Yield the lines of a table: its own values, then the tables in it, each under its heading."""
    inner = {key: value for key, value in tree.items() if isinstance(value, Mapping) and "value" not in value}
    for key, value in tree.items():
        if key not in inner and value is not None and not isinstance(value, Tables):
            yield f"{_key(key)} = {_inline(value)}"
    for key, value in inner.items():
        place = f"{path}{_key(key)}"
        body = list(_lines(value, f"{place}."))
        if not body or body[0]:  # a table that holds only tables needs no heading
            yield from ("", f"[{place}]")
        yield from body
    for key, several in tree.items():
        for value in several if isinstance(several, Tables) else ():
            place = f"{path}{_key(key)}"
            yield from ("", f"[[{place}]]")
            yield from _lines(value, f"{place}.")


@cache
def _key(key: str) -> str:
    return str(tomlkit.key(key).as_string())


def _inline(value: object) -> str:
    match value:
        case Mapping():
            cells = [f"{_key(key)} = {_inline(item)}" for key, item in value.items() if item is not None]
            return "{" + ", ".join(cells) + "}"
        case list() | tuple() if any(isinstance(item, Mapping) for item in value):
            return "[\n" + "".join(f"    {_inline(item)},\n" for item in value) + "]"
        case list() | tuple():
            return "[" + ", ".join(map(_inline, value)) + "]"
        case float() if isfinite(value):
            return repr(value)
        case str() | bool() | int() | datetime.date():
            return _scalar(value)
    raise TypeError(f"no TOML for {type(value).__name__}")


@lru_cache(maxsize=4096, typed=True)
def _scalar(value: str | bool | int | datetime.date) -> str:
    return str(tomlkit.item(value).as_string())
