"""The fit of drift and judgement: its likelihood by brute force, its draws by coverage, its predictions by hand."""

from __future__ import annotations

import datetime
from itertools import pairwise, product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.linalg import expm

from sim.analysis.estimates import quantiles
from sim.analysis.fitting import (
    CHOSEN,
    FORMS,
    PRIOR,
    Form,
    Parameters,
    Sequences,
    filtered,
    fit,
    generators,
    judging,
    transitions,
)
from sim.analysis.scoring import RIVALS, origins, overall_mix, same_again, transition_table
from sim.base.calendar import DAYS_A_YEAR
from sim.inputs.grades import JUDGEMENTS, SHIPPED
from sim.inputs.history import History, Inspection, shipped_history
from sim.inputs.scenario import load
from sim.statistics.sampling import Effort

FREE = Form("free", free=True)
HISTORIES = 100
"""Simulated histories with known parameters, whose intervals the slow test counts; the record states it."""


def parameters(form: Form, rng: np.random.Generator, draws: int = 3) -> Parameters:
    return Parameters(
        rng.gamma(2, 0.1, (draws, len(form.moves))),
        rng.dirichlet(np.ones(4), draws),
        rng.beta(3, 17, draws) if form.erring else np.zeros(draws),
        rng.normal(0, 0.1, draws) if form.trend else np.zeros(draws),
    )


def inspection(authority: str, grade: int, day: int) -> Inspection:
    when = datetime.date(2014, 1, 1) + datetime.timedelta(days=day)
    return Inspection(authority, JUDGEMENTS[grade], when, when)


SMALL = History.of(
    inspection(*row)
    for row in [("A", 1, 0), ("A", 2, 900), ("A", 1, 2100), ("B", 3, 40), ("C", 2, 10), ("C", 2, 800), ("C", 0, 3000)]
)


def enumerated(form: Form, p: Parameters, history: History) -> float:
    """Log-likelihood of the first draw, summed over every path of true quality at the inspections."""
    confusion = judging(p.error, form.grades)[0]
    total = 0.0
    for ones in history.of_authority.values():
        seen = [JUDGEMENTS.index(one.judgement) for one in ones]
        steps = []
        for before, after in pairwise(ones):
            years = (after.inspected_on - before.inspected_on).days / DAYS_A_YEAR
            middle = (before.inspected_on - datetime.date(2018, 1, 1)).days / DAYS_A_YEAR + years / 2
            rates = [
                rate * np.exp(p.trend[0] * middle * (1 if to < grade else -1))
                for rate, (grade, to) in zip(p.rates[0], form.moves, strict=True)
            ]
            steps.append(expm(years * generators(np.array(rates), form)))
        chance = 0.0
        for path in product(range(4), repeat=len(ones)):
            here = p.mix[0, path[0]] * confusion[path[0], seen[0]]
            for place, step in enumerate(steps):
                here *= step[path[place], path[place + 1]] * confusion[path[place + 1], seen[place + 1]]
            chance += here
        total += np.log(chance)
    return float(total)


@pytest.mark.parametrize("form", [*FORMS, FREE], ids=lambda form: form.name)
def test_the_forward_filter_sums_over_every_path_of_true_quality(form: Form) -> None:
    p = parameters(form, np.random.default_rng(3))
    assert filtered(p, form, Sequences.of(SMALL))[0][0] == pytest.approx(enumerated(form, p, SMALL), rel=1e-10)


def test_transitions_are_the_matrix_exponential_of_each_gap() -> None:
    sequences = Sequences.of(shipped_history())
    p = parameters(CHOSEN, np.random.default_rng(4))
    matrices = generators(p.rates, CHOSEN)[:, None] * sequences.years[None, :, None, None]
    assert transitions(p, CHOSEN, sequences.years, sequences.middle) == pytest.approx(expm(matrices), abs=1e-12)


def test_a_judgement_errs_by_one_grade_at_most_and_its_probabilities_add_up() -> None:
    matrix = judging(np.array([0.2]), SHIPPED)[0]
    assert matrix.sum(axis=1) == pytest.approx(1)
    assert matrix.diagonal() == pytest.approx(0.8)
    assert all(matrix[true, seen] == 0 for true in range(4) for seen in range(4) if abs(true - seen) > 1)


def test_the_shipped_scenario_has_the_medians_of_the_fit_of_the_shipped_history() -> None:
    ratings = load("ilacs_launch").ratings
    medians = {name: middle for name, (_, middle, _) in quantiles(fit(shipped_history())).items()}
    for true, row in ratings.drift.items():
        for to, rate in row.items():
            assert rate == pytest.approx(medians[f"drift.{true}.{to}"], rel=0.05)
    error = medians["judging.error"]
    assert [1 - ratings.judging[one][one] for one in JUDGEMENTS] == pytest.approx([error] * 4, rel=0.05)
    assert list(ratings.mix.values()) == pytest.approx([medians[f"mix.{one}"] for one in JUDGEMENTS], abs=0.01)


