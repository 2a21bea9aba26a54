"""Authorities and their starting position."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from sim.csvfile import DATE_WORDS, as_date, read_text, rows
from sim.faults import NOT_SHOWN, Fault, InputError, nearest
from sim.framework import Size
from sim.judgement import JUDGEMENTS, Judgement
from sim.parts import Part, Whole, quantity
from sim.workdays import holiday_years

REQUIRED = ("authority", "region", "judgement", "inspected_on")
OPTIONAL = ("size", "framework", "last_inspection", "note")


EARLIEST = datetime.date(holiday_years()[0], 1, 1)
"""First day that the calendar knows."""


class Authority(Part):
    """One authority as the run finds it."""

    authority: str = quantity("name or code, unique")
    region: str = quantity("region of the inspectorate")
    judgement: Judgement = quantity("last published judgement of overall effectiveness")
    inspected_on: datetime.date = quantity("last day on site of the inspection that gave it")
    size: Size = quantity("small, medium or large; medium if the table does not say", default="medium")
    framework: str = quantity("framework of the last inspection", default="")
    last_inspection: str = quantity("kind of the last inspection", default="")
    note: str = quantity("what a reader of the row should know", default="")


class PositionRules(Part):
    """What the table of authorities does not say of the starting position."""

    published_after_days: Whole = quantity(
        "from the end of fieldwork to publication of the last judgement", "working days"
    )
    stand_in: bool = quantity(
        "whether judgements and dates of the table only stand in for some that nobody has: they count as no published "
        "judgement, and true quality is that of ratings.mix, until the day to which it belongs",
        default=False,
    )


@dataclass(frozen=True)
class Expected:
    """What a scenario expects of its table of authorities.

    Attributes
    ----------
    regions : tuple of str or None
        Regions in which inspectors are based; not checked if None.
    start : datetime.date or None
        Day after which no authority can have been inspected; not checked if None.
    """

    regions: tuple[str, ...] | None = None
    start: datetime.date | None = None


ANYTHING = Expected()


def read_table(path: Path, expected: Expected = ANYTHING) -> tuple[Authority, ...]:
    """Authorities of a CSV file.

    Parameters
    ----------
    path : pathlib.Path
        A table with the columns authority, region, judgement, inspected_on, and if wanted size, framework,
        last_inspection, note. Dates are written ``2018-01-31``.
    expected : Expected, optional
        What the scenario expects of it.

    Raises
    ------
    InputError
        With every fault of the table, by line and column.
    """
    return parse_table(read_text(path), str(path), expected)


def parse_table(text: str, where: str, expected: Expected = ANYTHING) -> tuple[Authority, ...]:
    """Authorities of a CSV text; ``where`` names it in a fault. See :func:`read_table`."""
    faults: list[Fault] = []
    authorities: list[Authority] = []
    first_line: dict[str, int] = {}
    for place, line, cells in rows(text, where, REQUIRED, OPTIONAL, faults):
        row_faults = _row_faults(cells, place, first_line, expected)
        faults += row_faults
        if not row_faults and all(cells[column] for column in REQUIRED):
            authorities.append(_authority(cells))
        first_line.setdefault(cells["authority"], line)
    if not faults and not authorities:
        faults.append(Fault(where, "(the table)", NOT_SHOWN, "the table is empty; give at least one authority"))
    if faults:
        raise InputError(faults)
    return tuple(authorities)


def _row_faults(cells: Mapping[str, str], place: str, first_line: Mapping[str, int], expected: Expected) -> list[Fault]:
    faults = []
    name, judgement, size = cells.get("authority", ""), cells.get("judgement"), cells.get("size")
    if name in first_line:
        faults.append(
            Fault(
                place,
                "authority",
                name,
                f"an authority may appear once; it is on line {first_line[name]} already",
            )
        )
    if judgement and judgement not in JUDGEMENTS:
        faults.append(Fault(place, "judgement", judgement, nearest(judgement, JUDGEMENTS)))
    if size and size not in get_args(Size):
        faults.append(Fault(place, "size", size, nearest(size, get_args(Size))))
    region = cells.get("region")
    if region and expected.regions is not None and region not in expected.regions:
        faults.append(Fault(place, "region", region, f"nobody works there; {nearest(region, expected.regions)}"))
    return faults + _date_faults(cells.get("inspected_on"), place, expected)


def _date_faults(inspected_on: str | None, place: str, expected: Expected) -> list[Fault]:
    if not inspected_on:
        return []
    day = as_date(inspected_on)
    if day is None:
        words = DATE_WORDS
    elif expected.start is not None and day > expected.start:
        words = f"it is after the start, {expected.start}"
    elif day < EARLIEST:
        words = f"it is before {EARLIEST}, from which bank holidays are known"
    else:
        return []
    return [Fault(place, "inspected_on", inspected_on, words)]


def _authority(cells: Mapping[str, str]) -> Authority:
    values: dict[str, object] = {key: value for key, value in cells.items() if value}
    values["inspected_on"] = datetime.date.fromisoformat(cells["inspected_on"])
    return Authority.model_validate(values)
