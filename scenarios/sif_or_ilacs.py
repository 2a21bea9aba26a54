"""Does the framework of 2018 need fewer inspector-days than the one before it, or more?

Question
    The single inspection framework (SIF) sent a team to every authority for four weeks. The framework of 2018 was
    announced as lighter and with more contact. From the same position and with the same people, how much do
    inspector-days, contacts, the delay until a decline is published and lateness differ from 2018 to 2028?

Method
    We run both frameworks on common random numbers: each pair of runs has the same authorities with the same drift of
    quality, and the same people. The break-even of each kind of visit is the number of inspector-days for one visit at
    which both frameworks would take the same, with everything else unchanged.

What the answer leaves out
    We have low confidence in the days of a visit, and therefore show the break-evens. A visit with more days would also
    make it harder to find a team, which a break-even does not count. The single framework had no windows of its own; we
    assume the windows of 2018. The answer leaves out the pandemic.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sim import charts
from sim.cli import answer_script
from sim.figures import more_or_less
from sim.statistics import Mean
from sim.study import Answer, Question, Study, Table, shown
from sim.workdays import APRIL

if TYPE_CHECKING:
    import pandas as pd

MEASURES = {
    "inspector_days_worked": "Inspector-days worked",
    "inspections_started": "Full inspections",
    "contacts_per_authority": "Contacts per authority",
    "days_to_detect_decline": "Days until a decline is published",
    "days_to_see_decline": "Days until a decline is seen",
    "inspections_on_time": "Inspections on time",
    "judgements_older_than_3_5_years": "Judgements older than 3.5 years",
}
PLAUSIBLE = {
    "single_inspection": (80, 115),
    "single_reinspection": (45, 70),
    "standard": (50, 70),
    "short": (28, 42),
    "focused": (6, 10),
    "engagement": (1, 3),
}
"""Plausible inspector-days of one visit; the frameworks' own notes say where they come from."""
NEW, OLD = "ilacs_launch", "sif_kept"
BREAK_EVEN = "break_even.csv"


def visits_begun(study: Study, name: str) -> pd.DataFrame:
    """Return the visits begun in the whole years of a scenario, with their days; re-inspections are a separate kind."""
    import pandas as pd

    visits = study.comparison.results[name].table("visits").dropna(subset="fieldwork_start")
    started = visits["fieldwork_start"].dt
    first = started.year - (started.month < APRIL)
    year = first.astype(str) + "-" + ((first + 1) % 100).astype(str).str.zfill(2)
    again = (visits["kind"] == "single_inspection") & (visits["judgement_before"] == "inadequate")
    told = visits.assign(kind=visits["kind"].mask(again, "single_reinspection"))
    return pd.DataFrame(told[year.isin(study.years) & visits["replication"].isin(study.replications)])


def break_even(study: Study) -> pd.DataFrame:
    """Return the inspector-days of one visit of each kind at which both frameworks take the same.

    If the new framework has n more visits of a kind a year and takes D more days in total, each visit would have to
    take D / n fewer days.
    """
    import pandas as pd

    more = study.difference(NEW, "inspector_days_worked").mean
    of_a_year = len(study.years) * len(study.replications)
    visits = {name: visits_begun(study, name) for name in (OLD, NEW)}
    days = pd.concat(visits).groupby("kind")["inspector_days"].mean()
    counts = {name: table["kind"].value_counts() / of_a_year for name, table in visits.items()}
    rows = []
    for kind, (low, high) in PLAUSIBLE.items():
        more_visits = counts[NEW].get(kind, 0.0) - counts[OLD].get(kind, 0.0)
        if more_visits:
            even = days[kind] - more / more_visits
            rows.append((kind, more_visits, days[kind], low, high, even, low <= even <= high))
    columns = ["kind", "more_visits_a_year", "days_each", "plausible_low", "plausible_high", "break_even", "inside"]
    return pd.DataFrame(rows, columns=columns)


