"""Picture of a plan of recruitment: people quarter by quarter, and the offers made to get them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.drawing import BLUE, GREY, HEIGHT, ORANGE, PLUM, TEAL, WIDTH
from sim.figures import range_name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.recruitment import Recruits

QUARTERS_A_YEAR = 4


def plan_chart(recruits: Recruits, posts: int, quarters: pd.DataFrame, years: pd.DataFrame) -> tuple[Figure, str]:
    """Chart of people in post and in full use, of those whom the offered load would keep busy, and of offers.

    Parameters
    ----------
    recruits : Recruits
        The plan.
    posts : int
        Number of posts that it leads to.
    quarters : pandas.DataFrame
        As of :func:`sim.staffing.by_quarter`.
    years : pandas.DataFrame
        As of :func:`sim.plan.by_year`.
    """
    import matplotlib.pyplot as plt

    figure, (above, below) = plt.subplots(
        2, 1, figsize=(WIDTH, 1.4 * HEIGHT), layout="constrained", sharex=True, height_ratios=(3, 2)
    )
    places = np.arange(len(quarters))
    _people(above, places, quarters)
    _load(above, quarters, years)
    above.axhline(posts, color=GREY, linewidth=1, linestyle="--")
    above.annotate(
        f"{posts} posts", xy=(0.995, posts), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=9,
        color=GREY, fontweight="bold",
    )  # fmt: skip
    above.set_ylim(0, 1.12 * max(posts, float(quarters["in_post_p90"].max())))
    above.legend(frameon=False, loc="lower right", ncols=3)
    title = f"{posts} {recruits.unit}, with at most {recruits.a_quarter} offers a quarter from {recruits.begins_on} on"
    above.set_title(title, loc="left", fontweight="bold", color=GREY)
    below.bar(places, quarters["offers_new"], color=BLUE, width=0.7, label="more people")
    below.bar(
        places, quarters["offers_successors"], bottom=quarters["offers_new"], color=ORANGE, width=0.7,
        label="successors of leavers",
    )  # fmt: skip
    below.axhline(recruits.a_quarter, color=GREY, linewidth=1, linestyle="--")
    below.annotate(
        f"most there may be: {recruits.a_quarter}", xy=(0.995, recruits.a_quarter),
        xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=9, color=GREY, fontweight="bold",
    )  # fmt: skip
    below.set_ylim(0, 1.45 * recruits.a_quarter)
    below.legend(frameon=False, loc="upper left", ncols=2)
    for axes, words in ((above, "People (band: " + range_name(int(quarters["runs"].iloc[0])) + ")"),
                        (below, "Offers of posts in a quarter, mean of runs")):  # fmt: skip
        axes.text(0, 1.01, words, transform=axes.transAxes, fontsize=9.5, color=GREY, va="bottom")
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", alpha=0.3)
    above.set_title(title + "\n", loc="left", fontweight="bold", color=GREY, fontsize=12)
    firsts = [place for place, name in enumerate(quarters["quarter"]) if name.endswith("Q1")]
    below.set_xticks(firsts, [quarters["quarter"][place].partition(" ")[0] for place in firsts])
    below.set_xlabel("Quarters, by financial year")
    lines = [
        f"{row['quarter']}: {_offers(row)}; {row['in_post']:.1f} in post "
        f"({row['in_post_p10']:.0f} to {row['in_post_p90']:.0f}), "
        f"{row['in_full_use']:.1f} in full use ({row['in_full_use_p10']:.0f} to {row['in_full_use_p90']:.0f})"
        for row in quarters.to_dict("records")
    ]
    busy = [
        f"{row['financial_year']}: the offered load would keep {row['busy']:.1f} people busy all the time"
        for row in years.to_dict("records")
    ]
    what = (
        "Above, people in post and in full use at each quarter's end, and those whom the offered load of each year "
        "would keep busy all the time; below, offers of posts in each quarter and the most there may be."
    )
    return figure, "\n".join([title + ".", what, "", *lines, "", *busy, ""])


def _offers(row: Mapping[Hashable, Any]) -> str:
    if np.isnan(row["offers_new"]):
        return "offers are taken up after the end"
    return f"{row['offers_new']:.1f} offers to more people, {row['offers_successors']:.1f} to successors"


def _people(axes: Axes, places: np.ndarray[tuple[int], np.dtype[np.int64]], quarters: pd.DataFrame) -> None:
    for figure, words, colour, line in (("in_post", "in post", BLUE, "-"), ("in_full_use", "in full use", TEAL, "--")):
        axes.fill_between(
            places, quarters[f"{figure}_p10"], quarters[f"{figure}_p90"], color=colour, alpha=0.18, linewidth=0
        )
        axes.plot(places, quarters[figure], line, color=colour, linewidth=2, label=words)


def _load(axes: Axes, quarters: pd.DataFrame, years: pd.DataFrame) -> None:
    """A step for each year over its quarters."""
    year_of = quarters["quarter"].str.partition(" ")[0]
    label: str | None = "busy all the time by the offered load"
    for row in years.to_dict("records"):
        there = np.flatnonzero(year_of == row["financial_year"])
        if len(there):
            ends = (there[0] - 0.4, there[-1] + 0.4)
            axes.plot(ends, [row["busy"]] * 2, color=PLUM, linewidth=2.5, solid_capstyle="butt", label=label)
            label = None
