"""One replication: the world of a scenario, wired together and run."""

from __future__ import annotations

import gc
from bisect import bisect_right
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import numpy as np

from sim.base.calendar import DAYS_A_WEEK, DAYS_A_YEAR, NEVER, Calendar
from sim.base.randomness import Alike, Stream, Streams
from sim.inputs.authorities import Authority
from sim.inputs.framework import FocusedVisits, Framework, Pathway, Role, VisitName, Window, inspection_window
from sim.inputs.scenario import Scenario
from sim.inputs.shocks import Disturbances, Recruitment, reorganisations
from sim.record.columns import Integers
from sim.record.rows import Record
from sim.record.workload import Axes, intelligence_days
from sim.world.authority_life import AuthorityLife, follow_framework, live, meet_yearly
from sim.world.beliefs import Risk
from sim.world.careers import appointed, post
from sim.world.clock import Clock
from sim.world.fieldwork import Calls
from sim.world.leave import LeaveYears
from sim.world.planner import Planner
from sim.world.shock_processes import strike
from sim.world.visits import DRAWS, LONGER, PLANNED, Visit, set_off
from sim.world.workforce import Post, Workforce, added_posts, name_of, posts_of

HOLDERS = range(1, 4)
"""Holders of a post whose streams are seeded together with those of other posts; only speed depends on it."""


