"""A forecast held against what happened: its points, their ranges and their scores."""

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
"""What the forecast is held against beside history."""
COLUMNS = (
    "measure", "of", "period", "unit", "observed", "p10", "p25", "p50", "p75", "p90", "in_50", "in_80", "settled",
)  # fmt: skip
"""Columns of the table of points, before those of the scores."""


@dataclass(frozen=True)
class Point:
    """One figure, forecast and observed.

    Attributes
    ----------
    figure : Figure
        What it is.
    observed : float
        What happened.
    quantiles : tuple of float
        Of the runs, at ``LEVELS``.
    scores : mapping of str to float
        Fair CRPS of the forecast and of each rival that has such a figure, in the figure's unit; less is better. That
        of a rival, which is a single value, is its absolute error.
    settled : bool
        Whether every run gives what happened, as in a pause that they are told of: it is not counted.
    reached : tuple of float
        Share of the runs that lie below what happened, and of those that lie no higher: between them is its place in
        the forecast (probability integral transform).
    """

    figure: Figure
    observed: float
    quantiles: tuple[float, ...]
    scores: Mapping[str, float]
    settled: bool
    reached: tuple[float, float] = (0.0, 1.0)

    @property
    def unit(self) -> str:
        """Unit of the figure."""
        return MEASURES[self.figure.measure][0]

    def inside(self, low: int, high: int) -> bool:
        """Whether what happened lies between two of the quantiles, ends among them."""
        return self.quantiles[low] <= self.observed <= self.quantiles[high]

    @property
    def in_half(self) -> bool:
        """Whether it lies in the range of five runs in ten."""
        return self.inside(1, 3)

    @property
    def in_eighty(self) -> bool:
        """Whether it lies in the range of eight runs in ten."""
        return self.inside(0, 4)


@dataclass(frozen=True)
class BackTest:
    """A forecast held against history.

    Attributes
    ----------
    scenario : Scenario
        What was run.
    span : Span
        What was compared.
    known : str
        What drift, judgement and workforce rest on.
    points : tuple of Point
        Every figure that was observed and forecast.
    runs : int
        How many runs.
    """

    scenario: Scenario
    span: Span
    known: str
    points: tuple[Point, ...]
    runs: int

    def frame(self) -> pd.DataFrame:
        """Every point as a row: figure, unit, observed, quantiles, whether inside, and the scores."""
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
        """Points that are not settled beforehand."""
        return [point for point in self.points if not point.settled]

    @property
    def _rivals(self) -> list[str]:
        """Rivals that have anything to say."""
        return [name for name in RIVALS if any(name in point.scores for point in self.counted)]

    def scores_by_measure(self) -> dict[str, dict[str, float]]:
        """Mean CRPS by measure, of the forecast and of each rival, over the points that all have who have any."""
        found = {}
        for measure in dict.fromkeys(point.figure.measure for point in self.counted):
            rows = [point.scores for point in self.counted if point.figure.measure == measure]
            rivals = [name for name in self._rivals if any(name in row for row in rows)]
            shared = [row for row in rows if all(name in row for name in rivals)]
            told, names = (shared, (OURS, *rivals)) if shared else (rows, (OURS,))
            found[measure] = {name: float(np.mean([row[name] for row in told])) for name in names}
        return found

    def compared_measures(self) -> list[str]:
        """Measures of which every rival that has anything to say has figures: what the overall score is of."""
        return [name for name, scores in self.scores_by_measure().items() if len(scores) > len(self._rivals) > 0]

    def overall(self) -> dict[str, float]:
        """Score over :meth:`compared_measures`: mean CRPS over that of all; 1 is the average."""
        relative: dict[str, list[float]] = {}
        by_measure = self.scores_by_measure()
        for scores in (by_measure[name] for name in self.compared_measures()):
            middle = float(np.mean(list(scores.values())))
            for name, score in scores.items():
                relative.setdefault(name, []).append(score / middle if middle else 1.0)
        return {name: float(np.mean(values)) for name, values in relative.items()}


def number(value: float, unit: str) -> str:
    """A figure as it is written in words."""
    return f"{100 * value:.1f}%" if unit == "share" else f"{value:.1f}".removesuffix(".0")
