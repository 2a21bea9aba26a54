"""What happens from outside: each kind of shock does what it says, on its days, and nothing else.

The quiet worlds are those of the micro worlds: nobody is away, quality stays where it is, a team is a lead and one
inspector, and day 0 is Wednesday 31 January 2018.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from math import exp, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.base.calendar import DAYS_A_YEAR, add_months
from sim.base.daysets import days_mask
from sim.base.faults import InputError
from sim.base.randomness import Streams
from sim.cli.main import main
from sim.inputs.assumptions import entries
from sim.inputs.caveats import warnings
from sim.inputs.framework import INSPECTIONS
from sim.inputs.grades import JUDGEMENTS
from sim.inputs.ratings import QualityPath, Ratings, Regime
from sim.inputs.scenario import Scenario, load
from sim.inputs.shocks import integrated
from sim.record.rows import VisitRow
from sim.runs.measures import Years, measure
from sim.studies.assumptions_answer import text
from sim.world.inspectors import Inspector
from tests.test_bad_input import refused  # noqa: F401 - a fixture
from tests.worlds import (
    WEEK,
    Line,
    Run,
    all_sizes,
    authority,
    lines,
    log,
    none_but_by_video,
    nothing_held_back,
    only_open,
    posts,
    quiet,
    run,
    without_focused,
)

Refused = Callable[..., str]
NORTH = ("North 01", "North 02")
SOUTH = ("South 01", "South 02")
HIRING, NOTICE, INDUCTION = 5, 3, 6
"""Months of the scenario that the quiet worlds extend."""
AYTON = authority("Ayton", "North", "good", "2015-06-05")
"""Inspected from Monday 4 June 2018, if nothing is in the way."""
QUIETBY = authority("Quietby", "North", "good", "2018-01-26")
"""Due for nothing in the first two years, without focused visits."""


def day(iso: str) -> date:
    return date.fromisoformat(iso)


def shocks(**each: Mapping[str, object]) -> dict[str, object]:
    """Shocks by name, as changes of a scenario; what follows from days begins and ends them."""
    return {"shocks": [{"name": name, **values} for name, values in each.items()]}


def spell(kind: str, first: str, last: str | None, **values: object) -> dict[str, object]:
    ends: dict[str, object] = {} if last is None else {"ends_on": day(last)}
    return {"kind": kind, "begins_on": day(first), **ends, **values}


def within(row: VisitRow, first: int, last: int) -> bool:
    """Whether a visit is on site on any of some days."""
    return (
        row.fieldwork_start is not None
        and row.fieldwork_end is not None
        and (row.fieldwork_start <= last and row.fieldwork_end >= first)
    )


# ---------------------------------------------------------------- whole systems, run once each

FIRST, LAST = day("2019-04-29"), day("2019-12-06")
VIDEO_FIRST, VIDEO_LAST = day("2019-05-13"), day("2019-07-26")
VIDEO_VISITS, VIDEO_INADEQUATE = 17, 7
PAUSED = ("short", "standard", "joint", "single_inspection")


@cache
def whole(*which: str) -> Run:
    """England for two and a half years or so, with the shocks of these names."""
    there: dict[str, dict[str, object]] = {
        "pause": spell("pause", str(FIRST), str(LAST), visits=PAUSED),
        "video": spell(
            "pause",
            str(FIRST),
            str(LAST),
            visits=("focused", "monitoring", *PAUSED),
            virtual={
                "begins_on": VIDEO_FIRST,
                "ends_on": VIDEO_LAST,
                "visits": VIDEO_VISITS,
                "inadequate_share": VIDEO_INADEQUATE / VIDEO_VISITS,
            },
        ),
        "gap": spell("publication_gap", "2019-05-01", "2019-06-12"),
        "wave": spell("drift", "2019-02-01", "2019-12-31", regions=("London",), improvement=-0.5, decline=2.0),
        "usual": spell("turnover", "2018-05-01", "2019-04-30", roles=("social_care_hmi",), turnover_a_year=0.12),
    }
    happens = shocks(**{name: there[name] for name in which})
    return run(load("ilacs_launch", {"years": 2, "draws": "none", **nothing_held_back(), **happens}))


def rows_of(done: Run, kinds: Iterable[str]) -> list[VisitRow]:
    return [row for row in done.record.visits if row.kind in set(kinds)]


# ---------------------------------------------------------------- pauses


def test_a_paused_kind_begins_after_the_pause_and_other_kinds_go_on() -> None:
    # Both are due in the week of Monday 4 June 2018. Short inspections pause throughout June, so Ayton's begins on
    # Monday 2 July; 25 working days to Friday 10 August.
    changes = {**without_focused(), **shocks(stop=spell("pause", "2018-06-01", "2018-06-30", visits=("short",)))}
    world = quiet(
        [AYTON, authority("Beeford", "South", "requires_improvement", "2015-06-08")], {"North": 2, "South": 2}, changes
    )
    assert log(world) == [
        ("Beeford", "standard", "2018-06-04", "2018-06-15", "2018-07-16", "published", SOUTH),
        ("Ayton", "short", "2018-07-02", "2018-07-06", "2018-08-10", "published", NORTH),
    ]


@pytest.mark.parametrize(
    ("first", "last", "begins"),
    [
        ("2018-06-03", "2018-06-03", "2018-06-04"),
        ("2018-06-04", "2018-06-04", "2018-06-11"),
        ("2018-06-08", "2018-06-08", "2018-06-11"),
        ("2018-06-08", "2018-06-17", "2018-06-18"),
        ("2018-06-09", "2018-06-30", "2018-06-04"),
    ],
)
def test_a_visit_is_kept_off_by_a_pause_that_has_one_day_of_it(first: str, last: str, begins: str) -> None:
    changes = {**without_focused(), **shocks(stop=spell("pause", first, last, visits=("short",)))}
    assert [line[2] for line in log(quiet([AYTON], {"North": 2}, changes))] == [begins]


def test_no_visit_of_a_paused_kind_is_on_site_in_the_pause_and_others_are() -> None:
    done = whole("pause")
    first, last = done.day(FIRST), done.day(LAST)
    on_site = Counter(row.kind for row in done.record.visits if within(row, first, last))
    assert not set(on_site) & set(PAUSED)
    assert on_site["focused"] > 10 and on_site["monitoring"] > 10
    assert Counter(row.kind for row in whole().record.visits if within(row, first, last))["short"] > 10


def test_what_waited_for_the_end_of_a_pause_is_begun_after_it() -> None:
    done = whole("pause")
    first, last = done.day(FIRST), done.day(LAST)
    kept_off = [row for row in rows_of(done, INSPECTIONS) if first <= row.due and row.latest <= last]
    assert len(kept_off) > 5
    assert all(row.fieldwork_start is None or not first <= row.fieldwork_start <= last for row in kept_off)
    assert any(row.fieldwork_start is not None and row.fieldwork_start > last for row in kept_off)
    assert not [row for row in kept_off if row.status == "cancelled"]


def test_before_a_pause_all_is_as_without_it() -> None:
    # A visit is called a week or two before its first day on site; whatever was called long before is the same.
    limit = whole().day(FIRST) - 8 * WEEK

    def early(done: Run) -> list[tuple[object, ...]]:
        found = [row for row in done.record.visits if row.notified is not None and row.notified < limit]
        return [(row.authority, row.kind, row.fieldwork_start, row.lead) for row in found]

    assert early(whole("pause")) == early(whole())


def test_quality_is_the_same_with_and_without_a_pause() -> None:
    paths = []
    for done in (whole(), whole("pause"), whole("video"), whole("gap")):
        for life in done.world.authorities:
            life.quality.extend_to(done.record.horizon)
        paths.append([(life.name, life.quality.days, life.quality.grades) for life in done.world.authorities])
    assert all(path == paths[0] for path in paths)


CEEHAM = authority("Ceeham", "North", "inadequate", "2018-01-26")


def monitored(visits: int, **pauses: Mapping[str, object]) -> Scenario:
    key = "frameworks.ilacs_2018.pathways.inadequate.contacts.monitoring.visits"
    return quiet(
        [CEEHAM],
        {"North": 2},
        {
            **{f"{key}.{name}": visits for name in ("low", "mode", "high")},
            "position.published_after_days": 20,
            **shocks(**pauses),
        },
        framework=("ilacs_2018",),
        years=2,
    )


def test_a_monitoring_visit_that_a_pause_prevents_stays_as_cancelled_and_brings_the_reinspection_no_nearer() -> None:
    # Without the pause: visits on 9 July and 8 October 2018, and the inspection on 14 January 2019. With it the first
    # one, due on Thursday 5 July, is given up a quarter later, on 4 October. The next, due then, begins on the first
    # Monday after the pause, 15 October; the second of two 13 weeks later, on 14 January 2019. The inspection is due
    # three months after that, on 14 April. It can be asked for when its window opens on 14 March, so from 25 March on;
    # two open weeks in a row come first on 13 May (weeks 14 and 22 are closed, and those of Easter and May Day).
    without = [line for line in log(monitored(2)) if line[2] is not None]
    assert [line[1:3] for line in without][:3] == [
        ("monitoring", "2018-07-09"), ("monitoring", "2018-10-08"), ("standard", "2019-01-14"),
    ]  # fmt: skip
    done = run(monitored(2, stop=spell("pause", "2018-07-01", "2018-10-14", visits=("monitoring",))))
    rows = done.record.visits[:4]
    assert [(row.kind, row.status) for row in rows] == [
        ("monitoring", "cancelled"), ("monitoring", "published"), ("monitoring", "published"), ("standard", "published")
    ]  # fmt: skip
    assert rows[0].fieldwork_start is None and done.date(rows[0].due) == day("2018-07-05")
    starts = [None if row.fieldwork_start is None else str(done.date(row.fieldwork_start)) for row in rows]
    assert starts == [None, "2018-10-15", "2019-01-14", "2019-05-13"]
    assert done.date(rows[3].due) == day("2019-04-14")


def test_a_monitoring_visit_that_only_lacks_a_team_counts_as_ever() -> None:
    # Nobody at all: both visits are given up, each at the next one's date, and the inspection is asked for.
    scenario = monitored(2).with_changes(posts("social_care_hmi", {"North": 0, "South": 0}))
    rows = run(scenario).record.visits
    assert [(row.kind, row.status) for row in rows] == [
        ("monitoring", "cancelled"), ("monitoring", "cancelled"), ("standard", "waiting"),
    ]  # fmt: skip


def test_joint_inspections_of_a_pause_are_not_asked_for_and_the_others_are_as_without_it() -> None:
    usual, done = whole(), whole("pause")
    first, last = done.day(FIRST), done.day(LAST)
    wanted = [(row.authority, row.due) for row in rows_of(usual, {"joint"})]
    meant = [(name, due) for name, due in wanted if due + 4 < first or due > last]
    assert len(meant) < len(wanted)
    assert [(row.authority, row.due) for row in rows_of(done, {"joint"})] == meant


def test_visits_by_video_are_as_many_as_said_to_whom_it_is_said_and_within_their_days() -> None:
    done = whole("video")
    first, last = done.day(VIDEO_FIRST), done.day(VIDEO_LAST)
    by_video = [visit for visit in done.world.visits if visit.virtual]
    assert Counter((visit.kind, visit.judgement_before == "inadequate") for visit in by_video) == {
        ("monitoring", True): VIDEO_INADEQUATE,
        ("focused", False): VIDEO_VISITS - VIDEO_INADEQUATE,
    }
    assert len({visit.authority.name for visit in by_video}) == VIDEO_VISITS
    held = [done.record.visits[visit.serial] for visit in by_video if visit.status != "cancelled"]
    assert len(held) >= VIDEO_VISITS - 2
    for row in held:
        assert row.fieldwork_start is not None and row.fieldwork_end is not None
        assert first <= row.fieldwork_start and row.fieldwork_end <= last
    begins, ends = done.day(FIRST), done.day(LAST)
    in_person = [row for row in rows_of(done, ("focused", "monitoring", *PAUSED)) if row.visit not in {
        visit.serial for visit in by_video
    }]  # fmt: skip
    assert not [row for row in in_person if within(row, begins, ends)]


def test_days_on_site_are_those_of_visits_in_person_alone() -> None:
    done = whole("video")
    by_video = {visit.serial for visit in done.world.visits if visit.virtual}
    in_person = [part for part in done.record.assignments if part.visit not in by_video]
    days = sum(sum(each <= done.record.horizon for each in done.on_site(part)) for part in in_person)
    assert done.record.workload.on_site_days.sum() == pytest.approx(days)
    only_video = [part for part in done.record.assignments if part.visit in by_video]
    assert len(only_video) >= 2 * (VIDEO_VISITS - 2)


VIDEO = {"begins_on": day("2018-05-14"), "ends_on": day("2018-05-20"), "visits": 1, "inadequate_share": 0.0}
"""One focused visit, in a week that holds one Monday."""


def by_video(**more: Mapping[str, object]) -> Scenario:
    pause = spell("pause", "2018-05-01", "2018-05-31", visits=("focused",), virtual=VIDEO)
    return quiet([QUIETBY], {"South": 2}, {**none_but_by_video(), **shocks(stop=pause, **more)})


def test_a_visit_by_video_takes_no_travel_and_no_days_on_site() -> None:
    # The team is from elsewhere. The lead prepares for a day, sees the authority for two and writes for two; the other
    # one takes three days. 21 working days after Tuesday 15 May, without 28 May: Thursday 14 June.
    done = run(by_video())
    assert lines(done.scenario, done.record) == [
        ("Quietby", "focused", "2018-05-14", "2018-05-15", "2018-06-14", "published", SOUTH)
    ]
    assert [part.days for part in done.record.assignments] == [5, 3]
    load = done.record.workload
    assert load.by_kind.sum(axis=0)[2] == 8  # third of the kinds: focused
    assert not load.on_site_days.any() and not load.inspectors_out.any()


def test_a_visit_by_video_without_a_team_by_the_end_of_its_days_is_cancelled() -> None:
    away = spell("other_programme", "2018-05-01", "2018-06-30", roles=("social_care_hmi",), people_share=1.0)
    assert log(by_video(away=away)) == [("Quietby", "focused", None, None, None, "cancelled", ())]


def test_a_visit_by_video_is_not_begun_after_its_days() -> None:
    # The people are back on Friday 18 May, in time for a visit from Monday 21 May on; but the days end on the 20th.
    away = spell("other_programme", "2018-05-01", "2018-05-17", roles=("social_care_hmi",), people_share=1.0)
    assert log(by_video(away=away)) == [("Quietby", "focused", None, None, None, "cancelled", ())]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2018-02-01", "2018-02-09"),  # notice from the start on leaves Monday 12 February at the soonest
        ("2018-05-14", "2018-05-14"),  # a visit of two days would end on the 15th
        ("2018-05-15", "2018-05-20"),  # no Monday
        ("2018-05-28", "2018-06-03"),  # a bank holiday
    ],
)
def test_there_is_no_visit_by_video_where_its_days_leave_no_room_for_one(first: str, last: str) -> None:
    virtual = {**VIDEO, "begins_on": day(first), "ends_on": day(last)}
    pause = spell("pause", "2018-02-01", "2018-06-30", visits=("focused",), virtual=virtual)
    found = log(quiet([QUIETBY], {"South": 2}, {**none_but_by_video(), **shocks(stop=pause)}))
    assert [line for line in found if line[2] is not None] == []


# ---------------------------------------------------------------- publication gaps


@pytest.mark.parametrize(
    ("gaps", "published"),
    [
        ([("2018-07-01", "2018-07-12")], "2018-07-13"),
        ([("2018-07-14", "2018-07-30")], "2018-07-13"),
        ([("2018-07-13", "2018-07-13")], "2018-07-16"),
        ([("2018-07-01", "2018-07-20")], "2018-07-23"),
        ([("2018-07-01", "2018-08-24")], "2018-08-28"),  # 27 August is a bank holiday
        ([("2018-07-17", "2018-07-31"), ("2018-07-02", "2018-07-16")], "2018-08-01"),
        ([("2018-07-02", "2018-07-31"), ("2018-07-10", "2018-07-20")], "2018-08-01"),
    ],
)
def test_what_is_ready_in_a_gap_is_published_on_the_first_working_day_after_it(
    gaps: list[tuple[str, str]], published: str
) -> None:
    # Ready on Friday 13 July; Beeford's, of Monday 3 September, on Monday 8 October.
    of_gaps = {f"gap {number}": spell("publication_gap", *days) for number, days in enumerate(gaps)}
    world = quiet(
        [AYTON, authority("Beeford", "South", "good", "2015-09-04")],
        {"North": 2, "South": 2},
        {**without_focused(), **shocks(**of_gaps)},
    )
    assert log(world) == [
        ("Ayton", "short", "2018-06-04", "2018-06-08", published, "published", NORTH),
        ("Beeford", "short", "2018-09-03", "2018-09-07", "2018-10-12", "published", SOUTH),
    ]


def test_nothing_with_a_report_is_published_in_a_gap_and_meetings_are_held() -> None:
    done, usual = whole("gap"), whole()
    first, last = done.day(day("2019-05-01")), done.day(day("2019-06-12"))
    after = done.workdays(last + 1, last + WEEK)[0]
    in_gap = [row for row in done.record.visits if row.published is not None and first <= row.published <= last]
    assert {row.kind for row in in_gap} == {"engagement"}
    held_back = [row for row in usual.record.visits if row.published is not None and first <= row.published <= last]
    there = {(row.authority, row.kind, row.fieldwork_start): row for row in done.record.visits}
    begun_before = [row for row in held_back if row.kind != "engagement" and row.notified is not None
                    and row.notified < first]  # fmt: skip
    assert begun_before
    assert all(there[row.authority, row.kind, row.fieldwork_start].published == after for row in begun_before)


def test_what_is_published_before_a_gap_is_as_without_it() -> None:
    first = whole().day(day("2019-05-01"))

    def before(done: Run) -> list[VisitRow]:
        return [row for row in done.record.visits if row.published is not None and row.published < first]

    assert before(whole("gap")) == before(whole())


# ---------------------------------------------------------------- drift


def paths_of(ratings: Ratings, climate: list[Regime], grade: int, many: int, until: int) -> list[QualityPath]:
    paths = [
        QualityPath(ratings, grade, 0, Streams(11, number).stream("quality", "Ayton", 2), climate)
        for number in range(many)
    ]
    for path in paths:
        path.extend_to(until)
    return paths


@cache
def fitted() -> Ratings:
    return load("ilacs_launch").ratings


def moves_of(path: QualityPath) -> list[tuple[float, int, int]]:
    """Day, grade before and grade after each move."""
    return list(zip(path.days[1:], path.grades, path.grades[1:], strict=False))


def test_quality_is_as_without_a_drift_until_it_begins_and_in_other_regions_throughout() -> None:
    done, usual = whole("wave"), whole()
    begins = done.day(day("2019-02-01"))
    differ = set()
    for life, twin in zip(done.world.authorities, usual.world.authorities, strict=True):
        for each, run_of in ((life, done), (twin, usual)):
            each.quality.extend_to(run_of.record.horizon)
        early = [move for move in moves_of(life.quality) if move[0] < begins]
        assert early == [move for move in moves_of(twin.quality) if move[0] < begins]
        if moves_of(life.quality) != moves_of(twin.quality):
            differ.add(life.region)
    assert differ == {"London"}


def test_a_drift_without_regions_is_felt_everywhere() -> None:
    wave = spell("drift", "2018-02-01", "2019-12-31", improvement=1.0, decline=1.0)
    scenario = quiet([AYTON, authority("Beeford", "South", "good", "2015-06-05")], {}, shocks(wave=wave))
    world = run(scenario).world
    assert world.shocks.climate("North") == world.shocks.climate("South") == [(1, 2.0, 2.0), (700, 1.0, 1.0)]


def test_quality_stands_still_while_both_rates_are_brought_to_nothing() -> None:
    first, last = 200, 900
    still = paths_of(fitted(), [Regime(first, 0.0, 0.0), Regime(last + 1, 1.0, 1.0)], 2, 300, 2000)
    usual = paths_of(fitted(), [], 2, 300, 2000)
    assert not [move for path in still for move in moves_of(path) if first <= move[0] <= last]
    for path, twin in zip(still, usual, strict=True):  # and goes on afterwards where it stopped
        early = [move for move in moves_of(twin) if move[0] < first]
        late = [(when + last + 1 - first, *grades) for when, *grades in moves_of(twin) if when >= first]
        wanted = [move for move in [*early, *late] if move[0] <= 2000]
        assert [move[1:] for move in moves_of(path)] == [tuple(move[1:]) for move in wanted]
        assert [move[0] for move in moves_of(path)] == pytest.approx([move[0] for move in wanted])


def test_rates_that_are_doubled_make_the_same_moves_in_half_the_time() -> None:
    # The same random numbers, so the same path on a clock that runs twice as fast from day 100 on.
    fast = paths_of(fitted(), [Regime(100, 2.0, 2.0)], 2, 200, 1000)
    usual = paths_of(fitted(), [], 2, 200, 1900)
    for path, twin in zip(fast, usual, strict=True):
        assert path.grades == twin.grades
        wanted = [when if when < 100 else 100 + (when - 100) / 2 for when in twin.days]
        assert path.days == pytest.approx(wanted)


def test_a_drift_that_changes_nothing_leaves_every_path_as_it_is() -> None:
    same = paths_of(fitted(), [Regime(100, 1.0, 1.0), Regime(300, 1.0, 1.0)], 2, 100, 3000)
    usual = paths_of(fitted(), [], 2, 100, 3000)
    for path, twin in zip(same, usual, strict=True):
        assert path.grades == twin.grades and path.days == pytest.approx(twin.days)


def test_doubled_decline_makes_more_declines_by_as_much_as_the_rates_say() -> None:
    # From good the first move within t days is a decline with probability d / (d + i) (1 - exp(-(d + i) t)).
    many, first, last = 4000, 50, 414
    improve = fitted().drift["good"]["outstanding"] / DAYS_A_YEAR
    decline = fitted().drift["good"]["requires_improvement"] / DAYS_A_YEAR
    found = []
    for factor in (1.0, 2.0):
        paths = paths_of(fitted(), [Regime(first, 1.0, factor), Regime(last + 1, 1.0, 1.0)], 1, many, last + 1)
        there = [path for path in paths if path.at(first) == 1 and len(moves_of(path)) == sum(
            when >= first for when, *_ in moves_of(path)
        )]  # fmt: skip
        declined = sum(bool(moves_of(path)) and moves_of(path)[0][2] == 2 for path in there)

        def off(claimed: float, seen: int = declined, of: int = len(there)) -> float:
            """Declines, in standard errors from what a factor claims."""
            rate = improve + claimed * decline
            share = claimed * decline / rate * (1 - exp(-rate * (last + 1 - first)))
            return (seen - share * of) / sqrt(of * share * (1 - share))

        assert abs(off(factor)) < 4
        assert abs(off(1.5 * factor)) > 4  # half as many again are caught
        found.append(declined)
    assert found[1] > 1.5 * found[0]


def test_a_drift_and_the_effect_of_contact_multiply() -> None:
    # Outside, decline is trebled and improvement halved from day 100 to 299; contact halves decline and doubles
    # improvement from day 200 to 399. The rates added up over the days are worked out piece by piece.
    pieces = [(0, 1.0, 1.0), (100, 0.5, 3.0), (200, 1.0, 1.5), (300, 2.0, 0.5), (400, 1.0, 1.0)]
    climate = [Regime(100, 0.5, 3.0), Regime(300, 1.0, 1.0)]
    for number in range(300):
        both = QualityPath(fitted(), 1, 0, Streams(5, number).stream("quality", "Ayton", 2), climate)
        both.change_rates(200, [Regime(200, 2.0, 0.5), Regime(400, 1.0, 1.0)])
        one = QualityPath(
            fitted(), 1, 0, Streams(5, number).stream("quality", "Ayton", 2), [Regime(*piece) for piece in pieces[1:]]
        )
        for path in (both, one):
            path.extend_to(1500)
        assert both.grades == one.grades
        assert both.days == pytest.approx(one.days)


def test_two_drifts_at_a_time_multiply() -> None:
    waves = {
        "one": spell("drift", "2018-02-10", "2018-03-01", improvement=-0.5, decline=1.0),
        "two": spell("drift", "2018-02-20", "2018-03-11", regions=("North",), improvement=1.0, decline=0.5),
    }
    world = run(quiet([AYTON], {}, shocks(**waves))).world
    assert world.shocks.climate("North") == [(10, 0.5, 2.0), (20, 1.0, 3.0), (30, 2.0, 1.5), (40, 1.0, 1.0)]
    assert world.shocks.climate("South") == [(10, 0.5, 2.0), (30, 1.0, 1.0)]


def test_a_drift_under_way_at_the_start_is_felt_from_the_start_on() -> None:
    wave = spell("drift", "2017-01-01", "2018-02-19", improvement=-1.0, decline=1.0)
    world = run(quiet([AYTON], {}, shocks(wave=wave))).world
    assert world.shocks.climate("North") == [(0, 0.0, 2.0), (20, 1.0, 1.0)]


# ---------------------------------------------------------------- turnover


@pytest.mark.parametrize(
    ("first", "amount", "reached"),
    [
        (0, 5.0, 5.0),  # one a day
        (-50, 5.0, -45.0),
        (0, 10.0, 10.0),
        (0, 12.0, 14.0),  # half a day from day 10 on
        (0, 20.0, 30.0),
        (0, 20.5, 40.25),  # nothing from day 30 to 40, then two a day
        (20, 5.0, 30.0),
        (20, 6.0, 40.5),
        (35, 1.0, 40.5),
        (100, 8.0, 104.0),
    ],
)
def test_rates_are_added_up_exactly(first: int, amount: float, reached: float) -> None:
    rates = [(-(10**6), 1.0), (10, 0.5), (30, 0.0), (40, 2.0)]
    assert integrated(rates, first, amount) == reached


def test_rates_that_end_in_nothing_may_never_reach_an_amount() -> None:
    rates = [(-(10**6), 1.0), (10, 0.0)]
    assert integrated(rates, 0, 10.5) == float("inf")
    assert integrated(rates, 11, 0.5) == float("inf")


def test_a_rate_of_leaving_holds_on_its_days_and_the_usual_one_outside_them() -> None:
    shock = {
        "early": spell("turnover", "2018-02-10", "2018-02-19", roles=("social_care_hmi",), turnover_a_year=0.5),
        "late": spell(
            "turnover", "2018-03-02", "2018-03-11", roles=("schools_hmi", "social_care_hmi"), turnover_a_year=0.9
        ),
    }
    outside = run(quiet([QUIETBY], {}, shocks(**shock))).world.shocks
    of_care = outside.turnover("social_care_hmi", 0.1)
    assert [rate for _, rate in of_care] == [0.1, 0.5, 0.1, 0.9, 0.1]
    assert [begins for begins, _ in of_care[1:]] == [10, 20, 30, 40]
    assert [rate for _, rate in outside.turnover("schools_hmi", 0.2)] == [0.2, 0.9, 0.2]
    assert [rate for _, rate in outside.turnover("senior_hmi", 0.3)] == [0.3]


def test_as_many_leave_as_the_rates_say_and_on_the_days_on_which_they_hold() -> None:
    # Nobody leaves usually; at one a year for 183 days a person leaves with probability 1 - exp(-183 / 365.25).
    many, first, last = 1500, day("2018-09-01"), day("2019-03-02")
    shock = spell("turnover", str(first), str(last), roles=("social_care_hmi",), turnover_a_year=1.0)
    changes = {**without_focused(), **shocks(leaving=shock), "workforce.hiring_months": 60}
    done = run(quiet([QUIETBY], {"North": many}, changes, years=2))
    gone = [done.date(person.last_day) for person in done.people.values() if not stays(done, person)]

    def off(a_year: float) -> float:
        """Leavers, in standard errors from what a rate claims."""
        share = 1 - exp(-a_year * ((last - first).days + 1) / DAYS_A_YEAR)
        return (len(gone) - many * share) / sqrt(many * share * (1 - share))

    assert abs(off(1.0)) < 4
    assert abs(off(1.4)) > 4 and abs(off(0.7)) > 4  # a rate that is some tenths off is caught
    assert first <= min(gone) and max(gone) <= last + timedelta(days=1)
    assert len(done.people) == many


def stays(done: Run, person: Inspector) -> bool:
    return person.last_day > done.record.horizon


def test_a_turnover_equal_to_the_usual_one_changes_nothing() -> None:
    assert whole("usual").record.visits == whole().record.visits
    assert [(person.name, person.joins, person.last_day, person.away) for person in whole("usual").people.values()] == [
        (person.name, person.joins, person.last_day, person.away) for person in whole().people.values()
    ]


# ---------------------------------------------------------------- hiring freezes and departures


NOTHING_DUE: dict[str, object] = {"frameworks.ilacs_2017.pathways.good.interval_months": 120}


def staffed(people: Mapping[str, int], **each: Mapping[str, object]) -> Scenario:
    """World of three years in which there is nothing to do."""
    return quiet([QUIETBY], people, {**without_focused(), **NOTHING_DUE, **shocks(**each)}, years=3)


def joined(done: Run) -> dict[str, date]:
    """When each of those came who were not there at the start."""
    return {name: done.date(person.joins) for name, person in done.people.items() if person.joins > 0}


ONE_GOES = spell("departures", "2018-03-01", None, role="social_care_hmi", people=1, leads=False)
"""Gives notice on 1 March 2018: the offer to the successor is made on 1 August, who joins on 1 November."""


@pytest.mark.parametrize(
    ("first", "last", "joins"),
    [
        ("2018-03-02", "2018-07-31", "2018-11-01"),
        ("2018-08-02", "2019-06-30", "2018-11-01"),
        ("2018-08-01", "2018-08-01", "2018-11-02"),
        ("2018-07-15", "2018-09-30", "2019-01-01"),
        ("2018-02-01", "2018-12-14", "2019-03-15"),
    ],
)
def test_an_offer_that_would_fall_into_a_freeze_is_made_on_the_day_after_it(first: str, last: str, joins: str) -> None:
    freeze = spell("hiring_freeze", first, last, roles=("social_care_hmi",))
    done = run(staffed({"North": 1}, leaves=ONE_GOES, freeze=freeze))
    assert joined(done) == {"social_care_hmi North 01/2": day(joins)}


def test_a_freeze_of_one_role_leaves_the_others_alone() -> None:
    freeze = spell("hiring_freeze", "2018-02-01", "2019-06-30", roles=("schools_hmi", "senior_hmi"))
    done = run(staffed({"North": 1}, leaves=ONE_GOES, freeze=freeze))
    assert joined(done) == {"social_care_hmi North 01/2": day("2018-11-01")}


def test_two_freezes_one_after_the_other_are_as_one() -> None:
    freezes = {
        "later": spell("hiring_freeze", "2018-09-01", "2018-10-31", roles=("social_care_hmi",)),
        "sooner": spell("hiring_freeze", "2018-07-01", "2018-08-31", roles=("social_care_hmi", "schools_hmi")),
    }
    done = run(staffed({"North": 1}, leaves=ONE_GOES, **freezes))
    assert joined(done) == {"social_care_hmi North 01/2": day("2019-02-01")}


def test_nobody_joins_from_offers_of_a_freeze_and_after_it_people_join_again() -> None:
    freeze = spell("hiring_freeze", "2018-09-01", "2019-08-31", roles=("social_care_hmi",))
    changes = {
        **without_focused(),
        **shocks(freeze=freeze),
        "workforce.roles.social_care_hmi.turnover_a_year": 1.0,
    }
    done = run(quiet([QUIETBY], {"North": 100}, changes, years=3))
    days = sorted(joined(done).values())
    opens, closes = add_months(day("2018-09-01"), NOTICE), add_months(day("2019-09-01"), NOTICE)
    assert [each for each in days if each < opens] and [each for each in days if each > closes]
    assert not [each for each in days if opens <= each < closes]
    assert days.count(closes) > 20


def test_a_campaign_hires_in_spite_of_a_freeze_of_other_posts() -> None:
    campaign = spell("recruitment", "2018-03-01", None, role="social_care_hmi", people=2)
    freeze = spell("hiring_freeze", "2018-07-15", "2018-09-30", roles=("social_care_hmi",))
    done = run(staffed({"North": 1}, campaign=campaign, freeze=freeze))
    assert set(joined(done).values()) == {day("2018-11-01")}


def test_so_many_leave_on_the_day_and_are_replaced_after_hiring_and_notice() -> None:
    leaves = spell("departures", "2018-03-01", None, role="social_care_hmi", people=3, leads=False)
    done = run(staffed({"North": 5, "South": 4}, leaves=leaves))
    gone = {name: done.date(person.last_day) for name, person in done.people.items() if not stays(done, person)}
    assert len(gone) == 3 and set(gone.values()) == {day("2018-03-01")}
    assert joined(done) == dict.fromkeys((f"{name}/2" for name in gone), day("2018-11-01"))


def test_one_departure_more_leaves_those_who_go_anyway_as_they_are() -> None:
    def gone(people: int) -> set[str]:
        leaves = spell("departures", "2018-03-01", None, role="social_care_hmi", people=people, leads=False)
        done = run(staffed({"North": 5, "South": 4}, leaves=leaves))
        return {name for name, person in done.people.items() if not stays(done, person)}

    each = [gone(people) for people in (1, 2, 3, 20)]
    assert [len(names) for names in each] == [1, 2, 3, 9]
    assert each[0] < each[1] < each[2] < each[3]


@pytest.mark.parametrize("leads", [True, False])
def test_only_leads_leave_if_it_is_leads_who_leave(leads: bool) -> None:
    leaves = spell("departures", "2018-03-01", None, role="social_care_hmi", people=10, leads=leads)
    world = staffed({"North": 10, "South": 10}, leaves=leaves).with_changes(
        {"workforce.roles.social_care_hmi.may_lead_share": 0.5}
    )
    done = run(world)
    gone = Counter(person.may_lead for person in done.people.values() if not stays(done, person))
    assert gone.total() == 10
    assert gone[True] == 10 if leads else gone[False] > 0


def test_who_leaves_at_once_finishes_what_is_promised_first() -> None:
    # Ayton is inspected from 4 to 8 June; its lead writes up to Thursday 14 June. Both give notice on Wednesday 6 June.
    leaves = spell("departures", "2018-06-06", None, role="social_care_hmi", people=2, leads=False)
    done = run(quiet([AYTON], {"North": 2}, {**without_focused(), **shocks(leaves=leaves)}))
    assert lines(done.scenario, done.record) == [
        ("Ayton", "short", "2018-06-04", "2018-06-08", "2018-07-13", "published", NORTH)
    ]
    last = {name: str(done.date(person.last_day)) for name, person in done.people.items() if person.joins == 0}
    assert last == {"social_care_hmi North 01": "2018-06-14", "social_care_hmi North 02": "2018-06-08"}


# ---------------------------------------------------------------- recruitment


CAMPAIGN = spell("recruitment", "2018-03-01", None, role="social_care_hmi", people=3)


def test_a_campaign_brings_exactly_so_many_people_after_hiring_and_notice_and_inducts_them() -> None:
    done = run(staffed({"North": 2, "South": 1}, campaign=CAMPAIGN))
    came = [person for person in done.people.values() if person.joins > 0]
    assert [str(done.date(person.joins)) for person in came] == ["2018-11-01"] * 3
    assert [str(done.date(person.full_use)) for person in came] == ["2019-05-01"] * 3
    assert [person for person in done.people.values() if not stays(done, person)] == []
    assert len(done.people) == 6


def test_people_of_a_campaign_work_less_until_they_are_inducted() -> None:
    usual, done = run(staffed({"North": 2})), run(staffed({"North": 2}, campaign=CAMPAIGN))
    more = (done.record.workload.available - usual.record.workload.available).sum(axis=(1, 2))
    in_post, inducted = done.day(day("2018-11-01")), done.day(day("2019-05-01"))
    learning, able = len(done.workdays(in_post, inducted - 1)), len(done.workdays(inducted, done.record.horizon))
    productivity = done.scenario.workforce.induction_productivity
    assert more.sum() == pytest.approx(3 * (productivity * learning + able))


def test_a_fixed_term_ends_and_nobody_follows() -> None:
    term = {**CAMPAIGN, "ends_on": day("2019-03-15")}
    done = run(staffed({"North": 2, "South": 1}, campaign=term))
    came = [person for person in done.people.values() if person.joins > 0]
    assert [(str(done.date(person.joins)), str(done.date(person.last_day))) for person in came] == [
        ("2018-11-01", "2019-03-15")
    ] * 3
    assert len(done.people) == 6
    assert {person.name for people in done.world.workforce.in_post.values() for person in people} == {
        name for name, person in done.people.items() if person.joins == 0
    }


def test_who_leaves_within_a_fixed_term_is_replaced_until_its_end() -> None:
    term = spell("recruitment", "2018-03-01", "2020-03-15", role="social_care_hmi", people=1)
    leaves = spell("departures", "2019-01-01", None, role="social_care_hmi", people=1, leads=False)
    done = run(staffed({}, campaign=term, leaves=leaves))
    assert [(str(done.date(person.joins)), str(done.date(person.last_day))) for person in done.people.values()] == [
        ("2018-11-01", "2019-01-01"), ("2019-09-01", "2020-03-15"),
    ]  # fmt: skip


LIMIT = "workforce.roles.social_care_hmi.most_offers_a_quarter"


def days_joined(done: Run) -> list[str]:
    return sorted(str(done.date(person.joins)) for person in done.people.values() if person.joins > 0)


def test_offers_beyond_the_limit_of_a_quarter_are_made_on_the_first_day_of_the_next_one_with_room() -> None:
    # Hiring takes five months, so offers could be made on 1 August: two are, two in October, the last in January.
    campaign = CAMPAIGN | {"people": 5}
    done = run(staffed({"North": 2}, campaign=campaign).with_changes({LIMIT: 2}))
    assert days_joined(done) == ["2018-11-01", "2018-11-01", "2019-01-01", "2019-01-01", "2019-04-01"]
    assert days_joined(run(staffed({"North": 2}, campaign=campaign).with_changes({LIMIT: 5}))) == ["2018-11-01"] * 5


def test_successors_and_more_people_share_the_limit() -> None:
    # Who leaves on 1 April 2018 gives notice then; an offer could be made on 1 September, when the quarter is full.
    leaves = spell("departures", "2018-04-01", None, role="social_care_hmi", people=1, leads=False)
    scenario = staffed({"North": 2}, campaign=CAMPAIGN | {"people": 2}, leaves=leaves)
    assert days_joined(run(scenario)) == ["2018-11-01", "2018-11-01", "2018-12-01"]
    assert days_joined(run(scenario.with_changes({LIMIT: 2}))) == ["2018-11-01", "2018-11-01", "2019-01-01"]
    assert days_joined(run(scenario.with_changes({LIMIT: 1}))) == ["2018-11-01", "2019-01-01", "2019-04-01"]


def test_offers_that_nobody_takes_up_use_no_room() -> None:
    # Of thirty fixed-term posts one is taken up. Who leaves in the spring of 2019 is replaced without waiting.
    term = CAMPAIGN | {"people": 30, "ends_on": day("2018-12-31")}
    leaves = spell("departures", "2019-04-01", None, role="social_care_hmi", people=1, leads=False)
    scenario = staffed({"North": 2}, campaign=term, leaves=leaves).with_changes({LIMIT: 1})
    assert days_joined(run(scenario)) == ["2018-11-01", "2019-12-01"]


def test_who_leaves_before_the_campaign_could_make_an_offer_is_replaced_before_it() -> None:
    # The leaver's successor could be offered the post on 1 July, the campaign's people on 1 August.
    leaves = spell("departures", "2018-02-01", None, role="social_care_hmi", people=1, leads=False)
    scenario = staffed({"North": 2}, campaign=CAMPAIGN | {"people": 2}, leaves=leaves).with_changes({LIMIT: 1})
    assert days_joined(run(scenario)) == ["2018-10-01", "2019-01-01", "2019-04-01"]


def test_a_fixed_term_that_is_over_before_an_offer_can_be_made_is_taken_up_by_nobody() -> None:
    term = CAMPAIGN | {"people": 3, "ends_on": day("2018-12-31")}
    assert days_joined(run(staffed({"North": 2}, campaign=term).with_changes({LIMIT: 1}))) == ["2018-11-01"]


def test_the_record_says_who_joined_was_in_full_use_and_left() -> None:
    leaves = spell("departures", "2019-01-01", None, role="social_care_hmi", people=1, leads=False)
    done = run(staffed({"North": 1}, campaign=CAMPAIGN | {"people": 1}, leaves=leaves))
    rows = {row.inspector: row for row in done.record.careers}
    dates = {
        name: [day and str(done.date(day)) for day in (row.joined, row.full_use, row.last_day)]
        for name, row in rows.items()
    }
    (gone,) = [name for name, row in rows.items() if row.last_day is not None]
    assert dates.pop(gone)[-1] == "2019-01-01"
    assert dates.pop(f"{gone}/2") == ["2019-09-01", "2020-03-01", None]
    assert [name for name, row in rows.items() if row.successor] == [f"{gone}/2"]
    assert len(dates) == 1


Known = dict[str, tuple[str, float, bool, int]]


def known(done: Run) -> Known:
    """Region, hours, permission to lead and leave of those who are there at the start."""
    return {
        name: (person.region, person.hours, person.may_lead, person.away)
        for name, person in done.people.items()
        if person.joins == 0
    }


@cache
def recruited(people: int, second: int, by_region: bool) -> Run:
    """England's people with two campaigns, and hardly any visits."""
    base = load("ilacs_launch")
    changes: dict[str, object] = {
        "years": 2,
        "draws": "none",
        "workforce.sick_days": 0.0,
        **{f"workforce.roles.{role}.turnover_a_year": 0.0 for role in base.workforce.roles},
        **without_focused("ilacs_2017"),
        **without_focused("ilacs_2018"),
        **{f"frameworks.{name}.{key}": None for name in base.framework for key in ("engagement", "joint")},
        "authorities": tuple(row.model_copy(update={"inspected_on": base.start, "judgement": "good"})
                             for row in base.authorities),
    }  # fmt: skip
    if by_region:
        uneven = {region: 5 + 2 * place for place, region in enumerate(base.workforce.regions)}
        changes |= posts("social_care_hmi", uneven)
    campaigns = {
        "later": spell("recruitment", "2018-06-01", None, role="social_care_hmi", people=second),
        "sooner": spell("recruitment", "2018-03-01", None, role="social_care_hmi", people=people),
    }
    some = {name: shock for name, shock in campaigns.items() if shock["people"]}
    return run(load("ilacs_launch", changes | shocks(**some)))


