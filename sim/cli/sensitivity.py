"""The command that asks which weakly founded numbers drive the answer: ``python -m sim sensitivity``."""

from __future__ import annotations

import argparse
import sys

from sim.base.faults import Fault, InputError, unless_wrong
from sim.cli import main as cli


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command ``sensitivity``."""
    command = commands.add_parser(
        "sensitivity",
        allow_abbrev=False,
        help="which numbers of low confidence drive the answer, and which three most need a better figure",
        description="Every number of low confidence that has a plausible range is varied at once, by a Latin hypercube "
        "with common random numbers. Rank correlations with intervals say which way each drives a measure, a tornado "
        "chart how far, and the answer names the three that most need a better figure.",
    )
    command.add_argument("scenario", metavar="SCENARIO", help="a name that ships, or a TOML file")
    command.add_argument("--points", metavar="N", type=int, help="points of the hypercube (400 otherwise)")
    command.add_argument(
        "--measure", metavar="MEASURE", dest="measures", action="append",
        help="a measure to tell, mean over the years that count; may be given several times (timeliness, workload, old "
        "judgements and unseen decline otherwise)",
    )  # fmt: skip
    command.add_argument(
        "--from-year", metavar="N", type=int, help="first whole financial year that counts (3 otherwise)"
    )
    cli.add_study_flags(command, replications="runs of each point, the same at all of them (2 otherwise)", detail=None)
    cli.add_examples(
        command,
        "sensitivity ilacs_launch",
        "sensitivity position_2022 --points 600 --measure inspections_on_time --measure cost_pounds --from-year 1",
    )
    command.set_defaults(action=_sensitivity)


def _sensitivity(given: argparse.Namespace) -> int:
    """Vary the weakly founded numbers, print the answer and say where it is kept."""
    from sim.analysis.capacity import of_one_draw_each
    from sim.analysis.sensitivity import factors_of
    from sim.inputs.caveats import warnings
    from sim.studies import sensitivity_study
    from sim.studies.sensitivity_study import SensitivityQuestion

    faults: list[Fault] = []
    alone = argparse.Namespace(**vars(given) | {"replications": None})  # they are those of a point
    scenario = unless_wrong(faults, lambda: of_one_draw_each(cli.scenario_of(given.scenario, alone)))
    flags = {name: getattr(given, name) for name in ("points", "replications", "from_year")}
    flags["measures"] = None if given.measures is None else tuple(dict.fromkeys(given.measures))
    asked = unless_wrong(
        faults, lambda: SensitivityQuestion(**{name: value for name, value in flags.items() if value is not None})
    )
    if scenario is not None and asked is not None:
        faults += asked.faults(factors_of(scenario))
        unless_wrong(faults, lambda: asked.years(scenario))
    if given.cluster is None:
        faults += cli.jobs_faults(given)
    if faults or scenario is None or asked is None:
        raise InputError(faults)
    for warning in warnings(scenario):
        print(f"Note: {warning}.", file=sys.stderr)
    with cli.executor_of(given) as executor:
        found = sensitivity_study.answer(scenario, asked, given.out, executor=executor, overwrite=given.overwrite)
    print(f"{scenario.name}: {scenario.question}\n\n{found.text}")
    files = ", ".join(sorted(path.name for path in found.folder.iterdir()))
    print(f"\n{'Held already, nothing run' if found.repeated else 'Written'}: {found.folder}/ ({files})")
    return cli.FAILED if found.failures else cli.DONE
