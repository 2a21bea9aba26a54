"""Charts: functions of the tidy summary that return a Matplotlib figure and its text, and the files of both.

The message is the title. What a chart lays over or beside each other is labelled there and differs by more than colour:
bars by hatching, lines and marks by shape, judgements by a panel each. The colours are those of the UK government
analysis function. Beside each picture stands a text that gives its message and its figures.
"""

from __future__ import annotations

import datetime
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sim.figures import count, range_name, share, taken
from sim.framework import JUDGEMENTS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, TEAL, PLUM, ORANGE, GREY, LILAC = "#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1"
STACK: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    ("Full inspections", ("short", "standard", "single_inspection"), BLUE, ""),
    ("Focused and joint visits", ("focused", "joint"), TEAL, "//"),
    ("Monitoring", ("monitoring",), PLUM, ".."),
    ("Meetings and desk work", ("engagement", "desk_work"), LILAC, "\\\\"),
)
"""Stacked parts of the workload: label, kinds, colour, hatch."""
GRADE_NAMES = {
    "outstanding": "Outstanding",
    "good": "Good",
    "requires_improvement": "Requires improvement to be good",
    "inadequate": "Inadequate",
}
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


@dataclass(frozen=True)
class Frame:
    """What the charts of a study show, beside its summary.

    Attributes
    ----------
    years : tuple of str
        Financial years: those simulated whole, or all of them if there is none.
    parts : frozenset of str
        Financial years simulated in part.
    last_day : datetime.date
        Last day simulated.
    runs : int
        Replications behind the summary.
    """

    years: tuple[str, ...]
    parts: frozenset[str]
    last_day: datetime.date
    runs: int

    def name(self, year: str) -> str:
        """A year as it is written, with an asterisk if it is a part of one."""
        return f"{year}*" if year in self.parts else year

    @property
    def names(self) -> list[str]:
        """Years as they are written."""
        return [self.name(year) for year in self.years]

    def end_of(self, year: str) -> datetime.date:
        """Last day of a year, or of the run if that is sooner."""
        return min(datetime.date(int(year[:4]) + 1, 3, 31), self.last_day)

    @property
    def range(self) -> str:
        """What the band or bar from p10 to p90 shows."""
        return range_name(self.runs)

    @property
    def footnote(self) -> str:
        """What the asterisk says; nothing if there is none."""
        return "* part of a year" if self.parts & set(self.years) else ""


def workload(summary: pd.DataFrame, frame: Frame) -> tuple[Figure, str]:
    """Inspector-days worked by kind and year, against those available and those that fell due.

    Parameters
    ----------
    summary : pandas.DataFrame
        As in ``summary.csv``.
    frame : Frame
        What to show of it.

    Returns
    -------
    tuple of matplotlib Figure and str
        The chart and its text alternative.
    """
    means, low, high = (_wide(summary, frame, column) for column in ("mean", "p10", "p90"))
    figure, axes = _figure()
    places = range(len(frame.years))
    labels: list[tuple[float, str, str]] = []
    bottom = means["inspector_days_worked"] * 0.0
    for label, kinds, colour, hatch in STACK:
        days = means[[f"inspector_days_{kind}" for kind in kinds]].sum(axis=1)
        axes.bar(places, days, bottom=bottom, color=colour, hatch=hatch, edgecolor="white", width=BAR)
        labels.append((bottom.iloc[-1] + days.iloc[-1] / 2, label, GREY))
        bottom = bottom + days
    available, due = means["inspector_days_available"], means["inspector_days_due"]
    band = low["inspector_days_available"], high["inspector_days_available"]
    if len(places) == 1:  # no line can be drawn through one point
        axes.hlines(available, -BAR / 2, BAR / 2, color=GREY, linewidth=2)
        axes.fill_between([-BAR / 2, BAR / 2], *(end.iloc[0] for end in band), color=GREY, alpha=0.18, linewidth=0)
    else:
        axes.plot(places, available, color=GREY, linewidth=2, marker="_", markersize=14)
        axes.fill_between(places, *band, color=GREY, alpha=0.18, linewidth=0)
    labels.append((available.iloc[-1], "Available", GREY))
    axes.plot(places, due, color=ORANGE, linestyle="none", marker="D", markersize=7, markeredgecolor="white")
    labels.append((due.iloc[-1], "◆ Fell due", ORANGE))
    use = means["utilisation"].dropna()
    title = (
        f"The work takes {taken(use.min(), use.max(), frame.name(str(use.idxmax())), len(use))}"
        if len(use)
        else "There is work, and nobody has time for this programme"
    )
    _finish(axes, frame, title, "Inspector-days a year")
    axes.set_xticks(list(places), frame.names)
    _label_beside(axes, labels, len(places) - 1 + BAR / 2)
    lines = [
        f"{frame.name(year)}: {count(means['inspector_days_worked'][year])} worked, {count(due[year])} due, "
        f"{count(available[year])} available ({frame.range}: "
        f"{count(low['inspector_days_available'][year])} to {count(high['inspector_days_available'][year])})"
        for year in frame.years
    ]
    what = "Stacked bars of mean inspector-days by kind of work for each financial year, a line for the days available."
    return figure, _alternative(frame, title, what, lines)


