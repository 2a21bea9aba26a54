"""What a search will cost, and whether it can decide, worked out before its first run."""

from __future__ import annotations

from functools import cache
from math import log

import numpy as np

from sim.statistics.search import Rule, Search
from sim.statistics.sequential import boundaries, error_spent

LIKELY = 0.8
"""A test can decide if it tells this often that a good level meets, one that misses half as often as it may."""
GROWTH = 1.25
"""Factor by which more runs are tried until a test can decide."""
SPREADS = (0.05, 0.15)
"""Steep and flat made-up responses: standard deviation of the logarithm of the level that a run needs."""


def good_level(probability: float) -> float:
    """Probability of a success at a level that misses half as often as it may."""
    return (1 + probability) / 2


def chance_to_meet(rule: Rule, most: int) -> float:
    """Work out how likely a test with so many runs tells that a good level meets, by its exact boundaries.

    The test has the stake of the first one.
    """
    if most < rule.least_runs:
        return 0.0
    limits = boundaries(rule.probability, most, rule.step, rule.first_stake, rule.first_stake)
    return error_spent(good_level(rule.probability), limits.looks, limits.meets)


def runs_to_decide(rule: Rule) -> int:
    """Find how many runs at each level let a test decide, in tens: as few as a step of a quarter finds."""
    runs = float(rule.least_runs)
    while chance_to_meet(rule, _in_tens(runs)) < LIKELY:
        runs *= GROWTH
    return _in_tens(runs)


def _in_tens(runs: float) -> int:
    return 10 * int(np.ceil(runs / 10))


def search_costs(levels: range, rule: Rule) -> tuple[int, int]:
    """Count the runs that a search takes of made-up responses, a steep and a flat one about the middle of the range.

    In each, a run needs a level of its own, and has it at every level above.
    """
    middle = (log(max(levels[0], 1)) + log(max(levels[-1], 1))) / 2
    costs = sorted(_cost(levels, rule, middle, spread) for spread in SPREADS)
    return costs[0], costs[-1]


def _cost(levels: range, rule: Rule, middle: float, spread: float) -> int:
    @cache
    def needed(run: int) -> float:
        return float(np.exp(middle + spread * np.random.default_rng(run).standard_normal()))

    course, cost = Search(levels, rule).course(), 0
    try:
        request = next(course)
        while True:
            cost += len(request.replications)
            request = course.send(np.array([request.level >= needed(run) for run in request.replications]))
    except StopIteration:
        return cost
