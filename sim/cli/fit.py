"""Estimates drift and accuracy of judgement from a history of inspections: ``python -m sim fit``."""

from __future__ import annotations

import argparse
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from pathlib import Path

from sim.analysis import fitting, scoring
from sim.analysis.predictive import check
from sim.base.faults import Fault, InputError
from sim.base.progress import tell
from sim.base.scratch import written_beside
from sim.cli.ending import DONE
from sim.cli.flags import add_examples
from sim.cli.given import date_of
from sim.cli.output import terminal_width
from sim.inputs.grades import SHIPPED
from sim.inputs.history import FEWEST_PAIRS, History, read_history
from sim.inputs.scenario import load
from sim.studies import fit_answer


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument(
        "table", metavar="TABLE", type=Path,
        help="a CSV file or workbook with the columns authority, judgement and inspected_on (optional: published, "
        "kind, region, fieldwork_start), or inspections_2013_2022.csv",
    )  # fmt: skip
    parser.add_argument(
        "--scenario",
        metavar="SCENARIO",
        help="scenario with the grades that the table uses (default: those of children's services)",
    )
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        help="new folder to write ratings.toml, draws.csv, scores.csv and columns.csv to",
    )
    parser.add_argument(
        "--all-models",
        action="store_true",
        help="also score every model and prior considered, and show the influence of the prior (takes minutes)",
    )
    parser.add_argument(
        "--before",
        metavar="DATE",
        help="leave out inspections published on or after this day (default: use the whole table)",
    )
    add_examples(parser, "fit inspections_2013_2022.csv", "fit mine.csv --before 2022-04-01 --out results/my_fit")


def action(given: argparse.Namespace) -> int:
    """Fit the drift and the accuracy of judgement, print them and save them."""
    grades = SHIPPED if given.scenario is None else load(given.scenario).grades
    history, known = read_history(given.table, grades=grades), ""
    if (day := date_of(given.before, "--before")) is not None:
        history, known = _known_on(history, day), f" published before {day}"
    with nullcontext() if given.out is None else written_beside(given.out) as folder:
        if folder is not None and given.out.exists() and not (given.out.is_dir() and not any(given.out.iterdir())):
            raise InputError([Fault("--out", "DIR", str(given.out), "it already exists; give a new folder")])
        read = f"Read {len(history.inspections)} inspections. Fitting and scoring them takes about half a minute."
        for sentence in history.understood:
            tell(f"How it was read: {sentence}.")
        tell(read)
        fitted = fitting.fit(history)
        scores = scoring.compare(history, scoring.models(every=given.all_models))
        found = fit_answer.answer(history, fitted, scores, check(fitted, history))
        if given.all_models:
            found = replace(found, blocks=(*found.blocks, fit_answer.influence_of_prior(history, fitted)))
        print(found.text(terminal_width()))
        if folder is not None:
            source = f"fitted by python -m sim fit to {given.table.name}: {history.pairs} pairs of judgements{known}"
            fit_answer.save(folder, history, fitted, scores, source)
    if given.out is not None:
        print(
            f"\nWritten: {given.out}/ (columns.csv, draws.csv, ratings.toml, scores.csv). To use them, write "
            'extends = "ilacs_launch" and draws = "draws.csv" at the top of a scenario file, and paste ratings.toml '
            "below them."
        )
    return DONE


def _known_on(history: History, day: date) -> History:
    known = history.known_on(day)
    if known.pairs < FEWEST_PAIRS:
        words = f"only {known.pairs} judgements before it followed an earlier one; a fit needs {FEWEST_PAIRS}"
        raise InputError([Fault("--before", "DATE", str(day), words)])
    return known
