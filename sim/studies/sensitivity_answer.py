"""Write the answer of a sensitivity study: sentences and tables about the numbers of low confidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.sensitivity import DRAWN, NO_NUMBER, NO_RANGE, OUTSIDE, NotVaried
from sim.analysis.sensitivity_table import MOST_IN_NEED, Design, Outcome, all_effects, most_in_need, why_not_told
from sim.base.figures import EIGHT_IN_TEN, listed, percent, plain_words, share, value
from sim.runs.measures import unit_of
from sim.statistics.effects import share_of_chance
from sim.studies.answer import Note, Sentence, Table

if TYPE_CHECKING:
    import pandas as pd

CLOSE = 0.25
"""Share of random halves of the points from which an assumption that is not named counts as close behind."""
TOLD = 8
"""Assumptions that the text shows for each measure; the table has all of them."""
WORTH_SAYING = 0.01
"""Least share of the variance that a sentence names."""


def sentences(
    design: Design, table: pd.DataFrame, others: Sequence[NotVaried], steady: Mapping[str, float] | None = None
) -> Iterator[Sentence]:
    """Return the answer, the most important sentence first.

    ``steady`` comes from :func:`sim.analysis.sensitivity_table.steadiness`.
    """
    if design.left_out:
        yield Sentence(_left_out(design), "failure")
    names = most_in_need(table) if len(table) else []
    yield from (Sentence(text, "lead") for text in _in_need(design, table, names, steady))
    if names and steady is not None:
        yield from map(Sentence, _close_behind(design, names, steady))
    yield from (Sentence(_of_measure(design, outcome, table)) for outcome in design.outcomes)
    if others:
        yield Sentence(_not_varied(others))


def _left_out(design: Design) -> str:
    number = len(design.left_out)
    points = f"{number} point{'s' if number > 1 else ''}"
    verb = "are" if number > 1 else "is"
    return f"{points} of the design FAILED and {verb} left out (design.csv says which, and why)."


def _in_need(
    design: Design, table: pd.DataFrame, names: Sequence[str], steady: Mapping[str, float] | None
) -> Iterator[str]:
    if not len(table):
        yield "No measure can be analysed, so the study cannot rank the assumptions."
        return
    among = f"the {len(design.factors)} assumptions of low confidence that have a range"
    if not names:
        yield f"None of {among} has an effect larger than chance explains. More points may show one."
    elif len(names) < MOST_IN_NEED:
        count = ("one", "two")[len(names) - 1]
        has = "has an effect" if len(names) == 1 else "have effects"
        yield f"Of {among}, only {count} {has} larger than chance explains. More points may show others."
    else:
        yield f"The three assumptions that most need a better figure, of {among}:"
    for place, name in enumerate(names, start=1):
        yield f"{place}. {_with_shares(table[table['assumption'] == name])}.{_in_halves(name, steady)}"


def _in_halves(name: str, steady: Mapping[str, float] | None) -> str:
    return "" if steady is None else f" It is in the top three in {share(steady[name])} of random halves of the points."


def _close_behind(design: Design, names: Sequence[str], steady: Mapping[str, float]) -> Iterator[str]:
    """Name the assumptions that came close to being in the top three."""
    close = [
        f"{factor.name} ({share(steady[factor.keys[0]])} of the halves)"
        for factor in design.factors
        if factor.keys[0] not in names and steady[factor.keys[0]] >= CLOSE
    ]
    if close:
        yield f"Close behind: {listed(close)}. More points may separate them."


def _with_shares(rows: pd.DataFrame) -> str:
    """Describe an assumption: its value and range, and the share of each measure's variance that it accounts for."""
    first = rows.to_dict("records")[0]
    surely = rows[rows["beyond_chance"]].sort_values("share_of_variance", ascending=False, kind="stable")
    worth = surely[surely["share_of_variance"] >= WORTH_SAYING]
    first_of, *others = [
        (percent(row["share_of_variance"]), plain_words(row["measure"]))
        for row in (worth if len(worth) else surely.head(1)).to_dict("records")
    ]
    shares = [f"{first_of[0]} of the variance of {first_of[1]}", *(f"{each} of {measure}" for each, measure in others)]
    value_and_range = f"{first['scenario_value']:g} (plausible range {first['low']:g} to {first['high']:g})"
    return f"{first['name']}: {value_and_range}. It accounts for {listed(shares)}"


