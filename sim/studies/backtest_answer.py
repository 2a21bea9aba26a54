"""What a back-test says: sentences, tables and a picture."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.analysis.backtest import OURS, BackTest, Point
from sim.analysis.programme_figures import ALL, MEASURES
from sim.base.figures import aligned, plain_words, share
from sim.statistics.intervals import binomial_interval

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 118
ENOUGH_RUNS = 50
"""Runs from which the range of eight in ten has five or more beyond either end."""
COLUMNS = (
    "measure", "of", "period", "unit", "observed", "p10", "p25", "p50", "p75", "p90", "in_50", "in_80", "settled",
)  # fmt: skip


def table(found: BackTest) -> pd.DataFrame:
    """Every point as a row: figure, unit, observed, quantiles, whether inside, and the scores."""
    import pandas as pd

    names = list(dict.fromkeys(name for point in found.points for name in point.scores))
    rows = [
        [*point.figure[:3], MEASURES[point.figure.measure][0], point.observed, *point.quantiles, point.in_half,
         point.in_eighty, point.settled, *(point.scores.get(name) for name in names)]
        for point in found.points
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=[*COLUMNS, *(f"crps_{name.replace(' ', '_')}" for name in names)])


def text(found: BackTest) -> str:
    """The answer: how much lies inside, the scores, what lies outside, and the inspections of each year."""
    return "\n\n".join([*(textwrap.fill(each, WIDTH) for each in _sentences(found)), *_tables(found)]) + "\n"


def _sentences(found: BackTest) -> Iterator[str]:
    counted = found.counted
    half, eighty = (sum(getattr(point, name) for point in counted) for name in ("in_half", "in_eighty"))
    settled = len(found.points) - len(counted)
    yield (f"{found.scenario.name}, from {found.span.first} to {found.span.last}: {found.runs} runs, {found.known}.")
    if not counted:
        yield "Nothing is left to score: every figure is settled by what the forecast is told."
        return
    if found.runs < ENOUGH_RUNS:
        yield (
            f"With {found.runs} run{'s' * (found.runs > 1)} a range is no more than where these lie: what is inside, "
            f"and what is settled, says little. Make {ENOUGH_RUNS} or more."
        )
    low, high = binomial_interval(eighty, len(counted))
    yield (
        f"Of {len(counted)} figures {eighty} ({share(eighty / len(counted))}) lie inside the range of eight runs in "
        f"ten and {half} ({share(half / len(counted))}) inside that of five in ten. If each told something of its own, "
        f"the share of eight in ten would lie between {share(low)} and {share(high)} (95% interval); they hang "
        "together, so it is less sure than that."
        + (
            f" {settled} more are settled by what the forecast is told, such as a pause, and not counted."
            if settled
            else ""
        )
    )
    overall = found.overall()
    if overall:
        others = ", ".join(f"{value:.2f} for {name}" for name, value in overall.items() if name != OURS)
        best = overall[OURS] <= min(value for name, value in overall.items() if name != OURS)
        measures, everything = found.compared_measures(), found.scores_by_measure()
        yield (
            f"Score over {len(measures)} of {len(everything)} measures, those that every rival forecasts (CRPS of each "
            f"over the mean of all, so 1 is the average and less is better): {overall[OURS]:.2f} for the forecast, "
            f"{others}. {'No rival is better than the forecast' if best else 'The forecast is NOT the best of them'}."
        )
    outside = [point for point in counted if not point.in_eighty]
    if outside:
        yield "Outside the range of eight in ten: " + "; ".join(_outside(point) for point in outside) + "."


def _outside(point: Point) -> str:
    side = "above" if point.observed > point.quantiles[-1] else "below"
    low, *_, high = point.quantiles
    unit = MEASURES[point.figure.measure][0]
    return f"{_name(point)}: {number(point.observed, unit)}, {side} {number(low, unit)} to {number(high, unit)}"


def _name(point: Point) -> str:
    of = "" if point.figure.of == ALL else f" of {plain_words(point.figure.of)}"
    return f"{plain_words(point.figure.measure)}{of} ({point.figure.period})"


def number(value: float, unit: str) -> str:
    """A figure as it is written in words."""
    if unit == "share":
        return f"{100 * value:.1f}%"
    return f"{value:.1f}".removesuffix(".0")


def _tables(found: BackTest) -> Iterator[str]:
    rows = [["full inspections begun", "observed", "middle", "five in ten", "eight in ten", ""]]
    for point in found.points:
        if point.figure.measure == "inspections_started":
            low, first, middle, third, high = (number(each, "") for each in point.quantiles)
            of = "all" if point.figure.of == ALL else plain_words(point.figure.of)
            mark = "settled" if point.settled else "" if point.in_eighty else "outside"
            name = f"{point.figure.period} {of}"
            rows.append([name, number(point.observed, ""), middle, f"{first} to {third}", f"{low} to {high}", mark])
    yield aligned(rows, 1)
    scores = found.scores_by_measure()
    if not scores:
        return
    names = list(dict.fromkeys(name for row in scores.values() for name in row))
    head = ["mean CRPS, less is better", "unit", "figures", "inside 50%", "inside 80%", *names]
    rows = [head]
    for measure in dict.fromkeys(point.figure.measure for point in found.counted):
        points = [point for point in found.counted if point.figure.measure == measure]
        cells = [plain_words(measure), MEASURES[measure][0], str(len(points))]
        cells += [str(sum(point.in_half for point in points)), str(sum(point.in_eighty for point in points))]
        row = scores.get(measure, {})
        rows.append([*cells, *(f"{row[name]:.3g}" if name in row else "-" for name in names)])
    yield aligned(rows, 2)
