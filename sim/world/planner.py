"""Matches the visits that are due with the inspectors who are free, every week.

The planner works on the Monday on which notice must be given. It goes through the visits that may begin, most urgent
first, and forms a whole team for each or none at all, so nothing deadlocks. It seats the lead first. For the other
seats it asks people who cannot lead before those who can. It asks people of the authority's own region (and of regions
that share people with it) before others. For an inspection it asks those with the most time left first. For other
visits it asks those with the least time left first, because these short visits fit into what inspections leave over. A
visit that finds no team waits for the next Monday, and the reason is recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from operator import attrgetter, itemgetter

from sim.base.calendar import DAYS_A_WEEK, Calendar
from sim.inputs.framework import Role, VisitRules
from sim.inputs.planning_rules import PlanningRules, at_home
from sim.inputs.shocks import Disturbances
from sim.world.beliefs import Risk
from sim.world.clock import Clock
from sim.world.entities import Assignment, Visit
from sim.world.fieldwork import Calls, Fieldwork, Seat, Span
from sim.world.inspectors import Inspector
from sim.world.obstacles import ANOTHER_VISIT, CLOSED, LEAD_CONDITIONS, LIMIT, NOTICE, PAUSE, TEAM_CONDITIONS, Obstacle
from sim.world.replanning import Policy
from sim.world.weeks_ahead import LimitOnSite
from sim.world.workforce import Workforce

Groups = Mapping[tuple[bool, str | None], Sequence[Inspector]]
"""People of one role in the order of their names, by whether they may lead and by region; None stands for all regions.
"""


class Pool:
    """Order the people of one role on one Monday by the time they have left in a term, before any visit gets a team.

    Parameters
    ----------
    groups : Groups
        The people. Those with the same time left stay in the order of their names.
    term : int
        The term.
    """

    def __init__(self, groups: Groups, term: int) -> None:
        self._groups = groups
        people = [*groups.get((False, None), ()), *groups.get((True, None), ())]
        self._room = dict(zip(people, map(itemgetter(term), map(attrgetter("room"), people)), strict=True))
        self._queues: dict[tuple[bool, tuple[str, ...] | None, bool], list[Inspector]] = {}

    def queue(self, may_lead: bool, regions: tuple[str, ...] | None, least_first: bool) -> list[Inspector]:
        """Return people in the order in which the planner asks them, those with the least or most time left first.

        ``regions`` lists their regions; None stands for all regions.
        """
        key = (may_lead, regions, least_first)
        queue = self._queues.get(key)
        if queue is None:
            people = [each for region in regions or (None,) for each in self._groups.get((may_lead, region), ())]
            if regions is not None and len(regions) > 1:
                people.sort(key=attrgetter("name"))
            queue = self._queues[key] = sorted(people, key=self._room.__getitem__, reverse=not least_first)
        return queue


def take(
    seated: list[Assignment],
    people: int,
    queue: Iterable[Inspector],
    span: Span,
    lead: bool,
    barred: Collection[str],
    not_of: Collection[str] = (),
) -> None:
    """Seat people from a queue one after another, until ``people`` of them are seated.

    They must be free and rested and have time left. For the lead's seat they must be able to lead. Nobody is seated
    whose name is in ``barred`` or whose region is in ``not_of``.
    """
    term, days, mask, fieldwork, rest = span.term, span.days_in_term, span.mask, span.fieldwork, span.rest
    for inspector in queue:
        if (
            inspector.busy & mask
            or inspector.room[term] < days
            or (rest and (inspector.resting & fieldwork or inspector.out & rest))
            or inspector.region in not_of
            or inspector.name in barred
            or (lead and inspector.full_use > span.first)
            or (span.later_terms and not inspector.has_time_for(span))
        ):
            continue
        seated.append(Assignment(inspector, lead, span))
        if len(seated) == people:
            return


class Planner:
    """Hold the requests and form the teams.

    Parameters
    ----------
    clock : Clock
        Clock of the replication.
    calendar : Calendar
        Working calendar.
    rules : PlanningRules
        How teams are formed.
    workforce : Workforce
        People in post.
    calls : Calls
        Fieldwork that can be called.
    shocks : Disturbances
        Shocks of the scenario.
    risk : Risk or None
        Estimated risk of each authority, if visits are planned by it.
    policy : Policy
        Policy that chooses weeks, and learns the week in which each visit begins.
    limit : LimitOnSite
        Limit on inspections on site.

    Attributes
    ----------
    last_call : int
        Last Monday on which teams were formed. Before the first one, the Monday before the start.
    """

    def __init__(
        self,
        clock: Clock,
        calendar: Calendar,
        rules: PlanningRules,
        workforce: Workforce,
        calls: Calls,
        shocks: Disturbances,
        risk: Risk | None,
        policy: Policy,
        limit: LimitOnSite,
    ) -> None:
        self._clock = clock
        self._calendar = calendar
        self._rules = rules
        self._workforce = workforce
        self._calls = calls
        self._shocks = shocks
        self._risk = risk
        self._policy = policy
        self.last_call = calendar.mondays[0] - DAYS_A_WEEK
        self._pauses = shocks.any_pause
        self._limit = limit
        self._on_site: Counter[int] = Counter()
        self._later: list[tuple[int, int, Visit]] = []
        self._ready: list[Visit] = []
        self._pools: dict[tuple[Role, int], Pool] = {}

    def request(self, visit: Visit) -> None:
        """Request a team, for the Monday for which the visit is planned or later."""
        call = visit.planned - DAYS_A_WEEK * visit.rules.notice_weeks
        heappush(self._later, (call, visit.serial, visit))

    def move(self, moves: Mapping[Visit, int]) -> None:
        """Plan visits that have not been called yet for other Mondays."""
        self._later = [each for each in self._later if each[2] not in moves]
        self._ready = [visit for visit in self._ready if visit not in moves]
        heapify(self._later)
        for visit, monday in moves.items():
            visit.planned = monday
            self._policy.book(visit, monday)
            self.request(visit)

    def earliest_monday(self, rules: VisitRules) -> int:
        """Return the first Monday on which fieldwork can begin if it is requested today."""
        return rules.earliest_monday(self._clock.today, self._calendar)

    def match(self, monday: int) -> list[Visit]:
        """Find teams for the fieldwork called on a Monday, and return the visits that got one; the others wait."""
        later = self._later
        while later and later[0][0] <= monday:
            self._ready.append(heappop(later)[2])
        waiting = [visit for visit in self._ready if visit.status == "waiting"]
        if len(waiting) > 1:
            waiting.sort(key=self._urgency)
        self._pools = {}
        self.last_call = monday
        notified = self._calendar.workday_on_or_after(monday)
        begun = []
        for visit in waiting:
            fieldwork = self._calls.of(visit.rules, monday)
            obstacle = self._obstacle(visit, fieldwork)
            if obstacle is None:
                assert fieldwork is not None
                team = self._form_team(visit, fieldwork)
                if isinstance(team, list):
                    self._begin(visit, fieldwork, team, notified)
                    begun.append(visit)
                    continue
                obstacle = team
            visit.wait(monday + DAYS_A_WEEK * visit.rules.notice_weeks, obstacle)
        self._ready = [visit for visit in waiting if visit.status == "waiting" and not self._put_off(visit, monday)]
        self._policy.wait(self._ready, [_following(visit, monday) for visit in self._ready])
        return begun

    def _put_off(self, visit: Visit, monday: int) -> bool:
        """Plan a visit that could not be called for a later Monday than the next, if the policy says so.

        Return whether it was planned again.
        """
        following = _following(visit, monday)
        again = self._policy.again(visit, following, self._clock.today)
        if again is None or again == following:
            return False
        self.move({visit: again})
        return True

    def _urgency(self, visit: Visit) -> tuple[int, float, int, int, int]:
        """Return a visit's rank among those that wait: the lowest goes first.

        Of visits with the same latest date, the one planned for the earliest Monday goes first. So the order of the
        table decides as little as possible.
        """
        return visit.rules.priority, self._rank(visit), visit.window.latest, visit.planned, visit.serial

    def _rank(self, visit: Visit) -> float:
        """Return a visit's rank under the planning order, lowest first; 0 if the order goes by due dates."""
        if self._risk is not None:
            return -self._risk.of(visit.authority, self._clock.today)
        return -visit.authority.grade if self._rules.order == "lowest_first" else 0

    def _obstacle(self, visit: Visit, fieldwork: Fieldwork | None) -> Obstacle | None:
        """Find what prevents a visit from beginning, apart from people: a closed week, a pause, a limit, another visit
        there.
        """
        if fieldwork is None:
            return CLOSED
        if visit.virtual:
            if fieldwork.end > visit.window.latest:
                return CLOSED
        elif self._pauses and self._shocks.paused(visit.kind, fieldwork.monday, fieldwork.end):
            return PAUSE
        if visit.gives_judgement:
            most = self._limit.of(fieldwork.monday)
            if max(self._on_site[week] for week in fieldwork.weeks) >= most:
                return LIMIT
        meets_another = visit.is_contact and visit.authority.on_site & fieldwork.days
        return ANOTHER_VISIT if meets_another and _can_wait(visit, fieldwork) else None

    def _begin(self, visit: Visit, fieldwork: Fieldwork, team: list[Assignment], notified: int) -> None:
        """Enter a visit in the diaries of its team and its authority."""
        if visit.is_contact:
            visit.authority.on_site |= fieldwork.days
        if visit.gives_judgement:
            for week in fieldwork.weeks:
                self._on_site[week] += 1
        for part in team:
            part.inspector.engage(part.span)
        visit.begin(notified, fieldwork.monday, fieldwork.end, team)
        self._policy.book(visit, fieldwork.monday)

    def _form_team(self, visit: Visit, fieldwork: Fieldwork) -> list[Assignment] | Obstacle:
        """Form a whole team with the days of each person, the lead first; if a seat stays empty, return the reason."""
        team: list[Assignment] = []
        barred = [visit.authority.last_lead] if visit.gives_judgement else []
        for seat in fieldwork.seats(visit.authority.size):
            if not seat.lead:
                barred = [part.inspector.name for part in team]
            seated = self._fill(seat, visit, fieldwork, barred)
            if len(seated) < seat.people:
                return self._why_empty(seat, visit, fieldwork, barred)
            team += seated
        return team

    def _fill(self, seat: Seat, visit: Visit, fieldwork: Fieldwork, barred: Collection[str]) -> list[Assignment]:
        """Find people for a seat, as many of the number needed as there are.

        A seat that needs no lead goes first to people who cannot lead, from any region. Leads are few, and every visit
        needs one. Within each group, the authority's own region comes first.
        """
        lead, people, here = seat.lead, seat.people, seat.here
        if lead and visit.lead_wanted is not None and (own := self._wanted(visit, seat, fieldwork, barred)):
            return own
        pool, least_first = self._pool(seat.role, fieldwork.term), not visit.gives_judgement
        home, today = self._home(seat, visit), self._clock.today
        seated: list[Assignment] = []
        for may_lead in (True,) if lead else (False, True):
            if here.first >= today:
                take(seated, people, pool.queue(may_lead, home, least_first), here, lead, barred)
                if len(seated) == people:
                    return seated
            elsewhere = self._span_elsewhere(seat, visit, fieldwork)
            if elsewhere is not None and elsewhere.first >= today:
                take(seated, people, pool.queue(may_lead, None, least_first), elsewhere, lead, barred, not_of=home)
                if len(seated) == people:
                    return seated
        return seated

    def _wanted(self, visit: Visit, seat: Seat, fieldwork: Fieldwork, barred: Collection[str]) -> list[Assignment]:
        """Return the lead named in a user's own plan, if free; otherwise return nobody, and record why on the visit."""
        person = next((each for each in self._workforce.in_post[seat.role] if each.name == visit.lead_wanted), None)
        if person is None or person.name in barred:
            visit.lead_missed = "lead_nobody"
            return []
        span = seat.here if person.region in self._home(seat, visit) else self._span_elsewhere(seat, visit, fieldwork)
        if span is None or span.first < self._clock.today:
            visit.lead_missed = "lead_region"
            return []
        taken: list[Assignment] = []
        take(taken, 1, [person], span, True, barred)
        reasons = (reason for reason, can in LEAD_CONDITIONS if not can(person, span))
        visit.lead_missed = None if taken else next(reasons, "lead_nobody")
        return taken

    def _home(self, seat: Seat, visit: Visit) -> tuple[str, ...]:
        """Return the regions whose people take a seat without extra travel."""
        return at_home(self._rules.near, seat.role, visit.authority.region)

    def _span_elsewhere(self, seat: Seat, visit: Visit, fieldwork: Fieldwork) -> Span | None:
        """Return the days that a seat takes from people of another region; None if they stay in their own."""
        if seat.role in self._rules.stay_in_region:
            return None
        return fieldwork.span(seat.place, 0 if visit.virtual else self._rules.travel_days_elsewhere)

    def _why_empty(self, seat: Seat, visit: Visit, fieldwork: Fieldwork, barred: Collection[str]) -> Obstacle:
        """Find why too few people can take a seat.

        The conditions are tested in turn, each on the people whom the earlier ones have not ruled out. They are: days
        to prepare since the call, somebody in post who may take the seat, time left in the term, free days in the
        diary, and rest. If all of these leave enough people, those who could take the seat are in other regions.
        """
        if seat.here.first < self._clock.today:
            return NOTICE
        elsewhere = fieldwork.span(seat.place, 0 if visit.virtual else self._rules.travel_days_elsewhere)
        home, groups = self._home(seat, visit), self._workforce.groups[seat.role]
        people = groups.get((True, None), ()) if seat.lead else self._workforce.in_post[seat.role]
        asked = [
            (person, seat.here if person.region in home else elsewhere)
            for person in people
            if person.name not in barred
        ]
        if seat.lead:
            asked = [(person, span) for person, span in asked if person.full_use <= span.first]
        if len(asked) < seat.people:
            return Obstacle("lead_nobody" if seat.lead else "team_nobody", seat.role)
        for reason, can in LEAD_CONDITIONS if seat.lead else TEAM_CONDITIONS:
            asked = [(person, span) for person, span in asked if can(person, span)]
            if len(asked) < seat.people:
                return Obstacle(reason, seat.role)
        return Obstacle("lead_region" if seat.lead else "team_region", seat.role)

    def _pool(self, role: Role, term: int) -> Pool:
        """Return the people of a role, ordered as of today for the term of the fieldwork."""
        pool = self._pools.get((role, term))
        if pool is None:
            pool = self._pools[role, term] = Pool(self._workforce.groups[role], term)
        return pool


def _following(visit: Visit, call: int) -> int:
    """Return the first day on site of a visit that is called a week after a Monday."""
    return call + DAYS_A_WEEK * (visit.rules.notice_weeks + 1)


def _can_wait(visit: Visit, fieldwork: Fieldwork) -> bool:
    """Return whether a visit that would meet another at its authority can wait without becoming late."""
    return fieldwork.next_start <= visit.window.latest or visit.window.latest < fieldwork.monday
