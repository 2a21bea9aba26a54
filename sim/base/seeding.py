"""Seeds of many streams at once, each the one that numpy's ``SeedSequence`` gives.

A replication asks for some two thousand streams, and a sequence of its own for each of them took a twentieth of its
time. What is done here is the same arithmetic on whole columns; tests hold it against numpy's, which promises not to
change.

References
----------
M. E. O'Neill, "Developing a seed_seq alternative", 2015, https://www.pcg-random.org/posts/developing-a-seed_seq-alternative.html;
NumPy's "Parallel random number generation", on the stability of ``SeedSequence``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.random.bit_generator import ISeedSequence
from numpy.typing import DTypeLike, NDArray

Words = NDArray[np.uint64]
"""Column of words of 32 bits, with room for their products."""
Word = TypeVar("Word", int, Words)
"""One word of 32 bits, or many."""

POOL = 4
"""Words of the pool into which a seed is mixed."""
SEED = 4
"""Words of 64 bits that a PCG64 is seeded with."""
INIT_A, MULT_A = 0x43B0D7E5, 0x931E8875
INIT_B, MULT_B = 0x8B51F9DD, 0x58F38DED
MIX_MULT_L, MIX_MULT_R = 0xCA01F9DD, 0x4973F715
"""Constants of the algorithm, by the names that they have in numpy."""
XSHIFT = 16
"""Bits of half a word."""
WORD = 0xFFFFFFFF
"""All bits of a word."""


class _Hash:
    """One hash after another, each with the next multiplier, of words or of whole columns."""

    def __init__(self, first: int, factor: int) -> None:
        self._multiplier = first
        self._factor = factor

    def __call__(self, word: Word) -> Word:
        hashed = word ^ self._multiplier
        self._multiplier = self._multiplier * self._factor & WORD
        hashed = hashed * self._multiplier & WORD
        return hashed ^ hashed >> XSHIFT  # type: ignore[return-value]  # as below


def _mixed(one: Word, other: Word) -> Word:
    both = (one * MIX_MULT_L - other * MIX_MULT_R) & WORD
    return both ^ both >> XSHIFT  # type: ignore[return-value]  # numpy's types take a whole number to be signed


def seeds(shared: Sequence[int], own: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Seeds of a PCG64 from words of entropy, of which the first are the same in all.

    Parameters
    ----------
    shared : sequence of int
        Words that all share, at least four.
    own : ndarray of uint32, shape (n, words)
        Words of each that follow, at least one.

    Returns
    -------
    ndarray of uint64, shape (n, 4)
        What ``SeedSequence((*shared, *row)).generate_state(4, uint64)`` gives for each row.
    """
    mixing = _Hash(INIT_A, MULT_A)
    start = [mixing(word) for word in shared[:POOL]]
    for source in range(POOL):
        for target in range(POOL):
            if source != target:
                start[target] = _mixed(start[target], mixing(start[source]))
    for word in shared[POOL:]:
        for target in range(POOL):
            start[target] = _mixed(start[target], mixing(word))
    pool = [np.full(len(own), word, dtype=np.uint64) for word in start]
    for column in own.T.astype(np.uint64):
        for target in range(POOL):
            pool[target] = _mixed(pool[target], mixing(column))
    drawing = _Hash(INIT_B, MULT_B)
    halves = np.stack([drawing(pool[place % POOL]) for place in range(2 * SEED)], axis=1)
    return halves[:, ::2] | halves[:, 1::2] << np.uint64(2 * XSHIFT)


class Seeded(ISeedSequence):
    """Seed that is known already, in the form in which numpy's generators take one.

    Parameters
    ----------
    words : ndarray of uint64, shape (4,)
        As of :func:`seeds`.
    """

    def __init__(self, words: NDArray[np.uint64]) -> None:
        self._words = words

    def generate_state(self, n_words: int, dtype: DTypeLike = np.uint32) -> NDArray[np.uint64]:
        """The seed, which is that of a PCG64 and of nothing else.

        Raises
        ------
        ValueError
            If it is asked for as something else.
        """
        if n_words != len(self._words) or dtype is not np.uint64:
            raise ValueError(f"the seed is of {len(self._words)} words of 64 bits, not of {n_words} of {dtype}")
        return self._words
