"""What follows a judgement: the visits on the way to the next inspection, and that inspection."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Generic, Literal, NamedTuple, Self, TypeVar

from pydantic import Field, field_validator, model_validator

from sim.inputs.grades import Judgement
from sim.inputs.section import Months, Probability, Section, Weeks, Whole, YearDays, quantity, refuse

VisitName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""What a framework calls the rules of a visit; several may be of one kind."""
Part = Literal["inspection", "between", "monitoring", "joint", "recurring"]
"""What a visit is asked for as: the inspection at the end of a pathway, a visit before it, one to monitor an authority
until it, one with other inspectorates, or one that comes again and again whatever else there is."""


ByGrade = dict[Judgement, Probability]
"""A probability for each grade of quality."""


class Findings(NamedTuple):
    """Areas for priority action that visits may find, and what follows; see :class:`Between`."""

    priority_action_share: ByGrade
    brings_forward_share: float
    brings_forward_months: dict[Literal["low", "high"], int]


class Between(Section):
    """Visits between two inspections, at shares of the interval or so many months after the last one.

    They may find an area for priority action, which may bring the next inspection forward. If nothing is said of that,
    they find nothing.
    """

    part: Literal["between"] = quantity("what they are asked for as")
    kind: VisitName | None = quantity("their kind, by the name of its rules, if not that of the contact", default=None)
    visits: Whole | None = quantity(
        "between two inspections, spread evenly unless it is said when each is due", "visits", default=None
    )
    due_shares: tuple[Probability, ...] | None = quantity(
        "when each is due, as a share of the interval", "share", default=None
    )
    due_months: tuple[Months, ...] | None = quantity(
        "when each is due, in months from the day from which the interval counts", "months", default=None
    )
    window_months: Months = quantity("window on either side of the due date", "months")
    joint_may_replace: Whole = quantity("how many of them a joint inspection may replace", "visits")
    priority_action_share: ByGrade | None = quantity(
        "share that finds an area for priority action, by the quality seen", "share", default=None
    )
    brings_forward_share: Probability | None = quantity(
        "share of those that bring the next inspection forward", "share", default=None
    )
    brings_forward_months: dict[Literal["low", "high"], Months] | None = quantity("by how much", "months", default=None)

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[str]:
        given = {"due_shares": self.due_shares, "due_months": self.due_months}
        dates = {name: found for name, found in given.items() if found is not None}
        if len(dates) > 1:
            yield "due_shares and due_months: give one of them"
        elif not dates and self.visits is None:
            yield "visits: say how many there are, or when each is due in due_shares or due_months"
        for name, found in dates.items():
            number = len(found) if self.visits is None else self.visits
            if len(found) != number or list(found) != sorted(set(found)):
                listed = ", ".join(f"{each:g}" for each in found)
                yield f"{name}: found {listed}; give {number} in ascending order, one for each visit"
        missing = [name for name in Findings._fields if getattr(self, name) is None]
        if 0 < len(missing) < len(Findings._fields):
            yield f"{', '.join(missing)}: give all of {', '.join(Findings._fields)}, or none if they find nothing"
        months = self.brings_forward_months
        if months is not None and {"low", "high"} - set(months):
            yield "brings_forward_months: give low and high"
        elif months is not None and months["low"] > months["high"]:
            yield "brings_forward_months: low must not exceed high"

    @cached_property
    def most(self) -> int:
        """Visits between two inspections."""
        dates = self.due_shares or self.due_months or ()
        return len(dates) if self.visits is None else self.visits

    @cached_property
    def findings(self) -> Findings | None:
        """What they may find, and what follows; None if they find nothing."""
        share, brings, months = self.priority_action_share, self.brings_forward_share, self.brings_forward_months
        return None if share is None or brings is None or months is None else Findings(share, brings, months)

    def months_to(self, number: int, interval: int) -> int:
        """Months from the day from which the interval counts to the ``number``-th visit (from 1)."""
        if self.due_months is not None:
            return self.due_months[number - 1]
        return round(interval * (number / (self.most + 1) if self.due_shares is None else self.due_shares[number - 1]))


class EnoughProgress(Section):
    """Progress that a monitoring visit may find, after which the re-inspection follows."""

    from_visit: Annotated[int, Field(ge=1)] = quantity("first visit that may find it", "visit")
    share: ByGrade = quantity("share of visits that find it, by the quality seen", "share")


