"""The optimised programme: the plan of a quarter against all plans there are, and what a replanning may not do."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.inputs.scenario import Scenario, load
from sim.runs.measures import Years, measure
from sim.runs.model import Model
from sim.world import optimised
from sim.world.entities import Visit
from sim.world.optimised import Lines, Movable, Programme
from sim.world.replanning import Foreseen, Optimised
from tests.worlds import WEEK, scenarios

TINY = 1e-9
"""A gap at which the solver goes on to the best plan there is."""


def squares(taken: np.ndarray) -> Lines:
    """Lines whose price follows the squares of whole numbers exactly, up to ten."""
    knots = np.broadcast_to(np.arange(10.0), (*taken.shape, 10))
    return Lines(taken, knots, 2 * knots + 1)


def visit(weeks: tuple[int, ...], people: float = 1, prices: tuple[float, ...] | None = None) -> Movable:
    return Movable(weeks, prices or (0.0,) * len(weeks), np.array([0]), np.array([[people]]), (0,))


def programme(*visits: Movable, weeks: int = 3, taken: tuple[float, ...] = (), change: float = 0.0) -> Programme:
    row = np.zeros((1, weeks))
    row[0, : len(taken)] = taken
    return Programme(visits, squares(row), peak=0, peak_price=0.0, change=change)


# ---------------------------------------------------------------- the plan, in worlds where the best one is plain


def test_two_visits_of_one_week_are_spread_over_two() -> None:
    asked = programme(visit((0, 1)), visit((0,)))
    assert asked.best(TINY, 2) == [1, 0]
    assert (asked.price([0, 0]), asked.price([1, 0])) == (4.0, 2.0)


def test_a_visit_is_moved_only_for_more_than_a_change_costs() -> None:
    for change, best in ((1.9, [1, 0]), (2.1, [0, 0])):
        assert programme(visit((0, 1)), visit((0,)), change=change).best(TINY, 2) == best


def test_what_stays_where_it_is_counts_in_its_week() -> None:
    assert programme(visit((0, 1, 2), people=2), taken=(1, 3, 0)).best(TINY, 1) == [2]


def test_no_more_visits_are_moved_than_may_be() -> None:
    visits = [visit((0, 1, 2, 3)) for _ in range(4)]
    for most in range(4):
        chosen = programme(*visits, weeks=4).best(TINY, most)
        assert sum(map(bool, chosen)) == most


def test_a_visit_planned_too_late_is_moved_into_time_however_busy_that_week_is() -> None:
    late = visit((2, 0), prices=(1e6, 0.0))
    assert programme(late, taken=(9, 0, 0), change=10.0).best(TINY, 1) == [1]


def test_visits_change_places_where_neither_alone_would_move() -> None:
    # Three and one person on site: the three would rather go to week 1, where one sits that may only go to week 0.
    large, small = visit((0, 1), people=3), visit((1, 0), people=1)
    asked = programme(large, small, taken=(2, 0, 0))
    assert asked.price([1, 1]) < asked.price([0, 0])
    assert asked.best(TINY, 2) == [1, 1]


def test_the_busiest_week_has_a_price_of_its_own() -> None:
    flat = Lines(np.array([[2.0, 0.0]]), np.zeros((1, 2, 1)), np.ones((1, 2, 1)))  # a person costs 1 in every week
    for price, best in ((0.0, [0]), (0.5, [1])):
        assert Programme([visit((0, 1))], flat, 0, price, change=0.1).best(TINY, 1) == best


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    weeks = 5
    visits = [
        visit(
            tuple(draw(st.lists(st.integers(0, weeks - 1), min_size=1, max_size=3, unique=True))),
            draw(st.integers(1, 3)),
        )
        for _ in range(draw(st.integers(1, 5)))
    ]
    taken = tuple(float(draw(st.integers(0, 3))) for _ in range(weeks))
    asked = programme(*visits, weeks=weeks, taken=taken, change=float(draw(st.integers(0, 5))))
    return Programme(asked.visits, asked.lines, 0, float(draw(st.integers(0, 4))), asked.change)


@settings(max_examples=40, deadline=None, database=None)
@given(programmes(), st.integers(0, 5))
def test_the_plan_is_the_cheapest_of_all_plans_and_never_dearer_than_leaving_all_as_it_is(
    asked: Programme, most_moved: int
) -> None:
    plans = product(*(range(len(each.weeks)) for each in asked.visits))
    cheapest = min(asked.price(plan) for plan in plans if sum(map(bool, plan)) <= most_moved)
    with patch.object(optimised, "SLACK", 1e9):  # every week of every visit is tried
        chosen = asked.best(TINY, most_moved)
    assert sum(map(bool, chosen)) <= most_moved
    assert asked.price(chosen) == pytest.approx(cheapest)
    assert asked.price(chosen) <= asked.price([0] * len(asked.visits))


# ---------------------------------------------------------------- replanning, in runs


def live_bookings(policy: Optimised, visits: Iterable[Visit]) -> np.ndarray:
    """What the bookings of all visits take, added up anew."""
    amounts = np.zeros_like(policy._ahead.amounts)
    for visit in visits:
        if visit.booking is not None and visit.status != "cancelled":
            first = policy._ahead.week(visit.booking.monday)
            takes = visit.booking.need.takes[: len(amounts) - first]
            amounts[first : first + len(takes)] += takes
    return amounts


@settings(max_examples=20, deadline=None, database=None)
@given(scenarios(), st.integers(0, 3), st.sampled_from([0, 1, 5]), st.sampled_from([1, 3]))
@pytest.mark.slow
def test_no_replanning_moves_what_is_near_nor_too_many_nor_into_lateness(
    scenario: Scenario, replication: int, frozen: int, notice: int
) -> None:
    changes: dict[str, object] = {"planning.programme": "optimised", "planning.frozen_weeks": frozen}
    changes |= {
        f"frameworks.{name}.visits.{kind}.notice_weeks": notice
        for name in scenario.framework
        for kind in ("focused", "monitoring")
    }
    scenario = scenario.with_changes(changes)
    replan, asked = Optimised.replan, Optimised.programme

    def noted(
        policy: Optimised, visits: Iterable[Visit], today: int, foreseen: Iterable[Foreseen], *, first: bool = False
    ) -> dict[Visit, int]:
        moves = replan(policy, visits, today, foreseen, first=first)
        for moved, monday in moves.items():
            assert moved.status == "waiting"
            assert min(moved.planned, monday) >= today + frozen * WEEK * (not first)
            assert monday - moved.rules.notice_weeks * WEEK >= today
            assert monday <= moved.window.latest or moved.planned > moved.window.latest
            assert moved.window.opens <= monday and monday in policy._calendar.starts(moved.rules.weeks_on_site)
        if not first:
            last = policy.replannings[-1]
            assert last.moved == len(moves) <= scenario.planning.most_moved_share * last.planned
        assert policy._ahead.amounts == pytest.approx(live_bookings(policy, visits), abs=1e-6)
        return moves

    def nothing_less(*given: Any) -> Programme:
        programme = asked(*given)
        assert programme.lines.taken.min() >= -1e-6
        return programme

    with patch.object(Optimised, "replan", noted), patch.object(Optimised, "programme", nothing_less):
        model = Model(scenario, replication)
        record = model.run()
    assert model.world.policy.replannings == record.replannings  # type: ignore[union-attr]  # the policy is optimised
    for visit in model.world.visits:
        if visit.fieldwork_start is not None:
            assert visit.fieldwork_start >= visit.planned
            seats = sum(team.people[visit.authority.size] for team, _ in visit.rules.seats)
            assert len(visit.team) == seats, "one team, and not two"


@pytest.fixture(scope="module")
def launch() -> Scenario:
    return load("ilacs_launch", {"planning.programme": "optimised", "years": 2})


@pytest.mark.slow
def test_the_same_seed_gives_the_same_run(launch: Scenario) -> None:
    first, second = (Model(launch, 3).run() for _ in range(2))
    assert first.visits == second.visits and first.assignments == second.assignments
    assert first.replannings == second.replannings
    assert any(each.moved for each in first.replannings)


def test_moved_visits_are_told_by_year(launch: Scenario) -> None:
    model = Model(launch, 0)
    record = model.run()
    years = Years.of(model.world.calendar)
    values = measure(record, launch, years)
    assert values["visits_moved"].sum() == sum(each.moved for each in record.replannings) > 0
    shares = values["visits_moved_share"][~np.isnan(values["visits_moved_share"])]
    assert (shares <= launch.planning.most_moved_share).all()
    assert np.isnan(measure(Model(load("ilacs_launch", {"years": 1})).run(), launch, years)["visits_moved_share"]).all()


def test_the_solver_is_loaded_by_nobody_who_does_not_plan_with_it(launch: Scenario) -> None:
    def asked(*_: object) -> None:
        raise AssertionError("the solver was asked")

    with patch.object(optimised, "_solve", asked):
        Model(launch.with_changes({"planning.programme": "levelled", "years": 1})).run()
