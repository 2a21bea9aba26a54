"""People: when they are away, what their hours are, who may lead, and what they may be given."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sim.model import Groundwork, World
from sim.scenario import load


@pytest.mark.parametrize("weekday", range(1, 5))
def test_nobody_is_on_leave_in_the_part_week_of_the_start(weekday: int) -> None:
    # A start from Tuesday 30 January 2018 to Friday 2 February; nobody is ill yet.
    start = date(2018, 1, 29) + timedelta(days=weekday)
    scenario = load("ilacs_launch", {"start": start, "years": 1})
    people = World(scenario, 0, Groundwork(scenario)).workforce.everybody
    assert len(people) == 103
    assert [person.name for person in people if any(person.away >> day & 1 for day in range((7 - weekday) % 7))] == []
