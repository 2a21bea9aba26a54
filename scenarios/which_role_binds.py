"""Which role is the bottleneck, and which could spare people?

Question
    More people in which role would make fewer inspections late? And fewer people in which role would make more late?

Method
    We change one role at a time, to a quarter fewer and a quarter more people, on common random numbers. A role is a
    bottleneck if more people make fewer inspections late, by more than chance explains. It could spare a quarter if
    fewer people make hardly more inspections late, allowing for chance. We say nothing about any other role. The
    statements about all roles hold together with 95% confidence (Bonferroni). Each interval in the text and the chart
    is a 95% interval on its own, and so is narrower.

What the answer leaves out
    Changing one role at a time does not find two roles that are a bottleneck only together; python -m sim capacity with
    --role twice does. Senior HMI (His Majesty's Inspectors) manage visits and assure their quality. The model counts
    this as work, but no visit waits for it. We have low confidence in the number of people in each role, and in the
    share of their time for this programme.
"""

import sys
from collections.abc import Mapping
from functools import partial

from sim import charts
from sim.cli import answer_script
from sim.figures import more_or_less, people_of, value
from sim.framework import ROLES, Role
from sim.precision import LEAST_GROUPS
from sim.scenario import Scenario
from sim.statistics import CONFIDENCE, Mean
from sim.study import Answer, Policy, Question, Study, shown

BASE, LATE = "ilacs_launch", "inspections_late"
CHANGE = 0.25
"""Share of the people of a role to remove or add: realistic for a plan, and large enough to see above chance."""
HARDLY = 0.1
"""Increase in late inspections a year up to which a role can spare people: one in ten years."""
MEASURES = {
    LATE: "Late inspections",
    "inspections_on_time": "Inspections on time",
    **{f"utilisation_{role}": f"Utilisation of {people_of(role)}" for role in ROLES},
}
FEWER, MORE = "fewer", "more"
BINDS = "are a bottleneck"


def with_people(role: Role, change: str, base: Scenario) -> Mapping[str, object]:
    """Return the change to a quarter fewer or more people of a role than in the base."""
    people = base.workforce.roles[role].people
    step = max(1, round(CHANGE * people))
    return {f"workforce.roles.{role}.people": people - step if change == FEWER else people + step}


POLICIES: dict[str, Policy] = {
    f"{change}_{role}": partial(with_people, role, change) for role in ROLES for change in (FEWER, MORE)
}


def interval(late: Mean) -> tuple[float, float]:
    """Return the interval of one of all these differences, wide enough for all of them to hold together."""
    return late.interval(1 - (1 - CONFIDENCE) / len(POLICIES))


def verdict(fewer: Mean, more: Mean) -> str:
    """Return the verdict on a role, from the late inspections with fewer and with more people."""
    if interval(more)[1] < 0:
        return BINDS
    if interval(fewer)[0] > 0:
        return "would become a bottleneck with a quarter fewer people"
    if interval(fewer)[1] <= HARDLY:
        return "could spare a quarter"
    return "are not shown to be a bottleneck"


def answer(study: Study) -> Answer:
    """Say what a quarter more, and a quarter fewer, people of each role do."""
    people = {name: scenario.workforce.roles for name, scenario in study.scenarios.items()}
    enough = len(set(study.groups.tolist())) >= LEAST_GROUPS
    verdicts: dict[str, list[str]] = {}
    words: list[str] = []
    names: dict[str, str] = {}
    for role in ROLES:
        few, many = f"{FEWER}_{role}", f"{MORE}_{role}"
        fewer, more = study.difference(few, LATE), study.difference(many, LATE)
        verdicts.setdefault(verdict(fewer, more), []).append(people_of(role))
        names |= {name: f"{people[name][role].people} {people_of(role)}" for name in (few, many)}
        words.append(
            f"{people_of(role)}, {people[BASE][role].people} in post: with {people[few][role].people}, a year has "
            f"{more_or_less(fewer, '', 'more late inspections', 'fewer late inspections')}; with "
            f"{people[many][role].people}, {more_or_less(more, '', 'more', 'fewer')}."
        )
    told = "; ".join(f"{' and '.join(roles)} {found}" for found, roles in verdicts.items())
    told = (
        f"By role: {told}"
        if enough
        else f"{len(study.replications)} runs are too few to say which role is a bottleneck"
    )
    first = f"As it is, {value(study.mean(BASE, LATE).mean, '')} inspections are late in a year. {told}."
    if enough and len(verdicts.get(BINDS, [])) > 1:
        first += (
            " More than one role is a bottleneck, so search for both at once: python -m sim capacity with --role twice."
        )
    picture = charts.differences(study, LATE, told, "Change in late inspections a year (95% interval)", names)
    table = study.table(MEASURES)
    return Answer([first, *words], [shown(table, "yearly mean")], table, picture)


QUESTION = Question(base=BASE, policies=POLICIES, answer=answer, replications=60, measures=tuple(MEASURES))

if __name__ == "__main__":
    sys.exit(answer_script("which_role_binds", QUESTION, __doc__))
