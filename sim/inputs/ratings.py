"""Models true quality, which drifts, and the published judgement, which only an inspection changes.

Quality is a continuous-time Markov chain on the declared grades; an inspection reads it, perhaps wrongly. An
authority's path of quality depends only on its own stream of random numbers. No workforce, framework or other authority
can change it, unless a scenario assumes that visits or monitoring change the rates (see :class:`ContactEffect` and
:class:`Intervention`).
"""

from __future__ import annotations

import datetime
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import zip_longest
from math import ceil, exp, inf, log, log2
from typing import TYPE_CHECKING, Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from sim.base.bounds import MOST_A_YEAR
from sim.base.calendar import DAYS_A_YEAR, NEVER
from sim.base.randomness import Stream
from sim.inputs.grades import DECLARED, Grades, Judgement, faults_of, undeclared
from sim.inputs.section import Months, Probability, Rate, Section, quantity, refuse

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SUM_TOLERANCE = 1e-9
MOST_MOVES = 20
"""Most moves of a Poisson process of mean one: as many or more happen once in 10^18."""
LONGEST_DRIFT = 16
"""Binary digits of the longest drift in days: a century and a half."""


Change = Annotated[float, Field(ge=-1, le=MOST_A_YEAR)]
"""Change of a rate as a share of it: 0.1 makes it a tenth faster, -1 stops it."""


MixDay = Annotated[datetime.date, Field(ge=datetime.date(2000, 1, 1), le=datetime.date(2050, 12, 31))]


class Intervention(Section):
    """Describes what monitoring does to an authority's drift; nothing, unless a scenario assumes it.

    The effect lasts from the publication of the judgement, or the start of the run, to the end of monitoring.
    """

    improvement: Change = quantity("change of the rates of improvement while monitored", "share")
    decline: Change = quantity("change of the rates of decline while monitored", "share")


class ContactEffect(Section):
    """Describes what a visit does to an authority's drift for some months; nothing, unless a scenario assumes it.

    For an inspection before the start, only the part of these months after the start counts.
    """

    improvement: Change = quantity("change of the rates of improvement after a visit", "share")
    decline: Change = quantity("change of the rates of decline after a visit", "share")
    months: Months = quantity(
        "how long the effect lasts after the last day on site; another visit restarts it", "months"
    )


