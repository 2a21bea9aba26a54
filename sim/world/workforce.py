"""Inspectors: roles, regions, hours, diaries, leave, sickness, joining and leaving.

A diary is a bitset of days, a Python integer whose bit ``d`` is day ``d``: being free for a span is one ``&``.
Other duties take no days out of the diary, since people plan them round inspections; they limit instead how many
days of a term an inspector gives to this programme.
"""

from __future__ import annotations

import datetime
from bisect import insort
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from sim.base.calendar import Calendar
from sim.base.daysets import days_mask, first_of
from sim.base.randomness import Streams
from sim.inputs.framework import Role
from sim.inputs.people_tables import Person, of_role
from sim.inputs.section import Days, Months, Part, Probability, Rate, Spell, Whole, YearDays, quantity
from sim.inputs.shocks import Disturbances
from sim.world.leave import WEEKS_DRAWN, LeaveYears

if TYPE_CHECKING:
    import simpy

    from sim.world.fieldwork import Span

ROUNDING = 1e-9
"""A share of people that is due to within this is due."""


SOON = (1 << 84) - 1
"""Bitset of the twelve weeks in which a spell of sickness mostly ends; only speed depends on it."""


class RoleRules(Part):
    """People of one role."""

    people: Whole = quantity("people in post at the start", "people")
    by_region: dict[str, Whole] | None = quantity(
        "people in post by region, for every region; without it they are shared out as the authorities are",
        "people",
        default=None,
    )
    may_lead_share: Probability = quantity("share who may lead a visit", "share")
    programme_share: Probability = quantity("share of working time for this programme", "share")
    turnover_a_year: Rate = quantity("rate of leaving", "a year")
    most_offers_a_quarter: Annotated[int, Field(ge=1)] | None = quantity(
        "most posts offered in one quarter, to successors of leavers and to more people together, in the order in "
        "which they fall vacant; as many as are vacant if it is not said",
        "offers a quarter",
        default=None,
    )

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.by_region is not None and sum(self.by_region.values()) != self.people:
            raise ValueError(f"by_region adds up to {sum(self.by_region.values())}, people is {self.people}")
        return self


class WorkforceRules(Part):
    """The workforce and what takes its time."""

    regions: tuple[str, ...] = quantity("regions in which inspectors are based")
    leave_days: YearDays = quantity("leave and privilege days", "working days a year")
    leave_in_closed_weeks: Probability = quantity("share of leave taken in weeks without fieldwork", "share")
    sick_days: Days = quantity("sickness", "working days a year")
    sick_spell_days: Spell = quantity("mean length of a spell of sickness", "working days")
    training_days: YearDays = quantity("training, in weeks without fieldwork as far as they go", "working days a year")
    part_time_share: Probability = quantity("share of people who work part-time", "share")
    part_time_hours: Annotated[float, Field(gt=0, le=1)] = quantity("hours of a part-timer", "share of full time")
    hiring_months: Months = quantity("from a leaver's notice to the offer to a successor", "months")
    notice_months: Months = quantity("notice, of the leaver and of the successor", "months")
    induction_months: Months = quantity("from joining to full use", "months")
    induction_productivity: Probability = quantity("work done meanwhile", "share of full use")
    roles: dict[Role, RoleRules] = quantity("people by role")
    in_post: Annotated[tuple[Person, ...], Field(min_length=1)] | None = quantity(
        "people in post, one by one; without it everybody is drawn", default=None
    )

    def people_in_post(self, role: Role) -> list[Person]:
        """People of a role of whom the table tells, as many as there are to be: its first rows."""
        return of_role(self.in_post or (), role)[: self.roles[role].people]


@dataclass(frozen=True, slots=True)
class Post:
    """One post, whoever holds it.

    Attributes
    ----------
    role, region : str
        What its holder does, and where from.
    number : int
        Number among the posts of the role and region, from 0.
    may_lead : bool
        Whether its holder may lead a visit once in full use.
    hours : float
        Share of full time.
    joins_on : datetime.date or None
        Day on which its first holder joined or is to join; long ago if None.
    """

    role: Role
    region: str
    number: int
    may_lead: bool
    hours: float
    joins_on: datetime.date | None = None


Place = tuple[str, int]
"""Region of a post, and its number there."""


