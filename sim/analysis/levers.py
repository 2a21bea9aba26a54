"""Defines levers: what a capacity search increases until a service level is kept, such as the people of a role."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from sim.base.faults import Argument, Fault, nearest
from sim.base.figures import people_of
from sim.inputs.framework import Role
from sim.inputs.people_in_post import KEY as IN_POST
from sim.inputs.people_in_post import of_role
from sim.inputs.posts import share_out
from sim.inputs.scenario import Scenario


class Lever(Protocol):
    """Define what a search increases until a service level is kept."""

    @property
    def role(self) -> Role:
        """Return the role whose number changes."""
        ...

    @property
    def region(self) -> str | None:
        """Return the only region where the number changes; None for all regions."""
        ...

    @property
    def word(self) -> str:
        """Return the word under which its variants are kept."""
        ...

    @property
    def unit(self) -> str:
        """Return the unit that is counted."""
        ...

    def people(self, scenario: Scenario) -> int:
        """Return the people in post at the start of a scenario."""
        ...

    def changes(self, scenario: Scenario, level: int) -> Mapping[str, object]:
        """Return the values of the scenario at a level, by dotted path."""
        ...


@dataclass(frozen=True)
class Staff:
    """Represent the people in post of a role, in all regions or in one.

    Attributes
    ----------
    role : str
        Role of the people.
    region : str or None
        Region. None for all regions, among which they are shared in the proportions of those in post.
    """

    role: Role
    region: str | None = None

    @property
    def word(self) -> str:
        """Return the word under which its variants are kept."""
        return re.sub(r"\W+", "_", self.role if self.region is None else f"{self.role}_{self.region}")

    @property
    def unit(self) -> str:
        """Return the unit that is counted."""
        return people_of(self.role) + ("" if self.region is None else f" in {self.region}")

    def people(self, scenario: Scenario) -> int:
        """Return the people in post at the start of a scenario."""
        rules = scenario.workforce.roles[self.role]
        return rules.people if self.region is None else self._by_region(scenario)[self.region]

    def faults(self, scenario: Scenario) -> Iterator[Fault]:
        """Yield the faults of the lever in a scenario."""
        if self.role not in scenario.workforce.roles:
            yield Fault(Argument("role"), "", self.role, nearest(self.role, scenario.workforce.roles))
        if self.region is not None and self.region not in scenario.workforce.regions:
            yield Fault(Argument("region"), "", self.region, nearest(self.region, scenario.workforce.regions))
        if self.region is not None and of_role(scenario.workforce.in_post or (), self.role):
            words = f"the table {IN_POST} places people of this role in regions; search for their total number instead"
            yield Fault(Argument("region"), "", self.region, words)

    def _by_region(self, scenario: Scenario) -> dict[str, int]:
        rules = scenario.workforce.roles[self.role]
        return dict(rules.by_region or share_out(rules.people, scenario.authorities_by_region))

    def changes(self, scenario: Scenario, level: int) -> Mapping[str, object]:
        """Return the values of the scenario with this many people, by dotted path.

        If people are given by region, the regions keep their proportions. One more person moves nobody else.
        """
        key, by_region = f"workforce.roles.{self.role}", scenario.workforce.roles[self.role].by_region
        if self.region is not None:
            shared = self._by_region(scenario) | {self.region: level}
        elif by_region is not None:
            shared = share_out(level, by_region)
        else:
            return {f"{key}.people": level}
        return {f"{key}.people": sum(shared.values()), f"{key}.by_region": shared}
