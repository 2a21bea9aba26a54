"""What makes inspections late: how many start late in each year, and what they mostly waited for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from sim.inputs.reasons import GROUPS, Group

if TYPE_CHECKING:
    import pandas as pd

WAITED: dict[Group, str] = {
    "backlog": "were due before the start",
    "pause": "waited for a pause to end",
    "limit": "waited because no more were allowed on site",
    "lead_time": "waited for a lead in post with time left in the term",
    "lead_week": "waited for a week in which a lead was free",
    "team": "waited for inspectors beside the lead",
    "other": "waited for something else",
}
"""What late inspections of each group did, to follow on how many they are."""
PEOPLE: tuple[Group, ...] = ("lead_time", "lead_week", "team")
"""Groups that waited for people."""
WORTH_TELLING = 0.25
"""Least share of those told of for which a second group is named."""


@dataclass(frozen=True)
class Lateness:
    """Inspections that start late, mean over runs.

    Attributes
    ----------
    years : tuple of str
        Financial years.
    late : mapping of str to float
        All of them, by year.
    because : mapping of str to mapping of str to float
        By what they mostly waited for, and by year.
    """

    years: tuple[str, ...]
    late: Mapping[str, float]
    because: Mapping[Group, Mapping[str, float]]

    @classmethod
    def of(cls, summary: pd.DataFrame, years: Sequence[str]) -> Lateness | None:
        """Of a summary, for some years; None if an older version has left no such measures.

        Parameters
        ----------
        summary : pandas.DataFrame
            As in ``summary.csv``.
        years : sequence of str
            Financial years.
        """
        means = {
            (str(measure), str(year)): float(mean)
            for measure, year, mean in summary[["measure", "financial_year", "mean"]].itertuples(index=False)
            if str(measure).startswith("inspections_late")
        }
        names = ["inspections_late", *(f"inspections_late_{group}" for group in GROUPS)]
        found = {name: {year: means.get((name, year), float("nan")) for year in years} for name in names}
        if not years or any(isnan(mean) for of_year in found.values() for mean in of_year.values()):
            return None
        return cls(tuple(years), found[names[0]], dict(zip(GROUPS, list(found.values())[1:], strict=True)))

    @property
    def all_years(self) -> float:
        """All that start late, in all years together."""
        return sum(self.late.values())

    def of_group(self, *groups: Group) -> float:
        """Those of some groups, in all years together."""
        return sum(sum(self.because[group].values()) for group in groups)

    def ordered(self, *without: Group) -> list[Group]:
        """Groups, the largest first, those left out that are none."""
        there = [group for group in GROUPS if group not in without and self.of_group(group) > 0]
        return sorted(there, key=self.of_group, reverse=True)

    def told(self, *without: Group) -> list[Group]:
        """Groups that a sentence names: the largest, and the next if it is worth telling."""
        groups = self.ordered(*without)
        least = WORTH_TELLING * sum(map(self.of_group, groups))
        return groups[:1] + [group for group in groups[1:2] if self.of_group(group) >= least]
