"""What would a new kind of visit take, in inspector-days, late inspections and people?

Question
    Suppose that authorities judged good had a thematic visit every eighteen months: two inspectors for three days. How
    much work is that, what becomes late because of it, and how many more people would make up for it?

Method
    We compare the position of March 2022 with such visits (`thematic_visits`, a dozen lines of TOML) and without, on
    common random numbers. We then add a few more social care HMI (His Majesty's Inspectors), some of whom may lead.

What the answer leaves out
    The answer does not say what a thematic visit would find. We assume that it sees a decline as well as a focused
    visit does, and that it brings no inspection forward. The added people are there from the first day.
"""

import sys
from collections.abc import Mapping
from functools import partial

from sim import charts
from sim.cli import answer_script
from sim.figures import more_or_less, people_of
from sim.framework import Role
from sim.scenario import Scenario, load
from sim.study import Answer, Question, Study, shown

BASE, WITH = "position_2022", "thematic_visits"
ROLE: Role = "social_care_hmi"
LATE, DAYS = "inspections_late", "inspector_days_worked"
MORE_PEOPLE = (2, 4, 6)
"""Additional people to try: the visits take about as many days as two people give to the programme."""
MEASURES = {
    "thematic_started": "Thematic visits",
    "inspector_days_thematic": "Inspector-days on thematic visits",
    DAYS: "Inspector-days worked",
    LATE: "Late inspections",
    "utilisation_social_care_hmi": "Utilisation of social care HMI",
    "contacts_per_authority": "Contacts per authority",
    "days_to_see_decline": "Days until a decline is seen",
    "staff_cost_pounds": "Cost of staff and travel",
}


def with_more(more: int, base: Scenario) -> Mapping[str, object]:
    """Return changes that add thematic visits and more people."""
    rules = load(WITH).frameworks["ilacs_2018"].model_dump(exclude_none=True)
    return {
        "frameworks.ilacs_2018.visits.thematic": rules["visits"]["thematic"],
        "frameworks.ilacs_2018.recurring": rules["recurring"],
        f"workforce.roles.{ROLE}.people": base.workforce.roles[ROLE].people + more,
    }


POLICIES = {f"and_{more}_more": partial(with_more, more) for more in MORE_PEOPLE}


def answer(study: Study) -> Answer:
    """Say what the visits take, and how many more people make up for them."""
    visits, days = (study.mean(WITH, each).mean for each in ("thematic_started", "inspector_days_thematic"))
    words = [
        f"{visits:,.0f} thematic visits a year take {days:,.0f} inspector-days. In total, people work "
        f"{more_or_less(study.difference(WITH, DAYS), '', 'more inspector-days', 'fewer inspector-days')} in a year.",
        f"With the same people, a year has {more_or_less(study.difference(WITH, LATE), '', 'more', 'fewer')} late "
        f"inspections, and a decline is seen "
        f"{more_or_less(study.difference(WITH, 'days_to_see_decline'), 'days', 'days later', 'days sooner')}.",
    ]
    late = {more: study.difference(f"and_{more}_more", LATE) for more in MORE_PEOPLE}
    enough = [more for more, found in late.items() if found.mean <= 0]
    words.append(
        f"Of the numbers tried, {enough[0]} more {people_of(ROLE)} are enough to have no more late inspections than "
        f"without the visits ({more_or_less(late[enough[0]], '', 'more', 'fewer')} a year)."
        if enough
        else f"Even {MORE_PEOPLE[-1]} more {people_of(ROLE)} do not make up for the visits: a year then has "
        f"{more_or_less(late[MORE_PEOPLE[-1]], '', 'more', 'fewer')} late inspections."
    )
    names = {
        BASE: "As it is",
        WITH: "With the visits",
        **{f"and_{more}_more": f"With {more} more people" for more in MORE_PEOPLE},
    }
    return Answer(
        words,
        [shown(study.table(MEASURES), "yearly mean")],
        study.table(MEASURES),
        charts.beside(study, words[0], names),
    )


QUESTION = Question(
    base=BASE, others=(WITH,), policies=POLICIES, answer=answer, replications=60, measures=tuple(MEASURES)
)

if __name__ == "__main__":
    sys.exit(answer_script("new_kind_of_visit", QUESTION, __doc__))
