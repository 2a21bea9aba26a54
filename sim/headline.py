"""Re-exports the headline of a run, in words and tables, from :mod:`sim.studies.ensemble_answer`."""

from sim.studies.ensemble_answer import headline

__all__ = ["headline"]
