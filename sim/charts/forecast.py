"""Draw a forecast and what happened."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.charts.drawing import BLUE, GREY, ORANGE, canvas, described, own_style, told

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.analysis.scored_forecast import BackTest, Point

PANELS = (
    ("inspections_started", "all", "Full inspections begun"),
    ("judgements_older_than_3_5_years", "all", "Judgements older than 3.5 years"),
    ("judgement_mix", "inadequate", "Judged inadequate, of those judged"),
    ("judgement_mix", "good", "Judged good, of those judged"),
    ("months_between_inspections", "all", "Months between inspections, median"),
    ("most_on_site", "all", "Most full inspections on site in one week"),
)
"""Panels of the chart: measure, group and heading."""


@own_style()
def forecast(found: BackTest) -> list[Axes]:
    """Draw six panels with each figure's range of eight and of five runs in ten, and what happened."""
    from sim.analysis.programme_figures import MEASURES

    figure = canvas(13.0, 7.4)
    panels = figure.subplots(2, 3)
    counted = found.counted
    inside = sum(point.in_eighty for point in counted)
    title = (
        f"{inside} of {len(counted)} figures lie inside the range of the forecast of {found.span.first:%B %Y} "
        "(eight runs in ten)"
    )
    figure.suptitle(title, fontsize=13, fontweight="bold", x=0.01, ha="left")
    lines = []
    for axes, (measure, of, heading) in zip(panels.flat, PANELS, strict=True):
        points = [
            point for point in found.points if point.figure[:2] == (measure, of) and " to " not in point.figure.period
        ]
        _panel(axes, points, heading, MEASURES[measure][0])
        lines += [_line(heading, point, MEASURES[measure][0]) for point in points]
    handles, labels = panels.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=5, frameon=False)
    what = "A panel for each of six measures, with the range of the runs and a mark for what happened in each period."
    return described(list(panels.flat), told(title, what, lines))


def _line(heading: str, point: Point, unit: str) -> str:
    from sim.analysis.scored_forecast import number

    low, *_, high = (number(each, unit) for each in point.quantiles)
    return f"{heading}, {point.figure.period}: {number(point.observed, unit)}; eight runs in ten {low} to {high}."


def _panel(axes: Axes, points: Sequence[Point], heading: str, unit: str) -> None:
    scale = 100 if unit == "share" else 1
    for place, point in enumerate(points):
        low, first, middle, third, high = (scale * each for each in point.quantiles)
        named = place == 0
        axes.plot([place, place], [low, high], color=BLUE, linewidth=2, label="eight runs in ten" if named else None)
        axes.plot(
            [place, place], [first, third], color=BLUE, linewidth=7, solid_capstyle="butt", alpha=0.6,
            label="five runs in ten" if named else None,
        )  # fmt: skip
        axes.plot([place], [middle], marker="_", markersize=14, color=BLUE)
        axes.plot(
            [place], [scale * point.observed], marker="D", markersize=8, linestyle="none", color=ORANGE,
            markeredgecolor=GREY, label="what happened" if named else None,
        )  # fmt: skip
    axes.set_xticks(range(len(points)), [_tick(point.figure.period) for point in points])
    axes.set_title(heading, loc="left", fontsize=10)
    axes.set_ylabel("per cent" if unit == "share" else unit)
    axes.margins(x=0.15, y=0.1)
    axes.set_ylim(bottom=0)
    axes.spines[["top", "right"]].set_visible(False)


def _tick(period: str) -> str:
    """Return a financial year unchanged, and a day as its month and year."""
    return period if period.count("-") == 1 else f"{datetime.date.fromisoformat(period):%b %Y}"
