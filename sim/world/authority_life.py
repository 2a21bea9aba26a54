"""Describes one authority's life: its visits, its judgements, and the pathway that follows each judgement."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simpy import Interrupt

from sim.base.calendar import DAYS_A_WEEK, NEVER
from sim.base.randomness import whole_triangular
from sim.inputs.framework import Framework
from sim.inputs.pathways import Between, EnoughProgress, Findings, OnTheWay, VisitName
from sim.inputs.windows import (
    Window,
    inspection_window,
    monitoring_window,
    next_contact,
    seen_before_start,
)
from sim.world.entities import AuthorityState, Visit
from sim.world.visit_draws import FINDING, LONGER
from sim.world.world import World


def begin(world: World, authority: AuthorityState) -> None:
    """Begin the processes of an authority."""
    authority.process = world.clock.process(live(world, authority))
    for name in dict.fromkeys(name for _, framework in world.timetable for name in framework.recurs):
        world.clock.process(recur(world, authority, name))


def live(world: World, authority: AuthorityState) -> Generator[Any, Any, None]:
    """Live an authority's life until it is abolished."""
    try:
        yield from follow_pathway(world, authority)
    except Interrupt:
        return  # it has been abolished


def follow_pathway(world: World, authority: AuthorityState) -> Generator[Any, Any, None]:
    """Follow the pathway of an authority's judgement, from inspection to inspection."""
    first_cycle = not authority.begins
    while True:
        monitored = world.pathway_of(authority).monitoring is not None
        authority.intervene(monitored, authority.publication_day)
        anchor = authority.inspected
        if monitored:
            anchor = yield from be_monitored(world, authority)
            authority.next_monitoring = None
            authority.intervene(False, world.clock.today)
        if first_cycle:  # only for the cycle under way at the start
            authority.seen = seen_at_start(world, authority, anchor)
            first_cycle = False
        inspection = yield from reach_inspection(world, authority, anchor)
        inspection.over = world.clock.event()
        yield inspection.over


def seen_at_start(world: World, authority: AuthorityState, anchor: int) -> dict[VisitName, int]:
    """Return the number of visits of each kind between inspections that count as done at the start."""

    def drawn(contact: OnTheWay[Between]) -> float:
        return world.streams.draw(f"{contact.stream} before the start", authority.drawn_as)

    in_force_from = world.calendar.day(world.framework_today().in_force_from)
    return seen_before_start(world.pathway_of(authority), anchor, in_force_from, world.calendar, drawn)


def be_monitored(world: World, authority: AuthorityState) -> Generator[Any, Any, int]:
    """Monitor an authority every quarter, from the action plan to the last visit before the re-inspection.

    Visits that fell due before the start count as done. If a visit finds no team before the next one is due, it is
    cancelled but stays in the records. A visit that finds enough progress is the last.

    Returns
    -------
    int
        Day of the last visit. The time to the re-inspection counts from it.
    """
    clock = world.clock
    course: float | None = None
    last, number = authority.publication_day, 0
    due: int | None = None
    while (contact := world.pathway_of(authority).monitoring) is not None:
        monitoring = contact.rules
        if course is None:
            course = authority.draws(f"course of {contact.stream}")[0]
        if number >= whole_triangular(
            course, monitoring.visits["low"], monitoring.visits["mode"], monitoring.visits["high"]
        ):
            break
        quarter = DAYS_A_WEEK * monitoring.every_weeks
        if due is None:
            due = world.calendar.workdays_after(last, monitoring.first_after_working_days)
        authority.next_monitoring = number, due
        begins = -NEVER if monitoring.begins_on is None else world.calendar.day(monitoring.begins_on)
        if due >= max(authority.begins, begins):
            window = monitoring_window(monitoring, due)
            window = window._replace(opens=max(window.opens, begins))
            if not (yield from has_opened(world, authority, window.opens)):
                continue
            visit = world.ask(authority, contact.kind, window, authority.draws(contact.stream), contact.name)
            visit.team_found = clock.event()
            yield clock.either(visit.team_found, due + quarter)
            visit.cancel()
            if visit.fieldwork_start is not None and visit.fieldwork_end is not None:
                due = visit.fieldwork_start
                yield clock.until_end_of(visit.fieldwork_end)
                if finds_enough_progress(visit, number + 1, monitoring.enough_progress):
                    return due
            elif visit.status == "cancelled" and world.shocks.paused(visit.kind, window.due, window.latest):
                number -= 1  # if a pause prevents a visit, the re-inspection comes no closer
        number += 1
        last, due = due, due + quarter
    return last


def finds_enough_progress(visit: Visit, number: int, rules: EnoughProgress | None) -> bool:
    """Return whether the ``number``-th monitoring visit (from 1) finds enough progress to end monitoring."""
    if rules is None or visit.seen is None or number < rules.from_visit:
        return False
    return visit.draws[FINDING] < rules.share[visit.seen]


