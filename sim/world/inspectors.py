"""Represents inspectors: people with a role, a region, hours and a diary.

A diary is a bitset of days: a Python integer whose bit ``d`` is day ``d``. One ``&`` tells whether a person is free for
a span. Other duties take no days out of the diary, because people plan them around inspections. Instead they limit the
days of a term that an inspector can give to this programme. A person may work more or fewer days than that in a term,
within a limit, and makes up for it in the next term.
"""

from __future__ import annotations

import simpy

from sim.base.calendar import Calendar
from sim.base.daysets import days_mask
from sim.inputs.framework import Role
from sim.inputs.posts import Post, name_of
from sim.world.fieldwork import Span


class Inspector:
    """Represent one person, with a diary.

    Parameters
    ----------
    post : Post
        Post of the person: role, region, hours, and whether as a lead.
    holder : int
        Number of this holder of the post, from 1.
    joins : int
        First day in post.
    full_use : int
        First day after induction. The person leads no visit before it.
    away : int
        Bitset of leave and training. Sickness and days lent are added later, so that it shows all absence.
    daily_share : float
        Share of a working day after induction that goes to this programme.
    carry_over : float
        Most days that the person may run ahead or fall behind from one term to the next.
    calendar : Calendar
        Working calendar.

    Attributes
    ----------
    name : str
        Name, unique within the replication and the same in every scenario, see :func:`name_of`.
    role, region, may_lead, hours
        As in the post.
    last_day : int
        Last day in post; after the horizon while it is not known.
    last_term : int
        Term of that day; the last term of all while it is not known.
    on_leave : int
        Bitset of leave and training only, as known from the day of joining.
    at_work : int
        Bitset of the working days in post on which the person is not away.
    engaged : int
        Bitset of the days given to visits.
    busy : int
        Bitset of the days on which no work can be given: away, engaged, or not in post.
    out, resting : int
        Bitsets of fieldwork that needs rest around it, and of that rest.
    given, left : list of float
        Days of each term given to this programme, and days of the programme's share not yet given. ``left`` is negative
        when the person runs ahead.
    room : list of float
        Days that may still be given in each term, including what earlier terms carry over and later terms may lend.
    lent : int
        Bitset of the days given to another programme.
    brought : list of float
        Days that each term takes over from the one before; positive when the person is behind.
    career : simpy Process or None
        Process of the post that the person holds.
    """

    __slots__ = (
        "at_work", "away", "brought", "busy", "career", "carry_over", "daily_share", "engaged", "full_use", "given",
        "holder", "hours", "joins", "last_day", "last_term", "left", "lent", "may_lead", "name", "on_leave", "out",
        "post", "region", "resting", "role", "room",
    )  # fmt: skip

    def __init__(
        self,
        post: Post,
        holder: int,
        joins: int,
        full_use: int,
        away: int,
        daily_share: float,
        carry_over: float,
        calendar: Calendar,
    ) -> None:
        self.name = name_of(post, holder)
        self.post = post
        self.holder = holder
        self.role: Role = post.role
        self.region = post.region
        self.may_lead = post.may_lead
        self.hours = post.hours
        self.daily_share = daily_share
        self.carry_over = carry_over
        self.joins = joins
        self.full_use = full_use
        self.last_day = calendar.last
        self.away = self.on_leave = away
        self.at_work = calendar.workday_mask & days_mask(joins, calendar.last) & ~away
        self.engaged = 0
        self.busy = away | days_mask(0, joins - 1)
        self.out = 0
        self.resting = 0
        terms = len(calendar.terms)
        self.last_term = terms - 1
        self.given = [0.0] * terms
        self.left = [0.0] * terms
        self.brought = [0.0] * terms
        self.room = [0.0] * terms
        self.lent = 0
        self.career: simpy.Process | None = None

    def engage(self, span: Span) -> None:
        """Enter a seat of a visit in the diary: its days, its work and, if it needs rest, its fieldwork and rest."""
        self.engaged |= span.mask
        self.busy |= span.mask
        if span.rest:
            self.out |= span.fieldwork
            self.resting |= span.rest
        last = span.term
        self.given[last] += span.days_in_term
        self.left[last] -= span.days_in_term
        for last, days in span.later_terms:
            self.given[last] += days
            self.left[last] -= days
        self.balance(span.term, last)

    def balance(self, first: int, last: int) -> None:
        """Carry days over between terms again, after the days left in terms ``first`` to ``last`` have changed.

        A term may use three things: the days carried over to it, its own days, and the days that may be borrowed from
        the next term. The next term lends only what it has not already given.
        """
        left, brought, room, carry_over = self.left, self.brought, self.room, self.carry_over
        if first and left[first] < 0.0:  # days left only fall, so nothing else changes in the term before
            room[first - 1] = brought[first - 1] + left[first - 1] + carry_over + left[first]
        end = self.last_term
        for term in range(first, end):
            own, ahead = brought[term] + left[term], left[term + 1]
            room[term] = own + carry_over + ahead if ahead < 0.0 else own + carry_over
            carried = carry_over if own > carry_over else own
            if carried != brought[term + 1]:
                brought[term + 1] = carried
            elif term >= last:
                return
        room[end] = brought[end] + left[end] + carry_over

    def leave_after(self, day: int, term: int) -> None:
        """Leave after a day in a term; the terms that follow give no days."""
        self.last_day, self.last_term = day, term
        self.left[term + 1 :] = [0.0] * (len(self.left) - term - 1)

    def has_time_for(self, span: Span) -> bool:
        """Return whether the person may still give the days of a span.

        Days taken in one term reduce what that term carries over to the next.
        """
        term, taken = span.term, float(span.days_in_term)
        if self.room[term] < taken:
            return False
        for later, days in span.later_terms:
            own = self.brought[term] + self.left[term]
            taken = days + min(self.carry_over, own) - min(self.carry_over, own - taken)
            term = later
            if self.room[term] < taken:
                return False
        return True

    def take_off(self, days: int) -> None:
        """Take days off: they are not worked, and no work can be given on them."""
        self.away |= days
        self.busy |= days
        self.at_work &= ~days
