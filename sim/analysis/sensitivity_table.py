"""Tabulates what a hypercube over the poorly founded numbers shows about each number and each measure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.analysis.sensitivity import Factor
from sim.runs.measures import unit_of
from sim.statistics.effects import (
    HIGH_POINT,
    LOW_POINT,
    Correlation,
    Effect,
    Effects,
    effects,
    least_points,
    partial_rank,
    spearman,
)
from sim.statistics.intervals import CONFIDENCE
from sim.statistics.paired import Holm, holm

if TYPE_CHECKING:
    import pandas as pd

Values = NDArray[np.float64]
MOST_IN_NEED = 3
"""Number of assumptions that are named as most in need of a better figure."""
HALVES = 100
"""Number of random halves of the points that show how stable the choice of these is."""
COLUMNS = (
    "measure", "unit", "assumption", "name", "scenario_value", "low", "high", "points", "partial_rank_correlation",
    "partial_low", "partial_high", "p_value", "p_holm", "beyond_chance", "spearman", "spearman_low",
    "spearman_high", "share_of_variance", "low_point", "at_low_point", "at_low_point_low", "at_low_point_high",
    "high_point", "at_high_point", "at_high_point_low", "at_high_point_high",
)  # fmt: skip
"""Columns of the table of correlations and effects."""


@dataclass(frozen=True)
class Outcome:
    """Hold a measure at every point of a hypercube.

    Attributes
    ----------
    measure : str
        Name of the measure.
    runs : ndarray, shape (points, runs)
        Value in each run of each point. Not a number (NaN) if the point was left out or the measure has no value.
    stands : ndarray, shape (runs,)
        Value in the same runs of the unchanged scenario.
    """

    measure: str
    runs: Values
    stands: Values

    @property
    def values(self) -> Values:
        """Return the mean of the runs of each point."""
        return np.asarray(self.runs.mean(axis=1), dtype=np.float64)

    @property
    def there(self) -> NDArray[np.bool_]:
        """Return which points have a value."""
        return ~np.isnan(self.values)

    @property
    def as_it_stands(self) -> float:
        """Return the mean of the runs of the unchanged scenario."""
        return float(self.stands.mean())


@dataclass(frozen=True)
class Design:
    """Hold a hypercube and its results.

    Attributes
    ----------
    factors : tuple of Factor
        Factors that were varied.
    values : ndarray, shape (points, factors)
        Values of each factor at each point.
    outcomes : tuple of Outcome
        Outcome of each measure.
    left_out : mapping of int to str
        Why a point was left out, by its number from 1; 0 is the unchanged scenario.
    """

    factors: tuple[Factor, ...]
    values: Values
    outcomes: tuple[Outcome, ...]
    left_out: Mapping[int, str]


def why_not_told(design: Design, outcome: Outcome) -> str | None:
    """Explain why a measure shows nothing; None if it can be analysed."""
    there, least = outcome.values[outcome.there], least_points(len(design.factors))
    if len(there) < least:
        return f"only {len(there)} points have a value; to distinguish {len(design.factors)} assumptions takes {least}"
    return None if np.ptp(there) else "it is the same at every point"


def _that_can_be_told(design: Design) -> list[Outcome]:
    return [outcome for outcome in design.outcomes if why_not_told(design, outcome) is None]


class _FactorEffect(NamedTuple):
    """Hold the effect of a factor on a measure."""

    outcome: Outcome
    factor: Factor
    plain: Correlation
    partial: Correlation
    effect: Effect


def correlations(design: Design) -> pd.DataFrame:
    """Tabulate every measure that can be analysed with every factor; see :mod:`sim.statistics.effects`.

    ``p_holm`` is adjusted by Holm's procedure over all rows. ``beyond_chance`` tells whether it is at most 5%. So at
    most one study in twenty wrongly calls any factor without an effect beyond chance, anywhere in the table.
    """
    import pandas as pd

    told = [each for outcome in _that_can_be_told(design) for each in _of(design, outcome)]
    steps = holm([each.partial.p_value for each in told])
    return pd.DataFrame([_row(*pair) for pair in zip(told, steps, strict=True)], columns=list(COLUMNS))


def _of(design: Design, outcome: Outcome) -> Iterator[_FactorEffect]:
    factors, values, told, ends = _varied(design, outcome)
    plain, partial = spearman(values, told), partial_rank(values, told)
    found = effects(values, told, ends).each
    for place, factor in enumerate(factors):
        yield _FactorEffect(outcome, factor, plain[place], partial[place], found[place])


def _row(told: _FactorEffect, step: Holm) -> tuple[object, ...]:
    outcome, factor, plain, partial, effect = told
    least, most = _bounds(outcome.measure)
    ends = [
        (
            float(factor.at(np.array([at]))[0]),
            *np.clip((expected.value, expected.low, expected.high), least, most).tolist(),
        )
        for at, expected in ((LOW_POINT, effect.at_low), (HIGH_POINT, effect.at_high))
    ]
    return (
        outcome.measure, unit_of(outcome.measure), factor.keys[0], factor.name, factor.value, factor.low, factor.high,
        int(outcome.there.sum()), partial.value, partial.low, partial.high, partial.p_value, step.p_value,
        step.p_value <= 1 - CONFIDENCE, plain.value, plain.low, plain.high, effect.share, *ends[0], *ends[1],
    )  # fmt: skip


def _bounds(measure: str) -> tuple[float, float]:
    """Return the limits of a measure, which a parabola does not respect.

    Utilisation may exceed 1, if there is too much desk work.
    """
    return 0.0, 1.0 if unit_of(measure) == "share" and not measure.startswith("utilisation") else np.inf


def _varied(
    design: Design, outcome: Outcome, chosen: NDArray[np.bool_] | None = None
) -> tuple[list[Factor], Values, Values, Values]:
    """Return the factors that vary at points with the measure, their values, the measure, and the ends for its effects.

    ``chosen`` limits this to some points.
    """
    there = outcome.there if chosen is None else outcome.there & chosen
    values = design.values[there]
    varies = np.ptp(values, axis=0) > 0
    factors = [factor for factor, varied in zip(design.factors, varies, strict=True) if varied]
    ends = np.stack([factor.at(np.array([LOW_POINT, HIGH_POINT])) for factor in factors], axis=1)
    return factors, values[:, varies], outcome.values[there], ends


def all_effects(design: Design, outcome: Outcome) -> Effects:
    """Estimate the effects of all factors on a measure that can be analysed."""
    _, *fitted = _varied(design, outcome)
    return effects(*fitted)


def most_in_need(table: pd.DataFrame) -> list[str]:
    """Return the keys of the assumptions most in need of a better figure, at most three, the most needed first.

    The order follows the share of the variance that each explains, as a mean over the measures. Effects that may be
    chance count as zero.
    """
    surely = table[table["beyond_chance"]]
    shares = surely.groupby("assumption", sort=False)["share_of_variance"].sum().sort_values(kind="stable")
    return [str(key) for key in reversed(shares.index[-MOST_IN_NEED:])]


def steadiness(design: Design, source: np.random.Generator) -> Mapping[str, float] | None:
    """Return how often each assumption is among the three that explain most, in random halves of the points.

    An estimate from a random half varies around that from all points as that from all points varies around the truth
    (the jackknife that leaves out half; Shao and Wu, Annals of Statistics 17, 1989).

    Returns
    -------
    mapping of str to float, or None
        Share by key. None if half of the points are too few to distinguish the assumptions.
    """
    outcomes = _that_can_be_told(design)
    half, least = len(design.values) // 2, least_points(len(design.factors))
    count: Counter[str] = Counter()
    for _ in range(HALVES):
        chosen = np.zeros(len(design.values), dtype=np.bool_)
        chosen[source.permutation(len(chosen))[:half]] = True
        shares = dict.fromkeys((factor.keys[0] for factor in design.factors), 0.0)
        for outcome in outcomes:
            if np.sum(chosen & outcome.there) < least:
                return None
            factors, values, told, ends = _varied(design, outcome, chosen)
            if np.ptp(told):  # rare events may be missing from a half
                for factor, effect in zip(factors, effects(values, told, ends).each, strict=True):
                    shares[factor.keys[0]] += effect.share
        count.update(sorted(shares, key=lambda key: -shares[key])[:MOST_IN_NEED])
    return {factor.keys[0]: count[factor.keys[0]] / HALVES for factor in design.factors}
