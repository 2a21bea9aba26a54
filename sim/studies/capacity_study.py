"""Capacity searches kept in a folder: begun, interrupted, continued, and the answer at the end.

The folder keeps every run that the search counted, so the answer can be worked out again from it without running
anything; that is how a folder that holds this very question is shown again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from sim.analysis import capacity_load
from sim.analysis.capacity import Found, Lever, ServiceLevel, look_for, look_for_two, of_one_draw_each, rule_of_each
from sim.analysis.capacity_load import Beside
from sim.base.faults import Fault, InputError
from sim.base.figures import span
from sim.base.versions import commit, versions
from sim.inputs.assumptions import with_differences
from sim.runs.ensemble import years_of
from sim.runs.executors import Executor, here
from sim.runs.outcomes import NAMES
from sim.runs.results import MANIFEST, SCENARIO
from sim.runs.store import begun, discard, held, write_text
from sim.runs.variants import Runs
from sim.statistics.search import Rule
from sim.studies import capacity_answer
from sim.studies.keeper import holds, identity, manifest_of

if TYPE_CHECKING:
    import pandas as pd

    from sim.charts import Drawn
    from sim.inputs.scenario import Scenario

ANSWER, CURVE, LOAD, RUNS, PICTURE = "answer.txt", "curve.csv", "offered_load.csv", "runs.parquet", "capacity_curve"
FILES = frozenset({SCENARIO, MANIFEST, ANSWER, CURVE, LOAD, RUNS, f"{PICTURE}.png", f"{PICTURE}.txt"})
"""Names of the files that every answer has."""
FIRST_PICTURE = "capacity_curve_of_the_first"
"""Capacity curve of the first of two roles."""

Made = Callable[[str, Callable[[Executor], "pd.DataFrame"]], "pd.DataFrame"]
"""A table that is no search's, by its name: made where runs are made, or as the folder keeps it."""


@dataclass(frozen=True)
class Told:
    """What a question is answered with.

    Attributes
    ----------
    found : tuple of Found
        Every search, in order; the last one decides.
    load : Beside
        The offered load beside the simulated one.
    sentences : sequence of str
        The answer, the most important first.
    tables : sequence of str
        Tables as text, each under a line that says what it shows.
    kept : mapping of str to pandas.DataFrame
        Further tables, by the name of the file that each is kept in.
    pictures : mapping of str to callable
        Charts, by the stem of their files; each makes its axes.
    """

    found: tuple[Found, ...]
    load: Beside
    sentences: Sequence[str]
    tables: Sequence[str]
    kept: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    pictures: Mapping[str, Callable[[], Drawn]] = field(default_factory=dict)


class Question(Protocol):
    """What may be asked of capacity."""

    @property
    def kind(self) -> str:
        """Word for it, with which its folder's name begins."""
        ...

    @property
    def service(self) -> ServiceLevel:
        """What the programme is to keep."""
        ...

    @property
    def files(self) -> frozenset[str]:
        """Names of the files that its answer may have."""
        ...

    def as_asked(self) -> dict[str, object]:
        """The question, for the manifest."""
        ...

    def told(self, scenario: Scenario, runs: Runs, made: Made) -> Told:
        """The answer, from runs that are made as they are asked for."""
        ...


