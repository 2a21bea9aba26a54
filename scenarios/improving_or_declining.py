"""As authorities improve the work moves from standard to short inspections: how fast does it fall, and if they decline?

Question
    Judged better, an authority gets a shorter inspection and fewer visits. How many inspector-days a year does that
    come to if quality improves, or declines, faster than it did from 2013 to 2022?

Method
    The drift that was fitted, and the same with all rates at about the good end and at the bad end of what is known
    of them, on common random numbers.

What the answer leaves out
    That all rates lie at one end at once is less likely than each by itself: the two are bounds, not forecasts.
    Whether inspection itself makes authorities better.
"""

import sys

from sim import answer_charts
from sim.cli import answer_script
from sim.study import Answer, Question, Study, more_or_less, shown, value

MEASURES = {
    "inspector_days_worked": "Inspector-days worked",
    "short_started": "Short inspections",
    "standard_started": "Standard inspections",
    "monitoring_started": "Monitoring visits",
    "authorities_inadequate": "Authorities judged inadequate",
    "authorities_good": "Authorities judged good",
    "inspections_on_time": "Inspections on time",
}
BASE, BETTER, WORSE = "ilacs_launch", "improving", "declining"
LAST_YEARS = 3
"""Years at the end over which the difference is told, a whole cycle, since the work comes in waves."""


def answer(study: Study) -> Answer:
    """Inspector-days of the last cycle against the drift that was fitted, and how fast they got there."""
    last = study.years[-LAST_YEARS:]
    words = []
    for name, verb in ((BETTER, "improve"), (WORSE, "decline")):
        days = study.difference(name, "inspector_days_worked", last)
        inadequate = study.difference(name, "authorities_inadequate", last[-1:])
        words.append(
            f"If authorities {verb}, the work of {last[0]} to {last[-1]} is "
            f"{more_or_less(days, '', 'inspector-days a year more', 'inspector-days a year less')} than with the drift "
            f"that was fitted, {abs(days.mean) / len(study.years):,.0f} for each year from the start; at the end of "
            f"{last[-1]} {more_or_less(inadequate, '', 'more', 'fewer')} authorities are judged inadequate."
        )
    usual = study.mean(BASE, "inspector_days_worked", last).mean
    words.append(f"With the drift that was fitted it is {value(usual, '')} inspector-days a year.")
    table = study.table(MEASURES, last)
    names = {BASE: "As fitted", BETTER: "Improving", WORSE: "Declining"}
    ends = [value(study.mean(name, "inspector_days_worked", last).mean, "") for name in (BETTER, WORSE)]
    title = f"In {last[0]} to {last[-1]} the work is {ends[0]} days a year if authorities improve, {ends[1]} if not"
    picture = answer_charts.over_years(study, "inspector_days_worked", title, "Inspector-days worked", names)
    return Answer(words, [shown(table, f"a year, {last[0]} to {last[-1]}")], table, picture)


QUESTION = Question(base=BASE, others=(BETTER, WORSE), answer=answer, measures=tuple(MEASURES))

if __name__ == "__main__":
    sys.exit(answer_script("improving_or_declining", QUESTION, __doc__))
