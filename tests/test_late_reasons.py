"""Each reason for which an inspection is late, in a world small enough to count its weeks by hand.

Ayton's short inspection is due on Tuesday 8 January 2019 and late after that day; it is planned for Monday 7 January.
Nobody is away, a team is a lead and one inspector, and no week is closed but those with a bank holiday. Where it never
begins, five Mondays are counted, from 7 January to 4 February: the run ends on Wednesday 30 January, and on Monday the
28th the planner looks at the fieldwork of a week later.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from unittest.mock import patch

import pytest

from sim.base.daysets import days_mask
from sim.inputs.authorities import Authority
from sim.runs.model import Model
from tests.test_micro_worlds import months
from tests.test_shocks import shocks, spell
from tests.worlds import all_sizes, authority, only_open, posts, quiet, without_focused

HMI = "social_care_hmi"
FRAMEWORKS = ("ilacs_2017", "ilacs_2018")
AYTON = authority("Ayton", "North", "good", "2016-01-08")
BOTH = (AYTON, authority("Beeford", "North", "good", "2016-01-08"))
STANDARD = tuple(authority(name, "North", "requires_improvement", "2016-01-08") for name in ("Ayton", "Beeford"))
NO_DAYS_AROUND = {
    f"frameworks.ilacs_2017.visits.standard.team.{days}": 0
    for days in ("lead.preparation_days", "lead.writing_up_days", "inspectors.preparation_days")
}
STAY: dict[str, object] = {"planning.stay_in_region": (HMI,)}
NO_TIME: dict[str, object] = {f"workforce.roles.{HMI}.programme_share": 0.01}
SCHOOLS: dict[str, object] = {
    "frameworks.ilacs_2017.visits.short.team.schools.people": all_sizes(1),
    **posts("schools_hmi", {"North": 1, "South": 0}),
}

Waits = dict[tuple[str, str | None], int]
"""Weeks by reason and role."""


def world(
    changes: Mapping[str, Any] | None = None,
    people: Mapping[str, int] | None = None,
    rows: tuple[Authority, ...] = (AYTON,),
    framework: tuple[str, ...] = ("ilacs_2017",),
    years: int = 1,
) -> Model:
    values: dict[str, Any] = {"calendar.closed_weeks": ()}
    for name in framework:
        values |= {**without_focused(name), **months(name, "good", window_after=0)}
        values |= months(name, "requires_improvement", window_after=0)
    return Model(quiet(rows, people or {"North": 2}, {**values, **(changes or {})}, framework, years))


def late(of: Model, name: str = "Ayton") -> tuple[Waits, str | None, str | None]:
    """What an authority's first inspection waited for, the main reason, and its first day on site."""
    record = of.run()
    row = next(row for row in record.visits if row.authority == name)
    waits: Waits = {(wait.reason, wait.role): wait.weeks for wait in record.waits if wait.visit == row.visit}
    begins = None if row.fieldwork_start is None else str(of.world.calendar.date(row.fieldwork_start))
    return waits, row.late_because, begins


def test_an_inspection_in_time_waits_for_nothing() -> None:
    assert late(world()) == ({}, None, "2019-01-07")


@pytest.mark.parametrize(
    ("reason", "role", "changes", "people"),
    [
        ("lead_time", HMI, NO_TIME, {"North": 2}),
        ("lead_nobody", HMI, {}, {"North": 0}),
        ("lead_region", HMI, STAY, {"South": 2}),
        ("team_nobody", HMI, {}, {"North": 1}),
        ("team_region", HMI, STAY, {"North": 1, "South": 1}),
        ("team_time", "schools_hmi", {**SCHOOLS, "workforce.roles.schools_hmi.programme_share": 0.001}, {"North": 2}),
    ],
)
def test_an_inspection_that_never_finds_a_team_says_what_is_missing(
    reason: str, role: str, changes: dict[str, object], people: dict[str, int]
) -> None:
    assert late(world(changes, people)) == ({(reason, role): 5}, reason, None)


LEAD_PREPARES = "frameworks.ilacs_2017.visits.short.team.lead.preparation_days"


def test_a_lead_of_another_region_needs_a_day_more_of_notice() -> None:
    # Called on Monday 31 December, there are four working days before 7 January, and five before the 14th.
    assert late(world({LEAD_PREPARES: 4}, {"North": 2})) == ({}, None, "2019-01-07")
    assert late(world({LEAD_PREPARES: 4}, {"South": 2})) == ({("lead_region", HMI): 1}, "lead_region", "2019-01-14")


