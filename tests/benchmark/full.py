"""The full model as a study runs it, and what the other parts of the benchmark ask of it."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from simpy.events import Process

from sim.inputs.framework import KINDS, Kind
from sim.inputs.scenario import Scenario, load
from sim.runs.ensemble import BATCH, run_batch
from sim.runs.model import Model
from sim.world.context import ScenarioContext
from tests.benchmark.timing import Timed, processor_time

SCENARIO = "ilacs_launch"
"""Ten years from the launch, as it ships."""
LOOKS = 4
"""Times at which the live processes of a run are counted: after each but the last of so many equal parts of it."""


def scenario() -> Scenario:
    """The scenario that is timed."""
    return load(SCENARIO)


def visits_of(study: Scenario, replications: range) -> Counter[Kind]:
    """Run replications as a worker of a study does, and count the visits whose fieldwork began, by kind.

    Raises
    ------
    RuntimeError
        If a replication raises: a time without it would say nothing.
    """
    batch = run_batch(study, "measures", replications)
    if batch.failures:
        raise RuntimeError(batch.failures[0].traceback)
    names = {f"{kind}_started": kind for kind in KINDS}
    begun: Counter[Kind] = Counter()
    for table in batch.tables["measures"]:
        for name, value in zip(table["measure"].to_pylist(), table["value"].to_pylist(), strict=True):
            if name in names:
                begun[names[name]] += int(value)
    return begun


@dataclass(frozen=True)
class Batch:
    """One batch of replications that was timed, and its visits by kind."""

    time: Timed
    visits: Counter[Kind]


def timed_batch(study: Scenario, number: int) -> Batch:
    """Run the batch of that number and time it; its amount is the visits begun."""
    visits: Counter[Kind] = Counter()

    def work() -> float:
        visits.update(visits_of(study, range(BATCH * number, BATCH * (number + 1))))
        return visits.total()

    return Batch(processor_time(work), visits)


@dataclass(frozen=True, slots=True)
class Load:
    """What a run asks of its clock: events that are waited for, and mean number of live processes."""

    events: int
    processes: int


def load_of(study: Scenario, replication: int) -> Load:
    """Count the events of a run as they are asked for, and its live processes a few times on the way.

    Who waits for a day waits for an event, as in SimPy's own environment; here those who wait for one day share it.
    Nothing is timed.
    """
    model = Model(study, replication, ScenarioContext(study))
    clock, until, schedule = model.world.clock, model.world.clock.until, model.world.clock.schedule
    looks = [study.horizon * look / LOOKS for look in range(1, LOOKS)]
    events, alive = 0, list[int]()

    def counted(ask: Callable[..., Any], *asked: Any, **also: Any) -> Any:
        nonlocal events
        events += 1
        if len(alive) < len(looks) and clock.today >= looks[len(alive)]:
            alive.append(_living(clock))
        return ask(*asked, **also)

    clock.until = partial(counted, until)  # type: ignore[method-assign]  # the run asks whatever stands there
    clock.schedule = partial(counted, schedule)  # type: ignore[method-assign]
    model.run()
    if not alive:
        raise RuntimeError("the run asked its clock for nothing, so its events could not be counted")
    return Load(events, round(sum(alive) / len(alive)))


def _living(env: object) -> int:
    """Processes of an environment that have not ended; nobody keeps a list of them."""
    return sum(isinstance(each, Process) and each.env is env and each.is_alive for each in gc.get_objects())
