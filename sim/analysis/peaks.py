"""Counts inspectors on site by week, and finds the usual and the busiest weeks; another module explains them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.base.calendar import DAYS_A_WEEK, MONTHS_A_QUARTER, MONTHS_A_YEAR, financial_year
from sim.base.figures import EIGHT_IN_TEN
from sim.inputs.framework import INSPECTIONS
from sim.inputs.scenario import Scenario
from sim.inputs.shocks import Pause
from sim.runs.results import Results
from sim.world.context import ScenarioContext

if TYPE_CHECKING:
    import pandas as pd


AFTER_CLOSED = 3
"""Number of open weeks after closed ones in which the work held back takes place. Preparation would fall in the closed
weeks, when people are on leave. So most visits that waited begin in the second open week, and an inspection of two
weeks continues into the third; :func:`by_place` shows it.
"""
NINE_IN_TEN = 0.9


@dataclass(frozen=True)
class PauseOfVisits:
    """Describe a pause: its first and last day, and the kinds of visit that did not take place."""

    first: np.datetime64
    last: np.datetime64
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class OnSite:
    """Hold who is on site in each week of each run of a scenario.

    Attributes
    ----------
    table : pandas.DataFrame
        Rows of ``on_site.parquet``.
    replications : ndarray of int, shape (runs,)
        Runs that count, in ascending order.
    weeks : ndarray of datetime64[D], shape (weeks,)
        Monday of every week simulated.
    open : ndarray of bool, shape (weeks,)
        Whether fieldwork may take place: not in closed weeks, nor before the first Monday.
    years : ndarray of str, shape (weeks,)
        Financial year in which each week counts: that of its Monday, or of the start for the first week.
    days_due : ndarray of float, shape (weeks,)
        Inspector-days falling due, mean over runs. The first week includes everything overdue at the start.
    pauses : tuple of PauseOfVisits
        Pauses of the scenario.
    """

    table: pd.DataFrame
    replications: NDArray[np.int64]
    weeks: NDArray[np.datetime64]
    open: NDArray[np.bool_]
    years: NDArray[np.str_]
    days_due: NDArray[np.float64]
    pauses: tuple[PauseOfVisits, ...] = ()

    def people(self, column: str = "inspectors", **where: str) -> NDArray[np.float64]:
        """Count inspectors on site, shape (runs, weeks).

        Parameters
        ----------
        column : {"inspectors", "begun_late", "due_before_start"}, optional
            Which inspectors to count.
        **where : str
            Count only those of this ``kind``, ``role`` or ``region``.
        """
        chosen = self.table["replication"].isin(self.replications)
        for name, wanted in where.items():
            chosen &= self.table[name] == wanted
        rows = self.table[chosen]
        run = np.searchsorted(self.replications, rows["replication"])
        week = np.searchsorted(self.weeks, rows["week"].to_numpy().astype("datetime64[D]"))
        shape = (len(self.replications), len(self.weeks))
        cells = np.ravel_multi_index((run, week), shape)
        found = np.bincount(cells, weights=rows[column], minlength=shape[0] * shape[1])
        return np.asarray(found.reshape(shape), dtype=np.float64)

    @cached_property
    def usual(self) -> NDArray[np.bool_]:
        """Return the usual weeks, shape (weeks,): open weeks without a pause of full inspections.

        "Usual" figures are means over these weeks. With means, unlike medians, the excesses of kinds of visit, roles
        and regions add up.
        """
        paused = np.zeros(len(self.weeks), dtype=bool)
        for pause in self.pauses:
            if INSPECTIONS & set(pause.kinds):
                paused |= (self.weeks <= pause.last) & (self.weeks + WORKING_WEEK >= pause.first)
        return self.open & ~paused

    @cached_property
    def place(self) -> NDArray[np.int64]:
        """Number the open weeks since the last closed one, starting from 1, shape (weeks,).

        The number is 0 in closed weeks and before the first of them, because closed weeks before the start are not
        known.
        """
        places, since, known = [], 0, False
        for is_open, begun in zip(self.open, np.maximum.accumulate(self.open), strict=True):
            known |= bool(begun and not is_open)
            since = since + 1 if is_open and known else 0
            places.append(since)
        return np.array(places, dtype=np.int64)

    @cached_property
    def closed_before(self) -> NDArray[np.int64]:
        """Count the closed weeks just before each week's run of open weeks, shape (weeks,); 0 where ``place`` is 0."""
        lengths, length, before = [], 0, 0
        for is_open, place in zip(self.open, self.place, strict=True):
            before = length if place == 1 else before
            length = 0 if is_open else length + 1
            lengths.append(before if place else 0)
        return np.array(lengths, dtype=np.int64)


WORKING_WEEK = np.timedelta64(4, "D")
"""Time from Monday to Friday."""


def on_site(results: Results, scenario: Scenario, replications: NDArray[np.int64]) -> OnSite:
    """Collect who is on site in the runs of a study.

    Parameters
    ----------
    results : Results
        Results of a run with ``detail="full"``.
    scenario : Scenario
        The scenario.
    replications : ndarray of int, shape (runs,)
        Runs that count, in ascending order.
    """
    calendar = ScenarioContext(scenario).calendar
    mondays = np.arange(calendar.week_of(0), calendar.horizon + 1, DAYS_A_WEEK)
    weeks = np.datetime64(calendar.start, "D") + mondays
    load = results.table("workload")
    due = load[load["replication"].isin(replications)].groupby("week")["days_due"].sum() / len(replications)
    return OnSite(
        table=results.table("on_site"),
        replications=replications,
        weeks=weeks,
        open=np.array([int(monday) in calendar.open_weeks for monday in mondays]),
        years=np.array([financial_year(calendar.date(max(0, int(monday)))) for monday in mondays]),
        days_due=due.reindex(weeks.astype("datetime64[ns]"), fill_value=0.0).to_numpy(dtype=np.float64),
        pauses=tuple(
            PauseOfVisits(np.datetime64(shock.begins_on, "D"), np.datetime64(shock.ends_on, "D"), shock.visits)
            for shock in scenario.shocks.values()
            if isinstance(shock, Pause)
        ),
    )


