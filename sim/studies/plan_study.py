"""Find a recruitment plan that keeps a service level: how many people, when, and what waiting costs.

The search for the number of posts is that for a head-count, :mod:`sim.statistics.search`. The same runs, with the same
random events, then show two alternatives: recruitment that only replaces leavers, and the same plan begun later.
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
"""Runs of the plan, of no plan and of the later plan that are compared: a share of 90% then has a standard error of
3%."""


@dataclass(frozen=True)
class Plan:
    """Ask which recruitment plan keeps a service level; a :class:`sim.studies.capacity_study.CapacityStudyQuestion`.

    Attributes
    ----------
    service : ServiceLevel
        Service level that the programme must keep.
    recruits : Recruits
        The role that the plan hires, when it begins, and the most offers in a quarter.
    levels : range
        Numbers of posts searched.
    rule : Rule
        Guarantee of the search, and the most runs that it may make.
    wait_months : int
        How many months later the plan for comparison begins.
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
        """Work that the answer takes: the search, and runs of the plan, of no plan, of a later one, and by quarter."""
        return Ahead([(self.levels, self._rule)], RUNS_OF_LOAD + runs_to_show(self._rule) + 4 * PAIRS)

    @property
    def _rule(self) -> Rule:
        return replace(self.rule, fewer=0)  # NONE, which only replaces leavers, shows what fewer people would do

    def as_asked(self) -> dict[str, object]:
        """Return the question, for the manifest."""
        searched = {self.recruits.word: f"{self.levels[0]} to {self.levels[-1]}"}
        return {**asdict(self.service), "searched": searched, **asdict(self.rule), "wait_months": self.wait_months}

    def search(self, scenario: Scenario, runs: Runs) -> tuple[SearchResult, ...]:
        """Search for the number of posts; runs are made as the search asks for them."""
        return (look_for(scenario, self.service, self.recruits, self.levels, self._rule, runs),)

    def explain(self, scenario: Scenario, runs: Runs, executor: Executor) -> Explained:
        """Return the answer; runs are made as it asks for them."""
        (found,) = self.search(scenario, runs)
        with told_if_stopped(lambda: first_line(found)):
            return self._explained(scenario, found, runs, executor)

    def _explained(self, scenario: Scenario, found: SearchResult, runs: Runs, executor: Executor) -> Explained:
        """Return the answer, after comparing the plan with no plan and with a later one."""
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
        """Name the values that could change nothing in the years that count."""
        ends = f"the years that count are over on {self.service.ends_on(scenario)}"
        for name, begins, given in (
            ("begins_on", self.recruits.begins_on, str(self.recruits.begins_on)),
            ("wait_months", self.recruits.later(self.wait_months).begins_on, self.wait_months),
        ):
            joins = add_months(begins, scenario.workforce.hiring_months + scenario.workforce.notice_months)
            if joins > self.service.ends_on(scenario):
                yield Fault(Argument(name), "", given, f"people hired from {begins} join on {joins}, and {ends}")
                return
