"""A plan of recruitment that keeps a service level: how many people, when, and what waiting costs.

The number of posts is found as a head-count is, by :mod:`sim.statistics.search`. Beside it, on the luck of the same
runs: nobody recruited but the successors of leavers, and the same plan begun later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis import capacity_load
from sim.analysis.capacity import Found, ServiceLevel, look_for, runs_at
from sim.analysis.recruitment import Recruits
from sim.analysis.staffing import by_quarter, days_of_a_person
from sim.base.calendar import add_months
from sim.base.faults import Fault
from sim.runs.ensemble import whole_years
from sim.runs.outcomes import NAMES
from sim.statistics.intervals import CONFIDENCE, binomial_interval
from sim.statistics.search import Rule
from sim.studies import capacity_answer, plan_answer
from sim.studies.capacity_study import FILES, Made, Told

if TYPE_CHECKING:
    import pandas as pd

    from sim.charts import Drawn
    from sim.inputs.scenario import Scenario
    from sim.runs.variants import Runs

QUARTERS, YEARS, CHART = "quarters.csv", "years.csv", "plan"
PAIRS = 100
"""Runs of the plan, of no plan and of the later one that are held against each other: a share of 90% then has a
standard error of 3%."""


@dataclass(frozen=True)
class Plan:
    """Which plan of recruitment keeps a service level, a :class:`sim.studies.capacity_study.Question`.

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

    def as_asked(self) -> dict[str, object]:
        """The question, for the manifest."""
        searched = {self.recruits.word: f"{self.levels[0]} to {self.levels[-1]}"}
        return {**asdict(self.service), "searched": searched, **asdict(self.rule), "wait_months": self.wait_months}

    def told(self, scenario: Scenario, runs: Runs, made: Made) -> Told:
        """The answer, from runs that are made as they are asked for."""
        rule = replace(self.rule, fewer=0)  # what a smaller plan would cost is told by nobody but successors
        found = look_for(scenario, self.service, self.recruits, self.levels, rule, runs)
        posts, people = capacity_answer.level_shown(found), self.recruits.people(scenario)

        def held(recruits: Recruits, level: int) -> Found:
            return runs_at(scenario, self.service, recruits, level, rule, runs, PAIRS)

        beside = {plan_answer.PLAN: held(self.recruits, posts)}
        if posts > people:
            beside[plan_answer.NONE] = held(self.recruits, people)
            beside[plan_answer.LATER] = held(self.recruits.later(self.wait_months), posts)
        planned = scenario.with_changes(self.recruits.changes(scenario, posts))
        quarters = made(QUARTERS, lambda executor: by_quarter(planned, self.recruits.role, range(PAIRS), executor))
        load = capacity_load.beside(found)
        years = by_year(beside, load, quarters)
        return Told(
            (found,),
            load,
            plan_answer.sentences(self, found, posts, beside, years, quarters),
            [
                plan_answer.shown_quarters(quarters),
                plan_answer.shown_years(years, self.wait_months),
                f"{found.lever.unit}:\n{capacity_answer.shown(found)}",
                capacity_load.shown(load, found),
            ],
            kept={QUARTERS: quarters, YEARS: years},
            pictures={CHART: lambda: _picture(self, posts, quarters, years)},
        )

    def faults(self, scenario: Scenario) -> Iterator[Fault]:
        """What of it could change nothing in the years that count."""
        ends = f"the years that count are over on {self.service.ends_on(scenario)}"
        for flag, word, begins, given in (
            ("--begins", "DATE", self.recruits.begins_on, str(self.recruits.begins_on)),
            ("--wait-months", "M", self.recruits.later(self.wait_months).begins_on, self.wait_months),
        ):
            joins = add_months(begins, scenario.workforce.hiring_months + scenario.workforce.notice_months)
            if joins > self.service.ends_on(scenario):
                yield Fault(flag, word, given, f"who is hired from {begins} on joins on {joins}, and {ends}")
                return


def by_year(beside: dict[str, Found], load: capacity_load.Beside, quarters: pd.DataFrame) -> pd.DataFrame:
    """Whether each whole financial year keeps the service level, with the plan and without.

    Returns
    -------
    pandas.DataFrame
        A row for each whole financial year: ``counts`` (whether it counts for the service level); for each of the
        plans ``<plan>_kept``, the share of runs in which the year alone keeps it, with its 95% interval ``_low``,
        ``_high``, and ``<plan>_late``, its late inspections; ``busy``, people of the role whom the offered load of the
        year would keep busy all the time; ``in_full_use``, people in full use with the plan, mean of the quarter's
        ends.
    """
    import pandas as pd

    one = beside[plan_answer.PLAN]
    offered = load.table.set_index("financial_year")["closed_form_of_role"]
    there = quarters.groupby(quarters["quarter"].str.partition(" ")[0])["in_full_use"].mean()
    rows = []
    for year in whole_years(one.scenario):
        row: dict[str, object] = {"financial_year": year, "counts": year in one.counted}
        for name, found in beside.items():
            (level,) = found.runs
            kept = found.kept(level, [year])
            low, high = binomial_interval(int(kept.sum()), len(kept), CONFIDENCE)
            late = np.nanmean(found.runs[level][:, found.years.index(year), NAMES.index("inspections_late")])
            row |= {f"{name}_kept": kept.mean(), f"{name}_low": low, f"{name}_high": high, f"{name}_late": late}
        days = days_of_a_person(one.scenario, one.lever.role, [year])
        busy = offered.get(year, 0.0) / days if days else np.nan
        rows.append(row | {"busy": busy, "in_full_use": there.get(year, np.nan)})
    return pd.DataFrame(rows)


def _picture(plan: Plan, posts: int, quarters: pd.DataFrame, years: pd.DataFrame) -> Drawn:
    from sim.charts import recruitment

    return recruitment(plan.recruits, posts, quarters, years)
