"""Represents sets of days as bitsets: Python integers in which bit ``d`` stands for day ``d``."""

from __future__ import annotations


def days_mask(first: int, last: int) -> int:
    """Return the bitset of the days from ``first`` to ``last``, both included; empty if they are out of order."""
    first = max(0, first)
    return ((1 << (last - first + 1)) - 1) << first if last >= first else 0


def first_of(days: int, count: int) -> int:
    """Return the bitset of the first ``count`` days in another bitset; all of them if it has no more than that."""
    if days.bit_count() <= count:
        return days
    rest = days
    for _ in range(count):
        rest &= rest - 1
    return days ^ rest
