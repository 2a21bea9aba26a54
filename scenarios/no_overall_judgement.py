"""What changes when there is no overall judgement from April 2026?

Question
    From then on, four judgements decide an authority's pathway. It needs good or better for the impact of leaders and
    for two of three areas of practice; any inadequate judgement leads to monitoring. Does this rule change which
    authorities get which visits, and how much work they take?

Method
    We compare the framework of 2018 with the rule from April 2026, on common random numbers. The model draws the four
    judgements together with the overall judgement that the same inspection would have given. In one scenario they
    always agree, as they did in 139 of 139 inspections. In another they disagree as often as that count allows (2.1%),
    and in a third in one inspection in ten.

What the answer leaves out
    We found no definition of inadequate without an overall judgement, so we assume any inadequate judgement. Nobody has
    yet judged under the rule, so inspectors may judge differently than before. The answer is about workload, and not
    about what readers of the four judgements lose or gain.
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
    "authorities_inadequate": "Authorities on the pathway for inadequate",
    "inspections_on_time": "Inspections on time",
}
NAMES = {
    "position_2022": "Overall judgement kept",
    "no_overall_judgement": "Rule always agrees",
    "rule_at_odds": "Rule differs in 2.1%",
    "often_at_odds": "Rule differs in 10%",
}
OFTEN = {"framework": ("ilacs_2018", "ilacs_2026"), "frameworks.ilacs_2026.four_judgements.agreement": 0.9}


def unchanged(study: Study, name: str, years: list[str]) -> bool:
    """Return whether every figure of every run is the same as in the base."""
    return all(
        np.array_equal(study.runs(name, each, years), study.runs(study.base, each, years), equal_nan=True)
        for each in MEASURES
    )


def answer(study: Study) -> Answer:
    """Say what the rule changes after April 2026, by how often it differs from the overall judgement."""
    under_it = [year for year in study.years if year >= FIRST]
    years = under_it or study.years
    when = f"{years[0]} to {years[-1]}" if len(years) > 1 else years[0]
    words = [] if under_it else [f"The runs end before the rule comes into force in {FIRST}, so nothing can change."]
    for name in study.names[1:]:
        if unchanged(study, name, years):
            words.append(f"{NAMES[name]}: nothing in the table changes in any run, {when}.")
            continue
        days, monitored = (
            study.difference(name, each, years) for each in ("inspector_days_worked", "monitoring_started")
        )
        words.append(
            f"{NAMES[name]}: {more_or_less(days, '', 'more inspector-days', 'fewer inspector-days')} and "
            f"{more_or_less(monitored, '', 'more monitoring visits', 'fewer monitoring visits')} a year, {when}."
        )
    table = study.table(MEASURES, years)
    picture = charts.over_years(study, "inspector_days_worked", words[-1], "Inspector-days worked", NAMES)
    return Answer(words, [shown(table, f"yearly mean, {when}")], table, picture)


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
