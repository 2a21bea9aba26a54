"""Authorities and their starting position."""

from __future__ import annotations

import csv
import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from sim.base.calendar import holiday_years
from sim.base.package_data import authority_tables, by_name, inspectorates
from sim.inputs.four_judgements import Rule
from sim.inputs.framework import SIZES, Size
from sim.inputs.grades import SHIPPED, Grades, Judgement
from sim.inputs.section import Section, Whole, quantity
from sim.inputs.spellings import words

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

    @property
    def drawn_as(self) -> str:
        """Name by which the random numbers of the authority are found; see :func:`drawn_as`."""
        return drawn_as(self.authority)


@lru_cache(maxsize=8192)  # every replication asks anew
def drawn_as(name: str) -> str:
    """Name by which the random numbers of an authority are found: the same however its name is spelled.

    It is the words of the name alone; of an authority of a table or scenario that ships it is the name as it stands
    there.
    """
    return _as_shipped().get(words(name), words(name))


@cache
def _as_shipped() -> Mapping[str, str]:
    """Names of the authorities of all tables that ship and of those that scenarios create, by their words."""
    tables = [authority_tables(), *(each.tables for each in inspectorates().values())]
    texts = [text for each in tables for text in each.values()]
    names = [row["authority"] for text in texts for row in csv.DictReader(text.splitlines())]
    shocks = [shock for text in by_name("scenarios").values() for shock in tomllib.loads(text).get("shocks", ())]
    names += [new["authority"] for shock in shocks if "created" in shock for new in shock["created"]["value"]]
    return {words(name): name for name in names}


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
        return self.stand_in or words(authority) in self.unjudged

    @cached_property
    def unjudged(self) -> frozenset[str]:
        """Words of the names of ``without_judgement``."""
        return frozenset(map(words, self.without_judgement))


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
    rule : Rule or None
        Rule by which an overall judgement follows from four, where none is given.
    """

    regions: tuple[str, ...] | None = None
    start: datetime.date | None = None
    grades: Grades = SHIPPED
    sizes: tuple[Size, ...] = SIZES
    rule: Rule | None = None


ANYTHING = Expected()
