"""Draw the scenarios of a study together, for comparison."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from sim.base.calendar import financial_year
from sim.base.figures import day_in_words, more_or_less, plain_words, range_name, short_day, value
from sim.charts.drawing import (
    BLUE,
    GREY,
    LILAC,
    ORANGE,
    PLUM,
    TEAL,
    UNIT,
    WIDTH,
    Label,
    canvas,
    described,
    headline,
    label_above,
    label_beside,
    open_frame,
    own_style,
    plain,
    spread_out,
    told,
    unit_of,
)
from sim.charts.workload import stack

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from sim.analysis.study import Study

STYLES = (
    (BLUE, "-", "o"),
    (ORANGE, "--", "s"),
    (PLUM, "-.", "^"),
    (TEAL, ":", "D"),
    (LILAC, "-", "v"),
    (GREY, "--", "P"),
    (BLUE, ":", "X"),
    (ORANGE, "-.", "*"),
)
"""Colour, line and mark of each scenario, so that they differ by more than colour."""
Named = tuple[str, float, float, str]
"""Name of a point, its horizontal and vertical position, and its colour."""
BELOW = 0.025
"""Room below zero, as a share of the height shown."""
NAME_GAP = 0.05
"""Smallest distance between two names beside a chart, as a share of its height."""


@own_style()
def over_years(
    study: Study,
    measure: str,
    title: str,
    words: str,
    names: Mapping[str, str],
    observed: Mapping[str, float] | None = None,
    years: Sequence[str] | None = None,
) -> Axes:
    """Draw a measure over the years in several scenarios: the mean, and a band of eight runs in ten.

    Parameters
    ----------
    study : Study
        The study.
    measure : str
        Name of the measure.
    title, words : str
        Message of the chart, and label of the axis.
    names : mapping of str to str
        Scenarios to show, with their labels.
    observed : mapping of str to float, optional
        Published figures, by financial year.
    years : sequence of str, optional
        Years to show; by default the whole years.
    """
    shown = study.years if years is None else list(years)
    axes = canvas().subplots()
    scale = 100 if unit_of(measure) == "share" else 1
    labels: list[Label] = []
    lines = []
    most = 0.0
    for (name, called), (colour, line, mark) in zip(names.items(), cycle(STYLES)):
        table = scale * study.by_year(name, measure, shown)
        places = [shown.index(year) for year in table.index]
        single = len(places) == 1
        axes.fill_between(places, table["p10"], table["p90"], color=colour, alpha=0.13, linewidth=0)
        axes.plot(places, table["mean"], color=colour, linestyle="none" if single else line, linewidth=2.2, marker=mark)
        labels.append((float(table["mean"].iloc[-1]), called, colour))
        most = max(most, float(table["p90"].max()))
        lines += [
            f"{called}, {year}: {value(row['mean'] / scale, unit_of(measure))} "
            f"({value(row['p10'] / scale, unit_of(measure))} to {value(row['p90'] / scale, unit_of(measure))})"
            for year, row in table.iterrows()
        ]
    if observed:
        known = [(shown.index(year), scale * figure) for year, figure in observed.items() if year in shown]
        axes.plot(*zip(*known, strict=True), color="black", linestyle="none", marker="X", markersize=10, zorder=5)
        if known:
            at, height = known[-1]
            label_above(axes, "published", (at, height), ha="left", above=9)
            most = max(most, *(height for _, height in known))
        lines += [f"published, {year}: {value(figure, unit_of(measure))}" for year, figure in observed.items()]
    axes.set_ylim(-BELOW * most, 1.08 * most or 1)  # so that a line along zero and its label stay clear of the axis
    band = range_name(len(study.replications))
    plain(axes, shown, title, f"{words} (line: mean; band: {band})", "%" if scale > 1 else "")
    label_beside(axes, labels, len(shown) - 1)
    what = f"A line for each scenario over the financial years: the mean, in a band of {band}."
    return described(axes, told(title, what, lines))


@own_style()
def beside(study: Study, title: str, names: Mapping[str, str]) -> Axes:
    """Draw the inspector-days of a year by kind of work, with a bar for each scenario."""
    axes = canvas().subplots()
    places = range(len(names))
    bottom = np.zeros(len(names))
    labels: list[Label] = []
    lines = []
    for words, kinds, colour, hatch in stack(study.measures):
        days = np.array([sum(study.mean(name, f"inspector_days_{kind}").mean for kind in kinds) for name in names])
        axes.bar(places, days, bottom=bottom, color=colour, hatch=hatch, edgecolor="white", width=0.5)
        labels.append((float(bottom[-1] + days[-1] / 2), words, GREY))
        lines += [f"{called}, {words.lower()}: {day:,.0f}" for called, day in zip(names.values(), days, strict=True)]
        bottom = bottom + days
    for place, total in zip(places, bottom, strict=True):
        label_above(axes, f"{total:,.0f}", (place, total), ha="center", above=3)
    axes.set_ylim(0, 1.12 * float(bottom.max()) or 1)
    plain(
        axes, [textwrap.fill(called, 18) for called in names.values()], title, "Inspector-days worked in a year, mean"
    )
    label_beside(axes, labels, len(names) - 1 + 0.25)
    what = "A bar for each scenario, stacked by kind of work: mean inspector-days in a year."
    return described(axes, told(title, what, lines))


@own_style()
def frontier(
    study: Study,
    cost: str,
    gain: str,
    title: str,
    words: tuple[str, str],
    names: Mapping[str, str],
    best: Sequence[str],
    years: Sequence[str] | None = None,
) -> Axes:
    """Draw scenarios as points of cost and result, with 95% intervals; a line joins the best.

    Parameters
    ----------
    study : Study
        The study.
    cost, gain : str
        Measures on the horizontal and the vertical axis; less of either is better.
    title : str
        Message of the chart.
    words : tuple of str
        Labels of the axes.
    names : mapping of str to str
        Scenarios to show, with their labels.
    best : sequence of str
        Scenarios that no other beats on both measures, cheapest first.
    years : sequence of str, optional
        Years to average over; by default the whole years.
    """
    axes = canvas().subplots()
    lines = []
    named: list[Named] = []
    for (name, called), (colour, _, mark) in zip(names.items(), cycle(STYLES)):
        across, up = study.mean(name, cost, years), study.mean(name, gain, years)
        spread = [each.half_width() if each.groups > 1 else 0.0 for each in (across, up)]
        axes.errorbar(
            across.mean, up.mean, xerr=spread[0], yerr=spread[1], color=colour, marker=mark, markersize=9, capsize=3,
            linestyle="none", zorder=3,
        )  # fmt: skip
        named.append((called, across.mean, up.mean, colour))
        lines.append(
            f"{called}: {value(across.mean, unit_of(cost))} {unit_of(cost)}, "
            f"{value(up.mean, unit_of(gain))} {unit_of(gain)}"
            + (" (no other is better on both)" if name in best else "")
        )
    points = [(study.mean(name, cost, years).mean, study.mean(name, gain, years).mean) for name in best]
    axes.plot(*zip(*points, strict=True), color=GREY, linewidth=1.2, linestyle="--", zorder=1)
    plain(axes, None, title, words[1])
    axes.set_xlabel(words[0])
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.margins(x=0.05, y=0.08)
    name_beside(axes, named)
    what = (
        "A point for each policy with its 95% intervals. A dashed line joins the policies that no other beats on both."
    )
    return described(axes, told(title, what, lines))


def name_beside(axes: Axes, named: Sequence[Named]) -> None:
    """Put names beside the axes, spread apart, each with a line to its point."""
    low, high = axes.get_ylim()
    ordered = sorted((each for each in named if not np.isnan(each[2])), key=lambda each: each[2])
    places = spread_out([(up - low) / (high - low) for _, _, up, _ in ordered], NAME_GAP)
    for (called, across, up, colour), place in zip(ordered, places, strict=True):
        axes.annotate(
            called, xy=(across, up), xytext=(1.03, place), textcoords="axes fraction", ha="left", va="center",
            color=colour, fontsize=9, fontweight="bold",
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "alpha": 0.6},
        )  # fmt: skip


@own_style()
def side_by_side(
    study: Study,
    measures: Mapping[str, tuple[str, float]],
    title: str,
    names: Mapping[str, str],
    alike: Mapping[str, str],
    years: Sequence[str] | None = None,
) -> list[Axes]:
    """Draw several measures, a panel each, with a bar, a 95% interval and a figure for each scenario.

    Parameters
    ----------
    study : Study
        The study.
    measures : mapping of str to (str, float)
        Measures from left to right, each with its heading and the number that its figures are divided by.
    title : str
        Message of the chart.
    names : mapping of str to str
        Scenarios from top to bottom, with their labels.
    alike : mapping of str to str
        A word for each scenario; scenarios with the same word have the same colour.
    years : sequence of str, optional
        Years to average over; by default the whole years.
    """
    figure = canvas(WIDTH, TITLE_ROOM + BAR_ROOM + ROW * len(names))
    row = figure.subplots(1, len(measures), sharey=True, squeeze=False)
    colours = dict(zip(dict.fromkeys(alike[name] for name in names), cycle([colour for colour, _, _ in STYLES])))
    lines = []
    for axes, (measure, (words, divided_by)) in zip(row[0], measures.items(), strict=True):
        found = {name: study.mean(name, measure, years) for name in names}
        most = max((mean.mean / divided_by for mean in found.values()), default=0.0) or 1.0
        for place, (name, mean) in enumerate(found.items()):
            length = reach = mean.mean / divided_by
            figure_shown = value(length, unit_of(measure))
            axes.barh(place, length, height=0.62, color=colours[alike[name]])
            if mean.groups > 1:
                low, high = (min(max(0.0, end / divided_by), FARTHEST * most) for end in mean.interval())
                axes.plot((low, high), (place, place), color=GREY, linewidth=1.2)
                reach = max(length, high)
            axes.annotate(
                figure_shown, (reach, place), (4, 0), textcoords="offset points", va="center", color=GREY, fontsize=9,
                fontweight="bold",
            )  # fmt: skip
            lines.append(f"{names[name]}: {words[0].lower()}{words[1:]} {figure_shown}")
        axes.set_title(textwrap.fill(words, 24), fontsize=10, color=GREY, fontweight="bold", loc="left")
        axes.set_xlim(0, FARTHEST * most * 1.2)
        axes.set_xticks([])
        axes.spines[["top", "right", "bottom"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
    row[0][0].set_yticks(range(len(names)), list(names.values()))
    row[0][0].set_ylim(len(names) - 0.4, -0.6)
    headline(figure, title)
    figure.supxlabel("Line: 95% interval of the mean, cut off at zero and far beyond the bars", fontsize=9, color=GREY)
    what = "A panel for each measure, with a bar for each scenario and the 95% interval of its mean."
    return described(list(row[0]), told(title, what, lines))


ROW, BAR_ROOM = 0.42, 0.7
"""Height of a bar with its room, and of the words above and below the bars, in inches."""
FARTHEST = 1.5
"""Longest interval drawn, as a multiple of the longest bar."""


@own_style()
def panels(study: Study, measures: Mapping[str, str], title: str, names: Mapping[str, str]) -> list[Axes]:
    """Draw several measures over the years, a panel each, with a line for each scenario."""
    figure = canvas()
    row = figure.subplots(1, len(measures))
    lines = []
    named: list[Named] = []
    for axes, (measure, words) in zip(np.atleast_1d(row), measures.items(), strict=True):
        named = []
        scale = 100 if unit_of(measure) == "share" else 1
        for (name, called), (colour, line, mark) in zip(names.items(), cycle(STYLES)):
            table = scale * study.by_year(name, measure)
            places = [study.years.index(year) for year in table.index]
            axes.plot(places, table["mean"], color=colour, linestyle=line, marker=mark, markersize=5)
            named += [(called, places[-1], float(table["mean"].iloc[-1]), colour)] if places else []
            lines += [
                f"{words}, {called}, {year}: {value(mean / scale, unit_of(measure))}"
                for year, mean in table["mean"].items()
            ]
        axes.set_title(textwrap.fill(words, 34), fontsize=10, color=GREY, fontweight="bold", loc="left")
        outer = sorted({0, len(study.years) - 1})
        axes.set_xticks(outer, [study.years[place] for place in outer])
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_formatter("{x:,.4g}%" if scale > 1 else "{x:,.6g}")
        open_frame(axes)
    headline(figure, title)
    name_beside(np.atleast_1d(row)[-1], named)
    what = "A panel for each measure, with a line for the mean of each scenario over the financial years."
    return described(list(np.atleast_1d(row)), told(title, what, lines))


@own_style()
def differences(study: Study, measure: str, title: str, unit: str, names: Mapping[str, str]) -> Axes:
    """Draw the difference of each scenario from the base in a measure, with its 95% interval.

    Parameters
    ----------
    study : Study
        The study.
    measure : str
        Name of the measure.
    title : str
        Message of the chart.
    unit : str
        Label of the axis.
    names : mapping of str to str
        Labels of the scenarios without the base, from top to bottom.
    """
    found = {name: study.difference(name, measure) for name in names}
    axes = canvas(WIDTH, 1.6 + 0.42 * len(names)).subplots()
    for place, mean in enumerate(found.values()):
        low, high = mean.interval()
        clear = low > 0 or high < 0
        colour = GREY if not clear else ORANGE if mean.mean > 0 else TEAL
        axes.plot((low, high), (place, place), color=colour, linewidth=2)
        axes.plot(mean.mean, place, "o" if clear else "s", color=colour, markersize=7)
    axes.axvline(0, color=GREY, linewidth=1)
    plain(axes, None, title, "")
    axes.set_yticks(range(len(names)), list(names.values()))
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel(unit)
    axes.grid(axis="x", alpha=0.3)
    usual = value(study.mean(study.base, measure).mean, unit_of(measure))
    lines = [
        f"{study.base}: {usual} ({unit_of(measure)})",
        *(f"{names[name]}: {more_or_less(mean, unit_of(measure))}" for name, mean in found.items()),
    ]
    what = (
        f"The difference in {plain_words(measure)} from {study.base}, mean over the years and over pairs of runs with "
        "the same random events, with its 95% interval. Orange: higher than chance explains. Teal: lower. Grey square: "
        "may be chance."
    )
    return described(axes, told(title, what, lines))


@own_style()
def by_week(
    weekly: Mapping[str, pd.DataFrame], title: str, unit: str, band: str, busiest: Mapping[str, Sequence[int]]
) -> list[Axes]:
    """Draw a figure by week in several scenarios, a panel each: mean, band, and labels for the busiest weeks.

    Parameters
    ----------
    weekly : mapping of str to pandas.DataFrame
        For each scenario, by its label, a table with a row for each week and the columns week, mean, p10 and p90.
    title, unit, band : str
        Message of the chart, label of the axis, and words for the band.
    busiest : mapping of str to sequence of int
        Rows of each table that the chart labels.
    """
    figure = canvas(WIDTH, PANEL * len(weekly) + TITLE_ROOM)
    grid = figure.subplots(len(weekly), 1, sharex=True, sharey=True, squeeze=False)
    highest = max(float(table["p90"].max()) for table in weekly.values())
    lines = []
    for axes, (called, table), (colour, _, _) in zip(grid[:, 0], weekly.items(), STYLES, strict=False):
        weeks, is_open = table["week"], table["mean"] > 0  # a closed week is a gap
        low, high, mean = (table[name].where(is_open) for name in ("p10", "p90", "mean"))
        axes.fill_between(weeks, low, high, step="post", color=colour, alpha=0.3, linewidth=0)
        axes.step(weeks, mean, where="post", color=colour, linewidth=1.2)
        axes.set_title(called, fontsize=10, color=colour, fontweight="bold", loc="left")
        named: list[int] = []
        for place in busiest[called]:
            if any(abs(place - other) < LABEL_ACROSS * len(table) for other in named):
                continue  # its label would cover the other; the text has both
            named.append(place)
            row = table.iloc[place]
            words = f"{row['mean']:.0f} in the week of {short_day(row['week'])}"
            label_above(axes, words, (row["week"], row["p90"]), ha="left", above=3)
        open_frame(axes)
        axes.set_axisbelow(True)
        years = np.array([financial_year(week.date()) for week in weeks])
        lines += [
            f"{called}, {year}: most in the week of {day_in_words(row['week'])}, {row['mean']:.1f} "
            f"({row['p10']:.1f} to {row['p90']:.1f})"
            for year in dict.fromkeys(years)
            for row in [table.iloc[int(np.where(years == year, table["mean"], -1.0).argmax())]]
        ]
    last, mondays = grid[-1, 0], next(iter(weekly.values()))["week"].to_numpy()
    begins = np.arange(mondays[0].astype("datetime64[Y]"), mondays[-1].astype("datetime64[Y]") + np.timedelta64(1, "Y"))
    last.set_ylim(0, LABEL_ROOM * highest or 1)
    last.set_xlim(begins[0].astype("datetime64[D]"), mondays[-1])
    last.set_xticks(begins.astype("datetime64[D]"), [str(year) for year in begins])
    headline(figure, title)
    figure.supylabel(textwrap.fill(f"{unit} (line: mean; band: {band}; gap: nobody)", UNIT), fontsize=10)
    what = f"A panel for each scenario, with the mean of every week in a band of {band}"
    return described(list(grid[:, 0]), told(title, f"{what}. The busiest week of each financial year:", lines))


PANEL, TITLE_ROOM = 1.9, 1.0
"""Height of one of several panels, and of the title above them, in inches."""
LABEL_ACROSS = 0.25
"""Width of a week's label, as a share of the axis."""
LABEL_ROOM = 1.25
"""Height of a panel's axis, as a multiple of the highest point, so that its label fits."""
