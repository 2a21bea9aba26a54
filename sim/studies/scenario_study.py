"""Studies: scenarios that ship, run on common random numbers, to answer one question.

A script in ``scenarios/`` says which scenarios and what to make of them; what it makes is an answer in a sentence, a
table and a picture, printed and kept beside the results.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.comparison import TABLE as COMPARED
from sim.analysis.comparison import compare, write_manifest
from sim.analysis.study import Study
from sim.base.figures import aligned, interval, value
from sim.runs.ensemble import Detail
from sim.runs.executors import Executor, here
from sim.runs.precision import LEAST_GROUPS
from sim.runs.results import MANIFEST
from sim.runs.store import write_text

if TYPE_CHECKING:
    import pandas as pd

    from sim.charts import Drawn
    from sim.inputs.scenario import Scenario

ANSWER, TABLE, PICTURE = "answer.txt", "answer.csv", "picture"
"""Files of the answer: what is printed, its table, and the stem of the picture and its text."""
FILES = frozenset({ANSWER, TABLE, f"{PICTURE}.png", f"{PICTURE}.txt"})
WIDTH = 118
BESIDE, ACROSS = 4, 3
"""Most scenarios beside each other in a table, and measures across where there are more."""


@dataclass(frozen=True)
class Answer:
    """What a study answers.

    Attributes
    ----------
    sentences : sequence of str
        The answer, the most important first.
    tables : sequence of str
        Tables as text, each under a line that says what it shows.
    table : pandas.DataFrame
        The figures behind them.
    picture : Axes or sequence of Axes
        The chart and its text alternative.
    more : mapping of str to pandas.DataFrame
        Further tables, by the name of the file that each is kept in.
    """

    sentences: Sequence[str]
    tables: Sequence[str]
    table: pd.DataFrame
    picture: Drawn
    more: Mapping[str, pd.DataFrame] = field(default_factory=dict)


Policy = Mapping[str, object] | Callable[["Scenario"], Mapping[str, object]]
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
    answer: Callable[[Study], Answer]
    others: tuple[str, ...] = ()
    policies: Mapping[str, Policy] = field(default_factory=dict)
    replications: int = 100
    measures: tuple[str, ...] = ("inspector_days_worked", "inspections_on_time", "contacts_per_authority")
    detail: Detail = "measures"
    files: tuple[str, ...] = ()


def shown(table: pd.DataFrame, head: str) -> str:
    """Table of :meth:`Study.table` as text, each figure with its difference and interval.

    A few scenarios stand beside each other; many stand below each other, with a few measures across at a time.
    """
    names, words = (list(dict.fromkeys(table[column])) for column in ("scenario", "words"))
    cells = {(row["scenario"], row["words"]): row for row in table.to_dict("records")}
    named = {each: f"{each}{_unit(cells[names[0], each])}" for each in words}
    if len(names) <= BESIDE:
        rows = [[named[each], *(_cell(cells[name, each]) for name in names)] for each in words]
        return aligned([[head, *names], *rows], words=1)
    blocks = [words[first : first + ACROSS] for first in range(0, len(words), ACROSS)]
    return "\n\n".join(
        aligned(
            [
                [head, *(named[each] for each in block)],
                *([name, *(_cell(cells[name, each]) for each in block)] for name in names),
            ],
            words=1,
        )
        for block in blocks
    )


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
) -> tuple[Study, str]:
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
        As for :func:`sim.runs.ensemble.run`.
    asked : mapping, optional
        Who asked, for the manifest: the script, what it says of itself, and what it was asked with.

    Returns
    -------
    tuple of Study and str
        The study, and the text of its answer.
    """
    from sim import charts

    base, *others = scenarios
    study = Study(
        compare(
            base, others, out, measures=question.measures, executor=executor, detail=detail, overwrite=overwrite,
            progress=progress, beside=FILES | set(question.files), pictures=False,
        )
    )  # fmt: skip

    if not len(study.replications):
        return study, "\n\n".join([*_failures(study), "No pair of runs is left to answer from."])
    found = question.answer(study)
    text = "\n\n".join([*_failures(study), *map(_filled, found.sentences), *found.tables, _filled(_how(study))])
    (out / MANIFEST).unlink(missing_ok=True)  # from here to the last line the folder reads as nothing
    write_text(out / ANSWER, text + "\n")
    for name, table in {TABLE: found.table, **found.more}.items():
        write_text(out / name, table.to_csv(index=False, float_format="%.6g", lineterminator="\n"))
    charts.save(out / PICTURE, found.picture)
    write_manifest(study.comparison, {"question": "script", **(asked or {})}, [COMPARED, *FILES, *found.more])
    return study, text


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


def _failures(study: Study) -> list[str]:
    failed = {name: len(results.failures) for name, results in study.comparison.results.items() if results.failures}
    return [
        _filled(
            f"{number} replications of {name} FAILED, and their pairs are left out (manifest.json has the tracebacks)."
        )
        for name, number in failed.items()
    ]


def _filled(words: str) -> str:
    return "\n".join(textwrap.wrap(words, WIDTH))
