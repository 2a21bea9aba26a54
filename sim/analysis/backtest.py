"""History forecast blind, and scored.

A scenario starts where history stood, with drift, judgement and workforce as they would have been known on that day;
its runs are held against what happened then, point by point, and so are two simple rivals.
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
"""What each rival forecasts."""
BATCH = 10
"""Runs that a worker makes at a time; only speed depends on it."""


@dataclass(frozen=True)
class ForecastBasis:
    """What a forecast is run with.

    Attributes
    ----------
    scenario : Scenario
        Of every run.
    changes : tuple of mapping of str to object
        What a run changes in it, by dotted path, one after the other and from the first again; none if it is empty.
    known : str
        What this rests on.
    """

    scenario: Scenario
    changes: tuple[Mapping[str, object], ...]
    known: str


def blind(scenario: Scenario, history: History, like: str | None = None) -> ForecastBasis:
    """The scenario as it would have been known on the day it starts.

    Drift and judgement are fitted, and people, days and plan drawn for each run from what could have been inferred;
    framework timetable, pauses and reorganisations stay as they came.

    Parameters
    ----------
    scenario : Scenario
        Where history stood.
    history : History
        What happened; nothing after the start of the scenario is used.
    like : str, optional
        Scenario that ships of which nothing more is known, if it is not the one of that name.
    """
    day = scenario.start
    changes = tuple(changes_known_on(day, scenario, like))
    basis = f"what was published before {day}" if enough_known(history, day) else "the prior of their fit"
    known = f"drift and judgement on {basis}, people and plan on {known_on(day)[1]}"
    told = "" if like else _drawn_over(scenario, changes)
    return ForecastBasis(at_information_cutoff(scenario, history, day), changes, known + told)


def _drawn_over(scenario: Scenario, changes: Sequence[Mapping[str, object]]) -> str:
    """What a user has set of the numbers that are drawn: it is not what runs have."""
    drawn = {key for change in changes for key in change}
    own = [str(each) for each in values_that_differ(scenario, shipped_beside(scenario)) if each.key in drawn]
    return (
        f"; drawn all the same, though set otherwise: {', '.join(own)} (run as it ships, it keeps them)" if own else ""
    )


def as_it_ships(scenario: Scenario) -> ForecastBasis:
    """The scenario as it is."""
    return ForecastBasis(scenario, (), "as the scenario has everything, whenever it was known")


def compared(scenario: Scenario, history: History, until: datetime.date | None = None) -> Span:
    """Days that are compared: from the start to the end of the scenario, or of history if that ends before.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    history : History
        What happened.
    until : datetime.date, optional
        Last day on which history is complete; otherwise the last one of the month in which its last inspection began.
    """
    if until is None:
        last = max(one.began or one.inspected_on for one in history.inspections)
        until = add_months(last.replace(day=1), 1) - datetime.timedelta(days=1)
    return Span(scenario.start, min(until, scenario.end - datetime.timedelta(days=1)))


def forecast(basis: ForecastBasis, span: Span, runs: int, *, executor: Executor = here) -> list[dict[Figure, float]]:
    """Figures of each run."""
    batches = [range(first, min(first + BATCH, runs)) for first in range(0, runs, BATCH)]
    found = dict(executor(partial(_run, basis, span), batches))
    return [each for batch in batches for each in found[batch]]


def _run(basis: ForecastBasis, span: Span, numbers: range) -> tuple[range, list[dict[Figure, float]]]:
    """Figures of some runs, which share their context if nothing is changed between them."""
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
    """Whether a count of one kind is that of all kinds, in history and in every run: it would count twice."""
    everything = figure._replace(of=ALL)
    if figure.measure != "inspections_started" or figure == everything:
        return False
    return all(each.get(figure) == each.get(everything) for each in (observed, *runs))


def held_against(
    basis: ForecastBasis, history: History, span: Span, runs: Sequence[Mapping[Figure, float]]
) -> BackTest:
    """Runs held against history.

    Parameters
    ----------
    basis : ForecastBasis
        What was run.
    history : History
        What happened, and what had happened before.
    span : Span
        What is compared.
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
