"""Write the answer of a fit of drift and judgement, and the files that scenarios use."""

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
"""Unit of each parameter, by the first word of its name."""
SCORES = {
    "model": ("", "Name of the model"),
    "predictions": ("predictions", "Number of inspections whose judgement it predicted"),
    "mean": ("", "Mean logarithm of the probability that it gave to the actual judgement; higher is better"),
    "better_by": ("", "By how much the first model is better, on average"),
    "error": ("", "Standard error of that difference"),
}
"""Unit and meaning of each column of the scores."""


def answer(history: History, fitted: Fit, scores: Sequence[Score], points: Sequence[Point]) -> Answer:
    """Return counts, the fit with its ranges, the history compared with its simulation, and the scores."""
    dates = [one.inspected_on for one in history.inspections]
    head = (
        f"{len(dates)} inspections of {len(history.of_authority)} authorities, {min(dates)} to {max(dates)}; "
        f"{history.pairs} judgements follow an earlier judgement of the same authority."
    )
    names = history.grades.names
    counts = [(name, *map(str, row)) for name, row in zip(names, history.transitions, strict=True)]
    transitions = Table("Judgement (rows) and the next judgement (columns)", ("", *names), tuple(counts))
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
    caption = f"Fit of {fitted.form.name!r}: median and range of eight draws in ten, and the same range of the prior"
    yield Table(caption, ("", "median", "range", "prior", "unit"), tuple(rows), ends_in_words=True)
    sample = fitted.sample
    yield Note(
        ("(*) hardly narrower than the prior: the history says little about it. " if hardly else "")
        + f"The log-likelihood at the mode is {fitted.log_likelihood:.1f}. There are {len(sample.draws)} draws, "
        f"resampled from an effective sample of {sample.effective:.0f}; {sample.moved:.0%} of the further steps were "
        "accepted."
    )


def _simulated(points: Sequence[Point]) -> Iterator[Block]:
    outside = [point for point in points if not point.inside]
    yield Sentence(
        f"When we simulate the history at its own dates, {len(points) - len(outside)} of {len(points)} counts lie "
        "inside the range of eight simulations in ten. We count how often each judgement follows each other, and the "
        "mix of judgements on each 31 March."
    )
    if outside:
        rows = [(point.name, str(point.observed), f"{point.low} to {point.high}") for point in outside]
        yield Table("Counts outside the range", ("", "observed", "simulated"), tuple(rows))


def _scores(scores: Sequence[Score]) -> Iterator[Block]:
    if not scores:
        yield Sentence("There are no scores: the history is too short to hold back a part and predict it.")
        return
    yield Sentence(
        "Score: mean log score when predicting the next judgement from everything published by the 1 January or 1 July "
        f"before it ({scores[0].predictions} predictions; higher is better). Difference: how much better the first "
        "model is, with its standard error."
    )
    rows = [
        (score.model, f"{score.mean:.4f}", f"{score.better_by:+.4f} ({score.error:.4f})" if place else "")
        for place, score in enumerate(scores)
    ]
    yield Table("", ("", "score", "difference"), tuple(rows))


def influence_of_prior(history: History, fitted: Fit) -> Table:
    """Return the medians of a fit of the chosen form, under its own prior and each of the others."""
    medians = {"as assumed": quantiles(fitted)}
    medians |= {name: quantiles(fit(history, fitted.form, prior)) for name, prior in PRIORS.items()}
    shown = [name for name in medians["as assumed"] if not name.startswith("mix.")]
    rows = [(name, *(f"{values[name][1]:.3f}" for values in medians.values())) for name in shown]
    return Table("Influence of the prior: median of each parameter", ("", *medians), tuple(rows))


def save(folder: Path, history: History, fitted: Fit, scores: Sequence[Score], source: str) -> None:
    """Write ``ratings.toml``, ``draws.csv``, ``scores.csv`` and the meaning of their columns to a new folder."""
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
    """Describe a column of the draws."""
    parameter, *of = name.split(".")
    grade, *others = (each.replace("_", " ") for each in of)
    meaning = {
        "drift": f"Rate at which true quality moves from {grade} to {listed(others or [grade])}",
        "judging": "Probability that a judgement is wrong by a grade",
        "mix": f"Share of authorities whose true quality is {grade} at the first inspection",
    }[parameter]
    return Column("draws.csv", name, UNITS[parameter], meaning)
