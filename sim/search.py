"""The guarantee of a search. Made in :mod:`sim.statistics.search`."""

from sim.statistics.search import Rule

__all__ = ["Rule"]
