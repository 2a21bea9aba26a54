"""Selects the poorly founded numbers to vary, and the points: factors, and a Latin hypercube over them.

A factor is an assumption of low confidence that has a plausible range. One assumption may appear under several keys,
such as the same window under three pathways of two frameworks. Keys with the same last name, value, range and source
vary together. The hypercube cuts the range of every factor into strata of equal probability, as many as there are
points. It has one point in each stratum of each factor (McKay, Beckman and Conover, Technometrics 21, 1979). So a
factor that hardly matters takes no points from one that does.

A number that the table of draws varies from run to run is varied here too if it has its own range. A run then uses the
point's value, times its draw divided by the median of the column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil, floor
from typing import TypeGuard

import numpy as np
from numpy.typing import NDArray

from sim.base.figures import listed, people_of
from sim.base.randomness import generator
from sim.inputs.assumptions import Entry, entries
from sim.inputs.parameter_draws import ERROR
from sim.inputs.scenario import Scenario

VARIED = "low"
"""Confidence of the numbers that are varied."""
NO_RANGE, NO_NUMBER, DRAWN, OUTSIDE = (
    "no range given",
    "a word, a date or a list",
    "drawn for each run",
    "its range does not include it, or has no width",
)
"""Why a value of low confidence is not varied."""
CALLED = {
    "accuracy": "how surely a visit sees true quality",
    "backlog_months": "months over which the backlog of the start is spread",
    "transition_months": "months over which what a later framework makes overdue is spread",
    "brings_forward_share": "share of priority actions that bring the next inspection forward",
    "first_after_working_days": "days to the first monitoring visit",
    "induction_months": "months from joining to full use",
    "inspector_day_pounds": "cost of a day of work",
    "interval_months": "months to the next inspection",
    "leave_in_closed_weeks": "share of leave taken in closed weeks",
    "part_time_hours": "hours of a part-timer",
    "part_time_share": "share of people who work part-time",
    "people": "people in post",
    "planned_from_months": "earliest planned start of the next inspection",
    "planned_to_months": "latest planned start of the next inspection",
    "programme_share": "share of time for this programme",
    "sick_spell_days": "mean length of a spell of sickness",
    "travel_days_elsewhere": "days of travel to another region",
    "turnover_a_year": "turnover",
    "window_months": "window of visits between inspections",
}
"""What a number is called, by the last name of its key. Others use the words of the key."""


@dataclass(frozen=True)
class Factor:
    """Describe an assumption that is varied.

    Attributes
    ----------
    name : str
        Name, in words.
    keys : tuple of str
        Dotted paths of the scenario that get its value. The first is the name of its column.
    value, low, high : float
        Value in the scenario and plausible range, in ``unit``.
    whole : bool
        Whether only whole numbers are allowed.
    unit, source : str
        Unit and source in the assumption book.
    """

    name: str
    keys: tuple[str, ...]
    value: float
    low: float
    high: float
    whole: bool
    unit: str
    source: str

    def at(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return values at shares of the probability, on [0, 1); every value of the range is equally likely."""
        if self.whole:
            first, last = np.ceil(self.low), np.floor(self.high)
            return np.asarray(np.minimum(last, first + np.floor(shares * (last - first + 1))), dtype=np.float64)
        return np.asarray(self.low + shares * (self.high - self.low), dtype=np.float64)

    @property
    def range_in_words(self) -> str:
        """Write the range, such as ``0.45 to 0.75``."""
        return f"{self.low:g} to {self.high:g}"


@dataclass(frozen=True)
class NotVaried:
    """Describe a value of low confidence that is not varied, and why."""

    key: str
    value: object
    unit: str
    why: str
    source: str


def factors_of(scenario: Scenario) -> list[Factor]:
    """Return every assumption of low confidence that has a range, in the order of the book."""
    groups: dict[tuple[object, ...], list[Entry]] = {}
    for entry in _weak(scenario):
        if _why_not(entry, scenario) is None:
            note = entry.note
            same = (entry.key.rpartition(".")[2], note.source, entry.value, note.low, note.high)
            groups.setdefault(same, []).append(entry)
    return _told_apart([_factor(group) for group in groups.values()])


def not_varied(scenario: Scenario) -> list[NotVaried]:
    """Return every value of low confidence that is not varied, in the order of the book."""
    return [
        NotVaried(entry.key, entry.value, entry.unit, why, entry.note.source)
        for entry in _weak(scenario)
        for why in [_why_not(entry, scenario)]
        if why is not None
    ]


