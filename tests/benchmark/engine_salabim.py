"""The minimal model in salabim.

Everything of it can be said, and two things are said otherwise. A component asks a resource for a quantity at once, so
a team is one request and not several that are gathered; and a small team may pass a larger one for which there are too
few inspectors left. Text only: nothing is drawn, and ``yield`` is used, so that greenlets are not needed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

# Untyped, and this is the one place that imports it.
import salabim

from sim.inputs.framework import Kind
from sim.inputs.grades import JUDGEMENTS
from tests.benchmark.sector import Authority, Sector, VisitPlan


class Inspectorate(salabim.Environment):  # type: ignore[misc]  # untyped
    """The pool of inspectors, and a count of the visits that it began; see :class:`minimal.Inspectorate`."""

    def setup(self, sector: Sector, seed: int) -> None:
        """Salabim calls this with what the environment is made with."""
        self.sector = sector
        self.chance = Random(seed)
        self.inspectors = salabim.Resource("inspectors", capacity=sector.inspectors, env=self, monitor=False)
        self.begun: Counter[Kind] = Counter()


class Visit(salabim.Component):  # type: ignore[misc]  # untyped
    """A visit: gather the team, prepare, be on site, let the team go, report."""

    def setup(self, authority: Authority, plan: VisitPlan, wakes: Life | None) -> None:
        """Salabim calls this with what the component is made with."""
        self.authority, self.plan, self.wakes = authority, plan, wakes

    def process(self) -> Iterator[Any]:
        """Salabim runs this."""
        plan, inspectors = self.plan, self.env.inspectors
        yield self.request((inspectors, plan.team[self.authority.size], plan.priority))
        yield self.hold(plan.preparation)
        self.env.begun[plan.kind] += 1
        yield self.hold(plan.fieldwork)
        self.release(inspectors)
        yield self.hold(plan.reporting)
        if self.wakes is not None:
            self.wakes.activate()


class Life(salabim.Component):  # type: ignore[misc]  # untyped
    """An authority's life, from inspection to inspection."""

    def setup(self, authority: Authority) -> None:
        """Salabim calls this with what the component is made with."""
        self.authority = authority

    def process(self) -> Iterator[Any]:
        """Salabim runs this."""
        env, chance, authority = self.env, self.env.chance, self.authority
        judgement, inspected = authority.judgement, authority.inspected
        while True:
            course = env.sector.courses[judgement]
            due = inspected
            for plan, after in course.contacts:
                due = inspected + after
                if due >= 0:
                    yield self.hold(max(0, due - env.now()))
                    Visit(authority=authority, plan=plan, wakes=self, env=env)
                    yield self.passivate()
            due = (due if course.monitored else inspected) + course.interval + chance.uniform(*course.planned)
            yield self.hold(max(0, due - env.now()))
            inspection = course.longer if chance.random() < course.longer_share else course.inspection
            Visit(authority=authority, plan=inspection, wakes=self, env=env)
            yield self.passivate()
            inspected = env.now() - inspection.reporting
            (judgement,) = chance.choices(JUDGEMENTS, course.outcome)


class YearlyMeetings(salabim.Component):  # type: ignore[misc]  # untyped
    """The engagement meetings of an authority, on the same day each year."""

    def setup(self, authority: Authority, meeting: VisitPlan) -> None:
        """Salabim calls this with what the component is made with."""
        self.authority, self.meeting = authority, meeting

    def process(self) -> Iterator[Any]:
        """Salabim runs this."""
        interval = self.env.sector.meeting_interval
        yield self.hold(self.env.chance.uniform(0, interval))
        while True:
            Visit(authority=self.authority, plan=self.meeting, wakes=None, env=self.env)
            yield self.hold(interval)


def run(sector: Sector, seed: int) -> Counter[Kind]:
    """Simulate the sector once; visits whose fieldwork began, by kind."""
    env = Inspectorate(trace=False, yieldless=False, sector=sector, seed=seed)
    for authority in sector.authorities:
        Life(authority=authority, env=env)
        if sector.meeting is not None:
            YearlyMeetings(authority=authority, meeting=sector.meeting, env=env)
    env.run(till=sector.horizon)
    begun: Counter[Kind] = env.begun
    return begun
