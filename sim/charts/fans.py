"""Draw fans: a measure over the years with the range of its runs, and the two parts of that range."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING

from sim.base.faults import Fault, InputError, nearest
from sim.base.figures import count, plain_words, share, value
from sim.charts.drawing import (
    BLUE,
    GREY,
    HEIGHT,
    WIDTH,
    Side,
    canvas,
    described,
    headline,
    label_above,
    open_frame,
    own_style,
    unit_of,
)
from sim.charts.years import finish, in_words, outer, wide
from sim.inputs.grades import Grades
from sim.runs.frame import Frame

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def _two_parts_of(grades: Grades) -> dict[str, str]:
    """Return the measures in the chart of both parts, with their names."""
    return {
        "inspector_days_due": "inspector-days due",
        "utilisation": "utilisation",
        f"authorities_{grades.worst}": f"authorities judged {plain_words(grades.worst)}",
        "authority_days_below_judgement": "authority-days below the judgement",
    }


def _in_unit(figure: float, unit: str) -> str:
    """Return a figure in its unit; none in a year with nothing to measure."""
    return "none" if isnan(figure) else value(float(figure), unit)


def draw_fan(
    axes: Axes,
    low: pd.Series[float],
    middle: pd.Series[float],
    high: pd.Series[float],
    colour: str,
    sign: str = "",
) -> None:
    """Draw a line and a band over the years, with the first and last labelled; a dot and a bar for one year."""
    places = range(len(middle))
    if len(middle) == 1:
        axes.vlines(places, low, high, color=colour, linewidth=9, alpha=0.35)
        axes.plot(places, middle, color=colour, linestyle="none", marker="o", markersize=9)
        if not isnan(middle.iloc[0]):
            label_above(axes, count(middle.iloc[0]) + sign, (0, middle.iloc[0]), ha="center", above=6)
        axes.set_xlim(-1, 1)
        return
    axes.fill_between(places, low, high, color=colour, alpha=0.25, linewidth=0)
    axes.plot(places, middle, color=colour, linewidth=2.5)
    sides: tuple[tuple[int, Side], ...] = ((0, "left"), (len(middle) - 1, "right"))
    for place, side in sides:
        if not isnan(middle.iloc[place]):
            label_above(axes, count(middle.iloc[place]) + sign, (place, middle.iloc[place]), ha=side, above=4)


@own_style()
def fan(summary: pd.DataFrame, measure: str, frame: Frame) -> Axes:
    """Draw any measure over the years: its mean, and the range of the runs.

    Parameters
    ----------
    summary : pandas.DataFrame
        Table as in ``summary.csv``.
    measure : str
        Name of the measure; ``python -m sim list`` shows all names.
    frame : Frame
        Years to show.

    Returns
    -------
    matplotlib Axes
        The chart; :func:`sim.charts.alternative` returns its text alternative.

    Raises
    ------
    InputError
        If there is no such measure.
    """
    measures = set(summary["measure"])
    if measure not in measures:
        raise InputError([Fault("fan", "measure", measure, nearest(measure, measures))])
    low, middle, high = (wide(summary, frame, column)[measure] for column in ("p10", "mean", "p90"))
    unit, scale = unit_of(measure), 100 if unit_of(measure) == "share" else 1
    axes = canvas().subplots()
    draw_fan(axes, scale * low, scale * middle, scale * high, BLUE, "%" if scale > 1 else "")
    name = plain_words(measure)
    first, last = (_in_unit(middle[year], unit) for year in outer(frame))
    title = f"{name[0].upper()}{name[1:]}: {first} in {frame.name(frame.years[0])}"
    title += f", {last} in {frame.name(frame.years[-1])}" if len(frame.years) > 1 else ""
    finish(axes, frame, title, f"{name}, {'%' if scale > 1 else unit} (line: mean; band: {frame.range})")
    axes.set_xticks(list(range(len(frame.years))), frame.names)
    lines = [
        f"{frame.name(year)}: {at_middle} ({at_low} to {at_high})"
        for year in frame.years
        for at_low, at_middle, at_high in [[_in_unit(each[year], unit) for each in (low, middle, high)]]
    ]
    what = f"A line for the mean of each financial year, in a band that holds {frame.range}."
    return described(axes, in_words(frame, title, what, lines))


@own_style()
def two_parts(summary: pd.DataFrame, variance: pd.DataFrame, frame: Frame) -> list[Axes]:
    """Draw four measures with both parts of the range: uncertainty about the parameters, and chance on top.

    Parameters
    ----------
    summary, variance : pandas.DataFrame
        Tables as in ``summary.csv`` and ``variance.csv``.
    frame : Frame
        Years to show.

    Returns
    -------
    list of matplotlib Axes
        The chart; its text alternative is that of :func:`sim.charts.alternative`.
    """
    both = [wide(summary, frame, column) for column in ("p10", "mean", "p90")]
    alone = [wide(variance, frame, column) for column in ("parameters_p10", "parameters_p90")]
    shares, least, most = (wide(variance, frame, name) for name in ("share_from_parameters", "ci_low", "ci_high"))
    figure = canvas(WIDTH, HEIGHT + 1.2)
    panels = figure.subplots(2, 2)
    lines = []
    told = _two_parts_of(frame.grades)
    for axes, (measure, words) in zip(panels.flat, told.items(), strict=True):
        _fan_of_both(axes, frame, [each[measure] for each in both], [each[measure] for each in alone], measure)
        made_up = _share_and_range(*(each[measure].iloc[-1] for each in (shares, least, most)))
        heading = f"{words[0].upper()}{words[1:]}\n{made_up} of the variance in {frame.name(frame.years[-1])}"
        axes.set_title(heading, fontsize=10, color=GREY, fontweight="bold", loc="left")
        shown = share if unit_of(measure) == "share" else count
        for year in frame.years:
            low, middle, high = (shown(each[measure][year]) for each in both)
            inner = [each[measure][year] for each in alone]
            known = "none" if isnan(inner[0]) else " to ".join(shown(end) for end in inner)
            lines.append(f"{words}, {frame.name(year)}: {middle}, both parts {low} to {high}, parameters only {known}")
    (first, words), last = next(iter(told.items())), frame.name(frame.years[-1])
    title = (
        f"Uncertainty about the parameters accounts for {_share_and_range(shares[first].iloc[-1])} of the variance of "
        f"{words} in {last}"
    )
    headline(figure, title)
    legend = f"Line: mean. Pale: {frame.range}, both parts. Hatched: eight draws in ten, chance averaged out."
    figure.supxlabel(f"{legend} {frame.footnote}".strip(), fontsize=9, color=GREY)
    what = (
        "Four panels with the mean over the years. The pale band holds chance and uncertainty about the parameters "
        "that are drawn. The hatched band inside it holds uncertainty about the parameters only."
    )
    return described(list(panels.flat), in_words(frame, title, what, lines))


def _fan_of_both(
    axes: Axes, frame: Frame, both: Sequence[pd.Series[float]], alone: Sequence[pd.Series[float]], measure: str
) -> None:
    """Draw the mean, a pale band for both parts, and a hatched band for the parameters only."""
    scale = 100 if unit_of(measure) == "share" else 1
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
    ends = outer(frame)[: len(sides)]
    axes.set_xticks([frame.years.index(year) for year in ends], [frame.name(year) for year in ends])
    for tick, side in zip(axes.get_xticklabels(), sides, strict=True):
        tick.set_horizontalalignment(side)
    axes.yaxis.set_major_formatter("{x:,.6g}%" if scale > 1 else "{x:,.6g}")
    open_frame(axes)


def _share_and_range(value: float, *ends: float) -> str:
    """Return a share with its interval, or a word where there is nothing to take a share of."""
    if isnan(value):
        return "nothing"
    return f"{share(value)} ({' to '.join(share(end) for end in ends)})" if ends else share(value)
