"""What all charts share: colours, labels beside what they name, axes, and files of a picture and its text.

The colours are those of the UK government analysis function.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, TEAL, PLUM, ORANGE, GREY, LILAC = "#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1"
Side = Literal["left", "center", "right"]
WIDTH, HEIGHT, DPI = 10.0, 5.6, 120
TITLE, UNIT = 76, 56
"""Longest line of a title and of an axis, in letters."""
BAR, BESIDE = 0.62, 0.22
"""Width of a bar, and distance of a label from it, in years of the axis."""
LABEL_WIDTH = 0.22
"""Share of a chart's width that the labels beside it take."""
LABEL_GAP = 0.042
"""Least distance between two labels, as a share of the axis: a line of text and a little more."""
Picture = tuple["Figure", str]
"""A chart, and its text alternative."""
Label = tuple[float, str, str]
"""Height of what is named, text, and colour."""


def canvas() -> tuple[Figure, Axes]:
    """Figure of one chart, and its axes."""
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(WIDTH, HEIGHT), layout="constrained")


def label_above(axes: Axes, text: str, at: tuple[float, float], ha: Side, above: int = 1) -> None:
    """Direct label some points over a point, dark enough to read, with a white edge against what it crosses."""
    from matplotlib.patheffects import withStroke

    axes.annotate(
        text, xy=at, xytext=(0, above), textcoords="offset points", ha=ha, va="bottom", color=GREY, fontweight="bold",
        fontsize=9, path_effects=[withStroke(linewidth=2.5, foreground="white")],
    )  # fmt: skip


def label_beside(axes: Axes, labels: Sequence[Label], edge: float) -> None:
    """Labels to the right of the last bar (height, text, colour), moved apart, each with a line to what it names."""
    ordered = sorted(labels)
    heights = spread_out([height for height, *_ in ordered], LABEL_GAP * axes.get_ylim()[1])
    for (at, text, colour), height in zip(ordered, heights, strict=True):
        axes.annotate(
            text, xy=(edge, at), xytext=(edge + BESIDE, height), ha="left", va="center", color=colour, fontsize=9,
            fontweight="bold", arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.8},
        )  # fmt: skip
    axes.set_xlim(-BAR, max((edge + BESIDE + BAR) / (1 - LABEL_WIDTH) - BAR, 2.0))


def spread_out(heights: Sequence[float], gap: float) -> list[float]:
    """Heights in their order but at least a gap apart, and as near to those given as that allows; none below zero."""
    import numpy as np
    from scipy.optimize import isotonic_regression

    steps = gap * np.arange(len(heights))
    return [float(height) for height in np.maximum(isotonic_regression(np.array(heights) - steps).x, 0) + steps]


def save(path: Path, figure: Figure, alternative: str) -> None:
    """Save a chart as PNG without a date, so that the same chart is the same file, and its text."""
    import matplotlib.pyplot as plt

    about = {"Software": None, "Description": alternative.splitlines()[0]}
    figure.savefig(path.with_name(f"{path.name}.png"), format="png", dpi=DPI, metadata=about)
    path.with_name(f"{path.name}.txt").write_text(alternative, encoding="utf-8")
    plt.close(figure)