@pytest.mark.parametrize("by_region", [False, True])
def test_people_of_the_start_keep_name_hours_region_and_leave_when_others_are_recruited(by_region: bool) -> None:
    assert known(recruited(7, 30, by_region)) == known(recruited(0, 0, by_region))


@pytest.mark.parametrize("by_region", [False, True])
def test_campaigns_bring_so_many_people_each_and_no_name_twice(by_region: bool) -> None:
    done = recruited(7, 30, by_region)
    assert Counter(str(each) for each in joined(done).values()) == {"2018-11-01": 7, "2019-02-01": 30}
    assert len(done.world.workforce.everybody) == len(done.people)
    assert all("/" not in name for name in done.people)


def test_people_who_are_shared_out_are_where_as_many_of_the_start_would_be() -> None:
    # The people of the start and 37 more are shared out as 100 of the start would be.
    done = recruited(7, 30, by_region=False)
    there = Counter(person.region for person in done.people.values() if person.role == "social_care_hmi")
    larger = load("ilacs_launch", {"workforce.roles.social_care_hmi.people": 100})
    wanted = run_of_the_start(larger)
    assert there.total() == 100
    assert there == Counter(person.region for person in wanted)
    assert {(person.name, person.hours, person.may_lead) for person in done.people.values() if person.role ==
            "social_care_hmi"} == {(person.name, person.hours, person.may_lead) for person in wanted}  # fmt: skip


