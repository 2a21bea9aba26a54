"""Finds the place of an overdue inspection in a backlog that the programme spreads over months."""

from __future__ import annotations

from collections.abc import Iterable

from sim.inputs.framework import Framework
from sim.inputs.pathways import Pathway
from sim.inputs.planning_rules import PlanningRules
from sim.inputs.windows import Backlog, Window, inspection_window
from sim.world.context import ScenarioContext
from sim.world.entities import AuthorityState


class Backlogs:
    """Find the place of an overdue inspection in its backlog.

    There is a backlog at the start, of the inspections that were due before it. There is another on the day a framework
    comes into force, of the inspections that its shorter intervals make overdue. Neither includes inspections after
    monitoring.

    Parameters
    ----------
    context : ScenarioContext
        Calendar, frameworks, and the due dates of inspections due before the start.
    rules : PlanningRules
        Number of months over which each backlog is spread.
    """

    def __init__(self, context: ScenarioContext, rules: PlanningRules) -> None:
        self._context = context
        self._rules = rules
        self._made_overdue: dict[int, list[int]] = {}

    def place(
        self, authority: AuthorityState, window: Window, today: int, others: Iterable[AuthorityState]
    ) -> Backlog | None:
        """Find the place of an inspection on the day it is requested.

        Parameters
        ----------
        authority : AuthorityState
            Authority to inspect.
        window : Window
            Window of the inspection.
        today : int
            Day of the request.
        others : iterable of AuthorityState
            Authorities whose next inspection has not been requested yet.

        Returns
        -------
        Backlog or None
            None if the inspection belongs to no backlog, or the months of its backlog are over.
        """
        rules, context = self._rules, self._context
        if window.due >= today or self._pathway(authority, today).monitoring is not None:
            return None
        if today == 0:
            months, began, overdue = rules.backlog_months, context.backlog_began, context.overdue
        elif context.next_framework_day(today - 1) == today and self._is_made_overdue(authority, today):
            months = rules.backlog_months if rules.transition_months is None else rules.transition_months
            began, overdue = today, self._made_overdue_on(today, authority, others)
        else:
            return None
        if not months:
            return None
        until = context.calendar.months_after(began, months)
        return Backlog.of(window.due, overdue, until) if until > today else None

    def _made_overdue_on(self, day: int, first: AuthorityState, others: Iterable[AuthorityState]) -> list[int]:
        """List the due dates of all inspections that a day's framework makes overdue, in ascending order.

        The list is made when the first of them is requested, and does not change afterwards.
        """
        found = self._made_overdue.get(day)
        if found is None:
            those = [each for each in (first, *others) if self._is_made_overdue(each, day)]
            found = self._made_overdue[day] = sorted(self._due(each, self._context.framework_on(day)) for each in those)
        return found

    def _is_made_overdue(self, authority: AuthorityState, day: int) -> bool:
        """Return whether the framework that comes into force makes an inspection overdue that was not so the day
        before.
        """
        former, framework = self._context.framework_on(day - 1), self._context.framework_on(day)
        if any(each.pathways[authority.judgement].monitoring is not None for each in (former, framework)):
            return False
        return self._due(authority, framework) < day <= self._due(authority, former)

    def _due(self, authority: AuthorityState, framework: Framework) -> int:
        pathway = framework.pathways[authority.judgement]
        return inspection_window(pathway, authority.anchor, authority.findings, self._context.calendar).due

    def _pathway(self, authority: AuthorityState, day: int) -> Pathway:
        return self._context.framework_on(day).pathways[authority.judgement]
