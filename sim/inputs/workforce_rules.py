"""Rules of the workforce: people by role, and what takes their time."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from sim.base.calendar import MONTHS_A_YEAR
from sim.inputs.framework import Role
from sim.inputs.people_in_post import Person, first_of, in_order, of_role
from sim.inputs.section import Days, FewDays, Months, Probability, Rate, Section, Spell, Whole, YearDays, quantity

NEAR_ONE = 0.005
"""How far the mean of factors may be from 1 by rounding."""


def _by_month(factors: tuple[float, ...]) -> tuple[float, ...]:
    """Refuse factors that are not one for each month, or change the days of a year."""
    if len(factors) != MONTHS_A_YEAR:
        raise ValueError(f"{len(factors)} factors; give 12, from January to December")
    mean = sum(factors) / MONTHS_A_YEAR
    if abs(mean - 1) > NEAR_ONE:
        raise ValueError(f"their mean is {mean:.3g}; it must be 1, so that a year has as many days as sick_days says")
    return factors


class RoleRules(Section):
    """People of one role."""

    people: Whole = quantity("people in post at the start", "people")
    by_region: dict[str, Whole] | None = quantity(
        "people in post by region, for every region; without it they are shared out as the authorities are",
        "people",
        default=None,
    )
    may_lead_share: Probability = quantity("share who may lead a visit", "share")
    programme_share: Probability = quantity("share of working time for this programme", "share")
    turnover_a_year: Rate = quantity("rate of leaving", "a year")
    most_offers_a_quarter: Annotated[int, Field(ge=1)] | None = quantity(
        "most posts offered in one quarter, to successors of leavers and to more people together, in the order in "
        "which they fall vacant; as many as are vacant if it is not said",
        "offers a quarter",
        default=None,
    )

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.by_region is not None and sum(self.by_region.values()) != self.people:
            raise ValueError(f"by_region adds up to {sum(self.by_region.values())}, people is {self.people}")
        return self


class WorkforceRules(Section):
    """The workforce and what takes its time."""

    regions: tuple[str, ...] = quantity("regions in which inspectors are based")
    leave_days: YearDays = quantity("leave and privilege days", "working days a year")
    leave_in_closed_weeks: Probability = quantity("share of leave taken in weeks without fieldwork", "share")
    sick_days: Days = quantity("sickness", "working days a year")
    sick_spell_days: Spell = quantity("mean length of a spell of sickness", "working days")
    sick_by_month: Annotated[tuple[Rate, ...], AfterValidator(_by_month)] | None = quantity(
        "factors by which sickness differs by month, from January to December, with a mean of 1, so that the days of a "
        "year stay those of sick_days; the same all year if it is not said",
        "times the mean month",
        default=None,
    )
    training_days: YearDays = quantity("training, in weeks without fieldwork as far as they go", "working days a year")
    carry_over_days: FewDays = quantity(
        "most days that a full-timer may be ahead of a term's share of time or behind it, made up for in the next",
        "working days",
        default=0,
    )
    part_time_share: Probability = quantity("share of people who work part-time", "share")
    part_time_hours: Annotated[float, Field(gt=0, le=1)] = quantity("hours of a part-timer", "share of full time")
    hiring_months: Months = quantity("from a leaver's notice to the offer to a successor", "months")
    notice_months: Months = quantity("notice, of the leaver and of the successor", "months")
    induction_months: Months = quantity("from joining to full use", "months")
    induction_productivity: Probability = quantity("work done meanwhile", "share of full use")
    roles: dict[Role, RoleRules] = quantity("people by role")
    in_post: Annotated[tuple[Person, ...], Field(min_length=1)] | None = quantity(
        "people in post, one by one; without it everybody is drawn", default=None
    )

    @field_validator("in_post")
    @classmethod
    def _in_order(cls, rows: tuple[Person, ...] | None) -> tuple[Person, ...] | None:
        return None if rows is None else in_order(rows)

    def people_in_post(self, role: Role) -> list[Person]:
        """People of a role of whom the table tells, as many as there are to be: who joined first, in every region."""
        return first_of(of_role(self.in_post or (), role), self.roles[role].people)
