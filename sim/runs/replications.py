"""Some replications, one after another: what they share, what each leaves, and those that raise as failures."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sim.inputs.scenario import Scenario
from sim.runs.measures import Years
from sim.runs.model import without_collection
from sim.runs.store import Batch, Failure
from sim.world.context import ScenarioContext

PREPARED = 4
"""Scenarios whose context a process keeps, each some 20 MB after many replications; only speed depends on it."""


def prepared(scenario: Scenario) -> tuple[ScenarioContext, Years]:
    """What all replications of a scenario share, worked out once in a process, whoever runs them."""
    return _prepared(_Known(scenario.digest, scenario))


@dataclass(frozen=True)
class _Known:
    """A scenario that is known by its digest: two of the same digest are equal."""

    digest: str
    scenario: Scenario = field(compare=False)


@lru_cache(maxsize=PREPARED)
def _prepared(known: _Known) -> tuple[ScenarioContext, Years]:
    context = ScenarioContext(known.scenario)
    return context, Years.of(context.calendar)


def run_each(replications: range, seed: int, run: Callable[[int], Mapping[str, Any]], variant: str = "") -> Batch:
    """Run some replications; one that raises becomes a failure, and the rest go on.

    Parameters
    ----------
    replications : range
        Their numbers.
    seed : int
        Seed of their scenario, which a failure names.
    run : callable
        Runs one of them, and returns the Arrow tables that it leaves, by name.
    variant : str, optional
        Variant of which they are runs.
    """
    batch = Batch(replications, variant=variant)
    with without_collection():
        for replication in replications:
            try:
                for name, table in run(replication).items():
                    batch.tables.setdefault(name, []).append(table)
            except MemoryError:
                raise  # of this machine, not of the replication
            except Exception:
                batch.failures.append(Failure(replication, seed, traceback.format_exc()))
    return batch