def run_of_the_start(scenario: Scenario) -> list[Inspector]:
    from sim.runs.model import Model

    return list(Model(scenario).world.workforce.in_post["social_care_hmi"])


def test_people_recruited_beside_people_given_by_region_go_where_the_authorities_are() -> None:
    done = recruited(7, 30, by_region=True)
    more = Counter(person.region for person in done.people.values() if person.joins > 0)
    weights = done.scenario.authorities_by_region
    for region, authorities in weights.items():
        assert abs(more[region] - 37 * authorities / sum(weights.values())) <= 2


# ---------------------------------------------------------------- another programme


def lent(done: Run, first: int, last: int) -> list[Inspector]:
    """Those who are away on every working day of some days."""
    days = done.world.calendar.workday_mask & days_mask(first, last)
    return [person for person in done.people.values() if person.away & days == days]


@pytest.mark.parametrize(("share", "people"), [(0.0, 0), (0.26, 3), (0.34, 3), (1.0, 10)])
def test_a_share_of_the_people_is_away_for_another_programme_and_comes_back(share: float, people: int) -> None:
    first, last = day("2018-05-02"), day("2018-09-14")
    programme = spell("other_programme", str(first), str(last), roles=("social_care_hmi",), people_share=share)
    usual, done = run(staffed({"North": 10})), run(staffed({"North": 10}, programme=programme))
    assert len(lent(done, done.day(first), done.day(last))) == people
    assert all(not person.away & days_mask(0, done.day(first) - 1) for person in done.people.values())
    assert all(not person.away >> (done.day(last) + 1) for person in done.people.values())
    fewer = (usual.record.workload.available - done.record.workload.available).sum(axis=(1, 2))
    for monday, days in zip(done.record.workload.weeks, fewer, strict=True):
        lost = done.workdays(max(int(monday), done.day(first)), min(int(monday) + 6, done.day(last)))
        assert days == pytest.approx(people * len(lost))


