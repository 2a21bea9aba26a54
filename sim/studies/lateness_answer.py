"""Say what makes inspections late, in a sentence and a table."""

from __future__ import annotations

from collections.abc import Sequence

from sim.analysis.lateness import PEOPLE, WAITED, Lateness
from sim.base.figures import LEAST_SAID, few, listed
from sim.charts.lateness import NONE, mean_in_words
from sim.inputs.reasons import Group
from sim.runs.results import SUMMARY
from sim.statistics.intervals import Summary
from sim.studies.answer import Table

HEADS: dict[Group, str] = {
    "backlog": "backlog",
    "pause": "pause",
    "limit": "limit on site",
    "lead_time": "lead: no time",
    "lead_week": "lead: not free",
    "team": "rest of team",
    "other": "other",
}
"""Heads of the columns of the table."""
CAPTION = "Inspections that start late, by what they mostly waited for (mean per run)"
ALMOST_ALL = 0.9
"""Share of late inspections due before the start from which the sentence gives no other reason."""


def late_sentence(found: Lateness, of_runs: Summary, drawn: bool) -> str:
    """Say how many inspections start late, with the range of the runs, and what they waited for.

    The sentence separates those due before the start, because more people could not have started them in time. Where
    people are the reason and weeks are drawn at random, it says that a better plan comes before more people.

    Parameters
    ----------
    found : Lateness
        Late inspections of the whole years.
    of_runs : Summary
        Their number in all these years together, over the runs.
    drawn : bool
        Whether all runs draw weeks at random. Where only some runs do, the answer already advises levelled weeks.
    """
    first, last = found.years[0], found.years[-1]
    when = f"in {first}" if first == last else f"from {first} to {last}"
    total = found.all_years
    if not total:
        return f"No inspection starts late {when}."
    if total < NONE:
        return f"Almost no inspection starts late {when} ({few(total)} a run)."
    late, backlog = mean_in_words(total), found.of_group("backlog")
    spread, one = f"({few(of_runs.p10)} to {few(of_runs.p90)})", late == "1"
    head = f"{late} inspection{'' if one else 's'} {spread} start{'s' if one else ''} late {when}"
    head += (
        f" in an average run ({mean_in_words(total / len(found.years))} a year)"
        if len(found.years) > 1
        else (" in an average run")
    )
    if backlog >= ALMOST_ALL * total:
        return f"{head}. Almost all of them {WAITED['backlog']}."
    told = found.told("backlog")
    reasons = [f"{mean_in_words(found.of_group(group))} {WAITED[group]}" for group in told]
    rest = total - backlog - found.of_group(*told)
    said = listed([*reasons, *([f"{mean_in_words(rest)} had other reasons"] if rest >= LEAST_SAID else [])])
    words = f"{head}. Of these, {said}."
    if backlog >= LEAST_SAID:
        due = f"{mean_in_words(backlog)} {WAITED['backlog']}, but not yet past their latest date"
        words = f"{head}. Of these, {due}. Of the other {mean_in_words(total - backlog)}, {said}."
    if drawn and found.of_group(*PEOPLE) >= max(1.0, (total - backlog) / 2):
        words += " Before you recruit, see what planning.programme = levelled does."
    return words


def late_table(found: Lateness, whole_years: Sequence[str]) -> Table:
    """Return a table of the inspections that start late in each year, by what they mostly waited for."""
    rows = [
        (
            year if year in whole_years else f"{year}*",
            *(few(of_year[year]) for of_year in (found.late, *found.because.values())),
        )
        for year in found.years
    ]
    return Table(CAPTION, ("year", "late", *(HEADS[group] for group in found.because)), tuple(rows), file=SUMMARY)
