"""Calibrations kept in a folder: every run from the prior, the draws of the posterior, and what they say."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from pathlib import Path

from sim import charts
from sim.analysis.calibration import RUNS, base_scenario, coverage, posterior, run_table
from sim.analysis.posterior import Posterior
from sim.analysis.programme_figures import Span
from sim.base.faults import Argument, Fault, refuse_any
from sim.inputs.history import shipped_history
from sim.inputs.unknowns import shipped_unknowns
from sim.runs.executors import Executor, here
from sim.runs.store import Store
from sim.studies import calibration_answer
from sim.studies.keeper import Kept, Made, identity, keep, write_table

DRAWS, TABLE, PICTURE = "draws.csv", "runs.parquet", "prior_and_posterior"
FILES = frozenset({DRAWS, TABLE, f"{PICTURE}.png", f"{PICTURE}.txt"})
"""Names of the files of its own."""
EARLIEST, LATEST = date(2015, 4, 1), date(2022, 4, 1)
"""With less there is hardly a whole year; the inspections that ship end there."""
BEFORE = LATEST
"""Day before which everything was done that the calibration of the scenarios that ship rests on."""
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
        As for :func:`sim.studies.ensemble_study.run`.

    Raises
    ------
    InputError
        If there is too little to calibrate on, or the folder holds something else and ``overwrite`` is not given.
    """
    faults = []
    if not EARLIEST <= before <= LATEST:
        faults.append(Fault(Argument("before"), "", str(before), f"give a day from {EARLIEST} to {LATEST}"))
    if runs < FEWEST_RUNS:
        faults.append(Fault(Argument("runs"), "", runs, f"must be {FEWEST_RUNS} or more"))
    refuse_any(faults)
    history = shipped_history()
    base = base_scenario(history, before, seed)
    folder = Path(out) if out is not None else Path("results") / f"calibration_{before}"
    asked = {"question": "calibration", "before": str(before), "runs": runs}

    def make(_: Store) -> Made:
        span = Span(base.start, before - timedelta(days=1))
        table = run_table(base, history, span, shipped_unknowns(), runs, executor=executor)
        found = posterior(table, seed)
        said = calibration_answer.answer(found, coverage(table, seed))
        return Made(said, partial(_write, found), {"runs": runs})

    return keep(folder, identity(base, asked), base, FILES, overwrite, make)


def _write(found: Posterior, folder: Path) -> None:
    write_table(folder / DRAWS, found.frame())
    found.table.frame().to_parquet(folder / TABLE, index=False)
    charts.save(folder / PICTURE, charts.prior_and_posterior(found))
