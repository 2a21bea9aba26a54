"""Try a plan of visits, or write a levelled plan, and keep the result in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import charts
from sim.analysis.capacity import of_one_draw_each
from sim.analysis.expected_programme import expected_programme
from sim.analysis.own_plan import FEWEST, better_weeks, frame_of, rows_found, weeks_found
from sim.analysis.plan_tables import held, held_by_plan, on_site, planned_until, table_of, table_of_rows
from sim.base.calendar import DAYS_A_YEAR, MONTHS_A_YEAR, add_months
from sim.base.faults import NOT_SHOWN, Argument, Fault, InputError, refuse_any
from sim.base.progress import progress_bar
from sim.inputs.scenario import Scenario
from sim.inputs.visit_plan import KEY
from sim.runs import plan_runs
from sim.runs.executors import Executor, here
from sim.runs.store import Store
from sim.runs.variants import Variant
from sim.studies import programme_answer
from sim.studies.keeper import Kept, Made, identity, keep, write_table
from sim.studies.programme_answer import (
    BOOK,
    LEVEL,
    MOVED,
    NONE,
    OWN,
    PLAN,
    ROWS,
    WEEKS,
    Tried,
)
from sim.studies.workbook import write_workbook

if TYPE_CHECKING:
    import pandas as pd

PICTURE = "calendar"
PICTURES = frozenset({f"{PICTURE}.png", f"{PICTURE}.txt"})
FILES_TRIED = frozenset({ROWS, WEEKS, MOVED, *PICTURES})
FILES_LEVELLED = frozenset({PLAN, BOOK, *PICTURES})
"""Names of the studies' own files."""
TRIED, LEVELLED = "programme", "levelled_programme"
"""Names of the two kinds of study in a manifest."""
YEARS_AFTER = 2
"""Whole years that runs last at least after the last week of a plan, so that work left over can begin."""
MONTHS = 24
"""Months from the start that a levelled plan covers; few visits can be foreseen after that."""
IN_EACH = "inspectors on site if every visit takes place as planned"
IN_EACH_TRIED = "inspectors on site if every row of the plan, and every other foreseen visit, takes place as planned"


