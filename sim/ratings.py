"""True quality, which drifts, and published judgement, which only an inspection changes.

Quality is a continuous-time Markov chain on the four grades; an inspection reads it, perhaps wrongly. An
authority's path of quality depends on its own stream of random numbers alone: no workforce, framework or other
authority can change it.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import log
from typing import TYPE_CHECKING, Self

from pydantic import model_validator

from sim.framework import JUDGEMENTS, Judgement
from sim.parts import Part, Probability, Rate, quantity, refuse
from sim.randomness import Stream
from sim.shipped import table
from sim.workdays import DAYS_A_YEAR

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

GRADE = {judgement: grade for grade, judgement in enumerate(JUDGEMENTS)}
"""Place of each judgement from best, 0, to worst, 3."""
SUM_TOLERANCE = 1e-9


class Ratings(Part):
    """How quality drifts and how inspections read it."""

    drift: dict[Judgement, dict[Judgement, Rate]] = quantity("rate of each move of true quality", "moves a year")
    judging: dict[Judgement, dict[Judgement, Probability]] = quantity(
        "probability of each judgement, by true quality", "probability"
    )

    @model_validator(mode="after")
    def _is_a_chain(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[str]:
        for judgement in JUDGEMENTS:
            if judgement in self.drift.get(judgement, {}):
                yield f"drift.{judgement}.{judgement}: quality cannot move to where it is"
            row = self.judging.get(judgement, {})
            if abs(sum(row.values()) - 1) > SUM_TOLERANCE:
                yield f"judging.{judgement}: probabilities must add up to 1, not {sum(row.values()):g}"

    @cached_property
    def moves(self) -> tuple[tuple[float, tuple[tuple[float, int], ...]], ...]:
        """For each grade the rate of leaving it per day, and its moves as (cumulative share, new grade)."""
        return tuple(self._moves_from(judgement) for judgement in JUDGEMENTS)

    def _moves_from(self, judgement: Judgement) -> tuple[float, tuple[tuple[float, int], ...]]:
        rates = {GRADE[to]: rate for to, rate in self.drift.get(judgement, {}).items() if rate > 0}
        total = sum(rates.values())
        reached = 0.0
        shares = []
        for grade, rate in sorted(rates.items()):
            reached += rate / total
            shares.append((reached, grade))
        return total / DAYS_A_YEAR, tuple(shares)

    def judge(self, grade: int, u: float) -> Judgement:
        """Judgement that an inspection of an authority of that true quality gives, from a uniform draw."""
        reached = 0.0
        row = self.judging[JUDGEMENTS[grade]]
        for judgement in JUDGEMENTS:
            reached += row.get(judgement, 0.0)
            if u < reached:
                return judgement
        return max(row, key=lambda judgement: row[judgement])


class QualityPath:
    """True quality of one authority from its last inspection on, drawn as far as it is asked for.

    Parameters
    ----------
    ratings : Ratings
        The drift.
    grade : int
        Quality on the first day, 0 best to 3 worst.
    first_day : int
        Day on which the path begins; negative before the scenario's start.
    stream : Stream
        The authority's own stream, two draws a move.

    Attributes
    ----------
    days, grades : list
        Day (a fraction) of each move, the path's beginning first, and the grade from then on.
    """

    __slots__ = ("_moves", "_next", "_stream", "days", "grades")

    def __init__(self, ratings: Ratings, grade: int, first_day: int, stream: Stream) -> None:
        self._moves = ratings.moves
        self._stream = stream
        self.days: list[float] = [float(first_day)]
        self.grades: list[int] = [grade]
        self._next = self._draw_next()

    def at(self, day: float) -> int:
        """Grade on a day; the first grade before the path begins."""
        self.extend_to(day)
        return self.grades[max(0, bisect_right(self.days, day) - 1)]

    def extend_to(self, day: float) -> None:
        """Draw every move up to a day."""
        while self._next[0] <= day:
            self.days.append(self._next[0])
            self.grades.append(self._next[1])
            self._next = self._draw_next()

    def _draw_next(self) -> tuple[float, int]:
        rate, shares = self._moves[self.grades[-1]]
        stay, choice = self._stream.row()
        if not rate:
            return float("inf"), self.grades[-1]
        to = next((grade for reached, grade in shares if choice < reached), shares[-1][1])
        return self.days[-1] - log(1 - stay) / rate, to


@dataclass(frozen=True)
class Pairs:
    """Judgements in a row with the years between.

    Attributes
    ----------
    before, after : ndarray of int
        Grades, 0 best to 3 worst.
    years : ndarray of float
        From the end of one inspection's fieldwork to the next one's.
    count : ndarray of float
        How often each such row was seen.
    """

    before: NDArray[np.int64]
    after: NDArray[np.int64]
    years: NDArray[np.float64]
    count: NDArray[np.float64]


def shipped_pairs() -> Pairs:
    """Judgement pairs of the inspections that began before April 2022, as counted from the published reports."""
    import numpy as np

    rows = list(csv.DictReader(table("judgement_pairs_2013_2022.csv").splitlines()))
    grades = {str(judgement): grade for judgement, grade in GRADE.items()}
    return Pairs(
        np.array([grades[row["previous_judgement"]] for row in rows]),
        np.array([grades[row["judgement"]] for row in rows]),
        np.array([float(row["years_between"]) for row in rows]),
        np.array([float(row["pairs"]) for row in rows]),
    )


ADJACENT = tuple((grade, grade + step) for grade in range(4) for step in (-1, 1) if 0 <= grade + step < len(JUDGEMENTS))
PRIOR_SHAPE = 2.0
PRIOR_MEAN_A_YEAR = 0.2


def generator_matrix(rates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Generator of the chain with moves to the next grade only.

    Parameters
    ----------
    rates : ndarray, shape (6,)
        Moves a year, in the order of ``ADJACENT``.

    Returns
    -------
    ndarray, shape (4, 4)
        Rows add up to 0.
    """
    import numpy as np

    matrix = np.zeros((len(JUDGEMENTS), len(JUDGEMENTS)))
    for (grade, to), rate in zip(ADJACENT, rates, strict=True):
        matrix[grade, to] = rate
        matrix[grade, grade] -= rate
    return matrix


