"""Defines the rules of an inspection framework: kinds of visit, pathways, windows and teams.

The rules are data (``frameworks/*.toml``); this module gives them their meaning. Everything it computes is a pure
function of these data and of the calendar. It computes when a contact's window opens, for which Monday it is planned,
and on which days each member of its team works on it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from functools import cached_property
from math import log
from statistics import NormalDist
from typing import Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from sim.base.calendar import DAYS_A_WEEK, NEVER, WEEKDAYS, Calendar, WeeksOnSite
from sim.inputs.four_judgements import FourJudgements
from sim.inputs.grades import Judgement, undeclared
from sim.inputs.pathways import Part, Pathway, VisitName
from sim.inputs.section import (
    Days,
    FewDays,
    Probability,
    Section,
    Spell,
    Weeks,
    Whole,
    quantity,
    refuse,
)

Kind = str
"""Name of a kind of visit, as used in tables and measures."""
Role = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""Name of a role, as used in tables and measures; a scenario's roles are those of its ``workforce.roles``."""
Size = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""Name of a size of authority; a framework's sizes are those for which its teams have people."""

P90 = NormalDist().inv_cdf(0.9)
"""Standard deviations from the mean to the point that one in ten exceeds."""
KINDS: tuple[Kind, ...] = ("short", "standard", "focused", "monitoring", "single_inspection", "joint", "engagement")
"""Kinds of visit for children's services, in the order of tables and measures."""
ROLES: tuple[Role, ...] = ("social_care_hmi", "schools_hmi", "regulatory_inspector", "senior_hmi")
"""Roles for children's services, in the order of tables and measures."""
SIZES: tuple[Size, ...] = ("small", "medium", "large")
"""Sizes of local authorities."""
INSPECTIONS: frozenset[Kind] = frozenset({"short", "standard", "single_inspection"})
"""Kinds for children's services that end in a judgement; the others end in a letter or in nothing."""
COUNTED_AS = {"single_reinspection": "single_inspection"}
"""Kind for rules in files of earlier versions that do not give one, if it differs from the name of the rules."""
TAKEN = frozenset({"inspections", "worked", "due", "available", "desk_work"})
"""Words that no kind may have as its name, because measures use them: ``inspections_started``,
``inspector_days_due``."""
CALLED: Mapping[Kind, str] = {
    "short": "short inspection", "standard": "standard inspection", "single_inspection": "single inspection",
    "focused": "focused visit", "monitoring": "monitoring visit", "joint": "joint inspection",
    "engagement": "engagement meeting",
}  # fmt: skip
"""Names in words of kinds whose files do not give them."""
MEETINGS = frozenset({"engagement"})
"""Kinds that are not contacts although files of earlier versions do not say so."""


class KindOfVisit(NamedTuple):
    """Holds what every count of visits needs to know about a kind.

    Attributes
    ----------
    name : str
        Name used in tables and measures.
    called : str
        Name in words, in the singular.
    gives_judgement : bool
        Whether it is an inspection: it ends in a judgement, from which the next cycle counts.
    is_contact : bool
        Whether inspectors are on site: it counts as contact, and no other contact is there on the same days.
    part : str or None
        Part that it plays; None if nothing asks for it.
    """

    name: Kind
    called: str
    gives_judgement: bool
    is_contact: bool
    part: Part | None = None

    def is_like(self, other: KindOfVisit) -> bool:
        """Return whether two rules may share a kind: they agree on giving a judgement and on being a contact."""
        return (self.gives_judgement, self.is_contact) == (other.gives_judgement, other.is_contact)

    @property
    def with_article(self) -> str:
        """Return the name in words, with its article."""
        return f"{'an' if self.called[0] in 'aeiou' else 'a'} {self.called}"


