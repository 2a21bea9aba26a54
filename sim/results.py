"""A study, read from its folder. Made in :mod:`sim.runs.results`."""

from sim.runs.results import Results, read

__all__ = ["Results", "read"]
