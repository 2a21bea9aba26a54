"""The measures: every one defined once, with its unit and formula, and computed from the record of a replication.

A measure belongs to a financial year, April to March. The first and the last year of a run are usually parts of a
year; counts and days are those of the part.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from sim.base.calendar import APRIL, DAYS_A_YEAR, Calendar, financial_year
from sim.base.faults import nearest
from sim.inputs.framework import KINDS, ROLES
from sim.inputs.grades import JUDGEMENTS, STARTED, Judgement
from sim.inputs.reasons import GROUPS, Group
from sim.inputs.scenario import Scenario
from sim.record.rows import LifeRow, Record

DAYS = "inspector-days"
WORKED, USED, JUDGED = "inspector_days_", "utilisation_", "authorities_"
"""Beginning of the names of measures of one kind of visit, whose end is ``STARTED``, of one role, and of one grade."""
OLD_JUDGEMENT_YEARS = 3.5
"""Age past which a judgement counts as old: the three years of the cycle and half a year of its window."""


@dataclass(frozen=True)
class Measure:
    """Name, unit and formula of a measure."""

    name: str
    unit: str
    formula: str


LATE_BECAUSE: dict[Group, str] = {
    "backlog": "of inspections_late, those due before the start, that mostly waited for their turn in the backlog; "
    "each late inspection counts under what it waited for in most weeks, see visits.late_because",
    "pause": "of inspections_late, those that mostly waited for a pause to end",
    "limit": "of inspections_late, those that mostly waited because as many inspections were on site as "
    "planning.most_inspections allows, or planning.most_inspections_after_pause after a pause",
    "lead_time": "of inspections_late, those that mostly waited because no lead was in post, or none had time left in "
    "the term",
    "lead_week": "of inspections_late, those that mostly waited for a week in which a lead with time left was free, "
    "rested, and near enough to come",
    "team": "of inspections_late, those that mostly waited for inspectors beside the lead",
    "other": "of inspections_late, those that mostly waited for anything else: closed weeks, another visit there, "
    "notice, new rules, a reorganisation, or a plan for a week past the latest date",
}
"""What the measure of each group of reasons counts."""
GROUP_OF = {reason: group for group, reasons in GROUPS.items() for reason in reasons}
"""Group of each reason."""

_BEFORE: tuple[Measure, ...] = (
    Measure(
        "inspections_started", "inspections", "short, standard and single inspections whose fieldwork began in the year"
    ),
    *(Measure(f"{kind}_started", "visits", f"{kind} visits whose fieldwork began in the year") for kind in KINDS),
    Measure(
        "inspector_days_worked",
        "inspector-days",
        "days given to visits and desk work, in the weeks that begin in the year",
    ),
    *(Measure(f"inspector_days_{kind}", "inspector-days", f"of those, days given to {kind} visits") for kind in KINDS),
    Measure(
        "inspector_days_desk_work",
        "inspector-days",
        "of those, management, quality assurance, intelligence and complaints",
    ),
    Measure(
        "inspector_days_due",
        "inspector-days",
        "days that visits due in the year and its desk work take; overdue at the start counts in the first week",
    ),
    Measure(
        "inspector_days_available",
        "inspector-days",
        "days that people in post have for the programme, in the weeks that begin in the year",
    ),
    Measure("utilisation", "share", "inspector_days_worked / inspector_days_available"),
    *(Measure(USED + role, "share", f"the same for the role {role}") for role in ROLES),
    Measure(
        "inspections_on_time",
        "share",
        "of inspections whose latest date falls in the year, those that had begun by it; never begun counts as late; "
        "inspections_overdue_at_start are in no year's share",
    ),
    Measure(
        "inspections_late",
        "inspections",
        "inspections whose latest date falls in the year that had not begun by it; see inspections_on_time",
    ),
    *(Measure(f"inspections_late_{group}", "inspections", formula) for group, formula in LATE_BECAUSE.items()),
    Measure(
        "monitoring_on_time",
        "share",
        "of monitoring visits whose latest date falls in the year, those that had begun by it; given up counts as late",
    ),
    Measure(
        "visits_moved",
        "visits",
        "visits that the replannings of the year move to another week; not those put off for want of a team",
    ),
    Measure("visits_moved_share", "share", "of visits that are planned at the replannings of the year, those moved"),
    Measure(
        "inspections_overdue_at_start",
        "inspections",
        "inspections whose latest date lies before the start, counted in the first year",
    ),
    Measure(
        "judgements_older_than_3_5_years",
        "share",
        "of authorities with a published judgement at the year's end, those in which it rests on an inspection that "
        "ended more than 3.5 years before",
    ),
)
_AFTER: tuple[Measure, ...] = (
    Measure(
        "peak_week_inspectors",
        "inspectors",
        "most inspectors on site in one week of the year, engagement meetings apart",
    ),
    Measure(
        "contacts_per_authority",
        "visits",
        "visits begun in the year, engagement meetings apart, per authority at the year's end",
    ),
    Measure("declines_begun", "declines", "times that true quality drifted below the published judgement"),
    Measure(
        "days_to_see_decline",
        "days",
        "from the day on which true quality drifted below the published judgement to the last day on site of the first "
        "contact that saw it, mean of those first seen in the year",
    ),
    Measure(
        "days_to_detect_decline",
        "days",
        "from the day on which true quality drifted below the published judgement to the publication of the judgement "
        "that says so, mean of those published in the year",
    ),
    Measure(
        "declines_seen_by_visit",
        "share",
        "of declines first seen in the year, those seen by a focused, monitoring or joint visit before an inspection",
    ),
    Measure(
        "authority_days_below_judgement",
        "authority-days",
        "days of the year on which authorities were below their published judgement, drifted or misjudged",
    ),
    Measure("cost_pounds", "pounds", "inspector_days_worked x inspector_day_pounds + days on site x travel_day_pounds"),
    Measure(
        "staff_cost_pounds",
        "pounds",
        "inspector_days_available x inspector_day_pounds + days on site x travel_day_pounds: what people in post cost "
        "the programme, whether there is work for them or not",
    ),
)


def of_grades(judgements: Sequence[Judgement]) -> tuple[Measure, ...]:
    """Those of every scenario in which authorities are judged so, in order."""
    judged = (
        Measure(
            JUDGED + judgement,
            "authorities",
            f"whose published judgement is {judgement} at the year's end, or that which its four judgements imply",
        )
        for judgement in judgements
    )
    return (*_BEFORE, *judged, *_AFTER)


MEASURES = of_grades(JUDGEMENTS)
"""Those of every scenario of the inspectorate of children's services, in order."""
NAMES = tuple(measure.name for measure in MEASURES)
UNITS = {measure.name: measure.unit for measure in MEASURES}


