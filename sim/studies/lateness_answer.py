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
AS_SET = ", whatever the number of people (planning.backlog_months)"
"""What a reader needs to know of the backlog: how fast it is cleared is a setting."""
ROUGH, NARROW = 0.1, 0.5
"""Half-widths of the interval of the mean above which the sentence gives it: a share of the mean, and inspections."""
ALMOST_ALL = 0.9
"""Share of late inspections that wait for their turn in the backlog from which the sentence gives no other reason."""


def late_sentence(found: Lateness, of_runs: Summary, drawn: bool) -> str:
    """Say how many inspections start late, with the range of the runs, and what they mostly waited for.

    If the mean is rough, its interval follows. The sentence separates those that waited for their turn in the backlog,
    because more people could not have started them in time. Where people are the reason and weeks are drawn at random,
    it says that a better plan comes before more people.

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
    noun, verb = ("inspection", "starts") if late == "1" else ("inspections", "start")
    a_year = f", or {mean_in_words(total / len(found.years))} a year," if len(found.years) > 1 else ""
    head = f"On average {late} {noun} ({few(of_runs.p10)} to {few(of_runs.p90)}){a_year} {verb} late {when}"
    whose = "Of these"
    if (of_runs.ci_high - of_runs.ci_low) / 2 > max(ROUGH * of_runs.mean, NARROW):
        ends = f"{mean_in_words(max(of_runs.ci_low, 0.0))} to {mean_in_words(of_runs.ci_high)}"
        head += f". This mean is rough: its 95% interval is {ends}, and more runs narrow it"
        whose = f"Of the {late}"
    if backlog >= ALMOST_ALL * total or _tenths(backlog) >= _tenths(total):
        return f"{head}. Almost all {WAITED['backlog']}{AS_SET}."
    words = f"{head}. {whose}, {_reasons(found, total - backlog)}."
    if backlog >= LEAST_SAID:
        others = mean_in_words(_tenths(total) - _tenths(backlog))
        words = f"{head}. {whose}, {mean_in_words(backlog)} {WAITED['backlog']}{AS_SET}. Of the other {others}, "
        words += f"{_reasons(found, _tenths(total) - _tenths(backlog))}."
    if drawn and found.of_group(*PEOPLE) >= max(1.0, (total - backlog) / 2):
        words += " Before you recruit, see what planning.programme = levelled does."
    return words


def _reasons(found: Lateness, others: float) -> str:
    """Name the most frequent reasons of those that were not in the backlog; all others of them had other reasons."""
    told = [group for group in found.told("backlog") if group != "other"]
    rest = _tenths(others) - sum(_tenths(found.of_group(group)) for group in told)
    words = [f"{mean_in_words(found.of_group(group))} {WAITED[group]}" for group in told]
    return listed([*words, f"{mean_in_words(rest)} had other reasons"] if rest >= LEAST_SAID else words)


def _tenths(number: float) -> float:
    return round(number, 1)


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
