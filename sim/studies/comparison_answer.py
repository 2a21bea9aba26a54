"""Write the answer of a comparison: each difference with its interval, and what pairing the runs saved."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from math import isclose, isnan
from typing import TYPE_CHECKING, Any

from sim.analysis.comparison import Comparison
from sim.analysis.lateness import WAITED, WORTH_TELLING, Lateness
from sim.base.figures import LEAST_SAID, count, few, listed, plain_words, signed, span
from sim.inputs.assumptions import entries, values_that_differ
from sim.runs.measures import whole_years
from sim.runs.precision import LEAST_GROUPS
from sim.statistics.intervals import CONFIDENCE, ROUNDING
from sim.studies.answer import Answer, Block, Note, Sentence, Table

if TYPE_CHECKING:
    import pandas as pd

TABLE = "comparison.csv"
"""File of a comparison's folder that holds all differences."""
CHANGES_SHOWN = 8
MAY_BE_CHANCE = "~"
"""Mark of a difference that may be chance by Holm's procedure."""
Row = Mapping[Hashable, Any]


def text(comparison: Comparison) -> str:
    """Return the answer of a comparison as a terminal shows it."""
    return answer_of(comparison).text()


def answer_of(comparison: Comparison) -> Answer:
    """Return the answer of a comparison as data."""
    base = comparison.base
    scenarios = f"{len(comparison.others)} scenario{'' if len(comparison.others) == 1 else 's'}"
    pairs = f"{base.replications:,} pairs of runs on common random numbers, seed {base.seed}"
    blocks: list[Block] = [*failed_pairs(comparison), Sentence(f"{scenarios} compared with {base.name}: {pairs}.")]
    for other in comparison.others:
        rows = comparison.table.query("scenario == @other.name and shown")
        draws = base.replications // max(each.runs_sharing_a_draw for each in (base, other))
        whole = [year for year in whole_years(other) if year in whole_years(base)]
        between = f"{other.name} compared with {base.name}"
        blocks += [
            Sentence(f"{other.name} changes: {_changes(comparison, other.name)}."),
            Sentence(f"{between}: {_in_short(rows, draws)}.", "lead"),
            *_late(comparison, other.name, whole),
            _differences(between, rows, whole, draws),
            _pairing(between, rows, draws),
        ]
    return Answer("comparison", (*blocks, Note(_footnote(comparison))))


def failed_pairs(comparison: Comparison) -> Iterator[Sentence]:
    """Report the runs that failed."""
    for name, results in comparison.results.items():
        if results.failures:
            words = f"{len(results.failures)} replications of {name} FAILED, and the figures leave out their pairs."
            yield Sentence(f"{words} manifest.json in the folder {name} has the tracebacks.", "failure")


def _changes(comparison: Comparison, name: str) -> str:
    """List what a scenario changes: each key with its meaning and both values."""
    (other,) = (each for each in comparison.others if each.name == name)
    meanings = {entry.key: entry.meaning for each in (comparison.base, other) for entry in entries(each)}
    found = values_that_differ(other, comparison.base)
    lines = [f"{each}" + (f" ({meanings[each.key]})" if meanings.get(each.key) else "") for each in found]
    more = [f"and {len(lines) - CHANGES_SHOWN} more"] if len(lines) > CHANGES_SHOWN else []
    return "; ".join([*lines[:CHANGES_SHOWN], *more]) or "nothing, every value is the same"


def _late(comparison: Comparison, name: str, years: Sequence[str]) -> Iterator[Sentence]:
    """Say how many inspections start late in a year, and which reasons for waiting changed."""
    here, there = (Lateness.of(comparison.results[each].summary, years) for each in (name, comparison.base.name))
    if here is None or there is None:
        return
    moved = {group: (here.of_group(group) - there.of_group(group)) / len(years) for group in here.because}
    largest = max(map(abs, moved.values()))
    told = [
        f"{few(abs(change))} {'more' if change > 0 else 'fewer'} {WAITED[group]}"
        for group, change in sorted(moved.items(), key=lambda each: -abs(each[1]))
        if abs(change) >= max(LEAST_SAID, WORTH_TELLING * largest)
    ]
    both = f"{name} {few(here.all_years / len(years))}, {comparison.base.name} {few(there.all_years / len(years))}"
    why = f" The change: {listed(told)}." if told else " The reasons for waiting hardly change."
    when = f"Late inspections a year, {span(years)} (means, not tested against chance)"
    yield Sentence(f"{when}: {both}.{why}", "lead")


def _beyond_chance(row: Row) -> bool:
    return bool(row["p_holm"] <= 1 - CONFIDENCE)


