"""The minimal model in Ciw, as far as it can be said there.

Ciw simulates networks of queues: customers go from node to node, and at each one server serves them. So an authority is
a customer who goes round three nodes: it waits until a visit is due, is served by a team, and waits for the report. A
second class of customers are its engagement meetings.

Said otherwise, or not at all:

- A customer has one server, so a server is a whole team, and there are as many teams as the pool makes up of the mean
  size. That a visit waits until there are enough inspectors for it cannot be said.
- Priority belongs to a customer's class, so meetings come after all else, and the rest is served in order of arrival.
- A route cannot depend on a judgement given on the way without a router of one's own. All authorities go the same round
  instead, and what kind of visit comes next is kept beside it, by a generator that the waiting times ask.
- A meeting that waits for a team delays the next one of the same authority if that is due.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from math import inf
from random import Random
from statistics import mean
from typing import Any

# Untyped, and this is the one place that imports it.
import ciw

from sim.inputs.framework import Kind
from sim.inputs.grades import JUDGEMENTS
from tests.benchmark.sector import Authority, Sector, VisitPlan

AUTHORITY, MEETING = "Authority", "Meeting"
"""Classes of customers."""
WAIT, TEAM, REPORT = 1, 2, 3
"""Nodes."""

Agenda = Generator[tuple[VisitPlan, float], float, None]
"""Visits with their due dates; it is sent the day on which the one before was reported."""


def life(authority: Authority, sector: Sector, chance: Random) -> Agenda:
    """Visits of an authority's life, from inspection to inspection."""
    judgement, inspected = authority.judgement, authority.inspected
    while True:
        course = sector.courses[judgement]
        due = inspected
        for plan, after in course.contacts:
            due = inspected + after
            if due >= 0:
                yield plan, due
        due = (due if course.monitored else inspected) + course.interval + chance.uniform(*course.planned)
        inspection = course.longer if chance.random() < course.longer_share else course.inspection
        today = yield inspection, due
        inspected = today - inspection.reporting
        (judgement,) = chance.choices(JUDGEMENTS, course.outcome)


def meetings(meeting: VisitPlan, sector: Sector, chance: Random) -> Agenda:
    """Engagement meetings of an authority, on the same day each year."""
    due = chance.uniform(0, sector.meeting_interval)
    while True:
        yield meeting, due
        due += sector.meeting_interval


class UntilDue(ciw.dists.Distribution):  # type: ignore[misc]  # untyped
    """Time from now to an authority's next visit, which it settles."""

    def __init__(self, sector: Sector, seed: int) -> None:
        self.sector = sector
        self.chance = Random(seed)
        self.places = 0

    def sample(self, t: float = 0.0, ind: Any = None) -> float:
        """Working days to wait; Ciw asks as the customer arrives."""
        if not hasattr(ind, "agenda"):
            ind.agenda = self._agenda(ind.customer_class)
            plan, due = next(ind.agenda)
        else:
            plan, due = ind.agenda.send(t)
        ind.plan = plan
        wait: float = max(0.0, due - t)
        return wait

    def _agenda(self, customer_class: str) -> Agenda:
        if customer_class == MEETING and self.sector.meeting is not None:
            return meetings(self.sector.meeting, self.sector, self.chance)
        self.places += 1
        return life(self.sector.authorities[self.places - 1], self.sector, self.chance)


class WithATeam(ciw.dists.Distribution):  # type: ignore[misc]  # untyped
    """Time that a team is out, from its preparation on, and a count of the visits that began."""

    def __init__(self, horizon: float) -> None:
        self.horizon = horizon
        self.begun: Counter[Kind] = Counter()

    def sample(self, t: float = 0.0, ind: Any = None) -> float:
        """Working days; Ciw asks as service begins."""
        plan: VisitPlan = ind.plan
        self.begun[plan.kind] += t + plan.preparation <= self.horizon
        return plan.preparation + plan.fieldwork


class UntilReported(ciw.dists.Distribution):  # type: ignore[misc]  # untyped
    """Time from the end of the fieldwork to the report."""

    def sample(self, t: float = 0.0, ind: Any = None) -> float:
        """Working days."""
        plan: VisitPlan = ind.plan
        return plan.reporting


def run(sector: Sector, seed: int) -> Counter[Kind]:
    """Simulate the sector once; visits whose fieldwork began, by kind."""
    classes = [AUTHORITY] if sector.meeting is None else [AUTHORITY, MEETING]
    once = [ciw.dists.Sequential([0.0, inf]), None, None]
    everybody = [ciw.dists.Deterministic(len(sector.authorities))] * len(once)
    times = [UntilDue(sector, seed), WithATeam(sector.horizon), UntilReported()]
    round_trip = [ciw.routing.Direct(to=TEAM), ciw.routing.Direct(to=REPORT), ciw.routing.Direct(to=WAIT)]
    network = ciw.create_network(
        arrival_distributions=dict.fromkeys(classes, once),
        batching_distributions=dict.fromkeys(classes, everybody),
        service_distributions=dict.fromkeys(classes, times),
        routing={each: ciw.routing.NetworkRouting(routers=round_trip) for each in classes},
        priority_classes={each: place for place, each in enumerate(classes)},
        number_of_servers=[inf, _teams(sector), inf],
    )
    ciw.seed(seed)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(sector.horizon)
    begun: Counter[Kind] = Counter()
    for each in classes:  # Ciw works with copies of what it was given
        begun += simulation.service_times[TEAM][each].begun
    return begun


def _teams(sector: Sector) -> int:
    """Teams of the mean size, over kinds of visit and sizes of authority, that the pool makes up."""
    plans = {plan.kind: plan for course in sector.courses.values() for plan in (course.inspection, course.longer)}
    plans |= {plan.kind: plan for course in sector.courses.values() for plan, _ in course.contacts}
    if sector.meeting is not None:
        plans[sector.meeting.kind] = sector.meeting
    return max(1, round(sector.inspectors / mean(mean(plan.team.values()) for plan in plans.values())))
