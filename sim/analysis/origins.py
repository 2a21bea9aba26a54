"""Rebuilds the position of history on a day: what had been published, and what was to come from outside."""

from __future__ import annotations

import datetime

from sim.analysis.calibration import BASE, HAPPENED, TIMETABLE
from sim.base.faults import Argument, Fault, InputError
from sim.inputs.history import History
from sim.inputs.scenario import Scenario, load
from sim.inputs.shocks import reorganisations

ORIGINS = tuple(datetime.date(year, 4, 1) for year in range(2015, 2020))
"""Yearly origins: from the first with a whole year of inspections before it, to the last a year before the pandemic."""
YEARS = 2
"""Number of years that each forecast covers."""
LIKE = "launch_as_known"
"""Scenario whose numbers rest on nothing counted after January 2018."""
STANDS_IN = "requires_improvement"
"""Judgement of a row that stands in for a judgement nobody has, as in the table of November 2013."""
A_DAY = datetime.timedelta(days=1)


def scenario_on(day: datetime.date, history: History) -> Scenario:
    """Build the programme as it stood on a day, for two years ahead.

    An authority has the last judgement published before the day. If its inspection has begun but the report is not out,
    it counts as inspected and keeps its earlier judgement. An authority without a judgement gets a stand-in.
    Frameworks, pauses and reorganisations are those that really came.

    Parameters
    ----------
    day : datetime.date
        The origin.
    history : History
        Inspections. Reports published on the day or later are not used.

    Raises
    ------
    InputError
        If authorities were reorganised before the day, because the table has the earlier authorities.
    """
    first = reorganisations(load(HAPPENED).shocks)[0][1].begins_on
    if day > first:
        words = f"authorities were reorganised on {first}, and the table has the earlier ones; choose a day up to then"
        raise InputError([Fault(Argument("origins"), "", day, words)])
    rows, never = [], []
    filled = {row.authority: row for row in load(LIKE).authorities if row.note}
    for row in load(BASE).authorities:
        ones = history.of_authority.get(row.authority, ())
        known = [one for one in ones if one.published < day]
        begun = [one for one in ones if one.began is not None and one.began < day]
        changed: dict[str, object] = {"judgement": STANDS_IN, "note": ""}
        if known:
            changed["judgement"] = known[-1].judgement
        elif row.authority in filled and filled[row.authority].inspected_on < day:
            changed |= filled[row.authority].model_dump(include={"judgement", "inspected_on", "note"})
        else:
            never.append(row.authority)
        if begun:
            changed["inspected_on"] = min(begun[-1].inspected_on, day)
        rows.append(row.model_copy(update=changed))
    single = load(BASE)
    changes: dict[str, object] = {
        f"frameworks.{name}.pathways.{judgement}.interval_months": rules.pathways[judgement].interval_months
        for name, rules in single.frameworks.items()
        for judgement in rules.pathways
    }
    changes |= {
        "name": f"origin_{day}", "start": day, "years": YEARS, "framework": list(TIMETABLE),
        "authorities": tuple(rows), "shocks": _shocks_from(day), "position.without_judgement": tuple(never),
    }  # fmt: skip
    return load(LIKE, changes)


def _shocks_from(day: datetime.date) -> dict[str, dict[str, object]]:
    """List what comes from outside; a reorganisation on the origin itself moves to the next day."""
    found = {name: shock.model_dump(exclude_none=True) for name, shock in load(HAPPENED).shocks.items()}
    for name, shock in reorganisations(load(HAPPENED).shocks):
        if shock.begins_on == day:
            found[name]["begins_on"] = day + A_DAY
    return found
