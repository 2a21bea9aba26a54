"""Holds every measure of many replications as one array, and computes their statistics.

The array takes 5 kB for each replication. A table with a row for each value would take a hundred times as much.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.runs.measures import NAMES, USED, known_among, of_a_grade, of_a_kind, unit_of
from sim.statistics.intervals import QuantileInterval, group_quantiles, quantile_interval, summarise, variance_share

if TYPE_CHECKING:
    import pandas as pd

QUANTILES = (0.1, 0.5, 0.9)
"""Quantiles of a single replication that results give."""
VARIANCE_COLUMNS = (
    "financial_year", "measure", "draws", "share_from_parameters", "ci_low", "ci_high", "parameters_p10",
    "parameters_p90",
)  # fmt: skip


@dataclass(frozen=True)
class Outcomes:
    """Hold every measure of many replications.

    Attributes
    ----------
    replications : ndarray of int, shape (n,)
        Numbers of the replications, in order.
    years : tuple of str
        Financial years, in order.
    values : ndarray, shape (n, years, measures)
        Values in the order of the replications, years and names. A share or mean of nothing is not a number (NaN).
    runs_per_draw : int
        Number of consecutive replications that share a draw of the parameters.
    names : tuple of str
        Measures. Those of every scenario and of its grades come first, in order; those of the scenario's own kinds of
        visit and roles follow.
    """

    replications: NDArray[np.int64]
    years: tuple[str, ...]
    values: NDArray[np.float64]
    runs_per_draw: int = 1
    names: tuple[str, ...] = NAMES

    @classmethod
    def of(
        cls, tables: Sequence[Any], years: Sequence[str], runs_per_draw: int = 1, names: Sequence[str] = NAMES
    ) -> Outcomes:
        """Build outcomes from Arrow tables of measures, in the order of :func:`sim.runs.tables.of_measures`.

        Parameters
        ----------
        tables : sequence of pyarrow.Table
            Tables with the columns replication and value.
        years : sequence of str
            Financial years, in order.
        runs_per_draw : int, optional
            Number of replications that share a draw of the parameters.
        names : sequence of str, optional
            Measures of the tables, in order. Measures that this version does not know are left out. Measures that every
            scenario has, but these tables lack, become not a number (NaN).
        """
        columns = [(table["replication"].to_numpy(), table["value"].to_numpy()) for table in tables]
        numbers = [replications[:: len(years) * len(names)] for replications, _ in columns]
        values = [column.reshape(-1, len(years), len(names)) for _, column in columns]
        every = known_among(names)
        if not columns:
            found = np.empty((0, len(years), len(every)))
            return cls(np.array([], dtype=np.int64), tuple(years), found, runs_per_draw, every)
        found = np.concatenate(values)
        if tuple(names) != every:
            known = [name for name in every if name in names]
            theirs, found = found, np.full((*found.shape[:2], len(every)), np.nan)
            found[:, :, list(map(every.index, known))] = theirs[:, :, list(map(names.index, known))]
        return cls(np.concatenate(numbers).astype(np.int64), tuple(years), found, runs_per_draw, every)

    def __len__(self) -> int:
        return len(self.replications)

    @property
    def groups(self) -> NDArray[np.int64]:
        """Return the number of the parameter draw that each replication uses."""
        return self.replications // self.runs_per_draw

    def column(self, year: str, measure: str) -> NDArray[np.float64]:
        """Return one measure of one financial year, shape (n,).

        If the scenario lacks the kind of visit or grade of a measure, the count is 0. If it lacks the role, the measure
        is not a number (NaN).
        """
        if measure not in self.names and (of_a_kind(measure) or of_a_grade(measure)):
            return np.full(len(self), np.nan if measure.startswith(USED) else 0.0)
        return self.values[:, self.years.index(year), self.names.index(measure)]

    def columns(self) -> Iterator[tuple[str, str, NDArray[np.float64]]]:
        """Yield financial year, measure and values in the order of the tables; nothing if there are no replications."""
        if not len(self):
            return
        for place, year in enumerate(self.years):
            for number, name in enumerate(self.names):
                yield year, name, self.values[:, place, number]


def mean_of_years(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Average values of shape (runs, years, ...) over the years, ignoring missing values; NaN where all are missing."""
    there = ~np.isnan(values)
    sums, count = np.where(there, values, 0.0).sum(axis=1), there.sum(axis=1)
    return np.asarray(np.divide(sums, count, out=np.full(sums.shape, np.nan), where=count > 0), dtype=np.float64)


def summary(outcomes: Outcomes) -> pd.DataFrame:
    """Summarise each financial year and measure over replications; see :class:`sim.statistics.intervals.Summary`.

    The interval of the mean treats replications that share a draw of the parameters as one group.
    """
    import pandas as pd

    rows = [
        {"financial_year": year, "measure": measure, "unit": unit_of(measure)}
        | vars(summarise(values, outcomes.groups))
        for year, measure, values in outcomes.columns()
    ]
    columns = ["financial_year", "measure", "unit", "mean", "ci_low", "ci_high", "p10", "p50", "p90"]
    return pd.DataFrame(rows, columns=columns)


def quantiles(outcomes: Outcomes) -> pd.DataFrame:
    """Estimate quantiles of a single replication, each between two order statistics; see :func:`quantile_interval`.

    A limit is missing where there are too few replications to find it.
    """
    import pandas as pd

    groups = outcomes.groups if outcomes.runs_per_draw > 1 else None
    rows = [
        (year, measure, probability, *_finite(quantile_interval(values, probability, groups)))
        for year, measure, values in outcomes.columns()
        for probability in QUANTILES
    ]
    return pd.DataFrame(rows, columns=["financial_year", "measure", "probability", "quantile", "ci_low", "ci_high"])


def _finite(found: QuantileInterval) -> tuple[float, ...]:
    limits = (found.value, found.ci_low, found.ci_high)
    return tuple(value if np.isfinite(value) else float("nan") for value in limits)


def variance(outcomes: Outcomes) -> pd.DataFrame:
    """Estimate, for each financial year and measure, the share of the variance that comes from the parameters.

    Chance makes up the rest. Each row also gives the range of eight draws in ten with chance averaged out; see
    :func:`sim.statistics.intervals.group_quantiles`.
    """
    import pandas as pd

    rows = []
    for year, measure, values in outcomes.columns():
        found = variance_share(values, outcomes.groups)
        inner = group_quantiles(values, outcomes.groups, (QUANTILES[0], QUANTILES[-1]), found.share)
        rows.append((year, measure, found.groups, found.share, found.ci_low, found.ci_high, *inner))
    return pd.DataFrame(rows, columns=list(VARIANCE_COLUMNS))
