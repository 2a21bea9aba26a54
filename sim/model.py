"""Re-exports the model of one replication, from :mod:`sim.runs.model`."""

from sim.runs.model import Model
from sim.world.context import ScenarioContext

Groundwork = ScenarioContext  # its name in version 0.1.0

__all__ = ["Groundwork", "Model", "ScenarioContext"]
