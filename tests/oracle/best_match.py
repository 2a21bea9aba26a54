"""The best match of a Monday, exactly: which visits could begin and who would take their seats, as an integer program.

The conditions are those of the planner, asked again here in other words: time left in each term, a free diary, rest, a
lead in full use who did not lead the last inspection, people who stay in their region, travel, preparation that has not
begun before today, the limit of inspections on site, and one visit at a time at an authority. Two seats of one person
that meet in time left over terms are held against each term alone, so the best may be a little too good, never too bad.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import inf
from typing import Any
from unittest.mock import patch

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from sim.inputs.framework import INSPECTIONS
from sim.inputs.scenario import Scenario
from sim.runs.model import Model
from sim.world.context import ScenarioContext
from sim.world.entities import Visit
from sim.world.fieldwork import Fieldwork, Span
from sim.world.inspectors import Inspector
from sim.world.planner import Planner, _can_wait

WEIGHT = 10.0
"""Worth of an inspector-day of one priority in those of the next."""
FEW_NODES = 2_000


@dataclass(frozen=True)
class Chance:
    """Somebody who can take a seat, and the days that it takes."""

    visit: int
    seat: int
    person: Inspector
    span: Span
    needs_lead: bool


@dataclass
class Monday:
    """What the planner has before it on a Monday, and what it makes of it."""

    day: int
    visits: list[Visit]
    fieldworks: list[Fieldwork]
    people: dict[tuple[int, int], int] = field(default_factory=dict)
    chances: list[Chance] = field(default_factory=list)
    room: dict[str, list[float]] = field(default_factory=dict)
    together: list[tuple[list[int], int]] = field(default_factory=list)
    begun: set[int] = field(default_factory=set)
    lead_days: float = 0.0

    def worth(self, place: int) -> float:
        """Inspector-days of a visit, those of one priority ten times those of the next."""
        visit = self.visits[place]
        return float(visit.rules.inspector_days(visit.authority.size) * WEIGHT ** (1 - visit.rules.priority))

    @property
    def reached(self) -> float:
        """Worth of what the planner began."""
        return sum(map(self.worth, self.begun))


def mondays_of(scenario: Scenario, replication: int, every: int = 1) -> list[Monday]:
    """Every so many-th Monday of a run on which a visit found no team, as the planner had it before it."""
    seen: list[Monday] = []
    original, form_team = Planner.match, Planner._form_team
    without_team: list[Visit] = []

    def formed(planner: Planner, visit: Visit, fieldwork: Fieldwork) -> Any:
        team = form_team(planner, visit, fieldwork)
        if not isinstance(team, list):
            without_team.append(visit)
        return team

    def watched(planner: Planner, monday: int) -> list[Visit]:
        before = _before(planner, monday)
        without_team.clear()
        begun = original(planner, monday)
        places = {visit.serial: place for place, visit in enumerate(before.visits)}
        before.begun = {places[visit.serial] for visit in begun}
        before.lead_days = sum(
            part.span.days for visit in begun for part in visit.team if part.inspector.may_lead and not part.lead
        )
        if without_team:
            seen.append(before)
        return begun

    with patch.object(Planner, "match", watched), patch.object(Planner, "_form_team", formed):
        Model(scenario, replication, ScenarioContext(scenario)).run()
    return seen[::every]


def _before(planner: Planner, monday: int) -> Monday:
    """Visits that may begin, people apart, and who can take their seats."""
    called = [visit for call, _, visit in planner._later if call <= monday]
    waiting = sorted((v for v in (*planner._ready, *called) if v.status == "waiting"), key=planner._urgency)
    asked = [(visit, planner._calls.of(visit.rules, monday)) for visit in waiting]
    free = [
        (v, fieldwork) for v, fieldwork in asked if fieldwork is not None and planner._obstacle(v, fieldwork) is None
    ]
    found = Monday(monday, [visit for visit, _ in free], [fieldwork for _, fieldwork in free])
    for place, (visit, fieldwork) in enumerate(free):
        for seat in fieldwork.seats(visit.authority.size):
            found.people[place, seat.place] = seat.people
            elsewhere = planner._span_elsewhere(seat, visit, fieldwork)
            for person in planner._workforce.in_post[seat.role]:
                span = seat.here if person.region == visit.authority.region else elsewhere
                if span is not None and can_take(person, span, seat.lead, visit, planner._clock.today):
                    found.chances.append(Chance(place, seat.place, person, span, seat.lead))
                    found.room[person.name] = list(person.room)
    found.together = list(_together(planner, free))
    return found


def can_take(person: Inspector, span: Span, lead: bool, visit: Visit, today: int) -> bool:
    """Whether a person can take a seat of a visit today, by the rules written once more."""
    if lead and not (person.may_lead and person.full_use <= span.first):
        return False
    if lead and visit.kind in INSPECTIONS and person.name == visit.authority.last_lead:
        return False
    rested = not (person.resting & span.fieldwork or person.out & span.rest)
    return span.first >= today and not person.busy & span.mask and rested and person.has_time_for(span)


def _together(planner: Planner, free: Sequence[tuple[Visit, Fieldwork]]) -> Iterator[tuple[list[int], int]]:
    """Visits of which no more than so many may begin together."""
    inspections = [(place, fieldwork) for place, (visit, fieldwork) in enumerate(free) if visit.kind in INSPECTIONS]
    for week in sorted({week for _, fieldwork in inspections for week in fieldwork.weeks}):
        there = [(place, planner._limit.of(each.monday)) for place, each in inspections if week in each.weeks]
        limits = [int(most) for _, most in there if most < inf]
        if len(limits) == len(there):
            yield [place for place, _ in there], max(limits) - planner._on_site[week]
    for (one, (first, early)), (other, (second, later)) in combinations(enumerate(free), 2):
        meet = first.authority is second.authority and early.days & later.days
        if meet and "engagement" not in (first.kind, second.kind) and _can_wait(second, later):
            yield [one, other], 1


class _Program:
    """Rows of an integer program: visits first, then chances."""

    def __init__(self, monday: Monday) -> None:
        self.monday = monday
        self.columns = len(monday.visits) + len(monday.chances)
        self._cells: list[tuple[int, int, float]] = []
        self._low: list[float] = []
        self._high: list[float] = []

    def add(self, cells: Sequence[tuple[int, float]], low: float, high: float) -> None:
        self._cells += [(len(self._low), column, value) for column, value in cells]
        self._low.append(low)
        self._high.append(high)

    def solve(self, cost: Any, begun: set[int] | None = None) -> Any:
        rows, columns, values = zip(*self._cells, strict=True)
        matrix = coo_array((values, (rows, columns)), shape=(len(self._low), self.columns)).tocsr()
        low, high = np.zeros(self.columns), np.ones(self.columns)
        if begun is not None:
            fixed = np.isin(np.arange(len(self.monday.visits)), list(begun))
            low[: len(fixed)], high[: len(fixed)] = fixed, fixed
        found = milp(
            cost,
            constraints=LinearConstraint(matrix, self._low, self._high),
            integrality=np.ones(self.columns, dtype=np.int64),
            bounds=Bounds(low, high),
            options={"node_limit": FEW_NODES, "mip_rel_gap": 1e-4},
        )
        assert found.x is not None, found.message
        return found


def program(monday: Monday) -> _Program:
    """All that a match has to keep to."""
    of = _Program(monday)
    visits = len(monday.visits)
    seats: dict[tuple[int, int], list[int]] = defaultdict(list)
    people: dict[str, list[tuple[int, Chance]]] = defaultdict(list)
    for number, chance in enumerate(monday.chances):
        seats[chance.visit, chance.seat].append(visits + number)
        people[chance.person.name].append((visits + number, chance))
    for (place, seat), wanted in monday.people.items():
        of.add([*((column, 1.0) for column in seats[place, seat]), (place, -float(wanted))], 0.0, 0.0)
    for places, most in monday.together:
        of.add([(place, 1.0) for place in places], 0.0, float(max(0, most)))
    for name, own in people.items():
        _one_at_a_time(of, own)
        room = monday.room[name]
        for term in {term for _, chance in own for term, _ in _terms(chance.span)}:
            days = [(column, float(dict(_terms(chance.span)).get(term, 0))) for column, chance in own]
            of.add(days, 0.0, max(0.0, room[term]))
    return of


def _terms(span: Span) -> Sequence[tuple[int, int]]:
    return ((span.term, span.days_in_term), *span.later_terms)


def _one_at_a_time(of: _Program, own: Sequence[tuple[int, Chance]]) -> None:
    """No two seats of a person on one day, and none in the rest of another."""
    sets: set[tuple[int, ...]] = set()
    every = 0
    for _, chance in own:
        every |= chance.span.mask
    while every:
        day = every & -every
        every ^= day
        sets.add(tuple(column for column, chance in own if chance.span.mask & day))
    for (one, first), (other, second) in combinations(own, 2):
        a, b = first.span, second.span
        if a.rest & b.fieldwork or b.rest & a.fieldwork or first.visit == second.visit:
            sets.add((one, other))
    for columns in sets:
        if len(columns) > 1:
            of.add([(column, 1.0) for column in columns], 0.0, 1.0)


@dataclass(frozen=True)
class Gap:
    """How far a match is from the best.

    Attributes
    ----------
    worth : float
        Share of the worth of the best match that the planner's has not.
    lead_days, least_lead_days : float
        Days of leads in seats that need no lead, and the fewest with which the same visits could have begun.
    """

    worth: float
    lead_days: float
    least_lead_days: float


def gap(monday: Monday) -> Gap:
    """How far the planner's match of a Monday is from the best."""
    of = program(monday)
    visits = len(monday.visits)
    worth = np.array([monday.worth(place) for place in range(visits)])
    best = -of.solve(np.concatenate([-worth, np.zeros(len(monday.chances))])).fun
    spent = [float(c.span.days) if c.person.may_lead and not c.needs_lead else 0.0 for c in monday.chances]
    least = of.solve(np.concatenate([np.zeros(visits), spent]), monday.begun).fun if monday.begun else 0.0
    missing = 1 - monday.reached / best if best > 0 else 0.0
    return Gap(max(0.0, missing), monday.lead_days, least)
