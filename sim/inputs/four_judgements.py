"""Models the four judgements of a framework that publishes no overall one, and the rule that follows from them.

An inspection judges the impact of leaders and three areas of practice. A rule over the four decides which pathway an
authority follows. The four are drawn beside the overall judgement that the same inspection would have given. So
frameworks with and without an overall judgement can be compared on the same inspections.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import Annotated, NamedTuple

from pydantic import Field

from sim.inputs.grades import Grades, Judgement, undeclared
from sim.inputs.section import Probability, Section, quantity

AREAS_OF_PRACTICE = 3
TOLERANCE = 1e-9
Spread = dict[Judgement, Probability]


class SubJudgements(NamedTuple):
    """Holds the judgements of an inspection that gives no overall judgement."""

    leaders: Judgement
    help_and_protection: Judgement
    in_care: Judgement
    care_leavers: Judgement


class FourJudgements(Section):
    """Describes how the four judgements are distributed, and the rule that derives the pathway from them."""

    practice_needed: Annotated[int, Field(ge=0, le=AREAS_OF_PRACTICE)] = quantity(
        "for the pathway of a grade that is good or better: judgements of practice that must be at least that good, in "
        "addition to the judgement of leaders",
        "judgements",
    )
    inadequate_needed: Annotated[int, Field(ge=1, le=AREAS_OF_PRACTICE + 1)] = quantity(
        "number of judgements of the worst grade that lead to its pathway", "judgements"
    )
    agreement: Probability = quantity(
        "share of inspections in which the rule agrees with the overall judgement that would have been given", "share"
    )
    leaders: dict[Judgement, Spread] = quantity(
        "judgement of leaders, by the overall judgement that would have been given", "probability"
    )
    practice: dict[Judgement, Spread] = quantity(
        "judgement of each area of practice, by the overall judgement that would have been given", "probability"
    )

    def faults(self, grades: Grades) -> Iterator[str]:
        """List what is wrong with them, given some grades, each line with its key."""
        for name, table in (("leaders", self.leaders), ("practice", self.practice)):
            yield from undeclared(name, table, grades.names)
            for judgement in grades.names:
                row = table.get(judgement, {})
                yield from undeclared(f"{name}.{judgement}", row, grades.names)
                if abs(sum(row.values()) - 1) > TOLERANCE:
                    yield f"{name}.{judgement}: probabilities must add up to 1, not {sum(row.values()):g}"
        if self.agreement:
            for judgement in Rule(self, grades).never_agrees():
                yield f"practice.{judgement}: the rule can never agree, but agreement is {self.agreement:g}"


@dataclass(frozen=True)
class Rule:
    """Applies the rule over the four judgements, and draws them.

    Attributes
    ----------
    judgements : FourJudgements
        What the framework says about them.
    grades : Grades
        Grades of each judgement.
    """

    judgements: FourJudgements
    grades: Grades

    def implied(self, four: SubJudgements) -> Judgement:
        """Return the judgement whose pathway follows from the four; if none is good or better, the grade below
        good, or the worst.
        """
        grades = self.grades
        leaders, *practice = (grades.place[each] for each in four)
        if four.count(grades.worst) >= self.judgements.inadequate_needed:
            return grades.worst
        for grade in range(grades.good):
            if leaders <= grade and sum(each <= grade for each in practice) >= self.judgements.practice_needed:
                return grades.names[grade]
        return grades.names[grades.good]

    def never_agrees(self) -> Iterator[Judgement]:
        """Return the overall judgements for which no possible four judgements imply the same."""
        return (judgement for judgement in self.grades.names if not self._patterns[judgement][0])

    @cached_property
    def _patterns(self) -> Mapping[Judgement, tuple[dict[SubJudgements, float], dict[SubJudgements, float]]]:
        """Return for each overall judgement the patterns that agree with it and those that do not, with their
        weights.
        """
        found: dict[Judgement, tuple[dict[SubJudgements, float], dict[SubJudgements, float]]] = {}
        for judgement in self.grades.names:
            agreeing: dict[SubJudgements, float] = {}
            other: dict[SubJudgements, float] = {}
            tables = self.judgements.leaders, self.judgements.practice
            leaders, practice = (table.get(judgement, {}) for table in tables)
            for four in (SubJudgements(*each) for each in product(self.grades.names, repeat=1 + AREAS_OF_PRACTICE)):
                weight = leaders.get(four.leaders, 0.0) * prod(practice.get(each, 0.0) for each in four[1:])
                if weight:
                    (agreeing if self.implied(four) == judgement else other)[four] = weight
            found[judgement] = agreeing, other
        return found

    def draw(self, overall: Judgement, agrees: float, pattern: float) -> SubJudgements:
        """Return the four judgements of an inspection, from two uniform draws.

        Parameters
        ----------
        overall : str
            Overall judgement that the inspection would have given.
        agrees : float
            Draw that decides whether the rule agrees with it.
        pattern : float
            Draw that selects one of the patterns, in proportion to their weights.
        """
        agreeing, other = self._patterns[overall]
        weights = agreeing if (agrees < self.judgements.agreement or not other) and agreeing else other
        target, reached = pattern * sum(weights.values()), 0.0
        for four, weight in weights.items():
            reached += weight
            if target < reached:
                return four
        return next(reversed(weights))
