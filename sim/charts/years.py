"""What charts over financial years share: which years they show, a column of the summary, axes and words."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.base.figures import range_name
from sim.charts.drawing import plain, told

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from sim.inputs.scenario import Scenario


@dataclass(frozen=True)
class Frame:
    """What the charts of a study show, beside its summary.

    Attributes
    ----------
    years : tuple of str
        Financial years: those simulated whole, or all of them if there is none.
    parts : frozenset of str
        Financial years simulated in part.
    last_day : datetime.date
        Last day simulated.
    runs : int
        Replications behind the summary.
    """

    years: tuple[str, ...]
    parts: frozenset[str]
    last_day: datetime.date
    runs: int

    @classmethod
    def of(cls, scenario: Scenario, failed: int = 0) -> Frame:
        """What the charts of a scenario show, of whose runs so many failed."""
        from sim.runs.ensemble import whole_years, years_of

        names, whole = years_of(scenario), whole_years(scenario)
        last_day = scenario.end - datetime.timedelta(days=1)
        return cls(tuple(whole or names), frozenset(names) - set(whole), last_day, scenario.replications - failed)

    def name(self, year: str) -> str:
        """A year as it is written, with an asterisk if it is a part of one."""
        return f"{year}*" if year in self.parts else year

    @property
    def names(self) -> list[str]:
        """Years as they are written."""
        return [self.name(year) for year in self.years]

    def end_of(self, year: str) -> datetime.date:
        """Last day of a year, or of the run if that is sooner."""
        return min(datetime.date(int(year[:4]) + 1, 3, 31), self.last_day)

    @property
    def range(self) -> str:
        """What the band or bar from p10 to p90 shows."""
        return range_name(self.runs)

    @property
    def footnote(self) -> str:
        """What the asterisk says; nothing if there is none."""
        return "* part of a year" if self.parts & set(self.years) else ""


def outer(frame: Frame) -> tuple[str, str]:
    """First and last year shown."""
    return frame.years[0], frame.years[-1]


def wide(summary: pd.DataFrame, frame: Frame, column: str) -> pd.DataFrame:
    """One column of the summary, years down and measures across."""
    return summary.pivot(index="financial_year", columns="measure", values=column).loc[list(frame.years)]


def finish(axes: Axes, frame: Frame, title: str, unit: str) -> None:
    """Title, unit, footnote and grid of a chart over the years."""
    plain(axes, None, title, unit)
    axes.set_xlabel(frame.footnote, loc="left")
    axes.set_ylim(bottom=0)


def in_words(frame: Frame, title: str, what: str, lines: Sequence[str]) -> str:
    """Text alternative: message, what is drawn, its figures, and what the asterisk says."""
    return told(title, what, [*lines, f"{frame.footnote}."] if frame.footnote else lines)
