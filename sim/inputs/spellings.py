"""Recognises other spellings of the model's words: judgements, regions, sizes, headings and dates."""

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
    "write a date year-month-day, such as 2018-01-31, or day first, such as 31/01/2018, 31 January 2018 or 31-Jan-18"
)
"""What is wrong with a text that is not a date."""
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
SHORTEST_MONTH = 3
"""Letters that are enough to name a month; ``Sept`` is recognised too."""
CENTURY = 2000
"""Century of years with two digits; earlier years lie before the calendar."""
_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TIME}", re.ASCII)
_DAY_FIRST = re.compile(rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}){_TIME}", re.ASCII)
_MONTH_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-/. ]*([a-z]+)[-/., ]*(\d{4}|\d{2})", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)


@lru_cache(maxsize=16384)  # every scenario reads the same headings, regions and names
def words(text: str) -> str:
    """Reduce a text to its words, ignoring case, punctuation and spacing; ``&`` becomes ``and``."""
    plain = unicodedata.normalize("NFKC", text).replace("&", " and ").casefold()
    return " ".join(re.sub(r"[\W_]+", " ", plain).split())


def spelled_as(known: Iterable[str]) -> Callable[[str], str]:
    """Return a function that spells a name as the matching known one; other names stay as they are."""
    spelling = {words(name): name for name in known}
    return lambda name: spelling.get(words(name), name)


@cache
def _spellings() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(table(FILE))


def other_words(kind: str, plain: str) -> list[str]:
    """Return other spellings of a word of the model, as the data file lists them under its kind.

    Kinds are ``judgements``, ``kinds``, ``sizes``, ``roles``, ``regions`` and ``columns``; for headings also
    ``groups``, and for whole rows ``rows``.
    """
    return list(_spellings()[kind].get(plain, ()))


def refused(text: str) -> str:
    """Explain why a text is not a judgement although it reads like one; empty if there is nothing to say."""
    return str(_spellings()["no_judgements"].get(words(text), ""))


def symbol(text: str) -> str:
    """Return the meaning of a symbol of official statistics, with or without brackets; empty if the text is not one."""
    inside = text.strip().casefold()
    if inside[:1] in ("[", "("):
        inside = inside[1:].rstrip("])")
    return str(_spellings()["symbols"].get(inside, ""))


def meant(
    kind: str, text: str, allowed: Iterable[str], own: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> str | None:
    """Return the allowed word that a text means, or None.

    An allowed word itself takes precedence over other words for it. So a scenario with its own regions may name one
    that the inspectorate combines with others. ``own`` are additional spellings, which take precedence over those of
    the file.
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
    """Return the day that a text gives, or explain why it gives none.

    Dates are year-month-day, or day first with the month as a number or name. A time of day is ignored.
    """
    text = text.strip()
    if matched := _YEAR_FIRST.fullmatch(text):
        year, month, day = map(int, matched.groups())
        return _day(year, month, day)
    if matched := _DAY_FIRST.fullmatch(text):
        day, month, year = map(int, matched.groups())
        if month > len(MONTHS) >= day:
            turned = f"{month:02}/{day:02}/{year}"
            return f"dates are read day first, and there is no month {month}; if you mean {turned}, write that"
        return _day(year, month, day)
    if matched := _MONTH_NAMED.fullmatch(text):
        month = _month(matched[2])
        year = int(matched[3]) + (CENTURY if len(matched[3]) == len("18") else 0)
        return _day(year, month, int(matched[1])) if month else DAY_WORDS
    if _NUMBER.fullmatch(text):
        return f"it is a number; give the cell a date format: {DAY_WORDS}"
    return DAY_WORDS


def _day(year: int, month: int, day: int) -> datetime.date | str:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return f"there is no such day; {DAY_WORDS}"


def _month(name: str) -> int:
    """Return the number of a month from its name or the beginning of it; 0 if there is none."""
    name = name.lower()
    found = [number for number, month in enumerate(MONTHS, start=1) if month.startswith(name)]
    return found[0] if found and len(name) >= SHORTEST_MONTH else 0
