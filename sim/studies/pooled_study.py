"""Run back-tests from several origins and keep them in one folder: every point, the chart and the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path

from sim import charts
from sim.analysis.backtest import blind, compared, forecast, held_against
from sim.analysis.origins import LIKE, ORIGINS, scenario_on
from sim.analysis.pooled import Pooled
from sim.analysis.scored_forecast import BackTest
from sim.base.faults import NOT_SHOWN, Argument, Fault, refuse_any
from sim.inputs.history import History, shipped_history
from sim.inputs.scenario import Scenario
from sim.runs.executors import Executor, here
from sim.runs.store import Store
from sim.studies import pooled_answer
from sim.studies.backtest_study import REPLICATIONS
from sim.studies.keeper import Kept, Made, identity, keep, write_table

POINTS, PICTURE = "points.csv", "places"
FILES = frozenset({POINTS, f"{PICTURE}.png", f"{PICTURE}.txt"})
"""Names of the study's own files."""
FEWEST_RUNS = 10


def answer(
    out: str | Path | None = None,
    *,
    runs: int = REPLICATIONS,
    seed: int = 1,
    origins: Sequence[date] | None = None,
    executor: Executor = here,
    overwrite: bool = False,
) -> Kept:
    """Forecast two years from each of several origins, each with what was known then, and keep the results.

    Parameters
    ----------
    out : path, optional
        Folder; by default ``results/backtest_origins``.
    runs, seed : int, optional
        Runs of each forecast, and the seed of their random numbers.
    origins : sequence of datetime.date, optional
        First days; by default those of :data:`sim.analysis.origins.ORIGINS`.
    executor, overwrite
        As for :func:`sim.studies.ensemble_study.run`.

    Raises
    ------
    InputError
        If there are too few runs, no origin, or an origin that :func:`sim.analysis.origins.scenario_on` refuses. Also
        if the folder holds something else and ``overwrite`` is not given.
    """
    history, days = shipped_history(), ORIGINS if origins is None else origins
    refuse_any(faults_of(runs, days))
    scenarios = [_scenario(day, history, runs, seed) for day in days]
    folder = Path(out) if out is not None else Path("results") / "backtest_origins"
    asked = {
        "question": "backtest_origins", "origins": ", ".join(map(str, days)), "replications": runs,
        "scenarios": [each.digest for each in scenarios],
    }  # fmt: skip

    def make(_: Store) -> Made:
        found = Pooled(tuple(_test(scenario, history, executor) for scenario in scenarios))
        return Made(pooled_answer.answer(found), partial(_write, found), {"runs": runs})

    return keep(folder, identity(scenarios[-1], asked), scenarios[-1], FILES, overwrite, make)


def faults_of(runs: int, origins: Sequence[date] = ORIGINS) -> Iterator[Fault]:
    """Name what is wrong with the number of runs and the origins."""
    if runs < FEWEST_RUNS:
        yield Fault(Argument("replications"), "", runs, f"must be {FEWEST_RUNS} or more")
    if not origins:
        yield Fault(Argument("origins"), "", NOT_SHOWN, "give at least one day")


def _scenario(day: date, history: History, runs: int, seed: int) -> Scenario:
    changes = {"runs_per_draw": 1, "replications": runs, "seed": seed}
    return scenario_on(day, history).with_changes(changes)


def _test(scenario: Scenario, history: History, executor: Executor) -> BackTest:
    basis = blind(scenario, history, LIKE)
    span = compared(scenario, history)
    return held_against(basis, history, span, forecast(basis, span, scenario.replications, executor=executor))


def _write(found: Pooled, folder: Path) -> None:
    write_table(folder / POINTS, found.frame())
    charts.save(folder / PICTURE, charts.places_in_forecast(found))
