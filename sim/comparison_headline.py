"""What a comparison says, in words and tables. Made in :mod:`sim.studies.comparison_answer`."""

from sim.studies.comparison_answer import text

__all__ = ["text"]
