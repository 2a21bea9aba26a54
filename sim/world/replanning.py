"""The policy ``optimised``: a levelled programme that is planned anew every quarter, and when a visit slips."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from sim.base.calendar import DAYS_A_WEEK, Calendar
from sim.inputs.framework import INSPECTIONS, Kind, VisitRules
from sim.inputs.planning_rules import PlanningRules
from sim.inputs.windows import Window
from sim.world.entities import AuthorityState, Visit
from sim.world.optimised import Amounts, Lines, Movable, Programme, settled
from sim.world.policies import Drawn, Levelled
from sim.world.weeks_ahead import EVERYWHERE, FULL, LEADS, PEOPLE, PERSON, Need, Supply

HORIZON = 52
"""Weeks from a replanning for which visits are planned anew."""
BEYOND = 8
"""Further weeks that are looked at: those on site of a visit that begins in the last one."""
LATE = 1e6
"""Price of a visit that is planned for after its latest date and need not be: more than any plan saves in all else."""
BUSIEST = 100.0
"""Price of a person more on site in the busiest week."""
UNLIMITED = 1e3
"""Stands for a limit of inspections on site where there is none."""
SHARES = (0.0, 0.6, 0.9, 1.2)
"""Shares of the days that people can give, between which the solver follows the squares by straight pieces."""
ON_SITE = (0.0, 12.0, 20.0, 28.0)
"""People on site in a week, likewise."""


class Foreseen(NamedTuple):
    """A visit that nobody has asked for yet, though it can be foreseen."""

    authority: AuthorityState
    kind: Kind
    rules: VisitRules
    window: Window


class Replanning(NamedTuple):
    """What a replanning changed.

    Attributes
    ----------
    day : int
        Day of it.
    planned : int
        Visits that were planned, and waited for their week.
    moved : int
        How many of them have another week since.
    """

    day: int
    planned: int
    moved: int


class Optimised(Levelled):
    """A levelled programme that is planned anew every quarter, and an inspection again when it finds no team.

    Parameters
    ----------
    rules : PlanningRules
        How visits are planned.
    supply : Supply
        What people can give.
    calendar : Calendar
        The working calendar.

    Attributes
    ----------
    replannings : list of Replanning
        Those so far.
    """

    def __init__(self, rules: PlanningRules, supply: Supply, calendar: Calendar) -> None:
        super().__init__(rules, supply, calendar)
        self._rules = rules
        self._levelled = _levelled_lines(supply)
        self.replannings: list[Replanning] = []

    def again(self, visit: Visit, earliest: int) -> int | None:
        """Other Monday for an inspection that found no team, by the levelled rule; none if it should not wait long.

        Otherwise what finds no team all at once, as after a holiday, would make the week after it the busiest.
        """
        window = visit.window
        if visit.kind not in INSPECTIONS or visit.fixed or window.backlog is not None:
            return None
        mondays = self.mondays(visit.kind, visit.rules, window, earliest)
        if len(mondays) == 1 or mondays[-1] > window.latest:
            return None
        return self._ahead.level_monday(mondays, window.due, self._need(visit))

    def replan(self, visits: Iterable[Visit], today: int, foreseen: Iterable[Foreseen]) -> dict[Visit, int]:
        """Plan visits anew on a day.

        Parameters
        ----------
        visits : iterable of Visit
            Visits, of which some wait for their week.
        today : int
            The day.
        foreseen : iterable of Foreseen
            Visits to be expected, each as likely in one week of its stretch as in another.

        Returns
        -------
        dict of Visit to int
            Visits that are moved, each with its new Monday.
        """
        planned = [each for each in visits if each.status == "waiting" and each.booking and each.planned > today]
        known = [(visit, self._choices(visit, today)) for visit in planned]
        movable = [(visit, mondays) for visit, mondays in known if len(mondays) > 1]
        chosen: list[int] = []
        if movable:
            programme = self.programme(movable, foreseen, today)
            chosen = programme.best(self._rules.gap, int(self._rules.most_moved_share * len(planned)))
        moves = {visit: mondays[place] for (visit, mondays), place in zip(movable, chosen, strict=True) if place}
        self.replannings.append(Replanning(today, len(planned), len(moves)))
        return moves

    def programme(
        self, movable: Sequence[tuple[Visit, Sequence[int]]], foreseen: Iterable[Foreseen], today: int
    ) -> Programme:
        """What the solver is asked: visits with the Mondays on which they may begin, beside all else that is known."""
        ahead, first = self._ahead, max(0, self._ahead.week(today))
        span = slice(first, first + HORIZON + BEYOND)
        taken = ahead.amounts[span].T.copy()
        asked = []
        for visit, mondays in movable:
            late = [monday > visit.window.latest for monday in mondays]
            prices = tuple(LATE * (each - min(late)) for each in late)
            asked.append(self._movable(self._need(visit), mondays, prices, first))
            settled(taken, asked[-1], 0, -1.0)
        for authority, kind, rules, window in foreseen:
            possible = self.mondays(kind, rules, window, rules.earliest_monday(today, self._calendar))
            mondays = [monday for monday in possible if monday < self._end(today)]
            need = self._ahead.supply.need(kind, rules, authority.size, authority.region)
            expected = self._movable(need, mondays, (0.0,) * len(mondays), first)
            for place in range(len(mondays)):
                settled(taken, expected, place, 1 / len(mondays))
        return Programme(asked, self._lines(taken, span), len(taken) + PEOPLE, BUSIEST, self._rules.change_price)

    def _lines(self, taken: Amounts, span: slice) -> Lines:
        """What is kept level: the days of people, people on site, and the limit of inspections on site."""
        ahead = self._ahead
        days = np.array(SHARES) * ahead.supply.days[:, span, None]
        people = np.broadcast_to(np.array(ON_SITE), (1, taken.shape[1], len(ON_SITE)))
        limit = np.full((1, taken.shape[1], len(SHARES)), UNLIMITED if ahead.most is None else float(ahead.most))
        limit[..., 0] = 0.0
        slopes = np.concatenate(
            [_slopes(days) * ahead.supply.weight[span, :PEOPLE].T[..., None], PERSON * _slopes(people), 0.0 * people]
        )
        slopes[-1, :, 1:] = FULL
        return Lines(taken, np.concatenate([days, people, limit]), slopes)

    def _movable(self, need: Need, mondays: Sequence[int], prices: tuple[float, ...], first: int) -> Movable:
        """A visit as the solver is asked for it, with its weeks counted from the first that is looked at."""
        lines = np.array([line for line in self._levelled if need.takes[:, line].any()])
        weeks = tuple(self._ahead.week(monday) - first for monday in mondays)
        return Movable(weeks, prices, lines, need.takes[:, lines].T, need.weeks)

    def _need(self, visit: Visit) -> Need:
        return self._ahead.supply.need(visit.kind, visit.rules, visit.authority.size, visit.authority.region)

    def _choices(self, visit: Visit, today: int) -> list[int]:
        """Mondays on which a visit may begin: as planned first, and nothing else for one that must not be moved."""
        frozen = today + DAYS_A_WEEK * self._rules.frozen_weeks
        end = self._end(today)
        if visit.fixed or visit.virtual or not frozen <= visit.planned < end:
            return [visit.planned]
        notified = visit.rules.earliest_monday(today, self._calendar)
        earliest = notified if visit.window.backlog is None else visit.earliest
        mondays = self.mondays(visit.kind, visit.rules, visit.window, earliest)
        others = [monday for monday in mondays if max(frozen, notified) <= monday < end and monday != visit.planned]
        return [visit.planned, *others]

    def _end(self, today: int) -> int:
        """Day before which visits begin that are planned anew."""
        return min(today + DAYS_A_WEEK * HORIZON, self._calendar.mondays[-BEYOND])


def _levelled_lines(supply: Supply) -> list[int]:
    """Lines kept level: everybody and the leads of a role, the regions of one that leads, people, and inspections."""
    leading = {role for (role, whom), row in supply.rows.items() if whom == LEADS and supply.days[row].any()}
    rows = [row for (role, whom), row in supply.rows.items() if whom in (EVERYWHERE, LEADS) or role in leading]
    return [*rows, len(supply.rows), len(supply.rows) + 1]


def _slopes(knots: Amounts) -> Amounts:
    """Slopes of straight pieces between the squares of amounts, and after the last of them."""
    return np.asarray(knots + np.concatenate([knots[..., 1:], 2 * knots[..., -1:]], axis=-1))


Policy = Drawn | Levelled | Optimised


def policy_of(rules: PlanningRules, supply: Supply, calendar: Calendar) -> Policy:
    """Policy of a scenario, for one replication."""
    if rules.programme == "drawn":
        return Drawn(calendar)
    return (Optimised if rules.programme == "optimised" else Levelled)(rules, supply, calendar)
