"""Worlds that the tests build, and what they read off a run without asking the code under test."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

from hypothesis import strategies as st

from sim.base.calendar import bank_holidays
from sim.inputs.authorities import Authority
from sim.inputs.framework import SIZES, Framework, Role, Size, Team, VisitRules
from sim.inputs.grades import JUDGEMENTS, Judgement
from sim.inputs.pathways import VisitName
from sim.inputs.scenario import Scenario, load, load_framework
from sim.record.rows import AssignmentRow, Record, VisitRow
from sim.runs.model import Model
from sim.world.entities import Visit
from sim.world.inspectors import Inspector
from sim.world.world import World

WEEK = 7
REGIONS = ("North", "South")
MEDIAN_LAG: dict[VisitName, int] = {
    "short": 25, "standard": 21, "single_inspection": 36, "single_reinspection": 36, "focused": 21, "monitoring": 21,
    "joint": 30,
}  # fmt: skip
"""Working days to publication in a quiet world."""


# ---------------------------------------------------------------- quiet worlds, in which all can be worked out by hand


def authority(name: str, region: str, judgement: Judgement, inspected_on: str, size: Size = "medium") -> Authority:
    return Authority(
        authority=name,
        region=region,
        judgement=judgement,
        inspected_on=date.fromisoformat(inspected_on),
        size=size,
    )


def all_sizes(people: int) -> dict[str, int]:
    return dict.fromkeys(SIZES, people)


def only_open(*weeks: int) -> tuple[int, ...]:
    """Closed ISO weeks that leave these ones open."""
    return tuple(week for week in range(1, 54) if week not in weeks)


def no_drift() -> dict[str, object]:
    """Quality that stays where it is."""
    return {
        f"ratings.drift.{JUDGEMENTS[grade]}.{JUDGEMENTS[to]}": 0.0
        for grade in range(4)
        for to in (grade - 1, grade + 1)
        if 0 <= to < 4
    }


def perfect_judging() -> dict[str, object]:
    """Inspections that are always right."""
    return {
        f"ratings.judging.{true}.{judgement}": float(true == judgement)
        for true in JUDGEMENTS
        for judgement in JUDGEMENTS
    }


def nobody_away() -> dict[str, object]:
    """Full-time people who are never on leave, ill or in training, and never leave."""
    changes: dict[str, object] = {f"workforce.{name}": 0 for name in ("leave_days", "training_days")} | {
        "workforce.sick_days": 0.0,
        "workforce.part_time_share": 0.0,
    }
    for role in ("social_care_hmi", "schools_hmi", "regulatory_inspector", "senior_hmi"):
        changes |= {f"workforce.roles.{role}.turnover_a_year": 0.0, f"workforce.roles.{role}.programme_share": 1.0}
    return changes


def nothing_held_back() -> dict[str, object]:
    """A plan in which whatever is due is begun as soon as there is a team, by people with three days in five for it.

    Weeks are drawn, and what is late soonest comes first.
    """
    return {
        "planning.programme": "drawn",
        "planning.order": "due_date",
        "planning.backlog_months": 0,
        "planning.transition_months": 0,
        "planning.most_inspections": None,
        "workforce.roles.social_care_hmi.programme_share": 0.62,
    }


def few_of(scenario: Scenario, authorities: int = 8, people: int = 4) -> Scenario:
    """The same with one in so many authorities and people, for tests of what does not depend on how many there are."""
    roles = scenario.workforce.roles
    fewer = {f"workforce.roles.{role}.people": max(2, rules.people // people) for role, rules in roles.items()}
    return scenario.with_changes({"authorities": scenario.authorities[::authorities], **fewer})


def no_late_beginning(*frameworks: str) -> dict[str, object]:
    """Short and standard inspections from the first day of these frameworks on."""
    kinds = ("short", "standard")
    return {f"frameworks.{name}.visits.{kind}.begins_on": None for name in frameworks for kind in kinds}


def posts(role: Role, by_region: Mapping[str, int]) -> dict[str, object]:
    key = f"workforce.roles.{role}"
    return {f"{key}.people": sum(by_region.values()), f"{key}.by_region": dict(by_region)}


def _plain_rules(framework: str) -> dict[str, object]:
    """A lead and one inspector to every visit, who see what is; reports on time; inspections on their due date."""
    key = f"frameworks.{framework}"
    changes: dict[str, object] = {f"{key}.engagement": None, f"{key}.joint": None}
    changes[f"{key}.desk_work.intelligence_days"] = 0.0
    there = load_framework(framework)
    for kind in (kind for kind in MEDIAN_LAG if kind in there.visits):
        changes[f"{key}.visits.{kind}.publication.median_days"] = float(MEDIAN_LAG[kind])
        changes[f"{key}.visits.{kind}.publication.p90_days"] = float(MEDIAN_LAG[kind])
        changes[f"{key}.visits.{kind}.team.inspectors.people"] = all_sizes(1)
        changes[f"{key}.visits.{kind}.begins_on"] = None
        if kind in ("focused", "monitoring", "joint"):
            changes[f"{key}.visits.{kind}.accuracy"] = 1.0
    changes[f"{key}.pathways.inadequate.contacts.monitoring.enough_progress"] = None
    left_empty: dict[VisitName, tuple[str, ...]] = {
        "short": ("schools", "regulatory"),
        "standard": ("schools", "regulatory"),
        "single_inspection": ("schools", "advance"),
        "single_reinspection": ("schools",),
    }
    for kind, seats in left_empty.items():
        if kind in there.visits:
            changes |= {f"{key}.visits.{kind}.team.{seat}.people": all_sizes(0) for seat in seats}
    for judgement in JUDGEMENTS:
        pathway = f"{key}.pathways.{judgement}"
        changes |= {f"{pathway}.planned_from_months": 0, f"{pathway}.planned_to_months": 0}
    return changes


def quiet(
    authorities: Iterable[Authority],
    inspectors: Mapping[str, int],
    changes: Mapping[str, object] | None = None,
    framework: Sequence[str] = ("ilacs_2017",),
    years: int = 1,
) -> Scenario:
    """World of two regions without chance, from Wednesday 31 January 2018."""
    nobody = dict.fromkeys(REGIONS, 0)
    values: dict[str, object] = {
        "draws": "none",
        "framework": tuple(framework),
        "authorities": tuple(authorities),
        "years": years,
        "workforce.regions": REGIONS,
        "workforce.roles.social_care_hmi.may_lead_share": 1.0,
        "workforce.carry_over_days": 0,
        **nothing_held_back(),
        **nobody_away(),
        **no_drift(),
        **perfect_judging(),
        **posts("social_care_hmi", nobody | dict(inspectors)),
    }
    for role in ("schools_hmi", "regulatory_inspector", "senior_hmi"):
        values |= posts(role, nobody)
    for name in framework:
        values |= _plain_rules(name)
    return load("ilacs_launch", values | dict(changes or {}))


def without_focused(framework: str = "ilacs_2017") -> dict[str, object]:
    return {f"frameworks.{framework}.pathways.{judgement}.contacts.focused": None for judgement in JUDGEMENTS}


def none_but_by_video(framework: str = "ilacs_2017") -> dict[str, object]:
    """No focused visits, though the pathways keep the contact as which those by video are held."""
    judgements = ("outstanding", "good", "requires_improvement")
    return {f"frameworks.{framework}.pathways.{each}.contacts.focused.visits": 0 for each in judgements}


Line = tuple[str, str, str | None, str | None, str | None, str, tuple[str, ...]]
"""Authority, kind, first and last day on site, publication, status, team with the lead first."""


def log(scenario: Scenario) -> list[Line]:
    """Complete log of the visits of a run, in order of fieldwork."""
    return lines(scenario, Model(scenario).run())


def lines(scenario: Scenario, record: Record) -> list[Line]:
    """Log of a run that is over."""
    teams: dict[int, list[str]] = defaultdict(list)
    for part in record.assignments:
        teams[part.visit].append(part.inspector.removeprefix(f"{part.role} "))

    def iso(day: int | None) -> str | None:
        return None if day is None else (scenario.start + timedelta(days=day)).isoformat()

    found = [
        (
            row.authority,
            row.kind,
            iso(row.fieldwork_start),
            iso(row.fieldwork_end),
            iso(row.published),
            row.status,
            tuple(teams[row.visit]),
        )
        for row in record.visits
    ]
    return sorted(found, key=lambda line: (line[2] or "9999", line[0]))


# ---------------------------------------------------------------- runs, and what is seen from outside


@dataclass(eq=False)
class Run:
    """A run that is over, and the day on which each visit was asked for."""

    scenario: Scenario
    replication: int
    world: World
    record: Record
    asked: list[int]
    people: dict[str, Inspector] = field(default_factory=dict)

    def __repr__(self) -> str:
        roles = {role: rules.people for role, rules in self.scenario.workforce.roles.items()}
        table = [
            (row.authority, row.region, row.judgement, str(row.inspected_on), row.size)
            for row in self.scenario.authorities
        ]
        return (
            f"Run(seed={self.scenario.seed}, replication={self.replication}, start={self.scenario.start}, "
            f"years={self.scenario.years}, framework={self.scenario.framework}, people={roles}, "
            f"closed={self.scenario.calendar.closed_weeks}, authorities={table})"
        )

    def day(self, when: date) -> int:
        return (when - self.scenario.start).days

    def date(self, day: int) -> date:
        return self.scenario.start + timedelta(days=day)

    def monday(self, day: int) -> int:
        return day - self.date(day).weekday()

    def workdays(self, first: int, last: int) -> list[int]:
        """Days from Monday to Friday that are no bank holiday, found one by one."""
        days = range(first, last + 1)
        return [day for day in days if self.date(day).weekday() < 5 and self.date(day) not in bank_holidays()]

    def framework(self, day: int) -> Framework:
        """Framework in force on a day, from its date alone."""
        rules = [self.scenario.frameworks[name] for name in self.scenario.framework]
        begun = [framework for framework in rules[1:] if framework.in_force_from <= self.date(day)]
        return begun[-1] if begun else rules[0]

    def rules(self, visit: VisitRow) -> VisitRules:
        """Rules of a visit: those in force when its team was found, or in the end."""
        framework = self.framework(self.record.horizon if visit.notified is None else visit.notified)
        name: VisitName = visit.kind
        if visit.kind == "single_inspection":
            name = framework.pathways[visit.judgement_before].inspection
        return framework.visits[name]

    def travel(self, part: AssignmentRow) -> int:
        region = self.record.visits[part.visit].region
        away = self.people[part.inspector].region != region
        return self.scenario.planning.travel_days_elsewhere if away else 0

    def seat(self, part: AssignmentRow) -> Team:
        """Seat that an assignment fills, found by role, lead and days."""
        rules = self.rules(self.record.visits[part.visit])
        days = part.days - self.travel(part)
        (seat,) = (
            seat
            for name, seat in rules.team.items()
            if (name == "lead") == part.lead and seat.role == part.role and days_of_seat(seat) == days
        )
        return seat

    def on_site(self, part: AssignmentRow) -> list[int]:
        """Days on site of an assignment."""
        start = self.record.visits[part.visit].fieldwork_start
        assert start is not None
        weeks = enumerate(self.seat(part).on_site_days)
        return [start + WEEK * week + day for week, days in weeks for day in range(days)]

    def worked(self, part: AssignmentRow) -> list[int]:
        """Days of work of an assignment: preparation and travel, days on site, writing up."""
        on_site = self.on_site(part)
        before = self.workdays(part.first_day, on_site[0] - 1)
        return [*before, *on_site, *self.workdays(on_site[-1] + 1, part.last_day)]


def days_of_seat(seat: Team) -> int:
    return seat.preparation_days + sum(seat.on_site_days) + seat.writing_up_days


def run(scenario: Scenario, replication: int = 0) -> Run:
    """Run a replication, noting when each visit is asked for."""
    model = Model(scenario, replication)
    world, ask = model.world, model.world.ask
    asked: list[int] = []

    def noted(*arguments: Any, **named: Any) -> Visit:
        asked.append(world.clock.today)
        return ask(*arguments, **named)

    with patch.object(world, "ask", noted):
        record = model.run()
    people = {person.name: person for person in world.workforce.everybody}
    return Run(scenario, replication, world, record, asked, people)


# ---------------------------------------------------------------- worlds drawn by hypothesis

FRAMEWORKS: tuple[tuple[str, ...], ...] = (("ilacs_2017",), ("ilacs_2018",), ("ilacs_2017", "ilacs_2018"))


@st.composite
def scenarios(draw: st.DrawFn, frameworks: Sequence[tuple[str, ...]] = FRAMEWORKS, findings: bool = True) -> Scenario:
    """Small scenarios of all sorts, short of people more often than not."""
    start = draw(st.dates(date(2016, 1, 1), date(2022, 12, 31)))
    framework = draw(st.sampled_from(frameworks))
    regions = draw(st.sampled_from([("North",), REGIONS, ("North", "South", "East")]))
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(regions), st.sampled_from(JUDGEMENTS), st.integers(0, 1600), st.sampled_from(SIZES)
            ),
            min_size=1,
            max_size=12,
        )
    )
    changes: dict[str, object] = {
        "start": start,
        "years": draw(st.integers(2, 3)),
        "seed": draw(st.integers(0, 10**6)),
        "framework": framework,
        "authorities": tuple(
            authority(f"{region} {number}", region, judgement, str(start - timedelta(days=age)), size)
            for number, (region, judgement, age, size) in enumerate(rows)
        ),
        "calendar.closed_weeks": tuple(sorted(draw(st.sets(st.integers(1, 53), max_size=16)))),
        "planning.travel_days_elsewhere": draw(st.integers(0, 2)),
        "workforce.regions": regions,
        "workforce.leave_days": draw(st.integers(0, 35)),
        "workforce.sick_days": float(draw(st.integers(0, 20))),
        "workforce.roles.social_care_hmi.people": draw(st.integers(3, 30)),
        "workforce.roles.social_care_hmi.may_lead_share": draw(st.sampled_from([0.3, 0.5, 1.0])),
        "workforce.roles.social_care_hmi.turnover_a_year": draw(st.sampled_from([0.0, 0.12, 0.8])),
        "workforce.roles.schools_hmi.people": draw(st.integers(1, 8)),
        "workforce.roles.regulatory_inspector.people": draw(st.integers(1, 8)),
    }
    interval = draw(st.sampled_from([12, 24, 36]))
    for name in framework:
        for judgement in ("outstanding", "good", "requires_improvement"):
            pathway = f"frameworks.{name}.pathways.{judgement}"
            changes[f"{pathway}.interval_months"] = interval
            if not findings:
                changes[f"{pathway}.contacts.focused.priority_action_share"] = dict.fromkeys(JUDGEMENTS, 0.0)
    changes |= {"planning.most_inspections": draw(st.sampled_from([None, 2, 7]))}
    changes |= {"planning.backlog_months": draw(st.sampled_from([0, 30]))}
    changes |= {"planning.transition_months": draw(st.sampled_from([None, 0, 30]))}
    changes |= {"planning.programme": draw(st.sampled_from(["drawn", "levelled", "optimised"]))}
    changes |= {"workforce.carry_over_days": draw(st.sampled_from([0, 5, 20]))}
    return load("ilacs_launch", changes)


@st.composite
def runs(draw: st.DrawFn, frameworks: Sequence[tuple[str, ...]] = FRAMEWORKS, findings: bool = True) -> Run:
    """Runs of such scenarios that are over; drawn in one piece, so that a failure prints a run in one line."""
    return run(draw(scenarios(frameworks, findings)), draw(st.integers(0, 3)))
