"""Provides the workforce as it could be inferred from what had been done by a day."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sim.analysis.calibration import DRAWS
from sim.base.package_data import texts
from sim.inputs.scenario import Scenario
from sim.inputs.unknowns import is_there, points, shipped_unknowns, unknowns_of

Array = NDArray[np.float64]
BACKLOG, BEGAN = "planning.backlog_months", "planning.backlog_begins_on"
LAUNCHES = {datetime.date(2013, 11, 1): "backlog_months", datetime.date(2018, 1, 31): "transition_months"}
"""Days on which a programme for all authorities began (the starts of ``sif_launch`` and ``ilacs_launch``), and the
unknown for the months over which the backlog of each was spread. The calibration's runs begin on the first day.
"""
BEGINS = "workforce_known_"


def known_tables() -> dict[datetime.date, str]:
    """Return the text of each shipped table of draws, by the day before which all its evidence dates."""
    found = texts(BEGINS)
    return {
        datetime.date.fromisoformat(name.removeprefix(BEGINS).removesuffix(".csv")): text
        for name, text in found.items()
    }


def known_on(day: datetime.date) -> tuple[Mapping[str, Array], str]:
    """Return draws of the unknowns by what had been done by a day, and their basis; the prior if there was nothing."""
    known = {until: text for until, text in known_tables().items() if until <= day}
    if not known:
        unknowns = shipped_unknowns()
        places = points(unknowns, DRAWS, 0)
        return {each.name: each.smooth(places[:, number]) for number, each in enumerate(unknowns)}, "the prior"
    until = max(known)
    rows = list(csv.DictReader(known[until].splitlines()))
    draws = {
        each.name: each.read(row[each.name] for row in rows) for each in shipped_unknowns() if each.name in rows[0]
    }
    return draws, f"what was done before {until}"


def of_last_launch(day: datetime.date) -> tuple[datetime.date, str]:
    """Return the last launch by a day, and the unknown for the months over which its backlog was spread."""
    return max((each for each in LAUNCHES.items() if each[0] <= day), default=(day, "backlog_months"))


def changes_known_on(day: datetime.date, scenario: Scenario, like: str | None = None) -> list[dict[str, object]]:
    """Return each draw's changes to a scenario, by dotted path: people, days and plan together, as known on a day.

    Other values that are unknown where the scenario starts, or a shipped scenario like it (``data/not_known_*.toml``),
    are drawn as well. A backlog is spread over the months of the last launch, counted from it. The backlog of a later
    framework takes as many months.
    """
    draws, _ = known_on(day)
    launch, backlog = of_last_launch(day)
    others = unknowns_of(like or scenario.name)
    places = points(others, DRAWS, 1) if others else np.empty((DRAWS, 0))
    found = []
    for number in range(DRAWS):
        changes: dict[str, object] = {}
        for each in (each for each in shipped_unknowns() if each.name in draws):
            changes |= each.sets_to(float(draws[each.name][number]))
        for each, place in zip(others, places[number], strict=True):
            changes |= each.sets(float(place))
        if BACKLOG in changes:
            changes |= {BACKLOG: round(float(draws[backlog][number])), BEGAN: launch}
        found.append({key: value for key, value in changes.items() if is_there(scenario, key)})
    return found
