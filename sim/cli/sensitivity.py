"""Finds which low-confidence numbers drive the answer: ``python -m sim sensitivity``."""

from __future__ import annotations

import argparse

from sim.analysis.sensitivity import factors_of
from sim.base.faults import Fault, InputError, unless_wrong
from sim.cli.flags import add_examples, add_study_flags
from sim.cli.given import executor_of, said, varied_scenario
from sim.cli.output import ended, print_notes
from sim.studies import sensitivity_study
from sim.studies.sensitivity_study import SensitivityQuestion


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.description = (
        "Vary every low-confidence number that has a plausible range, all at once, with a Latin hypercube and common "
        "random numbers. Rank correlations, with intervals, show which way each number drives a measure. A tornado "
        "chart shows how far. The answer names the three numbers that need better figures most."
    )
    parser.add_argument("scenario", metavar="SCENARIO", help="name of a built-in scenario, or a TOML file")
    parser.add_argument("--points", metavar="N", type=int, help="points of the hypercube (default: 400)")
    parser.add_argument(
        "--measure", metavar="MEASURE", dest="measures", action="append",
        help="measure to explain, as a mean over the years that count; repeatable (default: timeliness, workload, old "
        "judgements and unseen decline)",
    )  # fmt: skip
    parser.add_argument(
        "--from-year", metavar="N", type=int, help="first whole financial year that counts (default: 3)"
    )
    add_study_flags(
        parser, replications="runs at each point, with the same random numbers at every point (default: 2)", detail=None
    )
    add_examples(
        parser,
        "sensitivity ilacs_launch",
        "sensitivity position_2022 --points 600 --measure inspections_on_time --measure cost_pounds --from-year 1",
    )


def action(given: argparse.Namespace) -> int:
    """Vary the low-confidence numbers, print the answer and say where it is saved."""
    faults: list[Fault] = []
    scenario = varied_scenario(given, faults)
    flags = {name: getattr(given, name) for name in ("points", "replications", "from_year")}
    flags["measures"] = None if given.measures is None else tuple(dict.fromkeys(given.measures))
    asked = unless_wrong(faults, lambda: SensitivityQuestion(**said(flags)))
    if scenario is not None and asked is not None:
        faults += asked.faults(factors_of(scenario))
        unless_wrong(faults, lambda: asked.years(scenario))
    if faults or scenario is None or asked is None:
        raise InputError(faults)
    print_notes(scenario)
    with executor_of(given) as executor:
        found = sensitivity_study.answer(scenario, asked, given.out, executor=executor, overwrite=given.overwrite)
    return ended(found.folder, found.failures, found.repeated, f"{scenario.name}: {scenario.question}")
