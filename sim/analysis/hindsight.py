"""Lists, after a run, the visits it made and the days its people could give.

The visits are those of the run, each with every Monday on which it may begin. The people are those of the run: their
leave and training, who left when, and who followed. Sickness is left out, because a plan may promise days before
anybody knows of an illness. A leaver's days count to the end of the term in which the person leaves, because all of
them may be used before. So people can give a little more here than in the run, and never less.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.analysis.levers import Staff
from sim.base.calendar import DAYS_A_WEEK, Calendar
from sim.base.daysets import days_mask
from sim.inputs.framework import Role, Size, VisitRules
from sim.inputs.posts import Post, posts_of
from sim.inputs.scenario import Scenario
from sim.runs.measures import Years
from sim.world.context import ScenarioContext
from sim.world.inspectors import Inspector
from sim.world.world import World

Days = NDArray[np.float64]
Amounts = tuple[tuple[int, float], ...]
"""Indices of terms, each with an amount."""


@dataclass(frozen=True)
class Start:
    """Describe what a visit needs from people of a role, in their own region, if it begins on one Monday.

    Attributes
    ----------
    days, lead_days : tuple of (int, float)
        Inspector-days in each term, and those of the lead.
    """

    days: Amounts
    lead_days: Amounts


@dataclass(frozen=True)
class Task:
    """Describe one visit that a plan has to place.

    Attributes
    ----------
    starts : tuple of Start
        Mondays on which it may begin.
    year : str or None
        Financial year in whose service level it counts. None for a visit that has to take place anyway.
    """

    starts: tuple[Start, ...]
    year: str | None = None


@dataclass(frozen=True)
class People:
    """Hold what the holders of posts can give, in the order in which a growing head-count adds posts.

    Attributes
    ----------
    days : ndarray, shape (posts, terms)
        Inspector-days for the programme.
    carry : ndarray, shape (posts, terms)
        Most days that may be carried from a term to the next, either way.
    may_lead : ndarray of bool, shape (posts,)
        Posts whose holders may lead.
    offered : ndarray, shape (posts, terms)
        Days of the holders at the start, by which desk work is shared out.
    desk : ndarray, shape (terms,)
        Days of desk work in each term.
    """

    days: Days
    carry: Days
    may_lead: NDArray[np.bool_]
    offered: Days
    desk: Days

    def off(self, least: int) -> Days:
        """Return the fewest days that desk work takes in each term, over all head-counts from ``least``, shape
        (terms,).
        """
        growing, offered = self.days.cumsum(axis=0), self.offered.cumsum(axis=0)
        share = np.minimum(1.0, np.divide(self.desk, offered, out=np.zeros_like(offered), where=offered > 0))
        return np.asarray((growing * share)[max(0, least - 1) :].min(axis=0, initial=np.inf), dtype=np.float64)


@dataclass(frozen=True)
class Hindsight:
    """Hold the visits to place, and the people for them."""

    tasks: tuple[Task, ...]
    people: People


def hindsight(world: World, context: ScenarioContext, lever: Staff, years: Sequence[str]) -> Hindsight:
    """List what a finished run asked for, and what people of a role could give.

    Inspections whose latest date falls in the years that count may begin on any Monday of their window. Every other
    visit that the run made may begin in its window, or as late as the run began it. Visits of other years are left out.

    Parameters
    ----------
    world : World
        World of the run.
    context : ScenarioContext
        Data that it shares with other runs.
    lever : Staff
        Role whose head-count is searched.
    years : sequence of str
        Financial years that count.
    """
    return Hindsight(tuple(_tasks(world, context, lever.role, years)), _people(world, context, lever))


def _tasks(world: World, context: ScenarioContext, role: Role, years: Sequence[str]) -> Iterator[Task]:
    calendar = world.calendar
    names = Years.of(calendar)
    needs: dict[tuple[int, int, Size], Start] = {}
    first_day = min(day for day, place in enumerate(names.of_day) if names.names[place] in years)
    last_day = max(day for day, place in enumerate(names.of_day) if names.names[place] in years)
    for visit in world.visits:
        opens, latest, begun = max(0, visit.window.opens), visit.window.latest, visit.fieldwork_start
        is_inspection = visit.gives_judgement
        if is_inspection:
            counts = first_day <= latest <= last_day and not visit.replaced
        else:
            counts = begun is not None and max(latest, begun) >= first_day and opens <= last_day
        if not counts or not any(
            seat.role == role and seat.people[visit.authority.size] for seat, _ in visit.rules.seats
        ):
            continue
        mondays = calendar.starts_between(visit.rules.weeks_on_site, opens, latest)
        if not is_inspection:
            assert begun is not None
            later = calendar.starts_between(visit.rules.weeks_on_site, latest + 1, begun)
            mondays = sorted({*mondays, *later, begun})
        starts = []
        for monday in mondays:
            ends = visit.rules.fieldwork_end(monday)
            if not visit.virtual and monday != begun and world.shocks.paused(visit.kind, monday, ends):
                continue
            key = (id(visit.rules), monday, visit.authority.size)
            if key not in needs:
                needs[key] = _start(context, visit.rules, visit.authority.size, monday, role)
            starts.append(needs[key])
        yield Task(tuple(starts), names.names[names.of_day[latest]] if is_inspection else None)


def _start(context: ScenarioContext, rules: VisitRules, size: Size, monday: int, role: Role) -> Start:
    fieldwork = context.calls.of(rules, monday - DAYS_A_WEEK * rules.notice_weeks)
    assert fieldwork is not None
    days, lead_days = Counter[int](), Counter[int]()
    for seat in fieldwork.seats(size):
        if seat.role != role:
            continue
        span = seat.here
        for term, taken in ((span.term, span.days_in_term), *span.later_terms):
            days[term] += seat.people * taken
            if seat.lead:
                lead_days[term] += taken
    return Start(*(tuple(sorted(amounts.items())) for amounts in (days, lead_days)))


def posts_in_order(scenario: Scenario, lever: Staff) -> list[Post]:
    """List the posts of a role in the order in which they are added as its head-count grows to the scenario's."""
    rules, authorities = scenario.workforce, scenario.authorities_by_region
    order: dict[Post, None] = {}
    for people in range(1, rules.roles[lever.role].people + 1):
        changes = {path.rpartition(".")[2]: each for path, each in lever.changes(scenario, people).items()}
        of_role = rules.roles[lever.role].model_copy(update=changes)
        fewer = rules.model_copy(update={"roles": {**rules.roles, lever.role: of_role}})
        order |= dict.fromkeys(posts_of(lever.role, fewer, authorities))
    return list(order)


