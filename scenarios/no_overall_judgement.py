"""What changes when there is no overall judgement from April 2026?

Question
    The pathway then follows a rule over four judgements: good or better on the impact of leaders and on two of three
    areas of practice, any inadequate leads to monitoring. Does that change who gets which visits, and what they take?

Method
    The framework of 2018 going on, and the rule from April 2026, on common random numbers. The four judgements are
    drawn beside the overall one that the same inspection would have given: agreeing always, as counted in 139 of 139;
    as often at odds as that count allows (2.1%); and in one inspection of ten.

What the answer leaves out
    How inadequate is defined without an overall judgement was not found; any inadequate judgement is assumed. Nobody
    has yet judged under the rule, so inspectors may judge otherwise than they did. What readers of the four
    judgements lose or gain is no question of workload.
"""

import sys

import numpy as np

from sim import charts
from sim.cli import answer_script
from sim.figures import more_or_less
from sim.study import Answer, Question, Study, shown

MEASURES = {
    "inspector_days_worked": "Inspector-days worked",
    "short_started": "Short inspections",
    "standard_started": "Standard inspections",
    "monitoring_started": "Monitoring visits",
    "authorities_inadequate": "Authorities on the pathway of inadequate",
    "inspections_on_time": "Inspections on time",
}
NAMES = {
    "position_2022": "Overall judgement kept",
    "no_overall_judgement": "Rule agrees always",
    "rule_at_odds": "At odds in 2.1%",
    "often_at_odds": "At odds in 10%",
}
OFTEN = {"framework": ("ilacs_2018", "ilacs_2026"), "frameworks.ilacs_2026.four_judgements.agreement": 0.9}


def unchanged(study: Study, name: str, years: list[str]) -> bool:
    """Whether every figure of every run is that of the base."""
    return all(
        np.array_equal(study.runs(name, each, years), study.runs(study.base, each, years), equal_nan=True)
        for each in MEASURES
    )


def answer(study: Study) -> Answer:
    """What the rule changes after April 2026, by how often it is at odds with the overall judgement."""
    under_it = [year for year in study.years if year >= FIRST]
    years = under_it or study.years
    when = f"{years[0]} to {years[-1]}" if len(years) > 1 else years[0]
    words = [] if under_it else [f"The years run end before the rule comes into force, in {FIRST}: nothing can change."]
    for name in study.names[1:]:
        if unchanged(study, name, years):
            words.append(f"{NAMES[name]}: in {when} nothing in the table changes, in any run.")
            continue
        days, monitored = (
            study.difference(name, each, years) for each in ("inspector_days_worked", "monitoring_started")
        )
        words.append(
            f"{NAMES[name]}: {more_or_less(days, '', 'more inspector-days', 'fewer inspector-days')} and "
            f"{more_or_less(monitored, '', 'more monitoring visits', 'fewer monitoring visits')} a year in {when}."
        )
    table = study.table(MEASURES, years)
    picture = charts.over_years(study, "inspector_days_worked", words[-1], "Inspector-days worked", NAMES)
    return Answer(words, [shown(table, f"a year, {when}")], table, picture)


FIRST = "2026-27"
"""First financial year under the rule."""
QUESTION = Question(
    base="position_2022",
    others=("no_overall_judgement", "rule_at_odds"),
    policies={"often_at_odds": OFTEN},
    answer=answer,
    replications=60,
    measures=tuple(MEASURES),
)

if __name__ == "__main__":
    sys.exit(answer_script("no_overall_judgement", QUESTION, __doc__))
