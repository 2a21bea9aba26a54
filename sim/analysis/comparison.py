"""Compares scenarios with a base on common random numbers: mean differences, their intervals, and what pairing saves.

Replication k of every scenario makes the same draws for the same decisions about the same authorities and people. From
the same table of draws, it takes the same draw of the parameters. So a difference within a pair of replications comes
mostly from what was changed. Its interval is narrower than one between runs with separate random numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

from sim.base.faults import NOT_SHOWN, Argument, Fault
from sim.inputs.scenario import Scenario
from sim.runs.measures import JUDGED, shown_years, unit_of, unknown, years_of
from sim.runs.outcomes import Outcomes
from sim.runs.results import Results
from sim.statistics.intervals import CONFIDENCE, ROUNDING, Mean
from sim.statistics.paired import Holm, Pairing, holm, paired

if TYPE_CHECKING:
    import pandas as pd

OF_EVERY_ONE = (
    "inspections_started",
    "inspector_days_due",
    "inspector_days_worked",
    "utilisation",
    "peak_week_inspectors",
    "inspections_on_time",
    "judgements_older_than_3_5_years",
    "days_to_detect_decline",
    "authority_days_below_judgement",
    "cost_pounds",
)
"""Default measures to which Holm's procedure applies, in addition to the number of authorities with the worst grade."""
COLUMNS = (
    "scenario", "base", "financial_year", "measure", "unit", "pairs", "base_mean", "mean", "difference", "ci_low",
    "ci_high", "p_value", "correlation", "independent_replications", "shown", "p_holm", "holm_low", "holm_high",
)  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """Hold the comparison of scenarios with a base.

    Attributes
    ----------
    folder : pathlib.Path
        Folder of the comparison: a result folder for each scenario, ``comparison.csv``, and its own ``manifest.json``.
    base : Scenario
        Scenario with which the others are compared.
    others : tuple of Scenario
        Other scenarios, in the order given.
    results : dict of str to Results
        Results of each scenario, by name.
    table : pandas.DataFrame
        A row for each scenario but the base, financial year and measure.

        difference
            Mean over pairs of the scenario's value minus the base's, in the unit of the measure.
        ci_low, ci_high, p_value
            95% interval of this difference alone (Student's, paired), and the probability of a difference as far from
            zero by chance. Pairs that share a draw of the parameters form a group.
        correlation
            Correlation between the two sides of the pairs; missing if a side never varies.
        independent_replications
            Number of replications of each scenario that would give as narrow an interval without common random numbers.
            Missing if all differences are the same.
        shown, p_holm, holm_low, holm_high
            Whether Holm's procedure includes the row: it covers the measures shown, in whole financial years. Then its
            adjusted probability, and the interval that excludes zero exactly when the procedure calls the difference
            beyond chance. Missing in other rows. The interval is also missing if the differences never vary and are too
            few.
    """

    folder: Path
    base: Scenario
    others: tuple[Scenario, ...]
    results: dict[str, Results]
    table: pd.DataFrame

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """Return all scenarios, the base first."""
        return self.base, *self.others


def shown_for(base: Scenario) -> tuple[str, ...]:
    """Return the default measures to which Holm's procedure applies."""
    place = OF_EVERY_ONE.index("days_to_detect_decline")
    return (*OF_EVERY_ONE[:place], JUDGED + base.grades.worst, *OF_EVERY_ONE[place:])


