"""How people spell what the model has one word for: judgements, regions, sizes, headings, dates."""

from __future__ import annotations

import datetime
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from sim.base.package_data import table

FILE = "spellings.toml"
DAY_WORDS = (
    "a date is written year-month-day, such as 2018-01-31, or day first, such as 31/01/2018, 31 January 2018 or "
    "31-Jan-18"
)
"""What is wrong with a text that is no date."""
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
SHORTEST_MONTH = 3
"""Letters of a month that are enough; ``Sept`` is read too."""
CENTURY = 2000
"""Of a year of two digits: earlier ones lie before the calendar."""
_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TIME}", re.ASCII)
_DAY_FIRST = re.compile(rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}){_TIME}", re.ASCII)
_MONTH_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-/. ]*([a-z]+)[-/., ]*(\d{4}|\d{2})", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)


@lru_cache(maxsize=16384)  # the same headings, regions and names are read again with every scenario
def words(text: str) -> str:
    """A text by its words alone: without case, signs, and how they are spaced; ``&`` is ``and``."""
    plain = unicodedata.normalize("NFKC", text).replace("&", " and ").casefold()
    return " ".join(re.sub(r"[\W_]+", " ", plain).split())


def spelled_as(known: Iterable[str]) -> Callable[[str], str]:
    """What gives a name as it is among known ones, by its words; any other stays as it is."""
    spelling = {words(name): name for name in known}
    return lambda name: spelling.get(words(name), name)


@cache
def _spellings() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(table(FILE))


def other_words(kind: str, plain: str) -> list[str]:
    """Other spellings of a word of the model, as the file has them under its kind.

    Kinds are ``judgements``, ``kinds``, ``sizes``, ``roles``, ``regions`` and ``columns``; of headings ``groups``, and
    of whole rows ``rows``.
    """
    return list(_spellings()[kind].get(plain, ()))


def refused(text: str) -> str:
    """Why a text is no judgement though it reads like one; empty if there is nothing to say."""
    return str(_spellings()["no_judgements"].get(words(text), ""))


def symbol(text: str) -> str:
    """What a symbol of official statistics stands for, with or without brackets; empty if it is none."""
    inside = text.strip().casefold()
    if inside[:1] in ("[", "("):
        inside = inside[1:].rstrip("])")
    return str(_spellings()["symbols"].get(inside, ""))


def meant(
    kind: str, text: str, allowed: Iterable[str], own: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> str | None:
    """The allowed word that a text means, or None if it means none.

    An allowed word itself comes before another word for it, so that a scenario with regions of its own may have one
    that the inspectorate puts together with others. ``own`` are spellings beside those of the file, which come first.
    """
    choices = {words(word): word for word in allowed}
    found = words(text)
    if found in choices:
        return choices[found]
    for plain in choices.values():
        if found in map(words, own.get(plain, ())):
            return plain
    for plain in choices.values():
        if found in map(words, other_words(kind, plain)):
            return plain
    return None


def day_of(text: str) -> datetime.date | str:
    """The day that a text gives, or in words why it gives none.

    Year-month-day, or day first with the month as number or name. A time of day beside it is not used.
    """
    text = text.strip()
    if matched := _YEAR_FIRST.fullmatch(text):
        year, month, day = map(int, matched.groups())
        return _day(year, month, day)
    if matched := _DAY_FIRST.fullmatch(text):
        day, month, year = map(int, matched.groups())
        if month > len(MONTHS) >= day:
            turned = f"{month:02}/{day:02}/{year}"
            return f"dates are read day first, and there is no month {month}; write {turned} if that is what it means"
        return _day(year, month, day)
    if matched := _MONTH_NAMED.fullmatch(text):
        month = _month(matched[2])
        year = int(matched[3]) + (CENTURY if len(matched[3]) == len("18") else 0)
        return _day(year, month, int(matched[1])) if month else DAY_WORDS
    if _NUMBER.fullmatch(text):
        return f"it is a number; give the cell the format of a date: {DAY_WORDS}"
    return DAY_WORDS


def _day(year: int, month: int, day: int) -> datetime.date | str:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return f"there is no such day; {DAY_WORDS}"


def _month(name: str) -> int:
    """Number of a month by its name or the beginning of it; 0 if there is none."""
    name = name.lower()
    found = [number for number, month in enumerate(MONTHS, start=1) if month.startswith(name)]
    return found[0] if found and len(name) >= SHORTEST_MONTH else 0
