"""Say before a search how many runs and minutes it will take, and whether the runs allowed can decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

from sim.base.figures import count, share, value
from sim.inputs.scenario import Scenario
from sim.runs.executors import Executor, here
from sim.runs.variants import Variant, run_variant
from sim.statistics.search import Rule
from sim.statistics.search_cost import LIKELY, chance_to_meet, good_level, runs_to_decide, search_costs

MINUTE = 60
"""Seconds."""
ROUNDS = 3
"""How often a run is timed; the shortest time counts."""


@dataclass(frozen=True)
class Ahead:
    """Hold the work that an answer takes, as far as it is known before the first run.

    Attributes
    ----------
    searches : sequence of (range, Rule)
        Head-counts and guarantee of each search.
    beside : int
        Most runs that the answer needs in addition to its searches.
    """

    searches: Sequence[tuple[range, Rule]]
    beside: int


def outlook(
    scenario: Scenario, ahead: Ahead, made: int, processes: int = 1, executor: Executor = here
) -> Iterator[str]:
    """Say how many runs and minutes an answer takes, and warn if the runs allowed can hardly decide.

    The number of runs comes from simulated searches, and the time from a few runs made in the same way as the answer's.

    Parameters
    ----------
    scenario : Scenario
        Scenario whose people the search varies.
    ahead : Ahead
        Work that the answer takes.
    made : int
        Runs kept from an earlier attempt.
    processes : int, optional
        Runs made at the same time.
    executor : Executor, optional
        Executor that makes the runs.
    """
    costs = [search_costs(levels, rule) for levels, rule in ahead.searches]
    low, high = (max(0, ahead.beside + sum(each) - made) for each in zip(*costs, strict=True))
    seconds = seconds_of_a_run(scenario, processes, executor)
    before = f", in addition to the {count(made)} kept from before" if made else ""
    at_once = f" with {processes} at a time" if processes > 1 else ""
    yield (
        f"Expected: {count(low)} to {count(high)} runs{before}. On this machine a run takes {seconds:.2f} "
        f"seconds{at_once}, so the whole search takes {_time(low * seconds / processes, high * seconds / processes)}."
    )
    yield from whether_it_decides(ahead.searches[0][1])


def whether_it_decides(rule: Rule) -> Iterator[str]:
    """Warn if the runs allowed can hardly decide, and say how many runs would."""
    chance, good = chance_to_meet(rule, rule.most), value(good_level(rule.probability), "share")
    if chance < LIKELY:
        yield (
            f"WITH AT MOST {rule.most} RUNS AT EACH HEAD-COUNT, THE SEARCH MAY WELL FIND THAT NO NUMBER IS ENOUGH. A "
            f"head-count that keeps the level in {good} of runs would pass only {share(chance)} of such tests. With "
            f"`--replications {runs_to_decide(rule)}` it would pass at least {share(LIKELY)} of them."
        )


def seconds_of_a_run(scenario: Scenario, processes: int = 1, executor: Executor = here) -> float:
    """Return the seconds that a run takes while as many run at once as in the answer, which slows each one down.

    The first runs do not count, because processes start and prepare what their runs share.
    """
    tasks = [(Variant("timed", scenario), range(1))] * processes
    times = []
    for _ in range(ROUNDS):
        began = perf_counter()
        for _ in executor(run_variant, tasks):
            pass
        times.append(perf_counter() - began)
    return min(times)


def _time(low: float, high: float) -> str:
    unit, words = (MINUTE, "minutes") if high >= 2 * MINUTE else (1, "seconds")
    least, most = max(1, round(low / unit)), max(1, round(high / unit))
    return f"{least} to {most} {words}" if least < most else f"about {most} {words}"
