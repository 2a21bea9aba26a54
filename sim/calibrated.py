"""The workforce as it was inferred from what had been done by a day."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.calibration import DRAWS
from sim.shipped import tables
from sim.unknowns import Unknown, points, shipped_unknowns

if TYPE_CHECKING:
    from sim.scenario import Scenario

Array = NDArray[np.float64]
BEGINS = "workforce_known_"
SHARE = "workforce.roles.social_care_hmi.programme_share"
LEAST = 0.25
"""Of a draw of a whole number, which must be above 0."""


def known_tables() -> dict[datetime.date, str]:
    """Text of each table of draws that ships, by the day before which everything that it rests on was done."""
    found = tables(BEGINS)
    return {
        datetime.date.fromisoformat(name.removeprefix(BEGINS).removesuffix(".csv")): text
        for name, text in found.items()
    }


def known_on(day: datetime.date) -> tuple[Mapping[str, Array], str]:
    """Draws of the unknowns by what had been done by a day, and what they rest on; the prior, if nothing had been."""
    known = {until: text for until, text in known_tables().items() if until <= day}
    if not known:
        unknowns = shipped_unknowns()
        places = points(unknowns, DRAWS, 0)
        return {each.name: each.smooth(places[:, number]) for number, each in enumerate(unknowns)}, "the prior"
    until = max(known)
    rows = list(csv.DictReader(known[until].splitlines()))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}, f"what was done before {until}"


def with_workforce(scenario: Scenario, day: datetime.date) -> tuple[Scenario, str]:
    """The scenario with its workforce and plan as known on a day, and what all its draws rest on.

    People, their share of time and the days of a visit cannot be told apart by what was done, so people and days stay
    as the scenario has them, and the share takes what was inferred of all three.
    """
    draws, source = known_on(day)
    share = deployable_share(scenario, draws)
    columns = {SHARE: share}
    columns |= {f"planning.{key}": np.maximum(draws[key], LEAST) for key in ("backlog_months", "most_inspections")}
    text = "\n".join(_values(scenario, draws, share, f"calibrated on {source}"))
    changed = scenario.laid_over(text, "calibrated")
    taken = dict(scenario.draws or {}) | {
        name: tuple(float(value) for value in values) for name, values in columns.items()
    }
    return changed.with_draws(
        taken
    ), f"drift and judgement on what was published before {day}, workforce and plan on {source}"


def deployable_share(scenario: Scenario, draws: Mapping[str, Array]) -> Array:
    """Share of their time for the programme, of the people and for the days of a visit that the scenario has."""
    unknowns = {each.name: each for each in shipped_unknowns()}
    new = any("short" in framework.visits for framework in scenario.frameworks.values())
    days = "days_of_standard_and_short" if new else "days_of_single_inspections"
    people = scenario.workforce.roles["social_care_hmi"].people
    share = draws["programme_share"] * draws["people"] / people * _as_assumed(unknowns[days]) / draws[days]
    return np.minimum(share, 1.0)


def _as_assumed(unknown: Unknown) -> float:
    """The level that changes nothing."""
    assert unknown.changes is not None
    return next(value for value, changes in zip(unknown.values, unknown.changes, strict=True) if not changes)


def _values(scenario: Scenario, draws: Mapping[str, Array], share: Array, source: str) -> Iterator[str]:
    """Medians, as tables of a scenario file."""

    def entry(values: Array, digits: int = 0) -> str:
        low, middle, high = (round(float(value), digits) for value in np.quantile(values, (0.1, 0.5, 0.9)))
        low, middle, high = (value if digits else int(value) for value in (low, middle, high))
        return f'{{ value = {middle}, source = "{source}", confidence = "low", low = {low}, high = {high} }}'

    yield "[workforce.roles.social_care_hmi]"
    yield f"programme_share = {entry(share, 3)}"
    yield "[planning]"
    yield f"backlog_months = {entry(draws['backlog_months'])}"
    yield f"most_inspections = {entry(draws['most_inspections'])}"
    for name in scenario.frameworks:
        yield f"[frameworks.{name}.pathways.inadequate]"
        yield f"interval_months = {entry(draws['months_to_reinspection'])}"
        if "single_reinspection" in scenario.frameworks[name].visits:
            yield f"[frameworks.{name}.visits.single_reinspection]"
            yield f"priority = {entry(draws['order_of_reinspections'])}"