@dataclass(frozen=True)
class Asked:
    """Which head-count keeps a service level, a :class:`Question`.

    Attributes
    ----------
    service : ServiceLevel
        What the programme is to keep.
    levers : tuple of Lever
        What is made larger: one, or two for a joint answer.
    ranges : tuple of range
        Levels searched of each, none left out.
    rule : Rule
        Guarantee, and what the answer may cost.

    Raises
    ------
    InputError
        If a range is empty or leaves out levels, or if two roles are to share the error allowed and the most runs are
        too few for that.
    """

    service: ServiceLevel
    levers: tuple[Lever, ...]
    ranges: tuple[range, ...]
    rule: Rule

    def __post_init__(self) -> None:
        faults = [
            Fault("--between", "LOW HIGH", str(levels), "give at least one head-count, and none left out in between")
            for levels in self.ranges
            if not levels or levels.step != 1
        ]
        if faults:
            raise InputError(faults)
        if len(self.levers) > 1:
            rule_of_each(self.rule)

    kind = "capacity"
    files = FILES | {f"{FIRST_PICTURE}.png", f"{FIRST_PICTURE}.txt"}

    def as_asked(self) -> dict[str, object]:
        """The question, for the manifest."""
        searched = {
            lever.word: f"{levels[0]} to {levels[-1]}" for lever, levels in zip(self.levers, self.ranges, strict=True)
        }
        return {**asdict(self.service), "searched": searched, **asdict(self.rule)}

    def told(self, scenario: Scenario, runs: Runs, made: Made) -> Told:
        """The answer, from runs that are made as they are asked for."""
        if len(self.levers) == 1:
            (lever,), (levels,) = self.levers, self.ranges
            found: tuple[Found, ...] = (look_for(scenario, self.service, lever, levels, self.rule, runs),)
            sentences: Sequence[str] = capacity_answer.sentences(found[0])
        else:
            pair = look_for_two(scenario, self.service, self.levers, self.ranges, self.rule, runs)
            found = (pair.first,) if pair.second is None else (pair.first, pair.second)
            sentences = capacity_answer.of_two(pair)
        load = capacity_load.beside(found[-1])
        tables = [f"{each.lever.unit}{each.beside}:\n{capacity_answer.shown(each)}" for each in found]
        return Told(
            found,
            load,
            [*sentences, *capacity_load.sentences(load, found[-1])],
            [*tables, capacity_load.shown(load, found[-1])],
            pictures={FIRST_PICTURE: lambda: _curve(found[0])} if len(self.levers) > 1 else {},
        )


def _curve(found: Found) -> Drawn:
    from sim.charts import capacity_curve

    return capacity_curve(found)


@dataclass(frozen=True)
class Answer:
    """An answer, and where it is kept.

    Attributes
    ----------
    folder : pathlib.Path
        Where.
    told : Told
        What it says.
    text : str
        The answer in words and tables.
    failures : list of dict
        Runs that raised; they count as not having kept the service level.
    repeated : bool
        Whether the folder held it already, so that nothing was run.
    """

    folder: Path
    told: Told
    text: str
    failures: list[dict[str, Any]]
    repeated: bool

    @property
    def found(self) -> tuple[Found, ...]:
        """Every search, in order; the last one decides."""
        return self.told.found


def answer(
    scenario: Scenario,
    asked: Question,
    out: str | Path | None = None,
    *,
    executor: Executor = here,
    overwrite: bool = False,
    progress: bool = True,
) -> Answer:
    """Answer a question of capacity, and keep the answer.

    Parameters
    ----------
    scenario : Scenario
        What is varied; its number of replications is not used, each run has a draw of the parameters of its own.
    asked : Question
        The question.
    out : path, optional
        Folder; ``results/<kind>_<name>`` otherwise.
    executor, overwrite, progress
        As for :func:`sim.runs.ensemble.run`.

    Raises
    ------
    InputError
        If the folder holds something else and ``overwrite`` is not given, or the scenario has no year that counts.
    """
    scenario = of_one_draw_each(scenario)
    asked.service.years(scenario)
    folder = Path(out) if out is not None else Path("results") / f"{asked.kind}_{scenario.name}"
    study = identity(scenario, {"question": asked.kind, **asked.as_asked()})
    if holds(folder, study, scenario, asked.files, overwrite):
        remembered = _remembered(folder, scenario)
        return _answered(folder, scenario, asked, remembered, lambda name, _: _table(folder / name), repeated=True)
    with held(folder):
        store = begun(folder, study | versions(), with_differences(scenario))
        store.take_up()
        runs = Runs(years_of(scenario), executor, store, folder.name, progress=progress)
        found = _answered(folder, scenario, asked, runs, lambda _, make: _as_kept(_csv(make(executor))), repeated=False)
        manifest = {
            **study,
            "name": scenario.name,
            "runs": sum(len(numbers) for numbers in runs.asked.values()),
            "commit": commit(),
            **versions(),
            "started": store.started,
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "failures": runs.failures,
        }
        store.publish(partial(_write, found, runs, with_differences(scenario)), manifest, asked.files)
        discard(folder)
    return found


