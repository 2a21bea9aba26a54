"""Re-exports how many replications are enough, from :mod:`sim.runs.precision`."""

from sim.runs.precision import LEAST_GROUPS

__all__ = ["LEAST_GROUPS"]
