"""Provides intervals, sequential tests, searches, effects and sampling under textbook names; nothing of the domain."""

from sim.statistics.intervals import CONFIDENCE, Mean

__all__ = ["CONFIDENCE", "Mean"]
