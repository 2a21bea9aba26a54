"""What a run leaves behind: columns of visits that hold what their rows hold, tables of work, rows to be sent on."""

from __future__ import annotations

import gc
import pickle
import weakref
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.base.calendar import NEVER
from sim.inputs.framework import INSPECTIONS, KINDS
from sim.inputs.scenario import load
from sim.record.columns import integers, spread
from sim.record.rows import Record
from sim.runs.model import Model
from sim.world.context import ScenarioContext
from sim.world.world import World
from tests.worlds import Run, run, runs

TABLES = st.lists(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), max_size=4), min_size=1, max_size=5)


@given(TABLES.flatmap(lambda tables: st.tuples(st.just(tables), st.lists(st.integers(0, len(tables) - 1)))))
def test_each_item_has_the_rows_of_its_table_in_order(
    asked: tuple[list[list[tuple[int, int]]], list[int]],
) -> None:
    tables, which = asked
    item, rows = spread(integers(which), tables, width=2)
    expected = [(place, *row) for place, table in enumerate(which) for row in tables[table]]
    assert [(place, *row) for place, row in zip(item.tolist(), rows.tolist(), strict=True)] == expected


@settings(max_examples=10, deadline=None, database=None)
@given(runs())
def test_the_columns_of_visits_are_those_of_their_rows(run: Run) -> None:
    columns, rows = run.record.columns, run.record.visits
    assert [KINDS[kind] for kind in columns.kind] == [row.kind for row in rows]
    assert list(zip(columns.opens, columns.due, columns.latest, columns.team_size, columns.replaced, strict=True)) == [
        (row.opens, row.due, row.latest, row.team_size, row.replaced) for row in rows
    ]
    assert [None if day == NEVER else day for day in columns.begins] == [row.fieldwork_start for row in rows]
    begins = {life.authority: life.begins for life in run.record.lives}
    assert columns.from_the_start.tolist() == [not begins[row.authority] for row in rows]
    assert np.flatnonzero(columns.of_kinds(INSPECTIONS)).tolist() == [
        place for place, row in enumerate(rows) if row.kind in INSPECTIONS
    ]


def rows_of(record: Record) -> Iterator[object]:
    return (getattr(record, name) for name in ("lives", "visits", "assignments", "judgements", "quality", "careers"))


@pytest.mark.parametrize("read_before", [False, True])
def test_a_record_that_is_sent_on_has_the_same_rows(read_before: bool) -> None:
    record = Model(load("ilacs_launch", {"years": 1})).run()
    if read_before:
        assert all(rows_of(record))
    sent = pickle.loads(pickle.dumps(record))
    assert list(rows_of(sent)) == list(rows_of(record))
    assert np.array_equal(sent.workload.available, record.workload.available)
    assert list(rows_of(pickle.loads(pickle.dumps(sent)))) == list(rows_of(record))


def test_a_run_that_is_over_is_freed_without_a_search_for_garbage() -> None:
    # But for SimPy's environment and the processes that wait at the end, each of which its event refers to.
    model = Model(load("ilacs_launch", {"years": 1}))
    gc.disable()
    try:
        record = model.run()
        parts = [weakref.ref(each) for each in (model.world, model.world.planner, record)]
        del model, record
        assert [part() for part in parts] == [None, None, None]
    finally:
        gc.enable()


@pytest.mark.parametrize("productivity", [0.0, 0.07, 0.3, 0.5, 1.0])
def test_time_available_is_that_of_each_person_week_by_week_to_the_last_bit(productivity: float) -> None:
    done = run(load("ilacs_launch", {"years": 2, "workforce.induction_productivity": productivity}))
    load_of_weeks, calendar = done.record.workload, done.world.calendar
    expected = np.zeros_like(load_of_weeks.available)
    for person in done.world.workforce.everybody:
        role, region = load_of_weeks.roles.index(person.role), load_of_weeks.regions.index(person.region)
        for week, monday in enumerate(load_of_weeks.weeks.tolist()):
            days = [day for day in range(max(0, monday), monday + 7) if person.at_work >> day & 1]
            simulated = [day for day in days if day <= calendar.horizon]
            learning = sum(day < person.full_use for day in simulated)
            expected[week, role, region] += person.daily_share * (len(simulated) - learning + productivity * learning)
    assert np.array_equal(load_of_weeks.available, expected)


def test_the_framework_of_today_is_that_in_force_on_every_day() -> None:
    scenario = load("sif_launch", {"years": 6})
    context = ScenarioContext(scenario)
    world = World(scenario, 0, context)
    assert len(context.timetable) > 1
    seen = []
    for day in range(scenario.horizon):
        world.clock.run(until=day + 1)
        seen.append((world.framework_today(), world.next_framework_day()))
        assert context.timetable[int(context.frameworks_on(np.array([day + 1]))[0])][1] is seen[-1][0]
    days = range(1, scenario.horizon + 1)
    assert seen == [(context.framework_on(day), context.next_framework_day(day)) for day in days]
    assert len({framework.title for framework, _ in seen}) > 1
