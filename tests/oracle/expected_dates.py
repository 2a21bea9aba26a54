"""When things happen if nobody waits for people: the days that follow from frameworks, calendar and pauses alone."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from sim.base.calendar import DAYS_A_WEEK
from sim.base.randomness import whole_triangular
from sim.inputs.framework import Framework, Kind, VisitRules
from sim.inputs.grades import Judgement
from sim.inputs.pathways import Between, Monitoring, Pathway, VisitName
from sim.inputs.windows import Contact, Finding, Window, next_contact
from sim.world.visits import publication_lag

if TYPE_CHECKING:
    from sim.world.context import ScenarioContext

FINE, COARSE = 1000, 12
"""Points of the even grid over a uniform draw: where only shares are taken of it, and where each outcome is followed
by itself. The error of a share is below one point."""

Value = TypeVar("Value")


def between(pathway: Pathway) -> Between | None:
    """Rules of the visits between two inspections; of pathways with several contacts nothing is foretold here."""
    found = [contact.rules for contact in pathway.between]
    assert len(found) <= 1
    return found[0] if found else None


def even_grid(points: int) -> Iterator[float]:
    """Middles of as many equal parts of [0, 1)."""
    return ((place + 0.5) / points for place in range(points))


def shares(outcomes: Iterable[Value]) -> dict[Value, float]:
    """Share of each of some outcomes that are equally likely."""
    count = Counter(outcomes)
    return {outcome: times / count.total() for outcome, times in count.items()}


def thinned(values: Sequence[Value], most: int) -> Iterator[tuple[Value, float]]:
    """At most so many of some values, each in the middle of an equal part of them, with the share of its part."""
    parts = min(most, len(values))
    for first, end in pairwise(part * len(values) // parts for part in range(parts + 1)):
        yield values[(first + end - 1) // 2], (end - first) / len(values)


class Dates:
    """Days of a scenario on which visits are asked for, begin and are published, and the frameworks in force on them.

    Parameters
    ----------
    context : ScenarioContext
        The scenario's calendar, timetable of frameworks and shocks.

    Attributes
    ----------
    calendar : Calendar
        The working calendar.
    frameworks : list of Framework
        In the order in which they come into force; the place of one in it stands for it.
    overdue : list of int
        Due dates of the inspections that were due before the start, ascending.
    """

    def __init__(self, context: ScenarioContext) -> None:
        self.calendar = context.calendar
        self.overdue = context.overdue
        self.frameworks: list[Framework] = [framework for _, framework in context.timetable]
        self._begins = [begins for begins, _ in context.timetable]
        self._shocks = context.shocks
        self._begun: dict[tuple[Kind, int, int], int] = {}
        self._lags: dict[tuple[int, VisitName, bool], dict[int, float]] = {}
        self._lengths: dict[tuple[int, int, int], dict[int, float]] = {}

    def place(self, day: int) -> int:
        """Place of the framework in force on a day."""
        return bisect_right(self._begins, day) - 1

    def change_after(self, day: int) -> int:
        """Day on which the next framework comes into force; past the look-ups if none does."""
        place = bisect_right(self._begins, day)
        return self._begins[place] if place < len(self._begins) else self.calendar.last + 1

    def pathway(self, judgement: Judgement, day: int) -> Pathway:
        """What follows a judgement under the framework in force on a day."""
        return self.frameworks[self.place(day)].pathways[judgement]

    def monitoring(self, judgement: Judgement, day: int) -> Monitoring | None:
        """Monitoring that follows a judgement under the framework in force on a day."""
        contact = self.pathway(judgement, day).monitoring
        return None if contact is None else contact.rules

    def contact(
        self, judgement: Judgement, anchor: int, focused: int, findings: Iterable[Finding], today: int
    ) -> tuple[int, Contact]:
        """Next contact of an authority, and the day on which it is asked for, as the frameworks follow each other.

        Parameters
        ----------
        judgement : str
            Published judgement.
        anchor : int
            Day from which the interval counts.
        focused : int
            Focused visits since.
        findings : iterable of Finding
            What they found.
        today : int
            Day on which it is planned.
        """
        while True:
            pathway, change = self.pathway(judgement, today), self.change_after(today)
            seen = {each.name: focused for each in pathway.between}
            contact = next_contact(pathway, anchor, seen, findings, self.calendar, today)
            if contact.window.opens < change or change > self.calendar.horizon:
                return max(contact.window.opens, today), contact
            today = change

    def mondays(self, rules: VisitRules, window: Window, today: int) -> list[int]:
        """Mondays, each as likely as another, for which a visit is planned that is asked for today."""
        return window.mondays(self.calendar, rules.weeks_on_site, rules.earliest_monday(today, self.calendar))

    def begins_on(self, kind: Kind, rules: VisitRules, planned: int) -> int:
        """Monday on which a visit begins that is planned for one: then, or when its weeks are open and no pause is."""
        key = kind, rules.fieldwork_days, planned
        if key not in self._begun:
            self._begun[key] = self._find_start(kind, rules, planned)
        return self._begun[key]

    def _find_start(self, kind: Kind, rules: VisitRules, planned: int) -> int:
        monday = self.calendar.first_start(rules.weeks_on_site, planned)
        while monday <= self.calendar.horizon and self._shocks.paused(kind, monday, rules.fieldwork_end(monday)):
            monday = self.calendar.first_start(rules.weeks_on_site, monday + 1)
        return monday

    def called_on(self, rules: VisitRules, monday: int) -> int:
        """Day at whose end a visit that begins on a Monday finds its team."""
        return self.calendar.workday_on_or_after(max(0, monday - DAYS_A_WEEK * rules.notice_weeks))

    def by_framework(
        self, name: VisitName, window: Window, today: int
    ) -> Iterator[tuple[int, VisitRules, list[int], float]]:
        """Visits that are asked for today, apart from inspections, by the framework in force when they are called.

        Yields
        ------
        tuple of int, VisitRules, list of int and float
            Place of the framework, its rules, the Mondays on which the visit may begin, and their share of all.
        """
        framework = self.frameworks[self.place(today)]
        rules, kind = framework.visits[name], framework.kind(name).name
        planned = self.mondays(rules, window, today)
        called = defaultdict(list)
        for monday in planned:
            begins = self.begins_on(kind, rules, monday)
            called[self.place(max(today, self.called_on(rules, begins)))].append(begins)
        for place, mondays in called.items():
            if name in self.frameworks[place].visits:
                yield place, self.frameworks[place].visits[name], mondays, len(mondays) / len(planned)

    def published(self, place: int, name: VisitName, inadequate: bool, end: int) -> dict[int, float]:
        """Share of the inspections of these rules that is published on each day, from the last day on site."""
        key = place, name, inadequate
        if key not in self._lags:
            rules = self.frameworks[place].visits[name].publication
            self._lags[key] = shares(publication_lag(rules, u, inadequate) for u in even_grid(COARSE))
        found: dict[int, float] = {}
        for lag, share in self._lags[key].items():
            ready = self.calendar.workdays_after(end, lag)
            rules = self.frameworks[place].visits[name].publication
            day = ready if rules is None else self._shocks.published_on(ready)
            found[day] = found.get(day, 0.0) + share
        return found

    def last_is(self, monitoring: Monitoring, number: int) -> float:
        """Probability that there are no more than a number of monitoring visits, if there are no fewer."""
        visits = monitoring.visits
        key = visits["low"], visits["mode"], visits["high"]
        if key not in self._lengths:
            self._lengths[key] = shares(whole_triangular(u, *key) for u in even_grid(FINE))
        lengths = self._lengths[key]
        still = sum(share for visits, share in lengths.items() if visits >= number)
        return lengths.get(number, 0.0) / still if still else 1.0

    def prevented(self, kind: Kind, window: Window) -> bool:
        """Whether a pause falls between the due date of a visit and its latest date."""
        return self._shocks.paused(kind, window.due, window.latest)
