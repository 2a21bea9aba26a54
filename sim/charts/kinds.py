"""Define how each kind of visit looks in charts, by more than its colour."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sim.base.figures import plain_words
from sim.charts.drawing import BLUE, GREY, LILAC, ORANGE, PLUM, TEAL

if TYPE_CHECKING:
    from sim.inputs.framework import Kind

LOOKS: dict[Kind, tuple[str, str, str, str]] = {
    "short": (BLUE, "", "o", "short inspection"),
    "standard": (BLUE, "//", "s", "standard inspection"),
    "single_inspection": (BLUE, "xx", "P", "single inspection"),
    "focused": (TEAL, "..", "^", "focused visit"),
    "joint": (ORANGE, "\\\\", "D", "joint inspection"),
    "monitoring": (PLUM, "", "v", "monitoring visit"),
    "engagement": (LILAC, "", ".", "engagement meeting"),
}
"""Colour, hatch of a bar, mark of a point, and words of each kind."""
OTHERS = (("o", "*"), ("+", "X"), ("O", "p"), ("-", "h"))
"""Hatch and mark of further kinds that only some frameworks have, in alphabetical order."""


def looks(kinds: Iterable[Kind]) -> dict[Kind, tuple[str, str, str, str]]:
    """Return the looks of a chart's kinds of visit: those of ``LOOKS`` in its order, then the others."""
    there = set(kinds)
    found = {kind: look for kind, look in LOOKS.items() if kind in there}
    for number, kind in enumerate(sorted(there - set(LOOKS))):
        found[kind] = (ORANGE, *OTHERS[number % len(OTHERS)], plain_words(kind))
    return found


EDGE = GREY
"""Colour of the edge of a visit's lead."""
