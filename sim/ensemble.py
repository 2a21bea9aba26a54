"""Many replications of a scenario, kept in a folder. Made in :mod:`sim.studies.ensemble_study`."""

from sim.studies.ensemble_study import run

__all__ = ["run"]
