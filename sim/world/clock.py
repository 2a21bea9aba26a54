"""The clock of one replication: whole calendar days since the scenario's start."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy
from simpy.events import Event, EventPriority, Timeout

LAST_OF_THE_DAY = EventPriority(9)
"""SimPy priority after every ordinary event of the same day (ordinary ones have 1)."""


class EndOfDay(Event):
    """A point in time after all that is under way on its day; only what it sets off itself comes later on the day."""

    def __init__(self, env: simpy.Environment, delay: int) -> None:
        super().__init__(env)
        self._ok = True
        self._value = None
        env.schedule(self, priority=LAST_OF_THE_DAY, delay=delay)


class Clock(simpy.Environment):
    """SimPy's environment in days: what happens on which day of one replication, and who lives in it."""

    def __init__(self) -> None:
        super().__init__()
        self._lives: list[Generator[Any, Any, Any]] = []

    @property
    def today(self) -> int:
        """Day number of now."""
        return self._now  # type: ignore[return-value]  # every delay is a whole number

    def until(self, day: int) -> Event:
        """Event of that day; of today, if it has passed."""
        delay = day - self._now
        return Timeout(self, delay if delay > 0 else 0)

    def until_end_of(self, day: int) -> Event:
        """Event after all that is under way on that day, so that whoever waits for it sees what has been asked for."""
        return EndOfDay(self, max(0, day - self.today))

    def process(self, life: Generator[Any, Any, Any]) -> simpy.Process:
        """Begin a process now."""
        self._lives.append(life)
        return simpy.Process(self, life)

    def end(self) -> None:
        """End every process where it stands.

        One that waits refers to its world, and through the queue of events its world to it: as long as there is any,
        only a search for cyclic garbage frees the memory of a run.
        """
        for life in self._lives:
            life.close()
        self._lives.clear()
        self._queue.clear()