def _people(world: World, context: ScenarioContext, lever: Staff) -> People:
    """Add up what the holders of a role's posts can give; no campaign hires for the role."""
    calendar, terms = context.calendar, len(context.calendar.terms)
    holders = [person for person in world.workforce.everybody if person.role == lever.role]
    place = {post: number for number, post in enumerate(posts_in_order(world.scenario, lever))}
    days, carry, offered = (np.zeros((len(place), terms)) for _ in range(3))
    for person in holders:
        post = place[person.post]
        last = calendar.term_of(min(person.last_day, calendar.last - 1))
        first = calendar.term_of(person.joins)
        days[post] += _days_by_term(person, calendar, last, world.workforce.rules.induction_productivity)
        if not world.workforce.stays(person):
            days[post, last] += person.carry_over  # a leaver has nothing to make up for
        carry[post, first:last] += person.carry_over
        if person.holder == 1 and not person.joins:
            offered[post] += person.daily_share * _workdays(calendar.workday_mask & ~person.on_leave, calendar)
    return People(
        days=days,
        carry=carry,
        may_lead=np.array([post.may_lead for post in place], dtype=np.bool_),
        offered=offered,
        desk=np.array(context.desk_days.get(lever.role, [0.0] * terms)),
    )


def _days_by_term(person: Inspector, calendar: Calendar, last: int, productivity: float) -> Days:
    """Count the days that a person can give in each term without sickness, to the end of the last term in post."""
    there = calendar.workday_mask & days_mask(person.joins, calendar.terms[last][1]) & ~person.on_leave
    learning = there & days_mask(0, person.full_use - 1) if person.full_use > person.joins else 0
    return person.daily_share * (_workdays(there & ~learning, calendar) + productivity * _workdays(learning, calendar))


def _workdays(days: int, calendar: Calendar) -> Days:
    return np.array([(days & days_mask(*term)).bit_count() for term in calendar.terms], dtype=np.float64)