def defined_for(scenario: Scenario) -> tuple[Measure, ...]:
    """Measures of a scenario: those of every one with its grades, and then those of kinds and roles that only it has.

    What is counted of a kind of visit of children's services is left out where the scenario does not count that kind.
    """
    own = [kind for kind in scenario.kinds_of_visit.values() if kind.name not in KINDS]
    roles = [role for role in scenario.workforce.roles if role not in ROLES]
    absent = absent_from(scenario)
    return (
        *(measure for measure in of_grades(scenario.grades.names) if measure.name not in absent),
        *(Measure(kind.name + STARTED, "visits", f"{kind.called}: those begun in the year") for kind in own),
        *(Measure(WORKED + kind.name, DAYS, f"days worked for it: {kind.called}") for kind in own),
        *(Measure(USED + role, "share", f"utilisation of the role {role}") for role in roles),
    )


def names_for(scenario: Scenario) -> tuple[str, ...]:
    """Names of the measures of a scenario, in order: those of the last axis of its arrays."""
    return tuple(definition.name for definition in defined_for(scenario))


def absent_from(scenario: Scenario) -> frozenset[str]:
    """Measures of kinds of visit that a scenario does not count, and of roles that it has not."""
    kinds = [kind for kind in KINDS if kind not in scenario.kinds_of_visit]
    of_roles = {USED + role for role in ROLES if role not in scenario.workforce.roles}
    return frozenset(name for kind in kinds for name in (kind + STARTED, WORKED + kind)) | of_roles


def of_a_kind(measure: str) -> bool:
    """Whether a name is one that a kind of visit or a role gives to a measure."""
    return measure.endswith(STARTED) or measure.startswith((WORKED, USED))


