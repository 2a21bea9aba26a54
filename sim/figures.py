"""Re-exports the functions that write figures and dates, from :mod:`sim.base.figures`."""

from sim.base.figures import (
    EIGHT_IN_TEN,
    aligned,
    count,
    day_in_words,
    interval,
    more_or_less,
    people_of,
    percent,
    range_name,
    share,
    short_day,
    span,
    value,
)

__all__ = [
    "EIGHT_IN_TEN",
    "aligned",
    "count",
    "day_in_words",
    "interval",
    "more_or_less",
    "people_of",
    "percent",
    "range_name",
    "share",
    "short_day",
    "span",
    "value",
]
