"""The parts of the benchmark: each takes its times and says what they come to."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from sim.inputs.framework import KINDS, Kind
from sim.inputs.scenario import Scenario
from sim.runs.ensemble import BATCH
from sim.runs.executors import processes
from sim.studies import ensemble_study
from tests.benchmark import full, growth, kernel, matching, minimal, questions, startup
from tests.benchmark.report import Figure, Part
from tests.benchmark.sector import Sector, sector_of
from tests.benchmark.timing import Spread, Timed, by_turns, processor_time, wall_time

REPLICATIONS, CORES = 1000, 2
"""Of the part that runs many replications."""
MINIMAL_RUNS = 8
"""Runs of a minimal model in each round: about as long as a batch of the full one."""
POLICY_RUNS = (8, 8, 1)
"""Runs under each policy in each round: drawn, levelled, optimised."""
LARGE, LARGEST = 10, 100
"""How many times the sector, in the part about growth."""
GIB, MIB, KIB = 2**30, 2**20, 2**10
"""Bytes."""
TIMES = " times"
"""Unit of a ratio."""
GROWTH_BARS = {LARGE: 1.3, LARGEST: 1.6}
"""By how much the time for a visit may grow."""
CAPACITY_SECONDS = 300.0
"""In which a planner is to have the answer of `capacity`, who asks it ten times in a morning."""
EXTRA = "python -m pip install --editable '.[benchmark]'"


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is run.

    Attributes
    ----------
    rounds : int
        Rounds in which things are timed by turns.
    growth_rounds, growth_runs : int
        Rounds of the part about growth, and runs of the sector as it is in each.
    sizes : tuple of int
        Sizes of the sector beyond the one that ships.
    replications : int
        Of the part that runs many; they are scaled up to what it asks for.
    starts : int
        Starts of a Python.
    """

    rounds: int
    growth_rounds: int
    growth_runs: int
    sizes: tuple[int, ...]
    replications: int
    starts: int


WHOLE = Effort(rounds=7, growth_rounds=3, growth_runs=8, sizes=(LARGE, LARGEST), replications=REPLICATIONS, starts=5)
QUICK = Effort(rounds=3, growth_rounds=1, growth_runs=4, sizes=(LARGE,), replications=100, starts=5)


def against_plain_simpy(effort: Effort) -> Part:
    """Visits a second of the full model, and of the minimal one, with and without engagement meetings."""
    study = full.scenario()
    sector = sector_of(study)
    without = replace(sector, meeting=None)
    batches: list[full.Batch] = []
    counts: dict[str, Counter[Kind]] = {"minimal": Counter(), "without meetings": Counter()}

    def whole(number: int) -> Timed:
        batches.append(full.timed_batch(study, number))
        return batches[-1].time

    whole(0)  # what the replications of a scenario share is worked out once in a process
    batches.clear()
    fulls, minimals, withouts = by_turns(
        effort.rounds,
        whole,
        lambda number: _minimal_runs(minimal.run, sector, number, counts["minimal"]),
        lambda number: _minimal_runs(minimal.run, without, number, counts["without meetings"]),
    )
    contacts = [Timed(batch.time.seconds, batch.visits.total() - batch.visits["engagement"]) for batch in batches]
    visits = sum((batch.visits for batch in batches), Counter[Kind]())
    runs = effort.rounds * MINIMAL_RUNS
    return Part(
        "Against plain SimPy",
        [
            Figure("visits a second, full ÷ minimal", _ratio(fulls, minimals), TIMES),
            Figure("the same without engagement meetings", _ratio(contacts, withouts), TIMES),
            Figure("visits a second, full model", Spread.of([each.rate for each in fulls])),
            Figure("visits a second, minimal model", Spread.of([each.rate for each in minimals])),
            Figure("the same without engagement meetings", Spread.of([each.rate for each in withouts])),
        ],
        [
            f"Visits begun in a run of the full model: {_by_kind(visits, effort.rounds * BATCH)};",
            f"of the minimal one: {_by_kind(counts['minimal'], runs)}.",
            "Without engagement meetings they are left out of the counts of both and of the minimal model's runs; the",
            "full model's still hold them.",
        ],
        {
            "full": _raw(fulls),
            "minimal": _raw(minimals),
            "minimal_without_meetings": _raw(withouts),
            "visits_full": {kind: visits[kind] / (effort.rounds * BATCH) for kind in KINDS},
            "visits_minimal": {kind: counts["minimal"][kind] / runs for kind in KINDS},
        },
    )


