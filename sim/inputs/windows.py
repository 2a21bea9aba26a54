"""Computes the windows of visits: when a visit opens, is due and becomes late, from an authority's pathway."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sim.base.calendar import DAYS_A_WEEK, Calendar, WeeksOnSite
from sim.inputs.pathways import Between, Monitoring, OnTheWay, Pathway, VisitName


class Backlog(NamedTuple):
    """Holds an inspection's place among those due before the start, if these are spread over time.

    The longest overdue comes first; inspections due on the same day share their places.

    Attributes
    ----------
    before, through : int
        Number of inspections due earlier, and number due by the same day.
    overdue : int
        Number of overdue inspections.
    until : int
        Last day of the period over which they are spread evenly.
    """

    before: int
    through: int
    overdue: int
    until: int

    @classmethod
    def of(cls, due: int, overdue: Sequence[int], until: int) -> Backlog:
        """Return the place of an inspection due on a day, among the due dates of all, ascending."""
        return cls(bisect_left(overdue, due), bisect_right(overdue, due), len(overdue), until)

    def part_of(self, mondays: list[int]) -> list[int]:
        """Return the inspection's part of the Mondays over which the backlog is spread."""
        first = self.before * len(mondays) // self.overdue
        return mondays[first : max(first + 1, -(-self.through * len(mondays) // self.overdue))]


class Window(NamedTuple):
    """Holds when a contact may begin, as days since the scenario's start; every day is a first day on site.

    Attributes
    ----------
    opens, due, latest : int
        Earliest day, due date and latest day.
    planned : tuple of int
        First and last day of the stretch in which it is planned.
    backlog : Backlog or None
        Its place in a spread backlog, which then sets its planned date instead.
    """

    opens: int
    due: int
    latest: int
    planned: tuple[int, int]
    backlog: Backlog | None = None

    def planned_monday(self, calendar: Calendar, weeks: WeeksOnSite, earliest: int, u: float) -> int:
        """Return the planned Monday: one of :meth:`mondays`, chosen by a uniform draw on [0, 1)."""
        if self.backlog is None:
            first, last = self.planned
            starts, begin, end = calendar.places_of_starts(weeks, max(first, earliest), min(last, self.latest))
            if begin < end:
                return starts[begin + int(u * (end - begin))]
        choices = self.mondays(calendar, weeks, earliest)
        return choices[int(u * len(choices))]

    def mondays(self, calendar: Calendar, weeks: WeeksOnSite, earliest: int) -> list[int]:
        """Return the Mondays for which the contact may be planned, ascending and equally likely.

        A contact in a backlog is planned for a Monday in its part of the period over which the backlog is spread. Other
        contacts are planned for the Mondays of the planned stretch on which fieldwork can begin. If there are none, the
        choice is the last possible Monday in the window before that stretch, or else the first after it. If there is
        none in the window either, it is the first possible Monday of all.

        Parameters
        ----------
        calendar : Calendar
            The working calendar.
        weeks : tuple of int
            Weeks of the fieldwork with people on site, counted from 0; these must be open.
        earliest : int
            First day on which it can begin, since notice must be given.
        """
        if self.backlog is not None:
            spread_over = calendar.starts_between(weeks, earliest, self.backlog.until)
            return self.backlog.part_of(spread_over) or [calendar.first_start(weeks, earliest)]
        first, last = self.planned
        choices = calendar.starts_between(weeks, max(first, earliest), min(last, self.latest))
        if choices:
            return choices
        elsewhere = calendar.starts_between(weeks, max(self.opens, earliest), self.latest)
        if elsewhere:
            sooner = [monday for monday in elsewhere if monday < first]
            return [sooner[-1] if sooner else elsewhere[0]]
        return [calendar.first_start(weeks, max(earliest, self.opens))]


@dataclass(frozen=True, slots=True)
class Finding:
    """Represents an area for priority action found at a visit, which brings the next inspection forward.

    Attributes
    ----------
    day : int
        Day of the finding; the new due date is not earlier.
    months : int
        Months by which the inspection is brought forward.
    """

    day: int
    months: int


def inspection_window(pathway: Pathway, anchor: int, findings: Iterable[Finding], calendar: Calendar) -> Window:
    """Return the window of the next inspection.

    Parameters
    ----------
    pathway : Pathway
        What follows the authority's judgement.
    anchor : int
        Day from which the interval counts.
    findings : iterable of Finding
        Findings of visits since then; the one that makes the inspection due soonest counts.
    calendar : Calendar
        The working calendar.
    """
    months_after = calendar.months_after
    due = usual = months_after(anchor, pathway.interval_months)
    for finding in findings:
        due = min(due, max(finding.day, months_after(usual, -finding.months)))
    opens = max(anchor, months_after(due, -pathway.window_before_months))
    planned = months_after(due, pathway.planned_from_months), months_after(due, pathway.planned_to_months)
    return Window(opens, due, months_after(due, pathway.window_after_months), planned)


def contact_window(pathway: Pathway, rules: Between, number: int, anchor: int, calendar: Calendar) -> Window:
    """Return the window of a contact's ``number``-th visit (from 1); the interval counts from ``anchor``."""
    due = calendar.months_after(anchor, rules.months_to(number, pathway.interval_months))
    opens = calendar.months_after(due, -rules.window_months)
    latest = calendar.months_after(due, rules.window_months)
    return Window(opens, due, latest, (opens, latest))


def monitoring_window(monitoring: Monitoring, due: int) -> Window:
    """Return the window of a monitoring visit; it is planned for the Monday in the seven days from its due date."""
    latest = due + DAYS_A_WEEK * monitoring.window_after_weeks
    return Window(due - DAYS_A_WEEK * monitoring.window_before_weeks, due, latest, (due, due + DAYS_A_WEEK - 1))


class Contact(NamedTuple):
    """Holds the next step on an authority's pathway: a contact's visit, with its number, or the inspection."""

    window: Window
    of: OnTheWay[Between] | None = None
    number: int = 0


def next_contact(
    pathway: Pathway,
    anchor: int,
    seen: Mapping[VisitName, int],
    findings: Iterable[Finding],
    calendar: Calendar,
    today: int,
) -> Contact:
    """Return whichever opens first: the next visit of a contact whose window has not passed, or the inspection.

    Parameters
    ----------
    pathway : Pathway
        What follows the authority's judgement.
    anchor : int
        Day from which the interval counts.
    seen : mapping of str to int
        Number of each contact's visits since then that were requested, replaced or done before the start.
    findings : iterable of Finding
        Findings of these visits.
    calendar : Calendar
        The working calendar.
    today : int
        Current day.
    """
    first = Contact(inspection_window(pathway, anchor, findings, calendar))
    for contact in pathway.between:
        for number in range(seen.get(contact.name, 0) + 1, contact.rules.most + 1):
            window = contact_window(pathway, contact.rules, number, anchor, calendar)
            if window.latest >= today:
                if window.opens < first.window.opens:
                    first = Contact(window, contact, number)
                break
    return first


def seen_before_start(
    pathway: Pathway, anchor: int, in_force_from: int, calendar: Calendar, drawn: Callable[[OnTheWay[Between]], float]
) -> dict[VisitName, int]:
    """Return how many visits of each contact in the current cycle count as done at the start.

    The table of authorities does not say. A window that ended before the start counts as done. A window may be open at
    the
    start, under a framework that was in force when it opened. Then the visit is done with a probability equal to the
    share
    of the window that has passed. If the interval begins after the start, no visit is done.

    Parameters
    ----------
    pathway : Pathway
        What follows the authority's judgement.
    anchor : int
        Day from which the interval counts.
    in_force_from : int
        Day from which the framework is in force.
    calendar : Calendar
        The working calendar.
    drawn : callable
        Returns a contact's uniform draw on [0, 1).
    """
    done: dict[VisitName, int] = {}
    for contact in pathway.between if anchor <= 0 else ():
        u = drawn(contact)
        for number in range(1, contact.rules.most + 1):
            window = contact_window(pathway, contact.rules, number, anchor, calendar)
            passed = -window.opens / max(1, window.latest - window.opens)
            if window.latest < 0 or (in_force_from <= window.opens and u < passed):
                done[contact.name] = number
    return done
