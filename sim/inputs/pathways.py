"""Defines pathways: what follows a judgement, namely visits on the way to the next inspection, and that inspection."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Generic, Literal, NamedTuple, Self, TypeVar

from pydantic import Field, field_validator, model_validator

from sim.inputs.grades import Judgement
from sim.inputs.section import Months, Probability, Section, Weeks, Whole, YearDays, quantity, refuse

VisitName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""Name that a framework gives the rules of a visit; several may be of one kind."""
Part = Literal["inspection", "between", "monitoring", "joint", "recurring"]
"""Part that a visit plays: ``inspection`` at the end of a pathway, ``between`` before it, ``monitoring`` until it,
``joint`` with other inspectorates, or ``recurring`` whatever else happens."""


ByGrade = dict[Judgement, Probability]
"""Probability for each grade of quality."""


class Findings(NamedTuple):
    """Holds the areas for priority action that visits may find, and what follows; see :class:`Between`."""

    priority_action_share: ByGrade
    brings_forward_share: float
    brings_forward_months: dict[Literal["low", "high"], int]


class Between(Section):
    """Describes visits between two inspections, due at shares of the interval or a number of months after the last one.

    They may find an area for priority action, which may bring the next inspection forward. If the scenario gives no
    findings, they find nothing.
    """

    part: Literal["between"] = quantity("part that these visits play in the pathway")
    kind: VisitName | None = quantity(
        "kind of these visits, by the name of its rules, if it is not the contact's name", default=None
    )
    visits: Whole | None = quantity(
        "visits between two inspections, spread evenly unless due_shares or due_months say when each is due",
        "visits",
        default=None,
    )
    due_shares: tuple[Probability, ...] | None = quantity(
        "due date of each visit, as a share of the interval", "share", default=None
    )
    due_months: tuple[Months, ...] | None = quantity(
        "due date of each visit, in months from the day from which the interval counts", "months", default=None
    )
    window_months: Months = quantity("length of the window on either side of the due date", "months")
    joint_may_replace: Whole = quantity("how many of these visits a joint inspection may replace", "visits")
    priority_action_share: ByGrade | None = quantity(
        "share of visits that find an area for priority action, by the quality they see", "share", default=None
    )
    brings_forward_share: Probability | None = quantity(
        "share of these findings that bring the next inspection forward", "share", default=None
    )
    brings_forward_months: dict[Literal["low", "high"], Months] | None = quantity(
        "by how much they bring it forward", "months", default=None
    )

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[str]:
        given = {"due_shares": self.due_shares, "due_months": self.due_months}
        dates = {name: found for name, found in given.items() if found is not None}
        if len(dates) > 1:
            yield "due_shares and due_months: give only one of them"
        elif not dates and self.visits is None:
            yield "visits: give the number of visits, or their due dates in due_shares or due_months"
        for name, found in dates.items():
            number = len(found) if self.visits is None else self.visits
            if len(found) != number or list(found) != sorted(set(found)):
                listed = ", ".join(f"{each:g}" for each in found)
                yield f"{name}: found {listed}; give {number} in ascending order, one for each visit"
        missing = [name for name in Findings._fields if getattr(self, name) is None]
        if 0 < len(missing) < len(Findings._fields):
            yield f"{', '.join(missing)}: give all of {', '.join(Findings._fields)}, or none if visits find nothing"
        months = self.brings_forward_months
        if months is not None and {"low", "high"} - set(months):
            yield "brings_forward_months: give low and high"
        elif months is not None and months["low"] > months["high"]:
            yield "brings_forward_months: low must not exceed high"

    @cached_property
    def most(self) -> int:
        """Return the number of visits between two inspections."""
        dates = self.due_shares or self.due_months or ()
        return len(dates) if self.visits is None else self.visits

    @cached_property
    def findings(self) -> Findings | None:
        """Return what the visits may find, and what follows; None if they find nothing."""
        share, brings, months = self.priority_action_share, self.brings_forward_share, self.brings_forward_months
        return None if share is None or brings is None or months is None else Findings(share, brings, months)

    def months_to(self, number: int, interval: int) -> int:
        """Return the months from the day from which the interval counts to the ``number``-th visit (from 1)."""
        if self.due_months is not None:
            return self.due_months[number - 1]
        return round(interval * (number / (self.most + 1) if self.due_shares is None else self.due_shares[number - 1]))


