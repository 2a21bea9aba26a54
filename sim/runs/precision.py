"""Decides how many replications are enough: a sequential rule continues until the intervals are narrow enough.

The rule starts once the least number of replications has run. After each batch it looks at the interval of the mean of
each requested measure, in every whole financial year. A rule that stops as soon as the intervals look narrow would give
intervals that are too narrow. By chance, some estimates of the spread are too small, and those stop the rule sooner.
Two devices correct this:

correction
    The rule multiplies Student's half-width by ``1 + 2 / k``, where ``k`` is the number of independent groups. A group
    is one draw of the parameters, or one replication where each has its own draw. A rule of this form has the stated
    coverage up to terms smaller than ``1 / k`` (Woodroofe, Annals of Statistics 5, 1977, on the rule of Chow and
    Robbins). We chose the 2 on samples of normal values before we looked at any run of the model.
look-ahead
    The half-width must meet its target at three looks in a row, so two more batches run after the first success. This
    is the look-ahead of Hoad, Robinson and Davies (Journal of the Operational Research Society 61, 2010).

The interval of the rule is the mean plus or minus the corrected half-width. The manifest records it together with the
target that it meets. ``summary.csv`` gives Student's interval, as for any number of replications. The page
``docs/interval_details.md`` reports the coverage of each.
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
"""The rule multiplies Student's half-width by 1 + CORRECTION / groups."""
LOOK_AHEAD = 2
"""Further looks in a row at which the half-widths must meet their targets."""
LEAST_GROUPS = 10
"""Fewest independent groups with which the rule may stop; fewer cannot support an estimate of the spread."""
BUDGET = 10
"""Default budget, as a multiple of the least number of replications; it allows an interval a third as wide."""
UNTIL = Argument("until")
"""Where a fault in the requested intervals is reported: the argument of :func:`sim.studies.ensemble_study.run`."""


@dataclass(frozen=True)
class Target:
    """Describe how narrow an interval must be.

    Attributes
    ----------
    measure : str
        Name of the measure.
    half_width : float
        Largest acceptable half-width of the 95% interval of its mean, in the unit of the measure.
    """

    measure: str
    half_width: float

    def __str__(self) -> str:
        return f"{self.measure}<={self.half_width:g}"


@dataclass(frozen=True)
class Precision:
    """Hold the intervals requested, and the most replications to spend on them.

    Attributes
    ----------
    targets : tuple of Target
        Targets, all of which must be met.
    budget : int
        Most replications.

    Raises
    ------
    InputError
        If there is no target, or a target names no measure or has no valid half-width. Reports every fault at once.
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
            Fault(UNTIL, str(target), target.half_width, "the half-width must be a number above 0")
            for target in self.targets
            if not 0 < target.half_width < float("inf")
        ]
        names = [target.measure for target in self.targets]
        faults += [
            Fault(UNTIL, name, NOT_SHOWN, "this measure has more than one half-width; give only one")
            for name in sorted(set(names))
            if names.count(name) > 1
        ]
        if not self.targets:
            faults.append(Fault(UNTIL, "MEASURE<=HALF_WIDTH", NOT_SHOWN, "give at least one interval"))
        refuse_any(faults)

    @classmethod
    def parse(cls, texts: Sequence[str], budget: int, beside: Iterable[Fault] = ()) -> Precision:
        """Read targets written as ``"utilisation<=0.01"``.

        Raises
        ------
        InputError
            With every fault at once, including those passed in ``beside``, such as the ones from :func:`budget_faults`.
        """
        read = [(text, re.fullmatch(r"\s*(\w+)\s*<=\s*([-+.\w]+)\s*", text)) for text in texts]
        faults, targets = [], []
        for text, match in read:
            width = None if match is None else _number(match[2])
            if match is None or width is None:
                faults.append(
                    Fault(UNTIL, text, NOT_SHOWN, 'write a measure and a half-width, such as "utilisation<=0.01"')
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
        """Return the request as the manifest records it."""
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
    """Return the fewest replications with which the rule can stop: the first look that counts, and the look-ahead.

    Parameters
    ----------
    replications : int
        Number run before the first look.
    sharing_a_draw : int
        Number of replications in an independent group.
    batch : int
        Number of replications between two looks.
    """
    first = max(replications, LEAST_GROUPS * sharing_a_draw)
    return -(-first // batch) * batch + LOOK_AHEAD * batch


def budget_faults(budget: int, replications: int, sharing_a_draw: int, batch: int) -> Iterator[Fault]:
    """Yield a fault if a budget of replications is too small; the other arguments are those of :func:`least_budget`."""
    least = least_budget(replications, sharing_a_draw, batch)
    if budget < least:
        words = f"the rule needs at least {least} replications, for its first look and the look-ahead"
        yield Fault(Argument("budget"), "", budget, words)


@dataclass(frozen=True)
class Look:
    """Hold the intervals of a target at one look.

    Attributes
    ----------
    target : Target
        Target to meet.
    intervals : dict of str to (float, float)
        Mean and corrected half-width by financial year. The half-width is infinite while it cannot be estimated. A year
        without a value in any replication is left out.
    """

    target: Target
    intervals: dict[str, tuple[float, float]]

    @property
    def widest(self) -> tuple[str, float]:
        """Return the financial year of the widest interval, and its half-width; infinite if there are no intervals."""
        widths = {year: half_width for year, (_, half_width) in self.intervals.items()}
        return max(widths.items(), key=lambda item: item[1], default=("", float("inf")))

    @property
    def reached(self) -> bool:
        """Return whether all intervals are narrow enough."""
        return self.widest[1] <= self.target.half_width


def look(outcomes: Outcomes, precision: Precision, years: Sequence[str]) -> list[Look]:
    """Compute the intervals of each target in some financial years."""
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
    """Return the corrected half-width; infinite with too few groups, or if all values are equal."""
    if mean.groups < LEAST_GROUPS or mean.never_varies:
        return float("inf")
    return mean.half_width() * (1 + CORRECTION / mean.groups)


@dataclass
class Watch:
    """Follow the sequential rule through its looks."""

    precision: Precision
    years: Sequence[str]
    looks: list[list[Look]] = field(default_factory=list)

    def look(self, outcomes: Outcomes) -> None:
        """Look at the outcomes so far."""
        self.looks.append(look(outcomes, self.precision, self.years))

    @property
    def over(self) -> bool:
        """Return whether every target was met at enough looks in a row."""
        last = self.looks[-(1 + LOOK_AHEAD) :]
        return len(last) > LOOK_AHEAD and all(target.reached for looked in last for target in looked)

    def report(self) -> dict[str, object]:
        """Report the result for the manifest and the headline: the rule's intervals, where they can be estimated."""
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
