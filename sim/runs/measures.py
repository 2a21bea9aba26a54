"""Defines every measure once, with its unit and formula, and computes it from the record of a replication.

Each measure has one value for each financial year, April to March. The first and last years of a run are usually
incomplete. Their counts and days cover only the part that is simulated.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import inf

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
"""How the names begin of measures of one kind of visit (these end with ``STARTED``), one role, and one grade."""
OLD_JUDGEMENT_YEARS = 3.5
"""Age in years after which a judgement counts as old: the three years of the cycle plus half a year of its window."""


@dataclass(frozen=True)
class Measure:
    """Hold the name, unit and formula of a measure."""

    name: str
    unit: str
    formula: str


LATE_BECAUSE: dict[Group, str] = {
    "backlog": "late inspections that were due before the start and mostly waited for their turn in the backlog; each "
    "late inspection counts once, under its most frequent weekly reason (see visits.late_because)",
    "pause": "late inspections that mostly waited for a pause to end",
    "limit": "late inspections that mostly waited because the limit on inspections on site was reached "
    "(planning.most_inspections, or planning.most_inspections_after_pause after a pause)",
    "lead_time": "late inspections that mostly waited because no lead was in post, or no lead had time left in the "
    "term",
    "lead_week": "late inspections that mostly waited for a week in which a lead with time left was free, rested and "
    "near enough to come",
    "team": "late inspections that mostly waited for team members other than the lead",
    "other": "late inspections that mostly waited for another reason: closed weeks, another visit to the authority, "
    "notice, new rules, a reorganisation, or a planned week after the latest date",
}
"""What each group of reasons for lateness counts."""
GROUP_OF = {reason: group for group, reasons in GROUPS.items() for reason in reasons}
"""Group of each reason."""

_BEFORE: tuple[Measure, ...] = (
    Measure(
        "inspections_started",
        "inspections",
        "short, standard and single inspections whose fieldwork began in the year",
    ),
    *(Measure(f"{kind}_started", "visits", f"{kind} visits whose fieldwork began in the year") for kind in KINDS),
    Measure(
        "inspector_days_worked",
        "inspector-days",
        "days worked on visits and desk work, in weeks that begin in the year",
    ),
    *(
        Measure(
            f"inspector_days_{kind}", "inspector-days", f"days worked on {kind} visits, in weeks that begin in the year"
        )
        for kind in KINDS
    ),
    Measure(
        "inspector_days_desk_work",
        "inspector-days",
        "days worked on management, quality assurance, intelligence and complaints, in weeks that begin in the year",
    ),
    Measure(
        "inspector_days_due",
        "inspector-days",
        "days needed for the visits due in the year and for its desk work; visits overdue at the start count in the "
        "first week",
    ),
    Measure(
        "inspector_days_available",
        "inspector-days",
        "days that people in post can give to the programme, in weeks that begin in the year",
    ),
    Measure("utilisation", "share", "inspector_days_worked / inspector_days_available"),
    *(Measure(USED + role, "share", f"utilisation of the role {role}: days worked / days available") for role in ROLES),
    Measure(
        "inspections_on_time",
        "share",
        "of the inspections whose latest date falls in the year, the share that began by that date; an inspection that "
        "never began counts as late; no year includes inspections_overdue_at_start",
    ),
    Measure(
        "inspections_late",
        "inspections",
        "inspections whose latest date falls in the year and that did not begin by that date (see inspections_on_time)",
    ),
    *(Measure(f"inspections_late_{group}", "inspections", formula) for group, formula in LATE_BECAUSE.items()),
    Measure(
        "monitoring_on_time",
        "share",
        "of the monitoring visits whose latest date falls in the year, the share that began by that date; a cancelled "
        "visit counts as late",
    ),
    Measure(
        "visits_moved",
        "visits",
        "visits that replanning moved to another week during the year; excludes visits put off because no team was "
        "free",
    ),
    Measure("visits_moved_share", "share", "of the visits in the year's replans, the share that moved"),
    Measure(
        "inspections_overdue_at_start",
        "inspections",
        "inspections whose latest date was before the start, counted in the first year",
    ),
    Measure(
        "judgements_older_than_3_5_years",
        "share",
        "of the authorities with a published judgement at the year's end, the share whose judgement comes from an "
        "inspection that ended more than 3.5 years before",
    ),
)
_AFTER: tuple[Measure, ...] = (
    Measure(
        "peak_week_inspectors",
        "inspectors",
        "most inspectors on site in one week of the year; excludes video visits and engagement meetings",
    ),
    Measure(
        "contacts_per_authority",
        "visits",
        "visits begun in the year, excluding engagement meetings, per authority at the year's end",
    ),
    Measure("declines_begun", "declines", "declines that began in the year: true quality drifted below the judgement"),
    Measure(
        "days_to_see_decline",
        "days",
        "from the day true quality drifted below the published judgement to the last day on site of the first contact "
        "that saw it; mean over declines first seen in the year",
    ),
    Measure(
        "days_to_detect_decline",
        "days",
        "from the day true quality drifted below the published judgement to the publication of the judgement that says "
        "so; mean over declines published in the year",
    ),
    Measure(
        "declines_seen_by_visit",
        "share",
        "of the declines first seen in the year, the share that a focused, monitoring or joint visit saw before an "
        "inspection",
    ),
    Measure(
        "authority_days_below_judgement",
        "authority-days",
        "days of the year on which true quality was below the published judgement, summed over authorities; includes "
        "both declines by drift and judgements that were too high",
    ),
    Measure("cost_pounds", "pounds", "inspector_days_worked x inspector_day_pounds + days on site x travel_day_pounds"),
    Measure(
        "staff_cost_pounds",
        "pounds",
        "inspector_days_available x inspector_day_pounds + days on site x travel_day_pounds: the cost of the people in "
        "post, whether or not there is work for them",
    ),
)


def of_grades(judgements: Sequence[Judgement]) -> tuple[Measure, ...]:
    """Return the measures of every scenario that uses these grades, in order."""
    judged = (
        Measure(
            JUDGED + judgement,
            "authorities",
            f"authorities judged {judgement} at the year's end: by the published overall judgement, or by the one "
            "that the four judgements imply",
        )
        for judgement in judgements
    )
    return (*_BEFORE, *judged, *_AFTER)


MEASURES = of_grades(JUDGEMENTS)
"""Measures of every scenario for children's services, in order."""
NAMES = tuple(measure.name for measure in MEASURES)
UNITS = {measure.name: measure.unit for measure in MEASURES}


