"""Defines when there is fieldwork, and what the work costs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from sim.base.calendar import MONTHS_A_YEAR
from sim.inputs.section import Amount, Section, quantity

LAST_ISO_WEEK = 53


class CalendarRules(Section):
    """Says when there is fieldwork."""

    closed_weeks: tuple[Annotated[int, Field(ge=1, le=LAST_ISO_WEEK)], ...] = quantity(
        "ISO weeks without fieldwork, in addition to those with a bank holiday", "weeks"
    )
    term_months: tuple[Annotated[int, Field(ge=1, le=MONTHS_A_YEAR)], ...] = quantity(
        "months in which a term begins; people balance their duties over a term", "months"
    )

    @field_validator("closed_weeks")
    @classmethod
    def _leaves_some_open(cls, weeks: tuple[int, ...]) -> tuple[int, ...]:
        if set(range(1, LAST_ISO_WEEK)) <= set(weeks):
            raise ValueError("leave at least one week of the year open")
        return weeks

    @field_validator("term_months")
    @classmethod
    def _begins_with_january(cls, months: tuple[int, ...]) -> tuple[int, ...]:
        if not months or months[0] != 1 or list(months) != sorted(set(months)):
            raise ValueError("give the months in ascending order, beginning with 1")
        return months


class Costs(Section):
    """Says what the work costs, in pounds of the year of their source."""

    inspector_day_pounds: Amount = quantity("cost of a day of work", "pounds")
    travel_day_pounds: Amount = quantity("travel and subsistence for a day on site", "pounds")
