"""One replication: the world of a scenario, wired together and run."""

from __future__ import annotations

from collections.abc import Generator
from datetime import date
from typing import Any

import simpy

from sim.authority import AuthorityLife, follow_framework, live, meet_yearly
from sim.clock import Clock
from sim.framework import FocusedVisits, Framework, Pathway, Role, VisitName, Window, kind_of
from sim.planning import Planner, Spans
from sim.randomness import Streams
from sim.record import Record, close
from sim.scenario import Scenario
from sim.visit import DRAWS, LONGER, PLANNED, Visit, carry_out
from sim.workdays import DAYS_A_WEEK, DAYS_A_YEAR, Calendar
from sim.workforce import NEVER, LeaveYears, Workforce, post, posts_of


class Groundwork:
    """What all replications of a scenario share, worked out once.

    Parameters
    ----------
    scenario : Scenario
        The scenario.

    Attributes
    ----------
    calendar, spans, leave_years, posts
        Working calendar, days of visits, weeks of leave, and posts by role.
    timetable : list of (int, Framework)
        Frameworks, each with the day on which it comes into force; the first one holds from ever.
    desk_days : dict of str to list of float
        Inspector-days of the reading of intelligence, by role, in each term.
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
        rules, authorities = scenario.workforce, scenario.authorities_by_region
        self.posts = {role: posts_of(role, rules, authorities) for role in rules.roles}
        frameworks = [scenario.frameworks[name] for name in scenario.framework]
        begins = [-NEVER, *(self.calendar.day(framework.in_force_from) for framework in frameworks[1:])]
        self.timetable = list(zip(begins, frameworks, strict=True))
        self.desk_days = self._desk_days(len(scenario.authorities))

    def _desk_days(self, authorities: int) -> dict[Role, list[float]]:
        """Days of intelligence in each term, by role: those of each day under the framework in force on it."""
        terms = self.calendar.terms
        found: dict[Role, list[float]] = {}
        ends = [begins - 1 for begins, _ in self.timetable[1:]] + [NEVER]
        for (begins, framework), ends_on in zip(self.timetable, ends, strict=True):
            desk = framework.desk_work
            of_role = found.setdefault(desk.intelligence_role, [0.0] * len(terms))
            for term, (first, last) in enumerate(terms):
                days = max(0, min(last, ends_on) - max(first, begins, 0) + 1)
                of_role[term] += authorities * desk.intelligence_days * days / DAYS_A_YEAR
        return found


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
    ratings : Ratings
        Those of the scenario, varied by the replication's draw of the parameters.
    authorities : list of AuthorityLife
        In the order of the table.
    visits : list of Visit
        Every visit requested so far.
    """

    def __init__(self, scenario: Scenario, replication: int, groundwork: Groundwork) -> None:
        self.scenario = scenario
        self.calendar = groundwork.calendar
        self.ratings = scenario.ratings_of(replication)
        self.streams = Streams(scenario.seed, replication)
        self.env = simpy.Environment()
        self.clock = Clock(self.env)
        self._timetable = groundwork.timetable
        self.workforce = Workforce(
            scenario.workforce,
            groundwork.posts,
            groundwork.desk_days,
            self.calendar,
            groundwork.leave_years,
            self.streams,
        )
        self.planner = Planner(self.clock, self.calendar, scenario.planning, self.workforce, groundwork.spans)
        self.authorities = [
            AuthorityLife(row, scenario.position, self.ratings, self.calendar, self.streams)
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
        name: VisitName,
        window: Window,
        draws: list[float],
        findings: FocusedVisits | None = None,
    ) -> Visit:
        """Request a visit under the framework in force, and begin its life."""
        rules = self.framework_today().visits[name]
        planned = window.planned_monday(
            self.calendar, rules.fieldwork_weeks, self.planner.earliest_monday(rules), draws[PLANNED]
        )
        event = self.clock.event()
        visit = Visit(len(self.visits), authority, kind_of(name), rules, window, planned, draws, event, findings)
        self.visits.append(visit)
        visit.course = self.clock.process(carry_out(self, visit))
        return visit


def inspect_jointly(world: World) -> Generator[Any, Any, None]:
    """Joint inspections, year by year: how many, of whom and when is settled without the model.

    Each authority has draws of its own for each year, so one authority more changes nobody else's. The dates are drawn
    over the whole of a calendar year, and those are kept that the run can still meet.
    """
    calendar = world.calendar
    number = world.streams.stream("joint inspections of a year", "England", 2)
    choice = {life: world.streams.stream("joint inspection", life.name, DRAWS) for life in world.authorities}
    for year in range(calendar.start.year, calendar.date(calendar.horizon).year + 1):
        u, v = number.row()
        rows = {life: stream.row() for life, stream in choice.items()}
        first = calendar.day(date(year, 1, 1))
        framework = world.framework_on(max(0, first))
        if framework.joint is None or not framework.joint.high_a_year:
            continue
        rules = framework.visits["joint"]
        ahead = DAYS_A_WEEK * (rules.notice_weeks + 1)
        yield world.clock.until(first - ahead)
        mondays = calendar.starts_of_year(rules.fieldwork_weeks, year)
        nationally = framework.joint.low_a_year + int(
            u * (framework.joint.high_a_year - framework.joint.low_a_year + 1)
        )
        count = int(nationally * len(world.authorities) / framework.joint.among_authorities + v)
        chosen = sorted(rows, key=lambda life: rows[life][LONGER])[: count if mondays else 0]
        for monday, _, life in sorted(
            (mondays[int(rows[life][PLANNED] * len(mondays))], life.name, life) for life in chosen
        ):
            if monday >= world.planner.earliest_monday(rules):
                yield world.clock.until(monday - ahead)
                joint = world.framework_today().joint
                if joint is None:
                    break  # a framework that came into force meanwhile has none
                if joint.begins_on is not None and calendar.date(monday) < joint.begins_on:
                    continue
                window = Window(monday, monday, monday + DAYS_A_WEEK * framework.joint.window_weeks, (monday, monday))
                world.ask(life, "joint", window, rows[life])


def change_frameworks(world: World) -> Generator[Any, Any, None]:
    """On the day on which a framework comes into force, visits that have no team yet follow it; the others go on."""
    while (change := world.next_framework_day()) < NEVER:
        yield world.clock.until(change)
        for visit in world.visits:
            if visit.status == "waiting":
                follow_framework(world, visit)


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
        world.clock.process(change_frameworks(world))
        for authority in world.authorities:
            authority.life = world.clock.process(live(world, authority))
            world.clock.process(meet_yearly(world, authority))
        world.clock.process(inspect_jointly(world))
        for inspector in list(world.workforce.everybody):
            world.clock.process(post(world.clock, world.workforce, world.streams, inspector))
        world.clock.process(world.planner.plan())
        world.env.run(until=world.scenario.horizon + 1)
        return close(world, self._replication)
