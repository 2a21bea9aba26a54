"""What each framework asks for, read from the rows of ``visits.parquet``.

The worlds have more inspectors than they need, quality that stays where it is, and visits that see what is. With chance
all else is as shipped; without it inspections are planned for their due date, reports take their median number of days,
and there are no joint inspections.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from scipy.stats import binom

from sim.base.calendar import bank_holidays
from sim.inputs.authorities import Authority
from sim.inputs.framework import Framework, Size
from sim.inputs.grades import JUDGEMENTS, Judgement
from sim.inputs.scenario import Scenario, load, load_framework
from sim.runs import tables
from sim.runs.model import Model
from sim.world.context import ScenarioContext
from tests.worlds import (
    authority,
    no_drift,
    no_late_beginning,
    nobody_away,
    nothing_held_back,
    perfect_judging,
)

SIF, ILACS, AMENDED, OF_2026 = "sif_2013", "ilacs_2017", "ilacs_2018", "ilacs_2026"
ALL = (SIF, ILACS, AMENDED, OF_2026)
EVERY_ILACS = (ILACS, AMENDED, OF_2026)
TIMETABLE = (SIF, ILACS, AMENDED)
SIZES: tuple[Size, ...] = ("small", "medium", "large")
NOT_INADEQUATE: tuple[Judgement, ...] = ("outstanding", "good", "requires_improvement")
INSPECTIONS = ("short", "standard", "single_inspection")
LAUNCH, AMENDMENT = date(2018, 1, 1), date(2018, 9, 17)
START = date(2018, 1, 31)
DAY, WEEK, QUARTER = timedelta(days=1), timedelta(weeks=1), timedelta(weeks=13)
LAST_DAY = {"short": 4, "standard": 11, "single_inspection": 25, "focused": 1, "monitoring": 1, "joint": 4}
"""Days from the first to the last day on site."""

Change = tuple[str, object]

each_framework = pytest.mark.parametrize("framework", ALL)
each_ilacs = pytest.mark.parametrize("framework", EVERY_ILACS)
with_and_without_chance = pytest.mark.parametrize("chance", [True, False], ids=["chance", "no chance"])


# ---------------------------------------------------------------- worlds


class Row(NamedTuple):
    """A row of ``visits.parquet``."""

    replication: int
    visit: int
    authority: str
    region: str
    kind: str
    judgement_before: Judgement
    opens: date
    due: date
    latest: date
    notified: date | None
    fieldwork_start: date | None
    fieldwork_end: date | None
    published: date | None
    judgement_after: Judgement | None
    status: str
    lead: str | None
    team_size: int
    inspector_days: int
    late_because: str | None

    @property
    def begins(self) -> date:
        assert self.fieldwork_start is not None
        return self.fieldwork_start

    @property
    def ends(self) -> date:
        assert self.fieldwork_end is not None
        return self.fieldwork_end

    @property
    def done(self) -> bool:
        return self.fieldwork_start is not None


@dataclass
class Cycle:
    """From one inspection to the next of an authority; ``published`` is not told of the one before the start."""

    of: Authority
    judgement: Judgement
    inspected: date
    published: date | None
    between: list[Row] = field(default_factory=list)
    inspection: Row | None = None

    @property
    def next(self) -> Row:
        assert self.inspection is not None
        return self.inspection


@dataclass(frozen=True, eq=False)
class Seen:
    """A run, as its result folder shows it."""

    scenario: Scenario
    visits: pd.DataFrame
    judgements: pd.DataFrame
    assignments: pd.DataFrame

    @cached_property
    def rows(self) -> list[Row]:
        records = self.visits.astype(object).itertuples(index=False, name=None)
        return [Row(*(_plain(value) for value in record)) for record in records]

    def kinds(self, *kinds: str) -> list[Row]:
        return [row for row in self.rows if row.kind in kinds]

    def size(self, row: Row) -> Size:
        return next(each.size for each in self.scenario.authorities if each.authority == row.authority)

    @cached_property
    def cycles(self) -> list[Cycle]:
        """Cycles of every authority in order; meetings and joint inspections, which are outside them, left out."""
        found: list[Cycle] = []
        for of in self.scenario.authorities:
            cycle = Cycle(of, of.judgement, of.inspected_on, None)
            found.append(cycle)
            for row in self.rows:
                if row.authority != of.authority or row.kind in ("engagement", "joint"):
                    continue
                if row.kind not in INSPECTIONS:
                    cycle.between.append(row)
                    continue
                assert cycle.inspection is None, "another inspection before the last one is published"
                cycle.inspection = row
                if row.published is not None:
                    assert row.judgement_after is not None
                    cycle = Cycle(of, row.judgement_after, row.ends, row.published)
                    found.append(cycle)
        return found

    def following(self, *judgements: Judgement) -> list[Cycle]:
        """Cycles that follow these judgements and run on to an inspection that is asked for."""
        return [cycle for cycle in self.cycles if cycle.judgement in judgements and cycle.inspection is not None]

    def whole(self, *judgements: Judgement) -> list[Cycle]:
        """Those of them of which nothing fell before the start, and whose inspection has begun."""
        since = plus(self.scenario.start, -8)
        return [cycle for cycle in self.following(*judgements) if cycle.inspected > since and cycle.next.done]


def _plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.date()
    return None if value is None or value is pd.NaT else value


def plus(day: date, months: int) -> date:
    return (pd.Timestamp(day) + pd.DateOffset(months=months)).date()


def workdays_after(day: date, count: int) -> date:
    holidays = np.array(sorted(bank_holidays()), dtype="datetime64[D]")
    moved = np.busday_offset(np.datetime64(day, "D"), count, roll="backward", holidays=holidays)
    return date.fromisoformat(str(moved))


def first_day(scenario: Scenario, due: date, weeks: int) -> date:
    """The due date or the last Monday before it on which so many open weeks in a row begin."""

    def is_open(monday: date) -> bool:
        no_work = any(monday + DAY * day in bank_holidays() for day in range(5))
        return monday.isocalendar().week not in scenario.calendar.closed_weeks and not no_work

    monday = due - DAY * due.weekday()
    while not all(is_open(monday + WEEK * week) for week in range(weeks)):
        monday -= WEEK
    return monday


def staggered(start: date, each: int = 5) -> tuple[Authority, ...]:
    """Authorities of each judgement and size: inadequate ones inspected lately, the others up to three years ago."""
    return tuple(
        authority(
            f"{judgement} {size} {number}",
            "England",
            judgement,
            str(
                start
                - DAY * (5 + 21 * number + 7 * place if judgement == "inadequate" else 15 + 225 * number + 57 * place)
            ),
            size,
        )
        for judgement in JUDGEMENTS
        for place, size in enumerate(SIZES)
        for number in range(each)
    )


def of_one_judgement(judgement: Judgement, number: int, start: date = START) -> tuple[Authority, ...]:
    """Authorities inspected in the three months before the start."""
    return tuple(
        authority(f"{judgement} {each}", "England", judgement, str(start - DAY * (1 + each % 90)))
        for each in range(number)
    )


def seen(scenario: Scenario) -> Seen:
    context = ScenarioContext(scenario)
    found = tables.of_record(Model(scenario, context=context).run(), context.calendar)
    return Seen(scenario, *(found[name].to_pandas() for name in ("visits", "judgements", "assignments")))


@cache
def plenty(
    framework: str | tuple[str, ...],
    chance: bool = True,
    changes: tuple[Change, ...] = (),
    authorities: tuple[Authority, ...] | None = None,
    start: date = START,
    years: int = 9,
    still: bool = True,
) -> Seen:
    """World with more people than it needs; ``still`` if quality does not drift and every visit sees what is."""
    names = (framework,) if isinstance(framework, str) else framework
    values: dict[str, object] = {
        "draws": "none",
        "framework": names,
        "start": start,
        "years": years,
        "authorities": authorities or staggered(start),
        "workforce.regions": ("England",),
        "workforce.roles.social_care_hmi.may_lead_share": 1.0,
        **nothing_held_back(),
        **nobody_away(),
        "workforce.roles.social_care_hmi.people": 100,
        "workforce.roles.schools_hmi.people": 30,
        "workforce.roles.regulatory_inspector.people": 30,
    }
    if still:
        values |= {**no_drift(), **perfect_judging()}
    for name in names:
        key, rules = f"frameworks.{name}", load_framework(name)
        if name != SIF:
            values |= no_late_beginning(name)
        if still:
            values |= {
                f"{key}.visits.{kind}.accuracy": 1.0
                for kind in ("focused", "monitoring", "joint")
                if kind in rules.visits
            }
        if not chance:
            values[f"{key}.joint"] = None
            for kind, visit in rules.visits.items():
                if visit.publication is not None:
                    values[f"{key}.visits.{kind}.publication.p90_days"] = visit.publication.median_days
            for judgement in JUDGEMENTS:
                values |= {f"{key}.pathways.{judgement}.planned_{end}_months": 0 for end in ("from", "to")}
    return seen(load("ilacs_launch", values | dict(changes)))


def see_every_three_years(run: Seen, judgement: Judgement, kind: str, chance: bool) -> None:
    """Inspections of this kind alone, six months either side of three years after the last, and none left out."""
    found = run.following(judgement)
    assert len({cycle.of.authority for cycle in found if cycle.next.done}) == 15
    for cycle in found:
        due, row = plus(cycle.inspected, 36), cycle.next
        assert (row.kind, row.judgement_before) == (kind, judgement)
        assert (row.opens, row.due, row.latest) == (plus(due, -6), due, plus(due, 6))
        if row.done:
            assert row.opens <= row.begins <= row.latest
            assert row.begins.weekday() == 0 and row.ends - row.begins == DAY * LAST_DAY[kind]
            if not chance and cycle.published is not None:
                assert row.begins == first_day(run.scenario, due, LAST_DAY[kind] // 7 + 1)
        else:
            assert row.status == "waiting" and row.latest >= run.scenario.end
    for cycle in run.cycles:
        if cycle.judgement == judgement and cycle.inspection is None:
            assert plus(cycle.inspected, 30) >= run.scenario.end


def see_monitoring_each_quarter(run: Seen) -> list[Cycle]:
    """From five to eight visits, the first 90 working days after publication, then quarter by quarter."""
    found = [cycle for cycle in run.following("inadequate") if cycle.next.done]
    assert len(found) > 15
    for cycle in found:
        published = cycle.published or workdays_after(cycle.inspected, run.scenario.position.published_after_days)
        assert {row.kind for row in cycle.between} == {"monitoring"}
        assert 5 <= len(cycle.between) <= 8
        dues = [workdays_after(published, 90), *(row.begins + QUARTER for row in cycle.between[:-1])]
        for due, row in zip(dues, cycle.between, strict=True):
            assert (row.opens, row.due, row.latest) == (due - WEEK * 4, due, due + WEEK * 6)
            assert row.opens <= row.begins <= row.latest
            assert row.begins.weekday() == 0 and row.ends - row.begins == DAY
            assert row.team_size == 2
        assert cycle.next.due == plus(cycle.between[-1].begins, 3)
        assert cycle.next.opens <= cycle.next.begins <= cycle.next.latest
    return found


# ---------------------------------------------------------------- every framework


@each_framework
@with_and_without_chance
def test_where_staff_is_plentiful_no_visit_begins_outside_its_window_or_waits_beyond_it(
    framework: str, chance: bool
) -> None:
    run = plenty(framework, chance)
    for row in run.rows:
        if row.done:
            assert row.opens <= row.begins <= row.latest
        elif row.status == "waiting":
            assert row.latest >= run.scenario.end
        else:  # a joint inspection took its place
            assert chance and (row.status, row.kind) == ("cancelled", "focused")


@each_framework
@with_and_without_chance
def test_each_inspection_begins_within_six_months_either_side_of_three_years_after_the_last(
    framework: str, chance: bool
) -> None:
    run = plenty(framework, chance)
    found = [cycle for cycle in run.following(*NOT_INADEQUATE) if cycle.next.done]
    assert len({cycle.of.authority for cycle in found}) == 45
    for cycle in found:
        assert plus(cycle.inspected, 30) <= cycle.next.begins <= plus(cycle.inspected, 42)


@each_framework
def test_fieldwork_is_from_a_monday_for_as_long_as_its_kind_lasts_and_is_published_after_it(framework: str) -> None:
    for row in plenty(framework).rows:
        if row.done:
            assert row.begins.weekday() == 0
            assert row.notified is not None and row.notified < row.begins
            assert row.ends - row.begins == DAY * LAST_DAY.get(row.kind, 0)
        if row.published is not None:
            assert row.published > row.ends or row.kind == "engagement"


@each_framework
def test_only_inadequate_authorities_are_monitored_and_only_the_others_have_focused_visits(framework: str) -> None:
    run = plenty(framework)
    assert {row.judgement_before for row in run.kinds("monitoring")} == {"inadequate"}
    expected = set() if framework == SIF else set(NOT_INADEQUATE)
    assert {row.judgement_before for row in run.kinds("focused")} == expected


# ---------------------------------------------------------------- single inspection framework


@pytest.mark.parametrize("judgement", NOT_INADEQUATE)
@with_and_without_chance
def test_sif_gives_outstanding_good_and_requires_improvement_one_kind_of_inspection_every_three_years(
    judgement: Judgement, chance: bool
) -> None:
    see_every_three_years(plenty(SIF, chance), judgement, "single_inspection", chance)


def test_sif_has_no_focused_visits_and_no_engagement_meetings() -> None:
    run = plenty(SIF)
    assert {row.kind for row in run.rows} == {"single_inspection", "monitoring", "joint"}
    assert all(not cycle.between for cycle in run.cycles if cycle.judgement != "inadequate")


def test_sif_teams_are_seven_eight_and_eight_people_by_size_and_five_six_and_seven_at_a_reinspection() -> None:
    run = plenty(SIF)
    found = {
        (row.judgement_before == "inadequate", run.size(row), row.team_size)
        for row in run.kinds("single_inspection")
        if row.done
    }
    assert found == {
        *((False, size, people) for size, people in zip(SIZES, (7, 8, 8), strict=True)),
        *((True, size, people) for size, people in zip(SIZES, (5, 6, 7), strict=True)),
    }


@with_and_without_chance
def test_sif_monitors_an_inadequate_authority_each_quarter_and_then_inspects_it_again(chance: bool) -> None:
    for cycle in see_monitoring_each_quarter(plenty(SIF, chance)):
        assert cycle.next.kind == "single_inspection"
        assert cycle.next.ends - cycle.next.begins == DAY * 25


BEGINS_ON = f"frameworks.{SIF}.pathways.inadequate.contacts.monitoring.begins_on"


def test_sif_reinspects_when_it_would_have_although_there_is_no_monitoring_yet() -> None:
    authorities = of_one_judgement("inadequate", 40)
    monitored = plenty(SIF, False, (), authorities, years=4)
    not_yet = plenty(SIF, False, ((BEGINS_ON, date(2030, 1, 1)),), authorities, years=4)
    assert not not_yet.kinds("monitoring")
    first = {cycle.of.authority: cycle for cycle in reversed(monitored.cycles) if cycle.inspection is not None}
    found = {cycle.of.authority: cycle for cycle in reversed(not_yet.cycles) if cycle.inspection is not None}
    assert len(first) == len(found) == 40
    for name, cycle in found.items():
        published = workdays_after(cycle.inspected, not_yet.scenario.position.published_after_days)
        visits = len(first[name].between)
        assert cycle.next.due == plus(workdays_after(published, 90) + QUARTER * (visits - 1), 3)


def test_sif_monitoring_due_before_it_begins_does_not_take_place_and_counts_as_if_it_had() -> None:
    begins = date(2019, 3, 1)
    authorities = of_one_judgement("inadequate", 40)
    whole = plenty(SIF, False, (), authorities, years=4)
    part = plenty(SIF, False, ((BEGINS_ON, begins),), authorities, years=4)
    for row in part.kinds("monitoring"):
        assert row.due >= begins
    firsts = [
        {cycle.of.authority: cycle for cycle in reversed(run.cycles) if cycle.inspection is not None}
        for run in (whole, part)
    ]
    for name, cycle in firsts[1].items():
        published = workdays_after(cycle.inspected, part.scenario.position.published_after_days)
        due, skipped = workdays_after(published, 90), 0
        while due + QUARTER * skipped < begins:
            skipped += 1
        assert skipped
        assert len(cycle.between) == max(0, len(firsts[0][name].between) - skipped)
        assert not cycle.between or cycle.between[0].due == due + QUARTER * skipped


@pytest.mark.parametrize("programme", ["drawn", "levelled", "optimised"])
def test_new_kinds_of_inspection_begin_on_16_april_2018_and_before_it_where_no_day_is_set(programme: str) -> None:
    changes: dict[str, object] = {"years": 1, "planning.programme": programme, "planning.backlog_months": 12}

    def first(more: dict[str, object]) -> date:
        record = Model(load("ilacs_launch", changes | more), 0).run()
        begun = [row.fieldwork_start for row in record.visits if row.kind in ("short", "standard")]
        return START + DAY * min(day for day in begun if day is not None)

    assert first({}) == date(2018, 4, 16)
    assert first(no_late_beginning(ILACS, AMENDED)) < date(2018, 4, 16)


@pytest.mark.parametrize("key", ["planning.transition_months", "planning.backlog_months"])
def test_what_a_framework_makes_overdue_is_spread_over_months_of_its_own_or_those_of_the_start(key: str) -> None:
    """Five years apart under the first framework and three under the second, from 1 January 2018."""
    begins = date(2017, 10, 2)
    rows = tuple(
        authority(f"A{number:02}", "England", "good", str(date(2013, 1, 7) + WEEK * number)) for number in range(40)
    )
    interval = (f"frameworks.{SIF}.pathways.good.interval_months", 75)

    def planned(months: int) -> list[date]:
        changes = (interval, ("planning.transition_months", None), (key, months))
        run = plenty((SIF, ILACS), False, changes, rows, begins, 3)
        firsts = {row.authority: row for row in reversed(run.kinds("short")) if row.due < LAUNCH}
        assert len(firsts) == 40
        return [firsts[row.authority].begins for row in rows]

    at_once, spread = planned(0), planned(24)
    assert max(at_once) < date(2018, 6, 1)
    assert spread == sorted(spread)  # the longest overdue first
    for number, day in enumerate(spread):
        expected = LAUNCH + timedelta(days=730 * number / 40)
        assert abs(day - expected) < timedelta(days=75)  # so long is the longest stretch of closed weeks, and a visit


def test_sif_has_no_monitoring_visit_on_site_before_may_2016() -> None:
    start = date(2015, 9, 1)
    run = plenty(SIF, False, (), of_one_judgement("inadequate", 90, start), start, years=1)
    found = run.kinds("monitoring")
    assert found
    assert all(row.begins >= date(2016, 5, 1) for row in found if row.done)


# ---------------------------------------------------------------- ILACS of November 2017, and what the later ones keep


@pytest.mark.parametrize(
    ("framework", "judgement"),
    [(ILACS, "outstanding"), (ILACS, "good"), (AMENDED, "outstanding"), (OF_2026, "outstanding")],
)
@with_and_without_chance
def test_ilacs_gives_outstanding_and_good_a_short_inspection_every_three_years(
    framework: str, judgement: Judgement, chance: bool
) -> None:
    see_every_three_years(plenty(framework, chance), judgement, "short", chance)


@each_ilacs
@with_and_without_chance
def test_ilacs_gives_requires_improvement_a_standard_inspection_every_three_years(framework: str, chance: bool) -> None:
    see_every_three_years(plenty(framework, chance), "requires_improvement", "standard", chance)


@each_ilacs
@pytest.mark.parametrize("judgement", ["outstanding", "good"])
def test_ilacs_sees_outstanding_and_good_at_a_focused_visit_between_two_inspections(
    framework: str, judgement: Judgement
) -> None:
    found = plenty(framework).whole(judgement)
    assert len({cycle.of.authority for cycle in found}) == 15
    for cycle in found:
        (row,) = cycle.between
        due = plus(cycle.inspected, 18)
        assert (row.kind, row.status, row.team_size) == ("focused", "published", 2)
        assert (row.opens, row.due, row.latest) == (plus(due, -4), due, plus(due, 4))
        assert cycle.inspected < row.begins < cycle.next.begins


@each_ilacs
def test_ilacs_sees_requires_improvement_at_two_focused_visits_between_two_inspections(framework: str) -> None:
    found = plenty(framework, False).whole("requires_improvement")
    assert len({cycle.of.authority for cycle in found}) == 15
    for cycle in found:
        first, second = cycle.between
        for row, months in ((first, 12), (second, 24)):
            due = plus(cycle.inspected, months)
            assert (row.kind, row.status) == ("focused", "published")
            assert (row.opens, row.due, row.latest) == (plus(due, -4), due, plus(due, 4))
        assert cycle.inspected < first.begins < second.begins < cycle.next.begins


def test_a_joint_inspection_may_replace_one_of_the_two_focused_visits_and_none_of_the_others() -> None:
    every_year = tuple((f"frameworks.{ILACS}.joint.{end}_a_year", 152) for end in ("low", "high"))
    run = plenty(ILACS, True, every_year)
    found = run.whole("requires_improvement")
    assert len({cycle.of.authority for cycle in found}) == 15
    for cycle in found:
        assert Counter(row.status for row in cycle.between) == {"cancelled": 1, "published": 1}
    for cycle in run.whole("outstanding", "good"):
        assert [row.status for row in cycle.between] == ["published"]


def test_only_a_joint_inspection_since_the_last_inspection_replaces_a_focused_visit() -> None:
    run = plenty(ILACS)
    joint = run.kinds("joint")
    replaced = [(cycle, row) for cycle in run.cycles for row in cycle.between if row.status == "cancelled"]
    assert replaced
    for cycle, row in replaced:
        assert (row.kind, cycle.judgement) == ("focused", "requires_improvement")
        assert any(
            each.authority == row.authority and each.done and cycle.inspected < each.begins <= row.opens
            for each in joint
        )


@with_and_without_chance
def test_ilacs_monitors_an_inadequate_authority_each_quarter_and_then_gives_it_a_single_inspection(
    chance: bool,
) -> None:
    run = plenty(ILACS, chance)
    for cycle in see_monitoring_each_quarter(run):
        assert cycle.next.kind == "single_inspection"
        assert cycle.next.ends - cycle.next.begins == DAY * 25
        assert cycle.next.team_size == dict(zip(SIZES, (5, 6, 7), strict=True))[cycle.of.size]


@each_framework
def test_the_fourth_monitoring_visit_is_the_last_if_it_finds_enough_progress(framework: str) -> None:
    key = f"frameworks.{framework}.pathways.inadequate.contacts.monitoring.enough_progress.share"
    progress = tuple((f"{key}.{judgement}", 1.0) for judgement in JUDGEMENTS)
    run = plenty(framework, True, progress, of_one_judgement("inadequate", 12), years=4)
    found = [cycle for cycle in run.cycles if cycle.inspection is not None]
    assert len(found) >= 12
    for cycle in found:
        assert [row.kind for row in cycle.between] == ["monitoring"] * 4
        assert cycle.next.due == plus(cycle.between[-1].begins, 3)


@each_ilacs
def test_ilacs_meets_every_authority_once_a_year(framework: str) -> None:
    run = plenty(framework)
    meetings = [row for row in run.kinds("engagement") if row.due < run.scenario.end]
    for of in run.scenario.authorities:
        own = [row for row in meetings if row.authority == of.authority]
        assert len(own) == run.scenario.years
        assert all(plus(earlier.due, 12) == later.due for earlier, later in pairwise(own))
        assert all(row.opens <= row.begins <= row.latest and row.team_size == 2 for row in own[:-1])


@each_framework
def test_eight_to_ten_authorities_of_152_have_a_joint_inspection_in_a_year(framework: str) -> None:
    run = plenty(framework, True, (), of_one_judgement("good", 152), years=4)
    for year in (2019, 2020, 2021):
        own = [row.authority for row in run.kinds("joint") if row.due.year == year]
        assert 8 <= len(own) <= 10
        assert len(set(own)) == len(own)
    assert all(row.opens <= row.begins <= row.latest for row in run.kinds("joint") if row.latest < run.scenario.end)
    assert {row.team_size for row in run.kinds("joint") if row.done} == {3}


@each_framework
def test_there_are_no_joint_inspections_if_a_framework_has_none(framework: str) -> None:
    assert not plenty(framework, False).kinds("joint")


# ---------------------------------------------------------------- ILACS as amended in September 2018


@pytest.mark.parametrize("framework", [AMENDED, OF_2026])
@with_and_without_chance
def test_since_2018_an_inadequate_authority_is_given_a_standard_inspection_after_monitoring(
    framework: str, chance: bool
) -> None:
    for cycle in see_monitoring_each_quarter(plenty(framework, chance)):
        assert cycle.next.kind == "standard"
        assert cycle.next.ends - cycle.next.begins == DAY * 11


@pytest.mark.parametrize(("framework", "people"), [(ILACS, (4, 4, 4)), (AMENDED, (3, 4, 5)), (OF_2026, (3, 4, 5))])
def test_since_2018_teams_are_three_four_or_five_social_care_inspectors_by_size_and_two_others(
    framework: str, people: tuple[int, int, int]
) -> None:
    run = plenty(framework)
    roles = {visit: Counter(part["role"]) for visit, part in run.assignments.groupby("visit")}
    found = {(run.size(row), row.team_size) for row in run.kinds("short", "standard") if row.done}
    assert found == {(size, social_care + 2) for size, social_care in zip(SIZES, people, strict=True)}
    for row in run.kinds("short", "standard"):
        if row.done:
            others = {"schools_hmi": 1, "regulatory_inspector": 1}
            assert roles[row.visit] == {"social_care_hmi": row.team_size - 2} | others


def priority_action(framework: str, brings_forward: float) -> tuple[Change, ...]:
    """Every focused visit to a good or outstanding authority finds an area for priority action."""
    keys = [f"frameworks.{framework}.pathways.{judgement}.contacts.focused" for judgement in ("outstanding", "good")]
    return tuple(
        change
        for key in keys
        for change in (
            *((f"{key}.priority_action_share.{quality}", 1.0) for quality in JUDGEMENTS),
            (f"{key}.brings_forward_share", brings_forward),
        )
    )


@pytest.mark.parametrize("framework", [AMENDED, OF_2026])
def test_priority_action_may_bring_the_next_inspection_forward_by_six_to_twelve_months(framework: str) -> None:
    authorities = (*of_one_judgement("good", 30), *of_one_judgement("outstanding", 30))
    always = plenty(framework, True, priority_action(framework, 1.0), authorities, years=4).following(
        "good", "outstanding"
    )
    brought = set()
    for cycle in always:
        (months,) = {each for each in range(6, 13) if cycle.next.due == plus(plus(cycle.inspected, 36), -each)}
        brought.add(months)
        assert [row.kind for row in cycle.between] == ["focused"]
        assert not cycle.next.done or cycle.between[0].begins < cycle.next.begins <= cycle.next.latest
    assert brought == set(range(6, 13))
    half = plenty(framework, True, priority_action(framework, 0.5), authorities, years=4).following(
        "good", "outstanding"
    )
    assert 0 < sum(cycle.next.due < plus(cycle.inspected, 36) for cycle in half) < len(half)
    never = plenty(framework, True, priority_action(framework, 0.0), authorities, years=4).following(
        "good", "outstanding"
    )
    assert all(cycle.next.due == plus(cycle.inspected, 36) for cycle in never)


def test_before_2018_no_focused_visit_brings_an_inspection_forward() -> None:
    run = plenty(ILACS, True, (), of_one_judgement("good", 30), years=4, still=False)
    assert len(run.following("good")) >= 30
    assert all(cycle.next.due == plus(cycle.inspected, 36) for cycle in run.following("good"))


@pytest.mark.parametrize("framework", [AMENDED, OF_2026])
def test_good_authorities_with_signs_of_decline_are_given_the_longer_inspection_and_the_others_are_not(
    framework: str,
) -> None:
    key = f"frameworks.{framework}.pathways.good.longer.share"
    shares: tuple[Change, ...] = (*((f"{key}.{quality}", 1.0) for quality in JUDGEMENTS), (f"{key}.good", 0.0))
    declining: Change = ("ratings.drift.good.requires_improvement", 100.0)
    authorities = of_one_judgement("good", 12)
    well = plenty(framework, True, shares, authorities, years=4).following("good")
    assert len(well) >= 12
    assert {cycle.next.kind for cycle in well} == {"short"}
    down = plenty(framework, True, (*shares, declining), authorities, years=4).following("good")
    assert len(down) == 12
    assert {cycle.next.kind for cycle in down} == {"standard"}


@pytest.mark.parametrize(("quality", "share", "another"), [("good", 0.06, 0.2), ("requires_improvement", 0.6, 0.8)])
def test_the_longer_inspection_falls_to_the_share_that_the_framework_says_and_another_share_is_caught(
    quality: Judgement, share: float, another: float
) -> None:
    declining: Change = ("ratings.drift.good.requires_improvement", 100.0)
    changes = () if quality == "good" else (declining,)
    authorities = of_one_judgement("good", 150)
    found = [cycle.next.kind for cycle in plenty(AMENDED, True, changes, authorities, years=4).following("good")]
    assert len(found) == 150
    assert set(found) == {"short", "standard"}
    assert 1e-5 < binom.cdf(found.count("standard"), len(found), share) < 1 - 1e-5
    assert not 1e-5 < binom.cdf(found.count("standard"), len(found), another) < 1 - 1e-5


# ---------------------------------------------------------------- ILACS of April 2026

FOUR = ["leaders", "help_and_protection", "in_care", "care_leavers"]


def alive(framework: str, *changes: Change) -> Seen:
    """World in which quality drifts and inspections err; frameworks are told apart by their rules and not their age."""
    return plenty(framework, True, ((f"frameworks.{framework}.in_force_from", AMENDMENT), *changes), still=False)


def implied(leaders: str, *practice: str) -> str:
    """Inadequate if any is; good if leaders and two of three areas of practice are good or better; and so upwards."""
    if "inadequate" in (leaders, *practice):
        return "inadequate"
    for judgement, enough in (("outstanding", {"outstanding"}), ("good", {"outstanding", "good"})):
        if leaders in enough and sum(each in enough for each in practice) >= 2:
            return judgement
    return "requires_improvement"


def given_in_run(run: Seen) -> pd.DataFrame:
    return run.judgements[run.judgements["published"] > pd.Timestamp(run.scenario.start)]


@pytest.mark.parametrize("agreement", [1.0, 0.5])
def test_from_2026_four_judgements_are_published_and_what_the_rule_makes_of_them(agreement: float) -> None:
    run = alive(OF_2026, (f"frameworks.{OF_2026}.four_judgements.agreement", agreement))
    given = given_in_run(run)
    assert len(given) > 60
    assert given[FOUR].isin(JUDGEMENTS).all(axis=None)
    rows = given[[*FOUR, "judgement"]].itertuples(index=False, name=None)
    assert all(implied(*map(str, four)) == judgement for *four, judgement in rows)
    assert set(given["judgement"]) == set(JUDGEMENTS)


@pytest.mark.parametrize("agreement", [1.0, 0.5])
def test_from_2026_the_pathway_is_that_which_the_four_judgements_imply(agreement: float) -> None:
    run = alive(OF_2026, (f"frameworks.{OF_2026}.four_judgements.agreement", agreement))
    told = {
        (str(name), day.date()): implied(*map(str, four))
        for name, day, *four in given_in_run(run)[["authority", "published", *FOUR]].itertuples(index=False, name=None)
    }
    between = {
        "outstanding": "focused",
        "good": "focused",
        "requires_improvement": "focused",
        "inadequate": "monitoring",
    }
    followed = [cycle for cycle in run.cycles if cycle.published is not None]
    assert len(followed) == len(told)
    for cycle in followed:
        assert cycle.published is not None
        judgement = told[cycle.of.authority, cycle.published]
        assert cycle.judgement == judgement
        contacts = [*cycle.between, *([cycle.inspection] if cycle.inspection else [])]
        assert all(row.judgement_before == judgement for row in contacts)
        assert all(row.kind == between[judgement] for row in cycle.between)
        if cycle.inspection and judgement in ("requires_improvement", "inadequate"):
            assert cycle.inspection.kind == "standard"
    assert {cycle.judgement for cycle in followed if cycle.between} == set(JUDGEMENTS)


@pytest.mark.parametrize("framework", [SIF, ILACS, AMENDED])
def test_before_2026_the_four_judgements_are_empty(framework: str) -> None:
    run = plenty(framework)
    assert len(run.judgements) > len(run.scenario.authorities)
    assert run.judgements[FOUR].isna().all(axis=None)


def test_from_2026_nothing_changes_on_an_authoritys_way_if_the_rule_agrees_with_the_overall_judgement() -> None:
    before, after = alive(AMENDED), alive(OF_2026, (f"frameworks.{OF_2026}.four_judgements.agreement", 1.0))
    pd.testing.assert_frame_equal(before.visits, after.visits)
    pd.testing.assert_frame_equal(before.judgements.drop(columns=FOUR), after.judgements.drop(columns=FOUR))


def test_from_2026_judgements_and_visits_change_if_the_rule_agrees_half_the_time() -> None:
    before, after = alive(AMENDED), alive(OF_2026, (f"frameworks.{OF_2026}.four_judgements.agreement", 0.5))
    assert not before.visits.equals(after.visits)
    assert not before.judgements.drop(columns=FOUR).equals(after.judgements.drop(columns=FOUR))


# ---------------------------------------------------------------- from one framework to the next


def changing(chance: bool) -> Seen:
    """From the single inspection framework to ILACS, and to ILACS as amended."""
    return plenty(TIMETABLE, chance, start=date(2017, 6, 1), years=5)


@with_and_without_chance
def test_each_inspection_is_of_the_kind_of_the_framework_in_force_when_its_team_is_found(chance: bool) -> None:
    run = changing(chance)
    for row in run.kinds(*INSPECTIONS):
        if row.notified is None:
            continue
        inadequate, ri = (row.judgement_before == judgement for judgement in ("inadequate", "requires_improvement"))
        if row.notified < LAUNCH or (inadequate and row.notified < AMENDMENT):
            assert row.kind == "single_inspection"
        elif inadequate or ri:
            assert row.kind == "standard"
        elif row.judgement_before == "outstanding" or row.notified < AMENDMENT:
            assert row.kind == "short"
        else:
            assert row.kind in ("short", "standard")
    assert {row.kind for row in run.kinds(*INSPECTIONS)} == set(INSPECTIONS)


def test_an_inspection_in_hand_at_the_change_is_finished_under_the_framework_it_began_in() -> None:
    run = changing(False)
    team = dict(zip(SIZES, (7, 8, 8), strict=True))
    begun = [row for row in run.kinds("single_inspection") if row.notified and row.judgement_before != "inadequate"]
    in_hand = [row for row in begun if row.published and row.published >= LAUNCH]
    assert any(row.ends < LAUNCH for row in in_hand)
    for row in begun:
        assert row.notified is not None and row.notified < LAUNCH
        assert row.ends - row.begins == DAY * 25
        assert row.team_size == team[run.size(row)]
        assert row.published == workdays_after(row.ends, 36)


def one_inspection(change: date) -> Row:
    """The inspection of a good authority due on Monday 6 November 2017, with ILACS in force from a day."""
    changes: tuple[Change, ...] = ((f"frameworks.{ILACS}.in_force_from", change),)
    one = (authority("Ayton", "England", "good", "2014-11-06"),)
    (row,) = plenty((SIF, ILACS), False, changes, one, date(2017, 6, 1), 1).kinds(*INSPECTIONS)
    assert (row.notified, row.begins) == (date(2017, 10, 30), date(2017, 11, 6))
    return row


@pytest.mark.parametrize("change", ["2017-10-31", "2017-11-06", "2017-11-15", "2017-12-01", "2017-12-11"])
def test_an_inspection_called_on_site_or_written_up_on_the_day_of_the_change_goes_on_as_it_began(change: str) -> None:
    row = one_inspection(date.fromisoformat(change))
    assert (row.kind, row.team_size, row.ends) == ("single_inspection", 8, date(2017, 12, 1))
    assert row.published == workdays_after(row.ends, 36)


@pytest.mark.parametrize("change", ["2017-06-02", "2017-10-29", "2017-10-30"])
def test_an_inspection_not_yet_called_on_the_day_of_the_change_is_a_short_one(change: str) -> None:
    row = one_inspection(date.fromisoformat(change))
    assert (row.kind, row.team_size, row.ends) == ("short", 6, date(2017, 11, 10))
    assert row.published == workdays_after(row.ends, 25)


@with_and_without_chance
def test_an_inspection_that_waits_for_a_team_on_the_day_of_the_change_follows_the_new_framework(chance: bool) -> None:
    run = changing(chance)
    waited = [
        row
        for row in run.kinds(*INSPECTIONS)
        if row.opens < LAUNCH and row.notified is not None and LAUNCH <= row.notified < AMENDMENT
    ]
    kinds = {"outstanding": "short", "good": "short", "requires_improvement": "standard"}
    assert {row.judgement_before for row in waited} >= set(kinds)
    for row in waited:
        if row.judgement_before != "inadequate":
            assert row.kind == kinds[row.judgement_before]
            assert (row.team_size, row.ends - row.begins) == (6, DAY * LAST_DAY[row.kind])
            assert row.opens <= row.begins <= row.latest


@with_and_without_chance
def test_no_single_inspection_is_called_on_or_after_the_change_but_reinspections_until_september(chance: bool) -> None:
    for row in changing(chance).kinds("single_inspection"):
        assert row.notified is not None
        assert row.notified < (AMENDMENT if row.judgement_before == "inadequate" else LAUNCH)


def test_a_reinspection_that_waits_in_september_2018_becomes_a_standard_inspection() -> None:
    start = date(2017, 6, 1)
    authorities = tuple(
        authority(f"Inadequate {each}", "England", "inadequate", str(date(2015, 10, 1) + DAY * 3 * each))
        for each in range(120)
    )
    run = plenty(TIMETABLE, False, (), authorities, start, 2)
    firsts = [cycle.next for cycle in run.cycles if cycle.published is None and cycle.inspection is not None]
    waited = [row for row in firsts if row.opens < AMENDMENT and row.notified and row.notified >= AMENDMENT]
    in_hand = [row for row in firsts if row.notified and row.notified < AMENDMENT <= row.ends]
    assert waited and in_hand
    assert {(row.kind, row.ends - row.begins, row.team_size) for row in waited} == {("standard", DAY * 11, 6)}
    assert {(row.kind, row.ends - row.begins, row.team_size) for row in in_hand} == {("single_inspection", DAY * 25, 6)}


@with_and_without_chance
def test_the_contact_after_the_change_is_one_of_the_new_framework(chance: bool) -> None:
    run = changing(chance)
    assert all(row.notified is None or row.notified >= LAUNCH for row in run.kinds("focused", "engagement"))
    followed = [
        cycle for cycle in run.whole(*NOT_INADEQUATE) if cycle.published is not None and cycle.published >= LAUNCH
    ]
    after_sif = [
        cycle
        for cycle in followed
        if any(row.kind == "single_inspection" and row.published == cycle.published for row in run.rows)
    ]
    assert after_sif
    for cycle in after_sif:
        visits = 2 if cycle.judgement == "requires_improvement" else 1
        assert [row.kind for row in cycle.between] == ["focused"] * visits
        assert cycle.next.kind in ("short", "standard")
    meetings = run.kinds("engagement")
    assert {row.authority for row in meetings} == {of.authority for of in run.scenario.authorities}


def test_a_waiting_inspection_stays_what_it_is_where_the_framework_asks_as_before() -> None:
    # ilacs_2026 asks for inspections as ilacs_2018 does, so its coming changes no visit, signs of decline or not.
    # On a day on which no window opens, so that the numbers of the visits stay the same too.
    later = {"frameworks.ilacs_2026.in_force_from": date(2019, 6, 1)}
    for replication in range(3):
        usual, changed = (
            Model(load("ilacs_launch", {"years": 3, "framework": framework, **changes}), replication).run()
            for framework, changes in ((("ilacs_2018",), {}), (("ilacs_2018", "ilacs_2026"), later))
        )
        assert usual.visits == changed.visits


# ---------------------------------------------------------------- rules that contradict themselves

ABSENT = object()
"""Instead of a value: the key is left out."""
SOME_GRADES = {"outstanding": 0.0, "good": 0.1}
CONTRADICTIONS: dict[str, tuple[object, str]] = {
    "visits.short.team.schools.people": ({"small": 1}, "missing: medium, large"),
    "visits.short.team.schools.on_site_days": ((0,), "on_site_days: give at least one day"),
    "visits.short.publication.p90_days": (5.0, "p90_days must not be below median_days"),
    "visits.short.team.lead": (ABSENT, "team: a seat called lead is needed"),
    "visits.short.team.lead.people.large": (2, "lead.people: must be 1 for every size"),
    "visits.standard.team.schools.on_site_days": ((2,), "team.schools.on_site_days: give 2 weeks"),
    "pathways.good.contacts.focused.brings_forward_months": ({"low": 9, "high": 8}, "low must not exceed high"),
    "pathways.good.contacts.focused.priority_action_share": (SOME_GRADES, "missing: requires_improvement, inadequate"),
    "pathways.good.contacts.focused.due_shares": ((0.7, 0.3), r"due_shares: found 0.7, 0.3; give 1 in ascending order"),
    "pathways.inadequate.contacts.monitoring.visits.mode": (99, "low, mode and high must be in order"),
    "pathways.inadequate.contacts.again": (
        "pathways.inadequate.contacts.monitoring",
        "only one contact may have the part monit",
    ),
    "pathways.good.window_before_months": (37, "window_before_months must not exceed interval_months"),
    "pathways.good.planned_to_months": (7, "must be in order and inside the window"),
    "pathways.good.planned_from_months": (-7, "must be in order and inside the window"),
    "joint.low_a_year": (99, "low_a_year must not exceed high_a_year"),
    "pathways.inadequate": (ABSENT, "give a pathway for every judgement; missing: inadequate"),
    "visits.focused.publication.inadequate_extra_days": (5, "a focused visit gives no judgement"),
    "visits.short.accuracy": (0.9, "give the accuracy of inspections in ratings.judging"),
    "visits.engagement.accuracy": (0.9, "an engagement meeting does not assess quality"),
}
"""By key of the rules: a value that contradicts others (or the key of the one it is given), and what is said of it."""


def at_key(values: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    """Table in which a key of the rules stands, and its name there."""
    *tables_on_the_way, last = path.split(".")
    for name in tables_on_the_way:
        values = values[name]
    return values, last


@pytest.mark.parametrize("path", CONTRADICTIONS)
def test_rules_that_contradict_each_other_are_refused_in_words(path: str) -> None:
    value, words = CONTRADICTIONS[path]
    rules = load_framework(ILACS).model_dump()
    assert Framework.model_validate(rules) == load_framework(ILACS)
    table, key = at_key(rules, path)
    if value is ABSENT:
        del table[key]
    elif isinstance(value, str):
        other, name = at_key(rules, value)
        table[key] = other[name]
    else:
        table[key] = value
    with pytest.raises(ValidationError, match=words):
        Framework.model_validate(rules)
