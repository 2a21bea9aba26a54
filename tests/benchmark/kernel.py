"""SimPy's kernel alone: as many processes as a run has, which wait and do nothing else, for as many events."""

from __future__ import annotations

from collections.abc import Generator
from random import Random

import simpy

LONGEST_WAIT = 365
"""Days of the longest wait: spread over a year, as the waits of a run are."""


def waiting(processes: int) -> simpy.Environment:
    """Environment of processes each of which has begun its first wait; each waits again and again for as long."""
    env, chance = simpy.Environment(), Random(processes)
    for _ in range(processes):
        env.process(_wait(env, chance.randint(1, LONGEST_WAIT)))
    for _ in range(processes):
        env.step()  # its first event begins a process, and is no timeout
    return env


def process(env: simpy.Environment, events: int) -> int:
    """Let the kernel process so many timeouts.

    Returns
    -------
    int
        How many they were.
    """
    step = env.step
    for _ in range(events):
        step()
    return events


def _wait(env: simpy.Environment, days: int) -> Generator[simpy.Event, None, None]:
    while True:
        yield env.timeout(days)
