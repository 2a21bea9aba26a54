"""Why a week is busy. Made in :mod:`sim.analysis.peak_reasons`."""

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
