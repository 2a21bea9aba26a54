"""Studies of scenarios that ship, each of which answers one question. Made in :mod:`sim.studies.scenario_study`."""

from sim.analysis.study import Study
from sim.studies.scenario_study import WIDTH, Answer, Policy, Question, shown

__all__ = ["WIDTH", "Answer", "Policy", "Question", "Study", "shown"]