class Monitoring(Section):
    """Visits again and again between a judgement and the re-inspection, which they may bring nearer.

    The interval to the re-inspection counts from the last of them.
    """

    part: Literal["monitoring"] = quantity("what they are asked for as")
    kind: VisitName | None = quantity("their kind, by the name of its rules, if not that of the contact", default=None)
    begins_on: datetime.date | None = quantity(
        "first day of monitoring; a visit due before it does not take place, and the re-inspection comes as if it had",
        default=None,
    )
    first_after_working_days: YearDays = quantity("from publication to the first visit", "working days")
    every_weeks: Annotated[int, Field(ge=1, le=520)] = quantity("from one visit to the next", "weeks")
    visits: dict[Literal["low", "mode", "high"], Whole] = quantity("before the re-inspection: triangular", "visits")
    window_before_weeks: Weeks = quantity("window before the due date", "weeks")
    window_after_weeks: Weeks = quantity("window after the due date", "weeks")
    enough_progress: EnoughProgress | None = quantity(
        "progress that ends monitoring early; without it every visit takes place", default=None
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
        """Most visits before the re-inspection."""
        return self.visits["high"]


class LongerInspection(Section):
    """Longer inspection that some authorities are given instead of the kind that their judgement asks for."""

    inspection: VisitName = quantity("its kind")
    share: ByGrade = quantity(
        "share of inspections that are of that kind, by true quality when it is planned: intelligence shows signs",
        "share",
    )


NAMED_FIRST = frozenset({"focused", "monitoring"})
"""Contacts of pathways of earlier versions, whose streams are called by their names alone."""
CONTACTS: Mapping[str, type[Between | Monitoring]] = {"between": Between, "monitoring": Monitoring}
"""What a contact may be, by its part."""
Rules_co = TypeVar("Rules_co", bound=Between | Monitoring, covariant=True)


class OnTheWay(NamedTuple, Generic[Rules_co]):
    """A contact of a pathway: its name, and its rules."""

    name: VisitName
    rules: Rules_co

    @property
    def kind(self) -> VisitName:
        """Name of the rules of its visits."""
        return self.rules.kind or self.name

    @property
    def stream(self) -> str:
        """Name of the stream of its draws, which no other visit has."""
        return self.name if self.name in NAMED_FIRST else f"contact {self.name}"


class Pathway(Section):
    """What follows a judgement: contacts on the way to the next inspection, and that inspection.

    Monitoring comes first, and the other contacts then, over the interval that follows it.
    """

    inspection: VisitName = quantity("kind of the next inspection")
    interval_months: Annotated[int, Field(ge=1, le=240)] = quantity(
        "from the end of the last inspection's fieldwork (with monitoring: from the last monitoring "
        "visit) to the due date",
        "months",
    )
    window_before_months: Months = quantity("window before the due date", "months")
    window_after_months: Months = quantity("window after the due date", "months")
    planned_from_months: int = quantity("earliest planned start, relative to the due date", "months")
    planned_to_months: int = quantity("latest planned start, relative to the due date", "months")
    longer: LongerInspection | None = quantity(
        "longer kind given instead where there are signs of decline", default=None
    )
    contacts: dict[VisitName, Annotated[Between | Monitoring, Field(discriminator="part")]] = quantity(
        "contacts on the way to it, by name; of two whose windows open on one day the first is asked for first",
        default_factory=dict,
        validate_default=True,
    )

    @field_validator("contacts", mode="before")
    @classmethod
    def _without_those_taken_away(cls, contacts: object) -> object:
        """A change to None takes a contact away that a file which is extended has."""
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
            words = "only one may be of the part monitoring, from whose last visit the interval counts"
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
        """All contacts, in the order of the table."""
        return tuple(OnTheWay(name, contact) for name, contact in self.contacts.items())

    @cached_property
    def between(self) -> tuple[OnTheWay[Between], ...]:
        """Those between two inspections, in the order of the table."""
        return tuple(OnTheWay(name, rules) for name, rules in self.on_the_way if isinstance(rules, Between))

    @cached_property
    def monitoring(self) -> OnTheWay[Monitoring] | None:
        """That which comes again and again until the interval begins; None without monitoring."""
        return next((OnTheWay(name, rules) for name, rules in self.on_the_way if isinstance(rules, Monitoring)), None)

    def contact(self, name: VisitName | None) -> OnTheWay[Between | Monitoring] | None:
        """Contact of a name; None without it."""
        return next((contact for contact in self.on_the_way if contact.name == name), None)

    @property
    def by_video(self) -> OnTheWay[Between | Monitoring] | None:
        """Contact as which a visit by video is held: monitoring, or the first one between inspections; None without."""
        return self.monitoring or next(iter(self.between), None)

    def by_grade(self) -> Iterator[tuple[str, ByGrade]]:
        """Tables that have a share for each grade of quality, with their keys."""
        if self.longer is not None:
            yield "longer.share", self.longer.share
        for contact in self.between:
            if contact.rules.priority_action_share is not None:
                yield f"contacts.{contact.name}.priority_action_share", contact.rules.priority_action_share
        if self.monitoring is not None and self.monitoring.rules.enough_progress is not None:
            yield f"contacts.{self.monitoring.name}.enough_progress.share", self.monitoring.rules.enough_progress.share

    def visits(self) -> Iterator[tuple[str, VisitName, Part]]:
        """Visits that this pathway may ask for: the key that names each, its name, and what it is asked for as."""
        yield "inspection", self.inspection, "inspection"
        if self.longer is not None:
            yield "longer.inspection", self.longer.inspection, "inspection"
        for contact in self.on_the_way:
            if contact.rules.most:
                key = f"contacts.{contact.name}"
                yield key if contact.rules.kind is None else f"{key}.kind", contact.kind, contact.rules.part
