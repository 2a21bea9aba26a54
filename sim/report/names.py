"""Names of authorities, which stay in the folder of a study: a page made from it is to be sent on."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar, cast

from sim.base.package_data import authority_tables, inspectorates
from sim.base.visible import LAYOUT, is_unseen
from sim.inputs.scenario import Scenario
from sim.inputs.shocks import reorganisations

Node = TypeVar("Node")
IN_PLACE = "(an authority)"
"""What stands in place of a name."""
SHORTEST = 4
"""Letters of the shortest name of an authority of England; what is shorter is a code, and may be a word as well."""
TOLD = (
    "Names are found as the table has them, in any case, with or without accents, a plural s and signs between words, "
    "with & or and, St or Saint, and with or without words such as City of or Borough Council. Other short forms, "
    "misspellings, names of one word in small letters, and names of three letters or fewer are not found, so read what "
    "people wrote before you send it on."
)
"""What is promised of names, and what is not."""
WORD = re.compile(r"(?<![^\W_]['\u2019])(?:[^\W_]+|&)|(?<=['\u2019])(?![sS](?![^\W_]))[^\W_]+")
"""A word of a text, but for the s of a genitive."""
ALIKE = {"&": "and", "saint": "st"}
BEFORE = ("city and county of", "royal borough of", "london borough of", "metropolitan borough of", "borough of",
          "city of", "county of", "county")  # fmt: skip
AFTER = ("city of", "county of", "city council", "county council", "metropolitan borough council", "borough council",
         "district council", "council")  # fmt: skip
"""Words before and after a name without which it is a name still; the longer ones come first."""
NOT_KEPT = "its words stay in the folder"
"""What stands in place of what a table that does not ship says of a row."""


def names_of(scenarios: Iterable[Scenario]) -> frozenset[str]:
    """Names of all authorities that are in a table or come to be by a reorganisation."""
    found: set[str] = set()
    for scenario in scenarios:
        found |= {row.authority for row in scenario.authorities}
        for _, shock in reorganisations(scenario.shocks):
            found |= {*shock.abolished, *(each.authority for each in shock.created)}
    return frozenset(found)


def without_names_of(scenarios: Sequence[Scenario]) -> Callable[[str], str]:
    """What takes the names of authorities out of a text; the regions of the scenarios stay."""
    return without(names_of(scenarios), {region for each in scenarios for region in each.workforce.regions})


def without(names: Iterable[str], kept: Iterable[str] = ()) -> Callable[[str], str]:
    """What takes names out of a text, and with them what a page cannot show.

    What is found is in :data:`TOLD`. A name of one word in small letters stays, which is as often a word of the
    language ("reading"), and so do codes of few letters or of none. ``kept`` are words that are no name where they are
    the short form of one.
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
    """A name as folded words, and its short forms."""
    whole = tuple(folded(word) for word in words_of(name))
    yield whole
    for extra, first in [(each.split(), True) for each in BEFORE] + [(each.split(), False) for each in AFTER]:
        cut, rest = whole[: len(extra)], whole[len(extra) :]
        if not first:
            cut, rest = whole[-len(extra) :], whole[: -len(extra)]
        if cut == tuple(map(folded, extra)) and sum(map(len, rest)) >= SHORTEST:
            yield rest


def words_of(text: str) -> list[str]:
    """Words of a text as they are written."""
    return [text[first:last] for first, last in _words(text)]


def folded(word: str) -> str:
    """A word without case and accents, in the singular."""
    plain = unicodedata.normalize("NFKD", ALIKE.get(word.casefold(), word)).casefold()
    letters = "".join(letter for letter in plain if letter.isalnum())
    return ALIKE.get(letters, letters.removesuffix("s") or letters)


def _words(text: str) -> list[tuple[int, int]]:
    """Places of the words of a text; characters that show nothing are no part of a word, and do not part it."""
    places = [place for place, letter in enumerate(text) if letter in LAYOUT or not is_unseen(letter)]
    seen = "".join(text[place] for place in places)
    return [(places[found.start()], places[found.end() - 1] + 1) for found in WORD.finditer(seen)]


def _places(text: str, forms: Mapping[str, Sequence[tuple[str, ...]]]) -> Iterator[tuple[int, int]]:
    """Where names stand in a text, from the left; where one begins with another, the longer one."""
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


def _shown(text: str) -> str:
    return "".join("\N{REPLACEMENT CHARACTER}" if is_unseen(each) and each not in LAYOUT else each for each in text)