def against_the_kernel(effort: Effort) -> Part:
    """Time of full runs, and of as many bare timeouts with as many live processes."""
    study = full.scenario()
    loads = [full.load_of(study, replication) for replication in range(BATCH)]
    events = sum(load.events for load in loads)
    alive = round(sum(load.processes for load in loads) / len(loads))

    def bare(_: int) -> Timed:
        env = kernel.waiting(alive)
        return processor_time(lambda: kernel.process(env, events))

    full.timed_batch(study, 0)
    fulls, bares = by_turns(effort.rounds, lambda _: full.timed_batch(study, 0).time, bare)
    ratios = [whole.seconds / kernels.seconds for whole, kernels in zip(fulls, bares, strict=True)]
    return Part(
        "Against the kernel",
        [
            Figure("time of a full run ÷ time of the kernel alone", Spread.of(ratios), TIMES),
            Figure("a full run", Spread.of([1000 * each.seconds / BATCH for each in fulls]), " ms"),
            Figure("the kernel alone", Spread.of([1000 * each.seconds / BATCH for each in bares]), " ms"),
        ],
        [f"A run has {events / BATCH:,.0f} events, and {alive:,} live processes in the mean."],
        {"events": events, "processes": alive, "full": _raw(fulls), "kernel": _raw(bares)},
    )


def with_policies(effort: Effort) -> Part:
    """Time of a run under each policy, beside the same runs with weeks that are drawn."""
    studies = {
        programme: full.scenario().with_changes({"planning.programme": programme})
        for programme in ("drawn", "levelled", "optimised")
    }
    for study in studies.values():
        _policy_runs(study, 0, 1)  # what the replications of a scenario share is worked out once in a process
    drawn, levelled, optimised = by_turns(
        effort.rounds,
        *(partial(_policy_runs, study, runs=runs) for study, runs in zip(studies.values(), POLICY_RUNS, strict=True)),
    )
    ratios = {
        name: Spread.of([each.each / base.each for each, base in zip(times, drawn, strict=True)])
        for name, times in (("levelled", levelled), ("optimised", optimised))
    }
    return Part(
        "Under each policy",
        [
            Figure("a run with levelled weeks ÷ one with drawn weeks", ratios["levelled"], TIMES, 1.15, 1.1),
            Figure("a run planned anew every quarter ÷ one with drawn weeks", ratios["optimised"], TIMES),
            Figure("a run with drawn weeks", Spread.of([1000 * each.each for each in drawn]), " ms"),
        ],
        [],
        {"drawn": _raw(drawn), "levelled": _raw(levelled), "optimised": _raw(optimised)},
    )


def _policy_runs(study: Scenario, number: int, runs: int) -> Timed:
    """The first replications of a scenario; each round the same, so that policies are held against each other."""

    def work() -> float:
        full.visits_of(study, range(runs))
        return float(runs)

    return processor_time(work)


def a_thousand_replications(effort: Effort) -> Part:
    """Wall time of a study of a thousand replications on two cores, its results written."""
    study = full.scenario().with_replications(effort.replications)

    def run() -> float:
        with tempfile.TemporaryDirectory() as folder:
            ensemble_study.run(
                study,
                Path(folder) / "study",
                executor=processes(CORES),
                detail="measures",
                progress=False,
                pictures=False,
            )
        return effort.replications

    timed = wall_time(run)
    scaled = timed.each * REPLICATIONS
    notes = [] if effort.replications == REPLICATIONS else [f"Scaled up from {effort.replications:,} replications."]
    return Part(
        "A thousand replications on two cores",
        [Figure(f"{REPLICATIONS:,} replications", Spread.of([scaled]), " s", 60.0, 20.0)],
        notes,
        {"replications": effort.replications, "seconds": timed.seconds, "cores": CORES},
    )


