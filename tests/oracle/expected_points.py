"""Points of a pathway at which authorities are expected in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sim.inputs.framework import Kind, VisitRules
from sim.inputs.grades import Judgement
from sim.inputs.pathways import VisitName
from sim.inputs.windows import Finding, Window
from tests.oracle.expected_quality import Numbers


class Due(Protocol):
    """What is told of every visit that falls due."""

    def __call__(self, kind: Kind, rules: VisitRules, window: Window, numbers: Numbers) -> None:
        """So many authorities have a visit of these rules due."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """An inspection's last day on site; ``place`` is that of its framework in the timetable."""

    name: VisitName
    place: int


@dataclass(frozen=True, slots=True)
class Published:
    """A judgement is published, of an inspection that ended on a day."""

    judgement: Judgement
    inspected: int


@dataclass(frozen=True, slots=True)
class Waits:
    """The next focused visit or the inspection is asked for.

    Attributes
    ----------
    judgement : str
        Published judgement.
    anchor : int
        Day from which the interval counts.
    focused : int
        Focused visits of this cycle so far.
    findings : tuple of Finding
        The one that brings the next inspection forward, if there is one.
    """

    judgement: Judgement
    anchor: int
    focused: int = 0
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Monitored:
    """The next monitoring visit is asked for, or the rules change meanwhile.

    Attributes
    ----------
    judgement : str
        Published judgement.
    number : int
        Visits so far.
    last, due : int
        Day of the last visit, or of publication, and due date of the next.
    """

    judgement: Judgement
    number: int
    last: int
    due: int


Point = Inspected | Published | Waits | Monitored
