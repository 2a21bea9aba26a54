"""Run a sensitivity study and keep it in a folder: a hypercube over the numbers of low confidence, and its answer.

Every point has the same few replications, so that two points differ by their factors and not by random events (common
random numbers). Each replication has one draw of drift and of accuracy of judgement, the same at every point: the study
does not vary these again. The answer therefore depends on a few draws; more replications make it depend on them less.
With two dozen factors, few runs of many points say more than many runs of few points, because chance between the runs
of a point is only one part of the scatter about the fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim import charts
from sim.analysis.capacity import ServiceLevel, of_one_draw_each
from sim.analysis.sensitivity import (
    Factor,
    NotVaried,
    changes_of,
    factors_of,
    hypercube,
    not_varied,
    values_at,
    varied_once,
)
from sim.analysis.sensitivity_table import Design, Outcome, correlations, steadiness
from sim.base.faults import NOT_SHOWN, Argument, Fault, InputError, nearest, refuse_any
from sim.base.figures import span
from sim.base.randomness import generator
from sim.inputs.scenario import Scenario
from sim.runs.executors import Executor, here
from sim.runs.measures import UNITS, possible, unknown
from sim.runs.outcomes import mean_of_years
from sim.runs.store import Store
from sim.runs.variants import Runs, Variant
from sim.statistics.effects import least_points
from sim.studies import sensitivity_answer
from sim.studies.answer import Answer
from sim.studies.keeper import Kept, Made, identity, keep, write_table
from sim.studies.ranking import CORRELATIONS, FACTORS

if TYPE_CHECKING:
    import pandas as pd

DESIGN, NOT_VARIED, PICTURE = "design.csv", "not_varied.csv", "tornado"
FILES = frozenset({DESIGN, FACTORS, NOT_VARIED, CORRELATIONS, f"{PICTURE}.png", f"{PICTURE}.txt"})
"""Names of the study's own files; there is no chart if no measure can be analysed."""
MOST_POINTS = 100_000
"""Most points: their table has some megabytes, and more points would add nothing."""
MEASURES = ("inspections_on_time", "utilisation", "judgements_older_than_3_5_years", "days_to_detect_decline")
"""Default measures: timeliness, workload, old judgements and unseen decline."""


@dataclass(frozen=True)
class SensitivityQuestion:
    """Describe what a sensitivity study asks.

    Attributes
    ----------
    measures : tuple of str
        Measures to analyse, each the mean over the years that count.
    points : int
        Points of the hypercube. With 400 points, a partial rank correlation among 26 factors has a standard error of
        0.05. With 200 points, random halves of the points of ``ilacs_launch`` often disagreed about the third
        assumption.
    replications : int
        Runs of each point.
    from_year : int
        First whole financial year that counts, from 1. By the third year the backlog of the start is worked off.

    Raises
    ------
    InputError
        If anything is wrong, with every fault at once.
    """

    measures: tuple[str, ...] = MEASURES
    points: int = 400
    replications: int = 2
    from_year: int = 3

    def __post_init__(self) -> None:
        faults = [
            Fault(Argument("measures"), "", name, nearest(name, UNITS)) for name in self.measures if not possible(name)
        ]
        if not self.measures:
            faults.append(Fault(Argument("measures"), "", NOT_SHOWN, "name at least one"))
        faults += [
            Fault(Argument(name), "", getattr(self, name), "must be 1 or more")
            for name in ("points", "replications", "from_year")
            if getattr(self, name) < 1
        ]
        if self.points > MOST_POINTS:
            faults.append(Fault(Argument("points"), "", self.points, f"must be {MOST_POINTS:,} or less"))
        refuse_any(faults)

    def years(self, scenario: Scenario) -> list[str]:
        """Return the financial years that count; raise an InputError if there are none, or a measure is missing."""
        told = [(name, unknown(name, scenario)) for name in self.measures]
        refuse_any(Fault(Argument("measures"), "", name, words) for name, words in told if words)
        return ServiceLevel(from_year=self.from_year).years(scenario)

    def faults(self, factors: Sequence[Factor]) -> Iterable[Fault]:
        """Say why the study cannot separate so many factors."""
        least = least_points(len(factors))
        if not factors:
            words = "no number of the scenario has low confidence and a range (low, high), so there is nothing to vary"
            yield Fault(Argument("scenario"), "", NOT_SHOWN, words)
        elif self.points < least:
            words = f"it takes at least {least} points to separate the effects of {len(factors)} assumptions"
            yield Fault(Argument("points"), "", self.points, words)


def answer(
    scenario: Scenario,
    asked: SensitivityQuestion,
    out: str | Path | None = None,
    *,
    executor: Executor = here,
    overwrite: bool = False,
    progress: bool = True,
) -> Kept:
    """Vary the numbers of low confidence of a scenario together, and keep the answer.

    Parameters
    ----------
    scenario : Scenario
        Scenario to vary. The hypercube and the runs use its seed, and do not use its number of replications.
    asked : SensitivityQuestion
        Question to answer.
    out : path, optional
        Folder; by default ``results/sensitivity_<name>``.
    executor, overwrite, progress
        As for :func:`sim.studies.ensemble_study.run`.

    Raises
    ------
    InputError
        If the folder holds something else and ``overwrite`` is not given, or the question does not fit the scenario.
    """
    scenario = of_one_draw_each(scenario)
    factors, years = factors_of(scenario), asked.years(scenario)
    scenario = varied_once(scenario, factors)
    refuse_any(asked.faults(factors))
    folder = Path(out) if out is not None else Path("results") / f"sensitivity_{scenario.name}"
    others = not_varied(scenario)

    def make(store: Store) -> Made:
        runs = Runs(scenario, executor, store, folder.name, progress=progress)
        values = values_at(factors, hypercube(len(factors), asked.points, scenario.seed))
        failures = _run(scenario, factors, values, range(asked.replications), runs)
        design = _design(factors, values, asked, runs, years, failures)
        table = correlations(design)
        said = _answer(scenario, asked, design, table, others, years)
        made = (1 + asked.points) * asked.replications
        return Made(said, partial(_write, design, table, others), {"runs": made, "failures": failures})

    return keep(folder, _identity(scenario, asked, factors, others), scenario, FILES, overwrite, make)


