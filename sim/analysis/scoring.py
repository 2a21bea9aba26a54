"""Scores how well fits predict inspections that they did not see, with rolling origins and simpler rivals.

An origin is the first of January or of July. At each origin every model is fitted to the judgements published before
it. It then predicts the judgement of each authority's next inspection, if that ended before the next origin.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.analysis.fitting import CHOSEN, EFFORT, FORMS, PRIOR, PRIORS, Form, Prior, fit, predict
from sim.inputs.history import FEWEST_PAIRS, History, Inspection
from sim.statistics.sampling import Effort

Array = NDArray[np.float64]
PSEUDO_COUNT = 1.0
"""Added to each cell of a table of counts, so that what was never seen is not impossible (Laplace)."""
ORIGIN_MONTHS = (1, 7)


@dataclass(frozen=True)
class Origin:
    """Describe what is known on one day, and what must be predicted.

    Attributes
    ----------
    day : datetime.date
        The day.
    known : History
        Judgements published before it.
    histories : tuple of tuples of Inspection
        Known inspections of each authority to predict.
    asked : tuple of Inspection
        Next inspection of each.
    """

    day: datetime.date
    known: History
    histories: tuple[tuple[Inspection, ...], ...]
    asked: tuple[Inspection, ...]


def origins(history: History, months: Sequence[int] = ORIGIN_MONTHS) -> list[Origin]:
    """Return the origins of a history: the first day of some months, once enough judgements follow another."""
    last = max(one.inspected_on for one in history.inspections)
    first = min(one.inspected_on for one in history.inspections)
    days = [
        datetime.date(year, month, 1)
        for year in range(first.year, last.year + 2)
        for month in months
        if datetime.date(year, month, 1) > first
    ]
    found = []
    for day, until in pairwise(days):
        known = history.known_on(day)
        if known.pairs < FEWEST_PAIRS:
            continue
        asked = []
        for name, before in known.of_authority.items():
            after = [one for one in history.of_authority[name] if one.inspected_on > before[-1].inspected_on]
            if after and day <= after[0].inspected_on < until:
                asked.append((before, after[0]))
        if asked:
            found.append(Origin(day, known, tuple(ones for ones, _ in asked), tuple(one for _, one in asked)))
    return found


Predictor = Callable[[Origin], Array]
"""Probability of each judgement, shape (predictions, grades)."""


def by_fit(form: Form, prior: Prior = PRIOR, effort: Effort = EFFORT) -> Predictor:
    """Predict with a fit, over the draws of its posterior."""

    def predicted(origin: Origin) -> Array:
        fitted = fit(origin.known, form, prior, effort=effort)
        return predict(fitted, origin.histories, [one.inspected_on for one in origin.asked])

    return predicted


def same_again(origin: Origin) -> Array:
    """Predict the last judgement again, with the frequency of this until then; all others are equally likely."""
    counts = int(origin.known.transitions.trace())
    pairs = origin.known.pairs
    again = (counts + PSEUDO_COUNT) / (pairs + 2 * PSEUDO_COUNT)
    grades = origin.known.grades
    last = [grades.place[ones[-1].judgement] for ones in origin.histories]
    others = (1 - again) / (len(grades) - 1)
    return np.asarray(np.where(np.eye(len(grades), dtype=bool)[last], again, others))


def transition_table(origin: Origin) -> Array:
    """Predict from the table of judgements and their successors, however many years lay between them."""
    table = origin.known.transitions + PSEUDO_COUNT
    last = [origin.known.grades.place[ones[-1].judgement] for ones in origin.histories]
    return np.asarray((table / table.sum(axis=1, keepdims=True))[last])


def overall_mix(origin: Origin) -> Array:
    """Predict the share of each judgement among all until then, whatever the authority's last one."""
    grades = origin.known.grades
    counts = np.bincount([grades.place[one.judgement] for one in origin.known.inspections], minlength=len(grades))
    shares = (counts + PSEUDO_COUNT) / (counts.sum() + PSEUDO_COUNT * len(grades))
    return np.repeat(shares[None], len(origin.asked), axis=0)


RIVALS: Mapping[str, Predictor] = {
    "same again": same_again,
    "raw transition table": transition_table,
    "overall mix": overall_mix,
}


def models(*, every: bool = False, effort: Effort = EFFORT) -> dict[str, Predictor]:
    """Return the models to compare, the chosen one first: it, perfect judgement and the rivals, or all that were
    considered.
    """
    named = {form.name: by_fit(form, effort=effort) for form in (FORMS if every else FORMS[:2])}
    if every:
        named |= {f"{CHOSEN.name}; {name}": by_fit(CHOSEN, prior, effort) for name, prior in PRIORS.items()}
    return named | dict(RIVALS)


@dataclass(frozen=True)
class Score:
    """Describe how well a model predicted.

    Attributes
    ----------
    model : str
        Name of the model.
    predictions : int
        Number of inspections that it predicted.
    mean : float
        Mean logarithm of the probability that it gave to the actual judgement. Higher is better; 0 would be certainty.
    better_by, error : float
        Mean difference by which the first model is better, and its standard error.
    """

    model: str
    predictions: int
    mean: float
    better_by: float
    error: float


def compare(history: History, models: Mapping[str, Predictor], months: Sequence[int] = ORIGIN_MONTHS) -> list[Score]:
    """Score several models over the rolling origins of a history, in the order given.

    Returns
    -------
    list of Score
        Empty if no origin of the history has anything to predict.
    """
    asked = origins(history, months)
    if not asked:
        return []
    logs = {name: _log_scores(asked, model) for name, model in models.items()}
    first = next(iter(logs.values()))
    return [
        Score(name, len(values), float(values.mean()), float((first - values).mean()), _standard_error(first - values))
        for name, values in logs.items()
    ]


def _log_scores(asked: Iterable[Origin], model: Predictor) -> Array:
    found: list[Array] = []
    for origin in asked:
        grades = [origin.known.grades.place[one.judgement] for one in origin.asked]
        found.append(np.log(model(origin)[np.arange(len(grades)), grades]))
    return np.concatenate(found)


def _standard_error(differences: Sequence[float] | Array) -> float:
    values = np.asarray(differences, dtype=np.float64)
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else float("nan")
