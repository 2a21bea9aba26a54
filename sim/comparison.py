"""Scenarios held against a base on common random numbers. Made in :mod:`sim.analysis.comparison`."""

from sim.analysis.comparison import Comparison, compare

__all__ = ["Comparison", "compare"]
