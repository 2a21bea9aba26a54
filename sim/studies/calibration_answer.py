"""What a calibration says: prior against posterior, what history cannot tell apart, and how far to trust it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.calibration import CHECKED, RANGE, Posterior
from sim.analysis.programme_figures import MEASURES
from sim.base.figures import aligned, share
from sim.inputs.unknowns import Array, Unknown, on_the_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

WIDTH = 118
HARDLY = 0.9
"""Width of the posterior's range over that of the prior from which history hardly says anything."""
TIED = 0.3
"""Correlation from which two unknowns are said not to be told apart."""


def draws(found: Posterior) -> pd.DataFrame:
    """Draws of the posterior, a column for each unknown, in its own unit."""
    import pandas as pd

    return pd.DataFrame({each.name: found.values(each.name) for each in found.table.unknowns})


def text(found: Posterior, trusted: Mapping[str, float]) -> str:
    """Ranges before and after, what cannot be told apart, the figures again, and the check of the ranges.

    Parameters
    ----------
    found : Posterior
        The posterior.
    trusted : mapping of str to float
        How often ranges hold the truth where it is known; see :func:`sim.analysis.calibration.held`.
    """
    parts = [
        textwrap.fill(
            f"{len(found.table.places)} runs from the prior, held against {len(found.table.names)} figures of what was "
            f"done; {len(found.kept)} are kept, the nearest.",
            WIDTH,
        ),
        aligned(list(_ranges(found)), 1),
        textwrap.fill(_deployable_words(found), WIDTH),
        *(textwrap.fill(line, WIDTH) for line in _tied(found)),
        textwrap.fill(
            f"Check: {CHECKED} runs near to history were taken for history in turn, each without itself. The range of "
            "eight in ten held the truth in "
            + ", ".join(f"{share(value)} ({name.replace('_', ' ')})" for name, value in trusted.items())
            + ".",
            WIDTH,
        ),
        aligned(list(_figures(found)), 1),
    ]
    return "\n\n".join(parts) + "\n"


def quantiles_of(unknown: Unknown, places: Array) -> list[float]:
    """Ends and middle of the range of eight draws in ten, in the unknown's own unit."""
    return [float(value) for value in np.quantile(unknown.smooth(places), RANGE)]


def prior_of(unknown: Unknown) -> list[float]:
    """The same of the prior."""
    return [float(value) for value in unknown.smooth(np.array(RANGE))]


def _ranges(found: Posterior) -> Iterator[list[str]]:
    yield ["unknown", "prior: eight in ten", "posterior: eight in ten", "middle", "width left", "unit"]
    for place, unknown in enumerate(found.table.unknowns):
        before, after = prior_of(unknown), quantiles_of(unknown, found.places[:, place])
        left = _left(unknown, found.places[:, place])
        words = f"{share(left)}" + (" (*)" if left > HARDLY else "")
        yield [unknown.title, span(before), span(after), f"{after[1]:.3g}", words, unknown.unit]
    yield ["(*) history hardly says anything of it", "", "", "", "", ""]


def span(quantiles: list[float]) -> str:
    """A range in words."""
    return f"{quantiles[0]:.3g} to {quantiles[-1]:.3g}"


def _left(unknown: Unknown, places: Array) -> float:
    """Width of the posterior's range, as a share of the prior's."""
    before, after = prior_of(unknown), quantiles_of(unknown, places)
    return (after[2] - after[0]) / (before[2] - before[0])


def deployable(found: Posterior) -> tuple[Array, Array]:
    """Full-time equivalents deployable on the programme, in the posterior and in as many draws of the prior.

    Social care HMI times their share of time, in units of the days of a single inspection as assumed: what the number
    of inspections a year speaks of.
    """
    by_name = {each.name: each for each in found.table.unknowns}
    order = [each.name for each in found.table.unknowns]
    rng = np.random.default_rng(0)
    before = rng.random(found.places.shape)

    def of(places: Array) -> Array:
        people, part, days = (
            by_name[name].smooth(places[:, order.index(name)])
            for name in ("people", "programme_share", "days_of_single_inspections")
        )
        return np.asarray(people * part * by_name["days_of_single_inspections"].assumed / days)

    return of(found.places), of(before)


def _deployable_words(found: Posterior) -> str:
    after, before = (np.quantile(values, RANGE).tolist() for values in deployable(found))
    return (
        "People, their share of time and the days of a visit matter together: as full-time equivalents deployable on "
        f"the programme, at the days assumed for a single inspection, {after[1]:.0f} ({after[0]:.0f} to "
        f"{after[2]:.0f}; prior {before[0]:.0f} to {before[2]:.0f})."
    )


def _tied(found: Posterior) -> Iterator[str]:
    lines = on_the_line(found.places)
    together: Array = np.atleast_2d(np.corrcoef(lines.T))
    names = [each.title for each in found.table.unknowns]
    pairs = [
        f"{names[one]} and {names[two]} (correlation {together[one, two]:+.2f})"
        for one, two in combinations(range(len(names)), 2)
        if abs(together[one, two]) >= TIED
    ]
    if pairs:
        yield "What was done does not tell apart: " + "; ".join(pairs) + "."
    else:
        yield f"No two unknowns have a correlation of {TIED} or more in the posterior."


def _figures(found: Posterior) -> Iterator[list[str]]:
    yield ["figure", "observed", "kept runs: eight in ten", "unit"]
    rows = found.table.figures[found.kept]
    for place, name in enumerate(found.table.names):
        low, high = np.nanquantile(rows[:, place], (RANGE[0], RANGE[-1]))
        what = f"{name.measure.replace('_', ' ')}, {name.of.replace('_', ' ')}, {name.period}"
        yield [what, f"{found.table.observed[place]:.3g}", f"{low:.3g} to {high:.3g}", MEASURES[name.measure][0]]