def of_a_grade(measure: str) -> bool:
    """Whether a name is one that a grade gives to a measure."""
    return measure.startswith(JUDGED) and not measure.endswith(STARTED)


def possible(measure: str) -> bool:
    """Whether a name is that of a measure of every scenario, or one that a kind of visit or grade of some may give."""
    return measure in UNITS or of_a_kind(measure) or of_a_grade(measure)


def known_among(names: Collection[str]) -> tuple[str, ...]:
    """Measures of a table, in order, by some that it has: those of every scenario with its grades, and its kinds'."""
    grades = [name.removeprefix(JUDGED) for name in names if of_a_grade(name)] or JUDGEMENTS
    every = [measure.name for measure in of_grades(grades) if measure.name in names or not of_a_kind(measure.name)]
    return (*every, *(name for name in names if name not in every and of_a_kind(name)))


def unit_of(measure: str) -> str:
    """Unit of a measure, be it of every scenario or of a kind of visit, role or grade that only some have."""
    if measure in UNITS:
        return UNITS[measure]
    if measure.endswith(STARTED):
        return "visits"
    return "authorities" if of_a_grade(measure) else DAYS if measure.startswith(WORKED) else "share"


def unknown(measure: str, *scenarios: Scenario) -> str:
    """What is wrong with a name that is no measure of any of some scenarios, in words; empty if nothing is."""
    names = {definition.name for scenario in scenarios for definition in defined_for(scenario)}
    return "" if measure in names else nearest(measure, names)


@dataclass(frozen=True)
class Years:
    """Financial years that a run touches.

    Attributes
    ----------
    names : list of str
        Written ``2018-19``.
    last_days : list of int
        Last day of each, in days since the start; of the last year the last day simulated.
    of_day : ndarray of int
        Place of each day, from 0 to the last one simulated, in ``names``.
    whole : list of bool
        Whether a year is simulated from its first day to its last.
    """

    names: list[str]
    last_days: list[int]
    of_day: NDArray[np.int64]
    whole: list[bool]

    @classmethod
    def of(cls, calendar: Calendar) -> Years:
        """Years of a calendar's start and horizon."""
        return cls.between(calendar.start, calendar.horizon)

    @classmethod
    def between(cls, start: date, horizon: int) -> Years:
        """Years of the days from a start to a horizon, that of the last day in days since the start."""
        end = start + timedelta(days=horizon + 1)
        firsts = [date(year, APRIL, 1) for year in range(start.year, end.year + 1)]
        begins = [(first - start).days for first in firsts if start < first < end]
        names = [financial_year(start), *(financial_year(start + timedelta(days=day)) for day in begins)]
        of_day = np.searchsorted(begins, np.arange(horizon + 1), side="right")
        last_days = [*(day - 1 for day in begins), horizon]
        whole = [True] * len(names)
        whole[0] &= start in firsts
        whole[-1] &= end in firsts
        return cls(names, last_days, of_day, whole)


def years_of(scenario: Scenario) -> list[str]:
    """Financial years that a scenario touches."""
    return Years.between(scenario.start, scenario.horizon).names


def whole_years(scenario: Scenario) -> list[str]:
    """Financial years that a scenario simulates from their first day to their last."""
    years = Years.between(scenario.start, scenario.horizon)
    return [name for name, whole in zip(years.names, years.whole, strict=True) if whole]


def shown_years(*scenarios: Scenario) -> list[str]:
    """Financial years that all of some scenarios simulate whole; those that all of them touch if there is none."""
    for years_in in (whole_years, years_of):
        first, *others = map(years_in, scenarios)
        shared = [year for year in first if all(year in years for years in others)]
        if shared:
            break
    return shared


