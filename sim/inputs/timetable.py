"""Puts the frameworks of a scenario in the order in which they come into force, and lists what is wrong with them
together.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sim.base.faults import nearest
from sim.inputs.framework import ROLES, Framework, Kind, KindOfVisit, Role, kind_by_name
from sim.inputs.grades import Grades, undeclared
from sim.inputs.pathways import CONTACTS
from sim.inputs.shocks import Pause, VirtualVisits


@dataclass(frozen=True)
class Timetable:
    """Holds frameworks in the order in which they come into force; the first applies from the start.

    Attributes
    ----------
    names : sequence of str
        Their names, in order.
    frameworks : mapping of str to Framework
        Their rules, by name; if the scenario has faults, some may be missing or superfluous.
    always : sequence of str
        Kinds of visit that measures count even if no framework has them.
    """

    names: Sequence[str]
    frameworks: Mapping[str, Framework]
    always: Sequence[Kind]

    @property
    def used(self) -> list[Framework]:
        """Return the rules, in order."""
        return [self.frameworks[name] for name in self.names if name in self.frameworks]

    def kinds(self) -> dict[Kind, KindOfVisit]:
        """Return every kind of visit that is counted, by name, in the order of tables and measures."""
        found = {kind: kind_by_name(kind) for kind in self.always}
        for framework in self.used:
            for kind in map(framework.kind, framework.visits):
                before = found.get(kind.name, kind)
                found[kind.name] = kind._replace(part=kind.part or before.part)
        return found

    def faults(self, roles: Sequence[str]) -> Iterator[str]:
        """List what is wrong with the frameworks, given the roles of people in post."""
        for name in self.names:
            if name not in self.frameworks:
                yield f"framework: {name!r} has no rules; {nearest(name, self.frameworks)}"
        if not self.names:
            yield "framework: name at least one"
        for (before, earlier), (name, later) in pairwise(zip(self.names, self.used, strict=False)):
            if later.in_force_from <= earlier.in_force_from:
                dates = f"{later.in_force_from} is not after {earlier.in_force_from}"
                yield f"framework: {name} follows {before} and must come into force after it ({dates})"
        for name in sorted(set(self.frameworks) - set(self.names)):
            yield f"frameworks.{name}: it is not used, because framework names only {', '.join(self.names)}"
        yield from self._faults_of_kinds()
        wanted: set[Role] = set()
        for name, framework in self.frameworks.items():
            needed = {seat.role for rules in framework.visits.values() for seat in rules.team.values()}
            needed |= {framework.desk_work.intelligence_role, framework.desk_work.oversight_role}
            for role in sorted(needed - set(roles)):
                yield f"workforce.roles: {role} is missing, but {name} needs it"
            wanted |= needed
        for role in sorted(set(roles) - wanted - set(ROLES)):
            yield f"workforce.roles.{role}: no visit or desk work needs this role; {nearest(role, wanted)}"

    def _faults_of_kinds(self) -> Iterator[str]:
        """List kinds that nothing asks for, and kinds that two frameworks define differently."""
        known: dict[Kind, tuple[str, KindOfVisit]] = {}
        for name, framework in self.frameworks.items():
            for visit in framework.visits:
                kind = framework.kind(visit)
                if visit not in framework.asked_for and kind.name not in self.always:
                    words = "nothing asks for it; name it in a pathway, among its contacts, or in recurring"
                    yield f"frameworks.{name}.visits.{visit}: {words}"
                before, meant = known.setdefault(kind.name, (name, kind))
                if not kind.is_like(meant):
                    words = (
                        f"{before} defines it differently; all frameworks must agree on gives_judgement and is_contact"
                    )
                    yield f"frameworks.{name}.visits.{visit}: {words}"

    def faults_of_grades(self, grades: Grades) -> Iterator[str]:
        """List grades without a pathway in a framework, and pathways for names that are not grades."""
        for name, framework in self.frameworks.items():
            yield from undeclared(f"frameworks.{name}.pathways", framework.pathways, grades.names)
            absent = [grade for grade in grades.names if grade not in framework.pathways]
            if absent:
                words = f"give a pathway for every judgement; missing: {', '.join(absent)}"
                yield f"frameworks.{name}.pathways: {words}"
            if framework.four_judgements is not None:
                found = framework.four_judgements.faults(grades)
                yield from (f"frameworks.{name}.four_judgements.{line}" for line in found)

    def faults_of_pauses(self, pauses: Mapping[str, Pause]) -> Iterator[str]:
        """List kinds of visit that pauses name but no framework has, and visits by video without rules."""
        kinds = self.kinds()
        for name, pause in pauses.items():
            for kind in pause.visits:
                if kind not in kinds:
                    yield f"shocks.{name}.visits: {kind!r} is not a kind of visit; {nearest(kind, kinds)}"
            if pause.virtual is not None:
                yield from self._faults_by_video(name, pause.virtual)

    def _faults_by_video(self, name: str, virtual: VirtualVisits) -> Iterator[str]:
        for framework in self._in_force(virtual.begins_on, virtual.ends_on):
            rules = self.frameworks.get(framework)
            held = {} if rules is None else rules.by_video
            for part in CONTACTS if rules is not None else ():
                if part not in held:
                    words = f"visits by video need a contact with the part {part}, and {framework} has none"
                    yield f"shocks.{name}.virtual: {words}; a pathway may have one with visits = 0"
            for kind in sorted(kind for kinds in held.values() for kind in kinds):
                if rules is not None and kind not in rules.visits:
                    words = f"visits by video count as {kind}, but {framework} has no rules for it"
                    yield f"shocks.{name}.virtual: {words}"

    def _in_force(self, first: datetime.date, last: datetime.date) -> Iterator[str]:
        """Yield the names of the frameworks in force on any day of a period."""
        begins = [datetime.date.min, *(framework.in_force_from for framework in self.used[1:])]
        ends = [*begins[1:], datetime.date.max]
        for name, begun, ended in zip(self.names, begins, ends, strict=False):
            if begun <= last and first < ended:
                yield name
