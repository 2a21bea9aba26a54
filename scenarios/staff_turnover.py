"""What do a hiring freeze, a campaign after it, and the loss of experienced leads do?

Question
    We look at three events: nobody is hired for two years; a campaign hires ten people at the end of such a freeze; ten
    leads leave at once. How much time for the programme is lost, how many inspections become late, and how long does
    the effect last?

Method
    We compare each event with the launch without it, on common random numbers: people whom the event does not affect
    fall ill and leave on the same days.

What the answer leaves out
    A freeze may also make people leave. New people may be less able to lead than those who left; here a post keeps its
    permission to lead. We have low confidence in the number of inspectors, and so in all spare time.
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
"""Missing share of the time available below which the loss counts as made good."""


def answer(study: Study) -> Answer:
    """Say in which year each event takes away most time, and what it does to lateness."""
    words = []
    usual = {year: study.mean(BASE, AVAILABLE, [year]).mean for year in study.years}
    for name, called in NAMES.items():
        lost = {year: study.difference(name, AVAILABLE, [year]) for year in study.years}
        worst = min(lost, key=lambda year: lost[year].mean)
        on_time = study.difference(name, "inspections_on_time", [worst])
        after = [year for year in study.years if year > worst and lost[year].mean > -MADE_GOOD * usual[year]]
        words.append(
            f"{called}: the worst year is {worst}, with "
            f"{more_or_less(lost[worst], '', 'more inspector-days available', 'fewer inspector-days available')}, "
            f"{abs(lost[worst].mean) / usual[worst]:.0%} of all. That year, the share of inspections on time is "
            f"{more_or_less(on_time, 'share', 'higher', 'lower')}. "
            + (
                f"By {after[0]} the loss is made good, to within {MADE_GOOD:.0%} of the time available."
                if after
                else "The loss is not made good by the end of the run."
            )
        )
    table = study.table(MEASURES)
    chosen = {name: MEASURES[name] for name in ("inspector_days_available", "inspections_on_time")}
    title = words[0].split(". ")[0]
    picture = charts.panels(study, chosen, title, {BASE: "No such event", **NAMES})
    return Answer(words, [shown(table, "yearly mean")], table, picture)


QUESTION = Question(base=BASE, others=tuple(NAMES), answer=answer, replications=60, measures=tuple(MEASURES))

if __name__ == "__main__":
    sys.exit(answer_script("staff_turnover", QUESTION, __doc__))
