"""The back of an envelope: what the programme takes in a year if every authority keeps its judgement for ever.

Authorities, times days of a visit, by the years from one inspection to the next. It knows no launch, no drift and no
calendar, so what the expected load says otherwise is what these bring.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from sim.base.calendar import DAYS_A_WEEK, DAYS_A_YEAR, MONTHS_A_YEAR, WEEKDAYS
from sim.inputs.framework import SIZES, DeskWork, Framework, Kind
from sim.inputs.grades import JUDGEMENTS
from sim.inputs.pathways import Pathway, VisitName

if TYPE_CHECKING:
    import pandas as pd

    from sim.inputs.scenario import Scenario

EVERYBODY = "all"
"""Instead of a judgement: work for authorities of every judgement."""
DESK_WORK = "desk_work"
"""What is no visit: the reading of intelligence, and oversight."""
WORKDAYS_A_YEAR = DAYS_A_YEAR * WEEKDAYS / DAYS_A_WEEK
"""Weekdays of a year."""


class CycleRow(NamedTuple):
    """Work of a year for the authorities of one judgement."""

    judgement: str
    kind: Kind | str
    authorities: int
    visits_a_year: float
    days_a_visit: float
    days_a_year: float


def steady_cycle(scenario: Scenario) -> pd.DataFrame:
    """Inspector-days of a year by judgement and kind of visit, for the judgements that the scenario starts with.

    The rules are those of the framework in force at the end of the scenario. Left out are the launch and its backlog,
    drift, longer inspections, priority action, enough progress seen in monitoring, and joint inspections that replace a
    focused visit.

    Parameters
    ----------
    scenario : Scenario
        The scenario.

    Returns
    -------
    pandas.DataFrame
        Columns ``judgement`` (``all`` for work that has nothing to do with it), ``kind``, ``authorities``,
        ``visits_a_year``, ``days_a_visit`` (oversight apart) and ``days_a_year``. Desk work is the reading of
        intelligence and the oversight of all those visits.
    """
    import pandas as pd

    timetable = [scenario.frameworks[name] for name in scenario.framework]
    begun = [rules for rules in timetable[1:] if rules.in_force_from < scenario.end]
    framework = [timetable[0], *begun][-1]
    visits = list(_visits(scenario, framework))
    rows = [row for row, _ in visits]
    rows.append(_desk_work(framework.desk_work, len(scenario.authorities), sum(oversight for _, oversight in visits)))
    return pd.DataFrame(rows, columns=list(CycleRow._fields))


def cycle_years(pathway: Pathway) -> float:
    """Years from one inspection to the next; with monitoring, which its most likely number of visits makes longer."""
    years = pathway.interval_months / MONTHS_A_YEAR
    monitoring = None if pathway.monitoring is None else pathway.monitoring.rules
    if monitoring is None or not monitoring.visits["mode"]:
        return years
    quarters = (monitoring.visits["mode"] - 1) * monitoring.every_weeks * DAYS_A_WEEK / DAYS_A_YEAR
    return years + quarters + monitoring.first_after_working_days / WORKDAYS_A_YEAR


def _visits(scenario: Scenario, framework: Framework) -> Iterator[tuple[CycleRow, float]]:
    """Visits of a year, with the inspector-days of their oversight."""
    sizes: Counter[str]
    for judgement in JUDGEMENTS:
        pathway = framework.pathways[judgement]
        sizes = Counter(row.size for row in scenario.authorities if row.judgement == judgement)
        in_a_cycle: list[tuple[VisitName, int]] = [(pathway.inspection, 1)]
        in_a_cycle += [(contact.kind, contact.rules.most) for contact in pathway.between]
        monitoring = pathway.monitoring
        in_a_cycle += [] if monitoring is None else [(monitoring.kind, monitoring.rules.visits["mode"])]
        for name, visits in in_a_cycle:
            if visits and sizes:
                yield _row(framework, judgement, name, sizes, sizes.total() * visits / cycle_years(pathway))
    sizes = Counter(row.size for row in scenario.authorities)
    if framework.engagement is not None:
        meetings = sizes.total() * MONTHS_A_YEAR / framework.engagement.every_months
        yield _row(framework, EVERYBODY, "engagement", sizes, meetings)
    if framework.joint is not None and framework.joint.high_a_year:
        nationally = (framework.joint.low_a_year + framework.joint.high_a_year) / 2
        joint = nationally * sizes.total() / framework.joint.among_authorities
        yield _row(framework, EVERYBODY, "joint", sizes, joint)


def _row(
    framework: Framework, judgement: str, name: VisitName, sizes: Counter[str], a_year: float
) -> tuple[CycleRow, float]:
    rules = framework.visits[name]
    days = sum(sizes[size] * rules.inspector_days(size) for size in SIZES) / sizes.total()
    row = CycleRow(judgement, framework.kind(name).name, sizes.total(), a_year, days, a_year * days)
    return row, a_year * rules.oversight_days


def _desk_work(rules: DeskWork, authorities: int, oversight: float) -> CycleRow:
    days = authorities * rules.intelligence_days + oversight
    return CycleRow(EVERYBODY, DESK_WORK, authorities, float("nan"), float("nan"), days)
