"""Forecasts known history without knowledge of it, and scores the forecast.

A scenario starts from the position of a past day, with drift, judgement and workforce as they could have been known
then. Its runs are compared with what happened afterwards, point by point. So are the forecasts of two simple rivals.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from sim.analysis.inferred_workforce import changes_known_on, known_on
from sim.analysis.information_cutoff import at_information_cutoff, enough_known
from sim.analysis.programme_figures import ALL, Figure, Span, abolished, figures, of_history, of_position, of_record
from sim.analysis.rivals import fixed_cycle, last_year_again
from sim.analysis.scored_forecast import LEVELS, OURS, RIVALS, BackTest, Point
from sim.base.calendar import add_months
from sim.inputs.assumptions import shipped_beside, values_that_differ
from sim.inputs.history import History
from sim.inputs.scenario import Scenario
from sim.runs.executors import Executor, here
from sim.runs.model import Model, without_collection
from sim.statistics.scores import fair_crps
from sim.world.context import ScenarioContext

FORECASTS = dict(zip(RIVALS, (last_year_again, fixed_cycle), strict=True))
"""Forecast of each rival."""
BATCH = 10
"""Number of runs that a worker makes at a time; affects only speed."""


@dataclass(frozen=True)
class ForecastBasis:
    """Describe how a forecast is run.

    Attributes
    ----------
    scenario : Scenario
        Scenario of every run.
    changes : tuple of mapping of str to object
        Changes that runs make to it, by dotted path. Run after run uses the next one, starting again after the last.
        Empty if runs change nothing.
    known : str
        What this rests on, in words.
    """

    scenario: Scenario
    changes: tuple[Mapping[str, object], ...]
    known: str


def blind(scenario: Scenario, history: History, like: str | None = None) -> ForecastBasis:
    """Return the scenario as it could have been known on the day it starts.

    Drift and judgement are fitted. People, days and plan are drawn for each run from what could have been inferred. The
    timetable of frameworks, pauses and reorganisations are those that really came.

    Parameters
    ----------
    scenario : Scenario
        Position of history at the start.
    history : History
        What happened. Nothing after the scenario's start is used.
    like : str, optional
        Name of the shipped scenario that leaves the same things unknown, if it is not the scenario's own name.
    """
    day = scenario.start
    changes = tuple(changes_known_on(day, scenario, like))
    basis = f"what was published before {day}" if enough_known(history, day) else "the prior of their fit"
    known = f"drift and judgement on {basis}, people and plan on {known_on(day)[1]}"
    told = "" if like else _drawn_over(scenario, changes)
    return ForecastBasis(at_information_cutoff(scenario, history, day), changes, known + told)


def _drawn_over(scenario: Scenario, changes: Sequence[Mapping[str, object]]) -> str:
    """Name the values that a user has set but that runs draw instead."""
    drawn = {key for change in changes for key in change}
    own = [str(each) for each in values_that_differ(scenario, shipped_beside(scenario)) if each.key in drawn]
    return (
        f"; draws replace your values of {', '.join(own)} (a run of the scenario as it ships keeps them)" if own else ""
    )


def as_it_ships(scenario: Scenario) -> ForecastBasis:
    """Return the scenario with its own values."""
    return ForecastBasis(scenario, (), "with the scenario's own values, whenever they became known")


def compared(scenario: Scenario, history: History, until: datetime.date | None = None) -> Span:
    """Return the days to compare: from the start to the end of the scenario, or of history if that ends earlier.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    history : History
        What happened.
    until : datetime.date, optional
        Last day on which history is complete. By default, the last day of the month in which its last inspection began.
    """
    if until is None:
        last = max(one.began or one.inspected_on for one in history.inspections)
        until = add_months(last.replace(day=1), 1) - datetime.timedelta(days=1)
    return Span(scenario.start, min(until, scenario.end - datetime.timedelta(days=1)))


def forecast(basis: ForecastBasis, span: Span, runs: int, *, executor: Executor = here) -> list[dict[Figure, float]]:
    """Compute the figures of each run."""
    batches = [range(first, min(first + BATCH, runs)) for first in range(0, runs, BATCH)]
    found = dict(executor(partial(_run, basis, span), batches))
    return [each for batch in batches for each in found[batch]]


def _run(basis: ForecastBasis, span: Span, numbers: range) -> tuple[range, list[dict[Figure, float]]]:
    """Compute the figures of some runs, which share their context if they change nothing."""
    scenario, context = basis.scenario, ScenarioContext(basis.scenario)
    found = []
    for number in numbers:
        if basis.changes:
            scenario = basis.scenario.with_changes(basis.changes[number % len(basis.changes)])
            context = ScenarioContext(scenario)
        with without_collection():
            done = of_record(Model(scenario, number, context).run(), context.calendar)
        done += of_position(scenario, context.calendar)
        found.append(figures(done, span, scenario.workforce.regions, abolished(scenario)))
    return numbers, found


def _says_the_same(figure: Figure, observed: Mapping[Figure, float], runs: Sequence[Mapping[Figure, float]]) -> bool:
    """Return whether a count of one kind equals that of all kinds, in history and in every run, so it would count
    twice.
    """
    everything = figure._replace(of=ALL)
    if figure.measure != "inspections_started" or figure == everything:
        return False
    return all(each.get(figure) == each.get(everything) for each in (observed, *runs))


def held_against(
    basis: ForecastBasis, history: History, span: Span, runs: Sequence[Mapping[Figure, float]]
) -> BackTest:
    """Compare runs with history.

    Parameters
    ----------
    basis : ForecastBasis
        How the forecast was run.
    history : History
        What happened during the forecast and before.
    span : Span
        Days to compare.
    runs : sequence of mapping
        Figures of each run.
    """
    scenario = basis.scenario
    calendar = ScenarioContext(scenario).calendar
    happened = [*of_position(scenario, calendar), *of_history(history, span)]
    observed = figures(happened, span, scenario.workforce.regions, abolished(scenario))
    rivals = {name: rival(scenario, history, span) for name, rival in FORECASTS.items()}
    points = []
    for figure, value in observed.items():
        there = np.array([run[figure] for run in runs if figure in run])
        if len(there) == 0 or _says_the_same(figure, observed, runs):
            continue
        low_to_high = np.quantile(there, LEVELS, method="inverted_cdf")
        scores = {OURS: fair_crps(there, value)}
        scores |= {name: abs(rival[figure] - value) for name, rival in rivals.items() if figure in rival}
        settled = len(there) == len(runs) and bool(np.all(there == value))
        reached = (float(np.mean(there < value)), float(np.mean(there <= value)))
        points.append(Point(figure, value, tuple(float(each) for each in low_to_high), scores, settled, reached))
    return BackTest(scenario, span, basis.known, tuple(points), len(runs))
