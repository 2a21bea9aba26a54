"""Draw what makes inspections late, year by year."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from math import isnan
from typing import TYPE_CHECKING

from sim.analysis.lateness import WAITED, Lateness
from sim.base.figures import LEAST_SAID, count, few, share
from sim.charts.drawing import BLUE, GREY, PLUM, TEAL, canvas, described, headline, own_style
from sim.charts.years import in_words, outer, wide
from sim.inputs.reasons import Group
from sim.runs.frame import Frame

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

ON_TIME, ALL = "Begun on time", "All late inspections"
ROWS: dict[Group, str] = {
    "backlog": "Waited for their turn in the backlog",
    "pause": "Waited for a pause to end",
    "limit": "No more were allowed on site",
    "lead_time": "No lead in post had time left",
    "lead_week": "No lead was free in the week",
    "team": "No whole team was found",
    "other": "Anything else",
}
"""Label of the bars of each group."""
NAME = 20
"""Longest line of a label, in letters."""
TALLEST = 0.68
"""Height of the tallest bar, as a share of a row; its figure stands above."""
NONE = 0.5
"""Late inspections in all years together below which almost none are late."""


@own_style()
def late_reasons(summary: pd.DataFrame, frame: Frame) -> Axes:
    """Draw the late inspections of each year, all and by what they mostly waited for; see :func:`workload`."""
    found = Lateness.of(summary, frame.years)
    if found is None:
        raise KeyError("inspections_late_backlog")  # as other charts do where a version had fewer measures
    figure = canvas()
    axes = figure.subplots()
    groups = [group for group in found.ordered() if max(found.because[group].values()) >= LEAST_SAID]
    on_time = {str(year): float(part) for year, part in wide(summary, frame, "mean")["inspections_on_time"].items()}
    most = max(*found.late.values(), 1.0)
    late: list[tuple[str, Mapping[str, float], str]] = [(ALL, found.late, BLUE)]
    late += [(ROWS[group], found.because[group], TEAL) for group in groups]
    rows: list[tuple[str, Mapping[str, float], float, str, Callable[[float], str]]]
    rows = [(ON_TIME, on_time, 1.0, PLUM, share), *((name, of, most, colour, few) for name, of, colour in late)]
    for row, (_, of_year, tallest, colour, written) in enumerate(rows):
        base = len(rows) - 1 - row
        heights = [TALLEST * (0.0 if isnan(of_year[year]) else of_year[year]) / tallest for year in frame.years]
        axes.bar(range(len(heights)), heights, bottom=base, width=0.62, color=colour)
        axes.hlines(base, -0.5, len(heights) - 0.5, color=GREY, linewidth=0.6)
        for place, (year, height) in enumerate(zip(frame.years, heights, strict=True)):
            if of_year[year] >= LEAST_SAID:
                axes.annotate(
                    written(of_year[year]), (place, base + height), (0, 1), textcoords="offset points", ha="center",
                    va="bottom", color=GREY, fontsize=9, fontweight="bold" if row < 2 else "normal",  # noqa: PLR2004
                )  # fmt: skip
    axes.set_yticks(
        [len(rows) - 1 - row + TALLEST / 3 for row in range(len(rows))],
        [textwrap.fill(name, NAME) for name, *_ in rows],
    )
    axes.tick_params(axis="y", length=0)
    axes.set_xticks(range(len(frame.years)), frame.names)
    axes.set_ylim(-0.05, len(rows))
    axes.set_xlim(-0.6, max(len(frame.years) - 0.4, 0.6))
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)
    unit = "Share on time, and late inspections, by the year of their latest date (mean per run)"
    axes.set_xlabel(f"{unit}. {frame.footnote}" if frame.footnote else unit, loc="left")
    title = message(found, frame, all(map(isnan, on_time.values())))
    headline(figure, title)
    low, high = (wide(summary, frame, column)["inspections_late"] for column in ("p10", "p90"))
    lines = [
        f"{frame.name(year)}: {_on_time(on_time[year])}{few(found.late[year])} start late ({frame.range}: "
        f"{count(low[year])} to {count(high[year])})"
        + "".join(
            f"; {few(number)} {WAITED[group]}"
            for group in groups
            for number in [found.because[group][year]]
            if number >= LEAST_SAID
        )
        for year in frame.years
    ]
    what = (
        "Bars for each financial year. The first row is the share of inspections that begin on time. Below it are all "
        "late inspections, and then those that mostly waited for each reason."
    )
    return described(axes, in_words(frame, title, what, lines))


def _on_time(part: float) -> str:
    return "" if isnan(part) else f"{share(part)} on time; "


def message(found: Lateness, frame: Frame, nothing_due: bool) -> str:
    """Return the message of the chart; ``nothing_due`` says that no inspection has its latest date in its years."""
    first, last = map(frame.name, outer(frame))
    when = f"in {first}" if first == last else f"from {first} to {last}"
    if nothing_due:
        return f"No inspection has its latest date {when}, so none can be late"
    if found.all_years < NONE:
        return f"Almost no inspection starts late {when}"
    told = [f"{share(found.of_group(group) / found.all_years)} {WAITED[group]}" for group in found.told()]
    return f"Of the late inspections {when}, {' and '.join(told)}"
