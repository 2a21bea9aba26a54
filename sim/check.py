"""Check a file before it is used. Made in :mod:`sim.inputs.check`."""

from sim.inputs.check import check

__all__ = ["check"]
