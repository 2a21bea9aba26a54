"""Re-exports the grades of judgements, from :mod:`sim.inputs.grades`."""

from sim.inputs.grades import JUDGEMENTS, Judgement

__all__ = ["JUDGEMENTS", "Judgement"]
