"""Shocks: what happens to the programme by date, from outside it.

A scenario holds shocks as data, each with a name of its own. :class:`Disturbances` answers, in days since the start,
what the processes of the model ask of them: whether a visit may take place, when a report may be published.
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
    """What lasts from one day to another."""

    begins_on: Day = quantity("first day")
    ends_on: Day = quantity("last day")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[str]:
        if self.ends_on < self.begins_on:
            yield f"ends_on: {self.ends_on} is before begins_on, {self.begins_on}"


class VirtualVisits(Lasting):
    """Visits by video during a pause: where the pathway has monitoring as that, to others as their first contact.

    Authorities whose pathway has no contact before the inspection have none.
    """

    visits: Whole = quantity("how many there are in all", "visits")
    inadequate_share: Probability = quantity(
        "share of them that goes to authorities whose pathway has monitoring, such as inadequate ones", "share"
    )


class Pause(Lasting):
    """Some kinds of visit do not take place."""

    kind: Literal["pause"] = quantity("what kind of shock it is")
    visits: Annotated[tuple[Kind, ...], Field(min_length=1)] = quantity("kinds of visit that do not take place")
    virtual: VirtualVisits | None = quantity("visits by video in their stead", default=None)


class PublicationGap(Lasting):
    """No report or letter is published, such as before an election; what was ready is published the day after."""

    kind: Literal["publication_gap"] = quantity("what kind of shock it is")


class Drift(Lasting):
    """True quality drifts otherwise for a while, such as in a wave of decline."""

    kind: Literal["drift"] = quantity("what kind of shock it is")
    regions: tuple[str, ...] | None = quantity("where; everywhere if it is not said", default=None)
    improvement: Change = quantity("change of the rates of improvement", "share")
    decline: Change = quantity("change of the rates of decline", "share")


class Turnover(Lasting):
    """People of some roles leave at another rate."""

    kind: Literal["turnover"] = quantity("what kind of shock it is")
    roles: Annotated[tuple[Role, ...], Field(min_length=1)] = quantity("of which roles")
    turnover_a_year: Rate = quantity("rate of leaving meanwhile", "a year")


class HiringFreeze(Lasting):
    """Nobody is offered a post, but for those of a campaign; other offers that would fall into it are made after it."""

    kind: Literal["hiring_freeze"] = quantity("what kind of shock it is")
    roles: Annotated[tuple[Role, ...], Field(min_length=1)] = quantity("of which roles")


class Recruitment(Section):
    """A campaign that hires people beyond the posts there are, for good or for a time."""

    kind: Literal["recruitment"] = quantity("what kind of shock it is")
    begins_on: Day = quantity("day on which it begins; people join after hiring and notice, and are then inducted")
    ends_on: Day | None = quantity("last day of a fixed term; without it the posts stay", default=None)
    role: Role = quantity("whom it hires")
    people: Some = quantity("how many", "people")
    region: str | None = quantity(
        "where; shared out over all regions as the people of the start are, if it is not said", default=None
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on is not None and self.ends_on <= self.begins_on:
            raise ValueError(f"ends_on: {self.ends_on} is not after begins_on, {self.begins_on}")
        return self


class Departures(Section):
    """People who leave all at once, and are replaced as any leaver is, or are not.

    Where nobody follows them, so many posts end: of people who stay first, then of those who are leaving anyway, and
    last vacant ones.
    """

    kind: Literal["departures"] = quantity("what kind of shock it is")
    begins_on: Day = quantity("day on which they give notice and go, after all that is promised")
    role: Role = quantity("who leaves")
    people: Some | None = quantity("how many", "people", default=None)
    people_share: Annotated[float, Field(gt=0, le=1)] | None = quantity(
        "share of the posts of that day, in whole people, shared out over the regions in proportion; not beside people",
        "share",
        default=None,
    )
    region: str | None = quantity("from which region; from all of them if it is not said", default=None)
    leads: bool = quantity("whether it is people who may lead, and none other", default=False)
    replaced: bool = quantity("whether they are replaced as any leaver is; if not, their posts end", default=True)

    @model_validator(mode="after")
    def _so_many(self) -> Self:
        if (self.people is None) == (self.people_share is None):
            raise ValueError("people: give either people or people_share, and not both")
        return self


class OtherProgramme(Lasting):
    """Another programme takes a share of the people, who finish what they are on and come back at its end."""

    kind: Literal["other_programme"] = quantity("what kind of shock it is")
    roles: Annotated[tuple[Role, ...], Field(min_length=1)] = quantity("of which roles")
    people_share: Probability = quantity("share of the people of each role", "share")


class Duty(Section):
    """Another duty takes some days of each person of a role, which come off the time for visits."""

    kind: Literal["duty"] = quantity("what kind of shock it is")
    begins_on: Day = quantity("first day of the duty")
    ends_on: Day | None = quantity("last day; it stays if it is not said", default=None)
    role: Role = quantity("whose duty it is")
    days_a_year: Annotated[float, Field(gt=0, le=260)] = quantity(
        "days that it takes of a full-timer, evenly over the year; of a part-timer in proportion", "working days a year"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on is not None and self.ends_on < self.begins_on:
            raise ValueError(f"ends_on: {self.ends_on} is before begins_on, {self.begins_on}")
        return self


class Created(Section):
    """An authority that a reorganisation creates."""

    authority: str = quantity("name or code, unique")
    region: str = quantity("region of the inspectorate")
    size: Size = quantity("one of those for which teams have people", default="medium")


class Reorganisation(Section):
    """Authorities are abolished, and others created in their place.

    Those created begin with the judgement and the true quality of the one abolished whose judgement is worst (of the
    same judgement, the one inspected last): the services are the same, under another name.
    """

    kind: Literal["reorganisation"] = quantity("what kind of shock it is")
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
"""Parts of each kind of shock, by the name of the kind."""


def faults_of(
    shocks: Mapping[str, Shock], authorities: Sequence[str], regions: Sequence[str], roles: Collection[Role]
) -> Iterator[str]:
    """What is wrong with shocks for a scenario's authorities, regions and roles."""
    for name, shock in shocks.items():
        for key in ("role", "roles"):
            named = getattr(shock, key, ())
            unknown = [role for role in ((named,) if isinstance(named, str) else named) if role not in roles]
            for role in unknown:
                yield f"shocks.{name}.{key}: nobody is a {role!r}; {nearest(role, roles)}"
        for key, where in (("region", getattr(shock, "region", None)), ("regions", getattr(shock, "regions", None))):
            for region in sorted({where} if isinstance(where, str) else set(where or ()), key=str):
                if region not in regions:
                    yield f"shocks.{name}.{key}: {region!r} is no region; {nearest(region, regions)}"
    there = {words(name): name for name in authorities}
    ever = dict(there)
    for name, shock in reorganisations(shocks):
        yield from _faults_of_reorganisation(f"shocks.{name}", shock, there, ever, regions)


