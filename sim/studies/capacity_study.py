"""Run a capacity search and keep it in a folder, from which an interrupted search continues.

The folder keeps every run that the search counted. The search can therefore be repeated without running anything, which
is how the capacity curve is drawn again from a folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from sim import charts
from sim.analysis import other_policy, people_bound
from sim.analysis.capacity import (
    MOST_LEVELS_SHOWN,
    Pair,
    SearchResult,
    ServiceLevel,
    look_for,
    look_for_two,
    of_one_draw_each,
    rule_of_each,
    runs_at,
    told_if_stopped,
)
from sim.analysis.capacity_curve import curve
from sim.analysis.levers import Lever
from sim.analysis.load import RUNS as RUNS_OF_LOAD
from sim.analysis.load import OfferedLoad, offered_load
from sim.base.faults import Argument, Fault, refuse_any
from sim.base.progress import tell
from sim.charts import Drawn
from sim.inputs.scenario import Scenario
from sim.runs.executors import Executor, here
from sim.runs.store import Store
from sim.runs.variants import Runs
from sim.statistics.search import Rule
from sim.studies import bracket_answer, capacity_answer
from sim.studies.answer import Answer, Block, Sentence, sentences
from sim.studies.bracket_answer import BOUND
from sim.studies.capacity_answer import ANSWER_AND_BRACKET, CURVE, LOAD
from sim.studies.keeper import Kept, Made, identity, keep, write_table
from sim.studies.search_outlook import Ahead, outlook

if TYPE_CHECKING:
    import pandas as pd

RUNS, PICTURE = "runs.parquet", "capacity_curve"
FILES = frozenset({CURVE, LOAD, RUNS, f"{PICTURE}.png", f"{PICTURE}.txt"})
"""Names of the study's own files, which every answer has."""
FIRST_PICTURE = "capacity_curve_of_the_first"
"""Name of the capacity curve of the first of two roles."""


def runs_to_show(rule: Rule) -> int:
    """Return the most runs that show what the answer, fewer people, today's head-count and round numbers do."""
    return (MOST_LEVELS_SHOWN if rule.fewer else MOST_LEVELS_SHOWN - 2) * rule.illustrating_runs


@dataclass(frozen=True)
class Explained:
    """Hold the answer to a question of capacity.

    Attributes
    ----------
    found : tuple of SearchResult
        Every search, in order; the last one decides.
    load : OfferedLoad
        The offered load, and the work with the staff that was found.
    blocks : sequence of Block
        The answer, the most important first.
    tables : mapping of str to pandas.DataFrame
        Further tables, by the name of their file.
    charts : mapping of str to callable
        Functions that draw further charts, by the stem of their files.
    """

    found: tuple[SearchResult, ...]
    load: OfferedLoad
    blocks: Sequence[Block]
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    charts: Mapping[str, Callable[[], Drawn]] = field(default_factory=dict)


class CapacityStudyQuestion(Protocol):
    """Describe what a question of capacity must provide."""

    @property
    def kind(self) -> str:
        """Kind of question; the name of its folder begins with this word."""
        ...

    @property
    def service(self) -> ServiceLevel:
        """Service level that the programme must keep."""
        ...

    @property
    def files(self) -> frozenset[str]:
        """Names that the study's own files may have."""
        ...

    @property
    def ahead(self) -> Ahead:
        """Runs that the answer will take."""
        ...

    def as_asked(self) -> dict[str, object]:
        """Return the question, for the manifest."""
        ...

    def search(self, scenario: Scenario, runs: Runs) -> tuple[SearchResult, ...]:
        """Return every search, in order; runs are made as the search asks for them."""
        ...

    def explain(self, scenario: Scenario, runs: Runs, executor: Executor) -> Explained:
        """Return the answer; runs are made as it asks for them."""
        ...


