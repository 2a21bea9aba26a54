"""Many replications of a scenario, kept in a folder. Made in :mod:`sim.runs.ensemble`."""

from sim.runs.ensemble import run

__all__ = ["run"]
