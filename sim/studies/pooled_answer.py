"""What back-tests from several origins say together: sentences and tables."""

from __future__ import annotations

from collections.abc import Iterator

from sim.analysis.pooled import BEGUN, Against, Pooled, inside, rivals_of
from sim.analysis.programme_figures import ALL
from sim.analysis.scored_forecast import RIVALS, number
from sim.base.figures import listed, plain_words, share
from sim.studies.answer import Answer, Block, Note, Sentence, Table


def answer(found: Pooled) -> Answer:
    """Say how much lies inside, the score against each rival, the inspections begun, and every measure."""
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
        f"Of {len(begun)} figures of inspections begun {inside(begun)} ({share(inside(begun) / len(begun))}) lie "
        f"inside the range of eight runs in ten; of {len(everything)} figures of all measures {inside(everything)} "
        f"({share(inside(everything) / len(everything))}). The inspections of a year count in all and by kind, and "
        "years between two origins count from both.",
        "lead",
    )
    for rival, told in rivals_of(found, BEGUN).items():
        yield Sentence(
            f"Score of inspections begun (fair CRPS, less is better): {told.ours:.1f} for the forecast and "
            f"{told.rivals:.1f} for {rival}, which is {_ratio(told)} of it.",
            "lead",
        )
    yield _inspections(found)
    yield _measures(found)
    yield Note(
        "A ratio below 1 means that the forecast is better. In brackets stands its range over resampled origins. With "
        "five origins it holds the truth about four times in five; origins that overlap by a year make it narrower."
    )
    for test in found.tests:
        yield Sentence(f"{test.scenario.start}: {test.known}.", "context")


def _ratio(told: Against) -> str:
    return f"{told.ratio:.2f} ({told.low:.2f} to {told.high:.2f})"


def _inspections(found: Pooled) -> Table:
    head = ("origin", "full inspections begun", "observed", "middle", "eight in ten", *RIVALS, "note")
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
    head = ("measure", "figures", "inside eight in ten", *(f"score over {name}" for name in RIVALS))
    return Table("Score of the forecast over that of each rival", head, tuple(rows), file="points.csv")
