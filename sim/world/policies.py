"""How a week is chosen for each visit: the policies of ``planning.programme``."""

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
    """A visit for which a week is to be chosen.

    Attributes
    ----------
    authority : AuthorityState
        Whom it is for.
    kind : KindOfVisit
        Its kind.
    rules : VisitRules
        Its rules.
    window : Window
        When it may begin.
    earliest : int
        First Monday on which it can begin, since notice has to be given.
    u : float
        Uniform draw on [0, 1) of its own.
    today : int
        Day on which it is asked for.
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
    """Each visit is planned for a Monday of its stretch, each as likely as another, whatever else is planned.

    Parameters
    ----------
    calendar : Calendar
        The working calendar.
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
    """A rolling programme: when a window comes into sight, the visit is planned for the week with most to spare.

    Parameters
    ----------
    rules : PlanningRules
        How visits are planned.
    ahead : WeeksAhead
        What is planned, and what people are expected to give.
    calendar : Calendar
        The working calendar.
    shocks : Disturbances
        What happens from outside.
    known : sequence of Expected
        What comes to be known of people during the run, the newest last.
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
        """First day on which a visit can begin, if a pause of its kind that has begun is waited for as well."""
        return max(earliest, self._shocks.free_from(kind, today))

    def hear(self) -> None:
        """Take in what has come to be known of people since the last time."""
        if self._heard < len(self._known):
            self._ahead.expect(self._known[self._heard :])
            self._heard = len(self._known)

    def mondays(self, kind: KindOfVisit, rules: VisitRules, window: Window, earliest: int) -> list[int]:
        """List the Mondays for which a visit may be planned, ascending.

        They are those of its stretch, or of its part of the backlog; of an inspection without the last weeks before it
        is late, if others are left. A monitoring visit may give way by a few weeks either side of its due date, inside
        its window.
        """
        if kind.part == "monitoring":
            first, last = window.due - self._either_way, window.planned[1] + self._either_way
            window = Window(window.opens, window.due, window.latest, (max(window.opens, first), last), window.backlog)
        possible = window.mondays(self._calendar, rules.weeks_on_site, earliest)
        if not kind.gives_judgement or window.backlog is not None:
            return possible
        return possible[: max(1, bisect_right(possible, window.latest - self._margin))]

    def book(self, visit: Visit, monday: int) -> None:
        """Note that a visit is planned for a Monday, or begins on it; meetings are too short to be counted."""
        if not visit.is_contact:
            return
        need = self.need(visit)
        if visit.booking is not None:
            if visit.booking.monday == monday and visit.booking.need is need:
                return
            visit.booking.release()
        visit.booking = self._ahead.book(need, monday)

    def need(self, visit: Visit) -> Need:
        """Look up what a visit takes in each week."""
        return self._ahead.supply.need(visit.of_kind, visit.rules, visit.authority.size, visit.authority.region)

    def again(self, visit: Visit, earliest: int, today: int) -> int | None:
        """Return None: a visit that found no team waits for the next Monday."""

    def wait(self, visits: Sequence[Visit], following: Sequence[int]) -> None:
        """Note that visits, in their order, wait for the next Mondays: of inspections no more than may be on site."""
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
