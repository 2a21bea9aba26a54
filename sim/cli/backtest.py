"""Forecasts history without knowing it, and scores the forecast: ``python -m sim backtest``."""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import date
from pathlib import Path

from sim.base.faults import Fault, InputError, refuse_any
from sim.base.progress import tell
from sim.cli.ending import DONE
from sim.cli.flags import add_examples, add_study_flags
from sim.cli.given import date_of, executor_of, jobs_faults, scenario_of
from sim.cli.output import ended
from sim.inputs.history import SHIPPED, History, Inspection, read_history
from sim.inputs.spellings import words
from sim.studies import backtest_study, pooled_study

BLIND = ("sif_launch", "launch_as_known")
WITH_EVERYTHING = "pandemic"
"""Scenarios of the back-tests made when none is named: two blind, and one with everything known since."""


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.description = (
        "Start where history stood, with drift, judgement and workforce as they were known then, and compare the "
        "forecast with what happened. Without SCENARIO, make the three built-in forecasts: blind from November 2013, "
        "blind from January 2018, and from January 2018 with everything known to March 2022."
    )
    parser.add_argument(
        "scenario",
        metavar="SCENARIO",
        nargs="?",
        help="where history stood: name of a built-in scenario, or a TOML file",
    )
    parser.add_argument(
        "--history", metavar="TABLE", dest="history", action="append", type=Path,
        help="a CSV file or workbook of full inspections with the columns authority, region, kind, fieldwork_start, "
        "inspected_on, published and judgement (default: inspections_2013_2022.csv); repeatable",
    )  # fmt: skip
    parser.add_argument(
        "--until",
        metavar="DATE",
        help="last day on which the tables are complete (default: the end of their last month)",
    )
    parser.add_argument(
        "--origins", action="store_true", help="forecast two years from each April of 2015 to 2019 with what was known "
        "then, and score them together; not with SCENARIO, --history, --until or --as-it-ships",
    )  # fmt: skip
    parser.add_argument(
        "--as-it-ships", action="store_true", help="run the scenario unchanged, not with what was known at its start"
    )
    add_study_flags(parser, replications="runs of each forecast (default: 200)", detail=None)
    add_examples(
        parser,
        "backtest",
        "backtest launch_as_known --replications 400",
        "backtest --origins",
        "backtest mine.toml --history inspections_2013_2022.csv --history mine.csv --until 2024-03-31",
    )


def action(given: argparse.Namespace) -> int:
    """Forecast what happened, print the scores and say where they are saved."""
    if given.origins:
        return _from_origins(given)
    history, until = _history(given), date_of(given.until, "--until")
    if given.replications is None:
        given.replications = backtest_study.REPLICATIONS
    asked = [(given.scenario, given.as_it_ships)]
    if given.scenario is None:
        asked = [*((name, False) for name in BLIND), (WITH_EVERYTHING, True)]
    scenarios = [(scenario_of(name, given), as_it_ships) for name, as_it_ships in asked]
    places = [given.out if given.out is None or given.scenario else given.out / each.name for each, _ in scenarios]
    for (scenario, as_it_ships), out in zip(scenarios, places, strict=True):
        backtest_study.refuse(scenario, history, out, until=until, as_it_ships=as_it_ships, overwrite=given.overwrite)
    with executor_of(given) as executor:
        for (scenario, as_it_ships), out in zip(scenarios, places, strict=True):
            tell(f"{scenario.name}: {scenario.replications} runs.")
            kept = backtest_study.answer(
                scenario, history, out, until=until, as_it_ships=as_it_ships, executor=executor,
                overwrite=given.overwrite,
            )  # fmt: skip
            ended(kept.folder, kept.failures, kept.repeated)
            print()
    return DONE


def _from_origins(given: argparse.Namespace) -> int:
    """Forecast from several origins and score them together."""
    others = {"SCENARIO": given.scenario, "--history": given.history, "--until": given.until}
    others |= {"--as-it-ships": given.as_it_ships, "--set": given.settings}
    words = "it cannot be given together with --origins"
    faults = [Fault(flag, "", str(value), words) for flag, value in others.items() if value]
    runs = backtest_study.REPLICATIONS if given.replications is None else given.replications
    refuse_any([*faults, *pooled_study.faults_of(runs), *jobs_faults(given)])
    with executor_of(given) as executor:
        kept = pooled_study.answer(
            given.out, runs=runs, seed=1 if given.seed is None else given.seed, executor=executor,
            overwrite=given.overwrite,
        )  # fmt: skip
    return ended(kept.folder, kept.failures, kept.repeated)


def _history(given: argparse.Namespace) -> History:
    """Return the inspections of all tables. Count an inspection once, even if two tables spell its authority in two
    ways.
    """
    found: dict[tuple[str, date], Inspection] = {}
    faults: list[Fault] = []
    for path in given.history or [Path(SHIPPED)]:
        try:
            more = {(words(one.authority), one.inspected_on): one for one in read_history(path, 0).inspections}
        except InputError as error:
            faults += error.faults
            continue
        for key, one in more.items():
            first = found.setdefault(key, one)
            if replace(one, authority=first.authority) != first:
                otherwise = f"another table has different details of its inspection that ended on {one.inspected_on}"
                faults.append(Fault(str(path), "authority", one.authority, otherwise))
    refuse_any(faults)
    return History.of(found.values())
