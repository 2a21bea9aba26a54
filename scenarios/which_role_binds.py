"""Which role binds, and which could spare people?

Question
    Of which role would more people make inspections less late, and of which would fewer make them later?

Method
    A quarter fewer and a quarter more of one role at a time, the others as they are, on common random numbers. A role
    binds if more of it makes inspections less late than chance explains; it could spare a quarter if fewer of it makes
    them hardly later, chance allowed for; of any other nothing is said. What is said of the roles holds together with
    95% confidence (Bonferroni); each interval that is printed or drawn is one of 95% by itself, and so is narrower.

What the answer leaves out
    Two roles that bind only together are not found by changing one at a time; python -m sim capacity with --role twice
    looks for both. Senior HMI manage visits and assure their quality, which the model counts as work but lets no visit
    wait for. How many people of each role there are, and how much of their time is for this programme, is of low
    confidence.
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
"""Share of the people of a role taken away or added: what a plan may hold, and enough to be seen over chance."""
HARDLY = 0.1
"""Late inspections a year up to which a role is said to spare people: one in ten years."""
MEASURES = {
    LATE: "Late inspections",
    "inspections_on_time": "Inspections on time",
    **{f"utilisation_{role}": f"Utilisation of {people_of(role)}" for role in ROLES},
}
FEWER, MORE = "fewer", "more"


def with_people(role: Role, change: str, base: Scenario) -> Mapping[str, object]:
    """A share fewer or more of the people that the base has of a role."""
    people = base.workforce.roles[role].people
    step = max(1, round(CHANGE * people))
    return {f"workforce.roles.{role}.people": people - step if change == FEWER else people + step}


POLICIES: dict[str, Policy] = {
    f"{change}_{role}": partial(with_people, role, change) for role in ROLES for change in (FEWER, MORE)
}


def interval(late: Mean) -> tuple[float, float]:
    """Interval of one of all these differences, so that all of them hold together."""
    return late.interval(1 - (1 - CONFIDENCE) / len(POLICIES))


def verdict(fewer: Mean, more: Mean) -> str:
    """What a role is, from the late inspections with fewer and with more of it."""
    if interval(more)[1] < 0:
        return "bind"
    if interval(fewer)[0] > 0:
        return "would bind with a quarter fewer"
    if interval(fewer)[1] <= HARDLY:
        return "could spare a quarter"
    return "are not seen to bind"


def answer(study: Study) -> Answer:
    """What a quarter more, and a quarter fewer, of each role do."""
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
            f"{people_of(role)}, {people[BASE][role].people} in post: with {people[few][role].people} a year has "
            f"{more_or_less(fewer, '', 'more late inspections', 'fewer late inspections')}; with "
            f"{people[many][role].people} {more_or_less(more, '', 'more', 'fewer')}."
        )
    told = "; ".join(f"{' and '.join(roles)} {found}" for found, roles in verdicts.items())
    told = f"By role: {told}" if enough else f"{len(study.replications)} runs are too few to tell which role binds"
    first = f"{value(study.mean(BASE, LATE).mean, '')} inspections are late in a year as it is. {told}."
    if enough and len(verdicts.get("bind", [])) > 1:
        first += " More than one binds, so look for both at once: python -m sim capacity with --role for each."
    picture = charts.differences(
        study, LATE, told, "Late inspections a year, more or fewer than as it is (95% interval)", names
    )
    table = study.table(MEASURES)
    return Answer([first, *words], [shown(table, "a year")], table, picture)


QUESTION = Question(base=BASE, policies=POLICIES, answer=answer, replications=60, measures=tuple(MEASURES))

if __name__ == "__main__":
    sys.exit(answer_script("which_role_binds", QUESTION, __doc__))