class Ratings(Section):
    """Describes how quality drifts and how inspections read it."""

    grades: tuple[Judgement, ...] = quantity(
        "grades of quality, best first", default=DECLARED.grades, validate_default=True
    )
    good_or_better: Judgement = quantity("lowest grade that counts as good", default=DECLARED.good_or_better)
    mix_on: MixDay = quantity("day to which the mix belongs; for later inspections it drifts on from there")
    called: dict[Judgement, str] = quantity(
        "published names of grades; if not given, the name in plain words",
        default=DECLARED.called,
        validate_default=True,
    )
    drift: dict[Judgement, dict[Judgement, Rate]] = quantity("rate of each move of true quality", "moves a year")
    judging: dict[Judgement, dict[Judgement, Probability]] = quantity(
        "probability of each judgement, by true quality", "probability"
    )
    mix: dict[Judgement, Probability] = quantity(
        "true quality of authorities before anything is known about them; it determines how far to trust an "
        "authority's judgement at the start",
        "probability",
    )
    contact: ContactEffect = quantity("how visits change the drift, if at all")
    intervention: Intervention = quantity("how monitoring changes the drift, if at all")

    @model_validator(mode="after")
    def _is_a_chain(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[str]:
        wrong = [*faults_of(self.grades, self.good_or_better, self.called), *self._undeclared()]
        yield from wrong
        if wrong:
            return
        for judgement in self.grades:
            if judgement in self.drift.get(judgement, {}):
                yield f"drift.{judgement}.{judgement}: quality cannot move to where it is"
            row = self.judging.get(judgement, {})
            if abs(sum(row.values()) - 1) > SUM_TOLERANCE:
                yield f"judging.{judgement}: probabilities must add up to 1, not {sum(row.values()):g}"
        if abs(sum(self.mix.values()) - 1) > SUM_TOLERANCE:
            yield f"mix: probabilities must add up to 1, not {sum(self.mix.values()):g}"
        for judgement in self.grades:
            if not sum(self.weights_given(judgement)):
                yield f"judging: no quality in the mix can be judged {judgement}, but an authority may start so judged"

    def _undeclared(self) -> Iterator[str]:
        """List names in the tables that are not grades."""
        yield from undeclared("mix", self.mix, self.grades)
        for key, rows in (("drift", self.drift), ("judging", self.judging)):
            yield from undeclared(key, rows, self.grades)
            for judgement, row in rows.items():
                yield from undeclared(f"{key}.{judgement}", row, self.grades)

    @cached_property
    def scale(self) -> Grades:
        """Return the grades in order, with their published names."""
        return Grades.of(self.grades, self.good_or_better, self.called)

    @cached_property
    def moves(self) -> tuple[tuple[tuple[float, int], ...], ...]:
        """Return each grade's moves as (rate a day, new grade), the best new grade first."""
        place = self.scale.place
        return tuple(
            tuple(
                sorted(
                    ((rate / DAYS_A_YEAR, place[to]) for to, rate in self.drift.get(judgement, {}).items() if rate > 0),
                    key=lambda move: move[1],
                )
            )
            for judgement in self.grades
        )

    @property
    def can_be_changed(self) -> bool:
        """Return whether visits or monitoring change the drift."""
        return bool(
            self.contact.improvement
            or self.contact.decline
            or self.intervention.improvement
            or self.intervention.decline
        )

    def judge(self, grade: int, u: float) -> Judgement:
        """Return the judgement that an inspection gives an authority of this true quality, from a uniform draw."""
        reached = 0.0
        row = self.judging[self.grades[grade]]
        for judgement in self.grades:
            reached += row.get(judgement, 0.0)
            if u < reached:
                return judgement
        return max(row, key=lambda judgement: row[judgement])

    def quality_given(self, judgement: Judgement, days: int, u: float) -> int:
        """Return the grade of true quality on the day of an inspection that gave a judgement, from a uniform draw.

        It follows from the mix and the probabilities of judging by Bayes's rule.

        Parameters
        ----------
        judgement : str
            Judgement of the inspection.
        days : int
            Days from that of the mix to the inspection, over which the mix drifts; negative values count as 0.
        u : float
            Uniform draw on [0, 1).
        """
        return _chosen(self.weights_given(judgement, days), u)

    def quality_of_mix(self, u: float) -> int:
        """Return the grade of true quality of an authority without a known judgement, from a uniform draw on [0, 1)."""
        return _chosen([self.mix.get(true, 0.0) for true in self.grades], u)

    def weights_given(self, judgement: Judgement, days: int = 0) -> list[float]:
        """Return the weight of each grade of true quality, given a judgement; see :meth:`quality_given`."""
        mix = self.mix_after(days) if days > 0 else [self.mix.get(true, 0.0) for true in self.grades]
        return [
            share * self.judging.get(true, {}).get(judgement, 0.0) for share, true in zip(mix, self.grades, strict=True)
        ]

    def mix_after(self, days: int) -> list[float]:
        """Return the mix of true quality some days after the day to which it belongs, without inspections since."""
        import numpy as np

        start = np.array([self.mix.get(true, 0.0) for true in self.grades])
        return [float(share) for share in self.drifted(start, days)]

    def drifted(self, shares: NDArray[np.float64], days: int) -> NDArray[np.float64]:
        """Return the probabilities of each grade after some days of drift, best grade first."""
        for power in self._powers:
            if days & 1:
                shares = shares @ power
            days >>= 1
        return shares

    @cached_property
    def _powers(self) -> list[NDArray[np.float64]]:
        """Return transition matrices of 1, 2, 4, ... days, so that one exponential serves every number of days."""
        powers = [transitions(self.generator() / DAYS_A_YEAR)]
        while len(powers) < LONGEST_DRIFT:
            powers.append(powers[-1] @ powers[-1])
        return powers

    def generator(self) -> NDArray[np.float64]:
        """Return the generator matrix of the drift: rates a year, shape (grades, grades), best grade first."""
        import numpy as np

        generator = np.zeros((len(self.grades), len(self.grades)))
        for grade, moves in enumerate(self.moves):
            for rate, to in moves:
                generator[grade, to] = rate * DAYS_A_YEAR
                generator[grade, grade] -= rate * DAYS_A_YEAR
        return generator


def reading(grade: int, accuracy: float, u: float, grades: Grades) -> Judgement:
    """Return what a visit sees of true quality, from a uniform draw: the grade itself, or a neighbouring one.

    Parameters
    ----------
    grade : int
        True quality, from 0 for the best.
    accuracy : float
        Probability of seeing the grade itself; both neighbours are equally likely, but the best and worst grade have
        one.
    u : float
        Uniform draw on [0, 1).
    grades : Grades
        The grades.
    """
    if u < accuracy:
        return grades.names[grade]
    beside = grades.beside(grade)
    return grades.names[beside[int((u - accuracy) / (1 - accuracy) * len(beside))]]


def transitions(generator: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the transition matrix of a Markov chain after one unit of time, by uniformisation.

    Moves happen at the times of a Poisson process as fast as the fastest rate; some of them lead nowhere. A library's
    matrix exponential would wake the threads of its linear algebra, which then wait for more work at full speed. That
    costs a tenth of a second of processor time for each parameter draw.

    Parameters
    ----------
    generator : ndarray, shape (n, n)
        Rates of the moves; each row adds up to 0.

    References
    ----------
    A. Jensen, "Markoff chains as an aid in the study of Markoff processes", Skandinavisk Aktuarietidskrift 36, 1953.
    """
    import numpy as np

    fastest = float(-generator.diagonal().min())
    halvings = max(0, ceil(log2(fastest))) if fastest else 0
    mean = fastest / 2**halvings  # mean number of moves in a part of the time, at most one
    stay = np.eye(len(generator))
    move = stay + generator / fastest if fastest else stay
    weight = exp(-mean)
    after, found = stay, weight * stay
    for moves in range(1, MOST_MOVES):
        weight *= mean / moves
        after = after @ move
        found = found + weight * after
    for _ in range(halvings):
        found = found @ found
    return found


def _chosen(weights: Sequence[float], u: float) -> int:
    """Return the position of a weight, chosen in proportion to the weights by a uniform draw."""
    target = u * sum(weights)
    reached = 0.0
    for place, weight in enumerate(weights):
        reached += weight
        if target < reached:
            return place
    return max(range(len(weights)), key=weights.__getitem__)


def seen_given(grade: int, accuracy: float, seen: int, grades: Grades) -> float:
    """Return the probability that a visit to an authority of grade ``grade`` sees ``seen``; see :func:`reading`."""
    if seen == grade:
        return accuracy
    beside = grades.beside(grade)
    return (1 - accuracy) / len(beside) if seen in beside else 0.0


class Regime(NamedTuple):
    """Holds factors on the rates of drift from a day on."""

    from_day: int
    improvement: float
    decline: float


AS_FITTED = Regime(-NEVER, 1.0, 1.0)


def _lasting(regimes: Sequence[Regime], first: float, last: float) -> Iterator[tuple[float, float, Regime]]:
    """Yield the regimes in force between two days, with the first and the last day of each."""
    for regime, following in zip_longest(regimes, regimes[1:]):
        begins = max(float(regime.from_day), first)
        ends = min(last, inf if following is None else float(following.from_day))
        if begins < ends:
            yield begins, ends, regime


class QualityPath:
    """Represents the true quality of one authority from its last inspection on, drawn as far as needed.

    A move happens when the rates, added up over the days, reach an exponential draw. If rates change on a day, what was
    added up before stays. So the same draws serve whatever the changes, and without changes the path is the same.

    Parameters
    ----------
    ratings : Ratings
        The drift.
    grade : int
        Quality on the first day, from 0 for the best.
    first_day : int
        Day on which the path begins; negative before the scenario's start.
    stream : Stream
        The authority's own stream, two draws a move.
    climate : sequence of Regime, optional
        Factors on the rates from outside, in addition to any others.

    Attributes
    ----------
    days, grades : list
        Day (with fraction) of each move, with the path's beginning first, and the grade from then on.
    """

    __slots__ = (
        "_added_up_to",
        "_choice",
        "_climate",
        "_left",
        "_moves",
        "_next",
        "_regimes",
        "_stream",
        "days",
        "grades",
    )

    def __init__(
        self, ratings: Ratings, grade: int, first_day: int, stream: Stream, climate: Sequence[Regime] = ()
    ) -> None:
        self._moves = ratings.moves
        self._climate = (AS_FITTED, *climate)
        self._stream = stream
        self._regimes: tuple[Regime, ...] = (AS_FITTED,)
        self._added_up_to = float(first_day)
        self.days: list[float] = [float(first_day)]
        self.grades: list[int] = [grade]
        self._draw_next()

    def continued(self, day: int, ratings: Ratings, stream: Stream, climate: Sequence[Regime]) -> QualityPath:
        """Return a path that equals this one up to a day, and has its own moves from then on."""
        path = QualityPath(ratings, self.at(day), day, stream, climate)
        past = bisect_right(self.days, day)
        path.days[:0], path.grades[:0] = self.days[:past], self.grades[:past]
        return path

    def at(self, day: float) -> int:
        """Return the grade on a day; before the path begins, its first grade."""
        self.extend_to(day)
        return self.grades[max(0, bisect_right(self.days, day) - 1)]

    def extend_to(self, day: float) -> None:
        """Draw every move up to a day."""
        while self._next[0] <= day:
            self.days.append(self._next[0])
            self.grades.append(self._next[1])
            self._draw_next()

    def up_to(self, day: int) -> tuple[list[float], list[int]]:
        """Return the days and grades up to a day. A path that begins later counts as beginning on that day."""
        self.extend_to(day)
        known = max(1, bisect_right(self.days, day))
        return [min(self.days[0], float(day)), *self.days[1:known]], self.grades[:known]

    def change_rates(self, day: int, regimes: Sequence[Regime]) -> None:
        """Multiply the rates from a day on, replacing any earlier change from that day on.

        Parameters
        ----------
        day : int
            First day of the first regime; moves up to it stay unchanged.
        regimes : sequence of Regime
            In order; each applies until the next begins.
        """
        self.extend_to(day)
        since = max(float(day), self._added_up_to)
        self._left = self._left_on(since)
        self._added_up_to = since
        self._regimes = (*(regime for regime in self._regimes if regime.from_day < day), *regimes)
        self._next = self._find_next()

    def _draw_next(self) -> None:
        stay, self._choice = self._stream.row()
        self._left = -log(1 - stay)
        self._added_up_to = self.days[-1]
        self._next = self._find_next()

    def _stretches(self) -> Iterator[tuple[float, float, Regime]]:
        """Yield stretches of days from the point up to which rates are added: first day, last day, regime."""
        if len(self._climate) == len(self._regimes) == 1:
            yield self._added_up_to, inf, self._regimes[0]
            return
        for first, last, regime in _lasting(self._regimes, self._added_up_to, inf):
            for begins, ends, outside in _lasting(self._climate, first, last):
                better, worse = regime.improvement * outside.improvement, regime.decline * outside.decline
                yield begins, ends, Regime(regime.from_day, better, worse)

    def _rates(self, regime: Regime) -> list[tuple[float, int]]:
        here = self.grades[-1]
        return [(rate * (regime.improvement if to < here else regime.decline), to) for rate, to in self._moves[here]]

    def _left_on(self, day: float) -> float:
        left = self._left
        for first, last, regime in self._stretches():
            if first < day:
                left -= (min(last, day) - first) * sum(rate for rate, _ in self._rates(regime))
        return left

    def _find_next(self) -> tuple[float, int]:
        """Return the day and grade of the next move under the current regimes."""
        left = self._left
        for first, last, regime in self._stretches():
            rates = self._rates(regime)
            total = sum(rate for rate, _ in rates)
            if total and first + left / total <= last:
                return first + left / total, self._target(rates, total)
            left -= total * (last - first) if total else 0.0
        return inf, self.grades[-1]

    def _target(self, rates: Sequence[tuple[float, int]], total: float) -> int:
        """Return the grade to which the next move goes, chosen in proportion to its rate."""
        reached = 0.0
        for rate, to in rates:
            reached += rate
            if self._choice * total < reached:
                return to
        return rates[-1][1]
