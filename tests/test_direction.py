"""With unlimited staff nothing waits; more people never make it later; longer intervals mean fewer inspections."""

from __future__ import annotations

import numpy as np

from sim.framework import INSPECTIONS
from sim.scenario import Scenario, load
from tests.worlds import run


def staffed(people: int, seed: int, years: int = 4, interval: int = 36) -> Scenario:
    changes: dict[str, object] = {"seed": seed, "years": years, "framework": "ilacs_2017"}
    changes["workforce.roles.social_care_hmi.people"] = people
    for judgement in ("outstanding", "good", "requires_improvement"):
        changes[f"frameworks.ilacs_2017.pathways.{judgement}.interval_months"] = interval
    return load("ilacs_launch", changes)


def test_with_unlimited_staff_no_visit_waits() -> None:
    # Nobody is on leave: a report that would be written in a closed week, when four in five people are away, may find
    # none of a region's thirty leads.
    changes: dict[str, object] = {"workforce.leave_days": 0, "workforce.training_days": 0}
    changes |= {f"workforce.roles.{role}.people": 300 for role in ("schools_hmi", "regulatory_inspector")}
    seen = run(staffed(600, seed=3, years=3).with_changes(changes))
    busy: dict[str, set[int]] = {}
    for visit in seen.world.visits:
        if visit.fieldwork_start is not None and visit.kind != "engagement":
            weeks = {visit.fieldwork_start + 7 * week for week in range(visit.rules.fieldwork_weeks)}
            busy[visit.authority.name] = busy.get(visit.authority.name, set()) | weeks
    waited = [
        visit
        for visit in seen.world.visits
        if visit.fieldwork_start is not None and visit.fieldwork_start != visit.planned
    ]
    # The only reason to wait is another visit on site at the authority in the planned week.
    for visit in waited:
        weeks = {visit.planned + 7 * week for week in range(visit.rules.fieldwork_weeks)}
        assert weeks & busy[visit.authority.name]
    assert len(waited) < 0.02 * len(seen.world.visits)
    over_by = seen.record.horizon - 60
    assert not any(visit.status == "waiting" and visit.planned <= over_by for visit in seen.world.visits)


def mean_wait(scenario: Scenario) -> float:
    """Mean days from the planned Monday of an inspection to its fieldwork, or to the end if it never began."""
    seen = run(scenario)
    end = seen.record.horizon
    waits = [
        min(end, end if visit.fieldwork_start is None else visit.fieldwork_start) - visit.planned
        for visit in seen.world.visits
        if visit.kind in INSPECTIONS and visit.planned <= end
    ]
    return float(np.mean(waits))


def test_more_inspectors_are_never_later_on_average() -> None:
    # Over eight seeds the paired differences had means of 527 and 143 days and standard deviations of 23 and 24: the
    # smaller one lies six standard deviations from none, so chance raises an alarm less than once in a million.
    for seed in (1, 2, 3):
        few, some, many = (mean_wait(staffed(people, seed)) for people in (24, 44, 90))
        assert few > some > many >= 0


def inspections_begun(scenario: Scenario) -> int:
    return sum(row.kind in INSPECTIONS and row.fieldwork_start is not None for row in run(scenario).record.visits)


def test_a_longer_interval_gives_fewer_inspections() -> None:
    # About 530, 315 and 210 inspections over eight seeds, with standard deviations below 6: the differences lie more
    # than twelve standard deviations from none, so chance raises no alarm.
    for seed in (1, 2, 3):
        worlds = [staffed(120, seed, years=6, interval=months) for months in (18, 36, 54)]
        short, usual, long = (inspections_begun(world) for world in worlds)
        assert short > usual > long


def joint_inspections(every: int, seed: int) -> int:
    """Joint inspections asked for in four years of every authority, or of every second one."""
    whole = staffed(120, seed)
    some = whole.with_changes({"authorities": whole.authorities[::every]})
    return sum(row.kind == "joint" for row in run(some).record.visits)


def test_half_as_many_authorities_have_half_as_many_joint_inspections() -> None:
    # 8 to 10 a year for 152: 36 in four years, give or take a few; for 76 of them 18, rounded up or down each year.
    for seed in (1, 2):
        assert 30 <= joint_inspections(1, seed) <= 42
        assert 14 <= joint_inspections(2, seed) <= 22
