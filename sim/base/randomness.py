"""Named streams of random numbers.

A stream belongs to one decision about one entity. It is found by what it is *called*, never by when or where
it is asked for, so the drift of an authority is the same in every scenario, whatever else changes (common
random numbers), and a new stream never disturbs an old one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from sim.base.seeding import Seeded, seeds

BLOCK = 8
"""Rows fetched at a time; only speed depends on it."""
WORD = 32
"""Bits of a word of a seed."""
WORDS_OF_A_NAME = 2
"""Words of the hash of a name: of all but one name in four thousand million."""


@cache
def _stable_hash(text: str) -> int:
    """Hash that is the same in every process (Python's own ``hash`` of a string is not)."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


@cache
def _words(number: int) -> tuple[int, ...]:
    """Words of 32 bits of a whole number, the last ones first, as many as it needs: as a seed sequence splits it."""
    more = number >> WORD
    return (number & (1 << WORD) - 1, *(_words(more) if more else ()))


def generator(seed: int, replication: int, name: str, entity: str) -> np.random.Generator:
    """Generator of the stream called ``name`` of one entity.

    Parameters
    ----------
    seed : int
        The study's seed, 0 or more.
    replication : int
        Number of the replication, 0 or more.
    name : str
        The decision, such as ``"quality"``.
    entity : str
        Whose decision, such as an authority's name.

    Returns
    -------
    numpy.random.Generator
        The same for the same four, independent of every other.
    """
    words = *_words(seed), *_words(replication), *_words(_stable_hash(name)), *_words(_stable_hash(entity))
    key = np.random.SeedSequence(np.array(words, dtype=np.uint32))  # half the time that it takes to split numbers
    return np.random.Generator(np.random.PCG64(key))


class Stream:
    """One stream, read row by row: the n-th event of an entity always gets the n-th row.

    Parameters
    ----------
    source : numpy.random.Generator
        Where the numbers come from.
    width : int
        Uniform draws that one event may need. An event that needs fewer still uses up its row.
    """

    __slots__ = ("_rows", "_source", "_width")

    def __init__(self, source: np.random.Generator, width: int = 1) -> None:
        self._source = source
        self._width = width
        self._rows: list[list[float]] = []

    def row(self) -> list[float]:
        """Next row of uniform draws on [0, 1)."""
        if not self._rows:
            self._rows = self._source.random((BLOCK, self._width)).tolist()
            self._rows.reverse()
        return self._rows.pop()


class StreamFamilies:
    """Entities that are alike: what one of them decides, the others will, so their streams are seeded together.

    Only speed depends on who is alike. It never changes, so replications may share it.

    Parameters
    ----------
    *groups : sequence of str
        Names of the entities of each group.
    """

    def __init__(self, *groups: Sequence[str]) -> None:
        self._group: dict[str, tuple[list[str], NDArray[np.uint32]]] = {}
        for entities in groups:
            words = {entity: _words(_stable_hash(entity)) for entity in entities}
            usual = [entity for entity in words if len(words[entity]) == WORDS_OF_A_NAME]
            group = usual, np.array([words[entity] for entity in usual], dtype=np.uint32)
            self._group |= dict.fromkeys(usual, group)

    def seeds(self, seed: int, replication: int, name: str, entity: str) -> dict[tuple[str, str], NDArray[np.uint64]]:
        """Seeds of the streams of one name of an entity and all that are alike; none, if there is no other."""
        decision = _words(_stable_hash(name))
        entities, words = self._group.get(entity, ((), None))
        if words is None or len(decision) != WORDS_OF_A_NAME:
            return {}
        found = seeds((*_words(seed), *_words(replication), *decision), words)
        return {(name, each): own for each, own in zip(entities, found, strict=True)}


NO_FAMILIES = StreamFamilies()


class Streams:
    """All streams of one replication.

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
        """The one that :func:`generator` makes, whose seed is worked out together with those of others alike."""
        known = self._seeds.get((name, entity))
        if known is None:
            self._seeds |= self._alike.seeds(self._seed, self._replication, name, entity)
            known = self._seeds.get((name, entity))
        if known is None:
            return generator(self._seed, self._replication, name, entity)
        return np.random.Generator(np.random.PCG64(Seeded(known)))  # type: ignore[arg-type]  # any ISeedSequence is taken

    def stream(self, name: str, entity: str, width: int = 1) -> Stream:
        """Stream of one decision about one entity, from its beginning."""
        return Stream(self._generator(name, entity), width)

    def draw(self, name: str, entity: str) -> float:
        """First draw of a stream, of a decision that is made once."""
        return self._generator(name, entity).random()

    def rows(self, name: str, entity: str, rows: int, width: int) -> NDArray[np.float64]:
        """First rows of a stream, shape (rows, width)."""
        return self._generator(name, entity).random((rows, width))


def triangular(u: float, low: float, mode: float, high: float) -> float:
    """Quantile of the triangular distribution.

    Parameters
    ----------
    u : float
        Probability on [0, 1).
    low, mode, high : float
        Corner points, in order; all equal gives that constant.

    Returns
    -------
    float
        In the unit of the corner points.
    """
    if high <= low:
        return low
    peak = (mode - low) / (high - low)
    if u < peak:
        return float(low + ((high - low) * (mode - low) * u) ** 0.5)
    return float(high - ((high - low) * (high - mode) * (1 - u)) ** 0.5)


def whole_triangular(u: float, low: int, mode: int, high: int) -> int:
    """Whole number from ``low`` to ``high``: the triangular quantile half a unit wider on both sides, rounded."""
    return min(high, max(low, round(triangular(u, low - 0.5, mode, high + 0.5))))
