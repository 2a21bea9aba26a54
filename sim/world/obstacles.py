"""Why a visit waits: what keeps it from beginning in a week.

The planner knows the reason for each week in which it tried; :mod:`sim.record.lateness` adds those of the weeks before,
if an inspection was planned for a week after its latest date.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sim.inputs.framework import Role
from sim.inputs.reasons import Reason
from sim.world.fieldwork import Span
from sim.world.inspectors import Inspector


class Obstacle(NamedTuple):
    """What keeps a visit from beginning in one week.

    Attributes
    ----------
    reason : str
        One of :data:`sim.inputs.reasons.REASONS`.
    role : str or None
        Role of the seat that stays empty; None where people are not the reason.
    """

    reason: Reason
    role: Role | None = None


PAUSE = Obstacle("pause")
CLOSED = Obstacle("closed_weeks")
LIMIT = Obstacle("limit_on_site")
NOTICE = Obstacle("notice")
ANOTHER_VISIT = Obstacle("another_visit")


def has_time(person: Inspector, span: Span) -> bool:
    """Whether a person has time left for the days of a seat."""
    return person.has_time_for(span)


def is_free(person: Inspector, span: Span) -> bool:
    """Whether a person's diary is free on the days of a seat."""
    return not person.busy & span.mask


def is_rested(person: Inspector, span: Span) -> bool:
    """Whether a seat leaves a person the rest that fieldwork needs."""
    return not (person.resting & span.fieldwork or person.out & span.rest)


Condition = Callable[[Inspector, Span], bool]
"""Whether a person can take the days of a seat, as far as one thing goes."""
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
"""Conditions for a seat, in the order in which they are asked, each with the reason where too few people meet it."""
