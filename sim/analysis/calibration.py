"""Infers what cannot be seen from what was done, by approximate Bayesian computation on a few figures.

Each of many runs takes a point of the prior (:mod:`sim.inputs.unknowns`) and a draw of drift and judgement. The runs
nearest to history are kept, with distance measured in units of chance variation. A local linear regression then adjusts
them for their remaining distance from history (Beaumont, Zhang and Balding, Genetics 162, 2002). The result is a sample
of the posterior.
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
"""Scenario whose events are part of the programme, if they had begun by the day."""
TIMETABLE = ("sif_2013", "sif_2015", "ilacs_2017", "ilacs_2018")
RUNS = 2000
KEPT = 0.1
"""Share of the runs that are kept: those nearest to history."""
DRAWS = 400
"""Number of draws of the posterior, the same as a fit of drift and judgement has."""
USED = ("inspections_started", "judgements_older_than_3_5_years", "months_between_inspections", "most_on_site")
"""Measures compared: inspections a year, backlog, intervals, peak weeks."""
OF = {"inspections_started": (ALL, "short")}
"""Categories compared for a measure, if not all and inadequate authorities. All and the short inspections already imply
the standard ones.
"""
FROM = "2014-15"
"""First year compared; in the months before it, the programme starts from nothing."""
BACKLOG_FROM = "2019-01-01"
"""Day from which the share of old judgements is compared; before it, these judgements date from those first months."""
PRESENT = 0.7
"""Share of the runs that must have a figure for it to be used. Runs without it get its mean."""
FEWEST_KEPT = 100
"""Fewest runs that are kept; with fewer, a regression on so many figures finds effects that do not exist."""
PENALTIES = (1.0, 10.0, 100.0, 1000.0)
"""Penalties of the local regressions, in units of chance; the best is used. The last almost removes the slopes."""
FOLDS = 4
"""Parts of the runs, each predicted from the others, to choose a penalty for policies."""
NO_VARIANCE = 1e-9
"""Variance of chance below which a figure carries no information and is left out."""
SAME = 1e-6
"""Extra variance that each figure is assumed to have on its own, as a share of its variance."""
EDGE = 1e-9
"""How far beyond the farthest run kept the kernel ends, as a share."""
CHECKED = 60
"""Number of runs that stand in for history in turn, to check whether ranges hold what they promise."""


def base_scenario(history: History, before: datetime.date, seed: int = 1) -> Scenario:
    """Build the programme from November 2013 to a day, with drift and judgement fitted to what was published before it.

    Pauses, loans of people and reorganisations that had begun by then are included.

    Parameters
    ----------
    history : History
        Inspections.
    before : datetime.date
        First day of which nothing is known.
    seed : int, optional
        Seed of the random numbers.
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
    """Run the prior, once for each point of a Latin hypercube.

    Parameters
    ----------
    base : Scenario
        Scenario to run.
    history : History
        What happened.
    span : Span
        Days to compare.
    unknowns : sequence of Unknown
        Values that vary.
    runs : int, optional
        Number of runs.
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
    """Compute the figures of the run at one point."""
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
    """Draw a sample of the posterior of the unknowns, given the figures of history."""
    scale = Scale.of(table)
    kept, places = _mended(table, scale.apart(table.figures, table.observed), np.arange(len(table.places)), seed)
    return Posterior(table, kept, places)


@dataclass(frozen=True)
class Scale:
    """Measure figures in units of chance: how much they vary between runs at one point of the prior.

    Attributes
    ----------
    mean : ndarray, shape (figures,)
        Mean over all runs, used for figures that a run lacks.
    used : ndarray of bool, shape (figures,)
        Figures that vary by chance.
    root : ndarray, shape (used, used)
        Transforms figures so that they are independent, each with a chance variance of 1.
    """

    mean: Array
    used: NDArray[np.bool_]
    root: Array

    @classmethod
    def of(cls, table: Table) -> Scale:
        """Estimate the covariance that a quadratic in the places leaves unexplained."""
        mean = np.nanmean(table.figures, axis=0)
        there = np.where(np.isnan(table.figures), mean, table.figures)
        x = table.places - 0.5
        first, second = np.triu_indices(x.shape[1])
        terms = np.column_stack([np.ones(len(x)), x, x[:, first] * x[:, second]])
        left = there - terms @ np.linalg.lstsq(terms, there, rcond=None)[0]
        used = left.var(axis=0) > NO_VARIANCE
        together = np.asarray(np.atleast_2d(np.cov(left[:, used].T)), dtype=np.float64)
        together += SAME * np.diag(np.diag(together))  # two figures with the same content would make it singular
        return cls(mean, used, np.asarray(np.linalg.cholesky(np.linalg.inv(together)), dtype=np.float64))

    def apart(self, figures: Array, observed: Array) -> Array:
        """Return the distance of runs' figures from observed ones, in units of chance."""
        difference = np.where(np.isnan(figures), self.mean, figures) - np.where(np.isnan(observed), self.mean, observed)
        return np.asarray(difference[:, self.used] @ self.root)


def _mended(table: Table, apart: Array, among: NDArray[np.int64], seed: int) -> tuple[NDArray[np.int64], Array]:
    """Find the nearest of some runs, and draw from them after moving them to the position of history."""
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
    """Move each run to the position of history by a local ridge regression for each unknown.

    The penalty is the one with which the runs best predict each other. A run keeps the error of its own prediction,
    made without it. So a regression on few runs makes no range too narrow.
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
    """Compute how much more a run counts for its policy: the policy's probability at history over that among the runs
    kept.

    The probability comes from a logistic regression of the policy on the runs' distance from history (Beaumont, in
    Simulations, Genetics and Human Prehistory, 2008). It uses the kernel's weights, and the penalty with which the runs
    best predict each other.
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
    """Estimate the slopes of a multinomial logistic regression, shrinking all but the first; shape (terms, levels)."""
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
    """Measure how often the range of eight draws in ten holds the true value, by unknown, where the truth is known.

    Runs near history stand in for it one after another, each compared with the other runs. For a policy, the measure is
    the mean probability given to the true one.
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
