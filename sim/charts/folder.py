"""Save the charts of a result folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sim.charts.comparison import paired_differences
from sim.charts.drawing import Drawn, save
from sim.charts.fans import two_parts
from sim.charts.judgements import judgement_mix
from sim.charts.lateness import late_reasons
from sim.charts.workload import time_by_role, weekly_peak, workload
from sim.runs.frame import Frame

if TYPE_CHECKING:
    import pandas as pd

CHARTS: dict[str, Callable[[pd.DataFrame, Frame], Drawn]] = {
    "late_reasons": late_reasons,
    "time_by_role": time_by_role,
    "workload": workload,
    "weekly_peak": weekly_peak,
    "judgements": judgement_mix,
}
"""Charts of a result folder, by file name."""
FAN = "two_parts"
"""File name of the chart :func:`two_parts`, drawn if there are enough parameter draws."""
PICTURES = frozenset(f"{name}{ending}" for name in (*CHARTS, FAN) for ending in (".png", ".txt"))
"""All files that :func:`save_all` may write."""


def save_differences(folder: Path, table: pd.DataFrame) -> None:
    """Save the chart of each scenario of a comparison, and its text alternative."""
    for (name, base), rows in table[table["p_holm"].notna()].groupby(["scenario", "base"], sort=False):
        save(folder / f"differences_{name}", paired_differences(rows, str(name), str(base)))


def save_all(folder: Path, summary: pd.DataFrame, frame: Frame, variance: pd.DataFrame | None = None) -> None:
    """Save every chart as PNG, and its text alternative.

    Give ``variance`` if there are enough parameter draws to separate the two parts of the range.
    """
    if variance is not None:
        save(folder / FAN, two_parts(summary, variance, frame))
    for name, draw in CHARTS.items():
        save(folder / name, draw(summary, frame))
