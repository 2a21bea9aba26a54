"""How many replications are enough: a sequential rule that runs on until intervals are narrow enough.

After each batch of replications, from the least number on, the rule looks at the interval of the mean of each measure
asked for, in every whole financial year. Stopping at the first look that pleases would leave intervals that are too
narrow, as a spread estimated too small by chance stops sooner than one estimated too large. Two things make up for it:

correction
    The half-width looked at is Student's, times ``1 + 2 / k`` with ``k`` independent groups (draws of the parameters;
    replications where each has its own). A rule of that form covers as stated up to terms smaller than ``1 / k``
    (Woodroofe, Annals of Statistics 5, 1977, on the rule of Chow and Robbins); the 2 was settled on samples of normal
    values, before any run of the model was looked at.
look-ahead
    The half-width must be within its target at three looks running, so two more batches are run after the first
    (the look-ahead of Hoad, Robinson and Davies, Journal of the Operational Research Society 61, 2010).

The interval of the rule is the mean and the corrected half-width on both sides; it is in the manifest, with the target
that it is within. ``summary.csv`` gives Student's, as for any number of replications; the page ``docs/ensembles.md``
has the coverage of each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sim.base.faults import NOT_SHOWN, Argument, Fault, InputError, nearest, refuse_any
from sim.runs.measures import UNITS, possible
from sim.runs.outcomes import Outcomes
from sim.statistics.intervals import Mean, mean_of

CORRECTION = 2.0
"""The half-width looked at is Student's times 1 + CORRECTION / groups."""
LOOK_AHEAD = 2
"""Further looks at which the half-widths must be within their targets."""
LEAST_GROUPS = 10
"""Fewest independent groups with which a look may end a run: of fewer, no spread can be estimated."""
BUDGET = 10
"""Budget in times the least number of replications, if none is stated: an interval a third as wide."""
UNTIL = Argument("until")
"""What a fault of the intervals that are wanted is found in: the argument of :func:`sim.studies.ensemble_study.run`."""


@dataclass(frozen=True)
class Target:
    """What an interval is wanted to be.

    Attributes
    ----------
    measure : str
        Its name.
    half_width : float
        Most that half of the 95% interval of its mean may be, in the unit of the measure.
    """

    measure: str
    half_width: float

    def __str__(self) -> str:
        return f"{self.measure}<={self.half_width:g}"


