"""What a calibration says: prior against posterior, what history cannot tell apart, and how far to trust it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from sim.analysis.calibration import CHECKED
from sim.analysis.posterior import RANGE, TIED, Posterior, low_to_high
from sim.analysis.programme_figures import MEASURES
from sim.base.figures import share
from sim.studies.answer import Answer, Block, Note, Sentence, Table

HARDLY = 0.9
"""Width of the posterior's range over that of the prior from which history hardly says anything."""


def answer(found: Posterior, trusted: Mapping[str, float]) -> Answer:
    """Ranges before and after, what cannot be told apart, the figures again, and the check of the ranges.

    ``trusted`` is of :func:`sim.analysis.calibration.coverage`.
    """
    return Answer("calibration", tuple(_blocks(found, trusted)))


def _blocks(found: Posterior, trusted: Mapping[str, float]) -> Iterator[Block]:
    yield Sentence(
        f"{len(found.table.places)} runs from the prior, held against {len(found.table.names)} figures of what was "
        f"done; {len(found.kept)} are kept, the nearest.",
        "lead",
    )
    yield Sentence(_deployable(found), "lead")
    yield Sentence(_tied(found), "lead")
    yield from (Sentence(said, "lead") for said in _policies(found))
    yield _ranges(found)
    yield Note(f"(*) The range keeps more than {share(HARDLY)} of its width: history hardly says anything of it.")
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
        f"Check: {CHECKED} runs near to history were taken for history in turn, each without itself. The range of "
        f"eight in ten held the truth in {said}."
        + (f" The true policy was given a mean probability of {of_policies}." if policies else "")
    )
    yield _figures(found)


def _policies(found: Posterior) -> Iterator[str]:
    """What history says of each policy, the likeliest first."""
    titles = {each.name: each.title for each in found.table.unknowns}
    for name, shares in found.shares().items():
        ordered = sorted(shares.items(), key=lambda each: -each[1])
        said = ", ".join(f"{policy.replace('_', ' ')} {share(value)}" for policy, value in ordered)
        yield f"Probability of each policy, {titles[name]}: {said} (before history {share(1 / len(shares))} each)."


def _ranges(found: Posterior) -> Table:
    head = ("unknown", "prior: eight in ten", "posterior: eight in ten", "middle", "width left", "unit")
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
    return Table("What was assumed, and what history leaves of it", head, rows, ends_in_words=True, file="draws.csv")


def _deployable(found: Posterior) -> str:
    after, before = (np.quantile(values, RANGE).tolist() for values in found.deployable())
    return (
        "People, their share of time and the days of a visit matter together: as full-time equivalents deployable on "
        f"the programme, at the days assumed for a single inspection, {after[1]:.0f} ({after[0]:.0f} to "
        f"{after[2]:.0f}; prior {before[0]:.0f} to {before[2]:.0f})."
    )


def _tied(found: Posterior) -> str:
    pairs = [f"{one.title} and {two.title} (correlation {value:+.2f})" for one, two, value in found.tied()]
    if pairs:
        return f"What was done does not tell apart: {'; '.join(pairs)}."
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
    return Table("What was done, and the same in the runs that are kept", head, rows, ends_in_words=True)