@dataclass(frozen=True)
class CapacityQuestion:
    """Ask which head-count keeps a service level; a :class:`CapacityStudyQuestion`.

    Attributes
    ----------
    service : ServiceLevel
        Service level that the programme must keep.
    levers : tuple of Lever
        What the search varies: one role, or two for a joint answer.
    ranges : tuple of range
        Levels searched for each lever, with no gaps.
    rule : Rule
        Guarantee of the search, and the most runs that it may make.

    Raises
    ------
    InputError
        If a range is empty or has gaps, or if two roles must share the allowed error and the most runs are too few for
        that.
    """

    service: ServiceLevel
    levers: tuple[Lever, ...]
    ranges: tuple[range, ...]
    rule: Rule

    def __post_init__(self) -> None:
        faults = [
            Fault(Argument("levels"), "", str(levels), "give at least one head-count, with no gaps between them")
            for levels in self.ranges
            if not levels or levels.step != 1
        ]
        refuse_any(faults)
        if len(self.levers) > 1:
            rule_of_each(self.rule)

    kind = "capacity"
    files = FILES | {BOUND, f"{FIRST_PICTURE}.png", f"{FIRST_PICTURE}.txt"}

    @property
    def ahead(self) -> Ahead:
        """Runs that the answer will take."""
        rule = self.rule if len(self.levers) == 1 else rule_of_each(self.rule)
        beside = people_bound.RUNS + other_policy.RUNS if len(self.levers) == 1 else rule.illustrating_runs
        return Ahead(
            [(levels, rule) for levels in self.ranges], RUNS_OF_LOAD + runs_to_show(rule) * len(self.levers) + beside
        )

    def as_asked(self) -> dict[str, object]:
        """Return the question, for the manifest."""
        searched = {
            lever.word: f"{levels[0]} to {levels[-1]}" for lever, levels in zip(self.levers, self.ranges, strict=True)
        }
        return {**asdict(self.service), "searched": searched, **asdict(self.rule)}

    def search(self, scenario: Scenario, runs: Runs) -> tuple[SearchResult, ...]:
        """Return every search, in order; runs are made as the search asks for them."""
        if len(self.levers) == 1:
            (lever,), (levels,) = self.levers, self.ranges
            return (look_for(scenario, self.service, lever, levels, self.rule, runs),)
        pair = look_for_two(scenario, self.service, self.levers, self.ranges, self.rule, runs)
        return (pair.first,) if pair.second is None else (pair.first, pair.second)

    def explain(self, scenario: Scenario, runs: Runs, executor: Executor) -> Explained:
        """Return the answer; runs are made as it asks for them."""
        found = self.search(scenario, runs)
        if len(self.levers) > 1:
            return self._of_two(scenario, found, runs)
        words = capacity_answer.of_one(found[0])
        with told_if_stopped(lambda: words[0]):
            load = offered_load(found[0], runs)
            bound, policies = people_bound.people_bound(found[0], runs), other_policy.both_policies(found[0], runs)
        words.insert(ANSWER_AND_BRACKET, bracket_answer.sentence(found[0], bound, policies))
        tables = {} if bound is None else {BOUND: bound.table}
        of_plans = [bracket_answer.table(found[0], bound, policies)]
        return self._explained(found, load, words, ANSWER_AND_BRACKET + 1, of_plans, tables)

    def _of_two(self, scenario: Scenario, found: tuple[SearchResult, ...], runs: Runs) -> Explained:
        """Return the answer for two roles, with what today's head-counts of both do."""
        pair = Pair(found[0], found[1] if len(found) > 1 else None)
        with told_if_stopped(lambda: capacity_answer.enough_of_two(pair)):
            (one, people), (other, others) = ((each, each.people(scenario)) for each in self.levers)
            rule = found[0].rule
            today = runs_at(scenario, self.service, one, people, rule, runs, found[-1].bracket.shown, (other, others))
            load = offered_load(found[-1], runs)
        return self._explained(found, load, capacity_answer.of_two(pair, today), ANSWER_AND_BRACKET)

    def _explained(
        self,
        found: tuple[SearchResult, ...],
        load: OfferedLoad,
        words: Sequence[str],
        lead: int,
        of_plans: Sequence[Block] = (),
        tables: Mapping[str, pd.DataFrame] | None = None,
    ) -> Explained:
        """Return the blocks in reading order, and the tables and charts beside them."""
        blocks: list[Block] = [
            *sentences([*words, *capacity_answer.load_sentences(load, found[-1])], lead),
            *map(capacity_answer.head_counts, found),
            *of_plans,
            *map(capacity_answer.curve_table, found),
            capacity_answer.load_table(load, found[-1]),
        ]
        first = {FIRST_PICTURE: lambda: charts.capacity_curve(found[0])} if len(self.levers) > 1 else {}
        return Explained(found, load, blocks, tables or {}, charts=first)


@dataclass(frozen=True)
class KeptSearch(Kept):
    """Hold an answer to a question of capacity, and where it is kept.

    Attributes
    ----------
    scenario : Scenario
        Scenario that was varied.
    question : CapacityStudyQuestion
        Question that was asked.
    """

    scenario: Scenario
    question: CapacityStudyQuestion

    @cached_property
    def found(self) -> tuple[SearchResult, ...]:
        """Every search, in order, rebuilt from the runs in the folder; the last one decides."""
        return self.question.search(self.scenario, _remembered(self.folder, self.scenario, self.failures))


