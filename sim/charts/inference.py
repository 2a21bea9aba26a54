"""Draw what a calibration assumed, and what history leaves of it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.charts.drawing import BLUE, GREY, ORANGE, canvas, described, own_style, told

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.analysis.posterior import Posterior
    from sim.inputs.unknowns import Array


@own_style()
def prior_and_posterior(found: Posterior) -> list[Axes]:
    """Draw a panel for each unknown: what was assumed, and what history leaves."""
    from sim.analysis.posterior import low_to_high

    unknowns = found.table.unknowns
    columns = 4
    rows = -(-(len(unknowns) + 1) // columns)
    figure = canvas(14.0, 3.0 * rows)
    panels = figure.subplots(rows, columns)
    after, before = found.deployable()
    title = f"{np.median(after):.0f} full-time equivalents for the programme: history shows this product, not its parts"
    figure.suptitle(title, fontsize=13, fontweight="bold", x=0.01, ha="left")
    grid = np.random.default_rng(0).random(found.places.shape)
    _panel(panels.flat[0], "full-time equivalents for the programme", before, after)
    for axes, place in zip(list(panels.flat)[1:], range(len(unknowns)), strict=False):
        unknown = unknowns[place]
        name = unknown.title.split(";")[0]
        before, after = unknown.smooth(grid[:, place]), found.values(unknown.name)
        _panel(axes, textwrap.fill(name, 38), before, after, unknown.names)
    for axes in list(panels.flat)[len(unknowns) + 1 :]:
        axes.set_visible(False)
    handles, labels = panels.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=2, frameon=False)
    lines = [
        f"{each.unknown.title}: prior {low_to_high(each.prior)}, posterior {low_to_high(each.posterior)}, middle "
        f"{each.posterior[1]:.3g} {each.unknown.unit}."
        for each in found.changes
    ]
    for policy, shares in found.shares().items():
        said = ", ".join(f"{name.replace('_', ' ')} {100 * value:.0f}%" for name, value in shares.items())
        lines.append(f"{policy.capitalize()}: {said}.")
    what = "A panel for each unknown: what was assumed, and what history leaves, with its middle."
    return described(list(panels.flat), told(title, what, lines))


def _panel(axes: Axes, heading: str, before: Array, after: Array, names: Sequence[str] = ()) -> None:
    bins = (np.arange(len(names) + 1) - 0.5).tolist() if names else _bins(before, after)
    axes.hist(before, bins=bins, density=True, histtype="step", linestyle="--", color=GREY, label="prior")
    axes.hist(after, bins=bins, density=True, color=BLUE, alpha=0.75, label="posterior")
    if names:
        axes.set_xticks(range(len(names)), [name.replace("_", " ") for name in names])
    else:
        axes.axvline(float(np.median(after)), color=ORANGE, linewidth=2)
    axes.set_title(heading, loc="left", fontsize=9)
    axes.set_yticks([])
    axes.spines[["top", "right", "left"]].set_visible(False)


def _bins(before: Array, after: Array) -> list[float]:
    low, high = min(before.min(), after.min()), max(before.max(), after.max())
    return np.linspace(low, high, 19).tolist()  # type: ignore[no-any-return]
