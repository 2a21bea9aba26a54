"""Inspections that are overdue as a programme begins, and the place of each where they are spread over months."""

from __future__ import annotations

from sim.inputs.framework import Framework
from sim.inputs.windows import Backlog, Window, inspection_window
from sim.world.entities import AuthorityState
from sim.world.world import World


def place_in_backlog(world: World, authority: AuthorityState, window: Window) -> Backlog | None:
    """Look up the place of an inspection that is asked for today.

    A backlog arises at the start, of what was due before it, and on the day on which a framework comes into force, of
    what its shorter intervals make overdue. Inspections after monitoring are apart from both.

    Returns
    -------
    Backlog or None
        None if the inspection belongs to no backlog, or if this is not spread any longer.
    """
    today, rules, context = world.clock.today, world.planning, world.context
    if window.due >= today or world.pathway_of(authority).monitoring is not None:
        return None
    if today == 0:
        months, began, overdue = rules.backlog_months, context.backlog_began, context.overdue
    elif context.next_framework_day(today - 1) == today and _is_made_overdue(world, authority):
        months = rules.backlog_months if rules.transition_months is None else rules.transition_months
        began, overdue = today, world.made_overdue.get(today) or _made_overdue(world, authority)
    else:
        return None
    if not months:
        return None
    until = world.calendar.months_after(began, months)
    return Backlog.of(window.due, overdue, until) if until > today else None


def _made_overdue(world: World, asks: AuthorityState) -> list[int]:
    """List the due dates of all that today's framework makes overdue, ascending; asked for first by one of them."""
    those = [each for each in world.authorities if each is asks or (each.planning and each.ends is None)]
    dues = sorted(_due(world, each, world.framework_today()) for each in those if _is_made_overdue(world, each))
    world.made_overdue[world.clock.today] = dues
    return dues


def _is_made_overdue(world: World, authority: AuthorityState) -> bool:
    """Whether an inspection that was not overdue yesterday is so by the framework that comes into force today."""
    today, former = world.clock.today, world.framework_on(world.clock.today - 1)
    frameworks = (former, world.framework_today())
    if any(each.pathways[authority.judgement].monitoring is not None for each in frameworks):
        return False
    return _due(world, authority, frameworks[1]) < today <= _due(world, authority, frameworks[0])


def _due(world: World, authority: AuthorityState, framework: Framework) -> int:
    pathway = framework.pathways[authority.judgement]
    return inspection_window(pathway, authority.anchor, authority.findings, world.calendar).due
