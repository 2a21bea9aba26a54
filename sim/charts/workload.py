"""Draw the workload of a study by year: time of each role, inspector-days by kind, and the busiest week."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import cycle
from typing import TYPE_CHECKING

from sim.base.figures import count, listed, people_of, plain_words, share
from sim.charts.drawing import (
    BAR,
    BLUE,
    GREY,
    LILAC,
    ORANGE,
    PLUM,
    TEAL,
    canvas,
    described,
    label_above,
    label_beside,
    own_style,
)
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
"""Most kinds whose names fit in a label."""


def stack(measures: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...], str, str]]:
    """Return the parts of the workload in ``STACK``, and last any kinds of visit that only some frameworks have.

    Parameters
    ----------
    measures : iterable of str
        Names of the measures in the study.
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
    """Return the name of a part of the workload: its kinds, where they are few."""
    return listed([plain_words(kind) for kind in kinds]).capitalize() if len(kinds) <= FEW else "Other visits"


@own_style()
def workload(summary: pd.DataFrame, frame: Frame) -> Axes:
    """Draw the inspector-days worked by kind and year, and those that fell due.

    Parameters
    ----------
    summary : pandas.DataFrame
        Table as in ``summary.csv``.
    frame : Frame
        Years to show.

    Returns
    -------
    matplotlib Axes
        The chart; :func:`sim.charts.alternative` returns its text alternative.
    """
    means, low, high = (wide(summary, frame, column) for column in ("mean", "p10", "p90"))
    axes = canvas().subplots()
    places = range(len(frame.years))
    labels: list[tuple[float, str, str]] = []
    bottom = means["inspector_days_worked"] * 0.0
    for label, kinds, colour, hatch in stack(means.columns):
        days = means[[f"inspector_days_{kind}" for kind in kinds]].sum(axis=1)
        axes.bar(places, days, bottom=bottom, color=colour, hatch=hatch, edgecolor="white", width=BAR)
        labels.append((bottom.iloc[-1] + days.iloc[-1] / 2, label, GREY))
        bottom = bottom + days
    worked, due = means["inspector_days_worked"], means["inspector_days_due"]
    axes.plot(places, due, color=ORANGE, linestyle="none", marker="D", markersize=7, markeredgecolor="white")
    labels.append((due.iloc[-1], "◆ Fell due", ORANGE))
    most, least = frame.name(str(worked.idxmax())), frame.name(str(worked.idxmin()))
    title = f"The work takes {count(worked.max())} inspector-days in {most}"
    if count(worked.max()) != count(worked.min()):
        title += f", {count(worked.min())} in {least}"
    finish(axes, frame, title, "Inspector-days a year")
    axes.set_xticks(list(places), frame.names)
    label_beside(axes, labels, len(places) - 1 + BAR / 2)
    lines = [
        f"{frame.name(year)}: {count(worked[year])} worked ({frame.range}: "
        f"{count(low['inspector_days_worked'][year])} to {count(high['inspector_days_worked'][year])}), "
        f"{count(due[year])} due"
        for year in frame.years
    ]
    what = (
        "Stacked bars of mean inspector-days by kind of work for each financial year, and a diamond for the days due."
    )
    return described(axes, in_words(frame, title, what, lines))


@own_style()
def time_by_role(summary: pd.DataFrame, frame: Frame) -> Axes:
    """Draw the share of each role's time that the work takes, the busiest role as bars; see :func:`workload`."""
    from sim.runs.measures import USED

    means, low, high = (
        wide(summary, frame, column).filter(regex=f"^{USED}").dropna(axis="columns", how="all")
        for column in ("mean", "p10", "p90")
    )
    axes = canvas().subplots()
    places = range(len(frame.years))
    if means.empty:
        title = "No role has any time for this programme"
        finish(axes, frame, title, "Share of time")
        return described(axes, in_words(frame, title, "No role has any time.", []))
    busiest, *others = means.max().sort_values(ascending=False).index
    axes.bar(places, means[busiest], color=BLUE, alpha=0.35, width=BAR)
    axes.vlines(places, low[busiest], high[busiest], color=GREY, linewidth=2)
    labels = [(float(means[busiest].iloc[-1]), people_of(busiest.removeprefix(USED)), BLUE)]
    for name, colour in zip(others, cycle((TEAL, PLUM, ORANGE)), strict=False):
        axes.plot(places, means[name], color=colour, linewidth=2, marker="o", markersize=5)
        labels.append((float(means[name].iloc[-1]), people_of(name.removeprefix(USED)), colour))
    axes.hlines(1.0, -BAR / 2, len(places) - 1 + BAR / 2, color=GREY, linewidth=1, linestyle="--")
    labels.append((1.0, "All of their time", GREY))
    use = means[busiest].dropna()
    who = people_of(busiest.removeprefix(USED))
    when = frame.name(str(use.idxmax()))
    title = f"The busiest role is {who}: the work takes {share(use.max())} of their time in {when}"
    if not use.max():
        title = f"No role has any work in {when}" if len(frame.years) == 1 else "No role has any work in any year"
    finish(axes, frame, title, f"Share of time that the work takes (mean; line on a bar: {frame.range})")
    axes.yaxis.set_major_formatter(lambda part, _: share(part))
    axes.set_xticks(list(places), frame.names)
    label_beside(axes, labels, len(places) - 1 + BAR / 2)
    lines = [
        f"{frame.name(year)}: "
        + "; ".join(
            f"{people_of(name.removeprefix(USED))} {share(means[name][year])} ({share(low[name][year])} to "
            f"{share(high[name][year])})"
            for name in (busiest, *others)
            if means[name][year] == means[name][year]
        )
        for year in frame.years
    ]
    what = (
        f"For each financial year, a bar for the mean share of the busiest role, with its range ({frame.range}), and a "
        "line with dots for each other role."
    )
    return described(axes, in_words(frame, title, what, lines))


@own_style()
def weekly_peak(summary: pd.DataFrame, frame: Frame) -> Axes:
    """Draw the most inspectors on site in one week of each year; see :func:`workload`."""
    p10, mean, p90 = (wide(summary, frame, column)["peak_week_inspectors"] for column in ("p10", "mean", "p90"))
    axes = canvas().subplots()
    places = range(len(frame.years))
    axes.vlines(places, p10, p90, color=BLUE, linewidth=9, alpha=0.35)
    axes.plot(places, mean, color=BLUE, linestyle="none", marker="o", markersize=9)
    for place, (middle, high) in enumerate(zip(mean, p90, strict=True)):
        label_above(axes, count(middle), (place, high), ha="center", above=6)
    most, least = frame.name(str(mean.idxmax())), frame.name(str(mean.idxmin()))
    title = f"In the busiest week of {most}, {count(mean.max())} inspectors are on site on average"
    if count(mean.max()) != count(mean.min()):
        title += f"; in that of {least}, {count(mean.min())}"
    finish(axes, frame, title, f"Inspectors on site in the busiest week (mean; bar: {frame.range})")
    axes.set_xticks(list(places), frame.names)
    axes.set_xlim(-0.6, len(places) - 0.4)
    axes.set_ylim(0, max(1.0, float(p90.max())) * 1.15)
    lines = [
        f"{frame.name(year)}: {count(mean[year])} ({frame.range}: {count(p10[year])} to {count(p90[year])})"
        for year in frame.years
    ]
    what = (
        f"For each financial year, a dot for the mean of the runs and a bar for the range ({frame.range}). Engagement "
        "meetings are left out."
    )
    return described(axes, in_words(frame, title, what, lines))
