"""How figures are written, in tables, sentences and charts alike, and what a range over runs may be called."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

ENOUGH_RUNS = 10
"""Fewest runs of which eight in ten can be told: with fewer, the range ends between the outermost runs."""


def count(value: float) -> str:
    """A whole number; a half is rounded up."""
    return f"{_whole(Decimal(repr(float(value)))):,}"


def share(value: float) -> str:
    """A share in whole per cent; a half is rounded up."""
    return f"{_whole(100 * Decimal(repr(float(value))))}%"


def _whole(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def taken(least: float, most: float, most_in: str, years: int) -> str:
    """Share of the time available that the work takes over some years."""
    if years == 1:
        return f"{share(least)} of the time available in {most_in}"
    return f"{share(least)} to {share(most)} of the time available, most in {most_in}"


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
