"""Calendar of the inspectors who are out: a square for each week, a row for each financial year."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import numpy as np

from sim.base.calendar import APRIL, DAYS_A_WEEK, financial_year
from sim.base.figures import count, day_in_words
from sim.charts.drawing import BLUE, GREY, canvas, described, own_style, told

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

WIDTH, ROW, ROOM = 14.0, 0.36, 1.6
"""Width of the chart, and height of a row and of all that is round the rows, in inches."""
DARK = 0.55
"""Share of the darkest shade from which a number in a square is white."""
WEEKS = 53
"""Mondays that a financial year may have."""


@own_style()
def calendar(on_site: pd.DataFrame, runs: int, in_each: str = "inspectors on site, mean of the runs") -> Axes:
    """Heat map of inspectors on site by week, mean over the runs, the number in every square.

    Parameters
    ----------
    on_site : pandas.DataFrame
        As in ``on_site.parquet``, of some role, region or kind of visit if only they are to be shown.
    runs : int
        Runs of the study, those in which nobody of these is ever out among them.
    in_each : str, optional
        What the number in a square is.

    Returns
    -------
    matplotlib Axes
        The chart; its text alternative is that of :func:`sim.charts.alternative`. A week with nobody is empty.
    """
    from matplotlib.colors import LinearSegmentedColormap

    weekly = on_site.groupby("week")["inspectors"].sum() / runs
    mondays = [week.date() for week in weekly.index]
    years = sorted({financial_year(monday) for monday in mondays})
    grid = np.full((max(len(years), 1), WEEKS), np.nan)
    for monday, people in zip(mondays, weekly, strict=True):
        grid[years.index(financial_year(monday)), _week_of_year(monday)] = people
    most = float(np.nanmax(grid)) if mondays else 0.0
    axes = canvas(WIDTH, ROOM + ROW * len(grid)).subplots()
    shades = LinearSegmentedColormap.from_list("inspectors", ["#E8EEF4", BLUE])
    axes.imshow(grid, cmap=shades, vmin=0, vmax=most or 1, aspect="auto")
    for (row, column), people in np.ndenumerate(grid):
        if not np.isnan(people):
            colour = "white" if people > DARK * most else GREY
            axes.text(column, row, f"{people:.0f}", ha="center", va="center", fontsize=7, color=colour)
    axes.set_yticks(range(len(years)), years)
    first = datetime.date(2018, APRIL, 2)
    months = [first + datetime.timedelta(weeks=week) for week in range(52)]
    begins = [week for week, day in enumerate(months) if day.day <= DAYS_A_WEEK]
    axes.set_xticks(begins, [f"{months[week]:%b}" for week in begins])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    title = _title(weekly, mondays)
    axes.set_title(title, loc="left", fontweight="bold", fontsize=13)
    axes.set_xlabel(f"Weeks of the financial year; in each square {in_each}; empty: nobody")
    lines = [
        f"{year}: most in the week of {day_in_words(mondays[place])}, {weekly.iloc[place]:.1f}; "
        f"{len(weeks)} weeks with anybody, {weekly.iloc[weeks].mean():.1f} in the mean of these"
        for year in years
        for weeks in [[number for number, monday in enumerate(mondays) if financial_year(monday) == year]]
        for place in [max(weeks, key=lambda number: float(weekly.iloc[number]))]
    ]
    what = "A row for each financial year and a square for each week, darker the more inspectors are on site."
    return described(axes, told(title, what, lines))


def _week_of_year(monday: datetime.date) -> int:
    """Place of a Monday among those of its financial year, from 0."""
    begins = datetime.date(monday.year - (monday.month < APRIL), APRIL, 1)
    return (monday - begins).days // DAYS_A_WEEK


def _title(weekly: pd.Series[float], mondays: list[datetime.date]) -> str:
    if not len(weekly):
        return "Nobody is on site in any week"
    place = int(weekly.to_numpy().argmax())
    return f"Most inspectors are out in the week of {day_in_words(mondays[place])}: {count(float(weekly.iloc[place]))}"
