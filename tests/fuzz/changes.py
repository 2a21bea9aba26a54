"""What may have been done to a file: changes of trees, tables, texts and bytes, drawn by chance."""

from __future__ import annotations

import csv
import datetime
import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Rows = list[list[str]]
DEEP = 5000
WORDS = (
    "", " ", "none", "good", "London", "ilacs_launch", "ilacs_2018", "sif_launch", "../up", "/dev/zero", "gone.csv",
    "people.csv", "mine.toml", "\0", "a\0b.csv", "\x1b[31mred\x1b[0m", "\x9b2J", "\u202eback", "zero\u200bwidth",
    "x" * 3000, "a.b.c", "=1+1", '"', "'", ",", ";", "\n", "{}", "[[shocks]]", "\u00dcn\u00efc\u00f6d\u00e9", "\ud7ff",
)  # fmt: skip
"""Texts that a key, a cell or a value may hold."""
VALUES: tuple[Any, ...] = (
    *WORDS, 0, 1, -1, 3, 53, 10**9, 10**12, -(10**12), 2**63, 0.0, -0.0, 0.5, 1.0, 1.5, 1e-300, 1e9, 1e300,
    float("inf"), float("nan"), True, False, datetime.date(1, 1, 1), datetime.date(2018, 1, 31),
    datetime.date(9999, 12, 31), datetime.datetime(2018, 1, 31, 8, 0), datetime.time(8, 0), [], {}, [[]], [{}],
    [1, "a"], {"value": 3}, {"value": {}}, {"value": {"value": 1}}, {"source": "us"}, {"low": 1, "high": 2},
    {"low": 1, "mode": 2},
    {"value": 5, "source": "us", "confidence": "low"}, {"value": 5, "source": 3, "confidence": "sure"}, {"file": 3},
    {"file": "people.csv", "columns": {"size": 3}}, ["ilacs_2017", "ilacs_2018"], [0] * 400,
)  # fmt: skip
CELLS = ("0", "-1", "1e300", "42000", "01/31/2016", "RI", "60%", "yes", "#N/A", "[c]", "9" * DEEP)
RAW = (
    "[" * DEEP + "]" * DEEP, "{a = " * DEEP + "1" + "}" * DEEP, "9" * DEEP, "-" + "9" * 41, "0x" + "f" * 9000,
    "1e99999", "0.1" + "0" * DEEP, "[{}, 3]", "2018-02-30", "'''\n'''",
)  # fmt: skip
"""Values that only a text can hold."""
LINES = (
    ".".join("a" * 20_000) + " = 1", "[" + ".".join("abcde" * 4000) + "]", "value = 1", "name = {}", "frameworks = 3",
    "workforce = 3", "planning = []", "ratings = 'x'", "shocks = 3", "[[shocks]]", "[[workforce]]", "[workforce.roles]",
    "extends = {}", "extends = 'a\\u0000b'", "extends = 'mine.toml'", "\ufeff", "\r",
    "[frameworks.ilacs_2018]\nvisits = 3",
    "\n".join(f"k{number} = {number}" for number in range(20_000)),
)  # fmt: skip


def of_tree(chance: random.Random, tree: Any) -> Any:
    """A tree with one to three of its values changed."""
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        tree = _changed(chance, tree, list(_branches(tree)))
    return tree


