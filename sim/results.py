"""Re-exports the results of a study, read from its folder, from :mod:`sim.runs.results`."""

from sim.runs.results import Results, read

__all__ = ["Results", "read"]
