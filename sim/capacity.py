"""Service levels, and what is made larger to keep one. Made in :mod:`sim.analysis.capacity` and its neighbours."""

from sim.analysis.capacity import ServiceLevel
from sim.analysis.levers import Staff

__all__ = ["ServiceLevel", "Staff"]