def _of_measure(design: Design, outcome: Outcome, table: pd.DataFrame) -> str:
    name, unit = plain_words(outcome.measure), unit_of(outcome.measure)
    why = why_not_told(design, outcome)
    if why is not None:
        return f"The study says nothing about {name}: {why}."
    told, rows = outcome.values[outcome.there], table[table["measure"] == outcome.measure]
    low, high = np.quantile(told, EIGHT_IN_TEN)
    runs = outcome.runs[outcome.there]
    found = all_effects(design, outcome)
    chance = share_of_chance(runs)
    of_chance = (
        ""
        if np.isnan(chance)
        else f", and chance between the {runs.shape[1]} runs of a point accounts for {percent(chance)}"
    )
    return (
        f"{name[0].upper()}{name[1:]}: {value(float(told.mean()), unit)} on average over {len(told)} points, and "
        f"{value(float(low), unit)} to {value(float(high), unit)} at eight points in ten. The unchanged scenario gives "
        f"{value(outcome.as_it_stands, unit)}. {int(rows['beyond_chance'].sum())} of {len(rows)} assumptions have an "
        f"effect larger than chance explains. Taken one at a time, all assumptions account for {share(found.share)} of "
        f"the variance{of_chance}. The rest comes from assumptions acting together, or from effects that no parabola "
        "fits."
    )


def _not_varied(others: Sequence[NotVaried]) -> str:
    """Say which values of low confidence were not varied, and why."""
    why = Counter(each.why for each in others)
    numbers = [each.key for each in others if each.why == NO_RANGE]
    outside = [each.key for each in others if each.why == OUTSIDE]
    of_teams = sum(".team." in key for key in numbers)
    of_frameworks = sum(key.startswith("frameworks.") for key in numbers) - of_teams
    elsewhere = [key for key in numbers if not key.startswith("frameworks.")]
    parts = [
        *([f"{of_teams} in the teams of visits, which set the inspector-days of a visit"] if of_teams else []),
        *([f"{of_frameworks} others in the frameworks"] if of_frameworks else []),
        *elsewhere,
    ]
    said = [
        *([f"{len(numbers)} numbers that have no range ({', '.join(parts)})"] if numbers else []),
        *(
            [f"{listed(outside)}, whose range holds no other number, or does not hold the value itself"]
            if outside
            else []
        ),
        *([f"{why[DRAWN]} numbers that the parameter draws already vary from run to run"] if why[DRAWN] else []),
        *([f"{why[NO_NUMBER]} words, dates and lists"] if why[NO_NUMBER] else []),
    ]
    return (
        f"NOT varied, though of low confidence: {'; '.join(said)}. The study does not say what these do to the answer."
    )


def tables(table: pd.DataFrame) -> Iterator[Table]:
    """Return a table for each measure of the assumptions with the largest effects."""
    head = ("partial rank correlation", "note", "share of variance", "low", "high", "assumption")
    for measure, rows in table.groupby("measure", sort=False):
        unit = unit_of(str(measure))
        most = rows.sort_values("share_of_variance", ascending=False, kind="stable").head(TOLD)
        cells = tuple(
            (
                f"{row['partial_rank_correlation']:+.2f} ({row['partial_low']:+.2f} to {row['partial_high']:+.2f})",
                "" if row["beyond_chance"] else "may be chance",
                percent(row["share_of_variance"]),
                value(row["at_low_point"], unit),
                value(row["at_high_point"], unit),
                f"{row['name']}: {row['low']:g} to {row['high']:g}",
            )
            for row in most.to_dict("records")
        )
        yield Table(plain_words(str(measure)), head, cells, words=0, ends_in_words=True, file="rank_correlations.csv")


def how(points: int, runs: int, years: str, seed: int) -> Note:
    """Explain how the figures were made."""
    of_each = "one run" if runs == 1 else f"{runs} runs"
    return Note(
        f"The design is a Latin hypercube of {points} points over the ranges; every value in a range is equally "
        f"likely. Each point has {of_each}, with the same random numbers at every point. Figures are means over "
        f"{years}, seed {seed}. The partial rank correlation removes the effect of the ranks of all other assumptions; "
        "the brackets hold its 95% interval (Fisher's z, each on its own). An effect is larger than chance explains if "
        "Holm's procedure over all assumptions and measures says so; at most one study in twenty wrongly reports "
        "an effect. Variance is that between points. The assumptions named first account for the most of it, on "
        "average over the measures. Low and high are the expected values with the assumption at the 10% and the 90% "
        "point of its range, and the others anywhere in theirs, fitted with a parabola in each. The study does not "
        "show what an assumption does only together with others. A range is itself an assumption: a wider range would "
        "account for more."
    )
