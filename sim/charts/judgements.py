"""Draw the published judgements of a study over the years."""

from __future__ import annotations

import textwrap
from itertools import cycle
from typing import TYPE_CHECKING

from sim.base.figures import count, share
from sim.charts.drawing import (
    BLUE,
    GREY,
    LILAC,
    ORANGE,
    PLUM,
    TEAL,
    UNIT,
    canvas,
    described,
    headline,
    open_frame,
    own_style,
)
from sim.charts.fans import draw_fan
from sim.charts.years import in_words, outer, wide
from sim.runs.frame import Frame

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COLOURS = (BLUE, TEAL, ORANGE, PLUM, GREY, LILAC)
"""Colours of the panels, from the best grade on; they repeat if there are more grades."""
LINE = 80
"""Letters of all panel headings together."""


@own_style()
def judgement_mix(summary: pd.DataFrame, frame: Frame) -> list[Axes]:
    """Draw the authorities with each published judgement at each year's end; see :func:`workload`."""
    p10, mean, p90 = (wide(summary, frame, column) for column in ("p10", "mean", "p90"))
    grades = frame.grades
    figure = canvas()
    panels = figure.subplots(1, len(grades), sharey=True)
    lines = []
    for axes, (judgement, called), colour in zip(panels, grades.name_of.items(), cycle(COLOURS)):
        name = f"authorities_{judgement}"
        draw_fan(axes, p10[name], mean[name], p90[name], colour)
        ends = [f"{frame.end_of(year):%b %Y}" for year in frame.years]
        if len(ends) == 1:
            axes.set_xticks([0], ends)
        else:
            axes.set_xticks([0, len(ends) - 1], [ends[0], ends[-1]])
            for tick, side in zip(axes.get_xticklabels(), ("left", "right"), strict=True):
                tick.set_ha(side)
        heading = textwrap.fill(called, LINE // len(grades))
        axes.set_title(heading, fontsize=11, color=GREY, fontweight="bold", loc="left")
        open_frame(axes)
        lines += [
            f"{called}, {frame.name(year)} (to {frame.end_of(year):%B %Y}): {count(mean[name][year])} "
            f"({count(p10[name][year])} to {count(p90[name][year])})"
            for year in frame.years
        ]
    panels[0].set_ylabel(textwrap.fill(f"Authorities (mean; band: {frame.range})", UNIT))
    panels[0].set_ylim(bottom=0)
    title = _good_or_outstanding(summary, frame)
    headline(figure, title)
    what = (
        "A panel for each published judgement, best first: mean and range of the number of authorities at the end of "
        "each year, or of the run."
    )
    return described(list(panels), in_words(frame, title, what, lines))


def _good_or_outstanding(summary: pd.DataFrame, frame: Frame) -> str:
    """Return the message of the chart, from means, because the medians of two judgements do not add up."""
    means, grades = wide(summary, frame, "mean"), frame.grades
    judged = means[[f"authorities_{judgement}" for judgement in grades.names]]
    good, everybody = judged.iloc[:, : grades.good].sum(axis=1), judged.sum(axis=1)
    called = " or ".join(name.lower() for name in reversed(grades.called[: grades.good]))
    first, last = ((share(good[year] / everybody[year]), f"{frame.end_of(year):%B %Y}") for year in outer(frame))
    if len(frame.years) == 1:
        return f"On average {first[0]} of authorities are {called} in {first[1]}"
    return f"On average {first[0]} of authorities are {called} in {first[1]}, and {last[0]} in {last[1]}"
