"""What cannot be seen, inferred from what was done: approximate Bayesian computation on a few figures.

Each of many runs takes a point of the prior (:mod:`sim.inputs.unknowns`) and a draw of drift and judgement. The nearest
to history are kept, in units of what chance alone does to the figures, and mended for how far they are from it by a
local linear regression (Beaumont, Zhang and Balding, Genetics 162, 2002). What is left is a sample of the posterior.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sim.analysis.information_cutoff import at_information_cutoff
from sim.analysis.posterior import RANGE, Posterior, Table
from sim.analysis.programme_figures import ALL, Figure, Span, abolished, figures, of_history, of_position, of_record
from sim.inputs.history import History
from sim.inputs.scenario import Scenario, load
from sim.inputs.unknowns import Array, Unknown, back, is_there, on_the_line, points
from sim.runs.executors import Executor, here
from sim.runs.model import Model, without_collection
from sim.world.context import ScenarioContext

BASE = "sif_launch"
HAPPENED = "pandemic"
"""Scenario whose events are part of the programme, as far as they had begun by the day."""
TIMETABLE = ("sif_2013", "sif_2015", "ilacs_2017", "ilacs_2018")
RUNS = 2000
KEPT = 0.1
"""Share of the runs that are kept, the nearest to history."""
DRAWS = 400
"""Draws of the posterior, as many as a fit of drift and judgement has."""
USED = ("inspections_started", "judgements_older_than_3_5_years", "months_between_inspections", "most_on_site")
"""Measures that are compared: inspections a year, backlog, intervals, peak weeks."""
OF = {"inspections_started": (ALL, "short")}
"""Of what the figures of a measure are compared, if not of all and of inadequate authorities: with all and the short
ones, the standard ones are said as well."""
FROM = "2014-15"
"""First year that is compared: in the months before, the programme begins from nothing."""
BACKLOG_FROM = "2019-01-01"
"""Day from which the share of old judgements is compared: before it, these are the judgements of those first months."""
PRESENT = 0.7
"""Share of the runs in which a figure must be there to be used; where it is not, its mean stands for it."""
FEWEST_KEPT = 100
"""Runs that are kept at least: on fewer a regression on so many figures says what is not so."""
PENALTIES = (1.0, 10.0, 100.0, 1000.0)
"""Of the local regressions, in units of chance, of which the best is taken; the last all but leaves the slopes away."""
FOLDS = 4
"""Parts of the runs of which each is foretold by the others, to choose a penalty for policies."""
NO_VARIANCE = 1e-9
"""Variance of chance below which a figure says nothing, and is left out."""
SAME = 1e-6
"""Variance that each figure is taken to have of its own, as a share of its variance."""
EDGE = 1e-9
"""How far beyond the farthest run that is kept the kernel ends, as a share."""
CHECKED = 60
"""Runs that are taken for history in turn, to see whether ranges hold what they promise."""


def base_scenario(history: History, before: datetime.date, seed: int = 1) -> Scenario:
    """The programme from November 2013 to a day, with drift and judgement fitted to what was published before it.

    Pauses, people lent and reorganisations that had begun by then are part of it.

    Parameters
    ----------
    history : History
        Inspections.
    before : datetime.date
        First day on which nothing more is known.
    seed : int, optional
        Of the random numbers.
    """
    shocks = {
        name: shock.model_dump(exclude_none=True)
        for name, shock in load(HAPPENED).shocks.items()
        if shock.begins_on < before
    }
    base = load(BASE, {"framework": list(TIMETABLE), "runs_per_draw": 1, "seed": seed, "shocks": shocks})
    years = before.year - base.start.year + ((before.month, before.day) > (base.start.month, base.start.day))
    return at_information_cutoff(base.with_changes({"years": years}), history, before)


def run_table(
    base: Scenario,
    history: History,
    span: Span,
    unknowns: Sequence[Unknown],
    runs: int = RUNS,
    *,
    executor: Executor = here,
) -> Table:
    """Runs from the prior, one for each point of a Latin hypercube.

    Parameters
    ----------
    base : Scenario
        What is run.
    history : History
        What happened.
    span : Span
        What of it is compared.
    unknowns : sequence of Unknown
        What varies.
    runs : int, optional
        How many.
    executor : Executor, optional
        Where they run.
    """
    regions = base.workforce.regions
    calendar = ScenarioContext(base).calendar
    happened = [*of_position(base, calendar), *of_history(history, span)]
    observed = figures(happened, span, regions, abolished(base))
    observed = {name: value for name, value in observed.items() if _is_compared(name)}
    places = points(unknowns, runs, base.seed)
    task = partial(_run, base, span, tuple(unknowns))
    found: dict[int, dict[Figure, float]] = dict(executor(task, list(enumerate(places))))
    names = tuple(name for name in observed if np.mean([name in found[number] for number in range(runs)]) >= PRESENT)
    rows = [[found[number].get(name, np.nan) for name in names] for number in range(runs)]
    return Table(tuple(unknowns), places, names, np.array(rows), np.array([observed[name] for name in names]))


def _run(
    base: Scenario, span: Span, unknowns: Sequence[Unknown], point: tuple[int, Array]
) -> tuple[int, dict[Figure, float]]:
    """Figures of the run of one point."""
    number, places = point
    changes: dict[str, object] = {}
    for unknown, place in zip(unknowns, places, strict=True):
        changes |= {key: value for key, value in unknown.sets(float(place)).items() if is_there(base, key)}
    scenario = base.with_changes(changes)
    context = ScenarioContext(scenario)
    with without_collection():
        done = of_record(Model(scenario, number, context).run(), context.calendar)
        done += of_position(scenario, context.calendar)
    return number, figures(done, span, scenario.workforce.regions, abolished(scenario))


def _is_compared(name: Figure) -> bool:
    if name.measure not in USED or name.of not in OF.get(name.measure, (ALL, "inadequate")):
        return False
    if name.measure == "judgements_older_than_3_5_years":
        return name.period >= BACKLOG_FROM
    return " to " in name.period or name.period >= FROM


def posterior(table: Table, seed: int = 0) -> Posterior:
    """Sample of the posterior of the unknowns, given the figures of history."""
    scale = Scale.of(table)
    kept, places = _mended(table, scale.apart(table.figures, table.observed), np.arange(len(table.places)), seed)
    return Posterior(table, kept, places)


@dataclass(frozen=True)
class Scale:
    """Units of chance: what figures do at one point of the prior, from run to run.

    Attributes
    ----------
    mean : ndarray, shape (figures,)
        Of all runs, for figures that a run has not.
    used : ndarray of bool, shape (figures,)
        Figures on which chance has any bearing.
    root : ndarray, shape (used, used)
        Makes figures independent of each other, each with the variance of 1 by chance.
    """

    mean: Array
    used: NDArray[np.bool_]
    root: Array

    @classmethod
    def of(cls, table: Table) -> Scale:
        """Covariance of what a quadratic in the places leaves of the figures."""
        mean = np.nanmean(table.figures, axis=0)
        there = np.where(np.isnan(table.figures), mean, table.figures)
        x = table.places - 0.5
        first, second = np.triu_indices(x.shape[1])
        terms = np.column_stack([np.ones(len(x)), x, x[:, first] * x[:, second]])
        left = there - terms @ np.linalg.lstsq(terms, there, rcond=None)[0]
        used = left.var(axis=0) > NO_VARIANCE
        together = np.asarray(np.atleast_2d(np.cov(left[:, used].T)), dtype=np.float64)
        together += SAME * np.diag(np.diag(together))  # two figures that say the same would make it singular
        return cls(mean, used, np.asarray(np.linalg.cholesky(np.linalg.inv(together)), dtype=np.float64))

    def apart(self, figures: Array, observed: Array) -> Array:
        """How far the figures of runs are from some that were observed, in units of chance."""
        difference = np.where(np.isnan(figures), self.mean, figures) - np.where(np.isnan(observed), self.mean, observed)
        return np.asarray(difference[:, self.used] @ self.root)


def _mended(table: Table, apart: Array, among: NDArray[np.int64], seed: int) -> tuple[NDArray[np.int64], Array]:
    """The nearest of some runs, and draws from them moved to where history is."""
    distance = np.sqrt((apart[among] ** 2).sum(axis=1))
    order = np.argsort(distance, kind="stable")[: max(FEWEST_KEPT, int(KEPT * len(table.places)))]
    near = among[order]
    weights = 1 - (distance[order] / (distance[order].max() * (1 + EDGE))) ** 2  # Epanechnikov's kernel
    moved = back(_at_history(on_the_line(table.places[near]), apart[near], weights))
    mended = weights.copy()
    for place, unknown in enumerate(table.unknowns):
        if unknown.names:
            moved[:, place] = table.places[near, place]
            levels = unknown.smooth(moved[:, place]).astype(np.int64)
            mended = mended * _odds(levels, len(unknown.names), apart[near], weights)
    reached = np.cumsum(mended) / mended.sum()
    chosen = np.searchsorted(reached, (np.arange(DRAWS) + 0.5) / DRAWS)
    rng = np.random.default_rng([seed, DRAWS])
    return near, moved[rng.permutation(np.minimum(chosen, len(near) - 1))]


def _at_history(theta: Array, apart: Array, weights: Array) -> Array:
    """Each run moved to where history is by a local ridge regression, each unknown by its own.

    The penalty is the one with which runs are foretold best by the others; what a run is then off by, foretold without
    it, is what is left of it, so that a regression on few runs makes no range too narrow.
    """
    root = np.sqrt(weights)[:, None]
    terms = root * np.column_stack([np.ones(len(apart)), apart])
    shrunk = np.diag([0.0, *[weights.mean()] * apart.shape[1]])
    best, found = np.full(theta.shape[1], np.inf), np.empty_like(theta)
    for penalty in PENALTIES:
        inverse = np.linalg.inv(terms.T @ terms + penalty * shrunk)
        slopes = inverse @ terms.T @ (root * theta)
        own = np.einsum("ij,jk,ik->i", terms, inverse, terms)
        off = (theta - terms / root @ slopes) / (1 - own)[:, None]
        error = weights @ off**2
        better = error < best
        best[better] = error[better]
        found[:, better] = (slopes[0] + off)[:, better]
    return found


def _odds(levels: NDArray[np.int64], count: int, apart: Array, weights: Array) -> Array:
    """What each run weighs the more for its policy: its probability where history is, over that among the runs kept.

    A logistic regression of the policy on how far runs are from history (Beaumont, in Simulations, Genetics and Human
    Prehistory, 2008), with the weights of the kernel and the penalty with which runs are foretold best by the others.
    """
    terms = np.column_stack([np.ones(len(levels)), apart])
    own = np.eye(count)[levels]
    fold = np.arange(len(levels)) % FOLDS

    def missed(penalty: float) -> float:
        total = 0.0
        for part in range(FOLDS):
            slopes = _logistic(terms[fold != part], own[fold != part], weights[fold != part], penalty)
            total -= float(weights[fold == part] @ (own * _log_shares(terms @ slopes)).sum(axis=1)[fold == part])
        return total

    slopes = _logistic(terms, own, weights, min(PENALTIES, key=missed))
    at_history = np.exp(_log_shares(slopes[:1])[0])
    among = weights @ own / weights.sum()
    return np.asarray((at_history / np.maximum(among, NO_VARIANCE))[levels])


def _log_shares(logs: Array) -> Array:
    from scipy.special import logsumexp

    return np.asarray(logs - logsumexp(logs, axis=1, keepdims=True))


def _logistic(terms: Array, own: Array, weights: Array, penalty: float) -> Array:
    """Slopes of a multinomial logistic regression, all but the first shrunk; shape (terms, levels)."""
    from scipy.optimize import minimize

    shape, strength = (terms.shape[1], own.shape[1]), penalty * float(weights.mean())

    def loss(flat: Array) -> tuple[float, Array]:
        slopes = flat.reshape(shape)
        logs = _log_shares(terms @ slopes)
        shrunk = np.vstack([np.zeros(shape[1]), slopes[1:]])
        value = -float(weights @ (own * logs).sum(axis=1)) + strength / 2 * float((shrunk**2).sum())
        return value, (terms.T @ (weights[:, None] * (np.exp(logs) - own)) + strength * shrunk).ravel()

    return np.asarray(minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B").x).reshape(shape)


def coverage(table: Table, seed: int = 0) -> dict[str, float]:
    """How often the range of eight draws in ten holds the truth, by unknown, where the truth is known.

    Runs near to history are taken for history one after the other, each without itself. Of a policy it is the mean
    probability that the true one is given.
    """
    scale = Scale.of(table)
    nearest = np.argsort((scale.apart(table.figures, table.observed) ** 2).sum(axis=1), kind="stable")[:CHECKED]
    inside = np.zeros(len(table.unknowns))
    for number in nearest:
        others = np.delete(np.arange(len(table.places)), number)
        _, places = _mended(table, scale.apart(table.figures, table.figures[number]), others, seed)
        low, high = np.quantile(places, (RANGE[0], RANGE[-1]), axis=0)
        inside += (low <= table.places[number]) & (table.places[number] <= high)
        for place, unknown in enumerate(table.unknowns):
            if unknown.names:
                truth = unknown.value(float(table.places[number, place]))
                held = low[place] <= table.places[number, place] <= high[place]
                inside[place] += float(np.mean(unknown.smooth(places[:, place]) == truth)) - held
    return {unknown.name: float(share) for unknown, share in zip(table.unknowns, inside / len(nearest), strict=True)}
