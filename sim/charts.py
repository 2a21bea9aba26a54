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
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

from sim.drawing import (
    BAR,
    BLUE,
    GREY,
    HEIGHT,
    LILAC,
    ORANGE,
    PLUM,
    TEAL,
    TITLE,
    UNIT,
    WIDTH,
    Side,
    canvas,
    label_above,
    label_beside,
    save,
)
from sim.figures import count, range_name, share, signed, taken
from sim.judgement import JUDGEMENTS
from sim.measures import UNITS
from sim.statistics import CONFIDENCE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

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
PANELS = 6
"""Measures of which a comparison shows the differences."""


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
    figure, axes = canvas()
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
    label_beside(axes, labels, len(places) - 1 + BAR / 2)
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
        label_above(axes, count(middle.iloc[0]), (0, high.iloc[0]), ha="center", above=6)
        axes.set_xlim(-1, 1)
        return
    axes.fill_between(places, low, high, color=colour, alpha=0.25, linewidth=0)
    axes.plot(places, middle, color=colour, linewidth=2.5)
    sides: tuple[tuple[int, Side], ...] = ((0, "left"), (len(middle) - 1, "right"))
    for place, side in sides:
        label_above(axes, count(middle.iloc[place]), (place, high.iloc[place]), ha=side)


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
    figure, axes = canvas()
    places = range(len(frame.years))
    axes.vlines(places, p10, p90, color=BLUE, linewidth=9, alpha=0.35)
    axes.plot(places, p50, color=BLUE, linestyle="none", marker="o", markersize=9)
    for place, (median, high) in enumerate(zip(p50, p90, strict=True)):
        label_above(axes, count(median), (place, high), ha="center", above=6)
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


def two_parts(summary: pd.DataFrame, variance: pd.DataFrame, frame: Frame) -> tuple[Figure, str]:
    """Fans of four measures over both parts of the range: not knowing the parameters, and chance on top of it.

    Parameters
    ----------
    summary, variance : pandas.DataFrame
        As in ``summary.csv`` and ``variance.csv``.
    frame : Frame
        What to show of them.

    Returns
    -------
    tuple of matplotlib Figure and str
        The chart and its text alternative.
    """
    import matplotlib.pyplot as plt

    both = [_wide(summary, frame, column) for column in ("p10", "p50", "p90")]
    alone = [_wide(variance, frame, column) for column in ("parameters_p10", "parameters_p90")]
    shares, least, most = (_wide(variance, frame, name) for name in ("share_from_parameters", "ci_low", "ci_high"))
    figure, panels = plt.subplots(2, 2, figsize=(WIDTH, HEIGHT + 1.2), layout="constrained")
    lines = []
    for axes, (measure, words) in zip(panels.flat, TWO_PARTS.items(), strict=True):
        _fan_of_both(axes, frame, [each[measure] for each in both], [each[measure] for each in alone], measure)
        made_up = _share_and_range(*(each[measure].iloc[-1] for each in (shares, least, most)))
        heading = f"{words[0].upper()}{words[1:]}\n{made_up} of the variance in {frame.name(frame.years[-1])}"
        axes.set_title(heading, fontsize=10, color=GREY, fontweight="bold", loc="left")
        shown = share if UNITS[measure] == "share" else count
        for year in frame.years:
            low, middle, high = (shown(each[measure][year]) for each in both)
            inner = [each[measure][year] for each in alone]
            known = "none" if isnan(inner[0]) else " to ".join(shown(end) for end in inner)
            lines.append(f"{words}, {frame.name(year)}: {middle}, both {low} to {high}, parameters alone {known}")
    (first, words), last = next(iter(TWO_PARTS.items())), frame.name(frame.years[-1])
    title = (
        f"What is not known of the parameters makes up {_share_and_range(shares[first].iloc[-1])} of the "
        f"variance of {words} in {last}"
    )
    figure.suptitle(textwrap.fill(title, TITLE), fontweight="bold", x=0.01, ha="left", fontsize=13)
    legend = f"Line: median run. Pale: {frame.range}, both parts. Hatched: eight draws in ten, chance averaged out."
    figure.supxlabel(f"{legend} {frame.footnote}".strip(), fontsize=9, color=GREY)
    what = (
        "Four panels: median over the years in a pale band that holds chance and what is not known of drift and "
        "judgement, and inside it a hatched band that holds the latter alone."
    )
    return figure, _alternative(frame, title, what, lines)


def _fan_of_both(
    axes: Axes, frame: Frame, both: Sequence[pd.Series[float]], alone: Sequence[pd.Series[float]], measure: str
) -> None:
    """Median in a pale band over both parts, and a hatched band over the parameters alone."""
    scale = 100 if UNITS[measure] == "share" else 1
    low, middle, high, inner_low, inner_high = (scale * each for each in (*both, *alone))
    places = range(len(frame.years))
    sides: Sequence[Side] = ("left", "right")
    if len(places) == 1:
        axes.vlines(places, low, high, color=BLUE, linewidth=18, alpha=0.25)
        axes.vlines(places, inner_low, inner_high, color=BLUE, linewidth=9, alpha=0.55)
        axes.plot(places, middle, color=BLUE, linestyle="none", marker="o")
        axes.set_xlim(-1, 1)
        sides = ("center",)
    else:
        axes.fill_between(places, low, high, color=BLUE, alpha=0.2, linewidth=0)
        axes.fill_between(places, inner_low, inner_high, color=BLUE, alpha=0.45, linewidth=0, hatch="//", edgecolor="w")
        axes.plot(places, middle, color=BLUE, linewidth=2.5)
    ends = _outer(frame)[: len(sides)]
    axes.set_xticks([frame.years.index(year) for year in ends], [frame.name(year) for year in ends])
    for tick, side in zip(axes.get_xticklabels(), sides, strict=True):
        tick.set_horizontalalignment(side)
    axes.yaxis.set_major_formatter("{x:,.0f}%" if scale > 1 else "{x:,.0f}")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.3)


