"""What would an inspection every two or every four years take in inspector-days, and what would it cost in delay?

Question
    Two inspections are now three years apart. What would two or four years do to inspector-days, to inspections on time
    and to how soon a decline is published?

Method
    The scenarios have intervals of 24, 36 and 48 months for authorities judged outstanding, good or requires
    improvement. They start from the position of March 2022, on common random numbers. Windows of six months and the
    focused visits in between stay the same.

What the answer leaves out
    A new interval would not begin for everybody on one day. The inspectorate would hire more people for a shorter
    interval; here the same people do the work, and work that they cannot do is late.
"""

import sys

from sim import charts
from sim.cli import answer_script
from sim.figures import more_or_less
from sim.study import Answer, Question, Study, shown

MEASURES = {
    "inspector_days_worked": "Inspector-days worked",
    "inspections_started": "Full inspections",
    "utilisation_social_care_hmi": "Utilisation of social care HMI",
    "inspections_on_time": "Inspections on time",
    "contacts_per_authority": "Contacts per authority",
    "days_to_detect_decline": "Days until a decline is published",
    "authority_days_below_judgement": "Authority-days below the judgement",
}
NAMES = {
    "interval_of_two_years": "Every two years",
    "position_2022": "Every three years",
    "interval_of_four_years": "Every four years",
}


def answer(study: Study) -> Answer:
    """Say what a shorter and a longer interval take and cost."""
    words = []
    for name in study.names[1:]:
        days, detect, on_time = (
            study.difference(name, each)
            for each in ("inspector_days_worked", "days_to_detect_decline", "inspections_on_time")
        )
        words.append(
            f"{NAMES[name]}: {more_or_less(days, '', 'more inspector-days', 'fewer inspector-days')} a year than "
            f"every three years; a decline is published {more_or_less(detect, 'days', 'days later', 'days sooner')}, "
            f"and the share of inspections on time is {more_or_less(on_time, 'share', 'higher', 'lower')}."
        )
    table = study.table(MEASURES)
    picture = charts.beside(study, words[0].split(";")[0], NAMES)
    return Answer(words, [shown(table, "yearly mean")], table, picture)


QUESTION = Question(
    base="position_2022",
    others=("interval_of_two_years", "interval_of_four_years"),
    answer=answer,
    replications=80,
    measures=tuple(MEASURES),
)

if __name__ == "__main__":
    sys.exit(answer_script("new_interval", QUESTION, __doc__))
