"""The command that forecasts history blind: ``python -m sim backtest``."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from sim import cli
from sim.faults import Fault, InputError

if TYPE_CHECKING:
    from sim.history import History, Inspection

BLIND = ("sif_launch", "launch_as_known")
WITH_EVERYTHING = "pandemic"
"""Scenarios of the back-tests that are made unless one is named: two blind, and one as it ships."""


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command ``backtest``."""
    backtest = commands.add_parser(
        "backtest",
        allow_abbrev=False,
        help="history forecast blind, and scored",
        description="Starts where history stood, with drift, judgement and workforce as they were known then, and "
        "holds the forecast against what happened. Without SCENARIO three forecasts that ship: blind from November "
        "2013, blind from January 2018, and from January 2018 with everything known to March 2022.",
        epilog="examples:\n  python -m sim backtest\n"
        "  python -m sim backtest launch_as_known --replications 400\n"
        "  python -m sim backtest mine.toml --history inspections_2013_2022.csv --history mine.csv --until 2024-03-31",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    backtest.add_argument(
        "scenario", metavar="SCENARIO", nargs="?", help="where history stood: a name that ships, or a TOML file"
    )
    backtest.add_argument(
        "--history", metavar="TABLE", dest="tables", action="append", type=Path,
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
    backtest.set_defaults(action=_backtest)


def _backtest(given: argparse.Namespace) -> int:
    from sim import backtest_study

    history, until = _history(given), _until(given)
    if given.replications is None:
        given.replications = backtest_study.REPLICATIONS
    asked = [(given.scenario, given.as_it_ships)]
    if given.scenario is None:
        asked = [*((name, False) for name in BLIND), (WITH_EVERYTHING, True)]
    scenarios = [(cli.scenario_of(name, given), as_it_ships) for name, as_it_ships in asked]
    for scenario, _ in scenarios:
        backtest_study.refuse(scenario, history, until)
    with cli.executor_of(given) as executor:
        for scenario, as_it_ships in scenarios:
            out = given.out if given.out is None or given.scenario else given.out / scenario.name
            print(f"{scenario.name}: {scenario.replications} runs.", file=sys.stderr, flush=True)
            kept = backtest_study.answer(
                scenario, history, out, until=until, as_it_ships=as_it_ships, executor=executor,
                overwrite=given.overwrite,
            )  # fmt: skip
            print(kept.text)
            files = ", ".join(sorted(path.name for path in kept.folder.iterdir()))
            print(f"{'Held already, nothing run' if kept.found is None else 'Written'}: {kept.folder}/ ({files})\n")
    return cli.DONE


def _history(given: argparse.Namespace) -> History:
    """Inspections of every table; the same inspection in two of them counts once."""
    from sim.history import SHIPPED, History, read_history

    found: dict[tuple[str, date], Inspection] = {}
    faults: list[Fault] = []
    for path in given.tables or [Path(SHIPPED)]:
        try:
            found |= {(one.authority, one.inspected_on): one for one in read_history(path, 0).inspections}
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    return History.of(found.values())


def _until(given: argparse.Namespace) -> date | None:
    if given.until is None:
        return None
    try:
        return date.fromisoformat(given.until)
    except ValueError:
        raise InputError([Fault("--until", "DATE", given.until, "give a date, such as 2022-03-31")]) from None
