"""The sector as a first exercise in SimPy would have it: a pool of inspectors, requests gathered, and nothing else.

There are no people, no regions, no leave and no calendar: one ``PriorityResource`` is the inspectorate, a visit asks
it for as many inspectors as its team has, waits for all of them, and lets them go after the fieldwork. Judgements
change at inspections, by the chances that the drift and the accuracy of judgement come to. Left out are joint
inspections, priority action, monitoring that ends early, and the spreading of the backlog at the launch.

It is written as SimPy's own examples are, neither slowed nor tuned. As in those, whoever gathers several requests keeps
the first while it waits for the last, so with too few inspectors each of several teams could wait for the others for
ever; a run that ends like that is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from random import Random
from typing import Any

import simpy

from sim.inputs.framework import Kind, Size
from sim.inputs.grades import JUDGEMENTS
from tests.benchmark.sector import Authority, Sector, VisitPlan

Life = Generator[simpy.Event, Any, None]


LONGEST_STANDSTILL = 261
"""Working days without a visit after which those that wait are taken to wait for ever: a year."""


class Inspectorate:
    """The pool of inspectors, a count of the visits that it began, and when the last of them did.

    Parameters
    ----------
    sector : Sector
        What is simulated.
    seed : int
        Seed of the run's random numbers.
    """

    def __init__(self, sector: Sector, seed: int) -> None:
        self.env = simpy.Environment()
        self.sector = sector
        self.chance = Random(seed)
        self.inspectors = simpy.PriorityResource(self.env, capacity=sector.inspectors)
        self.begun: Counter[Kind] = Counter()
        self.last_begun = 0.0


def run(sector: Sector, seed: int) -> Counter[Kind]:
    """Simulate the sector once.

    Returns
    -------
    Counter
        Visits whose fieldwork began, by kind.
    """
    inspectorate = Inspectorate(sector, seed)
    for authority in sector.authorities:
        inspectorate.env.process(live(inspectorate, authority))
        if sector.meeting is not None:
            inspectorate.env.process(meet_yearly(inspectorate, authority, sector.meeting))
    inspectorate.env.run(until=sector.horizon)
    if inspectorate.inspectors.queue and inspectorate.env.now - inspectorate.last_begun > LONGEST_STANDSTILL:
        raise RuntimeError("teams of the minimal model wait for each other; it is no measure of anything")
    return inspectorate.begun


def live(inspectorate: Inspectorate, authority: Authority) -> Life:
    """An authority's life, from inspection to inspection."""
    env, chance = inspectorate.env, inspectorate.chance
    judgement, inspected = authority.judgement, authority.inspected
    while True:
        course = inspectorate.sector.courses[judgement]
        due = inspected
        for plan, after in course.contacts:
            due = inspected + after
            if due >= 0:  # what fell due before the start is taken as done
                yield env.timeout(max(0, due - env.now))
                yield env.process(visit(inspectorate, authority.size, plan))
        due = (due if course.monitored else inspected) + course.interval + chance.uniform(*course.planned)
        yield env.timeout(max(0, due - env.now))
        inspection = course.longer if chance.random() < course.longer_share else course.inspection
        yield env.process(visit(inspectorate, authority.size, inspection))
        inspected = env.now - inspection.reporting
        (judgement,) = chance.choices(JUDGEMENTS, course.outcome)


def meet_yearly(inspectorate: Inspectorate, authority: Authority, meeting: VisitPlan) -> Life:
    """The engagement meeting, on the same day each year."""
    env, interval = inspectorate.env, inspectorate.sector.meeting_interval
    yield env.timeout(inspectorate.chance.uniform(0, interval))
    while True:
        env.process(visit(inspectorate, authority.size, meeting))
        yield env.timeout(interval)


def visit(inspectorate: Inspectorate, size: Size, plan: VisitPlan) -> Life:
    """A visit: gather the team, prepare, be on site, let the team go, report."""
    env, inspectors = inspectorate.env, inspectorate.inspectors
    team = [inspectors.request(priority=plan.priority) for _ in range(plan.team[size])]
    yield simpy.AllOf(env, team)
    yield env.timeout(plan.preparation)
    inspectorate.begun[plan.kind] += 1
    inspectorate.last_begun = env.now
    yield env.timeout(plan.fieldwork)
    for inspector in team:
        inspectors.release(inspector)
    yield env.timeout(plan.reporting)
