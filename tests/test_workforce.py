"""People: when they are away, what their hours are, who may lead, and what they may be given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise
from math import expm1

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.base.calendar import Calendar, add_months, bank_holidays
from sim.base.randomness import Streams
from sim.inputs.posts import Post, posts_of
from sim.inputs.scenario import load
from sim.inputs.workforce_rules import WorkforceRules
from sim.runs.model import Model
from sim.studies.assumptions_answer import derived
from sim.world.context import ScenarioContext
from sim.world.inspectors import Inspector
from sim.world.leave import WEEKS_DRAWN, LeaveYears
from sim.world.workforce import Workforce
from sim.world.world import World
from tests.worlds import authority, only_open, quiet

FALSE_ALARM = 1e-4
SHIPPED = load("ilacs_launch").workforce
CLOSED = (1, 2, 14, 22, 31, 32, 33, 34, 35, 52, 53)
"""ISO weeks without fieldwork in the shipped scenario."""


def leave_rules(leave: int, in_closed_weeks: float, training: int) -> WorkforceRules:
    changes = {"leave_days": leave, "leave_in_closed_weeks": in_closed_weeks, "training_days": training}
    return SHIPPED.model_copy(update=changes)


def days_away(calendar: Calendar, rules: WorkforceRules, person: str = "somebody") -> list[date]:
    """Days of leave and training of somebody."""
    years = LeaveYears(calendar)
    draws = Streams(1, 0).rows("leave", person, len(years.years), WEEKS_DRAWN)
    (away,) = years.absences(years.asked_for(rules), draws[np.newaxis])
    return [calendar.date(day) for day in range(away.bit_length()) if away >> day & 1]


def by_iso_year(days: Iterable[date]) -> Counter[int]:
    return Counter(day.isocalendar().year for day in days)


@pytest.mark.parametrize("weekday", range(1, 5))
def test_nobody_is_on_leave_in_the_part_week_of_the_start(weekday: int) -> None:
    # A start from Tuesday 30 January 2018 to Friday 2 February; nobody is ill yet.
    start = date(2018, 1, 29) + timedelta(days=weekday)
    scenario = load("ilacs_launch", {"start": start, "years": 1})
    people = World(scenario, 0, ScenarioContext(scenario)).workforce.everybody
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


# ---------------------------------------------------------------- posts

NUMBERS = st.fixed_dictionaries(dict.fromkeys(("A", "B", "C", "D", "E"), st.integers(0, 30)))
SHARES = st.one_of(st.floats(0, 1), st.sampled_from([0.1, 0.2, 0.25, 0.4, 0.5, 0.6, 0.8]))


def posts(weights: dict[str, int], share: float, people: int | None = None, **by_region: int) -> list[Post]:
    """Posts of a role with a share of part-time posts and the same share of leads."""
    role = SHIPPED.roles["social_care_hmi"].model_copy(
        update={
            "people": people or sum(by_region.values()),
            "by_region": by_region or None,
            "may_lead_share": share,
        }
    )
    rules = SHIPPED.model_copy(update={"part_time_share": share, "roles": {"social_care_hmi": role}})
    return posts_of("social_care_hmi", rules, weights)


def shares_held(of: list[Post]) -> tuple[int, int]:
    return sum(post.may_lead for post in of), sum(post.hours < 1 for post in of)


@settings(max_examples=300, deadline=None, database=None)
@given(NUMBERS, SHARES, st.integers(1, 120))
def test_leads_and_part_timers_are_the_share_asked_for_nationally_and_in_each_region(
    weights: dict[str, int], share: float, people: int
) -> None:
    # Nationally within one person. In a region it cannot always be one as well; two holds over the hundreds drawn here.
    of = posts(weights, share, people)
    assert len(of) == people
    assert shares_held(of) == pytest.approx((people * share, people * share), abs=1 + 1e-6)
    for region in weights:
        there = [post for post in of if post.region == region]
        assert shares_held(there) == pytest.approx((len(there) * share, len(there) * share), abs=2)


@settings(max_examples=100, deadline=None, database=None)
@given(SHARES, st.integers(1, 12))
def test_as_many_people_in_every_region_hold_the_share_asked_for(share: float, each: int) -> None:
    regions = "ABCDEFGH"
    of = posts(dict.fromkeys(regions, 0), share, **dict.fromkeys(regions, each))
    assert shares_held(of) == pytest.approx((8 * each * share, 8 * each * share), abs=1 + 1e-6)


@settings(max_examples=100, deadline=None, database=None)
@given(NUMBERS, NUMBERS, SHARES, st.integers(0, 80), st.sampled_from("ABCDE"))
def test_one_more_person_changes_nobody_s_hours_and_nobody_s_permission_to_lead(
    weights: dict[str, int], by_region: dict[str, int], share: float, people: int, region: str
) -> None:
    assert len(set(posts(weights, share, people + 2)) - set(posts(weights, share, people + 1))) == 1
    one_more = {**by_region, region: by_region[region] + 1}
    (new,) = set(posts(weights, share, **one_more)) - set(posts(weights, share, **by_region))
    assert (new.region, new.number) == (region, by_region[region])


def test_a_fifth_part_time_and_half_the_leads_of_the_shipped_people_are_in_post() -> None:
    scenario = load("ilacs_launch")
    of = ScenarioContext(scenario).posts
    assert {role: len(posts) for role, posts in of.items()} == {
        "social_care_hmi": 63,
        "schools_hmi": 16,
        "regulatory_inspector": 16,
        "senior_hmi": 8,
    }
    assert shares_held(of["social_care_hmi"]) == (31, 12)  # of 31.5 and 12.6
    assert [shares_held(of[role])[1] for role in ("schools_hmi", "regulatory_inspector", "senior_hmi")] == [3, 3, 1]
    assert any("63 people, 59.4 full-time equivalents" in line for line in derived(scenario))  # 63 - 12 x 0.3


# ---------------------------------------------------------------- time that may be given


def workdays(first: date, last: date) -> int:
    days = (first + timedelta(days=day) for day in range((last - first).days + 1))
    return sum(day.weekday() < 5 and day not in bank_holidays() for day in days)


def test_intelligence_comes_off_people_s_time_term_by_term_as_the_framework_in_force_asks() -> None:
    # Two authorities; 30 days each a year until Sunday 16 September 2018, 90 from then on. Four people are never away.
    world = quiet(
        [authority("Ayton", "North", "good", "2017-06-02"), authority("Beeford", "South", "good", "2017-06-02")],
        {"North": 3, "South": 1},
        {
            "frameworks.ilacs_2017.desk_work.intelligence_days": 30.0,
            "frameworks.ilacs_2018.desk_work.intelligence_days": 90.0,
        },
        framework=("ilacs_2017", "ilacs_2018"),
    )
    people = World(world, 0, ScenarioContext(world)).workforce.in_post["social_care_hmi"]
    terms = [
        (date(2018, 1, 31), date(2018, 3, 31), 60 * 30 * 2),
        (date(2018, 4, 1), date(2018, 8, 31), 153 * 30 * 2),
        (date(2018, 9, 1), date(2018, 12, 31), 16 * 30 * 2 + 106 * 90 * 2),
        (date(2019, 1, 1), date(2019, 3, 31), 90 * 90 * 2),
    ]
    for term, (first, last, reading) in enumerate(terms):
        left = 4 * workdays(first, last) - reading / 365.25
        assert sum(person.left[term] for person in people) == pytest.approx(left)
    assert len({tuple(person.left) for person in people}) == 1


@pytest.mark.parametrize("induction_months", [0, 6])
def test_a_spell_of_sickness_comes_off_the_terms_it_falls_in_and_half_of_it_during_induction(
    induction_months: int,
) -> None:
    # Ill from Thursday 29 March 2018 for four working days: that Thursday, then, after Good Friday and Easter Monday,
    # Tuesday 3 to Thursday 5 April, in another term. Who is learning loses half as much, having less to give.
    world = quiet(
        [authority("Ayton", "North", "good", "2017-06-02")],
        {"North": 1},
        {"workforce.induction_months": induction_months},
    )
    workforce = World(world, 0, ScenarioContext(world)).workforce
    (first,) = workforce.in_post["social_care_hmi"]
    person = workforce.join(first.post, holder=2, day=0)
    before = list(person.left)
    workforce.fall_ill(person, (date(2018, 3, 29) - world.start).days, 4)
    lost = [earlier - later for earlier, later in zip(before, person.left, strict=True)]
    of_each_day = 0.5 if induction_months else 1.0
    assert lost[:3] == pytest.approx([1 * of_each_day, 3 * of_each_day, 0])
    assert not any(lost[2:])


def test_sickness_comes_off_the_days_that_are_available() -> None:
    # Nobody is ill but one person, for five working days from Monday 4 June 2018.
    world = quiet([authority("Ayton", "North", "good", "2017-06-02")], {"North": 3})
    well, ill = Model(world), Model(world)
    person = ill.world.workforce.in_post["social_care_hmi"][0]
    ill.world.workforce.fall_ill(person, (date(2018, 6, 4) - world.start).days, 5)
    before, after = well.run().workload, ill.run().workload
    lost = (before.available - after.available).sum(axis=(1, 2))
    (week,) = lost.nonzero()[0]
    assert (lost[week], world.start + timedelta(days=int(after.weeks[week]))) == (5, date(2018, 6, 4))


# ---------------------------------------------------------------- careers


def spells_of_leavers() -> list[int]:
    """Days of sickness of each leaver in the last 84 days in post: 26 spells a year of one day, no other absence."""
    changes = {
        "workforce.sick_days": 26.0,
        "workforce.sick_spell_days": 1.0,
        "workforce.roles.social_care_hmi.turnover_a_year": 0.7,
    }
    world = quiet([authority("Ayton", "North", "good", "2018-01-26")], {"North": 180}, changes, years=2)
    model = Model(world)
    model.run()
    leavers = [
        person
        for person in model.world.workforce.everybody
        if person.last_day <= world.horizon and person.last_day - person.joins > 84
    ]
    assert len(leavers) > 100
    return [(person.away >> (person.last_day - 83) & (1 << 84) - 1).bit_count() for person in leavers]


def ill_as_often(counts: list[int]) -> bool:
    """Whether a spell begins each day with the probability of its rate, but for one false alarm in 10,000."""
    days = stats.binom(84 * len(counts), -expm1(-26 / 365.25))
    low, high = days.ppf([FALSE_ALARM / 2, 1 - FALSE_ALARM / 2])
    return bool(low <= sum(counts) <= high)


def test_people_fall_ill_until_their_last_day_as_often_as_before() -> None:
    assert ill_as_often(spells_of_leavers())


def test_leavers_who_are_ill_one_time_in_four_less_once_they_have_given_notice_are_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fall_ill, random = Workforce.fall_ill, np.random.default_rng(4)

    def seldom(workforce: Workforce, inspector: Inspector, day: int, workdays: int) -> None:
        if workforce.stays(inspector) or random.random() < 3 / 4:
            fall_ill(workforce, inspector, day, workdays)

    monkeypatch.setattr(Workforce, "fall_ill", seldom)
    assert not ill_as_often(spells_of_leavers())


def test_notice_and_hiring_take_calendar_months() -> None:
    # Three months' notice before the last day; five months from it to an offer and three more of the successor's own
    # notice. Nobody is on a visit, so everybody leaves on the day planned.
    changes = {"workforce.roles.social_care_hmi.turnover_a_year": 0.7}
    world = quiet([authority("Ayton", "North", "good", "2018-01-26")], {"North": 40}, changes, years=4)
    model = Model(world)
    model.run()
    calendar = model.world.calendar
    holders: dict[Post, list[Inspector]] = {}
    for person in model.world.workforce.everybody:
        holders.setdefault(person.post, []).append(person)
    seen = 0
    for leaver, successor in (pair for people in holders.values() for pair in pairwise(people)):
        if not leaver.engaged:
            last_day = calendar.date(leaver.last_day)
            notice = max(calendar.date(leaver.joins), add_months(last_day, -3))
            assert calendar.date(successor.joins) == max(last_day + timedelta(days=1), add_months(notice, 8))
            seen += 1
    assert seen > 20


@pytest.mark.parametrize("key", ["workforce.roles.social_care_hmi.turnover_a_year", "workforce.sick_days"])
def test_the_least_turnover_or_sickness_is_as_good_as_none(key: str) -> None:
    world = quiet([authority("Ayton", "North", "good", "2018-01-26")], {"North": 2}, {key: 1e-310})
    rare, none = Model(world).run(), Model(world.with_changes({key: 0.0})).run()
    assert (rare.visits, rare.assignments) == (none.visits, none.assignments)


@settings(max_examples=80, deadline=None, database=None)
@given(st.sets(st.integers(0, 800), max_size=400), st.integers(0, 500), st.integers(1, 260))
@pytest.mark.slow
def test_a_spell_of_any_length_takes_the_first_days_that_are_not_given_away(
    given_away: set[int], day: int, workdays: int
) -> None:
    scenario = load("ilacs_launch", {"years": 2})
    workforce = World(scenario, 0, ScenarioContext(scenario)).workforce
    person = workforce.everybody[0]
    person.busy |= sum(1 << each for each in given_away)
    free = [each for each in range(day, workforce.calendar.last) if not person.busy >> each & 1]
    free = [each for each in free if workforce.calendar.is_workday(each)][:workdays]
    before = person.away
    workforce.fall_ill(person, day, workdays)
    assert [each for each in range(day, workforce.calendar.last) if (person.away ^ before) >> each & 1] == free
    assert all(person.busy >> each & 1 and not person.at_work >> each & 1 for each in free)


@settings(max_examples=40, deadline=None, database=None)
@given(st.integers(0, 60), st.floats(0, 1), st.integers(0, 40), st.integers(0, 1400))
def test_leave_of_many_is_that_of_each_alone_and_of_who_joins_later_in_the_years_left(
    leave: int, in_closed_weeks: float, training: int, joins: int
) -> None:
    years, rules = LeaveYears(Calendar(date(2018, 1, 31), 1100, CLOSED)), leave_rules(leave, in_closed_weeks, training)
    draws = np.random.default_rng(leave).random((3, len(years.years), WEEKS_DRAWN))
    asked = years.asked_for(rules)
    together = years.absences(asked, draws)
    assert together == [years.absences(asked, draws[place : place + 1])[0] for place in range(3)]
    left = [weeks for weeks in years.years if weeks.last >= joins]
    since = left[0].first if left else None
    assert years.absences(asked, draws, joins) == [0 if since is None else days >> since << since for days in together]