def test_the_same_history_gives_the_same_draws_whatever_the_order_of_its_rows() -> None:
    few = [one for ones in list(shipped_history().of_authority.values())[:60] for one in ones]
    first, second = (fit(History.of(rows), effort=Effort(20, 100, 2)) for rows in (few, few[::-1]))
    assert np.array_equal(first.sample.draws, second.sample.draws)


# ---------------------------------------------------------------- scores


def test_every_origin_knows_only_what_was_published_before_it() -> None:
    asked = origins(shipped_history())
    assert asked
    for origin in asked:
        assert max(one.published for one in origin.known.inspections) < origin.day
        for ones, following in zip(origin.histories, origin.asked, strict=True):
            assert following.authority == ones[0].authority
            assert origin.day <= following.inspected_on and ones[-1].inspected_on < following.inspected_on
    asked_for = [(one.authority, one.inspected_on) for origin in asked for one in origin.asked]
    assert len(asked_for) == len(set(asked_for))


def test_every_rival_gives_probabilities() -> None:
    for origin in origins(shipped_history()):
        for rival in RIVALS.values():
            assert rival(origin).sum(axis=1) == pytest.approx(1)
            assert rival(origin).shape == (len(origin.asked), 4)


def test_rivals_by_hand() -> None:
    rows = [inspection(f"{number:02}", grade, day) for number in range(20) for grade, day in ((1, number), (2, 500))]
    rows += [inspection(f"{number:02}", 2, 1500) for number in range(20)]
    origin = origins(History.of(rows))[-1]
    assert origin.known.pairs == 20
    assert same_again(origin)[0] == pytest.approx([7 / 22, 7 / 22, 1 / 22, 7 / 22])
    assert transition_table(origin)[0] == pytest.approx([1 / 4] * 4)
    assert overall_mix(origin)[0] == pytest.approx([1 / 44, 21 / 44, 21 / 44, 1 / 44])


# ---------------------------------------------------------------- coverage


def simulated(p: Parameters, form: Form, rng: np.random.Generator) -> History:
    """History of the shipped authorities and dates, with judgements of the first draw of the parameters."""
    confusion, chain = judging(p.error, form.grades)[0], generators(p.rates[0], form)
    rows = []
    for name, ones in shipped_history().of_authority.items():
        grade = int(rng.choice(4, p=p.mix[0]))
        for place, one in enumerate(ones):
            if place:
                years = (one.inspected_on - ones[place - 1].inspected_on).days / DAYS_A_YEAR
                grade = int(rng.choice(4, p=expm(chain * years)[grade]))
            judged = JUDGEMENTS[int(rng.choice(4, p=confusion[grade]))]
            rows.append(Inspection(name, judged, one.inspected_on, one.published))
    return History.of(rows)


def ranks(histories: int) -> NDArray[np.float64]:
    """Place of the true values among the draws of their posterior, shape (histories, parameters), 0 to 1."""
    rng = np.random.default_rng(2013)
    means = [PRIOR.mean_of(*move, CHOSEN.worst) for move in CHOSEN.moves]
    found = []
    for _ in range(histories):
        true = Parameters(
            rng.gamma(PRIOR.rate_shape, np.array([means]) / PRIOR.rate_shape),
            rng.dirichlet(np.ones(4), 1),
            rng.beta(*PRIOR.error, 1),
            np.zeros(1),
        )
        drawn = fit(simulated(true, CHOSEN, rng)).parameters
        found.append([*(drawn.rates < true.rates).mean(axis=0), float((drawn.error < true.error).mean())])
    return np.array(found)


@pytest.mark.slow
def test_intervals_of_a_fit_hold_the_rates_that_made_the_history_as_often_as_they_say() -> None:
    """Rates drawn from the prior, histories drawn from the rates: the 80% and 95% intervals hold them that often."""
    places = ranks(HISTORIES)
    for coverage in (0.8, 0.95):
        held = int((np.abs(places - 0.5) <= coverage / 2).sum())
        per_history = (np.abs(places - 0.5) <= coverage / 2).mean(axis=1)
        error = max(per_history.std(ddof=1) / np.sqrt(len(places)), 0.005)
        assert abs(held / places.size - coverage) < stats.norm.isf(1e-3) * error
        narrower = int((np.abs(places - 0.5) <= 0.8 * coverage / 2).sum())  # intervals that are too sure are caught
        assert abs(narrower / places.size - coverage) > stats.norm.isf(1e-3) * error
