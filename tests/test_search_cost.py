"""What is said of a search before its first run: the power of its tests, exactly, and the runs that it takes."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest

from sim.statistics.design import design
from sim.statistics.search import Rule, Search
from sim.statistics.search_cost import LIKELY, chance_to_meet, good_level, runs_to_decide, search_costs
from sim.studies.search_outlook import whether_it_decides

TESTS = 4000


@pytest.mark.parametrize("most", [40, 60, 200, 400])
def test_the_chance_of_meeting_is_that_of_many_made_up_tests(most: int) -> None:
    rule = Rule(0.9, most=most)
    planned = design(0.9, most, rule.step, rule.first_stake, upwards=True)
    met = 0
    for path in (np.random.default_rng(1).random((TESTS, most)) < good_level(0.9)).cumsum(axis=1):
        end = next(look for look in planned.limits.looks if planned.is_over(int(path[look - 1]), look))
        met += planned.limits.verdict(int(path[end - 1]), end) == "meets"
    assert chance_to_meet(rule, most) == pytest.approx(met / TESTS, abs=4 * np.sqrt(0.25 / TESTS))


def test_fewer_runs_than_the_rule_allows_never_meet() -> None:
    assert chance_to_meet(Rule(), Rule().least_runs - 1) == 0
    assert chance_to_meet(Rule(), Rule().least_runs) > 0


@pytest.mark.parametrize("probability", [0.5, 0.8, 0.9, 0.95])
def test_as_many_runs_as_are_named_decide_and_half_of_them_do_not(probability: float) -> None:
    rule = Rule(probability, most=5000)
    enough = runs_to_decide(rule)
    assert chance_to_meet(rule, enough) >= LIKELY > chance_to_meet(rule, enough // 2)


def test_runs_that_hardly_decide_are_told_with_those_that_do() -> None:
    assert not list(whether_it_decides(Rule()))
    (said,) = whether_it_decides(Rule(most=60))
    assert "WITH AT MOST 60 RUNS" in said
    assert f"`--replications {runs_to_decide(Rule())}`" in said


@pytest.mark.slow
def test_the_runs_foretold_grow_with_those_allowed() -> None:
    few, many = (search_costs(range(31, 127), Rule(most=most)) for most in (60, 400))
    assert 0 < few[0] <= few[1] < many[1]
    assert few[0] < many[0] <= many[1]


def test_other_searches_mostly_take_the_runs_that_are_told() -> None:
    rule, levels = Rule(most=200), range(31, 127)
    low, high = search_costs(levels, rule)
    taken = []
    for seed in range(10):
        rng, course, made = np.random.default_rng((99, seed)), Search(levels, rule).course(), 0
        needs = np.exp(np.log(62) + 0.1 * rng.standard_normal(30 * rule.most + 1000))
        need = next(course)
        while True:
            made += len(need.replications)
            try:
                need = course.send(need.level >= needs[need.replications.start : need.replications.stop])
            except StopIteration:
                break
        taken.append(made)
    assert sum(low * 0.75 <= each <= high * 1.25 for each in taken) >= 8


def test_the_page_on_the_search_names_the_runs_that_decide_and_their_power() -> None:
    page = " ".join((files("sim") / "docs" / "capacity_details.md").read_text(encoding="utf-8").split())
    assert runs_to_decide(Rule()) == Rule().most
    assert f"| 60 | {chance_to_meet(Rule(), 60):.0%} |" in page
    assert f"| {Rule().most}, the default | {chance_to_meet(Rule(), Rule().most):.0%} |" in page
    assert f"if the power is below {LIKELY:.0%}, and says how many runs would reach it" in page
    assert f"It refuses fewer than {Rule().least_runs} runs." in page
