"""What is better planning worth, in late inspections, in the busiest week and in people?

Question
    With the same people, we compare three ways of choosing the week of each visit: at random, levelled when a window
    opens, and levelled and planned again every quarter. How many inspections are late? How busy is the busiest week?
    How many visits move when the plan is made again? How soon is a decline published? And with how few people does each
    way keep 95% of inspections on time in nine runs of ten?

Method
    Three policies of planning.programme with the people (His Majesty's Inspectors, HMI, and others) of the launch, on
    common random numbers. The financial years are those after the backlog of the launch. A fourth scenario is the
    launch as it ships: some of its runs draw weeks at random and others level them, as past inspections suggest. Drawn
    and levelled weeks are tried again with a tenth fewer social care HMI, and levelled weeks also with a fifth fewer.
    The answer shows two numbers. The first is the fewest people who keep as many inspections on time as all people do
    with random weeks. This means that the lower end of the 95% interval of the difference is not below zero. The second
    is the fewest people who meet the target in the runs that were made. The table shows the share of runs that meet it,
    with its 95% interval (exact binomial, over the parameter draws).

What the answer leaves out
    No policy knows who will fall ill or leave, or what visits will find. The steps are coarse; python -m sim capacity
    finds the number itself. The model leaves out what a moved visit costs the authority and the people who had planned
    around it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from sim import charts
from sim.cli import answer_script
from sim.figures import more_or_less, share, span, value
from sim.framework import Role
from sim.scenario import Scenario
from sim.statistics.intervals import binomial_interval
from sim.study import Answer, Note, Policy, Question, Study, Table, shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

BASE = "ilacs_launch"
ROLE: Role = "social_care_hmi"
DRAWN, LEVELLED, OPTIMISED = "drawn", "levelled", "optimised"
CALLED = {DRAWN: "Drawn at random", LEVELLED: "Levelled", OPTIMISED: "Planned again every quarter"}
"""Labels of the policies."""
ON_TIME, LATE, BUSIEST = "inspections_on_time", "inspections_late", "peak_week_inspectors"
MEASURES = {
    LATE: "Late inspections",
    ON_TIME: "Inspections on time",
    BUSIEST: "Inspectors on site in the busiest week",
    "visits_moved": "Visits moved to another week",
    "visits_moved_share": "Share of visits moved at a replanning",
    "days_to_detect_decline": "Days until a decline is published",
}
COST = "staff_cost_pounds"
REPLANNINGS = 4
"""Replannings in a year."""
AT_LEAST, IN_RUNS = 0.95, 0.9
"""Target share of inspections on time, and share of runs that must meet it."""
STEPS = {DRAWN: (90,), LEVELLED: (80, 90), OPTIMISED: ()}
"""Percentages of the people of the launch with which each policy is tried, in addition to all of them. The optimised
programme takes by far the longest to run and is tried only with all people, so the answer does not say how few it
needs."""
SETTLED = 3
"""Calendar years from the start to the first financial year that the answer shows; by then the backlog is gone."""
MILLION = 1_000_000
PEOPLE = "people.csv"


def planned(programme: str, percent: int, base: Scenario) -> Mapping[str, object]:
    """Return the changes of a policy with a percentage of the people of the launch."""
    people = round(base.workforce.roles[ROLE].people * percent / 100)
    return {"planning.programme": programme, f"workforce.roles.{ROLE}.people": people}


ALL = 100
"""Percentage that stands for all people of the launch."""


def name_of(programme: str, percent: int) -> str:
    """Return the name of a policy with a percentage of the people."""
    return programme if percent == ALL else f"{programme}_{percent}_percent"


POLICIES: dict[str, Policy] = {
    name_of(programme, percent): partial(planned, programme, percent)
    for programme, steps in STEPS.items()
    for percent in (ALL, *steps)
}


def settled_years(study: Study) -> list[str]:
    """Return the whole financial years after the backlog of the start, or all of them if the study ends sooner."""
    first = study.scenarios[study.base].start.year + SETTLED
    return [year for year in study.years if int(year[:4]) >= first] or study.years


def people_of(study: Study, name: str) -> int:
    """Return the number of social care HMI in a scenario."""
    return study.scenarios[name].workforce.roles[ROLE].people


def met(study: Study, years: list[str]) -> pd.DataFrame:
    """Return the share of runs that meet the target, with its interval, by policy and number of people."""
    import pandas as pd

    draws = len(set(study.groups.tolist()))
    rows = []
    for programme, steps in STEPS.items():
        for percent in sorted((ALL, *steps)) if steps else ():
            name = name_of(programme, percent)
            kept = float((study.runs(name, ON_TIME, years) >= AT_LEAST).mean())
            low, high = binomial_interval(round(kept * draws), draws)
            rows.append((programme, people_of(study, name), kept, min(low, kept), max(high, kept), kept >= IN_RUNS))
    return pd.DataFrame(rows, columns=["programme", "people", "share_of_runs", "ci_low", "ci_high", "kept"])


def fewest(found: pd.DataFrame, programme: str) -> int | None:
    """Return the fewest people who meet the target, as every larger number tried does too; None if there are none."""
    tried = found[found["programme"] == programme].sort_values("people", ascending=False)
    kept = tried[tried["kept"].cummin()]
    return int(kept["people"].iloc[-1]) if len(kept) else None


def people_words(found: pd.DataFrame) -> str:
    """Say with how few people each policy meets the target, of the numbers tried."""
    told = []
    for programme, tried in found.groupby("programme", sort=False)["people"]:
        least = fewest(found, str(programme))
        at_most = " or fewer" if least == tried.min() else ""
        number = f"more than the {tried.max()} tried" if least is None else f"{least}{at_most}"
        told.append(f"{number} with weeks {CALLED[str(programme)].lower()}")
    return (
        f"Social care HMI needed to keep {share(AT_LEAST)} of inspections on time in {share(IN_RUNS)} of runs, of the "
        f"numbers tried: {'; '.join(told)}."
    )


def saved_words(study: Study, years: list[str]) -> str:
    """Name the fewest people who keep as many on time as all do with random weeks, with 95% confidence."""
    names = [name_of(LEVELLED, percent) for percent in sorted((ALL, *STEPS[LEVELLED]))]
    equal = [name for name in names if study.difference(name, ON_TIME, years, base=DRAWN).interval()[0] >= 0]
    told = "none of the numbers tried surely does"
    if equal:
        on_time = study.difference(equal[0], ON_TIME, years, base=DRAWN)
        better = more_or_less(on_time, "share", "more on time", "fewer on time")
        told = f"{people_of(study, equal[0])} are enough, of the numbers tried ({better})"
    all_people = people_of(study, study.base)
    return (
        f"To keep as many inspections on time with levelled weeks as {all_people} people do with random weeks: {told}."
    )


def answer(study: Study) -> Answer:
    """Say what each policy does with the same people, and with how few people it meets the target."""
    years = settled_years(study)
    late = {name: study.mean(name, LATE, years).mean for name in CALLED}
    fewer = study.difference(LEVELLED, LATE, years, base=DRAWN)
    calmer = study.difference(LEVELLED, BUSIEST, years, base=DRAWN)
    again = study.difference(OPTIMISED, BUSIEST, years, base=LEVELLED)
    again_late = study.difference(OPTIMISED, LATE, years, base=LEVELLED)
    moved = study.mean(OPTIMISED, "visits_moved", years).mean / REPLANNINGS
    moved_share = study.mean(OPTIMISED, "visits_moved_share", years).mean
    detect = study.difference(LEVELLED, "days_to_detect_decline", years, base=DRAWN)
    busiest = study.mean(LEVELLED, BUSIEST, years).mean
    out = ("more inspectors on site", "fewer inspectors on site")
    first = (
        f"With the same people, {value(late[DRAWN], '')} inspections a year are late if weeks are drawn at random, "
        f"{value(late[LEVELLED], '')} if they are levelled, and {value(late[OPTIMISED], '')} if they are also planned "
        "again every quarter"
    )
    words = [
        f"{first}.",
        f"Levelled compared with random weeks: "
        f"{more_or_less(fewer, '', 'more late inspections', 'fewer late inspections')} a year; the busiest week has "
        f"{more_or_less(calmer, '', *out)}; a decline is published "
        f"{more_or_less(detect, 'days', 'days later', 'days sooner')}.",
        "Planned again every quarter compared with levelled only: the busiest week has "
        f"{more_or_less(again, '', *out)}, which is {share(abs(again.mean) / busiest)} of {value(busiest, '')}; "
        f"{more_or_less(again_late, '', 'more late inspections', 'fewer late inspections')} a year. Each replanning "
        f"moves {value(moved, '')} visits, {share(moved_share)} of those planned.",
        saved_words(study, years),
        people_words(found := met(study, years)),
    ]
    table = study.table(MEASURES, years)
    rows = tuple(
        (
            CALLED[row["programme"]],
            str(row["people"]),
            f"{share(row['share_of_runs'])} ({share(row['ci_low'])} to {share(row['ci_high'])})",
        )
        for row in found.to_dict("records")
    )
    head = ("weeks are", "social care HMI", f"runs with {share(AT_LEAST)} on time (95% interval)")
    tables: list[Note | Table] = [
        shown(table, "yearly mean"),
        Table("", head, rows, file=PEOPLE),
        Note(f"The figures and the chart cover {span(years)}."),
    ]
    return Answer(words, tables, table, picture_of(study, years), {PEOPLE: found})


def picture_of(study: Study, years: list[str]) -> list[Axes]:
    """Draw late inspections, the busiest week and cost: each policy with all people, then with fewer."""
    inferred = (BASE, "As inferred from past inspections")
    fewer = sorted({percent for steps in STEPS.values() for percent in steps}, reverse=True)
    tried = [*CALLED.items(), inferred]
    tried += [(name_of(each, percent), CALLED[each]) for percent in fewer for each in CALLED if percent in STEPS[each]]
    names = {name: f"{called}, {people_of(study, name)} people" for name, called in tried}
    drawn, levelled = (value(study.mean(name, LATE, years).mean, "") for name in (DRAWN, LEVELLED))
    title = (
        f"With the same {people_of(study, DRAWN)} social care HMI, {drawn} inspections a year are late if weeks are "
        f"drawn at random, and {levelled} if they are levelled"
    )
    when = f"a year, {span(years)}"
    measures = {
        LATE: (f"{MEASURES[LATE]} {when}", 1.0),
        BUSIEST: (MEASURES[BUSIEST], 1.0),
        COST: ("Cost of staff and travel, £m a year", MILLION),
    }
    return charts.side_by_side(study, measures, title, names, dict(tried), years)


QUESTION = Question(
    base=BASE, policies=POLICIES, answer=answer, replications=24, measures=tuple(MEASURES),
    files={
        PEOPLE: {
            "programme": ("", "Policy for choosing weeks"),
            "people": ("people", "Social care HMI"),
            "share_of_runs": ("share", "Share of runs that meet the target for inspections on time"),
            "kept": ("", "Whether enough runs meet the target"),
        }
    },
)  # fmt: skip

if __name__ == "__main__":
    sys.exit(answer_script("how_to_plan", QUESTION, __doc__))
