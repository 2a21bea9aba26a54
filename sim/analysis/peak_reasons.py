"""Explains why a week is busy, with a reason for each of the busiest weeks from rules over the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.analysis.peaks import AFTER_CLOSED, OnSite, by_place, by_week
from sim.base.calendar import DAYS_A_WEEK
from sim.base.figures import count, share, value
from sim.inputs.framework import INSPECTIONS, KINDS, Kind

if TYPE_CHECKING:
    import pandas as pd

PART = 1 / 3
"""Least share of a week's excess over the usual week that late visits, the backlog or visits held back by a pause must
make up to count as a reason. For a kind of visit, the least share of the excess of all kinds that have one. At most
three parts that do not overlap can each be this large, so none of them is one of many small parts.
"""
AFTER_PAUSE = 13
"""Weeks after a pause that still count as resumption: a quarter. Visits caught up on later show as begun late."""
BUSY = 0.9
"""Much falls due in a week if more falls due than in this share of open weeks."""


@dataclass(frozen=True)
class Week:
    """Hold what is known about a week, as means over runs, to find its reason.

    Attributes
    ----------
    week : datetime64[D]
        Monday of the week.
    people, usual_people : float
        Inspectors on site, in this week and in the usual week.
    kinds, usual_kinds : mapping of str to float
        The same by kind of visit.
    begun_late, usual_begun_late, due_before_start, usual_due_before_start : float
        How many of them were on visits begun after their latest date, and on visits due before the start.
    place, closed_before : int
        Number of this open week after closed ones, and number of these closed weeks in a row. 0 if not known.
    people_at_place : float
        Mean inspectors on site over all usual weeks with the same number after closed ones.
    days_due, usual_days_due, busy_days_due : float
        Inspector-days falling due in it, in the median open week, and in the open week that only a tenth exceed.
    pauses : tuple of (int, tuple of str)
        Whole weeks since the end of each pause that is over, and its kinds of visit.
    """

    week: np.datetime64
    people: float
    usual_people: float
    kinds: Mapping[str, float]
    usual_kinds: Mapping[str, float]
    begun_late: float = 0.0
    usual_begun_late: float = 0.0
    due_before_start: float = 0.0
    usual_due_before_start: float = 0.0
    place: int = 0
    closed_before: int = 0
    people_at_place: float = 0.0
    days_due: float = 0.0
    usual_days_due: float = 0.0
    busy_days_due: float = 0.0
    pauses: tuple[tuple[int, tuple[str, ...]], ...] = ()

    @property
    def excess(self) -> float:
        """Return the inspectors on site in excess of the usual week."""
        return self.people - self.usual_people

    def is_part(self, people: float, usual: float) -> bool:
        """Return whether some people make up enough of the week's excess."""
        return people - usual >= PART * self.excess

    def more_of(self, kind: str) -> float:
        """Return the inspectors on visits of a kind in excess of the usual week."""
        return self.kinds[kind] - self.usual_kinds[kind]


