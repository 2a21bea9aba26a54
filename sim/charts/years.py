"""Provide what charts over financial years share: years, columns of the summary, axes and words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.charts.drawing import plain, told
from sim.runs.frame import Frame

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def outer(frame: Frame) -> tuple[str, str]:
    """Return the first and last year shown."""
    return frame.years[0], frame.years[-1]


def wide(summary: pd.DataFrame, frame: Frame, column: str) -> pd.DataFrame:
    """Return one column of the summary, with years as rows and measures as columns."""
    return summary.pivot(index="financial_year", columns="measure", values=column).loc[list(frame.years)]


def finish(axes: Axes, frame: Frame, title: str, unit: str) -> None:
    """Set the title, unit, footnote and grid of a chart over the years."""
    plain(axes, None, title, unit)
    axes.set_xlabel(frame.footnote, loc="left")
    axes.set_ylim(bottom=0)


def in_words(frame: Frame, title: str, what: str, lines: Sequence[str]) -> str:
    """Return a text alternative: the message, what the chart shows, its figures, and what the asterisk means."""
    return told(title, what, [*lines, f"{frame.footnote}."] if frame.footnote else lines)
