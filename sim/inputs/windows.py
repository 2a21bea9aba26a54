"""Windows of visits: when a visit opens, is due and is late, by the pathway of an authority."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sim.base.calendar import DAYS_A_WEEK, Calendar, WeeksOnSite
from sim.inputs.pathways import Between, Monitoring, OnTheWay, Pathway, VisitName


class Backlog(NamedTuple):
    """Place of an inspection among those that were due before the start, where these are spread.

    The longest overdue comes first, and those due on the same day share their places.

    Attributes
    ----------
    before, through : int
        How many were due earlier, and how many by the day on which it was.
    overdue : int
        How many there are.
    until : int
        Last day over which they are spread evenly.
    """

    before: int
    through: int
    overdue: int
    until: int

    @classmethod
    def of(cls, due: int, overdue: Sequence[int], until: int) -> Backlog:
        """Place of one due on a day, among the due dates of all, ascending."""
        return cls(bisect_left(overdue, due), bisect_right(overdue, due), len(overdue), until)

    def part_of(self, mondays: list[int]) -> list[int]:
        """Its part of the Mondays over which all are spread."""
        first = self.before * len(mondays) // self.overdue
        return mondays[first : max(first + 1, -(-self.through * len(mondays) // self.overdue))]


class Window(NamedTuple):
    """When a contact may begin: days since the scenario's start, all of them first days on site.

    Attributes
    ----------
    opens, due, latest : int
        Earliest day, due date and latest day.
    planned : tuple of int
        First and last day of the stretch in which it is planned.
    backlog : Backlog or None
        Its place in a backlog that is spread, by which it is planned instead.
    """

    opens: int
    due: int
    latest: int
    planned: tuple[int, int]
    backlog: Backlog | None = None

    def planned_monday(self, calendar: Calendar, weeks: WeeksOnSite, earliest: int, u: float) -> int:
        """Monday for which the contact is planned: one of :meth:`mondays`, from a uniform draw on [0, 1)."""
        if self.backlog is None:
            first, last = self.planned
            starts, begin, end = calendar.places_of_starts(weeks, max(first, earliest), min(last, self.latest))
            if begin < end:
                return starts[begin + int(u * (end - begin))]
        choices = self.mondays(calendar, weeks, earliest)
        return choices[int(u * len(choices))]

    def mondays(self, calendar: Calendar, weeks: WeeksOnSite, earliest: int) -> list[int]:
        """Mondays for which the contact may be planned, ascending, each as likely as another.

        One of a backlog is planned for a Monday of its part of those over which the backlog is spread. Otherwise they
        are the Mondays of the planned stretch on which fieldwork can begin. Where there is none, it is the last one
        before it inside the window, or the first after it; failing that too, the first one possible.

        Parameters
        ----------
        calendar : Calendar
            The working calendar.
        weeks : tuple of int
            Weeks in which the fieldwork has people on site, counted from 0: those have to be open.
        earliest : int
            Day before which it cannot begin, since notice has to be given.
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
    """Priority action found at a visit: the next inspection is due sooner.

    Attributes
    ----------
    day : int
        Day of the finding; the new due date is not before it.
    months : int
        By how much it is brought forward.
    """

    day: int
    months: int


def inspection_window(pathway: Pathway, anchor: int, findings: Iterable[Finding], calendar: Calendar) -> Window:
    """Window of the next inspection.

    Parameters
    ----------
    pathway : Pathway
        What follows the authority's judgement.
    anchor : int
        Day from which the interval counts.
    findings : iterable of Finding
        What visits found since; the one that makes the inspection due soonest counts.
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
    """Window of the ``number``-th visit (from 1) of a contact between inspections, the interval counted from a day."""
    due = calendar.months_after(anchor, rules.months_to(number, pathway.interval_months))
    opens = calendar.months_after(due, -rules.window_months)
    latest = calendar.months_after(due, rules.window_months)
    return Window(opens, due, latest, (opens, latest))


def monitoring_window(monitoring: Monitoring, due: int) -> Window:
    """Window of a monitoring visit due on a day; it is planned for the Monday of the seven days from that day on."""
    latest = due + DAYS_A_WEEK * monitoring.window_after_weeks
    return Window(due - DAYS_A_WEEK * monitoring.window_before_weeks, due, latest, (due, due + DAYS_A_WEEK - 1))


class Contact(NamedTuple):
    """The next thing on an authority's pathway: a visit of what is on the way, by number, or the inspection."""

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
    """Whichever opens first: the next visit of a contact whose window has not passed, or the inspection.

    Parameters
    ----------
    pathway : Pathway
        What follows the authority's judgement.
    anchor : int
        Day from which the interval counts.
    seen : mapping of str to int
        Visits of each contact since then that were requested, replaced or done before the start.
    findings : iterable of Finding
        What they found.
    calendar : Calendar
        The working calendar.
    today : int
        Day of the question.
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
    """Visits of each contact in the running cycle that the start takes as done.

    The table of authorities does not say. A window that lies before the start is over; one that is open at the start,
    under a framework in force since it opened, is as likely over as the part of it that has passed. Where the interval
    begins after the start, nothing is.

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
        Uniform draw on [0, 1) of a contact.
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
