"""How figures and dates are written everywhere, and what a range over runs may be called."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from math import isnan

from sim.statistics.intervals import Mean

EIGHT_IN_TEN = (0.1, 0.9)
"""Quantiles between which eight runs in ten lie."""
ENOUGH_RUNS = 10
"""Fewest runs of which eight in ten can be told: with fewer, the range ends between the outermost runs."""

ENOUGH_DRAWS = 20
"""Fewest draws of the parameters with which the variance is split: with fewer the intervals say nothing."""


def count(value: float) -> str:
    """A whole number; a half is rounded up."""
    return f"{_whole(Decimal(repr(float(value)))):,}"


def share(value: float) -> str:
    """A share in whole per cent; a half is rounded up."""
    return f"{_whole(100 * Decimal(repr(float(value))))}%"


def percent(value: float) -> str:
    """A share in per cent, with a decimal where it is small or nearly all."""
    scaled = 100 * value
    return f"{scaled:.1f}%" if min(scaled, 100 - scaled) < FEW else f"{scaled:.0f}%"


FEW = 10
"""Per cent up to which a decimal is given."""


HUNDRED = 100


def value(mean: float, unit: str) -> str:
    """A mean in its unit: a share in per cent, small numbers with decimals."""
    if isnan(mean):
        return "-"
    if unit == "share":
        return percent(mean)
    return _figure(mean, abs(mean))


def few(number: float) -> str:
    """A small number as people say it: 11, 2, 0.6."""
    if isnan(number):
        return "-"
    if 0 < number < LEAST_SAID:
        return "under 0.1"
    return count(number) if number >= WHOLE_SAID else f"{number:.1f}".removesuffix(".0")


LEAST_SAID, WHOLE_SAID = 0.05, 10
"""Least number that a decimal shows, and number from which decimals tell nothing."""


def _figure(number: float, size: float) -> str:
    """A number with as many decimals as a number of some size needs."""
    return f"{number:,.{0 if size >= HUNDRED else 1 if size >= 1 else 2}f}"


def interval(difference: float, low: float, high: float, unit: str) -> str:
    """A difference with its sign, and its 95% interval in brackets."""
    scale = HUNDRED if unit == "share" else 1
    size = abs(scale * difference)
    first, *ends = (_figure(scale * figure, size) for figure in (difference, low, high))
    sign = "+" if difference > 0 else ""
    return f"{sign}{first}" if isnan(low) else f"{sign}{first} ({' to '.join(ends)})"


def more_or_less(difference: Mean, unit: str, more: str = "more", less: str = "fewer") -> str:
    """A difference in words with its 95% interval, such as ``120 more (95% interval 80 to 160)``.

    One whose interval holds zero is said to be perhaps chance; one that is none in every pair is ``no more and no
    fewer``.
    """
    if isnan(difference.mean):
        return "not known to be more or less"
    if difference.mean == 0 and difference.never_varies:
        return f"no {more.partition(' ')[0]} and no {less}"  # of what is said once
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
    """What the 10% and 90% quantile of so many runs show, in a few words."""
    if runs >= ENOUGH_RUNS:
        return "eight runs in ten"
    return "one run" if runs == 1 else f"10% and 90% points of {runs} runs"


def range_sentence(runs: int) -> str:
    """What figures with a range in brackets are."""
    if runs >= ENOUGH_RUNS:
        return "Mean, and in brackets the range of eight runs in ten."
    if runs == 1:
        return "One run shows no range: the brackets repeat its figure."
    return (
        "Mean, and in brackets the 10% and 90% points between the runs, which are too few to say what eight in ten do."
    )


def signed(value: float, unit: str) -> str:
    """A difference with its sign: percentage points of a share, else whole if large and with a decimal if small."""
    scaled = 100 * value if unit == "share" else value
    text = f"{scaled:+,.0f}" if abs(scaled) >= WHOLE_FROM else f"{scaled:+.1f}"
    return text.replace("-0.0", "0.0").replace("+0.0", "0.0")


WHOLE_FROM = 100
"""Size from which a difference is written without decimals."""


def span(years: Sequence[str]) -> str:
    """Financial years in words, such as ``2018-19 to 2020-21``, or the only one."""
    return years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"


def day_in_words(day: datetime.date) -> str:
    """A date in a sentence, such as ``4 March 2019``; the same on every system, where ``%-d`` is not."""
    return f"{day.day} {day:%B %Y}"


def short_day(day: datetime.date) -> str:
    """A date where there is little room, in a table or a picture, such as ``4 Mar 2019``."""
    return f"{day.day} {day:%b %Y}"


def plain_words(name: str) -> str:
    """A name of a measure, kind or judgement in words."""
    return name.replace("_than_3_5_", " than 3.5 ").replace("_", " ")


def people_of(role: str) -> str:
    """What the people of a role are called, such as ``social care HMI`` (His Majesty's Inspectors)."""
    words = role.replace("_", " ").replace("hmi", "HMI")
    return words if words.endswith("HMI") else f"{words}s"


def aligned(rows: Sequence[Sequence[str]], words: int) -> str:
    """Rows of a table under each other: the first few columns hold words, the others figures."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place < words else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def listed(words: Sequence[str], joined_by: str = "and") -> str:
    """Words one after the other, such as ``a, b and c``."""
    *others, last = words
    return f"{', '.join(others)} {joined_by} {last}" if others else last
