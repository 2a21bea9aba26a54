"""Computes the offered load: the work that falls due if nobody waits for people, from runs with ample staff.

The offered load of a queue is the work that it would have in service with unlimited servers (W. Whitt, Offered load
analysis for staffing, Manufacturing & Service Operations Management, 2013). It is the starting point for any staffing.
Needs beyond it come from queueing, from teams that cannot be divided, and from people's calendars.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.analysis.capacity import SearchResult
from sim.analysis.capacity_curve import level_shown, utilisation_of
from sim.inputs.framework import Role
from sim.inputs.posts import share_out
from sim.inputs.scenario import Scenario
from sim.runs.outcomes import mean_of_years
from sim.runs.variants import Runs, Variant
from sim.statistics.intervals import Mean, mean_of

if TYPE_CHECKING:
    import pandas as pd

MULTIPLE = 4
"""Ample staff, as a multiple of the people in post. With twice as many again, inspector-days due in ``ilacs_launch``
change by at most 1% in any year.
"""
RUNS = 30
"""Runs with ample staff; a year's days due then have a standard error of about 1%."""
VARIANT = "ample_staff"
"""Word under which the runs are kept."""
DUE, WORKED, LATE = "inspector_days_due", "inspector_days_worked", "inspections_late"


@dataclass(frozen=True)
class OfferedLoad:
    """Hold the offered load, and what is due with the staff that a search found.

    Attributes
    ----------
    level : int
        Head-count whose runs are shown for comparison: the answer, or the best found.
    table : pandas.DataFrame
        A row for each financial year, as kept in ``offered_load.csv``. ``offered``, ``offered_low`` and
        ``offered_high``: inspector-days due with ample staff, mean of :data:`RUNS` runs and its 95% interval. ``due``,
        ``due_low``, ``due_high`` and ``worked``: days due and worked with the head-count of ``level``. ``busy``,
        ``busy_low`` and ``busy_high``: people of the searched role whom the offered load keeps busy all the time, see
        :func:`busy_people`. Until version 0.1 the first figure was computed without a simulation (``closed_form``), and
        the role's inspector-days (``closed_form_of_role``) stood in place of its people.
    busy : Mean or None
        People of the role whom the offered load keeps busy, mean over the years that count. None for one region's
        people, who have no load of their own.
    late : Mean
        Inspections a year that begin late even with ample staff, mean over the years that count.
    staff : dict of str to int
        Ample staff: people of each role.
    """

    level: int
    table: pd.DataFrame
    busy: Mean | None
    late: Mean
    staff: Mapping[Role, int]


def ample_staff(scenario: Scenario) -> dict[Role, int]:
    """Return the people of each role with whom nobody waits: a multiple of those in post, and at least one per
    authority.
    """
    authorities = len(scenario.authorities)
    return {role: max(MULTIPLE * rules.people, authorities) for role, rules in scenario.workforce.roles.items()}


def with_ample_staff(scenario: Scenario) -> Scenario:
    """Return the scenario with ample staff, none of whom leaves, and without a limit on inspections in a week."""
    changes: dict[str, object] = {"planning.most_inspections": None}
    for role, people in ample_staff(scenario).items():
        key, by_region = f"workforce.roles.{role}", scenario.workforce.roles[role].by_region
        changes |= {f"{key}.people": people, f"{key}.turnover_a_year": 0.0}
        if by_region is not None:
            weights = by_region if any(by_region.values()) else scenario.authorities_by_region
            changes[f"{key}.by_region"] = share_out(people, weights)
    return scenario.with_changes(changes)


def busy_people(found: SearchResult, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute how many people of the searched role the work of some runs keeps busy all the time.

    This is the share of their time that ample staff work, multiplied by their number. That many fully productive people
    would have no day to spare.

    Parameters
    ----------
    found : SearchResult
        The search.
    values : ndarray, shape (runs, years, measures)
        Runs with ample staff.

    Returns
    -------
    ndarray, shape (runs, years)
    """
    people = ample_staff(found.scenario)[found.lever.role]
    return np.asarray(people * values[:, :, found.names.index(utilisation_of(found))], dtype=np.float64)


def offered_load(found: SearchResult, runs: Runs) -> OfferedLoad:
    """Compute the offered load of a search's scenario from runs with ample staff, beside the runs of its answer."""
    import pandas as pd

    ample = runs.of(Variant(VARIANT, with_ample_staff(found.scenario)), range(RUNS))
    level, busy = level_shown(found), busy_people(found, ample)
    rows = []
    for place, year in enumerate(found.years):
        row: dict[str, object] = {"financial_year": year}
        row |= _with_interval("offered", ample[:, place, found.names.index(DUE)])
        row |= _with_interval("due", found.runs[level][:, place, found.names.index(DUE)])
        row["worked"] = mean_of(found.runs[level][:, place, found.names.index(WORKED)]).mean
        rows.append(row | (_with_interval("busy", busy[:, place]) if found.lever.region is None else {}))
    counted = [found.years.index(year) for year in found.counted]
    return OfferedLoad(
        level,
        pd.DataFrame(rows),
        mean_of(mean_of_years(busy[:, counted])) if found.lever.region is None else None,
        mean_of(mean_of_years(ample[:, counted, found.names.index(LATE)])),
        ample_staff(found.scenario),
    )


def _with_interval(name: str, values: NDArray[np.float64]) -> dict[str, float]:
    mean = mean_of(values)
    return dict(zip((name, f"{name}_low", f"{name}_high"), (mean.mean, *mean.interval()), strict=True))
