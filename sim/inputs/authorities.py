"""Represents authorities and their starting position."""

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
"""First day in the calendar."""


class Authority(Section):
    """Represents one authority as it is at the start of the run."""

    authority: str = quantity("unique name or code")
    region: str = quantity("region of the inspectorate")
    judgement: Judgement = quantity("last published judgement of overall effectiveness")
    inspected_on: datetime.date = quantity("last day on site of the inspection that gave this judgement")
    size: Size = quantity(
        "size, one of those for which teams have people; if empty, medium, or the only size there is",
        default="medium",
    )
    framework: str = quantity("framework of the last inspection", default="")
    last_inspection: str = quantity("kind of the last inspection", default="")
    note: str = quantity("note for readers of the row", default="")

    @property
    def drawn_as(self) -> str:
        """Return the name that identifies the authority's random numbers; see :func:`drawn_as`."""
        return drawn_as(self.authority)


@lru_cache(maxsize=8192)  # every replication asks again
def drawn_as(name: str) -> str:
    """Return the name that identifies an authority's random numbers, the same however the name is spelled.

    It consists of the words of the name. For authorities in built-in tables or scenarios, it is the name as written
    there.
    """
    return _as_shipped().get(words(name), words(name))


@cache
def _as_shipped() -> Mapping[str, str]:
    """Return the names of authorities in built-in tables, and of those that built-in scenarios create, by their
    words.
    """
    tables = [authority_tables(), *(each.tables for each in inspectorates().values())]
    texts = [text for each in tables for text in each.values()]
    names = [row["authority"] for text in texts for row in csv.DictReader(text.splitlines())]
    shocks = [shock for text in by_name("scenarios").values() for shock in tomllib.loads(text).get("shocks", ())]
    names += [new["authority"] for shock in shocks if "created" in shock for new in shock["created"]["value"]]
    return {words(name): name for name in names}


class PositionRules(Section):
    """Describes what the table of authorities does not say about the starting position."""

    published_after_days: Whole = quantity(
        "time from the end of fieldwork to publication of the last judgement", "working days"
    )
    stand_in: bool = quantity(
        "whether judgements and dates in the table only fill gaps, because the real ones are not known. They do not "
        "count as published. True quality is drawn from ratings.mix and drifts from the day to which the mix belongs",
        default=False,
    )
    without_judgement: tuple[str, ...] = quantity(
        "authorities whose row only fills a gap, in the same way as stand_in for the whole table",
        default=(),
    )

    def stands_in(self, authority: str) -> bool:
        """Return whether an authority's row only fills in for an unknown judgement."""
        return self.stand_in or words(authority) in self.unjudged

    @cached_property
    def unjudged(self) -> frozenset[str]:
        """Return the words of the names in ``without_judgement``."""
        return frozenset(map(words, self.without_judgement))


@dataclass(frozen=True)
class ExpectedRows:
    """Holds what a scenario expects of its table of authorities.

    Attributes
    ----------
    regions : tuple of str or None
        Regions in which inspectors are based; not checked if None.
    start : datetime.date or None
        Latest day on which an authority can have been inspected; not checked if None.
    grades : Grades
        Grades that judgements may have.
    sizes : tuple of str
        Sizes for which there are teams.
    rule : Rule or None
        Rule that derives an overall judgement from four, if none is given.
    """

    regions: tuple[str, ...] | None = None
    start: datetime.date | None = None
    grades: Grades = SHIPPED
    sizes: tuple[Size, ...] = SIZES
    rule: Rule | None = None


ANYTHING = ExpectedRows()
