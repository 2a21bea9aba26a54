"""The clock of one replication: whole calendar days since the scenario's start.

SimPy keeps what is to happen in one heap. Here a day is one event, however many wait for it, and whoever waited for it
first goes first. That is SimPy's order too, in which of two events of one day the one asked for earlier comes first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from typing import Any

import simpy
from simpy.core import SimTime
from simpy.events import NORMAL, URGENT, Event, EventPriority

LAST_OF_THE_DAY = EventPriority(9)
"""SimPy priority after every ordinary event of the same day (ordinary ones have 1)."""


class Day(Event):
    """A day, or its end, that will come whatever else happens."""

    _ok = True
    _value = None

    def __init__(self, clock: Clock) -> None:
        self.env = clock
        self.callbacks = []


class Clock(simpy.Environment):
    """SimPy's environment in days: what happens on which day of one replication, and who lives in it.

    Attributes
    ----------
    today : int
        Day number of now.
    """

    def __init__(self) -> None:
        super().__init__()
        self.today = 0
        self._lives: list[Generator[Any, Any, Any]] = []
        self._days: dict[int, Day] = {}
        self._today: deque[Event] = deque()
        self._at_once: deque[Event] = deque()
        self._ends: dict[int, deque[Event]] = {}

    def until(self, day: int) -> Event:
        """Event of that day; of today, if it has passed."""
        if day <= self.today:
            event = Day(self)
            self._today.append(event)
            return event
        waited_for = self._days.get(day)
        if waited_for is None:
            waited_for = self._days[day] = Day(self)
        return waited_for

    def until_end_of(self, day: int) -> Event:
        """Event after all that is under way on that day, so that whoever waits for it sees what has been asked for.

        Only what it sets off itself comes later on the day.
        """
        event = Day(self)
        self.schedule(event, LAST_OF_THE_DAY, max(0, day - self.today))
        return event

    def either(self, event: Event, day: int) -> Event:
        """Event that follows, on the same day, the first of an event and a day."""
        first = Event(self)

        def follow(_: Event) -> None:
            if not first.triggered:
                first.succeed()

        for awaited in (event, self.until(day)):
            awaited.callbacks.append(follow)
        return first

    def schedule(self, event: Event, priority: EventPriority = NORMAL, delay: SimTime = 0) -> None:
        """Let an event happen: at once, today, or at the end of a day.

        Raises
        ------
        ValueError
            If it is to happen otherwise; for another day wait with :meth:`until`.
        """
        if priority == LAST_OF_THE_DAY:
            self._ends.setdefault(self.today + int(delay), deque()).append(event)
        elif delay or priority not in (NORMAL, URGENT):
            raise ValueError(f"an event after {delay} days of priority {priority}; wait for the day instead")
        else:
            (self._today if priority == NORMAL else self._at_once).append(event)

    def run(self, until: int) -> None:  # type: ignore[override]  # SimPy's also runs to an event, or without an end
        """Let every day pass before a day, which begins then."""
        while self.today < until:
            self._pass(self.today)
            self._now = self.today = self.today + 1

    def _pass(self, today: int) -> None:
        """One day: who waited for it, then what that sets off, then what waits for its end."""
        self._do_at_once()
        day = self._days.pop(today, None)
        if day is not None:
            waiting = day.callbacks
            for resume in waiting:  # who is interrupted meanwhile leaves the list
                resume(day)
                if self._at_once:
                    self._do_at_once()
            day.callbacks = None  # type: ignore[assignment]  # so SimPy marks an event that is over
        while self._today or today in self._ends:
            if self._today:
                _happen(self._today.popleft())
            else:
                ends = self._ends[today]
                _happen(ends.popleft())
                if not ends:
                    del self._ends[today]
            if self._at_once:
                self._do_at_once()

    def _do_at_once(self) -> None:
        while self._at_once:
            _happen(self._at_once.popleft())

    def process(self, life: Generator[Any, Any, Any]) -> simpy.Process:
        """Begin a process now."""
        self._lives.append(life)
        return simpy.Process(self, life)

    def end(self) -> None:
        """End every process where it stands.

        One that waits refers to its world, and through what it waits for its world to it: as long as there is any,
        only a search for cyclic garbage frees the memory of a run.
        """
        for life in self._lives:
            life.close()
        for waited_for in (self._lives, self._days, self._today, self._at_once, self._ends):
            waited_for.clear()


def _happen(event: Event) -> None:
    """Resume who waits for an event, in order; a process that has failed with nobody waiting for it raises."""
    waiting, event.callbacks = event.callbacks, None  # type: ignore[assignment]  # so SimPy marks an event that is over
    for resume in waiting:
        resume(event)
    if not event._ok and not event.defused:
        assert isinstance(event._value, BaseException)
        raise event._value
