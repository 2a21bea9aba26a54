"""Counts people of a role quarter by quarter: offers, joiners, leavers, people in post and fully productive people."""

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
"""Figures of a quarter: offers accepted for new posts and by successors of leavers, people who joined and left, and
people in post and fully productive on its last day.
"""
AT_A_TIME = 4
"""Number of replications that a worker runs at a time; few, so that no worker waits long for another to finish."""


class Quarter(NamedTuple):
    """Describe a quarter of a financial year: its name, such as ``2018-19 Q1``, and its first and last day."""

    name: str
    first: date
    last: date


def by_quarter(scenario: Scenario, role: Role, replications: range, executor: Executor) -> pd.DataFrame:
    """Tabulate people of a role in each quarter over some replications, leaving out those that raise an error.

    Returns
    -------
    pandas.DataFrame
        A row for each quarter: ``quarter`` (such as ``2018-19 Q1``, of the financial year), ``ends_on``, ``runs``. For
        each of :data:`FIGURES`, its mean and the quantiles ``_p10`` and ``_p90`` over runs.
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
    """Compute the figures of some replications, shape (runs, quarters, figures), with the number of the first."""
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
            raise  # the machine ran out of memory; the replication is not at fault
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
    """Compute the figures of one run, shape (quarters, figures), in the order of :data:`FIGURES`.

    Parameters
    ----------
    careers : sequence of CareerRow
        People of the role.
    quarters : sequence of (int, int)
        First and last day of each quarter.
    calendar : Calendar
        Working calendar.
    notice_months : int
        Months from an offer to joining.
    horizon : int
        Last day simulated. Offers of the last months are not a number (NaN), because people would join after it.
    appointed : collection of str, optional
        Names of people who were appointed before the start and join after it. They received no offer in the run.
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
        known = (
            calendar.months_after(last, notice_months) <= horizon
        )  # everybody who is offered a post has joined by the end
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
    """Return the quarters simulated to their end; the first may have begun before the start."""
    found = []
    first = first_of_quarter(scenario.start)
    while (following := add_months(first, MONTHS_A_QUARTER)) <= scenario.end:
        found.append(Quarter(quarter(first), first, following - timedelta(days=1)))
        first = following
    return found
