"""Represents unknown numbers of staff and planning: the prior of each, and what its value changes in a scenario.

The numbers are in ``data/calibration.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from sim.base.package_data import table, texts
from sim.inputs.scenario import Scenario

Array = NDArray[np.float64]
TABLE, OF_SCENARIO = "calibration.toml", "not_known_"
EDGE = 1e-4
"""How close to either end of its prior an unknown may come, as a share of the prior."""


@dataclass(frozen=True)
class Unknown:
    """Represents one number to infer.

    Attributes
    ----------
    name, title, unit, source : str
        Its name, its meaning, its unit, and the reason for its prior.
    values : tuple of float
        Its levels, ascending; or the lowest and highest value of a uniform prior. Named levels are numbered from 0.
    changes : tuple of mapping, or None
        What each level sets, by dotted path; None if it has no levels.
    keys : tuple of str
        Keys that are set to its value, if it has no levels.
    whole : bool
        Whether it is a whole number.
    names : tuple of str
        Names of its levels, if these are policies rather than numbers, so that none lies between two others.
    """

    name: str
    title: str
    unit: str
    source: str
    values: tuple[float, ...]
    changes: tuple[Mapping[str, object], ...] | None = None
    keys: tuple[str, ...] = ()
    whole: bool = False
    names: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Return the number of possible values; 0 if it is continuous."""
        if self.changes is not None:
            return len(self.values)
        return round(self.values[-1] - self.values[0]) + 1 if self.whole else 0

    @property
    def assumed(self) -> float:
        """Return the level that changes nothing, which scenarios assume."""
        assert self.changes is not None
        return next(value for value, changes in zip(self.values, self.changes, strict=True) if not changes)

    def value(self, place: float) -> float:
        """Return the value at a place of the prior, from 0 to 1."""
        low, high = self.values[0], self.values[-1]
        if not self.count:
            return low + place * (high - low)
        step = min(int(place * self.count), self.count - 1)
        return self.values[step] if self.changes is not None else low + step

    def smooth(self, places: Array) -> Array:
        """Return values at some places, interpolated between whole numbers or levels unless levels have names."""
        if self.names:
            return np.array([self.value(float(place)) for place in places])
        if self.changes is not None:
            middles = (np.arange(self.count) + 0.5) / self.count
            return np.interp(places, middles, self.values)
        low, high = self.values[0] - 0.5 * self.whole, self.values[-1] + 0.5 * self.whole
        return np.clip(low + places * (high - low), self.values[0], self.values[-1])

    def told(self, values: Iterable[float]) -> list[float | str]:
        """Return values as a table shows them: named levels by their names."""
        return [self.names[round(value)] if self.names else value for value in values]

    def read(self, cells: Iterable[str]) -> Array:
        """Return the values of a table's cells; the inverse of :meth:`told`."""
        return np.array([float(self.names.index(cell)) if self.names else float(cell) for cell in cells])

    def sets(self, place: float) -> dict[str, object]:
        """Return what a scenario must change for the value at a place, by dotted path."""
        if self.changes is not None:
            return dict(self.changes[min(int(place * self.count), self.count - 1)])
        return self.sets_to(self.value(place))

    def sets_to(self, value: float) -> dict[str, object]:
        """Return what a scenario must change for a value, by dotted path: the nearest level or whole number."""
        if self.changes is not None:
            return dict(self.changes[int(np.argmin(np.abs(np.array(self.values) - value)))])
        return dict.fromkeys(self.keys, round(value) if self.whole else value)


def shipped_unknowns() -> tuple[Unknown, ...]:
    """Return the unknowns of staff and planning that are inferred, from the built-in table."""
    return _unknowns(table(TABLE))


def unknowns_of(scenario: str) -> tuple[Unknown, ...]:
    """Return what else is unknown at the start of a built-in scenario; nothing for most."""
    found = texts(OF_SCENARIO).get(f"{OF_SCENARIO}{scenario}.toml")
    return () if found is None else _unknowns(found)


@cache
def _unknowns(text: str) -> tuple[Unknown, ...]:
    rows: Mapping[str, Any] = tomllib.loads(text)
    return tuple(_unknown(name, row) for name, row in rows.items())


def _unknown(name: str, row: Mapping[str, Any]) -> Unknown:
    levels = row.get("levels")
    names = tuple(level["name"] for level in levels or () if "name" in level)
    return Unknown(
        name,
        row["title"],
        row["unit"],
        row["source"],
        (row["low"], row["high"])
        if levels is None
        else tuple(level.get("value", place) for place, level in enumerate(levels)),
        None if levels is None else tuple(level["changes"] for level in levels),
        tuple(row.get("keys", ())),
        row.get("whole", False),
        names,
    )


def on_the_line(places: Array) -> Array:
    """Map places of the prior to the whole line, so that a regression cannot leave the prior."""
    from scipy.special import logit

    return np.asarray(logit(np.clip(places, EDGE, 1 - EDGE)))


def back(points: Array) -> Array:
    """Invert :func:`on_the_line`."""
    from scipy.special import expit

    return np.asarray(expit(points))


def points(unknowns: Sequence[Unknown], runs: int, seed: int) -> Array:
    """Return places of the prior for some runs: a Latin hypercube, which spreads each unknown evenly.

    Returns
    -------
    ndarray, shape (runs, unknowns)
        Places from 0 to 1.
    """
    from scipy.stats import qmc

    return np.asarray(qmc.LatinHypercube(len(unknowns), rng=np.random.default_rng([seed, runs])).random(runs))


def is_there(scenario: Scenario, path: str) -> bool:
    """Return whether a scenario has what a dotted path names, such as a seat in a visit's team."""
    node: object = scenario
    for key in path.split("."):
        if isinstance(node, Mapping) and key in node:
            node = node[key]
        elif isinstance(node, BaseModel) and key in type(node).model_fields:
            node = getattr(node, key)
        else:
            return False
    return True
