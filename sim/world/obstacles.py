"""Names what prevents a visit from beginning in a week.

The planner records the reason for each week in which it tried. If an inspection was planned for a week after its latest
date, :mod:`sim.record.lateness` adds the reasons for the weeks before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sim.inputs.framework import Role
from sim.inputs.reasons import Reason
from sim.world.fieldwork import Span
from sim.world.inspectors import Inspector


class Obstacle(NamedTuple):
    """Describe what prevents a visit from beginning in one week.

    Attributes
    ----------
    reason : str
        One of :data:`sim.inputs.reasons.REASONS`.
    role : str or None
        Role of the seat that stays empty; None if people are not the reason.
    """

    reason: Reason
    role: Role | None = None


PAUSE = Obstacle("pause")
CLOSED = Obstacle("closed_weeks")
LIMIT = Obstacle("limit_on_site")
NOTICE = Obstacle("notice")
ANOTHER_VISIT = Obstacle("another_visit")


def has_time(person: Inspector, span: Span) -> bool:
    """Return whether a person has time left for the days of a seat."""
    return person.has_time_for(span)


def is_free(person: Inspector, span: Span) -> bool:
    """Return whether a person's diary is free on the days of a seat."""
    return not person.busy & span.mask


def is_rested(person: Inspector, span: Span) -> bool:
    """Return whether a person who takes a seat still gets the rest that fieldwork requires."""
    return not (person.resting & span.fieldwork or person.out & span.rest)


Condition = Callable[[Inspector, Span], bool]
"""Test of one condition: whether a person can take the days of a seat."""
LEAD_CONDITIONS: tuple[tuple[Reason, Condition], ...] = (
    ("lead_time", has_time),
    ("lead_diary", is_free),
    ("lead_rest", is_rested),
)
TEAM_CONDITIONS: tuple[tuple[Reason, Condition], ...] = (
    ("team_time", has_time),
    ("team_diary", is_free),
    ("team_rest", is_rested),
)
"""Conditions for a seat, in the order in which they are tested, each with the reason if too few people meet it."""
