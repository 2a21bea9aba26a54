"""When are the peaks, and what does the backlog of the launch do to them three years on?

Question
    About a third of inspections were due before the framework began. If they are begun as soon as there are teams,
    does the wave come back with the next cycle, and what does spreading it over the first years change?

Method
    The launch with its backlog begun at once, and as it ships, with the backlog spread as it was inferred from what
    was done, on common random numbers. The busiest and the quietest year are those of each run by itself.

What the answer leaves out
    The inspectorate did not begin the backlog at once, nor could it have: its single inspections ran on. The
    pandemic, which shifted all dates.
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
    "peak_week_inspectors": "Inspectors out in the busiest week",
    "inspections_on_time": "Inspections on time",
    "judgements_older_than_3_5_years": "Judgements older than 3.5 years",
}
AT_ONCE, SPREAD = "launch_at_once", "ilacs_launch"


def answer(study: Study) -> Answer:
    """How far the years differ, and how much of that is the backlog."""
    by_year = study.by_year(AT_ONCE, "inspections_started")["mean"]
    highest = sorted(by_year.nlargest(min(3, len(by_year) - 1) or 1).index)
    lowest = str(by_year.idxmin())
    said = ", ".join(f"{value(by_year[year], '')} in {year}" for year in highest)
    spread = {name: study.most(name, "inspections_started") - least(study, name) for name in study.names}
    gain = study.mean_of(spread[SPREAD] - spread[AT_ONCE])
    busiest = study.mean_of(study.most(SPREAD, "inspections_started") - study.most(AT_ONCE, "inspections_started"))
    first = study.years[:2]
    price = study.difference(SPREAD, "judgements_older_than_3_5_years", first)
    sentences = [
        f"With the backlog of the launch begun at once, most inspections are begun in these years: {said}; fewest in "
        f"{lowest}: {value(by_year[lowest], '')}.",
        f"With it spread over the first years the busiest year has "
        f"{more_or_less(busiest, '', 'more inspections', 'fewer inspections')}, and between the busiest and the "
        "quietest "
        f"lie {more_or_less(gain, '', 'more', 'fewer')}. Over {first[0]} to {first[-1]} the share of judgements "
        "older than "
        f"3.5 years is then {more_or_less(price, 'share', 'higher', 'lower')}.",
    ]
    table = study.table(MEASURES)
    names = {AT_ONCE: "Begun at once", SPREAD: "Spread over the first years"}
    title = f"Inspections begun if the backlog is begun at once: {said}"
    picture = charts.over_years(study, "inspections_started", title, "Full inspections begun", names)
    return Answer(sentences, [shown(table, "a year")], table, picture)


def least(study: Study, name: str) -> NDArray[np.float64]:
    """Full inspections of each run in its quietest year."""
    return np.asarray(np.min([study.runs(name, "inspections_started", [year]) for year in study.years], axis=0))


QUESTION = Question(base=AT_ONCE, others=(SPREAD,), answer=answer, measures=tuple(MEASURES))

if __name__ == "__main__":
    sys.exit(answer_script("launch_backlog", QUESTION, __doc__))