def weeks_of(out: OnSite, places: Sequence[int]) -> list[Week]:
    """Collect what is known about some weeks, given by index in ``weeks``."""

    def told(people: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        mean = people.mean(axis=0)
        return mean, float(mean[out.usual].mean())

    people, late, backlog = (told(out.people(name)) for name in ("inspectors", "begun_late", "due_before_start"))
    kinds = {kind: told(out.people(kind=kind)) for kind in _kinds(out)}
    at_place = by_place(out, out.people())
    usual_due, busy_due = (float(each) for each in np.quantile(out.days_due[out.usual], (0.5, BUSY)))
    return [
        Week(
            week=out.weeks[place],
            people=float(people[0][place]),
            usual_people=people[1],
            kinds={kind: float(mean[place]) for kind, (mean, _) in kinds.items()},
            usual_kinds={kind: usual for kind, (_, usual) in kinds.items()},
            begun_late=float(late[0][place]),
            usual_begun_late=late[1],
            due_before_start=float(backlog[0][place]),
            usual_due_before_start=backlog[1],
            place=int(out.place[place]),
            closed_before=int(out.closed_before[place]),
            people_at_place=float(at_place[min(out.place[place], AFTER_CLOSED + 1) - 1]),
            days_due=float(out.days_due[place]),
            usual_days_due=usual_due,
            busy_days_due=busy_due,
            pauses=tuple(
                (int((out.weeks[place] - pause.last) // np.timedelta64(DAYS_A_WEEK, "D")), pause.kinds)
                for pause in out.pauses
                if pause.last < out.weeks[place]
            ),
        )
        for place in places
    ]


# ---------------------------------------------------------------- why a week is busy


def backlog(week: Week) -> str | None:
    """Find whether the backlog of the launch explains the week: visits that were due before the start."""
    if not week.is_part(week.due_before_start, week.usual_due_before_start):
        return None
    return f"{share(week.due_before_start / week.people)} of inspectors are on visits that were due before the start"


def lateness(week: Week) -> str | None:
    """Find whether late visits explain the week: visits that began after their latest date."""
    if not week.is_part(week.begun_late, week.usual_begun_late):
        return None
    return f"{share(week.begun_late / week.people)} of inspectors are on visits that began after their latest date"


def holidays(week: Week) -> str | None:
    """Find whether closed weeks held work back, so that weeks this soon after them have more people out than usual."""
    if not 1 <= week.place <= AFTER_CLOSED or not week.people_at_place > week.usual_people:
        return None
    weeks = "a closed week" if week.closed_before == 1 else f"{week.closed_before} closed weeks"
    mean = value(week.people_at_place, "")
    return f"{ORDINALS[week.place - 1]} open week after {weeks} (such a week has {mean} inspectors on average)"


ORDINALS = ("first", "second", "third")
"""A word for each of the weeks of :data:`AFTER_CLOSED`."""


def resumption(week: Week) -> str | None:
    """Find whether a pause held visits back; its kinds must be among those in excess."""
    for since, kinds in week.pauses:
        if since < AFTER_PAUSE and week.is_part(sum(week.more_of(kind) for kind in kinds), 0.0):
            return ("the week after a pause", "1 week after a pause", f"{since} weeks after a pause")[min(since, 2)]
    return None


def falling_due(week: Week) -> str | None:
    """Find whether more work falls due than in most weeks."""
    if week.days_due <= week.busy_days_due:
        return None
    return f"{count(week.days_due)} days of work fall due, against {count(week.usual_days_due)} in the median open week"


WHY: tuple[Callable[[Week], str | None], ...] = (backlog, lateness, resumption, holidays, falling_due)
"""Rules in the order of their words in a sentence; each returns its words or None."""
NO_CAUSE = "no cause stands out, so dates coincide by chance"


def _kinds(out: OnSite) -> tuple[Kind, ...]:
    """Return the kinds of visit: those of every scenario, and other kinds with somebody on site."""
    return *KINDS, *sorted(set(out.table["kind"]) - set(KINDS))


def kinds_in(week: Week) -> Iterator[str]:
    """Describe the kinds of visit that make up enough of a week's excess, largest first."""
    risen = sum(max(0.0, week.more_of(kind)) for kind in week.kinds)
    for kind in sorted(week.kinds, key=week.more_of, reverse=True):
        if week.more_of(kind) >= PART * risen:
            plural = "inspections" if kind in CALLED_INSPECTIONS else "visits"
            yield f"{value(week.more_of(kind), '')} on {kind.removesuffix('_inspection')} {plural}"


CALLED_INSPECTIONS = (*INSPECTIONS, "joint")
"""Kinds that the field calls inspections; the others are visits."""


def reason(week: Week) -> str:
    """Explain in a sentence why a week is busy: first what is in excess, then every cause that a rule finds."""
    if week.excess <= 0:
        return "No busier than the usual open week."
    causes = [words for rule in WHY if (words := rule(week)) is not None]
    more = f"{value(week.excess, '')} more than usual: {', '.join(kinds_in(week)) or 'spread over several kinds'}"
    if any(week.more_of(kind) > week.excess for kind in week.kinds):
        more += ", and fewer on others"
    return f"{more}; {'; '.join(causes) or NO_CAUSE}."


def reasons(out: OnSite, places: Sequence[int]) -> pd.DataFrame:
    """List some weeks, given by index in ``weeks``, with their figures and reasons.

    Returns
    -------
    pandas.DataFrame
        Columns financial_year, week, mean, p10, p90, max (inspectors on site), busiest_share (share of runs in which no
        week of its financial year has more), usual, begun_late, due_before_start, open_week_after_closed, closed_weeks,
        days_due, usual_days_due, more_KIND for each kind of visit, and reason.
    """
    people = out.people()
    table = by_week(out, people).iloc[list(places)].reset_index(drop=True)
    table.insert(0, "financial_year", out.years[list(places)])
    table["busiest_share"] = [
        float((people[:, place] >= people[:, out.years == out.years[place]].max(axis=1)).mean()) for place in places
    ]
    told = weeks_of(out, places)
    table["usual"] = [week.usual_people for week in told]
    table["begun_late"] = [week.begun_late for week in told]
    table["due_before_start"] = [week.due_before_start for week in told]
    table["open_week_after_closed"] = [week.place for week in told]
    table["closed_weeks"] = [week.closed_before for week in told]
    table["days_due"] = [week.days_due for week in told]
    table["usual_days_due"] = [week.usual_days_due for week in told]
    more = {f"more_{kind}": [week.more_of(kind) for week in told] for kind in _kinds(out)}
    return table.assign(**more, reason=[reason(week) for week in told])
