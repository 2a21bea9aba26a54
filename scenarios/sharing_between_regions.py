"""What is sharing inspectors between regions worth?

Question
    If nobody went to an authority in another region, how many more inspections would be late, in which regions, and how
    many more people would make up for it?

Method
    In one scenario nobody of any role leaves their region. In others only social care HMI (His Majesty's Inspectors)
    stay, with today's number of them and with more. We compare each with the launch as it is, on common random numbers.
    People are spread over the regions in proportion to authorities.

What the answer leaves out
    The days worked include the travel that sharing takes (half a day each way), but not what it means to the people. A
    region with two people of another role may be short of that role, and more social care HMI do not help there.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from sim import charts
from sim.cli import answer_script
from sim.figures import more_or_less, value
from sim.framework import INSPECTIONS, ROLES
from sim.scenario import Scenario
from sim.statistics import CONFIDENCE
from sim.study import Answer, Policy, Question, Study, Table, shown
from sim.workdays import financial_year

if TYPE_CHECKING:
    import pandas as pd

BASE, ALONE, STAY, LATE = "ilacs_launch", "nobody_elsewhere", "social_care_stays", "inspections_late"
HMI, BY_REGION = "workforce.roles.social_care_hmi.people", "by_region.csv"
MORE = (8, 16, 32, 64)
"""Social care HMI added: one, two, four and eight for each of eight regions, in proportion to authorities."""
MEASURES = {
    LATE: "Late inspections",
    "inspections_on_time": "Inspections on time",
    "inspector_days_worked": "Inspector-days worked",
    "staff_cost_pounds": "Staff cost",
}


def stay(more: int, base: Scenario) -> Mapping[str, object]:
    """Return changes that keep social care HMI in their regions and add some of them to the base."""
    there = base.workforce.roles["social_care_hmi"].people
    return {"planning.stay_in_region": ("social_care_hmi",)} | ({HMI: there + more} if more else {})


STAYING = {0: STAY} | {more: f"{STAY}_{more}_more" for more in MORE}
POLICIES: dict[str, Policy] = {
    ALONE: {"planning.stay_in_region": ROLES},
    **{name: partial(stay, more) for more, name in STAYING.items()},
}


def by_region(study: Study) -> pd.DataFrame:
    """Return late inspections a year, and those due, by region of the authority: means over runs and whole years.

    The columns are ``region``, and ``<name>_due`` and ``<name>_late`` for each scenario. They add up to the measure
    ``inspections_late``, because an inspection is cancelled only where something else replaces it.
    """
    import pandas as pd

    found = pd.DataFrame({"region": study.scenarios[BASE].workforce.regions}).set_index("region")
    runs_and_years = len(study.replications) * len(study.years)
    for name in study.names:
        visits = study.comparison.results[name].table("visits")
        asked = visits["kind"].isin(INSPECTIONS) & (visits["status"] != "cancelled")
        asked &= visits["latest"].map(financial_year).isin(study.years)
        due = visits[asked & visits["replication"].isin(study.replications)]
        late = due[~(due["fieldwork_start"] <= due["latest"])]
        found[f"{name}_due"] = due.groupby("region").size() / runs_and_years
        found[f"{name}_late"] = late.groupby("region").size() / runs_and_years
    return found.fillna(0.0).reset_index()


def worth(study: Study) -> str:
    """Say how many more people make up for sharing: the numbers between which chance does not decide."""
    together = 1 - (1 - CONFIDENCE) / len(STAYING)  # so that all of these intervals hold at once
    late = {more: study.difference(name, LATE).interval(together) for more, name in STAYING.items()}
    short = [more for more, (low, _) in late.items() if low > 0]
    enough = [more for more, (_, high) in late.items() if high <= 0 and more > max(short, default=-1)]
    if not short:
        return "These runs do not show that sharing social care HMI saves any people."
    if not enough and not max(short):
        return "Sharing social care HMI is worth some additional people, but these runs are too few to say how many."
    if not enough:
        return (
            f"Sharing social care HMI is worth more than {max(short)} additional people: even with {max(short)} more "
            "who stay in their regions, more inspections are late than with sharing."
        )
    return (
        f"Sharing social care HMI is worth between {max(short)} and {min(enough)} additional people. With {max(short)} "
        "more who stay in their regions, more inspections are late than with sharing; with "
        f"{min(enough)} more, no more are late."
    )


def answer(study: Study) -> Answer:
    """Say what is lost without sharing, where, and how many people make up for it."""
    regions = by_region(study)
    late, days = study.difference(ALONE, LATE), study.difference(ALONE, "inspector_days_worked")
    stays, usual = study.difference(STAY, LATE), study.mean(BASE, LATE).mean
    most = regions.assign(more=regions[f"{ALONE}_late"] - regions[f"{BASE}_late"]).nlargest(3, "more")
    where = ", ".join(f"{row['region']} ({row['more']:+.1f})" for row in most.to_dict("records"))
    sentences = [
        f"A year has {value(usual, '')} late inspections as it is. If nobody of any role worked outside their region, "
        f"a year would have {more_or_less(late, '', 'more late inspections', 'fewer late inspections')}, and people "
        f"would work {more_or_less(days, '', 'more inspector-days', 'fewer inspector-days')}."
        + (f" The largest increases are in {where}." if late.interval()[0] > 0 else ""),
        f"If only social care HMI stayed in their regions, a year would have "
        f"{more_or_less(stays, '', 'more late inspections', 'fewer late inspections')}. {worth(study)}",
    ]
    head = ("region", "fall due", "late as it is", "late if nobody travels", "late if social care HMI stay")
    rows = tuple(
        (row["region"], f"{row[f'{BASE}_due']:.1f}", *(f"{row[f'{name}_late']:.2f}" for name in (BASE, ALONE, STAY)))
        for row in regions.to_dict("records")
    )
    people = {name: scenario.workforce.roles["social_care_hmi"].people for name, scenario in study.scenarios.items()}
    names = {ALONE: "Nobody leaves their region"}
    names |= {name: f"{people[name]} social care HMI stay" for name in STAYING.values()}
    title = (
        f"If nobody leaves their region, a year has {value(study.mean(ALONE, LATE).mean, '')} late inspections, not "
        f"{value(usual, '')}"
    )
    picture = charts.differences(study, LATE, title, "Change in late inspections a year (95% interval)", names)
    table = study.table(MEASURES)
    return Answer(
        sentences,
        [
            Table("Late inspections a year, by region of the authority", head, rows, file=BY_REGION),
            shown(table, "yearly mean"),
        ],
        table,
        picture,
        {BY_REGION: regions},
    )


COLUMNS = {
    f"{name}_{end}": ("inspections", f"{words} under {name}, mean of a year over the runs")
    for name in (BASE, *POLICIES)
    for end, words in (
        ("due", "Inspections whose latest date is in the year"),
        ("late", "Late inspections among these"),
    )
}
"""Unit and meaning of each column of the table by region."""
QUESTION = Question(
    base=BASE, policies=POLICIES, answer=answer, replications=60, measures=tuple(MEASURES), detail="visits",
    files={BY_REGION: COLUMNS},
)  # fmt: skip

if __name__ == "__main__":
    sys.exit(answer_script("sharing_between_regions", QUESTION, __doc__))
