"""Draw a calendar of inspectors on site: a square for each week, a row for each financial year."""

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
"""Width of the chart, height of a row, and height of everything around the rows, in inches."""
DARK = 0.55
"""Share of the darkest shade from which the number in a square is white."""
WEEKS = 53
"""Most Mondays in a financial year."""


@own_style()
def calendar(on_site: pd.DataFrame, runs: int, in_each: str = "inspectors on site, mean of the runs") -> Axes:
    """Draw a heat map of inspectors on site by week, mean over the runs, with the number in every square.

    Parameters
    ----------
    on_site : pandas.DataFrame
        Table as in ``on_site.parquet``; filter it to show only some roles, regions or kinds of visit.
    runs : int
        Number of runs of the study, including runs in which none of these people is ever out.
    in_each : str, optional
        Meaning of the number in a square.

    Returns
    -------
    matplotlib Axes
        The chart; :func:`sim.charts.alternative` returns its text alternative. A week with nobody
        on site is empty.
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
    axes.set_xlabel(f"Weeks of the financial year. Number in a square: {in_each}. Empty: nobody")
    lines = [
        f"{year}: most in the week of {day_in_words(mondays[place])}, {weekly.iloc[place]:.1f}; "
        f"{len(weeks)} weeks with somebody on site, {weekly.iloc[weeks].mean():.1f} on average in these weeks"
        for year in years
        for weeks in [[number for number, monday in enumerate(mondays) if financial_year(monday) == year]]
        for place in [max(weeks, key=lambda number: float(weekly.iloc[number]))]
    ]
    what = "A row for each financial year and a square for each week; darker squares have more inspectors on site."
    return described(axes, told(title, what, lines))


def _week_of_year(monday: datetime.date) -> int:
    """Return the number of a Monday in its financial year, from 0."""
    begins = datetime.date(monday.year - (monday.month < APRIL), APRIL, 1)
    return (monday - begins).days // DAYS_A_WEEK


def _title(weekly: pd.Series[float], mondays: list[datetime.date]) -> str:
    if not len(weekly):
        return "Nobody is on site in any week"
    place = int(weekly.to_numpy().argmax())
    people = _people(count(float(weekly.iloc[place])))
    return f"The busiest week is that of {day_in_words(mondays[place])}: {people} on site"


def _people(number: str) -> str:
    return "1 inspector" if number == "1" else f"{number} inspectors"
