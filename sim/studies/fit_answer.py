"""What a fit of drift and judgement says: sentences and tables, and the files that scenarios take it from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path

from sim.analysis.estimates import day_of_mix, hardly_informed, prior_ranges, quantiles, scenario_values, table_of_draws
from sim.analysis.fitting import PRIORS, Fit, fit
from sim.analysis.predictive import Point
from sim.analysis.scoring import Score
from sim.base.figures import listed
from sim.base.scratch import write_text
from sim.inputs.history import History
from sim.studies.answer import Answer, Block, Note, Sentence, Table
from sim.studies.columns import DICTIONARY, Column, text_of_columns
from sim.studies.keeper import write_table

UNITS = {"drift": "moves a year", "judging": "probability", "mix": "share"}
"""Unit of a parameter, by the first word of its name."""
SCORES = {
    "model": ("", "Name of the model"),
    "predictions": ("predictions", "Inspections whose judgement it predicted"),
    "mean": ("", "Mean logarithm of the probability that it gave to the judgement; higher is better"),
    "better_by": ("", "By how much the first model is better, in the mean"),
    "error": ("", "Standard error of that difference"),
}
"""Unit and meaning of each column of the scores."""


def answer(history: History, fitted: Fit, scores: Sequence[Score], points: Sequence[Point]) -> Answer:
    """Counts, the fit with its ranges, the history held against its simulation, and the scores."""
    dates = [one.inspected_on for one in history.inspections]
    head = (
        f"{len(dates)} inspections of {len(history.of_authority)} authorities, {min(dates)} to {max(dates)}; "
        f"{history.pairs} judgements follow an earlier one of the same authority."
    )
    names = history.grades.names
    counts = [(name, *map(str, row)) for name, row in zip(names, history.transitions, strict=True)]
    transitions = Table("Judgement (rows) and the next one (columns)", ("", *names), tuple(counts))
    return Answer("fit", (Sentence(head), transitions, *_estimates(fitted), *_simulated(points), *_scores(scores)))


def _estimates(fitted: Fit) -> Iterator[Block]:
    before, hardly = prior_ranges(fitted), hardly_informed(fitted)
    rows = [
        (
            name, f"{middle:.3f}", f"{low:.3f} to {high:.3f}", f"{before[name][0]:.3f} to {before[name][2]:.3f}",
            UNITS[name.split(".")[0]] + (" (*)" if name in hardly else ""),
        )
        for name, (low, middle, high) in quantiles(fitted).items()
    ]  # fmt: skip
    caption = f"Fit of {fitted.form.name!r}: median, the range of eight draws in ten, and that of the prior"
    yield Table(caption, ("", "median", "range", "prior", "unit"), tuple(rows), ends_in_words=True)
    sample = fitted.sample
    yield Note(
        ("(*) hardly narrower than the prior: the history says little of it. " if hardly else "")
        + f"Log-likelihood at the mode {fitted.log_likelihood:.1f}; {len(sample.draws)} draws, resampled from an "
        f"effective {sample.effective:.0f}, with {sample.moved:.0%} of the steps after that taken."
    )


def _simulated(points: Sequence[Point]) -> Iterator[Block]:
    outside = [point for point in points if not point.inside]
    yield Sentence(
        f"Simulated again at its own dates: {len(points) - len(outside)} of {len(points)} counts lie inside the range "
        "of eight simulations in ten (each judgement followed by each; the mix of judgements each 31 March)."
    )
    if outside:
        rows = [(point.name, str(point.observed), f"{point.low} to {point.high}") for point in outside]
        yield Table("Outside", ("", "observed", "simulated"), tuple(rows))


def _scores(scores: Sequence[Score]) -> Iterator[Block]:
    if not scores:
        yield Sentence("The history is too short to hold anything back and predict it: no scores.")
        return
    yield Sentence(
        "Mean log score of predicting the next judgement from what had been published on 1 January or 1 July before it "
        f"({scores[0].predictions} predictions; higher is better). Difference: by how much the first model is better, "
        "with its standard error."
    )
    rows = [
        (score.model, f"{score.mean:.4f}", f"{score.better_by:+.4f} ({score.error:.4f})" if place else "")
        for place, score in enumerate(scores)
    ]
    yield Table("", ("", "score", "difference"), tuple(rows))


def influence_of_prior(history: History, fitted: Fit) -> Table:
    """Medians of a fit of the chosen form, and under each of the other priors."""
    medians = {"as assumed": quantiles(fitted)}
    medians |= {name: quantiles(fit(history, fitted.form, prior)) for name, prior in PRIORS.items()}
    shown = [name for name in medians["as assumed"] if not name.startswith("mix.")]
    rows = [(name, *(f"{values[name][1]:.3f}" for values in medians.values())) for name in shown]
    return Table("Influence of the prior: median of each parameter", ("", *medians), tuple(rows))


def save(folder: Path, history: History, fitted: Fit, scores: Sequence[Score], source: str) -> None:
    """Write ``ratings.toml``, ``draws.csv``, ``scores.csv`` and what the columns of these hold to a new folder."""
    import pandas as pd

    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "ratings.toml", scenario_values(fitted, day_of_mix(history), source))
    draws = table_of_draws(fitted)
    write_table(folder / "draws.csv", draws)
    columns = [field.name for field in fields(Score)]
    write_table(folder / "scores.csv", pd.DataFrame([vars(score) for score in scores], columns=columns))
    described = [_column_of_draws(str(name)) for name in draws.columns]
    described += [Column("scores.csv", name, *SCORES[name]) for name in columns]
    write_text(folder / DICTIONARY, text_of_columns(described))


def _column_of_draws(name: str) -> Column:
    """What a column of the draws holds."""
    parameter, *of = name.split(".")
    grade, *others = (each.replace("_", " ") for each in of)
    meaning = {
        "drift": f"Rate at which true quality moves from {grade} to {listed(others or [grade])}",
        "judging": "Probability that a judgement errs by a grade",
        "mix": f"Share of authorities whose true quality is {grade} at the first inspection",
    }[parameter]
    return Column("draws.csv", name, UNITS[parameter], meaning)
