"""Provides the clock of one replication, which counts whole calendar days since the scenario's start.

SimPy keeps all future events in one heap. Here a day is a single event, however many processes wait for it, and the one
that has waited longest goes first. SimPy uses the same order: of two events on a day, the one requested first comes
first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from typing import Any

import simpy
from simpy.core import SimTime
from simpy.events import NORMAL, URGENT, Event, EventPriority

LAST_OF_THE_DAY = EventPriority(9)
"""SimPy priority after every ordinary event of the same day (ordinary events have 1)."""


class Day(Event):
    """Represent a day, or its end, as an event that is certain to come."""

    _ok = True
    _value = None

    def __init__(self, clock: Clock) -> None:
        self.env = clock
        self.callbacks = []


class Clock(simpy.Environment):
    """Run the processes of one replication day by day, as a SimPy environment.

    Attributes
    ----------
    today : int
        Number of the current day.
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
        """Return the event of a day; today's, if the day has passed."""
        if day <= self.today:
            event = Day(self)
            self._today.append(event)
            return event
        waited_for = self._days.get(day)
        if waited_for is None:
            waited_for = self._days[day] = Day(self)
        return waited_for

    def until_end_of(self, day: int) -> Event:
        """Return an event after everything else on that day, so that whoever waits for it sees all of the day's
        requests.

        Only what this event sets off itself comes later on the day.
        """
        event = Day(self)
        self.schedule(event, LAST_OF_THE_DAY, max(0, day - self.today))
        return event

    def either(self, event: Event, day: int) -> Event:
        """Return an event that follows the first of an event and a day, on the same day."""
        first = Event(self)

        def follow(_: Event) -> None:
            if not first.triggered:
                first.succeed()

        for awaited in (event, self.until(day)):
            awaited.callbacks.append(follow)
        return first

    def schedule(self, event: Event, priority: EventPriority = NORMAL, delay: SimTime = 0) -> None:
        """Make an event happen at once, later today, or at the end of a day.

        Raises
        ------
        ValueError
            If it should happen at any other time. To wait for another day, use :meth:`until`.
        """
        if priority == LAST_OF_THE_DAY:
            self._ends.setdefault(self.today + int(delay), deque()).append(event)
        elif delay or priority not in (NORMAL, URGENT):
            raise ValueError(
                f"cannot schedule an event after {delay} days with priority {priority}; wait for the day instead"
            )
        else:
            (self._today if priority == NORMAL else self._at_once).append(event)

    def run(self, until: int) -> None:  # type: ignore[override]  # SimPy's has more ways to end
        """Run every day before a day, so that this day is about to begin."""
        while self.today < until:
            self._pass(self.today)
            self._now = self.today = self.today + 1

    def _pass(self, today: int) -> None:
        """Run one day: first those who waited for it, then what they set off, then those who wait for its end."""
        self._do_at_once()
        day = self._days.pop(today, None)
        if day is not None:
            waiting = day.callbacks
            for resume in waiting:  # a process that is interrupted meanwhile leaves the list
                resume(day)
                if self._at_once:
                    self._do_at_once()
            day.callbacks = None  # type: ignore[assignment]  # SimPy's way to mark an event as over
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
        """End every process, wherever it is.

        A waiting process refers to its world, and through the event that it waits for the world refers to the process.
        While such a circle exists, only a search for cyclic garbage frees the memory of a run.
        """
        for life in self._lives:
            life.close()
        for waited_for in (self._lives, self._days, self._today, self._at_once, self._ends):
            waited_for.clear()


def _happen(event: Event) -> None:
    """Resume those who wait for an event, in order; raise the error of a failed process for which nobody waits."""
    waiting, event.callbacks = event.callbacks, None  # type: ignore[assignment]  # SimPy's way to mark an event as over
    for resume in waiting:
        resume(event)
    if not event._ok and not event.defused:
        assert isinstance(event._value, BaseException)
        raise event._value
