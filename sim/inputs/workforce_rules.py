"""Defines the rules of the workforce: people by role, and what takes their time."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from sim.base.calendar import MONTHS_A_YEAR
from sim.inputs.framework import Role
from sim.inputs.people_in_post import Person, first_of, in_order, of_role
from sim.inputs.section import Days, FewDays, Months, Probability, Rate, Section, Spell, Whole, YearDays, quantity

NEAR_ONE = 0.005
"""How far the mean of factors may be from 1 because of rounding."""


def _by_month(factors: tuple[float, ...]) -> tuple[float, ...]:
    """Refuse factors that are not one for each month, or that change the number of days in a year."""
    if len(factors) != MONTHS_A_YEAR:
        raise ValueError(f"found {len(factors)} factors; give 12, from January to December")
    mean = sum(factors) / MONTHS_A_YEAR
    if abs(mean - 1) > NEAR_ONE:
        raise ValueError(
            f"the mean of the factors is {mean:.3g}; it must be 1, so that a year has as many days as sick_days says"
        )
    return factors


class RoleRules(Section):
    """Describes the people of one role."""

    people: Whole = quantity("people in post at the start", "people")
    by_region: dict[str, Whole] | None = quantity(
        "people in post in every region; if not given, they are shared out in proportion to authorities",
        "people",
        default=None,
    )
    may_lead_share: Probability = quantity("share of people who may lead a visit", "share")
    programme_share: Probability = quantity("share of working time for this programme", "share")
    turnover_a_year: Rate = quantity("rate of leaving", "a year")
    most_offers_a_quarter: Annotated[int, Field(ge=1)] | None = quantity(
        "most job offers in one quarter, for replacements and extra posts together, in the order in which posts fall "
        "vacant; if not given, every vacancy is offered",
        "offers a quarter",
        default=None,
    )

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.by_region is not None and sum(self.by_region.values()) != self.people:
            raise ValueError(f"by_region adds up to {sum(self.by_region.values())}, but people is {self.people}")
        return self


class WorkforceRules(Section):
    """Describes the workforce and what takes its time."""

    regions: tuple[str, ...] = quantity("regions in which inspectors are based")
    leave_days: YearDays = quantity("leave and privilege days", "working days a year")
    leave_in_closed_weeks: Probability = quantity("share of leave taken in weeks without fieldwork", "share")
    sick_days: Days = quantity("days of sickness", "working days a year")
    sick_spell_days: Spell = quantity("mean length of a spell of sickness", "working days")
    sick_by_month: Annotated[tuple[Rate, ...], AfterValidator(_by_month)] | None = quantity(
        "factors on sickness in each month, from January to December. Their mean is 1, so that a year has the days of "
        "sick_days. If not given, sickness is the same all year",
        "times the mean month",
        default=None,
    )
    training_days: YearDays = quantity(
        "days of training, in weeks without fieldwork as far as possible", "working days a year"
    )
    carry_over_days: FewDays = quantity(
        "most days by which a full-timer may exceed or fall short of a term's share of time; the next term makes up "
        "for them",
        "working days",
        default=0,
    )
    part_time_share: Probability = quantity("share of people who work part-time", "share")
    part_time_hours: Annotated[float, Field(gt=0, le=1)] = quantity("hours of a part-timer", "share of full time")
    hiring_months: Months = quantity("time from a leaver's notice to the offer to a successor", "months")
    notice_months: Months = quantity("notice period, of the leaver and of the successor", "months")
    induction_months: Months = quantity("induction: time from joining to full use", "months")
    induction_productivity: Probability = quantity("work done during induction", "share of full use")
    roles: dict[Role, RoleRules] = quantity("people by role")
    in_post: Annotated[tuple[Person, ...], Field(min_length=1)] | None = quantity(
        "people in post, one by one; if not given, the model draws everybody", default=None
    )

    @field_validator("in_post")
    @classmethod
    def _in_order(cls, rows: tuple[Person, ...] | None) -> tuple[Person, ...] | None:
        return None if rows is None else in_order(rows)

    def people_in_post(self, role: Role) -> list[Person]:
        """Return a role's people in the table, at most its head-count: those who joined first, in every region."""
        return first_of(of_role(self.in_post or (), role), self.roles[role].people)