def test_people_of_other_roles_stay_when_another_programme_takes_some() -> None:
    programme = spell("other_programme", "2018-05-02", "2018-09-14", roles=("schools_hmi",), people_share=1.0)
    scenario = staffed({"North": 4}, programme=programme).with_changes(posts("schools_hmi", {"North": 2, "South": 1}))
    done = run(scenario)
    away = lent(done, done.day(day("2018-05-02")), done.day(day("2018-09-14")))
    assert {person.role for person in away} == {"schools_hmi"} and len(away) == 3


def test_a_programme_under_way_at_the_start_has_its_people_from_the_start_on() -> None:
    programme = spell("other_programme", "2017-05-02", "2018-03-14", roles=("social_care_hmi",), people_share=0.5)
    done = run(staffed({"North": 4}, programme=programme))
    assert len(lent(done, 0, done.day(day("2018-03-14")))) == 2


def test_work_that_is_promised_is_kept_before_people_go_to_another_programme() -> None:
    # Ayton's inspection is under way on Wednesday 6 June; Beeford's, planned for 25 June, waits until they are back.
    # They are back on Wednesday 1 August, weeks 31 to 35 are closed; two days of preparation before 3 September.
    programme = spell("other_programme", "2018-06-06", "2018-07-31", roles=("social_care_hmi",), people_share=1.0)
    world = quiet(
        [AYTON, authority("Beeford", "North", "good", "2015-06-26")],
        {"North": 2},
        {**without_focused(), **shocks(programme=programme)},
    )
    assert [line[:4] for line in log(world)] == [
        ("Ayton", "short", "2018-06-04", "2018-06-08"),
        ("Beeford", "short", "2018-09-03", "2018-09-07"),
    ]


