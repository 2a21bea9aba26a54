"""How a week is chosen for each visit: the policies of ``planning.programme``."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from sim.base.calendar import DAYS_A_WEEK, Calendar
from sim.inputs.framework import INSPECTIONS, Kind, VisitRules
from sim.inputs.planning_rules import PlanningRules
from sim.inputs.windows import Window
from sim.world.entities import AuthorityState, Visit
from sim.world.weeks_ahead import Supply, WeeksAhead


@dataclass(eq=False, slots=True)
class Request:
    """A visit for which a week is to be chosen.

    Attributes
    ----------
    authority : AuthorityState
        Whom it is for.
    kind : str
        Its kind.
    rules : VisitRules
        Its rules.
    window : Window
        When it may begin.
    earliest : int
        First Monday on which it can begin, since notice has to be given.
    u : float
        Uniform draw on [0, 1) of its own.
    """

    authority: AuthorityState
    kind: Kind
    rules: VisitRules
    window: Window
    earliest: int
    u: float


class Drawn:
    """Each visit is planned for a Monday of its stretch, each as likely as another, whatever else is planned.

    Parameters
    ----------
    calendar : Calendar
        The working calendar.
    """

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar

    def monday(self, request: Request) -> int:
        """Monday for which a visit is planned."""
        return request.window.planned_monday(self._calendar, request.rules.weeks_on_site, request.earliest, request.u)

    def book(self, visit: Visit, monday: int) -> None:
        """Know that a visit is planned for a Monday, or begins on it: nothing hangs on that."""

    def again(self, visit: Visit, earliest: int) -> int | None:
        """Other Monday for a visit that found no team; none, as it goes on waiting for one."""


class Levelled:
    """A rolling programme: when a window comes into sight, the visit is planned for the week with most to spare.

    Parameters
    ----------
    rules : PlanningRules
        How visits are planned.
    supply : Supply
        What people can give.
    calendar : Calendar
        The working calendar.
    """

    def __init__(self, rules: PlanningRules, supply: Supply, calendar: Calendar) -> None:
        self._margin = DAYS_A_WEEK * rules.margin_weeks
        self._either_way = DAYS_A_WEEK * rules.monitoring_weeks
        self._calendar = calendar
        self._ahead = WeeksAhead(supply, rules.most_inspections)

    def monday(self, request: Request) -> int:
        """Monday for which a visit is planned."""
        authority, kind, rules, window = request.authority, request.kind, request.rules, request.window
        mondays = self.mondays(kind, rules, window, request.earliest)
        if len(mondays) == 1:
            return mondays[0]
        need = self._ahead.supply.need(kind, rules, authority.size, authority.region)
        return self._ahead.level_monday(mondays, window.due, need)

    def mondays(self, kind: Kind, rules: VisitRules, window: Window, earliest: int) -> list[int]:
        """Mondays for which a visit may be planned, ascending.

        They are those of its stretch; of an inspection without the last weeks before it is late, if others are left. A
        monitoring visit may give way by a few weeks either side of its due date, inside its window.
        """
        if kind == "monitoring":
            first, last = window.due - self._either_way, window.planned[1] + self._either_way
            window = Window(window.opens, window.due, window.latest, (max(window.opens, first), last), window.backlog)
        possible = window.mondays(self._calendar, rules.weeks_on_site, earliest)
        if kind not in INSPECTIONS:
            return possible
        return possible[: max(1, bisect_right(possible, window.latest - self._margin))]

    def book(self, visit: Visit, monday: int) -> None:
        """Know that a visit is planned for a Monday, or begins on it; meetings are too short to be counted."""
        if visit.kind == "engagement":
            return
        if visit.booking is not None:
            if visit.booking.monday == monday:
                return
            visit.booking.release()
        authority = visit.authority
        need = self._ahead.supply.need(visit.kind, visit.rules, authority.size, authority.region)
        visit.booking = self._ahead.book(need, monday)

    def again(self, visit: Visit, earliest: int) -> int | None:
        """Other Monday for a visit that found no team; none, as it goes on waiting for one."""
