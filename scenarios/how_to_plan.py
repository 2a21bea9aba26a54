"""What is a better plan worth: how many late inspections, how quiet a busiest week, and how many people?

Question
    The same people, and three ways to choose the week of each visit: drawn at random, levelled when a window opens, and
    levelled and planned anew every quarter. How many inspections are late, how busy is the busiest week, how many
    visits change their week at a replanning, how soon is a decline published? And with how few people does each way
    keep 95% of inspections on time in nine runs of ten?

Method
    Three policies of planning.programme with the people of the launch, on common random numbers, over the financial
    years after the backlog of the launch is spread. Beside them stands the launch as it ships: half of its runs draw
    their weeks and half level them, as far as what was done tells. Then each policy again with a tenth fewer social
    care HMI, and all but the last with a fifth fewer. The answer shows two numbers for each. The first keeps as many on
    time as all of them do with drawn weeks: the lower end of the 95% interval of the difference is not below zero. The
    second meets the target in the runs that were made. It stands with the 95% interval of the share of runs that do
    (exact binomial, over the draws of the parameters).

What the answer leaves out
    No policy knows who will fall ill or leave, nor what visits will find. The steps are coarse; python -m sim capacity
    looks for the number itself. What a visit that moves costs the authority, and the people who had planned round it,
    is not in the model.
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
CALLED = {DRAWN: "Drawn at random", LEVELLED: "Levelled", OPTIMISED: "Planned anew every quarter"}
"""Policies as they are called."""
ON_TIME, LATE, BUSIEST = "inspections_on_time", "inspections_late", "peak_week_inspectors"
MEASURES = {
    LATE: "Late inspections",
    ON_TIME: "Inspections on time",
    BUSIEST: "Inspectors out in the busiest week",
    "visits_moved": "Visits moved to another week",
    "visits_moved_share": "Share moved at a replanning",
    "days_to_detect_decline": "Days until a decline is published",
}
COST = "staff_cost_pounds"
REPLANNINGS = 4
"""Replannings a year."""
AT_LEAST, IN_RUNS = 0.95, 0.9
"""Share of inspections on time that is to be kept, and share of runs in which it is."""
STEPS = {DRAWN: (90,), LEVELLED: (80, 90), OPTIMISED: ()}
"""Per cent of the people of the launch that a policy is tried with, beside all. An optimised programme takes by far the
longest and is tried with all of them alone, so nothing is said of how few people it would do with."""
SETTLED = 3
"""Calendar years from the start to the first financial year that the answer shows. By then the backlog is spread."""
MILLION = 1_000_000
PEOPLE = "people.csv"


def planned(programme: str, percent: int, base: Scenario) -> Mapping[str, object]:
    """A policy, with a share of the people of the launch."""
    people = round(base.workforce.roles[ROLE].people * percent / 100)
    return {"planning.programme": programme, f"workforce.roles.{ROLE}.people": people}


ALL = 100
"""Per cent of the people of the launch that are the launch itself."""


def name_of(programme: str, percent: int) -> str:
    """Name of a policy with a share of the people."""
    return programme if percent == ALL else f"{programme}_{percent}_percent"


POLICIES: dict[str, Policy] = {
    name_of(programme, percent): partial(planned, programme, percent)
    for programme, steps in STEPS.items()
    for percent in (ALL, *steps)
}


def settled_years(study: Study) -> list[str]:
    """Whole financial years after the backlog of the start; all whole ones, if a study ends before."""
    first = study.scenarios[study.base].start.year + SETTLED
    return [year for year in study.years if int(year[:4]) >= first] or study.years


def people_of(study: Study, name: str) -> int:
    """Social care HMI of a scenario."""
    return study.scenarios[name].workforce.roles[ROLE].people


def met(study: Study, years: list[str]) -> pd.DataFrame:
    """Of each policy tried with fewer people, the share of runs that keep the target by number, with its interval."""
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
    """Fewest people tried with whom a policy keeps the target, as it does with every larger number tried; or None."""
    tried = found[found["programme"] == programme].sort_values("people", ascending=False)
    kept = tried[tried["kept"].cummin()]
    return int(kept["people"].iloc[-1]) if len(kept) else None


def people_words(found: pd.DataFrame) -> str:
    """With how few people each policy keeps the target, of the numbers tried."""
    told = []
    for programme, tried in found.groupby("programme", sort=False)["people"]:
        least = fewest(found, str(programme))
        at_most = " or fewer" if least == tried.min() else ""
        told.append(f"{CALLED[str(programme)].lower()}, {least or 'more than those tried'}{at_most}")
    return (
        f"Fewest social care HMI that were tried with {share(AT_LEAST)} on time in {share(IN_RUNS)} of runs: "
        f"{'; '.join(told)}."
    )


def saved_words(study: Study, years: list[str]) -> str:
    """Name the fewest people who keep as many on time as all do with drawn weeks, 95% sure."""
    names = [name_of(LEVELLED, percent) for percent in sorted((ALL, *STEPS[LEVELLED]))]
    equal = [name for name in names if study.difference(name, ON_TIME, years, base=DRAWN).interval()[0] >= 0]
    told = "levelled, none of those tried surely do"
    if equal:
        on_time = study.difference(equal[0], ON_TIME, years, base=DRAWN)
        better = more_or_less(on_time, "share", "more on time", "fewer on time")
        told = f"levelled, {people_of(study, equal[0])} do ({better})"
    all_people = people_of(study, study.base)
    return f"To keep as many on time as {all_people} do with drawn weeks, of those tried: {told}."


def answer(study: Study) -> Answer:
    """What each policy does with the same people, and with how few it keeps the target."""
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
    out = ("more inspectors out", "fewer inspectors out")
    first = (
        f"With the same people, {value(late[DRAWN], '')} inspections a year are late if weeks are drawn at random, "
        f"{value(late[LEVELLED], '')} if they are levelled and {value(late[OPTIMISED], '')} if they are also planned "
        "anew every quarter"
    )
    words = [
        f"{first}.",
        f"Levelled against drawn: {more_or_less(fewer, '', 'more late inspections', 'fewer late inspections')} a year; "
        f"the busiest week has {more_or_less(calmer, '', *out)}; a decline is published "
        f"{more_or_less(detect, 'days', 'days later', 'days sooner')}.",
        f"Planned anew against levelled: the busiest week has {more_or_less(again, '', *out)}, "
        f"{share(abs(again.mean) / busiest)} of {value(busiest, '')}; "
        f"{more_or_less(again_late, '', 'more late inspections', 'fewer late inspections')} a year. A replanning moves "
        f"{value(moved, '')} visits, {share(moved_share)} of those that are planned.",
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
        shown(table, "a year"),
        Table("", head, rows, file=PEOPLE),
        Note(f"Figures are of the years {span(years)}, those of the picture too."),
    ]
    return Answer(words, tables, table, picture_of(study, years), {PEOPLE: found})


def picture_of(study: Study, years: list[str]) -> list[Axes]:
    """Bars of late inspections, the busiest week and cost: each policy with all people, then with fewer."""
    inferred = (BASE, "As inferred from what was done")
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
            "programme": ("", "Policy by which weeks are chosen"),
            "people": ("people", "Social care HMI"),
            "share_of_runs": ("share", "Share of runs that keep the target of inspections on time"),
            "kept": ("", "Whether enough runs keep it"),
        }
    },
)  # fmt: skip

if __name__ == "__main__":
    sys.exit(answer_script("how_to_plan", QUESTION, __doc__))
