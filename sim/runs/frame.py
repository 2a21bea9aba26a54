"""Decides which financial years of a study are shown, and what to call its range over runs."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.base.figures import range_name
from sim.inputs.grades import SHIPPED, Grades

if TYPE_CHECKING:
    from sim.inputs.scenario import Scenario


@dataclass(frozen=True)
class Frame:
    """Hold what charts and texts of a study show beside its summary.

    Attributes
    ----------
    years : tuple of str
        Financial years simulated whole, or all years if there are none.
    parts : frozenset of str
        Financial years simulated in part.
    last_day : datetime.date
        Last day simulated.
    runs : int
        Number of replications behind the summary.
    grades : Grades
        Grades by which the summary counts authorities.
    """

    years: tuple[str, ...]
    parts: frozenset[str]
    last_day: datetime.date
    runs: int
    grades: Grades = SHIPPED

    @classmethod
    def of(cls, scenario: Scenario, failed: int = 0) -> Frame:
        """Return the frame of a scenario, given how many of its runs failed."""
        from sim.runs.measures import shown_years, whole_years, years_of

        parts = frozenset(years_of(scenario)) - frozenset(whole_years(scenario))
        last_day = scenario.end - datetime.timedelta(days=1)
        return cls(tuple(shown_years(scenario)), parts, last_day, scenario.replications - failed, scenario.grades)

    def name(self, year: str) -> str:
        """Return a year's name, with an asterisk if it is incomplete."""
        return f"{year}*" if year in self.parts else year

    @property
    def names(self) -> list[str]:
        """Return the names of the years shown."""
        return [self.name(year) for year in self.years]

    def end_of(self, year: str) -> datetime.date:
        """Return the last day of a year, or of the run if that is sooner."""
        return min(datetime.date(int(year[:4]) + 1, 3, 31), self.last_day)

    @property
    def range(self) -> str:
        """Name what the band or bar from p10 to p90 shows."""
        return range_name(self.runs)

    @property
    def footnote(self) -> str:
        """Explain the asterisk; empty if no year has one."""
        return "* part of a year" if self.parts & set(self.years) else ""
