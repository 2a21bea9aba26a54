"""Re-exports histories of inspections, from :mod:`sim.inputs.history`."""

from sim.inputs.history import History, read_history, shipped_history

__all__ = ["History", "read_history", "shipped_history"]
