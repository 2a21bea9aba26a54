"""Re-exports the reasons for busy weeks, from :mod:`sim.analysis.peak_reasons`."""

from sim.analysis.peak_reasons import (
    ORDINALS,
    Week,
    reason,
    reasons,
)

__all__ = [
    "ORDINALS",
    "Week",
    "reason",
    "reasons",
]
