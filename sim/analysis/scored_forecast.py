"""Compares a forecast with what happened: its points, their ranges and their scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.programme_figures import MEASURES, Figure, Span
from sim.inputs.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

LEVELS = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Quantiles of a forecast: its middle, and the ranges of five and of eight runs in ten."""
OURS = "forecast"
RIVALS = ("last year again", "fixed three-year cycle")
"""Rival forecasts."""
COLUMNS = (
    "measure", "of", "period", "unit", "observed", "p10", "p25", "p50", "p75", "p90", "in_50", "in_80", "settled",
)  # fmt: skip
"""Columns of the table of points, before those of the scores."""


@dataclass(frozen=True)
class Point:
    """Compare one figure, forecast and observed.

    Attributes
    ----------
    figure : Figure
        The figure.
    observed : float
        Observed value.
    quantiles : tuple of float
        Quantiles of the runs, at ``LEVELS``.
    scores : mapping of str to float
        Fair CRPS of the forecast and of each rival that has the figure, in the figure's unit; lower is better. A rival
        gives a single value, so its score is the absolute error.
    settled : bool
        Whether every run gives the observed value, as in a pause that the runs know about. Such a point is not counted.
    reached : tuple of float
        Share of runs below the observed value, and share at or below it. Its position in the forecast (probability
        integral transform) is between these.
    """

    figure: Figure
    observed: float
    quantiles: tuple[float, ...]
    scores: Mapping[str, float]
    settled: bool
    reached: tuple[float, float] = (0.0, 1.0)

    @property
    def unit(self) -> str:
        """Return the unit of the figure."""
        return MEASURES[self.figure.measure][0]

    def inside(self, low: int, high: int) -> bool:
        """Return whether the observed value lies between two of the quantiles, inclusive."""
        return self.quantiles[low] <= self.observed <= self.quantiles[high]

    @property
    def in_half(self) -> bool:
        """Return whether it lies in the range of five runs in ten."""
        return self.inside(1, 3)

    @property
    def in_eighty(self) -> bool:
        """Return whether it lies in the range of eight runs in ten."""
        return self.inside(0, 4)


@dataclass(frozen=True)
class BackTest:
    """Hold a forecast and its comparison with history.

    Attributes
    ----------
    scenario : Scenario
        Scenario that was run.
    span : Span
        Days compared.
    known : str
        What drift, judgement and workforce rest on.
    points : tuple of Point
        Every figure that was both observed and forecast.
    runs : int
        Number of runs.
    """

    scenario: Scenario
    span: Span
    known: str
    points: tuple[Point, ...]
    runs: int

    def frame(self) -> pd.DataFrame:
        """Write every point as a row: figure, unit, observed, quantiles, whether inside, and the scores."""
        import pandas as pd

        names = list(dict.fromkeys(name for point in self.points for name in point.scores))
        rows = [
            [*point.figure[:3], point.unit, point.observed, *point.quantiles, point.in_half, point.in_eighty,
             point.settled, *(point.scores.get(name) for name in names)]
            for point in self.points
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=[*COLUMNS, *(f"crps_{name.replace(' ', '_')}" for name in names)])

    @property
    def counted(self) -> list[Point]:
        """Return the points that are not settled in advance."""
        return [point for point in self.points if not point.settled]

    @property
    def _rivals(self) -> list[str]:
        """Return the rivals that have any figures."""
        return [name for name in RIVALS if any(name in point.scores for point in self.counted)]

    def scores_by_measure(self) -> dict[str, dict[str, float]]:
        """Return the mean CRPS by measure, of the forecast and each rival, over the points that all of them have.

        Rivals without any figure of a measure are left out.
        """
        found = {}
        for measure in dict.fromkeys(point.figure.measure for point in self.counted):
            rows = [point.scores for point in self.counted if point.figure.measure == measure]
            rivals = [name for name in self._rivals if any(name in row for row in rows)]
            shared = [row for row in rows if all(name in row for name in rivals)]
            told, names = (shared, (OURS, *rivals)) if shared else (rows, (OURS,))
            found[measure] = {name: float(np.mean([row[name] for row in told])) for name in names}
        return found

    def compared_measures(self) -> list[str]:
        """Return the measures with figures from every rival that has any; the overall score covers these."""
        return [name for name, scores in self.scores_by_measure().items() if len(scores) > len(self._rivals) > 0]

    def overall(self) -> dict[str, float]:
        """Return the overall score: mean CRPS relative to the mean of all, over :meth:`compared_measures`; 1 is
        average.
        """
        relative: dict[str, list[float]] = {}
        by_measure = self.scores_by_measure()
        for scores in (by_measure[name] for name in self.compared_measures()):
            middle = float(np.mean(list(scores.values())))
            for name, score in scores.items():
                relative.setdefault(name, []).append(score / middle if middle else 1.0)
        return {name: float(np.mean(values)) for name, values in relative.items()}


def number(value: float, unit: str) -> str:
    """Write a figure in words."""
    return f"{100 * value:.1f}%" if unit == "share" else f"{value:.1f}".removesuffix(".0")