def answer(
    scenario: Scenario,
    question: CapacityStudyQuestion,
    out: str | Path | None = None,
    *,
    executor: Executor = here,
    overwrite: bool = False,
    progress: bool = True,
    processes: int = 1,
) -> KeptSearch:
    """Answer a question of capacity, and keep the answer.

    Parameters
    ----------
    scenario : Scenario
        Scenario to vary. Its number of replications is not used, and each run has its own parameter draw.
    question : CapacityStudyQuestion
        Question to answer.
    out : path, optional
        Folder; by default ``results/<kind>_<name>``.
    executor, overwrite, progress
        As for :func:`sim.studies.ensemble_study.run`; progress begins with how long the answer will take.
    processes : int, optional
        Runs that the executor makes at the same time, if known.

    Raises
    ------
    InputError
        If the folder holds something else and ``overwrite`` is not given, or the scenario has no year that counts.
    """
    scenario = of_one_draw_each(scenario)
    question.service.years(scenario)
    folder = Path(out) if out is not None else Path("results") / f"{question.kind}_{scenario.name}"

    def make(store: Store) -> Made:
        if progress:
            made = sum(len(replications) for _, replications in store.pieces)
            for words in outlook(scenario, question.ahead, made, processes, executor):
                tell(words)
        runs = Runs(scenario, executor, store, folder.name, progress=progress)
        return _made(question.kind, question.explain(scenario, runs, executor), runs)

    study = identity(scenario, {"question": question.kind, **question.as_asked()})
    kept = keep(folder, study, scenario, question.files, overwrite, make)
    return KeptSearch(**vars(kept), scenario=scenario, question=question)


def _made(kind: str, explained: Explained, runs: Runs) -> Made:
    """Return the answer with its failures and notes, and the function that writes its files."""
    failures, found = runs.failures, explained.found
    words = (
        f"{len(failures)} runs FAILED (manifest.json has the tracebacks). A run of a search that failed counts as not "
        "keeping the service level; the figures leave out the others."
    )
    failed = [Sentence(words, "failure")] if failures else []

    def write(folder: Path) -> None:
        import pandas as pd

        curves = pd.concat([curve(each).assign(search=place) for place, each in enumerate(found)])
        for name, table in {CURVE: curves, LOAD: explained.load.table, **explained.tables}.items():
            write_table(folder / name, table)
        _write_runs(runs, folder / RUNS)
        charts.save(folder / PICTURE, charts.capacity_curve(found[-1]))
        for name, chart in explained.charts.items():
            charts.save(folder / name, chart())

    blocks = (*failed, *explained.blocks, capacity_answer.how_to_read(found[-1]))
    made = sum(len(numbers) for numbers in runs.asked.values())
    manifest = {"runs": made, "failures": failures}
    return Made(Answer(kind, blocks), write, manifest, charts=(*explained.charts, PICTURE))


def _remembered(folder: Path, scenario: Scenario, failures: Iterable[dict[str, Any]]) -> Runs:
    """Read the runs that a folder keeps."""
    import pyarrow.parquet as pq

    table = pq.read_table(folder / RUNS)
    runs = Runs(scenario, failures=failures)
    size = len(runs.years) * len(runs.names)
    values = table["value"].to_numpy().reshape(-1, len(runs.years), len(runs.names))
    words, numbers = table["variant"].to_pylist()[::size], table["replication"].to_numpy()[::size]
    for word, number, array in zip(words, numbers, values, strict=True):
        runs.remember(word, int(number), None if np.isnan(array).all() else array)
    return runs


def _write_runs(runs: Runs, path: Path) -> None:
    """Write every measure of the runs that the search asked for."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    words = sorted(runs.asked)
    numbers = {word: sorted(runs.asked[word]) for word in words}
    size = len(runs.years) * len(runs.names)
    count = sum(map(len, numbers.values()))
    table = pa.table(
        {
            "variant": pa.array(np.repeat([word for word in words for _ in numbers[word]], size)).dictionary_encode(),
            "replication": np.repeat(np.array([n for word in words for n in numbers[word]], dtype=np.int32), size),
            "financial_year": pa.array(np.tile(np.repeat(runs.years, len(runs.names)), count)).dictionary_encode(),
            "measure": pa.array(np.tile(runs.names, count * len(runs.years))).dictionary_encode(),
            "value": np.concatenate([runs.values(word).ravel() for word in words]),
        }
    )
    pq.write_table(table, path, compression="zstd")
