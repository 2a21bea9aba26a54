"""Sensitivity studies, kept in a folder. Made in :mod:`sim.studies.sensitivity_study`."""

from sim.studies.sensitivity_study import SensitivityQuestion, answer

Asked = SensitivityQuestion
"""Its earlier name."""
__all__ = ["Asked", "SensitivityQuestion", "answer"]
