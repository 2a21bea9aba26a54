"""The fewest people that inspections need: never more than do in a run, exact where nothing is split, a quantile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from math import ceil, inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binom

from sim.analysis.capacity import ServiceLevel
from sim.analysis.hindsight import Hindsight, People, Start, Task, hindsight, posts_in_order
from sim.analysis.levers import Staff
from sim.analysis.people_bound import (
    Asked,
    begun_on_time,
    bound_of_run,
    fewest_people,
    hired_by_head_count,
    lower_end,
)
from sim.base.calendar import financial_year
from sim.base.daysets import days_mask
from sim.inputs.framework import INSPECTIONS
from sim.inputs.posts import posts_of
from sim.inputs.scenario import Scenario, load
from sim.runs.executors import here
from sim.runs.measures import NAMES, whole_years, years_of
from sim.runs.model import Model
from sim.runs.variants import Runs, Variant
from sim.world.context import ScenarioContext
from tests.worlds import authority, days_of_seat, only_open, quiet, scenarios, without_focused

HMI = Staff("social_care_hmi")
CLOSE = 1e-6

# ---------------------------------------------------------------- beside runs


@settings(max_examples=25, deadline=None, database=None)
@given(scenarios(), st.integers(0, 3))
@pytest.mark.slow
def test_what_a_run_has_done_can_be_done_by_its_people(scenario: Scenario, replication: int) -> None:
    context = ScenarioContext(scenario)
    model = Model(scenario, replication, context)
    model.run()
    years = whole_years(scenario)
    of_run = hindsight(model.world, context, HMI, years)
    done: Counter[str] = Counter()
    inspections = [task.year for task in of_run.tasks if task.year is not None]
    for visit in model.world.visits:
        if visit.kind in INSPECTIONS:
            year = year_of(scenario, visit.window.latest)
            if (
                year in years
                and visit.fieldwork_start is not None
                and 0 <= visit.fieldwork_start <= visit.window.latest
            ):
                done[year] += 1
    assert all(done[year] <= inspections.count(year) for year in years)
    assert fewest_people(of_run, done) <= HMI.people(scenario) + CLOSE


def year_of(scenario: Scenario, day: int) -> str:
    return financial_year(scenario.start + timedelta(day))


@pytest.mark.parametrize(("inspections", "people"), [(1, 2), (2, 3), (3, 5)])
def test_where_all_is_wanted_in_one_term_the_bound_is_what_its_days_take(inspections: int, people: int) -> None:
    # Of the weeks open (ISO week 10) one lies in each window. A lead and one inspector work on each visit.
    rows = [authority(name, "North", "good", "2016-03-04") for name in ("Ayton", "Beeford", "Cayton")[:inspections]]
    closed = {"calendar.closed_weeks": only_open(10), "workforce.roles.social_care_hmi.programme_share": 0.2}
    for there in (people, people + 2, people - 1):
        world = quiet(rows, {"North": there}, {**closed, **without_focused()}, years=3)
        context = ScenarioContext(world)
        term = context.calendar.terms[context.calendar.term_of((date(2019, 3, 4) - world.start).days)]
        a_person = 0.2 * (context.calendar.workday_mask & days_mask(*term)).bit_count()
        team = world.frameworks["ilacs_2017"].visits["short"].team
        days = sum(days_of_seat(seat) for name, seat in team.items() if name in ("lead", "inspectors"))
        alone, found = bound_of_run(Asked(world, HMI, ServiceLevel(bound=1.0, from_year=1)), 0, context)
        assert found == alone == people == ceil(inspections * days / a_person)


def test_what_a_few_people_have_done_is_no_less_than_the_bound_of_runs_with_more() -> None:
    rows = [authority("Ayton", "North", "good", "2016-03-04")]
    rows += [authority(name, "North", "good", "2017-09-04") for name in ("Beeford", "Cayton")]
    closed = {"calendar.closed_weeks": only_open(10), "workforce.roles.social_care_hmi.programme_share": 1.0}
    service = ServiceLevel(bound=1.0, from_year=1)
    kept, bounds = {}, {}
    for people in range(1, 9):
        world = quiet(rows, {"North": people}, closed, years=3)
        years = [years_of(world).index(year) for year in service.years(world)]
        values = Runs(world, here).of(Variant("hmi", world), range(1))
        kept[people] = service.kept(values[:, years, NAMES.index("inspections_on_time")]).all()
        bounds[people], _ = bound_of_run(Asked(world, HMI, service), 0, ScenarioContext(world))
    assert kept[2] and not kept[1]
    assert all(bounds[more] <= few for few in kept if kept[few] for more in range(few + 1, 9))


SHOCKS: dict[str, dict[str, object]] = {
    "none": {},
    "turnover": {"kind": "turnover", "roles": ["social_care_hmi"], "turnover_a_year": 0.8},
    "freeze": {"kind": "hiring_freeze", "roles": ["social_care_hmi"]},
    "pause": {"kind": "pause", "visits": ["short", "standard", "single_inspection"]},
    "other programme": {"kind": "other_programme", "roles": ["social_care_hmi"], "people_share": 0.3},
}


@pytest.mark.parametrize("shock", SHOCKS)
def test_the_first_posts_of_many_give_no_less_than_as_many_posts_alone(shock: str) -> None:
    days = {"begins_on": date(2019, 4, 1), "ends_on": date(2020, 3, 31)}
    shocks = {"one": SHOCKS[shock] | days} if SHOCKS[shock] else {}
    changes = {"runs_per_draw": 1, "years": 4, "workforce.roles.social_care_hmi.turnover_a_year": 0.3}
    launch = load("ilacs_launch", {**changes, "shocks": shocks})
    few = launch.with_changes({"authorities": launch.authorities[::4]})
    assert not hired_by_head_count(few, "social_care_hmi")
    supply = {}
    for people in (8, 14, 40):
        scenario = few.with_changes(HMI.changes(few, people))
        context = ScenarioContext(scenario)
        model = Model(scenario, 0, context)
        model.run()
        supply[people] = hindsight(model.world, context, HMI, whole_years(scenario)).people.days
    for fewer, more in ((8, 14), (8, 40), (14, 40)):
        assert (supply[more][:fewer].sum(axis=0) >= supply[fewer].sum(axis=0) - CLOSE).all()


@pytest.mark.parametrize(
    ("role", "shock", "limit", "depends"),
    [
        ("social_care_hmi", None, 1, True),
        ("social_care_hmi", {"kind": "recruitment", "people": 3}, None, True),
        ("social_care_hmi", {"kind": "departures", "people": 3, "leads": True}, None, True),
        ("schools_hmi", {"kind": "departures", "people": 3, "leads": False}, None, False),
        ("social_care_hmi", None, None, False),
    ],
)
def test_where_hiring_depends_on_the_head_count_it_is_told(
    role: str, shock: dict[str, object] | None, limit: int | None, depends: bool
) -> None:
    changes: dict[str, object] = {} if limit is None else {f"workforce.roles.{role}.most_offers_a_quarter": limit}
    changes["shocks"] = {} if shock is None else {"one": {**shock, "role": role, "begins_on": date(2019, 4, 1)}}
    assert hired_by_head_count(load("ilacs_launch", changes), "social_care_hmi") is depends


@settings(max_examples=10, deadline=None, database=None)
@given(scenarios())
def test_a_head_count_has_the_first_posts_of_any_larger_one(scenario: Scenario) -> None:
    order = posts_in_order(scenario, HMI)
    for people in range(1, len(order) + 1):
        fewer = scenario.with_changes(HMI.changes(scenario, people))
        posts = posts_of("social_care_hmi", fewer.workforce, fewer.authorities_by_region)
        assert {(post.region, post.number) for post in posts} == {(each.region, each.number) for each in order[:people]}


# ---------------------------------------------------------------- tiny plans, tried out one by one

TERMS = 3


def people_of(days: Sequence[int], carry: int, leads: Sequence[bool]) -> People:
    """So many days of each person in each term."""
    shape = (len(days), TERMS)
    each = np.array(days, dtype=float)[:, None] * np.ones(TERMS)
    may_carry = np.full(shape, float(carry))
    return People(each, may_carry, np.array(leads), np.zeros(shape), np.zeros(TERMS))


def start(term: int, days: int, lead: int) -> Start:
    return Start(((term, float(days)),), ((term, float(lead)),))


tasks = st.lists(
    st.builds(
        lambda places, days, lead, must: Task(
            tuple(start(term, days, min(days, lead)) for term in sorted(places)), None if must else "2019-20"
        ),
        st.sets(st.integers(0, TERMS - 1), min_size=1, max_size=2),
        st.integers(1, 9),
        st.integers(0, 4),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


def fits(taken: NDArray[np.float64], days: float, carry: float) -> bool:
    """Whether days taken in each term are there, with a limit to what is carried over either way."""
    brought = 0.0
    for used in taken:
        brought = min(carry, brought + days - used)
        if brought < -carry - CLOSE:
            return False
    return True


def fewest_tried(each: Sequence[Task], of: People, needed: int) -> float:
    """Fewest people with whom whole visits can be placed, by trying every plan."""
    for number in range(len(of.days) + 1):
        there, carry = of.days[:number].sum(axis=0), of.carry[:number, 0].sum()
        leads = of.may_lead[:number]
        lead_days, lead_carry = of.days[:number][leads].sum(axis=0), of.carry[:number, 0][leads].sum()
        for plan in product(*[(*task.starts, *([] if task.year is None else [None])) for task in each]):
            placed = sum(chosen is not None for chosen, task in zip(plan, each, strict=True) if task.year is not None)
            taken, led = np.zeros(TERMS), np.zeros(TERMS)
            for chosen in filter(None, plan):
                taken[chosen.days[0][0]] += chosen.days[0][1]
                led[chosen.lead_days[0][0]] += chosen.lead_days[0][1]
            if (
                placed >= needed
                and fits(taken, there[0], carry)
                and fits(led, lead_days[0] if number else 0, lead_carry)
            ):
                return number
    return inf


@settings(max_examples=60, deadline=None, database=None)
@given(tasks, st.lists(st.integers(1, 8), min_size=4, max_size=4), st.integers(0, 3), st.floats(0, 1))
def test_the_bound_is_never_above_the_best_plan_of_whole_visits(
    each: list[Task], days: list[int], carry: int, share: float
) -> None:
    of = people_of(days, carry, [True, False, True, False])
    due = sum(task.year is not None for task in each)
    needed = ceil(share * due)
    bound = fewest_people(Hindsight(tuple(each), of), {"2019-20": needed} if due else {})
    assert ceil(bound - CLOSE) <= fewest_tried(each, of, needed) if bound < inf else True
    if bound == inf:
        assert fewest_tried(each, of, needed) == inf


@settings(max_examples=60, deadline=None, database=None)
@given(tasks, st.integers(1, 8), st.integers(0, 3))
def test_of_people_alike_and_visits_that_have_one_week_each_the_bound_is_the_best_plan(
    each: list[Task], days: int, carry: int
) -> None:
    each = [replace(task, starts=task.starts[:1]) for task in each]
    of = people_of([days] * 40, carry, [True] * 40)
    due = sum(task.year is not None for task in each)
    bound = fewest_people(Hindsight(tuple(each), of), {"2019-20": due} if due else {})
    assert ceil(bound - CLOSE) == fewest_tried(each, of, due)


@settings(max_examples=40, deadline=None, database=None)
@given(tasks, st.lists(st.integers(1, 8), min_size=6, max_size=6), st.integers(0, 3))
def test_a_visit_fewer_never_takes_more_people(each: list[Task], days: list[int], carry: int) -> None:
    of = people_of(days, carry, [True] * 6)
    each = [replace(task, year=None) for task in each]
    bound = fewest_people(Hindsight(tuple(each), of), {})
    assert fewest_people(Hindsight(tuple(each[1:]), of), {}) <= bound + CLOSE


# ---------------------------------------------------------------- what is kept, and how surely


def test_as_many_are_on_time_as_the_level_asks_for_and_no_more() -> None:
    for due in range(60):
        for bound in (0.9, 0.95, 1.0):
            needed = begun_on_time(ServiceLevel(bound=bound), due)
            kept = [begun for begun in range(due + 1) if not due or begun / due >= bound]
            assert needed == min(kept)
        for most in (0.0, 2.0, 3.5):
            at_most = ServiceLevel("inspections_late", bound=most, at_least=False)
            assert begun_on_time(at_most, due) == min(begun for begun in range(due + 1) if due - begun <= most)


def test_the_lower_end_of_a_quantile_is_wrong_no_more_often_than_it_says() -> None:
    values = np.arange(1, 31)
    for probability in (0.5, 0.8, 0.9):
        end = lower_end(values, probability, 0.95)
        assert end is not None
        # It is above the quantile if fewer than `end` of thirty values are below it.
        assert binom.cdf(end - 1, 30, probability) <= 0.05 < binom.cdf(end, 30, probability)
    assert lower_end(values[:3], 0.5, 0.95) is None


def test_with_one_fewer_than_the_bound_of_a_whole_run_its_visits_cannot_be_placed() -> None:
    launch = load("ilacs_launch", {"runs_per_draw": 1, "planning.programme": "levelled", "years": 4})
    few = launch.with_changes({"authorities": launch.authorities[::5]})
    context, service = ScenarioContext(few), ServiceLevel(from_year=2)
    bounds = bound_of_run(Asked(few, HMI, service), 0, context)
    model = Model(few, 0, context)
    model.run()
    of_run = hindsight(model.world, context, HMI, service.years(few))
    counted = tuple(task for task in of_run.tasks if task.year is not None)
    due = Counter(task.year for task in counted if task.year is not None)
    on_time = {year: begun_on_time(service, number) for year, number in due.items()}
    assert 1 < bounds[0] < bounds[1] <= HMI.people(few)
    for bound, each in zip(bounds, (counted, of_run.tasks), strict=True):
        assert bound - 1 < fewest_people(Hindsight(each, of_run.people), on_time) <= bound
        assert fewest_people(Hindsight(each, first_posts(of_run.people, bound - 1)), on_time) == inf


def first_posts(of: People, number: int) -> People:
    """Give the supply of the first so many posts alone."""
    return replace(
        of,
        days=of.days[:number],
        carry=of.carry[:number],
        may_lead=of.may_lead[:number],
        offered=of.offered[:number],
    )
