"""Represents shocks: what happens to the programme from outside, by date.

A scenario holds shocks as data, each with its own name. :class:`Disturbances` answers the questions of the model's
processes, in days since the start: whether a visit may take place, when a report may be published.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise
from math import inf
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from sim.base.bounds import MOST_AT_ONCE
from sim.base.calendar import DAYS_A_YEAR, NEVER, Calendar
from sim.base.faults import nearest
from sim.inputs.framework import INSPECTIONS, Kind, Role, Size
from sim.inputs.ratings import Change, Regime
from sim.inputs.section import Probability, Rate, Section, Whole, quantity, refuse
from sim.inputs.spellings import words

Some = Annotated[int, Field(ge=1, le=MOST_AT_ONCE)]
Day = Annotated[datetime.date, Field(ge=datetime.date(2000, 1, 1), le=datetime.date(2100, 12, 31))]


class Lasting(Section):
    """Represents something that lasts from one day to another."""

    begins_on: Day = quantity("first day on which it applies")
    ends_on: Day = quantity("last day on which it applies")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[str]:
        if self.ends_on < self.begins_on:
            yield f"ends_on: {self.ends_on} is before begins_on, {self.begins_on}"


class VirtualVisits(Lasting):
    """Represents visits by video during a pause.

    Where a pathway has monitoring they count as monitoring, elsewhere as the pathway's first contact. Authorities whose
    pathway has no contact before the inspection get none.
    """

    visits: Whole = quantity("number of visits by video in all", "visits")
    inadequate_share: Probability = quantity(
        "share of these visits to authorities whose pathway has monitoring, such as inadequate ones", "share"
    )


class Pause(Lasting):
    """Represents a time in which some kinds of visit do not take place."""

    kind: Literal["pause"] = quantity("kind of shock")
    visits: Annotated[tuple[Kind, ...], Field(min_length=1)] = quantity("kinds of visit that do not take place")
    virtual: VirtualVisits | None = quantity("visits by video instead", default=None)


class PublicationGap(Lasting):
    """Represents a time without publications, such as before an election; what is ready is published the day after."""

    kind: Literal["publication_gap"] = quantity("kind of shock")


class Drift(Lasting):
    """Represents a time in which true quality drifts at other rates, such as in a wave of decline."""

    kind: Literal["drift"] = quantity("kind of shock")
    regions: tuple[str, ...] | None = quantity("regions affected; if not given, all", default=None)
    improvement: Change = quantity("change of the rates of improvement", "share")
    decline: Change = quantity("change of the rates of decline", "share")


class Turnover(Lasting):
    """Represents a time in which people of some roles leave at another rate."""

    kind: Literal["turnover"] = quantity("kind of shock")
    roles: Annotated[tuple[Role, ...], Field(min_length=1)] = quantity("roles affected")
    turnover_a_year: Rate = quantity("rate of leaving during this time", "a year")


class HiringFreeze(Lasting):
    """Represents a time in which nobody is offered a post, except in a campaign; offers that would fall into it
    follow it.
    """

    kind: Literal["hiring_freeze"] = quantity("kind of shock")
    roles: Annotated[tuple[Role, ...], Field(min_length=1)] = quantity("roles affected")


class Recruitment(Section):
    """Represents a campaign that hires people beyond the existing posts, permanently or for a fixed term."""

    kind: Literal["recruitment"] = quantity("kind of shock")
    begins_on: Day = quantity(
        "day on which the campaign begins; people join after hiring and notice, and are then inducted"
    )
    ends_on: Day | None = quantity("last day of a fixed term; if not given, the posts are permanent", default=None)
    role: Role = quantity("role of the people hired")
    people: Some = quantity("number of people hired", "people")
    region: str | None = quantity(
        "region of the posts; if not given, they are shared out over all regions like the people at the start",
        default=None,
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on is not None and self.ends_on <= self.begins_on:
            raise ValueError(f"ends_on: {self.ends_on} is not after begins_on, {self.begins_on}")
        return self


class Departures(Section):
    """Represents people who all leave at once, and whether they are replaced like other leavers.

    If they are not replaced, the same number of posts ends. First come posts of people who stay, then those of people
    who are leaving anyway, and last vacant ones.
    """

    kind: Literal["departures"] = quantity("kind of shock")
    begins_on: Day = quantity(
        "day on which they give notice; they leave at once, or when the work they are committed to ends"
    )
    role: Role = quantity("role of the people who leave")
    people: Some | None = quantity("number of people who leave", "people", default=None)
    people_share: Annotated[float, Field(gt=0, le=1)] | None = quantity(
        "share of the posts on that day, in whole people, in proportion over the regions; instead of people",
        "share",
        default=None,
    )
    region: str | None = quantity("region of the people who leave; if not given, all regions", default=None)
    leads: bool = quantity("whether only people who may lead leave", default=False)
    replaced: bool = quantity("whether they are replaced like other leavers; if not, their posts end", default=True)

    @model_validator(mode="after")
    def _so_many(self) -> Self:
        if (self.people is None) == (self.people_share is None):
            raise ValueError("people: give either people or people_share, not both")
        return self


class OtherProgramme(Lasting):
    """Represents another programme that takes a share of the people, who first finish current work and return at
    its end.
    """

    kind: Literal["other_programme"] = quantity("kind of shock")
    roles: Annotated[tuple[Role, ...], Field(min_length=1)] = quantity("roles affected")
    people_share: Probability = quantity("share of the people of each role", "share")


class Duty(Section):
    """Represents another duty that takes days from each person of a role, which reduces the time for visits."""

    kind: Literal["duty"] = quantity("kind of shock")
    begins_on: Day = quantity("first day of the duty")
    ends_on: Day | None = quantity("last day of the duty; if not given, it never ends", default=None)
    role: Role = quantity("role with the duty")
    days_a_year: Annotated[float, Field(gt=0, le=260)] = quantity(
        "days of a full-timer's time, spread evenly over the year; part-timers in proportion", "working days a year"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on is not None and self.ends_on < self.begins_on:
            raise ValueError(f"ends_on: {self.ends_on} is before begins_on, {self.begins_on}")
        return self


class Created(Section):
    """Represents an authority that a reorganisation creates."""

    authority: str = quantity("unique name or code")
    region: str = quantity("region of the inspectorate")
    size: Size = quantity("size, one of those for which teams have people", default="medium")


class Reorganisation(Section):
    """Represents the abolition of authorities and the creation of others in their place.

    Each new authority begins with the judgement and true quality of the abolished one with the worst judgement. If
    several
    share that judgement, the one inspected last counts. The services are the same under another name.
    """

    kind: Literal["reorganisation"] = quantity("kind of shock")
    begins_on: Day = quantity("first day of the authorities created")
    abolished: Annotated[tuple[str, ...], Field(min_length=1)] = quantity("authorities abolished")
    created: Annotated[tuple[Created, ...], Field(min_length=1)] = quantity("authorities created")


Shock = (
    Pause
    | PublicationGap
    | Drift
    | Turnover
    | HiringFreeze
    | Recruitment
    | Departures
    | OtherProgramme
    | Duty
    | Reorganisation
)
AnyShock = Annotated[Shock, Field(discriminator="kind")]
SHOCKS: dict[str, type[Section]] = {get_args(each.model_fields["kind"].annotation)[0]: each for each in get_args(Shock)}
"""Section of each kind of shock, by the name of the kind."""


def faults_of(
    shocks: Mapping[str, Shock], authorities: Sequence[str], regions: Sequence[str], roles: Collection[Role]
) -> Iterator[str]:
    """List what is wrong with shocks, given a scenario's authorities, regions and roles."""
    for name, shock in shocks.items():
        for key in ("role", "roles"):
            named = getattr(shock, key, ())
            unknown = [role for role in ((named,) if isinstance(named, str) else named) if role not in roles]
            for role in unknown:
                yield f"shocks.{name}.{key}: there is no role {role!r}; {nearest(role, roles)}"
        for key, where in (("region", getattr(shock, "region", None)), ("regions", getattr(shock, "regions", None))):
            for region in sorted({where} if isinstance(where, str) else set(where or ()), key=str):
                if region not in regions:
                    yield f"shocks.{name}.{key}: {region!r} is not a region; {nearest(region, regions)}"
    there = {words(name): name for name in authorities}
    ever = dict(there)
    for name, shock in reorganisations(shocks):
        yield from _faults_of_reorganisation(f"shocks.{name}", shock, there, ever, regions)


