"""Describes the life of a post: somebody holds it, is sometimes ill, gives notice, leaves, and is replaced."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from math import ceil, inf, log
from typing import Any

from simpy import Interrupt

from sim.base.calendar import DAYS_A_YEAR, MONTHS_A_QUARTER, NEVER
from sim.base.randomness import Stream, Streams
from sim.inputs.posts import Post
from sim.inputs.shocks import integrated
from sim.inputs.workforce_rules import WorkforceRules
from sim.world.clock import Clock
from sim.world.inspectors import Inspector
from sim.world.workforce import Workforce


def appointed(clock: Clock, workforce: Workforce, streams: Streams, new: Post, joins: int) -> Generator[Any, Any, None]:
    """Start a post whose first holder is already appointed and joins on a day after the start."""
    yield clock.until(joins)
    yield from post(clock, workforce, streams, workforce.join(new, 1, clock.today))


def post(
    clock: Clock, workforce: Workforce, streams: Streams, holder: Inspector, term_ends: int = NEVER
) -> Generator[Any, Any, None]:
    """Keep one post filled, permanently or for a fixed term: somebody holds it, leaves, and is replaced."""
    rules, months_after = workforce.rules, workforce.calendar.months_after
    generation = 1
    while True:
        holder.career = clock.active_process
        gave_notice = yield from career(clock, workforce, streams, holder, term_ends)
        workforce.leave(holder)
        left_on = clock.today
        if left_on > term_ends:
            workforce.ended.add(holder.post)
        if holder.post in workforce.ended:
            return
        joins = months_after(gave_notice, rules.hiring_months + rules.notice_months)
        usual_offer = months_after(gave_notice, rules.hiring_months)
        possible_offer = workforce.shocks.offered_on(holder.role, usual_offer)
        offered = yield from offer(clock, workforce, holder.post, possible_offer, term_ends)
        if offered > usual_offer:
            joins = months_after(offered, rules.notice_months)
        joins = max(left_on + 1, joins)
        if joins > term_ends:
            workforce.ended.add(holder.post)
            return
        yield clock.until(joins)
        if holder.post in workforce.ended:
            return
        generation += 1
        holder = workforce.join(holder.post, generation, clock.today)


def offer(clock: Clock, workforce: Workforce, post: Post, possible: int, term_ends: int) -> Generator[Any, Any, int]:
    """Wait until an offer may be made, and make it unless the post's term would be over by then.

    ``possible`` is the first day on which the offer could be made. If the quarter has no room left, the offer waits for
    the first day of the next quarter. There, whoever has waited longest goes first. An offer that becomes possible on
    that very day may still go before them. An offer that was possible before the leaver had gone counts in the quarter
    in which it became possible.

    Returns
    -------
    int
        Day of the offer: the day on which it was possible, or the first day of a quarter with room. :data:`NEVER` if
        nobody would join before the term ends, or if the post has ended in the meantime.
    """
    offers, calendar, role = workforce.offers, workforce.calendar, post.role
    if not offers.limited(role):
        return possible
    day = possible
    yield clock.until(day)
    while not offers.has_room(role, day):
        day = calendar.months_after(calendar.quarter_of(day), MONTHS_A_QUARTER)
        yield clock.until(day)
    if post in workforce.ended or calendar.months_after(day, workforce.rules.notice_months) > term_ends:
        return NEVER
    offers.make(role, day)
    return day


def career(
    clock: Clock, workforce: Workforce, streams: Streams, inspector: Inspector, term_ends: int
) -> Generator[Any, Any, int]:
    """Follow one person's time in a post: occasional illness, notice, departure. An interrupt makes the person leave at
    once.

    The last day is drawn, unless the table of people in post gives it.

    Returns
    -------
    int
        Day on which the person gave notice.
    """
    rules = workforce.rules
    turnover = workforce.shocks.turnover(inspector.role, rules.roles[inspector.role].turnover_a_year)
    rates = [(day, a_year / DAYS_A_YEAR) for day, a_year in turnover]
    drawn = streams.draw("leaving", inspector.name)
    leaves = min(ceil(min(NEVER, integrated(rates, clock.today, -log(1 - drawn)))), term_ends)
    if inspector.holder == 1 and inspector.post.last_day is not None:
        leaves = min(workforce.calendar.day(inspector.post.last_day), term_ends)
    notice = max(clock.today, workforce.calendar.months_after(leaves, -rules.notice_months))
    illness = Illness(rules, streams.stream("illness", inspector.name, 2), clock.today, workforce.sickness)
    try:
        yield from work_until(clock, workforce, inspector, illness, notice)
    except Interrupt:
        notice = leaves = clock.today
    last_day = workforce.give_notice(inspector, leaves)
    workforce.expect_vacancy(inspector.post, notice, last_day + 1, term_ends)
    yield from work_until(clock, workforce, inspector, illness, last_day + 1)
    return notice


def work_until(
    clock: Clock, workforce: Workforce, inspector: Inspector, illness: Illness, day: int
) -> Generator[Any, Any, None]:
    """Wait until a day, falling ill now and then before it."""
    while illness.day < day:
        yield clock.until(illness.day)
        workforce.fall_ill(inspector, illness.day, illness.workdays)
        illness.recover()
    yield clock.until(day)


class Illness:
    """Draw one person's spells of sickness in turn: exponential gaps between spells, geometric lengths.

    Parameters
    ----------
    rules : WorkforceRules
        Rules of the workforce.
    stream : Stream
        Provides two draws for each spell.
    today : int
        Day from which the first gap counts.
    by_month : sequence of (int, float)
        Factors of the rate of falling ill, each with the day from which it applies. Empty if the rate is the same all
        year.

    Attributes
    ----------
    day, workdays : int
        First day of the next spell, and its length in working days.
    """

    def __init__(
        self, rules: WorkforceRules, stream: Stream, today: int, by_month: Sequence[tuple[int, float]] = ()
    ) -> None:
        self._stream = stream
        self._spells_a_day = rules.sick_days / rules.sick_spell_days / DAYS_A_YEAR
        self._by_month = by_month
        self._goes_on = log(1 - 1 / rules.sick_spell_days) if rules.sick_spell_days > 1 else -inf
        self.day = today
        self.workdays = 0
        self.recover()

    def recover(self) -> None:
        """Move on to the next spell, counted from the first day of this one."""
        gap, length = self._stream.row()
        if not self._spells_a_day:
            self.day = NEVER
            return
        waits = -log(1 - gap) / self._spells_a_day
        if self._by_month:
            self.day = ceil(min(NEVER, integrated(self._by_month, self.day, waits)))
        else:
            self.day += ceil(min(NEVER, waits))
        self.workdays = max(1, ceil(log(1 - length) / self._goes_on))
