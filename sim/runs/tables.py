"""Defines the columns of the tables in the result folder, and turns the rows of a record into Arrow tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, get_args

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.base.calendar import Calendar
from sim.inputs.framework import KINDS, ROLES
from sim.inputs.grades import JUDGEMENTS
from sim.inputs.reasons import REASONS
from sim.record.detection import Cause, DeclineRow
from sim.record.lateness import WaitRow
from sim.record.rows import AssignmentRow, CareerRow, JudgementRow, QualityRow, Record, VisitRow
from sim.record.workload import Workload
from sim.runs.measures import Years
from sim.world.entities import Status

DATE = pa.timestamp("ms")
"""A date, stored as its midnight; pandas reads it as ``datetime64``, which its date tools expect."""
_TEXT, _WHOLE, _NUMBER = pa.string(), pa.int32(), pa.float64()

SCHEMAS: dict[str, Any] = {
    "visits": pa.schema(
        [
            ("replication", _WHOLE), ("visit", _WHOLE), ("authority", _TEXT), ("region", _TEXT), ("kind", _TEXT),
            ("judgement_before", _TEXT), ("opens", DATE), ("due", DATE), ("latest", DATE), ("notified", DATE),
            ("fieldwork_start", DATE), ("fieldwork_end", DATE), ("published", DATE), ("judgement_after", _TEXT),
            ("status", _TEXT), ("lead", _TEXT), ("team_size", _WHOLE), ("inspector_days", _WHOLE),
            ("late_because", _TEXT),
        ]
    ),
    "waits": pa.schema(
        [("replication", _WHOLE), ("visit", _WHOLE), ("reason", _TEXT), ("role", _TEXT), ("weeks", _WHOLE)]
    ),
    "assignments": pa.schema(
        [
            ("replication", _WHOLE), ("visit", _WHOLE), ("inspector", _TEXT), ("role", _TEXT), ("lead", pa.bool_()),
            ("first_day", DATE), ("last_day", DATE), ("days", _WHOLE),
        ]
    ),
    "judgements": pa.schema(
        [
            ("replication", _WHOLE), ("authority", _TEXT), ("published", DATE), ("judgement", _TEXT),
            ("inspected", DATE), ("leaders", _TEXT), ("help_and_protection", _TEXT), ("in_care", _TEXT),
            ("care_leavers", _TEXT),
        ]
    ),
    "quality": pa.schema(
        [("replication", _WHOLE), ("authority", _TEXT), ("since", DATE), ("quality", _TEXT)]
    ),
    "declines": pa.schema(
        [
            ("replication", _WHOLE), ("authority", _TEXT), ("judgement", _TEXT), ("cause", _TEXT), ("began", DATE),
            ("seen", DATE), ("seen_by", _TEXT), ("published", DATE), ("ended", DATE),
        ]
    ),
    "inspectors": pa.schema(
        [
            ("replication", _WHOLE), ("inspector", _TEXT), ("role", _TEXT), ("region", _TEXT), ("may_lead", pa.bool_()),
            ("hours", _NUMBER), ("successor", pa.bool_()), ("joined", DATE), ("full_use", DATE), ("last_day", DATE),
        ]
    ),
    "workload": pa.schema(
        [
            ("replication", _WHOLE), ("week", DATE), ("role", _TEXT), ("region", _TEXT), ("days_due", _NUMBER),
            ("days_worked", _NUMBER), ("days_available", _NUMBER),
        ]
    ),
    "on_site": pa.schema(
        [
            ("replication", _WHOLE), ("week", DATE), ("kind", _TEXT), ("role", _TEXT), ("region", _TEXT),
            ("inspectors", _WHOLE), ("begun_late", _WHOLE), ("due_before_start", _WHOLE),
        ]
    ),
    "measures": pa.schema(
        [("replication", _WHOLE), ("financial_year", _TEXT), ("measure", _TEXT), ("value", _NUMBER)]
    ),
}  # fmt: skip


WORDS: dict[str, tuple[str, ...]] = {
    "kind": KINDS,
    "judgement": JUDGEMENTS,
    "quality": JUDGEMENTS,
    "status": get_args(Status),
    "role": ROLES,
    "cause": get_args(Cause),
    "reason": REASONS,
}
"""The values that a column may have. ``judgement_before`` and ``judgement_after`` have the values of ``judgement``,
``seen_by`` has those of ``kind``, and ``late_because`` those of ``reason``.
"""


def of_record(record: Record, calendar: Calendar) -> dict[str, Any]:
    """Return every table of a record except the measures, as Arrow tables by name."""
    return {
        "visits": _rows("visits", VisitRow, record.visits, record.replication, calendar),
        "waits": _rows("waits", WaitRow, record.waits, record.replication, calendar),
        "assignments": _rows("assignments", AssignmentRow, record.assignments, record.replication, calendar),
        "judgements": _rows("judgements", JudgementRow, record.judgements, record.replication, calendar),
        "quality": _rows("quality", QualityRow, record.quality, record.replication, calendar),
        "declines": _rows("declines", DeclineRow, record.declines, record.replication, calendar),
        "inspectors": _rows("inspectors", CareerRow, record.careers, record.replication, calendar),
        "workload": _workload(record.workload, record.replication, calendar),
        "on_site": _on_site(record, calendar),
    }


def of_measures(values: dict[str, NDArray[np.float64]], years: Years, replication: int) -> Any:
    """Return one replication's measures as an Arrow table, with a row for each year and measure."""
    rows = len(values) * len(years.names)
    columns = [
        np.full(rows, replication, dtype=np.int32),
        [year for year in years.names for _ in values],
        list(values) * len(years.names),
        np.stack(list(values.values()), axis=1).ravel(),
    ]
    return pa.table(columns, schema=SCHEMAS["measures"])


