"""The offered load beside what was simulated: a check, by another way, that both tell the same story."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.capacity import Found
from sim.figures import aligned, count, share
from sim.measures import UNITS
from sim.offered_load import OfferedLoad, offered_load
from sim.outcomes import NAMES
from sim.staffing import days_of_a_person
from sim.statistics import mean_of
from sim.steady_cycle import steady_cycle

if TYPE_CHECKING:
    import pandas as pd

DUE, WORKED, AVAILABLE = "inspector_days_due", "inspector_days_worked", "inspector_days_available"


@dataclass(frozen=True)
class Beside:
    """Offered load and simulated load of one search.

    Attributes
    ----------
    level : int
        Head-count whose runs are shown: the answer, or the one with most runs if there is none.
    table : pandas.DataFrame
        A row for each financial year: ``closed_form``, the inspector-days expected to fall due if no visit waits;
        ``due``, ``due_low``, ``due_high`` and ``worked``, simulated with that head-count, with the 95% interval of the
        mean; ``closed_form_of_role``, that of the role looked for.
    people : float or None
        People of the role whom its offered load would keep busy all the time, mean of the years that count; None of
        one region's people, for whom there is no load of their own.
    cycle : float
        Inspector-days of a year by the back of an envelope, see :mod:`sim.steady_cycle`.
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

    meets = found.bracket.meets
    level = max(found.runs, key=lambda each: len(found.numbers[each])) if meets is None else meets
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
    people = float(counted.mean() / days) if everywhere else None
    return Beside(level, table, people, float(steady_cycle(found.scenario)["days_a_year"].sum()), load)


def sentences(told: Beside, found: Found) -> list[str]:
    """What the two figures say of each other."""
    years = told.table[told.table["financial_year"].isin(found.counted)]
    closed, due, worked = (float(years[column].mean()) for column in ("closed_form", "due", "worked"))
    words = [
        f"Offered load, worked out without a simulation: {count(closed)} inspector-days fall due in a year if no visit "
        f"ever waits for people; with {told.level} people {count(due)} are simulated to "
        f"({100 * (due / closed - 1):+.1f}%). What of that is beyond chance is queueing: a visit that begins "
        f"late moves all that follows from it. Worked are {count(worked)}: travel between regions comes on top, "
        f"and some of what is due in one year is done in another. The back of an envelope (authorities x days of "
        f"a visit / interval) gives {count(told.cycle)}; the calendar, the position at the start and changing "
        f"judgements make the difference to the offered load."
    ]
    if told.people is not None and told.level:
        words.append(
            f"That load would keep {told.people:.1f} {found.lever.unit} busy all the time, "
            f"{share(told.people / told.level)} of {told.level}. The others are there because teams cannot be "
            f"divided and work does not come evenly: whole teams of a lead and others are wanted in the same "
            f"weeks, outside closed weeks and leave, rested, and not the last lead again."
        )
    if told.load.leaves_out:
        words.append(f"Left out of the offered load: {' '.join(told.load.leaves_out)}")
    return words


def shown(told: Beside) -> str:
    """The table as text."""
    head = ["offered load", "closed form", "simulated due (95% interval)", "difference", "worked"]
    rows = [
        [
            str(row["financial_year"]),
            count(row["closed_form"]),
            f"{count(row['due'])} ({count(row['due_low'])} to {count(row['due_high'])})"
            if row["due_low"] == row["due_low"]
            else count(row["due"]),
            f"{100 * (row['due'] / row['closed_form'] - 1):+.1f}%" if row["closed_form"] else "-",
            count(row["worked"]),
        ]
        for row in told.table.to_dict("records")
    ]
    return f"{UNITS[DUE]} of each financial year, {told.level} people:\n" + aligned([head, *rows], words=1)
