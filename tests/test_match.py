"""The match of a Monday, held against the best there is: an integer program over everybody who can take a seat."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from sim.inputs.scenario import Scenario, load
from tests.oracle.best_match import Gap, gap, mondays_of
from tests.worlds import authority, only_open, quiet, scenarios, without_focused

PEOPLE = "workforce.roles.social_care_hmi.people"


@settings(max_examples=8, deadline=None, database=None)
@given(scenarios())
def test_no_match_is_better_than_the_best_and_no_lead_gives_fewer_days_than_the_least(scenario: Scenario) -> None:
    # The planner's own match keeps every condition of the program: with its visits given there is a solution.
    for monday in mondays_of(scenario, 0)[:6]:
        found = gap(monday)
        assert 0.0 <= found.worth <= 1.0
        assert found.least_lead_days <= monday.lead_days + 1e-6


def test_a_team_that_nobody_can_form_is_no_gap() -> None:
    # One lead and one inspector for two visits of one week: the planner begins one, and so does the best.
    rows = [authority(name, "North", "good", "2015-06-05") for name in ("Ayton", "Beeford")]
    open_in_june = {"calendar.closed_weeks": only_open(23), **without_focused()}
    (monday,) = mondays_of(quiet(rows, {"North": 2}, open_in_june), 0)
    assert (monday.begun, len(monday.visits)) == ({0}, 2)
    assert gap(monday) == Gap(0.0, 7.0, 7.0)


@pytest.mark.slow
@pytest.mark.parametrize("programme", ["drawn", "levelled"])
@pytest.mark.parametrize("people", [50, 63])
def test_half_of_all_mondays_on_which_a_visit_waits_are_within_three_per_cent_of_the_best(
    programme: str, people: int
) -> None:
    scenario = load("ilacs_launch", {"planning.programme": programme, PEOPLE: people})
    gaps = [gap(monday).worth for replication in range(2) for monday in mondays_of(scenario, replication, every=4)]
    assert np.median(gaps) <= 0.03
