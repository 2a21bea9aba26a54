"""Workload of a study by year: inspector-days against those available, and the busiest week."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from sim.base.figures import count, listed, plain_words, taken
from sim.charts.drawing import BAR, BLUE, GREY, LILAC, ORANGE, PLUM, TEAL, canvas, described, label_above, label_beside
from sim.charts.years import finish, in_words, wide
from sim.runs.frame import Frame

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

STACK: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    ("Full inspections", ("short", "standard", "single_inspection"), BLUE, ""),
    ("Focused and joint visits", ("focused", "joint"), TEAL, "//"),
    ("Monitoring", ("monitoring",), PLUM, ".."),
    ("Meetings and desk work", ("engagement", "desk_work"), LILAC, "\\\\"),
)
"""Stacked parts of the workload: label, kinds, colour, hatch."""
FEW = 2
"""Kinds whose names a label has room for."""


def stack(measures: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...], str, str]]:
    """Parts of the workload as ``STACK`` has them, and last the kinds of visit that only some frameworks have, if any.

    Parameters
    ----------
    measures : iterable of str
        Names of the measures that there are.
    """
    from sim.runs.measures import NAMES, WORKED

    known = {WORKED + kind for _, kinds, *_ in STACK for kind in kinds} | set(NAMES)
    measures = tuple(measures)
    others = tuple(name.removeprefix(WORKED) for name in measures if name.startswith(WORKED) and name not in known)
    there = set(measures)
    for words, kinds, colour, hatch in STACK:
        present = tuple(kind for kind in kinds if WORKED + kind in there)
        if present:
            yield words, present, colour, hatch
    if others:
        yield _called(others), others, ORANGE, "o"


def _called(kinds: tuple[str, ...]) -> str:
    """What a part of the workload is called: by its kinds where they are few."""
    return listed([plain_words(kind) for kind in kinds]).capitalize() if len(kinds) <= FEW else "Other visits"


def workload(summary: pd.DataFrame, frame: Frame) -> Axes:
    """Inspector-days worked by kind and year, against those available and those that fell due.

    Parameters
    ----------
    summary : pandas.DataFrame
        As in ``summary.csv``.
    frame : Frame
        What to show of it.

    Returns
    -------
    matplotlib Axes
        The chart; its text alternative is that of :func:`sim.charts.alternative`.
    """
    means, low, high = (wide(summary, frame, column) for column in ("mean", "p10", "p90"))
    _, axes = canvas()
    places = range(len(frame.years))
    labels: list[tuple[float, str, str]] = []
    bottom = means["inspector_days_worked"] * 0.0
    for label, kinds, colour, hatch in stack(means.columns):
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
    finish(axes, frame, title, "Inspector-days a year")
    axes.set_xticks(list(places), frame.names)
    label_beside(axes, labels, len(places) - 1 + BAR / 2)
    lines = [
        f"{frame.name(year)}: {count(means['inspector_days_worked'][year])} worked, {count(due[year])} due, "
        f"{count(available[year])} available ({frame.range}: "
        f"{count(low['inspector_days_available'][year])} to {count(high['inspector_days_available'][year])})"
        for year in frame.years
    ]
    what = "Stacked bars of mean inspector-days by kind of work for each financial year, a line for the days available."
    return described(axes, in_words(frame, title, what, lines))


def weekly_peak(summary: pd.DataFrame, frame: Frame) -> Axes:
    """Most inspectors on site in one week of each year; see :func:`workload`."""
    p10, p50, p90 = (wide(summary, frame, column)["peak_week_inspectors"] for column in ("p10", "p50", "p90"))
    _, axes = canvas()
    places = range(len(frame.years))
    axes.vlines(places, p10, p90, color=BLUE, linewidth=9, alpha=0.35)
    axes.plot(places, p50, color=BLUE, linestyle="none", marker="o", markersize=9)
    for place, (median, high) in enumerate(zip(p50, p90, strict=True)):
        label_above(axes, count(median), (place, high), ha="center", above=6)
    most, least = frame.name(str(p50.idxmax())), frame.name(str(p50.idxmin()))
    title = f"In its busiest week {most} has {count(p50.max())} inspectors on site"
    if count(p50.max()) != count(p50.min()):
        title += f", {least} only {count(p50.min())}"
    finish(axes, frame, title, f"Inspectors on site in the busiest week (median; bar: {frame.range})")
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
    return described(axes, in_words(frame, title, what, lines))
