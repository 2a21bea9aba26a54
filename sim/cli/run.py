"""Runs a scenario and saves its results: ``python -m sim run``."""

from __future__ import annotations

import argparse

from sim.base.faults import NOT_SHOWN, Fault, InputError, refuse_any
from sim.cli.ending import DONE
from sim.cli.flags import add_examples, add_precision_flags, add_study_flags
from sim.cli.given import executor_of, scenario_of
from sim.cli.output import ended, print_notes, terminal_width
from sim.inputs.scenario import Scenario
from sim.runs.ensemble import BATCH, measures_of
from sim.runs.precision import BUDGET, Precision, budget_faults, least_budget
from sim.runs.results import Results
from sim.studies import ensemble_study
from sim.studies.ensemble_answer import of_one_run


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("scenario", metavar="SCENARIO", help="name of a built-in scenario, or a TOML file")
    add_study_flags(parser)
    add_precision_flags(parser)
    add_examples(
        parser,
        "run ilacs_launch",
        "run ilacs_launch --set workforce.roles.social_care_hmi.people=54 --out results/54",
        'run mine.toml --replications 20 --until "utilisation<=0.01" --budget 400',
    )


def action(given: argparse.Namespace) -> int:
    """Run the scenario that the command names."""
    return study(given.scenario, given)


def study(source: str, given: argparse.Namespace) -> int:
    """Run a scenario with the flags given, print the headline and say where the results are."""
    scenario = scenario_of(source, given)
    if given.replication is not None:
        return _one_replication(scenario, given)
    until = _precision(scenario, given)
    print_notes(scenario)
    with executor_of(given) as executor:
        results = ensemble_study.run(
            scenario, given.out, executor=executor, detail=given.detail, until=until, overwrite=given.overwrite
        )
    return ended(results.folder, results.failures, results.repeated, hint=_hint(source, results))


def _hint(source: str, results: Results) -> str:
    """Suggest what to do next: question the numbers behind the answer, or debug a replication that failed."""
    hints = [f"To see which numbers to question, run `python -m sim describe {source}`."]
    if results.failures:
        hints.append(f"To debug the failure, add --replication {results.failures[0]['replication']}.")
    return "\n".join(hints)


def _precision(scenario: Scenario, given: argparse.Namespace) -> Precision | None:
    if given.until:
        looks = scenario.replications, scenario.runs_sharing_a_draw, BATCH
        budget = max(least_budget(*looks), BUDGET * looks[0]) if given.budget is None else given.budget
        return Precision.parse(given.until, budget, budget_faults(budget, *looks))
    if given.budget is not None:
        raise InputError([Fault("--budget", "N", given.budget, "it needs --until")])
    return None


def _one_replication(scenario: Scenario, given: argparse.Namespace) -> int:
    """Run one replication in this process and let its exceptions through."""
    alone = ("out", "until", "budget", "cluster", "jobs", "overwrite")
    beside = [f"--{name}" for name in alone if getattr(given, name) not in (None, False, [])]
    faults = [Fault(flag, "", NOT_SHOWN, "it cannot be given together with --replication") for flag in beside]
    if given.replication < 0:
        faults.append(Fault("--replication", "K", given.replication, "the first replication is 0"))
    refuse_any(faults)
    print(of_one_run(scenario, given.replication, measures_of(scenario, given.replication)).text(terminal_width()))
    return DONE
