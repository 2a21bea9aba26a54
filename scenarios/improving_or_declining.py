"""As authorities improve the work moves from standard to short inspections: how fast does it fall, and if they decline?

Question
    Judged better, an authority gets a shorter inspection and fewer visits. How many inspector-days a year does that
    come to if quality improves, or declines, faster than it did from 2013 to 2022?

Method
    The drift that was fitted, and the same with all rates at about the good end and at the bad end of what is known
    of them, on common random numbers.

What the answer leaves out
    That all rates lie at one end at once is less likely than each by itself: the two are bounds, not forecasts; what
    is not known of the drift is drawn beside that in every run. Whether inspection itself makes authorities better.
"""

import sys

from sim import charts
from sim.cli import answer_script
from sim.figures import more_or_less, value
from sim.study import Answer, Question, Study, shown

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
CYCLE = 3
"""Years over which work is told, since it comes in waves."""
DAYS = "inspector_days_worked"


def answer(study: Study) -> Answer:
    """Inspector-days of the last cycle against the drift that was fitted, and how fast they got there."""
    first, last = study.years[:CYCLE], study.years[-CYCLE:]
    apart = max(len(study.years) - CYCLE, 1)
    words = []
    for name, verb in ((BETTER, "improve"), (WORSE, "decline")):
        days = study.difference(name, DAYS, last)
        change = {each: study.runs(each, DAYS, last) - study.runs(each, DAYS, first) for each in (BASE, name)}
        pace = study.mean_of((change[name] - change[BASE]) / apart)
        inadequate = study.difference(name, "authorities_inadequate", last[-1:])
        words.append(
            f"If authorities {verb}, the work of {last[0]} to {last[-1]} is "
            f"{more_or_less(days, '', 'inspector-days a year more', 'inspector-days a year less')} than with the drift "
            "that was fitted, and from cycle to cycle it grows by "
            f"{more_or_less(pace, '', 'days more', 'days less')} with "
            f"each year; at the end of {last[-1]} {more_or_less(inadequate, '', 'more', 'fewer')} authorities are "
            "judged "
            "inadequate."
        )
    usual = study.mean(BASE, "inspector_days_worked", last).mean
    words.append(f"With the drift that was fitted it is {value(usual, '')} inspector-days a year.")
    table = study.table(MEASURES, last)
    names = {BASE: "As fitted", BETTER: "Improving", WORSE: "Declining"}
    ends = [value(study.mean(name, "inspector_days_worked", last).mean, "") for name in (BETTER, WORSE)]
    title = f"In {last[0]} to {last[-1]} the work is {ends[0]} days a year if authorities improve,"
    title += f" {ends[1]} if they decline"
    picture = charts.over_years(study, "inspector_days_worked", title, "Inspector-days worked", names)
    return Answer(words, [shown(table, f"a year, {last[0]} to {last[-1]}")], table, picture)


QUESTION = Question(base=BASE, others=(BETTER, WORSE), answer=answer, measures=tuple(MEASURES))

if __name__ == "__main__":
    sys.exit(answer_script("improving_or_declining", QUESTION, __doc__))
