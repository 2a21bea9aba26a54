"""Fieldwork that begins on a Monday, and the days that it takes of diaries; worked out once in a scenario."""

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
    """The days that one seat of a visit takes of an inspector's diary; the seats of a scenario share it.

    Attributes
    ----------
    first, last : int
        First and last day.
    days : int
        Working days of work.
    mask : int
        Bitset of the working days from first to last: during a week off site in between nothing else is begun. If that
        week is closed to fieldwork it is left out, since people are on leave then.
    weekly : tuple of (int, int, int)
        For each week with work its Monday, the days of work, and those of them on site, up to the last day simulated.
    fieldwork, rest : int
        Bitsets of the weeks of fieldwork and of the weeks of rest after; empty for a visit that needs no rest.
    term, days_in_term : int
        Term of the first day of work, and the days of work that fall in it.
    later_terms : tuple of (int, int)
        Later terms in which days of work fall, each with their number; mostly empty.
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
    """Days that a seat takes when fieldwork begins on a Monday, with ``travel`` working days on the way there."""
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
    """Work week by week, up to the last day simulated: days on site, and working days of other work around them."""
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
    """People who take one seat of a team in fieldwork at an authority of some size.

    Attributes
    ----------
    place : int
        Place among the seats of the rules.
    role : str
        Their role.
    lead : bool
        Whether it is the lead's.
    people : int
        How many there are, at least one.
    here : Span
        The days that it takes of people of the authority's own region.
    """

    place: int
    role: Role
    lead: bool
    people: int
    here: Span


@dataclass(frozen=True, slots=True, eq=False)
class Fieldwork:
    """Fieldwork under some rules that begins on a Monday, whoever it is at.

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
        First Monday after on which it could begin as well.
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
        """Fieldwork that begins on a Monday on which it can."""
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
        """Seats that somebody takes at an authority of a size, in the order in which they are filled."""
        seats = self._seats.get(size)
        if seats is None:
            seats = self._seats[size] = tuple(
                Seat(place, team.role, lead, team.people[size], self.span(place, 0))
                for place, (team, lead) in enumerate(self.rules.seats)
                if team.people[size]
            )
        return seats

    def span(self, seat: int, travel: int) -> Span:
        """Span of a seat, by its place among the seats, with ``travel`` working days on the way there."""
        span = self._spans.get((seat, travel))
        if span is None:
            team, _ = self.rules.seats[seat]
            span = self._spans[seat, travel] = span_of(team, self.rules, self.monday, travel, self._calendar)
        return span


class Calls:
    """Fieldwork that can be called on each Monday of a scenario, each worked out once; its replications share them.

    Parameters
    ----------
    calendar : Calendar
        The working calendar.
    """

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._known: dict[int, tuple[VisitRules, dict[int, Fieldwork | None]]] = {}

    def of(self, rules: VisitRules, call: int) -> Fieldwork | None:
        """Fieldwork under some rules that is called on a Monday; none, if it cannot begin after the notice."""
        known = self._known.get(id(rules))
        if known is None:
            known = self._known[id(rules)] = rules, {}  # rules that are kept keep their id for themselves
        _, called = known
        if call not in called:
            monday = call + DAYS_A_WEEK * rules.notice_weeks
            possible = self._calendar.is_start(rules.weeks_on_site, monday)
            called[call] = Fieldwork.of(rules, monday, self._calendar) if possible else None
        return called[call]
