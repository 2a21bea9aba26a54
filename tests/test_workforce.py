"""People: when they are away, what their hours are, who may lead, and what they may be given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sim.model import Groundwork, World
from sim.randomness import Streams
from sim.scenario import load
from sim.workdays import Calendar
from sim.workforce import WEEKS_DRAWN, LeaveYears, WorkforceRules
from tests.worlds import only_open

SHIPPED = load("ilacs_launch").workforce
CLOSED = (1, 2, 14, 22, 31, 32, 33, 34, 35, 52, 53)
"""ISO weeks without fieldwork in the shipped scenario."""


def leave_rules(leave: int, in_closed_weeks: float, training: int) -> WorkforceRules:
    changes = {"leave_days": leave, "leave_in_closed_weeks": in_closed_weeks, "training_days": training}
    return SHIPPED.model_copy(update=changes)


def days_away(calendar: Calendar, rules: WorkforceRules, person: str = "somebody") -> list[date]:
    """Days of leave and training of somebody."""
    away = LeaveYears(calendar).absences(rules, Streams(1, 0).stream("leave", person, WEEKS_DRAWN))
    return [calendar.date(day) for day in range(away.bit_length()) if away >> day & 1]


def by_iso_year(days: Iterable[date]) -> Counter[int]:
    return Counter(day.isocalendar().year for day in days)


@pytest.mark.parametrize("weekday", range(1, 5))
def test_nobody_is_on_leave_in_the_part_week_of_the_start(weekday: int) -> None:
    # A start from Tuesday 30 January 2018 to Friday 2 February; nobody is ill yet.
    start = date(2018, 1, 29) + timedelta(days=weekday)
    scenario = load("ilacs_launch", {"start": start, "years": 1})
    people = World(scenario, 0, Groundwork(scenario)).workforce.everybody
    assert len(people) == 103
    assert [person.name for person in people if any(person.away >> day & 1 for day in range((7 - weekday) % 7))] == []


@settings(max_examples=60, deadline=None, database=None)
@given(st.integers(0, 60), st.floats(0, 1), st.integers(0, 40), st.sets(st.integers(1, 53), max_size=45).map(tuple))
@example(60, 0.0, 0, only_open(10, 11))
def test_the_days_away_in_a_year_are_the_leave_and_training_asked_for(
    leave: int, in_closed_weeks: float, training: int, closed: tuple[int, ...]
) -> None:
    # Two whole ISO years, 2018 and 2019, of 253 or 254 working days each.
    calendar = Calendar(date(2018, 1, 1), 730, closed)
    taken = by_iso_year(days_away(calendar, leave_rules(leave, in_closed_weeks, training)))
    assert (taken[2018], taken[2019]) == (leave + training, leave + training)


@pytest.mark.parametrize(("leave", "share", "in_open_weeks"), [(29, 0.8, 6), (25, 0.8, 5), (28, 0.75, 7), (3, 0.0, 3)])
def test_the_share_of_leave_in_open_weeks_is_taken_to_the_day(leave: int, share: float, in_open_weeks: int) -> None:
    # 5.8 days are 6, and 25 x 0.2 are 5 whatever the last digits say.
    calendar = Calendar(date(2018, 1, 1), 730, CLOSED)
    days = days_away(calendar, leave_rules(leave, share, 0))
    taken = by_iso_year(day for day in days if calendar.week_of(calendar.day(day)) in calendar.open_weeks)
    assert (taken[2018], taken[2019]) == (in_open_weeks, in_open_weeks)


@pytest.mark.parametrize("week", [5, 20, 47])
def test_closing_one_more_week_leaves_everybody_s_other_weeks_in_their_order(week: int) -> None:
    # Somebody who takes all leave in closed weeks may take the new one in place of the last ones, and no other; who
    # takes it all in open weeks loses that week, and goes away in the next ones of the old order instead.
    before, after = (Calendar(date(2018, 1, 1), 730, closed) for closed in (CLOSED, (*CLOSED, week)))
    for person in (f"person {number}" for number in range(30)):
        closed_before, closed_after = (set(days_away(one, leave_rules(25, 1.0, 0), person)) for one in (before, after))
        assert {day.isocalendar().week for day in closed_after - closed_before} <= {week}
        open_before, open_after = (set(days_away(one, leave_rules(25, 0.0, 0), person)) for one in (before, after))
        assert {day.isocalendar().week for day in open_before - open_after} <= {week}
