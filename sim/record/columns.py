"""Holds the visits of one replication as columns, for measures and for work by week."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.base.calendar import NEVER
from sim.inputs.framework import Kind
from sim.world.entities import Visit

Integers = NDArray[np.int64]
"""Column of whole numbers."""


class Columns(NamedTuple):
    """Hold visits in the order in which they were requested; each column has the shape (visits,).

    Attributes
    ----------
    kinds : tuple of str
        The scenario's kinds of visit, in the order of tables and measures.
    kind : ndarray of int
        Index of each visit's kind in ``kinds``.
    gives_judgement, is_contact : ndarray of bool
        Whether the visit is an inspection, and whether it is a contact.
    opens, due, latest : ndarray of int
        Days of the window.
    begins : ndarray of int
        First day on site; :data:`NEVER` for a visit that found no team.
    team_size : ndarray of int
        Number of people in the team.
    replaced : ndarray of bool
        Whether another visit replaced it.
    from_the_start : ndarray of bool
        Whether its authority existed at the start.
    """

    kinds: tuple[Kind, ...]
    kind: Integers
    gives_judgement: NDArray[np.bool_]
    is_contact: NDArray[np.bool_]
    opens: Integers
    due: Integers
    latest: Integers
    begins: Integers
    team_size: Integers
    replaced: NDArray[np.bool_]
    from_the_start: NDArray[np.bool_]

    @classmethod
    def of(cls, visits: Sequence[Visit], kinds: Collection[Kind]) -> Columns:
        """Build the columns from visits, given the scenario's kinds."""
        place = {kind: number for number, kind in enumerate(kinds)}
        windows = [visit.window for visit in visits]
        return cls(
            kinds=tuple(kinds),
            kind=integers([place[visit.kind] for visit in visits]),
            gives_judgement=integers([visit.gives_judgement for visit in visits]).astype(bool),
            is_contact=integers([visit.is_contact for visit in visits]).astype(bool),
            opens=integers([window.opens for window in windows]),
            due=integers([window.due for window in windows]),
            latest=integers([window.latest for window in windows]),
            begins=integers([NEVER if visit.fieldwork_start is None else visit.fieldwork_start for visit in visits]),
            team_size=integers([len(visit.team) for visit in visits]),
            replaced=integers([visit.replaced for visit in visits]).astype(bool),
            from_the_start=integers([not visit.authority.begins for visit in visits]).astype(bool),
        )

    def of_kinds(self, kinds: Collection[str]) -> NDArray[np.bool_]:
        """Return whether each visit is of one of these kinds."""
        among = np.array([kind in kinds for kind in self.kinds])
        return np.asarray(among[self.kind])

    def late(self, horizon: int) -> list[int]:
        """Return the numbers of the late inspections.

        An inspection is late if it begins after its latest date, or has not begun by the horizon although that date has
        passed. A replaced inspection is no longer due and so never late.
        """
        known = (self.begins < NEVER) | (self.latest <= horizon)
        late = self.gives_judgement & ~self.replaced & (self.begins > self.latest) & known
        return [int(number) for number in np.flatnonzero(late)]


def integers(numbers: Sequence[int]) -> Integers:
    """Return a column of whole numbers."""
    return np.array(numbers, dtype=np.int64)


def spread(
    which: Integers, tables: Sequence[Sequence[Sequence[float]]], width: int
) -> tuple[Integers, NDArray[np.float64]]:
    """Look up a table for each item, and return the rows of these tables one after another.

    Parameters
    ----------
    which : ndarray of int, shape (items,)
        Index of each item's table.
    tables : sequence of tables
        Rows of numbers.
    width : int
        How many numbers each row has.

    Returns
    -------
    item : ndarray of int, shape (rows,)
        Index of the item that each row belongs to.
    rows : ndarray of float, shape (rows, width)
        The rows.
    """
    length = integers([len(table) for table in tables])
    numbers = chain.from_iterable(chain.from_iterable(tables))
    all_rows = np.fromiter(numbers, dtype=np.float64).reshape(-1, width)
    rows_of = length[which]
    first = (length.cumsum() - length)[which]
    item = np.repeat(np.arange(len(which)), rows_of)
    before = np.repeat(rows_of.cumsum() - rows_of - first, rows_of)
    return item, all_rows[np.arange(len(item)) - before]
