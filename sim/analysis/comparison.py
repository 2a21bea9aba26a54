"""Scenarios held against a base on common random numbers: mean differences, how sure they are, what the pairing saved.

Replication k of every scenario has the same draws for the same decisions about the same authorities and people, and
from the same table the same draw of the parameters. A difference within a pair of replications is then mostly the doing
of what was changed, and its interval is narrower than that between runs with random numbers of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sim.base.faults import NOT_SHOWN, Fault, InputError, nearest
from sim.base.scratch import unwritable
from sim.base.versions import code_digest, commit, program_version, versions
from sim.inputs.assumptions import differences
from sim.runs import ensemble
from sim.runs.ensemble import Detail, whole_years, years_of
from sim.runs.executors import Executor, here
from sim.runs.measures import UNITS
from sim.runs.outcomes import NAMES, Outcomes
from sim.runs.results import MANIFEST, Results, hash_of
from sim.runs.store import write_json, write_text
from sim.statistics.intervals import CONFIDENCE, ROUNDING, Mean
from sim.statistics.paired import Holm, Pairing, holm, paired

if TYPE_CHECKING:
    import pandas as pd

    from sim.inputs.scenario import Scenario

TABLE = "comparison.csv"
SHOWN = (
    "inspections_started",
    "inspector_days_due",
    "inspector_days_worked",
    "utilisation",
    "peak_week_inspectors",
    "inspections_on_time",
    "judgements_older_than_3_5_years",
    "authorities_inadequate",
    "days_to_detect_decline",
    "authority_days_below_judgement",
    "cost_pounds",
)
"""Measures over which Holm's procedure goes, unless others are named."""
COLUMNS = (
    "scenario", "base", "financial_year", "measure", "unit", "pairs", "base_mean", "mean", "difference", "ci_low",
    "ci_high", "p_value", "correlation", "independent_replications", "shown", "p_holm", "holm_low", "holm_high",
)  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """Scenarios against a base.

    Attributes
    ----------
    folder : pathlib.Path
        Where it is kept: a result folder for each scenario, ``comparison.csv``, and a ``manifest.json`` of its own.
    base : Scenario
        What the others are held against.
    others : tuple of Scenario
        In the order given.
    results : dict of str to Results
        Of each scenario, by name.
    table : pandas.DataFrame
        A row for each scenario but the base, financial year and measure.

        difference
            Mean over pairs of the scenario's value less the base's, in the unit of the measure.
        ci_low, ci_high, p_value
            95% interval of this difference alone (Student's, paired; pairs that share a draw of the parameters are a
            group), and the probability of one as far from zero by chance.
        correlation
            Between the two sides of the pairs; missing where a side never varies.
        independent_replications
            Replications of each scenario that would give as narrow an interval without common random numbers; missing
            where all differences are the same.
        shown, p_holm, holm_low, holm_high
            Whether the row is among those over which Holm's procedure goes: measures shown, whole financial years. Its
            adjusted probability, and the interval that leaves out zero exactly when the procedure calls the
            difference beyond chance; missing elsewhere, and the interval where differences that never vary are too few.
    """

    folder: Path
    base: Scenario
    others: tuple[Scenario, ...]
    results: dict[str, Results]
    table: pd.DataFrame