def _in_short(rows: pd.DataFrame, draws: int) -> str:
    """Say how many differences are larger than chance explains, and name the largest for each measure."""
    records = rows.dropna(subset="p_holm").to_dict("records")
    beyond = [row for row in records if _beyond_chance(row)]
    if not beyond:
        if not records:
            return "there was nothing to measure"
        none = f"none of the {len(records)} differences below is larger than chance explains"
        return none if draws >= LEAST_GROUPS else f"{none}, but {_pairs_are(draws)} too few to tell"
    largest = "; ".join(
        f"{plain_words(row['measure'])} {_cell(row, draws)}{_points(row)} in {row['financial_year']}"
        for row in _largest(beyond)
    )
    return (
        f"{len(beyond)} of the {len(records)} differences below {'is' if len(beyond) == 1 else 'are'} larger than "
        f"chance explains. The largest for each measure: {largest}"
    )


def _largest(beyond: Sequence[Row]) -> list[Row]:
    """Return the largest difference of each measure."""
    largest: dict[str, Row] = {}
    for row in beyond:
        held = largest.get(row["measure"])
        if held is None or abs(row["difference"]) > abs(held["difference"]):
            largest[row["measure"]] = row
    return list(largest.values())


def _points(row: Row) -> str:
    return " percentage points" if row["unit"] == "share" else f" {row['unit']}"


def _cell(row: Row, draws: int) -> str:
    """Write a difference with its interval, which is left out where so few draws make it wide and say nothing."""
    if isnan(row["difference"]):
        return "-"
    difference = signed(row["difference"], row["unit"])
    if isnan(row["holm_low"]) and row["difference"] and isclose(row["ci_low"], row["ci_high"], rel_tol=ROUNDING):
        return f"{difference}{MAY_BE_CHANCE} (every draw)"
    if isnan(row["holm_low"]) or (draws < LEAST_GROUPS and not _beyond_chance(row)):
        return f"{difference}{MAY_BE_CHANCE}"
    low, high = (signed(row[column], row["unit"]) for column in ("holm_low", "holm_high"))
    return f"{difference} ({low} to {high}){'' if _beyond_chance(row) else MAY_BE_CHANCE}"


def _differences(between: str, rows: pd.DataFrame, whole_years: Sequence[str], draws: int) -> Table:
    """Return the differences by year; the table marks parts of a year."""
    measures, years = (list(dict.fromkeys(rows[column])) for column in ("measure", "financial_year"))
    cells = {(row["measure"], row["financial_year"]): row for row in rows.to_dict("records")}
    units = [str(cells[name, years[0]]["unit"]) for name in measures]
    lines = tuple(
        (year if year in whole_years else f"{year}*", *(_cell(cells[name, year], draws) for name in measures))
        for year in years
    )
    return Table(
        f"Differences: {between}", ("year", *(plain_words(str(name)) for name in measures)), lines, file=TABLE,
        units=("", *("percentage points" if unit == "share" else unit for unit in units)),
    )  # fmt: skip


def _pairs_are(draws: int) -> str:
    return "1 independent pair is" if draws == 1 else f"{draws} independent pairs are"


def _pairing(between: str, rows: pd.DataFrame, draws: int) -> Block:
    """Return the correlation between pairs and what it saved, or say that there are too few draws to know."""
    if draws < LEAST_GROUPS:
        enough = LEAST_GROUPS * int(rows["pairs"].max()) // max(draws, 1)
        return Sentence(
            f"{_pairs_are(draws)} too few to say how much the pairing saved, or to say much else. Run at least "
            f"{LEAST_GROUPS} independent pairs, which take {enough} replications. The table leaves out the intervals "
            f"of differences that may be chance; {TABLE} has them."
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
    return Table(f"What pairing the runs saved: {between}", head, tuple(lines), file=TABLE)


def _footnote(comparison: Comparison) -> str:
    statements = int(comparison.table["p_holm"].notna().sum())
    return (
        "* marks part of a year. Each difference is a mean over the pairs, with its 95% interval. "
        f"{MAY_BE_CHANCE} marks a difference that may be chance: its interval includes 0. The intervals allow for all "
        f"{statements} differences at once (Holm's procedure): in 19 studies of 20, every difference that is only "
        "chance has the mark. (every draw) marks one that is the same in every draw, but in too few to rule out "
        f"chance. The interval of one difference on its own is narrower; {TABLE} has it (ci_low, "
        "ci_high). Correlation: the lowest and the highest over the years. Independent replications: how many runs "
        "without pairing would have given intervals as narrow (median over the years). Saved: that number less the "
        "pairs run."
    )
