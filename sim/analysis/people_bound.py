"""Bounds the people that the inspections of runs need to keep a service level, in hindsight.

For each run a linear program places its inspections. It may split an inspection over Mondays and over people, knows
everything that will happen, and sends nobody to another region. So no plan of whole inspections and whole people places
the same inspections with fewer people. The bound of many runs is a quantile between order statistics.

The inspections are those of the run. Another plan or another head-count would begin some on other days. What falls due
after them would then move, and the bound leaves that out. It also leaves out other visits, because a service level does
not require them and a planner drops some. A second figure requires every other visit that the run made.
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
from sim.inputs.framework import Role
from sim.inputs.scenario import Scenario
from sim.inputs.shocks import Departures, Recruitment
from sim.runs.model import Model
from sim.runs.replications import prepared, run_each
from sim.runs.store import Batch
from sim.runs.variants import Runs
from sim.statistics.intervals import quantile_interval
from sim.world.context import ScenarioContext

if TYPE_CHECKING:
    import pandas as pd

RUNS = 30
"""Number of runs to bound, as many as of the other policy. At 90% probability and 95% confidence, the lower limit is
then the 24th smallest bound.
"""
TABLE = "people_bound"
"""Name of the table of a batch, and the word under which its runs are kept."""
BOUNDED = (("inspections_on_time", True), ("inspections_late", False))
"""Measures that have a bound, each with whether it is a lower limit."""
ROUNDING = 1e-6


def begun_on_time(service: ServiceLevel, due: int) -> int:
    """Count how many of the inspections due in a year must begin on time for a service level in :data:`BOUNDED`."""
    if service.measure == "inspections_late":
        return due - min(due, floor(service.bound + ROUNDING))
    return ceil(service.bound * due - ROUNDING)


def fewest_people(of_run: Hindsight, on_time: Mapping[str, int]) -> float:
    """Find the fewest people with whom the tasks of a run can be placed, in parts if necessary.

    The days of each term are the limit. Single weeks do not limit, because a term's days run out long before.

    Parameters
    ----------
    of_run : Hindsight
        Visits and people.
    on_time : mapping of str to int
        Number of counted inspections of each year that must begin in their window.

    Returns
    -------
    float
        People, with a fraction for the last one. Infinity if everybody together is too few.
    """
    people = of_run.people
    if not of_run.tasks:
        return 0.0
    first = _least(of_run, on_time, people.off(1))
    return inf if first == inf else _least(of_run, on_time, people.off(ceil(first - ROUNDING)))


class _Rows:
    """Collect the inequalities of a linear program, each a sum with an upper limit."""

    def __init__(self) -> None:
        self.limits: list[float] = []
        self._parts: list[tuple[ArrayLike, ArrayLike, int]] = []

    def add(self, limit: float, *parts: tuple[ArrayLike, ArrayLike]) -> None:
        """Add an inequality: columns and their coefficients, in parts."""
        self._parts += [(columns, values, len(self.limits)) for columns, values in parts]
        self.limits.append(limit)

    def matrix(self, columns: int) -> Any:
        """Build the sparse matrix of the left sides."""
        from scipy.sparse import coo_array

        parts = [(np.atleast_1d(place), np.atleast_1d(values), row) for place, values, row in self._parts]
        values = np.concatenate([np.asarray(each, dtype=np.float64) for _, each, _ in parts])
        rows = np.concatenate([np.full(len(each), row) for _, each, row in parts])
        places = np.concatenate([np.asarray(each, dtype=np.int64) for each, _, _ in parts])
        return coo_array((values, (rows, places)), shape=(len(self.limits), columns)).tocsr()


def _least(of_run: Hindsight, on_time: Mapping[str, int], off: Days) -> float:
    """Solve the linear program: parts of visits by start, parts of posts, and days carried from term to term."""
    from scipy.optimize import linprog

    tasks, people = of_run.tasks, of_run.people
    posts, terms = people.days.shape
    starts, of_task = _columns(tasks)
    first_post, first_carried = len(starts), len(starts) + posts
    total = first_carried + 2 * (terms + 1)
    rows = _Rows()
    post_columns = first_post + np.arange(posts)
    _place_tasks(rows, tasks, of_task, on_time)
    for number in range(posts - 1):  # posts come one after another, in their order
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
    cost = np.zeros(total)
    cost[first_post:first_carried] = 1.0
    low, high = np.zeros(total), np.ones(total)
    low[first_carried:], high[first_carried:] = -inf, inf
    limits = list(zip(low.tolist(), high.tolist(), strict=True))
    found = linprog(cost, A_ub=rows.matrix(total), b_ub=np.array(rows.limits), bounds=limits, method="highs")
    if found.status == INFEASIBLE:
        return inf
    if found.status:
        raise RuntimeError(found.message)
    return float(cost @ found.x)


INFEASIBLE = 2
"""Status that scipy.optimize.linprog returns for an infeasible program."""


def _columns(tasks: Sequence[Task]) -> tuple[list[Start], NDArray[np.int64]]:
    """List the starts of all tasks and the task of each start; starts of a task with equal needs appear once."""
    starts: list[Start] = []
    of_task: list[int] = []
    for number, task in enumerate(tasks):
        unlike = dict.fromkeys(task.starts)
        starts += unlike
        of_task += [number] * len(unlike)
    return starts, np.array(of_task, dtype=np.int64)


def _place_tasks(rows: _Rows, tasks: Sequence[Task], of_task: NDArray[np.int64], on_time: Mapping[str, int]) -> None:
    """Require each counted inspection at most once, enough of each year's on time, and every other visit."""
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
    """Group the columns and amounts by term."""
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
    """Limit the days taken in a term to those available and those carried over, which have a limit either way."""
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
    """Describe whose bound is wanted.

    Attributes
    ----------
    scenario : Scenario
        Scenario to run.
    lever : Staff
        Role whose number is bounded.
    service : ServiceLevel
        Service level to keep.
    """

    scenario: Scenario
    lever: Staff
    service: ServiceLevel