def defined_for(scenario: Scenario) -> tuple[Measure, ...]:
    """Return the measures of a scenario, in order.

    The measures that every scenario with the same grades has come first. Measures of the scenario's own kinds of visit
    and roles follow. Measures of a standard kind of visit or role that the scenario does not have are left out.
    """
    own = [kind for kind in scenario.kinds_of_visit.values() if kind.name not in KINDS]
    roles = [role for role in scenario.workforce.roles if role not in ROLES]
    absent = absent_from(scenario)
    return (
        *(measure for measure in of_grades(scenario.grades.names) if measure.name not in absent),
        *(Measure(kind.name + STARTED, "visits", f"{kind.called}: visits begun in the year") for kind in own),
        *(
            Measure(WORKED + kind.name, DAYS, f"{kind.called}: days worked, in weeks that begin in the year")
            for kind in own
        ),
        *(
            Measure(USED + role, "share", f"utilisation of the role {role}: days worked / days available")
            for role in roles
        ),
    )


def names_for(scenario: Scenario) -> tuple[str, ...]:
    """Return the names of a scenario's measures, in the order of the last axis of its arrays."""
    return tuple(definition.name for definition in defined_for(scenario))


def absent_from(scenario: Scenario) -> frozenset[str]:
    """Return the standard measures that a scenario lacks because it does not have their kind of visit or role."""
    kinds = [kind for kind in KINDS if kind not in scenario.kinds_of_visit]
    of_roles = {USED + role for role in ROLES if role not in scenario.workforce.roles}
    return frozenset(name for kind in kinds for name in (kind + STARTED, WORKED + kind)) | of_roles


def of_a_kind(measure: str) -> bool:
    """Return whether a measure belongs to one kind of visit or one role."""
    return measure.endswith(STARTED) or measure.startswith((WORKED, USED))


def of_a_grade(measure: str) -> bool:
    """Return whether a measure belongs to one grade."""
    return measure.startswith(JUDGED) and not measure.endswith(STARTED)


def possible(measure: str) -> bool:
    """Return whether some scenario can have a measure of this name."""
    return measure in UNITS or of_a_kind(measure) or of_a_grade(measure)


def known_among(names: Collection[str]) -> tuple[str, ...]:
    """Return the measures of a table in order, given the names that it holds.

    Measures of every scenario with the same grades come first. Measures of the table's own kinds of visit and roles
    follow.
    """
    grades = [name.removeprefix(JUDGED) for name in names if of_a_grade(name)] or JUDGEMENTS
    every = [measure.name for measure in of_grades(grades) if measure.name in names or not of_a_kind(measure.name)]
    return (*every, *(name for name in names if name not in every and of_a_kind(name)))


def unit_of(measure: str) -> str:
    """Return the unit of any measure, including those that only some scenarios have."""
    if measure in UNITS:
        return UNITS[measure]
    if measure.endswith(STARTED):
        return "visits"
    return "authorities" if of_a_grade(measure) else DAYS if measure.startswith(WORKED) else "share"


def most_of(measure: str) -> float:
    """Return the largest value that a measure can have: 1 for a share, but utilisation exceeds 1 if people carry days
    over or there is too much desk work.
    """
    return 1.0 if unit_of(measure) == "share" and not measure.startswith("utilisation") else inf


