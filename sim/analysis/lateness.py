"""Explains late inspections: how many start late in each year, and what they mostly waited for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from sim.inputs.reasons import GROUPS, Group

if TYPE_CHECKING:
    import pandas as pd

WAITED: dict[Group, str] = {
    "backlog": "waited for their turn in the backlog",
    "pause": "waited for a pause to end",
    "limit": "waited because no more were allowed on site",
    "lead_time": "waited because no lead in post had days left in that term",
    "lead_week": "waited because no lead was free in that week",
    "team": "waited for team members other than the lead",
    "other": "waited for something else",
}
"""What the late inspections of each group did, to follow their number in a sentence."""
PEOPLE: tuple[Group, ...] = ("lead_time", "lead_week", "team")
"""Groups that waited for people."""
WORTH_TELLING = 0.25
"""A second group is named if it has at least this share of those described."""


@dataclass(frozen=True)
class Lateness:
    """Hold the inspections that start late, as means over runs.

    Attributes
    ----------
    years : tuple of str
        Financial years.
    late : mapping of str to float
        All late inspections, by year.
    because : mapping of str to mapping of str to float
        Late inspections by what they mostly waited for, and by year.
    """

    years: tuple[str, ...]
    late: Mapping[str, float]
    because: Mapping[Group, Mapping[str, float]]

    @classmethod
    def of(cls, summary: pd.DataFrame, years: Sequence[str]) -> Lateness | None:
        """Read lateness from a summary, for some years; None if an older version wrote no such measures.

        Parameters
        ----------
        summary : pandas.DataFrame
            Table as in ``summary.csv``.
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
        """Return the number that start late, in all years together."""
        return sum(self.late.values())

    def of_group(self, *groups: Group) -> float:
        """Return the number in some groups, in all years together."""
        return sum(sum(self.because[group].values()) for group in groups)

    def ordered(self, *without: Group) -> list[Group]:
        """Return the groups that are not empty, largest first, apart from those in ``without``."""
        there = [group for group in GROUPS if group not in without and self.of_group(group) > 0]
        return sorted(there, key=self.of_group, reverse=True)

    def told(self, *without: Group) -> list[Group]:
        """Return the groups that a sentence names: the largest, and the next if it is large enough."""
        groups = self.ordered(*without)
        least = WORTH_TELLING * sum(map(self.of_group, groups))
        return groups[:1] + [group for group in groups[1:2] if self.of_group(group) >= least]
