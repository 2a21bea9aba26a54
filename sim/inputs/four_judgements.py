"""Judgements of a framework that publishes no overall one, and what its rule makes of them.

Four things are judged: the impact of leaders, and three areas of practice. Which pathway an authority follows is said
by a rule over the four. They are drawn beside the overall judgement that the same inspection would have given, so a
framework with and one without an overall judgement can be held against each other on the same inspections.
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
    """What an inspection judges where no overall judgement is published."""

    leaders: Judgement
    help_and_protection: Judgement
    in_care: Judgement
    care_leavers: Judgement


class FourJudgements(Section):
    """How the four judgements fall, and the rule by which the pathway follows from them."""

    practice_needed: Annotated[int, Field(ge=0, le=AREAS_OF_PRACTICE)] = quantity(
        "judgements of practice that must be as good, beside that of leaders, for the pathway of a grade that is good "
        "or better",
        "judgements",
    )
    inadequate_needed: Annotated[int, Field(ge=1, le=AREAS_OF_PRACTICE + 1)] = quantity(
        "judgements of the worst grade that lead to its pathway", "judgements"
    )
    agreement: Probability = quantity(
        "share of inspections in which the rule says what the overall judgement would have said", "share"
    )
    leaders: dict[Judgement, Spread] = quantity(
        "how leaders are judged, by the overall judgement that would have been given", "probability"
    )
    practice: dict[Judgement, Spread] = quantity("how each area of practice is judged, likewise", "probability")

    def faults(self, grades: Grades) -> Iterator[str]:
        """What is wrong with them where there are some grades, each line with its key."""
        for name, table in (("leaders", self.leaders), ("practice", self.practice)):
            yield from undeclared(name, table, grades.names)
            for judgement in grades.names:
                row = table.get(judgement, {})
                yield from undeclared(f"{name}.{judgement}", row, grades.names)
                if abs(sum(row.values()) - 1) > TOLERANCE:
                    yield f"{name}.{judgement}: probabilities must add up to 1, not {sum(row.values()):g}"
        if self.agreement:
            for judgement in Rule(self, grades).never_agrees():
                yield f"practice.{judgement}: the rule never agrees, and agreement is {self.agreement:g}"


@dataclass(frozen=True)
class Rule:
    """The rule over the four judgements, and how they are drawn.

    Attributes
    ----------
    judgements : FourJudgements
        What the framework says of them.
    grades : Grades
        The grades in which each is given.
    """

    judgements: FourJudgements
    grades: Grades

    def implied(self, four: SubJudgements) -> Judgement:
        """Judgement whose pathway follows from the four: below those that count as good, the next or the worst."""
        grades = self.grades
        leaders, *practice = (grades.place[each] for each in four)
        if four.count(grades.worst) >= self.judgements.inadequate_needed:
            return grades.worst
        for grade in range(grades.good):
            if leaders <= grade and sum(each <= grade for each in practice) >= self.judgements.practice_needed:
                return grades.names[grade]
        return grades.names[grades.good]

    def never_agrees(self) -> Iterator[Judgement]:
        """Overall judgements beside which no four are drawn that imply them."""
        return (judgement for judgement in self.grades.names if not self._patterns[judgement][0])

    @cached_property
    def _patterns(self) -> Mapping[Judgement, tuple[dict[SubJudgements, float], dict[SubJudgements, float]]]:
        """For each overall judgement the patterns that agree with it and those that do not, with their weights."""
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
        """Four judgements of an inspection, from two uniform draws.

        Parameters
        ----------
        overall : str
            Judgement that it would have given overall.
        agrees : float
            Whether the rule agrees with it.
        pattern : float
            Which of the patterns that do, or do not, as likely as its weight.
        """
        agreeing, other = self._patterns[overall]
        weights = agreeing if (agrees < self.judgements.agreement or not other) and agreeing else other
        target, reached = pattern * sum(weights.values()), 0.0
        for four, weight in weights.items():
            reached += weight
            if target < reached:
                return four
        return next(reversed(weights))
