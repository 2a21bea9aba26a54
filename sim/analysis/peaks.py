"""Peaks: inspectors on site by week, in the usual and in the busiest weeks. Why these are busy is told elsewhere."""

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
"""Open weeks after closed ones in which the work held back comes out. Preparation would fall into the closed weeks,
when people are on leave, so most of what waited begins in the second open week, and an inspection of two weeks carries
it into the third; :func:`by_place` shows it."""
NINE_IN_TEN = 0.9


@dataclass(frozen=True)
class PauseOfVisits:
    """A pause: its first and last day, and the kinds of visit that did not take place."""

    first: np.datetime64
    last: np.datetime64
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class OnSite:
    """Who is on site in each week of each run of a scenario.

    Attributes
    ----------
    table : pandas.DataFrame
        Rows as ``on_site.parquet`` has them.
    replications : ndarray of int, shape (runs,)
        Runs that count, ascending.
    weeks : ndarray of datetime64[D], shape (weeks,)
        Monday of every week simulated.
    open : ndarray of bool, shape (weeks,)
        Whether fieldwork may take place: no closed week, and none before the first Monday.
    years : ndarray of str, shape (weeks,)
        Financial year that each week counts in: that of its Monday, of the first week that of the start.
    days_due : ndarray of float, shape (weeks,)
        Inspector-days falling due, mean over runs; the first week has all that was overdue at the start.
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
        """Inspectors on site, shape (runs, weeks).

        Parameters
        ----------
        column : {"inspectors", "begun_late", "due_before_start"}, optional
            Which of them.
        **where : str
            Only those of this ``kind``, ``role`` or ``region``.
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
        """Open weeks without a pause of full inspections, shape (weeks,): what is usual is their mean.

        It is the mean, not the median, so that what kinds of visit, roles and regions have more than usual adds up.
        """
        paused = np.zeros(len(self.weeks), dtype=bool)
        for pause in self.pauses:
            if INSPECTIONS & set(pause.kinds):
                paused |= (self.weeks <= pause.last) & (self.weeks + WORKING_WEEK >= pause.first)
        return self.open & ~paused

    @cached_property
    def place(self) -> NDArray[np.int64]:
        """Number of open weeks since the last closed one, this one among them, shape (weeks,).

        0 in closed weeks, and before the first closed week: what was closed before the start is not known.
        """
        places, since, known = [], 0, False
        for is_open, begun in zip(self.open, np.maximum.accumulate(self.open), strict=True):
            known |= bool(begun and not is_open)
            since = since + 1 if is_open and known else 0
            places.append(since)
        return np.array(places, dtype=np.int64)

    @cached_property
    def closed_before(self) -> NDArray[np.int64]:
        """Closed weeks in a row before the open weeks that a week belongs to, shape (weeks,); 0 where ``place`` is."""
        lengths, length, before = [], 0, 0
        for is_open, place in zip(self.open, self.place, strict=True):
            before = length if place == 1 else before
            length = 0 if is_open else length + 1
            lengths.append(before if place else 0)
        return np.array(lengths, dtype=np.int64)


WORKING_WEEK = np.timedelta64(4, "D")
"""From Monday to Friday."""


def on_site(results: Results, scenario: Scenario, replications: NDArray[np.int64]) -> OnSite:
    """Who is on site in the runs of a study.

    Parameters
    ----------
    results : Results
        Of a run with ``detail="full"``.
    scenario : Scenario
        The scenario.
    replications : ndarray of int, shape (runs,)
        Runs that count, ascending.
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
    """Mean and range over runs of each week: columns week, mean, p10, p90, max.

    Parameters
    ----------
    out : OnSite
        Where the weeks are from.
    people : ndarray of float, shape (runs, weeks)
        As :meth:`OnSite.people` gives them.
    """
    import pandas as pd

    low, high = np.quantile(people, EIGHT_IN_TEN, axis=0)
    columns = {"mean": people.mean(axis=0), "p10": low, "p90": high, "max": people.max(axis=0)}
    return pd.DataFrame({"week": out.weeks.astype("datetime64[ns]"), **columns})


FIGURES = {
    "usual_week": "Usual open week",
    "nine_in_ten": "Nine open weeks in ten have no more than",
    "busiest_of_a_year": "Busiest week of a year",
    "busiest": "Busiest week of all",
}
"""What is told of each run, by name: its mean over the usual weeks, the 90% quantile of these, the most in one week of
a financial year as a mean of the years, and the most in any week."""


def figures(out: OnSite, people: NDArray[np.float64], years: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """The figures of :data:`FIGURES` for each run, shape (runs,) each.

    Parameters
    ----------
    out : OnSite
        Where the weeks are from.
    people : ndarray of float, shape (runs, weeks)
        As :meth:`OnSite.people` gives them.
    years : sequence of str
        Financial years whose busiest weeks count for ``busiest_of_a_year``; the other figures are of all weeks.
    """
    most = [people[:, out.years == year].max(axis=1) for year in years]
    return {
        "usual_week": people[:, out.usual].mean(axis=1),
        "nine_in_ten": np.quantile(people[:, out.usual], NINE_IN_TEN, axis=1),
        "busiest_of_a_year": np.mean(most, axis=0),
        "busiest": people.max(axis=1),
    }


def share_above(out: OnSite, people: NDArray[np.float64], number: float) -> NDArray[np.float64]:
    """Share of the usual weeks of each run in which more people than a number are on site, shape (runs,)."""
    return np.asarray((people[:, out.usual] > number).mean(axis=1), dtype=np.float64)


def inspections_on_site(out: OnSite, visits: pd.DataFrame) -> NDArray[np.float64]:
    """Full inspections on site, shape (runs, weeks): what ``planning.most_inspections`` limits.

    Parameters
    ----------
    out : OnSite
        Where the weeks and runs are from.
    visits : pandas.DataFrame
        Rows as ``visits.parquet`` has them.
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
    """Mean inspectors on site in the first, second, ... usual week after closed ones, shape (AFTER_CLOSED + 1,).

    The last one is that of all later weeks. Not a number where there is no such week.
    """
    mean, places = people.mean(axis=0), np.minimum(out.place, AFTER_CLOSED + 1)
    found = [mean[out.usual & (places == place)] for place in range(1, AFTER_CLOSED + 2)]
    return np.array([each.mean() if len(each) else np.nan for each in found])


# ---------------------------------------------------------------- the busiest weeks


def busiest(out: OnSite, years: Sequence[str], a_year: int) -> list[int]:
    """Places in ``weeks`` of the busiest weeks of each financial year, by mean over runs, in order of time.

    They are of different quarters, so that neighbours in one wave do not stand for the year.

    Parameters
    ----------
    out : OnSite
        Who is on site.
    years : sequence of str
        Financial years.
    a_year : int
        How many of each year; fewer where it has fewer quarters with anybody on site.
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
