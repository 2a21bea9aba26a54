"""Say what makes inspections late, in a sentence and a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.analysis.lateness import PEOPLE, WAITED, Lateness
from sim.base.figures import ENOUGH_RUNS, LEAST_SAID, few, listed, per_cent, share
from sim.charts.lateness import NONE
from sim.inputs.reasons import Group
from sim.runs.outcomes import QUANTILES
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
AS_SET = ", which more people would not change (planning.backlog_months sets the pace)"
"""What a reader needs to know of the backlog: how fast it is cleared is a setting."""
PULLED, APART = 0.1, 0.5
"""How far the mean of the runs must lie above their median before the sentence names the worst runs: as a share of the
median, and in inspections. A few such runs move the mean, and the median hides them."""
ALMOST_ALL = 0.9
"""Share of late inspections with one reason from which the sentence gives no other reason."""


def late_sentence(found: Lateness, of_runs: NDArray[np.float64], drawn: bool) -> str:
    """Say how many runs have at most the median of late inspections, the range, and what these waited for.

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
    """Say how many inspections start late in a run: the median, the range, and the worst if they move the mean."""
    runs, least, most = len(late), few(late.min()), few(late.max())
    if least == most:
        noun = "inspection starts" if most == "1" else "inspections start"
        return f"{most} {noun} late {when}{', in every run' if runs > 1 else ''}."
    if runs < ENOUGH_RUNS:
        return f"The {runs} runs have {least} to {most} late inspections {when}."
    low, _, high = np.quantile(late, QUANTILES).tolist()
    median = float(np.quantile(late, 0.5, method="inverted_cdf"))  # a number that a run has
    if few(low) == few(high):
        words = f"Eight runs in ten have {_late(high)} {when}."
    else:
        up_to = "at most " if median >= LEAST_SAID else ""
        half = f"{share((late <= median).mean())} of the runs have {up_to}{_late(median)}"
        words = f"{half} {when}, and eight runs in ten have {few(low)} to {few(high)}."
    if late.mean() - median > max(PULLED * median, APART):
        words += f" The worst runs have up to {most}, so the mean is {few(late.mean())}."
    return words


def _late(number: float) -> str:
    if number < LEAST_SAID:
        return "no late inspection"
    return f"{few(number)} late inspection{'' if few(number) == '1' else 's'}"


def _reasons(found: Lateness) -> str:
    """Give the most frequent reasons, each with its share of the late inspections of all runs."""
    part = {group: found.of_group(group) / found.all_years for group in found.because}
    told = [group for group in found.told("backlog") if group != "other"]
    for group in ("backlog", *told):
        if part[group] >= ALMOST_ALL:
            return f"Almost all late inspections {WAITED[group]}{AS_SET if group == 'backlog' else ''}."
    words = [f"{share(part[group])} {WAITED[group]}" for group in told]
    rest = 1 - part["backlog"] - sum(part[group] for group in told)
    if per_cent(rest):
        words.append(f"{share(rest)} had other reasons")
    if not per_cent(part["backlog"]):
        return f"Of the late inspections of all runs together, {listed(words)}."
    of_backlog = f"{share(part['backlog'])} {WAITED['backlog']}{AS_SET}"
    return f"Of the late inspections of all runs together, {of_backlog}. Another {listed(words)}."


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
