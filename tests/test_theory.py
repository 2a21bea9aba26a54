"""What probability theory, arithmetic and other people's tables say, within a stated rate of false alarms.

A companion beside a statistical test plants a fault of a size that would matter, and shows that the test catches it.
Seeds are fixed, so a test that passes once always does; the stated rate is that of a change of seed or code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from math import floor, log, sqrt

import holidays
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from scipy.linalg import expm

from sim.base.calendar import DAYS_A_YEAR, Calendar, add_months, bank_holidays, financial_year
from sim.base.randomness import Stream, triangular, whole_triangular
from sim.inputs.framework import Publication
from sim.inputs.grades import JUDGEMENTS
from sim.inputs.grades import SHIPPED as GRADES
from sim.inputs.parameter_draws import varied
from sim.inputs.posts import share_out
from sim.inputs.ratings import QualityPath, Ratings, Regime, reading
from sim.inputs.scenario import load
from sim.world.visits import publication_lag
from tests.worlds import run

FALSE_ALARM = 1e-4
PATHS = 5000
YEARS = 2.5
quick = settings(max_examples=60, deadline=None, database=None)


# ---------------------------------------------------------------- drift


def drift(factor: float = 1.0) -> Ratings:
    """Shipped rates of drift, all of them times a factor."""
    shipped = load("ilacs_launch").ratings
    return varied(
        shipped, {f"drift.{before}.{after}": factor for before, moves in shipped.drift.items() for after in moves}
    )


def transition_matrix(ratings: Ratings, years: float) -> NDArray[np.float64]:
    """Probability of each grade after some years, by the matrix exponential of the rates."""
    rates = np.array([[ratings.drift[row].get(column, 0.0) for column in JUDGEMENTS] for row in JUDGEMENTS])
    return np.asarray(expm(years * (rates - np.diag(rates.sum(axis=1)))))


def simulated_paths(ratings: Ratings, grade: int) -> list[QualityPath]:
    stream = Stream(np.random.default_rng([2018, grade]), 2)
    return [QualityPath(ratings, grade, 0, stream) for _ in range(PATHS)]


def drift_p_value(simulated: Ratings, claimed: Ratings) -> float:
    """Smallest p-value of four chi-square tests, one from each grade, times four."""
    matrix = transition_matrix(claimed, YEARS)
    p_values = []
    for grade in range(4):
        seen = np.bincount([path.at(YEARS * DAYS_A_YEAR) for path in simulated_paths(simulated, grade)], minlength=4)
        expected = matrix[grade] * PATHS
        rare = expected < 10
        observed, due = np.append(seen[~rare], seen[rare].sum()), np.append(expected[~rare], expected[rare].sum())
        full = due > 0
        p_values.append(float(stats.chisquare(observed[full], due[full]).pvalue))
    return min(1.0, 4 * min(p_values))


def test_drift_follows_the_matrix_exponential() -> None:
    assert drift_p_value(drift(), drift()) > FALSE_ALARM


def test_drift_that_is_a_sixth_too_fast_is_caught() -> None:
    assert drift_p_value(drift(7 / 6), drift()) < FALSE_ALARM


def sojourn_z(simulated: Ratings, claimed: Ratings, grade: int) -> float:
    """Mean time until the first move, in standard errors from the mean of the exponential distribution."""
    first_moves = []
    for path in simulated_paths(simulated, grade):
        day = 0.0
        while len(path.days) == 1:
            day += 1000.0
            path.extend_to(day)
        first_moves.append(path.days[1] / DAYS_A_YEAR)
    mean = 1 / sum(claimed.drift[JUDGEMENTS[grade]].values())
    return float((np.mean(first_moves) - mean) / (mean / sqrt(PATHS)))


@pytest.mark.parametrize("grade", range(4))
def test_quality_stays_for_the_mean_sojourn_time(grade: int) -> None:
    assert abs(sojourn_z(drift(), drift(), grade)) < stats.norm.isf(FALSE_ALARM / 2 / 4)


@pytest.mark.parametrize("grade", range(4))
def test_a_sojourn_that_is_a_tenth_too_short_is_caught(grade: int) -> None:
    assert abs(sojourn_z(drift(1.1), drift(), grade)) > stats.norm.isf(FALSE_ALARM / 2 / 4)


# ---------------------------------------------------------------- rates that change on a day

CHANGES_ON = 365
FASTER, SLOWER = 3.0, 0.2
"""What rates of improvement and of decline are multiplied by from that day on."""


def changed_p_value(claimed_improvement: float) -> float:
    """As :func:`drift_p_value`, of paths whose rates change a year after they begin."""
    ratings = drift()
    before = transition_matrix(ratings, CHANGES_ON / DAYS_A_YEAR)
    faster = varied(
        ratings,
        {
            f"drift.{one}.{to}": claimed_improvement if JUDGEMENTS.index(to) < JUDGEMENTS.index(one) else SLOWER
            for one in JUDGEMENTS
            for to in JUDGEMENTS
        },
    )
    matrix = before @ transition_matrix(faster, YEARS)
    p_values = []
    for grade in range(4):
        paths = simulated_paths(ratings, grade)
        for path in paths:
            path.change_rates(CHANGES_ON, [Regime(CHANGES_ON, FASTER, SLOWER)])
        seen = np.bincount([path.at(CHANGES_ON + YEARS * DAYS_A_YEAR) for path in paths], minlength=4)
        p_values.append(float(stats.chisquare(seen, matrix[grade] * PATHS).pvalue))
    return min(1.0, 4 * min(p_values))


def test_rates_that_change_on_a_day_follow_the_matrix_exponentials_before_and_after() -> None:
    assert changed_p_value(FASTER) > FALSE_ALARM


def test_a_change_of_rates_that_is_a_fifth_too_strong_is_caught() -> None:
    assert changed_p_value(FASTER / 1.2) < FALSE_ALARM


def two_paths(grade: int = 2) -> tuple[QualityPath, QualityPath]:
    """The same path twice."""
    one, other = (QualityPath(drift(), grade, 0, Stream(np.random.default_rng(7), 2)) for _ in range(2))
    return one, other


def test_a_change_that_changes_nothing_leaves_the_path_as_it_is() -> None:
    one, other = two_paths()
    for day in (100, 500, 510, 2500):
        other.change_rates(day, [Regime(day, 1.0, 1.0), Regime(day + 365, 1.0, 1.0)])
    for path in (one, other):
        path.extend_to(8000)
    assert one.grades == other.grades and len(one.grades) > 3
    assert one.days == pytest.approx(other.days)


def test_moves_before_a_change_stay_as_they_are() -> None:
    one, other = two_paths()
    other.change_rates(3000, [Regime(3000, 0.0, 0.0)])
    for path in (one, other):
        path.extend_to(8000)
    before = sum(day < 3000 for day in one.days)
    assert (other.days, other.grades) == (one.days[:before], one.grades[:before])
    assert len(one.days) > before  # and at a standstill nothing moves


def test_a_regime_that_ends_gives_way_to_the_next() -> None:
    one, other = two_paths()
    other.change_rates(0, [Regime(0, 0.0, 0.0), Regime(1000, 1.0, 1.0)])
    for path in (one, other):
        path.extend_to(8000)
    known = len(other.days)
    assert other.days[1:] == pytest.approx([day + 1000 for day in one.days[1:known]])
    assert other.grades == one.grades[:known]


@pytest.mark.parametrize("grade", range(4))
def test_a_visit_sees_quality_as_it_is_or_a_grade_beside_it(grade: int) -> None:
    accuracy, count = 0.7, 1000
    seen = [JUDGEMENTS.index(reading(grade, accuracy, (place + 0.5) / count, GRADES)) for place in range(count)]
    beside = [to for to in (grade - 1, grade + 1) if 0 <= to <= 3]
    assert seen.count(grade) == 700
    assert [seen.count(to) for to in beside] == [300 // len(beside)] * len(beside)
    assert {reading(grade, 1.0, u, GRADES) for u in (0.0, 0.5, 0.999)} == {JUDGEMENTS[grade]}


def test_the_mix_drifts_on_by_the_matrix_exponential() -> None:
    ratings = drift()
    mix = np.array([ratings.mix[one] for one in JUDGEMENTS])
    assert ratings.mix_after(1096) == pytest.approx(mix @ transition_matrix(ratings, 1096 / 365.25))


# ---------------------------------------------------------------- durations


@quick
@given(st.floats(0, 0.999), st.floats(-10, 10), st.floats(0.01, 10), st.floats(0, 1))
def test_triangular_quantiles_are_those_of_the_textbook(u: float, low: float, width: float, peak: float) -> None:
    expected = stats.triang.ppf(u, peak, loc=low, scale=width)
    assert triangular(u, low, low + peak * width, low + width) == pytest.approx(expected, abs=1e-6 * width + 1e-9)


def whole_shares(draw: Callable[[float], int]) -> dict[int, float]:
    """Share of each whole number over a fine grid of probabilities."""
    numbers, counts = np.unique([draw((place + 0.5) / 20_000) for place in range(20_000)], return_counts=True)
    return {int(number): count / 20_000 for number, count in zip(numbers, counts, strict=True)}


def test_whole_triangular_numbers_have_the_probability_of_half_a_unit_either_side() -> None:
    wide = stats.triang((6 - 4.5) / 4, loc=4.5, scale=4)
    expected = {number: wide.cdf(number + 0.5) - wide.cdf(number - 0.5) for number in range(5, 9)}
    assert whole_shares(lambda u: whole_triangular(u, 5, 6, 8)) == pytest.approx(expected, abs=2e-4)
    assert whole_shares(lambda u: whole_triangular(u, 7, 7, 7)) == {7: 1.0}
    # A triangle that ends at the corner points, rounded, is caught.
    assert whole_shares(lambda u: round(triangular(u, 5, 6, 8))) != pytest.approx(expected, abs=2e-4)


@quick
@given(st.integers(5, 60), st.integers(0, 40), st.integers(0, 10))
def test_reports_take_their_median_and_their_90_percent_point(median: int, more: int, extra: int) -> None:
    rules = Publication(median_days=float(median), p90_days=float(median + more), inadequate_extra_days=extra)
    assert publication_lag(rules, 0.5, False) == median
    assert publication_lag(rules, 0.9, False) == median + more
    assert publication_lag(rules, 0.5, True) == median + extra
    lags = [publication_lag(rules, (place + 0.5) / 500, False) for place in range(500)]
    assert all(earlier <= later for earlier, later in pairwise(lags))
    assert min(lags) >= 1


def test_published_lags_of_a_run_have_the_median_and_90_percent_point_of_the_framework() -> None:
    # Of n focused visits the share published within the median (21, or 32 working days at 90%), rounding apart, lies
    # within 3.9 standard errors of what the lognormal says: a false alarm once in 10,000.
    seen = run(load("ilacs_launch", {"framework": "ilacs_2017"}))
    lags = np.array(
        [
            len(seen.workdays(row.fieldwork_end + 1, row.published))
            for row in seen.record.visits
            if row.kind == "focused" and row.fieldwork_end is not None and row.published is not None
            and row.fieldwork_end < seen.record.horizon - 200
        ]
    )  # fmt: skip
    deviation = log(32 / 21) / stats.norm.ppf(0.9)
    limit = stats.norm.isf(FALSE_ALARM / 4)

    def z(days: int, median: float) -> float:
        share = stats.norm.cdf((log(days + 0.5) - log(median)) / deviation)
        return float((np.mean(lags <= days) - share) / sqrt(share * (1 - share) / len(lags)))

    assert abs(z(21, 21)) < limit
    assert abs(z(32, 21)) < limit
    assert abs(z(21, 25)) > limit  # a median of a short inspection's report would be caught


# ---------------------------------------------------------------- people


def is_house_monotone(share: Callable[[int, Mapping[str, int]], dict[str, int]], weights: Mapping[str, int]) -> bool:
    shares = [share(people, weights) for people in range(40)]
    return all(later[name] >= earlier[name] for earlier, later in pairwise(shares) for name in weights)


def largest_remainder(people: int, weights: Mapping[str, int]) -> dict[str, int]:
    quota = {name: people * weight / sum(weights.values()) for name, weight in weights.items()}
    seats = {name: floor(part) for name, part in quota.items()}
    for name in sorted(quota, key=lambda name: seats[name] - quota[name])[: people - sum(seats.values())]:
        seats[name] += 1
    return seats


WEIGHTS = st.dictionaries(st.sampled_from("ABCDEFG"), st.integers(0, 40), min_size=1)


@quick
@given(WEIGHTS, st.integers(0, 8))
def test_people_are_shared_out_in_proportion_and_one_more_moves_nobody(weights: dict[str, int], times: int) -> None:
    assert is_house_monotone(share_out, weights)
    assert all(sum(share_out(people, weights).values()) == people for people in range(40))
    if any(weights.values()):
        exact = {name: times * weight for name, weight in weights.items()}
        assert share_out(sum(exact.values()), weights) == exact


def test_a_share_by_largest_remainder_is_caught() -> None:
    assert not is_house_monotone(largest_remainder, {"A": 6, "B": 6, "C": 2})


# ---------------------------------------------------------------- calendar


def brute_workdays(calendar: Calendar, first: int, last: int) -> list[int]:
    days = [(day, calendar.start + timedelta(days=day)) for day in range(first, last + 1)]
    return [day for day, when in days if when.weekday() < 5 and when not in bank_holidays()]


@quick
@given(st.dates(date(2014, 1, 1), date(2040, 1, 1)), st.integers(-300, 700), st.integers(0, 120))
def test_working_days_are_those_counted_one_by_one(start: date, day: int, count: int) -> None:
    calendar = Calendar(start, 800, (1, 2, 31), reach_back=600)
    after, before = brute_workdays(calendar, day + 1, day + 250), brute_workdays(calendar, day - 250, day - 1)
    assert calendar.workdays_after(day, count) == (after[count - 1] if count else day)
    assert calendar.workdays_before(day, count) == (before[-count] if count else day)
    assert calendar.workday_on_or_after(day) == brute_workdays(calendar, day, day + 20)[0]
    assert calendar.is_workday(day) == bool(brute_workdays(calendar, day, day))
    assert calendar.weekday(day) == (start + timedelta(days=day)).weekday()
    assert calendar.date(calendar.week_of(day)).weekday() == 0 and 0 <= day - calendar.week_of(day) < 7


@quick
@given(st.dates(date(2014, 1, 1), date(2040, 1, 1)), st.integers(0, 700), st.integers(1, 120))
def test_working_days_before_a_visit_are_right_however_recent_the_table(start: date, monday: int, count: int) -> None:
    # The longest preparation and the longest way there: 60 working days each.
    calendar = Calendar(start, 700, (1, 2, 31))
    assert calendar.workdays_before(monday, count) == brute_workdays(calendar, monday - 250, monday - 1)[-count]


@pytest.mark.parametrize(
    ("look_up", "arguments"),
    [
        (Calendar.workdays_before, (0, 1000)),
        (Calendar.workdays_before, (5000, 1)),
        (Calendar.workdays_after, (-1000, 1)),
        (Calendar.workday_on_or_after, (-1000,)),
    ],
)
def test_a_day_outside_the_calendar_is_refused_and_never_another_day(
    look_up: Callable[..., int], arguments: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match="working days are known from 2016-12-27 to 2020-03-06"):
        look_up(Calendar(date(2018, 1, 31), 365, ()), *arguments)


@quick
@given(
    st.dates(date(2014, 1, 1), date(2040, 1, 1)),
    st.sets(st.integers(0, 3), min_size=1).map(lambda weeks: tuple(sorted(weeks))),
    st.integers(0, 500),
    st.integers(0, 300),
)
def test_fieldwork_starts_on_mondays_from_which_every_week_with_people_on_site_is_open(
    start: date, weeks: tuple[int, ...], first: int, more: int
) -> None:
    closed = (1, 2, 14, 22, 31, 32, 52, 53)
    calendar = Calendar(start, 900, closed)
    days = [(day, start + timedelta(days=day)) for day in range(first, first + more + 1)]

    def is_open(monday: int) -> bool:
        week = (start + timedelta(days=monday)).isocalendar().week
        return week not in closed and len(brute_workdays(calendar, monday, monday + 6)) == 5

    expected = [day for day, when in days if when.weekday() == 0 and all(is_open(day + 7 * week) for week in weeks)]
    assert calendar.starts_between(weeks, first, first + more) == expected
    if expected:
        assert calendar.first_start(weeks, first) == expected[0]


@quick
@given(st.dates(date(2000, 1, 1), date(2045, 1, 1)), st.integers(-120, 120))
def test_months_are_added_as_pandas_adds_them(day: date, months: int) -> None:
    assert add_months(day, months) == (pd.Timestamp(day) + pd.DateOffset(months=months)).date()
    year = pd.Period(day, freq="Y-MAR").year
    assert financial_year(day) == f"{year - 1}-{year % 100:02d}"


@quick
@given(st.dates(date(2014, 1, 1), date(2040, 1, 1)), st.integers(-2000, 9000), st.integers(-240, 240))
def test_months_after_a_day_are_those_of_its_date_inside_the_table_and_beyond(
    start: date, day: int, months: int
) -> None:
    calendar = Calendar(start, 700, (), reach_back=300)
    assert calendar.months_after(day, months) == (add_months(start + timedelta(days=day), months) - start).days


def wrong_holidays(table: frozenset[date]) -> set[date]:
    """Weekdays from 2013 to 2040 on which a table and the holidays package disagree."""
    years = range(2013, 2041)
    known = {day for day in holidays.country_holidays("GB", subdiv="ENG", years=years) if day.year in years}
    return {day for day in known ^ {day for day in table if day.year in years} if day.weekday() < 5}


def test_the_bank_holidays_are_those_of_the_holidays_package() -> None:
    assert wrong_holidays(bank_holidays()) == set()
    assert date(2022, 9, 19) in bank_holidays()  # the State Funeral: one-off holidays are there
    assert wrong_holidays(bank_holidays() - {date(2020, 5, 8)}) == {date(2020, 5, 8)}
