"""Columns of a replication's visits hold what its rows hold, and tables are spread over items without loss."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.columns import spread, whole
from sim.framework import INSPECTIONS, KINDS
from sim.workdays import NEVER
from tests.worlds import Run, runs

TABLES = st.lists(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), max_size=4), min_size=1, max_size=5)


@given(TABLES.flatmap(lambda tables: st.tuples(st.just(tables), st.lists(st.integers(0, len(tables) - 1)))))
def test_each_item_has_the_rows_of_its_table_in_order(
    asked: tuple[list[list[tuple[int, int]]], list[int]],
) -> None:
    tables, which = asked
    item, rows = spread(whole(which), tables, width=2)
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
