"""Compares a recruitment plan with no plan and with the same plan begun later, on the luck of the same runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.capacity import SearchResult
from sim.analysis.load import OfferedLoad
from sim.analysis.recruitment import Recruits
from sim.runs.measures import whole_years
from sim.statistics.intervals import CONFIDENCE, Mean, binomial_interval, mean_of

if TYPE_CHECKING:
    import pandas as pd

PLAN, NONE, LATER = "plan", "none", "later"
"""The plan; no recruitment except successors of leavers; the plan begun later."""


@dataclass(frozen=True)
class PlanResult:
    """Hold what was found about a recruitment plan.

    Attributes
    ----------
    recruits : Recruits
        Role that the plan hires for, when it begins, and its most offers in a quarter.
    wait_months : int
        Months by which the later plan is delayed.
    found : SearchResult
        Search for the number of posts.
    posts : int
        Number of posts at which the plan aims: the answer, or the best found.
    alternatives : dict of str to SearchResult
        The same runs under :data:`PLAN` and, if there are more posts than people, under :data:`NONE` and :data:`LATER`.
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
    """Tabulate whether each whole financial year keeps the service level, with the plan and without.

    Returns
    -------
    pandas.DataFrame
        A row for each whole financial year: ``counts`` (whether it counts for the service level). For each plan,
        ``<plan>_kept``, the share of runs in which this year alone keeps it, with its 95% interval ``_low``, ``_high``;
        and ``<plan>_late``, its late inspections. ``busy``, people of the role whom the year's offered load would keep
        busy all the time. ``in_full_use``, people who are fully productive with the plan, mean over the ends of
        quarters.
    """
    import pandas as pd

    plan = alternatives[PLAN]
    busy = load.table.set_index("financial_year")["busy"]
    in_full_use = quarters.groupby(quarters["quarter"].str.partition(" ")[0])["in_full_use"].mean()
    rows = []
    for year in whole_years(plan.scenario):
        row: dict[str, object] = {"financial_year": year, "counts": year in plan.counted}
        for name, found in alternatives.items():
            level = only_level(found)
            kept = found.kept(level, [year])
            low, high = binomial_interval(int(kept.sum()), len(kept), CONFIDENCE)
            late = np.nanmean(found.runs[level][:, found.years.index(year), found.names.index("inspections_late")])
            row |= {f"{name}_kept": kept.mean(), f"{name}_low": low, f"{name}_high": high, f"{name}_late": late}
        rows.append(row | {"busy": busy[year], "in_full_use": in_full_use.get(year, np.nan)})
    return pd.DataFrame(rows)


def only_level(found: SearchResult) -> int:
    """Return the level of a search that has only one."""
    (level,) = found.runs
    return level


def difference(found: SearchResult, base: SearchResult, measure: str | None) -> Mean:
    """Return the mean difference of a measure within pairs of runs, over the years that count.

    Without a measure, return the difference in keeping the service level.
    """
    own, other = (
        each.kept(only_level(each)).astype(float) if measure is None else each.column(only_level(each), measure)
        for each in (found, base)
    )
    return mean_of(own - other)
