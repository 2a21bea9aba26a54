"""What makes inspections late, in a sentence and a table."""

from __future__ import annotations

from collections.abc import Sequence

from sim.analysis.lateness import PEOPLE, WAITED, Lateness
from sim.base.figures import LEAST_SAID, count, few
from sim.charts.lateness import NONE
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
CAPTION = "Inspections that start late, by what they mostly waited for (mean a run)"
ALMOST_ALL = 0.9
"""Share of late inspections that were due before the start from which the sentence tells of no other reason."""


def late_sentence(found: Lateness, drawn: bool) -> str:
    """How many inspections start late, and what they waited for.

    Those due before the start are told apart, since no more people would have made them start in time. Where people
    are the reason and weeks are drawn, it says that a better plan comes before more people.

    Parameters
    ----------
    found : Lateness
        Of the whole years.
    drawn : bool
        Whether weeks are drawn at random in all runs. Where some draw them, the answer advises to level them already.
    """
    first, last = found.years[0], found.years[-1]
    when = f"in {first}" if first == last else f"from {first} to {last}"
    total = found.all_years
    if not total:
        return f"No inspection starts late {when}."
    if total < NONE:
        return f"Almost no inspection starts late {when} ({few(total)} a run)."
    late, backlog = count(total), found.of_group("backlog")
    head = f"1 inspection a run starts late {when}" if late == "1" else f"{late} inspections a run start late {when}"
    head += f" ({few(total / len(found.years))} a year)" if len(found.years) > 1 else ""
    if backlog >= ALMOST_ALL * total:
        return f"{head}, almost all of them {WAITED['backlog'].removeprefix('were ')}."
    reasons = " and ".join(f"{_whole(found.of_group(group))} {WAITED[group]}" for group in found.told("backlog"))
    words = f"{head}: {reasons}."
    if backlog >= LEAST_SAID:
        words = f"{head}: {_whole(backlog)} {WAITED['backlog']}; of the others {reasons}."
    if drawn and found.of_group(*PEOPLE) >= max(1.0, (total - backlog) / 2):
        words += " Before hiring, see what planning.programme = levelled does."
    return words


def late_table(found: Lateness, whole_years: Sequence[str]) -> Table:
    """Inspections that start late in each year, by what they mostly waited for: means over runs."""
    rows = [
        (
            year if year in whole_years else f"{year}*",
            *(few(of_year[year]) for of_year in (found.late, *found.because.values())),
        )
        for year in found.years
    ]
    return Table(CAPTION, ("year", "late", *(HEADS[group] for group in found.because)), tuple(rows), file=SUMMARY)


def _whole(number: float) -> str:
    return count(number) if number >= 1 else few(number)