def bound_of_run(asked: Asked, replication: int, context: ScenarioContext) -> tuple[int, int]:
    """Bound the people that one run needs: for its inspections, and for these with every other visit that it made.

    If everybody in the run is too few, the bound is one more than everybody.
    """
    model = Model(asked.scenario, replication, context)
    model.run()
    of_run = hindsight(model.world, context, asked.lever, asked.service.years(asked.scenario))
    everybody = asked.lever.people(asked.scenario)
    due: dict[str, int] = defaultdict(int)
    for task in of_run.tasks:
        if task.year is not None:
            due[task.year] += 1
    on_time = {year: begun_on_time(asked.service, number) for year, number in due.items()}
    inspections = Hindsight(tuple(task for task in of_run.tasks if task.year is not None), of_run.people)
    fewest = [fewest_people(each, on_time) for each in (inspections, of_run)]
    alone, in_all = (ceil(min(each, everybody + 1) - ROUNDING) for each in fewest)
    return alone, in_all


def bounds_of_runs(asked: Asked, replications: range) -> Batch:
    """Bound some runs."""
    return run_each(replications, asked.scenario.seed, partial(_row, asked), TABLE)


def _row(asked: Asked, replication: int) -> dict[str, Any]:
    import pyarrow as pa

    alone, in_all = bound_of_run(asked, replication, prepared(asked.scenario)[0])
    row = {"replication": [replication], "fewest": [alone], "fewest_with_other_visits": [in_all]}
    return {TABLE: pa.table(row)}


@dataclass(frozen=True)
class PeopleBound:
    """Hold the bounds of some runs with the head-count that a search shows.

    Attributes
    ----------
    table : pandas.DataFrame
        A row for each run: its number, the fewest people for its inspections (``fewest``), and for these with every
        other visit that it made (``fewest_with_other_visits``).
    fewest, with_other_visits : int or None
        Lower limit of the quantile of these, at the probability and confidence of the search. None with too few runs.
    """

    table: pd.DataFrame
    fewest: int | None
    with_other_visits: int | None


def hired_by_head_count(scenario: Scenario, role: Role) -> bool:
    """Return whether hiring or leaving depends on the head-count: by limited offers, campaigns, or sudden departures.

    The first posts of a large run then have other holders than those of a small one, so no run bounds another.
    """
    return scenario.workforce.roles[role].most_offers_a_quarter is not None or any(
        isinstance(shock, (Recruitment, Departures)) and shock.role == role for shock in scenario.shocks.values()
    )


def people_bound(found: SearchResult, runs: Runs) -> PeopleBound | None:
    """Bound the people that the inspections of runs with a search's answer need to keep its service level.

    With fewer people than the quantile, less than the required share of runs can keep the level on these inspections.

    Parameters
    ----------
    found : SearchResult
        The search.
    runs : Runs
        Source of the runs.

    Returns
    -------
    PeopleBound or None
        None for a service level other than :data:`BOUNDED`, for the people of one region, if another role was held at a
        number, for people who are :func:`hired_by_head_count`, and if every run raised an error.
    """
    lever, service, rule = found.lever, found.service, found.rule
    if not isinstance(lever, Staff) or lever.region is not None or found.given:
        return None
    if (service.measure, service.at_least) not in BOUNDED or hired_by_head_count(found.scenario, lever.role):
        return None
    changes = lever.changes(found.scenario, level_shown(found))
    asked = Asked(found.scenario.with_changes(changes), lever, service)
    table = runs.table(TABLE, partial(bounds_of_runs, asked), RUNS)
    if table.empty:
        return None
    alone, in_all = (
        lower_end(table[column], rule.probability, rule.confidence) for column in ("fewest", "fewest_with_other_visits")
    )
    return PeopleBound(table, alone, in_all)


def lower_end(values: ArrayLike, probability: float, confidence: float) -> int | None:
    """Return the lower confidence limit of a quantile of whole numbers; None with too few numbers."""
    low = quantile_interval(values, probability, confidence=2 * confidence - 1).ci_low
    return int(low) if np.isfinite(low) else None
