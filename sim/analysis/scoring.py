"""How well fits predict inspections that they did not see: rolling origins, and simpler rivals.

At each origin, the first of January and of July, every model is fitted to the judgements published before it, and
asked for the judgement of each authority's next inspection, if that ended before the next origin.
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
    """What is known on one day, and what is asked.

    Attributes
    ----------
    day : datetime.date
        The day.
    known : History
        Judgements published before it.
    histories : tuple of tuples of Inspection
        What is known of each authority that is asked for.
    asked : tuple of Inspection
        The next inspection of each.
    """

    day: datetime.date
    known: History
    histories: tuple[tuple[Inspection, ...], ...]
    asked: tuple[Inspection, ...]


def origins(history: History, months: Sequence[int] = ORIGIN_MONTHS) -> list[Origin]:
    """Origins of a history, the first of some months, from the first on which enough judgements follow another."""
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
"""Probability of each judgement, shape (asked, grades)."""


def by_fit(form: Form, prior: Prior = PRIOR, effort: Effort = EFFORT) -> Predictor:
    """Predictions of a fit, over the draws of its posterior."""

    def predicted(origin: Origin) -> Array:
        fitted = fit(origin.known, form, prior, effort=effort)
        return predict(fitted, origin.histories, [one.inspected_on for one in origin.asked])

    return predicted


def same_again(origin: Origin) -> Array:
    """The last judgement again, with the probability that it had until then; the others alike."""
    counts = int(origin.known.transitions.trace())
    pairs = origin.known.pairs
    again = (counts + PSEUDO_COUNT) / (pairs + 2 * PSEUDO_COUNT)
    grades = origin.known.grades
    last = [grades.place[ones[-1].judgement] for ones in origin.histories]
    others = (1 - again) / (len(grades) - 1)
    return np.asarray(np.where(np.eye(len(grades), dtype=bool)[last], again, others))


def transition_table(origin: Origin) -> Array:
    """Row of the last judgement in the table of judgements and those that followed them, whatever the years between."""
    table = origin.known.transitions + PSEUDO_COUNT
    last = [origin.known.grades.place[ones[-1].judgement] for ones in origin.histories]
    return np.asarray((table / table.sum(axis=1, keepdims=True))[last])


def overall_mix(origin: Origin) -> Array:
    """Share of each judgement among all until then, whatever the authority's last."""
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
    """Models to compare, the chosen one first: it, perfect judgement and the rivals, or every one considered."""
    named = {form.name: by_fit(form, effort=effort) for form in (FORMS if every else FORMS[:2])}
    if every:
        named |= {f"{CHOSEN.name}; {name}": by_fit(CHOSEN, prior, effort) for name, prior in PRIORS.items()}
    return named | dict(RIVALS)


@dataclass(frozen=True)
class Score:
    """How well a model predicted.

    Attributes
    ----------
    model : str
        Its name.
    predictions : int
        How many inspections it was asked for.
    mean : float
        Mean logarithm of the probability that it gave to what was found; higher is better, 0 would be certainty.
    better_by, error : float
        Mean difference to it of the model named first, and the standard error of that.
    """

    model: str
    predictions: int
    mean: float
    better_by: float
    error: float


def compare(history: History, models: Mapping[str, Predictor], months: Sequence[int] = ORIGIN_MONTHS) -> list[Score]:
    """Scores of several models over the rolling origins of a history, in the order given.

    Returns
    -------
    list of Score
        Empty if the history has no origin with something to ask.
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
