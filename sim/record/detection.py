"""Declines: when true quality fell below the published judgement, who saw it first, and when a judgement said so.

A decline begins on the first day on which true quality is below the judgement then published. Mostly quality drifted
down; but a judgement that erred upwards is above true quality from its own publication on, and is told apart. It ends
when a worse judgement is published, or when quality is back at what is published. Everything here is a pure function
of an authority's path of quality, its judgements and what visits saw.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Literal, NamedTuple

from sim.inputs.framework import Kind
from sim.inputs.grades import Judgement

Cause = Literal["drift", "misjudged"]


Path = tuple[Sequence[float], Sequence[int]]
"""Path of quality: days, ascending, and the grade from each on, from 0, the best."""


class Published(NamedTuple):
    """A judgement: the last day on site of its inspection, the day of its publication, and the grade."""

    inspected: int
    day: int
    grade: int


class Sight(NamedTuple):
    """What a visit or an inspection saw on its last day on site; ``published`` is that of an inspection's judgement."""

    day: int
    kind: Kind
    grade: int
    published: int | None


class DeclineRow(NamedTuple):
    """One decline of one authority; days are days since the scenario's start.

    Attributes
    ----------
    authority : str
        Whose.
    judgement : str
        Published when it began.
    cause : str
        ``drift`` of quality, or ``misjudged``: the judgement was above true quality when it was given.
    began : float
        Day from which quality was below the judgement; it may lie before the start.
    seen, seen_by : int and str, or None
        First contact that saw quality below the judgement then published, and its kind.
    published : int or None
        Publication of a worse judgement that ended it, or that followed from what was seen.
    ended : float or None
        Day on which it ended, published or recovered; None if it goes on.
    """

    authority: str
    judgement: Judgement
    cause: Cause
    began: float
    seen: int | None
    seen_by: Kind | None
    published: int | None
    ended: float | None


@dataclass
class _Decline:
    judgement: int
    cause: Cause
    began: float
    seen: Sight | None = None
    announced: int | None = None
    published: int | None = None
    ended: float | None = None


def declines(
    authority: str,
    path: Path,
    judgements: Sequence[Published],
    sights: Sequence[Sight],
    names: Sequence[Judgement],
) -> list[DeclineRow]:
    """Declines of one authority, in the order in which they began.

    Parameters
    ----------
    authority : str
        Its name.
    path : Path
        True quality; begins by the first inspection.
    judgements : sequence of Published
        In the order of publication; the first one is that of the starting position, if there is one. Before the first
        there is no decline.
    sights : sequence of Sight
        In any order; an inspection counts among them with its judgement.
    names : sequence of str
        Names of the grades, best first.
    """
    days, grades = path

    def quality(day: float) -> int:
        return grades[max(0, bisect_right(days, day) - 1)]

    def begun(judgement: Published, day: float) -> _Decline:
        cause: Cause = "misjudged" if quality(judgement.inspected) > judgement.grade else "drift"
        return _Decline(judgement.grade, cause, day)

    if not judgements:
        return []
    found: list[_Decline] = []
    running: _Decline | None = None
    said = judgements[0]
    for day, what in _events(path, judgements, sights):
        match what:
            case Published():
                if running is not None and what.grade > said.grade:
                    running.published, running.ended, running = what.day, day, None
                said = what
                if running is None and quality(day) > said.grade:
                    running = begun(said, day)
                    found.append(running)
                elif running is not None and quality(day) <= said.grade:
                    running.ended, running = day, None
            case Sight():
                if running is not None and what.grade > said.grade:
                    running.seen = running.seen or what
                    running.announced = running.announced or what.published
            case int():
                if running is None and what > said.grade:
                    running = _Decline(said.grade, "drift", day)
                    found.append(running)
                elif running is not None and what <= said.grade:
                    running.ended, running = day, None
    return [_row(authority, decline, names) for decline in found]


def _events(
    path: Path, judgements: Sequence[Published], sights: Sequence[Sight]
) -> Iterator[tuple[float, Published | Sight | int]]:
    """Moves of quality, sights and publications from the first publication on; those of one day in this order."""
    first = judgements[0].day
    events: list[tuple[float, int, Published | Sight | int]] = [
        *((day, 0, grade) for day, grade in zip(*path, strict=True) if day > first),
        *((float(sight.day), 1, sight) for sight in sights if sight.day >= first),
        *((float(judgement.day), 2, judgement) for judgement in judgements),
    ]
    for day, _, what in sorted(events, key=itemgetter(0, 1)):
        yield day, what


def _row(authority: str, decline: _Decline, names: Sequence[Judgement]) -> DeclineRow:
    published = decline.published if decline.published is not None else decline.announced
    return DeclineRow(
        authority=authority,
        judgement=names[decline.judgement],
        cause=decline.cause,
        began=decline.began,
        seen=None if decline.seen is None else decline.seen.day,
        seen_by=None if decline.seen is None else decline.seen.kind,
        published=published,
        ended=decline.ended,
    )
