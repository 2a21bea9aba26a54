"""The levelled programme, in worlds small enough to say by hand which week has most to spare."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sim.inputs.framework import Role
from sim.inputs.scenario import Scenario, load
from sim.inputs.shocks import Pause
from sim.inputs.windows import Backlog, Window
from sim.runs.model import Model
from sim.world.authority_life import follow_framework
from sim.world.context import ScenarioContext
from sim.world.entities import Visit
from sim.world.policies import Levelled, Request
from sim.world.weeks_ahead import EVERYWHERE, LEADS, LimitOnSite, Resource, WeeksAhead, joining
from sim.world.world import World
from tests.worlds import WEEK, no_late_beginning

ROLE: Role = "social_care_hmi"
LIMIT = 2


def world_of(changes: dict[str, object] | None = None, name: str = "ilacs_launch") -> World:
    """A world on its first day, in which nothing has been asked for."""
    own: dict[str, object] = {"planning.programme": "levelled", "planning.most_inspections": LIMIT, "years": 3}
    frameworks = load(name).framework
    own |= {"calendar.closed_weeks": [], **no_late_beginning(*frameworks)}
    scenario = load(name, own | (changes or {}))
    return World(scenario, 0, ScenarioContext(scenario))


def policy(world: World) -> Levelled:
    assert isinstance(world.policy, Levelled)
    return world.policy


def ask(world: World, window: Window, kind: str = "standard", authority: int = 0) -> Visit:
    return world.ask(world.authorities[authority], kind, window, [0.5] * 8)


def stretch(world: World, first: int, last: int, due: int | None = None) -> Window:
    """Window over some Mondays of the run, by their places; its latest day is that of the margin beyond."""
    low, high = world.calendar.mondays[first], world.calendar.mondays[last]
    return Window(low, high if due is None else world.calendar.mondays[due], high + 8 * WEEK, (low, high))


def weeks(world: World, visits: list[Visit]) -> list[int]:
    return [(visit.planned - world.calendar.mondays[0]) // WEEK for visit in visits]


def test_a_visit_takes_the_week_that_no_other_takes_and_of_those_alike_the_one_nearest_to_its_due_date() -> None:
    world = world_of({"planning.margin_weeks": 8})
    open_weeks = [place for place in (20, 21, 22, 23) if world.calendar.mondays[place] in world.calendar.open_weeks]
    window = stretch(world, 20, 23, due=23)
    visits = [ask(world, window, "short", number) for number in range(len(open_weeks))]
    assert sorted(weeks(world, visits)) == open_weeks  # one in each
    assert weeks(world, visits)[0] == open_weeks[-1] or len(open_weeks) < 4  # the first one by the due date


def test_where_all_weeks_of_the_stretch_but_one_are_full_the_one_is_taken() -> None:
    world = world_of()
    for number in range(LIMIT):
        ask(world, stretch(world, 21, 21), "short", number)
    assert weeks(world, [ask(world, stretch(world, 20, 21, due=21), "short", 9)]) == [20]


@pytest.mark.parametrize("margin", [0, 8, 20])
def test_no_inspection_is_planned_in_the_margin_before_it_is_late_if_another_week_is_left(margin: int) -> None:
    world = world_of({"planning.margin_weeks": margin})
    low, high = world.calendar.mondays[20], world.calendar.mondays[32]
    planned = [ask(world, Window(low, high, high, (low, high)), "short", number).planned for number in range(12)]
    assert max(planned) <= max(low + 3 * WEEK, high - margin * WEEK)
    assert max(planned) > high - (margin + 6) * WEEK


@pytest.mark.parametrize("either_way", [0, 2])
def test_a_monitoring_visit_gives_way_by_so_many_weeks_and_no_more(either_way: int) -> None:
    world = world_of({"planning.monitoring_weeks": either_way})
    due = world.calendar.mondays[22]
    for number in range(8):  # the week in which it is due is busy
        ask(world, stretch(world, 22, 22), "short", number)
    window = Window(due - 6 * WEEK, due, due + 6 * WEEK, (due, due + WEEK - 1))
    planned = ask(world, window, "monitoring", 9).planned
    assert abs(planned - due) <= either_way * WEEK and (planned == due) == (either_way == 0)


@pytest.mark.parametrize("months", [6, 24])
@pytest.mark.parametrize("latest", [-10, 900])
def test_overdue_inspections_are_planned_over_the_months_of_the_backlog(months: int, latest: int) -> None:
    """Whether their latest date has passed or not."""
    world = world_of({"planning.backlog_months": months})
    until = world.calendar.months_after(0, months)
    due = list(range(-40, 0))
    planned = []
    for number, day in enumerate(due):
        window = Window(day - 100, day, latest, (day, day + 30), Backlog.of(day, due, until))
        planned.append(ask(world, window, "standard", number).planned)
    assert max(planned) > until - 60 and max(planned) <= until
    assert 0.3 < np.mean(np.array(planned) < until / 2) < 0.7


def test_a_visit_that_is_given_up_leaves_its_week() -> None:
    world = world_of()
    before = policy(world)._ahead.amounts.copy()
    visit = ask(world, stretch(world, 20, 24))
    assert policy(world)._ahead.amounts.sum() > before.sum()
    visit.cancel()
    assert policy(world)._ahead.amounts == pytest.approx(before)


def test_a_visit_that_follows_another_framework_is_booked_by_its_rules() -> None:
    world = world_of({"start": date(2018, 1, 31)})
    before = world.framework_today()
    rows = [ask(world, stretch(world, 20, 24), kind, number) for number, kind in enumerate(["short", "standard"])]
    world.clock.run(until=world.next_framework_day())
    for visit in rows:
        follow_framework(world, visit, before)
    for visit in (each for each in rows if each.status == "waiting"):
        assert visit.booking is not None and visit.booking.need is policy(world).need(visit)


def test_inspections_that_wait_are_booked_for_the_next_weeks_with_room() -> None:
    world = world_of()
    visits = [ask(world, stretch(world, 2, 2), "short", number) for number in range(5)]
    following = world.calendar.mondays[10]
    policy(world).wait(visits, [following] * 5)
    booked = [0 if visit.booking is None else (visit.booking.monday - following) // WEEK for visit in visits]
    assert booked == [0, 0, 1, 1, 2]


# ---------------------------------------------------------------- weeks after a holiday


HOLIDAY = 25
"""An ISO week of June, without a bank holiday in it or near it."""


def about_a_holiday(leave_in_closed_weeks: float) -> tuple[World, int]:
    """A world in which one week is closed beside those of bank holidays, and the place of the week after it."""
    changes: dict[str, object] = {"calendar.closed_weeks": [HOLIDAY], "planning.most_inspections": 99}
    world = world_of(changes | {"workforce.leave_in_closed_weeks": leave_in_closed_weeks})
    weeks = [world.calendar.date(monday).isocalendar().week for monday in world.calendar.mondays]
    return world, weeks.index(HOLIDAY) + 1


def test_fewer_visits_are_planned_for_the_week_after_a_holiday_by_the_people_who_are_there_to_prepare() -> None:
    world, after = about_a_holiday(0.5)
    window = stretch(world, after - 3, after + 2)
    planned = weeks(world, [ask(world, window, "short", number) for number in range(50)])
    others = [planned.count(place) for place in (after - 3, after - 2, after + 1, after + 2)]
    ready = policy(world)._ahead.supply.ready[after]
    assert 0 < ready < 0.7
    assert planned.count(after) == pytest.approx(ready * np.mean(others), abs=2.5)


def test_no_visit_is_planned_for_the_week_after_a_holiday_on_which_everybody_is_away_if_another_is_left() -> None:
    world, after = about_a_holiday(1.0)
    assert policy(world)._ahead.supply.ready[after] == pytest.approx(0)
    planned = weeks(world, [ask(world, stretch(world, after, after + 1), "short", number) for number in range(20)])
    assert set(planned) == {after + 1}
    assert weeks(world, [ask(world, stretch(world, after, after), "short", 21)]) == [after]


def test_people_give_as_many_days_in_a_term_whenever_they_are_ready() -> None:
    """Those whom a holiday keeps from beginning give their days in other weeks of the term."""
    world, after = about_a_holiday(0.5)
    supply, calendar, rules = policy(world)._ahead.supply, world.calendar, world.scenario.workforce
    in_open, in_closed = world.context.leave_years.shares_at_work(rules)
    expected: dict[int, float] = {}
    given: dict[int, float] = {}
    for place, monday in enumerate(calendar.mondays):
        term, share = calendar.term_of(monday), in_open if monday in calendar.open_weeks else in_closed
        expected[term] = expected.get(term, 0.0) + share * len(calendar.workdays_of_week(monday))
        given[term] = given.get(term, 0.0) + supply.full_time[place]
    last = max(expected)  # the look-ups end within it, maybe in closed weeks
    assert [given[term] for term in range(last)] == pytest.approx([expected[term] for term in range(last)])
    assert supply.full_time[after] < supply.full_time[after + 1]


# ---------------------------------------------------------------- what is known of people


def days(world: World, whom: str, weeks: slice) -> np.ndarray:
    ahead = policy(world)._ahead
    policy(world).hear()
    row: np.ndarray = ahead.days[ahead.supply.rows[Resource(ROLE, whom)]]
    return row[weeks]


def test_a_campaign_is_counted_on_from_the_day_on_which_it_begins_and_its_people_lead_after_induction() -> None:
    scenario = load("freeze_then_campaign", {"planning.programme": "levelled", "years": 6})
    world = Model(scenario).world
    (campaign, posts), *_ = world.campaigns
    calendar = world.calendar
    far = slice(policy(world)._ahead.week(calendar.months_after(calendar.day(campaign.begins_on), 30)), None)
    far = slice(far.start, far.start + 20)
    at_start = days(world, EVERYWHERE, far).copy()
    joins = calendar.day(scenario.days_in_post(campaign)[0])
    learnt = calendar.months_after(joins, scenario.workforce.induction_months)
    for post in posts:
        world.workforce.expected += joining(post, joins, 10**6, scenario.workforce, calendar)
    assert (days(world, EVERYWHERE, far) > at_start).any()
    induction = slice(policy(world)._ahead.week(joins) + 1, policy(world)._ahead.week(learnt) - 1)
    base = WeeksAhead(world.context.supply, LimitOnSite(world.planning, world.shocks, calendar))
    leads = base.days[base.supply.rows[Resource(ROLE, LEADS)]][induction]
    assert any(post.may_lead for post in posts)
    assert days(world, LEADS, induction) == pytest.approx(leads)  # none of them leads yet


def test_whoever_leaves_is_counted_on_no_more_until_a_successor_can_be_expected() -> None:
    world = world_of({f"workforce.roles.{ROLE}.people": 8, "workforce.carry_over_days": 0})
    person = world.workforce.in_post[ROLE][0]
    horizon = slice(0, len(world.calendar.mondays))
    before = days(world, person.region, horizon).copy()
    notice, first = 100, 190
    world.workforce.expect_vacancy(person.post, notice, first, 10**6)
    after = days(world, person.region, horizon)
    rules, calendar = world.scenario.workforce, world.calendar
    joins = calendar.months_after(notice, rules.hiring_months + rules.notice_months)
    learnt = calendar.months_after(joins, rules.induction_months)
    for place, monday in enumerate(calendar.mondays):
        own = person.hours * rules.roles[ROLE].programme_share * policy(world)._ahead.supply.full_time[place]
        missing = before[place] - after[place]
        if first <= monday < joins:
            assert missing == pytest.approx(own)
        elif joins <= monday < learnt:
            assert missing == pytest.approx(own * (1 - rules.induction_productivity))
        else:
            assert missing == pytest.approx(0)


def test_people_lent_to_another_programme_are_counted_on_again_when_they_are_back() -> None:
    world = world_of()
    person = world.workforce.in_post[ROLE][0]
    horizon = slice(0, len(world.calendar.mondays))
    before = days(world, EVERYWHERE, horizon).copy()
    world.workforce.lend(person, 70, 139)
    less = before - days(world, EVERYWHERE, horizon) > 1e-9
    there = policy(world)._ahead.supply.full_time > 0
    inside = np.array([70 <= monday <= 139 for monday in world.calendar.mondays])
    assert (less == (inside & there)).all()


# ---------------------------------------------------------------- how many may be on site


def with_pause(after: int | None) -> Scenario:
    changes: dict[str, object] = {"years": 5, "planning.most_inspections": 7, "planning.after_pause_months": 12}
    return load("pandemic", changes | {"planning.most_inspections_after_pause": after, "draws": "none"})


def test_the_limit_after_a_pause_is_known_from_the_day_on_which_the_pause_begins() -> None:
    scenario = with_pause(3)
    world = World(scenario, 0, ScenarioContext(scenario))
    limit, pause = LimitOnSite(world.planning, world.shocks, world.calendar), scenario.shocks["pause_of_inspections"]
    assert isinstance(pause, Pause)
    begins, ends = world.calendar.day(pause.begins_on), world.calendar.day(pause.ends_on)
    mondays = np.array(world.calendar.mondays)
    after = (mondays > ends) & (mondays <= world.calendar.months_after(ends, 12))
    assert (limit.expected(begins - 1) == 7).all()
    assert (limit.expected(begins) == np.where(after, 3, 7)).all()
    assert [limit.of(monday) for monday in mondays.tolist()] == np.where(after, 3, 7).tolist()


def test_during_a_pause_a_visit_is_planned_for_a_week_after_it_and_one_by_video_is_not() -> None:
    """On the eve of the pause nobody knows of it yet."""
    world = world_of({"years": 5}, "pandemic")
    calendar, pause = world.calendar, world.scenario.shocks["pause_of_inspections"]
    assert isinstance(pause, Pause)
    begins, ends = calendar.day(pause.begins_on), calendar.day(pause.ends_on)
    window = Window(begins - 90, begins + 70, ends + 200, (begins + 28, ends + 120))
    world.clock.run(until=begins - 1)
    before = [ask(world, window, "standard", number).planned for number in range(12)]
    assert min(before) <= ends
    world.clock.run(until=begins)
    planned = [ask(world, window, "standard", number).planned for number in range(20, 32)]
    assert min(planned) > ends and max(planned) <= window.latest and len(set(planned)) > 3
    monday = next(
        monday for monday in calendar.mondays if begins + 21 <= monday <= ends and monday in calendar.open_weeks
    )
    by_video = Window(monday, monday, ends, (monday, monday))
    assert world.ask(world.authorities[40], "focused", by_video, [0.5] * 8, virtual=True).planned == monday


def test_without_a_limit_of_its_own_the_usual_one_holds_after_a_pause() -> None:
    scenario = with_pause(None)
    world = World(scenario, 0, ScenarioContext(scenario))
    limit = LimitOnSite(world.planning, world.shocks, world.calendar)
    assert {limit.of(monday) for monday in world.calendar.mondays} == {7}


def test_an_inspection_counts_in_every_week_from_its_first_to_its_last() -> None:
    """So do those that the planner lets on site, though in one week of four nobody is there."""
    scenario = load("sif_launch", {"planning.programme": "levelled"})
    world = World(scenario, 0, ScenarioContext(scenario))
    monday = world.calendar.mondays[30]
    request = Request(
        world.authorities[0],
        world.framework_today().kind("single_inspection"),
        world.framework_today().visits["single_inspection"],
        Window(monday, monday, monday + 50, (monday, monday)),
        monday,
        0.5,
        0,
    )
    need = policy(world)._ahead.supply.need(request.kind, request.rules, "medium", request.authority.region)
    assert need.weeks == (0, 1, 2, 3) and need.takes[:, -1].tolist() == [1, 1, 1, 1]
    assert need.takes[1, :-1].sum() == 0 and (need.takes[[0, 2, 3], -2] > 0).all()
