"""Implements the policy ``optimised``: a levelled programme that is replanned every quarter and when an inspection
slips.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from sim.base.calendar import DAYS_A_WEEK, Calendar
from sim.inputs.framework import KindOfVisit, VisitRules
from sim.inputs.planning_rules import PlanningRules
from sim.inputs.shocks import Disturbances
from sim.inputs.windows import Window
from sim.world.entities import AuthorityState, Visit
from sim.world.optimised import Amounts, Lines, Movable, Programme, add_visit
from sim.world.policies import Drawn, Levelled
from sim.world.weeks_ahead import (
    A_LITTLE,
    EVERYWHERE,
    FULL,
    LEADS,
    NOBODY,
    PEOPLE,
    Expected,
    Need,
    WeeksAhead,
)

HORIZON = 52
"""Number of weeks from a replanning whose visits are planned again."""
BEYOND = 8
"""Further weeks to consider: a visit that begins in the last week may be on site in these."""
LATE = 1e6
"""Price of planning a visit late when it need not be: more than any plan can save elsewhere."""
BUSIEST = 100.0
"""Price of one more person on site in the busiest week."""
UNLIMITED = 1e3
"""Stands for the limit on inspections on site where there is none."""
SHARES = (0.0, 0.4, 0.6, 0.8, 1.0, 1.2)
"""Shares of the available days between which straight pieces approximate the squares."""
ON_SITE = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)
"""The same for people on site, as multiples of their mean over the weeks considered."""


class Foreseen(NamedTuple):
    """Describe a visit that nobody has requested yet but that can be foreseen."""

    authority: AuthorityState
    kind: KindOfVisit
    rules: VisitRules
    window: Window


class Replanning(NamedTuple):
    """Record what a replanning changed.

    Attributes
    ----------
    day : int
        Day of the replanning.
    planned : int
        Number of visits that were planned and waited for their week.
    moved : int
        Number of these visits that moved to another week.
    """

    day: int
    planned: int
    moved: int


class Optimised(Levelled):
    """Level the programme, replan it every quarter, and plan an inspection again when it finds no team.

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

    Attributes
    ----------
    replannings : list of Replanning
        Replannings so far.
    """

    def __init__(
        self,
        rules: PlanningRules,
        ahead: WeeksAhead,
        calendar: Calendar,
        shocks: Disturbances,
        known: Sequence[Expected] = (),
    ) -> None:
        super().__init__(rules, ahead, calendar, shocks, known)
        self._rules = rules
        self.replannings: list[Replanning] = []

    def again(self, visit: Visit, earliest: int, today: int) -> int | None:
        """Choose another week for an inspection that found no team; None if no week is left before its latest date.

        Without this, inspections that a holiday delays would all begin in the week after it.
        """
        window = visit.window
        if not visit.gives_judgement or visit.fixed or window.backlog is not None:
            return None
        mondays = self.mondays(visit.of_kind, visit.rules, window, self.after_pause(visit.kind, earliest, today))
        if len(mondays) == 1 or mondays[-1] > window.latest:
            return None
        if visit.booking is not None:
            visit.booking.release()
            visit.booking = None
        self.hear()
        return self._ahead.level_monday(mondays, window.due, self.need(visit), today)

    def replan(
        self, visits: Iterable[Visit], today: int, foreseen: Iterable[Foreseen], *, first: bool = False
    ) -> dict[Visit, int]:
        """Replan visits on a day.

        Parameters
        ----------
        visits : iterable of Visit
            Visits, including those that wait for their week.
        today : int
            The day.
        foreseen : iterable of Foreseen
            Visits to expect, each equally likely in every week of its stretch.
        first : bool, optional
            Whether this is the first plan of all. Nobody has been told anything yet, so any number of visits may move.

        Returns
        -------
        dict of Visit to int
            Visits that move, each with its new Monday.
        """
        self.hear()
        frozen = today if first else today + DAYS_A_WEEK * self._rules.frozen_weeks
        planned = [each for each in visits if each.status == "waiting" and each.booking and each.planned > today]
        known = [(visit, self._choices(visit, today, frozen)) for visit in planned]
        movable = [(visit, mondays) for visit, mondays in known if len(mondays) > 1]
        chosen: list[int] = []
        if movable:
            programme = self.programme(movable, foreseen, today, 0.0 if first else self._rules.change_price)
            most = len(planned) if first else int(self._rules.most_moved_share * len(planned))
            chosen = programme.best(self._rules.gap, most)
        moves = {visit: mondays[place] for (visit, mondays), place in zip(movable, chosen, strict=True) if place}
        if not first:
            self.replannings.append(Replanning(today, len(planned), len(moves)))
        return moves

    def programme(
        self, movable: Sequence[tuple[Visit, Sequence[int]]], foreseen: Iterable[Foreseen], today: int, change: float
    ) -> Programme:
        """Build the problem for the solver: visits with the Mondays on which they may begin, beside all else that is
        known.

        ``change`` is the price of moving a visit.
        """
        ahead, first = self._ahead, max(0, self._ahead.week(today))
        span = slice(first, first + HORIZON + BEYOND)
        taken = ahead.amounts[span].T.copy()
        asked = []
        for visit, mondays in movable:
            late = [monday > visit.window.latest for monday in mondays]
            prices = tuple(LATE * (each - min(late)) for each in late)
            asked.append(self._movable(self.need(visit), mondays, prices, first))
            add_visit(taken, asked[-1], 0, -1.0)
        for authority, kind, rules, window in foreseen:
            earliest = self.after_pause(kind.name, rules.earliest_monday(today, self._calendar), today)
            possible = self.mondays(kind, rules, window, earliest)
            mondays = [monday for monday in possible if monday < self._end(today)]
            need = self._ahead.supply.need(kind, rules, authority.size, authority.region)
            expected = self._movable(need, mondays, (0.0,) * len(mondays), first)
            for place in range(len(mondays)):
                add_visit(taken, expected, place, 1 / len(mondays))
        lines = self._lines(taken, span, today, self._mean_on_site(taken, asked))
        return Programme(asked, lines, len(taken) + PEOPLE, BUSIEST, change)

    def _mean_on_site(self, taken: Amounts, asked: Sequence[Movable]) -> float:
        """Return the mean number of people on site over the weeks in which there are any; at least one."""
        people = taken[PEOPLE].copy()
        for visit in asked:
            place = np.flatnonzero(visit.lines == len(taken) + PEOPLE)
            for number, week in enumerate(visit.on_site):
                people[visit.weeks[0] + week] += visit.takes[place, number].sum()
        return max(1.0, float(people[people > 0].mean())) if (people > 0).any() else 1.0

    def _lines(self, taken: Amounts, span: slice, today: int, on_site: float) -> Lines:
        """Build the lines to keep level: people's days, people on site, and the limit on inspections on site."""
        ahead = self._ahead
        there = ahead.days[:, span]
        days = np.array(SHARES) * there[..., None]
        people = np.broadcast_to(np.array(ON_SITE) * on_site, (1, taken.shape[1], len(ON_SITE)))
        most = np.minimum(ahead.limit.expected(today)[span.start : span.stop], UNLIMITED)
        limit = np.broadcast_to(most[None, :, None], people.shape).copy()
        limit[..., 0] = 0.0
        slopes = np.concatenate(
            [
                _slopes(days) * ahead.weight[span, :PEOPLE].T[..., None],
                _slopes(people) * ahead.weight[span, PEOPLE][:, None],
                0.0 * people,
            ]
        )
        slopes[:PEOPLE][there <= A_LITTLE] = NOBODY
        slopes[-1, :, 1:] = FULL
        return Lines(taken, np.concatenate([days, people, limit]), slopes)

    def _movable(self, need: Need, mondays: Sequence[int], prices: tuple[float, ...], first: int) -> Movable:
        """Describe a visit for the solver, with its weeks counted from the first one considered."""
        lines = np.array([line for line in self._levelled() if need.takes[:, line].any()])
        weeks = tuple(self._ahead.week(monday) - first for monday in mondays)
        return Movable(weeks, prices, lines, need.takes[:, lines].T, need.weeks)

    def _choices(self, visit: Visit, today: int, frozen: int) -> list[int]:
        """List the Mondays on which a visit may begin, the planned one first; only that one if the visit must not move.

        A visit must not move once it has been called, or if it is planned for a day before ``frozen``.
        """
        end = self._end(today)
        called = visit.planned - DAYS_A_WEEK * visit.rules.notice_weeks <= today
        if visit.fixed or visit.virtual or called or not frozen <= visit.planned < end:
            return [visit.planned]
        notified = visit.rules.earliest_monday(today, self._calendar)
        earliest = notified if visit.window.backlog is None else visit.earliest
        earliest = self.after_pause(visit.kind, earliest, today)
        mondays = self.mondays(visit.of_kind, visit.rules, visit.window, earliest)
        others = [monday for monday in mondays if max(frozen, notified) <= monday < end and monday != visit.planned]
        return [visit.planned, *others]

    def _levelled(self) -> list[int]:
        """List the lines to keep level: all people and leads of each role, the regions of roles that lead, and those on
        site.
        """
        rows = self._ahead.supply.rows
        leading = {role for (role, whom), row in rows.items() if whom == LEADS and self._ahead.days[row].any()}
        level = {row: None for (role, whom), row in rows.items() if whom in (EVERYWHERE, LEADS) or role in leading}
        lines = len(self._ahead.days)
        return [*level, lines, lines + 1]

    def _end(self, today: int) -> int:
        """Return the day before which visits must begin to be replanned."""
        return min(today + DAYS_A_WEEK * HORIZON, self._calendar.mondays[-BEYOND])


def _slopes(knots: Amounts) -> Amounts:
    """Return the slopes of the straight pieces between the squares of amounts, and after the last amount."""
    return np.asarray(knots + np.concatenate([knots[..., 1:], 2 * knots[..., -1:]], axis=-1))


Policy = Drawn | Levelled | Optimised


def policy_of(
    rules: PlanningRules, ahead: WeeksAhead, calendar: Calendar, shocks: Disturbances, known: Sequence[Expected]
) -> Policy:
    """Make the policy of a scenario for one replication."""
    if rules.programme == "drawn":
        return Drawn(calendar)
    return (Optimised if rules.programme == "optimised" else Levelled)(rules, ahead, calendar, shocks, known)