def _identity(
    scenario: Scenario, asked: SensitivityQuestion, factors: Sequence[Factor], others: Sequence[NotVaried]
) -> dict[str, Any]:
    """Return what two questions must share to have the same answer; a scenario's hash leaves out its ranges."""
    counts = {"assumptions": len(factors), "not_varied": len(others)}
    question = {"question": "sensitivity", **asdict(asked), "measures": ", ".join(asked.measures), **counts}
    ranges = {each.keys[0]: f"{each.range_in_words} under {len(each.keys)} keys" for each in factors}
    return identity(scenario, question) | {"varied": ranges}


def _word(point: int) -> str:
    """Return the word under which the runs of a point are kept; 0 is the unchanged scenario."""
    return f"point{point}"


def _run(
    scenario: Scenario, factors: Sequence[Factor], values: NDArray[np.float64], replications: range, runs: Runs
) -> list[dict[str, Any]]:
    """Run the unchanged scenario and every point; return what failed."""
    variants, failures = [Variant(_word(0), scenario)], []
    for point, row in enumerate(values.tolist(), start=1):
        try:
            variants.append(Variant(_word(point), scenario.with_changes(changes_of(factors, row))))
        except InputError as error:
            failures.append({"point": point, "why": " ".join(str(error).split())})
    runs.make(variants, replications)
    for each in runs.failures:
        point, last = int(each["variant"].removeprefix("point")), each["traceback"].strip().splitlines()[-1]
        said = {key: each[key] for key in ("replication", "seed", "traceback")}
        failures.append({"point": point, "why": f"replication {each['replication']} raised {last}", **said})
    return sorted(failures, key=lambda each: each["point"])


def _design(
    factors: Sequence[Factor],
    values: NDArray[np.float64],
    asked: SensitivityQuestion,
    runs: Runs,
    years: Sequence[str],
    failures: Sequence[dict[str, Any]],
) -> Design:
    """Return the hypercube with each measure of each run: its mean over the years that count and have it."""
    left_out = {each["point"]: str(each["why"]) for each in reversed(failures)}
    places = [runs.years.index(year) for year in years]
    found = np.full((1 + len(values), asked.replications, len(asked.measures)), np.nan)
    for point in range(1 + len(values)):
        if point not in left_out:
            by_year = runs.values(_word(point), range(asked.replications))[:, places]
            found[point] = mean_of_years(by_year[:, :, [runs.names.index(name) for name in asked.measures]])
    outcomes = [Outcome(name, found[1:, :, place], found[0, :, place]) for place, name in enumerate(asked.measures)]
    return Design(tuple(factors), values, tuple(outcomes), left_out)


def _answer(
    scenario: Scenario,
    asked: SensitivityQuestion,
    design: Design,
    table: pd.DataFrame,
    others: Sequence[NotVaried],
    years: Sequence[str],
) -> Answer:
    """Return the answer in words and tables."""
    steady = steadiness(design, generator(scenario.seed, 0, "halves", "assumptions"))
    said = sensitivity_answer.sentences(design, table, others, steady)
    how = sensitivity_answer.how(asked.points, asked.replications, span(years), scenario.seed)
    return Answer("sensitivity", (*said, *sensitivity_answer.tables(table), how))


def _write(design: Design, table: pd.DataFrame, others: Sequence[NotVaried], folder: Path) -> None:
    """Write the study's own files."""
    import pandas as pd

    factors = [{**asdict(each), "keys": " ".join(each.keys)} for each in design.factors]
    write_table(folder / DESIGN, _table(design))
    write_table(folder / FACTORS, pd.DataFrame(factors))
    write_table(folder / NOT_VARIED, pd.DataFrame(others, columns=["key", "value", "unit", "why", "source"]))
    write_table(folder / CORRELATIONS, table)
    if len(table):
        stands = {each.measure: each.as_it_stands for each in design.outcomes}
        means = {each.measure: float(each.values[each.there].mean()) for each in design.outcomes if each.there.any()}
        charts.save(folder / PICTURE, charts.tornado(table, stands, means))


def _table(design: Design) -> pd.DataFrame:
    """Return a table of every run: its point, the value of each factor, each measure, and why a point is left out."""
    import pandas as pd

    points, replications = design.outcomes[0].runs.shape
    stands = np.array([factor.value for factor in design.factors])
    numbers = np.repeat(np.arange(1 + points), replications)
    rows = np.vstack([stands, design.values])[numbers]
    columns = {"point": numbers, "replication": np.tile(np.arange(replications), 1 + points)}
    columns |= {factor.keys[0]: rows[:, place] for place, factor in enumerate(design.factors)}
    columns |= {each.measure: np.vstack([each.stands, each.runs]).ravel() for each in design.outcomes}
    return pd.DataFrame(columns).assign(left_out=[design.left_out.get(int(number), "") for number in numbers])
