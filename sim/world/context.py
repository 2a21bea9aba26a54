"""Prepares, once, the data that all replications of a scenario share."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.base.calendar import DAYS_A_WEEK, DAYS_A_YEAR, NEVER, Calendar
from sim.base.randomness import StreamFamilies
from sim.inputs.four_judgements import Rule
from sim.inputs.framework import Framework, Role
from sim.inputs.posts import Post, added_posts, added_posts_in, name_of, posts_of
from sim.inputs.scenario import Scenario
from sim.inputs.shocks import Disturbances, Recruitment, reorganisations
from sim.inputs.spellings import words
from sim.inputs.windows import inspection_window
from sim.inputs.workforce_rules import WorkforceRules
from sim.world.fieldwork import Calls
from sim.world.leave import LeaveYears
from sim.world.own_plan import planned_weeks
from sim.world.weeks_ahead import Expected, Supply, joining

Integers = NDArray[np.int64]
InspectorDays = NDArray[np.float64]


DayOrDays = TypeVar("DayOrDays", int, Integers)
"""One day, or many."""


HOLDERS = range(1, 4)
"""Holders of a post whose streams are seeded together with those of other posts; affects only speed."""


class Axes:
    """Index weeks, roles and regions in the tables of work.

    Parameters
    ----------
    calendar : Calendar
        Working calendar.
    roles, regions : tuple of str
        Names, in order.
    """

    def __init__(self, calendar: Calendar, roles: tuple[Role, ...], regions: tuple[str, ...]) -> None:
        self.first = calendar.week_of(0)
        self.weeks = np.arange(self.first, calendar.horizon + 1, DAYS_A_WEEK)
        self.role = {role: place for place, role in enumerate(roles)}
        self.region = {region: place for place, region in enumerate(regions)}
        self.shape = (len(self.weeks), len(roles), len(regions))

    def week(self, day: DayOrDays) -> DayOrDays:
        """Return the index of a day's week."""
        return (day - self.first) // DAYS_A_WEEK

    def add_up(self, *work: Work) -> InspectorDays:
        """Add up pieces of work into a table of shape (weeks, roles, regions)."""
        weeks, roles, regions = self.shape
        rows = np.concatenate([(part.week * roles + part.role) * regions + part.region for part in work])
        days = np.concatenate([part.days for part in work])
        total = np.bincount(rows, weights=days, minlength=weeks * roles * regions)
        return total.astype(np.float64).reshape(self.shape)


class Work(NamedTuple):
    """Hold pieces of work: indices of week, role and region, and inspector-days, each of shape (n,)."""

    week: Integers
    role: Integers
    region: Integers
    days: InspectorDays