def _branches(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a tree: what holds it, and its key there."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield node, key
        yield from _branches(value)


def _changed(chance: random.Random, tree: Any, places: Sequence[tuple[Any, Any]]) -> Any:
    if not places:
        return tree
    node, key = chance.choice(places)
    match chance.randrange(9):
        case 0:
            del node[key]
        case 1 if isinstance(node, dict):
            node[chance.choice((f"{key}s", key[:-1] or "k", chance.choice(WORDS) or "_"))] = node.pop(key)
        case 2:
            node[key] = {"value": node[key], **chance.choice(({}, {"source": "us", "confidence": "low"}, {"sauce": 1}))}
        case 3:
            node[key] = chance.choice(([node[key]], {str(key): node[key]}))
        case 4:
            other, place = chance.choice(places)
            node[key] = other[place] if not isinstance(other[place], dict | list) else str(place)
        case 5 if isinstance(node, dict):
            node[chance.choice(WORDS) or "_"] = chance.choice(VALUES)
        case _:
            node[key] = chance.choice(VALUES)
    return tree


def of_toml(chance: random.Random, text: str) -> bytes:
    """A TOML text with lines and values that are others."""
    lines = text.splitlines()
    for _ in range(chance.choice((1, 1, 2, 3))):
        place = chance.randrange(len(lines) + 1)
        line = lines[place] if place < len(lines) else ""
        key = line.partition("=")[0] if "=" in line else "mine "
        done = [f"{key}= {chance.choice(RAW)}", f"{key}= {chance.choice(WORDS)!r}", chance.choice(LINES), line * 2, ""]
        lines[place : place + 1] = [chance.choice(done)]
    content = "\n".join(lines).encode(chance.choice(("utf-8",) * 6 + ("utf-8-sig", "utf-16", "cp1252")), "replace")
    return of_bytes(chance, content) if chance.random() < 0.2 else content


def of_rows(chance: random.Random, rows: Rows) -> Rows:
    """A table with rows, columns and cells that are others."""
    rows = [list(row) for row in rows]
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        row = chance.choice([row for row in rows if row] or [[""]])
        column = chance.randrange(max(map(len, rows), default=1) or 1)
        match chance.randrange(9):
            case 0:
                rows.insert(chance.randrange(len(rows) + 1), chance.choice(([], [""] * 4, list(row), ["a note"])))
            case 1:
                rows = [[*each[: column + 1], *each[column:]] for each in rows]
            case 2:
                rows = [each[:column] + each[column + 1 :] for each in rows]
            case 3:
                rows = [[*each, chance.choice(WORDS)] for each in rows]
            case 4:
                chance.shuffle(rows)
            case 5:
                rows += [list(row) for _ in range(chance.choice((2, 300, 60_000)))]
            case _ if row:
                row[chance.randrange(len(row))] = chance.choice(
                    (*WORDS, "0", "-1", "1e300", "42000", "01/31/2016", "9" * DEEP)
                )
    return rows


def csv_of(chance: random.Random, rows: Rows) -> bytes:
    """Bytes of a text table, cut and encoded in one way or another."""
    written = io.StringIO()
    csv.writer(written, delimiter=chance.choice(",,,,,,;\t|")).writerows(rows)
    ways = ("utf-8",) * 6 + ("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252")
    content = written.getvalue().encode(chance.choice(ways), "replace")
    return of_bytes(chance, content) if chance.random() < 0.3 else content


def of_archive(chance: random.Random, content: bytes) -> bytes:
    """A workbook of which a part is spoilt, or the bytes are."""
    if chance.random() < 0.3:
        return of_bytes(chance, content)
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    part = chance.choice([name for name in parts if name.endswith(".xml")])
    parts[part] = chance.choice((of_bytes, _of_xml))(chance, parts[part])
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in parts.items():
            new.writestr(name, data)
    return written.getvalue()


def _of_xml(chance: random.Random, xml: bytes) -> bytes:
    """XML with a number or a letter of an attribute that is another."""
    places = [
        place for place, letter in enumerate(xml) if letter in b"0123456789" and xml[place - 1 : place] in b'"123ABC'
    ]
    place = chance.choice(places or [0])
    return (
        xml[:place] + chance.choice((b"9" * 4, b"1048576", b"-1", b"", b"XFD1", b"\x1b", b"&#27;")) + xml[place + 1 :]
    )


def of_json(chance: random.Random, content: bytes) -> bytes:
    """A JSON text whose tree or bytes are others."""
    if chance.random() < 0.2:
        return of_bytes(chance, content)
    if chance.random() < 0.1:
        return chance.choice((b"[" * 100_000, b"9" * DEEP, b"null", b"3", b'"\\ud800"', b"{}", b""))
    return json.dumps(of_tree(chance, json.loads(content)), default=str).encode()


def of_bytes(chance: random.Random, content: bytes) -> bytes:
    """Bytes cut off, turned round, doubled, or with others put in."""
    place = chance.randrange(len(content) or 1)
    other = chance.choice((bytes([chance.randrange(256)]), b"\0", b"\x1b[2J", b"\xff" * 4, b"\r", "\u202e".encode()))
    cut: tuple[Callable[[], bytes], ...] = (
        lambda: content[:place],
        lambda: content[place:] + content[:place],
        lambda: content + content,
        lambda: content[:place] + other + content[place + len(other) :],
        lambda: b"",
    )
    return chance.choice(cut)()
