"""People of a role quarter by quarter: offers made to them, joining, leaving, in post, in full use."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.base.calendar import MONTHS_A_QUARTER, Calendar, add_months, first_of_quarter, quarter
from sim.base.figures import EIGHT_IN_TEN
from sim.inputs.framework import Role
from sim.inputs.posts import name_of
from sim.inputs.scenario import Scenario
from sim.record.rows import CareerRow
from sim.runs.executors import Executor
from sim.runs.model import Model
from sim.world.context import ScenarioContext

if TYPE_CHECKING:
    import pandas as pd

FIGURES = ("offers_new", "offers_successors", "joined", "left", "in_post", "in_full_use")
"""Of a quarter: offers accepted by people of new posts and by successors of leavers, people who joined and left, and
people in post and in full use on its last day."""
AT_A_TIME = 4
"""Replications that a worker runs at a time: few, so that none of two workers waits long for the other's last."""


class Quarter(NamedTuple):
    """A quarter of a financial year, such as ``2018-19 Q1``, its first and its last day."""

    name: str
    first: date
    last: date


def by_quarter(scenario: Scenario, role: Role, replications: range, executor: Executor) -> pd.DataFrame:
    """People of a role in each quarter, over some replications, of which one that raises is left out.

    Returns
    -------
    pandas.DataFrame
        A row for each quarter: ``quarter`` (such as ``2018-19 Q1``, of the financial year), ``ends_on``, ``runs``, and
        for each of :data:`FIGURES` its mean, and the quantiles ``_p10`` and ``_p90`` over runs.
    """
    import pandas as pd

    parts = [replications[first : first + AT_A_TIME] for first in range(0, len(replications), AT_A_TIME)]
    found = dict(executor(_of_some, ((scenario, role, part) for part in parts)))
    runs = np.concatenate([found[first] for first in sorted(found)])
    told = runs[~np.isnan(runs).all(axis=(1, 2))]
    rows = []
    for place, each in enumerate(quarters_of(scenario)):
        row: dict[str, object] = {"quarter": each.name, "ends_on": each.last, "runs": len(told)}
        for figure, values in zip(FIGURES, told[:, place].T, strict=True):
            low, high = np.quantile(values, EIGHT_IN_TEN) if len(values) else (np.nan, np.nan)
            row |= {figure: values.mean() if len(values) else np.nan, f"{figure}_p10": low, f"{figure}_p90": high}
        rows.append(row)
    return pd.DataFrame(rows)


def _of_some(task: tuple[Scenario, Role, range]) -> tuple[int, NDArray[np.float64]]:
    """Figures of some replications, shape (runs, quarters, figures), under the number of the first."""
    scenario, role, replications = task
    context = ScenarioContext(scenario)
    day, notice = context.calendar.day, scenario.workforce.notice_months
    quarters = [(day(each.first), day(each.last)) for each in quarters_of(scenario)]
    appointed = {name_of(post, 1) for post in context.posts[role] if post.joins_on is not None}
    runs = []
    for replication in replications:
        try:
            careers = Model(scenario, replication, context).run().careers
        except MemoryError:
            raise  # of this machine, not of the replication
        except Exception:
            runs.append(np.full((len(quarters), len(FIGURES)), np.nan))
        else:
            own = [row for row in careers if row.role == role]
            runs.append(figures_of(own, quarters, context.calendar, notice, scenario.horizon, appointed))
    return replications.start, np.array(runs)


def figures_of(
    careers: Sequence[CareerRow],
    quarters: Sequence[tuple[int, int]],
    calendar: Calendar,
    notice_months: int,
    horizon: int,
    appointed: Collection[str] = (),
) -> NDArray[np.float64]:
    """Figures of one run, shape (quarters, figures), in the order of :data:`FIGURES`.

    Parameters
    ----------
    careers : sequence of CareerRow
        People of the role.
    quarters : sequence of (int, int)
        First and last day of each.
    calendar : Calendar
        The working calendar.
    notice_months : int
        Months from an offer to joining.
    horizon : int
        Last day simulated; offers of the last months, which are taken up after it, are not a number.
    appointed : collection of str, optional
        Names of people who were appointed before the start and join after it: no offer of the run.
    """
    joined = [row for row in careers if row.joined is not None]
    offers = {True: list[int](), False: list[int]()}
    for row in joined:
        assert row.joined is not None
        if row.inspector in appointed:
            continue
        offers[row.successor].append(calendar.months_after(row.joined, -notice_months))
    left = [row.last_day for row in careers if row.last_day is not None]
    found = []
    for first, last in quarters:
        there = [row for row in careers if (row.joined or 0) <= last and (row.last_day is None or row.last_day > last)]
        known = calendar.months_after(last, notice_months) <= horizon  # who is offered a post has joined by the end
        found.append(
            (
                _between(offers[False], first, last) if known else np.nan,
                _between(offers[True], first, last) if known else np.nan,
                _between([row.joined or 0 for row in joined], first, last),
                _between(left, first, last),
                len(there),
                sum(row.full_use <= last for row in there),
            )
        )
    return np.array(found, dtype=np.float64)


def _between(days: Sequence[int], first: int, last: int) -> int:
    return sum(first <= day <= last for day in days)


def quarters_of(scenario: Scenario) -> list[Quarter]:
    """Quarters that are simulated to their end; the first one may have begun before the start."""
    found = []
    first = first_of_quarter(scenario.start)
    while (following := add_months(first, MONTHS_A_QUARTER)) <= scenario.end:
        found.append(Quarter(quarter(first), first, following - timedelta(days=1)))
        first = following
    return found
