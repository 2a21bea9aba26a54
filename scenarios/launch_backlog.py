"""When are the busiest years, and does the backlog of the launch come back three years later?

Question
    About a third of inspections were due before the framework began. If they begin as soon as there are teams, does the
    wave come back with the next cycle? And what changes if the backlog is spread over the first years?

Method
    Two scenarios on common random numbers: the launch with its backlog begun at once, and the launch as it ships, with
    the backlog spread as inferred from past inspections. Each run has its own busiest and quietest year.

What the answer leaves out
    The inspectorate did not begin the backlog at once, and could not have done, because its single inspections were
    still running. The answer leaves out the pandemic, which shifted all dates.
"""

import sys

import numpy as np
from numpy.typing import NDArray

from sim import charts
from sim.cli import answer_script
from sim.figures import more_or_less, value
from sim.study import Answer, Question, Study, shown

MEASURES = {
    "inspections_started": "Full inspections",
    "inspector_days_worked": "Inspector-days worked",
    "peak_week_inspectors": "Inspectors on site in the busiest week",
    "inspections_on_time": "Inspections on time",
    "judgements_older_than_3_5_years": "Judgements older than 3.5 years",
}
AT_ONCE, SPREAD = "launch_at_once", "ilacs_launch"


def answer(study: Study) -> Answer:
    """Say how much the years differ, and how much of that comes from the backlog."""
    by_year = study.by_year(AT_ONCE, "inspections_started")["mean"]
    highest = sorted(by_year.nlargest(min(3, len(by_year) - 1) or 1).index)
    lowest = str(by_year.idxmin())
    busy = "the year with the most inspections is" if len(highest) == 1 else "the years with the most inspections are"
    said = ", ".join(f"{value(by_year[year], '')} in {year}" for year in highest)
    spread = {name: study.most(name, "inspections_started") - least(study, name) for name in study.names}
    gain = study.mean_of(spread[SPREAD] - spread[AT_ONCE])
    busiest = study.mean_of(study.most(SPREAD, "inspections_started") - study.most(AT_ONCE, "inspections_started"))
    first = study.years[:2]
    price = study.difference(SPREAD, "judgements_older_than_3_5_years", first)
    sentences = [
        f"If the backlog of the launch begins at once, {busy}: {said}. The year with "
        f"the fewest is {lowest}, with {value(by_year[lowest], '')}.",
        f"If the backlog is spread over the first years, the busiest year has "
        f"{more_or_less(busiest, '', 'more inspections', 'fewer inspections')}. The gap between the busiest and the "
        f"quietest year is {more_or_less(gain, '', 'inspections wider', 'inspections narrower')}. From {first[0]} to "
        f"{first[-1]}, the share of judgements older than 3.5 years is "
        f"{more_or_less(price, 'share', 'higher', 'lower')}.",
    ]
    table = study.table(MEASURES)
    names = {AT_ONCE: "Begun at once", SPREAD: "Spread over the first years"}
    title = f"If the backlog begins at once, {busy}: {said}"
    picture = charts.over_years(study, "inspections_started", title, "Full inspections begun", names)
    return Answer(sentences, [shown(table, "yearly mean")], table, picture)


def least(study: Study, name: str) -> NDArray[np.float64]:
    """Return the full inspections of each run in its quietest year."""
    return np.asarray(np.min([study.runs(name, "inspections_started", [year]) for year in study.years], axis=0))


QUESTION = Question(base=AT_ONCE, others=(SPREAD,), answer=answer, measures=tuple(MEASURES))

if __name__ == "__main__":
    sys.exit(answer_script("launch_backlog", QUESTION, __doc__))
