"""The commands that hold the model against history: ``python -m sim backtest`` and ``python -m sim calibrate``."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from sim.base.faults import Fault, InputError
from sim.cli import main as cli

if TYPE_CHECKING:
    from sim.inputs.history import History, Inspection
    from sim.studies.keeper import Kept

BLIND = ("sif_launch", "launch_as_known")
WITH_EVERYTHING = "pandemic"
"""Scenarios of the back-tests that are made unless one is named: two blind, and one as it ships."""


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands ``backtest`` and ``calibrate``."""
    _add_backtest(commands)
    _add_calibrate(commands)


def _add_calibrate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command ``calibrate``."""
    calibrate = commands.add_parser(
        "calibrate",
        allow_abbrev=False,
        help="people, days of a visit and plan, inferred from what was done since November 2013",
        description="Approximate Bayesian computation: many runs from what is assumed, of which those nearest to "
        "history are kept. The scenarios that ship take such draws. 2,000 runs: a quarter of an hour on two cores.",
    )
    calibrate.add_argument(
        "--before",
        metavar="DATE",
        help="first day on which nothing is known any more (2020-01-01 otherwise; from 2015-04-01 to 2020-03-01)",
    )
    calibrate.add_argument("--runs", metavar="N", type=int, help="runs from the prior (2,000 otherwise; 200 or more)")
    cli.add_place_flags(calibrate, "results/calibration_<day>")
    cli.add_examples(calibrate, "calibrate", "calibrate --before 2018-01-31 --runs 6000")
    calibrate.set_defaults(action=_calibrate)


def _calibrate(given: argparse.Namespace) -> int:
    from sim.analysis.calibration import RUNS
    from sim.studies import calibration_study

    before = _date(given.before, "--before") or calibration_study.BEFORE
    runs = RUNS if given.runs is None else given.runs
    seed = 1 if given.seed is None else given.seed
    with cli.executor_of(given) as executor:
        kept = calibration_study.calibrate(
            given.out, before=before, runs=runs, seed=seed, executor=executor, overwrite=given.overwrite
        )
    _say(kept)
    return cli.DONE


def _say(kept: Kept) -> None:
    """Print an answer, and where it is kept."""
    files = ", ".join(sorted(path.name for path in kept.folder.iterdir()))
    print(f"{kept.text}\n{'Held already, nothing run' if kept.repeated else 'Written'}: {kept.folder}/ ({files})\n")


def _add_backtest(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command ``backtest``."""
    backtest = commands.add_parser(
        "backtest",
        allow_abbrev=False,
        help="history forecast blind, and scored",
        description="Starts where history stood, with drift, judgement and workforce as they were known then, and "
        "holds the forecast against what happened. Without SCENARIO three forecasts that ship: blind from November "
        "2013, blind from January 2018, and from January 2018 with everything known to March 2022.",
    )
    backtest.add_argument(
        "scenario", metavar="SCENARIO", nargs="?", help="where history stood: a name that ships, or a TOML file"
    )
    backtest.add_argument(
        "--history", metavar="TABLE", dest="history", action="append", type=Path,
        help="a CSV of full inspections with authority, region, kind, fieldwork_start, inspected_on, published, "
        "judgement; may be given several times, and one may be inspections_2013_2022.csv, which is taken otherwise",
    )  # fmt: skip
    backtest.add_argument(
        "--until",
        metavar="DATE",
        help="last day on which the tables are complete (the end of their last month otherwise)",
    )
    backtest.add_argument(
        "--as-it-ships", action="store_true", help="run the scenario as it is, and not with what was known at its start"
    )
    cli.add_study_flags(backtest, replications="runs of each forecast (200 otherwise)", detail=None)
    cli.add_examples(
        backtest,
        "backtest",
        "backtest launch_as_known --replications 400",
        "backtest mine.toml --history inspections_2013_2022.csv --history mine.csv --until 2024-03-31",
    )
    backtest.set_defaults(action=_backtest)


def _backtest(given: argparse.Namespace) -> int:
    from sim.studies import backtest_study

    history, until = _history(given), _date(given.until, "--until")
    if given.replications is None:
        given.replications = backtest_study.REPLICATIONS
    asked = [(given.scenario, given.as_it_ships)]
    if given.scenario is None:
        asked = [*((name, False) for name in BLIND), (WITH_EVERYTHING, True)]
    scenarios = [(cli.scenario_of(name, given), as_it_ships) for name, as_it_ships in asked]
    places = [given.out if given.out is None or given.scenario else given.out / each.name for each, _ in scenarios]
    for (scenario, as_it_ships), out in zip(scenarios, places, strict=True):
        backtest_study.refuse(scenario, history, out, until=until, as_it_ships=as_it_ships, overwrite=given.overwrite)
    with cli.executor_of(given) as executor:
        for (scenario, as_it_ships), out in zip(scenarios, places, strict=True):
            print(f"{scenario.name}: {scenario.replications} runs.", file=sys.stderr, flush=True)
            kept = backtest_study.answer(
                scenario, history, out, until=until, as_it_ships=as_it_ships, executor=executor,
                overwrite=given.overwrite,
            )  # fmt: skip
            _say(kept)
    return cli.DONE


def _history(given: argparse.Namespace) -> History:
    """Inspections of every table; the same inspection in two of them counts once."""
    from sim.inputs.history import SHIPPED, History, read_history

    found: dict[tuple[str, date], Inspection] = {}
    faults: list[Fault] = []
    for path in given.history or [Path(SHIPPED)]:
        try:
            more = {(one.authority, one.inspected_on): one for one in read_history(path, 0).inspections}
        except InputError as error:
            faults += error.faults
            continue
        for key, one in more.items():
            if found.setdefault(key, one) != one:
                words = f"another table says otherwise of its inspection that ended on {one.inspected_on}"
                faults.append(Fault(str(path), "authority", one.authority, words))
    if faults:
        raise InputError(faults)
    return History.of(found.values())


def _date(said: str | None, flag: str) -> date | None:
    if said is None:
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise InputError([Fault(flag, "DATE", said, "give a date, such as 2019-03-31")]) from None
