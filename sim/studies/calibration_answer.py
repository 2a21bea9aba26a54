"""Write the answer of a calibration: priors and posteriors, what history cannot separate, and a check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from sim.analysis.calibration import CHECKED
from sim.analysis.posterior import RANGE, TIED, Posterior, low_to_high
from sim.analysis.programme_figures import MEASURES
from sim.base.figures import share
from sim.studies.answer import Answer, Block, Note, Sentence, Table

HARDLY = 0.9
"""Ratio of the posterior's range to the prior's from which history says hardly anything."""


def answer(found: Posterior, trusted: Mapping[str, float]) -> Answer:
    """Return the ranges before and after, what history cannot separate, the figures, and a check of the ranges.

    ``trusted`` comes from :func:`sim.analysis.calibration.coverage`.
    """
    return Answer("calibration", tuple(_blocks(found, trusted)))


def _blocks(found: Posterior, trusted: Mapping[str, float]) -> Iterator[Block]:
    yield Sentence(
        f"We made {len(found.table.places)} runs with numbers drawn from the prior, compared them with "
        f"{len(found.table.names)} figures from history, and kept the {len(found.kept)} nearest.",
        "lead",
    )
    yield Sentence(_deployable(found), "lead")
    yield Sentence(_tied(found), "lead")
    yield from (Sentence(said, "lead") for said in _policies(found))
    yield _ranges(found)
    yield Note(f"(*) The range keeps more than {share(HARDLY)} of its width: history says hardly anything about it.")
    policies = found.shares()
    said, of_policies = (
        ", ".join(
            f"{share(value)} ({name.replace('_', ' ')})"
            for name, value in trusted.items()
            if (name in policies) == is_policy
        )
        for is_policy in (False, True)
    )
    yield Sentence(
        f"Check: each of {CHECKED} runs near to history stood in for history in turn, and was left out of the runs "
        f"kept. The range of eight in ten held the true value in {said} of them."
        + (f" The true policy got a mean probability of {of_policies}." if policies else "")
    )
    yield _figures(found)


def _policies(found: Posterior) -> Iterator[str]:
    """Say how likely history makes each policy, the likeliest first."""
    titles = {each.name: each.title for each in found.table.unknowns}
    for name, shares in found.shares().items():
        ordered = sorted(shares.items(), key=lambda each: -each[1])
        said = ", ".join(f"{policy.replace('_', ' ')} {share(value)}" for policy, value in ordered)
        yield f"Probability of each policy for {titles[name]}: {said} (before history: {share(1 / len(shares))} each)."


def _ranges(found: Posterior) -> Table:
    head = ("unknown", "prior: eight in ten", "posterior: eight in ten", "median", "width left", "unit")
    rows = tuple(
        (
            each.unknown.title,
            low_to_high(each.prior),
            low_to_high(each.posterior),
            f"{each.posterior[1]:.3g}",
            share(each.width_left) + (" (*)" if each.width_left > HARDLY else ""),
            each.unknown.unit,
        )
        for each in found.changes
    )
    return Table("What we assumed, and the range that history leaves", head, rows, ends_in_words=True, file="draws.csv")


def _deployable(found: Posterior) -> str:
    after, before = (np.quantile(values, RANGE).tolist() for values in found.deployable())
    return (
        "The number of people, their share of time and the days of a visit matter only together. Together they come to "
        f"{after[1]:.0f} full-time equivalents that can work on the programme ({after[0]:.0f} to {after[2]:.0f}; prior "
        f"{before[0]:.0f} to {before[2]:.0f}), at the days assumed for a single inspection."
    )


def _tied(found: Posterior) -> str:
    pairs = [f"{one.title} and {two.title} (correlation {value:+.2f})" for one, two, value in found.tied()]
    if pairs:
        return f"History cannot separate: {'; '.join(pairs)}."
    return f"No two unknowns have a correlation of {TIED} or more in the posterior."


def _figures(found: Posterior) -> Table:
    head = ("figure", "observed", "kept runs: eight in ten", "unit")
    rows = tuple(
        (
            f"{name.measure.replace('_', ' ')}, {name.of.replace('_', ' ')}, {name.period}",
            f"{observed:.3g}",
            low_to_high((low, high)),
            MEASURES[name.measure][0],
        )
        for name, observed, low, high in found.kept_ranges()
    )
    return Table("Figures from history, and the same figures in the runs kept", head, rows, ends_in_words=True)
