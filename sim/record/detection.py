"""Finds declines: when true quality fell below the published judgement, who saw it first, and when a judgement said so.

A decline begins on the first day on which true quality is below the published judgement. Usually quality has drifted
down. But if an inspection judged too generously, quality is below the judgement from its publication on; such declines
have their own cause. A decline ends when a worse judgement is published, or when quality returns to the published
grade. The functions here are pure: they use only an authority's path of quality, its judgements and what visits saw.
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
"""A path of quality: days in ascending order, and the grade from each day on, counted from 0, the best."""


class Published(NamedTuple):
    """Describe a judgement: the last day on site of its inspection, the day of its publication, and the grade."""

    inspected: int
    day: int
    grade: int


class Sight(NamedTuple):
    """Describe what a visit or inspection saw on its last day on site.

    ``published`` is the publication day of an inspection's judgement.
    """

    day: int
    kind: Kind
    grade: int
    published: int | None


class DeclineRow(NamedTuple):
    """Describe one decline of one authority; days count from the scenario's start.

    Attributes
    ----------
    authority : str
        Name of the authority.
    judgement : str
        Judgement published when the decline began.
    cause : str
        ``drift`` if quality drifted down, or ``misjudged`` if the judgement was above true quality from the first.
    began : float
        Day from which quality was below the judgement. It may be before the start.
    seen, seen_by : int and str, or None
        Day and kind of the first contact that saw quality below the published judgement.
    published : int or None
        Publication of the worse judgement that ended the decline, or that followed from what was seen.
    ended : float or None
        Day on which the decline ended, by publication or recovery; None if it continues.
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
    """Find the declines of one authority, in the order in which they began.

    Parameters
    ----------
    authority : str
        Name of the authority.
    path : Path
        True quality, from the first inspection or earlier.
    judgements : sequence of Published
        Judgements in the order of publication. The first is that of the starting position, if there is one. No decline
        can begin before the first judgement.
    sights : sequence of Sight
        What visits saw, in any order. An inspection is included, with its judgement.
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
    current: _Decline | None = None
    in_force = judgements[0]
    for day, event in _events(path, judgements, sights):
        match event:
            case Published():
                if current is not None and event.grade > in_force.grade:
                    current.published, current.ended, current = event.day, day, None
                in_force = event
                if current is None and quality(day) > in_force.grade:
                    current = begun(in_force, day)
                    found.append(current)
                elif current is not None and quality(day) <= in_force.grade:
                    current.ended, current = day, None
            case Sight():
                if current is not None and event.grade > in_force.grade:
                    current.seen = current.seen or event
                    current.announced = current.announced or event.published
            case int():
                if current is None and event > in_force.grade:
                    current = _Decline(in_force.grade, "drift", day)
                    found.append(current)
                elif current is not None and event <= in_force.grade:
                    current.ended, current = day, None
    return [_row(authority, decline, names) for decline in found]


def _events(
    path: Path, judgements: Sequence[Published], sights: Sequence[Sight]
) -> Iterator[tuple[float, Published | Sight | int]]:
    """Yield moves of quality, then sights, then publications of each day, from the first publication on."""
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
