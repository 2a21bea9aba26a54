"""Estimates, before the first run, what a search will cost and whether it can decide."""

from __future__ import annotations

from functools import cache
from math import log
from typing import NamedTuple

import numpy as np

from sim.statistics.design import design
from sim.statistics.search import Rule, Search

LIKELY = 0.75
"""A test can decide if it shows in three of four cases that a good level meets. A good level misses half as often as it
may. The default of 400 runs at 90% can decide. More runs add little, because a test gives up when it is not worth its
runs.
"""
GROWTH = 1.1
"""Factor by which the number of runs is raised until a test can decide."""
SEARCHES = 4
"""Number of searches of each response, because the cost of a search depends on its luck."""


class Response(NamedTuple):
    """Describe a made-up response, by how the logarithm of the level that a run needs is distributed.

    Attributes
    ----------
    spread : float
        Standard deviation of a normal part.
    share, tail : float
        Share of runs that need more, and the mean of what they need in addition (exponential).
    """

    spread: float
    share: float = 0.0
    tail: float = 0.0


RESPONSES = (Response(0.05), Response(0.15), Response(0.08, share=0.3, tail=0.1))
"""A steep response, a flat one, and one with a long tail, as for inspections on time: near the required level, each
further person helps fewer runs. This is an assumption. The last one has about the shares of three searches of the
launch (November 2026): 70% to 78% of runs with 63 people, 93% with 69 and 97% with 74.
"""


def good_level(probability: float) -> float:
    """Return the probability of a success at a level that misses half as often as it may."""
    return (1 + probability) / 2


def chance_to_meet(rule: Rule, most: int) -> float:
    """Compute exactly how likely a first test with this many runs shows that a good level meets."""
    if most < rule.least_runs:
        return 0.0
    planned = design(rule.probability, most, rule.step, rule.first_stake, upwards=True)
    return float(planned.operating_characteristics(np.array([good_level(rule.probability)]))[0, 0])


def runs_to_decide(rule: Rule) -> int:
    """Find how many runs at each level let a test decide, rounded up to tens; the search for them takes steps of a
    tenth.
    """
    runs = float(rule.least_runs)
    while chance_to_meet(rule, _in_tens(runs)) < LIKELY:
        runs *= GROWTH
    return _in_tens(runs)


def _in_tens(runs: float) -> int:
    return 10 * int(np.ceil(runs / 10))


def search_costs(levels: range, rule: Rule) -> tuple[int, int]:
    """Return the fewest and the most runs of a few searches of made-up responses: steep, flat, and with a long tail.

    In each, a run needs its own level around the middle of the range, and succeeds at every level above.
    """
    middle = (log(max(levels[0], 1)) + log(max(levels[-1], 1))) / 2
    costs = [_cost(levels, rule, middle, response, seed) for response in RESPONSES for seed in range(SEARCHES)]
    return min(costs), max(costs)


def _cost(levels: range, rule: Rule, middle: float, response: Response, seed: int) -> int:
    @cache
    def needed(run: int) -> float:
        random = np.random.default_rng((seed, run))
        more = response.tail * random.exponential() if random.random() < response.share else 0.0
        return float(np.exp(middle + response.spread * random.standard_normal() + more))

    course, cost = Search(levels, rule).course(), 0
    try:
        request = next(course)
        while True:
            cost += len(request.replications)
            request = course.send(np.array([request.level >= needed(run) for run in request.replications]))
    except StopIteration:
        return cost