# ---------------------------------------------------------------- by week, and the figures of a run


def by_week(out: OnSite, people: NDArray[np.float64]) -> pd.DataFrame:
    """Return the mean and range over runs of each week: columns week, mean, p10, p90, max.

    Parameters
    ----------
    out : OnSite
        Source of the weeks.
    people : ndarray of float, shape (runs, weeks)
        Counts from :meth:`OnSite.people`.
    """
    import pandas as pd

    low, high = np.quantile(people, EIGHT_IN_TEN, axis=0)
    columns = {"mean": people.mean(axis=0), "p10": low, "p90": high, "max": people.max(axis=0)}
    return pd.DataFrame({"week": out.weeks.astype("datetime64[ns]"), **columns})


FIGURES = {
    "usual_week": "Usual open week",
    "nine_in_ten": "Nine open weeks in ten have at most",
    "busiest_of_a_year": "Busiest week of a year",
    "busiest": "Busiest week of all",
}
"""Figures of each run, by name: the mean over the usual weeks, their 90% quantile, the most in one week of a financial
year as a mean over the years, and the most in any week.
"""


def figures(out: OnSite, people: NDArray[np.float64], years: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """Compute the figures of :data:`FIGURES` for each run, each of shape (runs,).

    Parameters
    ----------
    out : OnSite
        Source of the weeks.
    people : ndarray of float, shape (runs, weeks)
        Counts from :meth:`OnSite.people`.
    years : sequence of str
        Financial years whose busiest weeks count for ``busiest_of_a_year``. The other figures cover all weeks.
    """
    most = [people[:, out.years == year].max(axis=1) for year in years]
    return {
        "usual_week": people[:, out.usual].mean(axis=1),
        "nine_in_ten": np.quantile(people[:, out.usual], NINE_IN_TEN, axis=1),
        "busiest_of_a_year": np.mean(most, axis=0),
        "busiest": people.max(axis=1),
    }


def share_above(out: OnSite, people: NDArray[np.float64], number: float) -> NDArray[np.float64]:
    """Return the share of each run's usual weeks with more than a number of people on site, shape (runs,)."""
    return np.asarray((people[:, out.usual] > number).mean(axis=1), dtype=np.float64)


def inspections_on_site(out: OnSite, visits: pd.DataFrame) -> NDArray[np.float64]:
    """Count full inspections on site, shape (runs, weeks): what ``planning.most_inspections`` limits.

    Parameters
    ----------
    out : OnSite
        Source of the weeks and runs.
    visits : pandas.DataFrame
        Rows of ``visits.parquet``.
    """
    rows = visits[visits["kind"].isin(INSPECTIONS) & visits["replication"].isin(out.replications)]
    rows = rows.dropna(subset=["fieldwork_start", "fieldwork_end"])
    found = np.zeros((len(out.replications), len(out.weeks) + 1))
    run = np.searchsorted(out.replications, rows["replication"])
    starts, ends = (rows[name].to_numpy().astype("datetime64[D]") for name in ("fieldwork_start", "fieldwork_end"))
    np.add.at(found, (run, np.searchsorted(out.weeks, starts)), 1)
    np.add.at(found, (run, np.searchsorted(out.weeks, ends, side="right")), -1)
    return np.asarray(found[:, :-1].cumsum(axis=1), dtype=np.float64)


def by_place(out: OnSite, people: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean inspectors on site in the first, second, ... usual week after closed ones.

    The result has the shape (AFTER_CLOSED + 1,). Its last entry covers all later weeks. It is not a number (NaN) where
    there is no such week.
    """
    mean, places = people.mean(axis=0), np.minimum(out.place, AFTER_CLOSED + 1)
    found = [mean[out.usual & (places == place)] for place in range(1, AFTER_CLOSED + 2)]
    return np.array([each.mean() if len(each) else np.nan for each in found])


# ---------------------------------------------------------------- the busiest weeks


def busiest(out: OnSite, years: Sequence[str], a_year: int) -> list[int]:
    """Return the indices in ``weeks`` of the busiest weeks of each financial year, by mean over runs, in order of time.

    They come from different quarters, so that neighbouring weeks of one wave do not represent the whole year.

    Parameters
    ----------
    out : OnSite
        Who is on site.
    years : sequence of str
        Financial years.
    a_year : int
        Number of weeks from each year; fewer if it has fewer quarters with anybody on site.
    """
    mean = out.people().mean(axis=0)
    months = out.weeks.astype("datetime64[M]").astype(np.int64) % MONTHS_A_YEAR
    found: list[int] = []
    for year in years:
        places = np.flatnonzero((out.years == year) & (mean > 0))
        quarters: dict[int, int] = {}
        for place in places[np.argsort(-mean[places], kind="stable")]:
            quarters.setdefault(int(months[place]) // MONTHS_A_QUARTER, int(place))
        found += list(quarters.values())[:a_year]
    return sorted(found)
