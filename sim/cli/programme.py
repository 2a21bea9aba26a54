"""Tests the user's own plan of visits, or writes a levelled one: ``python -m sim programme``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from sim.analysis.own_plan import FEWEST
from sim.base.faults import NOT_SHOWN, Fault, InputError, unless_wrong
from sim.cli.flags import add_examples, add_study_flags
from sim.cli.given import executor_of, jobs_faults, scenario_of
from sim.cli.output import ended, print_notes
from sim.inputs.check import TABLES
from sim.inputs.scenario import Scenario
from sim.inputs.scenario_files import DEFAULT
from sim.inputs.visit_plan import KEY
from sim.studies import programme_study
from sim.studies.programme_answer import PLAN


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.description = (
        "Give a table of visits and weeks to test it. The answer shows the probability that each visit is late or "
        "misses its week, in which weeks visits often cannot begin, why, and which weeks would be better. Give a "
        "scenario without a plan to write a levelled plan of all visits that can be foreseen, as a table that you can "
        "change and test."
    )
    parser.add_argument(
        "plan",
        metavar="PLAN",
        help="a CSV file or workbook with the columns authority, kind, week and (optional) lead; or a scenario",
    )
    parser.add_argument(
        "--scenario",
        metavar="NAME",
        help=f"scenario in which to test the table: a name or a TOML file (default: {DEFAULT})",
    )
    parser.add_argument(
        "--months", metavar="M", type=int,
        help=f"length of the levelled plan in months from the start (default: {programme_study.MONTHS})",
    )  # fmt: skip
    runs = f"runs that test the table, {FEWEST} or more (default: the scenario's number)"
    add_study_flags(parser, detail=None, replications=runs)
    add_examples(
        parser,
        "programme ilacs_launch --out results/levelled",
        "programme results/levelled/programme.csv --out results/tried",
        "programme my_plan.xlsx --scenario mine.toml --replications 200",
    )


def action(given: argparse.Namespace) -> int:
    """Test a plan or write one, print the answer and say where it is saved."""
    faults: list[Fault] = []
    table = Path(given.plan).suffix.lower() in TABLES
    own = {KEY: str(Path(given.plan).absolute())} if table else None
    source = given.scenario or DEFAULT if table else given.plan
    scenario = unless_wrong(faults, lambda: scenario_of(source, given, own, "PLAN"))
    tried = table if scenario is None else scenario.planning.plan is not None
    faults += _flag_faults(given, table, tried)
    if scenario is not None:
        faults += _amount_faults(scenario, given, tried)
    if faults or scenario is None:
        raise InputError(faults)
    print_notes(scenario)
    return _try(scenario, given) if tried else _write(scenario, given)


def _amount_faults(scenario: Scenario, given: argparse.Namespace, tried: bool) -> Iterator[Fault]:
    """List what is wrong with the number of runs or of months."""
    if tried:
        yield from programme_study.faults_of_runs(scenario.replications)
    elif given.months is not None:
        yield from programme_study.faults_of_months(scenario, given.months)


def _flag_faults(given: argparse.Namespace, table: bool, tried: bool) -> Iterator[Fault]:
    """List the flags that do not fit the question."""
    if given.scenario is not None and not table:
        words = "it applies only to a table of visits, but PLAN is a scenario"
        yield Fault("--scenario", "NAME", given.scenario, words)
    if given.months is not None and tried:
        yield Fault("--months", "M", given.months, "only a levelled plan takes it; your plan sets its own weeks")
    if table and any(setting.partition("=")[0].strip() == KEY for setting in given.settings):
        yield Fault("--set", KEY, NOT_SHOWN, "PLAN is already a table of visits; give only one of the two")
    yield from jobs_faults(given)
    for flag, amount in (("replications", "N"), ("cluster", "ADDRESS")):
        if not tried and (found := getattr(given, flag)) is not None:
            words = "only testing a plan takes it; writing a levelled plan makes no runs"
            yield Fault(f"--{flag}", amount, found, words)


def _try(scenario: Scenario, given: argparse.Namespace) -> int:
    with executor_of(given) as executor:
        kept = programme_study.try_plan(scenario, given.out, executor=executor, overwrite=given.overwrite)
    return ended(kept.folder, kept.failures, kept.repeated, _head(scenario))


def _write(scenario: Scenario, given: argparse.Namespace) -> int:
    months = programme_study.MONTHS if given.months is None else given.months
    kept = programme_study.write_levelled(scenario, given.out, months=months, overwrite=given.overwrite)
    hint = f"To test it, run `python -m sim programme {kept.folder / PLAN} --scenario {given.plan}`."
    return ended(kept.folder, kept.failures, kept.repeated, _head(scenario), hint)


def _head(scenario: Scenario) -> str:
    return f"{scenario.name}: {scenario.question}"
