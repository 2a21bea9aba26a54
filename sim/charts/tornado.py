"""Draw a tornado chart: the effect of each number of low confidence on each measure, across its range."""

from __future__ import annotations

import textwrap
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.base.figures import listed, plain_words, value
from sim.charts.drawing import BLUE, GREY, LILAC, ORANGE, PLUM, WIDTH, canvas, described, headline, own_style, unit_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

ENDS = {
    "low": (LILAC, "//", PLUM, -0.14, "assumption at its 10% point (line: 95% interval)"),
    "high": (BLUE, "", BLUE, 0.14, "assumption at its 90% point (faint: may be chance)"),
}
"""For each end of a range: colour and hatch of its bar, colour of its interval and distance of that from the middle of
the bar (in bars), and words for the legend."""
BARS = 8
"""Most bars in a panel; the text has all."""
BAR_ROOM, PANEL_ROOM, TITLE_ROOM = 0.4, 0.9, 1.0
"""Heights of a bar, of a panel's heading and axis, and of the title and legend, in inches."""
NAME = 52
"""Longest line of an assumption's name, in letters."""
CHANCE = "may be chance"
THICK, FAINT = 0.66, 0.35
"""Height of a bar, and opacity of a bar that may be chance."""


@own_style()
def tornado(table: pd.DataFrame, stands: Mapping[str, float], means: Mapping[str, float]) -> list[Axes]:
    """Draw the expected measure at the 10% and 90% points of each assumption's range, longest bars first.

    Parameters
    ----------
    table : pandas.DataFrame
        Table from :func:`sim.analysis.sensitivity_table.correlations`, with at least one row.
    stands : mapping of str to float
        Each measure in the unchanged scenario, drawn as a dotted line.
    means : mapping of str to float
        Mean of each measure over the points, where the bars begin.
    """
    measures = list(dict.fromkeys(table["measure"]))
    rows = {measure: _longest_first(table[table["measure"] == measure]) for measure in measures}
    bars = [min(BARS, len(rows[measure])) for measure in measures]
    height = TITLE_ROOM + sum(PANEL_ROOM + BAR_ROOM * number for number in bars)
    figure = canvas(WIDTH, height)
    grid = figure.subplots(
        len(measures), 1, squeeze=False, height_ratios=[PANEL_ROOM + BAR_ROOM * number for number in bars]
    )
    for axes, measure in zip(grid[:, 0], measures, strict=True):
        _panel(axes, rows[measure].head(BARS), stands[measure], means[measure])
    figure.legend(handles=_legend(), loc="outside lower center", ncols=2, frameon=False, fontsize=9)
    title = _title(table)
    headline(figure, title)
    return described(list(grid[:, 0]), _text(title, rows, stands, means))


def _longest_first(rows: pd.DataFrame) -> pd.DataFrame:
    length = (rows["at_high_point"] - rows["at_low_point"]).abs()
    return rows.loc[length.sort_values(ascending=False, kind="stable").index]


def _title(table: pd.DataFrame) -> str:
    from sim.analysis.sensitivity_table import most_in_need

    keys = most_in_need(table)
    if not keys:
        return "No assumption has an effect larger than chance explains"
    names = table.drop_duplicates("assumption").set_index("assumption")["name"]
    return f"What most needs a better figure: {listed([str(names[key]) for key in keys])}"


def _panel(axes: Axes, rows: pd.DataFrame, stands: float, mean: float) -> None:
    """Draw the bars of one measure, from its mean over the points."""
    from matplotlib.patheffects import withStroke

    measure = str(rows["measure"].iloc[0])
    scale, sign = (100, "%") if unit_of(measure) == "share" else (1, "")
    places = np.arange(len(rows))
    faint = [1.0 if surely else FAINT for surely in rows["beyond_chance"]]
    for end, (colour, hatch, line, side, _) in ENDS.items():
        at, low, high = (scale * rows[f"at_{end}_point{column}"] for column in ("", "_low", "_high"))
        bars = axes.barh(
            places, at - scale * mean, left=scale * mean, height=THICK, color=colour, hatch=hatch, edgecolor="white"
        )
        for bar, alpha in zip(bars, faint, strict=True):
            bar.set_alpha(alpha)
        whiskers = axes.hlines(places + side, low, high, color=line, linewidth=1.6, zorder=5)
        whiskers.set_path_effects([withStroke(linewidth=3.6, foreground="white")])
    axes.axvline(scale * mean, color=GREY, linewidth=1.5, zorder=4)
    axes.axvline(scale * stands, color=ORANGE, linewidth=1.5, linestyle=":", zorder=4)
    axes.set_yticks(places, [_name(row) for row in rows.to_dict("records")], fontsize=8)
    axes.invert_yaxis()
    heading = f"{plain_words(measure)[0].upper()}{plain_words(measure)[1:]}"
    unit = "" if unit_of(measure) in ("share", *plain_words(measure).split()) else f", {unit_of(measure)}"
    axes.set_title(f"{heading}{unit}", loc="left", fontsize=10, color=GREY, fontweight="bold")
    axes.xaxis.set_major_formatter("{x:,.6g}" + sign)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)


def _legend() -> list[Artist]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    ends = [
        Patch(facecolor=colour, hatch=hatch, edgecolor="white", label=words)
        for colour, hatch, _, _, words in ENDS.values()
    ]
    mean = Line2D([], [], color=GREY, linewidth=1.5, label="mean over all points")
    return [*ends, mean, Line2D([], [], color=ORANGE, linewidth=1.5, linestyle=":", label="unchanged scenario")]


def _name(row: Mapping[Hashable, Any]) -> str:
    """Return an assumption with both ends of its bar, in a few lines, and whether its effect may be chance."""
    ends = f"{row['low_point']:.3g} to {row['high_point']:.3g}"
    words = f"{row['name']}: {_whole(ends)}{'' if row['beyond_chance'] else f'; {_whole(CHANCE)}'}"
    return textwrap.fill(words, NAME)


def _whole(words: str) -> str:
    """Return words that stay on one line."""
    return words.replace(" ", "\N{NO-BREAK SPACE}")


def _text(title: str, rows: Mapping[str, pd.DataFrame], stands: Mapping[str, float], means: Mapping[str, float]) -> str:
    lines: list[str] = []
    for measure, table in rows.items():
        unit = unit_of(measure)
        lines += [
            "",
            f"{plain_words(measure)}: {value(means[measure], unit)} on average over the points, "
            f"{value(stands[measure], unit)} with the unchanged scenario",
            *_lines(table.to_dict("records"), unit),
        ]
    what = (
        "A panel for each measure, with a bar for each assumption, longest first. A bar runs from the expected value "
        "at the 10% point of the assumption's range to that at its 90% point. The list below has all of them, with 95% "
        "intervals."
    )
    return "\n".join([f"{title}.", what, *lines]) + "\n"


def _lines(rows: Sequence[Mapping[Hashable, Any]], unit: str) -> list[str]:
    return [
        f"{row['name']}: "
        + ", ".join(
            f"{value(row[f'at_{end}_point'], unit)} ({value(row[f'at_{end}_point_low'], unit)} to "
            f"{value(row[f'at_{end}_point_high'], unit)}) at {row[f'{end}_point']:.3g}"
            for end in ("low", "high")
        )
        + ("" if row["beyond_chance"] else f"; {CHANCE}")
        for row in rows
    ]
