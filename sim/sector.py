"""Authorities and their starting position."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from sim.faults import NOT_SHOWN, Fault, InputError, nearest
from sim.framework import JUDGEMENTS, Judgement, Size
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
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError([Fault(str(path), "(the file)", NOT_SHOWN, f"it cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise InputError([Fault(str(path), "(the file)", NOT_SHOWN, "it must be text in UTF-8")]) from None
    return parse_table(text, str(path), expected)


def parse_table(text: str, where: str, expected: Expected = ANYTHING) -> tuple[Authority, ...]:
    """Authorities of a CSV text; ``where`` names it in a fault. See :func:`read_table`."""
    reader = csv.DictReader(io.StringIO(text), restkey="(beyond the last column)", strict=True)
    try:
        header = [name.strip() for name in reader.fieldnames or ()]
        reader.fieldnames = header
        faults = _header_faults(header, where)
        if faults:
            raise InputError(faults)
        authorities: list[Authority] = []
        first_line: dict[str, int] = {}
        for row in reader:
            place = f"{where}, line {reader.line_num}"
            cells = {key: (value or "").strip() for key, value in row.items() if isinstance(value, str | None)}
            if len(row) > len(header):
                faults.append(
                    Fault(
                        place,
                        "(the row)",
                        ",".join(header),
                        f"a row has {len(header)} cells, this one has more",
                    )
                )
                continue
            if not any(cells.values()):
                continue
            row_faults = _row_faults(cells, place, first_line, expected)
            faults += row_faults
            if not row_faults:
                authorities.append(_authority(cells))
            first_line.setdefault(cells["authority"], reader.line_num)
    except csv.Error as error:
        raise InputError(
            [Fault(f"{where}, line {reader.line_num}", "(the row)", NOT_SHOWN, f"it is not CSV: {error}")]
        ) from None
    if not faults and not authorities:
        faults.append(Fault(where, "(the table)", NOT_SHOWN, "the table is empty; give at least one authority"))
    if faults:
        raise InputError(faults)
    return tuple(authorities)


def _header_faults(header: list[str], where: str) -> list[Fault]:
    place = f"{where}, line 1"
    faults = [Fault(place, name, None, "this column is needed") for name in REQUIRED if name not in header]
    faults += [
        Fault(place, "(column)", name, nearest(name, REQUIRED + OPTIONAL))
        for name in header
        if name not in REQUIRED + OPTIONAL
    ]
    faults += [
        Fault(place, "(column)", name, "a column may appear once")
        for name in sorted(set(header))
        if header.count(name) > 1
    ]
    return faults


def _row_faults(cells: Mapping[str, str], place: str, first_line: Mapping[str, int], expected: Expected) -> list[Fault]:
    faults = [Fault(place, column, None, "this cell is needed") for column in REQUIRED if not cells.get(column)]
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
    try:
        day = datetime.date.fromisoformat(inspected_on)
    except ValueError:
        day = None
    if day is None or len(inspected_on) != len("2018-01-31"):
        words = "a date is written year-month-day, such as 2018-01-31"
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
