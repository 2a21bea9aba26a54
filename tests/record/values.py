"""Compute the values that the template of the record names."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from sim.analysis import calibration, fitting, load, predictive, scoring
from sim.base import bounds
from sim.base.package_data import SAMPLES, shipped, table
from sim.inputs import scenario as scenarios
from sim.inputs.assumptions import Entry, entries
from sim.inputs.framework import KINDS, ROLES, SIZES
from sim.inputs.grades import JUDGEMENTS
from sim.inputs.history import shipped_history
from sim.inputs.scenario import Scenario
from sim.inputs.scenario_files import DEFAULT
from sim.runs import measures, outcomes
from sim.statistics import intervals, search
from sim.studies.calibration_study import BEFORE
from sim.studies.provenance import outside_scenarios
from sim.studies.ranking import shipped_ranking
from sim.world import clock
from tests import test_fitting, test_offered_load
from tests.record.page import FOLDER, ROOT

SCRIPTS = tuple(sorted(path.name for path in (ROOT / "scenarios").glob("*.py")))
TESTS = tuple(sorted(path.name for path in (ROOT / "tests").glob("test_*.py")))
ITEMS = (
    "1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "2.5.1", "2.5.2", "2.5.3", "2.5.4", "2.5.5",
    "3.1", "3.2", "3.3", "3.4", "4.1", "4.2", "4.3", "5.1", "5.2", "5.3", "5.4", "6.1",
)  # fmt: skip
"""Items of STRESS-DES (Monks and others, Journal of Simulation 13, 2019, table 2)."""


@dataclass(frozen=True)
class Measured:
    """Hold a figure that somebody measured once: it takes too long for a test, or depends on the machine.

    Attributes
    ----------
    value : int, float or str
        The figure, as the page shows it.
    what : str
        What was measured.
    measured_on : datetime.date
        Day of the measurement.
    command : str
        Command or call that measures it.
    """

    value: int | float | str
    what: str
    measured_on: date
    command: str


def measured() -> dict[str, Measured]:
    """Read the measured figures, by the name that the template gives them."""
    tables = tomllib.loads((FOLDER / "measured.toml").read_text(encoding="utf-8"))
    return {name: Measured(**row) for name, row in tables.items()}


def values(base: Scenario | None = None) -> dict[str, object]:
    """Compute every value that the template names.

    Parameters
    ----------
    base : Scenario, optional
        Scenario that the page describes; the default scenario if it is not given.
    """
    base = base or scenario(DEFAULT)
    book = {entry.key: entry for entry in (*entries(base), *outside_scenarios())}
    figures = measured()
    return {
        "base": base,
        "ilacs_2018": base.frameworks["ilacs_2018"],
        "scenario": scenario,
        "noted": noted,
        "book": book,
        "assumptions": assumptions(base),
        "assumptions_outside_scenarios": len(outside_scenarios()),
        "parameter_draws": parameter_draws(base),
        "rows": lambda name: len(table(name).splitlines()) - 1,
        "count": counts(),
        "constant": constants(),
        "version": versions(),
        "score": score,
        "share_of_variance": share_of_variance,
        "measured": {name: each.value for name, each in figures.items()},
        "measured_figures": list(figures.values()),
    }


@cache
def scenario(name: str) -> Scenario:
    """Load a scenario that ships."""
    return scenarios.load(name)


def noted(name: str) -> int:
    """Count the authorities of a scenario that have a note."""
    return sum(bool(row.note) for row in scenario(name).authorities)


def assumptions(base: Scenario) -> dict[str, int]:
    """Count the entries of a scenario's assumption book, in all and by confidence."""
    book: list[Entry] = entries(base)
    confidences = [entry.note.confidence for entry in book]
    return {"all": len(book)} | {each: confidences.count(each) for each in ("high", "medium", "low")}


def parameter_draws(base: Scenario) -> dict[str, int]:
    """Count the draws of a scenario, and the parameters that each draw holds."""
    draws = base.draws
    assert draws is not None
    return {"draws": len(next(iter(draws.values()))), "parameters": len(draws)}


def counts() -> dict[str, int]:
    """Count what the package and the checkout hold of each thing."""
    return {
        "checklist_items": len(ITEMS),
        "judgements": len(JUDGEMENTS),
        "kinds_of_visit": len(KINDS),
        "measures": len(measures.MEASURES),
        "numbers_beyond_chance": len(shipped_ranking().told),
        "other_priors": len(fitting.PRIORS),
        "predictions": scoring.compare(shipped_history(), scoring.RIVALS)[0].predictions,
        "roles": len(ROLES),
        "sample_authorities": len(scenarios.load(DEFAULT, {"authorities": SAMPLES[0]}).authorities),
        "scenarios": len(shipped("scenarios")),
        "scripts": len(SCRIPTS),
        "sizes": len(SIZES),
    }


def constants() -> dict[str, object]:
    """Collect the constants of the code that the page states."""
    low, median, high = outcomes.QUANTILES
    return {
        "ample_staff_runs": load.RUNS,
        "calibrated_before": BEFORE,
        "calibration_kept": calibration.KEPT,
        "calibration_runs": calibration.RUNS,
        "confidence": intervals.CONFIDENCE,
        "high_quantile": high,
        "histories_of_the_fit_test": test_fitting.HISTORIES,
        "last_of_the_day": clock.LAST_OF_THE_DAY,
        "load_agrees_within": test_offered_load.CLOSE,
        "low_quantile": low,
        "median_quantile": median,
        "most_years": bounds.MOST_YEARS,
        "old_judgement_years": measures.OLD_JUDGEMENT_YEARS,
        "pilot_runs": search.PILOT_RUNS,
        "predictive_range_high": predictive.RANGE[1],
        "predictive_range_low": predictive.RANGE[0],
        "recovery_mean": fitting.PRIOR.recovery_mean,
    }


def versions() -> Mapping[str, str]:
    """Read the oldest version that the package accepts of each package it needs, and of Python."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = (f"python{project['requires-python']}", *project["dependencies"])
    return {name: version for name, _, version in (each.partition(">=") for each in needed)}


def score(model: str) -> str:
    """Read the mean log score of a model from the page that `tests/test_documents.py` checks against the code."""
    page = (ROOT / "sim" / "docs" / "drift_and_judgement.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line[:1] == "|"]
    (found,) = (row[1] for row in rows if row[0] == model)
    return found


def share_of_variance(key: str, measure: str) -> float:
    """Look up the share of a measure's variance for which a number accounts, in the sensitivity study that ships."""
    (number,) = (each for each in shipped_ranking().numbers if key in each.keys)
    return next(each.share for each in number.effects if each.measure == measure)
