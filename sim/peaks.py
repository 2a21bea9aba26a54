"""Peaks: inspectors on site by week, the busiest weeks, and the reason of each by rules over what the tables hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.figures import count, share, value
from sim.framework import INSPECTIONS, KINDS
from sim.model import Groundwork
from sim.shocks import Pause
from sim.workdays import DAYS_A_WEEK, MONTHS_A_YEAR, financial_year

if TYPE_CHECKING:
    import pandas as pd

    from sim.results import Results
    from sim.scenario import Scenario

PART = 1 / 3
"""Least share of what a week has more than usual that late visits, the backlog or what a pause held back make up, to
count as a reason; and a kind of visit, of all that those kinds have more of which there are more. Of parts that do not
overlap three at most can each be that large, so that none is one of many small ones."""
AFTER_CLOSED = 3
"""Open weeks after closed ones in which the work held back comes out. Preparation would fall into the closed weeks,
when people are on leave, so most of what waited begins in the second open week, and an inspection of two weeks carries
it into the third; :func:`by_place` shows it."""
AFTER_PAUSE = 13
"""Weeks after a pause that still count as resumption: a quarter. What is caught up on later shows as begun late."""
BUSY = 0.9
"""Much falls due in a week if more does than in this share of open weeks."""
NINE_IN_TEN = 0.9
MONTHS_A_QUARTER = 3
LOW, HIGH = 0.1, 0.9
"""Ends of the range of eight runs in ten."""


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
    calendar = Groundwork(scenario).calendar
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

    low, high = np.quantile(people, (LOW, HIGH), axis=0)
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


@dataclass(frozen=True)
class Week:
    """What is known of a week, for its reason: means over runs.

    Attributes
    ----------
    week : datetime64[D]
        Its Monday.
    people, usual_people : float
        Inspectors on site, in it and in the usual week.
    kinds, usual_kinds : mapping of str to float
        The same by kind of visit.
    begun_late, usual_begun_late, due_before_start, usual_due_before_start : float
        Of them those on visits begun after their latest date, and on those due before the start.
    place, closed_before : int
        Which open week after how many closed ones in a row; 0 where that is not known.
    people_at_place : float
        Inspectors on site in the mean of all usual weeks that are at this place after closed ones.
    days_due, usual_days_due, busy_days_due : float
        Inspector-days falling due in it, in the median open week, and in the one that only a tenth are above.
    pauses : tuple of (int, tuple of str)
        Whole weeks since the end of each pause that is over, and its kinds of visit.
    """

    week: np.datetime64
    people: float
    usual_people: float
    kinds: Mapping[str, float]
    usual_kinds: Mapping[str, float]
    begun_late: float = 0.0
    usual_begun_late: float = 0.0
    due_before_start: float = 0.0
    usual_due_before_start: float = 0.0
    place: int = 0
    closed_before: int = 0
    people_at_place: float = 0.0
    days_due: float = 0.0
    usual_days_due: float = 0.0
    busy_days_due: float = 0.0
    pauses: tuple[tuple[int, tuple[str, ...]], ...] = ()

    @property
    def excess(self) -> float:
        """Inspectors on site beyond those of the usual week."""
        return self.people - self.usual_people

    def is_part(self, people: float, usual: float) -> bool:
        """Whether some people make up enough of what the week has more than usual."""
        return people - usual >= PART * self.excess

    def more_of(self, kind: str) -> float:
        """Inspectors on visits of a kind beyond those of the usual week."""
        return self.kinds[kind] - self.usual_kinds[kind]


def weeks_of(out: OnSite, places: Sequence[int]) -> list[Week]:
    """What is known of some weeks, by their places in ``weeks``."""

    def told(people: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        mean = people.mean(axis=0)
        return mean, float(mean[out.usual].mean())

    people, late, backlog = (told(out.people(name)) for name in ("inspectors", "begun_late", "due_before_start"))
    kinds = {kind: told(out.people(kind=kind)) for kind in KINDS}
    at_place = by_place(out, out.people())
    usual_due, busy_due = (float(each) for each in np.quantile(out.days_due[out.usual], (0.5, BUSY)))
    return [
        Week(
            week=out.weeks[place],
            people=float(people[0][place]),
            usual_people=people[1],
            kinds={kind: float(mean[place]) for kind, (mean, _) in kinds.items()},
            usual_kinds={kind: usual for kind, (_, usual) in kinds.items()},
            begun_late=float(late[0][place]),
            usual_begun_late=late[1],
            due_before_start=float(backlog[0][place]),
            usual_due_before_start=backlog[1],
            place=int(out.place[place]),
            closed_before=int(out.closed_before[place]),
            people_at_place=float(at_place[min(out.place[place], AFTER_CLOSED + 1) - 1]),
            days_due=float(out.days_due[place]),
            usual_days_due=usual_due,
            busy_days_due=busy_due,
            pauses=tuple(
                (int((out.weeks[place] - pause.last) // np.timedelta64(DAYS_A_WEEK, "D")), pause.kinds)
                for pause in out.pauses
                if pause.last < out.weeks[place]
            ),
        )
        for place in places
    ]


# ---------------------------------------------------------------- why a week is busy


def backlog(week: Week) -> str | None:
    """The backlog of the launch: visits that were due before the start."""
    if not week.is_part(week.due_before_start, week.usual_due_before_start):
        return None
    return f"{share(week.due_before_start / week.people)} of all are on visits that were due before the start"


def lateness(week: Week) -> str | None:
    """Visits that are past their latest date, and are caught up on."""
    if not week.is_part(week.begun_late, week.usual_begun_late):
        return None
    return f"{share(week.begun_late / week.people)} of all are on visits begun after their latest date"


def holidays(week: Week) -> str | None:
    """Work held back by closed weeks, if the weeks at this place after them have more people out than usual."""
    if not 1 <= week.place <= AFTER_CLOSED or week.people_at_place <= week.usual_people:
        return None
    weeks = "a closed week" if week.closed_before == 1 else f"{week.closed_before} closed weeks"
    mean = value(week.people_at_place, "")
    return f"{ORDINALS[week.place - 1]} open week after {weeks} (the {ORDINALS[week.place - 1]} has {mean} on average)"


ORDINALS = ("first", "second", "third")
"""One for each of the weeks of :data:`AFTER_CLOSED`."""


def resumption(week: Week) -> str | None:
    """Visits that a pause held back; their kinds have to be among what the week has more of."""
    for since, kinds in week.pauses:
        if since < AFTER_PAUSE and week.is_part(sum(week.more_of(kind) for kind in kinds), 0.0):
            return ("the week after a pause", "1 week after a pause", f"{since} weeks after a pause")[min(since, 2)]
    return None


def falling_due(week: Week) -> str | None:
    """More work falls due than in most weeks."""
    if week.days_due <= week.busy_days_due:
        return None
    return f"{count(week.days_due)} days of work fall due, against {count(week.usual_days_due)} in the median open week"


WHY: tuple[Callable[[Week], str | None], ...] = (backlog, lateness, resumption, holidays, falling_due)
"""Rules in the order in which their words stand; each finds its words or None."""
NO_CAUSE = "no cause stands out, so dates that meet by chance"


def kinds_in(week: Week) -> Iterator[str]:
    """Kinds of visit that make up enough of what a week has more than usual, most first, in words."""
    risen = sum(max(0.0, week.more_of(kind)) for kind in week.kinds)
    for kind in sorted(week.kinds, key=week.more_of, reverse=True):
        if week.more_of(kind) >= PART * risen:
            plural = "visits" if kind in VISITS else "inspections"
            yield f"{value(week.more_of(kind), '')} on {kind.removesuffix('_inspection')} {plural}"


VISITS = ("focused", "monitoring", "engagement")
"""Kinds that are no inspection in the field's words."""


