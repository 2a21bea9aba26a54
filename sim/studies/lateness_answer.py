"""Say what makes inspections late, in a sentence and a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.analysis.lateness import PEOPLE, WAITED, Lateness
from sim.base.figures import EIGHT_IN_TEN, ENOUGH_RUNS, LEAST_SAID, few, listed, per_cent
from sim.charts.lateness import NONE, mean_in_words
from sim.inputs.reasons import Group
from sim.runs.results import SUMMARY
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
AS_SET = ", whatever the number of people (planning.backlog_months)"
"""What a reader needs to know of the backlog: how fast it is cleared is a setting."""
PULLED, APART = 0.1, 0.5
"""How far the mean of the runs must lie above the middle run before the sentence names the worst run: as a share of
the middle run, and in inspections. A few such runs move the mean, and the middle run hides them."""
ALMOST_ALL = 0.9
"""Share of late inspections with one reason from which the sentence gives no other reason."""


def late_sentence(found: Lateness, of_runs: NDArray[np.float64], drawn: bool) -> str:
    """Say how many inspections start late in the middle run, with the range of the runs, and what they waited for.

    The sentence separates those that waited for their turn in the backlog, because more people could not have started
    them in time. Where people are the reason and weeks are drawn at random, it says that a better plan comes before
    more people.

    Parameters
    ----------
    found : Lateness
        Late inspections of the whole years.
    of_runs : ndarray, shape (runs,)
        Their number in all these years together, in each run.
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
    words = f"{_of_runs(of_runs, when)} {_reasons(found)}"
    if drawn and found.of_group(*PEOPLE) >= max(1.0, (total - found.of_group("backlog")) / 2):
        words += " Before you recruit, see what planning.programme = levelled does."
    return words


def _of_runs(late: NDArray[np.float64], when: str) -> str:
    """Say how many inspections start late in a run: the middle one, the range, and the worst if it moves the mean."""
    runs, least, most = len(late), few(late.min()), few(late.max())
    if least == most:
        noun = "inspection starts" if most == "1" else "inspections start"
        return f"{most} {noun} late {when}{', in every run' if runs > 1 else ''}."
    if runs < ENOUGH_RUNS:
        return f"The {runs} runs have {least} to {most} late inspections {when}."
    low, middle, high = np.quantile(late, (EIGHT_IN_TEN[0], 0.5, EIGHT_IN_TEN[1])).tolist()
    none = "no late inspection"
    if few(low) == few(high):
        words = f"Eight runs in ten have {none if high < LEAST_SAID else f'{few(high)} late inspections'} {when}."
    else:
        half = f"At least half of the runs have {none}"
        if middle >= LEAST_SAID:
            half = f"Half of the runs have {few(middle)} late inspections or fewer"
        words = f"{half} {when}, and eight in ten have {few(low)} to {few(high)}."
    if late.mean() - middle > max(PULLED * middle, APART):
        words += f" The worst run has {most}, which lifts the mean to {mean_in_words(late.mean())}."
    return words


def _reasons(found: Lateness) -> str:
    """Give the most frequent reasons, each with its share of all late inspections."""
    total, backlog = found.all_years, found.of_group("backlog")
    first = found.ordered()[0]
    if found.of_group(first) >= ALMOST_ALL * total:
        return f"Almost all {WAITED[first]}{AS_SET if first == 'backlog' else ''}."
    told = [(group, per_cent(found.of_group(group) / total)) for group in found.told("backlog") if group != "other"]
    words = [f"{part}% {WAITED[group]}" for group, part in told]
    of_backlog = per_cent(backlog / total)
    rest = 100 - of_backlog - sum(part for _, part in told)
    others = listed([*words, f"{rest}% had other reasons"] if rest > 0 else words)
    if not of_backlog:
        return f"Of all late inspections, {others}."
    return f"Of all late inspections, {of_backlog}% {WAITED['backlog']}{AS_SET}. Another {others}."


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
