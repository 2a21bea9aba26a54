"""Writes out characters that are invisible or change how others are shown, so that a reader sees them.

A terminal obeys some of these characters: it moves the cursor, changes colours or hides text. A file name may contain
any of them.
"""

from __future__ import annotations

import unicodedata

UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories: controls, direction marks and joiners, surrogates, private, unassigned, and line ends."""
LAYOUT = "\n\t"
"""Control characters that lay out a text of several lines."""


def visible(text: str, kept: str = LAYOUT) -> str:
    """Return a text with invisible characters written as Python escapes, except those in ``kept``."""
    if text.isprintable():
        return text
    return "".join(_written(letter) if is_unseen(letter) and letter not in kept else letter for letter in text)


def is_unseen(letter: str) -> bool:
    """Return whether a character is invisible or changes how others are shown."""
    return unicodedata.category(letter) in UNSEEN


def _written(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")