def reason(week: Week) -> str:
    """Why a week is busy, in a sentence: what there is more of, then every cause that a rule finds."""
    if week.excess <= 0:
        return "No more than in the usual open week."
    causes = [words for rule in WHY if (words := rule(week)) is not None]
    more = f"{value(week.excess, '')} more than usual: {', '.join(kinds_in(week)) or 'on several kinds of visit alike'}"
    return f"{more}; {'; '.join(causes) or NO_CAUSE}."


def reasons(out: OnSite, places: Sequence[int]) -> pd.DataFrame:
    """Some weeks with their figures and reasons, by their places in ``weeks``.

    Returns
    -------
    pandas.DataFrame
        Columns financial_year, week, mean, p10, p90, max (inspectors on site), busiest_share (of runs in which no week
        of its financial year has more), usual, begun_late, due_before_start, open_week_after_closed, closed_weeks,
        days_due, usual_days_due, more_KIND for each kind of visit, and reason.
    """
    people = out.people()
    table = by_week(out, people).iloc[list(places)].reset_index(drop=True)
    table.insert(0, "financial_year", out.years[list(places)])
    table["busiest_share"] = [
        float((people[:, place] >= people[:, out.years == out.years[place]].max(axis=1)).mean()) for place in places
    ]
    told = weeks_of(out, places)
    table["usual"] = [week.usual_people for week in told]
    table["begun_late"] = [week.begun_late for week in told]
    table["due_before_start"] = [week.due_before_start for week in told]
    table["open_week_after_closed"] = [week.place for week in told]
    table["closed_weeks"] = [week.closed_before for week in told]
    table["days_due"] = [week.days_due for week in told]
    table["usual_days_due"] = [week.usual_days_due for week in told]
    more = {f"more_{kind}": [week.more_of(kind) for week in told] for kind in KINDS}
    return table.assign(**more, reason=[reason(week) for week in told])
