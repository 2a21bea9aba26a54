"""Re-exports scenarios, shipped or your own, from :mod:`sim.inputs.scenario`."""

from sim.inputs.scenario import Scenario, load

__all__ = ["Scenario", "load"]
