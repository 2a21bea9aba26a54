"""What a comparison says, in words and tables: each difference with its interval, and what the pairing saved."""

from __future__ import annotations

import textwrap
from collections.abc import Hashable, Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING, Any

from sim.analysis.comparison import changed
from sim.base.figures import aligned, count, signed
from sim.runs.ensemble import whole_years
from sim.runs.precision import LEAST_GROUPS
from sim.statistics.intervals import CONFIDENCE

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.comparison import Comparison

WIDTH = 118
CHANGES_SHOWN = 8
ACROSS = 4
"""Measures beside each other in a table."""
MAY_BE_CHANCE = "~"
"""Mark of a difference that Holm's procedure does not call beyond chance."""
Row = Mapping[Hashable, Any]


def text(comparison: Comparison) -> str:
    """Headline of a comparison."""
    parts = [_what(comparison)]
    for other in comparison.others:
        rows = comparison.table.query("scenario == @other.name and shown")
        draws = comparison.base.replications // max(each.runs_sharing_a_draw for each in (comparison.base, other))
        whole = [year for year in whole_years(other) if year in whole_years(comparison.base)]
        parts += [_head(comparison, other.name), _in_short(rows), *_tables(rows, whole), _pairing(rows, draws)]
    parts.append(_footnote(comparison))
    return "\n\n".join(part for part in parts if part)


def _filled(words: str) -> str:
    return "\n".join(textwrap.wrap(words, WIDTH))


def _what(comparison: Comparison) -> str:
    base, failed = comparison.base, {name: held.failures for name, held in comparison.results.items() if held.failures}
    said = (
        f"{len(comparison.others)} scenario{'' if len(comparison.others) == 1 else 's'} against {base.name}: "
        f"{base.replications:,} pairs of runs on common random numbers, seed {base.seed}."
    )
    ill = [
        f"{len(failures)} replications of {name} FAILED, and their pairs are left out"
        for name, failures in failed.items()
    ]
    return _filled(". ".join([*ill, said]))


def _head(comparison: Comparison, name: str) -> str:
    lines = changed(comparison, name)
    more = [f"and {len(lines) - CHANGES_SHOWN} more"] if len(lines) > CHANGES_SHOWN else []
    how = "; ".join([*lines[:CHANGES_SHOWN], *more]) or "the same in every value"
    return _filled(f"{name} against {comparison.base.name}: {how}.")


def _beyond_chance(row: Row) -> bool:
    return bool(row["p_holm"] <= 1 - CONFIDENCE)


def _in_short(rows: pd.DataFrame) -> str:
    records = rows.dropna(subset="p_holm").to_dict("records")
    beyond = [row for row in records if _beyond_chance(row)]
    if not beyond:
        words = f"none of the {len(records)} differences below is beyond chance" if records else "nothing was measured"
    else:
        per_measure = _largest(beyond)
        words = (
            f"{len(beyond)} of the {len(records)} differences below are beyond chance. The largest of each measure: "
            + "; ".join(f"{row['measure']} {_cell(row)} in {row['financial_year']}" for row in per_measure)
        )
    return _filled(f"In short, {words}.")


def _largest(beyond: Sequence[Row]) -> list[Row]:
    """The largest difference of each measure."""
    largest: dict[str, Row] = {}
    for row in beyond:
        held = largest.get(row["measure"])
        if held is None or abs(row["difference"]) > abs(held["difference"]):
            largest[row["measure"]] = row
    return list(largest.values())


def _cell(row: Row) -> str:
    if isnan(row["difference"]):
        return "-"
    difference = signed(row["difference"], row["unit"])
    if isnan(row["holm_low"]):
        return f"{difference}{MAY_BE_CHANCE}"
    low, high = (signed(row[column], row["unit"]) for column in ("holm_low", "holm_high"))
    return f"{difference} ({low} to {high}){'' if _beyond_chance(row) else MAY_BE_CHANCE}"


def _tables(rows: pd.DataFrame, whole_years: Sequence[str]) -> list[str]:
    """Differences by year, a few measures beside each other; parts of a year are marked."""
    measures, years = (list(dict.fromkeys(rows[column])) for column in ("measure", "financial_year"))
    cells = {(row["measure"], row["financial_year"]): row for row in rows.to_dict("records")}
    tables = []
    for first in range(0, len(measures), ACROSS):
        across = measures[first : first + ACROSS]
        units = [
            "percentage points" if cells[name, years[0]]["unit"] == "share" else cells[name, years[0]]["unit"]
            for name in across
        ]
        lines = [["year", *across], ["", *units]]
        lines += [
            [year if year in whole_years else f"{year}*", *(_cell(cells[name, year]) for name in across)]
            for year in years
        ]
        tables.append(aligned(lines, words=1))
    return tables


def _pairing(rows: pd.DataFrame, draws: int) -> str:
    """Correlation achieved, and what it saved; nothing of so few draws that chance makes it up."""
    if draws < LEAST_GROUPS:
        enough = LEAST_GROUPS * int(rows["pairs"].max()) // max(draws, 1)
        return _filled(
            f"{draws} independent pairs are too few to say what the pairing saved, or much else: run {LEAST_GROUPS} or "
            f"more, so --replications {enough}."
        )
    lines = [["pairing", "correlation", "pairs", "independent replications", "saved"]]
    for measure, group in rows.groupby("measure", sort=False):
        correlation = group["correlation"].dropna()
        pairs, independent = int(group["pairs"].min()), group["independent_replications"].median()
        if not len(correlation) or isnan(independent):
            lines.append([str(measure), "-", str(pairs), "-", "-"])
            continue
        lines.append(
            [
                str(measure),
                f"{correlation.min():.2f} to {correlation.max():.2f}",
                str(pairs),
                count(independent),
                count(independent - pairs),
            ]
        )
    return aligned(lines, words=1)


def _footnote(comparison: Comparison) -> str:
    statements = int(comparison.table["p_holm"].notna().sum())
    return _filled(
        f"* part of a year. Differences are means over the pairs, with 95% intervals. {MAY_BE_CHANCE} marks those that "
        "may be chance, whose intervals hold 0: by Holm's procedure, which in nineteen studies of twenty calls none of "
        f"these {statements} differences beyond chance that is none. Each alone has a narrower interval, in "
        "comparison.csv (ci_low, ci_high). Pairing: least and largest correlation over the years; and how many "
        "independent replications of each scenario would have given intervals as narrow (median over years), less the "
        "pairs run."
    )
