"""The fewest people with whom any plan could keep a service level: a lower bound, run by run, in hindsight.

For each run a linear program places its visits. It may split a visit over Mondays and over people, knows everything
that will happen, and sends nobody to another region. So no plan of whole visits and whole people, made with what is
known on the day, does with fewer. The bounds of some runs then say how many a plan needs at the least that is to keep
the level with a probability: a quantile between order statistics.

The visits are those of the run. Another plan would begin some on other days, and what falls due after them would move:
that is not in the bound, which is one for the visits that the runs saw.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil, floor, inf
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.analysis.capacity import SearchResult, ServiceLevel
from sim.analysis.capacity_curve import level_shown
from sim.analysis.hindsight import Amounts, Days, Hindsight, Start, Task, hindsight
from sim.analysis.levers import Staff
from sim.inputs.scenario import Scenario
from sim.runs.model import Model
from sim.runs.replications import prepared, run_each
from sim.runs.store import Batch
from sim.runs.variants import Runs
from sim.statistics.intervals import quantile_interval
from sim.world.context import ScenarioContext

if TYPE_CHECKING:
    import pandas as pd

RUNS = 30
"""Runs whose bounds are worked out: the fewest that give an end of the 90% quantile at 95% confidence are 29."""
TABLE = "people_bound"
"""Name of the table of a batch, and the word by which its runs are kept."""
BOUNDED = ("inspections_on_time", "inspections_late")
"""Measures for which there is a bound."""
WEEKS_FROM_SHARE = 0.6
"""Share of their time that people give to the programme from which the weeks are looked at as well. Below it the days
of a term run out long before those of a week: on the launch the bound is the same with the weeks, and takes twenty
times as long."""
ROUNDING = 1e-6


def begun_on_time(service: ServiceLevel, due: int) -> int:
    """Fewest of the inspections due in a year that begin on time where a service level is kept."""
    if not service.at_least:
        return due - min(due, floor(service.bound + ROUNDING))
    return ceil(service.bound * due - ROUNDING) if service.measure == "inspections_on_time" else 0


def fewest_people(of_run: Hindsight, on_time: Mapping[str, int], weekly: bool = True) -> float:
    """Fewest people with whom the tasks of a run can be placed at all, in parts if need be.

    Parameters
    ----------
    of_run : Hindsight
        Visits and people.
    on_time : mapping of str to int
        How many of those that count in each year are to begin in their window.
    weekly : bool, optional
        Whether the days and the people of each week are limits too, and not those of terms alone.

    Returns
    -------
    float
        People, and a part of one more; infinity if all that there are do not do.
    """
    people = of_run.people
    if not of_run.tasks:
        return 0.0
    first = _least(of_run.tasks, on_time, people.off(1), of_run, weekly)
    if first == inf:
        return inf
    return _least(of_run.tasks, on_time, people.off(ceil(first - ROUNDING)), of_run, weekly)


class _Rows:
    """Rows of inequalities of a linear program, each an amount that is not to be exceeded."""

    def __init__(self) -> None:
        self.limits: list[float] = []
        self._parts: list[tuple[ArrayLike, ArrayLike, int]] = []

    def add(self, limit: float, *parts: tuple[ArrayLike, ArrayLike]) -> None:
        """Add a row: columns and their coefficients, in parts."""
        self._parts += [(columns, values, len(self.limits)) for columns, values in parts]
        self.limits.append(limit)

    def matrix(self, columns: int) -> Any:
        """The left side, sparse."""
        from scipy.sparse import coo_array

        parts = [(np.atleast_1d(place), np.atleast_1d(values), row) for place, values, row in self._parts]
        values = np.concatenate([np.asarray(each, dtype=np.float64) for _, each, _ in parts])
        rows = np.concatenate([np.full(len(each), row) for _, each, row in parts])
        places = np.concatenate([np.asarray(each, dtype=np.int64) for each, _, _ in parts])
        return coo_array((values, (rows, places)), shape=(len(self.limits), columns)).tocsr()


def _least(tasks: Sequence[Task], on_time: Mapping[str, int], off: Days, of_run: Hindsight, weekly: bool) -> float:
    """Solve the linear program: parts of visits by start, parts of posts, and days carried from term to term."""
    from scipy.optimize import linprog

    people = of_run.people
    posts, terms = people.days.shape
    starts, of_task = _columns(tasks, weekly)
    first_post, first_carried = len(starts), len(starts) + posts
    total = first_carried + 2 * (terms + 1)
    rows = _Rows()
    post_columns = first_post + np.arange(posts)
    _place_tasks(rows, tasks, of_task, on_time)
    for number in range(posts - people.always - 1):  # one after another, in their order
        rows.add(0.0, ([first_post + number + 1, first_post + number], [1.0, -1.0]))
    everybody, leads = np.ones(posts), people.may_lead.astype(np.float64)
    for carried, whose, taken, less in (
        (first_carried, everybody, [start.days for start in starts], off),
        (first_carried + terms + 1, leads, [start.lead_days for start in starts], np.zeros(terms)),
    ):
        _limit_terms(
            rows,
            _by_place(taken),
            post_columns,
            whose[:, None] * people.days,
            whose[:, None] * people.carry,
            less,
            carried,
        )
    if weekly:
        for there, taken in ((people.in_week, [s.in_week for s in starts]), (people.present, [s.out for s in starts])):
            for week, needed in _by_place(taken).items():
                rows.add(0.0, needed, (post_columns, -there[:, week]))
    cost = np.zeros(total)
    cost[first_post : first_carried - people.always] = 1.0
    low, high = np.zeros(total), np.ones(total)
    low[first_carried - people.always : first_carried] = 1.0
    low[first_carried:], high[first_carried:] = -inf, inf
    limits = list(zip(low.tolist(), high.tolist(), strict=True))
    found = linprog(cost, A_ub=rows.matrix(total), b_ub=np.array(rows.limits), bounds=limits, method="highs")
    if found.status == INFEASIBLE:
        return inf
    if found.status:
        raise RuntimeError(found.message)
    return float(cost @ found.x)


INFEASIBLE = 2
"""Status of scipy.optimize.linprog."""


def _columns(tasks: Sequence[Task], weekly: bool) -> tuple[list[Start], NDArray[np.int64]]:
    """Starts of all tasks, those that take the same of each limit once, and the task of each."""
    starts: list[Start] = []
    of_task: list[int] = []
    for number, task in enumerate(tasks):
        unlike = {each if weekly else (each.days, each.lead_days): each for each in task.starts}
        starts += unlike.values()
        of_task += [number] * len(unlike)
    return starts, np.array(of_task, dtype=np.int64)


def _place_tasks(rows: _Rows, tasks: Sequence[Task], of_task: NDArray[np.int64], on_time: Mapping[str, int]) -> None:
    """Each task once at the most; of those of a year as many as are to be on time, and all of the others."""
    columns = np.split(np.arange(len(of_task)), np.searchsorted(of_task, np.arange(1, len(tasks))))
    of_year: dict[str, list[NDArray[np.int64]]] = defaultdict(list)
    for task, places in zip(tasks, columns, strict=True):
        if task.year is None:
            rows.add(-1.0, (places, np.full(len(places), -1.0)))
        else:
            rows.add(1.0, (places, np.ones(len(places))))
            of_year[task.year].append(places)
    for year, needed in on_time.items():
        places = np.concatenate([*of_year[year], np.zeros(0, dtype=np.int64)])
        rows.add(-float(needed), (places, np.full(len(places), -1.0)))


def _by_place(taken: Iterable[Amounts]) -> dict[int, tuple[list[int], list[float]]]:
    """Columns and amounts of each term or week."""
    found: dict[int, tuple[list[int], list[float]]] = defaultdict(lambda: ([], []))
    for column, amounts in enumerate(taken):
        for place, amount in amounts:
            found[place][0].append(column)
            found[place][1].append(amount)
    return dict(found)


def _limit_terms(
    rows: _Rows,
    needed: Mapping[int, tuple[list[int], list[float]]],
    posts: NDArray[np.int64],
    days: Days,
    carry: Days,
    off: Days,
    carried: int,
) -> None:
    """Days of each term: no more than there are and are carried over, with a limit to that, either way."""
    if not needed:
        return
    rows.add(0.0, (carried, 1.0))
    for term in range(max(needed) + 1):
        nothing: tuple[list[int], list[float]] = ([], [])
        balance = ([carried + term + 1, carried + term], [1.0, -1.0])
        rows.add(-off[term], needed.get(term, nothing), balance, (posts, -days[:, term]))
        for sign in (1.0, -1.0):
            rows.add(0.0, (carried + term + 1, sign), (posts, -carry[:, term]))


@dataclass(frozen=True)
class Asked:
    """Whose bound is asked for.

    Attributes
    ----------
    scenario : Scenario
        What is run.
    lever : Staff
        Whose number.
    service : ServiceLevel
        What is to be kept.
    """

    scenario: Scenario
    lever: Staff
    service: ServiceLevel


def bound_of_run(asked: Asked, replication: int, context: ScenarioContext) -> tuple[int, int]:
    """Fewest people for what one run saw: for all visits that it made, and for its inspections alone.

    Where all people of the run are too few, it is one more.
    """
    model = Model(asked.scenario, replication, context)
    model.run()
    of_run = hindsight(model.world, context, asked.lever, asked.service.years(asked.scenario))
    share = model.world.workforce.rules.roles[asked.lever.role].programme_share
    everybody = asked.lever.people(asked.scenario)
    due: dict[str, int] = defaultdict(int)
    for task in of_run.tasks:
        if task.year is not None:
            due[task.year] += 1
    on_time = {year: begun_on_time(asked.service, number) for year, number in due.items()}
    inspections = Hindsight(tuple(task for task in of_run.tasks if task.year is not None), of_run.people)
    fewest = [fewest_people(each, on_time, share >= WEEKS_FROM_SHARE) for each in (of_run, inspections)]
    in_all, alone = (ceil(min(each, everybody + 1) - ROUNDING) for each in fewest)
    return in_all, alone


def bounds_of_runs(asked: Asked, replications: range) -> Batch:
    """Bounds of some runs."""
    return run_each(replications, asked.scenario.seed, partial(_row, asked), TABLE)


def _row(asked: Asked, replication: int) -> dict[str, Any]:
    import pyarrow as pa

    in_all, alone = bound_of_run(asked, replication, prepared(asked.scenario)[0])
    row = {"replication": [replication], "fewest": [in_all], "fewest_for_inspections": [alone]}
    return {TABLE: pa.table(row)}


@dataclass(frozen=True)
class PeopleBound:
    """What no plan could do with less than, from the bounds of some runs.

    Attributes
    ----------
    level : int
        Head-count of the runs.
    table : pandas.DataFrame
        A row for each run: its number, the fewest people for all the visits that it made (``fewest``), and for its
        inspections alone (``fewest_for_inspections``).
    fewest, fewest_for_inspections : int or None
        Lower end, at ``confidence``, of the quantile of these at the probability asked for; None with too few runs.
    probability, confidence : float
        Share of runs in which the level is to be kept, and how sure the lower end is.
    """

    level: int
    table: pd.DataFrame
    fewest: int | None
    fewest_for_inspections: int | None
    probability: float
    confidence: float


def people_bound(found: SearchResult, runs: Runs) -> PeopleBound | None:
    """Fewest people with whom any plan could keep the level of a search, from runs with its answer.

    Fewer people than the quantile at a probability keep the level in less than that share of runs, whatever the plan.

    Parameters
    ----------
    found : SearchResult
        The search.
    runs : Runs
        Where runs come from.

    Returns
    -------
    PeopleBound or None
        None of another measure than :data:`BOUNDED`, of people of one region, and where another role was given.
    """
    lever, service, rule = found.lever, found.service, found.rule
    if not isinstance(lever, Staff) or lever.region is not None or found.given or service.measure not in BOUNDED:
        return None
    level = level_shown(found)
    asked = Asked(found.scenario.with_changes(lever.changes(found.scenario, level)), lever, service)
    table = runs.table(TABLE, partial(bounds_of_runs, asked), RUNS)
    in_all, alone = (
        lower_end(table[column], rule.probability, rule.confidence) for column in ("fewest", "fewest_for_inspections")
    )
    return PeopleBound(level, table, in_all, alone, rule.probability, rule.confidence)


def lower_end(values: ArrayLike, probability: float, confidence: float) -> int | None:
    """Lower end of a quantile of whole numbers, exceeded by the true one with a confidence; None with too few."""
    low = quantile_interval(values, probability, confidence=2 * confidence - 1).ci_low
    return int(low) if np.isfinite(low) else None