def _weak(scenario: Scenario) -> Iterable[Entry]:
    return (entry for entry in entries(scenario) if entry.note.confidence == VARIED)


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _why_not(entry: Entry, scenario: Scenario) -> str | None:
    """Explain why a value is not varied; None if it is."""
    low, high = entry.note.low, entry.note.high
    if not _is_number(entry.value):
        return NO_NUMBER
    if low is None or high is None:
        return DRAWN if _drawn(entry.key, scenario) else NO_RANGE
    if isinstance(entry.value, int):
        low, high = ceil(low), floor(high)
    return None if low <= entry.value <= high and low < high else OUTSIDE


def _drawn(key: str, scenario: Scenario) -> bool:
    """Return whether the table of draws already varies a number from run to run."""
    draws = scenario.draws or {}
    return bool({key, key.removeprefix("ratings.")} & set(draws)) or (
        key.startswith("ratings.judging.") and ERROR in draws
    )


def varied_once(scenario: Scenario, factors: Sequence[Factor]) -> Scenario:
    """Return the scenario without draws of numbers that are factors, so that none varies twice."""
    keys = {key for factor in factors for key in factor.keys}
    draws = scenario.draws or {}
    left = {name: values for name, values in draws.items() if not keys & {name, f"ratings.{name}"}}
    if len(left) == len(draws):
        return scenario
    return scenario.with_draws(left) if left else scenario.with_changes({"draws": "none"})


def _factor(group: Sequence[Entry]) -> Factor:
    """Build the factor of entries that vary together."""
    first = group[0]
    low, high = first.note.low, first.note.high
    assert low is not None and high is not None and _is_number(first.value)
    keys = tuple(entry.key for entry in group)
    whole = isinstance(first.value, int)
    return Factor(named(keys), keys, float(first.value), low, high, whole, first.unit, first.note.source)


def named(keys: Sequence[str]) -> str:
    """Name the number under some keys: what it is, and for whom or what."""
    *tables, last = keys[0].split(".")
    if tables[:2] == ["ratings", "drift"]:
        return f"rate at which {tables[2].replace('_', ' ')} becomes {last.replace('_', ' ')}"
    what = CALLED.get(last, last.replace("_", " "))
    whose = [
        f"{listed(list(dict.fromkeys(found)))}{words}"
        for table, words in (("roles", ""), ("visits", " visits"), ("pathways", ""))
        for found in [[_called(table, after) for key in keys for before, after in _steps(key) if before == table]]
        if found
    ]
    return f"{what} ({', '.join(whose)})" if whose else what


def _steps(key: str) -> Iterable[tuple[str, str]]:
    """Yield each name of a dotted path with the next one."""
    return pairwise(key.split("."))


def _called(table: str, name: str) -> str:
    return people_of(name) if table == "roles" else name.replace("_", " ")


def _told_apart(factors: Sequence[Factor]) -> list[Factor]:
    """Give factors distinct names; those with the same name get their first key as well."""
    count = Counter(each.name for each in factors)
    return [each if count[each.name] == 1 else replace(each, name=f"{each.name}, {each.keys[0]}") for each in factors]


def hypercube(factors: int, points: int, seed: int) -> NDArray[np.float64]:
    """Make a Latin hypercube: shares of the probability of each factor, each in its own stratum.

    Parameters
    ----------
    factors, points : int
        Number of factors and of points.
    seed : int
        Seed of the study. The hypercube has its own stream.

    Returns
    -------
    ndarray, shape (points, factors)
        Shares on [0, 1). Each column has one in each of the intervals of length ``1 / points``.
    """
    from scipy.stats.qmc import LatinHypercube

    source = generator(seed, 0, "hypercube", "assumptions")
    return np.asarray(LatinHypercube(factors, seed=source).random(points), dtype=np.float64)


def values_at(factors: Sequence[Factor], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the value of each factor at each point of a hypercube, shape (points, factors)."""
    return np.stack([factor.at(column) for factor, column in zip(factors, shares.T, strict=True)], axis=1)


def changes_of(factors: Sequence[Factor], values: Sequence[float]) -> Mapping[str, object]:
    """Return the changes that a point makes to the scenario, by dotted path."""
    return {
        key: int(value) if factor.whole else float(value)
        for factor, value in zip(factors, values, strict=True)
        for key in factor.keys
    }