def _faults_of_reorganisation(
    key: str, shock: Reorganisation, there: dict[str, str], ever: dict[str, str], regions: Sequence[str]
) -> Iterator[str]:
    """List what is wrong with a reorganisation of the authorities that exist by then, and update these."""
    for gone in shock.abolished:
        if there.pop(words(gone), None) is None:
            close = get_close_matches(gone, there.values(), n=1)
            meant = f"; did you mean {close[0]!r}?" if close else ""
            yield f"{key}.abolished: there is no authority {gone!r} on that day{meant}"
    for new in shock.created:
        if words(new.authority) in ever:
            yield f"{key}.created: {new.authority!r} is or was another authority; give the new one its own name"
        if new.region not in regions:
            yield f"{key}.created: {new.region!r} is not a region; {nearest(new.region, regions)}"
        there[words(new.authority)] = ever[words(new.authority)] = new.authority


def reorganisations(shocks: Mapping[str, Shock]) -> list[tuple[str, Reorganisation]]:
    """Return the reorganisations with their names, in date order."""
    found = [(name, shock) for name, shock in shocks.items() if isinstance(shock, Reorganisation)]
    return sorted(found, key=lambda each: each[1].begins_on)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Represents the days from a first to a last, both included."""

    first: int
    last: int

    def holds(self, day: int) -> bool:
        """Return whether a day is one of them."""
        return self.first <= day <= self.last


class Disturbances:
    """Answers what a scenario's shocks do, in days since its start; ``inspections`` are the kinds that give a
    judgement.
    """

    def __init__(
        self, shocks: Mapping[str, Shock], calendar: Calendar, inspections: Iterable[Kind] = INSPECTIONS
    ) -> None:
        self.named = shocks
        self._calendar = calendar
        self._inspections = frozenset(inspections)
        self._pauses = [
            (self._days(shock), frozenset(shock.visits)) for shock in shocks.values() if isinstance(shock, Pause)
        ]
        gaps = [self._days(shock) for shock in shocks.values() if isinstance(shock, PublicationGap)]
        self._gaps = sorted(gaps, key=lambda each: each.first)
        freezes = [
            (self._days(shock), frozenset(shock.roles)) for shock in shocks.values() if isinstance(shock, HiringFreeze)
        ]
        self._freezes = sorted(freezes, key=lambda each: each[0].first)

    def _days(self, shock: Lasting) -> Stretch:
        return Stretch(self._calendar.day(shock.begins_on), self._calendar.day(shock.ends_on))

    def paused(self, kind: Kind, first: int, last: int) -> bool:
        """Return whether a pause prevents a visit with these first and last days on site."""
        return any(kind in kinds and days.first <= last and first <= days.last for days, kinds in self._pauses)

    def free_from(self, kind: Kind, day: int) -> int:
        """Return the first day after a kind's pauses that include a day; the day itself if none does."""
        return max((days.last + 1 for days, kinds in self._pauses if kind in kinds and days.holds(day)), default=day)

    @property
    def any_pause(self) -> bool:
        """Return whether there is any pause."""
        return bool(self._pauses)

    def pauses_of_inspections(self, months: int) -> list[tuple[Stretch, Stretch]]:
        """Return the pauses of full inspections in date order, each with the days of some months after its end."""
        pauses = [days for days, kinds in self._pauses if kinds & self._inspections]
        return [
            (days, Stretch(days.last + 1, self._calendar.months_after(days.last, months)))
            for days in sorted(pauses, key=lambda each: each.first)
        ]

    def published_on(self, day: int) -> int:
        """Return the day on which something ready on a day is published."""
        for days in self._gaps:
            if days.holds(day):
                day = self._calendar.workday_on_or_after(days.last + 1)
        return day

    def offered_on(self, role: Role, day: int) -> int:
        """Return the day on which an offer that would be made on a day is in fact made."""
        for days, roles in self._freezes:
            if role in roles and days.holds(day):
                day = days.last + 1
        return day

    def duty_days(self, role: Role, first: int, last: int) -> float:
        """Return the days that duties take from a full-timer of a role between two days, both included."""
        days = 0.0
        for shock in self.named.values():
            if isinstance(shock, Duty) and shock.role == role:
                ends = last if shock.ends_on is None else min(last, self._calendar.day(shock.ends_on))
                begins = max(first, self._calendar.day(shock.begins_on))
                days += shock.days_a_year * max(0, ends - begins + 1) / DAYS_A_YEAR
        return days

    def any_duty(self, role: Role) -> bool:
        """Return whether people of a role ever have another duty."""
        return any(isinstance(shock, Duty) and shock.role == role for shock in self.named.values())

    def climate(self, region: str) -> list[Regime]:
        """Return the factors on a region's rates of drift, from each day on; empty if nothing changes them."""
        waves = [
            (self._days(shock), shock)
            for shock in self.named.values()
            if isinstance(shock, Drift) and (shock.regions is None or region in shock.regions)
        ]
        changes = sorted({day for days, _ in waves for day in (max(0, days.first), days.last + 1) if day >= 0})
        regimes = []
        for day in changes:
            improvement = decline = 1.0
            for days, shock in waves:
                if days.holds(day):
                    improvement *= 1 + shock.improvement
                    decline *= 1 + shock.decline
            regimes.append(Regime(day, improvement, decline))
        return regimes

    def turnover(self, role: Role, usual: float) -> list[tuple[int, float]]:
        """Return a role's rate of leaving, a year, from each day on; the first applies to all earlier days."""
        spells = [
            (self._days(shock), shock.turnover_a_year)
            for shock in self.named.values()
            if isinstance(shock, Turnover) and role in shock.roles
        ]
        changes = sorted({day for days, _ in spells for day in (days.first, days.last + 1)})

        def rate(day: int) -> float:
            return next((rate for days, rate in reversed(spells) if days.holds(day)), usual)

        return [(-NEVER, usual), *((day, rate(day)) for day in changes)]


def integrated(rates: Sequence[tuple[int, float]], first: int, amount: float) -> float:
    """Return the day on which daily rates, added up from a first day, reach an amount; infinity if they never do.

    Parameters
    ----------
    rates : sequence of (int, float)
        Rates with the day from which each applies; the first applies to all earlier days.
    first : int
        Day from which to add up.
    amount : float
        Amount to reach.
    """
    for (begins, rate), (ends, _) in pairwise([*rates, (inf, 0.0)]):
        since = max(begins, first)
        if not rate or ends <= since:
            continue
        if rate * (ends - since) >= amount:
            return since + amount / rate
        amount -= rate * (ends - since)
    return inf
