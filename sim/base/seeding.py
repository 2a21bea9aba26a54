"""Computes the seeds of many streams at once, equal to those that numpy's ``SeedSequence`` gives.

A replication needs about two thousand streams. Making a seed sequence for each took a twentieth of its time. This
module does the same arithmetic on whole columns. Tests compare it with numpy's, which promises not to change.

References
----------
M. E. O'Neill, "Developing a seed_seq alternative", 2015,
https://www.pcg-random.org/posts/developing-a-seed_seq-alternative.html;
NumPy's "Parallel random number generation", on the stability of ``SeedSequence``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.random.bit_generator import ISeedSequence
from numpy.typing import DTypeLike, NDArray

Words = NDArray[np.uint64]
"""Column of 32-bit words, wide enough to hold their products."""
Word = TypeVar("Word", int, Words)
"""One 32-bit word, or a column of them."""

POOL = 4
"""Words in the pool into which a seed is mixed."""
SEED = 4
"""64-bit words that seed a PCG64."""
INIT_A, MULT_A = 0x43B0D7E5, 0x931E8875
INIT_B, MULT_B = 0x8B51F9DD, 0x58F38DED
MIX_MULT_L, MIX_MULT_R = 0xCA01F9DD, 0x4973F715
"""Constants of the algorithm, with their names in numpy."""
XSHIFT = 16
"""Bits in half a word."""
WORD = 0xFFFFFFFF
"""Mask with all bits of a word set."""


class _Hash:
    """Hashes words or whole columns one after another, each with the next multiplier."""

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
    return both ^ both >> XSHIFT  # type: ignore[return-value]  # numpy's type hints treat whole numbers as signed


def seeds(shared: Sequence[int], own: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Compute PCG64 seeds from words of entropy, the first of which are the same for all.

    Parameters
    ----------
    shared : sequence of int
        Words that all seeds share, at least four.
    own : ndarray of uint32, shape (n, words)
        The words that follow for each seed, at least one.

    Returns
    -------
    ndarray of uint64, shape (n, 4)
        For each row, the result of ``SeedSequence((*shared, *row)).generate_state(4, uint64)``.
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
    """Holds a seed that is already known, in the form that numpy's generators accept.

    Parameters
    ----------
    words : ndarray of uint64, shape (4,)
        One row of the result of :func:`seeds`.
    """

    def __init__(self, words: NDArray[np.uint64]) -> None:
        self._words = words

    def generate_state(self, n_words: int, dtype: DTypeLike = np.uint32) -> NDArray[np.uint64]:
        """Return the seed, which fits only a PCG64.

        Raises
        ------
        ValueError
            If another number or type of words is asked for.
        """
        if n_words != len(self._words) or dtype is not np.uint64:
            raise ValueError(f"the seed has {len(self._words)} words of 64 bits, not {n_words} of {dtype}")
        return self._words
