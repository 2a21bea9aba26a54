"""The weekly match of visits that are due with inspectors who are free.

On the Monday on which notice has to be given the planner takes the visits that may begin, most urgent first, and
forms for each a whole team or none, so nothing deadlocks: the lead first, people of the authority's own region
before others, those with most time left first. What finds no team waits for the next Monday.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from sim.framework import INSPECTIONS, Role, Team, VisitRules
from sim.parts import FewDays, Months, Part, quantity
from sim.visit import Assignment, Visit
from sim.workdays import DAYS_A_WEEK, Calendar
from sim.workforce import Inspector, Workforce, days_mask

if TYPE_CHECKING:
    from sim.clock import Clock
    from sim.risk import Risk
    from sim.shocks import Disturbances


class PlanningRules(Part):
    """In which order visits are planned, and how teams are formed."""

    order: Literal["due_date", "risk"] = quantity(
        "which of the visits of one priority comes first: the one that is late soonest, or that to the authority "
        "which is most likely to have declined below its judgement, from what was seen of it"
    )
    most_inspections: Annotated[int, Field(ge=1)] | None = quantity(
        "most full inspections on site in one week; as many as find a team if it is not said",
        "inspections",
        default=None,
    )
    backlog_months: Months = quantity(
        "months from the start over which inspections that were due before it are spread, the longest overdue first "
        "and those after monitoring apart; with 0 each is begun as soon as there is a team",
        "months",
    )

    stay_in_region: tuple[Role, ...] = quantity(
        "roles of whom nobody goes to an authority of another region, even if a visit waits for them"
    )
    travel_days_elsewhere: FewDays = quantity(
        "travel of an inspector from another region, before the first day on site", "working days"
    )


@dataclass(frozen=True, slots=True)
class Span:
    """The days that one seat of a visit takes of an inspector's diary.

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
    """

    first: int
    last: int
    days: int
    mask: int
    weekly: tuple[tuple[int, int, int], ...]
    fieldwork: int
    rest: int


def span_of(seat: Team, rules: VisitRules, monday: int, travel: int, calendar: Calendar) -> Span:
    """Days that a seat takes when fieldwork begins on a Monday, with ``travel`` working days on the way there."""
    weeks = [(week, days) for week, days in enumerate(seat.on_site_days) if days]
    arrives = monday + DAYS_A_WEEK * weeks[0][0]
    departs = monday + DAYS_A_WEEK * weeks[-1][0] + weeks[-1][1] - 1
    first = calendar.workdays_before(arrives, seat.preparation_days + travel)
    last = calendar.workdays_after(departs, seat.writing_up_days)
    home = calendar.week_of(departs) + DAYS_A_WEEK
    off_site = [monday + DAYS_A_WEEK * week for week in range(weeks[0][0], weeks[-1][0]) if not seat.on_site_days[week]]
    closed = sum(days_mask(week, week + DAYS_A_WEEK - 1) for week in off_site if week not in calendar.open_weeks)
    return Span(
        first=first,
        last=last,
        days=seat.days + travel,
        mask=calendar.workday_mask & days_mask(first, last) & ~closed,
        weekly=_weekly(seat, monday, (first, arrives), (departs, last), calendar),
        fieldwork=days_mask(arrives, departs) if rules.rest_weeks else 0,
        rest=days_mask(home, home + DAYS_A_WEEK * rules.rest_weeks - 1) if rules.rest_weeks else 0,
    )


def _weekly(
    seat: Team, monday: int, before: tuple[int, int], after: tuple[int, int], calendar: Calendar
) -> tuple[tuple[int, int, int], ...]:
    """Work week by week, up to the last day simulated: preparation and travel, days on site, writing up."""
    on_site: dict[int, int] = {}
    for week, days in enumerate(seat.on_site_days):
        begins = monday + DAYS_A_WEEK * week
        if (simulated := min(days, calendar.horizon - begins + 1)) > 0:
            on_site[begins] = simulated
    work = dict(on_site)
    for day in (*range(before[0], before[1]), *range(after[0] + 1, after[1] + 1)):
        if day <= calendar.horizon and calendar.is_workday(day):
            week = calendar.week_of(day)
            work[week] = work.get(week, 0) + 1
    return tuple((week, days, on_site.get(week, 0)) for week, days in sorted(work.items()))


class Spans:
    """Spans of a scenario, each worked out once; shared by its replications.

    Parameters
    ----------
    calendar : Calendar
        The working calendar.
    """

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._known: dict[tuple[int, int, int], Span] = {}
        self._kept: list[Team] = []

    def of(self, seat: Team, rules: VisitRules, monday: int, travel: int) -> Span:
        """As :func:`span_of`."""
        key = (id(seat), monday, travel)
        span = self._known.get(key)
        if span is None:
            span = self._known[key] = span_of(seat, rules, monday, travel, self._calendar)
            self._kept.append(seat)  # an id stands for a seat only while the seat lives
        return span


class Pool:
    """People of one role on one Monday, most time left in a term first, one region's own and everybody.

    People are given in the order of their names, in which those with the same time left stay.
    """

    def __init__(self, people: list[Inspector], term: int) -> None:
        self.everybody = sorted(people, key=lambda inspector: inspector.left[term], reverse=True)
        self._of_region: dict[str, list[Inspector]] = {}
        for inspector in self.everybody:
            self._of_region.setdefault(inspector.region, []).append(inspector)

    def own(self, region: str) -> list[Inspector]:
        """People of a region."""
        return self._of_region.get(region, [])


class Planner:
    """Holds the requests and forms the teams.

    Parameters
    ----------
    clock : Clock
        Clock of the replication.
    calendar : Calendar
        The working calendar.
    rules : PlanningRules
        How teams are formed.
    workforce : Workforce
        People in post.
    spans : Spans
        The scenario's spans.
    shocks : Disturbances
        What happens from outside.
    risk : Risk or None
        What is believed of authorities, if visits are planned by it.
    """

    def __init__(
        self,
        clock: Clock,
        calendar: Calendar,
        rules: PlanningRules,
        workforce: Workforce,
        spans: Spans,
        shocks: Disturbances,
        risk: Risk | None,
    ) -> None:
        self._clock = clock
        self._calendar = calendar
        self._rules = rules
        self._workforce = workforce
        self._spans = spans
        self._shocks = shocks
        self._risk = risk
        self._on_site: Counter[int] = Counter()
        self._later: list[tuple[int, int, Visit]] = []
        self._ready: list[Visit] = []
        self._pools: dict[tuple[Role, int], Pool] = {}

    def request(self, visit: Visit) -> None:
        """Ask for a team, not before the Monday for which the visit is planned."""
        call = visit.planned - DAYS_A_WEEK * visit.rules.notice_weeks
        heappush(self._later, (call, visit.serial, visit))

    def earliest_monday(self, rules: VisitRules) -> int:
        """First Monday on which fieldwork can begin if it is asked for today."""
        return rules.earliest_monday(self._clock.today, self._calendar)

    def match(self, monday: int) -> list[Visit]:
        """Visits that find a team for the fieldwork that is called on a Monday; the others wait for the next."""
        while self._later and self._later[0][0] <= monday:
            self._ready.append(heappop(self._later)[2])
        waiting = [visit for visit in self._ready if visit.status == "waiting"]
        waiting.sort(key=self._urgency)
        self._pools = {}
        begun = [visit for visit in waiting if self._begin(visit, monday)]
        self._ready = [visit for visit in waiting if visit.status == "waiting"]
        return begun

    def _urgency(self, visit: Visit) -> tuple[int, float, int, int, int]:
        """Place of a visit among those that wait: the least is planned first.

        Of those that are late on the same day, the one that was planned for the earliest Monday, so that the order of
        the table decides as little as it can.
        """
        risk = 0.0 if self._risk is None else self._risk.of(visit.authority, self._clock.today)
        return visit.rules.priority, -risk, visit.window.latest, visit.planned, visit.serial

    def _begin(self, visit: Visit, call: int) -> bool:
        """Whether a team was found for fieldwork that is called on a Monday."""
        monday = call + DAYS_A_WEEK * visit.rules.notice_weeks
        calendar = self._calendar
        if not calendar.is_start(visit.rules.weeks_on_site, monday):
            return False
        end = visit.rules.fieldwork_end(monday)
        if end > visit.window.latest if visit.virtual else self._shocks.paused(visit.kind, monday, end):
            return False
        weeks = range(monday, end + 1, DAYS_A_WEEK)
        most = self._rules.most_inspections if visit.kind in INSPECTIONS else None
        if most is not None and max(self._on_site[week] for week in weeks) >= most:
            return False
        weeks_on_site = days_mask(monday, end) if visit.kind != "engagement" else 0
        if visit.authority.on_site & weeks_on_site and self._can_wait(visit, monday):
            return False
        team = self._form_team(visit, monday)
        if team is None:
            return False
        visit.authority.on_site |= weeks_on_site
        if visit.kind in INSPECTIONS:
            self._on_site.update(weeks)
        term = calendar.term_of(monday)
        for inspector, _, span in team:
            inspector.engage(span.mask, span.fieldwork, span.rest, span.days, term)
        visit.begin(calendar.workday_on_or_after(call), monday, team)
        return True

    def _can_wait(self, visit: Visit, monday: int) -> bool:
        """Whether a visit that would meet another one at its authority is not made late by waiting."""
        later = self._calendar.first_start(visit.rules.weeks_on_site, monday + 1)
        return later <= visit.window.latest or visit.window.latest < monday

    def _form_team(self, visit: Visit, monday: int) -> list[Assignment] | None:
        """Whole team with each one's days, the lead first; none if any seat stays empty."""
        size = visit.authority.size
        team: list[Assignment] = []
        for seat, lead in visit.rules.seats:
            barred = {inspector.name for inspector, _, _ in team}
            if lead and visit.kind in INSPECTIONS:
                barred.add(visit.authority.last_lead)
            found = self._candidates(seat, lead, barred, visit, monday)
            for _ in range(seat.people[size]):
                candidate = next(found, None)
                if candidate is None:
                    return None
                team.append(candidate)
        return team

    def _candidates(self, seat: Team, lead: bool, barred: set[str], visit: Visit, monday: int) -> Iterator[Assignment]:
        """People who can take a seat, in the order in which they are asked."""
        term = self._calendar.term_of(monday)
        pool = self._pool(seat.role, term)
        region = visit.authority.region
        here = self._spans.of(seat, visit.rules, monday, 0)
        for inspector in self._able(pool.own(region), here, lead, term):
            if inspector.name not in barred:
                yield Assignment(inspector, lead, here)
        if seat.role in self._rules.stay_in_region:
            return
        travel = 0 if visit.virtual else self._rules.travel_days_elsewhere
        there = self._spans.of(seat, visit.rules, monday, travel)
        for inspector in self._able(pool.everybody, there, lead, term):
            if inspector.region != region and inspector.name not in barred:
                yield Assignment(inspector, lead, there)

    def _able(self, people: list[Inspector], span: Span, lead: bool, term: int) -> Iterator[Inspector]:
        """Those who may take a seat: free, rested, with time left, and fit to lead if it is the lead's."""
        if span.first < self._clock.today:
            return
        for inspector in people:
            if not (
                inspector.busy & span.mask
                or inspector.resting & span.fieldwork
                or inspector.out & span.rest
                or inspector.left[term] < span.days
                or (lead and not (inspector.may_lead and inspector.full_use <= span.first))
            ):
                yield inspector

    def _pool(self, role: Role, term: int) -> Pool:
        """People of a role as they stand today; the term is that of the fieldwork."""
        if (role, term) not in self._pools:
            self._pools[role, term] = Pool(self._workforce.in_post[role], term)
        return self._pools[role, term]
