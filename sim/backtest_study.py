"""History forecast blind, kept in a folder. Made in :mod:`sim.studies.backtest_study`."""

from sim.studies.backtest_study import answer

__all__ = ["answer"]