def log_likelihood(rates: NDArray[np.float64], pairs: Pairs) -> float:
    """Log-likelihood of judgement pairs when judgement is perfect; ``rates`` as in :func:`generator_matrix`."""
    import numpy as np
    from scipy.linalg import expm

    matrices = expm(generator_matrix(rates)[None] * pairs.years[:, None, None])
    seen = matrices[np.arange(len(pairs.years)), pairs.before, pairs.after]
    return float(np.sum(pairs.count * np.log(np.maximum(seen, np.finfo(float).tiny))))


def fit_drift(
    pairs: Pairs, prior_shape: float = PRIOR_SHAPE, prior_mean: float = PRIOR_MEAN_A_YEAR
) -> NDArray[np.float64]:
    """Drift that best explains judgement pairs, under a gamma prior on each rate.

    The prior is worth a few observations: 152 pairs hold none that left *outstanding*, and without it that grade
    would be for ever. It takes each move as likely to happen once in five years.

    Parameters
    ----------
    pairs : Pairs
        Judgements in a row; judgement is taken as perfect.
    prior_shape : float, optional
        Shape of the gamma prior; 0 is none, and gives maximum likelihood.
    prior_mean : float, optional
        Its mean, moves a year.

    Returns
    -------
    ndarray, shape (6,)
        Posterior mode of the rates (of their logarithms), moves a year, in the order of ``ADJACENT``.
    """
    import numpy as np
    from scipy.optimize import minimize

    def loss(log_rates: NDArray[np.float64]) -> float:
        prior = np.sum(prior_shape * log_rates - prior_shape / prior_mean * np.exp(log_rates))
        return -log_likelihood(np.exp(log_rates), pairs) - float(prior)

    start = np.full(len(ADJACENT), np.log(prior_mean))
    return np.exp(minimize(loss, start, method="BFGS").x)
