"""With unlimited staff nothing waits; more people never make it later; longer intervals mean fewer inspections.

A companion beside each plants a fault by which nothing of the kind follows, and shows that it is caught.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import pytest

from sim.base.calendar import Calendar
from sim.inputs import windows
from sim.inputs.framework import INSPECTIONS
from sim.inputs.pathways import Pathway
from sim.inputs.scenario import Scenario, load
from sim.inputs.windows import Finding, Window
from sim.world.inspectors import Inspector
from sim.world.planner import Pool
from tests.worlds import nothing_held_back, run


def falls(values: Sequence[float]) -> bool:
    return all(later < earlier for earlier, later in pairwise(values))


def staffed(people: int, seed: int, years: int = 4, interval: int = 36) -> Scenario:
    changes: dict[str, object] = {"seed": seed, "years": years, "framework": "ilacs_2017"}
    changes["workforce.roles.social_care_hmi.people"] = people
    for judgement in ("outstanding", "good", "requires_improvement"):
        changes[f"frameworks.ilacs_2017.pathways.{judgement}.interval_months"] = interval
    return load("ilacs_launch", changes | nothing_held_back())


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


@pytest.mark.slow
def test_more_inspectors_are_never_later_on_average() -> None:
    # Over eight seeds the paired differences had means of 527 and 143 days and standard deviations of 23 and 24: the
    # smaller one lies six standard deviations from none, so chance raises an alarm less than once in a million.
    for seed in (1, 2, 3):
        waits = [mean_wait(staffed(people, seed)) for people in (24, 44, 90)]
        assert falls(waits) and waits[-1] >= 0


@pytest.mark.slow
def test_a_planner_that_asks_the_same_few_people_however_many_there_are_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queue = Pool.queue

    def of_a_few(pool: Pool, may_lead: bool, regions: tuple[str, ...] | None, least_first: bool) -> list[Inspector]:
        return [inspector for inspector in queue(pool, may_lead, regions, least_first) if inspector.post.number < 3]

    monkeypatch.setattr(Pool, "queue", of_a_few)
    assert not falls([mean_wait(staffed(people, seed=1)) for people in (44, 60, 75, 90)])


def inspections_begun(scenario: Scenario) -> int:
    return sum(row.kind in INSPECTIONS and row.fieldwork_start is not None for row in run(scenario).record.visits)


@pytest.mark.slow
def test_a_longer_interval_gives_fewer_inspections() -> None:
    # About 530, 315 and 210 inspections over eight seeds, with standard deviations below 6: the differences lie more
    # than twelve standard deviations from none, so chance raises no alarm.
    for seed in (1, 2, 3):
        assert falls([inspections_begun(staffed(120, seed, years=6, interval=months)) for months in (18, 36, 54)])


def test_windows_that_know_of_no_interval_but_the_usual_one_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    window = windows.inspection_window

    def usual(pathway: Pathway, anchor: int, findings: Iterable[Finding], calendar: Calendar) -> Window:
        return window(pathway.model_copy(update={"interval_months": 36}), anchor, findings, calendar)

    monkeypatch.setattr(windows, "inspection_window", usual)
    assert not falls([inspections_begun(staffed(120, 1, years=6, interval=months)) for months in (36, 54)])


def joint_inspections(every: int, seed: int, among: int = 152) -> int:
    """Joint inspections asked for in four years of every authority, or of every second one, of so many in England."""
    whole = staffed(120, seed).with_changes({"frameworks.ilacs_2017.joint.among_authorities": among})
    some = whole.with_changes({"authorities": whole.authorities[::every]})
    return sum(row.kind == "joint" for row in run(some).record.visits)


def test_half_as_many_authorities_have_half_as_many_joint_inspections() -> None:
    # 8 to 10 a year for 152: 36 in four years, give or take a few; for 76 of them 18, rounded up or down each year.
    for seed in (1, 2):
        assert 30 <= joint_inspections(1, seed) <= 42
        assert 14 <= joint_inspections(2, seed) <= 22


def test_as_many_joint_inspections_for_half_of_the_authorities_are_caught() -> None:
    assert not 14 <= joint_inspections(2, seed=1, among=76) <= 22
