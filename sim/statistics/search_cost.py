"""What a search will cost, and whether it can decide, worked out before its first run."""

from __future__ import annotations

from functools import cache
from math import log
from typing import NamedTuple

import numpy as np

from sim.statistics.design import design
from sim.statistics.search import Rule, Search

LIKELY = 0.75
"""A test can decide if it says in three of four cases that a good level meets: one that misses half as often as it may.
The default of 400 runs at 90% does; tests are given up when they are not worth their runs, so more runs add little."""
GROWTH = 1.1
"""Factor by which more runs are tried until a test can decide."""
SEARCHES = 4
"""Searches made of each response: what one takes depends on its luck."""


class Response(NamedTuple):
    """Made-up response: what the logarithm of the level that a run needs is made of.

    Attributes
    ----------
    spread : float
        Standard deviation of a normal part.
    share, tail : float
        Share of runs that need more, and the mean of what is added in these, an exponential part.
    """

    spread: float
    share: float = 0.0
    tail: float = 0.0


RESPONSES = (Response(0.05), Response(0.15), Response(0.08, share=0.3, tail=0.1))
"""A steep one, a flat one, and one with a long tail, as the response of inspections on time has: near the level that is
asked for, each further person then helps fewer runs. An assumption: the last one has about the shares of three
searches of the launch (November 2026), 70% to 78% of runs with 63 people, 93% with 69 and 97% with 74."""


def good_level(probability: float) -> float:
    """Probability of a success at a level that misses half as often as it may."""
    return (1 + probability) / 2


def chance_to_meet(rule: Rule, most: int) -> float:
    """Work out how likely a first test with so many runs says that a good level meets, exactly."""
    if most < rule.least_runs:
        return 0.0
    planned = design(rule.probability, most, rule.step, rule.first_stake, upwards=True)
    return float(planned.operating_characteristics(np.array([good_level(rule.probability)]))[0, 0])


def runs_to_decide(rule: Rule) -> int:
    """Find how many runs at each level let a test decide, in tens: as few as steps of a tenth find."""
    runs = float(rule.least_runs)
    while chance_to_meet(rule, _in_tens(runs)) < LIKELY:
        runs *= GROWTH
    return _in_tens(runs)


def _in_tens(runs: float) -> int:
    return 10 * int(np.ceil(runs / 10))


def search_costs(levels: range, rule: Rule) -> tuple[int, int]:
    """Count the least and the most runs that a few searches take of made-up responses: steep, flat, with a long tail.

    In each, a run needs a level of its own about the middle of the range, and succeeds at every level above.
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
