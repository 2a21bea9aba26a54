"""Intervals cover as they say, over 500 studies of a small model whose answer is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from importlib.resources import files
from math import exp

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.base.calendar import DAYS_A_YEAR
from sim.inputs.scenario import Scenario
from sim.runs.ensemble import BATCH, batches_of, run_batch
from sim.runs.executors import processes
from sim.runs.measures import NAMES
from sim.runs.outcomes import Outcomes
from sim.runs.precision import Precision, Target, Watch
from sim.statistics.intervals import mean_interval
from tests.worlds import authority, quiet, without_focused

STUDIES, LONGEST, FIXED = 500, 40, 20
"""Studies; replications that each may have, and has where their number is fixed."""
AUTHORITIES, RATE = 8, 0.4
"""Authorities judged good, and how often a year one of them comes to require improvement."""
INSPECTED, START = date(2017, 10, 1), date(2018, 4, 1)
MEASURE, YEAR = "authority_days_below_judgement", "2018-19"


def small_model() -> Scenario:
    """Authorities that nobody ever inspects again, a financial year long."""
    rows = [authority(f"Authority {number}", "North", "good", INSPECTED.isoformat()) for number in range(AUTHORITIES)]
    changes: dict[str, object] = {"start": START, "ratings.drift.good.requires_improvement": RATE, **without_focused()}
    return quiet(rows, {}, changes)


def answer(a_year: float = RATE) -> float:
    """Expected authority-days below the judgement: each is below from an exponential time after its inspection on."""
    rate, begins = a_year / DAYS_A_YEAR, (START - INSPECTED).days
    above = (exp(-rate * begins) - exp(-rate * (begins + 365))) / rate
    return AUTHORITIES * (365 - above)


@pytest.fixture(scope="module")
def studies() -> list[Outcomes]:
    """All replications that each study may have."""
    scenario = small_model().with_changes({"replications": STUDIES * LONGEST})
    batches = processes(2)(_Measures(scenario), range(STUDIES))
    found = sorted(batches, key=lambda batch: batch.replications[0])
    return [Outcomes(np.arange(LONGEST), each.years, each.values) for each in found]


class _Measures:
    """Task that runs the replications of one study; each study has replications of its own."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    def __call__(self, study: int) -> Outcomes:
        batch = run_batch(self.scenario, "measures", range(study * LONGEST, (study + 1) * LONGEST))
        assert not batch.failures
        return Outcomes.of(batch.tables["measures"], [YEAR])


def first(outcomes: Outcomes, count: int) -> Outcomes:
    return Outcomes(outcomes.replications[:count], outcomes.years, outcomes.values[:count])


def covers(outcomes: Outcomes, confidence: float = 0.95) -> bool:
    low, high = mean_interval(outcomes.column(YEAR, MEASURE), confidence=confidence)
    return low <= answer() <= high


@pytest.mark.slow
def test_intervals_of_95_per_cent_cover_93_to_97(studies: list[Outcomes]) -> None:
    share = np.mean([covers(first(study, FIXED)) for study in studies])
    print(f"{STUDIES} studies of {FIXED} replications: {share:.1%} of intervals cover")
    assert 0.93 <= share <= 0.97


@pytest.mark.slow
def test_intervals_of_88_per_cent_are_caught(studies: list[Outcomes]) -> None:
    assert np.mean([covers(first(study, FIXED), 0.88) for study in studies]) < 0.93


@pytest.mark.slow
def test_the_sequential_rule_covers_93_per_cent_or_more(studies: list[Outcomes]) -> None:
    spread = np.concatenate([study.column(YEAR, MEASURE) for study in studies]).std()
    wanted = 2 * spread / 20**0.5  # reached after some twenty replications, if the spread were known
    ended: list[tuple[int, bool, bool, bool]] = []
    for study in studies:
        watch = Watch(Precision((Target(MEASURE, wanted),), LONGEST), [YEAR])
        for batch in batches_of(LONGEST)[1:]:
            watch.look(first(study, batch.stop))
            if watch.over:
                break
        center, half_width = of_rule(watch)
        off = abs(center - answer())
        ended.append((batch.stop, off <= wanted, off <= half_width, covers(first(study, batch.stop))))
    lengths = [length for length, *_ in ended]
    near, of_the_rule, students = np.mean([shares for _, *shares in ended], axis=0)
    print(
        f"{STUDIES} studies of {min(lengths)} to {max(lengths)} replications: {near:.1%} of means within the target, "
    )
    print(f"{of_the_rule:.1%} of the rule's intervals and {students:.1%} of Student's cover")
    assert near >= 0.93
    assert of_the_rule >= 0.93
    assert len(set(lengths)) > 3
    assert max(lengths) - LONGEST < BATCH


def test_the_answer_is_that_of_the_model() -> None:
    batch = run_batch(small_model(), "measures", range(60))
    found = Outcomes.of(batch.tables["measures"], [YEAR]).column(YEAR, MEASURE)
    error = found.std(ddof=1) / len(found) ** 0.5
    assert abs(found.mean() - answer()) < 3.5 * error
    assert abs(found.mean() - answer(1.5 * RATE)) > 3.5 * error  # a drift that is half as fast again is caught


Sampler = Callable[[np.random.Generator, int], NDArray[np.float64]]
DISTRIBUTIONS: dict[str, tuple[Sampler, float]] = {
    "normal": (lambda random, size: random.normal(size=size), 0.0),
    "exponential": (lambda random, size: random.exponential(size=size), 1.0),
    "one in ten": (lambda random, size: (random.random(size) < 0.1) / 0.3, 0.1 / 0.3),
}
"""Samples with a deviation of 1, and their mean."""


def rule_on_samples(name: str, wanted: float, count: int = 4000, longest: int = 400) -> tuple[float, ...]:
    """Of studies of samples with a deviation of 1: replications, and shares covered by target, rule and Student."""
    random = np.random.default_rng(8)
    draw, mean = DISTRIBUTIONS[name]
    found: list[tuple[float, ...]] = []
    for _ in range(count):
        values = np.full((longest, 1, len(NAMES)), np.nan)
        values[:, 0, NAMES.index(MEASURE)] = draw(random, longest)
        study = Outcomes(np.arange(longest), (YEAR,), values)
        watch = Watch(Precision((Target(MEASURE, wanted),), longest), [YEAR])
        for batch in batches_of(longest):
            watch.look(first(study, batch.stop))
            if watch.over:
                break
        (center, half_width), (low, high) = of_rule(watch), mean_interval(values[: batch.stop, 0, NAMES.index(MEASURE)])
        off = abs(center - mean)
        found.append((batch.stop, off <= wanted, off <= half_width, low <= mean <= high))
    return tuple(float(column) for column in np.mean(found, axis=0))


def of_rule(watch: Watch) -> tuple[float, float]:
    """Mean and half-width at the last look."""
    return watch.looks[-1][0].intervals[YEAR]


@pytest.mark.slow
@pytest.mark.parametrize("name", DISTRIBUTIONS)
@pytest.mark.parametrize("wanted", [0.8, 0.5, 0.25])
def test_the_page_tells_the_coverage_of_the_rule_on_samples(name: str, wanted: float) -> None:
    page = files("sim").joinpath("docs/interval_details.md").read_text(encoding="utf-8")
    length, *shares = rule_on_samples(name, wanted)
    row = f"| {name} | {wanted:g} | {length:.0f} | {' | '.join(f'{share:.1%}' for share in shares)} |"
    print(row)
    assert row in page.splitlines()
