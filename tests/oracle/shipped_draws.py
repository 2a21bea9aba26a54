"""Draws that scenarios ship with: of drift and judgement, and beside them, independent of them, of people and plan.

    python -m tests.oracle.shipped_draws FIT CALIBRATION SCENARIO OUT

takes ``draws.csv`` of a fit and of a calibration, and writes a table for a scenario.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.analysis.inferred_workforce import BACKLOG, of_last_launch
from sim.inputs.parameter_draws import OF_THE_PLAN, POLICIES
from sim.inputs.scenario import Scenario, load
from sim.inputs.unknowns import shipped_unknowns

Array = NDArray[np.float64]
SHARE = "workforce.roles.social_care_hmi.programme_share"
LEAST = 0.01
"""Least value of a number of the plan: a draw of nought could be no factor."""


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


def of_people_and_plan(scenario: Scenario, draws: Mapping[str, Array]) -> pd.DataFrame:
    """Columns of a table of draws, from draws of the unknowns of a calibration."""
    unknowns = {each.name: each for each in shipped_unknowns()}
    columns: dict[str, object] = {SHARE: deployable_share(scenario, draws)}
    for column in (*OF_THE_PLAN, *POLICIES):
        name = of_last_launch(scenario.start)[1] if column == BACKLOG else column.removeprefix("planning.")
        numbers = column in OF_THE_PLAN
        columns[column] = np.maximum(LEAST, draws[name]) if numbers else unknowns[name].told(draws[name])
    return pd.DataFrame(columns)


def main(fit: str, calibration: str, scenario: str, out: str) -> None:
    """Write the table."""
    unknowns, found = shipped_unknowns(), pd.read_csv(calibration, dtype=str)
    draws = {each.name: each.read(found[each.name]) for each in unknowns}
    table = pd.concat([pd.read_csv(fit), of_people_and_plan(load(scenario), draws)], axis=1)
    Path(out).write_text(table.to_csv(index=False, float_format="%.6g", lineterminator="\n"), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
