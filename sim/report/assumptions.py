"""Describe the assumptions of a study for a report: the weakest first, then all of them by table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sim.analysis.sensitivity import Factor, factors_of
from sim.base.figures import day_in_words, listed, plain_words
from sim.inputs.assumptions import Difference, Entry, entries, shown, values_that_differ
from sim.inputs.scenario import Scenario
from sim.report.source import Source
from sim.studies.provenance import outside_scenarios, section_of
from sim.studies.ranking import Ranking, ranked, ranking_in, shipped_ranking

CONFIDENCE = {
    "high": "High: read in an official text, or counted",
    "medium": "Medium: from a secondary source",
    "low": "Low: our assumption",
    "none": "None: set without a source",
}
"""Meaning of each confidence, for the page."""
FIRST = 10
"""Weak assumptions that the page shows without unfolding."""
COUNTED = ("abolished", "created")
"""Last parts of keys that hold authorities; a page only says how many."""


@dataclass(frozen=True)
class Row:
    """Hold one assumption as the page shows it; missing parts are empty."""

    key: str
    meaning: str
    value: str
    range: str
    confidence: str
    source: str


@dataclass(frozen=True)
class Chapter:
    """Hold the assumptions of one table of the scenario's file."""

    head: str
    tally: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Weak:
    """Hold the assumptions of low confidence that have a range.

    Attributes
    ----------
    order : str
        Words on the order of the assumptions.
    first, others : tuple of Row
        Assumptions that come first, and the others.
    """

    order: str
    first: tuple[Row, ...]
    others: tuple[Row, ...]


@dataclass(frozen=True)
class Changes:
    """Hold the values in which one scenario differs from another.

    Attributes
    ----------
    there, here : str
        Names of the two scenarios, the other one first.
    rows : tuple of Difference
        Values that differ.
    """

    there: str
    here: str
    rows: tuple[Difference, ...]


def ranking_of(source: Source) -> Ranking:
    """Return the ranking of a sensitivity study; for any other study, the ranking that ships."""
    return ranking_in(source.folder) if source.kind == "sensitivity" else shipped_ranking()


def weak(source: Source) -> Weak:
    """Return the assumptions of low confidence with a range: ranked ones first, then those with the widest range."""
    factors, ranking = factors_of(source.base), ranking_of(source)
    ranks = {entry.key: each.rank for each in ranked(ranking, entries(source.base)) for entry in each.entries}
    factors.sort(key=_relative_width, reverse=True)
    if not ranks:
        order = "Assumptions with the widest range relative to their value come first. " + (
            "This study found no effect larger than chance explains."
            if source.kind == "sensitivity"
            else f"To find which of them drive the answer, run python -m sim sensitivity {source.base.name}."
        )
    else:
        factors.sort(key=lambda each: ranks.get(each.keys[0], len(ranks) + 1))
        measures = listed(list(map(plain_words, ranking.measures)))
        by = "this study"
        own = ""
        if ranking.ships:
            by = f"a sensitivity study of {ranking.scenario}"
            own = f" To rank them for this scenario, run python -m sim sensitivity {source.base.name}."
        order = (
            f"Assumptions that account for most of the variance of {measures} come first, as {by} found on "
            f"{day_in_words(ranking.made)}. Then come those with the widest range.{own}"
        )
    rows = tuple(map(_row_of_factor, factors))
    return Weak(order, rows[:FIRST], rows[FIRST:])


def _relative_width(factor: Factor) -> float:
    size = max(abs(factor.value), (abs(factor.low) + abs(factor.high)) / 2)
    return (factor.high - factor.low) / size if size else 0.0


def _row_of_factor(factor: Factor) -> Row:
    keys = factor.keys[0] + (f" and {len(factor.keys) - 1} more that move with it" if len(factor.keys) > 1 else "")
    unit = f" {factor.unit}" if factor.unit else ""
    return Row(keys, factor.name, f"{factor.value:g}{unit}", factor.range_in_words, CONFIDENCE["low"], factor.source)


def every(scenarios: Sequence[Scenario]) -> Iterator[tuple[str, list[Entry]]]:
    """Return all assumptions of the first scenario, what only others assume, and what no scenario sets.

    Each group has a heading; that of the first scenario is empty.
    """
    base, *others = scenarios
    own = entries(base)
    known = {entry.key for entry in own}
    yield "", own
    for other in others:
        more = [entry for entry in entries(other) if entry.key not in known]
        known |= {entry.key for entry in more}
        yield f"Only {other.name}", more
    yield "Not set by any scenario", outside_scenarios()


def chapters(scenarios: Sequence[Scenario]) -> tuple[Chapter, ...]:
    """Return all assumptions, by table of the scenario's file; see :func:`every`."""
    return tuple(
        chapter for whose, found in every(scenarios) for chapter in _chapters(found, f"{whose}: " if whose else "")
    )


def tally(scenario: Scenario) -> str:
    """Return how many assumptions there are of each confidence."""
    return _tally([entry.note.confidence for entry in entries(scenario)])


def _chapters(found: Iterable[Entry], before: str) -> Iterable[Chapter]:
    tables: dict[str, list[Entry]] = {}
    for entry in found:
        tables.setdefault(section_of(entry.key), []).append(entry)
    for head, inside in tables.items():
        rows = tuple(_row(entry, head) for entry in inside)
        yield Chapter(f"{before}{head}", _tally([entry.note.confidence for entry in inside]), rows)


def _row(entry: Entry, head: str) -> Row:
    note, key = entry.note, entry.key
    bounds = "" if note.low is None or note.high is None else f"{note.low:g} to {note.high:g}"
    unit = f" {entry.unit}" if entry.unit else ""
    return Row(
        key.removeprefix(f"{head}."), entry.meaning, told(entry) + unit, bounds,
        CONFIDENCE[note.confidence], note.source,
    )  # fmt: skip


def told(entry: Entry) -> str:
    """Return the value of an assumption in words, without the names of authorities."""
    key, value = entry.key, entry.value
    if key.startswith("shocks.") and key.rpartition(".")[2] in COUNTED and isinstance(value, tuple):
        return f"{len(value)} authorities (their names stay in the folder)"
    return shown(value)


def _tally(confidences: Sequence[str]) -> str:
    counted = [(confidences.count(word), word) for word in CONFIDENCE]
    return ", ".join(
        f"{number} set without a source" if word == "none" else f"{number} of {word} confidence"
        for number, word in counted
        if number
    )


def changes(scenario: Scenario, other: Scenario, called: str) -> Changes:
    """Return the values in which a scenario differs from another, without the names of authorities."""
    rows = [
        Difference(each.key, *(_side(each.key, side) for side in (each.there, each.here)))
        for each in values_that_differ(scenario, other)
    ]
    return Changes(called, scenario.name, tuple(rows))


def _side(key: str, side: str) -> str:
    hidden = key.startswith("shocks.") and key.rpartition(".")[2] in COUNTED and side != "nothing"
    return "authorities (their names stay in the folder)" if hidden else side
