"""Writes a programme as a table that can be read again as a user's own plan, and as people on site by week."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sim.analysis.expected_programme import Programme
from sim.base.calendar import DAYS_A_WEEK
from sim.inputs.framework import Size, VisitRules
from sim.inputs.scenario import Scenario
from sim.inputs.shocks import reorganisations
from sim.inputs.visit_plan import PlannedVisit
from sim.world.entities import Visit

if TYPE_CHECKING:
    import pandas as pd

HEAD = ("authority", "kind", "week", "lead")
"""Columns that are read again."""
BESIDE = ("region", "window_opens", "due", "latest")
"""Columns for readers of the table; the program does not read them again."""


def planned_until(programme: Programme, last: datetime.date) -> list[Visit]:
    """Return the visits of a programme planned for a day or earlier, in the order of their weeks."""
    day = programme.context.calendar.day(last)
    found = [visit for visit in programme.visits if visit.planned <= day]
    return sorted(found, key=lambda visit: (visit.planned, visit.authority.name, visit.kind))


def table_of(visits: Sequence[Visit], programme: Programme) -> pd.DataFrame:
    """Return the rows of a plan, with the windows beside them."""
    import pandas as pd

    date = programme.context.calendar.date
    rows = [
        (
            visit.authority.name,
            visit.kind,
            date(visit.planned),
            visit.lead_wanted or "",
            visit.authority.region,
            date(visit.window.opens),
            date(visit.window.due),
            date(visit.window.latest),
        )
        for visit in visits
    ]
    return pd.DataFrame(rows, columns=[*HEAD, *BESIDE])


def table_of_rows(plan: Iterable[PlannedVisit]) -> pd.DataFrame:
    """Return the rows of a plan as they are."""
    import pandas as pd

    rows = [(row.authority, row.kind, row.week, row.lead or "") for row in plan]
    return pd.DataFrame(rows, columns=list(HEAD))


def on_site(visits: Iterable[Held], programme: Programme) -> pd.DataFrame:
    """Count inspectors on site in each week if every visit takes place as planned: ``week``, ``inspectors``."""
    import pandas as pd

    people: Counter[int] = Counter()
    for visit in visits:
        for seat, _ in visit.rules.seats:
            for week, days in enumerate(seat.on_site_days):
                if days:
                    people[visit.monday + DAYS_A_WEEK * week] += seat.people[visit.size]
    date = programme.context.calendar.date
    weeks = sorted(week for week, count in people.items() if count)
    return pd.DataFrame(
        {"week": pd.to_datetime([date(week) for week in weeks]), "inspectors": [people[week] for week in weeks]}
    )


class Held(NamedTuple):
    """Describe a visit that takes place: its rules, the size of the authority, and the first day of its week."""

    rules: VisitRules
    size: Size
    monday: int


def held(visits: Iterable[Visit]) -> list[Held]:
    """Return visits as they are planned."""
    return [Held(visit.rules, visit.authority.size, visit.planned) for visit in visits]


def held_by_plan(scenario: Scenario, programme: Programme, last: datetime.date) -> list[Held]:
    """Return every row of a scenario's plan in its week, with the foreseeable visits up to a day that have no row.

    A row counts even if no foreseeable visit takes it, such as an engagement meeting or an inspection after the next
    one. A visit that had to pass a row over does not count as well.
    """
    calendar, known = programme.context.calendar, scenario.known_to_a_plan()
    sizes = {row.authority: row.size for row in scenario.authorities}
    sizes |= {new.authority: new.size for _, shock in reorganisations(scenario.shocks) for new in shock.created}
    met = {taken.visit for taken in programme.rows if taken.visit is not None}
    others = [visit for visit in planned_until(programme, last) if visit not in met]
    kinds = {taken.row.number: taken.visit.rules for taken in programme.rows
             if taken.visit is not None and taken.passed_over is None}  # fmt: skip
    own = [
        Held(rules, sizes[row.authority], calendar.day(row.week))
        for number, row in enumerate(scenario.planning.plan or ())
        if (rules := kinds.get(number) or known.rules_of(row)) is not None
    ]
    return [*own, *held(others)]
