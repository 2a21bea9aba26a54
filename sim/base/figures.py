"""Formats figures and dates in the same way everywhere, and names the ranges over runs."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from math import isnan

from sim.statistics.intervals import Mean

EIGHT_IN_TEN = (0.1, 0.9)
"""Quantiles that enclose eight runs in ten."""
ENOUGH_RUNS = 10
"""Fewest runs that can show a range of eight in ten; with fewer, the range ends between the outermost runs."""

ENOUGH_DRAWS = 20
"""Fewest parameter draws for splitting the variance; with fewer, the intervals say nothing."""


def count(value: float) -> str:
    """Format a whole number; round half up."""
    return f"{_whole(Decimal(repr(float(value)))):,}"


def share(value: float) -> str:
    """Format a share in whole per cent; round half up."""
    return f"{per_cent(value)}%"


def per_cent(value: float) -> int:
    """Round a share to whole per cent, half up, as :func:`share` shows it."""
    return _whole(100 * Decimal(repr(float(value))))


def percent(value: float) -> str:
    """Format a share in per cent, with a decimal if it is close to 0% or 100%."""
    scaled = 100 * value
    return f"{scaled:.1f}%" if min(scaled, 100 - scaled) < FEW else f"{scaled:.0f}%"


FEW = 10
"""Distance from 0% or 100%, in per cent, within which a decimal is given."""


HUNDRED = 100


def value(mean: float, unit: str) -> str:
    """Format a mean in its unit: a share in per cent, small numbers with decimals."""
    if isnan(mean):
        return "-"
    if unit == "share":
        return percent(mean)
    return _figure(mean, abs(mean))


def few(number: float) -> str:
    """Format a small number as people say it: 11, 2, 0.6."""
    if isnan(number):
        return "-"
    if 0 < number < LEAST_SAID:
        return "under 0.1"
    return count(number) if number >= WHOLE_SAID else f"{number:.1f}".removesuffix(".0")


LEAST_SAID, WHOLE_SAID = 0.05, 10
"""Smallest number that one decimal shows, and number from which decimals add nothing."""


def _figure(number: float, size: float) -> str:
    """Format a number with as many decimals as suit a number of the given size."""
    return f"{number:,.{0 if size >= HUNDRED else 1 if size >= 1 else 2}f}"


def interval(difference: float, low: float, high: float, unit: str) -> str:
    """Format a difference with its sign, and its 95% interval in brackets."""
    scale = HUNDRED if unit == "share" else 1
    size = abs(scale * difference)
    first, *ends = (_figure(scale * figure, size) for figure in (difference, low, high))
    sign = "+" if difference > 0 else ""
    return f"{sign}{first}" if isnan(low) else f"{sign}{first} ({' to '.join(ends)})"


def more_or_less(difference: Mean, unit: str, more: str = "more", less: str = "fewer") -> str:
    """Describe a difference in words with its 95% interval, such as ``120 more (95% interval 80 to 160)``.

    If the interval contains zero, the words add that the difference may be chance. If the difference is zero in every
    pair, they are ``no more and no fewer``.
    """
    if isnan(difference.mean):
        return "not known to be more or less"
    if difference.mean == 0 and difference.never_varies:
        return f"no {more.partition(' ')[0]} and no {less}"  # repeat only the first word
    scale = HUNDRED if unit == "share" else 1
    sign = -1 if difference.mean < 0 else 1
    low, high = sorted(sign * scale * end for end in difference.interval())
    size = sign * scale * difference.mean
    points = " percentage points" if unit == "share" else ""
    words = f"{_figure(size, size)}{points} {less if sign < 0 else more}"
    if isnan(low):
        return words
    chance = ", so perhaps chance" if low <= 0 else ""
    return f"{words} (95% interval {_figure(low, size)} to {_figure(high, size)}{chance})"


def _whole(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def range_name(runs: int) -> str:
    """Name what the 10% and 90% quantiles of a number of runs show, in a few words."""
    if runs >= ENOUGH_RUNS:
        return "eight runs in ten"
    return "one run" if runs == 1 else f"10% and 90% points of {runs} runs"


def range_sentence(runs: int) -> str:
    """Explain figures that have a range in brackets."""
    if runs >= ENOUGH_RUNS:
        return "A figure before brackets is a mean, and the brackets hold the range of eight runs in ten."
    if runs == 1:
        return "One run shows no range: the brackets repeat its figure."
    return (
        "A figure before brackets is a mean, and the brackets hold the 10% and 90% points of the runs, which are too "
        "few to show the range of eight in ten."
    )


def signed(value: float, unit: str) -> str:
    """Format a difference with its sign: in percentage points if a share; otherwise whole if large, with a decimal
    if small.
    """
    scaled = 100 * value if unit == "share" else value
    text = f"{scaled:+,.0f}" if abs(scaled) >= WHOLE_FROM else f"{scaled:+.1f}"
    return text.replace("-0.0", "0.0").replace("+0.0", "0.0")


WHOLE_FROM = 100
"""Size from which a difference is written without decimals."""


def span(years: Sequence[str]) -> str:
    """Format financial years in words, such as ``2018-19 to 2020-21``, or the only one."""
    return years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"


def day_in_words(day: datetime.date) -> str:
    """Format a date for a sentence, such as ``4 March 2019``; works on every system, unlike ``%-d``."""
    return f"{day.day} {day:%B %Y}"


def short_day(day: datetime.date) -> str:
    """Format a date for a table or chart with little room, such as ``4 Mar 2019``."""
    return f"{day.day} {day:%b %Y}"


def plain_words(name: str) -> str:
    """Put the name of a measure, kind or judgement in words."""
    return name.replace("_than_3_5_", " than 3.5 ").replace("_", " ")


def people_of(role: str) -> str:
    """Name the people of a role, such as ``social care HMI`` (His Majesty's Inspectors)."""
    words = role.replace("_", " ").replace("hmi", "HMI")
    return words if words.endswith("HMI") else f"{words}s"


def aligned(rows: Sequence[Sequence[str]], words: int) -> str:
    """Align the rows of a table: the first ``words`` columns hold words, the others figures."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place < words else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def listed(words: Sequence[str], joined_by: str = "and") -> str:
    """List words one after the other, such as ``a, b and c``."""
    *others, last = words
    return f"{', '.join(others)} {joined_by} {last}" if others else last
