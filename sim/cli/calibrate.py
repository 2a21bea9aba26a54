"""Infers staff, days per visit and visit planning from history: ``python -m sim calibrate``."""

from __future__ import annotations

import argparse

from sim.analysis.calibration import RUNS
from sim.cli.flags import add_examples, add_place_flags
from sim.cli.given import date_of, executor_of
from sim.cli.output import ended
from sim.studies import calibration_study


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.description = (
        "Infer staff, days per visit and visit planning from past inspections, by approximate Bayesian computation. "
        "The command makes many runs with numbers drawn from their assumed ranges. It keeps the runs nearest to "
        "history. 2,000 runs take about 25 minutes on two cores."
    )
    parser.add_argument(
        "--before",
        metavar="DATE",
        help=f"use only what was known before this day (default: {calibration_study.BEFORE}; from "
        f"{calibration_study.EARLIEST} to {calibration_study.LATEST})",
    )
    parser.add_argument(
        "--runs",
        metavar="N",
        type=int,
        help=f"runs from the prior (default: {RUNS:,}; at least {calibration_study.FEWEST_RUNS})",
    )
    add_place_flags(parser, "results/calibration_<day>")
    add_examples(parser, "calibrate", "calibrate --before 2018-01-31 --runs 6000")


def action(given: argparse.Namespace) -> int:
    """Infer from history, print the answer and say where it is saved."""
    before = date_of(given.before, "--before") or calibration_study.BEFORE
    runs = RUNS if given.runs is None else given.runs
    seed = 1 if given.seed is None else given.seed
    with executor_of(given) as executor:
        kept = calibration_study.calibrate(
            given.out, before=before, runs=runs, seed=seed, executor=executor, overwrite=given.overwrite
        )
    return ended(kept.folder, kept.failures, kept.repeated)
