"""Runs one replication: builds the world of a scenario and simulates it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from sim.inputs.scenario import Scenario
from sim.record.rows import Record
from sim.world.authority_life import begin
from sim.world.careers import appointed, post
from sim.world.context import ScenarioContext
from sim.world.programme import change_frameworks, inspect_jointly, plan_anew, plan_visits
from sim.world.shock_processes import start_shocks
from sim.world.world import World


@contextmanager
def without_collection() -> Iterator[None]:
    """Pause Python's cyclic garbage collector within the block.

    Everything that a replication creates is in use until it ends, and is then freed at once, so a search for garbage
    would find nothing. If you need only a few figures of a replication, let go of its world inside the block. Otherwise
    the collector examines every object of that world once when the block ends.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class Model:
    """Represent one replication of a scenario.

    Parameters
    ----------
    scenario : Scenario
        Scenario to simulate.
    replication : int, optional
        Number of the replication, from 0. Together with the scenario's seed it determines every draw.
    context : ScenarioContext, optional
        Data that all replications of this scenario share. Made anew if you do not pass it.
    """

    def __init__(self, scenario: Scenario, replication: int = 0, context: ScenarioContext | None = None) -> None:
        self.world = World(scenario, replication, context or ScenarioContext(scenario))
        self._replication = replication

    def run(self) -> Record:
        """Simulate from the start to the end of the scenario.

        Returns
        -------
        Record
            Tidy rows of everything that happened, and of the visits that did not take place.
        """
        with without_collection():
            self._run()
            record = Record(self.world, self._replication)
            self.world.end()
        return record

    def _run(self) -> None:
        world = self.world
        world.clock.process(change_frameworks(world))
        for authority in world.authorities:
            begin(world, authority)
        world.clock.process(inspect_jointly(world))
        for inspector in list(world.workforce.everybody):
            world.clock.process(post(world.clock, world.workforce, world.streams, inspector))
        for joins, new in world.workforce.to_join:
            world.clock.process(appointed(world.clock, world.workforce, world.streams, new, joins))
        start_shocks(world)
        world.clock.process(plan_anew(world))
        world.clock.process(plan_visits(world))
        world.clock.run(until=world.scenario.horizon + 1)
