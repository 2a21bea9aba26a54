"""What a comparison says, in words and tables: each difference with its interval, and what the pairing saved."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING, Any

from sim.analysis.comparison import Comparison
from sim.analysis.lateness import WAITED, WORTH_TELLING, Lateness
from sim.base.figures import LEAST_SAID, count, few, listed, plain_words, signed
from sim.inputs.assumptions import entries, values_that_differ
from sim.runs.measures import whole_years
from sim.runs.precision import LEAST_GROUPS
from sim.statistics.intervals import CONFIDENCE
from sim.studies.answer import Answer, Block, Note, Sentence, Table

if TYPE_CHECKING:
    import pandas as pd

TABLE = "comparison.csv"
"""File of a comparison's folder that has all differences."""
CHANGES_SHOWN = 8
MAY_BE_CHANCE = "~"
"""Mark of a difference that Holm's procedure does not call beyond chance."""
Row = Mapping[Hashable, Any]


def text(comparison: Comparison) -> str:
    """What a comparison says, as a terminal shows it."""
    return answer_of(comparison).text()


def answer_of(comparison: Comparison) -> Answer:
    """What a comparison says, as data."""
    base = comparison.base
    scenarios = f"{len(comparison.others)} scenario{'' if len(comparison.others) == 1 else 's'}"
    pairs = f"{base.replications:,} pairs of runs on common random numbers, seed {base.seed}"
    blocks: list[Block] = [*failed_pairs(comparison), Sentence(f"{scenarios} against {base.name}: {pairs}.")]
    for other in comparison.others:
        rows = comparison.table.query("scenario == @other.name and shown")
        draws = base.replications // max(each.runs_sharing_a_draw for each in (base, other))
        whole = [year for year in whole_years(other) if year in whole_years(base)]
        between = f"{other.name} against {base.name}"
        blocks += [
            Sentence(f"{between}: {_changes(comparison, other.name)}."),
            Sentence(f"{between}, in short: {_in_short(rows)}.", "lead"),
            *_late(comparison, other.name, whole),
            _differences(between, rows, whole),
            _pairing(between, rows, draws),
        ]
    return Answer("comparison", (*blocks, Note(_footnote(comparison))))


def failed_pairs(comparison: Comparison) -> Iterator[Sentence]:
    """What is said of runs that raised."""
    for name, results in comparison.results.items():
        if results.failures:
            words = f"{len(results.failures)} replications of {name} FAILED, and their pairs are left out."
            yield Sentence(f"{words} The manifest.json of its folder has the tracebacks.", "failure")


def _changes(comparison: Comparison, name: str) -> str:
    """What was changed: keys with what they mean, and both values."""
    (other,) = (each for each in comparison.others if each.name == name)
    meanings = {entry.key: entry.meaning for each in (comparison.base, other) for entry in entries(each)}
    found = values_that_differ(other, comparison.base)
    lines = [f"{each}" + (f" ({meanings[each.key]})" if meanings.get(each.key) else "") for each in found]
    more = [f"and {len(lines) - CHANGES_SHOWN} more"] if len(lines) > CHANGES_SHOWN else []
    return "; ".join([*lines[:CHANGES_SHOWN], *more]) or "the same in every value"


def _late(comparison: Comparison, name: str, years: Sequence[str]) -> Iterator[Sentence]:
    """Why inspections on time move: how many start late in a year, and what more or fewer of them waited for."""
    here, there = (Lateness.of(comparison.results[each].summary, years) for each in (name, comparison.base.name))
    if here is None or there is None:
        return
    moved = {group: (here.of_group(group) - there.of_group(group)) / len(years) for group in here.because}
    largest = max(map(abs, moved.values()))
    told = [
        f"{'+' if change > 0 else '-'}{few(abs(change))} that {WAITED[group]}"
        for group, change in sorted(moved.items(), key=lambda each: -abs(each[1]))
        if abs(change) >= max(LEAST_SAID, WORTH_TELLING * largest)
    ]
    both = f"{name} {few(here.all_years / len(years))}, {comparison.base.name} {few(there.all_years / len(years))}"
    why = f" What moves: {listed(told)}." if told else " Nothing of what they wait for moves."
    yield Sentence(f"Inspections that start late, a year (means, chance not taken out): {both}.{why}", "lead")