def compare(
    base: Scenario,
    others: Sequence[Scenario],
    out: str | Path | None = None,
    *,
    measures: Sequence[str] = SHOWN,
    executor: Executor = here,
    detail: Detail = "measures",
    overwrite: bool = False,
    progress: bool = True,
    beside: frozenset[str] = frozenset(),
    pictures: bool = True,
) -> Comparison:
    """Run scenarios on common random numbers and hold them against a base.

    Parameters
    ----------
    base : Scenario
        What the others are held against.
    others : sequence of Scenario
        With the seed, number of replications and runs for each draw of the base.
    out : path, optional
        Folder; ``results/compare_<names>`` otherwise. Scenarios that it holds already are not run again.
    measures : sequence of str, optional
        Over which Holm's procedure goes; all are in the table.
    executor, detail, overwrite, progress, pictures
        As for :func:`sim.runs.ensemble.run`.
    beside : frozenset of str, optional
        Names of files that the folder may hold as well, since the caller keeps them there.

    Raises
    ------
    InputError
        If the scenarios cannot be paired, or as for :func:`sim.runs.ensemble.run`.
    """
    faults = [*_faults(base, others), *_unknown(measures)]
    if faults:
        raise InputError(faults)
    from sim.charts.folder import save_differences

    scenarios = (base, *others)
    folder = (
        Path(out) if out is not None else Path("results") / "_".join(["compare", *(each.name for each in scenarios)])
    )
    _refuse_foreign(folder, scenarios, beside)
    for each in scenarios:
        ensemble.refuse(each, folder / each.name, detail, overwrite)
    for name in known_files(scenarios) | beside if overwrite else ():  # they are of what is about to be replaced
        (folder / name).unlink(missing_ok=True)
    results = {
        each.name: ensemble.run(
            each,
            folder / each.name,
            executor=executor,
            detail=detail,
            overwrite=overwrite,
            progress=progress,
            pictures=pictures,
        )
        for each in scenarios
    }
    table = differences_of(base, others, {name: held.outcomes for name, held in results.items()}, measures)
    (folder / MANIFEST).unlink(missing_ok=True)  # from here to the last line the folder reads as nothing
    written = [TABLE]
    if pictures:
        with TemporaryDirectory(prefix=".charts-", dir=folder) as scratch:
            save_differences(Path(scratch), table)
            for path in Path(scratch).iterdir():
                path.replace(folder / path.name)
                written.append(path.name)
    write_text(folder / TABLE, table.to_csv(index=False, float_format="%.6g", lineterminator="\n"))
    found = Comparison(folder, base, tuple(others), results, table)
    write_manifest(found, {"question": "comparison", "measures": list(measures), "detail": detail}, written)
    return found


def write_manifest(found: Comparison, asked: Mapping[str, Any], files: Iterable[str]) -> None:
    """Write what a comparison is of, with the hash of each of its own files and of each scenario's manifest.

    It has no times: made again from the same results it is the same, byte for byte.

    Parameters
    ----------
    found : Comparison
        What was compared.
    asked : mapping
        The question, and what it was asked with.
    files : iterable of str
        Names of the files beside the folders of the scenarios.
    """
    names = [each.name for each in (found.base, *found.others)]
    listed = sorted([*files, *(f"{name}/{MANIFEST}" for name in names)])
    about = {
        "seed": found.base.seed,
        "replications": found.base.replications,
        "scenarios": names,
        "asked": dict(asked),
        "version": program_version(),
        "code": code_digest(),
        "commit": commit(),
        **versions(),
    }
    write_json(found.folder / MANIFEST, {**about, "files": {name: hash_of(found.folder / name) for name in listed}})


def _faults(base: Scenario, others: Sequence[Scenario]) -> Iterator[Fault]:
    """Why scenarios cannot be paired."""
    names = [each.name for each in (base, *others)]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Fault("compare", name, NOT_SHOWN, "two scenarios have this name; give one of them another name")
    sharing = max(each.runs_sharing_a_draw for each in (base, *others))
    if base.replications <= sharing:
        words = (
            f"the spread of differences takes at least {sharing + 1}: {sharing} of them share a draw of the parameters"
        )
        yield Fault(base.name, "replications", base.replications, words if sharing > 1 else "it takes at least 2")
    for name in sorted(set(names) & known_files((base, *others))):
        yield Fault("compare", name, NOT_SHOWN, "a file of the comparison has this name; give the scenario another one")
    if not others:
        yield Fault("compare", base.name, NOT_SHOWN, "there is nothing to hold it against; give a second scenario")
    for other in others:
        for key in ("seed", "replications"):
            if getattr(other, key) != getattr(base, key):
                words = f"it must be that of {base.name}, {getattr(base, key)}; --{key} gives all of them one"
                yield Fault(other.name, key, getattr(other, key), words)
        if None not in (base.draws, other.draws) and base.runs_per_draw != other.runs_per_draw:
            words = f"it must be that of {base.name}, {base.runs_per_draw}, so that pairs share a draw"
            yield Fault(other.name, "runs_per_draw", other.runs_per_draw, words)
        if not set(years_of(base)) & set(years_of(other)):
            yield Fault(other.name, "start", other.start, f"it has no financial year in common with {base.name}")


