"""Describes a recruitment plan: more people than are in post, hired quarter by quarter within a hiring limit.

A plan has few parameters: the day from which more posts are offered, the most offers in a quarter, and the number of
people in the end. Leavers are replaced as well, within the same limit. The model decides what comes of it, through
hiring, notice, induction, turnover and the luck of each run.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sim.base.calendar import add_months
from sim.base.faults import NOT_SHOWN, Argument, Fault, InputError, nearest
from sim.base.figures import people_of
from sim.inputs.framework import Role
from sim.inputs.scenario import Scenario

CAMPAIGN = "plan_of_recruitment"
"""Name of the shock that adds the plan to a scenario."""


@dataclass(frozen=True)
class Recruits:
    """Represent the people of a role at whom a recruitment plan aims, as a :class:`sim.analysis.levers.Lever`.

    Attributes
    ----------
    role : str
        Role for which it hires.
    a_quarter : int
        Most offers in a quarter, to successors of leavers and to additional people together.
    begins_on : datetime.date
        Day on which hiring of additional people begins. Offers follow after the months of hiring.
    """

    role: Role
    a_quarter: int
    begins_on: datetime.date

    @property
    def region(self) -> None:
        """Return None, for all regions: people are shared among them in the proportions of those in post."""

    @property
    def word(self) -> str:
        """Return the word under which its variants are kept."""
        return f"{self.role}_by_{self.a_quarter}_from_{self.begins_on:%Y%m%d}"

    @property
    def unit(self) -> str:
        """Return the unit that is counted."""
        return f"posts of {people_of(self.role)}"

    def people(self, scenario: Scenario) -> int:
        """Return the people in post at the start of a scenario."""
        return scenario.workforce.roles[self.role].people

    def changes(self, scenario: Scenario, level: int) -> Mapping[str, object]:
        """Return the values of the scenario with a plan for this many posts, by dotted path; it never removes posts."""
        changes: dict[str, object] = {f"workforce.roles.{self.role}.most_offers_a_quarter": self.a_quarter}
        more = level - self.people(scenario)
        if more > 0:
            changes[f"shocks.{CAMPAIGN}"] = {
                "kind": "recruitment",
                "begins_on": self.begins_on,
                "role": self.role,
                "people": more,
            }
        return changes

    def later(self, months: int) -> Recruits:
        """Return the same plan, begun some months later."""
        return replace(self, begins_on=add_months(self.begins_on, months))

    def faults(self, scenario: Scenario) -> Iterator[Fault]:
        """Yield the faults of the plan in a scenario."""
        if self.role not in scenario.workforce.roles:
            yield Fault(Argument("role"), "", self.role, nearest(self.role, scenario.workforce.roles))
        if not scenario.start <= self.begins_on < scenario.end:
            words = f"{scenario.name} is simulated from {scenario.start} to {scenario.end}; give a day in between"
            yield Fault(Argument("begins_on"), "", str(self.begins_on), words)
        if CAMPAIGN in scenario.shocks:
            words = f"the scenario already has a shock of this name; give it a name other than {CAMPAIGN}"
            yield Fault(scenario.name, f"shocks.{CAMPAIGN}", CAMPAIGN, words)


def limit_of(scenario: Scenario, role: Role, asked: int | None) -> int:
    """Return the most offers in a quarter: the scenario's limit, or the one requested.

    Raises
    ------
    InputError
        If neither gives a limit, or they differ.
    """
    rules = scenario.workforce.roles.get(role)
    said = None if rules is None else rules.most_offers_a_quarter
    found = said if asked is None else asked
    if found is None:
        words = "give a limit; the scenario has none, and no published figure exists"
        raise InputError([Fault(Argument("offers_a_quarter"), "", NOT_SHOWN, words)])
    if found < 1:
        raise InputError([Fault(Argument("offers_a_quarter"), "", found, "must be 1 or more")])
    if said is not None and said != found:
        key = f"workforce.roles.{role}.most_offers_a_quarter"
        words = f"the scenario has {said} ({key}); omit `offers_a_quarter`, or change it"
        raise InputError([Fault(Argument("offers_a_quarter"), "", found, words)])
    return found
