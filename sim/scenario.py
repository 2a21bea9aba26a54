"""Scenarios: load one that ships, or a file of your own. Made in :mod:`sim.inputs.scenario`."""

from sim.inputs.scenario import Scenario, load

__all__ = ["Scenario", "load"]
