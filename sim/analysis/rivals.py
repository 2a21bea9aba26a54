"""Makes two simple rival forecasts: last year repeated, and a fixed cycle of three years.

Each is a list of inspections like that of a run, or figures that stay constant, so it is measured as a run is. The
rivals know what the forecast knows from outside: the framework in force, and pauses.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from statistics import median

import numpy as np

from sim.analysis.programme_figures import Done, Figure, Span, abolished, figures, of_history, of_position
from sim.base.calendar import DAYS_A_WEEK, add_months, bank_holidays
from sim.inputs.framework import Kind
from sim.inputs.grades import Judgement
from sim.inputs.history import History
from sim.inputs.scenario import Scenario
from sim.world.context import ScenarioContext

YEAR = datetime.timedelta(weeks=52)
"""A year of whole weeks, so that a Monday remains a Monday."""
CYCLE_MONTHS = 36
"""Cycle announced in November 2017, and cycle of the programme of 2013."""
ALL_KEPT = ("authorities_judged", "judgement_mix", "judgements_older_than_3_5_years")
"""Figures of a day, which last year's inspections would not change."""

Forecast = Mapping[Figure, float]


def last_year_again(scenario: Scenario, history: History, span: Span) -> Forecast:
    """Repeat the inspections of the year before the start in every year, and keep judgements as they are.

    Figures that last year cannot give are left out.
    """
    context = ScenarioContext(scenario)
    first = span.first
    year = Span(first - YEAR, first - datetime.timedelta(days=1))
    position = of_position(scenario, context.calendar)
    before = {row.authority: row.judgement for row in position}
    then = _done_in(history, year)
    if not then:
        return {}
    again = []
    years = range(1, (span.last - first) // YEAR + 2)
    for row in then:
        for shift in (YEAR * number for number in years):
            began = _day(row.began) + shift
            if span.holds(began) and not _paused(context, began, row.ended + shift):
                kind = _kind(context, before.get(row.authority), began) or row.kind
                published = None if row.published is None else row.published + shift
                again.append(Done(row.authority, row.region, kind, began, row.ended + shift, published, row.judgement))
    found = figures(again, span, scenario.workforce.regions)  # judgements are added below
    found = {
        name: value for name, value in found.items() if name.measure not in (*ALL_KEPT, "months_between_inspections")
    }
    return (
        found
        | dict(_as_they_are(position, span, abolished(scenario)))
        | dict(_intervals(then, history.known_on(first), span))
    )


def _done_in(history: History, year: Span) -> list[Done]:
    """Return the inspections that began in a year, as known on its last day: without judgements published later."""
    return [
        row
        if row.published is not None and row.published <= year.last
        else row._replace(published=None, judgement=None)
        for row in of_history(history, year)
        if year.holds(row.began)
    ]


def _as_they_are(position: list[Done], span: Span, gone: Mapping[str, datetime.date]) -> Iterator[tuple[Figure, float]]:
    """Yield the judgements at the start for every day, for the authorities that still exist then."""
    day = Span(span.first, span.first)
    for end in span.year_ends:
        there = [row for row in position if gone.get(row.authority, datetime.date.max) > end]
        for name, value in figures(there, day, ()).items():
            if name.measure in ALL_KEPT:
                yield Figure(name.measure, name.of, str(end)), value


def _intervals(then: list[Done], known: History, span: Span) -> Iterator[tuple[Figure, float]]:
    """Yield the months between inspections of the year before, for every year."""
    everything = Span(min(row.ended for row in then), max(_day(row.began) for row in then))
    rows = of_history(known, Span(datetime.date.min, everything.last))
    for name, value in figures(rows, everything, ()).items():
        if name.measure == "months_between_inspections":
            if name.of == "all":
                for year in span.years:
                    yield Figure(name.measure, name.of, year), value
            else:
                yield Figure(name.measure, name.of, f"{span.first} to {span.last}"), value


def fixed_cycle(scenario: Scenario, history: History, span: Span) -> Forecast:
    """Inspect every authority three years after its last inspection, and keep its judgement.

    Inspections that are overdue at the start take place then. If nobody has been inspected under the framework,
    authorities are spread evenly over the three years, in the order of the table.
    """
    context = ScenarioContext(scenario)
    position = of_position(scenario, context.calendar)
    lag = _known_lag(history.known_on(span.first))
    cycle: list[Done] = []
    never = [row.authority for row in scenario.authorities if scenario.position.stands_in(row.authority)]
    place, count = {name: number for number, name in enumerate(never)}, len(never)
    for row in scenario.authorities:
        judgement = None if row.authority in place else row.judgement
        day = add_months(row.inspected_on, CYCLE_MONTHS)
        if row.authority in place:
            day = span.first + (place[row.authority] + 0.5) / count * (
                add_months(span.first, CYCLE_MONTHS) - span.first
            )
        day = max(day, span.first)
        while day <= span.last:
            began = _first_open(context, day)
            kind = _kind(context, row.judgement, began)
            ended = began + datetime.timedelta(days=_framework_on(context, row.judgement, began)[1])
            published = None if lag is None else _workdays_after(ended, lag)
            if span.holds(began):
                cycle.append(Done(row.authority, row.region, kind, began, ended, published, judgement))
            day = add_months(began, CYCLE_MONTHS)
    found = figures([*position, *cycle], span, scenario.workforce.regions, abolished(scenario))
    if scenario.position.stand_in:
        found = {name: value for name, value in found.items() if name.measure not in ALL_KEPT}
    return found


def _day(day: datetime.date | None) -> datetime.date:
    assert day is not None
    return day


def _framework_on(context: ScenarioContext, judgement: Judgement, day: datetime.date) -> tuple[Kind, int]:
    framework = context.framework_on(context.calendar.day(day))
    name = framework.pathways[judgement].inspection
    return framework.kind(name).name, framework.visits[name].fieldwork_end(0)


def _kind(context: ScenarioContext, judgement: Judgement | None, day: datetime.date) -> Kind | None:
    return None if judgement is None else _framework_on(context, judgement, day)[0]


def _paused(context: ScenarioContext, begins: datetime.date, ends: datetime.date) -> bool:
    calendar = context.calendar
    return context.shocks.paused("standard", calendar.day(begins), calendar.day(ends))


def _first_open(context: ScenarioContext, day: datetime.date) -> datetime.date:
    """Return the first Monday from a day on that is not in a pause."""
    monday = day + datetime.timedelta(days=-day.weekday() % DAYS_A_WEEK)
    while _paused(context, monday, monday):
        monday += datetime.timedelta(weeks=1)
    return monday


def _known_lag(known: History) -> int | None:
    """Return the median working days from fieldwork to publication over all known inspections."""
    lags = [_workdays_between(one.inspected_on, one.published) for one in known.inspections]
    return round(median(lags)) if lags else None


def _workdays_between(first: datetime.date, last: datetime.date) -> int:
    return int(np.busday_count(first, last, holidays=sorted(bank_holidays())))


def _workdays_after(day: datetime.date, count: int) -> datetime.date:
    after = np.busday_offset(day, count, roll="forward", holidays=sorted(bank_holidays()))
    return datetime.date.fromisoformat(str(after))
