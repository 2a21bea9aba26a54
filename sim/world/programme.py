"""Runs the processes of the whole programme: the weekly match, joint inspections, and changes of framework."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import date
from typing import Any

from sim.base.calendar import DAYS_A_WEEK, MONTHS_A_QUARTER, NEVER
from sim.base.randomness import Stream
from sim.inputs.pathways import Monitoring, OnTheWay
from sim.inputs.windows import Window, inspection_window, monitoring_window, next_contact
from sim.world.authority_life import follow_framework
from sim.world.entities import AuthorityState
from sim.world.replanning import Foreseen, Optimised
from sim.world.visit_draws import DRAWS, LONGER, PLANNED
from sim.world.visits import set_off
from sim.world.world import World


def plan_visits(world: World) -> Generator[Any, Any, None]:
    """Match requests with people and call visits, every Monday or on the first working day after a bank holiday."""
    for monday in world.calendar.mondays:
        yield world.clock.until_end_of(world.calendar.workday_on_or_after(monday))
        for visit in world.planner.match(monday):
            set_off(world, visit)


def inspect_jointly(world: World) -> Generator[Any, Any, None]:
    """Request joint inspections, year by year; how many there are, where and when do not depend on the model.

    Each authority has its own draws for each year, so one more authority changes nothing for the others. The dates are
    drawn over a whole calendar year. Those too early for the run to meet are dropped.
    """
    calendar = world.calendar
    number = world.streams.stream("joint inspections of a year", "England", 2)
    draws_of: dict[AuthorityState, Stream] = {}
    for year in range(calendar.start.year, calendar.date(calendar.horizon).year + 1):
        first = calendar.day(date(year, 1, 1))
        framework = world.framework_on(max(0, first))
        ahead = DAYS_A_WEEK * (framework.visits[framework.joint.kind].notice_weeks + 1) if framework.joint else 0
        yield world.clock.until(first - ahead)
        u, v = number.row()
        existing = [authority for authority in world.authorities if authority.ends is None]
        for authority in existing:
            if authority not in draws_of:
                draws_of[authority] = world.streams.stream("joint inspection", authority.drawn_as, DRAWS)
        rows = {authority: draws_of[authority].row() for authority in existing}
        if framework.joint is None or not framework.joint.high_a_year:
            continue
        rules, kind = framework.visits[framework.joint.kind], framework.kind(framework.joint.kind)
        mondays = calendar.starts_of_year(rules.weeks_on_site, year)
        nationally = framework.joint.low_a_year + int(
            u * (framework.joint.high_a_year - framework.joint.low_a_year + 1)
        )
        count = int(nationally * len(existing) / framework.joint.among_authorities + v)
        chosen = sorted(rows, key=lambda authority: rows[authority][LONGER])[: count if mondays else 0]
        for monday, _, authority in sorted(
            (mondays[int(rows[authority][PLANNED] * len(mondays))], authority.drawn_as, authority)
            for authority in chosen
        ):
            if monday >= world.planner.earliest_monday(rules):
                yield world.clock.until(monday - ahead)
                joint = world.framework_today().joint
                if joint is None:
                    break  # a framework that came into force in the meantime has none
                if authority.ends is not None or (joint.begins_on and calendar.date(monday) < joint.begins_on):
                    continue
                if world.shocks.paused(kind.name, monday, rules.fieldwork_end(monday)):
                    continue
                window = Window(monday, monday, monday + DAYS_A_WEEK * framework.joint.window_weeks, (monday, monday))
                world.ask(authority, joint.kind, window, rows[authority])


def plan_anew(world: World) -> Generator[Any, Any, None]:
    """Replan the visits that may still move, at the start and on the first day of each quarter, if the programme is
    optimised.
    """
    policy, calendar = world.policy, world.calendar
    if not isinstance(policy, Optimised):
        return
    yield world.clock.until_end_of(0)
    world.planner.move(policy.replan(world.visits, 0, foreseen_visits(world), first=True))
    day = calendar.quarter_of(0)
    while day <= calendar.horizon:
        day = calendar.months_after(day, MONTHS_A_QUARTER)
        yield world.clock.until(day)
        world.planner.move(policy.replan(world.visits, world.clock.today, foreseen_visits(world)))


def foreseen_visits(world: World) -> Iterator[Foreseen]:
    """Yield visits that nobody has requested yet but that can be foreseen.

    For a monitored authority, these are the usual number of monitoring visits and the inspection after them. For any
    other authority, they are the next contact between inspections, and the inspection.
    """
    for authority in world.authorities:
        if authority.ends is not None:
            continue
        contact = world.pathway_of(authority).monitoring
        if authority.next_monitoring is not None and contact is not None:
            yield from _of_monitored(world, authority, contact, *authority.next_monitoring)
        elif authority.planning:
            yield from _next_of(world, authority)


def _of_monitored(
    world: World, authority: AuthorityState, contact: OnTheWay[Monitoring], number: int, due: int
) -> Iterator[Foreseen]:
    calendar, today, framework = world.calendar, world.clock.today, world.framework_today()
    pathway, monitoring, name = world.pathway_of(authority), contact.rules, contact.kind
    quarter = DAYS_A_WEEK * monitoring.every_weeks
    left = max(0, round(monitoring.visits["mode"]) - number)
    for later in range(left):
        window = monitoring_window(monitoring, due + later * quarter)
        if window.opens > today:
            yield Foreseen(authority, framework.kind(name), framework.visits[name], window)
    last = inspection_window(pathway, due + quarter * max(0, left - 1), (), calendar)
    yield Foreseen(authority, framework.kind(pathway.inspection), framework.visits[pathway.inspection], last)


def _next_of(world: World, authority: AuthorityState) -> Iterator[Foreseen]:
    """Yield the next contact and the next inspection of an authority whose window has not opened yet."""
    calendar, today, framework = world.calendar, world.clock.today, world.framework_today()
    pathway = world.pathway_of(authority)
    contact = next_contact(pathway, authority.anchor, authority.seen, authority.findings, calendar, today)
    if contact.of is not None:
        name = contact.of.kind
        yield Foreseen(authority, framework.kind(name), framework.visits[name], contact.window)
    window = inspection_window(pathway, authority.anchor, authority.findings, calendar)
    if window.opens > today:
        yield Foreseen(authority, framework.kind(pathway.inspection), framework.visits[pathway.inspection], window)


def change_frameworks(world: World) -> Generator[Any, Any, None]:
    """Put visits without a team under each new framework on the day it comes into force; the others continue as they
    are.
    """
    while (change := world.next_framework_day()) < NEVER:
        before = world.framework_today()
        yield world.clock.until(change)
        for visit in world.visits:
            if visit.status == "waiting":
                follow_framework(world, visit, before)