def unknown(measure: str, *scenarios: Scenario) -> str:
    """Explain why a name is not a measure of any of these scenarios; return an empty text if it is one."""
    names = {definition.name for scenario in scenarios for definition in defined_for(scenario)}
    return "" if measure in names else nearest(measure, names)


@dataclass(frozen=True)
class Years:
    """List the financial years that a run covers, in whole or in part.

    Attributes
    ----------
    names : list of str
        Names of the years, such as ``2018-19``.
    last_days : list of int
        Last day of each year, in days since the start. For the last year, the last day simulated.
    of_day : ndarray of int
        Index in ``names`` of the year of each day, from day 0 to the last day simulated.
    whole : list of bool
        Whether each year is simulated from its first day to its last.
    """

    names: list[str]
    last_days: list[int]
    of_day: NDArray[np.int64]
    whole: list[bool]

    @classmethod
    def of(cls, calendar: Calendar) -> Years:
        """Return the years between a calendar's start and its horizon."""
        return cls.between(calendar.start, calendar.horizon)

    @classmethod
    def between(cls, start: date, horizon: int) -> Years:
        """Return the years between a start and a horizon, which is the last day in days since the start."""
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
    """Return the financial years that a scenario covers, in whole or in part."""
    return Years.between(scenario.start, scenario.horizon).names


def whole_years(scenario: Scenario) -> list[str]:
    """Return the financial years that a scenario simulates from their first day to their last."""
    years = Years.between(scenario.start, scenario.horizon)
    return [name for name, whole in zip(years.names, years.whole, strict=True) if whole]


def shown_years(*scenarios: Scenario) -> list[str]:
    """Return the financial years that all the scenarios simulate whole.

    If there are none, return the years that all of them cover at least in part.
    """
    for years_in in (whole_years, years_of):
        first, *others = map(years_in, scenarios)
        shared = [year for year in first if all(year in years for years in others)]
        if shared:
            break
    return shared


def measure(record: Record, scenario: Scenario, years: Years) -> dict[str, NDArray[np.float64]]:
    """Compute every measure of one replication.

    Parameters
    ----------
    record : Record
        Record of the replication.
    scenario : Scenario
        Scenario that was run.
    years : Years
        Financial years of the run.

    Returns
    -------
    dict of str to ndarray, shape (years,)
        Values by name, in the order of :func:`defined_for`. A share or mean of nothing is not a number (NaN).
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
    """Compute inspector-days, utilisation, cost and the peak week from the work by week."""
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
    """Count, for each year, the visits whose latest date falls in it, and how many of them began by that date."""
    visits = record.columns
    fell_due = among & (visits.latest >= 0) & (visits.latest <= record.horizon) & ~visits.replaced
    begun = fell_due & (visits.begins <= visits.latest)
    return _count(visits.latest[fell_due], years), _count(visits.latest[begun], years)


def _late_because(record: Record, years: Years) -> dict[str, NDArray[np.float64]]:
    """Count the late inspections whose latest date falls in each year, by what they mostly waited for."""
    latest = record.columns.latest
    days: dict[Group, list[int]] = {group: [] for group in GROUPS}
    for visit, reason in record.late_because.items():
        if 0 <= latest[visit] <= record.horizon:
            days[GROUP_OF[reason]].append(latest[visit])
    return {f"inspections_late_{group}": _count(each, years) for group, each in days.items()}


def _moved(record: Record, years: Years) -> dict[str, NDArray[np.float64]]:
    """Count the visits that replanning moved in each year, and their share of the visits planned."""
    moved, planned = np.zeros((2, len(years.names)))
    for replanning in record.replannings:
        moved[years.of_day[replanning.day]] += replanning.moved
        planned[years.of_day[replanning.day]] += replanning.planned
    return {"visits_moved": moved, "visits_moved_share": _ratio(moved, planned)}


def _judgements(record: Record, judgements: Sequence[Judgement], years: Years) -> dict[str, NDArray[np.float64]]:
    """Count the published judgements of each grade at each year's end, and the share that is old."""
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
    """Return whether an authority exists on a day."""
    return life.begins <= day and (life.ends is None or day < life.ends)


def _mean_by_year(dated: Sequence[tuple[int, float]], years: Years) -> NDArray[np.float64]:
    places = years.of_day[np.array([day for day, _ in dated], dtype=np.int64)]
    sums = np.bincount(places, weights=[value for _, value in dated], minlength=len(years.names)).astype(np.float64)
    return _ratio(sums, np.bincount(places, minlength=len(years.names)).astype(np.float64))


def _detection(record: Record, scenario: Scenario, years: Years) -> dict[str, NDArray[np.float64]]:
    """Compute the number of declines, how soon they were seen and published, who saw them first, and the days below."""
    begins = {
        life.authority: life.begins for life in record.lives
    }  # an earlier decline belongs to the authority that this one replaced
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
