"""Re-exports capacity searches, from :mod:`sim.studies.capacity_study`."""

from sim.studies.capacity_study import CapacityQuestion, answer

Asked = CapacityQuestion
"""Name of :class:`CapacityQuestion` until version 0.1, which users' scripts and notebooks may still have."""

__all__ = ["Asked", "CapacityQuestion", "answer"]
