"""Re-exports sensitivity studies, from :mod:`sim.studies.sensitivity_study`."""

from sim.studies.sensitivity_study import SensitivityQuestion, answer

Asked = SensitivityQuestion
"""Earlier name of :class:`SensitivityQuestion`."""
__all__ = ["Asked", "SensitivityQuestion", "answer"]
