"""Re-exports studies that answer one question about shipped scenarios, from :mod:`sim.studies.question`."""

from sim.analysis.study import Study
from sim.studies.answer import WIDTH, Note, Table
from sim.studies.question import Findings as Answer
from sim.studies.question import Policy, Question, shown

__all__ = ["WIDTH", "Answer", "Note", "Policy", "Question", "Study", "Table", "shown"]
