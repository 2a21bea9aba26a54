"""Run shipped scenarios on common random numbers to answer one question, and keep the answer.

A script in ``scenarios/`` names the scenarios and works out the answer: sentences, a table and a chart. The answer is
printed and kept beside the results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.analysis.study import Study
from sim.charts.drawing import save
from sim.inputs.scenario import Scenario
from sim.runs.ensemble import Detail
from sim.runs.executors import Executor, here
from sim.runs.precision import LEAST_GROUPS
from sim.studies.answer import Answer, Note, Preformatted, Sentence, sentences
from sim.studies.columns import Column
from sim.studies.comparison_answer import TABLE as COMPARED
from sim.studies.comparison_answer import failed_pairs
from sim.studies.comparison_study import compared, files_of, manifest_of
from sim.studies.keeper import Made, keep_beside, write_table
from sim.studies.question import TABLE, Findings, Question

PICTURE = "picture"
"""Stem of the files of the chart and its text."""
FILES = frozenset({TABLE, f"{PICTURE}.png", f"{PICTURE}.txt"})
"""Names of the files that every script keeps, beside those of a comparison."""


def answer(
    question: Question,
    scenarios: Sequence[Scenario],
    out: Path,
    *,
    executor: Executor = here,
    detail: Detail = "measures",
    overwrite: bool = False,
    progress: bool = True,
    asked: Mapping[str, Any] | None = None,
) -> tuple[Study, Answer]:
    """Run the scenarios of a question, and keep its answer beside their results.

    ``asked`` tells the manifest which script asked, how the script describes itself, and with which arguments. The
    other arguments are those of :func:`sim.studies.ensemble_study.run`.
    """
    base, *others = scenarios
    files = files_of(scenarios) | FILES | set(question.files)
    study = Study(
        compared(
            base, others, out, files, measures=question.measures, executor=executor, detail=detail,
            overwrite=overwrite, progress=progress, pictures=False,
        )
    )  # fmt: skip
    found = question.answer(study) if len(study.replications) else None

    def write(folder: Path) -> None:
        write_table(folder / COMPARED, study.comparison.table)
        if found is not None:
            for name, table in {TABLE: found.table, **found.more}.items():
                write_table(folder / name, table)
            save(folder / PICTURE, found.picture)

    manifest = manifest_of(study.comparison, {"question": "script", **(asked or {})})
    columns = [Column(file, name, *told) for file, held in question.files.items() for name, told in held.items()]
    made = Made(_answer(study, found), write, manifest, columns=columns)
    return study, keep_beside(out, base, study.names, files, made)


def _answer(study: Study, found: Findings | None) -> Answer:
    """Return the findings as data."""
    failures = failed_pairs(study.comparison)
    if found is None:
        return Answer("script", (*failures, Sentence("No pair of runs is complete, so there is no answer.", "lead")))
    tables = [Preformatted(each) if isinstance(each, str) else each for each in found.tables]
    return Answer("script", (*failures, *sentences(found.sentences), *tables, Note(_how(study))))


def _how(study: Study) -> str:
    """Say what the figures are."""
    years, pairs = study.years, len(study.replications)
    when = f"are yearly means over {years[0]} to {years[-1]}" if len(years) > 1 else f"are for {years[0]}"
    independent = len(set(study.groups.tolist()))
    few = (
        f" {independent} independent pair{'s are' if independent > 1 else ' is'} too few for the intervals to say much."
        if independent < LEAST_GROUPS
        else ""
    )
    return (
        f"Figures {when}, unless other years are named. They come from {pairs} pairs of runs on common random numbers, "
        f"seed {study.comparison.base.seed}. Shares and delays are means of the yearly values. The brackets hold the "
        f"95% interval of each difference from {study.base}. No interval is corrected for comparing several "
        f"scenarios.{few}"
    )
