"""What do a hiring freeze, a campaign after it, and the loss of experienced leads do?

Question
    How much of the time for the programme goes, how late do inspections get, and how long does it last: with nobody
    hired for two years; with a campaign of ten people at the end of the freeze; with ten leads gone at once?

Method
    Each against the launch without it, on common random numbers: the same people fall ill and leave on the same days
    as long as what happens leaves them alone.

What the answer leaves out
    A freeze may also make people leave. Those who come may be less able to lead than those who went; here posts keep
    their permission to lead. The number of inspectors is of low confidence, and with it all spare time.
"""

import sys

from sim import charts
from sim.cli import answer_script
from sim.figures import more_or_less
from sim.study import Answer, Question, Study, shown

MEASURES = {
    "inspector_days_available": "Inspector-days available",
    "utilisation_social_care_hmi": "Utilisation of social care HMI",
    "inspections_on_time": "Inspections on time",
    "monitoring_on_time": "Monitoring on time",
    "inspector_days_worked": "Inspector-days worked",
}
NAMES = {
    "hiring_freeze": "Freeze of two years",
    "freeze_then_campaign": "Freeze, then a campaign",
    "loss_of_leads": "Ten leads gone",
}
BASE, AVAILABLE = "ilacs_launch", "inspector_days_available"
MADE_GOOD = 0.02
"""Share of the time available from which on what is missing is made good."""


def answer(study: Study) -> Answer:
    """The year in which each takes most time away, and what it does to lateness."""
    words = []
    usual = {year: study.mean(BASE, AVAILABLE, [year]).mean for year in study.years}
    for name, called in NAMES.items():
        lost = {year: study.difference(name, AVAILABLE, [year]) for year in study.years}
        worst = min(lost, key=lambda year: lost[year].mean)
        on_time = study.difference(name, "inspections_on_time", [worst])
        after = [year for year in study.years if year > worst and lost[year].mean > -MADE_GOOD * usual[year]]
        words.append(
            f"{called}: the year with the least time is {worst}, with "
            f"{more_or_less(lost[worst], '', 'more inspector-days available', 'fewer inspector-days available')}, "
            f"{abs(lost[worst].mean) / usual[worst]:.0%} of all; the share of inspections on time is "
            f"{more_or_less(on_time, 'share', 'higher', 'lower')} that year. "
            + (
                f"It is made good, to within {MADE_GOOD:.0%}, by {after[0]}."
                if after
                else "It is not made good by the end."
            )
        )
    table = study.table(MEASURES)
    chosen = {name: MEASURES[name] for name in ("inspector_days_available", "inspections_on_time")}
    title = words[0].split(";")[0]
    picture = charts.panels(study, chosen, title, {BASE: "Without any", **NAMES})
    return Answer(words, [shown(table, "a year")], table, picture)


QUESTION = Question(base=BASE, others=tuple(NAMES), answer=answer, replications=60, measures=tuple(MEASURES))

if __name__ == "__main__":
    sys.exit(answer_script("staff_turnover", QUESTION, __doc__))
