"""Write the answer of a back-test: sentences and tables."""

from __future__ import annotations

from collections.abc import Iterator

from sim.analysis.programme_figures import ALL, MEASURES
from sim.analysis.scored_forecast import OURS, BackTest, Point, number
from sim.base.figures import plain_words, share
from sim.statistics.intervals import binomial_interval
from sim.studies.answer import Answer, Table, sentences

ENOUGH_RUNS = 50
"""Runs from which at least five lie beyond each end of the range of eight runs in ten."""


def answer(found: BackTest) -> Answer:
    """Say how many figures lie inside the ranges, and show the scores, those outside, and each year's inspections."""
    return Answer("backtest", (*sentences(list(_sentences(found))), _inspections(found), *_scores(found)))


def _sentences(found: BackTest) -> Iterator[str]:
    counted = found.counted
    half, eighty = (sum(getattr(point, name) for point in counted) for name in ("in_half", "in_eighty"))
    settled = len(found.points) - len(counted)
    yield (f"{found.scenario.name}, from {found.span.first} to {found.span.last}: {found.runs} runs, {found.known}.")
    if not counted:
        yield "There is nothing to score: what the forecast knew at its start settles every figure."
        return
    if found.runs < ENOUGH_RUNS:
        yield (
            f"{found.runs} run{'s are' if found.runs > 1 else ' is'} too few for a range, so the counts inside it and "
            f"the settled figures say little. Make {ENOUGH_RUNS} runs or more."
        )
    low, high = binomial_interval(eighty, len(counted))
    yield (
        f"Of {len(counted)} figures, {eighty} ({share(eighty / len(counted))}) lie inside the forecast's range of "
        f"eight runs in ten, and {half} ({share(half / len(counted))}) inside its range of five runs in ten. If the "
        f"figures were independent, the 95% interval of the first share would be {share(low)} to {share(high)}. They "
        "are not, so the share is less certain than that."
        + (
            f" {_settled(settled)} not counted, because what the forecast knew, such as a pause, settles "
            f"{'them' if settled > 1 else 'it'}."
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
            f"Score (lower is better): {overall[OURS]:.2f} for the forecast, {others}. "
            f"{'No rival scores better than the forecast' if best else 'The forecast does NOT have the best score'}. "
            f"The score covers the {len(measures)} of {len(everything)} measures that every rival forecasts. It is the "
            "continuous ranked probability score (CRPS) divided by the mean over all forecasts, so 1 is the average."
        )
    outside = [point for point in counted if not point.in_eighty]
    if outside:
        yield "Outside the range of eight in ten: " + "; ".join(_outside(point) for point in outside) + "."


def _settled(number: int) -> str:
    return "1 more figure is" if number == 1 else f"{number} more figures are"


def _outside(point: Point) -> str:
    side = "above" if point.observed > point.quantiles[-1] else "below"
    low, *_, high = point.quantiles
    unit = point.unit
    return f"{_name(point)}: {number(point.observed, unit)}, {side} {number(low, unit)} to {number(high, unit)}"


def _name(point: Point) -> str:
    of = "" if point.figure.of == ALL else f" of {plain_words(point.figure.of)}"
    return f"{plain_words(point.figure.measure)}{of} ({point.figure.period})"


def _inspections(found: BackTest) -> Table:
    head = ("full inspections begun", "observed", "median", "five in ten", "eight in ten", "note")
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
    yield Table("Mean CRPS (lower is better)", head, tuple(rows), words=2, file="points.csv")