def measure(record: Record, scenario: Scenario, years: Years) -> dict[str, NDArray[np.float64]]:
    """Every measure of one replication.

    Parameters
    ----------
    record : Record
        What the replication left behind.
    scenario : Scenario
        Its scenario.
    years : Years
        Financial years of the run.

    Returns
    -------
    dict of str to ndarray, shape (years,)
        By name, in the order of :func:`defined_for`; not a number where a share or mean has nothing to be taken of.
    """
    values: dict[str, NDArray[np.float64]] = {}
    visits = record.columns
    simulated = visits.begins <= record.horizon
    started = {kind: _count(visits.begins[simulated & visits.of_kinds({kind})], years) for kind in visits.kinds}
    values["inspections_started"] = _count(visits.begins[simulated & visits.gives_judgement], years)
    values |= {f"{kind}_started": count for kind, count in started.items()}
    values |= _days(record, scenario, years)
    inspections = visits.gives_judgement
    fell_due, begun = _fell_due(inspections, record, years)
    values["inspections_on_time"], values["inspections_late"] = _ratio(begun, fell_due), fell_due - begun
    values |= _late_because(record, years)
    monitoring = {kind.name for kind in scenario.kinds_of_visit.values() if kind.part == "monitoring"}
    fell_due, begun = _fell_due(visits.of_kinds(monitoring), record, years)
    values["monitoring_on_time"] = _ratio(begun, fell_due)
    values |= _moved(record, years)
    overdue = inspections & (visits.latest < 0) & visits.from_the_start
    values["inspections_overdue_at_start"] = _count(np.zeros(np.count_nonzero(overdue), dtype=np.int64), years)
    values |= _judgements(record, scenario.grades.names, years)
    values["contacts_per_authority"] = _count(visits.begins[simulated & visits.is_contact], years) / [
        sum(1 for life in record.lives if _there(life, day)) for day in years.last_days
    ]
    values |= _detection(record, scenario, years)
    return {definition.name: values[definition.name] for definition in defined_for(scenario)}


def _count(days: Sequence[int] | NDArray[np.int64], years: Years) -> NDArray[np.float64]:
    places = years.of_day[np.array(days, dtype=np.int64)]
    return np.bincount(places, minlength=len(years.names)).astype(np.float64)


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    empty = np.full(len(whole), np.nan)
    return np.asarray(np.divide(part, whole, out=empty, where=whole > 0), dtype=np.float64)


