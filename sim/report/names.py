"""Remove the names of authorities from a page, so that it can be shared."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from typing import TypeVar, cast

from sim.base.package_data import authority_tables, inspectorates
from sim.base.visible import LAYOUT, is_unseen
from sim.inputs.scenario import Scenario
from sim.inputs.shocks import reorganisations

Node = TypeVar("Node")
IN_PLACE = "(an authority)"
"""Words in place of a name."""
SHORTEST = 4
"""Letters of the shortest name of an authority in England; anything shorter is a code, and may also be a word."""
TOLD = (
    "The program finds a name as the table writes it, whatever its case, accents, plural s and punctuation. It also "
    "finds it with & or and, with St or Saint, and with or without words such as City of or Borough Council. It does "
    "not find other short forms, misspellings, names of one word in small letters, or names of three letters or fewer. "
    "So read what people wrote before you share it."
)
"""Which names the program finds, and which it does not."""
WORD = re.compile(r"(?<![^\W_]['\u2019])(?:[^\W_]+|&)|(?<=['\u2019])(?![sS](?![^\W_]))[^\W_]+")
"""A word of a text, without the s of a genitive."""
ALIKE = {"&": "and", "saint": "st"}
BEFORE = ("city and county of", "royal borough of", "london borough of", "metropolitan borough of", "borough of",
          "city of", "county of", "county")  # fmt: skip
AFTER = ("city of", "county of", "city council", "county council", "metropolitan borough council", "borough council",
         "district council", "council")  # fmt: skip
"""Words before and after a name that may be left out; the longer ones come first."""
NOT_KEPT = "its words stay in the folder"
"""Words in place of a remark in a table that does not ship with the program."""


def names_of(scenarios: Iterable[Scenario]) -> frozenset[str]:
    """Return the names of all authorities in the tables, and of those that a reorganisation creates."""
    found: set[str] = set()
    for scenario in scenarios:
        found |= {row.authority for row in scenario.authorities}
        for _, shock in reorganisations(scenario.shocks):
            found |= {*shock.abolished, *(each.authority for each in shock.created)}
    return frozenset(found)


def without_names_of(scenarios: Sequence[Scenario]) -> Callable[[str], str]:
    """Return a function that removes the names of authorities from a text and keeps the names of regions."""
    return without(names_of(scenarios), {region for each in scenarios for region in each.workforce.regions})


def without(names: Iterable[str], kept: Iterable[str] = ()) -> Callable[[str], str]:
    """Return a function that removes names from a text, and characters that a page cannot show.

    :data:`TOLD` says which names it finds. It keeps a name of one word in small letters, which is often an ordinary
    word ("reading"), and codes of few letters or none. ``kept`` are words that it keeps although they are the short
    form of a name.
    """
    known = {tuple(folded(word) for word in words_of(each)) for each in kept}
    by_first: dict[str, set[tuple[str, ...]]] = {}
    for name in names:
        if len(name) >= SHORTEST and re.search(r"[^\W\d_]", name):
            whole, *shorter = _forms(name)
            for form in (whole, *(each for each in shorter if each not in known)):
                by_first.setdefault(form[0], set()).add(form)
    ordered = {first: sorted(forms, key=len, reverse=True) for first, forms in by_first.items()}

    def cleaned(text: str) -> str:
        text = unicodedata.normalize("NFC", text)
        found, begin = [], 0
        for first, last in _places(text, ordered):
            found += [_shown(text[begin:first]), IN_PLACE]
            begin = last
        return "".join([*found, _shown(text[begin:])])

    return cleaned


def _forms(name: str) -> Iterator[tuple[str, ...]]:
    """Return a name as folded words, and its short forms."""
    whole = tuple(folded(word) for word in words_of(name))
    yield whole
    for extra, first in [(each.split(), True) for each in BEFORE] + [(each.split(), False) for each in AFTER]:
        cut, rest = whole[: len(extra)], whole[len(extra) :]
        if not first:
            cut, rest = whole[-len(extra) :], whole[: -len(extra)]
        if cut == tuple(map(folded, extra)) and sum(map(len, rest)) >= SHORTEST:
            yield rest


def words_of(text: str) -> list[str]:
    """Return the words of a text as written."""
    return [text[first:last] for first, last in _words(text)]


@lru_cache(maxsize=8192)  # a page has the same words many times
def folded(word: str) -> str:
    """Return a word without case and accents, in the singular."""
    plain = unicodedata.normalize("NFKD", ALIKE.get(word.casefold(), word)).casefold()
    letters = "".join(letter for letter in plain if letter.isalnum())
    return ALIKE.get(letters, letters.removesuffix("s") or letters)


def _words(text: str) -> list[tuple[int, int]]:
    """Return the positions of the words of a text; invisible characters neither belong to a word nor split it."""
    if text.isprintable():
        return [found.span() for found in WORD.finditer(text)]
    places = [place for place, letter in enumerate(text) if letter in LAYOUT or not is_unseen(letter)]
    seen = "".join(text[place] for place in places)
    return [(places[found.start()], places[found.end() - 1] + 1) for found in WORD.finditer(seen)]


def _places(text: str, forms: Mapping[str, Sequence[tuple[str, ...]]]) -> Iterator[tuple[int, int]]:
    """Return where names are in a text, from the left; where one name begins with another, take the longer one."""
    words = _words(text)
    read = [folded(text[first:last]) for first, last in words]
    place = 0
    while place < len(read):
        size = 0
        for form in forms.get(read[place], ()):
            alone = len(form) == 1 and text[slice(*words[place])].islower()
            if not alone and tuple(read[place : place + len(form)]) == form:
                size = len(form)
                break
        if size:
            yield words[place][0], words[place + size - 1][1]
        place += size or 1


def mapped(node: Node, change: Callable[[str], str]) -> Node:
    """Apply a function to every text in a page's data, however deep."""
    if isinstance(node, str):
        return cast(Node, change(node))
    if isinstance(node, tuple):
        return cast(Node, tuple(mapped(each, change) for each in node))
    if is_dataclass(node) and not isinstance(node, type):
        return replace(node, **{each.name: mapped(getattr(node, each.name), change) for each in fields(node)})
    return node


def without_remarks(scenario: Scenario) -> Scenario:
    """Return the scenario without the remarks on rows of its table, unless a shipped table has the same remark."""
    tables = [authority_tables(), *(each.tables for each in inspectorates().values())]
    texts = [text for each in tables for text in each.values()]
    ships = {row["note"] for text in texts for row in csv.DictReader(text.splitlines())}
    rows = tuple(
        row if not row.note or row.note in ships else row.model_copy(update={"note": NOT_KEPT})
        for row in scenario.authorities
    )
    return scenario.model_copy(update={"authorities": rows})


def _shown(text: str) -> str:
    if text.isprintable():
        return text
    return "".join("\N{REPLACEMENT CHARACTER}" if is_unseen(each) and each not in LAYOUT else each for each in text)
