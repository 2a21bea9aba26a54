"""Runs replications one after another, keeps the tables of each, and records those that raise an error as failures."""

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
"""Number of scenarios whose context a process keeps, each about 20 MB after many replications; affects only speed."""


def prepared(scenario: Scenario) -> tuple[ScenarioContext, Years]:
    """Return the data that all replications of a scenario share; each process computes it once."""
    return _prepared(_Known(scenario.digest, scenario))


@dataclass(frozen=True)
class _Known:
    """Identify a scenario by its digest, so that two scenarios with the same digest are equal."""

    digest: str
    scenario: Scenario = field(compare=False)


@lru_cache(maxsize=PREPARED)
def _prepared(known: _Known) -> tuple[ScenarioContext, Years]:
    context = ScenarioContext(known.scenario)
    return context, Years.of(context.calendar)


def run_each(replications: range, seed: int, run: Callable[[int], Mapping[str, Any]], variant: str = "") -> Batch:
    """Run some replications; one that raises an error becomes a failure, and the rest continue.

    Parameters
    ----------
    replications : range
        Numbers of the replications.
    seed : int
        Seed of their scenario, recorded with a failure.
    run : callable
        Runs one replication and returns its Arrow tables, by name.
    variant : str, optional
        Variant that these replications belong to.
    """
    batch = Batch(replications, variant=variant)
    with without_collection():
        for replication in replications:
            try:
                for name, table in run(replication).items():
                    batch.tables.setdefault(name, []).append(table)
            except MemoryError:
                raise  # the machine ran out of memory; the replication is not at fault
            except Exception:
                batch.failures.append(Failure(replication, seed, traceback.format_exc()))
    return batch
