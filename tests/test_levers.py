"""What a planner may choose: the order of visits, how many at a time, when and how often, and teams of what size.

The quiet worlds are those of the micro worlds: nobody is away, quality stays where it is unless a test says
otherwise, and day 0 is Wednesday 31 January 2018.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from math import exp, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.linalg import expm

from sim.base.calendar import add_months, bank_holidays
from sim.base.faults import InputError
from sim.inputs.authorities import Authority
from sim.inputs.framework import INSPECTIONS, SIZES
from sim.inputs.grades import JUDGEMENTS, Judgement
from sim.inputs.scenario import load
from sim.inputs.windows import Backlog
from tests.worlds import WEEK, Run, all_sizes, authority, lines, log, quiet, run, without_focused

NORTH = ("North 01", "North 02")
RISK: dict[str, object] = {"planning.order": "risk"}
SHORT, STANDARD = "frameworks.ilacs_2017.visits.short", "frameworks.ilacs_2017.visits.standard"


def pathway(judgement: Judgement) -> str:
    return f"frameworks.ilacs_2017.pathways.{judgement}"


def begun(done: Run) -> list[tuple[str, str, str]]:
    """Authority, kind and first day on site of each visit that has begun, in that order."""
    return [(line[0], line[1], line[2]) for line in lines(done.scenario, done.record) if line[2] is not None]


# ---------------------------------------------------------------- planning by risk

DRIFT = np.array([[-0.2, 0.2, 0.0, 0.0], [0.1, -0.4, 0.3, 0.0], [0.0, 0.3, -0.7, 0.4], [0.0, 0.0, 0.8, -0.8]])
"""Rates a year from each grade to each other."""
JUDGING = np.array([[0.9, 0.1, 0.0, 0.0], [0.05, 0.85, 0.1, 0.0], [0.0, 0.1, 0.8, 0.1], [0.0, 0.0, 0.2, 0.8]])
"""Probability of each judgement, by true quality."""
MIX = np.array([0.1, 0.4, 0.3, 0.2])
ACCURACY = 0.6
MIX_ON = date(2015, 11, 19)


def likelihood_of_sight(seen: int) -> NDArray[np.float64]:
    """Probability of seeing a grade, by true quality: right, or one of the grades beside it."""
    sight = np.array(
        [
            [ACCURACY, 1 - ACCURACY, 0, 0],
            [(1 - ACCURACY) / 2, ACCURACY, (1 - ACCURACY) / 2, 0],
            [0, (1 - ACCURACY) / 2, ACCURACY, (1 - ACCURACY) / 2],
            [0, 0, 1 - ACCURACY, ACCURACY],
        ]
    )
    return np.asarray(sight[:, seen], dtype=np.float64)


@cache
def watched() -> Run:
    """Authorities of every judgement, seen now and then for five years, and planned by risk."""
    changes: dict[str, object] = {
        **RISK,
        **{f"ratings.mix.{true}": float(share) for true, share in zip(JUDGEMENTS, MIX, strict=True)},
        "ratings.mix_on": MIX_ON,
        "frameworks.ilacs_2017.visits.focused.accuracy": ACCURACY,
        "frameworks.ilacs_2017.visits.monitoring.accuracy": ACCURACY,
    }
    for row, true in enumerate(JUDGEMENTS):
        for column, other in enumerate(JUDGEMENTS):
            changes[f"ratings.judging.{true}.{other}"] = float(JUDGING[row, column])
            if row != column:
                changes[f"ratings.drift.{true}.{other}"] = float(DRIFT[row, column])
    rows = [
        authority(f"{judgement} {inspected}", "North", judgement, inspected)
        for judgement in JUDGEMENTS
        for inspected in ("2015-03-06", "2016-06-10", "2017-10-06")
    ]
    return run(quiet(rows, {"North": 12}, changes, years=5))


def test_belief_is_what_bayes_rule_and_the_rates_make_of_all_that_was_seen() -> None:
    done = watched()
    risk, horizon = done.world.risk, done.record.horizon
    assert risk is not None
    told = 0
    for row, life in zip(done.scenario.authorities, done.world.authorities, strict=True):
        day = done.day(row.inspected_on)
        years = max(0, (row.inspected_on - MIX_ON).days) / 365.25
        belief = MIX @ expm(DRIFT * years) * JUDGING[:, JUDGEMENTS.index(row.judgement)]
        seen_of = [
            visit
            for visit in done.world.visits
            if visit.authority is life and visit.fieldwork_end is not None and visit.fieldwork_end <= horizon
        ]
        for visit in sorted(seen_of, key=lambda visit: visit.fieldwork_end or 0):
            assert visit.fieldwork_end is not None
            belief = belief / belief.sum() @ expm(DRIFT * (visit.fieldwork_end - day) / 365.25)
            day = visit.fieldwork_end
            if visit.judgement_after is not None:
                belief = belief * JUDGING[:, JUDGEMENTS.index(visit.judgement_after)]
            else:
                assert visit.seen is not None
                belief = belief * likelihood_of_sight(JUDGEMENTS.index(visit.seen))
            told += 1
        belief = belief / belief.sum() @ expm(DRIFT * (horizon - day) / 365.25)
        assert risk.belief(life, horizon) == pytest.approx(belief)
        published = JUDGEMENTS.index(life.judgement)
        assert risk.of(life, horizon) == pytest.approx(float(belief[published + 1 :].sum()))
    assert told > len(done.world.authorities)


def test_without_an_error_of_judging_risk_is_the_chance_of_a_decline_since_the_inspection() -> None:
    done = run(quiet([BEEFORD], {}, {**without_focused(), **RISK, **DECLINING}))
    (life,), risk = done.world.authorities, done.world.risk
    assert risk is not None
    for day in (0, 100, 300):
        years = (day - done.day(BEEFORD.inspected_on)) / 365.25
        assert risk.of(life, day) == pytest.approx(1 - exp(-0.5 * years))


AYTON = authority("Ayton", "North", "good", "2015-06-05")
BEEFORD = authority("Beeford", "North", "requires_improvement", "2015-06-08")
"""Both are due in the week of Monday 4 June 2018, Ayton three days sooner."""
DECLINING: dict[str, object] = {"ratings.drift.requires_improvement.inadequate": 0.5}
"""Only authorities that require improvement may decline."""


@pytest.mark.parametrize(("order", "first"), [("due_date", "Ayton"), ("risk", "Beeford")])
def test_of_two_visits_with_people_for_one_the_riskier_or_the_one_late_soonest_goes_first(
    order: str, first: str
) -> None:
    changes = {**without_focused(), **DECLINING, "planning.order": order}
    done = run(quiet([AYTON, BEEFORD], {"North": 2}, changes))
    starts = begun(done)
    assert starts[0][0] == first and starts[0][2] == "2018-06-04"
    assert {name for name, *_ in starts} == {"Ayton", "Beeford"}
    assert starts[1][2] > "2018-06-08"


def test_of_two_visits_of_one_risk_the_one_late_soonest_goes_first() -> None:
    changes = {**without_focused(), **RISK}
    assert log(quiet([BEEFORD, AYTON], {"North": 2}, changes)) == log(
        quiet([BEEFORD, AYTON], {"North": 2}, without_focused())
    )


def test_a_higher_priority_goes_before_a_greater_risk() -> None:
    changes = {**without_focused(), **DECLINING, **RISK, f"{STANDARD}.priority": 3}
    assert begun(run(quiet([AYTON, BEEFORD], {"North": 2}, changes)))[0] == ("Ayton", "short", "2018-06-04")


def test_planning_by_risk_changes_nothing_where_there_are_people_for_all() -> None:
    rows = [AYTON, BEEFORD, authority("Ceeham", "South", "good", "2016-05-06")]
    people = {"North": 8, "South": 8}
    by_risk = run(quiet(rows, people, {**DECLINING, **RISK}, years=3))
    usual = run(quiet(rows, people, DECLINING, years=3))
    assert begun(by_risk) == begun(usual)


# ---------------------------------------------------------------- the most inspections at a time


def per_week(done: Run) -> Counter[date]:
    """Full inspections on site in each week, by its Monday."""
    return Counter(
        done.date(week)
        for row in done.record.visits
        if row.kind in INSPECTIONS and row.fieldwork_start is not None and row.fieldwork_end is not None
        for week in range(row.fieldwork_start, row.fieldwork_end + 1, WEEK)
    )


@pytest.mark.parametrize(
    ("most", "starts"),
    [(None, [6]), (6, [6]), (4, [4, 2]), (2, [2, 2, 2]), (1, [1] * 4)],
)
def test_inspections_beyond_the_most_wait_for_the_next_week(most: int | None, starts: list[int]) -> None:
    # Six are due in the week of 4 June; weeks 23 to 30 are open.
    rows = [authority(f"Town {number}", "North", "good", "2015-06-05") for number in range(6)]
    changes = {**without_focused(), **({} if most is None else {"planning.most_inspections": most})}
    found = sorted(Counter(start for *_, start in begun(run(quiet(rows, {"North": 14}, changes)))).items())
    mondays = [str(date(2018, 6, 4) + timedelta(weeks=week)) for week in range(len(starts))]
    assert found[: len(starts)] == list(zip(mondays, starts, strict=True))
    assert sum(count for _, count in found) == 6


def test_people_of_a_role_that_stays_in_its_region_go_to_no_other() -> None:
    # The two of the South go to Ayton in the North if they may, and leave it waiting if they may not.
    stay: dict[str, object] = {"planning.stay_in_region": ("social_care_hmi",)}
    other: dict[str, object] = {"planning.stay_in_region": ("schools_hmi",)}
    for changes, starts in (({}, 1), (other, 1), (stay, 0)):
        assert len(begun(run(quiet([AYTON], {"South": 2}, {**without_focused(), **changes})))) == starts
    assert len(begun(run(quiet([AYTON], {"North": 2}, {**without_focused(), **stay})))) == 1


def test_an_inspection_of_two_weeks_counts_in_both() -> None:
    # Beeford's, late sooner, is on site from 4 to 15 June, and keeps Ayton's off its second week too.
    beeford = authority("Beeford", "South", "requires_improvement", "2015-06-04")
    world = quiet([AYTON, beeford], {"North": 2, "South": 2}, {**without_focused(), "planning.most_inspections": 1})
    assert begun(run(world)) == [("Beeford", "standard", "2018-06-04"), ("Ayton", "short", "2018-06-18")]


def test_the_most_inspections_keep_off_no_other_visit() -> None:
    rows = [
        *(authority(f"Town {number}", "North", "good", "2015-06-05") for number in range(5)),
        *(authority(f"Vill {number}", "South", "good", f"2016-12-{number + 1:02d}") for number in range(5)),
        authority("Ceeham", "South", "inadequate", "2018-01-26"),
    ]

    def visits(most: int | None) -> list[tuple[str, str, str]]:
        changes: dict[str, object] = {} if most is None else {"planning.most_inspections": most}
        found = begun(run(quiet(rows, {"North": 14, "South": 20}, changes)))
        return [visit for visit in found if visit[1] not in INSPECTIONS]

    assert Counter(kind for _, kind, _ in visits(1))["focused"] == 5
    assert "monitoring" in {kind for _, kind, _ in visits(1)}
    assert visits(1) == visits(None)


@pytest.mark.parametrize("most", [2, 4])
def test_the_most_inspections_are_exceeded_in_no_week(most: int) -> None:
    usual = per_week(england())
    weeks = per_week(run(england().scenario.with_changes({"planning.most_inspections": most})))
    assert max(usual.values()) > 4
    assert max(weeks.values()) == most


@cache
def england() -> Run:
    return run(load("ilacs_launch", {"years": 2, "draws": "none"}))


# ---------------------------------------------------------------- a backlog spread over months

OVERDUE = 80
FIRST_MONDAY = date(2018, 2, 12)
"""First day on which a visit that is asked for at the start can begin."""


@cache
def backlog(months: int) -> Run:
    """So many inspections due from 2016 on, two that are due later or just now, and people for all at once."""
    rows: list[Authority] = [
        authority(f"Late {number:02d}", "North", "good", str(date(2013, 7, 5) + timedelta(weeks=number)))
        for number in range(OVERDUE)
    ]
    rows += [
        authority("Ayton", "South", "good", "2015-06-05"),
        authority("Just", "South", "good", "2015-01-31"),
        authority("Focus", "South", "requires_improvement", "2017-01-27"),
    ]
    changes: dict[str, object] = {
        "planning.backlog_months": months,
        "frameworks.ilacs_2017.pathways.good.contacts.focused": None,
    }
    return run(quiet(rows, {"North": 2 * OVERDUE, "South": 12}, changes, years=3))


def starts_of_overdue(months: int) -> list[date]:
    return [date.fromisoformat(start) for name, _, start in begun(backlog(months)) if name.startswith("Late")]


def test_a_backlog_that_is_not_spread_is_begun_as_soon_as_possible() -> None:
    assert starts_of_overdue(0) == [FIRST_MONDAY] * OVERDUE


def open_weeks(months: int) -> list[date]:
    """Mondays of some months from the start on which an inspection can begin."""
    return [monday for monday in mondays(FIRST_MONDAY, add_months(date(2018, 1, 31), months)) if is_open(monday)]


def is_spread_evenly(starts: list[date], months: int) -> bool:
    """Whether starts fall in each quarter of the open weeks of some months within four standard errors of a quarter."""
    weeks = open_weeks(months)
    quarter = len(weeks) // 4
    share = quarter / len(weeks)
    parts = [set(weeks[part * quarter : (part + 1) * quarter]) for part in range(4)]
    error = sqrt(len(starts) * share * (1 - share))
    return set(starts) <= set(weeks) and all(
        abs(sum(start in part for start in starts) - len(starts) * share) < 4 * error for part in parts
    )


@pytest.mark.parametrize("months", [6, 24])
def test_a_backlog_is_spread_evenly_over_its_months(months: int) -> None:
    starts = starts_of_overdue(months)
    assert len(starts) == OVERDUE
    assert is_spread_evenly(starts, months)
    expected = OVERDUE / len(open_weeks(months))
    assert max(Counter(starts).values()) < expected + 5 * sqrt(expected) + 2


@pytest.mark.parametrize("months", [6, 24])
def test_of_a_backlog_that_is_spread_the_longest_overdue_comes_first(months: int) -> None:
    start = {name: date.fromisoformat(day) for name, _, day in begun(backlog(months)) if name.startswith("Late")}
    in_order = [start[f"Late {number:02d}"] for number in range(OVERDUE)]
    assert in_order == sorted(in_order)


@given(st.lists(st.integers(-2000, -1), min_size=1, max_size=60), st.integers(1, 90))
def test_the_parts_of_a_backlog_cover_every_monday_in_the_order_of_due_dates(dues: list[int], weeks: int) -> None:
    overdue, mondays = sorted(dues), list(range(0, WEEK * weeks, WEEK))
    parts = [Backlog.of(due, overdue, WEEK * weeks).part_of(mondays) for due in overdue]
    assert all(parts)
    assert all(earlier[0] <= later[0] and earlier[-1] <= later[-1] for earlier, later in pairwise(parts))
    if weeks >= len(overdue):
        assert sorted({monday for part in parts for monday in part}) == mondays


def test_a_backlog_that_is_spread_over_half_as_many_months_again_is_caught() -> None:
    assert not is_spread_evenly(starts_of_overdue(24), 18)
    assert not is_spread_evenly(starts_of_overdue(24), 36)


def mondays(first: date, last: date) -> list[date]:
    return [first + timedelta(weeks=week) for week in range((last - first).days // WEEK + 1)]


def is_open(monday: date) -> bool:
    """Whether a week is neither closed by the scenario nor by a bank holiday."""
    closed = backlog(0).scenario.calendar.closed_weeks
    return monday.isocalendar().week not in closed and not bank_holidays() & {
        monday + timedelta(days=day) for day in range(5)
    }


def test_inspections_that_are_not_overdue_are_untouched_when_a_backlog_is_spread() -> None:
    others = [[visit for visit in begun(backlog(months)) if not visit[0].startswith("Late")] for months in (0, 6, 24)]
    assert {name for name, *_ in others[0]} == {"Ayton", "Just", "Focus"}
    assert ("Just", "short", str(FIRST_MONDAY)) in others[0]
    assert others[0] == others[1] == others[2]


def test_spreading_a_backlog_moves_no_due_date() -> None:
    due = [
        {row.authority: (row.opens, row.due, row.latest) for row in reversed(backlog(months).record.visits)}
        for months in (0, 24)
    ]
    assert due[0] == due[1]


# ---------------------------------------------------------------- when, and how often

CEEHAM = authority("Ceeham", "North", "requires_improvement", "2018-01-26")


def dues(done: Run, kind: str) -> list[date]:
    return [done.date(row.due) for row in done.record.visits if row.kind == kind]


def focused(changes: Mapping[str, object], years: int = 3) -> Run:
    key = f"{pathway('requires_improvement')}.contacts.focused"
    return run(quiet([CEEHAM], {"North": 4}, {f"{key}.{name}": value for name, value in changes.items()}, years=years))


@pytest.mark.parametrize(
    ("shares", "due"),
    [
        ((0.25, 0.5), ["2018-10-26", "2019-07-26"]),
        ((0.5, 0.75), ["2019-07-26", "2020-04-26"]),
        ((0.3, 0.6), ["2018-12-26", "2019-11-26"]),  # 10.8 and 21.6 months: 11 and 22
    ],
)
def test_focused_visits_are_due_at_their_shares_of_the_interval(shares: tuple[float, ...], due: list[str]) -> None:
    assert [str(each) for each in dues(focused({"due_shares": shares}), "focused")] == due


def test_focused_visits_without_shares_are_spread_evenly() -> None:
    usual = focused({})
    assert [str(each) for each in dues(usual, "focused")] == ["2019-01-26", "2020-01-26"]
    assert begun(focused({"due_shares": (1 / 3, 2 / 3)})) == begun(usual)


@pytest.mark.parametrize("shares", [(), (0.5,), (0.2, 0.4, 0.6), (0.6, 0.3), (0.5, 1.5), (-0.1, 0.5)])
def test_shares_that_are_not_one_for_each_visit_in_ascending_order_are_refused(shares: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match="due_shares"):
        focused({"due_shares": shares})


@pytest.mark.parametrize("visits", [0, 1, 2, 3, 5])
def test_there_are_so_many_focused_visits_between_two_inspections(visits: int) -> None:
    done = focused({"visits": visits, "window_months": 2}, years=4)
    inspection = next(row for row in done.record.visits if row.kind == "standard")
    assert inspection.fieldwork_start is not None
    first = [row for row in done.record.visits if row.kind == "focused" and row.due < inspection.fieldwork_start]
    months = [round(36 * number / (visits + 1)) for number in range(1, visits + 1)]
    assert [done.date(row.due) for row in first] == [add_months(CEEHAM.inspected_on, each) for each in months]
    assert all(row.fieldwork_start is not None and row.opens <= row.fieldwork_start <= row.latest for row in first)


INTERVALS: dict[Judgement, tuple[str, int, int]] = {
    "outstanding": ("short", 2, 5),
    "good": ("short", 6, 3),
    "requires_improvement": ("standard", 1, 4),
}
"""Kind of inspection, months of the window before and after its due date."""


@pytest.mark.parametrize("months", [24, 36, 48])
def test_inspections_are_due_after_the_interval_of_their_judgement_with_its_window(months: int) -> None:
    due = date(2018, 9, 17)  # a Monday of an open week
    rows = [authority(each, "North", each, str(add_months(due, -months))) for each in INTERVALS]
    changes: dict[str, object] = without_focused()
    for judgement, (_, before, after) in INTERVALS.items():
        changes |= {
            f"{pathway(judgement)}.interval_months": months,
            f"{pathway(judgement)}.window_before_months": before,
            f"{pathway(judgement)}.window_after_months": after,
        }
    done = run(quiet(rows, {"North": 8}, changes))
    found = {
        row.authority: (row.kind, done.date(row.opens), done.date(row.due), done.date(row.latest))
        for row in done.record.visits
    }
    assert found == {
        judgement: (kind, add_months(due, -before), due, add_months(due, after))
        for judgement, (kind, before, after) in INTERVALS.items()
    }
    assert {start for *_, start in begun(done)} == {str(due)}


def test_each_judgement_has_its_own_interval() -> None:
    months: dict[Judgement, int] = {"outstanding": 48, "good": 36, "requires_improvement": 24}
    rows = [authority(each, "North", each, "2015-03-06") for each in months]
    changes = {**without_focused(), **{f"{pathway(each)}.interval_months": value for each, value in months.items()}}
    done = run(quiet(rows, {"North": 8}, changes, years=2))
    first = {row.authority: done.date(row.due) for row in reversed(done.record.visits)}
    assert first == {each: add_months(date(2015, 3, 6), value) for each, value in months.items()}


@pytest.mark.parametrize("weeks", [8, 13, 20])
def test_monitoring_visits_follow_one_another_by_so_many_weeks(weeks: int) -> None:
    key = f"{pathway('inadequate')}.contacts.monitoring"
    changes = {f"{key}.visits.{name}": 4 for name in ("low", "mode", "high")} | {f"{key}.every_weeks": weeks}
    done = run(quiet([authority("Ceeham", "North", "inadequate", "2018-01-26")], {"North": 4}, changes, years=3))
    rows = [row for row in done.record.visits if row.kind == "monitoring"][:4]
    assert len(rows) == 4
    for row, following in pairwise(rows):
        assert row.fieldwork_start is not None
        assert following.due == row.fieldwork_start + WEEK * weeks
    inspection = next(row for row in done.record.visits if row.kind in INSPECTIONS)
    assert rows[-1].fieldwork_start is not None
    assert done.date(inspection.due) == add_months(done.date(rows[-1].fieldwork_start), 3)


# ---------------------------------------------------------------- teams


@pytest.mark.parametrize("inspectors", [0, 1, 2, 5])
def test_a_larger_team_takes_exactly_the_days_of_its_people_more(inspectors: int) -> None:
    # The lead prepares for 2 days, is on site for 5 and writes for 4; another prepares for 2 and is on site for 5.
    changes = {**without_focused(), f"{SHORT}.team.inspectors.people": all_sizes(inspectors)}
    done = run(quiet([AYTON], {"North": 6}, changes))
    (row,) = done.record.visits
    assert (row.team_size, row.inspector_days) == (1 + inspectors, 11 + 7 * inspectors)
    load = done.record.workload
    assert load.by_kind[:, 0].sum() == 11 + 7 * inspectors  # first of the kinds: short
    assert load.on_site_days.sum() == 5 * (1 + inspectors)
    assert load.inspectors_out.max() == 1 + inspectors


def test_teams_are_of_the_size_of_the_authority() -> None:
    people = dict(zip(SIZES, (1, 2, 4), strict=True))
    rows = [authority(size, "North", "good", "2015-06-05", size) for size in SIZES]
    done = run(quiet(rows, {"North": 10}, {**without_focused(), f"{SHORT}.team.inspectors.people": people}))
    assert {row.authority: row.inspector_days for row in done.record.visits} == {
        size: 11 + 7 * number for size, number in people.items()
    }


def test_a_day_more_of_a_seat_is_a_day_more_of_each_of_its_people() -> None:
    changes = {
        **without_focused(),
        f"{SHORT}.team.inspectors.people": all_sizes(3),
        f"{SHORT}.team.inspectors.writing_up_days": 1,
        f"{SHORT}.team.lead.preparation_days": 4,
    }
    (row,) = run(quiet([AYTON], {"North": 4}, changes)).record.visits
    assert row.inspector_days == 13 + 3 * 8
