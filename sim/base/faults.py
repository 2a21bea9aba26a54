"""What is wrong with an input, in plain words: every fault at once, none of them a traceback."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, time
from typing import TypeVar

from sim.base.bounds import MOST_FAULTS
from sim.base.visible import visible

Made = TypeVar("Made")
LONGEST = 120
"""Letters of a key or value that are told: a line that a terminal still shows whole."""
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
        return visible(self._words(), kept="")

    def _words(self) -> str:
        place = f"{self.where}: {_cut(self.key)}" if self.key else self.where
        if self.value is NOT_SHOWN:
            return f"{place}: {self.allowed}" + f" ({self.often})" * bool(self.often)
        return f"{place}: found {_cut(_shown(self.value))}{' ' * bool(self.often)}{self.often}; {self.allowed}"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _shown(value: object) -> str:
    """A value as a scenario file would have it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case date() | time():
            return str(value)
        case list() | tuple():
            return f"[{', '.join(map(_shown, value))}]"
        case dict():
            return f"{{{', '.join(f'{key} = {_shown(inner)}' for key, inner in value.items())}}}"
        case _:
            return repr(value)


class InputError(ValueError):
    """The input is wrong.

    Parameters
    ----------
    faults : iterable of Fault
        Every fault found, so that one correction is enough. Of very many the first ones are kept, and a last one says
        how many more there are.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        found = tuple(faults)
        if len(found) > MOST_FAULTS + 1:
            more = f"{len(found) - MOST_FAULTS} faults more are not told here"
            found = (*found[:MOST_FAULTS], Fault(found[MOST_FAULTS].where, "(more)", NOT_SHOWN, more))
        self.faults = found
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
