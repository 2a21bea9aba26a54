"""What is foretold of a search: exact by its boundaries, and true of searches that are then made."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest

from sim.statistics.search import Rule
from sim.statistics.search_cost import LIKELY, chance_to_meet, good_level, runs_to_decide, search_costs
from sim.statistics.sequential import boundaries
from sim.studies.search_outlook import whether_it_decides


@pytest.mark.parametrize("most", [40, 60, 200])
def test_the_chance_of_meeting_is_that_of_many_made_up_tests(most: int) -> None:
    rule = Rule(0.9, most=most)
    limits = boundaries(0.9, most, rule.step, rule.first_stake, rule.first_stake)
    runs = np.random.default_rng(1).random((4000, most)) < good_level(0.9)
    successes = runs.cumsum(axis=1)[:, np.array(limits.looks) - 1]
    met = (successes >= np.array(limits.meets)).any(axis=1).mean()
    assert chance_to_meet(rule, most) == pytest.approx(met, abs=4 * np.sqrt(0.25 / 4000))


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


def test_the_runs_foretold_grow_with_those_allowed() -> None:
    few, many = (search_costs(range(31, 127), Rule(most=most)) for most in (60, 400))
    assert 0 < few[0] <= few[1] < many[1]
    assert few[0] < many[0] <= many[1]


def test_the_page_on_capacity_names_the_runs_that_decide() -> None:
    page = " ".join((files("sim") / "docs" / "capacity.md").read_text(encoding="utf-8").split())
    assert chance_to_meet(Rule(), 60) == pytest.approx(1 / 5, abs=0.05)
    assert f"With 60 runs at 90% it finds that in one of five, and {runs_to_decide(Rule())} runs would do." in page
    assert f"With `--replications` below {Rule().least_runs} no head-count could meet" in page
