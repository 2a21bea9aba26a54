"""What did the pause of the pandemic do, how long is the catching up, and what would more people have bought?

Question
    Routine inspection was paused from March 2020 to September 2021, with visits by video meanwhile and a third of the
    people lent to other work. How old did judgements get, when are they as young again as without the pause, and what
    would ten people more for three years have changed?

Method
    The launch with the authorities reorganised as they were, without the pandemic, with it, and with ten people more
    from the spring of 2021, on common random numbers. The published share of old judgements is laid over the picture;
    nothing of the model was fitted to it.

What the answer leaves out
    The inspectorate took up inspection again more slowly than the model, which begins what is late as soon as it
    finds a team: about four a month in the first winter. Visits by video may see less than others; here they see as
    much. The pandemic may have changed the quality of services themselves.
"""

import csv
import sys

from sim import charts
from sim.cli import answer_script
from sim.figures import more_or_less, value
from sim.shipped import table as shipped_table
from sim.study import Answer, Question, Study, shown

MEASURES = {
    "judgements_older_than_3_5_years": "Judgements older than 3.5 years",
    "inspections_on_time": "Inspections on time",
    "inspections_started": "Full inspections",
    "inspector_days_worked": "Inspector-days worked",
    "utilisation": "Utilisation",
    "authority_days_below_judgement": "Authority-days below the judgement",
}
OLD = "judgements_older_than_3_5_years"
WITHOUT, PAUSE, MORE = "without_pandemic", "pandemic", "pandemic_more_people"
CAUGHT_UP = 0.02
"""Difference in the share of old judgements from which on the pause is over for its reader."""
CATCHING_UP = ("2021-22", "2022-23", "2023-24")


def published() -> dict[str, float]:
    """Share of judgements older than 3.5 years at the end of each financial year from 2017-18 on, as published."""
    rows = csv.DictReader(shipped_table("judgement_mix_2014_2022.csv").splitlines())
    years = {f"{int(row['as_at'][:4]) - 1}-{row['as_at'][2:4]}": row["share_older_than_3_5_years"] for row in rows}
    return {year: float(share) for year, share in years.items() if year >= "2017-18"}


def answer(study: Study) -> Answer:
    """How high the share of old judgements rose, when it was back, and what more people would have bought."""
    with_it, without = (study.by_year(name, OLD, study.all_years)["mean"] for name in (PAUSE, WITHOUT))
    worst, counted = str(with_it.idxmax()), published()
    after = [year for year in with_it.index if year > worst and with_it[year] - without[year] < CAUGHT_UP]
    beside = f" (published: {value(counted[worst], 'share')})" if worst in counted else ""
    back = f"It is back within two points of what it would have been by the end of {after[0]}" if after else (
        "It is not back by the end of the run"
    )  # fmt: skip
    late = study.difference(PAUSE, "inspections_on_time")
    felt = with_it[worst] - without[worst] >= CAUGHT_UP
    sentences = [
        "The years run end before the pause makes judgements older than they would have been: run more of them."
    ]
    if felt:
        sentences = [
            f"With the pause the share of judgements older than 3.5 years rises to {value(with_it[worst], 'share')} "
            "at the end "
            f"of {worst}{beside}, against {value(without[worst], 'share')} without it. {back}. On average over the "
            f"years the share of inspections on time is {more_or_less(late, 'share', 'higher', 'lower')}."
        ]
    years = [year for year in CATCHING_UP if year in study.years]
    if felt and years:
        on_time = study.difference(MORE, "inspections_on_time", years, base=PAUSE)
        old = study.difference(MORE, OLD, years, base=PAUSE)
        below = study.difference(MORE, "authority_days_below_judgement", years, base=PAUSE)
        sentences.append(
            f"Ten people more would have bought, over {years[0]} to {years[-1]}: a share of inspections on time "
            "that is "
            f"{more_or_less(on_time, 'share', 'higher', 'lower')}, a share of old judgements that is "
            f"{more_or_less(old, 'share', 'higher', 'lower')}, and "
            f"{more_or_less(below, '', 'more', 'fewer')} days a year on which authorities are below their judgement."
        )
    table = study.table(MEASURES)
    names = {WITHOUT: "Without the pause", PAUSE: "With the pause", MORE: "With ten people more"}
    title = f"Old judgements with the pause: at most {value(with_it[worst], 'share')} of all, at the end of {worst}"
    picture = charts.over_years(
        study, OLD, title, "Judgements older than 3.5 years at the year's end", names, counted, study.all_years
    )
    return Answer(sentences, [shown(table, "a year")], table, picture)


QUESTION = Question(base=WITHOUT, others=(PAUSE, MORE), answer=answer, measures=tuple(MEASURES))

if __name__ == "__main__":
    sys.exit(answer_script("pandemic_pause", QUESTION, __doc__))