def questions_asked(effort: Effort) -> Part:
    """Wall time of the two questions that a planner asks most, as commands, on two cores."""
    small = effort is QUICK
    bar = None if small else CAPACITY_SECONDS
    capacity, sensitivity = (
        questions.asked(question, CORES, small=small) for question in (questions.CAPACITY, questions.SENSITIVITY)
    )
    notes = [f"The first took {capacity.amount:,.0f} runs, the second {sensitivity.amount:,.0f}."]
    return Part(
        "A question, from its command to its answer, on two cores",
        [
            Figure(questions.command(questions.CAPACITY, small=small), Spread.of([capacity.seconds]), " s", bar),
            Figure(questions.command(questions.SENSITIVITY, small=small), Spread.of([sensitivity.seconds]), " s"),
        ],
        notes,
        {"capacity": asdict(capacity), "sensitivity": asdict(sensitivity), "cores": CORES},
    )


def with_growth(effort: Effort) -> Part:
    """Time for a visit and memory, with ten and a hundred times the authorities and inspectors."""
    taken = _sizes_by_turns(effort)
    base = min(each.base for each in taken[1])
    figures = [figure for size in effort.sizes for figure in _figures_of_size(size, taken, base)]
    small = Spread.of([_memory_each(each, base) for each in taken[1]])
    figures.append(Figure("memory beyond the base for a visit of a run, the sector as it is", small, " KiB"))
    largest = taken[max(taken)][0]
    return Part(
        "Growth",
        figures,
        [
            f"The largest has {largest.authorities:,} authorities and {largest.visits / largest.runs:,.0f} visits in a",
            f"run, which took {largest.seconds / largest.runs:,.1f} s. The base is {base / MIB:,.0f} MiB: the program",
            "with the sector as it is, before a run.",
        ],
        {str(size): [asdict(each) for each in runs] for size, runs in taken.items()},
    )


def _sizes_by_turns(effort: Effort) -> dict[int, list[growth.Grown]]:
    """What each size took; the largest takes as long as all the rest, so it is run once, between two small ones."""
    taken: dict[int, list[growth.Grown]] = {size: [] for size in (1, *effort.sizes)}
    for _ in range(effort.growth_rounds):
        taken[1].append(growth.in_its_own_process(1, effort.growth_runs))
        taken[LARGE].append(growth.in_its_own_process(LARGE, 1))
    if LARGEST in taken:
        taken[LARGEST].append(growth.in_its_own_process(LARGEST, 1))
        taken[1].append(growth.in_its_own_process(1, effort.growth_runs))
    return taken


def _figures_of_size(size: int, taken: Mapping[int, list[growth.Grown]], base: int) -> Iterator[Figure]:
    """Lines of one size; what was run once is held against every run of the sector as it is."""
    here, small = taken[size], taken[1]
    pairs = zip(here, small, strict=False) if len(here) > 1 else ((here[0], one) for one in small)
    ratios = Spread.of([large.each / one.each for large, one in pairs])
    yield Figure(f"time for a visit, {size} times the sector ÷ the sector", ratios, TIMES, GROWTH_BARS[size])
    yield Figure(f"peak memory, {size} times", Spread.of([each.peak / GIB for each in here]), " GiB", 4.0)
    memory = Spread.of([_memory_each(each, base) for each in here])
    yield Figure(f"memory beyond the base for a visit of a run, {size} times", memory, " KiB")


def at_start_up(effort: Effort) -> Part:
    """Wall time of a command that only prints, and of the import of the package."""
    for arguments in (startup.LIST, startup.IMPORT):
        startup.started(arguments)  # so that the files are at hand for those that count
    lists, imports = by_turns(
        effort.starts, lambda _: startup.started(startup.LIST), lambda _: startup.started(startup.IMPORT)
    )
    return Part(
        "Start-up",
        [
            Figure("python -m sim list", Spread.of([each.seconds for each in lists]), " s", 1.0),
            Figure('python -c "import sim"', Spread.of([each.seconds for each in imports]), " s", 0.5),
        ],
        raw={"list": _raw(lists), "import": _raw(imports)},
    )


