"""How a team is formed, seat by seat: the days that a seat takes, who is asked first, and who is never asked.

Worked out by hand in quiet worlds from Wednesday 31 January 2018, in which nobody is away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import FrozenInstanceError, asdict
from datetime import date, timedelta

import pytest

from sim.base.calendar import Calendar
from sim.base.daysets import days_mask
from sim.inputs.framework import SIZES, Team, VisitRules
from sim.inputs.pathways import VisitName
from sim.inputs.windows import Window
from sim.world.context import ScenarioContext
from sim.world.entities import Visit
from sim.world.fieldwork import Calls, Span, span_of
from sim.world.inspectors import Inspector
from sim.world.planner import Pool
from sim.world.visit_draws import DRAWS
from sim.world.world import World
from tests.worlds import WEEK, all_sizes, authority, quiet, without_focused

START = date(2018, 1, 31)


def day(text: str) -> int:
    return (date.fromisoformat(text) - START).days


def seat(on_site_days: tuple[int, ...], preparation_days: int = 2, writing_up_days: int = 4) -> Team:
    return Team(
        role="social_care_hmi",
        people=dict.fromkeys(SIZES, 1),
        preparation_days=preparation_days,
        on_site_days=on_site_days,
        writing_up_days=writing_up_days,
    )


def rules(lead: Team, rest_weeks: int = 2) -> VisitRules:
    return VisitRules(
        priority=2,
        notice_weeks=1,
        fieldwork_days=5 * len(lead.on_site_days),
        rest_weeks=rest_weeks,
        oversight_days=0.0,
        team={"lead": lead},
    )


def span(lead: Team, travel: int = 1, rest_weeks: int = 2, horizon: str = "2019-01-30") -> Span:
    """Span of a seat whose fieldwork begins on Monday 4 June 2018."""
    calendar = Calendar(START, day(horizon), ())
    return span_of(lead, rules(lead, rest_weeks), day("2018-06-04"), travel, calendar)


# ---------------------------------------------------------------- the days of a seat


def test_a_seat_takes_the_days_before_it_on_site_and_after_it_and_a_pause_in_between() -> None:
    # Two days of preparation and one of travel: from Wed 30 May. On site Mon 4 to Fri 8 June and Mon 18 to Wed 20 June,
    # none in the week between. Four days of writing up: to Tue 26 June. Rest: the two weeks from Mon 25 June.
    found = span(seat((5, 0, 3)))
    assert (found.first, found.last, found.days) == (day("2018-05-30"), day("2018-06-26"), 2 + 1 + 5 + 3 + 4)
    weekdays = [one for one in range(found.first, found.last + 1) if (START + timedelta(days=one)).weekday() < 5]
    assert found.mask == sum(1 << one for one in weekdays)
    assert found.weekly == (
        (day("2018-05-28"), 3, 0),
        (day("2018-06-04"), 5, 5),
        (day("2018-06-18"), 5, 3),
        (day("2018-06-25"), 2, 0),
    )
    assert found.fieldwork == days_mask(day("2018-06-04"), day("2018-06-20"))
    assert found.rest == days_mask(day("2018-06-25"), day("2018-07-08"))


def test_a_seat_that_comes_in_a_later_week_is_prepared_and_rested_from_by_its_own_days() -> None:
    # On site on Mon 11 and Tue 12 June only: prepared on the Thursday and Friday before, at rest from Mon 18 June.
    found = span(seat((0, 2), writing_up_days=0), travel=0, rest_weeks=1)
    assert (found.first, found.last, found.days) == (day("2018-06-07"), day("2018-06-12"), 4)
    assert found.fieldwork == days_mask(day("2018-06-11"), day("2018-06-12"))
    assert found.rest == days_mask(day("2018-06-18"), day("2018-06-24"))


@pytest.mark.parametrize("monday", ["2018-06-04", "2018-06-11"])
@pytest.mark.parametrize("on_site", [(days,) for days in range(1, 6)] + [(5, 0, 3), (0, 1)])
def test_the_weeks_of_a_seat_add_up_to_its_days(on_site: tuple[int, ...], monday: str) -> None:
    lead, calendar = seat(on_site), Calendar(START, day("2019-01-30"), ())
    found = span_of(lead, rules(lead), day(monday), 1, calendar)
    assert sum(days for _, days, _ in found.weekly) == found.days == 2 + 1 + sum(on_site) + 4
    assert sum(there for _, _, there in found.weekly) == sum(on_site)


def test_a_visit_that_needs_no_rest_has_neither_fieldwork_nor_rest_that_others_mind() -> None:
    found = span(seat((2,)), rest_weeks=0)
    assert (found.fieldwork, found.rest) == (0, 0)


@pytest.mark.parametrize(
    ("horizon", "last_weeks"),
    [
        ("2018-06-27", [("2018-06-18", 5, 3), ("2018-06-25", 2, 0)]),
        ("2018-06-25", [("2018-06-18", 5, 3), ("2018-06-25", 1, 0)]),
        ("2018-06-21", [("2018-06-18", 4, 3)]),
        ("2018-06-20", [("2018-06-18", 3, 3)]),
        ("2018-06-18", [("2018-06-18", 1, 1)]),
        ("2018-06-17", []),
    ],
)
def test_work_after_the_last_day_simulated_is_in_no_week_though_it_is_in_the_diary(
    horizon: str, last_weeks: list[tuple[str, int, int]]
) -> None:
    found = span(seat((5, 0, 3)), horizon=horizon)
    assert found.weekly[:2] == ((day("2018-05-28"), 3, 0), (day("2018-06-04"), 5, 5))
    assert found.weekly[2:] == tuple((day(week), days, on_site) for week, days, on_site in last_weeks)
    assert (found.last, found.days) == (day("2018-06-26"), 15)


def test_spans_that_are_known_are_those_worked_out_for_each_seat_monday_and_way_there() -> None:
    calendar = Calendar(START, 400, ())
    known = Calls(calendar)
    two = [rules(seat((5,))), rules(seat((3,)))]
    for _ in range(2):
        for of_one in two:
            for monday in (day("2018-06-04"), day("2018-06-11")):
                fieldwork = known.of(of_one, monday - WEEK)
                assert fieldwork is not None
                for travel in (0, 1):
                    expected = span_of(of_one.team["lead"], of_one, monday, travel, calendar)
                    assert asdict(fieldwork.span(0, travel)) == asdict(expected)


def test_a_span_that_replications_share_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        span(seat((5,))).days = 0  # type: ignore[misc]  # that is the point


# ---------------------------------------------------------------- who is asked

JUNE = "2018-06-04"
"""A Monday of fieldwork; notice is given a week before."""


def world(people: Mapping[str, int], changes: Mapping[str, object] | None = None) -> World:
    """World of a lead and one inspector to a visit, whose planner is asked by the tests alone."""
    region = "".join(("No", "rth"))  # equal to the name that the workforce has, and another object, as from a table
    rows = [authority(name, region, "good", "2017-06-02") for name in ("Ayton", "Beeford", "Ceeham")]
    scenario = quiet(rows, people, {**without_focused(), **(changes or {})})
    return World(scenario, 0, ScenarioContext(scenario))


def visit(
    of: World, place: int = 0, name: VisitName = "short", planned: str = JUNE, latest: str = "2018-12-31"
) -> Visit:
    """Visit of an authority, asked for without its life."""
    framework, monday = of.framework_today(), day(planned)
    window = Window(monday, monday, day(latest), (monday, monday))
    rules, kind = framework.visits[name], framework.kind(name)
    asked = Visit(len(of.visits), of.authorities[place], name, kind, rules, window, monday, [0.5] * DRAWS)
    of.visits.append(asked)
    of.planner.request(asked)
    return asked


def grant(person: Inspector, days: float) -> None:
    """Give a person so many days in each term, and none to carry over."""
    person.left, person.carry_over = [days] * len(person.left), 0.0
    person.balance(0, len(person.left) - 1)


def team_of(asked: Visit) -> list[str]:
    return [part.inspector.name.removeprefix("social_care_hmi ") for part in asked.team]


def match(of: World, monday: str = JUNE) -> list[Visit]:
    """What is begun on a Monday of fieldwork."""
    call = day(monday) - WEEK
    if of.clock.today < call:
        of.clock.run(until=call)
    return of.planner.match(call)


def test_a_visit_that_finds_half_a_team_takes_nobody_and_the_next_one_finds_them() -> None:
    of = world({"North": 2}, {"frameworks.ilacs_2017.visits.standard.team.inspectors.people": all_sizes(2)})
    three, two = visit(of, 0, "standard", latest="2018-07-01"), visit(of, 1, latest="2018-08-01")
    assert match(of) == [two]
    assert (three.status, three.team, team_of(two)) == ("waiting", [], ["North 01", "North 02"])


def test_people_of_the_region_go_first_however_little_time_they_have_left_and_others_travel() -> None:
    of = world({"North": 1, "South": 2})
    for person in of.workforce.everybody:
        grant(person, 100.0 if person.region == "South" else 50.0)
    asked = visit(of)
    assert match(of) == [asked]
    assert team_of(asked) == ["North 01", "South 01"]
    own, elsewhere = (part.span for part in asked.team)
    travel = of.scenario.planning.travel_days_elsewhere
    assert travel > 0
    assert elsewhere.first == of.calendar.workdays_before(own.first, travel)
    assert elsewhere.days == asked.rules.team["inspectors"].days + travel


def test_nobody_travels_to_a_visit_by_video() -> None:
    of = world({"South": 2})
    asked = visit(of, name="focused")
    asked.virtual = True
    assert match(of) == [asked]
    assert [part.span.days for part in asked.team] == [asked.rules.team[name].days for name in ("lead", "inspectors")]


def test_those_with_most_time_left_are_asked_first_and_of_those_alike_the_first_by_name() -> None:
    of = world({"North": 4})
    term = of.calendar.term_of(day(JUNE))
    for person, left in zip(of.workforce.in_post["social_care_hmi"], (30.0, 40.0, 40.0, 35.0), strict=True):
        grant(person, left)
    pool = Pool(of.workforce.groups["social_care_hmi"], term)
    assert [person.post.number for person in pool.queue(True, ("North",), False)] == [1, 2, 3, 0]
    assert not pool.queue(True, ("South",), False) and not pool.queue(False, None, False)
    asked = visit(of)
    assert match(of) == [asked] and team_of(asked) == ["North 02", "North 03"]


def test_people_of_regions_that_share_are_asked_in_one_order_by_time_left_and_then_by_name() -> None:
    of = world({"North": 2, "South": 2}, {"planning.near": {"social_care_hmi": (("North", "South"),)}})
    term = of.calendar.term_of(day(JUNE))
    for person, left in zip(of.workforce.in_post["social_care_hmi"], (30.0, 40.0, 40.0, 35.0), strict=True):
        grant(person, left)
    pool = Pool(of.workforce.groups["social_care_hmi"], term)
    asked_in_turn = [(person.region, person.post.number) for person in pool.queue(True, ("South", "North"), False)]
    assert asked_in_turn == [("North", 1), ("South", 0), ("South", 1), ("North", 0)]


def test_a_visit_that_is_no_inspection_takes_those_with_least_time_left_that_is_enough() -> None:
    # A lead with five days, an inspector with three: who has two takes neither, and the others keep theirs.
    of = world({"North": 4})
    for person, left in zip(of.workforce.in_post["social_care_hmi"], (30.0, 2.0, 5.0, 9.0), strict=True):
        grant(person, left)
    asked = visit(of, name="focused")
    assert match(of) == [asked] and team_of(asked) == ["North 03", "North 04"]


@pytest.mark.parametrize(("left", "begins"), [(11.0, True), (10.9, False)])
def test_somebody_who_has_less_time_left_in_the_term_than_a_seat_takes_is_not_asked(left: float, begins: bool) -> None:
    # The lead of a short inspection takes 2 + 5 + 4 days, the other inspector 7.
    of = world({"North": 2})
    for person in of.workforce.everybody:
        grant(person, left)
    asked = visit(of)
    assert match(of) == ([asked] if begins else [])
    if begins:
        term = of.calendar.term_of(day(JUNE))
        assert [part.inspector.left[term] for part in asked.team] == [0.0, 4.0]
        assert [part.inspector.given[term] for part in asked.team] == [11.0, 7.0]


def test_the_lead_of_the_last_inspection_leads_no_inspection_but_may_be_of_the_team_and_lead_other_visits() -> None:
    of = world({"North": 2})
    of.authorities[0].last_lead = of.authorities[1].last_lead = "social_care_hmi North 01"
    inspection = visit(of, 0)
    assert match(of) == [inspection] and team_of(inspection) == ["North 02", "North 01"]
    focused = visit(of, 1, "focused", planned="2018-07-02")
    for person in of.workforce.everybody:
        grant(person, 50.0)
    assert match(of, "2018-07-02") == [focused] and team_of(focused) == ["North 01", "North 02"]


def test_who_may_not_lead_at_one_authority_is_asked_for_the_next_on_the_same_monday() -> None:
    of = world({"North": 2}, {"frameworks.ilacs_2017.visits.short.team.inspectors.people": all_sizes(0)})
    of.authorities[0].last_lead = "social_care_hmi North 01"
    first, second, third = visit(of, 0), visit(of, 1), visit(of, 2)
    assert match(of) == [first, second]
    assert (team_of(first), team_of(second), team_of(third)) == (["North 02"], ["North 01"], [])


def test_people_of_the_region_come_first_and_others_still_come_where_nobody_travels() -> None:
    of = world({"North": 1, "South": 1}, {"planning.travel_days_elsewhere": 0})
    asked = visit(of)
    assert match(of) == [asked] and team_of(asked) == ["North 01", "South 01"]


@pytest.mark.parametrize(("learned_on", "leads"), [("2018-05-31", True), ("2018-06-01", False)])
def test_who_leads_is_in_full_use_on_the_first_day_of_preparation(learned_on: str, leads: bool) -> None:
    # The preparation of a short inspection of Mon 4 June begins on Thu 31 May.
    of = world({"North": 2})
    first, second = of.workforce.in_post["social_care_hmi"]
    grant(first, max(first.left) + 1)
    first.full_use = day(learned_on)
    asked = visit(of)
    assert match(of) == [asked]
    assert asked.team[0].inspector is (first if leads else second)


def test_nobody_begins_to_prepare_before_today() -> None:
    # Asked on Mon 28 May, a bank holiday, for Mon 4 June: there are four working days to prepare it, and not five.
    for days, begins in ((4, True), (5, False)):
        of = world({"North": 2}, {"frameworks.ilacs_2017.visits.short.team.lead.preparation_days": days})
        asked = visit(of)
        assert match(of) == ([asked] if begins else [])


def test_nothing_is_called_before_its_notice_and_what_finds_no_team_is_asked_for_again() -> None:
    of = world({"North": 2})
    first, second, later = visit(of, 0), visit(of, 1, latest="2018-12-30"), visit(of, 2, planned="2018-07-09")
    assert match(of, "2018-05-21") == []
    assert match(of) == [second]
    assert (first.status, later.status) == ("waiting", "waiting")
    first.cancel()
    assert match(of, "2018-07-02") == []
    assert match(of, "2018-07-09") == [later]


def test_of_visits_of_one_priority_the_one_that_is_late_soonest_comes_first_and_then_the_one_asked_for_first() -> None:
    of = world({"North": 2})
    late, soon, again = visit(of, 0), visit(of, 1, latest="2018-07-01"), visit(of, 2, latest="2018-07-01")
    assert match(of) == [soon]
    assert match(of, "2018-07-02") == [again]
    assert match(of, "2018-07-23") == [late]


def test_the_authority_judged_lowest_comes_first_if_the_plan_says_so_and_of_those_alike_what_is_late_soonest() -> None:
    of = world({"North": 2}, {"planning.order": "lowest_first"})
    of.authorities[1].judgement = of.authorities[2].judgement = "requires_improvement"
    soon, late, lowest = visit(of, 0, latest="2018-07-01"), visit(of, 1), visit(of, 2, latest="2018-08-01")
    assert [match(of, monday) for monday in (JUNE, "2018-07-02", "2018-07-23")] == [[lowest], [late], [soon]]


NOTHING_AROUND: dict[str, object] = {
    f"frameworks.ilacs_2017.visits.{kind}.team.{name}.{days}": 0
    for kind in ("short", "focused")
    for name in ("lead", "inspectors")
    for days in ("preparation_days", "writing_up_days")
}
"""Visits take their days on site and none besides."""


def test_rest_keeps_people_off_other_fieldwork_that_needs_rest_and_off_none_that_does_not() -> None:
    # Home on Fri 8 June, and at rest in the week of the 11th.
    of = world({"North": 2}, NOTHING_AROUND)
    first, inspection = visit(of, 0), visit(of, 1, planned="2018-06-11")
    focused = visit(of, 2, "focused", planned="2018-06-11")
    assert match(of) == [first]
    assert match(of, "2018-06-11") == [focused]
    assert match(of, "2018-06-18") == [inspection]


def test_nobody_takes_fieldwork_whose_rest_would_meet_fieldwork_that_is_promised() -> None:
    for promised, begins in (("2018-06-11", False), ("2018-06-18", True)):
        of = world({"North": 2}, NOTHING_AROUND)
        for person in of.workforce.everybody:
            person.out |= days_mask(day(promised), day(promised) + 4)
        asked = visit(of)
        assert match(of) == ([asked] if begins else [])


def test_two_visits_do_not_meet_at_an_authority_unless_one_of_them_would_be_late() -> None:
    # A focused visit of the same week waits for the next Monday, unless that is after its latest date; once it is late
    # it waits as long as it takes.
    for latest, begins in (("2018-06-20", False), ("2018-06-11", False), ("2018-06-10", True), ("2018-06-03", False)):
        of = world({"North": 4}, NOTHING_AROUND)
        inspection, focused = visit(of, 0), visit(of, 0, "focused", latest=latest)
        assert match(of) == ([inspection, focused] if begins else [inspection])
        assert (focused.status == "in_progress") == begins


@pytest.mark.parametrize("days", [10, 6])
def test_the_most_inspections_count_in_every_week_of_fieldwork_and_other_visits_do_not(days: int) -> None:
    # Two weeks of a standard inspection from 4 June, the second one of five days or of a Monday alone; a short one in
    # the second week is one too many, a focused visit is none.
    standard = {"planning.most_inspections": 1, "frameworks.ilacs_2017.visits.standard.fieldwork_days": days}
    of = world({"North": 8}, standard)
    two_weeks, short = visit(of, 0, "standard"), visit(of, 1, planned="2018-06-11")
    focused = visit(of, 2, "focused", planned="2018-06-11")
    assert match(of) == [two_weeks]
    assert match(of, "2018-06-11") == [focused]
    assert match(of, "2018-06-18") == [short]


def test_a_longer_inspection_is_one_too_many_if_any_of_its_weeks_has_as_many_as_may_be() -> None:
    of = world({"North": 8}, {"planning.most_inspections": 1, "frameworks.ilacs_2017.visits.short.notice_weeks": 2})
    short, standard = visit(of, 0, planned="2018-06-11"), visit(of, 1, "standard", latest="2019-06-30")
    assert of.planner.match(day("2018-05-28")) == [short]
    assert standard.status == "waiting"
    assert match(of, "2018-06-18") == [standard]


def paused_from(first: str) -> dict[str, object]:
    """Neither short inspections nor focused visits from a day to Monday 11 June."""
    pause = {"name": "pause", "kind": "pause", "visits": ("short", "focused")}
    return {"shocks": [{**pause, "begins_on": date.fromisoformat(first), "ends_on": date(2018, 6, 11)}]}


def test_nothing_that_is_paused_is_on_site_on_a_day_of_the_pause_and_what_is_not_paused_is() -> None:
    # On site from Mon 4 to Fri 8 June, or on Mon 11 and Tue 12 June: each meets a day of the pause.
    of = world({"North": 6}, paused_from("2018-06-08"))
    paused, standard = visit(of, 0), visit(of, 1, "standard")
    focused, later = visit(of, 2, "focused"), visit(of, 2, "focused", planned="2018-06-11")
    assert match(of) == [standard, focused]
    assert match(of, "2018-06-11") == []
    assert set(match(of, "2018-06-18")) == {paused, later}


def test_after_a_pause_of_inspections_another_limit_holds_for_its_months_and_then_the_usual_one() -> None:
    # The pause ends on Mon 11 June; one at a time to Wed 11 July, then two.
    limits = {"most_inspections": 2, "most_inspections_after_pause": 1, "after_pause_months": 1}
    of = world({"North": 20}, paused_from("2018-06-08") | {f"planning.{key}": value for key, value in limits.items()})
    three = [visit(of, place, planned="2018-07-02") for place in range(3)]
    assert [match(of, monday) for monday in ("2018-07-02", "2018-07-16")] == [three[:1], three[1:]]
    of = world({"North": 20}, {f"planning.{key}": value for key, value in limits.items()})
    assert len([visit(of, place) for place in range(3)]) == 3 and len(match(of)) == 2  # no pause, no other limit


@pytest.mark.parametrize(("latest", "begins"), [("2018-06-05", True), ("2018-06-04", False)])
def test_a_visit_by_video_is_over_by_its_latest_date_or_does_not_begin(latest: str, begins: bool) -> None:
    # Focused visits take a Monday and a Tuesday, here 4 and 5 June.
    of = world({"North": 2}, paused_from("2018-06-01"))
    asked = visit(of, name="focused", latest=latest)
    asked.virtual = True
    assert match(of) == ([asked] if begins else [])


def test_roles_that_stay_in_their_region_are_not_asked_elsewhere_and_others_are() -> None:
    for role, begins in (("social_care_hmi", False), ("schools_hmi", True)):
        of = world({"North": 1, "South": 1}, {"planning.stay_in_region": (role,)})
        asked = visit(of)
        assert match(of) == ([asked] if begins else [])