class Groundwork:
    """What all replications of a scenario share, worked out once.

    Parameters
    ----------
    scenario : Scenario
        The scenario.

    Attributes
    ----------
    calendar, calls, leave_years, posts
        Working calendar, fieldwork that can be called, weeks of leave, and posts by role.
    timetable : list of (int, Framework)
        Frameworks, each with the day on which it comes into force; the first one holds from ever.
    shocks : Disturbances
        What happens from outside.
    populations : list of (int, Counter)
        Number of authorities by region, each with the day from which it holds; the first one from ever.
    campaigns : list of (Recruitment, list of Post)
        Campaigns that hire, in order, and the posts they add.
    desk_days : dict of str to list of float
        Inspector-days of the reading of intelligence, by role, in each term.
    intelligence : ndarray of float, shape (weeks, roles, regions)
        Inspector-days of the reading of intelligence.
    overdue : list of int
        Due dates of the inspections that were due before the start, ascending.
    alike : Alike
        Authorities, and the first, second and third holders of posts, whose streams are seeded together.
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
        self.calls = Calls(self.calendar)
        self.leave_years = LeaveYears(self.calendar)
        rules, authorities = scenario.workforce, scenario.authorities_by_region
        self.posts = {role: posts_of(role, rules, authorities) for role in rules.roles}
        frameworks = [scenario.frameworks[name] for name in scenario.framework]
        begins = [-NEVER, *(self.calendar.day(framework.in_force_from) for framework in frameworks[1:])]
        self.timetable = list(zip(begins, frameworks, strict=True))
        self._framework_days = begins
        self.shocks = Disturbances(scenario.shocks, self.calendar)
        self.populations = list(self._populations(scenario))
        self.campaigns = list(self._campaigns(scenario))
        self.desk_days = self._desk_days()
        axes = Axes(self.calendar, tuple(scenario.workforce.roles), scenario.workforce.regions)
        self.intelligence = intelligence_days(self, axes)
        self.intelligence.setflags(write=False)
        self.overdue = sorted(self._overdue(scenario))
        posts = [post for role in self.posts.values() for post in role]
        people = [[name_of(post, holder) for post in posts] for holder in HOLDERS]
        self.alike = Alike([row.authority for row in scenario.authorities], *people)

    def frameworks_on(self, days: Integers) -> Integers:
        """Places in the timetable of the frameworks in force on days."""
        return np.searchsorted(self._framework_days, days, side="right") - 1

    def framework_on(self, day: int) -> Framework:
        """Framework in force on a day."""
        return self.timetable[bisect_right(self._framework_days, day) - 1][1]

    def next_framework_day(self, day: int) -> int:
        """First day after a day on which another framework comes into force; never, if none does."""
        following = bisect_right(self._framework_days, day)
        return self._framework_days[following] if following < len(self._framework_days) else NEVER

    def authorities_on(self, day: int) -> Counter[str]:
        """Number of authorities by region on a day."""
        return next(count for begins, count in reversed(self.populations) if begins <= day)

    def _populations(self, scenario: Scenario) -> Iterator[tuple[int, Counter[str]]]:
        region = {row.authority: row.region for row in scenario.authorities}
        yield -NEVER, Counter(region.values())
        for _, shock in reorganisations(scenario.shocks):
            region |= {new.authority: new.region for new in shock.created}
            for gone in shock.abolished:
                del region[gone]
            yield self.calendar.day(shock.begins_on), Counter(region.values())

    def _overdue(self, scenario: Scenario) -> Iterator[int]:
        pathways = self.framework_on(0).pathways
        for row in scenario.authorities:
            pathway = pathways[row.judgement]
            due = inspection_window(pathway, self.calendar.day(row.inspected_on), (), self.calendar).due
            if pathway.monitoring is None and due < 0:
                yield due

    def _campaigns(self, scenario: Scenario) -> Iterator[tuple[Recruitment, list[Post]]]:
        there = {role: list(posts) for role, posts in self.posts.items()}
        campaigns = [shock for shock in scenario.shocks.values() if isinstance(shock, Recruitment)]
        for shock in sorted(campaigns, key=lambda each: each.begins_on):
            weights = scenario.authorities_by_region
            posts = added_posts(shock.role, scenario.workforce, weights, there[shock.role], shock.people)
            there[shock.role] += posts
            yield shock, posts

    def _desk_days(self) -> dict[Role, list[float]]:
        """Days of intelligence in each term, by role: those of each day under the framework in force on it."""
        terms = self.calendar.terms
        found: dict[Role, list[float]] = {}
        changes = sorted({begins for begins, _ in (*self.timetable, *self.populations)})
        for begins, ends in zip(changes, [*changes[1:], NEVER + 1], strict=True):
            desk = self.framework_on(begins).desk_work
            authorities = self.authorities_on(begins).total()
            of_role = found.setdefault(desk.intelligence_role, [0.0] * len(terms))
            for term, (first, last) in enumerate(terms):
                days = max(0, min(last, ends - 1) - max(first, begins, 0) + 1)
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
    scenario, calendar, shocks, streams, clock, workforce, planner
        The parts.
    overdue, timetable, intelligence
        Those of the groundwork.
    ratings : Ratings
        Those of the scenario, varied by the replication's draw of the parameters.
    risk : Risk or None
        What is believed of authorities, if visits are planned by it.
    authorities : list of AuthorityLife
        In the order of the table; those that a reorganisation creates join them.
    visits : list of Visit
        Every visit requested so far.
    """

    def __init__(self, scenario: Scenario, replication: int, groundwork: Groundwork) -> None:
        self.scenario = scenario
        self.calendar = groundwork.calendar
        drawn = scenario.drawn(replication)
        self.ratings = drawn.ratings
        self.streams = Streams(scenario.seed, replication, groundwork.alike)
        self.clock = Clock()
        self.shocks = groundwork.shocks
        self.campaigns = groundwork.campaigns
        self.framework_on, self.authorities_on = groundwork.framework_on, groundwork.authorities_on
        self.frameworks_on, self.timetable = groundwork.frameworks_on, groundwork.timetable
        self.overdue = groundwork.overdue
        self.intelligence = groundwork.intelligence
        self._groundwork = groundwork
        self._framework, self._next_framework_day = groundwork.framework_on(0), groundwork.next_framework_day(0)
        self.workforce = Workforce(
            drawn.workforce,
            groundwork.posts,
            groundwork.desk_days,
            self.calendar,
            groundwork.leave_years,
            self.streams,
            self.shocks,
        )
        self.risk = Risk(scenario.ratings) if scenario.planning.order == "risk" else None
        self.planner = Planner(
            self.clock, self.calendar, scenario.planning, self.workforce, groundwork.calls, self.shocks, self.risk
        )
        self.authorities = [self.life_of(row) for row in scenario.authorities]
        self.visits: list[Visit] = []

    def life_of(self, row: Authority) -> AuthorityLife:
        """Authority of a row of the table."""
        return AuthorityLife(row, self.scenario.position, self.ratings, self.calendar, self.streams, self.shocks)

    def begin(self, authority: AuthorityLife) -> None:
        """Begin an authority's life."""
        authority.life = self.clock.process(live(self, authority))
        self.clock.process(meet_yearly(self, authority))

    def end(self) -> None:
        """End every life, so that what the run has made is freed with it, and not by a search for cyclic garbage."""
        self.clock.end()
        for authority in self.authorities:
            authority.waiting_focused.clear()  # a visit refers to its authority

    def framework_today(self) -> Framework:
        """Framework in force."""
        self._follow_timetable()
        return self._framework

    def next_framework_day(self) -> int:
        """Day on which the next framework comes into force; never, if none does."""
        self._follow_timetable()
        return self._next_framework_day

    def _follow_timetable(self) -> None:
        """Look the framework up when another one has come into force; the clock never goes back."""
        if self.clock.today >= self._next_framework_day:
            self._framework = self.framework_on(self.clock.today)
            self._next_framework_day = self._groundwork.next_framework_day(self.clock.today)

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
        virtual: bool = False,
    ) -> Visit:
        """Request a visit under the framework in force."""
        framework = self.framework_today()
        rules, four = framework.visits[name], framework.four_judgements
        planned = window.planned_monday(
            self.calendar, rules.weeks_on_site, self.planner.earliest_monday(rules), draws[PLANNED]
        )
        visit = Visit(len(self.visits), authority, name, rules, window, planned, draws, findings, four, virtual)
        self.visits.append(visit)
        self.planner.request(visit)
        return visit


