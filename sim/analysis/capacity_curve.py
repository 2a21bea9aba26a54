"""Builds the capacity curve of a search: what each head-count keeps and costs, and whether more people always do
better.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.capacity import SearchResult
from sim.statistics.intervals import CONFIDENCE, Mean, binomial_interval, mean_of
from sim.statistics.paired import sign_test

if TYPE_CHECKING:
    import pandas as pd

COST, MILLION = "staff_cost_pounds", 1e6
"""Measure of what staff cost, and the unit in which it is shown, in pounds."""
SHOWN = ("inspections_on_time", "inspections_late", "judgements_older_than_3_5_years", COST)
"""Measures of the capacity curve, in addition to the required measure and the utilisation of the role."""
COSTS = ("inspections_late", "judgements_older_than_3_5_years", COST)
"""Measures reported for fewer people, in addition to whether they keep the service level."""


def curve(found: SearchResult) -> pd.DataFrame:
    """Build the capacity curve, with a row for each level that has runs.

    Columns
    -------
    level, unit
        Head-count and role, with the head-count of another role if one was held.
    runs, kept, share_kept, kept_low, kept_high
        Number of runs of the test and all others; how many kept the service level; their share; and its 95% interval
        (Clopper and Pearson), as if the number of runs had been fixed.
    verdict
        Verdict of the exact test: ``meets``, ``fails`` or ``undecided``; ``not tested`` if the level has only other
        runs.
    <measure>, <measure>_low, <measure>_high
        Mean of a year over the years that count, and its 95% interval.
    """
    import pandas as pd

    rows = []
    for level in sorted(found.runs):
        kept = found.kept(level)
        low, high = binomial_interval(int(kept.sum()), len(kept), CONFIDENCE)
        tested = found.bracket.tested.get(level)
        row: dict[str, object] = {
            "level": level,
            "unit": f"{found.lever.unit}{found.beside}",
            "runs": len(kept),
            "kept": int(kept.sum()),
            "share_kept": kept.mean(),
            "kept_low": low,
            "kept_high": high,
            "verdict": "not tested" if tested is None else tested.verdict,
        }
        for measure in measures_of(found):
            mean = mean_of(found.column(level, measure))
            row |= dict(zip((measure, f"{measure}_low", f"{measure}_high"), (mean.mean, *mean.interval()), strict=True))
        rows.append(row)
    return pd.DataFrame(rows)


def measures_of(found: SearchResult) -> list[str]:
    """Return the measures of a search's capacity curve."""
    return list(dict.fromkeys([found.service.measure, *SHOWN[:-1], utilisation_of(found), *SHOWN[-1:]]))


def utilisation_of(found: SearchResult) -> str:
    """Return the measure of how busy the people of the searched role are."""
    return f"utilisation_{found.lever.role}"


@dataclass(frozen=True)
class Reversals:
    """Count how often more people did worse on the same luck.

    Attributes
    ----------
    pairs, reversed_ : int
        Number of pairs of runs with the same number at two levels, and number of pairs in which the lower level kept
        the service level and the higher one did not.
    least_p_value : float
        Smallest p-value of the sign tests, over all pairs of levels, that more people do no worse; multiplied by the
        number of pairs of levels.
    """

    pairs: int
    reversed_: int
    least_p_value: float


def reversals(found: SearchResult) -> Reversals:
    """Test whether more people always did at least as well on the same luck."""
    levels = sorted(found.runs)
    kept = {
        level: dict(zip(found.numbers[level].tolist(), found.kept(level).tolist(), strict=True)) for level in levels
    }
    pairs, backward, p_values = 0, 0, []
    for place, fewer in enumerate(levels):
        for more in levels[place + 1 :]:
            both = kept[fewer].keys() & kept[more].keys()
            worse = sum(kept[fewer][number] and not kept[more][number] for number in both)
            better = sum(kept[more][number] and not kept[fewer][number] for number in both)
            pairs, backward = pairs + len(both), backward + worse
            if both:
                p_values.append(sign_test(worse, worse + better))
    return Reversals(pairs, backward, min(1.0, len(p_values) * min(p_values)) if p_values else float("nan"))


def level_shown(found: SearchResult) -> int:
    """Return the answer; if no level met, the one of the range whose share of runs has the highest lower limit."""

    def surely(level: int) -> tuple[float, int]:
        kept = found.kept(level)
        return binomial_interval(int(kept.sum()), len(kept), CONFIDENCE)[0], level

    meets = found.bracket.meets
    return max((level for level in found.runs if level in found.levels), key=surely) if meets is None else meets


def paired_difference(found: SearchResult, level: int, base: int, measure: str) -> Mean:
    """Return the mean difference of a measure between two levels, on the same luck."""
    _, own, other = np.intersect1d(found.numbers[level], found.numbers[base], return_indices=True)
    return mean_of(found.column(level, measure)[own] - found.column(base, measure)[other])


def kept_difference(found: SearchResult, level: int, base: int) -> Mean:
    """Return the mean difference in keeping the service level between two levels, on the same luck."""
    _, own, other = np.intersect1d(found.numbers[level], found.numbers[base], return_indices=True)
    return mean_of(found.kept(level)[own].astype(float) - found.kept(base)[other])