def _remembered(folder: Path, scenario: Scenario) -> Runs:
    """Runs that a folder keeps."""
    import pyarrow.parquet as pq

    table = pq.read_table(folder / RUNS)
    runs = Runs(years_of(scenario), failures=manifest_of(folder)["failures"])
    size = len(runs.years) * len(NAMES)
    values = table["value"].to_numpy().reshape(-1, len(runs.years), len(NAMES))
    words, numbers = table["variant"].to_pylist()[::size], table["replication"].to_numpy()[::size]
    for word, number, array in zip(words, numbers, values, strict=True):
        runs.remember(word, int(number), None if np.isnan(array).all() else array)
    return runs


def _answered(folder: Path, scenario: Scenario, asked: Question, runs: Runs, made: Made, *, repeated: bool) -> Answer:
    told = asked.told(scenario, runs, made)
    failures = runs.failures
    failed = [f"{len(failures)} runs FAILED and count as not keeping it (manifest.json has the tracebacks)."]
    words = [*(failed if failures else []), *told.sentences]
    how = (
        "Level kept: share of all runs made (those of the test, of the pilot and of pairs), with its 95% interval as "
        f"if their number had been fixed. Figures of a year are means over {span(told.found[-1].counted)}; seed "
        f"{scenario.seed}."
    )
    text = "\n\n".join([*map(capacity_answer.filled, words), *told.tables, capacity_answer.filled(how)])
    return Answer(folder, told, text, failures, repeated)


def _csv(table: pd.DataFrame) -> str:
    return table.to_csv(index=False, float_format="%.6g", lineterminator="\n")


def _as_kept(text: str) -> pd.DataFrame:
    """A table as it is read from the file that keeps it, so that an answer shown again is the same."""
    import pandas as pd

    return pd.read_csv(StringIO(text))


def _table(path: Path) -> pd.DataFrame:
    return _as_kept(path.read_text(encoding="utf-8"))


def _write(found: Answer, runs: Runs, scenario: str, folder: Path) -> None:
    """Write every file of an answer but the manifest."""
    import pandas as pd

    from sim import charts

    write_text(folder / SCENARIO, scenario)
    write_text(folder / ANSWER, found.text + "\n")
    curves = pd.concat([capacity_answer.curve(each).assign(search=place) for place, each in enumerate(found.found)])
    for name, table in {CURVE: curves, LOAD: found.told.load.table, **found.told.kept}.items():
        write_text(folder / name, _csv(table))
    _write_runs(runs, folder / RUNS)
    charts.save(folder / PICTURE, _curve(found.found[-1]))
    for name, picture in found.told.pictures.items():
        charts.save(folder / name, picture())


def _write_runs(runs: Runs, path: Path) -> None:
    """Write every measure of the runs that were asked for."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    words = sorted(runs.asked)
    numbers = {word: sorted(runs.asked[word]) for word in words}
    size = len(runs.years) * len(NAMES)
    count = sum(map(len, numbers.values()))
    table = pa.table(
        {
            "variant": pa.array(np.repeat([word for word in words for _ in numbers[word]], size)).dictionary_encode(),
            "replication": np.repeat(np.array([n for word in words for n in numbers[word]], dtype=np.int32), size),
            "financial_year": pa.array(np.tile(np.repeat(runs.years, len(NAMES)), count)).dictionary_encode(),
            "measure": pa.array(np.tile(NAMES, count * len(runs.years))).dictionary_encode(),
            "value": np.concatenate([runs.values(word).ravel() for word in words]),
        }
    )
    pq.write_table(table, path, compression="zstd")
