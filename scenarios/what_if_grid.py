"""What do more or fewer people, a shorter interval and levelled weeks do together?

Question
    People usually ask about the head-count, the interval or the way of choosing weeks one at a time. What does each
    combination of them do to late inspections, to how soon a decline is published and to cost?

Method
    We run 12 combinations on common random numbers, from the position of March 2022. There are three head-counts of
    social care HMI (His Majesty's Inspectors): a fifth fewer, as many, and a fifth more. There are two intervals: as
    now, and a year shorter for outstanding, good and requires improvement. There are two ways of choosing the week of a
    visit: as now, and levelled. A head-count passes if it keeps as many inspections on time as today's arrangement, to
    within two percentage points (about one inspection a year). This means that the lower end of the 95% interval of the
    difference is not below -2 points. The answer names the smallest number of people that passes, if every larger
    number tried passes too. On the report page of the study (python -m sim report), a reader can change all three.

What the answer leaves out
    We ran nothing between these steps or beyond them. Among several head-counts, one sometimes passes by chance; python
    -m sim capacity finds a number with a bounded error rate. A new interval would not begin for everybody on one day,
    and people would not all join or leave on one day.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from itertools import product

from sim import charts
from sim.cli import answer_script
from sim.figures import more_or_less, people_of, value
from sim.framework import Role
from sim.scenario import Scenario
from sim.study import Answer, Policy, Question, Study, shown

BASE = "position_2022"
ROLE: Role = "social_care_hmi"
ON_TIME, LATE = "inspections_on_time", "inspections_late"
MEASURES = {
    LATE: "Late inspections",
    ON_TIME: "Inspections on time",
    f"utilisation_{ROLE}": f"Utilisation of {people_of(ROLE)}",
    "days_to_detect_decline": "Days until a decline is published",
    "staff_cost_pounds": "Staff cost in pounds",
}
JUDGED = ("outstanding", "good", "requires_improvement")
"""Judgements whose interval changes; after inadequate, monitoring decides the dates."""
ALL, SAME, AS_NOW = 100, 0, ""
"""Values that leave the people, the interval and the way of choosing weeks unchanged."""
MARGIN = 0.02
"""Largest fall in the share on time with which a head-count passes: about one inspection a year."""
PER_CENT = (80, ALL, 120)
"""Percentages of today's people to try."""
MONTHS = (SAME, -12)
"""Months to add to the interval."""
PROGRAMMES = {AS_NOW: "Weeks as now", "levelled": "Weeks levelled"}
"""Ways of choosing weeks; as now means that the parameter draw of each run decides."""


def changed(percent: int, months: int, programme: str, base: Scenario) -> Mapping[str, object]:
    """Return what a combination changes in the base."""
    changes: dict[str, object] = {}
    if percent != ALL:
        changes[f"workforce.roles.{ROLE}.people"] = round(base.workforce.roles[ROLE].people * percent / ALL)
    if months != SAME:
        for framework in base.framework:
            for judgement in JUDGED:
                own = base.frameworks[framework].pathways[judgement].interval_months
                changes[f"frameworks.{framework}.pathways.{judgement}.interval_months"] = own + months
    return changes | ({"planning.programme": programme} if programme else {})


def name_of(percent: int, months: int, programme: str) -> str:
    """Return the name of a combination; the base keeps its own name."""
    people = "" if percent == ALL else f"{percent}_percent"
    interval = "" if months == SAME else f"{-months}_months_shorter"
    return "_".join(filter(None, (people, interval, programme))) or BASE


COMBINATIONS = {name_of(*each): each for each in product(PER_CENT, MONTHS, PROGRAMMES)}
POLICIES: dict[str, Policy] = {name: partial(changed, *each) for name, each in COMBINATIONS.items() if name != BASE}


def people_at(study: Study, percent: int) -> int:
    """Return the head-count for a percentage of today's people."""
    return study.scenarios[name_of(percent, SAME, AS_NOW)].workforce.roles[ROLE].people


