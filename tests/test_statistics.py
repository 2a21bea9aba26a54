"""Statistics over replications: exact small cases, and coverage where theory gives a number.

A companion beside a test of coverage takes a rule that is a little too sure of itself, and shows that the test tells.
"""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.statistics.intervals import (
    binomial_interval,
    group_quantiles,
    mean_of,
    quantile_interval,
    summarise,
    variance_share,
)
from sim.statistics.paired import Holm, holm, paired, sign_test


@pytest.mark.parametrize(
    "said",
    [
        mean_of([1.0, 2.0]),
        summarise([1.0, 2.0]),
        quantile_interval([1.0, 2.0], 0.5),
        paired([1.0, 2.0], [2.0, 4.0]),
        Holm(0.5, 0.95),
        variance_share([1.0, 2.0, 3.0, 4.0], [0, 0, 1, 1]),
    ],
    ids=lambda said: type(said).__name__,
)
def test_what_a_statistic_has_said_cannot_be_changed(said: object) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(said, fields(said)[0].name, 0.0)  # type: ignore[arg-type]  # every one is a dataclass


def test_a_summary_is_the_mean_its_interval_and_the_quantiles_of_the_numbers_among_the_values() -> None:
    sample = [3.0, 1.0, 4.0, 1.5, 9.0, 2.5]
    found = summarise([*sample, float("nan")])
    assert found.mean == pytest.approx(3.5)
    assert (found.ci_low, found.ci_high) == pytest.approx(stats.t.interval(0.95, 5, 3.5, stats.sem(sample)))
    # Between the sorted 1, 1.5, 2.5, 3, 4, 9, at 0.1, 0.5 and 0.9 of the way: places 0.5, 2.5 and 4.5.
    assert (found.p10, found.p50, found.p90) == pytest.approx((1.25, 2.75, 6.5))


def test_a_summary_of_nothing_is_nothing_and_of_one_value_has_no_interval() -> None:
    nothing, one = summarise([float("nan")]), summarise([2.0])
    assert np.isnan([nothing.mean, nothing.ci_low, nothing.ci_high, nothing.p10, nothing.p50, nothing.p90]).all()
    assert (one.mean, one.p10, one.p50, one.p90) == (2.0, 2.0, 2.0, 2.0)
    assert np.isnan([one.ci_low, one.ci_high]).all()


def test_the_t_test_of_a_mean_is_the_textbooks() -> None:
    values = np.array([1.0, 2.5, -0.5, 3.0, 0.25])
    expected = stats.ttest_1samp(values, 0.0)
    found = mean_of(values)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert found.interval() == pytest.approx(tuple(expected.confidence_interval(0.95)))
    assert found.interval(0.9) == pytest.approx(tuple(expected.confidence_interval(0.9)))


@pytest.mark.parametrize(("values", "p_value"), [([0.0, 0.0, 0.0], 1.0), ([2.0, 2.0], 0.5), ([0.1] * 6, 2.0**-5)])
def test_of_a_mean_without_spread_only_the_sign_counts(values: list[float], p_value: float) -> None:
    found = mean_of(values)
    assert found.p_value == p_value
    assert found.error == pytest.approx(0.0, abs=1e-15)


def test_a_mean_of_nothing_or_of_one_has_no_interval() -> None:
    assert np.isnan([mean_of([]).mean, mean_of([]).error, mean_of([float("nan")]).mean]).all()
    assert mean_of([3.0]).mean == 3.0
    assert np.isnan([*mean_of([3.0]).interval(), mean_of([3.0]).p_value]).all()


