"""Draw a recruitment plan: people in post, and offers made, quarter by quarter."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.base.figures import people_of, range_name
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
    headline,
    open_frame,
    own_style,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from sim.analysis.recruitment import Recruits


@own_style()
def recruitment(recruits: Recruits, posts: int, quarters: pd.DataFrame, years: pd.DataFrame) -> list[Axes]:
    """Draw people in post and in full use, people whom the offered load would keep busy, and offers.

    Parameters
    ----------
    recruits : Recruits
        The plan.
    posts : int
        Number of posts at its end.
    quarters : pandas.DataFrame
        Table from :func:`sim.analysis.staffing.by_quarter`.
    years : pandas.DataFrame
        Table from :func:`sim.analysis.recruitment_plan.by_year`.
    """
    figure = canvas(WIDTH, 1.4 * HEIGHT)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    _people(above, quarters, years, posts)
    _offers(below, quarters, recruits.a_quarter)
    band = range_name(int(quarters["runs"].iloc[0]))
    for axes, words in ((above, f"People (band: {band})"), (below, "Job offers in a quarter, mean of runs")):
        axes.set_title(words, loc="left", fontsize=9.5, color=GREY)
        open_frame(axes)
    firsts = [place for place, name in enumerate(quarters["quarter"]) if name.endswith("Q1")]
    below.set_xticks(firsts, [quarters["quarter"][place].partition(" ")[0] for place in firsts])
    below.set_xlabel("Quarters, by financial year")
    title = _title(recruits, quarters)
    headline(figure, title)
    return described([above, below], _text(title, quarters, years))


def _title(recruits: Recruits, quarters: pd.DataFrame) -> str:
    """Return the message of the chart."""
    end = quarters.iloc[-1]
    new = quarters[quarters["offers_new"] > 0]
    when = f"new posts offered until {new.iloc[-1]['quarter']}" if len(new) else "no new posts"
    people = f"{end['in_post']:.0f} {people_of(recruits.role)} in post at the end, {end['in_full_use']:.0f} in full use"
    return f"{people}; {when}, at most {recruits.a_quarter} offer{'s' * (recruits.a_quarter != 1)} a quarter"


def _text(title: str, quarters: pd.DataFrame, years: pd.DataFrame) -> str:
    what = (
        "The top panel shows people in post and in full use at the end of each quarter, and how many people the "
        "offered load of each year would keep busy all the time. The lower panel shows the job offers in each quarter "
        "and their limit."
    )
    lines = [
        f"{row['quarter']}: {_offers_in_words(row)}; {row['in_post']:.1f} in post "
        f"({row['in_post_p10']:.0f} to {row['in_post_p90']:.0f}), "
        f"{row['in_full_use']:.1f} in full use ({row['in_full_use_p10']:.0f} to {row['in_full_use_p90']:.0f})"
        for row in quarters.to_dict("records")
    ]
    busy = [
        f"{row['financial_year']}: the offered load would keep {row['busy']:.1f} people busy all the time"
        for row in years.to_dict("records")
        if not np.isnan(row["busy"])
    ]
    return "\n".join([f"{title}.", what, "", *lines, "", *busy, ""])


def _people(axes: Axes, quarters: pd.DataFrame, years: pd.DataFrame, posts: int) -> None:
    places = np.arange(len(quarters))
    for figure, words, colour, line in (("in_post", "in post", BLUE, "-"), ("in_full_use", "in full use", TEAL, "--")):
        axes.fill_between(
            places, quarters[f"{figure}_p10"], quarters[f"{figure}_p90"], color=colour, alpha=0.18, linewidth=0
        )
        axes.plot(places, quarters[figure], line, color=colour, linewidth=2, label=words)
    _load(axes, quarters, years)
    _limit(axes, posts, f"{posts} posts in the plan")
    axes.set_ylim(0, 1.12 * max(posts, float(quarters["in_post_p90"].max())))
    axes.legend(frameon=False, loc="lower right", ncols=3)


def _offers(axes: Axes, quarters: pd.DataFrame, most: int) -> None:
    places, new, successors = np.arange(len(quarters)), quarters["offers_new"], quarters["offers_successors"]
    axes.bar(places, new, color=BLUE, width=0.7, label="new posts")
    axes.bar(places, successors, bottom=new, color=ORANGE, width=0.7, label="replacements for leavers")
    highest = float((new + successors).max())
    if most <= 2 * highest:  # a limit far above the bars would flatten them
        _limit(axes, most, f"limit: {most}")
        highest = max(highest, most)
    axes.set_ylim(0, 1.45 * highest or 1)
    axes.legend(frameon=False, loc="upper left", ncols=2)


def _limit(axes: Axes, at: float, words: str) -> None:
    axes.axhline(at, color=GREY, linewidth=1, linestyle="--")
    axes.annotate(
        words, xy=(0.995, at), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=9, color=GREY,
        fontweight="bold",
    )  # fmt: skip


def _offers_in_words(row: Mapping[Hashable, Any]) -> str:
    if np.isnan(row["offers_new"]):
        return "people offered a post now would join after the end"
    return f"{row['offers_new']:.1f} offers of new posts, {row['offers_successors']:.1f} to replace leavers"


def _load(axes: Axes, quarters: pd.DataFrame, years: pd.DataFrame) -> None:
    """Draw a step for each year over its quarters."""
    year_of = quarters["quarter"].str.partition(" ")[0]
    label: str | None = "kept busy by the offered load"
    for row in years.to_dict("records"):
        there = np.flatnonzero(year_of == row["financial_year"])
        if len(there):
            ends = (there[0] - 0.4, there[-1] + 0.4)
            axes.plot(ends, [row["busy"]] * 2, color=PLUM, linewidth=2.5, solid_capstyle="butt", label=label)
            label = None