def if_as_many(study: Study) -> Mean:
    """Return the difference in inspector-days if the old framework had begun as many inspections as the new one."""
    begun = study.mean(OLD, "single_inspection_started").mean
    days_each = study.mean(OLD, "inspector_days_single_inspection").mean / begun if begun else float("nan")
    missing = study.runs(NEW, "inspections_started") - study.runs(OLD, "inspections_started")
    days = study.runs(NEW, "inspector_days_worked") - study.runs(OLD, "inspector_days_worked")
    return study.mean_of(days - missing * days_each)


def answer(study: Study) -> Answer:
    """Say how much the two frameworks differ, and what the difference depends on."""
    days, contacts = (study.difference(NEW, name) for name in ("inspector_days_worked", "contacts_per_authority"))
    detect, on_time = (study.difference(NEW, name) for name in ("days_to_detect_decline", "inspections_on_time"))
    begun = study.difference(NEW, "inspections_started")
    fuller, even = if_as_many(study), break_even(study)
    turns = [f"{row['kind']} ({row['break_even']:.0f} days)" for row in even.to_dict("records") if row["inside"]]
    sentences = [
        f"The framework of 2018 takes {more_or_less(days, 'inspector-days', *OF_DAYS)} a year than the single "
        f"inspection framework would, and has {more_or_less(contacts, 'visits', *OF_CONTACTS)} per authority a year. "
        f"It publishes declines {more_or_less(detect, 'days', 'days later', 'days sooner')}, and the share of "
        f"inspections on time is {more_or_less(on_time, 'share', 'higher', 'lower')}.",
        f"With the same people, the single framework would begin {more_or_less(begun, '', 'fewer', 'more')} "
        "inspections a year, because it needs four open weeks in a row and its teams then rest for four. If it had "
        "begun as many, each with its own days, the framework of 2018 would take "
        f"{more_or_less(fuller, '', *OF_DAYS)} a year.",
        f"Which framework takes fewer days depends on the days assumed for {', '.join(turns)}: the answer changes "
        "within the plausible range."
        if turns
        else "No break-even lies within the plausible days of its visit, so the answer does not depend on any of them.",
    ]
    head = ("kind of visit", "days now", "plausible days", "break-even", "inside the range")
    rows = []
    for row in even.to_dict("records"):
        plausible = f"{row['plausible_low']} to {row['plausible_high']}"
        figures = (
            f"{row['days_each']:.1f}",
            plausible,
            f"{row['break_even']:.1f}" if row["break_even"] > 0 else "none",
            "yes" if row["inside"] else "no",
        )
        rows.append((str(row["kind"]), *figures))
    table = study.table(MEASURES)
    title = f"The framework of 2018 takes {more_or_less(days, 'inspector-days', *OF_DAYS)} a year"
    picture = charts.beside(study, title, {OLD: "Single inspection framework", NEW: "Framework of 2018"})
    turning = Table(
        "Inspector-days of one visit at which both frameworks take the same", head, tuple(rows), file=BREAK_EVEN
    )
    return Answer(sentences, [shown(table, "yearly mean"), turning], table, picture, {BREAK_EVEN: even})


OF_DAYS = ("more inspector-days", "fewer inspector-days")
OF_CONTACTS = ("more contacts", "fewer contacts")
QUESTION = Question(
    base="sif_kept",
    others=("ilacs_launch",),
    answer=answer,
    measures=tuple(MEASURES),
    detail="visits",
    files={
        BREAK_EVEN: {
            "kind": ("", "Kind of visit; single_reinspection is the single inspection of an inadequate authority"),
            "more_visits_a_year": ("visits", "Additional visits a year under the framework of 2018"),
            "days_each": ("inspector-days", "Inspector-days of one visit, mean over the runs"),
            "plausible_low": ("inspector-days", "Low end of the plausible inspector-days of one visit"),
            "plausible_high": ("inspector-days", "High end of the plausible inspector-days of one visit"),
            "break_even": ("inspector-days", "Inspector-days of one visit at which both frameworks take the same"),
            "inside": ("", "Whether the break-even is within the plausible range"),
        }
    },
)

if __name__ == "__main__":
    sys.exit(answer_script("sif_or_ilacs", QUESTION, __doc__))
