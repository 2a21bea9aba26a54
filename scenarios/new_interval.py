"""What would an inspection every two, or every four years take, and what would it cost in delay?

Question
    The interval between two inspections is three years. What do two and four years do to inspector-days, to the age
    of judgements and to how soon a decline is published?

Method
    Intervals of 24, 36 and 48 months for outstanding, good and requires improvement, from the position of March 2022,
    on common random numbers. Windows of six months and focused visits in between stay as they are.

What the answer leaves out
    A change of interval would not begin for everybody on one day. More people would be hired for a shorter one: here
    the same people do the work, and what they cannot do is late.
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
    """What a shorter and a longer interval take and cost."""
    words = []
    for name in study.names[1:]:
        days, detect, on_time = (
            study.difference(name, each)
            for each in ("inspector_days_worked", "days_to_detect_decline", "inspections_on_time")
        )
        words.append(
            f"{NAMES[name]}: {more_or_less(days, '', 'more inspector-days', 'fewer inspector-days')} a year than "
            "every three; a "
            "decline "
            f"is published {more_or_less(detect, 'days', 'days later', 'days sooner')}, and the share of "
            "inspections on "
            f"time is {more_or_less(on_time, 'share', 'higher', 'lower')}."
        )
    table = study.table(MEASURES)
    picture = charts.beside(study, words[0].split(";")[0], NAMES)
    return Answer(words, [shown(table, "a year")], table, picture)


QUESTION = Question(
    base="position_2022",
    others=("interval_of_two_years", "interval_of_four_years"),
    answer=answer,
    replications=80,
    measures=tuple(MEASURES),
)

if __name__ == "__main__":
    sys.exit(answer_script("new_interval", QUESTION, __doc__))