def test_after_another_programme_people_are_there_as_if_they_had_stayed() -> None:
    # Leave and sickness of the time away are the other programme's; none of it is made up afterwards.
    programme = spell("other_programme", "2018-03-01", "2019-01-31", roles=("social_care_hmi",), people_share=1.0)
    changes = {"workforce.sick_days": 12.0, "workforce.leave_days": 25}
    usual, done = (run(staffed({"North": 20}, **each).with_changes(changes)) for each in ({}, {"away": programme}))
    back = done.day(day("2019-02-01"))

    def days_away(each: Run) -> int:
        return sum((person.away >> back).bit_count() for person in each.people.values())

    overlap = 2 * 20  # a spell of the last days may reach over the end of the programme
    assert days_away(usual) - overlap <= days_away(done) <= days_away(usual) + overlap


# ---------------------------------------------------------------- reorganisations

BEEFORD = authority("Beeford", "North", "requires_improvement", "2016-02-12")
DALE = {"authority": "Dale", "region": "North"}
MERGER = spell("reorganisation", "2018-10-01", None, abolished=("Ayton", "Beeford"), created=(DALE,))
SPLIT = spell(
    "reorganisation",
    "2019-10-01",
    None,
    abolished=("Dale",),
    created=({"authority": "Eastby", "region": "North"}, {"authority": "Westby", "region": "South", "size": "large"}),
)


