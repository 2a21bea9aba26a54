"""Write the joint answer of back-tests from several origins: sentences and tables."""

from __future__ import annotations

from collections.abc import Iterator

from sim.analysis.pooled import BEGUN, Against, Pooled, inside, rivals_of
from sim.analysis.programme_figures import ALL
from sim.analysis.scored_forecast import RIVALS, number
from sim.base.figures import listed, plain_words, share
from sim.studies.answer import Answer, Block, Note, Sentence, Table


def answer(found: Pooled) -> Answer:
    """Say how many figures lie inside the ranges, and show the scores, the inspections begun and every measure."""
    return Answer("backtest_origins", tuple(_blocks(found)))


def _blocks(found: Pooled) -> Iterator[Block]:
    days = listed([str(test.scenario.start) for test in found.tests])
    begun, everything = found.points(BEGUN), found.points()
    yield Sentence(
        f"Forecasts from {days}, {found.tests[0].runs} runs each. Drift and judgement are fitted to what was known "
        "then; closed weeks, publication times, teams and turnover are those of January 2018.",
        "lead",
    )
    yield Sentence(
        f"{inside(begun)} of {len(begun)} figures for inspections begun ({share(inside(begun) / len(begun))}) lie "
        f"inside the forecast's range of eight runs in ten. So do {inside(everything)} of {len(everything)} figures "
        f"for all measures ({share(inside(everything) / len(everything))}). Each year's inspections count in total and "
        "again by kind, and a year that two forecasts cover counts twice.",
        "lead",
    )
    for rival, told in rivals_of(found, BEGUN).items():
        yield Sentence(
            f"Score for inspections begun (fair continuous ranked probability score; lower is better): {told.ours:.1f} "
            f"for the forecast and {told.rivals:.1f} for {rival}, a ratio of {_ratio(told)}.",
            "lead",
        )
    yield _inspections(found)
    yield _measures(found)
    yield Note(
        "A ratio below 1 means that the forecast is better than its rival. The brackets hold the range of the ratio "
        "over resampled origins. With five origins, such a range includes the true ratio about four times in five. "
        "Origins that overlap by a year make the range narrower."
    )
    for test in found.tests:
        yield Sentence(f"{test.scenario.start}: {test.known}.", "context")


def _ratio(told: Against) -> str:
    return f"{told.ratio:.2f} ({told.low:.2f} to {told.high:.2f})"


def _inspections(found: Pooled) -> Table:
    head = ("origin", "full inspections begun", "observed", "median", "eight in ten", *RIVALS, "note")
    rows = []
    for test in found.tests:
        for point in (each for each in test.counted if each.figure.measure == BEGUN):
            low, _, middle, _, high = (number(each, "") for each in point.quantiles)
            of = "all" if point.figure.of == ALL else plain_words(point.figure.of)
            errors = tuple(f"{point.scores[name]:.0f} off" if name in point.scores else "-" for name in RIVALS)
            mark = "" if point.in_eighty else "outside"
            name, observed = f"{point.figure.period} {of}", number(point.observed, "")
            rows.append((str(test.scenario.start), name, observed, middle, f"{low} to {high}", *errors, mark))
    return Table("Observed and forecast", head, tuple(rows), words=2, ends_in_words=True, file="points.csv")


def _measures(found: Pooled) -> Table:
    rows = []
    for measure in found.measures:
        points, told = found.points(measure), rivals_of(found, measure)
        ratios = tuple(_ratio(told[name]) if name in told else "-" for name in RIVALS)
        rows.append((plain_words(measure), str(len(points)), share(inside(points) / len(points)), *ratios))
    head = ("measure", "figures", "inside eight in ten", *(f"ratio to {name}" for name in RIVALS))
    return Table("The forecast's score divided by each rival's", head, tuple(rows), file="points.csv")
