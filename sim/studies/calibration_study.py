"""Run a calibration and keep it in a folder: every run from the prior, the posterior draws, and the answer."""

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
"""Names of the study's own files."""
EARLIEST, LATEST = date(2015, 4, 1), date(2022, 4, 1)
"""First and last day allowed: sooner leaves hardly a whole year, and the shipped inspections end on the last."""
BEFORE = LATEST
"""Day before which all inspections behind the calibration of the shipped scenarios were done."""
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
    """Infer people, days and plan from inspections done between November 2013 and a day, and keep the results.

    Parameters
    ----------
    out : path, optional
        Folder; by default ``results/calibration_<day>``.
    before : datetime.date, optional
        The calibration uses inspections before this day.
    runs, seed : int, optional
        Number of runs from the prior, and the seed of their random numbers.
    executor, overwrite
        As for :func:`sim.studies.ensemble_study.run`.

    Raises
    ------
    InputError
        If there is too little history, or the folder holds something else and ``overwrite`` is not given.
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
