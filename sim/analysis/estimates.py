"""What a fit says, for people and for scenarios: a table of draws, values with their sources, and words."""

from __future__ import annotations

import datetime
import textwrap
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.analysis.fitting import PRIOR, PRIORS, Fit, fit, prior_quantiles
from sim.analysis.predictive import Point
from sim.analysis.scoring import Score
from sim.inputs.grades import JUDGEMENTS
from sim.inputs.history import History
from sim.inputs.parameter_draws import ERROR

if TYPE_CHECKING:
    import pandas as pd

RANGE = (0.1, 0.5, 0.9)
"""Quantiles shown: the middle, and the range that holds eight draws in ten."""
HARDLY_NARROWER = 0.9
"""Width of a range over that of the prior, in logarithms, from which it hardly says more."""
HARDLY = "; hardly narrower than the prior, so little more than an assumption"
ADDED_UP = "; medians, made to add up to 1"
DIGITS = 4
WIDTH = 118


def table_of_draws(fitted: Fit) -> pd.DataFrame:
    """Draws of a fit without trend, a row each: columns ``drift.<grade>.<to>``, ``judging.error``, ``mix.<grade>``."""
    import pandas as pd

    return pd.DataFrame(_columns(fitted))


def quantiles(fitted: Fit) -> dict[str, list[float]]:
    """The 10%, 50% and 90% quantile of each column of :func:`table_of_draws`."""
    return {name: np.quantile(values, RANGE).tolist() for name, values in _columns(fitted).items()}


def prior_ranges(fitted: Fit) -> dict[str, list[float]]:
    """The same quantiles of the prior, by column."""
    found = prior_quantiles(fitted.form, PRIOR, RANGE)
    ranges = {f"drift.{JUDGEMENTS[move[0]]}.{JUDGEMENTS[move[1]]}": found[move] for move in fitted.form.moves}
    ranges |= {f"mix.{judgement}": found["mix"] for judgement in JUDGEMENTS}
    if fitted.form.erring:
        ranges[ERROR] = found["error"]
    return {name: [float(value) for value in values] for name, values in ranges.items()}


def hardly_informed(fitted: Fit) -> set[str]:
    """Columns whose range is, as a ratio, hardly narrower than that of the prior: their figures are assumptions."""
    before = prior_ranges(fitted)
    return {
        name
        for name, (low, _, high) in quantiles(fitted).items()
        if high / low > (before[name][2] / before[name][0]) ** HARDLY_NARROWER
    }


def _columns(fitted: Fit) -> dict[str, NDArray[np.float64]]:
    if fitted.form.trend:
        raise ValueError("a scenario's rates are constant: draws of a form with a trend cannot be taken by one")
    parameters = fitted.parameters
    columns = {
        f"drift.{JUDGEMENTS[grade]}.{JUDGEMENTS[to]}": parameters.rates[:, place]
        for place, (grade, to) in enumerate(fitted.form.moves)
    }
    if fitted.form.erring:
        columns[ERROR] = parameters.error
    return columns | {f"mix.{judgement}": parameters.mix[:, grade] for grade, judgement in enumerate(JUDGEMENTS)}


