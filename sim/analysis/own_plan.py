"""Judges a user's own plan by its runs: each row, each week, and which weeks would be better."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median_low
from typing import TYPE_CHECKING, Any

from sim.analysis.expected_programme import MIDDLE, Programme, expected_programme, latest_of_overdue
from sim.base.calendar import Calendar
from sim.base.faults import unless_wrong
from sim.inputs.scenario import Scenario
from sim.inputs.visit_plan import KEY, PlannedVisit
from sim.inputs.windows import Window
from sim.statistics.intervals import CONFIDENCE, binomial_interval
from sim.world.policies import Request

if TYPE_CHECKING:
    import pandas as pd

HOLDS = 0.8
"""A week holds if its visit begins in it in at least this share of runs."""
SELDOM_LATE = 0.1
"""A visit breaks if it is late in more than this share of runs."""
SELDOM_DUE = 0.5
"""If a visit falls due in less than this share of runs, its row is better left out."""
MOST_ROUNDS = 10
"""Rounds over the rows in which better weeks are chosen; the weeks usually settle in three or four."""
MOST_PLANS = 5
"""Number of plans with better weeks that are made; the weeks usually stay the same from the second on."""
KEPT_FROM_IT = ("opens_later", "gone", "given_up")
"""Fates of a row that by themselves explain why its visit did not begin in its week."""
FEWEST = 10
"""A row is judged if its visit falls due in at least this many runs."""


@dataclass(frozen=True)
class RowFound:
    """Hold what runs show about one row of the plan; shares refer to the runs in which such a visit fell due.

    Attributes
    ----------
    number : int
        Position in the plan, from 1.
    planned : PlannedVisit
        The row.
    runs, due : int
        Number of runs, and of those in which such a visit fell due.
    in_week, late : int
        Number of runs in which it began in its week, and in which it was late.
    fates, because : mapping of str to int
        Number of runs by what became of the row, and by what it waited for.
    led, to_be_led : int
        Number of runs in which the named lead led it, and in which it began and had a named lead.
    not_led_because : mapping of str to int
        Number of runs by why somebody else led it.
    window : tuple of int or None
        Opening day, due date and latest date, as medians of the runs in which it fell due.
    """

    number: int
    planned: PlannedVisit
    runs: int
    due: int
    in_week: int
    late: int
    fates: Mapping[str, int]
    because: Mapping[str, int]
    led: int
    to_be_led: int
    not_led_because: Mapping[str, int]
    window: tuple[int, int, int] | None

    @property
    def share_in_week(self) -> float:
        """Return the share that begins in its week."""
        return self.in_week / self.due if self.due else float("nan")

    @property
    def share_late(self) -> float:
        """Return the share that is late."""
        return self.late / self.due if self.due else float("nan")

    @property
    def overdue(self) -> bool:
        """Return whether the visit is usually overdue before the run begins, so that it is late in any week."""
        return self.window is not None and self.window[2] < 0

    @property
    def breaks(self) -> bool:
        """Return whether the week does not hold, or the visit is late too often without having been overdue at the
        start.
        """
        late = self.share_late > SELDOM_LATE and not self.overdue
        return self.due >= FEWEST and (self.share_in_week < HOLDS or late)

    @property
    def seldom_due(self) -> bool:
        """Return whether such a visit seldom falls due."""
        return self.due < SELDOM_DUE * self.runs

    @property
    def missed(self) -> Counter[str]:
        """Count the runs in which it did not begin in its week, by what prevented it."""
        return Counter(self.because) + Counter({fate: self.fates.get(fate, 0) for fate in KEPT_FROM_IT})

    @property
    def main_reason(self) -> str | None:
        """Return what most often kept it from its week; None if nothing did."""
        return next((reason for reason, _ in self.missed.most_common(1)), None)


def rows_found(plan: Sequence[PlannedVisit], table: pd.DataFrame, runs: int) -> list[RowFound]:
    """Judge each row by the runs.

    Parameters
    ----------
    plan : sequence of PlannedVisit
        The plan.
    table : pandas.DataFrame
        Rows of all runs, see :data:`sim.runs.plan_runs.SCHEMAS`.
    runs : int
        Number of runs that raised no error.
    """
    groups: dict[Any, pd.DataFrame] = dict(list(table.groupby("row")))
    return [_found(number, planned, groups.get(number), runs) for number, planned in enumerate(plan)]


def _found(number: int, planned: PlannedVisit, rows: pd.DataFrame | None, runs: int) -> RowFound:
    if rows is None:
        return RowFound(number + 1, planned, runs, 0, 0, 0, {}, {}, 0, 0, {}, None)
    due = rows[rows["fate"] != "not_asked"]
    led = due["led"].dropna()
    window = tuple(int(median_low(due[name])) for name in ("opens", "due", "latest")) if len(due) else None
    return RowFound(
        number + 1,
        planned,
        runs,
        len(due),
        int((due["fate"] == "in_its_week").sum()),
        int(due["late"].sum()),
        Counter(rows["fate"]),
        Counter(due["because"].dropna()),
        int(led.astype(bool).sum()),
        len(led),
        Counter(due["not_led_because"].dropna()),
        window,  # type: ignore[arg-type]  # three of them
    )


def frame_of(found: Sequence[RowFound], calendar: Calendar, better: Mapping[int, datetime.date]) -> pd.DataFrame:
    """Write every row with its figures, as kept beside the answer, with 95% intervals of the shares."""
    import pandas as pd

    rows = []
    for each in found:
        planned = each.planned
        week_low, week_high = binomial_interval(each.in_week, each.due, CONFIDENCE)
        late_low, late_high = binomial_interval(each.late, each.due, CONFIDENCE)
        opens, _, latest = (None,) * 3 if each.window is None else map(calendar.date, each.window)
        rows.append(
            {
                "row": each.number, "authority": planned.authority, "kind": planned.kind, "week": planned.week,
                "lead": planned.lead or "", "runs": each.runs, "falls_due": each.due, "in_its_week": each.share_in_week,
                "in_its_week_low": week_low, "in_its_week_high": week_high, "late": each.share_late,
                "late_low": late_low, "late_high": late_high, "mostly_because": each.main_reason or "",
                "led_as_named": each.led / each.to_be_led if each.to_be_led else None,
                "mostly_not_led_because": max(each.not_led_because, key=lambda why: each.not_led_because[why],
                                              default=""),
                "opens": opens, "latest": latest, "better_week": better.get(each.number - 1),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def weeks_found(found: Sequence[RowFound]) -> pd.DataFrame:
    """Count the visits that begin in each planned week in the mean run, and what prevents the others.

    Returns
    -------
    pandas.DataFrame
        ``week``, ``visits`` (rows that fall due, mean of the runs), ``kept`` (how many of these began in the week),
        ``mostly_because`` (what most often kept the others from the week, by runs).
    """
    import pandas as pd

    rows = []
    for week in sorted({each.planned.week for each in found}):
        own = [each for each in found if each.planned.week == week]
        missed: Counter[str] = Counter()
        for each in own:
            missed.update(each.missed)
        runs = max(each.runs for each in own) or 1
        top = [reason for reason, _ in missed.most_common(1)]
        due, kept = sum(each.due for each in own) / runs, sum(each.in_week for each in own) / runs
        rows.append({"week": week, "visits": due, "kept": kept, "mostly_because": top[0] if top else ""})
    return pd.DataFrame(rows)


def better_weeks(scenario: Scenario, programme: Programme, found: Sequence[RowFound]) -> dict[int, datetime.date]:
    """Choose, for rows that break, the weeks that the levelled rule would take instead, by row number from 0.

    The better weeks belong together: once all are adopted, the rule would choose the same weeks again. Visits without a
    row give way to those that move. So the programme is planned again and weeks are chosen again, until no row moves. A
    row that still moves in the last of :data:`MOST_PLANS` plans has no better week.

    The window of a visit is the one that it has in most runs. A row has no better week if the scenario would refuse the
    plan with it, for example because of two visits on site at once, or a lead who joins later.
    """
    rows = list(found)
    for _ in range(MOST_PLANS):
        weeks = _settled(scenario, programme, rows)
        if not weeks:
            break
        rows = [replace(each, planned=_moved(each.planned, weeks.get(place))) for place, each in enumerate(rows)]
        scenario = scenario.with_changes({KEY: tuple(each.planned for each in rows)})
        programme = expected_programme(scenario)
    else:
        without = [found[place] if place in weeks else each for place, each in enumerate(rows)]
        rows = without if _accepted(scenario, [each.planned for each in without]) else rows
    chosen = {place: each.planned.week for place, each in enumerate(rows)}
    return {place: week for place, week in chosen.items() if week != found[place].planned.week}


def _moved(row: PlannedVisit, week: datetime.date | None) -> PlannedVisit:
    """Return a row in another week, if there is one."""
    return row if week is None else row.model_copy(update={"week": week})


def _settled(scenario: Scenario, programme: Programme, found: Sequence[RowFound]) -> dict[int, datetime.date]:
    """Choose the weeks of rows that break, while visits without a row stay where they are planned.

    The week of each row is chosen while every other row is at its better week. Rounds over the rows continue until none
    moves. A row keeps its week if it still moves after :data:`MOST_ROUNDS` rounds, or comes back to where it was
    planned.
    """
    plan = list(scenario.planning.plan or ())
    ordered = sorted(found, key=lambda each: each.share_in_week if each.due else 1.0)
    movable = [each for each in ordered if each.breaks and not each.seldom_due and each.window is not None
               and programme.rows[each.number - 1].visit is not None]  # fmt: skip
    better: dict[int, datetime.date] = {}
    for number in range(2 * MOST_ROUNDS + len(movable)):
        moved = False
        for each in movable if number < MOST_ROUNDS else [row for row in movable if row.number - 1 in better]:
            place, old = each.number - 1, each.planned.week
            week = _chosen(programme, each, better.get(place, old))
            if week == better.get(place, old):
                continue
            if number >= MOST_ROUNDS:  # it never settles
                week = old
            changed = [*plan]
            changed[place] = _moved(each.planned, week)
            if _accepted(scenario, changed):
                plan, moved = changed, True
                better = {**better, place: week}
                _book(programme, each, week)
                if week == old:
                    del better[place]
        if not moved:
            break
    return better


def _accepted(scenario: Scenario, plan: Sequence[PlannedVisit]) -> bool:
    """Return whether a scenario accepts a plan."""
    return unless_wrong([], lambda: scenario.with_changes({KEY: tuple(plan)})) is not None


def _chosen(programme: Programme, each: RowFound, week: datetime.date) -> datetime.date:
    """Choose the week of a row by the levelled rule, with everything else as planned; the row stays where it was."""
    visit, calendar = programme.rows[each.number - 1].visit, programme.context.calendar
    assert visit is not None and each.window is not None
    opens, due, latest = each.window
    earliest = max(opens, visit.rules.earliest_monday(0, calendar))
    if latest < earliest:  # overdue from the start, and not to be put off for so long that a later visit takes the row
        latest = latest_of_overdue(visit.window, earliest)
    before = calendar.day(week) if visit.booking is None else visit.booking.monday
    if visit.booking is not None:
        visit.booking.release()
        visit.booking = None
    stretch = Window(opens, due, latest, (earliest, latest))
    monday = programme.levelled.monday(
        Request(visit.authority, visit.of_kind, visit.rules, stretch, earliest, MIDDLE, 0)
    )
    programme.levelled.book(visit, before)
    return calendar.date(monday)


def _book(programme: Programme, each: RowFound, week: datetime.date) -> None:
    """Book the visit of a row for a week."""
    visit = programme.rows[each.number - 1].visit
    assert visit is not None
    programme.levelled.book(visit, programme.context.calendar.day(week))
