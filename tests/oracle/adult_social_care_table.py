"""Draw the table of adult social care: ``python -m tests.oracle.adult_social_care_table`` writes it.

Fifteen rows bear the name and the published grade of a real authority. The others are made up, so that the counts are
those that were published. The folder of the inspectorate has the same in words (``SOURCES.md``).
"""

from __future__ import annotations

import csv
import datetime
import io
import random
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

from tests.oracle.homes_table import divided

Kind = TypeVar("Kind")
SEED = 20260331
REGIONS = {
    "East Midlands": 10, "East of England": 11, "London": 33, "North East": 12, "North West": 24, "South East": 19,
    "South West": 15, "West Midlands": 14, "Yorkshire and The Humber": 15,
}  # fmt: skip
"""Local authorities of England with adult social care, 153 since April 2023, by region."""
GRADES = {"outstanding": 3, "good": 58, "requires_improvement": 25, "inadequate": 2}
"""The first 88 published grades: minutes of Telford and Wrekin Council."""
WEEKDAYS = 5
NOTE = "made up: drawn from published counts, no real authority"
COLUMNS = ("authority", "region", "judgement", "framework", "last_inspection", "inspected_on", "note")


class Stretch(NamedTuple):
    """Days over which visits are spread evenly."""

    first: datetime.date
    last: datetime.date


def _stretch(first: str, last: str) -> Stretch:
    return Stretch(datetime.date.fromisoformat(first), datetime.date.fromisoformat(last))


VISITS = {
    _stretch("2024-02-01", "2024-03-31"): 3,
    _stretch("2024-04-01", "2024-11-15"): 23,
    _stretch("2024-11-16", "2025-06-13"): 59,
    _stretch("2025-06-14", "2025-11-28"): 56,
    _stretch("2025-12-01", "2025-12-19"): 12,
}
"""Site visits of the baseline. The first, and the sums up to the last two, are published; 26 and 85 visits by November
2024 and June 2025 follow from the reports published by February and December 2025."""


class Published(NamedTuple):
    """An authority whose grade a source gives, and the days in which it was visited."""

    region: str
    judgement: str
    visited: Stretch
    source: str


FIRST, ANY = _stretch("2024-02-01", "2024-03-31"), _stretch("2024-04-01", "2025-06-13")
NAMED = {
    "Hertfordshire": Published("East of England", "good", FIRST, "CQC, 20 May 2024"),
    "Hounslow": Published("London", "good", FIRST, "CQC, 20 May 2024"),
    "West Berkshire": Published("South East", "good", FIRST, "CQC, 20 May 2024"),
    "Brent": Published(
        "London", "requires_improvement", _stretch("2024-04-01", "2024-06-30"), "minutes; report of August 2024"
    ),
    "Bath and North East Somerset": Published(
        "South West", "requires_improvement", _stretch("2024-04-01", "2024-09-30"),
        "minutes; assessed April to September 2024, report of 30 January 2025",
    ),
    "Camden": Published(
        "London", "outstanding", _stretch("2024-11-01", "2024-11-30"),
        "council; visited in November 2024, report of 28 February 2025",
    ),
    "Telford and Wrekin": Published(
        "West Midlands", "good", _stretch("2024-11-01", "2024-11-30"),
        "minutes; visited in November 2024, report of February 2025",
    ),
    "Essex": Published(
        "East of England", "good", _stretch("2024-12-01", "2024-12-20"), "council; visited in December 2024"
    ),
    "Leicester": Published(
        "East Midlands", "requires_improvement", _stretch("2024-11-16", "2025-05-31"),
        "minutes; report of July 2025",
    ),
    "Kensington and Chelsea": Published(
        "London", "outstanding", _stretch("2024-11-16", "2025-05-31"), "council, 25 July 2025"
    ),
    "Barking and Dagenham": Published(
        "London", "outstanding", _stretch("2025-01-01", "2025-06-13"), "council, 2025"
    ),
    "Plymouth": Published(
        "South West", "good", _stretch("2025-06-01", "2025-06-30"),
        "minutes; visited in June 2025, report of December 2025",
    ),
    "Surrey": Published("South East", "good", ANY, "BBC"),
    "Derbyshire": Published("East Midlands", "good", ANY, "score of 67% in minutes of Leicester City Council"),
    "Durham": Published("North East", "good", ANY, "minutes"),
}  # fmt: skip
"""Grades that our sources give by authority."""


def drawn() -> str:
    """Text of the table."""
    luck = random.Random(SEED)
    visited = {name: _weekday(luck, each.visited) for name, each in NAMED.items()}
    rows = [
        [
            name,
            each.region,
            each.judgement,
            visited[name].isoformat(),
            f"grade published: {each.source}; the day is drawn",
        ]
        for name, each in NAMED.items()
    ]
    judged = _rest(divided(sum(REGIONS.values()), GRADES), [each.judgement for each in NAMED.values()])
    stretches = _rest(VISITS, [_stretch_of(day) for day in visited.values()])
    regions = _rest(REGIONS, [each.region for each in NAMED.values()])
    luck.shuffle(judged)
    luck.shuffle(stretches)
    number = dict.fromkeys(REGIONS, 0)
    for region, grade, stretch in zip(regions, judged, stretches, strict=True):
        number[region] += 1
        rows.append([f"{region} {number[region]:02d}", region, grade, _weekday(luck, stretch).isoformat(), NOTE])
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for name, region, grade, day, note in sorted(rows, key=lambda row: (row[1], row[0])):
        table.writerow([name, region, grade, "CQC baseline", "assessment", day, note])
    return text.getvalue()


def _rest(counts: Mapping[Kind, int], taken: list[Kind]) -> list[Kind]:
    """Each kind as often as it is counted, less what is taken."""
    return [kind for kind, count in counts.items() for _ in range(count - taken.count(kind))]


def _stretch_of(day: datetime.date) -> Stretch:
    return next(each for each in VISITS if each.first <= day <= each.last)


def _weekday(luck: random.Random, stretch: Stretch) -> datetime.date:
    """A weekday of a stretch, each as likely as another."""
    while True:
        day = stretch.first + datetime.timedelta(days=luck.randrange((stretch.last - stretch.first).days + 1))
        if day.weekday() < WEEKDAYS:
            return day


if __name__ == "__main__":
    folder = Path(__file__).parents[2] / "sim" / "inspectorates" / "adult_social_care" / "data"
    (folder / "adult_social_care_2026-03-31.csv").write_text(drawn(), encoding="utf-8")