@dataclass(frozen=True)
class Precision:
    """Intervals wanted, and what they may cost.

    Attributes
    ----------
    targets : tuple of Target
        All of them must be reached.
    budget : int
        Most replications.

    Raises
    ------
    InputError
        If a target is of no measure or of no width, or there is none: every fault at once.
    """

    targets: tuple[Target, ...]
    budget: int

    def __post_init__(self) -> None:
        faults = [
            Fault(UNTIL, str(target), target.measure, f"there is no such measure; {nearest(target.measure, UNITS)}")
            for target in self.targets
            if not possible(target.measure)
        ]
        faults += [
            Fault(UNTIL, str(target), target.half_width, "a half-width is a number above 0")
            for target in self.targets
            if not 0 < target.half_width < float("inf")
        ]
        names = [target.measure for target in self.targets]
        faults += [
            Fault(UNTIL, name, NOT_SHOWN, "the measure has more than one half-width; give one")
            for name in sorted(set(names))
            if names.count(name) > 1
        ]
        if not self.targets:
            faults.append(Fault(UNTIL, "MEASURE<=HALF_WIDTH", NOT_SHOWN, "give at least one"))
        refuse_any(faults)

    @classmethod
    def parse(cls, texts: Sequence[str], budget: int, beside: Iterable[Fault] = ()) -> Precision:
        """Precision of targets written ``"utilisation<=0.01"``.

        Raises
        ------
        InputError
            With every fault at once, those found ``beside`` among them, such as :func:`budget_faults`.
        """
        read = [(text, re.fullmatch(r"\s*(\w+)\s*<=\s*([-+.\w]+)\s*", text)) for text in texts]
        faults, targets = [], []
        for text, match in read:
            width = None if match is None else _number(match[2])
            if match is None or width is None:
                faults.append(
                    Fault(UNTIL, text, NOT_SHOWN, 'write it like "utilisation<=0.01": a measure, a half-width')
                )
            else:
                targets.append(Target(match[1], width))
        faults += beside
        try:
            precision = cls(tuple(targets), budget)
        except InputError as error:
            faults += [fault for fault in error.faults if targets]
        refuse_any(faults)
        return precision

    def as_asked(self) -> dict[str, object]:
        """The request, for the manifest."""
        return {
            "targets": {target.measure: target.half_width for target in self.targets},
            "budget": self.budget,
        }


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def least_budget(replications: int, sharing_a_draw: int, batch: int) -> int:
    """Fewest replications with which the rule can end: the first look that counts, and the look-ahead.

    Parameters
    ----------
    replications : int
        Run before the first look.
    sharing_a_draw : int
        Replications that make up an independent group.
    batch : int
        Replications between two looks.
    """
    first = max(replications, LEAST_GROUPS * sharing_a_draw)
    return -(-first // batch) * batch + LOOK_AHEAD * batch


def budget_faults(budget: int, replications: int, sharing_a_draw: int, batch: int) -> Iterator[Fault]:
    """What is wrong with a budget of replications; the others as for :func:`least_budget`."""
    least = least_budget(replications, sharing_a_draw, batch)
    if budget < least:
        words = f"the rule cannot end before {least} replications: the first look, and the look-ahead"
        yield Fault(Argument("budget"), "", budget, words)


@dataclass(frozen=True)
class Look:
    """Intervals of a target at one look.

    Attributes
    ----------
    target : Target
        What was wanted.
    intervals : dict of str to (float, float)
        Mean and corrected half-width by financial year; the half-width is infinite where it cannot be told yet. A year
        in which no replication has a value has none.
    """

    target: Target
    intervals: dict[str, tuple[float, float]]

    @property
    def widest(self) -> tuple[str, float]:
        """Financial year of the widest interval, and its half-width; infinite of none."""
        widths = {year: half_width for year, (_, half_width) in self.intervals.items()}
        return max(widths.items(), key=lambda item: item[1], default=("", float("inf")))

    @property
    def reached(self) -> bool:
        """Whether all are narrow enough."""
        return self.widest[1] <= self.target.half_width


def look(outcomes: Outcomes, precision: Precision, years: Sequence[str]) -> list[Look]:
    """Intervals of each target in some financial years."""
    return [
        Look(
            target,
            {
                year: (mean.mean, _half_width(mean))
                for year in years
                for mean in [mean_of(outcomes.column(year, target.measure), outcomes.groups)]
                if mean.groups
            },
        )
        for target in precision.targets
    ]


def _half_width(mean: Mean) -> float:
    """Half-width with the correction; infinite of too few groups, or if no two differ: that tells of no spread."""
    if mean.groups < LEAST_GROUPS or mean.never_varies:
        return float("inf")
    return mean.half_width() * (1 + CORRECTION / mean.groups)


@dataclass
class Watch:
    """Sequential rule under way."""

    precision: Precision
    years: Sequence[str]
    looks: list[list[Look]] = field(default_factory=list)

    def look(self, outcomes: Outcomes) -> None:
        """Look at the outcomes so far."""
        self.looks.append(look(outcomes, self.precision, self.years))

    @property
    def over(self) -> bool:
        """Whether every target was reached at enough looks running."""
        last = self.looks[-(1 + LOOK_AHEAD) :]
        return len(last) > LOOK_AHEAD and all(target.reached for looked in last for target in looked)

    def report(self) -> dict[str, object]:
        """What came of it, for the manifest and the headline: the intervals of the rule, where they can be told."""
        last = self.looks[-1] if self.looks else []
        return {
            "reached": self.over,
            "intervals": {
                found.target.measure: {
                    year: {"mean": mean, "half_width": half_width if half_width < float("inf") else None}
                    for year, (mean, half_width) in found.intervals.items()
                }
                for found in last
            },
        }