@cache
def reorganised() -> Run:
    """Three authorities, two of them merged after eight months, and split anew a year later."""
    return run(
        quiet(
            [AYTON, BEEFORD, authority("Ceeham", "South", "good", "2017-06-09")],
            {"North": 3, "South": 3},
            {**without_focused(), **shocks(split=SPLIT, merger=MERGER)},
            years=4,
        )
    )


def measures_of(done: Run) -> dict[str, Any]:
    return dict(measure(done.record, done.scenario, Years.of(done.world.calendar)))


def test_the_number_of_authorities_at_each_years_end_is_right_after_a_merger_and_a_split() -> None:
    found = measures_of(reorganised())
    there = np.sum([found[f"authorities_{judgement}"] for judgement in JUDGEMENTS], axis=0)
    assert there.tolist() == [3, 2, 3, 3, 3]  # March 2018 to March 2021, and the end


def test_contacts_are_divided_by_the_authorities_there_are() -> None:
    done = reorganised()
    found = measures_of(done)
    begun = np.zeros(5)
    ends = [done.day(date(year, 3, 31)) for year in range(2018, 2022)]
    for row in done.record.visits:
        if row.fieldwork_start is not None and row.fieldwork_start <= done.record.horizon:
            begun[sum(row.fieldwork_start > end for end in ends)] += 1
    assert begun.sum() == 3
    assert found["contacts_per_authority"].tolist() == pytest.approx(list(begun / [3, 2, 3, 3, 3]))


def test_who_is_created_begins_with_the_worst_judgement_of_those_abolished() -> None:
    done = reorganised()
    lives = {life.name: life for life in done.world.authorities}
    merged, split = done.day(day("2018-10-01")), done.day(day("2019-10-01"))
    assert [(row.authority, row.begins, row.ends) for row in done.record.lives] == [
        ("Ayton", 0, merged), ("Beeford", 0, merged), ("Ceeham", 0, None), ("Dale", merged, split),
        ("Eastby", split, None), ("Westby", split, None),
    ]  # fmt: skip
    inspected = done.day(BEEFORD.inspected_on)
    assert lives["Dale"].first_judgement == (inspected, "requires_improvement")
    told = [row for row in done.record.judgements if row.authority == "Dale"]
    assert (told[0].published, told[0].judgement, told[0].inspected) == (merged, "requires_improvement", inspected)
    (dale,) = (row for row in done.record.visits if row.authority == "Dale" and row.published is not None)
    seen = dale.fieldwork_end, "requires_improvement"
    assert [lives[name].first_judgement for name in ("Eastby", "Westby")] == [seen] * 2
    assert [(lives[name].region, lives[name].size) for name in ("Dale", "Eastby", "Westby")] == [
        ("North", "medium"), ("North", "medium"), ("South", "large"),
    ]  # fmt: skip


def test_of_those_abolished_with_one_judgement_the_one_inspected_last_is_followed() -> None:
    rows = [authority("Ayton", "North", "good", "2016-05-06"), authority("Beeford", "North", "good", "2017-05-05")]
    world = quiet([*rows, QUIETBY], {}, {**without_focused(), **shocks(merger=MERGER)})
    done = run(world)
    (dale,) = (life for life in done.world.authorities if life.name == "Dale")
    assert dale.first_judgement == (done.day(day("2017-05-05")), "good")


def test_who_is_created_is_visited_under_the_pathway_of_its_judgement() -> None:
    # Required to improve on 12 February 2016: a standard inspection due on 12 February 2019, which would have been
    # Beeford's. Judged as it is, Dale's successors are due again three years after its last day on site.
    done = reorganised()
    assert {row.status for row in done.record.visits if row.authority == "Beeford"} == {"cancelled"}
    (dale,) = (row for row in done.record.visits if row.authority == "Dale" and row.status != "cancelled")
    assert (dale.kind, done.date(dale.due), dale.status) == ("standard", day("2019-02-12"), "published")
    assert dale.fieldwork_start is not None and str(done.date(dale.fieldwork_start)) == "2019-02-11"
    assert dale.fieldwork_end is not None
    following = [row for row in done.record.visits if row.authority in {"Eastby", "Westby"}]
    assert {row.authority for row in following} == {"Eastby", "Westby"}
    due = add_months(done.date(dale.fieldwork_end), 36)
    assert {(row.kind, done.date(row.due)) for row in following} == {("standard", due)}


def test_those_abolished_have_no_visit_that_begins_afterwards() -> None:
    done = reorganised()
    ends = {row.authority: row.ends for row in done.record.lives if row.ends is not None}
    late = [
        row
        for row in done.record.visits
        if row.authority in ends and row.fieldwork_start is not None and row.fieldwork_start >= ends[row.authority]
    ]
    assert late == []
    assert {row.authority for row in done.record.visits if row.fieldwork_start is not None} >= {"Ayton", "Dale"}


def test_a_visit_that_waits_when_its_authority_is_abolished_stays_as_cancelled() -> None:
    world = quiet([AYTON, BEEFORD], {}, {**without_focused(), **shocks(merger=MERGER)})
    done = run(world)
    rows = {row.authority: row for row in done.record.visits}
    assert rows["Ayton"].status == "cancelled" and rows["Ayton"].fieldwork_start is None
    assert rows["Dale"].status == "waiting"
    visit = done.world.visits[rows["Ayton"].visit]
    assert visit.replaced


