"""Every visit that falls due is there, done or not: followed through each authority's cycle, and at both extremes."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from sim.base.calendar import add_months
from sim.base.package_data import by_name
from sim.inputs.framework import INSPECTIONS, Kind
from sim.inputs.scenario import Scenario, load
from sim.inputs.shocks import reorganisations
from sim.inputs.windows import contact_window
from sim.record.rows import VisitRow
from sim.runs.ensemble import measures_of
from tests.worlds import (
    WEEK,
    Run,
    authority,
    no_late_beginning,
    nothing_held_back,
    only_open,
    quiet,
    run,
    runs,
    without_focused,
)

few = settings(
    max_examples=15,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # a drawn scenario is small as it is; shrinking one takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
FEW_AUTHORITIES = 20
SINGLE: tuple[tuple[str, ...], ...] = (("ilacs_2017",), ("ilacs_2018",))


def months_after(run: Run, day: int, months: int) -> int:
    return run.day(add_months(run.date(day), months))


def rows_of(run: Run, *kinds: Kind) -> dict[str, list[VisitRow]]:
    """Visits of some kinds by authority, in the order in which they were asked for."""
    rows: dict[str, list[VisitRow]] = {row.authority: [] for row in run.scenario.authorities}
    for row in run.record.visits:
        if row.kind in kinds:
            rows[row.authority].append(row)
    return rows


def cycles(run: Run, name: str) -> list[tuple[str, int, int]]:
    """Judgements of an authority: the judgement, the last day on site, and the day from which it counts."""
    (position,) = (row for row in run.scenario.authorities if row.authority == name)
    seen = [(str(position.judgement), run.day(position.inspected_on), 0)]
    for row in rows_of(run, *INSPECTIONS)[name]:
        if row.published is not None and row.fieldwork_end is not None:
            seen.append((str(row.judgement_after), row.fieldwork_end, row.published))
    return seen


def windows_not_asked(run: Run) -> list[str]:
    """Windows of inspections and focused visits that opened without a row, in worlds of one framework, no findings."""
    rules, horizon = run.framework(0), run.record.horizon
    inspections, focused_visits = rows_of(run, *INSPECTIONS), rows_of(run, "focused")
    missing = []
    for name, rows in inspections.items():
        for number, (judgement, ended, counts_from) in enumerate(cycles(run, name)):
            pathway = rules.pathways[judgement]
            due = months_after(run, ended, pathway.interval_months)
            opens = max(ended, months_after(run, due, -pathway.window_before_months))
            if pathway.monitoring is not None:
                continue
            if max(opens, counts_from) <= horizon and [row.opens for row in rows[number : number + 1]] != [opens]:
                missing.append(f"{name}: inspection from {opens}")
            asked = {row.due for row in focused_visits[name]}
            focused = pathway.between[0].rules
            for visit in range(1, focused.most + 1):
                window = contact_window(pathway, focused, visit, ended, run.world.calendar)
                if counts_from <= window.opens < opens and window.opens <= horizon and window.due not in asked:
                    missing.append(f"{name}: focused visit from {window.opens}")
    return missing


@few
@given(runs(SINGLE, findings=False))
def test_every_window_that_opens_has_a_row(run: Run) -> None:
    assert windows_not_asked(run) == []


@few
@given(runs(SINGLE, findings=False))
def test_an_authority_has_one_inspection_a_cycle_and_no_more(run: Run) -> None:
    for name, rows in rows_of(run, *INSPECTIONS).items():
        published = [row for row in rows if row.status == "published"]
        assert rows[: len(published)] == published
        assert len(rows) <= len(published) + 1
        assert len(cycles(run, name)) == len(published) + 1


@few
@given(runs())
def test_an_inadequate_authority_is_never_left_alone_for_more_than_a_quarter(run: Run) -> None:
    # After a monitoring visit the next contact is asked for within 13 weeks: four weeks ahead of the next visit, a
    # quarter after this one's due date if it was given up, or at most 3 months less a month for a re-inspection.
    contacts = rows_of(run, "monitoring", *INSPECTIONS)
    for rows in contacts.values():
        for row, later in pairwise([*rows, None]):
            assert row is not None
            if row.kind == "monitoring":
                base = row.due if row.fieldwork_start is None else max(row.due, row.fieldwork_start)
                if base + 13 * WEEK <= run.record.horizon:
                    assert later is not None
                    assert run.asked[later.visit] <= base + 13 * WEEK


@few
@given(runs())
def test_engagement_meetings_fall_due_a_year_apart_for_every_authority(run: Run) -> None:
    for rows in rows_of(run, "engagement").values():
        due = [run.date(row.due) for row in rows]
        assert 0 <= rows[0].due <= 366
        assert all(later == add_months(earlier, 12) for earlier, later in pairwise(due))
        assert run.day(add_months(due[-1], 12)) - 4 * WEEK > run.record.horizon


def jointly_inspected(**changes: object) -> list[tuple[str, date]]:
    """Joint inspections, sixty of sixty authorities in each calendar year, on whichever Mondays chance gives them."""
    table = tuple(authority(f"North {number}", "North", "good", "2017-06-02") for number in range(60))
    values = {
        "authorities": table,
        "workforce.regions": ("North",),
        "framework": "ilacs_2017",
        "frameworks.ilacs_2017.joint.low_a_year": 60,
        "frameworks.ilacs_2017.joint.high_a_year": 60,
        "frameworks.ilacs_2017.joint.among_authorities": 60,
    }
    seen = run(load("ilacs_launch", values | changes))
    return [(row.authority, seen.date(row.due)) for row in seen.record.visits if row.kind == "joint"]


def test_every_whole_year_has_its_joint_inspections() -> None:
    by_year: dict[int, int] = defaultdict(int)
    for _, due in jointly_inspected():
        by_year[due.year] += 1
    assert {year: by_year[year] for year in range(2019, 2028)} == dict.fromkeys(range(2019, 2028), 60)


def test_a_part_of_a_year_has_the_joint_inspections_that_fall_in_it() -> None:
    # A start on Wednesday 11 July leaves out what fell before Monday 30 July, the first to be called with two weeks'
    # notice, and moves nothing. The last ones are asked for three weeks ahead.
    whole = [(name, due) for name, due in jointly_inspected(start=date(2018, 1, 1), years=2) if due.year < 2020]
    part = jointly_inspected(start=date(2018, 7, 11), years=1)
    assert len(whole) > 100
    assert part == [
        (name, due) for name, due in whole if date(2018, 7, 30) <= due < date(2019, 7, 11) + timedelta(days=21)
    ]
    assert 0 < sum(due.year == 2018 for _, due in part) < 40


@pytest.mark.parametrize("day", [15, 22, 31])
def test_a_start_in_the_last_weeks_of_a_year_is_possible(day: int) -> None:
    # Weeks 51 to 53 of 2021 have no open Monday left for that year's joint inspections.
    seen = run(load("ilacs_launch", {"start": date(2021, 12, day), "years": 1, "framework": "ilacs_2018"}))
    assert any(row.kind == "joint" and row.due > 31 for row in seen.record.visits)


def test_without_an_open_week_everything_waits() -> None:
    table = [
        authority("Ayton", "North", "good", "2015-06-05"),
        authority("Beeford", "South", "inadequate", "2017-09-01"),
    ]
    # Week 22 alone is not closed by the scenario, and it has the late-May bank holiday in it.
    world = quiet(table, {"North": 3, "South": 3}, {"calendar.closed_weeks": only_open(22)}, years=2)
    joint = {"low_a_year": 2, "high_a_year": 2, "among_authorities": 2, "window_weeks": 8}
    world = world.with_changes({"frameworks.ilacs_2017.joint": joint})
    record = run(world).record
    assert {row.authority for row in record.visits} == {"Ayton", "Beeford"}
    assert {row.status for row in record.visits} <= {"waiting", "cancelled"}


def test_no_notice_is_dated_after_the_last_day() -> None:
    # The last day simulated is Monday 2 January 2023, a bank holiday; the inspection is planned for 9 January, the only
    # open week, so it is called in the week that begins on that day.
    changes: dict[str, object] = {
        **without_focused(),
        "start": date(2020, 1, 3),
        "calendar.closed_weeks": only_open(2),
        "frameworks.ilacs_2017.pathways.good.interval_months": 48,
    }
    seen = run(quiet([authority("Ayton", "North", "good", "2019-01-09")], {"North": 2}, changes, years=3))
    assert seen.date(seen.record.horizon) == date(2023, 1, 2)
    assert [row.kind for row in seen.record.visits] == ["short"]
    assert all(row.notified is None or row.notified <= seen.record.horizon for row in seen.record.visits)


# ---------------------------------------------------------------- the two extremes


def plenty(people: int, seed: int) -> Scenario:
    roles = ("social_care_hmi", "schools_hmi", "regulatory_inspector", "senior_hmi")
    changes: dict[str, object] = {f"workforce.roles.{role}.people": people for role in roles}
    changes["workforce.roles.social_care_hmi.people"] = 2 * people
    changes["workforce.roles.social_care_hmi.may_lead_share"] = 1.0
    return load(
        "ilacs_launch", changes | nothing_held_back() | no_late_beginning("ilacs_2017", "ilacs_2018") | {"seed": seed}
    )


def check_on_time(seen: Run) -> None:
    """Every visit begins in its window; one late at the start on the first Mondays possible."""
    calendar, replaced = seen.world.calendar, {visit.serial for visit in seen.world.visits if visit.replaced}
    done = 0
    for row in seen.record.visits:
        if row.visit in replaced or row.latest > seen.record.horizon:
            continue
        if row.status == "cancelled":
            # Only an inspection brought forward overtakes a focused visit.
            assert row.kind == "focused"
            continue
        assert row.fieldwork_start is not None, row
        possible = calendar.starts(seen.rules(row).weeks_on_site)
        soonest = [day for day in possible if day >= WEEK * seen.rules(row).notice_weeks]
        if row.opens >= 0 or row.latest >= soonest[0] + 2 * WEEK:
            assert row.opens <= row.fieldwork_start <= row.latest, row
        else:
            assert row.fieldwork_start in soonest[:4], row
        done += 1
    assert done > 1000


@pytest.mark.parametrize("seed", [11, 12])
@pytest.mark.slow
def test_with_hundreds_of_people_everything_begins_in_its_window(seed: int) -> None:
    check_on_time(run(plenty(300, seed)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_with_thousands_of_people_everything_begins_in_its_window(seed: int) -> None:
    check_on_time(run(plenty(1500, seed)))


def test_with_three_inspectors_the_run_ends_and_all_that_is_unmet_is_there() -> None:
    # A full inspection takes at least four social care HMI under the first framework, so none of them can begin.
    seen = run(load("ilacs_launch", {"workforce.roles.social_care_hmi.people": 3, "framework": "ilacs_2017"}))
    inspections = rows_of(seen, *INSPECTIONS)
    assert all([row.status for row in rows] == ["waiting"] for rows in inspections.values())
    assert windows_not_asked(seen) == []
    engagement = rows_of(seen, "engagement")
    assert all(len(rows) >= seen.scenario.years for rows in engagement.values())


def few_authorities_of(name: str) -> Scenario:
    """A scenario that ships with some authorities: those that are abolished in it, and a few of the others."""
    whole = load(name)
    gone = {one for _, shock in reorganisations(whole.shocks) for one in shock.abolished}
    step = max(1, len(whole.authorities) // FEW_AUTHORITIES)
    rows = [row for place, row in enumerate(whole.authorities) if not place % step or row.authority in gone]
    return whole.with_changes({"authorities": tuple(rows)})


@pytest.mark.parametrize("name", by_name("scenarios"))
def test_every_scenario_that_ships_runs_for_one_two_and_three_years(name: str) -> None:
    few = few_authorities_of(name)
    for years in (1, 2, 3):
        measured = measures_of(few.with_changes({"years": years}), 0)
        assert measured.values.shape[:2] == (1, len(measured.years)) and len(measured.years) >= years


@pytest.mark.slow
@pytest.mark.parametrize("name", by_name("scenarios"))
def test_every_scenario_that_ships_runs_whole_for_one_two_and_three_years(name: str) -> None:
    for years in (1, 2, 3):
        assert len(measures_of(load(name, {"years": years}), 0).values) == 1
