"""True quality, which drifts, and published judgement, which only an inspection changes.

Quality is a continuous-time Markov chain on the four grades; an inspection reads it, perhaps wrongly. An
authority's path of quality depends on its own stream of random numbers alone: no workforce, framework or other
authority can change it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from math import log
from typing import Self

from pydantic import model_validator

from sim.framework import JUDGEMENTS, Judgement
from sim.parts import Part, Probability, Rate, quantity, refuse
from sim.randomness import Stream
from sim.workdays import DAYS_A_YEAR

GRADE = {judgement: grade for grade, judgement in enumerate(JUDGEMENTS)}
"""Place of each judgement from best, 0, to worst, 3."""
SUM_TOLERANCE = 1e-9


class Ratings(Part):
    """How quality drifts and how inspections read it."""

    drift: dict[Judgement, dict[Judgement, Rate]] = quantity("rate of each move of true quality", "moves a year")
    judging: dict[Judgement, dict[Judgement, Probability]] = quantity(
        "probability of each judgement, by true quality", "probability"
    )
    mix: dict[Judgement, Probability] = quantity(
        "true quality of authorities before anything is known of them; it says how far to trust the judgement that one "
        "starts with",
        "probability",
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
        if abs(sum(self.mix.values()) - 1) > SUM_TOLERANCE:
            yield f"mix: probabilities must add up to 1, not {sum(self.mix.values()):g}"
        for judgement in JUDGEMENTS:
            if not sum(self._weights_given(judgement)):
                yield f"judging: no true quality of the mix is ever judged {judgement}; an authority may start so"

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

    def quality_given(self, judgement: Judgement, u: float) -> int:
        """Grade of true quality on the day of an inspection that gave a judgement, from a uniform draw.

        By Bayes's rule, from the mix and the probabilities of judging.
        """
        weights = self._weights_given(judgement)
        target = u * sum(weights)
        reached = 0.0
        for grade, weight in enumerate(weights):
            reached += weight
            if target < reached:
                return grade
        return max(range(len(weights)), key=weights.__getitem__)

    def _weights_given(self, judgement: Judgement) -> list[float]:
        return [self.mix.get(true, 0.0) * self.judging.get(true, {}).get(judgement, 0.0) for true in JUDGEMENTS]


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