def test_notice_is_too_short_where_a_bank_holiday_takes_a_day_of_preparation() -> None:
    assert late(world({LEAD_PREPARES: 5}, {"North": 2})) == ({("notice", None): 1}, "notice", "2019-01-14")


def test_nobody_may_lead_where_the_only_lead_led_the_last_inspection() -> None:
    of = world({f"workforce.roles.{HMI}.may_lead_share": 0.5})
    of.world.authorities[0].last_lead = f"{HMI} North 01"
    assert late(of) == ({("lead_nobody", HMI): 5}, "lead_nobody", None)


def test_leads_and_then_inspectors_are_busy_while_they_are_on_another_inspection_or_write_it_up() -> None:
    # Ayton takes both people to Friday 11 January. An inspection of the 14th would be prepared on the 10th and 11th.
    # The lead writes up to Thursday 17 January, on which one of the 21st is prepared: only the other one is free.
    of = world(rows=BOTH)
    assert late(of, "Beeford") == ({("lead_diary", HMI): 2, ("team_diary", HMI): 1}, "lead_diary", "2019-01-28")


@pytest.mark.parametrize(("people", "seat"), [(2, "lead"), (3, "team")])
def test_people_rest_after_an_inspection_before_the_next_one(people: int, seat: str) -> None:
    # Ayton's standard inspection takes two people to Friday 18 January, who rest for two weeks; with a third one there
    # is a lead, and the team is not whole.
    of = world(NO_DAYS_AROUND, {"North": people}, STANDARD)
    waits = {(f"{seat}_diary", HMI): 2, (f"{seat}_rest", HMI): 2}
    assert late(of, "Beeford") == (waits, f"{seat}_diary", "2019-02-04")


def test_a_limit_keeps_an_inspection_off_while_as_many_are_on_site() -> None:
    of = world({"planning.most_inspections": 1}, {"North": 4}, BOTH)
    assert late(of, "Beeford") == ({("limit_on_site", None): 1}, "limit_on_site", "2019-01-14")


def test_a_pause_keeps_an_inspection_off_until_it_ends() -> None:
    of = world(shocks(stop=spell("pause", "2019-01-08", "2019-01-20", visits=("short",))))
    assert late(of) == ({("pause", None): 2}, "pause", "2019-01-21")


def test_closed_weeks_make_an_inspection_late_where_no_week_of_its_window_is_open() -> None:
    of = world({"calendar.closed_weeks": only_open(4)})  # Monday 21 January
    assert late(of) == ({("closed_weeks", None): 2}, "closed_weeks", "2019-01-21")


def test_closed_weeks_are_not_the_reason_where_something_else_kept_it_from_beginning_before_them() -> None:
    # A pause takes the one week that is open in time; then weeks 3 to 5 are closed.
    closed = {"calendar.closed_weeks": only_open(2, 6)}
    of = world({**closed, **shocks(stop=spell("pause", "2019-01-11", "2019-01-12", visits=("short",)))})
    assert late(of) == ({("pause", None): 1, ("closed_weeks", None): 3}, "pause", "2019-02-04")


def test_another_visit_there_keeps_off_an_inspection_that_is_late_already() -> None:
    of = world({"calendar.closed_weeks": only_open(3, 4)})
    first = of.world.calendar.day(date(2019, 1, 14))
    of.world.authorities[0].on_site = days_mask(first, first + 4)
    waits = {("closed_weeks", None): 1, ("another_visit", None): 1}
    assert late(of) == (waits, "another_visit", "2019-01-21")


OVERDUE = (authority("Ayton", "North", "good", "2015-01-08"),)
"""Due before the start, on 8 January 2018, and in time until 8 February."""
IN_A_MONTH = months("ilacs_2017", "good", window_after=1)


def test_an_inspection_due_before_the_start_waits_for_its_turn_in_the_backlog() -> None:
    # Its turn is the one open week of the year over which the backlog is spread, that of Monday 3 September; it would
    # have been in time on Monday 5 February, 30 weeks before.
    changes = {**IN_A_MONTH, "planning.backlog_months": 12, "calendar.closed_weeks": only_open(36)}
    assert late(world(changes, rows=OVERDUE)) == ({("backlog", None): 30}, "backlog", "2018-09-03")


