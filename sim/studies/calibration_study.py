"""Calibrations kept in a folder: every run from the prior, the draws of the posterior, and what they say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analysis.calibration import RUNS, Posterior, Table, base_scenario, held, posterior, run_table
from sim.analysis.programme_figures import Span
from sim.base.faults import Fault, InputError
from sim.inputs.assumptions import with_differences
from sim.inputs.history import shipped_history
from sim.inputs.unknowns import shipped_unknowns
from sim.runs.executors import Executor, here
from sim.runs.results import MANIFEST, SCENARIO
from sim.runs.store import write_text
from sim.studies import calibration_answer
from sim.studies.keeper import KeptText as Kept
from sim.studies.keeper import identity, kept_once

if TYPE_CHECKING:
    import pandas as pd

ANSWER, DRAWS, TABLE, PICTURE = "answer.txt", "draws.csv", "runs.parquet", "prior_and_posterior"
FILES = frozenset({SCENARIO, MANIFEST, ANSWER, DRAWS, TABLE, f"{PICTURE}.png", f"{PICTURE}.txt"})
BEFORE = date(2020, 1, 1)
"""Day before which everything was done that the calibration of the scenarios that ship rests on."""
EARLIEST, LATEST = date(2015, 4, 1), date(2020, 3, 1)
"""With less there is hardly a whole year; later the pandemic began, which is not in the scenario."""
FEWEST_RUNS = 200


def calibrate(
    out: str | Path | None = None,
    *,
    before: date = BEFORE,
    runs: int = RUNS,
    seed: int = 1,
    executor: Executor = here,
    overwrite: bool = False,
) -> Kept:
    """Infer people, days and plan from what was done from November 2013 to a day, and keep what comes of it.

    Parameters
    ----------
    out : path, optional
        Folder; ``results/calibration_<day>`` otherwise.
    before : datetime.date, optional
        First day on which nothing is known any more.
    runs, seed : int, optional
        Runs from the prior, and the seed of their random numbers.
    executor, overwrite
        As for :func:`sim.runs.ensemble.run`.

    Raises
    ------
    InputError
        If there is too little to calibrate on, or the folder holds something else and ``overwrite`` is not given.
    """
    faults = []
    if not EARLIEST <= before <= LATEST:
        faults.append(Fault("--before", "DATE", str(before), f"give a day from {EARLIEST} to {LATEST}"))
    if runs < FEWEST_RUNS:
        faults.append(Fault("--runs", "N", runs, f"must be {FEWEST_RUNS} or more"))
    if faults:
        raise InputError(faults)
    history = shipped_history()
    base = base_scenario(history, before, seed)
    folder = Path(out) if out is not None else Path("results") / f"calibration_{before}"
    asked = {"question": "calibration", "before": str(before), "runs": runs}

    def make() -> tuple[Callable[[Path], None], Mapping[str, Any]]:
        span = Span(base.start, before - timedelta(days=1))
        table = run_table(base, history, span, shipped_unknowns(), runs, executor=executor)
        found = posterior(table, seed)
        text = calibration_answer.text(found, held(table, seed))
        scenario = with_differences(base)
        return partial(_write, found, text, scenario), {"runs": runs}

    made = kept_once(folder, identity(base, asked), base, FILES, overwrite, make)
    return Kept(folder, (folder / ANSWER).read_text(encoding="utf-8"), made)


def _write(found: Posterior, text: str, scenario: str, folder: Path) -> None:
    from sim import charts

    write_text(folder / SCENARIO, scenario)
    write_text(folder / ANSWER, text)
    draws = calibration_answer.draws(found)
    write_text(folder / DRAWS, draws.to_csv(index=False, float_format="%.6g", lineterminator="\n"))
    _of_runs(found.table).to_parquet(folder / TABLE, index=False)
    charts.save(folder / PICTURE, charts.prior_and_posterior(found))


def _of_runs(table: Table) -> pd.DataFrame:
    """Every run: the values that it took, and its figures."""
    import pandas as pd

    values = {
        each.name: [each.value(float(place)) for place in table.places[:, number]]
        for number, each in enumerate(table.unknowns)
    }
    figures = {" ".join(name): table.figures[:, number] for number, name in enumerate(table.names)}
    return pd.DataFrame(values | figures)
