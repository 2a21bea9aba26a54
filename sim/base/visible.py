"""Characters that show nothing, or change how others are shown, written out so that a reader sees them.

A terminal obeys some of them: it moves, colours and hides what stands there. A name in a file may hold them all.
"""

from __future__ import annotations

import unicodedata

UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Kinds of character: controls, marks of direction and joiners, halves, those without a meaning, ends of lines."""
LAYOUT = "\n\t"
"""Those of them by which a text of several lines is laid out."""


def visible(text: str, kept: str = LAYOUT) -> str:
    """A text in which each such character is written as Python writes it; ``kept`` are left as they are."""
    if text.isprintable():
        return text
    return "".join(_written(letter) if is_unseen(letter) and letter not in kept else letter for letter in text)


def is_unseen(letter: str) -> bool:
    """Whether a character shows nothing, or changes how others are shown."""
    return unicodedata.category(letter) in UNSEEN


def _written(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")
