"""Draw the paired differences of a scenario from its base."""

from __future__ import annotations

import textwrap
from math import isnan
from typing import TYPE_CHECKING

from sim.base.figures import plain_words, signed
from sim.charts.drawing import BLUE, GREY, HEIGHT, WIDTH, canvas, described, headline, open_frame, own_style, told
from sim.statistics.intervals import CONFIDENCE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

PANELS = 6
"""Most measures in the chart of a comparison."""
ACROSS = 3
"""Most panels in a row; four panels make two rows of two."""


@own_style()
def paired_differences(rows: pd.DataFrame, name: str, base: str) -> list[Axes]:
    """Draw the differences of a scenario from its base by year, with intervals, in a panel for each of six measures.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of one scenario that Holm's procedure covers, as in ``comparison.csv``.
    name, base : str
        Names of the scenario and its base.

    Returns
    -------
    list of matplotlib Axes
        The chart; :func:`sim.charts.alternative` returns its text alternative. It shows the six measures
        whose differences chance explains least.
    """
    beyond = rows["p_holm"] <= 1 - CONFIDENCE
    clearest = rows.groupby("measure", sort=False)["p_holm"].min().sort_values(kind="stable").index[:PANELS]
    many = max(1, len(clearest))
    across = 2 if many == ACROSS + 1 else min(ACROSS, many)
    down = -(-many // across)
    figure = canvas(WIDTH, (HEIGHT + 1) * (1 + down) / 3)
    panels = figure.subplots(down, across, squeeze=False)
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
        axes.set_title(f"{textwrap.fill(plain_words(str(measure)), 34)}\n{unit}", fontsize=9, color=GREY, loc="left")
        axes.yaxis.set_major_formatter("{x:,.6g}")
        open_frame(axes)
        lines += [
            f"{plain_words(str(measure))}, {row.financial_year}: {signed(row.difference, row.unit)}"
            + (
                ""
                if isnan(row.holm_low)
                else f" ({signed(row.holm_low, row.unit)} to {signed(row.holm_high, row.unit)})"
            )
            for row in panel.itertuples()
        ]
    for axes in list(panels.flat)[len(clearest) :]:
        axes.set_visible(False)
    verb = "is" if beyond.sum() == 1 else "are"
    clear = f"{int(beyond.sum())} of {len(rows)} differences {verb} larger than chance explains"
    title = f"{name} compared with {base}: {clear}"
    headline(figure, title)
    figure.supxlabel(
        "Filled: larger than chance explains (Holm's procedure); bars: 95% intervals", fontsize=9, color=GREY
    )
    what = "A panel for each of up to six measures, with a dot and an interval for each year, and a line at zero."
    return described(list(panels.flat), told(title, what, lines))
