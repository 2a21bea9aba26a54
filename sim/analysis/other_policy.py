"""Runs the same head-count under another way of choosing weeks, on the luck of the same runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.analysis.capacity import SearchResult
from sim.analysis.capacity_curve import level_shown
from sim.runs.variants import Runs, Variant

RUNS = 30
"""Number of runs of each policy: enough to distinguish 90% of runs from half of them."""


@dataclass(frozen=True)
class BothPolicies:
    """Hold the results of a head-count under the scenario's policy and another one.

    Attributes
    ----------
    own, other : str
        Policy of the scenario, and the other one: ``levelled``, or ``drawn`` if the scenario levels.
    kept_by_own, kept_by_other : ndarray of bool, shape (runs,)
        Runs that keep the service level. A run that raised an error does not.
    """

    own: str
    other: str
    kept_by_own: NDArray[np.bool_]
    kept_by_other: NDArray[np.bool_]


def both_policies(found: SearchResult, runs: Runs) -> BothPolicies:
    """Run the head-count that a search shows under two policies, on the luck of the same runs.

    Parameters
    ----------
    found : SearchResult
        The search.
    runs : Runs
        Source of the runs.
    """
    level, own = level_shown(found), found.scenario.planning.programme
    other = "drawn" if own == "levelled" else "levelled"
    at_level = found.scenario.with_changes(found.lever.changes(found.scenario, level))
    word = f"{found.lever.word}.{level}"
    years = [runs.years.index(year) for year in found.counted]
    kept = []
    for variant in (
        Variant(word, at_level),
        Variant(f"{word}.{other}", at_level.with_changes({"planning.programme": other})),
    ):
        values = runs.of(variant, range(RUNS))
        raised = np.isnan(values).all(axis=(1, 2))
        kept.append(found.service.kept(values[:, years, found.names.index(found.service.measure)]) & ~raised)
    return BothPolicies(own, other, kept[0], kept[1])