def _faults_of_reorganisation(
    key: str, shock: Reorganisation, there: dict[str, str], ever: dict[str, str], regions: Sequence[str]
) -> Iterator[str]:
    """What is wrong with a reorganisation of the authorities there by then, by their words; it changes them."""
    for gone in shock.abolished:
        if there.pop(words(gone), None) is None:
            close = get_close_matches(gone, there.values(), n=1)
            meant = f"; did you mean {close[0]!r}?" if close else ""
            yield f"{key}.abolished: there is no authority {gone!r} by then{meant}"
    for new in shock.created:
        if words(new.authority) in ever:
            yield f"{key}.created: {new.authority!r} is or was another authority; give it a name of its own"
        if new.region not in regions:
            yield f"{key}.created: {new.region!r} is no region; {nearest(new.region, regions)}"
        there[words(new.authority)] = ever[words(new.authority)] = new.authority


def reorganisations(shocks: Mapping[str, Shock]) -> list[tuple[str, Reorganisation]]:
    """Reorganisations, with their names, in the order of their days."""
    found = [(name, shock) for name, shock in shocks.items() if isinstance(shock, Reorganisation)]
    return sorted(found, key=lambda each: each[1].begins_on)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days from the first to the last, both counted."""

    first: int
    last: int

    def holds(self, day: int) -> bool:
        """Whether a day is one of them."""
        return self.first <= day <= self.last


class Disturbances:
    """What the shocks of a scenario, by name, do in days since its start; some kinds of visit are inspections."""

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
        """Whether a visit with these first and last days on site may not take place."""
        return any(kind in kinds and days.first <= last and first <= days.last for days, kinds in self._pauses)

    def free_from(self, kind: Kind, day: int) -> int:
        """First day after the pauses of a kind of visit that a day lies in; the day itself if it lies in none."""
        return max((days.last + 1 for days, kinds in self._pauses if kind in kinds and days.holds(day)), default=day)

    @property
    def any_pause(self) -> bool:
        """Whether there is any day on which some kinds of visit do not take place."""
        return bool(self._pauses)

    def pauses_of_inspections(self, months: int) -> list[tuple[Stretch, Stretch]]:
        """Pauses of full inspections in the order of their days, each with the days for some months after its end."""
        pauses = [days for days, kinds in self._pauses if kinds & self._inspections]
        return [
            (days, Stretch(days.last + 1, self._calendar.months_after(days.last, months)))
            for days in sorted(pauses, key=lambda each: each.first)
        ]

    def published_on(self, day: int) -> int:
        """Day on which what is ready on a day is published."""
        for days in self._gaps:
            if days.holds(day):
                day = self._calendar.workday_on_or_after(days.last + 1)
        return day

    def offered_on(self, role: Role, day: int) -> int:
        """Day on which an offer is made that would have been made on a day."""
        for days, roles in self._freezes:
            if role in roles and days.holds(day):
                day = days.last + 1
        return day

    def duty_days(self, role: Role, first: int, last: int) -> float:
        """Days that duties take of a full-timer of a role between two days, both counted."""
        days = 0.0
        for shock in self.named.values():
            if isinstance(shock, Duty) and shock.role == role:
                ends = last if shock.ends_on is None else min(last, self._calendar.day(shock.ends_on))
                begins = max(first, self._calendar.day(shock.begins_on))
                days += shock.days_a_year * max(0, ends - begins + 1) / DAYS_A_YEAR
        return days

    def any_duty(self, role: Role) -> bool:
        """Whether people of a role have another duty at some time."""
        return any(isinstance(shock, Duty) and shock.role == role for shock in self.named.values())

    def climate(self, region: str) -> list[Regime]:
        """What the rates of drift of a region are multiplied by, from each day on; nothing where nothing happens."""
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
        """Rate of leaving of a role, a year, from each day on; the first one holds from ever."""
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
    """Day on which rates a day, added up from a first day on, reach an amount; infinity if they never do.

    Parameters
    ----------
    rates : sequence of (int, float)
        Each holds from its day on, the first one from ever.
    first : int
        Day from which they are added up.
    amount : float
        What they have to reach.
    """
    for (begins, rate), (ends, _) in pairwise([*rates, (inf, 0.0)]):
        since = max(begins, first)
        if not rate or ends <= since:
            continue
        if rate * (ends - since) >= amount:
            return since + amount / rate
        amount -= rate * (ends - since)
    return inf