def day_of_mix(history: History) -> datetime.date:
    """Median day of the first inspection of each authority, to which the mix of a fit belongs."""
    first = sorted(ones[0].inspected_on for ones in history.of_authority.values())
    return first[len(first) // 2]


def scenario_values(fitted: Fit, mix_on: datetime.date, source: str) -> str:
    """Medians of a fit as the table ``[ratings]`` of a scenario file, with their sources; the rates with their ranges.

    The mix is of medians made to add up to 1, which have no range of their own.
    """
    values = quantiles(fitted)
    noted = f'source = {_quoted(source)}, confidence = "medium"'
    assumed = f'source = {_quoted(source + HARDLY)}, confidence = "low"'
    hardly = hardly_informed(fitted)

    def entry(name: str) -> str:
        low, middle, high = (round(value, DIGITS) for value in values[name])
        return f"{{ value = {middle}, {assumed if name in hardly else noted}, low = {low}, high = {high} }}"

    lines = ["[ratings]", f"mix_on = {{ value = {mix_on}, {noted} }}", "", "[ratings.drift]"]
    lines += [f"{name.removeprefix('drift.')} = {entry(name)}" for name in values if name.startswith("drift.")]
    head = [f"source = {_quoted(source)}", 'confidence = "medium"']
    of_mix = [f"source = {_quoted(source + ADDED_UP)}", 'confidence = "medium"']
    error = round(values[ERROR][1], DIGITS) if ERROR in values else 0.0
    of_error = [f"source = {_quoted(source + HARDLY)}", 'confidence = "low"'] if ERROR in hardly else head
    lines += ["", "[ratings.judging]", *of_error]
    lines += [f"{true} = {{ {_row(grade, error)} }}" for grade, true in enumerate(JUDGEMENTS)]
    middle = [values[f"mix.{judgement}"][1] for judgement in JUDGEMENTS]
    shares = [round(share / sum(middle), DIGITS) for share in middle]
    largest = shares.index(max(shares))
    shares[largest] = round(1 - sum(shares) + shares[largest], DIGITS)
    lines += ["", "[ratings.mix]", *of_mix]
    lines += [f"{judgement} = {share}" for judgement, share in zip(JUDGEMENTS, shares, strict=True)]
    return "\n".join(lines) + "\n"


def _row(grade: int, error: float) -> str:
    beside = [place for place in (grade - 1, grade + 1) if 0 <= place < len(JUDGEMENTS)]
    shares = {place: round(error / len(beside), DIGITS + 1) for place in beside}
    shares[grade] = round(1 - sum(shares.values()), DIGITS + 1)
    return ", ".join(f"{JUDGEMENTS[place]} = {shares[place]}" for place in sorted(shares))


def _quoted(words: str) -> str:
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


def save(folder: Path, history: History, fitted: Fit, scores: Sequence[Score], source: str) -> None:
    """Write ``ratings.toml``, ``draws.csv`` and ``scores.csv`` to a new folder."""
    import pandas as pd

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ratings.toml").write_text(scenario_values(fitted, day_of_mix(history), source), encoding="utf-8")
    table_of_draws(fitted).to_csv(folder / "draws.csv", index=False, float_format="%.6g", lineterminator="\n")
    pd.DataFrame([vars(score) for score in scores], columns=[field.name for field in fields(Score)]).to_csv(
        folder / "scores.csv", index=False, float_format="%.6g", lineterminator="\n"
    )


def text(history: History, fitted: Fit, scores: Sequence[Score], points: Sequence[Point]) -> str:
    """Counts, the fit with its ranges, the history held against its simulation, and the scores, in words."""
    inspections = history.inspections
    first, last = (choose(one.inspected_on for one in inspections) for choose in (min, max))
    head = (
        f"{len(inspections)} inspections of {len(history.of_authority)} authorities, {first} to {last}; "
        f"{history.pairs} judgements follow an earlier one of the same authority."
    )
    parts = [head, _counts(history), _estimates(fitted), _simulated(points), _scores(scores)]
    return "\n\n".join(parts) + "\n"


def _counts(history: History) -> str:
    lines = ["Judgement (rows) and the next one (columns)", _line("", JUDGEMENTS)]
    lines += [
        _line(name, [str(count) for count in row]) for name, row in zip(JUDGEMENTS, history.transitions, strict=True)
    ]
    return "\n".join(lines)


def _line(head: str, cells: Sequence[str]) -> str:
    return f"  {head:<22}" + "".join(f"{cell:>22}" for cell in cells)


def _estimates(fitted: Fit) -> str:
    sample = fitted.sample
    units = {"drift": "moves a year", "judging": "probability", "mix": "share"}
    before = prior_ranges(fitted)
    hardly = hardly_informed(fitted)
    lines = [
        f"Fit of {fitted.form.name!r}: median, the range of eight draws in ten, and that of the prior",
        *(
            f"  {name:<42}{middle:>8.3f}   {low:.3f} to {high:.3f}   {before[name][0]:.3f} to {before[name][2]:.3f}   "
            f"{units[name.split('.')[0]]}{'  (*)' if name in hardly else ''}"
            for name, (low, middle, high) in quantiles(fitted).items()
        ),
        *(["  (*) hardly narrower than the prior: the history says little of it"] if hardly else []),
        f"  log-likelihood at the mode {fitted.log_likelihood:.1f}; {len(sample.draws)} draws, resampled from "
        f"an effective {sample.effective:.0f}, with {sample.moved:.0%} of the steps after that taken",
    ]
    return "\n".join(lines)


def _simulated(points: Sequence[Point]) -> str:
    outside = [point for point in points if not point.inside]
    lines = textwrap.wrap(
        f"Simulated again at its own dates: {len(points) - len(outside)} of {len(points)} counts lie inside the range "
        "of eight simulations in ten (each judgement followed by each; the mix of judgements each 31 March)"
        + ("; outside:" if outside else "."),
        WIDTH,
    )
    lines += [f"  {point.name:<50}{point.observed:>4}, simulated {point.low} to {point.high}" for point in outside]
    return "\n".join(lines)


def influence_of_prior(history: History, fitted: Fit) -> str:
    """Medians of a fit of the chosen form, and under each of the other priors."""
    medians = {"as assumed": quantiles(fitted)}
    medians |= {name: quantiles(fit(history, fitted.form, prior)) for name, prior in PRIORS.items()}
    shown = [name for name in medians["as assumed"] if not name.startswith("mix.")]
    lines = ["Influence of the prior: median of each parameter", _row_of("", list(medians))]
    lines += [_row_of(name, [f"{values[name][1]:.3f}" for values in medians.values()]) for name in shown]
    return "\n".join(lines) + "\n"


def _row_of(head: str, cells: Sequence[str]) -> str:
    return f"  {head:<38}" + "".join(f"{cell:>25}" for cell in cells)


def _scores(scores: Sequence[Score]) -> str:
    if not scores:
        return "The history is too short to hold anything back and predict it: no scores."
    why = (
        "Mean log score of predicting the next judgement from what had been published on 1 January or 1 July before it "
        f"({scores[0].predictions} predictions; higher is better). Difference: by how much the first model is better, "
        "with its standard error."
    )
    lines = textwrap.wrap(why, WIDTH)
    lines += [
        f"  {score.model:<45}{score.mean:>9.4f}" + (f"   {score.better_by:>+8.4f} ({score.error:.4f})" if place else "")
        for place, score in enumerate(scores)
    ]
    return "\n".join(lines)
