"""Run a back-test and keep it in a folder: the scenario as it was known, every figure, and the answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import charts
from sim.analysis import backtest
from sim.analysis.backtest import ForecastBasis, blind, compared, forecast, held_against
from sim.analysis.programme_figures import Figure
from sim.analysis.scored_forecast import BackTest
from sim.base.faults import NOT_SHOWN, Argument, Fault, nearest, refuse_any
from sim.base.scratch import write_text
from sim.inputs.assumptions import with_differences
from sim.inputs.history import History, Inspection
from sim.inputs.scenario import Scenario
from sim.inputs.shocks import reorganisations
from sim.runs.executors import Executor, here
from sim.runs.store import Store
from sim.studies import backtest_answer, keeper
from sim.studies.keeper import Kept, Made, identity, keep, write_table

if TYPE_CHECKING:
    import pandas as pd

POINTS, RUNS, PICTURE = "points.csv", "runs.parquet", "forecast"
AS_KNOWN, CHANGES = "as_known.toml", "changes.jsonl"
"""File of the scenario as it was known at its start, if that differs from the one asked for; and file of what each run
changes in it, one line for each run: a draw of what was not known."""
FILES = frozenset({AS_KNOWN, POINTS, RUNS, CHANGES, f"{PICTURE}.png", f"{PICTURE}.txt"})
"""Names of the study's own files."""
REPLICATIONS = 200


def answer(
    scenario: Scenario,
    history: History,
    out: str | Path | None = None,
    *,
    until: date | None = None,
    as_it_ships: bool = False,
    executor: Executor = here,
    overwrite: bool = False,
) -> Kept:
    """Forecast what a history holds, compare the two, and keep the results.

    Parameters
    ----------
    scenario : Scenario
        State of history at the start. Its replications are those of the forecast, each with its own draw.
    history : History
        What happened before and after the start, with kinds and first days on site.
    out : path, optional
        Folder; by default ``results/backtest_<name>``.
    until : datetime.date, optional
        Last day on which the history is complete; see :func:`sim.analysis.backtest.compared`.
    as_it_ships : bool, optional
        Whether to run the scenario as it is, rather than with what was known on the day it starts.
    executor, overwrite
        As for :func:`sim.studies.ensemble_study.run`.

    Raises
    ------
    InputError
        If the history has nothing to compare, or the folder holds something else and ``overwrite`` is not given.
    """
    history = history.spelled_as(_names(scenario))
    _refuse_question(scenario, history, until)
    span = compared(scenario, history, until)
    folder, scenario, study = _study(scenario, history, out, until, as_it_ships)

    def make(_: Store) -> Made:
        basis = backtest.as_it_ships(scenario) if as_it_ships else blind(scenario, history)
        runs = forecast(basis, span, scenario.replications, executor=executor)
        found = held_against(basis, history, span, runs)
        write = partial(_write, scenario, found, basis, runs)
        return Made(backtest_answer.answer(found), write, {"known": basis.known, "runs": len(runs)})

    return keep(folder, study, scenario, FILES, overwrite, make)


def digest_of(history: History) -> str:
    """Return a hash of the inspections of a history, whatever their order."""
    rows = repr(sorted(repr(one) for one in history.inspections)).encode()
    return hashlib.sha256(rows).hexdigest()


def _study(
    scenario: Scenario, history: History, out: str | Path | None, until: date | None, as_it_ships: bool
) -> tuple[Path, Scenario, dict[str, Any]]:
    """Return the folder of a back-test, its scenario with one draw per run, and what identifies the study."""
    folder = Path(out) if out is not None else Path("results") / f"backtest_{scenario.name}"
    scenario = scenario.with_changes({"runs_per_draw": 1})
    asked = {
        "question": "backtest", "history": digest_of(history),
        "last": str(compared(scenario, history, until).last), "as_it_ships": as_it_ships,
        "replications": scenario.replications,
    }  # fmt: skip
    return folder, scenario, identity(scenario, asked)


def refuse(
    scenario: Scenario,
    history: History,
    out: str | Path | None = None,
    *,
    until: date | None = None,
    as_it_ships: bool = False,
    overwrite: bool = False,
) -> None:
    """Refuse a back-test that cannot be made, or cannot be kept in its folder; see :func:`answer`."""
    history = history.spelled_as(_names(scenario))
    _refuse_question(scenario, history, until)
    folder, scenario, study = _study(scenario, history, out, until, as_it_ships)
    keeper.refuse(folder, study, scenario, FILES, overwrite)


def _refuse_question(scenario: Scenario, history: History, until: date | None) -> None:
    """Refuse a question that cannot be compared with the history."""
    faults = []
    span = compared(scenario, history, until)
    late = [one for one in history.inspections if span.first <= (one.began or one.inspected_on) <= span.last]
    mute = [one for one in late if one.kind is None or one.began is None or not one.told]
    if mute:
        words = (
            f"a back-test needs kind, fieldwork_start and published for every inspection from {scenario.start} on; "
            f"{len(mute)} of {len(late)} inspections lack one of these"
        )
        faults.append(Fault(Argument("history"), mute[0].authority, str(mute[0].inspected_on), words))
    if not any(span.holds(one.began) for one in late) and not mute and (until is None or until > scenario.start):
        words = f"no inspection in it begins between {scenario.start}, when {scenario.name} starts, and its end"
        faults.append(Fault(Argument("history"), "(the table)", NOT_SHOWN, words))
    faults += _unknown(scenario, late)
    if until is not None and until <= scenario.start:
        faults.append(Fault(Argument("until"), "", str(until), f"give a day after the start, {scenario.start}"))
    refuse_any(faults)


def _names(scenario: Scenario) -> set[str]:
    """Return the names of the authorities that a scenario has or creates."""
    created = {each.authority for _, shock in reorganisations(scenario.shocks) for each in shock.created}
    return {row.authority for row in scenario.authorities} | created


def _unknown(scenario: Scenario, late: Sequence[Inspection]) -> Iterator[Fault]:
    """Name the authorities and regions of a history that the scenario does not have."""
    known = _names(scenario)
    strange = sorted({one.authority for one in late} - known)
    if strange:
        words = f"{scenario.name} neither has nor creates this authority ({len(strange)} unknown in all); "
        words += nearest(strange[0], known)
        yield Fault(Argument("history"), "authority", strange[0], words)
    regions = scenario.workforce.regions
    for region in sorted({one.region for one in late} - set(regions)):
        yield Fault(Argument("history"), "region", region or None, nearest(region, regions))


def _write(
    asked: Scenario, found: BackTest, basis: ForecastBasis, runs: list[dict[Figure, float]], folder: Path
) -> None:
    if basis.scenario.digest != asked.digest:
        write_text(folder / AS_KNOWN, with_differences(basis.scenario))
    write_table(folder / POINTS, found.frame())
    _of_runs(runs).to_parquet(folder / RUNS, index=False)
    changes = [basis.changes[number % len(basis.changes)] for number in range(len(runs))] if basis.changes else []
    write_text(folder / CHANGES, "".join(f"{json.dumps(dict(each), default=str)}\n" for each in changes))
    charts.save(folder / PICTURE, charts.forecast(found))


def _of_runs(runs: list[dict[Figure, float]]) -> pd.DataFrame:
    """Return a table with a row for every figure of every run."""
    import pandas as pd

    rows = [(number, *figure, value) for number, run in enumerate(runs) for figure, value in run.items()]
    return pd.DataFrame(rows, columns=["replication", "measure", "of", "period", "value"])