def _beyond_chance(row: Row) -> bool:
    return bool(row["p_holm"] <= 1 - CONFIDENCE)


def _in_short(rows: pd.DataFrame) -> str:
    records = rows.dropna(subset="p_holm").to_dict("records")
    beyond = [row for row in records if _beyond_chance(row)]
    if not beyond:
        return f"none of the {len(records)} differences below is beyond chance" if records else "nothing was measured"
    largest = "; ".join(
        f"{plain_words(row['measure'])} {_cell(row)}{_points(row)} in {row['financial_year']}"
        for row in _largest(beyond)
    )
    return (
        f"{len(beyond)} of the {len(records)} differences below are beyond chance. The largest of each measure: "
        f"{largest}"
    )


def _largest(beyond: Sequence[Row]) -> list[Row]:
    """The largest difference of each measure."""
    largest: dict[str, Row] = {}
    for row in beyond:
        held = largest.get(row["measure"])
        if held is None or abs(row["difference"]) > abs(held["difference"]):
            largest[row["measure"]] = row
    return list(largest.values())


def _points(row: Row) -> str:
    return " percentage points" if row["unit"] == "share" else f" {row['unit']}"


def _cell(row: Row) -> str:
    if isnan(row["difference"]):
        return "-"
    difference = signed(row["difference"], row["unit"])
    if isnan(row["holm_low"]):
        return f"{difference}{MAY_BE_CHANCE}"
    low, high = (signed(row[column], row["unit"]) for column in ("holm_low", "holm_high"))
    return f"{difference} ({low} to {high}){'' if _beyond_chance(row) else MAY_BE_CHANCE}"


def _differences(between: str, rows: pd.DataFrame, whole_years: Sequence[str]) -> Table:
    """Differences by year; parts of a year are marked."""
    measures, years = (list(dict.fromkeys(rows[column])) for column in ("measure", "financial_year"))
    cells = {(row["measure"], row["financial_year"]): row for row in rows.to_dict("records")}
    units = [str(cells[name, years[0]]["unit"]) for name in measures]
    lines = tuple(
        (year if year in whole_years else f"{year}*", *(_cell(cells[name, year]) for name in measures))
        for year in years
    )
    return Table(
        f"Differences, {between}", ("year", *(plain_words(str(name)) for name in measures)), lines, file=TABLE,
        units=("", *("percentage points" if unit == "share" else unit for unit in units)),
    )  # fmt: skip


def _pairing(between: str, rows: pd.DataFrame, draws: int) -> Block:
    """Correlation achieved, and what it saved; nothing of so few draws that chance makes it up."""
    if draws < LEAST_GROUPS:
        enough = LEAST_GROUPS * int(rows["pairs"].max()) // max(draws, 1)
        return Sentence(
            f"{draws} independent pairs are too few to say what the pairing saved, or much else: run {LEAST_GROUPS} or "
            f"more, so {enough} replications."
        )
    lines = []
    for measure, group in rows.groupby("measure", sort=False):
        correlation = group["correlation"].dropna()
        pairs, independent = int(group["pairs"].min()), group["independent_replications"].median()
        if not len(correlation) or isnan(independent):
            lines.append((plain_words(str(measure)), "-", str(pairs), "-", "-"))
            continue
        range_of = f"{correlation.min():.2f} to {correlation.max():.2f}"
        lines.append((plain_words(str(measure)), range_of, str(pairs), count(independent), count(independent - pairs)))
    head = ("measure", "correlation", "pairs", "independent replications", "saved")
    return Table(f"What the pairing was worth, {between}", head, tuple(lines), file=TABLE)


def _footnote(comparison: Comparison) -> str:
    statements = int(comparison.table["p_holm"].notna().sum())
    return (
        f"* part of a year. Differences are means over the pairs, with 95% intervals. {MAY_BE_CHANCE} marks those that "
        f"may be chance: their intervals hold 0. The intervals allow for all {statements} differences together (Holm's "
        "procedure): in nineteen studies of twenty, no difference that is chance goes without the mark. For one "
        f"difference alone the interval is narrower; {TABLE} has it (ci_low, ci_high). Pairing: the least and the "
        "largest correlation over the years, and how many independent replications would have given intervals as "
        "narrow (median over years), less the pairs run."
    )
