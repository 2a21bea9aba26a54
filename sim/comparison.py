"""Scenarios held against a base on common random numbers. Made in :mod:`sim.studies.comparison_study`."""

from sim.analysis.comparison import Comparison
from sim.studies.comparison_study import compare

__all__ = ["Comparison", "compare"]
