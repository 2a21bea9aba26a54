"""The offered load beside what was simulated: a check, by another way, that both tell the same story."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.analysis.capacity import Found
from sim.analysis.offered_load import OfferedLoad, offered_load
from sim.analysis.staffing import days_of_a_person
from sim.analysis.steady_cycle import steady_cycle
from sim.base.figures import aligned, count, people_of, share
from sim.runs.measures import UNITS
from sim.runs.outcomes import NAMES
from sim.statistics.intervals import mean_of
from sim.studies.capacity_answer import level_shown

if TYPE_CHECKING:
    import pandas as pd

DUE, WORKED, AVAILABLE = "inspector_days_due", "inspector_days_worked", "inspector_days_available"


@dataclass(frozen=True)
class Beside:
    """Offered load and simulated load of one search.

    Attributes
    ----------
    level : int
        Head-count whose runs are shown: the answer, or the best found.
    table : pandas.DataFrame
        A row for each financial year: ``closed_form``, the inspector-days expected to fall due if no visit waits;
        ``due``, ``due_low``, ``due_high`` and ``worked``, simulated with that head-count, with the 95% interval of the
        mean; ``closed_form_of_role``, that of the role looked for.
    people : float or None
        People of the role whom its offered load would keep busy all the time, mean of the years that count; None of
        one region's people, for whom there is no load of their own.
    cycle : float
        Inspector-days of a year by the back of an envelope, see :mod:`sim.analysis.steady_cycle`.
    load : OfferedLoad
        All of it, by kind of visit and role.
    """

    level: int
    table: pd.DataFrame
    people: float | None
    cycle: float
    load: OfferedLoad


def beside(found: Found) -> Beside:
    """Offered load of a search's scenario beside the runs of its answer."""
    import pandas as pd

    level = level_shown(found)
    load = offered_load(found.scenario)
    by_year = load.days.groupby("financial_year")["days"].sum()
    of_role = load.days[load.days["role"] == found.lever.role].groupby("financial_year")["days"].sum()
    rows = []
    for place, year in enumerate(found.years):
        due, worked = (mean_of(found.runs[level][:, place, NAMES.index(measure)]) for measure in (DUE, WORKED))
        rows.append((year, by_year.get(year, 0.0), due.mean, *due.interval(), worked.mean, of_role.get(year, 0.0)))
    columns = ["financial_year", "closed_form", "due", "due_low", "due_high", "worked", "closed_form_of_role"]
    table = pd.DataFrame(rows, columns=columns)
    counted = table.loc[table["financial_year"].isin(found.counted), "closed_form_of_role"]
    everywhere = found.lever.region is None
    days = days_of_a_person(found.scenario, found.lever.role, found.counted)
    people = float(counted.mean() / days) if everywhere and days else None
    return Beside(level, table, people, float(steady_cycle(found.scenario)["days_a_year"].sum()), load)


def sentences(told: Beside, found: Found) -> list[str]:
    """What the two figures say of each other."""
    years = told.table[told.table["financial_year"].isin(found.counted)]
    offered, due, worked = (float(years[column].mean()) for column in ("closed_form", "due", "worked"))
    with_these = f"{told.level} {found.lever.unit}{found.beside}"
    words = [
        f"Offered load, worked out without a simulation: {count(offered)} inspector-days of all roles fall due in a "
        f"year if no visit ever waits for people; with {with_these} {count(due)} are simulated to"
        f"{_in_percent(due, offered)}. What of that is beyond chance is queueing: a visit that begins late moves all "
        f"that follows from it. Worked are {count(worked)}: with the travel between regions, without what is left "
        f"undone, and some of it in another year than it was due in. The back of an envelope (authorities x days of a "
        f"visit / interval) gives {count(told.cycle)}; the calendar, the position at the start and changing judgements "
        "make the difference to the offered load."
    ]
    if told.people is not None and told.level:
        of_role = float(years["closed_form_of_role"].mean())
        words.append(
            f"Of that load {count(of_role)} inspector-days are for {people_of(found.lever.role)}, and would keep "
            f"{told.people:.1f} of them busy all the time, {share(told.people / told.level)} of {told.level}. The "
            "others are there because teams cannot be divided and work does not come evenly: whole teams of a lead and "
            "others are wanted in the same weeks, outside closed weeks and leave, rested, and not the last lead again."
        )
    if told.load.leaves_out:
        words.append(f"Left out of the offered load: {' '.join(told.load.leaves_out)}")
    return words


def _in_percent(simulated: float, offered: float) -> str:
    return f" ({100 * (simulated / offered - 1):+.1f}%)" if offered else ""


def shown(told: Beside, found: Found) -> str:
    """The table as text."""
    head = ["financial year", "offered load", "simulated due (95% interval)", "difference", "worked"]
    rows = [
        [
            str(row["financial_year"]),
            count(row["closed_form"]),
            f"{count(row['due'])} ({count(row['due_low'])} to {count(row['due_high'])})"
            if row["due_low"] == row["due_low"]
            else count(row["due"]),
            _in_percent(row["due"], row["closed_form"]).strip(" ()") or "-",
            count(row["worked"]),
        ]
        for row in told.table.to_dict("records")
    ]
    return f"{UNITS[DUE]} of all roles, with {told.level} {found.lever.unit}{found.beside}:\n" + aligned(
        [head, *rows], words=1
    )