def _unknown(measures: Sequence[str]) -> Iterator[Fault]:
    for measure in measures:
        if measure not in UNITS:
            yield Fault("--measures", "MEASURE", measure, nearest(measure, UNITS))
    if not measures:
        yield Fault("--measures", "MEASURE", NOT_SHOWN, "name at least one")


def _refuse_foreign(folder: Path, scenarios: Sequence[Scenario], beside: frozenset[str]) -> None:
    """A folder may hold this comparison, or nothing."""
    try:
        if not folder.exists():
            return
        if not folder.is_dir():
            raise InputError([Fault("--out", str(folder), NOT_SHOWN, "it is a file; give a folder")])
        there = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise unwritable(folder, error) from None
    others = sorted(there - known_files(scenarios) - beside - {each.name for each in scenarios})
    if others:
        words = f"it holds what is not of this comparison ({', '.join(others[:3])}); choose another folder with --out"
        raise InputError([Fault("--out", str(folder), NOT_SHOWN, words)])


def known_files(scenarios: Sequence[Scenario]) -> set[str]:
    """Names of the files beside the folders of the scenarios."""
    pictures = {f"differences_{each.name}{ending}" for each in scenarios for ending in (".png", ".txt")}
    return {TABLE, MANIFEST} | pictures


def differences_of(
    base: Scenario, others: Sequence[Scenario], outcomes: dict[str, Outcomes], measures: Sequence[str] = SHOWN
) -> pd.DataFrame:
    """Table of a comparison, see :class:`Comparison`, of the outcomes of each scenario by name."""
    import pandas as pd

    family = {name for name in NAMES if name in measures}
    pairings = [
        (other, year, measure, *_paired(outcomes[other.name], outcomes[base.name], year, measure))
        for other in others
        for year in years_of(other)
        if year in outcomes[base.name].years
        for measure in NAMES
    ]
    whole = {other.name: _years_told(base, other) for other in others}
    shown = [year in whole[other.name] and measure in family for other, year, measure, *_ in pairings]
    p_values = [
        pairing.difference.p_value if told else float("nan")
        for told, (*_, pairing) in zip(shown, pairings, strict=True)
    ]
    rows = [
        (
            other.name, base.name, year, measure, UNITS[measure], pairing.pairs, base_mean, mean,
            *_figures(pairing), told, *_holm_figures(pairing, step),
        )
        for (other, year, measure, mean, base_mean, pairing), told, step in zip(
            pairings, shown, holm(p_values), strict=True
        )
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _years_told(base: Scenario, other: Scenario) -> list[str]:
    """Financial years over which Holm's procedure goes: those simulated whole by both, or all if there is none."""
    whole = [year for year in whole_years(other) if year in whole_years(base)]
    return whole or [year for year in years_of(other) if year in years_of(base)]


def _paired(own: Outcomes, base: Outcomes, year: str, measure: str) -> tuple[float, float, Pairing]:
    """Means of both sides and their pairing, over the replications that neither side failed."""
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
    """Interval of a difference; missing where all are the same and too few to say more than their sign."""
    if difference.never_varies and abs(difference.mean) > ROUNDING and p_value > 1 - CONFIDENCE:
        return float("nan"), float("nan")
    return difference.interval(confidence)


def _holm_figures(pairing: Pairing, step: Holm) -> tuple[float, ...]:
    nothing = float("nan")
    if isnan(step.p_value):  # not shown
        return nothing, nothing, nothing
    return step.p_value, *_interval(pairing.difference, step.p_value, step.confidence)


def changed(comparison: Comparison, name: str) -> list[str]:
    """What a scenario has that the base has not, ``key: there -> here``."""
    (other,) = (each for each in comparison.others if each.name == name)
    return differences(other, comparison.base)
