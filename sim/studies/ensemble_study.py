"""Run the replications of a scenario and keep them in a folder, from which an interrupted run continues."""

from __future__ import annotations

from functools import partial
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.base.faults import Argument, Fault, InputError, nearest, refuse_any
from sim.base.figures import ENOUGH_DRAWS
from sim.base.scratch import write_text
from sim.charts.folder import CHARTS, PICTURES, save_all
from sim.inputs.assumptions import with_differences
from sim.inputs.scenario import Scenario
from sim.runs import outcomes
from sim.runs.ensemble import BATCH, TABLES, Detail, batches_of, carry_out
from sim.runs.executors import Executor, here
from sim.runs.frame import Frame
from sim.runs.manifest import OTHER_WORDS, SCENARIO
from sim.runs.measures import defined_for, unknown, whole_years, years_of
from sim.runs.outcomes import Outcomes
from sim.runs.precision import UNTIL, Precision, budget_faults
from sim.runs.results import QUANTILES, SUMMARY, VARIANCE, Results, read, read_with
from sim.runs.store import Store, csv_text
from sim.runs.tables import SCHEMAS
from sim.studies import keeper
from sim.studies.ensemble_answer import answer_of
from sim.studies.keeper import Made, identity, keep, reword, texts_of

if TYPE_CHECKING:
    import pandas as pd

FILES = frozenset({SUMMARY, QUANTILES, VARIANCE, *(f"{name}.parquet" for name in SCHEMAS), *PICTURES})
"""Names of the study's own files."""


def run(
    scenario: Scenario,
    out: str | Path | None = None,
    *,
    executor: Executor = here,
    detail: Detail = "full",
    until: Precision | None = None,
    overwrite: bool = False,
    progress: bool = True,
    pictures: bool = True,
) -> Results:
    """Run a scenario's replications and keep their results.

    If anything interrupts the run, the finished batches of replications stay in the folder, and the same call continues
    from there. The results are the same, byte for byte, as those of a run without an interruption.

    Parameters
    ----------
    scenario : Scenario
        Scenario with its seed and number of replications.
    out : path, optional
        Folder of the results; by default ``results/<name>``.
    executor : Executor, optional
        Where the replications run; the results do not depend on it. See :mod:`sim.runs.executors`.
    detail : {"measures", "visits", "full"}, optional
        Which tables to keep.
    until : Precision, optional
        Precision to reach after the scenario's number of replications: runs continue until the intervals are narrow
        enough or the budget is spent.
    overwrite : bool, optional
        Whether to replace a folder that holds something else.
    progress : bool, optional
        Whether to show a progress bar, on a terminal or in a notebook.
    pictures : bool, optional
        Whether to draw the charts.

    Returns
    -------
    Results
        The results. If the folder already holds this study (scenario, seed, replications, code and detail), they are
        read from it.

    Raises
    ------
    InputError
        If the folder holds something else and ``overwrite`` is not given, or another process is working there.
    """
    folder = Path(out) if out is not None else Path("results") / scenario.name
    if until is not None:
        refuse_any(
            [
                *budget_faults(until.budget, scenario.replications, scenario.runs_sharing_a_draw, BATCH),
                *(
                    Fault(UNTIL, str(target), target.measure, f"there is no such measure; {words}")
                    for target in until.targets
                    if (words := unknown(target.measure, scenario))
                ),
            ]
        )

    def make(store: Store) -> Made:
        replications, report = carry_out(scenario, store, executor, detail, until, progress)
        return _made(scenario.with_replications(replications), store, detail, study | report, pictures)

    study = _identity(scenario, detail, until)
    kept = keep(folder, study, scenario, FILES, overwrite, make)
    if not kept.repeated:
        return read(folder)
    return _in_the_words_of(scenario, read_with(folder, kept.manifest, repeated=True))


def refuse(scenario: Scenario, folder: Path, detail: Detail, overwrite: bool = False) -> None:
    """Raise the error that :func:`run` would raise, before anything runs."""
    keeper.refuse(folder, _identity(scenario, detail, None), scenario, FILES, overwrite)


def _identity(scenario: Scenario, detail: Detail, until: Precision | None) -> dict[str, Any]:
    """Return what two studies must share to have the same results."""
    asked = {"replications": scenario.replications, "until": None if until is None else until.as_asked()}
    if detail not in TABLES:
        raise InputError([Fault(Argument("detail"), "", detail, nearest(str(detail), TABLES))])
    return identity(scenario, asked) | {"detail": detail}


def _in_the_words_of(scenario: Scenario, results: Results) -> Results:
    """Return the results of this study, after writing its name, question and notes again if they have changed."""
    whole = scenario.with_replications(results.replications)
    text = with_differences(whole)
    held = (results.folder / SCENARIO).read_text(encoding="utf-8")
    if held == text and OTHER_WORDS not in results.manifest:
        return results
    answer = answer_of(whole, results.summary, results.variance, results.outcomes, results.manifest, whole_years(whole))
    answer = answer.with_charts(results.folder, CHARTS)
    reword(results.folder, scenario.name, {SCENARIO: text, **texts_of(answer)})
    return read(results.folder, repeated=True)


def _made(scenario: Scenario, store: Store, detail: Detail, study: dict[str, Any], pictures: bool) -> Made:
    """Return the results of the batches that the store keeps."""
    import pandas as pd

    batches = batches_of(scenario.replications)
    measures = [
        table.select(["replication", "value"])
        for table in (store.table(batch, "measures") for batch in batches)
        if table is not None
    ]
    names = [measure.name for measure in defined_for(scenario)]
    found = Outcomes.of(measures, years_of(scenario), scenario.runs_sharing_a_draw, names)
    tables = {SUMMARY: outcomes.summary(found), QUANTILES: outcomes.quantiles(found)}
    if scenario.runs_sharing_a_draw > 1:
        tables[VARIANCE] = outcomes.variance(found)
    texts = {name: csv_text(table) for name, table in tables.items()}
    # the answer and the charts use the figures of the files, so that every reader finds the same figures
    summary, variance = (pd.read_csv(StringIO(texts[name])) if name in texts else None for name in (SUMMARY, VARIANCE))
    assert summary is not None
    manifest = {
        **study,
        "replications": scenario.replications,
        "runs_sharing_a_draw": scenario.runs_sharing_a_draw,
        "financial_years": years_of(scenario),
        "failures": [failure for batch in batches for failure in store.failures(batch)],
    }
    draw = None
    if measures and pictures:
        draw = partial(_draw, summary, variance, Frame.of(scenario, len(manifest["failures"])))

    def write(folder: Path) -> None:
        _write_tables(folder, store, batches, detail)
        for name, text in texts.items():
            write_text(folder / name, text)
        if draw is not None:
            draw(folder)

    answer = answer_of(scenario, summary, variance, found, manifest, whole_years(scenario))
    return Made(answer, write, manifest, scenario, tuple(CHARTS))


def _write_tables(folder: Path, store: Store, batches: list[range], detail: Detail) -> None:
    import pyarrow.parquet as pq

    for name in TABLES[detail]:
        with pq.ParquetWriter(folder / f"{name}.parquet", SCHEMAS[name], compression="zstd") as writer:
            for table in (store.table(batch, name) for batch in batches):
                if table is not None:
                    writer.write_table(table)


def _draw(summary: pd.DataFrame, variance: pd.DataFrame | None, frame: Frame, folder: Path) -> None:
    enough = variance is not None and variance["draws"].max() >= ENOUGH_DRAWS
    save_all(folder, summary, frame, variance if enough else None)
