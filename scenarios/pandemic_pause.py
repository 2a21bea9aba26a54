"""What did the pause of the pandemic do, how long does catching up take, and what would more people have changed?

Question
    Routine inspection paused from March 2020 to September 2021. In that time there were visits by video, and a third of
    the people did other work. How old did judgements get? When are they as recent again as they would have been without
    the pause? And what would ten more people for three years have changed?

Method
    We compare three scenarios on common random numbers: the launch without the pandemic, with it, and with ten more
    people from the spring of 2021. All have the real reorganisations of authorities. The chart also shows the published
    share of old judgements; the model was not fitted to it.

What the answer leaves out
    The inspectorate resumed inspection more slowly than the model does, at about four a month in the first winter. The
    model begins late inspections as soon as it finds a team. Visits by video may see less than other visits; here they
    see as much. The pandemic may have changed the quality of services themselves.
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
"""Difference in the share of old judgements below which the effect of the pause counts as over."""
CATCHING_UP = ("2021-22", "2022-23", "2023-24")


def published() -> dict[str, float]:
    """Return the published share of judgements older than 3.5 years at the end of each year from 2017-18 on."""
    rows = csv.DictReader(shipped_table("judgement_mix_2014_2022.csv").splitlines())
    years = {f"{int(row['as_at'][:4]) - 1}-{row['as_at'][2:4]}": row["share_older_than_3_5_years"] for row in rows}
    return {year: float(share) for year, share in years.items() if year >= "2017-18"}


def answer(study: Study) -> Answer:
    """Say how far the share of old judgements rose, when it recovered, and what more people would have changed."""
    with_it, without = (study.by_year(name, OLD, study.all_years)["mean"] for name in (PAUSE, WITHOUT))
    worst, counted = str(with_it.idxmax()), published()
    after = [year for year in with_it.index if year > worst and with_it[year] - without[year] < CAUGHT_UP]
    beside = f" (published: {value(counted[worst], 'share')})" if worst in counted else ""
    back = f"It is within two percentage points of that again by the end of {after[0]}" if after else (
        "It has not recovered by the end of the run"
    )  # fmt: skip
    late = study.difference(PAUSE, "inspections_on_time")
    felt = with_it[worst] - without[worst] >= CAUGHT_UP
    sentences = ["The runs end before the pause makes judgements older than they would have been. Run more years."]
    if felt:
        sentences = [
            f"With the pause, the share of judgements older than 3.5 years rises to {value(with_it[worst], 'share')} "
            f"at the end of {worst}{beside}. Without the pause it would be {value(without[worst], 'share')}. {back}. "
            "On average over the years, the share of inspections on time is "
            f"{more_or_less(late, 'share', 'higher', 'lower')} with the pause."
        ]
    years = [year for year in CATCHING_UP if year in study.years]
    if felt and years:
        on_time = study.difference(MORE, "inspections_on_time", years, base=PAUSE)
        old = study.difference(MORE, OLD, years, base=PAUSE)
        below = study.difference(MORE, "authority_days_below_judgement", years, base=PAUSE)
        sentences.append(
            f"With ten more people, from {years[0]} to {years[-1]}, the share of inspections on time would be "
            f"{more_or_less(on_time, 'share', 'higher', 'lower')}, and the share of old judgements "
            f"{more_or_less(old, 'share', 'higher', 'lower')}. Authorities would spend "
            f"{more_or_less(below, '', 'more', 'fewer')} days a year below their judgement."
        )
    table = study.table(MEASURES)
    names = {WITHOUT: "Without the pause", PAUSE: "With the pause", MORE: "With ten more people"}
    title = f"With the pause, old judgements reach {value(with_it[worst], 'share')} of all at the end of {worst}"
    picture = charts.over_years(
        study, OLD, title, "Judgements older than 3.5 years at the year's end", names, counted, study.all_years
    )
    return Answer(sentences, [shown(table, "yearly mean")], table, picture)


QUESTION = Question(base=WITHOUT, others=(PAUSE, MORE), answer=answer, measures=tuple(MEASURES))

if __name__ == "__main__":
    sys.exit(answer_script("pandemic_pause", QUESTION, __doc__))
