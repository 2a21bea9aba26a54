"""Judgements of a framework that publishes no overall one, and what its rule makes of them.

Four things are judged: the impact of leaders, and three areas of practice. Which pathway an authority follows is said
by a rule over the four. They are drawn beside the overall judgement that the same inspection would have given, so a
framework with and one without an overall judgement can be held against each other on the same inspections.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import product
from math import prod
from typing import Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from sim.inputs.grades import GRADE, JUDGEMENTS, Judgement
from sim.inputs.section import Probability, Section, quantity, refuse

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
        "judgements of practice that must be good or better, beside that of leaders, for the pathway of good",
        "judgements",
    )
    inadequate_needed: Annotated[int, Field(ge=1, le=AREAS_OF_PRACTICE + 1)] = quantity(
        "inadequate judgements that lead to the pathway of inadequate", "judgements"
    )
    agreement: Probability = quantity(
        "share of inspections in which the rule says what the overall judgement would have said", "share"
    )
    leaders: dict[Judgement, Spread] = quantity(
        "how leaders are judged, by the overall judgement that would have been given", "probability"
    )
    practice: dict[Judgement, Spread] = quantity("how each area of practice is judged, likewise", "probability")

    @model_validator(mode="after")
    def _can_be_drawn(self) -> Self:
        refuse(self._faults())
        return self

    def _faults(self) -> Iterator[str]:
        for name, table in (("leaders", self.leaders), ("practice", self.practice)):
            for judgement in JUDGEMENTS:
                total = sum(table.get(judgement, {}).values())
                if abs(total - 1) > TOLERANCE:
                    yield f"{name}.{judgement}: probabilities must add up to 1, not {total:g}"
        for judgement in JUDGEMENTS:
            if self.agreement and not self._patterns[judgement][0]:
                yield f"practice.{judgement}: the rule never agrees, and agreement is {self.agreement:g}"

    def implied(self, four: SubJudgements) -> Judgement:
        """Judgement whose pathway follows from the four."""
        leaders, *practice = (GRADE[each] for each in four)
        if four.count("inadequate") >= self.inadequate_needed:
            return "inadequate"
        for grade in range(GRADE["good"] + 1):
            if leaders <= grade and sum(each <= grade for each in practice) >= self.practice_needed:
                return JUDGEMENTS[grade]
        return "requires_improvement"

    @cached_property
    def _patterns(self) -> Mapping[Judgement, tuple[dict[SubJudgements, float], dict[SubJudgements, float]]]:
        """For each overall judgement the patterns that agree with it and those that do not, with their weights."""
        found: dict[Judgement, tuple[dict[SubJudgements, float], dict[SubJudgements, float]]] = {}
        for judgement in JUDGEMENTS:
            agreeing: dict[SubJudgements, float] = {}
            other: dict[SubJudgements, float] = {}
            leaders, practice = self.leaders.get(judgement, {}), self.practice.get(judgement, {})
            for four in (SubJudgements(*each) for each in product(JUDGEMENTS, repeat=1 + AREAS_OF_PRACTICE)):
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
        weights = agreeing if (agrees < self.agreement or not other) and agreeing else other
        target, reached = pattern * sum(weights.values()), 0.0
        for four, weight in weights.items():
            reached += weight
            if target < reached:
                return four
        return next(reversed(weights))
