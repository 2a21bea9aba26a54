"""The sector several times as large: one run in a process of its own, so that its peak of memory is its own.

``python -m tests.benchmark.growth TIMES RUNS`` prints what it measured as JSON.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from sim.inputs.framework import KINDS
from sim.inputs.scenario import Scenario
from sim.runs.measures import Years, measure
from sim.runs.model import Model, without_collection
from sim.world.context import ScenarioContext
from tests.benchmark import full
from tests.benchmark.timing import processor_time

ROOT = Path(__file__).parents[2]
"""From where the benchmark is run as a module."""
STATUS = Path("/proc/self/status")
"""What Linux says of a process."""
KIB = 1024


@dataclass(frozen=True, slots=True)
class Grown:
    """What one size of the sector took.

    Attributes
    ----------
    times : int
        How many times the authorities and inspectors.
    authorities, visits : int
        Authorities, and visits begun in all the runs.
    seconds : float
        Processor time of the runs, without what their scenario shares.
    runs : int
        How many they were.
    base, peak : int
        Bytes of memory before the first run, and at most.
    """

    times: int
    authorities: int
    visits: int
    seconds: float
    runs: int
    base: int
    peak: int

    @property
    def each(self) -> float:
        """Seconds for a visit."""
        return self.seconds / self.visits


def grown(scenario: Scenario, times: int) -> Scenario:
    """The sector so many times, with as many people to each authority and the limits of the plan as much wider.

    Every run has the values of the scenario itself, so that sizes differ in size alone.
    """
    changes: dict[str, object] = {"draws": "none", "authorities": tuple(_copies(scenario, times))}
    for role, rules in scenario.workforce.roles.items():
        changes[f"workforce.roles.{role}.people"] = rules.people * times
    most = scenario.planning.most_inspections
    if most is not None:
        changes["planning.most_inspections"] = most * times  # a limit of the whole country
    return scenario.with_changes(changes)


def _copies(scenario: Scenario, times: int) -> list[object]:
    """Authorities, each so many times under names of their own."""
    rows = scenario.authorities
    copies = [
        row.model_copy(update={"authority": f"{row.authority} ({n})"}) for n in range(2, times + 1) for row in rows
    ]
    return [*rows, *copies]


def measured(times: int, runs: int) -> Grown:
    """Run the sector so many times as large, here and now, and measure it."""
    scenario = grown(full.scenario(), times)
    context = ScenarioContext(scenario)
    base = peak_memory()
    _begun(grown(full.scenario(), 1), 0)  # loads what the first run of a process loads, whatever its size
    timed = processor_time(lambda: sum(_begun(scenario, replication, context) for replication in range(runs)))
    return Grown(times, len(scenario.authorities), int(timed.amount), timed.seconds, runs, base, peak_memory())


def _begun(scenario: Scenario, replication: int, context: ScenarioContext | None = None) -> int:
    """Visits of a run whose fieldwork began, from its measures."""
    context = context or ScenarioContext(scenario)
    with without_collection():
        record = Model(scenario, replication, context).run()
        values = measure(record, scenario, Years.of(context.calendar))
        del record  # before the search for cyclic garbage goes on, as in a study
    return int(sum(values[f"{kind}_started"].sum() for kind in KINDS))


def in_its_own_process(times: int, runs: int) -> Grown:
    """As :func:`measured`, in a new process.

    Raises
    ------
    RuntimeError
        If it fails, with what it said.
    """
    command = [sys.executable, "-m", "tests.benchmark.growth", str(times), str(runs)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if answer.returncode:
        raise RuntimeError(answer.stderr)
    return Grown(**json.loads(answer.stdout))


def peak_memory() -> int:
    """Bytes of memory that this process has had at most.

    Linux hands on the peak of whoever started a process with ``ru_maxrss``; the status of the process has its own.
    """
    if STATUS.exists():
        (line,) = (line for line in STATUS.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * KIB
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * KIB


if __name__ == "__main__":
    print(json.dumps(asdict(measured(int(sys.argv[1]), int(sys.argv[2])))))
