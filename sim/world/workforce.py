"""Represents the workforce: roles, regions, hours, diaries, leave, sickness, joining and leaving.

A diary is a bitset of days: a Python integer whose bit ``d`` is day ``d``. One ``&`` tells whether a person is free for
a span. Other duties take no days out of the diary, because people plan them around inspections. Instead they limit the
days of a term that an inspector can give to this programme.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import ceil
from operator import attrgetter, mul

import numpy as np

from sim.base.calendar import DAYS_A_YEAR, MONTHS_A_YEAR, Calendar, add_months
from sim.base.daysets import days_mask, first_of
from sim.base.randomness import Streams
from sim.inputs.framework import Role
from sim.inputs.posts import Post, name_of
from sim.inputs.shocks import Disturbances
from sim.inputs.workforce_rules import WorkforceRules
from sim.world.inspectors import Inspector
from sim.world.leave import WEEKS_DRAWN, LeaveYears
from sim.world.weeks_ahead import Expected, joining, learning

SOON = (1 << 84) - 1
"""Bitset of twelve weeks, within which most spells of sickness end; affects only speed."""


class Offers:
    """Count the offers of posts made during one replication, and apply each role's limit for a quarter.

    Parameters
    ----------
    rules : WorkforceRules
        Rules of the workforce.
    calendar : Calendar
        Working calendar.
    """

    def __init__(self, rules: WorkforceRules, calendar: Calendar) -> None:
        self._most = {role: each.most_offers_a_quarter for role, each in rules.roles.items()}
        self._calendar = calendar
        self._made: Counter[tuple[Role, int]] = Counter()

    def limited(self, role: Role) -> bool:
        """Return whether a role has a limit."""
        return self._most[role] is not None

    def has_room(self, role: Role, day: int) -> bool:
        """Return whether another offer may be made in a day's quarter."""
        most = self._most[role]
        return most is None or self._made[role, self._calendar.quarter_of(day)] < most

    def make(self, role: Role, day: int) -> None:
        """Count an offer that is made on a day."""
        self._made[role, self._calendar.quarter_of(day)] += 1


