"""Draw one head-count of a capacity search, year by year, for a slider over head-counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.base.faults import Argument, Fault, InputError
from sim.base.figures import EIGHT_IN_TEN, ENOUGH_RUNS, people_of, plain_words, range_name, value
from sim.charts.capacity import LIKE_PRECISION
from sim.charts.drawing import (
    BLUE,
    GREY,
    HEIGHT,
    LILAC,
    WIDTH,
    canvas,
    described,
    headline,
    open_frame,
    own_style,
    told,
    unit_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.analysis.capacity import SearchResult

ROOM = 1.05
"""Height of a panel, as a multiple of the highest value of any head-count."""


class Spread(NamedTuple):
    """Hold the mean and range of the runs in a year; not a number where there is nothing to show."""

    low: float
    mean: float
    high: float


@own_style()
def at_head_count(found: SearchResult, people: int) -> list[Axes]:
    """Draw what one head-count of a search does in each year, with the same scales for every head-count.

    Panels show the measure asked for, late inspections, and the share of people's time that the work takes.

    Parameters
    ----------
    found : SearchResult
        The search.
    people : int
        A head-count that has runs, so one of ``found.runs``.

    Raises
    ------
    InputError
        If this head-count has no runs.
    """
    from sim.analysis.capacity_curve import utilisation_of
    from sim.analysis.load import LATE

    if people not in found.runs:
        tried = ", ".join(map(str, sorted(found.runs)))
        raise InputError([Fault(Argument("people"), "", people, f"the search made runs for {tried}")])
    asked = found.service.measure
    panels = {
        asked: plain_words(asked),
        LATE: "late inspections",
        utilisation_of(found): f"share of the time of {people_of(found.lever.role)} that the work takes",
    }
    years = _years(found)
    figure = canvas(WIDTH, 0.8 * HEIGHT)
    row = figure.subplots(1, len(panels))
    lines = []
    for axes, (measure, words) in zip(row, panels.items(), strict=True):
        spreads = [_spread(found, people, measure, year) for year in years]
        _panel(axes, found, measure, spreads)
        axes.set_title(words[0].upper() + words[1:], fontsize=10, color=GREY, fontweight="bold", loc="left", wrap=True)
        unit = unit_of(measure)
        lines += [
            f"{words}, {year}: {value(each.mean, unit)} ({value(each.low, unit)} to {value(each.high, unit)})"
            for year, each in zip(years, spreads, strict=True)
        ]
    runs = len(found.runs[people])
    title = _title(found, people)
    headline(figure, title)
    pale = "" if years == found.counted else "; pale years do not count"
    figure.supxlabel(f"Dots: mean of {runs} runs; bars: {range_name(runs)}{pale}", fontsize=9, color=GREY)
    what = f"A panel for each of {len(panels)} measures, with the mean and the range of the runs in each year."
    return described(list(row), told(title, what, lines))


def _years(found: SearchResult) -> list[str]:
    from sim.runs.measures import whole_years

    return whole_years(found.scenario)


def _title(found: SearchResult, people: int) -> str:
    kept = found.kept(people)
    many = f"{int(kept.sum())} of {len(kept)} runs keep the service level"
    few = "" if len(kept) >= LIKE_PRECISION else " (too few runs to tell this head-count from its neighbours)"
    return f"{people} {found.lever.unit}{found.beside}: {many}{few}"


def _spread(found: SearchResult, people: int, measure: str, year: str) -> Spread:
    """Return the mean and range of a measure at a head-count in a year."""
    runs: NDArray[np.float64] = found.runs[people][:, found.years.index(year), found.names.index(measure)]
    there = runs[~np.isnan(runs)]
    if not there.size:
        return Spread(np.nan, np.nan, np.nan)
    low, high = np.quantile(there, EIGHT_IN_TEN) if there.size >= ENOUGH_RUNS else (there.min(), there.max())
    return Spread(float(low), float(there.mean()), float(high))


def _panel(axes: Axes, found: SearchResult, measure: str, spreads: list[Spread]) -> None:
    years = _years(found)
    scale, sign = (100, "%") if unit_of(measure) == "share" else (1, "")
    for place, (year, each) in enumerate(zip(years, spreads, strict=True)):
        colour = BLUE if year in found.counted else LILAC
        axes.vlines(place, scale * each.low, scale * each.high, color=colour, linewidth=7, alpha=0.35)
        axes.plot([place], [scale * each.mean], color=colour, marker="o", markersize=7)
    if measure == found.service.measure:
        axes.axhline(scale * found.service.bound, color=GREY, linewidth=1, linestyle="--")
        limit = "at least" if found.service.at_least else "at most"
        axes.annotate(
            f"{limit} {scale * found.service.bound:g}{sign}", (0.02, scale * found.service.bound), (0, -3),
            xycoords=("axes fraction", "data"), textcoords="offset points", va="top", fontsize=8, color=GREY,
        )  # fmt: skip
    axes.set_ylim(0, ROOM * scale * _highest(found, measure))
    axes.set_xlim(-0.6, len(years) - 0.4)
    axes.set_xticks(range(len(years)), years, fontsize=8)
    axes.yaxis.set_major_formatter("{x:,.4g}" + sign)
    open_frame(axes)


def _highest(found: SearchResult, measure: str) -> float:
    """Return the highest end of the range at any head-count in any year; 1 if there is none."""
    ends = [_spread(found, people, measure, year).high for people in found.runs for year in _years(found)]
    return max((end for end in [*ends, found.service.bound * (measure == found.service.measure)] if end > 0), default=1)
