"""Re-exports service levels and the staff that a search varies, from :mod:`sim.analysis.capacity` and others."""

from sim.analysis.capacity import ServiceLevel
from sim.analysis.levers import Staff

__all__ = ["ServiceLevel", "Staff"]
