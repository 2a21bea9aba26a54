"""Rank the numbers that matter most and are known least, from a sensitivity study.

The package ships the study of one scenario, as its command wrote it: the folder ``data/sensitivity_ilacs_launch``.
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
"""Files of a sensitivity study that a ranking needs, in addition to its manifest."""
SHIPPED = f"sensitivity_{DEFAULT}"
"""Folder of the shipped study."""
KNOWN_LEAST = ("none", "low", "medium")
"""Confidence of the numbers that are ranked; those of medium confidence come last."""
ENOUGH = 0.5
"""Share of the ranked variance that a scenario's own numbers must account for, for the ranking to be useful."""


@dataclass(frozen=True)
class Effect:
    """Hold the effect of a number on a measure.

    Attributes
    ----------
    measure : str
        Name of the measure.
    share : float
        Share of the variance of the measure that the number accounts for.
    correlation : float
        Partial rank correlation; above zero if a higher number raises the measure.
    beyond_chance : bool
        Whether the correlation is larger than chance explains.
    """

    measure: str
    share: float
    correlation: float
    beyond_chance: bool


@dataclass(frozen=True)
class Number:
    """Hold a number that a sensitivity study varied.

    Attributes
    ----------
    name : str
        Name in words.
    keys : tuple of str
        Keys of the scenario that have its value.
    value, low, high : float
        Value and range in the study.
    effects : tuple of Effect
        Effect on each measure.
    """

    name: str
    keys: tuple[str, ...]
    value: float
    low: float
    high: float
    effects: tuple[Effect, ...]

    @property
    def share(self) -> float:
        """Share of the variance, mean over the measures; effects that may be chance count as zero."""
        return sum(each.share for each in self.effects if each.beyond_chance) / (len(self.effects) or 1)

    @property
    def beyond_chance(self) -> bool:
        """Whether the number has an effect on any measure larger than chance explains."""
        return any(each.beyond_chance for each in self.effects)


@dataclass(frozen=True)
class Ranking:
    """Hold the numbers that a sensitivity study varied; those that account for most of the variance come first.

    Attributes
    ----------
    scenario : str
        Scenario of the study.
    made : datetime.date
        Day on which the study was made.
    points, replications, from_year : int
        Points of the design, runs of each, and first whole financial year that counts.
    measures : tuple of str
        Measures of the study.
    numbers : tuple of Number
        Numbers that were varied.
    ships : bool
        Whether this is the shipped study.
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
        """Numbers with an effect on a measure larger than chance explains."""
        return tuple(each for each in self.numbers if each.beyond_chance)


@dataclass(frozen=True)
class Ranked:
    """Hold a number of a scenario with its rank.

    Attributes
    ----------
    rank : int
        Rank from 1, the number that matters most and is known least.
    number : Number
        The number in the study.
    entries : tuple of Entry
        Entries of the scenario's assumption book with its keys.
    """

    rank: int
    number: Number
    entries: tuple[Entry, ...]

    @property
    def differs(self) -> bool:
        """Whether the scenario has a different value from the study."""
        return not all(_is_near(each.value, self.number.value) for each in self.entries)


def ranked(ranking: Ranking, book: Sequence[Entry]) -> tuple[Ranked, ...]:
    """Return the numbers of a scenario's book in the order of a ranking, without those of high confidence.

    There are none if the scenario's numbers account for less than half of what all ranked numbers do, because the
    ranking then does not fit the scenario.
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
    """Return whether a value equals one in a table with six digits."""
    return isinstance(value, int | float) and isclose(value, other, rel_tol=1e-5)


def _least_known(entries: Sequence[Entry]) -> str:
    """Return the lowest confidence of some entries."""
    found = {entry.note.confidence for entry in entries}
    return next((word for word in KNOWN_LEAST if word in found), "high")


@cache
def shipped_ranking() -> Ranking:
    """Return the ranking of the shipped sensitivity study."""
    manifest, correlations, factors = (table(f"{SHIPPED}/{name}") for name in (MANIFEST, CORRELATIONS, FACTORS))
    return _ranking(json.loads(manifest), correlations, factors, ships=True)


def ranking_in(folder: Path) -> Ranking:
    """Return the ranking of the sensitivity study in a folder.

    Raises
    ------
    InputError
        If the folder holds no such study, or its files have changed.
    """
    manifest = manifest_of(folder) if (folder / MANIFEST).is_file() else {}
    asked = manifest.get("asked")
    if not isinstance(asked, Mapping) or asked.get("question") != "sensitivity":
        words = "it holds no sensitivity study; give a folder that python -m sim sensitivity SCENARIO has written"
        raise InputError([Fault(Argument("sensitivity"), str(folder), NOT_SHOWN, words)])
    correlations, factors = ((folder / name).read_text(encoding="utf-8") for name in (CORRELATIONS, FACTORS))
    return _ranking(manifest, correlations, factors)


def _ranking(manifest: Mapping[str, Any], correlations: str, factors: str, ships: bool = False) -> Ranking:
    """Return the ranking of a study, from its manifest and the text of its tables."""
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
