"""Re-exports the rule that sets the guarantee of a search, from :mod:`sim.statistics.search`."""

from sim.statistics.search import Rule

__all__ = ["Rule"]
