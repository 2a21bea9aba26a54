"""Draw a capacity curve: which head-counts keep a service level, and what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.base.figures import plain_words, value
from sim.charts.drawing import (
    BLUE,
    GREY,
    HEIGHT,
    ORANGE,
    PLUM,
    TEAL,
    WIDTH,
    canvas,
    described,
    open_frame,
    own_style,
    plain,
    told,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from sim.analysis.capacity import SearchResult

VERDICTS = {"meets": (TEAL, "o"), "fails": (PLUM, "X"), "undecided": (ORANGE, "s"), "not tested": (GREY, ".")}
"""Colour and mark of each result of the exact test."""
MARGIN = 4.0
"""Room above and below the axis of shares, in per cent, so that no mark is cut off."""
LIKE_PRECISION = 20
"""Runs from which a line joins the mean of a head-count with its neighbours; with fewer, such as those of the pilot,
the line would show chance."""


@own_style()
def capacity_curve(found: SearchResult) -> list[Axes]:
    """Draw the capacity curve of a search: runs that keep the service level, and the cost of staff, by head-count.

    Parameters
    ----------
    found : SearchResult
        The search; the chart shows every head-count that has runs.
    """
    from matplotlib.ticker import MaxNLocator

    from sim.analysis.capacity_curve import COST, MILLION, curve, utilisation_of

    table = curve(found)
    below = (
        ("inspections_late", "Late inspections a year", 1.0, ""),
        (utilisation_of(found), "Utilisation", 100.0, "%"),
        (COST, "Staff cost, £m a year", 1 / MILLION, ""),
    )
    grid = canvas(WIDTH, 1.45 * HEIGHT).subplot_mosaic([["kept"] * 3, list("abc")])
    meets, unit = found.bracket.meets, found.lever.unit
    enough = (
        f"No number of {unit} in the range was shown to be enough" if meets is None else f"{meets} {unit} are enough"
    )
    measure = found.service.measure
    title = f"{enough}{found.beside} for {found.asked}".replace(measure, plain_words(measure))
    plain(grid["kept"], None, title, "Runs that keep the service level (bar: 95% interval)", "%")
    _shares_kept(grid["kept"], table, 100 * found.rule.probability)
    grid["kept"].set_xlabel(unit)
    for place, (measure, words, scale, sign) in zip("abc", below, strict=True):
        _by_head_count(grid[place], table, measure, scale, meets)
        grid[place].set_title(words, fontsize=10, color=GREY, fontweight="bold", loc="left")
        grid[place].yaxis.set_major_formatter("{x:,.4g}" + sign)
    for axes in grid.values():
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    lines = [
        f"{row['level']} {unit}: {value(row['share_kept'], 'share')} of {row['runs']} runs "
        f"({value(row['kept_low'], 'share')} to {value(row['kept_high'], 'share')}), {row['verdict']}; "
        + ", ".join(f"{words.lower()} {scale * row[measure]:,.4g}{sign}" for measure, words, scale, sign in below)
        for row in table.to_dict("records")
    ]
    what = (
        "The top panel shows the share of runs that keep the service level at each head-count, with its 95% interval "
        "and the result of the exact test. The lower panels show late inspections, utilisation and staff cost in a "
        f"year: the mean and its 95% interval. A line joins head-counts with at least {LIKE_PRECISION} runs; the "
        "others are dots."
    )
    return described(list(grid.values()), told(title, what, lines))


def _shares_kept(axes: Axes, table: pd.DataFrame, wanted: float) -> None:
    """Draw the share of runs that keep the service level at each head-count, and the share asked for, in per cent."""
    low, high = (100 * abs(table["share_kept"] - table[f"kept_{end}"]) for end in ("low", "high"))
    axes.errorbar(
        table["level"], 100 * table["share_kept"], yerr=(low, high), color=GREY, linestyle="none", capsize=3, zorder=2
    )
    for verdict, (colour, mark) in VERDICTS.items():
        rows = table[table["verdict"] == verdict]
        axes.plot(rows["level"], 100 * rows["share_kept"], mark, color=colour, markersize=8, label=verdict, zorder=3)
    axes.axhline(wanted, color=GREY, linewidth=1, linestyle="--")
    axes.annotate(
        f"asked for:\n{wanted:g}%", xy=(1.01, wanted), xycoords=("axes fraction", "data"), ha="left", va="center",
        fontsize=9, color=GREY, fontweight="bold",
    )  # fmt: skip
    axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(1.0, 0.0), borderaxespad=0.0, handletextpad=0.2)
    axes.set_ylim(-MARGIN, 100 + MARGIN)
    axes.set_yticks(range(0, 101, 20))


def _by_head_count(panel: Axes, table: pd.DataFrame, measure: str, scale: float, meets: int | None) -> None:
    """Draw the mean of a measure over the years that count, with its 95% interval; no line joins too few runs."""
    joined = table["runs"] >= LIKE_PRECISION
    alone, table = table[~joined], table[joined]
    panel.plot(alone["level"], scale * alone[measure], VERDICTS["not tested"][1], color=GREY, markersize=4)
    panel.fill_between(
        table["level"], scale * table[f"{measure}_low"], scale * table[f"{measure}_high"], color=BLUE, alpha=0.18,
        linewidth=0,
    )  # fmt: skip
    panel.plot(table["level"], scale * table[measure], color=BLUE, marker="o", markersize=4)
    if meets is not None:
        panel.axvline(meets, color=TEAL, linewidth=1, linestyle="--")
    panel.set_ylim(bottom=0)
    open_frame(panel)