def try_plan(
    scenario: Scenario,
    out: str | Path | None = None,
    *,
    executor: Executor = here,
    overwrite: bool = False,
    progress: bool = True,
) -> Kept:
    """Run a scenario with its plan, without it and with levelled weeks, and keep the findings.

    Parameters
    ----------
    scenario : Scenario
        Scenario with a plan and a number of replications. Each run has its own parameter draw. Runs end
        :data:`YEARS_AFTER` to three years after the plan, in whole years.
    out : path, optional
        Folder; by default ``results/programme_<name>``.
    executor, overwrite, progress
        As for :func:`sim.studies.ensemble_study.run`.

    Raises
    ------
    InputError
        If the scenario has no plan or too few replications, or the folder holds something else and ``overwrite`` is
        not given.
    """
    plan = scenario.planning.plan
    if plan is None:
        raise InputError([Fault(Argument("scenario"), KEY, None, "the scenario has no plan of your own to try")])
    refuse_any(faults_of_runs(scenario.replications))
    last = max(row.week for row in plan)
    years = min(scenario.years, -(-(last - scenario.start).days // round(DAYS_A_YEAR)) + YEARS_AFTER)
    scenario = of_one_draw_each(scenario)
    if years < scenario.years:
        scenario = scenario.with_changes({"years": years})
    folder = Path(out) if out is not None else Path("results") / f"programme_{scenario.name}"
    asked = {"question": TRIED, "replications": scenario.replications}

    def make(store: Store) -> Made:
        return _tried(scenario, last, store, executor, progress)

    return keep(folder, identity(scenario, asked), scenario, FILES_TRIED, overwrite, make)


def faults_of_runs(replications: int) -> Iterator[Fault]:
    """Name what is wrong with the number of runs for a plan; a row is judged from a minimum on."""
    if replications < FEWEST:
        yield Fault(Argument("replications"), "", replications, f"must be {FEWEST} or more")


def _tried(scenario: Scenario, last: date, store: Store, executor: Executor, progress: bool) -> Made:
    until, runs = (last - scenario.start).days, scenario.replications
    variants = _variants(scenario)
    with progress_bar(len(variants) * runs, 0, scenario.name, progress) as bar:
        for number in plan_runs.make(variants, runs, until, store, executor):
            bar.update(number)
    plan = scenario.planning.plan or ()
    programme = expected_programme(scenario)
    done = len(plan_runs.table_of(store, OWN, plan_runs.RUNS, runs))
    rows = rows_found(plan, plan_runs.table_of(store, OWN, plan_runs.ROWS, runs).to_pandas(), done)
    picture = on_site(held_by_plan(scenario, programme, last), programme)
    better = better_weeks(scenario, programme, rows)
    moved_plan = tuple(
        row.model_copy(update={"week": better[place]}) if place in better else row for place, row in enumerate(plan)
    )
    failures = plan_runs.failures_of(store, [each.word for each in variants])
    late, of_rows = _late_of_the_same_runs(store, [each.word for each in variants], runs)
    weeks = weeks_found(rows)
    tried = Tried(scenario, rows, weeks, better, late, of_rows, last, len(failures))

    def write(folder: Path) -> None:
        write_table(folder / ROWS, frame_of(rows, programme.context.calendar, better))
        write_table(folder / WEEKS, weeks)
        if better:
            write_table(folder / MOVED, table_of_rows(moved_plan))
        charts.save(folder / PICTURE, charts.calendar(picture, 1, IN_EACH_TRIED))

    return Made(programme_answer.of_plan(tried), write, {"runs": runs * len(variants), "failures": failures})


def _variants(scenario: Scenario) -> list[Variant]:
    """List what to run: the plan, the scenario's own way of choosing weeks, and levelled weeks if they differ."""
    without = scenario.with_changes({KEY: "none"})
    found = [Variant(OWN, scenario), Variant(NONE, without)]
    if scenario.planning.programme != LEVEL:
        found.append(Variant(LEVEL, without.with_changes({"planning.programme": LEVEL})))
    return found


def _late_of_the_same_runs(
    store: Store, words: list[str], runs: int
) -> tuple[dict[str, np.ndarray[Any, Any]], tuple[float, float]]:
    """Return the late inspections of each run by variant, for the runs that succeeded in every variant.

    Also return how many of the plan's late inspections were planned late, and how many missed their week, as means over
    runs.
    """
    tables = {
        word: plan_runs.table_of(store, word, plan_runs.RUNS, runs).to_pandas().set_index("replication")
        for word in words
    }
    common = sorted(set.intersection(*(set(table.index) for table in tables.values())))
    own = tables[OWN].loc[common]
    late = {word: table.loc[common, "late"].to_numpy() for word, table in tables.items()}
    return late, (float(own["late_by_plan"].mean()), float(own["late_missed"].mean()))


def write_levelled(
    scenario: Scenario, out: str | Path | None = None, *, months: int = MONTHS, overwrite: bool = False
) -> Kept:
    """Write the visits that can be foreseen at the start of a scenario as a levelled plan, and keep it.

    Parameters
    ----------
    scenario : Scenario
        The scenario; nothing runs.
    out : path, optional
        Folder; by default ``results/programme_<name>``.
    months : int, optional
        Months from the start that the plan covers.
    overwrite : bool, optional
        Whether to replace a folder that holds another study.

    Raises
    ------
    InputError
        If there are no such months, no visit can be foreseen in them, or the folder holds something else.
    """
    refuse_any(faults_of_months(scenario, months))
    last = add_months(scenario.start, months) - timedelta(days=1)
    folder = Path(out) if out is not None else Path("results") / f"programme_{scenario.name}"

    programme = expected_programme(scenario)
    visits = planned_until(programme, last)
    if not visits:
        raise InputError([Fault(Argument("months"), "", NOT_SHOWN, "no visit can be foreseen in these months")])

    def make(_: Store) -> Made:
        said = programme_answer.of_levelled(scenario, programme, visits, last)
        write = partial(_write_levelled, table_of(visits, programme), on_site(held(visits), programme))
        return Made(said, write, {"visits": len(visits)})

    asked = {"question": LEVELLED, "months": months}
    return keep(folder, identity(scenario, asked), scenario, FILES_LEVELLED, overwrite, make)


def faults_of_months(scenario: Scenario, months: int) -> Iterator[Fault]:
    """Name what is wrong with the months that a levelled plan should cover."""
    if not 1 <= months <= MONTHS_A_YEAR * scenario.years:
        words = f"give 1 to {MONTHS_A_YEAR * scenario.years}, the number of months in the scenario"
        yield Fault(Argument("months"), "", months, words)


def _write_levelled(table: pd.DataFrame, people: pd.DataFrame, folder: Path) -> None:
    write_table(folder / PLAN, table)
    write_workbook(folder / BOOK, table, "programme")
    charts.save(folder / PICTURE, charts.calendar(people, 1, IN_EACH))
