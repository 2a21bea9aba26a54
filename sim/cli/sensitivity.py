"""Which weakly founded numbers drive the answer: ``python -m sim sensitivity``."""

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
    """Add the flags of the command."""
    parser.description = (
        "Every number of low confidence that has a plausible range is varied at once, by a Latin hypercube "
        "with common random numbers. Rank correlations with intervals say which way each drives a measure, a tornado "
        "chart how far, and the answer names the three that most need a better figure."
    )
    parser.add_argument("scenario", metavar="SCENARIO", help="a name that ships, or a TOML file")
    parser.add_argument("--points", metavar="N", type=int, help="points of the hypercube (400 otherwise)")
    parser.add_argument(
        "--measure", metavar="MEASURE", dest="measures", action="append",
        help="a measure to tell, mean over the years that count; may be given several times (timeliness, workload, old "
        "judgements and unseen decline otherwise)",
    )  # fmt: skip
    parser.add_argument(
        "--from-year", metavar="N", type=int, help="first whole financial year that counts (3 otherwise)"
    )
    add_study_flags(parser, replications="runs of each point, the same at all of them (2 otherwise)", detail=None)
    add_examples(
        parser,
        "sensitivity ilacs_launch",
        "sensitivity position_2022 --points 600 --measure inspections_on_time --measure cost_pounds --from-year 1",
    )


def action(given: argparse.Namespace) -> int:
    """Vary the weakly founded numbers, print the answer and say where it is kept."""
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
