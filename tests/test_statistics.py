"""Statistics over replications: exact small cases, and coverage where theory gives a number."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.statistics import group_quantiles, holm, mean_of, paired, quantile_interval, variance_share


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


def coverage(hits: list[bool]) -> tuple[float, float]:
    """Share of hits, and its standard error."""
    share = float(np.mean(hits))
    return share, float(np.sqrt(share * (1 - share) / len(hits)))


@pytest.mark.parametrize("probability", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("draw", [stats.norm, stats.expon], ids=["normal", "exponential"])
def test_intervals_of_quantiles_cover_at_least_as_they_say(probability: float, draw: stats.rv_continuous) -> None:
    truth = draw.ppf(probability)
    samples = draw.rvs(size=(2000, 80), random_state=np.random.default_rng(5))
    found = [quantile_interval(sample, probability) for sample in samples]
    share, error = coverage([each.ci_low <= truth <= each.ci_high for each in found])
    assert 0.95 - 2 * error <= share <= 0.99


@pytest.mark.parametrize("probability", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.9])
def test_intervals_of_quantiles_cover_where_runs_share_draws(probability: float, share: float) -> None:
    random = np.random.default_rng(6)
    draws, runs = 50, 4
    groups = np.repeat(np.arange(draws), runs)
    hits = []
    for _ in range(1000):
        between = random.normal(scale=share**0.5, size=draws)
        values = between[groups] + random.normal(scale=(1 - share) ** 0.5, size=draws * runs)
        found = quantile_interval(values, probability, groups)
        hits.append(found.ci_low <= stats.norm.ppf(probability) <= found.ci_high)
    covered, error = coverage(hits)
    assert 0.94 - 2 * error <= covered <= 0.995


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


@pytest.mark.parametrize("correlation", [-0.5, 0.0, 0.5, 0.9])
def test_pairing_saves_what_the_correlation_says(correlation: float) -> None:
    random = np.random.default_rng(2)
    covariance = [[1.0, correlation], [correlation, 1.0]]
    base, values = random.multivariate_normal([0.0, 0.0], covariance, size=20_000).T
    assert paired(values, base).independent / 20_000 == pytest.approx(1 / (1 - correlation), rel=0.05)


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


@pytest.mark.parametrize("pairs", [2, 3, 5, 10])
@pytest.mark.parametrize("kind", ["normal", "rare counts"])
def test_holm_calls_nothing_beyond_chance_in_nineteen_studies_of_twenty_of_nothing(kind: str, pairs: int) -> None:
    random = np.random.default_rng(4)

    def sides(count: int) -> NDArray[np.float64]:
        size = (count, 30, pairs)
        return random.normal(size=size) if kind == "normal" else random.poisson(0.5, size=size).astype(float)

    differences = sides(400) - sides(400)
    wrong = [
        any(each.p_value <= 0.05 for each in holm([mean_of(sample).p_value for sample in study]))
        for study in differences
    ]
    share, error = coverage(wrong)
    assert share <= 0.05 + 2 * error


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


@pytest.mark.parametrize("value", [0.1, 3 / 152, 1e6 / 7])
def test_values_that_are_all_the_same_have_no_share_of_variance(value: float) -> None:
    assert np.isnan(variance_share([value] * 100, np.repeat(np.arange(50), 2)).share)
