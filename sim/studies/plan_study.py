"""A plan of recruitment that keeps a service level: how many people, when, and what waiting costs.

The number of posts is found as a head-count is, by :mod:`sim.statistics.search`. Beside it, on the luck of the same
runs: nobody recruited but the successors of leavers, and the same plan begun later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

from sim import charts
from sim.analysis.capacity import SearchResult, ServiceLevel, look_for, runs_at, told_if_stopped
from sim.analysis.capacity_curve import level_shown
from sim.analysis.load import RUNS as RUNS_OF_LOAD
from sim.analysis.load import offered_load
from sim.analysis.recruitment import Recruits
from sim.analysis.recruitment_plan import LATER, NONE, PLAN, PlanResult, by_year
from sim.analysis.staffing import by_quarter
from sim.base.calendar import add_months
from sim.base.faults import Argument, Fault
from sim.inputs.scenario import Scenario
from sim.runs.executors import Executor
from sim.runs.variants import Runs
from sim.statistics.search import Rule
from sim.studies import plan_answer
from sim.studies.capacity_answer import first_line
from sim.studies.capacity_study import FILES, Explained, runs_to_show
from sim.studies.plan_answer import QUARTERS, YEARS
from sim.studies.search_outlook import Ahead

CHART = "plan"
PAIRS = 100
"""Runs of the plan, of no plan and of the later one that are held against each other: a share of 90% then has a
standard error of 3%."""


@dataclass(frozen=True)
class Plan:
    """Which plan of recruitment keeps a service level, a :class:`sim.studies.capacity_study.CapacityStudyQuestion`.

    Attributes
    ----------
    service : ServiceLevel
        What the programme is to keep.
    recruits : Recruits
        Whom the plan hires, from when, and at most how many in a quarter.
    levels : range
        Numbers of posts searched.
    rule : Rule
        Guarantee, and what the answer may cost.
    wait_months : int
        By how much later the plan begins with which it is compared.
    """

    service: ServiceLevel
    recruits: Recruits
    levels: range
    rule: Rule
    wait_months: int = 12

    kind = "plan"
    files = FILES | {QUARTERS, YEARS, f"{CHART}.png", f"{CHART}.txt"}

    @property
    def ahead(self) -> Ahead:
        """Work of the answer: the search, and runs of the plan, of no plan, of a later one, and by quarter."""
        return Ahead([(self.levels, self._rule)], RUNS_OF_LOAD + runs_to_show(self._rule) + 4 * PAIRS)

    @property
    def _rule(self) -> Rule:
        return replace(self.rule, fewer=0)  # NONE, with successors only, tells what fewer people would do

    def as_asked(self) -> dict[str, object]:
        """The question, for the manifest."""
        searched = {self.recruits.word: f"{self.levels[0]} to {self.levels[-1]}"}
        return {**asdict(self.service), "searched": searched, **asdict(self.rule), "wait_months": self.wait_months}

    def search(self, scenario: Scenario, runs: Runs) -> tuple[SearchResult, ...]:
        """The search of the number of posts, from runs that are made as they are asked for."""
        return (look_for(scenario, self.service, self.recruits, self.levels, self._rule, runs),)

    def explain(self, scenario: Scenario, runs: Runs, executor: Executor) -> Explained:
        """The answer, from runs that are made as they are asked for."""
        (found,) = self.search(scenario, runs)
        with told_if_stopped(lambda: first_line(found)):
            return self._explained(scenario, found, runs, executor)

    def _explained(self, scenario: Scenario, found: SearchResult, runs: Runs, executor: Executor) -> Explained:
        """The answer, after the plan is held against no plan and a later one."""
        posts, people = level_shown(found), self.recruits.people(scenario)

        def runs_of(recruits: Recruits, level: int) -> SearchResult:
            return runs_at(scenario, self.service, recruits, level, found.rule, runs, range(PAIRS))

        alternatives = {PLAN: runs_of(self.recruits, posts)}
        if posts > people:
            alternatives[NONE] = runs_of(self.recruits, people)
            alternatives[LATER] = runs_of(self.recruits.later(self.wait_months), posts)
        planned = scenario.with_changes(self.recruits.changes(scenario, posts))
        quarters = by_quarter(planned, self.recruits.role, range(PAIRS), executor)
        load = offered_load(found, runs)
        years = by_year(alternatives, load, quarters)
        result = PlanResult(self.recruits, self.wait_months, found, posts, alternatives, quarters, years)
        return Explained(
            (found,),
            load,
            plan_answer.blocks(result, load),
            tables={QUARTERS: quarters, YEARS: years},
            charts={CHART: lambda: charts.recruitment(self.recruits, posts, quarters, years)},
        )

    def faults(self, scenario: Scenario) -> Iterator[Fault]:
        """What of it could change nothing in the years that count."""
        ends = f"the years that count are over on {self.service.ends_on(scenario)}"
        for name, begins, given in (
            ("begins_on", self.recruits.begins_on, str(self.recruits.begins_on)),
            ("wait_months", self.recruits.later(self.wait_months).begins_on, self.wait_months),
        ):
            joins = add_months(begins, scenario.workforce.hiring_months + scenario.workforce.notice_months)
            if joins > self.service.ends_on(scenario):
                yield Fault(Argument(name), "", given, f"who is hired from {begins} on joins on {joins}, and {ends}")
                return
