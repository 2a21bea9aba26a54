"""Names of authorities, which stay in the folder of a study: a page made from it is to be sent on."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar, cast

from sim.base.package_data import authority_tables, inspectorates
from sim.inputs.scenario import Scenario
from sim.inputs.shocks import reorganisations

Node = TypeVar("Node")
IN_PLACE = "(an authority)"
"""What stands in place of a name."""
SHORTEST = 4
"""Letters of the shortest name of an authority of England; what is shorter is a code, and may be a word as well."""
NOT_KEPT = "its words stay in the folder"
"""What stands in place of what a table that does not ship says of a row."""
UNSAFE = ("Cc", "Cf", "Cs", "Co", "Cn")
"""Kinds of character that show nothing or change how others are shown: controls, marks of direction, halves."""


def names_of(scenarios: Iterable[Scenario]) -> frozenset[str]:
    """Names of all authorities that are in a table or come to be by a reorganisation."""
    found: set[str] = set()
    for scenario in scenarios:
        found |= {row.authority for row in scenario.authorities}
        for _, shock in reorganisations(scenario.shocks):
            found |= {*shock.abolished, *(each.authority for each in shock.created)}
    return frozenset(found)


def without(names: Iterable[str]) -> Callable[[str], str]:
    """What takes names out of a text, and with them what a page cannot show.

    A name is found as it is written, in capitals, with other characters than spaces between its words, and in small
    letters if it has several words: one word in small letters is as often a word of the language ("reading"). Codes of
    few letters or of none are not looked for.
    """
    told = [name for name in names if len(name) >= SHORTEST and re.search(r"[^\W\d_]", name)]
    ways = sorted({way for name in told for way in _written(name)}, key=lambda way: (-len(way), way))
    pattern = re.compile(rf"(?<![^\W_])(?:{'|'.join(ways)})(?![^\W_])") if ways else None

    def cleaned(text: str) -> str:
        shown = "".join(_shown(letter) for letter in unicodedata.normalize("NFC", text))
        return shown if pattern is None else pattern.sub(IN_PLACE, shown)

    return cleaned


def mapped(node: Node, change: Callable[[str], str]) -> Node:
    """A page's data with every text in it changed, however deep."""
    if isinstance(node, str):
        return cast(Node, change(node))
    if isinstance(node, tuple):
        return cast(Node, tuple(mapped(each, change) for each in node))
    if is_dataclass(node) and not isinstance(node, type):
        return replace(node, **{each.name: mapped(getattr(node, each.name), change) for each in fields(node)})
    return node


def without_remarks(scenario: Scenario) -> Scenario:
    """The scenario without what its table says of single rows, unless a table that ships says the same."""
    tables = [authority_tables(), *(each.tables for each in inspectorates().values())]
    texts = [text for each in tables for text in each.values()]
    ships = {row["note"] for text in texts for row in csv.DictReader(text.splitlines())}
    rows = tuple(
        row if not row.note or row.note in ships else row.model_copy(update={"note": NOT_KEPT})
        for row in scenario.authorities
    )
    return scenario.model_copy(update={"authorities": rows})


def _written(name: str) -> Iterable[str]:
    words = unicodedata.normalize("NFC", name).split()
    ways = [words, [word.upper() for word in words]]
    if len(words) > 1:
        ways.append([word.lower() for word in words])
    return [r"[\W_]+".join(map(re.escape, way)) for way in ways]


def _shown(letter: str) -> str:
    if letter in "\n\t":
        return letter
    return "\N{REPLACEMENT CHARACTER}" if unicodedata.category(letter) in UNSAFE else letter
