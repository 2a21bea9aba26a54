"""Authorities and their starting position."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from sim.base.calendar import holiday_years
from sim.inputs.framework import SIZES, Size
from sim.inputs.grades import SHIPPED, Grades, Judgement
from sim.inputs.section import Section, Whole, quantity

EARLIEST = datetime.date(holiday_years()[0], 1, 1)
"""First day that the calendar knows."""


class Authority(Section):
    """One authority as the run finds it."""

    authority: str = quantity("name or code, unique")
    region: str = quantity("region of the inspectorate")
    judgement: Judgement = quantity("last published judgement of overall effectiveness")
    inspected_on: datetime.date = quantity("last day on site of the inspection that gave it")
    size: Size = quantity(
        "one of those for which teams have people; if the table does not say, medium, or the only one there is",
        default="medium",
    )
    framework: str = quantity("framework of the last inspection", default="")
    last_inspection: str = quantity("kind of the last inspection", default="")
    note: str = quantity("what a reader of the row should know", default="")


class PositionRules(Section):
    """What the table of authorities does not say of the starting position."""

    published_after_days: Whole = quantity(
        "from the end of fieldwork to publication of the last judgement", "working days"
    )
    stand_in: bool = quantity(
        "whether judgements and dates of the table only stand in for some that nobody has: they count as no published "
        "judgement, and true quality is that of ratings.mix, until the day to which it belongs",
        default=False,
    )
    without_judgement: tuple[str, ...] = quantity(
        "authorities of the table whose row stands in for a judgement that nobody has, as stand_in says it of all",
        default=(),
    )

    def stands_in(self, authority: str) -> bool:
        """Whether the row of an authority only stands in for a judgement that nobody has."""
        return self.stand_in or authority in self.without_judgement


@dataclass(frozen=True)
class Expected:
    """What a scenario expects of its table of authorities.

    Attributes
    ----------
    regions : tuple of str or None
        Regions in which inspectors are based; not checked if None.
    start : datetime.date or None
        Day after which no authority can have been inspected; not checked if None.
    grades : Grades
        Grades of which a judgement is one.
    sizes : tuple of str
        Sizes for which there are teams.
    """

    regions: tuple[str, ...] | None = None
    start: datetime.date | None = None
    grades: Grades = SHIPPED
    sizes: tuple[Size, ...] = SIZES


ANYTHING = Expected()
