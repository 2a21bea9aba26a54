"""What a back-test says: sentences and tables."""

from __future__ import annotations

from collections.abc import Iterator

from sim.analysis.programme_figures import ALL, MEASURES
from sim.analysis.scored_forecast import OURS, BackTest, Point, number
from sim.base.figures import plain_words, share
from sim.statistics.intervals import binomial_interval
from sim.studies.answer import Answer, Table, sentences

ENOUGH_RUNS = 50
"""Runs from which the range of eight in ten has five or more beyond either end."""


def answer(found: BackTest) -> Answer:
    """How much lies inside, the scores, what lies outside, and the inspections of each year."""
    return Answer("backtest", (*sentences(list(_sentences(found))), _inspections(found), *_scores(found)))


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
    unit = point.unit
    return f"{_name(point)}: {number(point.observed, unit)}, {side} {number(low, unit)} to {number(high, unit)}"


def _name(point: Point) -> str:
    of = "" if point.figure.of == ALL else f" of {plain_words(point.figure.of)}"
    return f"{plain_words(point.figure.measure)}{of} ({point.figure.period})"


def _inspections(found: BackTest) -> Table:
    head = ("full inspections begun", "observed", "middle", "five in ten", "eight in ten", "note")
    rows = []
    for point in found.points:
        if point.figure.measure == "inspections_started":
            low, first, middle, third, high = (number(each, "") for each in point.quantiles)
            of = "all" if point.figure.of == ALL else plain_words(point.figure.of)
            mark = "settled" if point.settled else "" if point.in_eighty else "outside"
            name, ranges = f"{point.figure.period} {of}", (f"{first} to {third}", f"{low} to {high}")
            rows.append((name, number(point.observed, ""), middle, *ranges, mark))
    return Table("Observed and forecast", head, tuple(rows), ends_in_words=True, file="points.csv")


def _scores(found: BackTest) -> Iterator[Table]:
    scores = found.scores_by_measure()
    if not scores:
        return
    names = list(dict.fromkeys(name for row in scores.values() for name in row))
    rows = []
    for measure, row in scores.items():
        points = [point for point in found.counted if point.figure.measure == measure]
        inside = (str(sum(getattr(point, name) for point in points)) for name in ("in_half", "in_eighty"))
        told = (f"{row[name]:.3g}" if name in row else "-" for name in names)
        rows.append((plain_words(measure), MEASURES[measure][0], str(len(points)), *inside, *told))
    head = ("measure", "unit", "figures", "inside 50%", "inside 80%", *names)
    yield Table("Mean CRPS, less is better", head, tuple(rows), words=2, file="points.csv")
