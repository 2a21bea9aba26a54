"""Chooses a week for each visit, by the policies of ``planning.programme``."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from sim.base.calendar import DAYS_A_WEEK, Calendar
from sim.inputs.framework import Kind, KindOfVisit, VisitRules
from sim.inputs.planning_rules import PlanningRules
from sim.inputs.shocks import Disturbances
from sim.inputs.windows import Window
from sim.world.entities import AuthorityState, Visit
from sim.world.weeks_ahead import INSPECTED, Expected, Need, WeeksAhead


@dataclass(eq=False, slots=True)
class Request:
    """Describe a visit that needs a week.

    Attributes
    ----------
    authority : AuthorityState
        Authority to visit.
    kind : KindOfVisit
        Kind of visit.
    rules : VisitRules
        Rules of the visit.
    window : Window
        When it may begin.
    earliest : int
        First Monday on which it can begin, given the notice period.
    u : float
        Uniform draw on [0, 1) for this visit.
    today : int
        Day of the request.
    virtual : bool
        Whether it is by video, so that it may begin during a pause.
    """

    authority: AuthorityState
    kind: KindOfVisit
    rules: VisitRules
    window: Window
    earliest: int
    u: float
    today: int
    virtual: bool = False


class Drawn:
    """Draw a Monday for each visit from the stretch in which it is planned, whatever else is planned.

    Each Monday is equally likely.

    Parameters
    ----------
    calendar : Calendar
        Working calendar.
    """

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar

    def monday(self, request: Request) -> int:
        """Choose the Monday for which a visit is planned."""
        return request.window.planned_monday(self._calendar, request.rules.weeks_on_site, request.earliest, request.u)

    def book(self, visit: Visit, monday: int) -> None:
        """Do nothing: a drawn programme keeps no record of weeks."""

    def again(self, visit: Visit, earliest: int, today: int) -> int | None:
        """Return None: a visit that found no team waits for the next Monday."""

    def wait(self, visits: Sequence[Visit], following: Sequence[int]) -> None:
        """Do nothing: a drawn programme keeps no record of weeks."""


class Levelled:
    """Plan each visit for the least busy week as soon as its window is known, in a rolling programme.

    Parameters
    ----------
    rules : PlanningRules
        How visits are planned.
    ahead : WeeksAhead
        What is planned, and the time that people are expected to have.
    calendar : Calendar
        Working calendar.
    shocks : Disturbances
        Shocks of the scenario.
    known : sequence of Expected
        What becomes known about posts during the run, the newest last.
    """

    def __init__(
        self,
        rules: PlanningRules,
        ahead: WeeksAhead,
        calendar: Calendar,
        shocks: Disturbances,
        known: Sequence[Expected] = (),
    ) -> None:
        self._margin = DAYS_A_WEEK * rules.margin_weeks
        self._either_way = DAYS_A_WEEK * rules.monitoring_weeks
        self._calendar = calendar
        self._ahead = ahead
        self._shocks = shocks
        self._known, self._heard = known, 0

    def monday(self, request: Request) -> int:
        """Choose the Monday for which a visit is planned."""
        authority, kind, rules, window = request.authority, request.kind, request.rules, request.window
        earliest = request.earliest
        if not request.virtual:
            earliest = self.after_pause(kind.name, earliest, request.today)
        mondays = self.mondays(kind, rules, window, earliest)
        if len(mondays) == 1:
            return mondays[0]
        self.hear()
        need = self._ahead.supply.need(kind, rules, authority.size, authority.region)
        return self._ahead.level_monday(mondays, window.due, need, request.today)

    def after_pause(self, kind: Kind, earliest: int, today: int) -> int:
        """Return the first day on which a visit can begin, after any pause of its kind that has already begun."""
        return max(earliest, self._shocks.free_from(kind, today))

    def hear(self) -> None:
        """Take in what has become known about posts since the last time."""
        if self._heard < len(self._known):
            self._ahead.expect(self._known[self._heard :])
            self._heard = len(self._known)

    def mondays(self, kind: KindOfVisit, rules: VisitRules, window: Window, earliest: int) -> list[int]:
        """List the Mondays for which a visit may be planned, in ascending order.

        They come from the stretch in which the visit is planned, or from its place in the backlog. An inspection does
        not use the last weeks before it becomes late, if other weeks are left. A monitoring visit may move a few weeks
        either side of its due date, within its window.
        """
        if kind.part == "monitoring":
            first, last = window.due - self._either_way, window.planned[1] + self._either_way
            window = Window(window.opens, window.due, window.latest, (max(window.opens, first), last), window.backlog)
        possible = window.mondays(self._calendar, rules.weeks_on_site, earliest)
        if not kind.gives_judgement or window.backlog is not None:
            return possible
        return possible[: max(1, bisect_right(possible, window.latest - self._margin))]

    def book(self, visit: Visit, monday: int) -> None:
        """Record that a visit is planned for a Monday, or begins on it; meetings are too short to count."""
        if not visit.is_contact:
            return
        need = self.need(visit)
        if visit.booking is not None:
            if visit.booking.monday == monday and visit.booking.need is need:
                return
            visit.booking.release()
        visit.booking = self._ahead.book(need, monday)

    def need(self, visit: Visit) -> Need:
        """Look up what a visit uses in each week."""
        return self._ahead.supply.need(visit.of_kind, visit.rules, visit.authority.size, visit.authority.region)

    def again(self, visit: Visit, earliest: int, today: int) -> int | None:
        """Return None: a visit that found no team waits for the next Monday."""

    def wait(self, visits: Sequence[Visit], following: Sequence[int]) -> None:
        """Record that visits, in order, wait for the next Mondays, with no more inspections in a week than may be on
        site.
        """
        ahead, last = self._ahead, len(self._ahead.amounts)
        for visit, monday in zip(visits, following, strict=True):
            if visit.gives_judgement:
                if visit.booking is not None:
                    visit.booking.release()
                    visit.booking = None
                week = ahead.week(monday)
                while week < last - 1 and ahead.amounts[week, INSPECTED] >= ahead.limit.of(monday):
                    week, monday = week + 1, monday + DAYS_A_WEEK  # noqa: PLW2901 - the first week with room
            self.book(visit, monday)