def test_what_is_believed_of_who_is_abolished_is_believed_of_who_follows() -> None:
    # Ayton's inspection ends on 8 June 2018 and is not yet published on 2 July, when Ayton becomes Dale: planned by
    # risk, Dale counts as seen on 8 June 2018, and not as last seen in June 2015.
    shock = {**MERGER, "begins_on": day("2018-07-02"), "abolished": ("Ayton",)}
    changes = {**without_focused(), **shocks(merger=shock), "planning.order": "risk"}
    changes["calendar.closed_weeks"] = only_open(23)  # so nobody goes to Dale in 2018
    done = run(quiet([AYTON], {"North": 2}, {**changes, "ratings.drift.good.requires_improvement": 0.2}))
    lives, risk = {life.name: life for life in done.world.authorities}, done.world.risk
    assert risk is not None
    seen, later = done.day(day("2018-06-08")), done.day(day("2018-12-31"))
    found = {name: list(risk.belief(lives[name], later)) for name in ("Ayton", "Dale")}
    assert found["Ayton"] == found["Dale"]
    assert max(risk.belief(lives["Dale"], seen)) == pytest.approx(1.0)


def abolished_on(when: str) -> list[Line]:
    """Log of a world in which Ayton becomes Dale on a day; its inspection is called on 28 May for 4 June 2018."""
    shock = {**MERGER, "begins_on": day(when), "abolished": ("Ayton",)}
    changes = {**without_focused(), **shocks(merger=shock), "frameworks.ilacs_2017.pathways.good.interval_months": 36}
    return log(quiet([AYTON], {"North": 2}, changes))


def test_a_visit_under_way_when_its_authority_is_abolished_is_finished() -> None:
    assert ("Ayton", "short", "2018-06-04", "2018-06-08", "2018-07-13", "published", NORTH) in abolished_on(
        "2018-06-06"
    )


def test_a_visit_that_is_announced_when_its_authority_is_abolished_is_carried_through() -> None:
    found = [line for line in abolished_on("2018-06-01") if line[0] == "Ayton"]
    assert [line[5] for line in found if line[2] is not None] == ["published"]


def test_the_quality_of_who_is_created_is_that_of_the_one_followed_up_to_the_day() -> None:
    rows = [authority(f"Old {number:02d}", "North", "requires_improvement", "2016-05-06") for number in range(60)]
    when = day("2019-10-01")
    each = {
        f"of {row.authority}": spell(
            "reorganisation", str(when), None, abolished=(row.authority,),
            created=({"authority": row.authority.replace("Old", "New"), "region": "South"},),
        )
        for row in rows
    }  # fmt: skip
    drift = {f"ratings.drift.{true}.{to}": rate for true, moves in fitted().drift.items() for to, rate in moves.items()}
    usual, done = (
        run(quiet(rows, {}, {**without_focused(), **drift, **shocks(**some)}, years=6)) for some in ({}, each)
    )
    changed = 0
    lives = {life.name: life for life in done.world.authorities}
    for life in usual.world.authorities:
        new, limit = lives[life.name.replace("Old", "New")], done.day(when)
        for path in (life.quality, new.quality):
            path.extend_to(done.record.horizon)
        days = range(life.inspected, limit + 1)
        assert [new.quality.at(each) for each in days] == [life.quality.at(each) for each in days]
        late = range(limit, done.record.horizon + 1)
        changed += [new.quality.at(each) for each in late] != [life.quality.at(each) for each in late]
    assert changed > 20  # from then on it is a path of its own


def test_nobody_who_is_created_has_the_name_of_an_authority_that_is_or_was() -> None:
    old = ({"authority": "Ayton", "region": "North"}, {"authority": "Beeford", "region": "North"})
    kept = {**MERGER, "created": ({"authority": "Ayton", "region": "North"},)}
    for changes in (shocks(merger=kept), shocks(merger=MERGER, split={**SPLIT, "created": old})):
        with pytest.raises(InputError, match="is or was another authority"):
            quiet([AYTON, BEEFORD, QUIETBY], {"North": 2}, changes)


def test_who_is_created_is_read_about_and_who_is_abolished_is_not() -> None:
    done = reorganised()
    split = done.day(day("2019-10-01"))
    counts = {when: dict(done.world.authorities_on(when)) for when in (0, 300, split - 1, split)}
    assert [sum(count.values()) for count in counts.values()] == [3, 2, 2, 3]
    assert counts[split].get("South") == 2


# ---------------------------------------------------------------- files

