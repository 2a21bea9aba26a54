"""Find the axes along which scenarios differ, if they hold every combination of the values once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import prod

MOST_AXES = 3
"""Most axes that a reader can move with ease."""


@dataclass(frozen=True)
class Axis:
    """Hold keys that change together, and their values.

    Attributes
    ----------
    keys : tuple of str
        Keys that change together.
    values : tuple of tuple
        Values of the keys at each position: numbers in rising order, other values in the order of the scenarios.
    places : tuple of int
        Position of each scenario.
    of_numbers : bool
        Whether all values of its first key are numbers.
    """

    keys: tuple[str, ...]
    values: tuple[tuple[Hashable, ...], ...]
    places: tuple[int, ...]
    of_numbers: bool


def axes_of(settings: Sequence[Mapping[str, Hashable]]) -> tuple[Axis, ...]:
    """Find the axes of a grid.

    Parameters
    ----------
    settings : sequence of mapping
        Value of each key in each scenario; the same keys in all.

    Returns
    -------
    tuple of Axis
        One to three axes, in the order of their first keys, if the scenarios hold every combination of their values
        exactly once; otherwise none.
    """
    together: dict[tuple[int, ...], list[str]] = {}
    for key in settings[0]:
        column = [each[key] for each in settings]
        known = list(dict.fromkeys(column))
        if len(known) > 1:
            together.setdefault(tuple(known.index(value) for value in column), []).append(key)
    if not 1 <= len(together) <= MOST_AXES:
        return ()
    combinations = set(zip(*together, strict=True))
    if not len(combinations) == len(settings) == prod(max(places) + 1 for places in together):
        return ()
    return tuple(_axis(keys, settings, places) for places, keys in together.items())


def _axis(keys: Sequence[str], settings: Sequence[Mapping[str, Hashable]], places: Sequence[int]) -> Axis:
    """Return an axis with its positions in order."""
    values = [tuple(settings[places.index(place)][key] for key in keys) for place in range(max(places) + 1)]
    numbers = [first for first, *_ in values if isinstance(first, int | float) and not isinstance(first, bool)]
    of_numbers = len(numbers) == len(values)
    ordered = sorted(range(len(values)), key=numbers.__getitem__) if of_numbers else list(range(len(values)))
    return Axis(tuple(keys), tuple(values[place] for place in ordered), tuple(map(ordered.index, places)), of_numbers)
