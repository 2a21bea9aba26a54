"""Runs a user's own plan, and records what became of each row and how many inspections were late in total."""

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
"""Number of replications in a batch: a worker runs a batch at a time, and the store keeps it whole."""
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
"""Columns of these tables; days count from the start.

``late_by_plan`` counts the late inspections that began in the week of their row, which was after their latest date.
``late_missed`` counts those that had a row and did not begin in its week.
"""
Task = tuple[Variant, range, int]
"""A variant, its replications, and the last day on which the latest date of an inspection may fall for it to count."""


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
    """Make and keep the runs of the variants that the store does not hold yet.

    Yields
    ------
    int
        Number of runs in each finished batch.
    """
    known = set(store.pieces)
    batches = [range(first, min(first + AT_A_TIME, replications)) for first in range(0, replications, AT_A_TIME)]
    missing = [(each, batch, until) for each in variants for batch in batches if (each.word, batch) not in known]
    for batch in executor(run_plan, missing):
        store.keep(batch)
        yield len(batch.replications)


def table_of(store: Store, word: str, name: str, replications: int) -> Any:
    """Return the table of all runs of a variant, in order."""
    batches = sorted((batch for kept, batch in store.pieces if kept == word), key=lambda batch: batch.start)
    tables = [store.table(batch, name, word) for batch in batches if batch.start < replications]
    found = [table for table in tables if table is not None]
    return pa.concat_tables(found) if found else SCHEMAS[name].empty_table()


def failures_of(store: Store, words: Sequence[str]) -> list[dict[str, Any]]:
    """Return the runs of the variants that raised an error."""
    kept = sorted(((word, batch) for word, batch in store.pieces if word in words), key=lambda each: each[1].start)
    return [{"variant": word, **failure} for word, batch in kept for failure in store.failures(batch, word)]
