"""Turns a fit into input for scenarios: a table of draws, their ranges beside the prior's, and values with sources."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.analysis.fitting import PRIOR, Fit, prior_quantiles
from sim.inputs.grades import SHIPPED, Grades
from sim.inputs.history import History
from sim.inputs.parameter_draws import ERROR

if TYPE_CHECKING:
    import pandas as pd

RANGE = (0.1, 0.5, 0.9)
"""Quantiles shown: the middle, and the limits of the range that holds eight draws in ten."""
HARDLY_NARROWER = 0.9
"""Ratio of the width of a range to the prior's, in logarithms, above which the data hardly narrowed it."""
HARDLY = "; hardly narrower than the prior, so little more than an assumption"
ADDED_UP = "; medians, made to add up to 1"
DIGITS = 4


def table_of_draws(fitted: Fit) -> pd.DataFrame:
    """Return the draws of a fit without trend, one row each: ``drift.<grade>.<to>``, ``judging.error``,
    ``mix.<grade>``.
    """
    import pandas as pd

    return pd.DataFrame(_columns(fitted))


def quantiles(fitted: Fit) -> dict[str, list[float]]:
    """Return the 10%, 50% and 90% quantiles of each column of :func:`table_of_draws`."""
    return {name: np.quantile(values, RANGE).tolist() for name, values in _columns(fitted).items()}


def prior_ranges(fitted: Fit) -> dict[str, list[float]]:
    """Return the same quantiles of the prior, by column."""
    found = prior_quantiles(fitted.form, PRIOR, RANGE)
    names = fitted.form.grades.names
    ranges = {f"drift.{names[move[0]]}.{names[move[1]]}": found[move] for move in fitted.form.moves}
    ranges |= {f"mix.{judgement}": found["mix"] for judgement in names}
    if fitted.form.erring:
        ranges[ERROR] = found["error"]
    return {name: [float(value) for value in values] for name, values in ranges.items()}


def hardly_informed(fitted: Fit) -> set[str]:
    """Return the columns whose range, as a ratio, is hardly narrower than the prior's: mere assumptions."""
    before = prior_ranges(fitted)
    return {
        name
        for name, (low, _, high) in quantiles(fitted).items()
        if high / low > (before[name][2] / before[name][0]) ** HARDLY_NARROWER
    }


def _columns(fitted: Fit) -> dict[str, NDArray[np.float64]]:
    if fitted.form.trend:
        raise ValueError("a scenario has constant rates, so it cannot use draws of a form with a trend")
    parameters, names = fitted.parameters, fitted.form.grades.names
    columns = {
        f"drift.{names[grade]}.{names[to]}": parameters.rates[:, place]
        for place, (grade, to) in enumerate(fitted.form.moves)
    }
    if fitted.form.erring:
        columns[ERROR] = parameters.error
    return columns | {f"mix.{judgement}": parameters.mix[:, grade] for grade, judgement in enumerate(names)}


def day_of_mix(history: History) -> datetime.date:
    """Return the median day of each authority's first inspection, to which the mix of a fit refers."""
    first = sorted(ones[0].inspected_on for ones in history.of_authority.values())
    return first[len(first) // 2]


def scenario_values(fitted: Fit, mix_on: datetime.date, source: str) -> str:
    """Write the medians of a fit as the table ``[ratings]`` of a scenario file, with sources, and the ranges of the
    rates.

    The mix consists of medians scaled to add up to 1, which have no range of their own.
    """
    values, grades = quantiles(fitted), fitted.form.grades
    noted = f'source = {_quoted(source)}, confidence = "medium"'
    assumed = f'source = {_quoted(source + HARDLY)}, confidence = "low"'
    hardly = hardly_informed(fitted)

    def entry(name: str) -> str:
        low, middle, high = (round(value, DIGITS) for value in values[name])
        return f"{{ value = {middle}, {assumed if name in hardly else noted}, low = {low}, high = {high} }}"

    lines = ["[ratings]", f"mix_on = {{ value = {mix_on}, {noted} }}"]
    if grades != SHIPPED:
        lines += _declared(grades)
    lines += ["", "[ratings.drift]"]
    lines += [f"{name.removeprefix('drift.')} = {entry(name)}" for name in values if name.startswith("drift.")]
    head = [f"source = {_quoted(source)}", 'confidence = "medium"']
    of_mix = [f"source = {_quoted(source + ADDED_UP)}", 'confidence = "medium"']
    error = round(values[ERROR][1], DIGITS) if ERROR in values else 0.0
    of_error = [f"source = {_quoted(source + HARDLY)}", 'confidence = "low"'] if ERROR in hardly else head
    lines += ["", "[ratings.judging]", *of_error]
    lines += [f"{true} = {{ {_row(grade, error, grades)} }}" for grade, true in enumerate(grades.names)]
    middle = [values[f"mix.{judgement}"][1] for judgement in grades.names]
    shares = [round(share / sum(middle), DIGITS) for share in middle]
    largest = shares.index(max(shares))
    shares[largest] = round(1 - sum(shares) + shares[largest], DIGITS)
    lines += ["", "[ratings.mix]", *of_mix]
    lines += [f"{judgement} = {share}" for judgement, share in zip(grades.names, shares, strict=True)]
    return "\n".join(lines) + "\n"


def _declared(grades: Grades) -> list[str]:
    """Write the grades as a scenario declares them."""
    names = ", ".join(map(_quoted, grades.names))
    called = ", ".join(f"{name} = {_quoted(words)}" for name, words in grades.name_of.items())
    good = _quoted(grades.names[grades.good - 1])
    return [f"grades = [{names}]", f"good_or_better = {good}", f"called = {{ {called} }}"]


def _row(grade: int, error: float, grades: Grades) -> str:
    beside = grades.beside(grade)
    shares = {place: round(error / len(beside), DIGITS + 1) for place in beside}
    shares[grade] = round(1 - sum(shares.values()), DIGITS + 1)
    return ", ".join(f"{grades.names[place]} = {shares[place]}" for place in sorted(shares))


def _quoted(words: str) -> str:
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'