def other_engines(effort: Effort) -> Part:
    """Visits a second of the minimal model in other engines, where they are installed."""
    models, missing = _engines()
    notes = [f"Not installed here: {', '.join(missing)}; {EXTRA} brings them."] if missing else []
    if len(models) == 1:
        return Part("Other engines", [], notes)
    sector = sector_of(full.scenario())
    counts: dict[str, Counter[Kind]] = {name: Counter() for name in models}

    def taking(name: str) -> Callable[[int], Timed]:
        return lambda number: _minimal_runs(models[name], sector, number, counts[name], runs=2)

    names = list(models)
    times = dict(zip(names, by_turns(effort.rounds, *map(taking, names)), strict=True))
    figures = []
    for name in names:
        figures.append(Figure(f"visits a second, minimal model in {name}", Spread.of([t.rate for t in times[name]])))
        if name != names[0]:
            ratio = _ratio(times[name], times[names[0]])
            figures.append(Figure(f"visits a second, {name} ÷ {names[0]}", ratio, TIMES))
    visits = "; ".join(f"{name}: {_by_kind(counts[name], 2 * effort.rounds)}" for name in names)
    said = f"Visits begun in a run, in {visits}. What cannot be said in an engine stands at the head of its file."
    return Part("Other engines", figures, [said, *notes], {name: _raw(times[name]) for name in names})


def _engines() -> tuple[dict[str, Callable[[Sector, int], Counter[Kind]]], list[str]]:
    """The minimal model in each engine that is installed, SimPy first, and the engines that are not."""
    models: dict[str, Callable[[Sector, int], Counter[Kind]]] = {"SimPy": minimal.run}
    missing = []
    for package, name in (("salabim", "salabim"), ("ciw", "Ciw")):
        try:
            models[name] = import_module(f"tests.benchmark.engine_{package}").run
        except ImportError:
            missing.append(package)
    return models, missing


def _minimal_runs(
    model: Callable[[Sector, int], Counter[Kind]],
    sector: Sector,
    number: int,
    counts: Counter[Kind],
    runs: int = MINIMAL_RUNS,
) -> Timed:
    """Time the runs of a round of a minimal model, and add their visits to the counts."""

    def work() -> float:
        begun = sum((model(sector, runs * number + run) for run in range(runs)), Counter[Kind]())
        counts.update(begun)
        return begun.total()

    return processor_time(work)


def _ratio(first: list[Timed], second: list[Timed]) -> Spread:
    """How many times as fast the first is as the second, pair by pair."""
    return Spread.of([one.rate / other.rate for one, other in zip(first, second, strict=True)])


def _memory_each(grown: growth.Grown, base: int) -> float:
    """KiB of memory beyond a base for each visit of a run."""
    return (grown.peak - base) / KIB / (grown.visits / grown.runs)


def _by_kind(visits: Counter[Kind], runs: int) -> str:
    """Mean number of visits of a run, in all and by kind."""
    kinds = ", ".join(f"{kind} {visits[kind] / runs:,.0f}" for kind in KINDS if visits[kind])
    return f"{visits.total() / runs:,.0f} ({kinds})"


def _raw(times: list[Timed]) -> list[dict[str, Any]]:
    return [asdict(each) for each in times]


def the_match(effort: Effort) -> Part:
    """How near the match of a Monday is to the best there is."""
    return matching.against_the_best(runs=2, every=4 if effort is WHOLE else 12)


PARTS: Mapping[str, Callable[[Effort], Part]] = {
    "minimal": against_plain_simpy,
    "kernel": against_the_kernel,
    "thousand": a_thousand_replications,
    "questions": questions_asked,
    "policies": with_policies,
    "growth": with_growth,
    "start-up": at_start_up,
    "engines": other_engines,
    "match": the_match,
}
"""By the name that ``--only`` takes."""
