"""Which role binds, and which has people to spare?

Question
    Of which role would more people make inspections less late, and of which would fewer make them later?

Method
    A quarter fewer and a quarter more of one role at a time, the others as they are, on common random numbers. A role
    binds if more of it makes inspections less late than chance explains; it has people to spare if fewer of it makes
    none later.

What the answer leaves out
    Two roles that bind only together are not found by changing one at a time; python -m sim capacity with --role twice
    looks for both. Senior HMI manage visits and assure their quality, which the model counts as work but lets no visit
    wait for. How many people of each role there are, and how much of their time is for this programme, is of low
    confidence.
"""

import sys

from sim import answer_charts
from sim.cli import answer_script
from sim.figures import more_or_less, people_of, value
from sim.scenario import load
from sim.statistics import Mean
from sim.study import Answer, Question, Study, shown

BASE, LATE = "ilacs_launch", "inspections_late"
CHANGE = 0.25
"""Share of the people of a role taken away or added: what a plan may hold, and enough to be seen over chance."""
PEOPLE: dict[str, int] = {str(role): rules.people for role, rules in load(BASE).workforce.roles.items()}
MEASURES = {
    LATE: "Late inspections",
    "inspections_on_time": "Inspections on time",
    **{f"utilisation_{role}": f"Utilisation of {people_of(role)}" for role in PEOPLE},
}


def named(role: str, people: int) -> str:
    """Name of the policy with so many people of a role."""
    return f"{role}_{people}"


def changed(role: str) -> tuple[int, int]:
    """People of a role with a share fewer and more."""
    step = max(1, round(CHANGE * PEOPLE[role]))
    return PEOPLE[role] - step, PEOPLE[role] + step


POLICIES: dict[str, dict[str, object]] = {
    named(role, people): {f"workforce.roles.{role}.people": people} for role in PEOPLE for people in changed(role)
}


def differs(late: Mean) -> int:
    """1 or -1 if there are more, or fewer, late inspections than chance explains; 0 otherwise."""
    low, high = late.interval()
    return 1 if low > 0 else -1 if high < 0 else 0


def answer(study: Study) -> Answer:
    """What a quarter more, and a quarter fewer, of each role do."""
    verdicts: dict[str, list[str]] = {"bind": [], "would bind with a quarter fewer": [], "have people to spare": []}
    words = []
    for role, people in PEOPLE.items():
        few, many = changed(role)
        fewer, more = (study.difference(named(role, number), LATE) for number in (few, many))
        said = people_of(role)
        if differs(more) < 0:
            verdicts["bind"].append(said)
        elif differs(fewer) > 0:
            verdicts["would bind with a quarter fewer"].append(said)
        else:
            verdicts["have people to spare"].append(said)
        words.append(
            f"{said}, {people} in post: with {few} a year has "
            f"{more_or_less(fewer, '', 'more late inspections', 'fewer late inspections')}; with {many} "
            f"{more_or_less(more, '', 'more', 'fewer')}."
        )
    told = "; ".join(f"{' and '.join(roles)} {verdict}" for verdict, roles in verdicts.items() if roles)
    base = value(study.mean(BASE, LATE).mean, "")
    first = f"Of inspections {base} are late in a year as it is. By role: {told}."
    if len(verdicts["bind"]) > 1:
        first += " More than one binds, so look for both at once: python -m sim capacity with --role for each."
    names = {named(role, people): f"{people} {people_of(role)}" for role in PEOPLE for people in changed(role)}
    picture = answer_charts.differences(
        study, LATE, f"By role: {told}", "Late inspections a year, more or fewer than as it is (95% interval)", names
    )
    table = study.table(MEASURES)
    return Answer([first, *words], [shown(table, "a year")], table, picture)


QUESTION = Question(base=BASE, policies=POLICIES, answer=answer, replications=60, measures=tuple(MEASURES))

if __name__ == "__main__":
    sys.exit(answer_script("which_role_binds", QUESTION, __doc__))
