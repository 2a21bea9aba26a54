"""Computes which diary days a visit's fieldwork takes if it begins on a given Monday, once for each scenario."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from sim.base.calendar import DAYS_A_WEEK, Calendar
from sim.base.daysets import days_mask
from sim.inputs.framework import Role, Size, Team, VisitRules


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """Describe the days that one seat of a visit takes in an inspector's diary; equal seats of a scenario share it.

    Attributes
    ----------
    first, last : int
        First and last day.
    days : int
        Number of working days of work.
    mask : int
        Bitset of the working days from first to last. If there is a week off site in between, no other work begins in
        it. Such a week is left out if it is closed to fieldwork, because people are on leave then.
    weekly : tuple of (int, int, int)
        For each week with work: its Monday, the days of work, and how many of them are on site. Ends at the last day
        simulated.
    fieldwork, rest : int
        Bitsets of the weeks of fieldwork and of the weeks of rest afterwards. Empty for a visit that needs no rest.
    term, days_in_term : int
        Term of the first day of work, and the days of work in that term.
    later_terms : tuple of (int, int)
        Later terms with days of work, each with the number of days. Usually empty.
    """

    first: int
    last: int
    days: int
    mask: int
    weekly: tuple[tuple[int, int, int], ...]
    fieldwork: int
    rest: int
    term: int
    days_in_term: int
    later_terms: tuple[tuple[int, int], ...]


def span_of(seat: Team, rules: VisitRules, monday: int, travel: int, calendar: Calendar) -> Span:
    """Return the span of a seat if fieldwork begins on a Monday, with ``travel`` working days to get there."""
    weeks, writing_up = seat.weeks_of_work, seat.writing_up_days
    (first_week, _), (last_week, last_days) = weeks[0], weeks[-1]
    arrives, departs = monday + DAYS_A_WEEK * first_week, monday + DAYS_A_WEEK * last_week + last_days - 1
    before = calendar.workdays_up_to(arrives, seat.preparation_days + travel)
    after = calendar.workdays_from(departs, writing_up)
    first = before[0] if before else arrives
    last = departs if not writing_up else after[-1] if len(after) == writing_up else calendar.last
    mask = calendar.workday_mask & days_mask(first, last)
    if len(weeks) <= last_week - first_week:
        off_site = set(range(first_week, last_week)) - {week for week, _ in weeks}
        for begins in (monday + DAYS_A_WEEK * week for week in off_site):
            if begins not in calendar.open_weeks:
                mask &= ~days_mask(begins, begins + DAYS_A_WEEK - 1)
    of_terms = [(calendar.term_of(first), seat.days + travel - writing_up + len(after))]
    if calendar.term_of(last) > of_terms[0][0]:
        on_site = [monday + DAYS_A_WEEK * week + day for week, days in weeks for day in range(days)]
        of_terms = sorted(Counter(calendar.term_of(day) for day in (*before, *on_site, *after)).items())
    (term, days_in_term), *later_terms = of_terms
    home, rest_weeks = monday + DAYS_A_WEEK * (last_week + 1), rules.rest_weeks
    return Span(
        first=first,
        last=last,
        days=seat.days + travel,
        mask=mask,
        weekly=_weekly(weeks, monday, before + after, calendar.horizon),
        fieldwork=days_mask(arrives, departs) if rest_weeks else 0,
        rest=days_mask(home, home + DAYS_A_WEEK * rest_weeks - 1) if rest_weeks else 0,
        term=term,
        days_in_term=days_in_term,
        later_terms=tuple(later_terms),
    )


def _weekly(
    weeks: Iterable[tuple[int, int]], monday: int, around: Iterable[int], horizon: int
) -> tuple[tuple[int, int, int], ...]:
    """Count work week by week up to the last day simulated: days on site, and working days before and after."""
    on_site: dict[int, int] = {}
    for week, days in weeks:
        begins = monday + DAYS_A_WEEK * week
        if begins <= horizon:
            on_site[begins] = min(days, horizon - begins + 1)
    work = dict(on_site)
    for day in around:
        if day <= horizon:
            week = day - (day - monday) % DAYS_A_WEEK
            work[week] = work.get(week, 0) + 1
    return tuple([(week, work[week], on_site.get(week, 0)) for week in sorted(work)])


class Seat(NamedTuple):
    """Describe people who take one seat of a team, at an authority of a given size.

    Attributes
    ----------
    place : int
        Index among the seats of the rules.
    role : str
        Role of the people.
    lead : bool
        Whether this is the lead's seat.
    people : int
        Number of people, at least one.
    here : Span
        Days that it takes from people of the authority's own region.
    """

    place: int
    role: Role
    lead: bool
    people: int
    here: Span


@dataclass(frozen=True, slots=True, eq=False)
class Fieldwork:
    """Describe fieldwork under some rules that begins on a Monday, at any authority.

    Attributes
    ----------
    rules : VisitRules
        Rules of the visit.
    monday, end : int
        First and last day on site.
    days : int
        Bitset of the days from the first to the last.
    weeks : range
        Mondays of its weeks.
    term : int
        Term in which it begins.
    next_start : int
        Next Monday on which it could begin instead.
    """

    rules: VisitRules
    monday: int
    end: int
    days: int
    weeks: range
    term: int
    next_start: int
    _calendar: Calendar
    _spans: dict[tuple[int, int], Span] = field(default_factory=dict)
    _seats: dict[Size, tuple[Seat, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, rules: VisitRules, monday: int, calendar: Calendar) -> Fieldwork:
        """Build the fieldwork that begins on a Monday on which it can begin."""
        end = rules.fieldwork_end(monday)
        return cls(
            rules,
            monday,
            end,
            days=days_mask(monday, end),
            weeks=range(monday, end + 1, DAYS_A_WEEK),
            term=calendar.term_of(monday),
            next_start=calendar.first_start(rules.weeks_on_site, monday + 1),
            _calendar=calendar,
        )

    def seats(self, size: Size) -> tuple[Seat, ...]:
        """List the seats that people take at an authority of a size, in the order in which they are filled."""
        seats = self._seats.get(size)
        if seats is None:
            seats = self._seats[size] = tuple(
                Seat(place, team.role, lead, team.people[size], self.span(place, 0))
                for place, (team, lead) in enumerate(self.rules.seats)
                if team.people[size]
            )
        return seats

    def span(self, seat: int, travel: int) -> Span:
        """Return the span of a seat, by its index among the seats, with ``travel`` working days to get there."""
        span = self._spans.get((seat, travel))
        if span is None:
            team, _ = self.rules.seats[seat]
            span = self._spans[seat, travel] = span_of(team, self.rules, self.monday, travel, self._calendar)
        return span


class Calls:
    """Find the fieldwork that can be called on each Monday, computed once and shared by all replications.

    Parameters
    ----------
    calendar : Calendar
        Working calendar.
    """

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._known: dict[int, tuple[VisitRules, dict[int, Fieldwork | None]]] = {}

    def of(self, rules: VisitRules, call: int) -> Fieldwork | None:
        """Return the fieldwork that is called on a Monday; None if it cannot begin after the notice period."""
        known = self._known.get(id(rules))
        if known is None:
            known = self._known[id(rules)] = (
                rules,
                {},
            )  # keeping the rules here means that no other object gets their id
        _, called = known
        if call not in called:
            monday = call + DAYS_A_WEEK * rules.notice_weeks
            possible = self._calendar.is_start(rules.weeks_on_site, monday)
            called[call] = Fieldwork.of(rules, monday, self._calendar) if possible else None
        return called[call]