def judgements(summary: pd.DataFrame, frame: Frame) -> tuple[Figure, str]:
    """Authorities of each published judgement at each year's end, median and band; see :func:`workload`."""
    import matplotlib.pyplot as plt

    p10, p50, p90 = (_wide(summary, frame, column) for column in ("p10", "p50", "p90"))
    figure, panels = plt.subplots(1, len(JUDGEMENTS), figsize=(WIDTH, HEIGHT), sharey=True, layout="constrained")
    lines = []
    for axes, judgement, colour in zip(panels, JUDGEMENTS, (BLUE, TEAL, ORANGE, PLUM), strict=True):
        name = f"authorities_{judgement}"
        _fan(axes, p10[name], p50[name], p90[name], colour)
        ends = [f"{frame.end_of(year):%b %Y}" for year in frame.years]
        if len(ends) == 1:
            axes.set_xticks([0], ends)
        else:
            axes.set_xticks([0, len(ends) - 1], [ends[0], ends[-1]])
            for tick, side in zip(axes.get_xticklabels(), ("left", "right"), strict=True):
                tick.set_ha(side)
        heading = textwrap.fill(GRADE_NAMES[judgement], 20)
        axes.set_title(heading, fontsize=11, color=GREY, fontweight="bold", loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", alpha=0.3)
        lines += [
            f"{GRADE_NAMES[judgement]}, {frame.name(year)} (to {frame.end_of(year):%B %Y}): {count(p50[name][year])} "
            f"({count(p10[name][year])} to {count(p90[name][year])})"
            for year in frame.years
        ]
    panels[0].set_ylabel(textwrap.fill(f"Authorities (median; band: {frame.range})", UNIT))
    panels[0].set_ylim(bottom=0)
    title = _good_or_outstanding(summary, frame)
    figure.suptitle(textwrap.fill(title, TITLE), fontweight="bold", x=0.01, ha="left", fontsize=13)
    what = (
        "Four panels, one for each published judgement: median and range of the number of authorities at each "
        "year's end or the end of the run."
    )
    return figure, _alternative(frame, title, what, lines)


def _fan(axes: Axes, low: pd.Series[float], middle: pd.Series[float], high: pd.Series[float], colour: str) -> None:
    """Median and band over the years, the first and the last labelled; a dot and a bar if there is but one."""
    places = range(len(middle))
    if len(middle) == 1:
        axes.vlines(places, low, high, color=colour, linewidth=9, alpha=0.35)
        axes.plot(places, middle, color=colour, linestyle="none", marker="o", markersize=9)
        _label(axes, count(middle.iloc[0]), (0, high.iloc[0]), ha="center", above=6)
        axes.set_xlim(-1, 1)
        return
    axes.fill_between(places, low, high, color=colour, alpha=0.25, linewidth=0)
    axes.plot(places, middle, color=colour, linewidth=2.5)
    sides: tuple[tuple[int, Side], ...] = ((0, "left"), (len(middle) - 1, "right"))
    for place, side in sides:
        _label(axes, count(middle.iloc[place]), (place, high.iloc[place]), ha=side)


def _good_or_outstanding(summary: pd.DataFrame, frame: Frame) -> str:
    """Message of the judgements: of means, since medians of two judgements do not add up to that of both."""
    means = _wide(summary, frame, "mean")
    good = means["authorities_outstanding"] + means["authorities_good"]
    everybody = means[[f"authorities_{judgement}" for judgement in JUDGEMENTS]].sum(axis=1)
    first, last = ((share(good[year] / everybody[year]), f"{frame.end_of(year):%B %Y}") for year in _outer(frame))
    if len(frame.years) == 1:
        return f"On average {first[0]} of authorities are good or outstanding in {first[1]}"
    return f"On average {first[0]} of authorities are good or outstanding in {first[1]}, and {last[0]} in {last[1]}"


def _outer(frame: Frame) -> tuple[str, str]:
    return frame.years[0], frame.years[-1]


def weekly_peak(summary: pd.DataFrame, frame: Frame) -> tuple[Figure, str]:
    """Most inspectors on site in one week of each year; see :func:`workload`."""
    p10, p50, p90 = (_wide(summary, frame, column)["peak_week_inspectors"] for column in ("p10", "p50", "p90"))
    figure, axes = _figure()
    places = range(len(frame.years))
    axes.vlines(places, p10, p90, color=BLUE, linewidth=9, alpha=0.35)
    axes.plot(places, p50, color=BLUE, linestyle="none", marker="o", markersize=9)
    for place, (median, high) in enumerate(zip(p50, p90, strict=True)):
        _label(axes, count(median), (place, high), ha="center", above=6)
    most, least = frame.name(str(p50.idxmax())), frame.name(str(p50.idxmin()))
    title = f"In its busiest week {most} has {count(p50.max())} inspectors on site"
    if count(p50.max()) != count(p50.min()):
        title += f", {least} only {count(p50.min())}"
    _finish(axes, frame, title, f"Inspectors on site in the busiest week (median; bar: {frame.range})")
    axes.set_xticks(list(places), frame.names)
    axes.set_xlim(-0.6, len(places) - 0.4)
    axes.set_ylim(0, max(1.0, float(p90.max())) * 1.15)
    lines = [
        f"{frame.name(year)}: {count(p50[year])} ({frame.range}: {count(p10[year])} to {count(p90[year])})"
        for year in frame.years
    ]
    what = (
        f"For each financial year a dot for the median run and a bar for the range ({frame.range}); engagement "
        "meetings are left out."
    )
    return figure, _alternative(frame, title, what, lines)


CHARTS: dict[str, Callable[[pd.DataFrame, Frame], tuple[Figure, str]]] = {
    "workload": workload,
    "judgements": judgements,
    "weekly_peak": weekly_peak,
}
"""Charts of the result folder, by file name."""


def save_all(folder: Path, summary: pd.DataFrame, frame: Frame) -> None:
    """Save every chart as PNG, and its text alternative beside it.

    Parameters
    ----------
    folder : pathlib.Path
        Where to.
    summary : pandas.DataFrame
        As in ``summary.csv``.
    frame : Frame
        What to show of it.
    """
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    mpl.use("Agg")
    for name, draw in CHARTS.items():
        figure, alternative = draw(summary, frame)
        figure.savefig(
            folder / f"{name}.png",
            dpi=DPI,
            metadata={"Software": None, "Description": alternative.splitlines()[0]},
        )
        (folder / f"{name}.txt").write_text(alternative, encoding="utf-8")
        plt.close(figure)


def _wide(summary: pd.DataFrame, frame: Frame, column: str) -> pd.DataFrame:
    """One column of the summary, years down and measures across."""
    return summary.pivot(index="financial_year", columns="measure", values=column).loc[list(frame.years)]


def _figure() -> tuple[Figure, Axes]:
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(WIDTH, HEIGHT), layout="constrained")


def _label(axes: Axes, text: str, at: tuple[float, float], ha: Side, above: int = 1) -> None:
    """Direct label some points over a point, dark enough to read, with a white edge against what it crosses."""
    from matplotlib.patheffects import withStroke

    axes.annotate(
        text, xy=at, xytext=(0, above), textcoords="offset points", ha=ha, va="bottom", color=GREY, fontweight="bold",
        fontsize=9, path_effects=[withStroke(linewidth=2.5, foreground="white")],
    )  # fmt: skip


def _label_beside(axes: Axes, labels: Sequence[tuple[float, str, str]], edge: float) -> None:
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


def _finish(axes: Axes, frame: Frame, title: str, unit: str) -> None:
    axes.set_title(textwrap.fill(title, TITLE), loc="left", fontweight="bold", fontsize=13)
    axes.set_ylabel(textwrap.fill(unit, UNIT))
    axes.set_xlabel(frame.footnote, loc="left")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    axes.set_ylim(bottom=0)


def _alternative(frame: Frame, title: str, what: str, lines: Sequence[str]) -> str:
    return "\n".join([title + ".", what, *lines, *filter(None, [frame.footnote and f"{frame.footnote}."])]) + "\n"
