"""Sets of days as bitsets: Python integers whose bit ``d`` is day ``d``."""

from __future__ import annotations


def days_mask(first: int, last: int) -> int:
    """Bitset of the days from ``first`` to ``last``, both counted; empty if they are out of order."""
    first = max(0, first)
    return ((1 << (last - first + 1)) - 1) << first if last >= first else 0


def first_of(days: int, count: int) -> int:
    """Bitset of the first ``count`` days of another one; all of them if there are no more."""
    if days.bit_count() <= count:
        return days
    rest = days
    for _ in range(count):
        rest &= rest - 1
    return days ^ rest
