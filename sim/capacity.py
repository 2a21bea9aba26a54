"""Service levels, and what is made larger to keep one. Made in :mod:`sim.analysis.capacity`."""

from sim.analysis.capacity import ServiceLevel, Staff

__all__ = ["ServiceLevel", "Staff"]
