"""Re-exports the study of many replications of a scenario, from :mod:`sim.studies.ensemble_study`."""

from sim.studies.ensemble_study import run

__all__ = ["run"]