def plan_visits(world: World) -> Generator[Any, Any, None]:
    """Every Monday, or the first working day after a bank holiday: match requests with people, and call visits."""
    for monday in world.calendar.mondays:
        yield world.clock.until_end_of(world.calendar.workday_on_or_after(monday))
        for visit in world.planner.match(monday):
            set_off(world, visit)


def inspect_jointly(world: World) -> Generator[Any, Any, None]:
    """Joint inspections, year by year: how many, of whom and when is settled without the model.

    Each authority has draws of its own for each year, so one authority more changes nobody else's. The dates are drawn
    over the whole of a calendar year, and those are kept that the run can still meet.
    """
    calendar = world.calendar
    number = world.streams.stream("joint inspections of a year", "England", 2)
    choice: dict[AuthorityLife, Stream] = {}
    for year in range(calendar.start.year, calendar.date(calendar.horizon).year + 1):
        first = calendar.day(date(year, 1, 1))
        framework = world.framework_on(max(0, first))
        ahead = DAYS_A_WEEK * (framework.visits["joint"].notice_weeks + 1) if framework.joint else 0
        yield world.clock.until(first - ahead)
        u, v = number.row()
        there = [life for life in world.authorities if life.ends is None]
        for life in there:
            if life not in choice:
                choice[life] = world.streams.stream("joint inspection", life.name, DRAWS)
        rows = {life: choice[life].row() for life in there}
        if framework.joint is None or not framework.joint.high_a_year:
            continue
        rules = framework.visits["joint"]
        mondays = calendar.starts_of_year(rules.weeks_on_site, year)
        nationally = framework.joint.low_a_year + int(
            u * (framework.joint.high_a_year - framework.joint.low_a_year + 1)
        )
        count = int(nationally * len(there) / framework.joint.among_authorities + v)
        chosen = sorted(rows, key=lambda life: rows[life][LONGER])[: count if mondays else 0]
        for monday, _, life in sorted(
            (mondays[int(rows[life][PLANNED] * len(mondays))], life.name, life) for life in chosen
        ):
            if monday >= world.planner.earliest_monday(rules):
                yield world.clock.until(monday - ahead)
                joint = world.framework_today().joint
                if joint is None:
                    break  # a framework that came into force meanwhile has none
                if life.ends is not None or (joint.begins_on and calendar.date(monday) < joint.begins_on):
                    continue
                if world.shocks.paused("joint", monday, rules.fieldwork_end(monday)):
                    continue
                window = Window(monday, monday, monday + DAYS_A_WEEK * framework.joint.window_weeks, (monday, monday))
                world.ask(life, "joint", window, rows[life])


def change_frameworks(world: World) -> Generator[Any, Any, None]:
    """On the day on which a framework comes into force, visits that have no team yet follow it; the others go on."""
    while (change := world.next_framework_day()) < NEVER:
        before = world.framework_today()
        yield world.clock.until(change)
        for visit in world.visits:
            if visit.status == "waiting":
                follow_framework(world, visit, before)


@contextmanager
def without_collection() -> Iterator[None]:
    """Pause the search for cyclic garbage: what a replication makes is in use until it ends, and freed with it.

    Whoever needs no more of a replication than a few figures lets its world go inside the block; after it, every object
    of a world still there would be looked at once.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


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
        with without_collection():
            self._run()
            record = Record(self.world, self._replication)
            self.world.end()
        return record

    def _run(self) -> None:
        world = self.world
        world.clock.process(change_frameworks(world))
        for authority in world.authorities:
            world.begin(authority)
        world.clock.process(inspect_jointly(world))
        for inspector in list(world.workforce.everybody):
            world.clock.process(post(world.clock, world.workforce, world.streams, inspector))
        for joins, new in world.workforce.to_join:
            world.clock.process(appointed(world.clock, world.workforce, world.streams, new, joins))
        strike(world)
        world.clock.process(plan_visits(world))
        world.clock.run(until=world.scenario.horizon + 1)
