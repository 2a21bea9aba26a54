"""Declines: by hand in small histories, and their delay against theory when every authority is inspected each year."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, sqrt

import pytest
from scipy import stats

from sim.inputs.framework import Kind
from sim.inputs.grades import JUDGEMENTS
from sim.inputs.scenario import Scenario
from sim.record.detection import Cause, DeclineRow, Published, Sight, declines
from tests.worlds import Run, authority, quiet, run, without_focused

OUTSTANDING, GOOD, RI, INADEQUATE = range(4)
FIRST = Published(-100, -60, GOOD)
FALSE_ALARM = 1e-4

Line = tuple[str, Cause, float, int | None, Kind | None, int | None, float | None]


def found(path: list[tuple[float, int]], judgements: list[Published], sights: list[Sight]) -> list[Line]:
    """Judgement, cause, begun, seen, by whom, published, ended."""
    days, grades = [day for day, _ in path], [grade for _, grade in path]
    return [row[1:] for row in declines("Ayton", (days, grades), judgements, sights, JUDGEMENTS)]


def inspected(end: int, published: int, grade: int) -> tuple[Published, Sight]:
    return Published(end, published, grade), Sight(end, "short", grade, published)


def test_quality_at_its_judgement_is_no_decline() -> None:
    later, sight = inspected(300, 340, GOOD)
    assert found([(-100, GOOD), (50, OUTSTANDING), (400, GOOD)], [FIRST, later], [sight]) == []


def test_a_decline_is_seen_by_a_visit_and_then_published() -> None:
    later, sight = inspected(300, 340, RI)
    visits = [Sight(40, "focused", RI, None), Sight(120, "focused", RI, None), Sight(200, "joint", RI, None), sight]
    assert found([(-100, GOOD), (50.5, RI)], [FIRST, later], visits) == [
        ("good", "drift", 50.5, 120, "focused", 340, 340)
    ]


def test_a_visit_that_sees_the_judgement_confirmed_sees_no_decline() -> None:
    later, sight = inspected(300, 340, RI)
    visits = [Sight(120, "focused", GOOD, None), sight]
    assert found([(-100, GOOD), (50.5, RI)], [FIRST, later], visits) == [
        ("good", "drift", 50.5, 300, "short", 340, 340)
    ]


def test_a_decline_that_recovers_is_over_and_the_next_one_is_another() -> None:
    assert found([(-100, GOOD), (10, RI), (20, GOOD), (30, INADEQUATE)], [FIRST], []) == [
        ("good", "drift", 10, None, None, None, 20),
        ("good", "drift", 30, None, None, None, None),
    ]


def test_an_inspection_that_misses_a_decline_leaves_it_running() -> None:
    missed, sight = inspected(100, 140, GOOD)
    later, again = inspected(300, 340, INADEQUATE)
    assert found([(-100, GOOD), (50, RI)], [FIRST, missed, later], [sight, again]) == [
        ("good", "drift", 50, 300, "short", 340, 340)
    ]


def test_days_before_a_judgement_is_published_do_not_count_against_it() -> None:
    # Quality fell between the last day on site (300) and the publication (340) of a judgement that was right on site.
    later, sight = inspected(300, 340, GOOD)
    first = Published(-100, -60, OUTSTANDING)
    assert found([(-100, OUTSTANDING), (250, GOOD), (320, RI)], [first, later], [sight]) == [
        ("outstanding", "drift", 250, 300, "short", 340, 340),
        ("good", "drift", 340, None, None, None, None),
    ]


def test_a_judgement_that_was_too_good_is_told_apart_from_drift() -> None:
    assert found([(-100, RI)], [FIRST], []) == [("good", "misjudged", -60, None, None, None, None)]
    again, sight = inspected(300, 340, GOOD)
    assert found([(-100, INADEQUATE)], [Published(-100, -60, INADEQUATE), again], [sight]) == [
        ("good", "misjudged", 340, None, None, None, None)
    ]


def test_a_worse_judgement_that_is_still_too_good_ends_one_decline_and_begins_another() -> None:
    later, sight = inspected(300, 340, RI)
    assert found([(-100, GOOD), (50, INADEQUATE)], [FIRST, later], [sight]) == [
        ("good", "drift", 50, 300, "short", 340, 340),
        ("requires_improvement", "misjudged", 340, None, None, None, None),
    ]


def test_a_decline_seen_by_an_inspection_is_published_though_it_recovered_meanwhile() -> None:
    later, sight = inspected(300, 340, RI)
    assert found([(-100, GOOD), (250, RI), (310, GOOD)], [FIRST, later], [sight]) == [
        ("good", "drift", 250, 300, "short", 340, 310)
    ]


# ---------------------------------------------------------------- theory

RATE = 0.4
"""Moves a year from good to requires improvement; there is no way back, so an authority declines once."""


def inspected_each_year() -> Scenario:
    """400 authorities, judged without error once a year whatever their judgement, and people enough."""
    key = "frameworks.ilacs_2017.pathways"
    changes: dict[str, object] = {**without_focused(), "ratings.drift.good.requires_improvement": RATE}
    for judgement in JUDGEMENTS[:3]:
        changes |= {f"{key}.{judgement}.interval_months": 12, f"{key}.{judgement}.inspection": "short"}
        changes |= {f"{key}.{judgement}.window_before_months": 1, f"{key}.{judgement}.window_after_months": 1}
    rows = [
        authority(f"{region} {number:03d}", region, "good", f"2017-{3 + number % 9:02d}-{1 + number % 25:02d}")
        for region in ("North", "South")
        for number in range(200)
    ]
    return quiet(rows, {"North": 200, "South": 200}, changes, years=6)


def delay_z(run: Run, rate: float, found: Sequence[DeclineRow]) -> float:
    """Delays of detection, summed, in standard errors from theory.

    Given the dates of inspections, a decline between the ends of the fieldwork of one and of the next falls there as a
    truncated exponential does; the rest of the delay is known.
    """
    ends: dict[str, list[tuple[int, int]]] = {row.authority: [] for row in run.scenario.authorities}
    for row in run.record.visits:
        if row.published is not None and row.fieldwork_end is not None:
            ends[row.authority].append((row.published, row.fieldwork_end))
    excess = variance = 0.0
    daily = rate / 365.25
    for decline in found:
        if decline.published is None:
            continue
        inspections = [end for published, end in ends[decline.authority] if published <= decline.published]
        if len(inspections) < 2:
            continue  # the inspection before lies before the start, and was published then
        before, seen = inspections[-2:]
        length = seen - before
        left = 1 - exp(-daily * length)
        mean = 1 / daily - length * exp(-daily * length) / left
        expected = (decline.published - before) - mean
        excess += decline.published - decline.began - expected
        variance += 1 / daily**2 - length**2 * exp(-daily * length) / left**2
    return excess / sqrt(variance)


@pytest.fixture(scope="module")
def yearly() -> Run:
    return run(inspected_each_year())


def test_with_perfect_judgement_and_yearly_inspections_the_delay_is_what_theory_gives(yearly: Run) -> None:
    drifted = [row for row in yearly.record.declines if row.published is not None]
    assert len(drifted) > 150
    assert {row.seen_by for row in drifted} == {"short"}
    assert abs(delay_z(yearly, RATE, yearly.record.declines)) < stats.norm.isf(FALSE_ALARM / 2)


def test_a_delay_that_is_six_weeks_too_long_is_caught(yearly: Run) -> None:
    longer = [row._replace(began=row.began - 42) for row in yearly.record.declines]
    assert abs(delay_z(yearly, RATE, longer)) > stats.norm.isf(FALSE_ALARM / 2)


def test_every_decline_of_a_run_is_one_of_its_quality_and_judgements(yearly: Run) -> None:
    for decline in yearly.record.declines:
        (life,) = (life for life in yearly.world.authorities if life.name == decline.authority)
        assert life.quality.at(decline.began) > JUDGEMENTS.index(decline.judgement)
        if decline.seen is not None:
            assert decline.began <= decline.seen
