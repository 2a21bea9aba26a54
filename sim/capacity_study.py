"""Capacity searches, kept in a folder. Made in :mod:`sim.studies.capacity_study`."""

from sim.studies.capacity_study import Asked, answer

__all__ = ["Asked", "answer"]