def reach_inspection(world: World, authority: AuthorityState, anchor: int) -> Generator[Any, Any, Visit]:
    """Hold the visits between inspections until the window of the next inspection opens.

    Returns
    -------
    Visit
        The inspection, just requested.
    """
    authority.anchor = anchor
    while True:
        pathway = world.pathway_of(authority)
        contact = next_contact(pathway, anchor, authority.seen, authority.findings, world.calendar, world.clock.today)
        if not (yield from has_opened(world, authority, contact.window.opens)):
            continue
        if contact.of is None:
            draws = authority.draws("inspection")
            name, window = asked_inspection(world, authority, draws), contact.window
            others = (each for each in world.authorities if each.planning and each.ends is None)
            place = world.backlogs.place(authority, window, world.clock.today, others)
            return world.ask(authority, name, window._replace(backlog=place), draws)
        authority.seen[contact.of.name] = contact.number
        see_between(world, authority, contact.of, contact.window)


def asked_inspection(world: World, authority: AuthorityState, draws: list[float]) -> VisitName:
    """Choose the inspection that the framework in force requires: the pathway's own, or a longer one if there are
    concerns.
    """
    pathway = world.pathway_of(authority)
    longer, quality = pathway.longer, world.ratings.grades[authority.quality.at(world.clock.today)]
    return pathway.inspection if longer is None or draws[LONGER] >= longer.share[quality] else longer.inspection


def follow_framework(world: World, visit: Visit, before: Framework) -> None:
    """Put a visit that still waits for a team under the framework in force, or cancel it if that has no such visit.

    An inspection stays as it is if the previous framework required it under the same rules. A visit between inspections
    follows the rules of the visit with the same name.
    """
    authority, framework, pathway = visit.authority, world.framework_today(), world.pathway_of(visit.authority)
    name, former = visit.name, before.pathways[authority.judgement]
    window, wanted, contact = visit.window, True, pathway.contact(visit.contact)
    findings: Findings | None = None
    if visit.gives_judgement:
        if (former.inspection, former.longer) != (pathway.inspection, pathway.longer):
            name = asked_inspection(world, authority, visit.draws)
        window = inspection_window(pathway, authority.anchor, authority.findings, world.calendar)
        window = window._replace(backlog=visit.window.backlog)
    elif contact is not None and contact.rules.part == visit.of_kind.part and contact.rules.most:
        name = contact.kind
        findings = contact.rules.findings if isinstance(contact.rules, Between) else None
    elif visit.of_kind.part == "joint" and framework.joint is not None:
        name = framework.joint.kind
    else:
        wanted = visit.contact is None and visit.name in framework.recurs
    if wanted:
        four = world.context.rule_of(framework)
        visit.follow(name, framework.kind(name), framework.visits[name], window, findings, four)
        if visit.planned < (first := visit.rules.first_monday(world.calendar)):
            visit.earliest = first
            world.planner.move({visit: world.calendar.first_start(visit.rules.weeks_on_site, first)})
        else:
            world.policy.book(visit, visit.planned)
    else:
        visit.cancel(replaced=True)


def has_opened(world: World, authority: AuthorityState, opens: int) -> Generator[Any, Any, bool]:
    """Wait for a window to open; return False if a finding or a new framework changed the plan first."""
    authority.planning = True
    change = world.next_framework_day()
    try:
        yield world.clock.until(min(opens, change))
    except Interrupt:
        if authority.ends is not None:
            raise
        return False
    finally:
        authority.planning = False
    return opens <= world.clock.today < change


def see_between(world: World, authority: AuthorityState, contact: OnTheWay[Between], window: Window) -> None:
    """Request a visit between inspections, or record that a joint inspection has replaced it."""
    draws = authority.draws(contact.stream)
    visit = world.ask(authority, contact.kind, window, draws, contact.name, contact.rules.findings)
    if authority.joint_credit > 0 and authority.replaced[contact.name] < contact.rules.joint_may_replace:
        authority.joint_credit -= 1
        authority.replaced[contact.name] += 1
        visit.cancel(replaced=True)
    else:
        authority.waiting.append(visit)


def recur(world: World, authority: AuthorityState, name: VisitName) -> Generator[Any, Any, None]:
    """Request what recurs on the authority's own date, such as engagement meetings; cancel what is not held in time."""
    clock = world.clock
    share_of_interval = world.streams.draw(f"date of {name}", authority.drawn_as)
    due: int | None = None
    while clock.today < NEVER:
        framework = world.framework_today()
        rules = framework.recurs.get(name)
        if rules is None:
            yield clock.until(world.next_framework_day())
            continue
        if due is None:
            due = clock.today + int(share_of_interval * (world.calendar.months_after(0, rules.every_months)))
        ahead = DAYS_A_WEEK * rules.window_before_weeks
        opens, latest = due - ahead, due + DAYS_A_WEEK * rules.window_after_weeks
        change = world.next_framework_day()
        yield clock.until(min(opens, change))
        if not opens <= clock.today < change:
            continue  # another framework has come into force, so look up its rules
        if authority.ends is not None:
            return
        due_now, due = due, world.calendar.months_after(due, rules.every_months)
        if rules.judgements is not None and authority.judgement not in rules.judgements:
            yield clock.until(due - ahead)
            continue
        planned = (opens, latest) if framework.kind(name).is_contact else (due_now, due_now + DAYS_A_WEEK - 1)
        visit = world.ask(authority, name, Window(opens, due_now, latest, planned), authority.draws(name))
        yield clock.until(due - ahead)
        visit.cancel()