def faults_of(base: Scenario, others: Sequence[Scenario], measures: Sequence[str]) -> Iterator[Fault]:
    """Explain why scenarios cannot be paired, or measures cannot be shown."""
    names = [each.name for each in (base, *others)]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Fault("compare", name, NOT_SHOWN, "two scenarios have this name; give one of them another name")
    sharing = max(each.runs_sharing_a_draw for each in (base, *others))
    if base.replications <= sharing:
        words = (
            f"give at least {sharing + 1}, to estimate how differences vary: {sharing} share a draw of the parameters"
        )
        yield Fault(base.name, "replications", base.replications, words if sharing > 1 else "give at least 2")
    if not others:
        yield Fault("compare", base.name, NOT_SHOWN, "give a second scenario to compare it with")
    for other in others:
        for key in ("seed", "replications"):
            if getattr(other, key) != getattr(base, key):
                words = f"it must be {getattr(base, key)}, as in {base.name}; give all scenarios the same `{key}`"
                yield Fault(other.name, key, getattr(other, key), words)
        if None not in (base.draws, other.draws) and base.runs_per_draw != other.runs_per_draw:
            words = f"it must be {base.runs_per_draw}, as in {base.name}, so that pairs share a draw"
            yield Fault(other.name, "runs_per_draw", other.runs_per_draw, words)
        if not set(years_of(base)) & set(years_of(other)):
            yield Fault(other.name, "start", other.start, f"it has no financial year in common with {base.name}")
    for measure in measures:
        if words := unknown(measure, base, *others):
            yield Fault(Argument("measures"), "", measure, words)
    if not measures:
        yield Fault(Argument("measures"), "", NOT_SHOWN, "name at least one measure")


def differences_of(
    base: Scenario, others: Sequence[Scenario], outcomes: dict[str, Outcomes], measures: Sequence[str] | None = None
) -> pd.DataFrame:
    """Build the table of a comparison, see :class:`Comparison`, from the outcomes of each scenario by name."""
    import pandas as pd

    names = list(dict.fromkeys(name for each in (base, *others) for name in outcomes[each.name].names))
    family = set(shown_for(base) if measures is None else measures).intersection(names)
    pairings = [
        (other, year, measure, *_paired(outcomes[other.name], outcomes[base.name], year, measure))
        for other in others
        for year in years_of(other)
        if year in outcomes[base.name].years
        for measure in names
    ]
    # Holm's procedure covers the years that both simulate whole, or all years if there are none
    whole = {other.name: shown_years(other, base) for other in others}
    shown = [year in whole[other.name] and measure in family for other, year, measure, *_ in pairings]
    p_values = [
        pairing.difference.p_value if told else float("nan")
        for told, (*_, pairing) in zip(shown, pairings, strict=True)
    ]
    rows = [
        (
            other.name, base.name, year, measure, unit_of(measure), pairing.pairs, base_mean, mean,
            *_figures(pairing), told, *_holm_figures(pairing, step),
        )
        for (other, year, measure, mean, base_mean, pairing), told, step in zip(
            pairings, shown, holm(p_values), strict=True
        )
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _paired(own: Outcomes, base: Outcomes, year: str, measure: str) -> tuple[float, float, Pairing]:
    """Return the means of both sides and their pairing, over the replications that neither side failed."""
    import numpy as np

    both, left, right = np.intersect1d(own.replications, base.replications, return_indices=True)
    values, beside = own.column(year, measure)[left], base.column(year, measure)[right]
    pairing = paired(values, beside, both // max(own.runs_per_draw, base.runs_per_draw))
    there = ~np.isnan(values) & ~np.isnan(beside)
    if not there.any():
        return float("nan"), float("nan"), pairing
    return float(values[there].mean()), float(beside[there].mean()), pairing


def _figures(pairing: Pairing) -> tuple[float, ...]:
    mean = pairing.difference
    return mean.mean, *_interval(mean, mean.p_value, CONFIDENCE), mean.p_value, pairing.correlation, pairing.independent


def _interval(difference: Mean, p_value: float, confidence: float) -> tuple[float, float]:
    """Return the interval of a difference; missing if all differences are the same and too few to show more than a
    sign.
    """
    if difference.never_varies and abs(difference.mean) > ROUNDING and p_value > 1 - CONFIDENCE:
        return float("nan"), float("nan")
    return difference.interval(confidence)


def _holm_figures(pairing: Pairing, step: Holm) -> tuple[float, ...]:
    nothing = float("nan")
    if isnan(step.p_value):  # not shown
        return nothing, nothing, nothing
    return step.p_value, *_interval(pairing.difference, step.p_value, step.confidence)
