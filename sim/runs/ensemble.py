"""Many replications of a scenario, kept in a folder: begun, interrupted, continued, and whole at the end."""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sim.base.faults import InputError
from sim.base.figures import ENOUGH_DRAWS
from sim.base.progress import progress_bar
from sim.base.scratch import unwritable
from sim.base.versions import code_digest, commit, program_version, versions
from sim.inputs.assumptions import with_differences
from sim.runs import outcomes
from sim.runs.executors import Executor, here
from sim.runs.measures import Years, measure
from sim.runs.model import Model, without_collection
from sim.runs.outcomes import Outcomes
from sim.runs.precision import Precision, Watch, budget_faults
from sim.runs.results import MANIFEST, OTHER_WORDS, QUANTILES, SCENARIO, SUMMARY, VARIANCE, Results, read
from sim.runs.store import (
    UNFINISHED,
    Batch,
    Failure,
    Store,
    begun,
    discard,
    held,
    is_begun,
    unfinished_study,
    write_json,
    write_text,
)
from sim.runs.tables import SCHEMAS, of_measures, of_record
from sim.studies.keeper import refuse_another, refuse_foreign
from sim.world.context import ScenarioContext

if TYPE_CHECKING:
    from sim.inputs.scenario import Scenario

Detail = Literal["measures", "visits", "full"]
TABLES: dict[Detail, tuple[str, ...]] = {
    "measures": ("measures",),
    "visits": ("visits", "judgements", "declines", "measures"),
    "full": (
        "visits",
        "assignments",
        "judgements",
        "quality",
        "declines",
        "inspectors",
        "workload",
        "on_site",
        "measures",
    ),
}
BATCH = 4
"""Replications that a worker runs at a time, that are kept as one, and after which precision is looked at."""
PREPARED = 4
"""Scenarios whose context a process keeps, each some 20 MB after many replications; only speed depends on it."""


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

    Whatever ends the run before its time, the finished batches of replications stay in the folder, and the same call
    goes on from there: the results are those of a run that was never interrupted, byte for byte.

    Parameters
    ----------
    scenario : Scenario
        With its seed and number of replications.
    out : path, optional
        Folder of the results; ``results/<name>`` otherwise.
    executor : Executor, optional
        Where the replications run; the results are the same for any. See :mod:`sim.runs.executors`.
    detail : {"measures", "visits", "full"}, optional
        How many of the tables to keep.
    until : Precision, optional
        Run on after the scenario's number of replications until these intervals are reached, or the budget is spent.
    overwrite : bool, optional
        Whether a folder that holds something else may be replaced.
    progress : bool, optional
        Whether to show a progress bar, on a terminal or in a notebook.
    pictures : bool, optional
        Whether to draw the charts.

    Returns
    -------
    Results
        If the folder holds this very study (scenario, seed, replications, code, detail), it is read instead.

    Raises
    ------
    InputError
        If the folder holds something else, and ``overwrite`` is not given; or another process is at work there.
    """
    folder = Path(out) if out is not None else Path("results") / scenario.name
    study = _identity(scenario, detail, until)
    _refuse_budget(scenario, until)
    texts = _Texts(scenario)
    there = _held_already(folder, study, scenario, overwrite)
    left_over = is_begun(folder, study)  # by a process that ended between its results and their batches
    if there is not None and not left_over and there.in_these_words(texts.with_replications(there.replications)):
        return there
    with held(folder):
        there = _held_already(folder, study, scenario, overwrite)  # another process may have come first
        if there is not None:
            if is_begun(folder, study):
                discard(folder)
            return _in_the_words_of(scenario.name, texts.with_replications(there.replications), there)
        store = begun(folder, study | versions(), texts.with_replications(scenario.replications))
        replications, report = _carry_out(scenario, store, executor, detail, until, progress)
        whole = scenario.with_replications(replications)
        _publish(whole, texts.with_replications(replications), store, detail, study | report, pictures)
        discard(folder)
    return read(folder)


def refuse(scenario: Scenario, folder: Path, detail: Detail, overwrite: bool = False) -> None:
    """Raise what :func:`run` would refuse, before anything is run."""
    _held_already(folder, _identity(scenario, detail, None), scenario, overwrite)


def _refuse_budget(scenario: Scenario, until: Precision | None) -> None:
    if until is not None:
        faults = list(budget_faults(until.budget, scenario.replications, scenario.runs_sharing_a_draw, BATCH))
        if faults:
            raise InputError(faults)


def _held_already(folder: Path, study: dict[str, Any], scenario: Scenario, overwrite: bool) -> Results | None:
    """Results of this very study in its folder; None if there are none. Another study is refused."""
    try:
        refuse_foreign(folder, known_files())
        if overwrite:
            return None
        if (folder / MANIFEST).exists():
            refuse_another(folder, read(folder).manifest, folder / SCENARIO, study, scenario)
            return read(folder, repeated=True)
        unfinished = unfinished_study(folder)
        if unfinished is not None:
            refuse_another(folder, unfinished, folder / UNFINISHED / SCENARIO, study | versions(), scenario)
    except OSError as error:
        raise unwritable(folder, error) from None
    return None


def _identity(scenario: Scenario, detail: Detail, until: Precision | None) -> dict[str, Any]:
    """What two studies must share for their results to be the same."""
    return {
        "scenario": scenario.digest,
        "seed": scenario.seed,
        "asked": {"replications": scenario.replications, "until": None if until is None else until.as_asked()},
        "version": program_version(),
        "code": code_digest(),
        "detail": detail,
    }


def known_files() -> set[str]:
    """Names of every file that results may have."""
    from sim.charts.folder import FILES

    return {SCENARIO, MANIFEST, SUMMARY, QUANTILES, VARIANCE, *(f"{name}.parquet" for name in SCHEMAS), *FILES}


def _in_the_words_of(name: str, text: str, there: Results) -> Results:
    """Results of this very study, whose name, question and notes may have been changed since: they are written anew.

    In between the manifest knows both texts, so whatever ends it the folder is whole.
    """
    files, manifest = there.manifest["files"], there.folder / MANIFEST
    renewed = {"name": name, "files": files | {SCENARIO: hashlib.sha256(text.encode()).hexdigest()}}
    write_json(manifest, there.manifest | renewed | {OTHER_WORDS: files[SCENARIO]})
    write_text(there.folder / SCENARIO, text)
    write_json(manifest, there.manifest | renewed)
    return read(there.folder, repeated=True)


def _carry_out(
    scenario: Scenario, store: Store, executor: Executor, detail: Detail, until: Precision | None, progress: bool
) -> tuple[int, dict[str, Any]]:
    """Run what is not finished yet; number of replications of the results, and what precision came to."""
    batches = batches_of(scenario.replications if until is None else max(until.budget, scenario.replications))
    store.take_up(batches)
    so_far = _SoFar(scenario, store, batches, until)
    so_far.look()
    task = partial(run_batch, scenario, detail)
    with progress_bar(batches[-1].stop, store.finished, scenario.name, progress) as bar:
        for batch in executor(task, so_far.wanted()):
            store.keep(batch)
            so_far.look()
            bar.update(len(batch.replications))
    return so_far.replications, so_far.report


def batches_of(replications: int) -> list[range]:
    """Batches of the replications from 0 on, in order."""
    return [range(first, min(first + BATCH, replications)) for first in range(0, replications, BATCH)]


class _SoFar:
    """Batches that are finished without a gap from the first on, and whether they are enough.

    Precision is looked at after each of these in turn, so which batches are enough does not depend on who finished
    first; what was run beyond is not used.
    """

    def __init__(self, scenario: Scenario, store: Store, batches: Sequence[range], until: Precision | None) -> None:
        self._store, self._batches = store, batches
        self._runs_per_draw, self._least = scenario.runs_sharing_a_draw, scenario.replications
        self._years = years_of(scenario)
        self._watch = None if until is None else Watch(until, whole_years(scenario) or self._years)
        self._tables: list[Any] = []  # of the columns that Outcomes takes
        self._place = 0

    @property
    def over(self) -> bool:
        """Whether no more batches are wanted."""
        return self._place == len(self._batches) or (self._watch is not None and self._watch.over)

    @property
    def replications(self) -> int:
        """Number of replications of the batches counted."""
        return self._batches[self._place - 1].stop

    @property
    def report(self) -> dict[str, Any]:
        """What precision was asked for and reached."""
        return {} if self._watch is None else {"until": self._watch.report()}

    def wanted(self) -> Iterator[range]:
        """Batches to run, one by one, as long as any are wanted."""
        for batch in self._batches:
            if self.over:
                return
            if batch not in self._store:
                yield batch

    def look(self) -> None:
        """Count the batches that have been finished since."""
        while not self.over and self._batches[self._place] in self._store:
            batch = self._batches[self._place]
            self._place += 1
            if self._watch is not None:
                table = self._store.table(batch, "measures")
                self._tables += [] if table is None else [table.select(["replication", "value"])]
                if batch.stop >= self._least:
                    self._watch.look(Outcomes.of(self._tables, self._years, self._runs_per_draw))


def measures_of(scenario: Scenario, replication: int) -> Outcomes:
    """Measures of one replication, run here and now: what it raises is raised.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    replication : int
        Its number, from 0.
    """
    context, years = _prepared(_Known(scenario.digest, scenario))
    with without_collection():
        values = measure(Model(scenario, replication, context).run(), scenario, years)
    return Outcomes.of([of_measures(values, years, replication)], years.names, scenario.runs_sharing_a_draw)


def run_batch(scenario: Scenario, detail: Detail, replications: range) -> Batch:
    """Run some replications; one that raises becomes a failure, and the rest go on."""
    batch = Batch(replications)
    with without_collection():
        for replication in replications:
            try:
                context, years = _prepared(_Known(scenario.digest, scenario))
                for name, table in _tables(scenario, replication, context, years, detail).items():
                    batch.tables.setdefault(name, []).append(table)
            except MemoryError:
                raise  # of this machine, not of the replication
            except Exception:
                batch.failures.append(Failure(replication, scenario.seed, traceback.format_exc()))
    return batch


@dataclass(frozen=True)
class _Known:
    """A scenario that is known by its digest: two of the same digest are equal."""

    digest: str
    scenario: Scenario = field(compare=False)


@lru_cache(maxsize=PREPARED)
def _prepared(known: _Known) -> tuple[ScenarioContext, Years]:
    """What all replications of a scenario share, worked out once in a process, whoever runs them."""
    context = ScenarioContext(known.scenario)
    return context, Years.of(context.calendar)


def _tables(
    scenario: Scenario, replication: int, context: ScenarioContext, years: Years, detail: Detail
) -> dict[str, Any]:
    """Arrow tables of one replication, by name."""
    record = Model(scenario, replication, context).run()
    tables = {"measures": of_measures(measure(record, scenario, years), years, replication)}
    if detail != "measures":
        tables |= of_record(record, context.calendar)
    return {name: tables[name] for name in TABLES[detail]}


def _publish(
    scenario: Scenario, text: str, store: Store, detail: Detail, study: dict[str, Any], pictures: bool
) -> None:
    """Write the results of the batches kept, and move them into place."""
    batches = batches_of(scenario.replications)
    failures = [failure for batch in batches for failure in store.failures(batch)]
    manifest = {
        **study,
        "name": scenario.name,
        "replications": scenario.replications,
        "runs_sharing_a_draw": scenario.runs_sharing_a_draw,
        "financial_years": years_of(scenario),
        "commit": commit(),
        **versions(),
        "started": store.started,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "failures": failures,
    }
    write: Callable[[Path], None] = partial(_write, scenario, text, store, detail, len(failures), pictures)
    store.publish(write, manifest, frozenset(known_files()))


def _write(
    scenario: Scenario, text: str, store: Store, detail: Detail, failed: int, pictures: bool, folder: Path
) -> None:
    """Write every file of the results but the manifest."""
    import pandas as pd
    import pyarrow.parquet as pq

    from sim.charts import Frame
    from sim.charts.folder import save_all

    write_text(folder / SCENARIO, text)
    batches = batches_of(scenario.replications)
    measures = []
    for name in TABLES[detail]:
        with pq.ParquetWriter(folder / f"{name}.parquet", SCHEMAS[name], compression="zstd") as writer:
            for table in (store.table(batch, name) for batch in batches):
                if table is not None:
                    writer.write_table(table)
                    measures += [table.select(["replication", "value"])] if name == "measures" else []
    found = Outcomes.of(measures, years_of(scenario), scenario.runs_sharing_a_draw)
    tables = {SUMMARY: outcomes.summary(found), QUANTILES: outcomes.quantiles(found)}
    if scenario.runs_sharing_a_draw > 1:
        tables[VARIANCE] = outcomes.variance(found)
    for name, table in tables.items():
        table.to_csv(folder / name, index=False, float_format="%.6g", lineterminator="\n")
    if measures and pictures:  # the charts show the figures of the file, so that all who read it find the same
        shares = pd.read_csv(folder / VARIANCE) if VARIANCE in tables else None
        enough = shares is not None and shares["draws"].max() >= ENOUGH_DRAWS
        save_all(folder, pd.read_csv(folder / SUMMARY), Frame.of(scenario, failed), shares if enough else None)


class _Texts:
    """Text of a scenario for each number of replications, each written once: that takes half a second."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._known: dict[int, str] = {}

    def with_replications(self, replications: int) -> str:
        """The scenario resolved whole, under comments that say what it has of its own."""
        if replications not in self._known:
            self._known[replications] = with_differences(self._scenario.with_replications(replications))
        return self._known[replications]


def years_of(scenario: Scenario) -> list[str]:
    """Financial years that a scenario touches."""
    return Years.of(ScenarioContext(scenario).calendar).names


def whole_years(scenario: Scenario) -> list[str]:
    """Financial years that a scenario simulates from their first day to their last."""
    years = Years.of(ScenarioContext(scenario).calendar)
    return [name for name, whole in zip(years.names, years.whole, strict=True) if whole]
