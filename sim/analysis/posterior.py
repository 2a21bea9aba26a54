"""Describes what history says about the unknowns: runs from the prior, draws of the posterior, and ties between
unknowns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.analysis.programme_figures import Figure
from sim.inputs.unknowns import Array, Unknown, on_the_line

if TYPE_CHECKING:
    import pandas as pd

RANGE = (0.1, 0.5, 0.9)
"""Limits and middle of the range of eight draws in ten."""
TIED = 0.3
"""Correlation from which the answer says that history cannot separate two unknowns."""


@dataclass(frozen=True)
class Table:
    """Hold runs from the prior.

    Attributes
    ----------
    unknowns : tuple of Unknown
        Unknowns to infer.
    places : ndarray, shape (runs, unknowns)
        Position of each in its prior.
    names : tuple of Figure
        Figures that are compared.
    figures : ndarray, shape (runs, figures)
        Figures of each run. Not a number (NaN) where a run has none.
    observed : ndarray, shape (figures,)
        Figures of history.
    """

    unknowns: tuple[Unknown, ...]
    places: Array
    names: tuple[Figure, ...]
    figures: Array
    observed: Array

    def frame(self) -> pd.DataFrame:
        """Write every run: the values that it used, and its figures."""
        import pandas as pd

        values = {
            each.name: each.told(each.value(float(place)) for place in self.places[:, number])
            for number, each in enumerate(self.unknowns)
        }
        return pd.DataFrame(values | {" ".join(name): self.figures[:, at] for at, name in enumerate(self.names)})


@dataclass(frozen=True)
class Change:
    """Compare an unknown's range before and after history is used, in its own unit.

    Attributes
    ----------
    unknown : Unknown
        The unknown.
    prior, posterior : tuple of float
        Quantiles at the shares of ``RANGE``.
    """

    unknown: Unknown
    prior: tuple[float, ...]
    posterior: tuple[float, ...]

    @property
    def width_left(self) -> float:
        """Return the width of the posterior's range, as a share of the prior's."""
        return (self.posterior[-1] - self.posterior[0]) / (self.prior[-1] - self.prior[0])


@dataclass(frozen=True)
class Posterior:
    """Hold what the figures of history say about the unknowns.

    Attributes
    ----------
    table : Table
        The runs.
    kept : ndarray of int
        Numbers of the runs that were kept.
    places : ndarray, shape (draws, unknowns)
        Draws, as positions in the prior.
    """

    table: Table
    kept: NDArray[np.int64]
    places: Array

    def values(self, name: str) -> Array:
        """Return the draws of an unknown, in its own unit."""
        place = [each.name for each in self.table.unknowns].index(name)
        return self.table.unknowns[place].smooth(self.places[:, place])

    def frame(self) -> pd.DataFrame:
        """Write the draws, a column for each unknown, in its own unit."""
        import pandas as pd

        return pd.DataFrame({each.name: each.told(self.values(each.name)) for each in self.table.unknowns})

    @property
    def changes(self) -> tuple[Change, ...]:
        """Return what history changes about each numerical unknown."""
        return tuple(
            Change(
                each,
                tuple(each.smooth(np.array(RANGE)).tolist()),
                tuple(np.quantile(self.values(each.name), RANGE).tolist()),
            )
            for each in self.table.unknowns
            if not each.names
        )

    def shares(self) -> dict[str, dict[str, float]]:
        """Return the probability of each policy, by unknown and name; before history all are equally likely."""
        return {
            each.name: {name: float(np.mean(self.values(each.name) == at)) for at, name in enumerate(each.names)}
            for each in self.table.unknowns
            if each.names
        }

    def deployable(self) -> tuple[Array, Array]:
        """Return full-time equivalents deployable on the programme, for the posterior and for as many draws of the
        prior.

        This is the number of social care HMI times the share of their time, in units of the assumed days of a single
        inspection. The number of inspections a year carries information about it.
        """
        by_name = {each.name: each for each in self.table.unknowns}
        order = [each.name for each in self.table.unknowns]
        rng = np.random.default_rng(0)
        before = rng.random(self.places.shape)

        def of(places: Array) -> Array:
            people, part, days = (
                by_name[name].smooth(places[:, order.index(name)])
                for name in ("people", "programme_share", "days_of_single_inspections")
            )
            return np.asarray(people * part * by_name["days_of_single_inspections"].assumed / days)

        return of(self.places), of(before)

    def tied(self) -> Iterator[tuple[Unknown, Unknown, float]]:
        """Yield pairs of unknowns that history does not distinguish, with their correlation; policies have none."""
        numbers = [place for place, each in enumerate(self.table.unknowns) if not each.names]
        together: Array = np.zeros((len(self.table.unknowns),) * 2)
        together[np.ix_(numbers, numbers)] = np.corrcoef(on_the_line(self.places[:, numbers]).T)
        for one, two in combinations(numbers, 2):
            if abs(together[one, two]) >= TIED:
                yield self.table.unknowns[one], self.table.unknowns[two], float(together[one, two])

    def kept_ranges(self) -> Iterator[tuple[Figure, float, float, float]]:
        """Yield each figure as observed, and its range of eight in ten in the runs that were kept."""
        rows = self.table.figures[self.kept]
        for place, name in enumerate(self.table.names):
            low, high = np.nanquantile(rows[:, place], (RANGE[0], RANGE[-1]))
            yield name, float(self.table.observed[place]), float(low), float(high)


def low_to_high(quantiles: Sequence[float]) -> str:
    """Write the limits of a range."""
    return f"{quantiles[0]:.3g} to {quantiles[-1]:.3g}"