def _rows(name: str, row_type: type[NamedTuple], rows: Sequence[Any], replication: int, calendar: Calendar) -> Any:
    schema = SCHEMAS[name]
    columns = dict(zip(row_type._fields, zip(*rows, strict=True), strict=True)) if rows else {}
    arrays = []
    for field in schema:
        if field.name == "replication":
            arrays.append(pa.array(np.full(len(rows), replication, dtype=np.int32)))
        elif field.type == DATE:
            arrays.append(_dates(columns.get(field.name, ()), calendar))
        else:
            arrays.append(pa.array(columns.get(field.name, ()), field.type))
    return pa.table(arrays, schema=schema)


def _dates(days: Sequence[float | None], calendar: Calendar) -> Any:
    start = np.datetime64(calendar.start, "D")
    missing = np.array([day is None for day in days], dtype=bool)
    numbers = np.floor([day or 0.0 for day in days]).astype(np.int64)
    return pa.array((start + numbers).astype("datetime64[ms]"), DATE, mask=missing)


def _workload(load: Workload, replication: int, calendar: Calendar) -> Any:
    weeks, roles, regions = load.due.shape
    start = np.datetime64(calendar.start, "D")
    columns = [
        np.full(load.due.size, replication, dtype=np.int32),
        pa.array(np.repeat((start + load.weeks).astype("datetime64[ms]"), roles * regions), DATE),
        list(np.tile(np.repeat(np.array(load.roles, dtype=object), regions), weeks)),
        list(np.tile(np.array(load.regions, dtype=object), weeks * roles)),
        load.due.ravel(),
        load.worked.ravel(),
        load.available.ravel(),
    ]
    return pa.table(columns, schema=SCHEMAS["workload"])


def _on_site(record: Record, calendar: Calendar) -> Any:
    """Count inspectors on site by week, kind of visit, role and region; combinations with nobody on site have no row.

    Each row also counts the inspectors whose visit began after its latest date, and those whose visit was due before
    the start (the visits that ``planning.backlog_months`` spreads).
    """
    load = record.workload
    week, visit, role, region = load.on_site.T
    kinds, of_kind = record.columns.kinds, record.columns.kind[visit]
    of_visit = [((row.fieldwork_start or 0) > row.latest, row.due < 0) for row in record.visits]
    begun_late, due_before_start = np.array(of_visit, dtype=np.int64).reshape(-1, 2)[visit].T
    shape = (len(load.weeks), len(kinds), len(load.roles), len(load.regions))
    cells, cell = np.unique(np.ravel_multi_index((week, of_kind, role, region), shape), return_inverse=True)
    week, kind, role, region = np.unravel_index(cells, shape)
    columns = [
        np.full(len(cells), record.replication, dtype=np.int32),
        pa.array((np.datetime64(calendar.start, "D") + load.weeks[week]).astype("datetime64[ms]"), DATE),
        *(
            np.array(names, dtype=object)[places]
            for names, places in ((kinds, kind), (load.roles, role), (load.regions, region))
        ),
        *(
            np.bincount(cell, weights=people, minlength=len(cells)).astype(np.int32)
            for people in (np.ones(len(cell)), begun_late, due_before_start)
        ),
    ]
    return pa.table(columns, schema=SCHEMAS["on_site"])
