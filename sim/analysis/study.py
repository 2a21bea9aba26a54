"""Provides what a script asks of the runs of a comparison: means, differences and years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.base.figures import EIGHT_IN_TEN
from sim.statistics.intervals import Mean, mean_of

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.comparison import Comparison
    from sim.inputs.scenario import Scenario


@dataclass(frozen=True)
class Study:
    """Give an answer access to a comparison.

    Attributes
    ----------
    comparison : Comparison
        Scenarios and their results.
    """

    comparison: Comparison

    @property
    def base(self) -> str:
        """Return the name of the base."""
        return self.comparison.base.name

    @property
    def names(self) -> list[str]:
        """Return the names of the scenarios, the base first."""
        return [self.base, *(each.name for each in self.comparison.others)]

    @cached_property
    def scenarios(self) -> dict[str, Scenario]:
        """Return the scenarios by name."""
        return {each.name: each for each in (self.comparison.base, *self.comparison.others)}

    @cached_property
    def years(self) -> list[str]:
        """Return the financial years that every scenario simulates whole; all years if there are none."""
        from sim.runs.measures import shown_years

        return shown_years(*self.scenarios.values())

    @cached_property
    def all_years(self) -> list[str]:
        """Return the financial years that every scenario covers, including incomplete ones."""
        from sim.runs.measures import years_of

        first, *others = (years_of(each) for each in self.scenarios.values())
        return [year for year in first if all(year in years for years in others)]

    @cached_property
    def measures(self) -> list[str]:
        """Return the measures of any scenario: first those of all, then those of kinds of visit that only some have."""
        every = (name for each in self.names for name in self.comparison.results[each].outcomes.names)
        return list(dict.fromkeys(every))

    @cached_property
    def replications(self) -> NDArray[np.int64]:
        """Return the replications that no scenario failed."""
        numbers = [self.comparison.results[name].outcomes.replications for name in self.names]
        return np.array(sorted(set.intersection(*(set(each.tolist()) for each in numbers))), dtype=np.int64)

    @cached_property
    def groups(self) -> NDArray[np.int64]:
        """Return the group of each replication; those with the same draw of the parameters form one group."""
        return self.replications // max(each.runs_sharing_a_draw for each in self.scenarios.values())

    def runs(self, name: str, measure: str, years: Sequence[str] | None = None) -> NDArray[np.float64]:
        """Return a measure of each replication, averaged over some years (by default the whole ones), ignoring missing
        values.
        """
        from sim.runs.outcomes import mean_of_years

        outcomes = self.comparison.results[name].outcomes
        places = np.searchsorted(outcomes.replications, self.replications)
        by_year = [outcomes.column(year, measure)[places] for year in (self.years if years is None else years)]
        return mean_of_years(np.array(by_year).T)

    def mean_of(self, values: NDArray[np.float64]) -> Mean:
        """Return the mean of a figure of each replication."""
        return mean_of(values, self.groups)

    def most(self, name: str, measure: str) -> NDArray[np.float64]:
        """Return the highest value of a measure over the whole years, for each replication."""
        return np.asarray(np.max([self.runs(name, measure, [year]) for year in self.years], axis=0), dtype=np.float64)

    def mean(self, name: str, measure: str, years: Sequence[str] | None = None) -> Mean:
        """Return the mean of a measure over replications."""
        return mean_of(self.runs(name, measure, years), self.groups)

    def difference(self, name: str, measure: str, years: Sequence[str] | None = None, base: str | None = None) -> Mean:
        """Return the mean difference from the base within pairs of replications."""
        against = self.runs(self.base if base is None else base, measure, years)
        return mean_of(self.runs(name, measure, years) - against, self.groups)

    def by_year(self, name: str, measure: str, years: Sequence[str] | None = None) -> pd.DataFrame:
        """Return the mean and the range of eight runs in ten of each year that has values (by default whole years)."""
        import pandas as pd

        values = {year: self.runs(name, measure, [year]) for year in (self.years if years is None else years)}
        told = {year: each[~np.isnan(each)] for year, each in values.items()}
        rows = {year: (each.mean(), *np.quantile(each, EIGHT_IN_TEN)) for year, each in told.items() if len(each)}
        return pd.DataFrame.from_dict(rows, orient="index", columns=["mean", "p10", "p90"])

    def table(self, measures: Mapping[str, str], years: Sequence[str] | None = None) -> pd.DataFrame:
        """Tabulate measures of every scenario, and their differences from the base, with 95% intervals.

        Parameters
        ----------
        measures : mapping of str to str
            Label of each measure in the table, by name.
        years : sequence of str, optional
            Years to average over. By default the whole ones.
        """
        import pandas as pd

        from sim.runs.measures import unit_of

        rows = [
            (
                name, measure, words, unit_of(measure), mean.mean, *mean.interval(),
                *((np.nan,) * 3 if name == self.base else (difference.mean, *difference.interval())),
            )
            for measure, words in measures.items()
            for name in self.names
            for mean, difference in [(self.mean(name, measure, years), self.difference(name, measure, years))]
        ]  # fmt: skip
        columns = ("scenario", "measure", "words", "unit", "mean", "ci_low", "ci_high")
        return pd.DataFrame(rows, columns=[*columns, "difference", "difference_low", "difference_high"])
