"""The headline of a run, in words and tables. Made in :mod:`sim.studies.ensemble_answer`."""

from sim.studies.ensemble_answer import headline

__all__ = ["headline"]
