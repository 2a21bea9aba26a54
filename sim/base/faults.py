"""What is wrong with an input, in plain words: every fault at once, none of them a traceback."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

Made = TypeVar("Made")
MANY = 60
"""Names that are not all listed in a fault: it would fill a page."""
NOT_SHOWN = object()
"""Value of a fault that is not about one value."""


class Argument(str):
    """Name of an argument, as what a fault is found in; the command line writes its flag instead.

    The words of a fault name an argument between backticks, as in "choose another folder with `out`, or replace it with
    `overwrite=True`"; there too the command line writes the flags.
    """

    __slots__ = ()


@dataclass(frozen=True)
class Fault:
    """One thing wrong with an input.

    Parameters
    ----------
    where : str
        The file, and line where there is one, or an :class:`Argument`.
    key : str
        The key or column; empty where an argument says it all.
    value : object
        What was found there; ``None`` when it is missing, ``NOT_SHOWN`` when the words say it.
    allowed : str
        What may stand there, in words.
    often : str
        In how many rows of a table, in words; empty if in one.
    """

    where: str
    key: str
    value: object
    allowed: str
    often: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: {self.key}" if self.key else self.where
        if self.value is NOT_SHOWN:
            return f"{place}: {self.allowed}" + f" ({self.often})" * bool(self.often)
        found = _shown(self.value)
        if len(found) > 120:  # noqa: PLR2004 - a line that a terminal still shows whole
            found = found[:117] + "..."
        return f"{place}: found {found}{' ' * bool(self.often)}{self.often}; {self.allowed}"


def _shown(value: object) -> str:
    """A value as a scenario file would have it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, date) else repr(value)


class InputError(ValueError):
    """The input is wrong.

    Parameters
    ----------
    faults : iterable of Fault
        Every fault found, so that one correction is enough.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def refuse_any(faults: Iterable[Fault]) -> None:
    """Refuse the input with every fault at once, if there is any."""
    found = list(faults)
    if found:
        raise InputError(found)


def nearest(word: str, allowed: Iterable[str]) -> str:
    """Words that name the closest allowed spelling, and all of them unless they are very many."""
    choices = sorted(allowed)
    if len(choices) > MANY:
        close = difflib.get_close_matches(word, choices, n=3)
        return f"did you mean {' or '.join(map(repr, close))}?" if close else f"none of {len(choices)} names is near it"
    listed = ("; " if any("," in choice for choice in choices) else ", ").join(choices)
    close = difflib.get_close_matches(word, choices, n=1)
    if close:
        return f"did you mean {close[0]!r}? Allowed: {listed}"
    return f"allowed: {listed}"


def unless_wrong(faults: list[Fault], make: Callable[[], Made]) -> Made | None:
    """What is made; if it cannot be, its faults join the others."""
    try:
        return make()
    except InputError as error:
        faults += error.faults
        return None
