"""What holds in every run, whatever the scenario: hypothesis draws the scenarios, each test looks at one promise.

What is expected is worked out from the rows and the scenario alone (`tests.worlds.Run`), not by the code under test.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings

from sim.base.calendar import DAYS_A_YEAR, bank_holidays
from sim.inputs.framework import INSPECTIONS
from sim.record.rows import AssignmentRow, VisitRow
from tests.worlds import WEEK, Run, days_of_seat, runs

few = settings(
    max_examples=12,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # a drawn scenario is small as it is; shrinking one takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
LAST_DAY_ON_SITE = {
    "standard": 11, "short": 4, "single_inspection": 25, "focused": 1, "monitoring": 1, "joint": 4, "engagement": 0,
}  # fmt: skip
"""Days from the first Monday: a Friday but for the visits of one or two days."""
WEEKS_ON_SITE = {"standard": (0, 1), "single_inspection": (0, 2, 3)}  # nobody is on site in its second week


def begun(run: Run) -> Iterator[tuple[VisitRow, int, int]]:
    """Visits that have a team, with the first and last day on site."""
    for row in run.record.visits:
        if row.fieldwork_start is not None and row.fieldwork_end is not None:
            yield row, row.fieldwork_start, row.fieldwork_end


def diaries(run: Run) -> dict[str, list[AssignmentRow]]:
    """Assignments of each inspector, by first day."""
    diary: dict[str, list[AssignmentRow]] = defaultdict(list)
    for part in sorted(run.record.assignments, key=lambda part: part.first_day):
        diary[part.inspector].append(part)
    return diary


@few
@given(runs())
def test_fieldwork_begins_on_mondays_and_has_people_on_site_in_open_weeks_only(run: Run) -> None:
    closed = set(run.scenario.calendar.closed_weeks)
    for row, start, _ in begun(run):
        assert run.date(start).weekday() == 0
        for week in WEEKS_ON_SITE.get(row.kind, (0,)):
            monday = start + WEEK * week
            assert run.date(monday).isocalendar().week not in closed
            assert not any(run.date(monday + day) in bank_holidays() for day in range(5))


@few
@given(runs())
def test_fieldwork_takes_the_days_of_its_kind(run: Run) -> None:
    for row, start, end in begun(run):
        assert end - start == LAST_DAY_ON_SITE[row.kind]


@few
@given(runs())
def test_nobody_is_in_two_places(run: Run) -> None:
    for parts in diaries(run).values():
        assert all(earlier.last_day < later.first_day for earlier, later in pairwise(parts))


def spare_days(run: Run, visit: VisitRow) -> range:
    """Second week of a single inspection, off site, if it is closed to fieldwork: people may be on leave then."""
    if visit.kind != "single_inspection" or visit.fieldwork_start is None:
        return range(0)
    monday = visit.fieldwork_start + WEEK
    holiday = any(run.date(monday + day) in bank_holidays() for day in range(5))
    closed = run.date(monday).isocalendar().week in run.scenario.calendar.closed_weeks
    return range(monday, monday + WEEK) if closed or holiday else range(0)


@few
@given(runs())
def test_nobody_works_when_away_or_before_joining_or_after_leaving(run: Run) -> None:
    for part in run.record.assignments:
        person = run.people[part.inspector]
        assert person.joins <= part.first_day <= part.last_day <= person.last_day
        spare = spare_days(run, run.record.visits[part.visit])
        days = [day for day in run.workdays(part.first_day, part.last_day) if day not in spare]
        assert not any(person.away >> day & 1 for day in days)


@few
@given(runs())
def test_posts_are_held_by_one_person_at_a_time(run: Run) -> None:
    holders = defaultdict(list)
    for person in run.people.values():
        holders[person.role, person.region, person.post].append(person)
    for people in holders.values():
        people.sort(key=lambda person: person.joins)
        assert all(earlier.last_day < later.joins for earlier, later in pairwise(people))
    for role, rules in run.scenario.workforce.roles.items():
        assert sum(key[0] == role for key in holders) == rules.people


@few
@given(runs())
def test_teams_are_as_the_framework_at_the_request_says(run: Run) -> None:
    size = {row.authority: row.size for row in run.scenario.authorities}
    teams: dict[int, list[AssignmentRow]] = defaultdict(list)
    for part in run.record.assignments:
        teams[part.visit].append(part)
    for row in run.record.visits:
        team, rules = teams[row.visit], run.rules(row)
        if row.fieldwork_start is None:
            assert not team
            continue
        seats: Counter[tuple[str, bool, int]] = Counter()
        for name, seat in rules.team.items():
            seats[seat.role, name == "lead", days_of_seat(seat)] += seat.people[size[row.authority]]
        assert Counter((part.role, part.lead, part.days - run.travel(part)) for part in team) == +seats
        assert len({part.inspector for part in team}) == len(team) == row.team_size
        assert all(run.people[part.inspector].role == part.role for part in team)
        (lead,) = (part for part in team if part.lead)
        assert lead.inspector == row.lead
        assert run.people[lead.inspector].may_lead
        assert run.people[lead.inspector].full_use <= lead.first_day


@few
@given(runs())
def test_days_in_diaries_are_the_days_of_the_visits(run: Run) -> None:
    days: Counter[int] = Counter()
    for part in run.record.assignments:
        assert len(run.worked(part)) == part.days
        days[part.visit] += part.days
    assert all(row.inspector_days == days[row.visit] for row in run.record.visits)


@few
@given(runs())
def test_dates_are_in_order(run: Run) -> None:
    for row in run.record.visits:
        assert row.opens <= row.due <= row.latest
        if row.fieldwork_start is not None:
            assert row.notified is not None and row.fieldwork_end is not None
            assert max(0, run.asked[row.visit]) <= row.notified < row.fieldwork_start <= row.fieldwork_end
            assert row.opens <= row.fieldwork_start
            assert run.monday(row.notified) == row.fieldwork_start - WEEK * run.rules(row).notice_weeks
            assert row.fieldwork_end <= (row.published if row.published is not None else row.fieldwork_end)


@few
@given(runs())
def test_every_visit_has_a_status_and_the_dates_that_go_with_it(run: Run) -> None:
    known = {
        "published": (True, True),
        "in_progress": (True, False),
        "waiting": (False, False),
        "cancelled": (False, False),
    }
    for number, row in enumerate(run.record.visits):
        dated, published = known[row.status]
        assert row.visit == number
        known_with_the_team = (row.notified, row.fieldwork_start, row.fieldwork_end, row.lead)
        assert all((value is not None) == dated for value in known_with_the_team)
        assert (row.published is not None) == published
        assert bool(row.team_size) == bool(row.inspector_days) == dated
        assert (row.judgement_after is not None) == (published and row.kind in INSPECTIONS)
        assert not dated or (row.notified is not None and row.notified <= run.record.horizon)
        assert row.published is None or row.published <= run.record.horizon


@few
@given(runs())
def test_only_inspections_change_a_judgement_and_from_their_publication_on(run: Run) -> None:
    start = {row.authority: row.judgement for row in run.scenario.authorities}
    inspections = [row for row in run.record.visits if row.judgement_after is not None]
    assert Counter((row.authority, row.published, row.judgement_after) for row in inspections) == Counter(
        row[:3] for row in run.record.judgements[len(start) :]
    )
    for row in run.record.visits:
        asked = run.asked[row.visit]
        published = [
            (earlier.published, earlier.judgement_after)
            for earlier in inspections
            if earlier.authority == row.authority and earlier.published is not None and earlier.published <= asked
        ]
        *before, last = [(-1, start[row.authority]), *sorted(published, key=lambda pair: pair[0])]
        allowed = {last[1]}
        if last[0] == asked and row.kind in ("engagement", "joint"):
            allowed.add(before[-1][1])  # on the very day of publication either may come first
        assert row.judgement_before in allowed


@few
@given(runs())
def test_nobody_leads_two_inspections_of_an_authority_running(run: Run) -> None:
    leads: dict[str, list[tuple[int, str | None]]] = defaultdict(list)
    for row, start, _ in begun(run):
        if row.kind in INSPECTIONS:
            leads[row.authority].append((start, row.lead))
    for inspections in leads.values():
        assert all(earlier[1] != later[1] for earlier, later in pairwise(sorted(inspections)))


@few
@given(runs())
def test_everybody_rests_after_fieldwork(run: Run) -> None:
    for parts in diaries(run).values():
        spells = [
            (run.monday(run.on_site(part)[0]), run.monday(run.on_site(part)[-1]), rest)
            for part in parts
            if (rest := run.rules(run.record.visits[part.visit]).rest_weeks)
        ]
        assert all(home + WEEK * (rest + 1) <= out for (_, home, rest), (out, _, _) in pairwise(spells))


@few
@given(runs())
def test_work_by_week_is_the_work_in_the_diaries_and_at_the_desk(run: Run) -> None:
    load, horizon = run.record.workload, run.record.horizon
    worked: Counter[tuple[int, str, str]] = Counter()
    out: Counter[int] = Counter()
    on_site_days = 0
    for part in run.record.assignments:
        person, on_site = run.people[part.inspector], run.on_site(part)
        for day in run.worked(part):
            worked[run.monday(day), person.role, person.region] += day <= horizon
        on_site_days += sum(day <= horizon for day in on_site)
        if run.record.visits[part.visit].kind != "engagement":
            out.update({run.monday(day) for day in on_site if day <= horizon})
    for week, monday in enumerate(load.weeks):
        assert load.inspectors_out[week] == out[monday]
    expected = np.array(
        [[[worked[monday, role, region] for region in load.regions] for role in load.roles] for monday in load.weeks]
    )
    oversight = sum(run.rules(row).oversight_days for row, start, _ in begun(run) if start <= horizon)
    desk = run.framework(horizon).desk_work
    intelligence = desk.intelligence_days * len(run.scenario.authorities) * (horizon + 1) / DAYS_A_YEAR
    extra = load.worked - expected
    roles = {role: extra[:, place].sum() for place, role in enumerate(load.roles)}
    assert (extra > -1e-9).all()
    assert np.isclose(roles[desk.oversight_role], oversight)
    assert np.isclose(roles[desk.intelligence_role], intelligence)
    assert np.isclose(sum(roles.values()), oversight + intelligence)
    assert np.isclose(load.worked.sum(), load.by_kind.sum())
    assert np.isclose(load.on_site_days.sum(), on_site_days)


@few
@given(runs())
def test_those_on_site_are_where_the_diaries_say_and_nobody_is_on_two_sites_in_one_week(run: Run) -> None:
    load = run.record.workload
    diaries_say = Counter(
        (monday, part.visit, run.people[part.inspector].role, run.people[part.inspector].region, part.inspector)
        for part in run.record.assignments
        if run.record.visits[part.visit].kind != "engagement"
        for monday in {run.monday(day) for day in run.on_site(part) if day <= run.record.horizon}
    )
    in_a_week = Counter((monday, inspector) for monday, _, _, _, inspector in diaries_say)
    assert set(in_a_week.values()) <= {1}
    told = Counter(
        (load.weeks[week], visit, load.roles[role], load.regions[region])
        for week, visit, role, region in load.on_site.tolist()
    )
    assert told == Counter(who[:-1] for who in diaries_say)


@few
@given(runs())
def test_available_days_are_the_share_of_days_in_post_and_at_work(run: Run) -> None:
    load, workforce = run.record.workload, run.world.workforce.rules  # with the draw that the run has taken
    available: Counter[str] = Counter()
    weights: dict[str, float] = defaultdict(float)
    for person in run.people.values():
        share = workforce.roles[person.role].programme_share * person.hours
        days = run.workdays(person.joins, min(person.last_day, run.record.horizon))
        for day in days:
            if not person.away >> day & 1:
                weights[person.role] += share * (1 if day >= person.full_use else workforce.induction_productivity)
        available[person.role] += len(days)
    for place, role in enumerate(load.roles):
        assert np.isclose(load.available[:, place].sum(), weights[role])
        assert weights[role] <= available[role]