class EnoughProgress(Section):
    """Describes progress that a monitoring visit may find, after which the re-inspection follows."""

    from_visit: Annotated[int, Field(ge=1)] = quantity("first visit that may find enough progress", "visit")
    share: ByGrade = quantity("share of visits that find enough progress, by the quality they see", "share")


class Monitoring(Section):
    """Describes repeated visits between a judgement and the re-inspection, which good progress may bring nearer.

    The interval to the re-inspection counts from the last of these visits.
    """

    part: Literal["monitoring"] = quantity("part that these visits play in the pathway")
    kind: VisitName | None = quantity(
        "kind of these visits, by the name of its rules, if it is not the contact's name", default=None
    )
    begins_on: datetime.date | None = quantity(
        "first day of monitoring; visits due earlier do not take place, but the re-inspection comes as if they had",
        default=None,
    )
    first_after_working_days: YearDays = quantity("time from publication to the first visit", "working days")
    every_weeks: Annotated[int, Field(ge=1, le=520)] = quantity("time from one visit to the next", "weeks")
    visits: dict[Literal["low", "mode", "high"], Whole] = quantity(
        "number of visits before the re-inspection, drawn from a triangular distribution", "visits"
    )
    window_before_weeks: Weeks = quantity("length of the window before the due date", "weeks")
    window_after_weeks: Weeks = quantity("length of the window after the due date", "weeks")
    enough_progress: EnoughProgress | None = quantity(
        "progress that ends monitoring early; if not given, every visit takes place", default=None
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if {"low", "mode", "high"} - set(self.visits):
            raise ValueError("visits: give low, mode and high")
        if not self.visits["low"] <= self.visits["mode"] <= self.visits["high"]:
            raise ValueError("visits: low, mode and high must be in order")
        return self

    @property
    def most(self) -> int:
        """Return the most visits before the re-inspection."""
        return self.visits["high"]


class LongerInspection(Section):
    """Describes a longer inspection that some authorities get instead of the kind for their judgement."""

    inspection: VisitName = quantity("kind of the longer inspection")
    share: ByGrade = quantity(
        "share of inspections of this kind, by true quality when they are planned (intelligence shows signs of it)",
        "share",
    )


NAMED_FIRST = frozenset({"focused", "monitoring"})
"""Contacts in pathways of earlier versions, whose random streams go by their names alone."""
CONTACTS: Mapping[str, type[Between | Monitoring]] = {"between": Between, "monitoring": Monitoring}
"""What a contact may be, by its part."""
Rules_co = TypeVar("Rules_co", bound=Between | Monitoring, covariant=True)


class OnTheWay(NamedTuple, Generic[Rules_co]):
    """Holds a contact of a pathway: its name and its rules."""

    name: VisitName
    rules: Rules_co

    @property
    def kind(self) -> VisitName:
        """Return the name of the rules of its visits."""
        return self.rules.kind or self.name

    @property
    def stream(self) -> str:
        """Return the name of the stream of its draws, which no other visit uses."""
        return self.name if self.name in NAMED_FIRST else f"contact {self.name}"


class Pathway(Section):
    """Describes what follows a judgement: contacts on the way to the next inspection, and that inspection.

    Monitoring comes first. The other contacts follow, over the interval after it.
    """

    inspection: VisitName = quantity("kind of the next inspection")
    interval_months: Annotated[int, Field(ge=1, le=240)] = quantity(
        "time from the end of the last inspection's fieldwork (with monitoring: from the last monitoring "
        "visit) to the due date",
        "months",
    )
    window_before_months: Months = quantity("length of the window before the due date", "months")
    window_after_months: Months = quantity("length of the window after the due date", "months")
    planned_from_months: int = quantity("earliest planned start, relative to the due date", "months")
    planned_to_months: int = quantity("latest planned start, relative to the due date", "months")
    longer: LongerInspection | None = quantity(
        "longer kind of inspection, used where there are signs of decline", default=None
    )
    contacts: dict[VisitName, Annotated[Between | Monitoring, Field(discriminator="part")]] = quantity(
        "contacts on the way to the inspection, by name; if two windows open on one day, the first listed goes first",
        default_factory=dict,
        validate_default=True,
    )

    @field_validator("contacts", mode="before")
    @classmethod
    def _without_those_taken_away(cls, contacts: object) -> object:
        """Remove the contacts of an extended file that a change sets to None."""
        if not isinstance(contacts, Mapping):
            return contacts
        return {name: contact for name, contact in contacts.items() if contact is not None}

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[str]:
        monitoring = [name for name, rules in self.on_the_way if rules.part == "monitoring"]
        if len(monitoring) > 1:
            words = "only one contact may have the part monitoring, since the interval counts from its last visit"
            yield f"contacts.{', contacts.'.join(monitoring)}: {words}"
        for contact in self.between:
            late = [months for months in contact.rules.due_months or () if months > self.interval_months]
            if late:
                words = f"{', '.join(map(str, late))} is beyond interval_months, {self.interval_months}"
                yield f"contacts.{contact.name}.due_months: {words}"
        if self.window_before_months > self.interval_months:
            yield "window_before_months must not exceed interval_months"
        planned = self.planned_from_months, self.planned_to_months
        if not -self.window_before_months <= planned[0] <= planned[1] <= self.window_after_months:
            yield "planned_from_months and planned_to_months must be in order and inside the window"

    @cached_property
    def on_the_way(self) -> tuple[OnTheWay[Between | Monitoring], ...]:
        """Return all contacts, in the order of the table."""
        return tuple(OnTheWay(name, contact) for name, contact in self.contacts.items())

    @cached_property
    def between(self) -> tuple[OnTheWay[Between], ...]:
        """Return the contacts between two inspections, in the order of the table."""
        return tuple(OnTheWay(name, rules) for name, rules in self.on_the_way if isinstance(rules, Between))

    @cached_property
    def monitoring(self) -> OnTheWay[Monitoring] | None:
        """Return the contact that repeats until the interval begins; None without monitoring."""
        return next((OnTheWay(name, rules) for name, rules in self.on_the_way if isinstance(rules, Monitoring)), None)

    def contact(self, name: VisitName | None) -> OnTheWay[Between | Monitoring] | None:
        """Return the contact with a name; None if there is none."""
        return next((contact for contact in self.on_the_way if contact.name == name), None)

    @property
    def by_video(self) -> OnTheWay[Between | Monitoring] | None:
        """Return the contact that a visit by video counts as: monitoring, or else the first between inspections;
        None if neither.
        """
        return self.monitoring or next(iter(self.between), None)

    def by_grade(self) -> Iterator[tuple[str, ByGrade]]:
        """Yield the tables that have a share for each grade of quality, with their keys."""
        if self.longer is not None:
            yield "longer.share", self.longer.share
        for contact in self.between:
            if contact.rules.priority_action_share is not None:
                yield f"contacts.{contact.name}.priority_action_share", contact.rules.priority_action_share
        if self.monitoring is not None and self.monitoring.rules.enough_progress is not None:
            yield f"contacts.{self.monitoring.name}.enough_progress.share", self.monitoring.rules.enough_progress.share

    def visits(self) -> Iterator[tuple[str, VisitName, Part]]:
        """Yield the visits that this pathway may ask for: the key that names each, its name, and its part."""
        yield "inspection", self.inspection, "inspection"
        if self.longer is not None:
            yield "longer.inspection", self.longer.inspection, "inspection"
        for contact in self.on_the_way:
            if contact.rules.most:
                key = f"contacts.{contact.name}"
                yield key if contact.rules.kind is None else f"{key}.kind", contact.kind, contact.rules.part