class ScenarioContext:
    """Hold the data that all replications of a scenario share, computed once.

    Parameters
    ----------
    scenario : Scenario
        The scenario.

    Attributes
    ----------
    calendar, calls, leave_years, posts
        Working calendar, fieldwork that can be called, weeks of leave, and posts by role.
    timetable : list of (int, Framework)
        Frameworks, each with the day on which it comes into force. The first applies from the beginning of time.
    shocks : Disturbances
        Shocks of the scenario.
    populations : list of (int, Counter)
        Number of authorities by region, each with the day from which it applies; the first from the beginning of time.
    campaigns : list of (Recruitment, list of Post)
        Recruitment campaigns, in order, and the posts that they add.
    desk_days : dict of str to list of float
        Inspector-days spent on intelligence, by role, in each term.
    intelligence : ndarray of float, shape (weeks, roles, regions)
        Inspector-days spent on intelligence.
    supply : Supply
        Time that people are expected to have for visits, week by week, as known at the start.
    overdue : list of int
        Due dates of the inspections that were due before the start, in ascending order.
    backlog_began : int
        Day from which the months over which these are spread count.
    planned_weeks : list of PlannedWeek
        Rows of a user's own plan.
    alike : StreamFamilies
        Authorities, and the first, second and third holders of posts, whose streams are seeded together.
    """

    def __init__(self, scenario: Scenario) -> None:
        first_inspection = min(row.inspected_on for row in scenario.authorities)
        self.calendar = Calendar(
            scenario.start,
            scenario.horizon,
            scenario.calendar.closed_weeks,
            scenario.calendar.term_months,
            reach_back=(scenario.start - first_inspection).days,
        )
        self.calls = Calls(self.calendar)
        self.leave_years = LeaveYears(self.calendar)
        rules, authorities = scenario.workforce, scenario.authorities_by_region
        self.posts = {role: posts_of(role, rules, authorities) for role in rules.roles}
        self.campaigns = list(self._campaigns(scenario))
        self.supply = Supply.of(
            rules, self._posts_in_time(rules), self.calendar, self.leave_years, scenario.planning.near
        )
        frameworks = [scenario.frameworks[name] for name in scenario.framework]
        begins = [-NEVER, *(self.calendar.day(framework.in_force_from) for framework in frameworks[1:])]
        self.timetable = list(zip(begins, frameworks, strict=True))
        self._framework_days = begins
        self._rules_over_four = {
            framework.in_force_from: Rule(framework.four_judgements, scenario.grades)
            for framework in frameworks
            if framework.four_judgements is not None
        }
        self.shocks = Disturbances(scenario.shocks, self.calendar, scenario.inspections)
        self.populations = list(self._populations(scenario))
        self.desk_days = self._desk_days()
        axes = Axes(self.calendar, tuple(scenario.workforce.roles), scenario.workforce.regions)
        self.intelligence = intelligence_days(self, axes)
        self.intelligence.setflags(write=False)
        self.overdue = sorted(self._overdue(scenario))
        began = scenario.planning.backlog_begins_on
        self.backlog_began = 0 if began is None else self.calendar.day(began)
        posts = [post for role in self.posts.values() for post in role]
        people = [[name_of(post, holder) for post in posts] for holder in HOLDERS]
        self.planned_weeks = planned_weeks(scenario, self.calendar)
        self.alike = StreamFamilies([row.drawn_as for row in scenario.authorities], *people)

    def frameworks_on(self, days: Integers) -> Integers:
        """Return the index in the timetable of the framework in force on each day."""
        return np.searchsorted(self._framework_days, days, side="right") - 1

    def framework_on(self, day: int) -> Framework:
        """Return the framework in force on a day."""
        return self.timetable[bisect_right(self._framework_days, day) - 1][1]

    def rule_of(self, framework: Framework) -> Rule | None:
        """Return a framework's rule on the four judgements; None if it publishes an overall judgement."""
        return self._rules_over_four.get(framework.in_force_from)

    def next_framework_day(self, day: int) -> int:
        """Return the next day on which another framework comes into force; :data:`NEVER` if there is none."""
        following = bisect_right(self._framework_days, day)
        return self._framework_days[following] if following < len(self._framework_days) else NEVER

    def authorities_on(self, day: int) -> Counter[str]:
        """Return the number of authorities by region on a day."""
        return next(count for begins, count in reversed(self.populations) if begins <= day)

    def _populations(self, scenario: Scenario) -> Iterator[tuple[int, Counter[str]]]:
        region = {words(row.authority): row.region for row in scenario.authorities}
        yield -NEVER, Counter(region.values())
        for _, shock in reorganisations(scenario.shocks):
            region |= {words(new.authority): new.region for new in shock.created}
            for gone in shock.abolished:
                del region[words(gone)]
            yield self.calendar.day(shock.begins_on), Counter(region.values())

    def _overdue(self, scenario: Scenario) -> Iterator[int]:
        pathways = self.framework_on(0).pathways
        for row in scenario.authorities:
            pathway = pathways[row.judgement]
            due = inspection_window(pathway, self.calendar.day(row.inspected_on), (), self.calendar).due
            if pathway.monitoring is None and due < 0:
                yield due

    def _campaigns(self, scenario: Scenario) -> Iterator[tuple[Recruitment, list[Post]]]:
        """Yield the campaigns in order, with their posts; posts of a one-region campaign get the region's last numbers.

        So a campaign in one region leaves the people of all other regions unchanged.
        """
        there = {role: list(posts) for role, posts in self.posts.items()}
        campaigns = [shock for shock in scenario.shocks.values() if isinstance(shock, Recruitment)]
        campaigns.sort(key=lambda each: each.begins_on)
        found: dict[int, list[Post]] = {}
        for place, shock in sorted(enumerate(campaigns), key=lambda each: each[1].region is not None):
            rules, before = scenario.workforce, there[shock.role]
            if shock.region is None:
                posts = added_posts(shock.role, rules, scenario.authorities_by_region, before, shock.people)
            else:
                posts = added_posts_in(shock.region, shock.role, rules, before, shock.people)
            before += posts
            found[place] = posts
        yield from ((shock, found[place]) for place, shock in enumerate(campaigns))

    def _posts_in_time(self, rules: WorkforceRules) -> Iterator[Expected]:
        """List what is known about posts at the start; a campaign's posts are not known until it begins."""
        for post in (post for posts in self.posts.values() for post in posts):
            if post.joins_on is None:
                yield Expected(post, -NEVER, NEVER, 1.0, 1.0)
            else:
                yield from joining(post, self.calendar.day(post.joins_on), NEVER, rules, self.calendar)

    def _desk_days(self) -> dict[Role, list[float]]:
        """Compute the days spent on intelligence in each term, by role, under the framework in force on each day."""
        terms = self.calendar.terms
        found: dict[Role, list[float]] = {}
        changes = sorted({begins for begins, _ in (*self.timetable, *self.populations)})
        for begins, ends in zip(changes, [*changes[1:], NEVER + 1], strict=True):
            desk = self.framework_on(begins).desk_work
            authorities = self.authorities_on(begins).total()
            of_role = found.setdefault(desk.intelligence_role, [0.0] * len(terms))
            for term, (first, last) in enumerate(terms):
                days = max(0, min(last, ends - 1) - max(first, begins, 0) + 1)
                of_role[term] += authorities * desk.intelligence_days * days / DAYS_A_YEAR
        return found


def intelligence_days(context: ScenarioContext, axes: Axes) -> NDArray[np.float64]:
    """Compute the time for intelligence and complaints, spread evenly over the weeks.

    It is deducted from people's time by term.
    """
    lengths = np.minimum(axes.weeks + DAYS_A_WEEK, context.calendar.horizon + 1) - np.maximum(axes.weeks, 0)
    found = np.zeros(axes.shape)
    begins = sorted({begins for begins, _ in (*context.timetable, *context.populations)})
    spell = np.searchsorted(begins, np.maximum(axes.weeks, 0), side="right") - 1
    for place, day in enumerate(begins):
        desk, there = context.framework_on(day).desk_work, context.authorities_on(day)
        authorities = np.array([there[region] for region in axes.region])
        days = authorities * desk.intelligence_days * lengths[spell == place, np.newaxis] / DAYS_A_YEAR
        found[spell == place, axes.role[desk.intelligence_role]] = days
    return found