class Team(Section):
    """Describes the people who fill one seat of a visit's team."""

    role: Role = quantity("role that fills the seat")
    people: dict[Size, Whole] = quantity("number of people, by size of the authority", "people")
    preparation_days: FewDays = quantity("working days off site just before the seat's first day on site", "days")
    on_site_days: tuple[Annotated[Whole, Field(le=WEEKDAYS)], ...] = quantity(
        "days on site in each week of fieldwork, counted from its Monday", "days in each week"
    )
    writing_up_days: FewDays = quantity("working days just after the seat's last day on site", "days")

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[str]:
        if not self.people:
            yield "people: give a number for at least one size of authority"
        if not sum(self.on_site_days):
            yield "on_site_days: give at least one day"

    @cached_property
    def days(self) -> int:
        """Return the inspector-days of one person in the seat, without travel from elsewhere."""
        return self.preparation_days + sum(self.on_site_days) + self.writing_up_days

    @cached_property
    def weeks_of_work(self) -> tuple[tuple[int, int], ...]:
        """Return the weeks in which the seat is on site, counted from 0, each with its days."""
        return tuple((week, days) for week, days in enumerate(self.on_site_days) if days)


class Publication(Section):
    """Describes the working days from the end of fieldwork to publication: lognormal, given by the median and the
    90% point.
    """

    median_days: Spell = quantity("median time to publication", "working days")
    p90_days: Spell = quantity("time to publication that one in ten exceeds", "working days")
    inadequate_extra_days: FewDays | None = quantity(
        "extra time if an inspection's judgement is the worst grade", "working days", default=None
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.p90_days < self.median_days:
            raise ValueError("p90_days must not be below median_days")
        return self

    @cached_property
    def of_logarithm(self) -> tuple[float, float]:
        """Return the mean and standard deviation of the logarithm of the working days."""
        return log(self.median_days), log(self.p90_days / self.median_days) / P90


class VisitRules(Section):
    """Describes one kind of visit, and the work it needs."""

    called: str | None = quantity("name in words; if not given, the name of the rules", default=None)
    counted_as: VisitName | None = quantity(
        "kind as which tables and measures count it, if this differs from its name", default=None
    )
    gives_judgement: bool | None = quantity(
        "whether it is an inspection: it ends in a judgement, from which the next cycle counts; if not given, "
        f"only {', '.join(sorted(INSPECTIONS))} are inspections",
        default=None,
    )
    is_contact: bool | None = quantity(
        "whether inspectors are on site: it counts as contact, and no other contact is there on the same days; if not "
        f"given, all kinds but {', '.join(sorted(MEETINGS))} are contacts",
        default=None,
    )
    priority: Annotated[int, Field(ge=1)] = quantity("rank in planning; 1 is planned first", "rank")
    begins_on: datetime.date | None = quantity(
        "first day on which it may take place, for example a new kind for which people must first be trained",
        default=None,
    )
    notice_weeks: Annotated[int, Field(ge=1, le=26)] = quantity(
        "notice: time from the call, on a Monday, to the first Monday on site", "weeks"
    )
    fieldwork_days: Annotated[int, Field(ge=1, le=60)] = quantity(
        "working days from the first to the last day on site", "working days"
    )
    rest_weeks: Weeks = quantity(
        "weeks of rest after it, in which its inspectors begin no other fieldwork that needs rest", "weeks"
    )
    oversight_days: Days = quantity("management and quality assurance of one visit", "inspector-days")
    publication: Publication | None = quantity(
        "time to the report or letter; if not given, the visit ends with its fieldwork", default=None
    )
    accuracy: Probability | None = quantity(
        "probability that the visit sees true quality on its last day on site as it is, not a neighbouring grade. If "
        "not given, the visit sees nothing of quality. Inspections have ratings.judging instead",
        "probability",
        default=None,
    )
    team: dict[str, Team] = quantity("seats of the team; the seat called lead is a single inspector who may lead")

    @model_validator(mode="after")
    def _is_a_team(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[str]:
        if "lead" not in self.team:
            yield "team: a seat called lead is needed"
        elif set(self.team["lead"].people.values()) != {1}:
            yield "team.lead.people: must be 1 for every size"
        for name, seat in self.team.items():
            if len(seat.on_site_days) != self.fieldwork_weeks:
                yield f"team.{name}.on_site_days: give {self.fieldwork_weeks} weeks, to match fieldwork_days"

    @cached_property
    def fieldwork_weeks(self) -> int:
        """Return the number of calendar weeks that the fieldwork touches."""
        return -(-self.fieldwork_days // WEEKDAYS)

    @cached_property
    def weeks_on_site(self) -> WeeksOnSite:
        """Return the weeks of the fieldwork, counted from 0, with somebody on site."""
        return tuple(
            week for week in range(self.fieldwork_weeks) if any(seat.on_site_days[week] for seat in self.team.values())
        )

    @cached_property
    def seats(self) -> tuple[tuple[Team, bool], ...]:
        """Return the seats of the team in the order of filling, the lead's first, each with whether it is the
        lead's.
        """
        others = [(seat, False) for name, seat in self.team.items() if name != "lead"]
        return (self.team["lead"], True), *others

    def fieldwork_end(self, monday: int) -> int:
        """Return the last day on site of fieldwork that begins on a Monday of open weeks."""
        whole_weeks, rest = divmod(self.fieldwork_days - 1, WEEKDAYS)
        return monday + DAYS_A_WEEK * whole_weeks + rest

    def earliest_monday(self, today: int, calendar: Calendar) -> int:
        """Return the first Monday on which fieldwork requested on a day can begin: the next Monday, plus the notice."""
        earliest = calendar.monday_from(today) + DAYS_A_WEEK * self.notice_weeks
        return earliest if self.begins_on is None else max(earliest, self.first_monday(calendar))

    def first_monday(self, calendar: Calendar) -> int:
        """Return the first Monday on which such a visit may take place."""
        return -NEVER if self.begins_on is None else calendar.monday_from(calendar.day(self.begins_on))

    def inspector_days(self, size: Size) -> int:
        """Return the inspector-days that the team's diaries need, without travel from elsewhere."""
        return sum(seat.people[size] * seat.days for seat in self.team.values())


def kind_by_name(kind: Kind) -> KindOfVisit:
    """Return the kind of visit of which only the name is given."""
    return KindOfVisit(kind, CALLED.get(kind, kind.replace("_", " ")), kind in INSPECTIONS, kind not in MEETINGS)


def _kind(name: VisitName, rules: VisitRules, part: Part | None) -> KindOfVisit:
    """Return the kind of the visits of some rules, and supply what files of earlier versions do not say."""
    found = kind_by_name(rules.counted_as or COUNTED_AS.get(name, name))
    return found._replace(
        called=rules.called or found.called,
        gives_judgement=found.gives_judgement if rules.gives_judgement is None else rules.gives_judgement,
        is_contact=found.is_contact if rules.is_contact is None else rules.is_contact,
        part=part,
    )


class Recurring(Section):
    """Describes a visit that recurs at each authority, on its own dates and whatever else is requested there."""

    every_months: Annotated[int, Field(ge=1, le=240)] = quantity("time from one to the next", "months")
    window_before_weeks: Weeks = quantity("length of the window before the due date", "weeks")
    window_after_weeks: Weeks = quantity("length of the window after the due date", "weeks")
    judgements: tuple[Judgement, ...] | None = quantity(
        "judgements of the authorities that get it, as they are when its window opens; if not given, all get it",
        default=None,
    )


class JointInspections(Section):
    """Describes joint targeted area inspections, in which the inspectorate takes part."""

    kind: VisitName = quantity("kind of joint inspections, by the name of its rules", default="joint")
    begins_on: datetime.date | None = quantity("first day on which there are joint inspections", default=None)
    low_a_year: Whole = quantity("fewest in a year", "visits a year")
    high_a_year: Whole = quantity("most in a year", "visits a year")
    among_authorities: Annotated[int, Field(ge=1)] = quantity(
        "number of authorities to which these numbers apply; they change in proportion to the number in the table",
        "authorities",
    )
    window_weeks: Weeks = quantity("length of the window after the planned date", "weeks")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low_a_year > self.high_a_year:
            raise ValueError("low_a_year must not exceed high_a_year")
        return self


class DeskWork(Section):
    """Describes work that needs no fixed days and no place in a diary.

    Reading intelligence reduces the time that people have for visits; oversight is counted but reduces nobody's time.
    """

    intelligence_role: Role = quantity("role that reads intelligence and complaints")
    intelligence_days: Days = quantity(
        "reading intelligence and complaints for one authority in a year", "inspector-days"
    )
    oversight_role: Role = quantity("role that manages visits and assures their quality")


class Framework(Section):
    """Describes one framework: its kinds of visit, what follows each judgement, and the yearly work."""

    title: str = quantity("name of the framework")
    in_force_from: datetime.date = quantity("first day on which the framework is used")
    visits: dict[VisitName, VisitRules] = quantity("rules of each kind of visit")
    pathways: dict[Judgement, Pathway] = quantity("what follows each judgement")
    engagement: Recurring | None = quantity("annual engagement meetings, with a self-evaluation", default=None)
    recurring: dict[VisitName, Recurring] = quantity(
        "other visits that recur on their own dates",
        default_factory=dict,
        validate_default=True,
    )
    joint: JointInspections | None = quantity("joint inspections", default=None)
    desk_work: DeskWork = quantity("desk work, which needs no place in a diary")
    four_judgements: FourJudgements | None = quantity(
        "the four judgements, if no overall one is published; not given with an overall judgement",
        default=None,
    )

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[str]:
        yield from self._faults_of_grades()
        if self.engagement is not None and "engagement" in self.recurring:
            yield "recurring.engagement: it is already given under engagement"
        for name, rules in self.visits.items():
            kind, publication = self.kind(name), rules.publication
            if not kind.gives_judgement and publication is not None and publication.inadequate_extra_days is not None:
                yield f"visits.{name}.publication.inadequate_extra_days: a {name} visit gives no judgement"
            if kind.gives_judgement and rules.accuracy is not None:
                yield f"visits.{name}.accuracy: give the accuracy of inspections in ratings.judging"
            if kind.gives_judgement and not kind.is_contact:
                yield f"visits.{name}.is_contact: an inspection is always a contact"
            if not kind.is_contact and rules.accuracy is not None:
                yield f"visits.{name}.accuracy: {kind.with_article} does not assess quality"
            yield from self._faults_of_kind(name, kind)
        yield from self._faults_of_sizes()
        yield from self._faults_of_requests()

    @cached_property
    def sizes(self) -> tuple[Size, ...]:
        """Return the sizes of authority for which its teams have people, in the order in which they first appear."""
        seats = (seat for rules in self.visits.values() for seat in rules.team.values())
        return tuple(dict.fromkeys(size for seat in seats for size in seat.people))

    def _faults_of_sizes(self) -> Iterator[str]:
        for name, rules in self.visits.items():
            for seat, team in rules.team.items():
                missing = [size for size in self.sizes if size not in team.people]
                if missing:
                    words = f"give people for {', '.join(self.sizes)}; missing: {', '.join(missing)}"
                    yield f"visits.{name}.team.{seat}: {words}"

    def _faults_of_requests(self) -> Iterator[str]:
        """List visits that are requested without rules, in a part that they cannot play, or in two parts."""
        missing = {name for _, name, _ in self._requests()} - set(self.visits)
        if missing:
            yield f"visits: rules are missing for {', '.join(sorted(missing))}"
        first: dict[VisitName, tuple[str, Part]] = {}
        for key, name, part in self._requests():
            before, as_part = first.setdefault(name, (key, part))
            if part != as_part:
                yield f"{key}: {before} already asks for {name}; give each its own rules, with counted_as if needed"
            if part == "inspection" and name not in self.visits:
                yield f"{key}: {name!r} has no rules; {self._that_give_one()}"
            elif part == "inspection" and not self.kind(name).gives_judgement:
                yield f"{key}: {name} gives no judgement; {self._that_give_one()}"
            elif name in self.visits and part in ("between", "monitoring", "joint"):
                kind = self.kind(name)
                if kind.gives_judgement or not kind.is_contact:
                    fault = "gives a judgement" if kind.gives_judgement else "is not a contact"
                    yield f"{key}: {name} {fault}; name a visit that is a contact and gives no judgement"

    def _requests(self) -> Iterator[tuple[str, VisitName, Part]]:
        """Yield everything that asks for visits: its key, the visit, and the part it plays."""
        for judgement, pathway in self.pathways.items():
            for key, name, part in pathway.visits():
                yield f"pathways.{judgement}.{key}", name, part
        for name in self.recurs:
            yield f"recurring.{name}", name, "recurring"
        if self.joint is not None and self.joint.high_a_year:
            yield "joint.kind", self.joint.kind, "joint"

    def _faults_of_grades(self) -> Iterator[str]:
        """List grades that have a pathway but no share in a table by grade, or the reverse."""
        tables = {
            f"pathways.{judgement}.{key}": shares
            for judgement, pathway in self.pathways.items()
            for key, shares in pathway.by_grade()
        }
        spoken_of = dict.fromkeys(grade for shares in tables.values() for grade in shares)
        absent = [grade for grade in spoken_of if grade not in self.pathways]
        if absent:
            yield f"pathways: give a pathway for every judgement; missing: {', '.join(absent)}"
        for key, shares in tables.items():
            missing = [grade for grade in self.pathways if grade not in shares]
            if missing:
                yield f"{key}: give a share for every grade; missing: {', '.join(missing)}"
        for name, rules in self.recurring.items():
            yield from undeclared(f"recurring.{name}.judgements", rules.judgements or (), list(self.pathways))

    def _faults_of_kind(self, name: VisitName, kind: KindOfVisit) -> Iterator[str]:
        """List what is wrong with a kind that several rules share, or that has another name than its rules."""
        key = f"visits.{name}.counted_as" if self.visits[name].counted_as else f"visits.{name}"
        if kind.name in TAKEN:
            yield f"{key}: measures already use the word {kind.name}; give another name"
        for other in self.visits:
            of_other = self.kind(other)
            if other < name and of_other.name == kind.name and not of_other.is_like(kind):
                yield f"{key}: {other} also counts as {kind.name}; both must agree on gives_judgement and is_contact"

    def _that_give_one(self) -> str:
        judging = [name for name in self.visits if self.kind(name).gives_judgement]
        return f"allowed: {', '.join(sorted(judging))}" if judging else "no visit here gives one"

    @cached_property
    def recurs(self) -> dict[VisitName, Recurring]:
        """Return everything that recurs, by the name of its rules."""
        return ({} if self.engagement is None else {"engagement": self.engagement}) | self.recurring

    @cached_property
    def asked_for(self) -> set[VisitName]:
        """Return the names of the visits that anything asks for, even if the number asked for is 0."""
        named = {name for _, name, _ in self._requests()}
        named |= {contact.kind for pathway in self.pathways.values() for contact in pathway.on_the_way}
        return named | ({self.joint.kind} if self.joint is not None else set())

    @cached_property
    def by_video(self) -> dict[Part, set[VisitName]]:
        """Return the rules of visits by video, by the part of the contact that they count as; see
        :attr:`Pathway.by_video`.
        """
        found: dict[Part, set[VisitName]] = {}
        for contact in (pathway.by_video for pathway in self.pathways.values()):
            if contact is not None:
                found.setdefault(contact.rules.part, set()).add(contact.kind)
        return found

    def kind(self, name: VisitName) -> KindOfVisit:
        """Return the kind of the visits of some rules."""
        return self._kinds[name]

    @cached_property
    def _kinds(self) -> dict[VisitName, KindOfVisit]:
        parts = {name: part for _, name, part in self._requests()}
        return {name: _kind(name, rules, parts.get(name)) for name, rules in self.visits.items()}
