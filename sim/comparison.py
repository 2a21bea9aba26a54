"""Re-exports the comparison of scenarios with a base on common random numbers, from
:mod:`sim.studies.comparison_study`.
"""

from sim.analysis.comparison import Comparison
from sim.studies.comparison_study import compare

__all__ = ["Comparison", "compare"]
