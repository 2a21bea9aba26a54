"""Runs of a plan of one's own: what became of its rows, and how many inspections were late in all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from sim.inputs.scenario import Scenario
from sim.record.own_plan import PlannedRow
from sim.runs.executors import Executor
from sim.runs.model import Model
from sim.runs.replications import prepared, run_each
from sim.runs.store import Batch, Store
from sim.runs.variants import Variant

AT_A_TIME = 10
"""Replications that a worker runs at a time and that are kept as one."""
ROWS, RUNS = "rows", "runs"
"""Tables of a batch: rows of the plan, and whole runs."""
_WHOLE, _TEXT = pa.int32(), pa.string()
SCHEMAS: dict[str, Any] = {
    ROWS: pa.schema(
        [
            ("replication", _WHOLE), ("row", _WHOLE), ("fate", _TEXT), ("opens", _WHOLE), ("due", _WHOLE),
            ("latest", _WHOLE), ("late", pa.bool_()), ("because", _TEXT), ("led", pa.bool_()),
            ("not_led_because", _TEXT),
        ]
    ),
    RUNS: pa.schema([("replication", _WHOLE), ("late", _WHOLE), ("late_by_plan", _WHOLE), ("late_missed", _WHOLE)]),
}  # fmt: skip
"""Their columns; days are days since the start.

Of the late inspections of a run, ``late_by_plan`` began in the week of their row, which lay after their latest date.
``late_missed`` had a row and did not begin in its week.
"""
Task = tuple[Variant, range, int]
"""A variant, replications of it, and the last day on which the latest date of an inspection that is counted may lie."""


def run_plan(task: Task) -> Batch:
    """Run some replications of a variant."""
    variant, replications, until = task
    return run_each(replications, variant.scenario.seed, partial(_tables, variant.scenario, until), variant.word)


def _tables(scenario: Scenario, until: int, replication: int) -> dict[str, Any]:
    record = Model(scenario, replication, prepared(scenario)[0]).run()
    rows = record.planned
    columns = dict(zip(PlannedRow._fields, zip(*rows, strict=True), strict=True)) if rows else {}
    number = {"replication": np.full(len(rows), record.replication, dtype=np.int32)}
    arrays = [pa.array((number | columns).get(field.name, ()), field.type) for field in SCHEMAS[ROWS]]
    late = [
        row.fate for row in rows if row.late and row.kind in scenario.inspections and 0 <= (row.latest or 0) <= until
    ]
    due = {visit.visit for visit in record.visits if visit.kind in scenario.inspections and 0 <= visit.latest <= until}
    counted = {
        "replication": [record.replication],
        "late": [len(due.intersection(record.columns.late(record.horizon)))],
        "late_by_plan": [late.count("in_its_week")],
        "late_missed": [late.count("another_week") + late.count("waiting")],
    }
    return {ROWS: pa.table(arrays, schema=SCHEMAS[ROWS]), RUNS: pa.table(counted, schema=SCHEMAS[RUNS])}


def make(variants: Sequence[Variant], replications: int, until: int, store: Store, executor: Executor) -> Iterator[int]:
    """Make the runs of some variants that are not kept yet, and keep them.

    Yields
    ------
    int
        How many runs were made at a time.
    """
    known = set(store.pieces)
    batches = [range(first, min(first + AT_A_TIME, replications)) for first in range(0, replications, AT_A_TIME)]
    missing = [(each, batch, until) for each in variants for batch in batches if (each.word, batch) not in known]
    for batch in executor(run_plan, missing):
        store.keep(batch)
        yield len(batch.replications)


def table_of(store: Store, word: str, name: str, replications: int) -> Any:
    """Table of all runs of a variant, in their order."""
    batches = sorted((batch for kept, batch in store.pieces if kept == word), key=lambda batch: batch.start)
    tables = [store.table(batch, name, word) for batch in batches if batch.start < replications]
    found = [table for table in tables if table is not None]
    return pa.concat_tables(found) if found else SCHEMAS[name].empty_table()


def failures_of(store: Store, words: Sequence[str]) -> list[dict[str, Any]]:
    """Runs of some variants that raised."""
    kept = sorted(((word, batch) for word, batch in store.pieces if word in words), key=lambda each: each[1].start)
    return [{"variant": word, **failure} for word, batch in kept for failure in store.failures(batch, word)]
