"""A plan of recruitment: more people than are in post, hired quarter by quarter as a hiring limit allows.

A plan has few parameters: from when on more posts are offered, how many offers a quarter may be made, and how many
people there are to be in the end. Leavers are replaced beside it, within the same limit. What becomes of it is left to
the model: hiring, notice, induction, turnover and the luck of each run.
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
"""Name of the shock by which a scenario is given the plan."""


@dataclass(frozen=True)
class Recruits:
    """People of a role whom a plan of recruitment leads to, a :class:`sim.analysis.levers.Lever`.

    Attributes
    ----------
    role : str
        Whom it hires.
    a_quarter : int
        Most offers of posts in one quarter, to successors of leavers and to more people together.
    begins_on : datetime.date
        Day on which hiring more people begins; offers follow after the months of hiring.
    """

    role: Role
    a_quarter: int
    begins_on: datetime.date

    @property
    def region(self) -> None:
        """All regions: people are shared among them as those in post are."""

    @property
    def word(self) -> str:
        """Word by which its variants are kept."""
        return f"{self.role}_by_{self.a_quarter}_from_{self.begins_on:%Y%m%d}"

    @property
    def unit(self) -> str:
        """What is counted."""
        return f"posts of {people_of(self.role)}"

    def people(self, scenario: Scenario) -> int:
        """People in post at the start of a scenario."""
        return scenario.workforce.roles[self.role].people

    def changes(self, scenario: Scenario, level: int) -> Mapping[str, object]:
        """Values of the scenario with a plan that leads to so many posts, by dotted path; fewer are not taken away."""
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
        """The same plan, begun some months later."""
        return replace(self, begins_on=add_months(self.begins_on, months))

    def faults(self, scenario: Scenario) -> Iterator[Fault]:
        """What is wrong with it for a scenario."""
        if self.role not in scenario.workforce.roles:
            yield Fault(Argument("role"), "", self.role, nearest(self.role, scenario.workforce.roles))
        if not scenario.start <= self.begins_on < scenario.end:
            words = f"{scenario.name} is simulated from {scenario.start} to {scenario.end}; give a day in it"
            yield Fault(Argument("begins_on"), "", str(self.begins_on), words)
        if CAMPAIGN in scenario.shocks:
            words = f"the scenario has a shock of this name already; call it something else than {CAMPAIGN}"
            yield Fault(scenario.name, f"shocks.{CAMPAIGN}", CAMPAIGN, words)


def limit_of(scenario: Scenario, role: Role, asked: int | None) -> int:
    """Most offers of a quarter: those of the scenario, or those asked for.

    Raises
    ------
    InputError
        If neither says it, or each says something else.
    """
    rules = scenario.workforce.roles.get(role)
    said = None if rules is None else rules.most_offers_a_quarter
    found = said if asked is None else asked
    if found is None:
        words = "give a limit; nobody has published one, and the scenario has none"
        raise InputError([Fault(Argument("offers_a_quarter"), "", NOT_SHOWN, words)])
    if found < 1:
        raise InputError([Fault(Argument("offers_a_quarter"), "", found, "must be 1 or more")])
    if said is not None and said != found:
        key = f"workforce.roles.{role}.most_offers_a_quarter"
        words = f"the scenario has {said} ({key}); leave `offers_a_quarter` away or change it"
        raise InputError([Fault(Argument("offers_a_quarter"), "", found, words)])
    return found
