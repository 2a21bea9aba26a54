"""Re-exports the check of an input file, from :mod:`sim.inputs.check`."""

from sim.inputs.check import check

__all__ = ["check"]