def places_in_order(weights: Mapping[str, int]) -> Iterator[Place]:
    """Places of one post after another, for ever, each region's in proportion to its weight (Sainte-Laguë).

    One more person leaves everybody else where they are, which a share by largest remainder does not.
    """
    places = dict.fromkeys(weights, 0)
    if not any(weights.values()):
        weights = dict.fromkeys(weights, 1)
    while True:
        region = max(places, key=lambda region: weights[region] / (2 * places[region] + 1))
        yield region, places[region]
        places[region] += 1


def share_out(people: int, weights: Mapping[str, int]) -> dict[str, int]:
    """People by region in proportion to the regions' weights."""
    count = Counter(region for region, _ in islice(places_in_order(weights), people))
    return {region: count[region] for region in weights}


def spread_evenly(places: Iterable[Place], share: float) -> set[Place]:
    """Those of places in an order that belong to a share of them.

    The first so many places hold their share of them within one, whatever their number; each region's own do so as
    nearly as that allows. A place belongs or not by the places before it alone, so one more changes none of them.
    """
    chosen: set[Place] = set()
    in_region: Counter[str] = Counter()
    for count, (region, number) in enumerate(places, start=1):
        owed, owed_there = share * count - len(chosen), share * (number + 1) - in_region[region]
        if owed > 1 + ROUNDING or (owed > -ROUNDING and owed + owed_there > 1 - ROUNDING):
            chosen.add((region, number))
            in_region[region] += 1
    return chosen


def posts_of(role: Role, rules: WorkforceRules, weights: Mapping[str, int]) -> list[Post]:
    """Posts of a role, region by region.

    Those of the table of people in post come first, as its rows say. Of the others, part-time posts and those whose
    holders may lead are spread over the places in the order in which places arise as people are added: by the regions'
    weights, or, where people are given by region, one in every region in turn. One more person, anywhere, changes
    nobody's hours and nobody's permission to lead; nor does one more row of the table, which takes the place of the
    next post of its region, or of the last of all. People who are shared out, or as many in every region, come to the
    national share within one; people who are given by region otherwise, and those beside a table, come near it.

    Parameters
    ----------
    role : str
        The role.
    rules : WorkforceRules
        The workforce's data.
    weights : mapping of str to int
        Number of authorities by region, by which people are shared out.
    """
    table = _posts_of_table(role, rules)
    rest = rules.roles[role].people - len(table)
    taken = Counter(post.region for post in table)
    order, people = _order_of_places(rules.roles[role], weights)
    leads = spread_evenly(order, rules.roles[role].may_lead_share)
    part_time = spread_evenly(order, rules.part_time_share)
    free = [(region, number) for region, number in order if taken[region] <= number < people[region]][:rest]
    drawn = [
        Post(
            role,
            region,
            number,
            may_lead=(region, number) in leads,
            hours=rules.part_time_hours if (region, number) in part_time else 1.0,
        )
        for region, number in free
    ]
    return [post for region in weights for post in (*table, *drawn) if post.region == region]


def _order_of_places(of_role: RoleRules, weights: Mapping[str, int]) -> tuple[list[Place], Mapping[str, int]]:
    """Places of a role in the order in which they arise, and people by region if all of them are drawn."""
    if of_role.by_region is None:
        order = list(islice(places_in_order(weights), of_role.people))
        return order, Counter(region for region, _ in order)
    most = max(of_role.by_region.values())
    return [(region, number) for number in range(most) for region in weights], of_role.by_region


def _posts_of_table(role: Role, rules: WorkforceRules) -> list[Post]:
    """Posts of the people of a role of whom the table tells, numbered in each region in the order of its rows."""
    posts: list[Post] = []
    number: Counter[str] = Counter()
    for row in rules.people_in_post(role):
        posts.append(Post(role, row.region, number[row.region], row.may_lead, row.hours, row.start))
        number[row.region] += 1
    return posts


def added_posts(
    role: Role, rules: WorkforceRules, weights: Mapping[str, int], there: Sequence[Post], people: int
) -> list[Post]:
    """Posts for more people of a role, beside those that are there already; see :func:`posts_of`."""
    in_region = Counter(post.region for post in there)
    of_role = rules.roles[role]
    if of_role.by_region is not None:
        more = share_out(people, weights)
        in_all = {region: in_region[region] + more[region] for region in weights}
    else:
        in_all = share_out(len(there) + people, weights)
    changes = {"people": sum(in_all.values()), "by_region": None if of_role.by_region is None else in_all}
    roles = {**rules.roles, role: of_role.model_copy(update=changes)}
    table = tuple(rules.people_in_post(role))  # a row that was left out is nobody whom a campaign would hire
    larger = rules.model_copy(update={"roles": roles, "in_post": table})
    known = set(there)
    return [post for post in posts_of(role, larger, weights) if post not in known]