def _days(record: Record, scenario: Scenario, years: Years) -> dict[str, NDArray[np.float64]]:
    """Inspector-days, their utilisation and cost, and the peak, from the work by week."""
    load = record.workload
    year_of_week = years.of_day[np.maximum(load.weeks, 0)]

    def by_year(weekly: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(year_of_week, weights=weekly, minlength=len(years.names)).astype(np.float64)

    worked, available = by_year(load.worked.sum(axis=(1, 2))), by_year(load.available.sum(axis=(1, 2)))
    travel = by_year(load.on_site_days) * scenario.costs.travel_day_pounds
    values = {
        "inspector_days_worked": worked,
        "inspector_days_due": by_year(load.due.sum(axis=(1, 2))),
        "inspector_days_available": available,
        "utilisation": _ratio(worked, available),
        "peak_week_inspectors": np.array(
            [load.inspectors_out[year_of_week == year].max(initial=0) for year in range(len(years.names))],
            dtype=np.float64,
        ),
        "cost_pounds": worked * scenario.costs.inspector_day_pounds + travel,
        "staff_cost_pounds": available * scenario.costs.inspector_day_pounds + travel,
    }
    for place, name in enumerate((*record.columns.kinds, "desk_work")):
        values[f"inspector_days_{name}"] = by_year(load.by_kind[:, place])
    for place, role in enumerate(load.roles):
        values[USED + role] = _ratio(
            by_year(load.worked[:, place].sum(axis=1)), by_year(load.available[:, place].sum(axis=1))
        )
    return values


def _fell_due(
    among: NDArray[np.bool_], record: Record, years: Years
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of some visits, those whose latest date falls in each year, and those of them that had begun by it."""
    visits = record.columns
    fell_due = among & (visits.latest >= 0) & (visits.latest <= record.horizon) & ~visits.replaced
    begun = fell_due & (visits.begins <= visits.latest)
    return _count(visits.latest[fell_due], years), _count(visits.latest[begun], years)


def _late_because(record: Record, years: Years) -> dict[str, NDArray[np.float64]]:
    """Late inspections whose latest date falls in each year, by what they mostly waited for."""
    latest = record.columns.latest
    days: dict[Group, list[int]] = {group: [] for group in GROUPS}
    for visit, reason in record.late_because.items():
        if 0 <= latest[visit] <= record.horizon:
            days[GROUP_OF[reason]].append(latest[visit])
    return {f"inspections_late_{group}": _count(each, years) for group, each in days.items()}


def _moved(record: Record, years: Years) -> dict[str, NDArray[np.float64]]:
    """Visits that replannings moved in each year, and their share of those that were planned."""
    moved, planned = np.zeros((2, len(years.names)))
    for replanning in record.replannings:
        moved[years.of_day[replanning.day]] += replanning.moved
        planned[years.of_day[replanning.day]] += replanning.planned
    return {"visits_moved": moved, "visits_moved_share": _ratio(moved, planned)}


def _judgements(record: Record, judgements: Sequence[Judgement], years: Years) -> dict[str, NDArray[np.float64]]:
    """Published judgements at each year's end: how many of each grade, and the share that is old."""
    grade: dict[str, str] = {}
    seen: dict[str, int] = {}
    counts = {judgement: np.zeros(len(years.names)) for judgement in judgements}
    old = np.zeros(len(years.names))
    rows = iter(sorted(record.judgements, key=lambda row: row.published))
    row = next(rows, None)
    for year, last_day in enumerate(years.last_days):
        while row is not None and row.published <= last_day:
            grade[row.authority] = row.judgement
            seen[row.authority] = row.inspected
            row = next(rows, None)
        there = [life.authority for life in record.lives if _there(life, last_day) and life.authority in grade]
        for authority in there:
            counts[grade[authority]][year] += 1
        limit = last_day - OLD_JUDGEMENT_YEARS * DAYS_A_YEAR
        old[year] = sum(seen[authority] < limit for authority in there) / len(there) if there else np.nan
    return {JUDGED + judgement: count for judgement, count in counts.items()} | {"judgements_older_than_3_5_years": old}


def _there(life: LifeRow, day: int) -> bool:
    """Whether there is an authority on a day."""
    return life.begins <= day and (life.ends is None or day < life.ends)


def _mean_by_year(dated: Sequence[tuple[int, float]], years: Years) -> NDArray[np.float64]:
    places = years.of_day[np.array([day for day, _ in dated], dtype=np.int64)]
    sums = np.bincount(places, weights=[value for _, value in dated], minlength=len(years.names)).astype(np.float64)
    return _ratio(sums, np.bincount(places, minlength=len(years.names)).astype(np.float64))


def _detection(record: Record, scenario: Scenario, years: Years) -> dict[str, NDArray[np.float64]]:
    """Declines: how many, how soon seen and published, by whom first, and how long authorities were below."""
    begins = {life.authority: life.begins for life in record.lives}  # before it a decline was another authority's
    drifted = [row for row in record.declines if row.cause == "drift"]
    seen = [(row.seen, row.seen - row.began) for row in drifted if row.seen is not None]
    kinds = scenario.kinds_of_visit
    by_visit = [
        (row.seen, float(not kinds[row.seen_by].gives_judgement))
        for row in drifted
        if row.seen is not None and row.seen_by is not None
    ]
    detected = [(row.published, row.published - row.began) for row in drifted if row.published is not None]
    return {
        "declines_begun": _count([int(row.began) for row in drifted if row.began >= begins[row.authority]], years),
        "days_to_see_decline": _mean_by_year(seen, years),
        "days_to_detect_decline": _mean_by_year(detected, years),
        "declines_seen_by_visit": _mean_by_year(by_visit, years),
        "authority_days_below_judgement": _days_below(record, years),
    }


def _days_below(record: Record, years: Years) -> NDArray[np.float64]:
    begins = np.array([0, *(day + 1 for day in years.last_days[:-1])])
    ends = np.array(years.last_days) + 1
    lives = {life.authority: life.begins for life in record.lives}
    began = np.array([max(row.began, lives[row.authority]) for row in record.declines])[:, None]
    ended = np.array([ends[-1] if row.ended is None else row.ended for row in record.declines])[:, None]
    below = np.minimum(ended, ends) - np.maximum(began, begins)
    return np.asarray(np.maximum(below, 0.0).sum(axis=0), dtype=np.float64)
