"""Studies: scenarios that ship, run on common random numbers, to answer one question.

A script in ``scenarios/`` says which scenarios and what to make of them; what it makes is an answer in a sentence, a
table and a picture, printed and kept beside the results.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.study import Study
from sim.base.figures import interval, value
from sim.charts.drawing import Drawn, save
from sim.inputs.scenario import Scenario
from sim.runs.ensemble import Detail
from sim.runs.executors import Executor, here
from sim.runs.precision import LEAST_GROUPS
from sim.studies.answer import Answer, Block, Note, Preformatted, Sentence, Table, sentences
from sim.studies.comparison_answer import TABLE as COMPARED
from sim.studies.comparison_answer import failed_pairs
from sim.studies.comparison_study import compared, files_of, manifest_of
from sim.studies.keeper import Made, keep_beside, write_table

if TYPE_CHECKING:
    import pandas as pd

TABLE, PICTURE = "answer.csv", "picture"
"""Its table, and the stem of the picture and its text."""
FILES = frozenset({TABLE, f"{PICTURE}.png", f"{PICTURE}.txt"})
"""Names of the files of its own that every script has, beside those of a comparison."""
BESIDE, ACROSS = 4, 3
"""Most scenarios beside each other in a table, and measures across where there are more."""


@dataclass(frozen=True)
class Findings:
    """What a script makes of the runs of its scenarios; scripts call it ``Answer``.

    Attributes
    ----------
    sentences : sequence of str
        The answer, the most important first.
    tables : sequence of Block or str
        Tables, and lists under a note; a text is shown as it stands.
    table : pandas.DataFrame
        The figures behind them.
    picture : Axes or sequence of Axes
        The chart and its text alternative.
    more : mapping of str to pandas.DataFrame
        Further tables, by the name of the file that each is kept in.
    """

    sentences: Sequence[str]
    tables: Sequence[Block | str]
    table: pd.DataFrame
    picture: Drawn
    more: Mapping[str, pd.DataFrame] = field(default_factory=dict)


Policy = Mapping[str, object] | Callable[[Scenario], Mapping[str, object]]
"""Values of a scenario by dotted path, or what makes them from the base, as the command has changed it."""


@dataclass(frozen=True)
class Question:
    """What a script asks.

    Attributes
    ----------
    base : str
        Scenario that ships, against which the others are held.
    answer : callable
        Makes the answer of the study when it is run.
    others : tuple of str
        Scenarios that ship.
    policies : mapping of str to Policy
        Further scenarios by name: the base with these values changed, by dotted path.
    replications : int
        Pairs of runs, unless the command says otherwise.
    measures : tuple of str
        Measures of the comparison beside the answer.
    detail : {"measures", "visits", "full"}
        Tables that the answer needs.
    files : tuple of str
        Names of further tables that the answer keeps.
    """

    base: str
    answer: Callable[[Study], Findings]
    others: tuple[str, ...] = ()
    policies: Mapping[str, Policy] = field(default_factory=dict)
    replications: int = 100
    measures: tuple[str, ...] = ("inspector_days_worked", "inspections_on_time", "contacts_per_authority")
    detail: Detail = "measures"
    files: tuple[str, ...] = ()


def shown(table: pd.DataFrame, head: str, file: str = TABLE) -> Table:
    """Table of :meth:`Study.table` as it is read, each figure with its difference and interval.

    A few scenarios stand beside each other; many stand below each other, with the measures across.

    Parameters
    ----------
    table : pandas.DataFrame
        As :meth:`Study.table` makes it.
    head : str
        What all its figures are of, such as ``a year``.
    file : str, optional
        File that holds them unrounded.
    """
    names, words = (list(dict.fromkeys(table[column])) for column in ("scenario", "words"))
    cells = {(row["scenario"], row["words"]): row for row in table.to_dict("records")}
    named = {each: f"{each}{_unit(cells[names[0], each])}" for each in words}
    if len(names) <= BESIDE:
        rows = [(named[each], *(_cell(cells[name, each]) for name in names)) for each in words]
        return Table("", (head, *names), tuple(rows), file=file)
    rows = [(name, *(_cell(cells[name, each]) for each in words)) for name in names]
    return Table("", (head, *named.values()), tuple(rows), file=file, across=ACROSS)


def _unit(row: Mapping[Hashable, Any]) -> str:
    return "" if row["unit"] == "share" or row["unit"] in str(row["words"]).lower() else f" ({row['unit']})"


def _cell(row: Mapping[Hashable, Any]) -> str:
    text = value(row["mean"], row["unit"])
    if np.isnan(row["difference"]):
        return text
    return f"{text}, {interval(row['difference'], row['difference_low'], row['difference_high'], row['unit'])}"


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

    Parameters
    ----------
    question : Question
        What is asked.
    scenarios : sequence of Scenario
        The base and the others, as changed by the command.
    out : path
        Folder.
    executor, detail, overwrite, progress
        As for :func:`sim.studies.ensemble_study.run`.
    asked : mapping, optional
        Who asked, for the manifest: the script, what it says of itself, and what it was asked with.

    Returns
    -------
    tuple of Study and Answer
        The study, and what it found.
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
    return study, keep_beside(out, study.names, files, Made(_answer(study, found), write, manifest))


def _answer(study: Study, found: Findings | None) -> Answer:
    """What is found, as data."""
    failures = failed_pairs(study.comparison)
    if found is None:
        return Answer("script", (*failures, Sentence("No pair of runs is left to answer from.", "lead")))
    tables = [Preformatted(each) if isinstance(each, str) else each for each in found.tables]
    return Answer("script", (*failures, *sentences(found.sentences), *tables, Note(_how(study))))


def _how(study: Study) -> str:
    """What the figures are."""
    years, pairs = study.years, len(study.replications)
    when = f"Means of a year over {years[0]} to {years[-1]}" if len(years) > 1 else f"Figures of {years[0]}"
    independent = len(set(study.groups.tolist()))
    few = (
        f" {independent} independent pairs are too few for the intervals to say much."
        if independent < LEAST_GROUPS
        else ""
    )
    return (
        f"{when}, unless others are named; {pairs} pairs of runs on common random numbers, seed "
        f"{study.comparison.base.seed}. Shares and delays are means of those of the years. In brackets the 95% "
        f"interval of each difference from {study.base}, not corrected for there being several.{few}"
    )
