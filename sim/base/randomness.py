"""Provides named streams of random numbers.

A stream belongs to one decision about one entity. Its name identifies it, not when or where it is used. So an
authority's quality drifts in the same way in every scenario, whatever else changes (common random numbers), and a new
stream never disturbs an old one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from sim.base.seeding import Seeded, seeds

BLOCK = 8
"""Rows fetched at a time; this affects only speed."""
WORD = 32
"""Bits in one word of a seed."""
WORDS_OF_A_NAME = 2
"""Words in the hash of a name, for all but one name in four thousand million."""


@cache
def _stable_hash(text: str) -> int:
    """Return a hash that is the same in every process, unlike Python's own ``hash`` of a string."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


@cache
def _words(number: int) -> tuple[int, ...]:
    """Split a whole number into words of 32 bits, lowest first, as a seed sequence does."""
    more = number >> WORD
    return (number & (1 << WORD) - 1, *(_words(more) if more else ()))


def generator(seed: int, replication: int, name: str, entity: str) -> np.random.Generator:
    """Return the generator of the stream called ``name`` for one entity.

    Parameters
    ----------
    seed : int
        The study's seed, 0 or more.
    replication : int
        Number of the replication, 0 or more.
    name : str
        The decision, such as ``"quality"``.
    entity : str
        Whom the decision is about, such as an authority's name.

    Returns
    -------
    numpy.random.Generator
        The same generator for the same four arguments, independent of all others.
    """
    words = *_words(seed), *_words(replication), *_words(_stable_hash(name)), *_words(_stable_hash(entity))
    key = np.random.SeedSequence(
        np.array(words, dtype=np.uint32)
    )  # passing words takes half as long as passing numbers
    return np.random.Generator(np.random.PCG64(key))


class Stream:
    """Represents one stream, read row by row: the n-th event of an entity always gets the n-th row.

    Parameters
    ----------
    source : numpy.random.Generator
        Generator of the numbers.
    width : int
        Uniform draws that one event may need. An event that needs fewer still uses up its row.
    """

    __slots__ = ("_rows", "_source", "_width")

    def __init__(self, source: np.random.Generator, width: int = 1) -> None:
        self._source = source
        self._width = width
        self._rows: list[list[float]] = []

    def row(self) -> list[float]:
        """Return the next row of uniform draws on [0, 1)."""
        if not self._rows:
            self._rows = self._source.random((BLOCK, self._width)).tolist()
            self._rows.reverse()
        return self._rows.pop()


class StreamFamilies:
    """Groups entities that make the same decisions, so that their streams can be seeded together.

    The grouping affects only speed. It never changes, so replications may share it.

    Parameters
    ----------
    *groups : sequence of str
        Names of the entities in each group.
    """

    def __init__(self, *groups: Sequence[str]) -> None:
        self._group: dict[str, tuple[list[str], NDArray[np.uint32]]] = {}
        for entities in groups:
            words = {entity: _words(_stable_hash(entity)) for entity in entities}
            usual = [entity for entity in words if len(words[entity]) == WORDS_OF_A_NAME]
            group = usual, np.array([words[entity] for entity in usual], dtype=np.uint32)
            self._group |= dict.fromkeys(usual, group)

    def seeds(self, seed: int, replication: int, name: str, entity: str) -> dict[tuple[str, str], NDArray[np.uint64]]:
        """Return the seeds of one named stream for an entity and its whole group; empty if the entity has no group."""
        decision = _words(_stable_hash(name))
        entities, words = self._group.get(entity, ((), None))
        if words is None or len(decision) != WORDS_OF_A_NAME:
            return {}
        found = seeds((*_words(seed), *_words(replication), *decision), words)
        return {(name, each): own for each, own in zip(entities, found, strict=True)}


NO_FAMILIES = StreamFamilies()


class Streams:
    """Provides all streams of one replication.

    Parameters
    ----------
    seed, replication : int
        As for :func:`generator`.
    alike : StreamFamilies, optional
        Entities whose streams are seeded together.
    """

    def __init__(self, seed: int, replication: int, alike: StreamFamilies = NO_FAMILIES) -> None:
        self._seed = seed
        self._replication = replication
        self._alike = alike
        self._seeds: dict[tuple[str, str], NDArray[np.uint64]] = {}

    def _generator(self, name: str, entity: str) -> np.random.Generator:
        """Return the same generator as :func:`generator`, but compute its seed together with those of the entity's
        group.
        """
        known = self._seeds.get((name, entity))
        if known is None:
            self._seeds |= self._alike.seeds(self._seed, self._replication, name, entity)
            known = self._seeds.get((name, entity))
        if known is None:
            return generator(self._seed, self._replication, name, entity)
        return np.random.Generator(np.random.PCG64(Seeded(known)))  # type: ignore[arg-type]  # any ISeedSequence will do

    def stream(self, name: str, entity: str, width: int = 1) -> Stream:
        """Return the stream of one decision about one entity, from its beginning."""
        return Stream(self._generator(name, entity), width)

    def draw(self, name: str, entity: str) -> float:
        """Return the first draw of a stream, for a decision that is made only once."""
        return self._generator(name, entity).random()

    def rows(self, name: str, entity: str, rows: int, width: int) -> NDArray[np.float64]:
        """Return the first rows of a stream, shape (rows, width)."""
        return self._generator(name, entity).random((rows, width))


def triangular(u: float, low: float, mode: float, high: float) -> float:
    """Return a quantile of the triangular distribution.

    Parameters
    ----------
    u : float
        Probability on [0, 1).
    low, mode, high : float
        Corner points, in order; if all are equal, the result is that constant.

    Returns
    -------
    float
        Quantile, in the unit of the corner points.
    """
    if high <= low:
        return low
    peak = (mode - low) / (high - low)
    if u < peak:
        return float(low + ((high - low) * (mode - low) * u) ** 0.5)
    return float(high - ((high - low) * (high - mode) * (1 - u)) ** 0.5)


def whole_triangular(u: float, low: int, mode: int, high: int) -> int:
    """Return a whole number from ``low`` to ``high``: a triangular quantile, half a unit wider each side, then
    rounded.
    """
    return min(high, max(low, round(triangular(u, low - 0.5, mode, high + 0.5))))
