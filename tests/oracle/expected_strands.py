"""Authorities that are counted apart when numbers of them are expected: by size, and by what is made of them later."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.base.calendar import NEVER
from sim.inputs.framework import SIZES
from sim.inputs.grades import Judgement
from sim.inputs.ratings import Regime
from sim.inputs.shocks import reorganisations

if TYPE_CHECKING:
    from sim.inputs.scenario import Scenario
    from sim.world.context import ScenarioContext

BySize = NDArray[np.float64]
"""Authorities by size, in the order of ``SIZES``; shape (sizes,)."""
History = tuple[tuple[int, tuple[float, ...]], ...]
"""What an authority of the table counts as by size, each with the day from which it does; the first one from ever."""
Rows = dict[tuple[Judgement, int], list[float]]
"""Authorities of each strand, by their judgement and the day of their last inspection."""
FROM_EVER = -NEVER


class Strands:
    """Authorities of a scenario's table by size, and by what a reorganisation makes of them.

    Authorities that a reorganisation creates go on as the mean of those that it abolishes: each of these counts for a
    part of them from then on.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    context : ScenarioContext
        Its calendar and shocks.
    """

    def __init__(self, scenario: Scenario, context: ScenarioContext) -> None:
        self._scenario, self._context = scenario, context
        self._of_row = self._histories()
        self._histories_known = sorted(set(self._of_row.values()))
        self._changes = sorted({day for history in self._histories_known for day, _ in history})
        self._by_size = {
            change: np.array(
                [next(sizes for day, sizes in reversed(history) if day <= change) for history in self._histories_known]
            )
            for change in self._changes
        }
        self._authorities = np.bincount(
            [self._histories_known.index(history) for history in self._of_row.values()],
            minlength=len(self._histories_known),
        )

    def sizes_on(self, day: int) -> NDArray[np.float64]:
        """What one authority of each strand counts as by size on a day; shape (strands, sizes)."""
        return self._by_size[max(change for change in self._changes if change <= day)]

    def everybody(self, day: int) -> BySize:
        """Authorities by size on a day."""
        return np.asarray(self._authorities @ self.sizes_on(day), dtype=np.float64)

    def by_climate(self) -> dict[tuple[Regime, ...], Rows]:
        """Authorities of the table whose quality drifts alike."""
        found: defaultdict[tuple[Regime, ...], Rows] = defaultdict(dict)
        for row in self._scenario.authorities:
            rows = found[tuple(self._context.shocks.climate(row.region))]
            inspected = self._context.calendar.day(row.inspected_on)
            numbers = rows.setdefault((row.judgement, inspected), [0.0] * len(self._histories_known))
            numbers[self._histories_known.index(self._of_row[row.authority])] += 1
        return dict(found)

    def cohorts(self) -> list[tuple[int, int, BySize]]:
        """First day, first day no more and sizes of the authorities that begin and end together."""
        never = self._context.calendar.last
        begins = {row.authority: (0, row.size) for row in self._scenario.authorities}
        found: list[tuple[int, int, str]] = []
        for _, shock in reorganisations(self._scenario.shocks):
            day = self._context.calendar.day(shock.begins_on)
            for gone in shock.abolished:
                begun, size = begins.pop(gone)
                found.append((begun, day, size))
            begins |= {new.authority: (day, new.size) for new in shock.created}
        found += [(begun, never, size) for begun, size in begins.values()]
        count = Counter(found)
        spells = sorted({(begun, ends) for begun, ends, _ in found})
        return [(*spell, np.array([count[*spell, size] for size in SIZES], dtype=np.float64)) for spell in spells]

    def _histories(self) -> dict[str, History]:
        """What each authority of the table counts as, from when."""
        size = {row.authority: row.size for row in self._scenario.authorities}
        made_of = {row.authority: {row.authority: 1.0} for row in self._scenario.authorities}
        found: dict[str, History] = {name: ((FROM_EVER, _one(size[name])),) for name in size}
        for _, shock in reorganisations(self._scenario.shocks):
            parts: defaultdict[str, float] = defaultdict(float)
            for gone in shock.abolished:
                for name, part in made_of.pop(gone).items():
                    parts[name] += part
            mean = {name: part / len(shock.abolished) for name, part in parts.items()}
            made_of |= {new.authority: mean for new in shock.created}
            size |= {new.authority: new.size for new in shock.created}
            day = self._context.calendar.day(shock.begins_on)
            for name in parts:
                counts = [(made[name], size[there]) for there, made in made_of.items() if name in made]
                by_size = tuple(sum(part for part, one in counts if one == each) for each in SIZES)
                found[name] = (*found[name], (day, by_size))
        return found


def _one(size: str) -> tuple[float, ...]:
    return tuple(float(each == size) for each in SIZES)
