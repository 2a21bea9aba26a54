"""Which numbers matter most and are known least: the ranking of a sensitivity study, held against a scenario.

The package ships the study of one scenario, as its command left it: the folder ``data/sensitivity_ilacs_launch``.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from io import StringIO
from math import isclose
from pathlib import Path
from typing import Any

from sim.base.faults import NOT_SHOWN, Argument, Fault, InputError
from sim.base.package_data import table
from sim.inputs.assumptions import Entry
from sim.inputs.scenario_files import DEFAULT
from sim.runs.manifest import MANIFEST, manifest_of

CORRELATIONS, FACTORS = "rank_correlations.csv", "assumptions.csv"
"""Files of a sensitivity study that a ranking is read from, beside its manifest."""
SHIPPED = f"sensitivity_{DEFAULT}"
"""Folder of the study that ships."""
KNOWN_LEAST = ("none", "low", "medium")
"""Confidence of the numbers that are ranked. Those of medium confidence come after the others."""
ENOUGH = 0.5
"""Part of all that the ranked numbers account for that those of a scenario must have, for the ranking to be of use."""


@dataclass(frozen=True)
class Effect:
    """What a number does to a measure.

    Attributes
    ----------
    measure : str
        Name of the measure.
    share : float
        Share of the variance of the measure for which the number accounts.
    correlation : float
        Partial rank correlation: above zero where a higher number makes a higher measure.
    beyond_chance : bool
        Whether the correlation is beyond chance.
    """

    measure: str
    share: float
    correlation: float
    beyond_chance: bool


@dataclass(frozen=True)
class Number:
    """A number that a sensitivity study varied.

    Attributes
    ----------
    name : str
        What it is called, in words.
    keys : tuple of str
        Keys of the scenario that take its value.
    value, low, high : float
        Its value and range in the study.
    effects : tuple of Effect
        What it does to each measure.
    """

    name: str
    keys: tuple[str, ...]
    value: float
    low: float
    high: float
    effects: tuple[Effect, ...]

    @property
    def share(self) -> float:
        """Share of the variance, mean over the measures; what may be chance counts for nothing."""
        return sum(each.share for each in self.effects if each.beyond_chance) / (len(self.effects) or 1)

    @property
    def beyond_chance(self) -> bool:
        """Whether it drives any of the measures beyond chance."""
        return any(each.beyond_chance for each in self.effects)


@dataclass(frozen=True)
class Ranking:
    """The numbers that a sensitivity study varied, those that account for most of the variance first.

    Attributes
    ----------
    scenario : str
        Scenario of the study.
    made : datetime.date
        Day on which the study was made.
    points, replications, from_year : int
        Points of its design, runs of each, and first whole financial year that counts.
    measures : tuple of str
        Measures whose variance is shared out.
    numbers : tuple of Number
        Numbers that were varied.
    ships : bool
        Whether it is the study that ships.
    """

    scenario: str
    made: date
    points: int
    replications: int
    from_year: int
    measures: tuple[str, ...]
    numbers: tuple[Number, ...]
    ships: bool = False

    @property
    def told(self) -> tuple[Number, ...]:
        """Numbers that drive a measure beyond chance."""
        return tuple(each for each in self.numbers if each.beyond_chance)


@dataclass(frozen=True)
class Ranked:
    """A number of a scenario with its rank.

    Attributes
    ----------
    rank : int
        From 1: the number that matters most and is known least.
    number : Number
        What the study says of it.
    entries : tuple of Entry
        Entries of the scenario's book under its keys.
    """

    rank: int
    number: Number
    entries: tuple[Entry, ...]

    @property
    def differs(self) -> bool:
        """Whether the scenario has another value than the study."""
        return not all(_is_near(each.value, self.number.value) for each in self.entries)


def ranked(ranking: Ranking, book: Sequence[Entry]) -> tuple[Ranked, ...]:
    """Numbers of a scenario's book in the order of a ranking, without those of high confidence.

    There are none if the numbers that the scenario has account for less than half of what all ranked ones do: the
    ranking is then of another world.
    """
    by_key = {entry.key: entry for entry in book}
    held = [(each, tuple(by_key[key] for key in each.keys if key in by_key)) for each in ranking.told]
    there = [(number, entries) for number, entries in held if entries]
    if sum(number.share for number, _ in there) < ENOUGH * sum(number.share for number, _ in held):
        return ()
    known = [(number, entries, _least_known(entries)) for number, entries in there]
    weak = sorted((each for each in known if each[2] in KNOWN_LEAST), key=lambda each: each[2] == "medium")
    return tuple(Ranked(rank, number, entries) for rank, (number, entries, _) in enumerate(weak, start=1))


def _is_near(value: object, other: float) -> bool:
    """Whether a value is the one that a table holds, with its six digits."""
    return isinstance(value, int | float) and isclose(value, other, rel_tol=1e-5)


def _least_known(entries: Sequence[Entry]) -> str:
    """Lowest confidence of some entries."""
    found = {entry.note.confidence for entry in entries}
    return next((word for word in KNOWN_LEAST if word in found), "high")


@cache
def shipped_ranking() -> Ranking:
    """Ranking of the sensitivity study that ships."""
    manifest, correlations, factors = (table(f"{SHIPPED}/{name}") for name in (MANIFEST, CORRELATIONS, FACTORS))
    return _ranking(json.loads(manifest), correlations, factors, ships=True)


def ranking_in(folder: Path) -> Ranking:
    """Ranking of a sensitivity study that a folder holds.

    Raises
    ------
    InputError
        If it holds no such study, or its files are not as they were written.
    """
    manifest = manifest_of(folder) if (folder / MANIFEST).is_file() else {}
    asked = manifest.get("asked")
    if not isinstance(asked, Mapping) or asked.get("question") != "sensitivity":
        words = "it holds no sensitivity study; give a folder that python -m sim sensitivity SCENARIO has written"
        raise InputError([Fault(Argument("sensitivity"), str(folder), NOT_SHOWN, words)])
    correlations, factors = ((folder / name).read_text(encoding="utf-8") for name in (CORRELATIONS, FACTORS))
    return _ranking(manifest, correlations, factors)


def _ranking(manifest: Mapping[str, Any], correlations: str, factors: str, ships: bool = False) -> Ranking:
    """Ranking of a study, from its manifest and the text of its tables."""
    effects: dict[str, list[Effect]] = {}
    for row in csv.DictReader(StringIO(correlations, newline="")):
        share, correlation = (float(row[column] or 0) for column in ("share_of_variance", "partial_rank_correlation"))
        effect = Effect(row["measure"], share, correlation, row["beyond_chance"] == "True")
        effects.setdefault(row["assumption"], []).append(effect)
    numbers = [
        Number(
            row["name"], keys, float(row["value"]), float(row["low"]), float(row["high"]),
            tuple(effects.get(keys[0], ())),
        )
        for row in csv.DictReader(StringIO(factors, newline=""))
        for keys in [tuple(row["keys"].split())]
    ]  # fmt: skip
    asked = manifest["asked"]
    return Ranking(
        manifest["name"],
        datetime.fromisoformat(manifest["finished"]).date(),
        asked["points"],
        asked["replications"],
        asked["from_year"],
        tuple(dict.fromkeys(each.measure for found in effects.values() for each in found)),
        tuple(sorted(numbers, key=lambda each: -each.share)),
        ships,
    )
