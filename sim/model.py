"""One replication: the world of a scenario, wired together and run."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from sim.authority import AuthorityLife, live, meet_yearly
from sim.clock import Clock
from sim.framework import FocusedVisits, Framework, Kind, Pathway, Role, Window
from sim.planning import Planner, Spans
from sim.randomness import Streams
from sim.record import Record, close
from sim.scenario import Scenario
from sim.visit import DRAWS, LONGER, PLANNED, Visit, carry_out
from sim.workdays import DAYS_A_WEEK, Calendar
from sim.workforce import NEVER, LeaveYears, Workforce, post


class Groundwork:
    """What all replications of a scenario share: calendar, spans, weeks of leave; worked out once.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    """

    def __init__(self, scenario: Scenario) -> None:
        first_inspection = min(row.inspected_on for row in scenario.authorities)
        self.calendar = Calendar(
            scenario.start,
            scenario.horizon,
            scenario.calendar.closed_weeks,
            scenario.calendar.term_months,
            reach_back=(scenario.start - first_inspection).days,
        )
        self.spans = Spans(self.calendar)
        self.leave_years = LeaveYears(self.calendar)


class World:
    """Everything that the processes of one replication share.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    replication : int
        Number of the replication, from 0.
    groundwork : Groundwork
        What its replications share.

    Attributes
    ----------
    scenario, calendar, streams, clock, workforce, planner
        The parts.
    authorities : list of AuthorityLife
        In the order of the table.
    visits : list of Visit
        Every visit requested so far.
    """

    def __init__(self, scenario: Scenario, replication: int, groundwork: Groundwork) -> None:
        self.scenario = scenario
        self.calendar = groundwork.calendar
        self.streams = Streams(scenario.seed, replication)
        self.env = simpy.Environment()
        self.clock = Clock(self.env)
        weights = dict.fromkeys(scenario.workforce.regions, 0)
        for row in scenario.authorities:
            weights[row.region] += 1
        self._timetable = [
            (
                self.calendar.day(scenario.frameworks[name].in_force_from) if number else -NEVER,
                scenario.frameworks[name],
            )
            for number, name in enumerate(scenario.framework)
        ]
        desk = self.framework_today().desk_work
        desk_days: dict[Role, float] = {desk.intelligence_role: desk.intelligence_days * len(scenario.authorities)}
        self.workforce = Workforce(
            scenario.workforce, weights, desk_days, self.calendar, groundwork.leave_years, self.streams
        )
        self.planner = Planner(self.clock, self.calendar, scenario.planning, self.workforce, groundwork.spans)
        self.authorities = [
            AuthorityLife(row, scenario.position, scenario.ratings, self.calendar, self.streams)
            for row in scenario.authorities
        ]
        self.visits: list[Visit] = []

    def framework_on(self, day: int) -> Framework:
        """Framework in force on a day."""
        return next(framework for begins, framework in reversed(self._timetable) if begins <= day)

    def framework_today(self) -> Framework:
        """Framework in force."""
        return self.framework_on(self.clock.today)

    def next_framework_day(self) -> int:
        """Day on which the next framework comes into force; never, if none does."""
        return min((begins for begins, _ in self._timetable if begins > self.clock.today), default=NEVER)

    def pathway_of(self, authority: AuthorityLife) -> Pathway:
        """What follows an authority's judgement under the framework in force."""
        return self.framework_today().pathways[authority.judgement]

    def ask(
        self,
        authority: AuthorityLife,
        kind: Kind,
        window: Window,
        draws: list[float],
        findings: FocusedVisits | None = None,
    ) -> Visit:
        """Request a visit under the framework in force, and begin its life."""
        rules = self.framework_today().visits[kind]
        planned = window.planned_monday(
            self.calendar, rules.fieldwork_weeks, self.planner.earliest_monday(rules), draws[PLANNED]
        )
        visit = Visit(len(self.visits), authority, kind, rules, window, planned, draws, self.clock.event(), findings)
        self.visits.append(visit)
        visit.course = self.clock.process(carry_out(self, visit))
        return visit


def inspect_jointly(world: World) -> Generator[Any, Any, None]:
    """Joint inspections, year by year: how many, of whom and when is settled without the model.

    Each authority has draws of its own for each year, so one authority more changes nobody else's.
    """
    number = world.streams.stream("joint inspections of a year", "England")
    choice = {
        authority: world.streams.stream("joint inspection", authority.name, DRAWS) for authority in world.authorities
    }
    year = world.calendar.start.year
    while True:
        u = number.draw()
        rows = {authority: choice[authority].row() for authority in world.authorities}
        first = world.calendar.day(world.calendar.start.replace(year=year, month=1, day=1))
        joint = world.framework_today().joint
        if joint is not None and "joint" in world.framework_today().visits:
            rules = world.framework_today().visits["joint"]
            last = world.calendar.day(world.calendar.start.replace(year=year, month=12, day=31))
            mondays = world.calendar.starts_between(rules.fieldwork_weeks, first, last)
            count = joint.low_a_year + int(u * (joint.high_a_year - joint.low_a_year + 1))
            chosen = sorted(rows, key=lambda authority: rows[authority][LONGER])[:count]
            dates = sorted(
                (mondays[int(rows[authority][PLANNED] * len(mondays))], authority.name, authority)
                for authority in chosen
            )
            for monday, _, authority in dates:
                if monday >= world.planner.earliest_monday(rules):
                    yield world.clock.until(monday - DAYS_A_WEEK * (rules.notice_weeks + 1))
                    window = Window(monday, monday, monday + DAYS_A_WEEK * joint.window_weeks, (monday, monday))
                    world.ask(authority, "joint", window, rows[authority])
        year += 1
        yield world.clock.until(world.calendar.day(world.calendar.start.replace(year=year, month=1, day=1)))


class Model:
    """One replication of a scenario.

    Parameters
    ----------
    scenario : Scenario
        What is simulated.
    replication : int, optional
        Number of the replication, from 0; with the scenario's seed it fixes every draw.
    groundwork : Groundwork, optional
        What replications of this scenario share, if it is at hand; made otherwise.
    """

    def __init__(self, scenario: Scenario, replication: int = 0, groundwork: Groundwork | None = None) -> None:
        self.world = World(scenario, replication, groundwork or Groundwork(scenario))
        self._replication = replication

    def run(self) -> Record:
        """Simulate from the start to the end of the scenario.

        Returns
        -------
        Record
            Tidy rows of what happened and of what did not.
        """
        world = self.world
        for authority in world.authorities:
            authority.life = world.clock.process(live(world, authority))
            world.clock.process(meet_yearly(world, authority))
        world.clock.process(inspect_jointly(world))
        for inspector in list(world.workforce.everybody):
            world.clock.process(post(world.clock, world.workforce, world.streams, inspector))
        world.clock.process(world.planner.plan())
        world.env.run(until=world.scenario.horizon + 1)
        return close(world, self._replication)
