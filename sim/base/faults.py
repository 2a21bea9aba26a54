"""Describes what is wrong with an input in plain words, all faults at once and without tracebacks."""

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
"""Characters of a key or value that a message shows: about one line of a terminal."""
MANY = 60
"""Number of names above which a fault does not list them all, since they would fill a page."""
NOT_SHOWN = object()
"""Value of a fault that is not about a single value."""


class Argument(str):
    """Names a function's argument as the place of a fault; the command line shows its flag instead.

    The words of a fault may name an argument between backticks, as in "choose another folder with `out`, or replace it
    with `overwrite=True`". The command line shows flags there too.
    """

    __slots__ = ()


@dataclass(frozen=True)
class Fault:
    """Describes one thing that is wrong with an input.

    Parameters
    ----------
    where : str
        The file, and the line if there is one, or an :class:`Argument`.
    key : str
        The key or column; empty if the argument is enough.
    value : object
        What was found there; ``None`` if it is missing, ``NOT_SHOWN`` if ``allowed`` says everything.
    allowed : str
        What may be there, in words.
    often : str
        How many rows of a table have the fault, in words; empty for one row.
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
    """Write a value as a scenario file would."""
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
    """Reports that the input is wrong.

    Parameters
    ----------
    faults : iterable of Fault
        Every fault found, so that the user can correct all at once. If there are very many, only the first are kept,
        and a last one says how many more there are.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        found = tuple(faults)
        if len(found) > MOST_FAULTS + 1:
            more = f"{len(found) - MOST_FAULTS} more faults are not shown"
            found = (*found[:MOST_FAULTS], Fault(found[MOST_FAULTS].where, "(more)", NOT_SHOWN, more))
        self.faults = found
        super().__init__("\n".join(str(fault) for fault in self.faults))


def refuse_any(faults: Iterable[Fault]) -> None:
    """Raise an error with all the faults, if there are any."""
    found = list(faults)
    if found:
        raise InputError(found)


def nearest(word: str, allowed: Iterable[str]) -> str:
    """Suggest the closest allowed spelling, and list all of them unless there are very many."""
    choices = sorted(allowed)
    if len(choices) > MANY:
        close = difflib.get_close_matches(word, choices, n=3)
        return (
            f"did you mean {' or '.join(map(repr, close))}?"
            if close
            else f"it resembles none of the {len(choices)} allowed names"
        )
    listed = ("; " if any("," in choice for choice in choices) else ", ").join(choices)
    close = difflib.get_close_matches(word, choices, n=1)
    if close:
        return f"did you mean {close[0]!r}? Allowed: {listed}"
    return f"allowed: {listed}"


def unless_wrong(faults: list[Fault], make: Callable[[], Made]) -> Made | None:
    """Return what ``make`` returns; if the input is wrong, add its faults to ``faults`` and return None."""
    try:
        return make()
    except InputError as error:
        faults += error.faults
        return None