def name_of(post: Post, holder: int) -> str:
    """Name of the ``holder``-th holder of a post, from 1: role, region, number of the post, and which holder."""
    return f"{post.role} {post.region} {post.number + 1:02d}" + (f"/{holder}" if holder > 1 else "")


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


class Offers:
    """Offers of posts made during one replication, no more in a quarter than a role's limit.

    Parameters
    ----------
    rules : WorkforceRules
        The workforce's data.
    calendar : Calendar
        The working calendar.
    """

    def __init__(self, rules: WorkforceRules, calendar: Calendar) -> None:
        self._most = {role: each.most_offers_a_quarter for role, each in rules.roles.items()}
        self._calendar = calendar
        self._made: Counter[tuple[Role, int]] = Counter()

    def limited(self, role: Role) -> bool:
        """Whether a role has a limit."""
        return self._most[role] is not None

    def has_room(self, role: Role, day: int) -> bool:
        """Whether another offer may be made in a day's quarter."""
        most = self._most[role]
        return most is None or self._made[role, self._calendar.quarter_of(day)] < most

    def make(self, role: Role, day: int) -> None:
        """Count an offer that is made on a day."""
        self._made[role, self._calendar.quarter_of(day)] += 1


class Workforce:
    """Everybody in post during one replication.

    Parameters
    ----------
    rules : WorkforceRules
        The workforce's data.
    posts : mapping of str to sequence of Post
        Posts by role, as of :func:`posts_of`.
    desk_days : mapping of str to sequence of float
        Inspector-days that desk work takes in each term, by role. They come off the time of the people of the role,
        of each in proportion to what the people of the start offer in that term; who joins later gives the same share.
    calendar : Calendar
        The working calendar.
    leave_years : LeaveYears
        Weeks in which people may be away.
    streams : Streams
        The replication's streams.
    shocks : Disturbances
        What happens from outside.

    Attributes
    ----------
    rules, calendar, shocks
        As given.
    offers : Offers
        Offers of posts that were made.
    everybody : list of Inspector
        All who were ever in post, in order of joining.
    to_join : list of (int, Post)
        Posts whose first holders are appointed already and join after the start, each with the day.
    in_post : dict of str to list of Inspector
        Those in post now, by role, in the order of their names.
    """

    def __init__(
        self,
        rules: WorkforceRules,
        posts: Mapping[Role, Sequence[Post]],
        desk_days: Mapping[Role, Sequence[float]],
        calendar: Calendar,
        leave_years: LeaveYears,
        streams: Streams,
        shocks: Disturbances,
    ) -> None:
        self.rules = rules
        self.calendar = calendar
        self.shocks = shocks
        self.offers = Offers(rules, calendar)
        self._leave_years = leave_years
        self._streams = streams
        self._workdays = [calendar.workday_mask & days_mask(first, last) for first, last in calendar.terms]
        self._off_the_desk: dict[Role, list[float]] = {}
        self.everybody: list[Inspector] = []
        self.to_join: list[tuple[int, Post]] = []
        self.in_post: dict[Role, list[Inspector]] = {}
        for role in rules.roles:
            self._take_up_posts(role, posts[role], desk_days.get(role, [0.0] * len(calendar.terms)))

    def _take_up_posts(self, role: Role, posts: Sequence[Post], desk_days: Sequence[float]) -> None:
        self.in_post[role] = []
        self._off_the_desk[role] = [1.0] * len(desk_days)
        there = []
        for post in posts:
            joined = None if post.joins_on is None else self.calendar.day(post.joins_on)
            if joined is not None and joined > 0:
                self.to_join.append((joined, post))
            else:
                there.append((post, self._in_full_use(joined)))
        people = [
            self._put_in(post, 1, 0, full_use, away)
            for (post, full_use), away in zip(there, self._away([name_of(post, 1) for post, _ in there]), strict=True)
        ]
        can_give = [self.days_by_term(person, range(len(desk_days))) for person in people]
        for term, desk in enumerate(desk_days):
            offered = sum(days[term] for days in can_give)
            self._off_the_desk[role][term] = max(0.0, 1 - desk / offered) if offered else 1.0
        for person, days in zip(people, can_give, strict=True):
            person.left = [each * share for each, share in zip(days, self._off_the_desk[role], strict=True)]

    def _in_full_use(self, joined: int | None) -> int:
        """First day of full use of somebody who joined at the start or before it, long ago if None."""
        return 0 if joined is None else max(0, self.calendar.months_after(joined, self.rules.induction_months))

    def _away(self, names: Sequence[str], joins: int = 0) -> list[int]:
        """Leave and training of each of some people, who join on a day."""
        draws = [self._streams.rows("leave", name, len(self._leave_years.years), WEEKS_DRAWN) for name in names]
        return self._leave_years.absences(self.rules, np.array(draws), joins) if names else []

    def join(self, post: Post, holder: int, day: int) -> Inspector:
        """Put the ``holder``-th holder (from 1) of a post into it, on a day, to be in full use after induction."""
        full_use = self.calendar.months_after(day, self.rules.induction_months)
        (away,) = self._away([name_of(post, holder)], day)
        inspector = self._put_in(post, holder, day, full_use, away)
        self.refresh(inspector)
        return inspector

    def _put_in(self, post: Post, holder: int, day: int, full_use: int, away: int) -> Inspector:
        """Put somebody into a post, to whom nothing can be given yet."""
        daily_share = self.rules.roles[post.role].programme_share * post.hours
        inspector = Inspector(post, holder, day, full_use, away, daily_share, self.calendar)
        inspector.given = [0.0] * len(self._workdays)
        inspector.left = [0.0] * len(self._workdays)
        self.everybody.append(inspector)
        insort(self.in_post[post.role], inspector, key=attrgetter("name"))
        return inspector

    def days_by_term(self, inspector: Inspector, terms: range) -> list[float]:
        """Days that an inspector can give to this programme in terms, desk work among them, if none was given yet."""
        share, present = inspector.daily_share, inspector.at_work
        workdays = self._workdays[terms.start : terms.stop]
        if inspector.full_use <= inspector.joins:
            return [share * (present & days).bit_count() for days in workdays]
        learning = present & days_mask(0, inspector.full_use - 1)
        able, productivity = present ^ learning, self.rules.induction_productivity
        return [share * ((able & days).bit_count() + (learning & days).bit_count() * productivity) for days in workdays]

    def refresh(self, inspector: Inspector, terms: range | None = None) -> None:
        """Work out again what an inspector may still be given in terms (in all), after a change of the days at work."""
        terms = range(len(self._workdays)) if terms is None else terms
        off_the_desk, left, given = self._off_the_desk[inspector.role], inspector.left, inspector.given
        for term, days in zip(terms, self.days_by_term(inspector, terms), strict=True):
            left[term] = days * off_the_desk[term] - given[term]

    def fall_ill(self, inspector: Inspector, day: int, workdays: int) -> None:
        """Take an inspector off work for a spell.

        The spell takes the first working days from that day on that are not given away: an inspection under way is
        carried through by its team, and the days are made up after it. Days lent elsewhere may be among them.
        """
        taken = inspector.busy & ~inspector.lent if inspector.lent else inspector.busy
        free = (self.calendar.workday_mask & ~taken) >> day
        soon = free & SOON
        spell = first_of(soon if soon.bit_count() >= workdays else free, workdays)
        if spell:
            inspector.take_off(spell << day)
            last = day + spell.bit_length() - 1
            self.refresh(inspector, range(self.calendar.term_of(day), self.calendar.term_of(last) + 1))

    def lend(self, inspector: Inspector, first: int, last: int) -> None:
        """Give an inspector to another programme for some days; those that are given away already are kept."""
        lent = self.calendar.workday_mask & ~inspector.busy & days_mask(first, last)
        inspector.lent |= lent
        inspector.take_off(lent)
        self.refresh(inspector)

    def stays(self, inspector: Inspector) -> bool:
        """Whether nobody knows of a last day of an inspector yet."""
        return inspector.last_day == self.calendar.last

    def give_notice(self, inspector: Inspector, leaves: int) -> int:
        """Fix an inspector's last day in post, after all that is promised, and return it."""
        inspector.last_day = max(leaves, inspector.engaged.bit_length() - 1)
        gone = days_mask(inspector.last_day + 1, self.calendar.last)
        inspector.busy |= gone
        inspector.at_work &= ~gone
        self.refresh(inspector)
        return inspector.last_day

    def leave(self, inspector: Inspector) -> None:
        """Take an inspector out of post."""
        self.in_post[inspector.role].remove(inspector)
