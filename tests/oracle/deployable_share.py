"""Share of their time that people have for the programme, as the scenarios that ship take it from the inference."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sim.inputs.scenario import Scenario
from sim.inputs.unknowns import shipped_unknowns

Array = NDArray[np.float64]
SHARE = "workforce.roles.social_care_hmi.programme_share"


def deployable_share(scenario: Scenario, draws: Mapping[str, Array]) -> Array:
    """Share of their time for the programme, of the people and for the days of a visit that the scenario has.

    People, their share of time and the days of a visit cannot be told apart by what was done, so a scenario keeps its
    people and days, and the share takes what was inferred of all three.
    """
    unknowns = {each.name: each for each in shipped_unknowns()}
    new = any("short" in framework.visits for framework in scenario.frameworks.values())
    days = "days_of_standard_and_short" if new else "days_of_single_inspections"
    people = scenario.workforce.roles["social_care_hmi"].people
    share = draws["programme_share"] * draws["people"] / people * unknowns[days].assumed / draws[days]
    return np.minimum(share, 1.0)
