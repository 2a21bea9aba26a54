"""What is sharing inspectors between regions worth?

Question
    If nobody went to an authority of another region, how much later would inspections be, in which regions, and how
    many more people would make up for it?

Method
    Nobody of any role leaves the region; or social care HMI alone stay, with as many of them as there are and with
    more; each against the launch as it is, on common random numbers. People are shared out among the regions as the
    authorities are.

What the answer leaves out
    The travel that sharing takes is in the days worked (half a day each way), not in what it means to the people. A
    region may be short of a role of which there are two in each, and no number of social care HMI helps there.
"""

import sys

import pandas as pd

from sim import answer_charts
from sim.cli import answer_script
from sim.figures import aligned, more_or_less, value
from sim.framework import INSPECTIONS
from sim.scenario import load
from sim.study import Answer, Question, Study, shown

BASE, ALONE, STAY, LATE = "ilacs_launch", "nobody_elsewhere", "social_care_stays", "inspections_late"
ROLES = tuple(load(BASE).workforce.roles)
PEOPLE = load(BASE).workforce.roles["social_care_hmi"].people
MORE = (8, 16, 32)
"""Social care HMI added: one, two and four to each of eight regions."""
MEASURES = {
    LATE: "Late inspections",
    "inspections_on_time": "Inspections on time",
    "inspector_days_worked": "Inspector-days worked",
    "staff_cost_pounds": "Staff cost",
}
POLICIES: dict[str, dict[str, object]] = {
    ALONE: {"planning.stay_in_region": ROLES},
    STAY: {"planning.stay_in_region": ("social_care_hmi",)},
    **{
        f"{STAY}_{PEOPLE + more}": {
            "planning.stay_in_region": ("social_care_hmi",),
            "workforce.roles.social_care_hmi.people": PEOPLE + more,
        }
        for more in MORE
    },
}


def by_region(study: Study) -> pd.DataFrame:
    """Late inspections of a year by region of the authority, mean over runs and whole years; and how many fell due.

    Columns ``region``, and for each scenario ``<name>_due`` and ``<name>_late``.
    """
    found = pd.DataFrame({"region": study.scenarios[BASE].workforce.regions}).set_index("region")
    runs_and_years = len(study.replications) * len(study.years)
    for name in study.names:
        visits = study.comparison.results[name].table("visits")
        year = visits["latest"].dt.year - (visits["latest"].dt.month < 4)  # noqa: PLR2004 - April begins the year
        whole = year.isin([int(each[:4]) for each in study.years])
        asked = visits["kind"].isin(INSPECTIONS) & (visits["status"] != "cancelled") & whole
        due = visits[asked & visits["replication"].isin(study.replications)]
        late = due[~(due["fieldwork_start"] <= due["latest"])]
        found[f"{name}_due"] = due.groupby("region").size() / runs_and_years
        found[f"{name}_late"] = late.groupby("region").size() / runs_and_years
    return found.fillna(0.0).reset_index()


def worth(study: Study) -> str:
    """How many more people make up for what is not shared."""
    names = {more: STAY if not more else f"{STAY}_{PEOPLE + more}" for more in (0, *MORE)}
    enough = [more for more, name in names.items() if study.difference(name, LATE).mean <= 0]
    short = [more for more in names if more not in enough and (not enough or more < min(enough))]
    if not enough:
        return f"Sharing social care HMI is worth more than the {MORE[-1]} more that were tried."
    if not short:
        return "Sharing social care HMI is not seen to be worth anything: no more inspections are late without it."
    return (
        f"Sharing social care HMI is worth between {max(short)} and {min(enough)} more of them: with "
        f"{PEOPLE + max(short)} who stay more inspections are late than with {PEOPLE} who are shared, with "
        f"{PEOPLE + min(enough)} no more."
    )


def answer(study: Study) -> Answer:
    """What is lost without sharing, where, and how many people make up for it."""
    regions = by_region(study)
    lost = regions.assign(more=regions[f"{ALONE}_late"] - regions[f"{BASE}_late"]).sort_values("more", ascending=False)
    worst = ", ".join(f"{row['region']} ({row['more']:+.1f})" for row in lost.head(3).to_dict("records"))
    late, days = study.difference(ALONE, LATE), study.difference(ALONE, "inspector_days_worked")
    stays, usual = study.difference(STAY, LATE), study.mean(BASE, LATE).mean
    sentences = [
        f"If nobody of any role went elsewhere, a year would have "
        f"{more_or_less(late, '', 'more late inspections', 'fewer late inspections')} than the "
        f"{value(usual, '')} it has, and "
        f"{more_or_less(days, '', 'more inspector-days worked', 'fewer inspector-days worked')}. Most of it in "
        f"{worst}.",
        f"If social care HMI alone stayed, it would have "
        f"{more_or_less(stays, '', 'more late inspections', 'fewer late inspections')}. {worth(study)}",
    ]
    head = ["late inspections a year", "fall due", "as it is", "nobody elsewhere", "social care stays"]
    rows = [
        [row["region"], f"{row[f'{BASE}_due']:.1f}", *(f"{row[f'{name}_late']:.2f}" for name in (BASE, ALONE, STAY))]
        for row in regions.to_dict("records")
    ]
    names = {ALONE: "Nobody elsewhere", STAY: f"{PEOPLE} social care HMI stay"}
    names |= {f"{STAY}_{PEOPLE + more}": f"{PEOPLE + more} stay" for more in MORE}
    title = (
        f"Without any sharing a year has {more_or_less(late, '', 'more late inspections', 'fewer late inspections')}"
    )
    picture = answer_charts.differences(
        study, LATE, title, "Late inspections a year, more or fewer than as it is (95% interval)", names
    )
    table = study.table(MEASURES)
    return Answer(
        sentences,
        ["By region of the authority:\n" + aligned([head, *rows], words=1), shown(table, "a year")],
        table,
        picture,
        {"by_region.csv": regions},
    )


QUESTION = Question(
    base=BASE, policies=POLICIES, answer=answer, replications=60, measures=tuple(MEASURES), detail="visits",
    files=("by_region.csv",),
)  # fmt: skip

if __name__ == "__main__":
    sys.exit(answer_script("sharing_between_regions", QUESTION, __doc__))
