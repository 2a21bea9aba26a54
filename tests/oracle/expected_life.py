"""Expected numbers of authorities at each point of their pathway, carried from inspection to inspection.

What :mod:`sim.world.authority_life` does for one authority with draws of its own is done here for all of them at once
with their probabilities: the renewal equation of a Markov renewal process (D. R. Cox, Renewal Theory, 1962; E. Cinlar,
Markov renewal theory, Advances in Applied Probability, 1969), solved forwards day by day. Nothing is drawn, and nothing
waits for people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.base.calendar import DAYS_A_WEEK
from sim.inputs.framework import VisitRules
from sim.inputs.grades import JUDGEMENTS, Judgement
from sim.inputs.pathways import Findings, Pathway, VisitName
from sim.inputs.windows import (
    Backlog,
    Contact,
    Finding,
    Window,
    contact_window,
    inspection_window,
    monitoring_window,
    seen_before_start,
)
from tests.oracle.expected_dates import COARSE, Dates, between, even_grid, shares, thinned
from tests.oracle.expected_points import Due, Inspected, Monitored, Point, Published, Waits
from tests.oracle.expected_quality import ExpectedQuality, Numbers, brought_forward, enough_progress, implied_shares

if TYPE_CHECKING:
    from sim.inputs.scenario import Scenario

DATES_OF_FINDINGS, MONDAYS_AFTER_FINDINGS = 2, 4
"""Findings of a focused visit are followed for this many of the days on which it may take place, and of the Mondays for
which the inspection is planned that they bring forward; the due date needs every one of the months. With more of both
no year of ``ilacs_launch`` differs by more than 0.1%."""


class Lives:
    """Authorities of a scenario on their pathways, as expected numbers.

    Numbers have the shape (strands, grades, draws): authorities that are counted apart, because of their size or of
    what a reorganisation makes of them; true quality, best first; draws of the parameters.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    dates : Dates
        Its days.
    quality : ExpectedQuality
        Drift and judgement of these authorities.
    due : callable
        Told of every visit that falls due.
    replaced : callable
        Probability that a joint inspection replaces the last of some focused visits, from the day on which the cycle
        begins, the days on which each is asked for, and how many it may replace.
    """

    def __init__(
        self,
        scenario: Scenario,
        dates: Dates,
        quality: ExpectedQuality,
        due: Due,
        replaced: Callable[[int, Sequence[int], int], float],
    ) -> None:
        self._dates = dates
        self._calendar = dates.calendar
        self._scenario = scenario
        self._quality = quality
        self._due = due
        self._replaced = replaced
        self._implied = [
            None if framework.four_judgements is None else implied_shares(framework.four_judgements)
            for framework in dates.frameworks
        ]
        self._ahead: defaultdict[int, dict[Point, Numbers]] = defaultdict(dict)

    def begin(self, judgement: Judgement, inspected: int, strands: Sequence[float]) -> None:
        """Begin with so many authorities of each strand, last inspected on a day with a judgement."""
        since_mix = inspected - self._calendar.day(self._scenario.ratings.mix_on)
        by_grade = self._quality.given(judgement, since_mix)
        numbers = np.multiply.outer(np.array(strands, dtype=np.float64), by_grade)
        published = self._calendar.workdays_after(inspected, self._scenario.position.published_after_days)
        pathway, monitoring = self._dates.pathway(judgement, 0), self._dates.monitoring(judgement, 0)
        if monitoring is not None:
            seen_on = max(published, 0)
            numbers = self._quality.later(numbers, inspected, seen_on)
            due = self._calendar.workdays_after(published, monitoring.first_after_working_days)
            self._go_on(Monitored(judgement, 0, published, due), numbers, seen_on, 0)
            return
        in_force = self._calendar.day(self._dates.frameworks[0].in_force_from)
        seen = [
            seen_before_start(pathway, inspected, in_force, self._calendar, lambda _, luck=luck: luck)  # type: ignore[misc]  # the draw of a point
            for luck in even_grid(COARSE)
        ]
        done = shares(sum(of_contact.values()) for of_contact in seen)
        for focused, share in done.items():
            self._wait(Waits(judgement, inspected, focused), share * numbers, inspected, 0)

    def run(self) -> None:
        """Carry the numbers to the last day simulated."""
        for today in range(self._calendar.horizon + 1):
            while points := self._ahead.pop(today, None):
                for point, numbers in points.items():
                    self._reach(point, numbers, today)

    def _reach(self, point: Point, numbers: Numbers, today: int) -> None:
        match point:
            case Inspected():
                self._judge(point, numbers, today)
            case Published():
                self._follow_pathway(point, numbers, today)
            case Waits():
                self._meet(point, numbers, today)
            case Monitored():
                self._monitor(point, numbers, today)

    def _put(self, day: int, point: Point, numbers: Numbers, counted_on: int) -> None:
        """Let numbers that were counted on one day reach a point on another; nothing is past the last day simulated."""
        if day > self._calendar.horizon:
            return
        if day > counted_on:
            numbers = self._quality.later(numbers, counted_on, day, isinstance(point, Monitored))
        there = self._ahead[day]
        there[point] = there[point] + numbers if point in there else numbers

    # ---------------------------------------------------------------- from the last day on site to the pathway

    def _judge(self, point: Inspected, numbers: Numbers, today: int) -> None:
        by_judgement = self._quality.judged(numbers, self._implied[point.place])
        for judgement, judged in zip(JUDGEMENTS, by_judgement, strict=True):
            if not judged.any():
                continue
            days = self._dates.published(point.place, point.name, judgement == "inadequate", today)
            if self._same_follows(judgement, today, min(days), max(days)):
                self._wait(Waits(judgement, today), judged, today, max(days))
                continue
            for day, share in days.items():
                self._put(day, Published(judgement, today), share * judged, today)

    def _same_follows(self, judgement: Judgement, inspected: int, first: int, last: int) -> bool:
        """Whether the same follows on the same day, published on the first or on the last of some days."""
        if any(self._dates.monitoring(judgement, day) is not None for day in (first, last)):
            return False
        waits = Waits(judgement, inspected)
        return self._next(waits, first) == self._next(waits, last)

    def _follow_pathway(self, point: Published, numbers: Numbers, today: int) -> None:
        monitoring = self._dates.monitoring(point.judgement, today)
        if monitoring is None:
            self._wait(Waits(point.judgement, point.inspected), numbers, today, today)
            return
        due = self._calendar.workdays_after(today, monitoring.first_after_working_days)
        self._go_on(Monitored(point.judgement, 0, today, due), numbers, today, today)

    # ---------------------------------------------------------------- focused visits, until the inspection is asked for

    def _next(self, point: Waits, today: int) -> tuple[int, Contact]:
        return self._dates.contact(point.judgement, point.anchor, point.focused, point.findings, today)

    def _wait(self, point: Waits, numbers: Numbers, counted_on: int, today: int) -> None:
        self._put(self._next(point, today)[0], point, numbers, counted_on)

    def _meet(self, point: Waits, numbers: Numbers, today: int) -> None:
        _, contact = self._next(point, today)
        window, months = contact.window, self._scenario.planning.backlog_months
        if contact.of is not None:
            self._see_focused(point, contact.number, window, numbers, today)
            return
        monitored = self._dates.monitoring(point.judgement, today) is not None
        if today == 0 and window.due < 0 and months and not monitored:
            until = self._calendar.months_after(0, months)
            window = window._replace(backlog=Backlog.of(window.due, self._dates.overdue, until))
        place = self._dates.place(today)
        for name, some in self._by_length(self._dates.pathway(point.judgement, today), numbers):
            mondays = self._dates.mondays(self._dates.frameworks[place].visits[name], window, today)
            if point.findings:
                mondays = [monday for monday, _ in thinned(mondays, MONDAYS_AFTER_FINDINGS)]
            self._inspect(point, Inspected(name, place), window, mondays, some, today)

    def _by_length(self, pathway: Pathway, numbers: Numbers) -> Iterator[tuple[VisitName, Numbers]]:
        """Numbers by the inspection that they are given, with their quality as it is."""
        if pathway.longer is None:
            yield pathway.inspection, numbers
            return
        longer = np.array([[pathway.longer.share[true]] for true in JUDGEMENTS])
        yield pathway.inspection, numbers * (1 - longer)
        yield pathway.longer.inspection, numbers * longer

    def _inspect(
        self, point: Waits, asked: Inspected, window: Window, mondays: list[int], numbers: Numbers, today: int
    ) -> None:
        """An inspection is asked for today and planned for any of some Mondays.

        What has no team by the day on which another framework comes into force follows that one.
        """
        rules, change = self._dates.frameworks[asked.place].visits[asked.name], self._dates.change_after(today)
        kind = self._dates.frameworks[asked.place].kind(asked.name).name
        begins = [self._dates.begins_on(kind, rules, monday) for monday in mondays]
        called = [monday for monday in begins if self._dates.called_on(rules, monday) < change]
        if called:
            self._due(kind, rules, window, numbers * (len(called) / len(mondays)))
            ends = [rules.fieldwork_end(monday) for monday in called]
            for end, some in zip(ends, self._quality.on_days(numbers / len(mondays), today, ends), strict=True):
                self._put(end, asked, some, end)
        if left := mondays[len(called) :]:
            waiting = self._quality.later(numbers * (len(left) / len(mondays)), today, change)
            self._follow_framework(point, asked, left, waiting, change)

    def _follow_framework(
        self, point: Waits, asked: Inspected, mondays: list[int], numbers: Numbers, change: int
    ) -> None:
        """Inspections that wait for a team when a framework comes into force go by it; see sim.world.authority_life."""
        place, before = self._dates.place(change), self._dates.frameworks[asked.place]
        framework = self._dates.frameworks[place]
        former, pathway = before.pathways[point.judgement], framework.pathways[point.judgement]
        stays = (former.inspection, former.longer) == (pathway.inspection, pathway.longer)
        window = inspection_window(pathway, point.anchor, point.findings, self._calendar)
        for name, some in [(asked.name, numbers)] if stays else self._by_length(pathway, numbers):
            notice = framework.visits[name].notice_weeks - before.visits[asked.name].notice_weeks
            planned = [monday + DAYS_A_WEEK * notice for monday in mondays]
            self._inspect(point, Inspected(name, place), window, planned, some, change)

    def _see_focused(self, point: Waits, number: int, window: Window, numbers: Numbers, today: int) -> None:
        """A focused visit is asked for today; a joint inspection may have replaced it."""
        point = replace(point, focused=number)
        held = numbers * (1 - self._replaced_share(point, today))
        self._wait(point, numbers, today, today)
        for place, rules, mondays, share in self._dates.by_framework("focused", window, today):
            focused = between(self._dates.frameworks[place].pathways[point.judgement])
            if focused is not None and focused.most:
                self._due("focused", rules, window, share * held)
                if not point.findings and focused.findings is not None:
                    self._find(point, focused.findings, rules, mondays, share * held, today)

    def _replaced_share(self, point: Waits, today: int) -> float:
        pathway = self._dates.pathway(point.judgement, today)
        focused = between(pathway)
        if focused is None or not focused.joint_may_replace:
            return 0.0
        numbers = range(1, point.focused + 1)
        opens = [contact_window(pathway, focused, each, point.anchor, self._calendar).opens for each in numbers]
        report = self._dates.frameworks[self._dates.place(today)].visits[pathway.inspection].publication
        lag = 0 if report is None else round(report.median_days)
        begins = self._calendar.workdays_after(point.anchor, lag)
        return self._replaced(begins, opens, focused.joint_may_replace)

    def _find(
        self, point: Waits, sought: Findings, rules: VisitRules, mondays: list[int], numbers: Numbers, today: int
    ) -> None:
        """Findings take authorities away from the inspection that they wait for, and give them a sooner one.

        A finding after the inspection has been asked for changes nothing.
        """
        found_by_grade = brought_forward(sought, rules.accuracy)
        if not found_by_grade.any():
            return
        follows, contact = self._next(point, today)
        low, high = sought.brings_forward_months["low"], sought.brings_forward_months["high"]
        ends = [rules.fieldwork_end(monday) for monday in mondays]
        for end, part in thinned(ends, DATES_OF_FINDINGS):
            if end > self._calendar.horizon or (end >= follows and contact.of is None):
                continue
            day = min(end, follows)
            found = self._quality.later(numbers, today, day) * (part * found_by_grade)
            self._put(follows, point, -found, day)
            for months in range(low, high + 1):
                sooner = replace(point, findings=(self._finding(point, day, months),))
                self._wait(sooner, found / (high + 1 - low), day, day)

    def _finding(self, point: Waits, day: int, months: int) -> Finding:
        """A finding; as if made at once where its day does not bound the due date, so that alike ones go together."""
        pathway = self._dates.pathway(point.judgement, day)
        usual = self._calendar.months_after(point.anchor, pathway.interval_months)
        binds = day > self._calendar.months_after(usual, -months)
        return Finding(day if binds else point.anchor, months)

    # ---------------------------------------------------------------- monitoring, until the inspection

    def _go_on(self, point: Monitored, numbers: Numbers, counted_on: int, today: int) -> None:
        """So many visits are behind: either they were all, or the next one is waited for, if monitoring has begun."""
        while True:
            monitoring = self._dates.monitoring(point.judgement, today)
            last = 1.0 if monitoring is None else self._dates.last_is(monitoring, point.number)
            if last:
                self._wait(Waits(point.judgement, point.last), last * numbers, counted_on, today)
            if monitoring is None or last >= 1:
                return
            numbers = (1 - last) * numbers
            begins = 0 if monitoring.begins_on is None else max(0, self._calendar.day(monitoring.begins_on))
            if point.due >= begins:
                break
            then = point.due + DAYS_A_WEEK * monitoring.every_weeks
            point = Monitored(point.judgement, point.number + 1, point.due, then)
        self._await_visit(point, numbers, counted_on, today)

    def _await_visit(self, point: Monitored, numbers: Numbers, counted_on: int, today: int) -> None:
        window = self._visit_window(point, today)
        day = self._dates.change_after(today) if window is None else min(window.opens, self._dates.change_after(today))
        self._put(max(day, today), point, numbers, counted_on)

    def _visit_window(self, point: Monitored, today: int) -> Window | None:
        """Window of the next monitoring visit under the framework in force; none if it has no monitoring."""
        monitoring = self._dates.monitoring(point.judgement, today)
        if monitoring is None:
            return None
        window = monitoring_window(monitoring, point.due)
        if monitoring.begins_on is None:
            return window
        return window._replace(opens=max(window.opens, self._calendar.day(monitoring.begins_on)))

    def _monitor(self, point: Monitored, numbers: Numbers, today: int) -> None:
        window = self._visit_window(point, today)
        monitoring = self._dates.monitoring(point.judgement, today)
        if window is None or monitoring is None:
            self._wait(Waits(point.judgement, point.last), numbers, today, today)
            return
        if window.opens > today:
            self._await_visit(point, numbers, today, today)
            return
        quarter = DAYS_A_WEEK * monitoring.every_weeks
        for _, rules, mondays, share in self._dates.by_framework("monitoring", window, today):
            self._due("monitoring", rules, window, share * numbers)
            some = numbers * (share / len(mondays))
            for monday in mondays:
                if self._dates.called_on(rules, monday) < point.due + quarter:
                    self._see_progress(point, monday, rules, some, today)
                    continue
                then = Monitored(point.judgement, point.number, point.due, point.due + quarter)
                if self._dates.prevented("monitoring", window):
                    self._await_visit(then, some, today, point.due + quarter)
                else:
                    self._go_on(replace(then, number=point.number + 1), some, today, point.due + quarter)

    def _see_progress(self, point: Monitored, monday: int, rules: VisitRules, numbers: Numbers, today: int) -> None:
        """A monitoring visit takes place: enough progress makes it the last one."""
        end, number = rules.fieldwork_end(monday), point.number + 1
        monitoring = self._dates.monitoring(point.judgement, today)
        assert monitoring is not None
        numbers = self._quality.later(numbers, today, end, monitored=True)
        progress = enough_progress(monitoring.enough_progress, number, rules.accuracy)
        if progress.any():
            self._wait(Waits(point.judgement, monday), progress * numbers, end, end)
            numbers = (1 - progress) * numbers
        then = monday + DAYS_A_WEEK * monitoring.every_weeks
        self._go_on(Monitored(point.judgement, number, monday, then), numbers, end, end)
