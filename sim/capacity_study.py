"""Capacity searches, kept in a folder. Made in :mod:`sim.studies.capacity_study`."""

from sim.studies.capacity_study import CapacityQuestion, answer

Asked = CapacityQuestion
"""The name of :class:`CapacityQuestion` until version 0.1; scripts and notebooks of users have it."""

__all__ = ["Asked", "CapacityQuestion", "answer"]
