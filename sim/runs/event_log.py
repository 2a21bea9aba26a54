"""Turns the visits of one run into a log of events, in the columns that the package vidigi animates."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

ENDS, QUEUE, USE, USE_ENDS = "arrival_departure", "queue", "resource_use", "resource_use_end"
"""Types of event that vidigi knows."""
COLUMNS = (
    "run_number", "entity_id", "pathway", "event_type", "event", "time", "resource_id", "authority", "region", "lead",
)  # fmt: skip


def event_log(visits: pd.DataFrame, start: datetime.date, last_day: datetime.date) -> pd.DataFrame:
    """Return the log of the events of visits.

    Parameters
    ----------
    visits : pandas.DataFrame
        Rows of ``visits.parquet`` from one replication.
    start, last_day : datetime.date
        First and last day simulated. The log counts days from the first.

    Returns
    -------
    pandas.DataFrame
        A log as described at :meth:`sim.runs.results.Results.event_log`.
    """
    import pandas as pd

    visits = visits[visits["status"] != "cancelled"]  # no table records the day of cancellation
    opens, latest, notified, begins, last_on_site, published = (
        (visits[name] - pd.Timestamp(start)).dt.days
        for name in ("opens", "latest", "notified", "fieldwork_start", "fieldwork_end", "published")
    )
    arrives = pd.concat([opens, notified], axis="columns").min(axis="columns").clip(lower=0)
    late = (latest + 1).clip(lower=0).where(notified.isna() | (notified > latest))
    ends = last_on_site + 1
    steps = (
        (ENDS, "arrival", arrives),
        (QUEUE, "in_window", arrives),
        (QUEUE, "late", late),
        (QUEUE, "team_named", notified),
        (USE, "on_site", begins),
        (USE_ENDS, "off_site", ends),
        (QUEUE, "report", ends),
        (ENDS, "depart", published.where(published.isna() | (published > ends), ends)),
    )
    common = visits.rename(columns={"replication": "run_number", "visit": "entity_id", "kind": "pathway"})
    log = pd.concat([common.assign(event_type=kind, event=name, time=day) for kind, name, day in steps])
    log = log[log["time"] <= (last_day - start).days].sort_values(["time", "entity_id"], kind="stable")
    leads = {lead: number for number, lead in enumerate(sorted(visits["lead"].dropna().unique()), start=1)}
    of_lead = log["lead"].map(leads).where(log["event_type"].isin([USE, USE_ENDS]))
    log = log.assign(time=log["time"].astype("int64"), resource_id=of_lead.astype("Int64"))
    return log[list(COLUMNS)].reset_index(drop=True)
