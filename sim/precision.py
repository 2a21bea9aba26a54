"""How many replications are enough. Made in :mod:`sim.runs.precision`."""

from sim.runs.precision import LEAST_GROUPS

__all__ = ["LEAST_GROUPS"]
