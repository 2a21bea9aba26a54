"""Re-exports the text and tables of a comparison, from :mod:`sim.studies.comparison_answer`."""

from sim.studies.comparison_answer import text

__all__ = ["text"]