class Workforce:
    """Manage everybody in post during one replication.

    Parameters
    ----------
    rules : WorkforceRules
        Rules of the workforce.
    posts : mapping of str to sequence of Post
        Posts by role, from :func:`sim.inputs.posts.posts_of`.
    desk_days : mapping of str to sequence of float
        Inspector-days of desk work in each term, by role. They reduce the time of the people in the role, in proportion
        to the time that each person in post at the start has in that term. People who join later give up the same
        share.
    calendar : Calendar
        Working calendar.
    leave_years : LeaveYears
        Weeks in which people may be away.
    streams : Streams
        Random streams of the replication.
    shocks : Disturbances
        Shocks of the scenario.

    Attributes
    ----------
    rules, calendar, shocks
        As passed.
    offers : Offers
        Offers of posts that were made.
    everybody : list of Inspector
        Everybody who was ever in post, in order of joining.
    to_join : list of (int, Post)
        Posts whose first holders are already appointed and join after the start, each with the day.
    in_post : dict of str to list of Inspector
        Everybody in post now, by role, in the order of their names.
    groups : dict of str to dict of (bool, str or None) to list of Inspector
        The same people, by whether they may lead and by region; None stands for all regions.
    taken_up : dict of str to list of Post
        Posts that somebody has held, by role.
    ended : set of Post
        Posts that end when their holder leaves.
    sickness : list of (int, float)
        Factors of the rate of falling ill, each with the day from which it applies. Empty if the rate is the same all
        year.
    expected : list of Expected
        What has become known about posts since the start, for those who plan: vacancies, campaigns, people lent.
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
        self.sickness = _sickness(rules, calendar)
        self._leave_years = leave_years
        self._leave = leave_years.asked_for(rules)
        self._streams = streams
        self._workdays = [calendar.workday_mask & days_mask(first, last) for first, last in calendar.terms]
        self._off_the_desk: dict[Role, list[float]] = {}
        self._with_duties = {role for role in rules.roles if shocks.any_duty(role)}
        self.everybody: list[Inspector] = []
        self.to_join: list[tuple[int, Post]] = []
        self.in_post: dict[Role, list[Inspector]] = {}
        self.groups: dict[Role, dict[tuple[bool, str | None], list[Inspector]]] = {}
        self.taken_up: dict[Role, list[Post]] = {role: [] for role in rules.roles}
        self.ended: set[Post] = set()
        self.expected: list[Expected] = []
        self._successors: dict[Post, tuple[int, int]] = {}
        for role in rules.roles:
            self._take_up_posts(role, posts[role], desk_days.get(role, [0.0] * len(calendar.terms)))

    def _take_up_posts(self, role: Role, posts: Sequence[Post], desk_days: Sequence[float]) -> None:
        self.in_post[role], self.groups[role] = [], {}
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
            person.balance(0, len(desk_days) - 1)

    def _in_full_use(self, joined: int | None) -> int:
        """Return the end of induction of somebody who joined at or before the start; None means long before."""
        return 0 if joined is None else max(0, self.calendar.months_after(joined, self.rules.induction_months))

    def _away(self, names: Sequence[str], joins: int = 0) -> list[int]:
        """Draw leave and training for some people who join on a day."""
        draws = [self._streams.rows("leave", name, len(self._leave_years.years), WEEKS_DRAWN) for name in names]
        return self._leave_years.absences(self._leave, np.array(draws), joins) if names else []

    def join(self, post: Post, holder: int, day: int) -> Inspector:
        """Put the ``holder``-th holder (from 1) into a post on a day; induction begins then."""
        self._successors.pop(post, None)
        full_use = self.calendar.months_after(day, self.rules.induction_months)
        (away,) = self._away([name_of(post, holder)], day)
        inspector = self._put_in(post, holder, day, full_use, away)
        self.refresh(inspector, self._terms_from(day))
        return inspector

    def _put_in(self, post: Post, holder: int, day: int, full_use: int, away: int) -> Inspector:
        """Put somebody into a post, without time to give yet."""
        daily_share = self.rules.roles[post.role].programme_share * post.hours
        carry_over = self.rules.carry_over_days * post.hours
        inspector = Inspector(post, holder, day, full_use, away, daily_share, carry_over, self.calendar)
        self.everybody.append(inspector)
        if holder == 1:
            self.taken_up[post.role].append(post)
        for people in self._lists_of(inspector):
            insort(people, inspector, key=attrgetter("name"))
        return inspector

    def _lists_of(self, inspector: Inspector) -> Iterator[list[Inspector]]:
        """Yield the lists that a person is in while in post."""
        yield self.in_post[inspector.role]
        for region in (None, inspector.region):
            yield self.groups[inspector.role].setdefault((inspector.may_lead, region), [])

    def days_by_term(self, inspector: Inspector, terms: range) -> list[float]:
        """Compute the days that an inspector can give to this programme in each term, including desk work, with none
        given yet.
        """
        days = self._before_duties(inspector, terms)
        if inspector.role in self._with_duties:
            off = (self._duty_days(inspector, term) for term in terms)
            return [max(0.0, of_term - taken) for of_term, taken in zip(days, off, strict=True)]
        return days

    def kept(self, inspector: Inspector) -> list[float] | None:
        """Return the share of an inspector's programme time that duties leave in each term; None if there are no
        duties.
        """
        if inspector.role not in self._with_duties:
            return None
        terms = range(len(self._workdays))
        before, after = self._before_duties(inspector, terms), self.days_by_term(inspector, terms)
        return [left / whole if whole else 1.0 for left, whole in zip(after, before, strict=True)]

    def _duty_days(self, inspector: Inspector, term: int) -> float:
        """Compute the days of a term that duties take from an inspector while in post."""
        first, last = self.calendar.terms[term]
        in_post = max(first, inspector.joins, 0), min(last, inspector.last_day)
        return inspector.hours * self.shocks.duty_days(inspector.role, *in_post)

    def _before_duties(self, inspector: Inspector, terms: range) -> list[float]:
        """Compute the days that an inspector could give in each term without the duties of shocks."""
        share, present = inspector.daily_share, inspector.at_work
        workdays = self._workdays[terms.start : terms.stop]
        if inspector.full_use <= max(inspector.joins, self.calendar.terms[terms.start][0]):
            return [share * (present & days).bit_count() for days in workdays]
        learning = present & days_mask(0, inspector.full_use - 1)
        able, productivity = present ^ learning, self.rules.induction_productivity
        return [share * ((able & days).bit_count() + (learning & days).bit_count() * productivity) for days in workdays]

    def _terms_from(self, day: int) -> range:
        """Return the terms from that of a day on."""
        return range(self.calendar.term_of(day), len(self._workdays))

    def refresh(self, inspector: Inspector, terms: range) -> None:
        """Compute again what an inspector may still give in some terms, after the days at work have changed."""
        off_the_desk, left, given = self._off_the_desk[inspector.role], inspector.left, inspector.given
        for term, days in zip(terms, self.days_by_term(inspector, terms), strict=True):
            left[term] = days * off_the_desk[term] - given[term]
        inspector.balance(terms.start, terms.stop - 1)

    def fall_ill(self, inspector: Inspector, day: int, workdays: int) -> None:
        """Take an inspector off work for a spell of sickness.

        The spell takes the first working days from that day on that are not given to visits. The team of an inspection
        under way finishes it, and its sick days come afterwards. Days lent to another programme may be among them.
        """
        taken = inspector.busy & ~inspector.lent if inspector.lent else inspector.busy
        workdays_from, taken_from = self.calendar.workday_mask >> day, taken >> day
        free = workdays_from & SOON & ~(taken_from & SOON)
        if free.bit_count() < workdays:
            free = workdays_from & ~taken_from
        spell = first_of(free, workdays)
        if spell:
            inspector.take_off(spell << day)
            last = day + spell.bit_length() - 1
            self.refresh(inspector, range(self.calendar.term_of(day), self.calendar.term_of(last) + 1))

    def lend(self, inspector: Inspector, first: int, last: int) -> None:
        """Lend an inspector to another programme for some days, except days that are already given away."""
        lent = self.calendar.workday_mask & ~inspector.busy & days_mask(first, last)
        inspector.lent |= lent
        inspector.take_off(lent)
        self.refresh(inspector, self._terms_from(first))
        self.expected.append(Expected(inspector.post, first, last + 1, -1.0, -1.0))

    def expect_vacancy(self, post: Post, notice: int, first: int, ends: int) -> None:
        """Announce that a post falls vacant, and when a successor joins if no limit on offers delays it.

        Parameters
        ----------
        post : Post
            The post.
        notice, first : int
            Day on which the leaver gave notice, and first day without the leaver.
        ends : int
            Last day of the post's term.
        """
        rules, months_after = self.rules, self.calendar.months_after
        offered = self.shocks.offered_on(post.role, months_after(notice, rules.hiring_months))
        joins = min(max(first, months_after(offered, rules.notice_months)), ends) if post not in self.ended else ends
        self._successors[post] = joins, ends
        if first < joins:
            self.expected.append(Expected(post, first, joins, -1.0, -1.0))
        self.expected += learning(post, joins, ends, rules, self.calendar)

    def posts(self, role: Role) -> list[Post]:
        """Return the posts of a role that have been taken up and have not ended, filled or vacant."""
        return [post for post in self.taken_up[role] if post not in self.ended]

    def end_post(self, post: Post) -> None:
        """End a post, so that nobody follows its holder, and announce that an expected successor will not come."""
        self.ended.add(post)
        if post in self._successors:
            for each in joining(post, *self._successors[post], self.rules, self.calendar):
                self.expected.append(each._replace(share=-each.share, leads=-each.leads))

    def stays(self, inspector: Inspector) -> bool:
        """Return whether an inspector's last day is still unknown."""
        return inspector.last_day == self.calendar.last

    def give_notice(self, inspector: Inspector, leaves: int) -> int:
        """Set an inspector's last day in post, after everything already promised, and return it."""
        last_day = max(leaves, inspector.engaged.bit_length() - 1)
        gone = days_mask(last_day + 1, self.calendar.last)
        inspector.busy |= gone
        inspector.at_work &= ~gone
        term = self.calendar.term_of(last_day)
        inspector.leave_after(last_day, term)
        self.refresh(inspector, range(term, term + 1))
        return last_day

    def leave(self, inspector: Inspector) -> None:
        """Take an inspector out of post."""
        for people in self._lists_of(inspector):
            people.remove(inspector)


def _sickness(rules: WorkforceRules, calendar: Calendar) -> list[tuple[int, float]]:
    """Compute the factors of the rate of falling ill by month, relative to their mean over a year, from each day on.

    So the yearly days of sickness stay the same although the months differ in length.
    """
    if rules.sick_by_month is None:
        return []
    first = calendar.date(0).replace(day=1)
    months = [add_months(first, count) for count in range(MONTHS_A_YEAR * ceil(1 + calendar.last / DAYS_A_YEAR) + 1)]
    days = [(later - month).days for month, later in pairwise(months)]
    of_month = [rules.sick_by_month[month.month - 1] for month in months[:-1]]
    mean = sum(map(mul, of_month[:MONTHS_A_YEAR], days)) / sum(days[:MONTHS_A_YEAR])
    return [(calendar.day(month), factor / mean) for month, factor in zip(months, of_month, strict=False)]
