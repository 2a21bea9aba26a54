"""Runs variants of a scenario when a search or a design asks for them, and keeps the runs.

A variant is the scenario with one change, such as a different head-count. Run k of every variant has the same luck. A
search decides what to ask for next from the runs that it has seen. So this module starts runs that may be wanted before
the search asks for them. Runs that the search never asks for are not part of the results. The results are therefore the
same for any number of processes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice, takewhile
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.base.progress import progress_bar
from sim.inputs.scenario import Scenario
from sim.runs.ensemble import run_batch
from sim.runs.executors import Executor
from sim.runs.measures import names_for, years_of
from sim.runs.store import Batch, Store
from sim.statistics.search import RunRequest

if TYPE_CHECKING:
    import pandas as pd

Answer = TypeVar("Answer")
AT_A_TIME = 2
"""Number of replications that a worker runs at a time: few, since a search may change direction at any time."""
OF_A_TASK = 5
"""Number of runs that a worker makes at a time for a separate task; they share the preparation."""
Values = NDArray[np.float64]
"""Every measure of one replication, shape (years, measures) in the order of :func:`sim.runs.measures.defined_for`."""


@dataclass(frozen=True)
class Variant:
    """Represent a scenario and the word under which its runs are kept.

    Attributes
    ----------
    word : str
        Letters, digits, full stops and plus signs. Each variant of a study has a different word.
    scenario : Scenario
        Scenario to run.
    """

    word: str
    scenario: Scenario


def run_variant(task: tuple[Variant, range]) -> Batch:
    """Run some replications of a variant."""
    variant, replications = task
    batch = run_batch(variant.scenario, "measures", replications)
    batch.variant = variant.word
    return batch


class Runs:
    """Make, keep and return the runs of the variants of one study.

    Parameters
    ----------
    scenario : Scenario
        Base scenario of the variants: they have its financial years and measures.
    executor : Executor, optional
        Makes runs that are not known. Without one, all runs must be known.
    store : Store, optional
        Keeps each finished batch, and provides those finished before.
    name : str, optional
        Label of the progress bar.
    progress : bool, optional
        Whether to show a progress bar.
    failures : iterable of dict, optional
        Failures among the runs known from before.

    Attributes
    ----------
    years, names : tuple of str
        Financial years and measures of every run, in order.
    asked : dict of str to set of int
        Replications of each variant that a search has asked for.
    failures : list of dict
        Requested replications that raised an error: variant, replication, seed, traceback.
    """

    def __init__(
        self,
        scenario: Scenario,
        executor: Executor | None = None,
        store: Store | None = None,
        name: str = "",
        *,
        progress: bool = False,
        failures: Iterable[dict[str, Any]] = (),
    ) -> None:
        self.years = tuple(years_of(scenario))
        self.names = names_for(scenario)
        self.asked: dict[str, set[int]] = {}
        self._asked_of_tasks: dict[str, set[int]] = {}
        self._executor, self._store = executor, store
        self._name, self._progress = name, progress
        self._known: dict[str, dict[int, Values | None]] = {}
        self._failures: list[dict[str, Any]] = list(failures)
        for word, replications in store.pieces if store is not None else ():
            assert store is not None
            table = store.table(replications, "measures", word)
            self._take_in(word, replications, [] if table is None else [table], store.failures(replications, word))

    @property
    def failures(self) -> list[dict[str, Any]]:
        """Return the requested replications that raised an error: variant, replication, seed, traceback."""
        every = self.asked | self._asked_of_tasks
        asked = [each for each in self._failures if each["replication"] in every.get(each["variant"], ())]
        return sorted(asked, key=lambda each: (each["variant"], each["replication"]))

    def remember(self, word: str, replication: int, values: Values | None) -> None:
        """Add a run known from before; None stands for a run that raised an error."""
        self._known.setdefault(word, {})[replication] = values

    def values(self, word: str, replications: Iterable[int] | None = None) -> NDArray[np.float64]:
        """Return every measure of runs of a variant, shape (runs, years, measures).

        By default, return all runs asked for. The measures of a run that raised an error are not numbers (NaN).
        """
        numbers = sorted(self.asked.get(word, ())) if replications is None else list(replications)
        nothing = np.full((len(self.years), len(self.names)), np.nan)
        known = self._known.get(word, {})
        rows = [known[number] for number in numbers]
        return np.array([nothing if row is None else row for row in rows]).reshape(-1, *nothing.shape)

    def follow(
        self,
        course: Generator[RunRequest, NDArray[np.bool_], Answer],
        variant: Callable[[int], Variant],
        succeeds: Callable[[NDArray[np.float64]], NDArray[np.bool_]],
        known: Callable[[], str] = str,
    ) -> Answer:
        """Provide a search with the runs that it asks for until it has its answer.

        Parameters
        ----------
        course : generator
            The search, see :meth:`sim.statistics.search.Search.course`.
        variant : callable
            Returns the variant for a level.
        succeeds : callable
            Decides which runs of an array from :meth:`values` succeed. A run that raised an error never does.
        known : callable, optional
            Describes what is known so far, for the progress bar.
        """
        under_way = _UnderWay(course, self, variant, succeeds)
        under_way.go_on()
        with progress_bar(None, 0, self._name, self._progress) as bar:
            while not under_way.over:
                if self._executor is None:
                    raise LookupError("the search asks for a run that is not known")
                made = 0
                for batch in self._executor(run_variant, under_way.wanted()):
                    made += 1
                    self._keep(batch)
                    under_way.go_on()
                    bar.set_postfix_str(known(), refresh=False)
                    bar.update(len(batch.replications))
                if not made:
                    raise RuntimeError("the search waits for runs that no executor makes")
        return under_way.answer

    def of(self, variant: Variant, replications: range) -> NDArray[np.float64]:
        """Return every measure of runs of a variant, shape (replications, years, measures)."""

        def course() -> Generator[RunRequest, NDArray[np.bool_], None]:
            yield RunRequest(0, replications, range(0))

        self.follow(course(), lambda _: variant, lambda values: np.ones(len(values), dtype=np.bool_))
        return self.values(variant.word, replications)

    def make(self, variants: Sequence[Variant], replications: range) -> None:
        """Make the same runs of several variants, except those already known; all count as asked for."""
        for variant in variants:
            self.asked.setdefault(variant.word, set()).update(replications)
        missing = [(each, replications) for each in variants if not all(self.knows(each.word, n) for n in replications)]
        if not missing:
            return
        if self._executor is None:
            raise LookupError("a requested run is not known")
        total, left = (number * len(replications) for number in (len(variants), len(missing)))
        with progress_bar(total, total - left, self._name, self._progress) as bar:
            for batch in self._executor(run_variant, missing):
                self._keep(batch)
                bar.update(len(batch.replications))

    def table(self, word: str, task: Callable[[range], Batch], count: int) -> pd.DataFrame:
        """Collect what a separate task finds in each of the first runs, in order, and keep it as runs are kept.

        Parameters
        ----------
        word : str
            Variant of the task's batches, and the name of their table, which has a column ``replication``. Runs that
            raised an error have no row; if all did, the table is empty.
        task : callable
            Makes some runs.
        count : int
            Number of runs.
        """
        import pandas as pd

        if self._executor is None:
            raise LookupError("a requested run is not known")
        self._asked_of_tasks[word] = set(range(count))
        pieces = () if self._store is None else self._store.pieces
        finished = [replications for variant, replications in pieces if variant == word]
        tables = [self._store.table(each, word, word) for each in finished] if self._store is not None else []
        missing = [batch for batch in _batches(count) if batch not in finished]
        with progress_bar(count, count - sum(map(len, missing)), self._name, self._progress) as bar:
            for batch in self._executor(task, missing):
                self._keep(batch)
                tables += batch.tables.get(word, [])
                bar.update(len(batch.replications))
        found = [each.to_pandas() for each in tables if each is not None]
        if not found:
            return pd.DataFrame()
        rows: pd.DataFrame = pd.concat(found, ignore_index=True)
        return rows.sort_values("replication", ignore_index=True)

    def knows(self, word: str, replication: int) -> bool:
        """Return whether a run is known."""
        return replication in self._known.get(word, {})

    def _keep(self, batch: Batch) -> None:
        if self._store is not None:
            self._store.keep(batch)
        self._take_in(batch.variant, batch.replications, batch.tables.get("measures", []), map(vars, batch.failures))

    def _take_in(
        self, word: str, replications: range, tables: Iterable[Any], failures: Iterable[dict[str, Any]]
    ) -> None:
        runs = self._known.setdefault(word, {}) | dict.fromkeys(replications)
        size = len(self.years) * len(self.names)
        for table in tables:
            numbers = table["replication"].to_numpy()[::size]
            for number, values in zip(
                numbers, table["value"].to_numpy().reshape(-1, len(self.years), len(self.names)), strict=True
            ):
                runs[int(number)] = values
        self._known[word] = runs
        self._failures += [{"variant": word, **failure} for failure in failures]


def _batches(count: int) -> list[range]:
    """Split the first runs into small batches."""
    return [range(first, min(first + OF_A_TASK, count)) for first in range(0, count, OF_A_TASK)]


class _UnderWay(Generic[Answer]):
    """Follow a search under way: what it needs now, and which runs have been started ahead of it."""

    def __init__(
        self,
        course: Generator[RunRequest, NDArray[np.bool_], Answer],
        runs: Runs,
        variant: Callable[[int], Variant],
        succeeds: Callable[[NDArray[np.float64]], NDArray[np.bool_]],
    ) -> None:
        self._course, self._runs, self._succeeds = course, runs, succeeds
        self._variant, self._variants = variant, dict[int, Variant]()
        self._begun: set[tuple[str, int]] = set()
        self.over = False
        self.answer: Answer
        try:
            self._need = next(course)
        except StopIteration as end:
            self.over, self.answer = True, end.value

    def go_on(self) -> None:
        """Answer the search for as long as the runs that it needs are known."""
        while not self.over and all(self._runs.knows(self._word, number) for number in self._need.replications):
            self._runs.asked.setdefault(self._word, set()).update(self._need.replications)
            values = self._runs.values(self._word, self._need.replications)
            raised = np.isnan(values).all(axis=(1, 2))
            try:
                self._need = self._course.send(self._succeeds(values) & ~raised)
            except StopIteration as end:
                self.over, self.answer = True, end.value

    @property
    def _word(self) -> str:
        return self._of(self._need.level).word

    def _of(self, level: int) -> Variant:
        if level not in self._variants:
            self._variants[level] = self._variant(level)
        return self._variants[level]

    def wanted(self) -> Iterator[tuple[Variant, range]]:
        """Yield the next runs to make, a few at a time: those that the search needs, then those ahead of it."""
        while not self.over:
            need = self._need
            variant = self._of(need.level)
            chunk = self._first_missing(variant.word, need)
            if chunk is None:
                return
            self._begun |= {(variant.word, number) for number in chunk}
            yield variant, chunk

    def _first_missing(self, word: str, need: RunRequest) -> range | None:
        """Return the first few consecutive runs that are wanted and neither known nor started, if any."""
        for runs in (need.replications, need.ahead):
            missing = (n for n in runs if (word, n) not in self._begun and not self._runs.knows(word, n))
            first = next(missing, None)
            if first is not None:
                row = takewhile(lambda each: each[0] == each[1], zip(missing, count(first + 1), strict=False))
                return range(first, first + 1 + len(list(islice(row, AT_A_TIME - 1))))
        return None
