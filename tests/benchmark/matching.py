"""How near the match of a Monday is to the best there is, on Mondays of real runs on which a visit found no team."""

from __future__ import annotations

import numpy as np

from sim.inputs.scenario import load
from tests.benchmark.report import Figure, Part
from tests.benchmark.timing import Spread
from tests.oracle.best_match import Gap, gap, mondays_of

BAR = 3.0
"""Per cent of the best that half of the Mondays may miss at the most."""
CASES = [(people, programme) for people in (63, 50) for programme in ("drawn", "levelled")]
"""People of the launch, and policies: with 50 the match binds."""


def gaps(people: int, programme: str, runs: int, every: int) -> list[Gap]:
    """Gaps of every so many-th Monday of the first runs of the launch."""
    changes = {"workforce.roles.social_care_hmi.people": people, "planning.programme": programme}
    scenario = load("ilacs_launch", changes)
    return [gap(monday) for run in range(runs) for monday in mondays_of(scenario, run, every)]


def against_the_best(runs: int, every: int) -> Part:
    """Gap of the match to the best, and days of leads in seats that need no lead."""
    figures, notes, raw = [], [], {}
    for people, programme in CASES:
        found = gaps(people, programme, runs, every)
        missing = [100 * each.worth for each in found]
        spent, least = (sum(getattr(each, name) for each in found) for name in ("lead_days", "least_lead_days"))
        case = f"{people} people, {programme}"
        figures.append(Figure(f"worth of the best match that is missed, {case}", Spread.of(missing), "%", bar=BAR))
        nine_in_ten = float(np.quantile(missing, 0.9))
        notes.append(
            f"{case}: {len(found)} Mondays, nine in ten within {nine_in_ten:.1f}%, mean {np.mean(missing):.1f}%; leads "
            f"give {spent:.0f} days to seats that need no lead, and {least:.0f} at the least."
        )
        raw[case] = {"missing": missing, "lead_days": spent, "least_lead_days": least}
    notes.insert(0, "A day of one priority is worth ten of the next.")
    return Part("The match of a Monday against the best", figures, notes, raw)
