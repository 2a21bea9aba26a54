"""Draw charts from the results of studies; every function returns Matplotlib axes.

The title of a chart is its message. Labels are next to what they name, and series differ by more than colour: bars by
hatching, lines and marks by shape, judgements by a panel each. The colours are those of the UK government analysis
function. Every chart has a text alternative (:func:`alternative`) with its message and figures, and :func:`save` keeps
it beside the picture.
"""

from sim.charts.calendar import calendar
from sim.charts.capacity import capacity_curve
from sim.charts.comparison import paired_differences
from sim.charts.diary import diary
from sim.charts.drawing import Drawn, alternative, figure_of, save
from sim.charts.fans import fan, two_parts
from sim.charts.forecast import forecast
from sim.charts.grid import by_level
from sim.charts.head_count import at_head_count
from sim.charts.inference import prior_and_posterior
from sim.charts.judgements import judgement_mix
from sim.charts.lateness import late_reasons
from sim.charts.life import life
from sim.charts.places import places_in_forecast
from sim.charts.recruitment import recruitment
from sim.charts.scenarios import beside, by_week, differences, frontier, over_years, panels, side_by_side
from sim.charts.tornado import tornado
from sim.charts.workload import time_by_role, weekly_peak, workload
from sim.runs.frame import Frame

__all__ = [
    "Drawn", "Frame", "alternative", "at_head_count", "beside", "by_level", "by_week", "calendar", "capacity_curve",
    "diary", "differences", "fan", "figure_of", "forecast", "frontier", "judgement_mix", "late_reasons", "life",
    "over_years", "paired_differences", "panels", "places_in_forecast", "prior_and_posterior", "recruitment",
    "save", "side_by_side", "time_by_role", "tornado", "two_parts", "weekly_peak", "workload",
]  # fmt: skip
