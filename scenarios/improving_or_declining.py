"""How much work is there if authorities improve, or decline, faster than they did from 2013 to 2022?

Question
    An authority with a better judgement gets a shorter inspection and fewer visits. How many inspector-days a year does
    the work take if quality improves, or declines, faster than it did from 2013 to 2022?

Method
    Three scenarios on common random numbers: the fitted drift, and the same with all rates near the good end and near
    the bad end of their plausible ranges.

What the answer leaves out
    All rates are less likely to lie at one end together than one alone, so the two scenarios are bounds and not
    forecasts. Every run also draws the drift from what is uncertain about it. The answer does not say whether
    inspection itself improves authorities.
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
"""Years to average the work over, because it comes in waves."""
DAYS = "inspector_days_worked"


def answer(study: Study) -> Answer:
    """Compare the inspector-days of the last cycle with those of the fitted drift, and say how fast they change."""
    first, last = study.years[:CYCLE], study.years[-CYCLE:]
    apart = max(len(study.years) - CYCLE, 1)
    words = []
    for name, verb in ((BETTER, "improve"), (WORSE, "decline")):
        days = study.difference(name, DAYS, last)
        change = {each: study.runs(each, DAYS, last) - study.runs(each, DAYS, first) for each in (BASE, name)}
        pace = study.mean_of((change[name] - change[BASE]) / apart)
        inadequate = study.difference(name, "authorities_inadequate", last[-1:])
        words.append(
            f"If authorities {verb}, the work of {last[0]} to {last[-1]} takes "
            f"{more_or_less(days, '', 'more inspector-days', 'fewer inspector-days')} a year than with the fitted "
            f"drift. From the first cycle to the last, it grows each year by "
            f"{more_or_less(pace, '', 'more inspector-days', 'fewer inspector-days')} than with the fitted drift. "
            f"At the end of {last[-1]}, {more_or_less(inadequate, '', 'more', 'fewer')} authorities are "
            "judged inadequate."
        )
    usual = study.mean(BASE, "inspector_days_worked", last).mean
    words.append(f"With the fitted drift, the work takes {value(usual, '')} inspector-days a year.")
    table = study.table(MEASURES, last)
    names = {BASE: "As fitted", BETTER: "Improving", WORSE: "Declining"}
    ends = [value(study.mean(name, "inspector_days_worked", last).mean, "") for name in (BETTER, WORSE)]
    title = f"From {last[0]} to {last[-1]}, the work takes {ends[0]} inspector-days a year if authorities improve,"
    title += f" and {ends[1]} if they decline"
    picture = charts.over_years(study, "inspector_days_worked", title, "Inspector-days worked", names)
    return Answer(words, [shown(table, f"yearly mean, {last[0]} to {last[-1]}")], table, picture)


QUESTION = Question(base=BASE, others=(BETTER, WORSE), answer=answer, measures=tuple(MEASURES))

if __name__ == "__main__":
    sys.exit(answer_script("improving_or_declining", QUESTION, __doc__))
