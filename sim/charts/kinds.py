"""How each kind of visit looks, by more than its colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
EDGE = GREY
"""Colour of the edge of a visit's lead."""
