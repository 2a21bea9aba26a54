"""Builds the world of one replication: what its processes share, and how they request visits."""

from __future__ import annotations

from sim.base.randomness import Streams
from sim.inputs.authorities import Authority
from sim.inputs.framework import Framework
from sim.inputs.pathways import Findings, Pathway, VisitName
from sim.inputs.scenario import Scenario
from sim.inputs.windows import Window
from sim.world.backlog import Backlogs
from sim.world.beliefs import Risk
from sim.world.clock import Clock
from sim.world.context import ScenarioContext
from sim.world.entities import AuthorityState, Visit
from sim.world.own_plan import OwnPlan, hand_over
from sim.world.planner import Planner
from sim.world.policies import Request
from sim.world.replanning import policy_of
from sim.world.visit_draws import PLANNED
from sim.world.weeks_ahead import LimitOnSite, WeeksAhead
from sim.world.workforce import Workforce


class World:
    """Hold everything that the processes of one replication share.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    replication : int
        Number of the replication, from 0.
    context : ScenarioContext
        Data that all replications of the scenario share.

    Attributes
    ----------
    scenario, calendar, shocks, streams, clock, workforce, planner
        Parts of the world.
    timetable, intelligence
        As in the context.
    context : ScenarioContext
        As passed.
    ratings : Ratings
        Ratings of the scenario, varied by the replication's draw of the parameters.
    planning : PlanningRules
        Planning rules of the scenario, with the policies that the replication draws where they are inferred.
    backlogs : Backlogs
        Places of overdue inspections where they are spread over months.
    risk : Risk or None
        Estimated risk of each authority, if visits are planned by it.
    own_plan : OwnPlan
        Weeks of a user's own plan.
    authorities : list of AuthorityState
        Authorities in the order of the table, then those that a reorganisation creates.
    visits : list of Visit
        Every visit requested so far.
    """

    def __init__(self, scenario: Scenario, replication: int, context: ScenarioContext) -> None:
        self.scenario = scenario
        self.calendar = context.calendar
        drawn = scenario.drawn(replication)
        self.ratings, self.planning = drawn.ratings, drawn.planning
        self.streams = Streams(scenario.seed, replication, context.alike)
        self.clock = Clock()
        self.shocks = context.shocks
        self.campaigns = context.campaigns
        self.framework_on, self.authorities_on = context.framework_on, context.authorities_on
        self.frameworks_on, self.timetable = context.frameworks_on, context.timetable
        self.intelligence = context.intelligence
        self.context = context
        self._framework, self._next_framework_day = context.framework_on(0), context.next_framework_day(0)
        self.workforce = Workforce(
            drawn.workforce,
            context.posts,
            context.desk_days,
            self.calendar,
            context.leave_years,
            self.streams,
            self.shocks,
        )
        self.backlogs = Backlogs(context, self.planning)
        self.risk = Risk(scenario.ratings) if self.planning.order == "risk" else None
        self.own_plan = OwnPlan.of(context.planned_weeks)
        limit = LimitOnSite(self.planning, self.shocks, self.calendar)
        ahead = WeeksAhead(context.supply, limit)
        self.policy = policy_of(self.planning, ahead, self.calendar, self.shocks, self.workforce.expected)
        self.planner = Planner(
            self.clock,
            self.calendar,
            self.planning,
            self.workforce,
            context.calls,
            self.shocks,
            self.risk,
            self.policy,
            limit,
        )
        self.authorities = [self.state_of(row) for row in scenario.authorities]
        self.visits: list[Visit] = []

    def state_of(self, row: Authority) -> AuthorityState:
        """Build the state of the authority in a row of the table."""
        return AuthorityState(row, self.scenario.position, self.ratings, self.calendar, self.streams, self.shocks)

    def end(self) -> None:
        """End every process, so that the run's memory is freed at once and not by a search for cyclic garbage."""
        self.clock.end()
        for authority in self.authorities:
            authority.waiting.clear()  # a visit refers to its authority

    def framework_today(self) -> Framework:
        """Return the framework in force."""
        if self.clock.today >= self._next_framework_day:
            self._follow_timetable()
        return self._framework

    def next_framework_day(self) -> int:
        """Return the day on which the next framework comes into force; :data:`NEVER` if there is none."""
        if self.clock.today >= self._next_framework_day:
            self._follow_timetable()
        return self._next_framework_day

    def _follow_timetable(self) -> None:
        """Look up the framework after another one has come into force; the clock never goes back."""
        self._framework = self.framework_on(self.clock.today)
        self._next_framework_day = self.context.next_framework_day(self.clock.today)

    def pathway_of(self, authority: AuthorityState) -> Pathway:
        """Return what follows an authority's judgement under the framework in force."""
        return self.framework_today().pathways[authority.judgement]

    def ask(
        self,
        authority: AuthorityState,
        name: VisitName,
        window: Window,
        draws: list[float],
        contact: VisitName | None = None,
        findings: Findings | None = None,
        virtual: bool = False,
    ) -> Visit:
        """Request a visit under the framework in force."""
        framework = self.framework_today()
        rules, kind, four = framework.visits[name], framework.kind(name), self.context.rule_of(framework)
        earliest = rules.earliest_monday(self.clock.today, self.calendar)
        request = Request(authority, kind, rules, window, earliest, draws[PLANNED], self.clock.today, virtual)
        row, passed_over = (None, []) if virtual else self.own_plan.take(request)  # a plan covers visits on site only
        planned = self.policy.monday(request) if row is None else row.row.monday
        serial = len(self.visits)
        visit = Visit(serial, authority, name, kind, rules, window, planned, draws, contact, findings, four, virtual)
        visit.earliest = earliest
        if row is not None or passed_over:
            visit.fixed = row is not None
            hand_over(visit, row, passed_over)
        self.visits.append(visit)
        self.policy.book(visit, planned)
        self.planner.request(visit)
        return visit
