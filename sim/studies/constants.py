"""What is assumed beside every scenario: priors of what is fitted and calibrated, and constants of the code."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from importlib import import_module

from sim.base.figures import EIGHT_IN_TEN
from sim.base.package_data import table
from sim.inputs.assumptions import Entry
from sim.inputs.toml_tree import Note

CONSTANTS = "constants.toml"
"""Table of the constants: where each stands, and what it means."""


def beside() -> list[Entry]:
    """What is assumed beside every scenario: priors of what is fitted and calibrated, and constants of the code."""
    return [*_prior_of_the_fit(), *_priors_of_the_calibration(), *_constants()]


def _prior_of_the_fit() -> Iterator[Entry]:
    """What a fit of drift and judgement assumes before any inspection is seen."""
    from sim.analysis.fitting import CHOSEN, PRIOR, WORST, prior_quantiles

    known = prior_quantiles(CHOSEN, PRIOR, EIGHT_IN_TEN)
    a, b = PRIOR.error
    gamma = f"gamma, shape {PRIOR.rate_shape:g}, mean"
    rows: tuple[tuple[str, str, str, str, tuple[int, int] | str, str], ...] = (
        (
            "rate",
            f"{gamma} {PRIOR.rate_mean:g}",
            "moves a year",
            "rate of each move of true quality to the next grade",
            CHOSEN.moves[0],
            "assumption, worth as many moves seen as its shape: without it a grade that nobody was seen to leave would "
            "be for ever",
        ),
        (
            "recovery",
            f"{gamma} {PRIOR.recovery_mean:g}",
            "moves a year",
            "the same of the move out of inadequate",
            (WORST, WORST - 1),
            "assumption, from the promise to inspect inadequate authorities again within two years (2016)",
        ),
        (
            "error",
            f"beta ({a:g}, {b:g}), mean {a / (a + b):g}",
            "probability",
            "that a judgement errs, by a grade, to either side as likely",
            "error",
            "assumption: nothing published says how often a judgement errs",
        ),
        ("mix", "uniform", "share", "mix of true quality at the first inspection, by grade", "mix", "no mix preferred"),
    )
    for name, value, unit, meaning, of, source in rows:
        low, high = (round(float(each), 3) for each in known[of])
        yield Entry(f"fit.prior.{name}", value, unit, f"{meaning}; eight in ten", Note(source, "low", low, high))


def _priors_of_the_calibration() -> Iterator[Entry]:
    """What is assumed of people and plan before anything done is looked at."""
    from sim.inputs.unknowns import shipped_unknowns

    for unknown in shipped_unknowns():
        value = "uniform" if unknown.changes is None else " or ".join(f"{value:g}" for value in unknown.values)
        kind = "; whole numbers" if unknown.whole else "" if unknown.changes is None else "; each as likely"
        note = Note(unknown.source, "low", unknown.values[0], unknown.values[-1])
        yield Entry(f"calibration.prior.{unknown.name}", value, unknown.unit, f"{unknown.title}{kind}", note)


def _constants() -> Iterator[Entry]:
    """Numbers of the code that stand for assumptions, or decide what is compared with history."""
    rows: Mapping[str, Mapping[str, str]] = tomllib.loads(table(CONSTANTS))
    for name, row in rows.items():
        module, constant = row["stands"].rsplit(".", 1)
        value = getattr(import_module(module), constant)
        source = f"{row['source']} ({module.replace('.', '/')}.py)"
        yield Entry(f"code.{name}", value, row["unit"], row["meaning"], Note(source, row["confidence"]))
