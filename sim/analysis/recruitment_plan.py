"""A plan of recruitment beside none and beside the same one begun later, on the luck of the same runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.capacity import SearchResult
from sim.analysis.load import OfferedLoad
from sim.analysis.recruitment import Recruits
from sim.runs.measures import place_of, whole_years
from sim.statistics.intervals import CONFIDENCE, Mean, binomial_interval, mean_of

if TYPE_CHECKING:
    import pandas as pd

PLAN, NONE, LATER = "plan", "none", "later"
"""The plan; nobody recruited but successors of leavers; the plan begun later."""


@dataclass(frozen=True)
class PlanResult:
    """What was found of a plan of recruitment.

    Attributes
    ----------
    recruits : Recruits
        Whom the plan hires, from when, and at most how many in a quarter.
    wait_months : int
        By how much later the plan begins with which it is compared.
    found : SearchResult
        Search of the number of posts.
    posts : int
        Number of posts that it leads to: the answer, or the best found.
    alternatives : dict of str to SearchResult
        The same runs of :data:`PLAN` and, where there are more posts than people, of :data:`NONE` and :data:`LATER`.
    quarters : pandas.DataFrame
        The plan by quarter, see :func:`sim.analysis.staffing.by_quarter`.
    years : pandas.DataFrame
        Each year with the plan and without, see :func:`by_year`.
    """

    recruits: Recruits
    wait_months: int
    found: SearchResult
    posts: int
    alternatives: Mapping[str, SearchResult]
    quarters: pd.DataFrame
    years: pd.DataFrame


def by_year(alternatives: Mapping[str, SearchResult], load: OfferedLoad, quarters: pd.DataFrame) -> pd.DataFrame:
    """Whether each whole financial year keeps the service level, with the plan and without.

    Returns
    -------
    pandas.DataFrame
        A row for each whole financial year: ``counts`` (whether it counts for the service level); for each of the
        plans ``<plan>_kept``, the share of runs in which the year alone keeps it, with its 95% interval ``_low``,
        ``_high``, and ``<plan>_late``, its late inspections; ``busy``, people of the role whom the offered load of the
        year would keep busy all the time; ``in_full_use``, people in full use with the plan, mean of the quarter's
        ends.
    """
    import pandas as pd

    plan = alternatives[PLAN]
    busy = load.table.set_index("financial_year")["busy"]
    in_full_use = quarters.groupby(quarters["quarter"].str.partition(" ")[0])["in_full_use"].mean()
    rows, late_at = [], place_of("inspections_late", plan.scenario)
    for year in whole_years(plan.scenario):
        row: dict[str, object] = {"financial_year": year, "counts": year in plan.counted}
        for name, found in alternatives.items():
            level = only_level(found)
            kept = found.kept(level, [year])
            low, high = binomial_interval(int(kept.sum()), len(kept), CONFIDENCE)
            late = np.nanmean(found.runs[level][:, found.years.index(year), late_at])
            row |= {f"{name}_kept": kept.mean(), f"{name}_low": low, f"{name}_high": high, f"{name}_late": late}
        rows.append(row | {"busy": busy[year], "in_full_use": in_full_use.get(year, np.nan)})
    return pd.DataFrame(rows)


def only_level(found: SearchResult) -> int:
    """The level of a search of which there is only one."""
    (level,) = found.runs
    return level


def difference(found: SearchResult, base: SearchResult, measure: str | None) -> Mean:
    """Mean difference of a measure within pairs of runs, over the years that count; of keeping the level for None."""
    own, other = (
        each.kept(only_level(each)).astype(float) if measure is None else each.column(only_level(each), measure)
        for each in (found, base)
    )
    return mean_of(own - other)
