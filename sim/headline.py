"""The headline of a run, in words and tables. Made in :mod:`sim.studies.headline`."""

from sim.studies.headline import headline

__all__ = ["headline"]