def _share_and_range(value: float, *ends: float) -> str:
    """A share with its interval; in words where there is nothing to take a share of."""
    if isnan(value):
        return "nothing"
    return f"{share(value)} ({' to '.join(share(end) for end in ends)})" if ends else share(value)


CHARTS: dict[str, Callable[[pd.DataFrame, Frame], tuple[Figure, str]]] = {
    "workload": workload,
    "judgements": judgements,
    "weekly_peak": weekly_peak,
}
"""Charts of the result folder, by file name."""
FAN = "two_parts"
"""File name of the chart of :func:`two_parts`, drawn where runs share enough draws of the parameters."""
TWO_PARTS = {
    "inspector_days_due": "inspector-days due",
    "utilisation": "utilisation",
    "authorities_inadequate": "authorities judged inadequate",
    "authority_days_below_judgement": "authority-days below the judgement",
}
"""Measures of its fans, with their names."""
FILES = frozenset(f"{name}{ending}" for name in (*CHARTS, FAN) for ending in (".png", ".txt"))
"""Every file that :func:`save_all` may write."""


def differences(rows: pd.DataFrame, name: str, base: str) -> tuple[Figure, str]:
    """Differences of a scenario from its base by year, with their intervals, a panel for each of six measures.

    Parameters
    ----------
    rows : pandas.DataFrame
        Of one scenario, those over which Holm's procedure goes, as in ``comparison.csv``.
    name, base : str
        Of the scenario and its base.

    Returns
    -------
    tuple of matplotlib Figure and str
        The chart and its text alternative. The six are those most clearly beyond chance.
    """
    import matplotlib.pyplot as plt

    beyond = rows["p_holm"] <= 1 - CONFIDENCE
    clearest = rows.groupby("measure", sort=False)["p_holm"].min().sort_values(kind="stable").index[:PANELS]
    figure, panels = plt.subplots(2, 3, figsize=(WIDTH, HEIGHT + 1), layout="constrained")
    lines = []
    for axes, measure in zip(panels.flat, clearest, strict=False):
        panel = rows[rows["measure"] == measure].dropna(subset="difference")
        scale = 100 if (panel["unit"] == "share").all() else 1
        middle, low, high = (scale * panel[column] for column in ("difference", "holm_low", "holm_high"))
        places = list(range(len(panel)))
        axes.axhline(0, color=GREY, linewidth=1)
        axes.vlines(places, low, high, color=BLUE, linewidth=5, alpha=0.35)
        face = [BLUE if each else "white" for each in beyond[panel.index]]
        axes.scatter(places, middle, c=face, edgecolors=BLUE, s=36, zorder=3)
        outer = [0, len(places) - 1] if len(places) > 1 else places
        axes.set_xticks(outer, [panel["financial_year"].iloc[place] for place in outer])
        unit = "percentage points" if scale > 1 else str(panel["unit"].iloc[0])
        axes.set_title(f"{textwrap.fill(str(measure), 30)}\n{unit}", fontsize=9, color=GREY, loc="left")
        axes.yaxis.set_major_formatter("{x:,.6g}")
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", alpha=0.3)
        lines += [
            f"{measure}, {row.financial_year}: {signed(row.difference, row.unit)}"
            + (
                ""
                if isnan(row.holm_low)
                else f" ({signed(row.holm_low, row.unit)} to {signed(row.holm_high, row.unit)})"
            )
            for row in panel.itertuples()
        ]
    for axes in list(panels.flat)[len(clearest) :]:
        axes.set_visible(False)
    title = f"{name} against {base}: {int(beyond.sum())} of {len(rows)} differences are beyond chance"
    figure.suptitle(textwrap.fill(title, TITLE), fontweight="bold", x=0.01, ha="left", fontsize=13)
    figure.supxlabel("Filled: beyond chance by Holm's procedure; bars: its 95% intervals", fontsize=9, color=GREY)
    what = (
        "For each of up to six measures a panel with a dot and an interval for each financial year, and a line at none."
    )
    return figure, "\n".join([title, what, *lines]) + "\n"


def save_differences(folder: Path, table: pd.DataFrame) -> None:
    """Save the chart of each scenario of a comparison, and its text alternative beside it."""
    for (name, base), rows in table[table["p_holm"].notna()].groupby(["scenario", "base"], sort=False):
        save(folder / f"differences_{name}", *differences(rows, str(name), str(base)))


def save_all(folder: Path, summary: pd.DataFrame, frame: Frame, variance: pd.DataFrame | None = None) -> None:
    """Save every chart as PNG, and its text alternative beside it.

    Parameters
    ----------
    folder : pathlib.Path
        Where to.
    summary : pandas.DataFrame
        As in ``summary.csv``.
    frame : Frame
        What to show of it.
    variance : pandas.DataFrame, optional
        As in ``variance.csv``, if runs share enough draws of the parameters to tell the two parts of the range apart.
    """
    if variance is not None:
        save(folder / FAN, *two_parts(summary, variance, frame))
    for name, draw in CHARTS.items():
        save(folder / name, *draw(summary, frame))


def _wide(summary: pd.DataFrame, frame: Frame, column: str) -> pd.DataFrame:
    """One column of the summary, years down and measures across."""
    return summary.pivot(index="financial_year", columns="measure", values=column).loc[list(frame.years)]


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
