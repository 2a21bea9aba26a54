"""Re-exports the study that forecasts known history, from :mod:`sim.studies.backtest_study`."""

from sim.studies.backtest_study import answer

__all__ = ["answer"]
