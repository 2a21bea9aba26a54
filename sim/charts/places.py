"""Draw where the actual figures lie within their forecasts: a histogram that is flat if the ranges are right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.charts.drawing import BLUE, GREY, canvas, described, own_style, told

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.analysis.pooled import Pooled


@own_style()
def places_in_forecast(found: Pooled) -> list[Axes]:
    """Draw the share of figures in each tenth of their forecast, for inspections begun and for all measures."""
    from sim.analysis.pooled import BEGUN, inside

    shown = ((BEGUN, "Full inspections begun"), (None, "Every measure"))
    figure = canvas(11.0, 4.6)
    panels = figure.subplots(1, 2, sharey=True)
    begun = found.points(BEGUN)
    title = f"{inside(begun)} of {len(begun)} counts of inspections lie inside the ranges of forecasts from past years"
    figure.suptitle(title, fontsize=13, fontweight="bold", x=0.01, ha="left")
    lines = []
    for axes, (measure, heading) in zip(panels.flat, shown, strict=True):
        shares = 100 * found.histogram(measure)
        bins = len(shares)
        axes.bar(np.arange(bins) + 0.5, shares, width=0.92, color=BLUE)
        axes.axhline(100 / bins, color=GREY, linestyle="--")
        axes.set_title(f"{heading}, {len(found.points(measure))} figures", loc="left", fontsize=10)
        axes.set_xticks(range(0, bins + 1, 2), [f"{100 * edge // bins}%" for edge in range(0, bins + 1, 2)])
        axes.set_xlabel("share of runs below the actual figure")
        axes.spines[["top", "right"]].set_visible(False)
        lines.append(f"{heading}, share of figures in each tenth: {', '.join(f'{each:.0f}%' for each in shares)}.")
    panels.flat[0].set_ylabel("per cent of figures")
    panels.flat[1].text(bins, 100 / bins, "if the ranges\nare right", ha="right", va="bottom", color=GREY)
    what = "The share of figures in each tenth of their forecast. If the ranges are right, each bar is a tenth."
    return described(list(panels.flat), told(title, what, lines))
