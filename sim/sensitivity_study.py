"""Sensitivity studies, kept in a folder. Made in :mod:`sim.studies.sensitivity_study`."""

from sim.studies.sensitivity_study import Asked, answer

__all__ = ["Asked", "answer"]
