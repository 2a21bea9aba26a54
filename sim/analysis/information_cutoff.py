"""Returns a scenario as it would have been on a day, with drift and judgement fitted to what was published by then."""

from __future__ import annotations

import datetime

from sim.analysis.estimates import day_of_mix, scenario_values, table_of_draws
from sim.analysis.fitting import fit
from sim.inputs.history import FEWEST_PAIRS, History
from sim.inputs.scenario import Scenario


def enough_known(history: History, day: datetime.date) -> bool:
    """Return whether enough had been published before a day for a fit to say more than its prior."""
    return history.known_on(day).pairs >= FEWEST_PAIRS


def at_information_cutoff(scenario: Scenario, history: History, day: datetime.date) -> Scenario:
    """Return the scenario with drift, judgement and their draws fitted to what was published before a day.

    Returns
    -------
    Scenario
        If fewer than ``FEWEST_PAIRS`` judgements follow another one, it uses the prior of the fit.
    """
    enough = enough_known(history, day)
    known = history.known_on(day) if enough else History({})
    source = (
        f"{known.pairs} pairs of judgements published before {day}" if enough else f"the prior: before {day} too few"
    )
    fitted = fit(known)
    draws = table_of_draws(fitted).to_dict("list")
    values = scenario_values(fitted, day_of_mix(known) if enough else day, f"fitted to {source}")
    return scenario.laid_over(values, "as_known").with_draws(
        {str(name): tuple(column) for name, column in draws.items()}
    )
