"""Named streams of random numbers.

A stream belongs to one decision about one entity. It is found by what it is *called*, never by when or where
it is asked for, so the drift of an authority is the same in every scenario, whatever else changes (common
random numbers), and a new stream never disturbs an old one.
"""

from __future__ import annotations

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


class StreamNames:
    """Names of the streams that replications of one scenario ask for, noted as they do; only speed depends on it.

    What has been asked for once is seeded for the next replication together with all the others.
    """

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], int] = {}
        self._words: list[tuple[int, ...]] = []

    def place(self, name: str, entity: str) -> int:
        """Place of a stream among all that were noted; it is noted now if it was not."""
        place = self._places.setdefault((name, entity), len(self._words))
        if place == len(self._words):
            self._words.append(_words_of(name, entity))
        return place

    def seeds(self, seed: int, replication: int) -> list[NDArray[np.uint64] | None]:
        """Seeds of all that were noted; None for one whose words are of an unusual number."""
        usual = np.array([len(words) == WORDS_OF_NAMES for words in self._words], dtype=bool)
        if not usual.any():
            return [None] * len(self._words)
        own = np.array([words for words in self._words if len(words) == WORDS_OF_NAMES], dtype=np.uint32)
        study = np.array((*_words(seed), *_words(replication)), dtype=np.uint32)
        known = iter(seeds(np.hstack((np.broadcast_to(study, (len(own), len(study))), own))))
        return [next(known) if each else None for each in usual]


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
        place = self._names.place(name, entity)
        known = self._seeds[place] if place < len(self._seeds) else None
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
