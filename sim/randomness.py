"""Named streams of random numbers.

A stream belongs to one decision about one entity. It is found by what it is *called*, never by when or where
it is asked for, so the drift of an authority is the same in every scenario, whatever else changes (common
random numbers), and a new stream never disturbs an old one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from sim.seeding import Seeded, seeds

BLOCK = 8
"""Draws fetched at a time; only speed depends on it."""
WORD = 32
"""Bits of a word of a seed."""
WORDS_OF_NAMES = 4
"""Words of the two names of a stream: of all but one stream in two thousand million."""


@cache
def _stable_hash(text: str) -> int:
    """Hash that is the same in every process (Python's own ``hash`` of a string is not)."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


@cache
def _words(number: int) -> tuple[int, ...]:
    """Words of 32 bits of a whole number, the last ones first, as many as it needs: as a seed sequence splits it."""
    more = number >> WORD
    return (number & (1 << WORD) - 1, *(_words(more) if more else ()))


def _words_of(name: str, entity: str) -> tuple[int, ...]:
    """Words of the names of a stream."""
    return *_words(_stable_hash(name)), *_words(_stable_hash(entity))


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
    words = *_words(seed), *_words(replication), *_words_of(name, entity)
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

    def draw(self) -> float:
        """First draw of the next row."""
        return self.row()[0]


Name = tuple[str, str]
"""Name of a stream: the decision, and whose it is."""


class StreamNames:
    """Names of the streams that replications of one scenario ask for; only speed depends on it.

    Parameters
    ----------
    groups : sequence of sequence of str
        Entities that are alike. What one of a group decides, the others will: their streams are seeded together.
    """

    def __init__(self, groups: Sequence[Sequence[str]] = ()) -> None:
        self._group = {entity: group for group in groups for entity in group}
        self._words: dict[Name, tuple[int, ...]] = {}

    def alike(self, name: Name) -> list[Name]:
        """A stream, and those of the same decision of others that are alike; all of them are noted."""
        decision, entity = name
        names = [(decision, other) for other in self._group.get(entity, (entity,))]
        self._words |= {each: _words_of(*each) for each in names if each not in self._words}
        return names

    def seeds(self, seed: int, replication: int, names: Iterable[Name] | None = None) -> dict[Name, NDArray[np.uint64]]:
        """Seeds of noted streams, of all if it is not said which; none of one with words of an unusual number."""
        usual = [name for name in names or self._words if len(self._words[name]) == WORDS_OF_NAMES]
        if not usual:
            return {}
        own = np.array([self._words[name] for name in usual], dtype=np.uint32)
        study = np.array((*_words(seed), *_words(replication)), dtype=np.uint32)
        return dict(zip(usual, seeds(np.hstack((np.broadcast_to(study, (len(own), len(study))), own))), strict=True))


class Streams:
    """All streams of one replication.

    Parameters
    ----------
    seed, replication : int
        As for :func:`generator`.
    names : StreamNames, optional
        Names of streams that replications of the scenario ask for.
    """

    def __init__(self, seed: int, replication: int, names: StreamNames | None = None) -> None:
        self._seed = seed
        self._replication = replication
        self._names = StreamNames() if names is None else names
        self._seeds = self._names.seeds(seed, replication)

    def _generator(self, name: str, entity: str) -> np.random.Generator:
        """As :func:`generator`."""
        known = self._seeds.get((name, entity))
        if known is None and len(alike := self._names.alike((name, entity))) > 1:
            self._seeds |= self._names.seeds(self._seed, self._replication, alike)
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