def test_late_from_the_backlog_is_told_from_late_for_want_of_people() -> None:
    # Its turn is Monday 12 February 2018, the one open week of the first month, and no lead has time then or later.
    # Of the 52 Mondays to 4 February 2019 eleven are closed: two after it, seven with a bank holiday in them, and the
    # weeks 5 and 6 of 2019.
    closed = {"calendar.closed_weeks": (5, 6, 8, 9)}
    of = world({**IN_A_MONTH, **NO_TIME, **closed, "planning.backlog_months": 1}, rows=OVERDUE)
    waits = {("backlog", None): 1, ("lead_time", HMI): 41, ("closed_weeks", None): 11}
    assert late(of) == (waits, "lead_time", None)


def test_notice_alone_makes_an_inspection_late_whose_window_opens_on_its_last_day() -> None:
    # Asked for on Tuesday 8 January, called on Monday the 14th, on site on the 21st.
    of = world(months("ilacs_2017", "good", window_before=0))
    assert late(of) == ({("notice", None): 2}, "notice", "2019-01-21")


def test_an_inspection_is_late_by_the_rules_where_its_kind_begins_later() -> None:
    # In time until Monday 7 January, and then two more Mondays before the first on which there may be any.
    changes = {"frameworks.ilacs_2017.visits.short.begins_on": date(2019, 1, 28)}
    of = world({**months("ilacs_2017", "good", window_before=0), **changes})
    assert late(of) == ({("new_rules", None): 3}, "new_rules", "2019-01-28")


def test_a_new_framework_makes_inspections_late_by_a_sooner_date() -> None:
    # Planned under the first framework for Monday 3 June 2019. From 17 September 2018 on the interval is two years, so
    # that it is late after Friday 8 June 2018, and in time until Monday the 4th, 52 weeks before.
    changes = {**months("ilacs_2017", "good", window_before=12), **months("ilacs_2018", "good", interval=24)}
    rows = (authority("Ayton", "North", "good", "2016-06-08"),)
    of = world(changes, rows=rows, framework=FRAMEWORKS, years=2)
    assert late(of) == ({("new_rules", None): 52}, "new_rules", "2019-06-03")


def test_a_new_framework_makes_inspections_late_by_longer_notice() -> None:
    # To be called on Monday 31 December 2018, then with three weeks' notice.
    short = {"visits.short.notice_weeks": 3, "pathways.good.longer": None}
    of = world({f"frameworks.ilacs_2018.{key}": value for key, value in short.items()}, framework=FRAMEWORKS)
    assert late(of) == ({("new_rules", None): 2}, "new_rules", "2019-01-21")


def test_an_authority_that_takes_over_a_late_inspection_is_late_by_the_reorganisation() -> None:
    # Nobody can go to Ayton. Its place is taken on Monday 14 January by an authority of the South.
    new = {"authority": "Newton", "region": "South"}
    merger = spell("reorganisation", "2019-01-14", None, abolished=("Ayton",), created=(new,))
    of = world({**STAY, **shocks(merger=merger)}, {"South": 2})
    assert late(of, "Newton") == ({("reorganisation", None): 2}, "reorganisation", "2019-01-21")


def test_an_inspection_of_an_authority_that_is_abolished_is_no_longer_due_and_not_late() -> None:
    new = {"authority": "Newton", "region": "South"}
    merger = spell("reorganisation", "2019-01-21", None, abolished=("Ayton",), created=(new,))
    of = world({**STAY, **shocks(merger=merger)}, {"South": 2})
    assert late(of) == ({}, None, None)


def test_a_plan_for_a_week_past_the_latest_date_is_the_reason_itself() -> None:
    of = world()
    third_week = of.world.calendar.day(date(2019, 1, 21))
    with patch.object(of.world.policy, "monday", lambda request: third_week):
        assert late(of) == ({("plan", None): 2}, "plan", "2019-01-21")


def test_an_inspection_planned_for_after_the_end_of_the_run_is_late_by_the_weeks_that_were_looked_at() -> None:
    of = world()
    after = of.world.calendar.day(date(2019, 3, 4))
    with patch.object(of.world.policy, "monday", lambda request: after):
        assert late(of) == ({("plan", None): 5}, "plan", None)