BASE = """
extends = "ilacs_launch"

[[shocks]]
name = "pandemic"
source = "announcement of March 2020"
confidence = "high"
kind = "pause"
begins_on = 2020-03-17
ends_on = { value = 2020-09-30, source = "letter of July 2020", confidence = "medium" }
visits = ["short", "standard", "joint"]
virtual = { begins_on = 2020-06-01, ends_on = 2020-07-31, visits = 12, inadequate_share = 0.25 }

[[shocks]]
name = "a big merger"
kind = "reorganisation"
begins_on = 2021-04-01
abolished = ["North West 01"]
created = [{ authority = "Cumberland", region = "North West" }, { authority = "Westmorland", region = "North West" }]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.toml").write_text(BASE)
    return tmp_path


def test_shocks_of_a_file_are_read_by_name(folder: Path) -> None:
    found = load(folder / "base.toml").shocks
    assert list(found) == ["pandemic", "a big merger"]
    assert [shock.kind for shock in found.values()] == ["pause", "reorganisation"]
    assert found["pandemic"].begins_on == day("2020-03-17")


def test_a_file_changes_one_key_of_a_shock_of_the_file_that_it_extends_and_adds_another(folder: Path) -> None:
    (folder / "more.toml").write_text(
        'extends = "base.toml"\n[[shocks]]\nname = "election"\nkind = "publication_gap"\nbegins_on = 2019-11-06\n'
        'ends_on = 2019-12-12\n[[shocks]]\nname = "pandemic"\nends_on = 2020-12-31\n'
    )
    base, more = load(folder / "base.toml"), load(folder / "more.toml")
    assert list(more.shocks) == ["pandemic", "a big merger", "election"]
    assert more.shocks["a big merger"] == base.shocks["a big merger"]
    assert more.shocks["pandemic"] == base.shocks["pandemic"].model_copy(update={"ends_on": day("2020-12-31")})
    assert more.notes["shocks.pandemic.ends_on"].confidence == "none"
    assert more.notes["shocks.pandemic.visits"] == base.notes["shocks.pandemic.visits"]


def test_a_setting_changes_a_key_of_a_shock(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed = load(folder / "base.toml", {"shocks.pandemic.ends_on": day("2021-01-31")})
    assert getattr(changed.shocks["pandemic"], "ends_on", None) == day("2021-01-31")
    setting = "shocks.a big merger.begins_on=2022-05-01"
    assert main(("describe", "base.toml", "--set", setting)) in (None, 0)
    assert "begins_on = 1 May 2022" in capsys.readouterr().out


def test_shocks_are_the_same_after_being_written_and_read_with_their_notes(folder: Path) -> None:
    scenario = load(folder / "base.toml")
    (folder / "again.toml").write_text(scenario.to_toml())
    again = load(folder / "again.toml")
    assert again.shocks == scenario.shocks
    assert again.notes == scenario.notes
    assert again.digest == scenario.digest
    assert [table["name"] for table in tomllib.loads(scenario.to_toml())["shocks"]] == ["pandemic", "a big merger"]


def test_a_scenario_without_shocks_is_written_and_read_as_well(folder: Path) -> None:
    scenario = load("ilacs_launch")
    (folder / "again.toml").write_text(scenario.to_toml())
    assert load(folder / "again.toml").shocks == {}


def test_the_book_shows_shocks_with_source_and_confidence(folder: Path) -> None:
    scenario = load(folder / "base.toml")
    book = {entry.key: entry for entry in entries(scenario)}
    ends = book["shocks.pandemic.ends_on"]
    assert (ends.note.source, ends.note.confidence) == ("letter of July 2020", "medium")
    assert book["shocks.pandemic.virtual.visits"].note.source == "announcement of March 2020"
    assert book["shocks.a big merger.abolished"].note.confidence == "none"
    shown = text(scenario)
    for words in (
        "shocks.pandemic",
        "ends_on = 30 September 2020  [medium]",
        "letter of July 2020",
        "Westmorland (North West, medium)",
    ):
        assert words in shown


FAULTY = """
extends = "ilacs_launch"
[[shocks]]
name = "one"
kind = "paws"
begins_on = 2020-03-17
[[shocks]]
name = "two"
kind = "publication_gap"
begins_on = 2020-03-17
ends_on = 2020-04-17
region = "London"
[[shocks]]
name = "three"
kind = "drift"
begins_on = 2020-03-17
ends_on = 2020-03-16
improvement = 0.0
decline = 0.0
[[shocks]]
name = "four"
kind = "departures"
begins_on = 2020-03-17
role = "senior_hmj"
people = 1
leads = false
[[shocks]]
name = "five"
kind = "drift"
begins_on = 2020-03-17
ends_on = 2020-04-16
regions = ["Londom"]
improvement = 0.0
decline = 0.0
[[shocks]]
name = "six"
kind = "reorganisation"
begins_on = 2018-01-31
abolished = ["North West 99"]
created = [{ authority = "London 01", region = "Nowhere" }]
[[shocks]]
name = "seven"
kind = "recruitment"
begins_on = 2020-03-17
ends_on = 2020-03-17
role = "senior_hmi"
people = 0
"""
FAULTS = {
    "an unknown kind": ("shocks.one.kind", "'paws'", "pause"),
    "an unknown key": ("shocks.two.region", "there is no such key"),
    "an end before the beginning": ("shocks.three.ends_on", "2020-03-16"),
    "an unknown role": ("shocks.four.role", "'senior_hmj'", "senior_hmi"),
    "an unknown region": ("shocks.five.regions", "'Londom'", "'London'"),
    "a reorganisation before the start": ("shocks.six.begins_on", "2018-01-31"),
    "an authority that is not there": ("shocks.six.abolished", "'North West 99'"),
    "an authority that is there already": ("shocks.six.created", "'London 01'"),
    "a region for an authority": ("'Nowhere' is not a region",),
    "nobody recruited": ("shocks.seven.people", "1 or more"),
}


def test_every_fault_of_the_shocks_is_named_at_once(tmp_path: Path, refused: Refused) -> None:  # noqa: F811
    (tmp_path / "mine.toml").write_text(FAULTY)
    refused("run", "mine.toml", says=[word for words in FAULTS.values() for word in words])


LISTS = {
    "an unknown role": ('roles = ["senior_hmj"]', "hiring_freeze", "senior_hmj", "'senior_hmi'"),
    "no role": ("roles = []", "hiring_freeze", "at least"),
    "an unknown kind of visit": ('visits = ["shrot"]', "pause", "shrot", "'short'"),
    "not a kind of visit": ("visits = []", "pause", "at least"),
}


@pytest.mark.parametrize("case", LISTS)
def test_a_list_of_a_shock_that_is_wrong_is_refused_in_one_fault(case: str, tmp_path: Path, refused: Refused) -> None:  # noqa: F811
    key, kind, *words = LISTS[case]
    shock = f'[[shocks]]\nname = "mine"\nkind = "{kind}"\nbegins_on = 2020-03-17\nends_on = 2020-04-17\n{key}\n'
    (tmp_path / "mine.toml").write_text('extends = "ilacs_launch"\n' + shock)
    assert refused("run", "mine.toml", says=words).startswith("1 thing")


NAMES = {
    "none": ('kind = "publication_gap"', "(1)"),
    "twice": ('name = "a"\nkind = "publication_gap"', "(2)", "'a'"),
    "empty": ('name = ""\nkind = "publication_gap"', "(1)"),
    "with a full stop": ('name = "a.b"\nkind = "publication_gap"', "(1)", "a.b"),
    "a list": ('name = ["a"]\nkind = "publication_gap"', "(1)"),
    "a table": ('name = { of = "a" }\nkind = "publication_gap"', "(1)"),
}


@pytest.mark.parametrize("case", NAMES)
def test_a_shock_without_a_name_of_its_own_is_refused(case: str, tmp_path: Path, refused: Refused) -> None:  # noqa: F811
    head, *words = NAMES[case]
    shock = f"[[shocks]]\n{head}\nbegins_on = 2020-03-17\nends_on = 2020-04-17\n"
    (tmp_path / "mine.toml").write_text('extends = "ilacs_launch"\n' + shock * 2)
    refused("run", "mine.toml", says=["its own name", *words])


def test_shocks_without_names_are_kept_apart_from_those_of_the_file_that_is_extended(
    tmp_path: Path,
    refused: Refused,  # noqa: F811
) -> None:
    gap = '[[shocks]]\nkind = "publication_gap"\nbegins_on = 2020-03-17\nends_on = 2020-04-17\n'
    gone = '[[shocks]]\nkind = "departures"\nbegins_on = 2019-04-01\nrole = "social_care_hmi"\npeople = 1\n'
    (tmp_path / "base.toml").write_text(f'extends = "ilacs_launch"\n{gap}')
    (tmp_path / "mine.toml").write_text(f'extends = "base.toml"\n{gone}')
    said = refused("run", "mine.toml", says=["mine.toml: shocks (1)", "base.toml: shocks (1)"])
    assert said.startswith("2 things to put right")


def test_every_name_that_is_missing_or_there_twice_is_named_at_once(tmp_path: Path, refused: Refused) -> None:  # noqa: F811
    rest = 'kind = "publication_gap"\nbegins_on = 2020-03-17\nends_on = 2020-04-17\n'
    tables = [f"[[shocks]]\n{name}{rest}" for name in ("", 'name = "a"\n', 'name = "a"\n', 'name = ""\n')]
    tables += ['[[shocks]]\nkind = "departurs"\n', "[workforce]\nsick_days = -1\n"]
    (tmp_path / "mine.toml").write_text('extends = "ilacs_launch"\n' + "".join(tables))
    names = ["shocks (1)", "shocks (3)", "shocks (4)", "shocks (5)"]
    refused("run", "mine.toml", says=[*names, "shocks.(5).kind", "'departures'", "workforce.sick_days"])


def test_a_shock_that_is_not_there_cannot_be_set(tmp_path: Path, refused: Refused) -> None:  # noqa: F811
    (tmp_path / "mine.toml").write_text(BASE)
    refused("run", "mine.toml", "--set", "shocks.pandemie.ends_on=2021-01-01", says=["pandemie", "'pandemic'"])


NEVER_FELT = {
    "over before the start": spell("pause", "2017-03-01", "2017-09-30", visits=("short",)),
    "a gap over before the start": spell("publication_gap", "2017-03-01", "2018-01-30"),
    "departures before the start": spell("departures", "2018-01-30", None, role="senior_hmi", people=1, leads=False),
    "begun after the end": spell("hiring_freeze", "2019-01-31", "2020-01-31", roles=("senior_hmi",)),
    "a reorganisation after the end": {**MERGER, "begins_on": day("2019-04-01"), "abolished": ("Ayton",)},
    "a campaign after the end": spell("recruitment", "2019-04-01", None, role="senior_hmi", people=1),
    "a campaign whose people come after the end": spell(
        "recruitment", "2018-12-01", None, role="senior_hmi", people=1
    ),
    "a campaign whose people came before the start": spell(
        "recruitment", "2016-12-01", None, role="senior_hmi", people=1
    ),
    "a term that is over before anybody comes": spell(
        "recruitment", "2018-03-01", "2018-10-31", role="senior_hmi", people=1
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NEVER_FELT)
def test_a_shock_that_is_never_felt_is_warned_of(case: str) -> None:
    scenario = quiet([AYTON, QUIETBY], {"North": 1}, shocks(mine=NEVER_FELT[case]))
    assert [warning for warning in warnings(scenario) if "shocks.mine" in warning]


def test_a_shock_that_is_felt_is_not_warned_of() -> None:
    felt = {
        "one": spell("pause", "2017-03-01", "2018-01-31", visits=("short",)),
        "two": spell("recruitment", "2017-12-01", None, role="senior_hmi", people=1),
        "three": spell("publication_gap", "2019-01-30", "2020-01-31"),
    }
    assert not [warning for warning in warnings(quiet([AYTON], {}, shocks(**felt))) if "shocks." in warning]


def test_teams_are_of_two_in_the_worlds_of_these_tests() -> None:
    rules = quiet([AYTON], {}).frameworks["ilacs_2017"].visits["short"]
    assert rules.team["inspectors"].people == all_sizes(1)


def test_a_decline_outlives_the_authority_that_is_abolished() -> None:
    # Quality falls before the merger and is published after it: one decline, counted once, since the day it began.
    changes = {
        **without_focused(),
        **shocks(merger=MERGER),
        "ratings.drift.requires_improvement.inadequate": 2.0,
    }
    carried = 0
    for replication in range(12):
        done = run(quiet([AYTON, BEEFORD, QUIETBY], {"North": 2}, {**changes, "years": 6}), replication)
        (new,) = (life for life in done.record.lives if life.begins)
        ended = {row.authority for row in done.record.declines if row.ended == new.begins}
        inherited = [row for row in done.record.declines if row.authority == new.authority and row.began < new.begins]
        assert len(inherited) <= 1
        for row in inherited:
            carried += 1
            assert any(row.began == other.began for other in done.record.declines if other.authority in ended)
        begun = [row for row in done.record.declines if row.cause == "drift" and row.began >= 0]
        counted = sum(measures_of(done)["declines_begun"])
        assert counted == len(begun) - len([row for row in inherited if row.cause == "drift" and row.began >= 0])
    assert carried


def test_a_framework_without_such_visits_is_refused_where_there_are_visits_by_video() -> None:
    with pytest.raises(InputError, match="visits by video need a contact with the part between, and sif_2013 has none"):
        load("pandemic", {"framework": "sif_2013"})


def test_a_gap_that_outlasts_the_run_publishes_nothing_and_breaks_nothing() -> None:
    gap = spell("publication_gap", "2018-06-01", "2090-12-31")
    done = run(quiet([AYTON, BEEFORD, QUIETBY], {"North": 2}, {**shocks(gap=gap), "years": 2}))
    begins = done.day(day("2018-06-01"))
    late = [row for row in done.record.visits if row.kind != "engagement" and (row.published or 0) >= begins]
    assert late == []