def interval_words(study: Study, months: int) -> str:
    """Return an interval in words, such as ``every 24 months``."""
    scenario = study.scenarios[name_of(ALL, months, AS_NOW)]
    return f"every {scenario.frameworks[scenario.framework[0]].pathways['good'].interval_months} months"


def fewest(study: Study, months: int, programme: str) -> int | None:
    """Return the lowest percentage of people that passes, as every larger one does; None if the largest fails."""
    found = None
    for percent in sorted(PER_CENT, reverse=True):
        name = name_of(percent, months, programme)
        if (
            name != BASE and not study.difference(name, ON_TIME).interval()[0] >= -MARGIN
        ):  # an unknown interval fails too
            break
        found = percent
    return found


def fewest_words(study: Study, months: int, programme: str) -> str:
    """Return the smallest number of people that passes, in words."""
    least = fewest(study, months, programme)
    if least is None:
        return f"more than the {people_at(study, max(PER_CENT))} tried"
    return f"{people_at(study, least)}" + (" (the fewest tried)" if least == min(PER_CENT) else "")


def both_ways(study: Study, months: int) -> str:
    """Say how many people are needed with weeks as now, and with weeks levelled."""
    now, levelled = (fewest_words(study, months, programme) for programme in PROGRAMMES)
    return f"{now} either way" if now == levelled else f"{now} with weeks as now and {levelled} with weeks levelled"


def late_words(study: Study, name: str) -> str:
    """Say how many more or fewer inspections are late in a year than now."""
    return more_or_less(study.difference(name, LATE), "", "more late", "fewer late")


def answer(study: Study) -> Answer:
    """Say what each change does alone, and how few people pass with each interval and way of choosing weeks."""
    today, who = people_at(study, ALL), people_of(ROLE)
    shorter = interval_words(study, min(MONTHS))
    first = (
        f"With {today} {who}, an inspection {interval_words(study, SAME)} and weeks chosen as now, "
        f"{value(study.mean(BASE, LATE).mean, '')} inspections a year are late"
    )
    passing = "; ".join(f"{interval_words(study, months)}, {both_ways(study, months)}" for months in MONTHS)
    alone = {
        f"{people_at(study, min(PER_CENT))} {who}": name_of(min(PER_CENT), SAME, AS_NOW),
        shorter: name_of(ALL, min(MONTHS), AS_NOW),
        "weeks levelled": name_of(ALL, SAME, "levelled"),
    }
    most = name_of(max(PER_CENT), min(MONTHS), "levelled")
    words = [
        f"{first}; {value(study.mean(BASE, ON_TIME).mean, 'share')} are on time.",
        f"Fewest {who}, of the numbers tried, who keep as many inspections on time as now: {passing}. (The lower end "
        f"of the 95% interval of the difference is not below -{100 * MARGIN:g} percentage points. It is not adjusted "
        "for trying several head-counts.)",
        "Late inspections a year with one change alone: "
        f"{'; '.join(f'{of}, {late_words(study, name)}' for of, name in alone.items())}.",
        f"With an inspection {shorter}, {people_at(study, max(PER_CENT))} {who} and levelled weeks: "
        f"{late_words(study, most)} a year than now, and a decline is published "
        f"{more_or_less(study.difference(most, 'days_to_detect_decline'), 'days', 'days later', 'days sooner')}.",
    ]
    panels = {
        called: {
            interval_words(study, months): {
                people_at(study, each): name_of(each, months, programme) for each in PER_CENT
            }
            for months in MONTHS
        }
        for programme, called in PROGRAMMES.items()
    }
    picture = charts.by_level(study, LATE, first, (f"{who} in post at the start", "Late inspections a year"), panels)
    table = study.table(MEASURES)
    return Answer(words, [shown(table, "yearly mean")], table, picture)


QUESTION = Question(base=BASE, policies=POLICIES, answer=answer, replications=24, measures=tuple(MEASURES))

if __name__ == "__main__":
    sys.exit(answer_script("what_if_grid", QUESTION, __doc__))
