"""True quality of many authorities at once, as expected numbers instead of draws.

What :class:`~sim.inputs.ratings.QualityPath` draws for one authority is here the matrix exponential of the same rates,
applied to the authorities expected at each grade; for many draws of the parameters side by side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.base.calendar import DAYS_A_YEAR
from sim.inputs.four_judgements import FourJudgements, Rule
from sim.inputs.grades import JUDGEMENTS, SHIPPED, Judgement
from sim.inputs.pathways import EnoughProgress, Findings
from sim.inputs.ratings import AS_FITTED, LONGEST_DRIFT, Ratings, Regime, seen_given
from tests.oracle.expected_dates import FINE, even_grid

Numbers = NDArray[np.float64]
"""Expected numbers of authorities, shape (strands, grades, draws); see :class:`~tests.oracle.expected_life.Lives`."""


class Drift:
    """Transition matrices of drift by the number of days, each worked out once.

    Parameters
    ----------
    generators : ndarray, shape (draws, 4, 4)
        Rates a year.
    """

    def __init__(self, generators: NDArray[np.float64]) -> None:
        from scipy.linalg import expm

        doubled = expm(generators / DAYS_A_YEAR)
        stays = np.broadcast_to(np.eye(len(JUDGEMENTS))[:, :, None], (*generators.shape[1:], len(generators)))
        self._known: dict[int, NDArray[np.float64]] = {0: stays}
        for place in range(LONGEST_DRIFT):
            self._known[1 << place] = np.ascontiguousarray(np.moveaxis(doubled, 0, -1))
            doubled = doubled @ doubled

    def over(self, days: int) -> NDArray[np.float64]:
        """Probability of each grade, by the grade that many days before; shape (4, 4, draws)."""
        if days not in self._known and days > 0:
            lowest = days & -days
            self._known[days] = np.einsum("ijd,jkd->ikd", self.over(days - lowest), self._known[lowest])
        return self._known[max(days, 0)]


class ExpectedQuality:
    """Drift and judgement of quality under several draws of the parameters.

    Parameters
    ----------
    ratings : sequence of Ratings
        Those of each draw.
    climate : sequence of Regime
        What multiplies the rates from outside, from each day on.

    Attributes
    ----------
    draws : int
        How many there are.
    """

    def __init__(self, ratings: Sequence[Ratings], climate: Sequence[Regime]) -> None:
        self._ratings = ratings
        self._climate = (AS_FITTED, *climate)
        self.draws = len(ratings)

    @cached_property
    def _generators(self) -> NDArray[np.float64]:
        return np.stack([each.generator() for each in self._ratings])

    @cached_property
    def _free(self) -> list[tuple[int, Drift]]:
        return self._drifts(0.0, 0.0)

    @cached_property
    def _monitored(self) -> list[tuple[int, Drift]]:
        intervention = self._ratings[0].intervention
        if not intervention.improvement and not intervention.decline:
            return self._free
        return self._drifts(intervention.improvement, intervention.decline)

    def _drifts(self, improvement: float, decline: float) -> list[tuple[int, Drift]]:
        """Drift from each day on, where the rates are changed by these shares beside what the climate does."""
        found = []
        better, worse = np.tril(self._generators, -1), np.triu(self._generators, 1)
        for regime in self._climate:
            moves = better * regime.improvement * (1 + improvement) + worse * regime.decline * (1 + decline)
            found.append((regime.from_day, Drift(moves - moves.sum(axis=2)[:, :, None] * np.eye(len(JUDGEMENTS)))))
        return found

    def later(self, numbers: Numbers, first: int, last: int, monitored: bool = False) -> Numbers:
        """Numbers at each grade on a last day, from those on a first day; the same if it is not later."""
        return self.on_days(numbers, first, [last], monitored)[0]

    def on_days(self, numbers: Numbers, first: int, days: Sequence[int], monitored: bool = False) -> list[Numbers]:
        """Numbers at each grade on some days, ascending, from those on a first day; see :meth:`later`.

        Parameters
        ----------
        numbers : ndarray, shape (strands, 4, draws)
            Authorities expected at each grade.
        first : int
            Day on which they are.
        days : sequence of int
            Days asked for.
        monitored : bool, optional
            Whether the authorities are monitored meanwhile, if that is assumed to change the drift.
        """
        drifts = self._monitored if monitored else self._free
        if len(drifts) == 1:
            return _moved(numbers, drifts[0][1], [day - first for day in days])
        found: list[Numbers] = []
        ends = [*(begins for begins, _ in drifts[1:]), None]
        for (_, drift), end in zip(drifts, ends, strict=True):
            within = [day for day in days[len(found) :] if end is None or day <= end]
            found += _moved(numbers, drift, [day - first for day in within])
            if len(found) == len(days):
                break
            if end is not None and end > first:
                (numbers,), first = _moved(numbers, drift, [end - first]), end
        return found

    def given(self, judgement: Judgement, days: int) -> NDArray[np.float64]:
        """Probability of each grade on the day of an inspection that gave a judgement; shape (4, draws).

        As :meth:`Ratings.quality_given` draws it; ``days`` is counted from the day of the mix.
        """
        mix = np.array([[each.mix.get(true, 0.0) for each in self._ratings] for true in JUDGEMENTS])
        if days > 0:
            _, as_fitted = self._free[0]
            mix = np.einsum("id,ijd->jd", mix, as_fitted.over(days))
        weights = mix * self.judging[:, SHIPPED.place[judgement]]
        return np.asarray(weights / weights.sum(axis=0), dtype=np.float64)

    @cached_property
    def judging(self) -> NDArray[np.float64]:
        """Probability of each overall judgement by true quality, shape (4 grades, 4 judgements, draws)."""
        rows = [
            [[ratings.judging[true].get(judgement, 0.0) for judgement in JUDGEMENTS] for true in JUDGEMENTS]
            for ratings in self._ratings
        ]
        return np.ascontiguousarray(np.moveaxis(np.array(rows), 0, -1))

    def judged(self, numbers: Numbers, implied: Sequence[Sequence[float]] | None) -> list[Numbers]:
        """Numbers by judgement, from those whose inspection ends; each of the four of the shape of the numbers.

        Parameters
        ----------
        numbers : ndarray, shape (strands, 4, draws)
            Authorities expected at each grade.
        implied : sequence of sequence of float or None
            As :func:`implied_shares`, where no overall judgement is published.
        """
        overall = [numbers * self.judging[None, :, place] for place in range(len(JUDGEMENTS))]
        if implied is None:
            return overall
        return [
            np.asarray(sum(share * each for share, each in zip(column, overall, strict=True)))
            for column in zip(*implied, strict=True)
        ]


def _moved(numbers: Numbers, drift: Drift, lengths: Sequence[int]) -> list[Numbers]:
    """Numbers after each of some days of drift; the same after none."""
    if not any(length > 0 for length in lengths):
        return [numbers] * len(lengths)
    if len(lengths) == 1:
        return [np.einsum("sid,ijd->sjd", numbers, drift.over(lengths[0]))]
    matrices = np.stack([drift.over(length) for length in lengths])
    return list(np.einsum("sid,tijd->tsjd", numbers, matrices))


def implied_shares(four: FourJudgements) -> list[list[float]]:
    """Share of inspections whose four judgements imply each judgement, by what they would have given overall."""
    found, rule = [], Rule(four, SHIPPED)
    for overall in JUDGEMENTS:
        row = [0.0] * len(JUDGEMENTS)
        for agrees, weight in ((0.0, four.agreement), (1.0, 1 - four.agreement)):
            for pattern in even_grid(FINE) if weight else ():
                row[SHIPPED.place[rule.implied(rule.draw(overall, agrees, pattern))]] += weight / FINE
        found.append(row)
    return found


def share_found(shares: Mapping[Judgement, float], accuracy: float | None) -> NDArray[np.float64]:
    """Probability that a visit finds what it finds at these shares of what it sees, by true quality; shape (4, 1)."""
    if accuracy is None:
        return np.zeros((len(JUDGEMENTS), 1))
    grades = range(len(JUDGEMENTS))
    return np.array(
        [
            [sum(seen_given(true, accuracy, seen, SHIPPED) * shares[JUDGEMENTS[seen]] for seen in grades)]
            for true in grades
        ]
    )


def brought_forward(rules: Findings, accuracy: float | None) -> NDArray[np.float64]:
    """Probability that a focused visit brings the next inspection forward, by true quality; shape (4, 1)."""
    return rules.brings_forward_share * share_found(rules.priority_action_share, accuracy)


def enough_progress(rules: EnoughProgress | None, number: int, accuracy: float | None) -> NDArray[np.float64]:
    """Probability that a monitoring visit, by number from 1, ends monitoring, by true quality; shape (4, 1)."""
    if rules is None or number < rules.from_visit:
        return np.zeros((len(JUDGEMENTS), 1))
    return share_found(rules.share, accuracy)
