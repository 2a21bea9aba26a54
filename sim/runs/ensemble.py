"""Runs many replications of a scenario in batches, in one process or many, until there are enough of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Literal

from sim.base.progress import progress_bar
from sim.inputs.scenario import Scenario
from sim.runs.executors import Executor
from sim.runs.measures import defined_for, measure, shown_years, years_of
from sim.runs.model import Model, without_collection
from sim.runs.outcomes import Outcomes
from sim.runs.precision import Precision, Watch
from sim.runs.replications import prepared, run_each
from sim.runs.store import Batch, Store
from sim.runs.tables import of_measures, of_record

Detail = Literal["measures", "visits", "full"]
TABLES: dict[Detail, tuple[str, ...]] = {
    "measures": ("measures",),
    "visits": ("visits", "waits", "judgements", "declines", "measures"),
    "full": (
        "visits",
        "waits",
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
"""Number of replications in a batch: a worker runs a batch at a time, the store keeps it whole, and precision is
checked after it.
"""


def carry_out(
    scenario: Scenario, store: Store, executor: Executor, detail: Detail, until: Precision | None, progress: bool
) -> tuple[int, dict[str, Any]]:
    """Run the batches that the store does not hold yet, until the intervals are as narrow as requested.

    Returns
    -------
    tuple of int and dict
        Number of replications in the results, and a report on the precision reached.
    """
    batches = batches_of(scenario.replications if until is None else max(until.budget, scenario.replications))
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
    """Split the replications from 0 up into batches, in order."""
    return [range(first, min(first + BATCH, replications)) for first in range(0, replications, BATCH)]


class _SoFar:
    """Track the batches finished without a gap from the first one, and whether they are enough.

    Precision is checked after each of these batches in turn. So the order in which workers finish does not decide how
    many batches are enough. Batches run beyond that number are not used.
    """

    def __init__(self, scenario: Scenario, store: Store, batches: Sequence[range], until: Precision | None) -> None:
        self._store, self._batches = store, batches
        self._runs_per_draw, self._least = scenario.runs_sharing_a_draw, scenario.replications
        self._years = years_of(scenario)
        self._names = [measure.name for measure in defined_for(scenario)]
        self._watch = None if until is None else Watch(until, shown_years(scenario))
        self._tables: list[Any] = []  # only the columns that Outcomes needs
        self._place = 0

    @property
    def over(self) -> bool:
        """Return whether no more batches are needed."""
        return self._place == len(self._batches) or (self._watch is not None and self._watch.over)

    @property
    def replications(self) -> int:
        """Return the number of replications in the batches counted so far."""
        return self._batches[self._place - 1].stop

    @property
    def report(self) -> dict[str, Any]:
        """Return the precision requested and reached."""
        return {} if self._watch is None else {"until": self._watch.report()}

    def wanted(self) -> Iterator[range]:
        """Yield the batches to run, one by one, until no more are needed."""
        for batch in self._batches:
            if self.over:
                return
            if batch not in self._store:
                yield batch

    def look(self) -> None:
        """Count the batches finished since the last look."""
        while not self.over and self._batches[self._place] in self._store:
            batch = self._batches[self._place]
            self._place += 1
            if self._watch is not None:
                table = self._store.table(batch, "measures")
                self._tables += [] if table is None else [table.select(["replication", "value"])]
                if batch.stop >= self._least:
                    self._watch.look(Outcomes.of(self._tables, self._years, self._runs_per_draw, self._names))


def measures_of(scenario: Scenario, replication: int) -> Outcomes:
    """Run one replication in this process and return its measures; errors are passed on to the caller."""
    context, years = prepared(scenario)
    with without_collection():
        values = measure(Model(scenario, replication, context).run(), scenario, years)
    tables = [of_measures(values, years, replication)]
    return Outcomes.of(tables, years.names, scenario.runs_sharing_a_draw, list(values))


def run_batch(scenario: Scenario, detail: Detail, replications: range) -> Batch:
    """Run some replications, and keep the tables of one level of detail."""
    return run_each(replications, scenario.seed, partial(_tables, scenario, detail))


def _tables(scenario: Scenario, detail: Detail, replication: int) -> dict[str, Any]:
    """Return the Arrow tables of one replication, by name."""
    context, years = prepared(scenario)
    record = Model(scenario, replication, context).run()
    tables = {"measures": of_measures(measure(record, scenario, years), years, replication)}
    if detail != "measures":
        tables |= of_record(record, context.calendar)
    return {name: tables[name] for name in TABLES[detail]}
