"""What a hypercube over the weakly founded numbers says, in sentences and in tables."""

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
"""Share of the random halves from which an assumption that is not named is said to come close."""
TOLD = 8
"""Assumptions of which the text tells the figures, for each measure; the table has all."""
WORTH_SAYING = 0.01
"""Least share of the variance that a sentence names."""


def sentences(
    design: Design, table: pd.DataFrame, others: Sequence[NotVaried], steady: Mapping[str, float] | None = None
) -> Iterator[Sentence]:
    """The answer, the most important first; ``steady`` is of :func:`sim.analysis.sensitivity_table.steadiness`."""
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
    return f"{points} of the hypercube FAILED and {verb} left out (design.csv says which, and why)."


def _in_need(
    design: Design, table: pd.DataFrame, names: Sequence[str], steady: Mapping[str, float] | None
) -> Iterator[str]:
    if not len(table):
        yield "There is nothing to tell the assumptions apart by."
        return
    among = f"the {len(design.factors)} assumptions of low confidence that have a range"
    if not names:
        yield f"None of {among} can be told from chance; more points tell more."
    elif len(names) < MOST_IN_NEED:
        count = ("one", "two")[len(names) - 1]
        yield f"Of {among}, only {count} can be told from chance; more points tell more."
    else:
        yield f"The three assumptions that most need a better figure, of {among}:"
    for place, name in enumerate(names, start=1):
        yield f"{place}. {_with_shares(table[table['assumption'] == name])}.{_in_halves(name, steady)}"


def _in_halves(name: str, steady: Mapping[str, float] | None) -> str:
    return "" if steady is None else f" It is among the three in {share(steady[name])} of random halves of the points."


def _close_behind(design: Design, names: Sequence[str], steady: Mapping[str, float]) -> Iterator[str]:
    """Assumptions that are not named and might well have been."""
    close = [
        f"{factor.name} ({share(steady[factor.keys[0]])} of the halves)"
        for factor in design.factors
        if factor.keys[0] not in names and steady[factor.keys[0]] >= CLOSE
    ]
    if close:
        yield f"Close behind: {listed(close)}. More points tell them apart."


def _with_shares(rows: pd.DataFrame) -> str:
    """An assumption with its range, and the share of the variance of each measure for which it accounts."""
    first = rows.to_dict("records")[0]
    surely = rows[rows["beyond_chance"]].sort_values("share_of_variance", ascending=False, kind="stable")
    worth = surely[surely["share_of_variance"] >= WORTH_SAYING]
    first_of, *others = [
        (percent(row["share_of_variance"]), plain_words(row["measure"]))
        for row in (worth if len(worth) else surely.head(1)).to_dict("records")
    ]
    shares = [f"{first_of[0]} of the variance of {first_of[1]}", *(f"{each} of {measure}" for each, measure in others)]
    taken = f"taken as {first['scenario_value']:g} ({first['low']:g} to {first['high']:g})"
    return f"{first['name']}, {taken}, accounts for {listed(shares)}"


def _of_measure(design: Design, outcome: Outcome, table: pd.DataFrame) -> str:
    name, unit = plain_words(outcome.measure), unit_of(outcome.measure)
    why = why_not_told(design, outcome)
    if why is not None:
        return f"Of {name} nothing can be told: {why}."
    told, rows = outcome.values[outcome.there], table[table["measure"] == outcome.measure]
    low, high = np.quantile(told, EIGHT_IN_TEN)
    runs = outcome.runs[outcome.there]
    found = all_effects(design, outcome)
    chance = share_of_chance(runs)
    of_chance = (
        "" if np.isnan(chance) else f" and the chance of the {runs.shape[1]} runs of a point for {percent(chance)}"
    )
    return (
        f"{name[0].upper()}{name[1:]}: {value(float(told.mean()), unit)} on average over {len(told)} points, "
        f"{value(float(low), unit)} to {value(float(high), unit)} at eight in ten of them; "
        f"{value(outcome.as_it_stands, unit)} with the scenario as it stands. "
        f"{int(rows['beyond_chance'].sum())} of {len(rows)} assumptions are beyond chance. Each by itself, all of them "
        f"account for {share(found.share)} of its variance{of_chance}; the rest is what they do together, or what no "
        "parabola follows."
    )


def _not_varied(others: Sequence[NotVaried]) -> str:
    """What of low confidence was not varied, and why."""
    why = Counter(each.why for each in others)
    numbers = [each.key for each in others if each.why == NO_RANGE]
    outside = [each.key for each in others if each.why == OUTSIDE]
    of_teams = sum(".team." in key for key in numbers)
    of_frameworks = sum(key.startswith("frameworks.") for key in numbers) - of_teams
    elsewhere = [key for key in numbers if not key.startswith("frameworks.")]
    parts = [
        *([f"{of_teams} of the teams of visits, which make the inspector-days of a visit"] if of_teams else []),
        *([f"{of_frameworks} others of the frameworks"] if of_frameworks else []),
        *elsewhere,
    ]
    said = [
        *([f"{len(numbers)} numbers, since no range is given with them ({', '.join(parts)})"] if numbers else []),
        *([f"{listed(outside)}, since no other number lies in its range, or it does not"] if outside else []),
        *([f"{why[DRAWN]} numbers that the table of draws varies from run to run"] if why[DRAWN] else []),
        *([f"{why[NO_NUMBER]} words, dates and lists"] if why[NO_NUMBER] else []),
    ]
    return f"NOT varied, though of low confidence: {'; '.join(said)}. What they do to the answer is not told here."


def tables(table: pd.DataFrame) -> Iterator[Table]:
    """For each measure, the assumptions that do most."""
    head = ("partial rank correlation", "note", "of variance", "low", "high", "assumption")
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
    """How the figures were made."""
    of_each = "one run of each point" if runs == 1 else f"{runs} runs of each point"
    return Note(
        f"A Latin hypercube of {points} points over the ranges, every value of a range as likely as any other; "
        f"{of_each}, with the same random numbers at every point; figures are means over {years}; seed {seed}. The "
        "partial rank correlation takes away the ranks of all other assumptions from both sides; in brackets its 95% "
        "interval by Fisher's z, of each alone. Beyond chance: Holm's procedure over all assumptions and measures, "
        "wrong in one of them or more in at most one study of twenty. Variance is that between points; the first "
        "named account for the most of it, mean over the measures. Low and high: what is expected where the assumption "
        "is at the 10% and at the 90% point of its range, the others anywhere in theirs, by a parabola in each. "
        "What an assumption does only together with others is not told, and a range is itself an assumption: a "
        "wider one would account for more."
    )
