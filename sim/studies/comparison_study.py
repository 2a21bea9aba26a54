"""Run scenarios on common random numbers, compare them with a base, and keep the comparison in a folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.analysis.comparison import Comparison, differences_of, faults_of, shown_for
from sim.base.faults import NOT_SHOWN, Fault, refuse_any
from sim.charts.folder import save_differences
from sim.inputs.scenario import Scenario
from sim.runs.ensemble import Detail
from sim.runs.executors import Executor, here
from sim.studies import ensemble_study
from sim.studies.comparison_answer import TABLE, answer_of
from sim.studies.keeper import EVERY_STUDY, Made, keep_beside, refuse_batches, refuse_foreign, write_table


def compare(
    base: Scenario,
    others: Sequence[Scenario],
    out: str | Path | None = None,
    *,
    measures: Sequence[str] | None = None,
    executor: Executor = here,
    detail: Detail = "measures",
    overwrite: bool = False,
    progress: bool = True,
    pictures: bool = True,
) -> Comparison:
    """Run scenarios on common random numbers and compare them with a base.

    Parameters
    ----------
    base : Scenario
        The scenario with which the others are compared.
    others : sequence of Scenario
        The other scenarios, with the base's seed, number of replications and runs for each draw.
    out : path, optional
        Folder; by default ``results/compare_<names>``. Scenarios that it already holds are not run again.
    measures : sequence of str, optional
        Measures that Holm's procedure covers; by default those of :func:`sim.analysis.comparison.shown_for`. The table
        holds all measures.
    executor, detail, overwrite, progress, pictures
        As for :func:`sim.studies.ensemble_study.run`.

    Raises
    ------
    InputError
        If the scenarios cannot be paired, or as for :func:`sim.studies.ensemble_study.run`.
    """
    scenarios = (base, *others)
    measures = shown_for(base) if measures is None else measures
    folder = (
        Path(out) if out is not None else Path("results") / "_".join(["compare", *(each.name for each in scenarios)])
    )
    files = files_of(scenarios)
    found = compared(
        base, others, folder, files, measures=measures, executor=executor, detail=detail, overwrite=overwrite,
        progress=progress, pictures=pictures,
    )  # fmt: skip

    def write(scratch: Path) -> None:
        write_table(scratch / TABLE, found.table)
        if pictures:
            save_differences(scratch, found.table)

    asked = {"question": "comparison", "measures": list(measures), "detail": detail}
    made = Made(answer_of(found), write, manifest_of(found, asked))
    keep_beside(folder, base, [each.name for each in scenarios], files, made)
    return found


def compared(
    base: Scenario,
    others: Sequence[Scenario],
    folder: Path,
    files: frozenset[str],
    *,
    measures: Sequence[str],
    executor: Executor,
    detail: Detail,
    overwrite: bool,
    progress: bool,
    pictures: bool,
) -> Comparison:
    """Run the scenarios of a comparison, keep each in its folder, and compare them; the caller keeps the rest.

    Parameters
    ----------
    files : frozenset of str
        Names that the comparison's own files may have, beside the folders and
        :data:`sim.studies.keeper.EVERY_STUDY`.
    base, others, folder, measures, executor, detail, overwrite, progress, pictures
        As for :func:`compare`.
    """
    scenarios = (base, *others)
    names = [each.name for each in scenarios]
    taken = sorted(set(names) & (files | EVERY_STUDY))
    words = "a file of the comparison has this name; give the scenario another one"
    refuse_any([*faults_of(base, others, measures), *(Fault("compare", name, NOT_SHOWN, words) for name in taken)])
    refuse_foreign(folder, files, names)
    if not overwrite:
        refuse_batches(folder)
    for each in scenarios:
        ensemble_study.refuse(each, folder / each.name, detail, overwrite)
    results = {
        each.name: ensemble_study.run(
            each, folder / each.name, executor=executor, detail=detail, overwrite=overwrite, progress=progress,
            pictures=pictures,
        )
        for each in scenarios
    }  # fmt: skip
    table = differences_of(base, others, {name: held.outcomes for name, held in results.items()}, measures)
    return Comparison(folder, base, tuple(others), results, table)


def manifest_of(found: Comparison, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the manifest says about a comparison and its question."""
    return {
        "seed": found.base.seed,
        "replications": found.base.replications,
        "scenarios": [each.name for each in found.scenarios],
        "asked": dict(asked),
    }


def files_of(scenarios: Sequence[Scenario]) -> frozenset[str]:
    """Return the names of the comparison's own files, beside the folders of the scenarios."""
    pictures = {f"differences_{each.name}{ending}" for each in scenarios for ending in (".png", ".txt")}
    return frozenset({TABLE} | pictures)
