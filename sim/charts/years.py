"""What charts over financial years share: which years they show, a column of the summary, axes and words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.charts.drawing import plain, told
from sim.runs.frame import Frame

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def outer(frame: Frame) -> tuple[str, str]:
    """First and last year shown."""
    return frame.years[0], frame.years[-1]


def wide(summary: pd.DataFrame, frame: Frame, column: str) -> pd.DataFrame:
    """One column of the summary, years down and measures across."""
    return summary.pivot(index="financial_year", columns="measure", values=column).loc[list(frame.years)]


def finish(axes: Axes, frame: Frame, title: str, unit: str) -> None:
    """Title, unit, footnote and grid of a chart over the years."""
    plain(axes, None, title, unit)
    axes.set_xlabel(frame.footnote, loc="left")
    axes.set_ylim(bottom=0)


def in_words(frame: Frame, title: str, what: str, lines: Sequence[str]) -> str:
    """Text alternative: message, what is drawn, its figures, and what the asterisk says."""
    return told(title, what, [*lines, f"{frame.footnote}."] if frame.footnote else lines)
