"""Inspectors: people with a role, a region, hours and a diary.

A diary is a bitset of days, a Python integer whose bit ``d`` is day ``d``: being free for a span is one ``&``.
Other duties take no days out of the diary, since people plan them round inspections; they limit instead how many
days of a term an inspector gives to this programme.
"""

from __future__ import annotations

import simpy

from sim.base.calendar import Calendar
from sim.base.daysets import days_mask
from sim.inputs.framework import Role
from sim.inputs.posts import Post, name_of
from sim.world.fieldwork import Span


class Inspector:
    """One person and the person's diary.

    Parameters
    ----------
    post : Post
        What the person does and where from, for how many hours, and whether as a lead.
    holder : int
        Which holder of the post it is, from 1.
    joins : int
        First day in post.
    full_use : int
        First day after induction; the person leads no visit before.
    away : int
        Bitset of leave and training; sickness and days lent join them, for whoever asks when a person was away.
    daily_share : float
        Share of one working day in full use that goes to this programme.
    calendar : Calendar
        The working calendar.

    Attributes
    ----------
    name : str
        Unique within the replication and the same in every scenario, see :func:`name_of`.
    role, region, may_lead, hours
        Those of the post.
    last_day : int
        Last day in post; past the horizon while nobody knows of one.
    at_work : int
        Bitset of the working days in post on which the person is not away.
    engaged : int
        Bitset of the days given to visits.
    busy : int
        Bitset of the days on which no work can be given: away, engaged, or not in post.
    out, resting : int
        Bitsets of fieldwork that needs rest around it, and of that rest.
    given, left : list of float
        Days given to this programme, and days that may still be given, by term.
    lent : int
        Bitset of the days given to another programme.
    career : simpy Process or None
        The process of the post that the person holds.
    """

    __slots__ = (
        "at_work", "away", "busy", "career", "daily_share", "engaged", "full_use", "given", "holder", "hours", "joins",
        "last_day", "left", "lent", "may_lead", "name", "out", "post", "region", "resting", "role",
    )  # fmt: skip

    def __init__(
        self, post: Post, holder: int, joins: int, full_use: int, away: int, daily_share: float, calendar: Calendar
    ) -> None:
        self.name = name_of(post, holder)
        self.post = post
        self.holder = holder
        self.role: Role = post.role
        self.region = post.region
        self.may_lead = post.may_lead
        self.hours = post.hours
        self.daily_share = daily_share
        self.joins = joins
        self.full_use = full_use
        self.last_day = calendar.last
        self.away = away
        self.at_work = calendar.workday_mask & days_mask(joins, calendar.last) & ~away
        self.engaged = 0
        self.busy = away | days_mask(0, joins - 1)
        self.out = 0
        self.resting = 0
        self.given: list[float] = []
        self.left: list[float] = []
        self.lent = 0
        self.career: simpy.Process | None = None

    def engage(self, span: Span, term: int) -> None:
        """Write a seat of a visit into the diary: its days, its work, and if it needs rest its fieldwork and rest."""
        self.engaged |= span.mask
        self.busy |= span.mask
        if span.rest:
            self.out |= span.fieldwork
            self.resting |= span.rest
        self.given[term] += span.days
        self.left[term] -= span.days

    def take_off(self, days: int) -> None:
        """Take days off: they are not worked, and no work can be given on them."""
        self.away |= days
        self.busy |= days
        self.at_work &= ~days
