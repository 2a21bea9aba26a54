"""The grades in which quality is judged. Made in :mod:`sim.inputs.grades`."""

from sim.inputs.grades import JUDGEMENTS, Judgement

__all__ = ["JUDGEMENTS", "Judgement"]