@pytest.mark.parametrize("probability", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("count", [1, 5, 36, 37, 100])
def test_the_order_statistics_around_a_quantile_are_those_that_the_binomial_gives(
    probability: float, count: int
) -> None:
    sample = np.arange(1.0, count + 1)  # the k-th smallest is k
    found = quantile_interval(sample[::-1], probability)
    below = stats.binom(count, probability).cdf
    ranks = range(count + 2)
    low = max(rank for rank in ranks if (below(rank - 1) if rank else 0.0) <= 0.025)
    high = min(rank for rank in ranks if rank and 1 - below(rank - 1) <= 0.025)
    assert found.value == np.quantile(sample, probability)
    assert found.ci_low == (low if low else -np.inf)
    assert found.ci_high == (high if high <= count else np.inf)


def test_no_quantile_of_nothing_is_told() -> None:
    found = quantile_interval([float("nan")], 0.5)
    assert np.isnan([found.value, found.ci_low, found.ci_high]).all()


@pytest.mark.parametrize("probability", [0.1, 0.5, 0.9])
def test_values_that_only_repeat_their_group_s_tell_no_more_than_the_groups(probability: float) -> None:
    of_groups = np.random.default_rng(12).normal(size=12)
    groups = np.repeat(np.arange(12), 3)
    found, alone = quantile_interval(of_groups[groups], probability, groups), quantile_interval(of_groups, probability)
    assert (found.ci_low, found.ci_high) == (alone.ci_low, alone.ci_high)


def test_values_of_one_group_have_no_interval_and_those_that_are_all_the_same_have_no_width() -> None:
    one = quantile_interval(np.arange(100.0), 0.5, np.zeros(100))
    assert (one.ci_low, one.ci_high) == (-np.inf, np.inf)
    same = quantile_interval(np.full(100, 3.0), 0.5, np.repeat(np.arange(50), 2))
    assert (same.value, same.ci_low, same.ci_high) == (3.0, 3.0, 3.0)


def coverage(hits: list[bool]) -> tuple[float, float]:
    """Share of hits, and its standard error."""
    share = float(np.mean(hits))
    return share, float(np.sqrt(share * (1 - share) / len(hits)))


def covered_by_quantiles(probability: float, draw: stats.rv_continuous, confidence: float) -> tuple[float, float]:
    """Share of intervals between order statistics that hold the quantile, and its standard error."""
    truth = draw.ppf(probability)
    samples = draw.rvs(size=(2000, 80), random_state=np.random.default_rng(5))
    found = [quantile_interval(sample, probability, confidence=confidence) for sample in samples]
    return coverage([each.ci_low <= truth <= each.ci_high for each in found])


@pytest.mark.parametrize("probability", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("draw", [stats.norm, stats.expon], ids=["normal", "exponential"])
def test_intervals_of_quantiles_cover_at_least_as_they_say(probability: float, draw: stats.rv_continuous) -> None:
    share, error = covered_by_quantiles(probability, draw, 0.95)
    assert 0.95 - 2 * error <= share <= 0.99


@pytest.mark.parametrize("probability", [0.1, 0.5, 0.9])
def test_intervals_of_quantiles_that_are_a_rank_too_narrow_are_caught(probability: float) -> None:
    share, error = covered_by_quantiles(probability, stats.norm, 0.88)
    assert share < 0.95 - 2 * error


def covered_where_runs_share_draws(probability: float, share: float, told: bool) -> tuple[float, float]:
    """As :func:`covered_by_quantiles`, of runs that share draws; whether the interval is told which do."""
    random = np.random.default_rng(6)
    draws, runs = 50, 4
    groups = np.repeat(np.arange(draws), runs)
    hits = []
    for _ in range(1000):
        between = random.normal(scale=share**0.5, size=draws)
        values = between[groups] + random.normal(scale=(1 - share) ** 0.5, size=draws * runs)
        found = quantile_interval(values, probability, groups if told else None)
        hits.append(found.ci_low <= stats.norm.ppf(probability) <= found.ci_high)
    return coverage(hits)


@pytest.mark.parametrize("probability", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
def test_intervals_of_quantiles_cover_where_runs_share_draws(probability: float, share: float) -> None:
    covered, error = covered_where_runs_share_draws(probability, share, told=True)
    assert 0.94 - 2 * error <= covered <= 0.995


@pytest.mark.parametrize("probability", [0.1, 0.5, 0.9])
def test_intervals_of_quantiles_that_do_not_know_of_the_draws_are_caught(probability: float) -> None:
    covered, error = covered_where_runs_share_draws(probability, 0.5, told=False)
    assert covered < 0.94 - 2 * error


def test_pairs_are_the_textbooks_paired_t_test() -> None:
    random = np.random.default_rng(1)
    base = random.normal(size=30)
    values = base + 0.3 + 0.2 * random.normal(size=30)
    expected = stats.ttest_rel(values, base)
    found = paired(values, base)
    assert found.difference.p_value == pytest.approx(expected.pvalue)
    assert found.difference.interval() == pytest.approx(tuple(expected.confidence_interval()))
    assert found.correlation == pytest.approx(stats.pearsonr(values, base).statistic)
    assert found.pairs == 30


def saved(correlation: float, apart: int = 0) -> float:
    """Independent replications that a pair is worth; the sides ``apart`` places from where they belong."""
    random = np.random.default_rng(2)
    covariance = [[1.0, correlation], [correlation, 1.0]]
    base, values = random.multivariate_normal([0.0, 0.0], covariance, size=20_000).T
    return paired(np.roll(values, apart), base).independent / 20_000


@pytest.mark.parametrize("correlation", [-0.5, 0.0, 0.5, 0.9])
def test_pairing_saves_what_the_correlation_says(correlation: float) -> None:
    # The logarithm of the estimate has a standard error of 1% at most: a twentieth is five of them.
    assert saved(correlation) == pytest.approx(1 / (1 - correlation), rel=0.05)


@pytest.mark.parametrize("correlation", [-0.5, 0.5, 0.9])
def test_pairs_that_are_one_place_off_are_caught(correlation: float) -> None:
    assert saved(correlation, apart=1) != pytest.approx(1 / (1 - correlation), rel=0.05)


def test_pairs_with_a_side_missing_are_left_out() -> None:
    nan = float("nan")
    found = paired([1.0, nan, 3.0, 5.0], [0.0, 0.0, nan, 2.0])
    assert (found.pairs, found.difference.mean) == (2, 2.0)
    assert np.isnan(paired([nan], [1.0]).difference.mean)


def test_a_side_that_never_varies_has_no_correlation_and_differences_that_never_vary_save_no_number() -> None:
    assert np.isnan(paired([1.0, 1.0], [0.0, 3.0]).correlation)
    assert np.isnan(paired([1.0, 4.0], [0.0, 3.0]).independent)


def test_holms_procedure_is_that_of_its_example() -> None:
    found = holm([0.01, 0.04, 0.03, 0.005])
    assert [each.p_value for each in found] == pytest.approx([0.03, 0.06, 0.06, 0.02])
    # 0.005 <= 0.05/4 and 0.01 <= 0.05/3 stand; 0.03 > 0.05/2 does not, nor what comes after it
    assert [1 - each.confidence for each in found] == pytest.approx([0.05 / 3, 0.025, 0.025, 0.0125])


def test_what_is_not_a_number_is_no_statement_of_holms() -> None:
    found = holm([float("nan"), 0.02, float("nan")])
    assert found[1].p_value == pytest.approx(0.02)
    assert found[1].confidence == pytest.approx(0.95)
    assert np.isnan([found[0].p_value, found[2].confidence]).all()
    assert holm([]) == []


def test_intervals_at_holms_confidence_leave_out_zero_exactly_when_the_statement_stands() -> None:
    random = np.random.default_rng(3)
    for _ in range(200):
        means = [mean_of(random.normal(random.choice([0.0, 0.5, 1.0]), size=12)) for _ in range(6)]
        for mean, step in zip(means, holm([mean.p_value for mean in means]), strict=True):
            low, high = mean.interval(step.confidence)
            assert (low > 0 or high < 0) == (step.p_value <= 0.05)


def wrongly_called(kind: str, pairs: int, adjusted: bool = True) -> tuple[float, float]:
    """Share of studies of nothing that call some difference beyond chance, and its standard error."""
    random = np.random.default_rng(4)

    def sides(count: int) -> NDArray[np.float64]:
        size = (count, 30, pairs)
        return random.normal(size=size) if kind == "normal" else random.poisson(0.5, size=size).astype(float)

    def called(p_values: list[float]) -> bool:
        found = [each.p_value for each in holm(p_values)] if adjusted else p_values
        return any(p_value <= 0.05 for p_value in found)

    return coverage([called([mean_of(sample).p_value for sample in study]) for study in sides(400) - sides(400)])


@pytest.mark.parametrize("pairs", [2, 3, 5, 10])
@pytest.mark.parametrize("kind", ["normal", "rare counts"])
def test_holm_calls_nothing_beyond_chance_in_nineteen_studies_of_twenty_of_nothing(kind: str, pairs: int) -> None:
    share, error = wrongly_called(kind, pairs)
    assert share <= 0.05 + 2 * error


@pytest.mark.parametrize("kind", ["normal", "rare counts"])
def test_ten_statements_without_holm_are_caught(kind: str) -> None:
    share, error = wrongly_called(kind, pairs=10, adjusted=False)
    assert share > 0.05 + 2 * error


def test_quantiles_of_groups_are_those_of_what_lies_behind_them_not_of_their_means() -> None:
    random = np.random.default_rng(5)
    groups = np.repeat(np.arange(40_000), 2)
    values = random.normal(size=40_000)[groups] + random.normal(scale=2.0, size=80_000)
    low, high = group_quantiles(values, groups, (0.1, 0.9), 1 / (1 + 2.0**2))
    expected = stats.norm.ppf(0.9)
    assert (low, high) == pytest.approx((-expected, expected), abs=0.1)
    means = values.reshape(-1, 2).mean(axis=1)
    assert np.quantile(means, 0.9) > 1.5 * expected


def test_quantiles_of_groups_without_differences_are_one_point_and_of_nothing_none() -> None:
    groups = [0, 0, 1, 1]
    assert group_quantiles([1.0, 3.0, 2.0, 4.0], groups, (0.1, 0.9), 0.0) == pytest.approx([2.5, 2.5])
    assert np.isnan(group_quantiles([1.0, 1.0], [0, 0], (0.5,), float("nan"))).all()
    assert np.isnan(group_quantiles([float("nan")], [0], (0.1, 0.9), 0.5)).all()


def test_quantiles_of_groups_that_hold_all_the_variance_are_those_of_their_means() -> None:
    random = np.random.default_rng(13)
    means, groups = random.normal(size=25), np.repeat(np.arange(25), 4)
    found = group_quantiles(means[groups], groups, (0.1, 0.5, 0.9), 1.0)
    assert found == pytest.approx(np.quantile(means, [0.1, 0.5, 0.9]))


@pytest.mark.parametrize(("successes", "runs"), [(0, 12), (3, 12), (12, 12)])
def test_the_interval_of_a_probability_leaves_a_fortieth_of_the_binomial_beyond_each_end(
    successes: int, runs: int
) -> None:
    # Clopper and Pearson: at the lower end so many successes or more, at the upper one so many or fewer, are as likely.
    low, high = binomial_interval(successes, runs)
    at_low, at_high = stats.binom.sf(successes - 1, runs, low), stats.binom.cdf(successes, runs, high)
    assert (at_low if successes else 0.025) == pytest.approx(0.025)
    assert (at_high if successes < runs else 0.025) == pytest.approx(0.025)
    assert (low == 0.0) == (successes == 0)
    assert (high == 1.0) == (successes == runs)
    narrower = binomial_interval(successes, runs, 0.5)
    assert low <= narrower[0] <= successes / runs <= narrower[1] <= high


def test_without_runs_nothing_is_said_of_a_probability_and_no_sign_is_beyond_chance() -> None:
    assert np.isnan(binomial_interval(0, 0)).all()
    assert sign_test(0, 0) == 1.0


@pytest.mark.parametrize(("successes", "runs"), [(3, 2), (-1, 2)])
def test_more_successes_than_runs_have_no_interval(successes: int, runs: int) -> None:
    with pytest.raises(ValueError, match=f"{successes} successes in {runs} runs"):
        binomial_interval(successes, runs)


def test_the_sign_test_is_one_sided_and_that_of_the_textbook() -> None:
    # Nine heads or more of ten: 11 of 1024.
    assert sign_test(9, 10) == pytest.approx(11 / 1024)
    assert sign_test(1, 10) == pytest.approx(1023 / 1024)


# The yield of a dye from six batches, five samples each (Davies, Statistical Methods in Research and Production, 1957;
# example of Box and Tiao, 1973): sums of squares of 56 357.5 between on 5 degrees of freedom, and 58 830 within on 24.
DYE = np.array(
    [
        [1545, 1440, 1440, 1520, 1580],
        [1540, 1555, 1490, 1560, 1495],
        [1595, 1550, 1605, 1510, 1560],
        [1445, 1440, 1595, 1465, 1545],
        [1595, 1630, 1515, 1635, 1625],
        [1520, 1455, 1450, 1480, 1445],
    ],
    dtype=np.float64,
)


def test_the_share_of_variance_between_batches_of_dye_is_that_of_the_textbook() -> None:
    found = variance_share(DYE.ravel(), np.repeat(np.arange(6), 5))
    between, within = 56_357.5 / 5, 58_830 / 24
    assert found.groups == 6
    assert found.share == pytest.approx((between - within) / (between + 4 * within))
    # (F / f - 1) / (F / f - 1 + 5) at the 97.5% and 2.5% points of F with 5 and 24 degrees of freedom.
    points = np.asarray(stats.f.ppf([0.975, 0.025], 5, 24))
    assert (found.ci_low, found.ci_high) == pytest.approx(tuple((1 - 5 / (between / within / points + 4)).tolist()))


def test_groups_that_differ_less_than_chance_would_have_them_hold_no_share_and_alone_they_hold_it_all() -> None:
    alike = variance_share([1.0, 5.0, 5.0, 1.0, 3.0, 3.0], [0, 0, 1, 1, 2, 2])
    assert (alike.share, alike.ci_low) == (0.0, 0.0)
    apart = variance_share([1.0, 1.0, 5.0, 5.0], [0, 0, 1, 1])
    assert (apart.share, apart.ci_low, apart.ci_high) == (1.0, 1.0, 1.0)


def test_groups_of_unequal_size_count_as_the_size_that_the_analysis_of_variance_gives_them() -> None:
    # Of 1, 3, 5 and of 8, 10: means 3 and 9, of all 5.4; between 3 x 2.4^2 + 2 x 3.6^2 = 43.2, within 10 / 3; and a
    # group counts as 5 - 13 / 5 = 2.4.
    found = variance_share([1.0, 3.0, 5.0, 8.0, 10.0], [0, 0, 0, 1, 1])
    assert found.share == pytest.approx((43.2 * 0.3 - 1) / (43.2 * 0.3 - 1 + 2.4))


@pytest.mark.parametrize("value", [0.1, 3 / 152, 1e6 / 7])
def test_values_that_are_all_the_same_have_no_share_of_variance(value: float) -> None:
    assert np.isnan(variance_share([value] * 100, np.repeat(np.arange(50), 2)).share)
