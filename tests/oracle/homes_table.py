"""Draw the table of children's homes from published counts: ``python -m tests.oracle.homes_table`` writes it.

No row is a real home. What is published stands below with its source, and what no source gives is marked as assumed;
the folder of the homes has the same in words (``SOURCES.md``).
"""

from __future__ import annotations

import csv
import datetime
import io
import random
from collections.abc import Mapping
from pathlib import Path

SEED = 20250331
HOMES = 4010
"""On 31 March 2025: Ofsted, regulatory activity in children's homes, 2024-25, updated 11 July 2025."""
REGIONS = {
    "North West": 26, "East Midlands": 12, "South East": 10, "London": 8,  # published
    "North East, Yorkshire and Humber": 15, "West Midlands": 15, "East of England": 7, "South West": 7,  # assumed
}  # fmt: skip
"""Percentage of homes; the four published ones are of Ofsted's figures for 2024-25, in secondary sources."""
GRADES = {"outstanding": 11, "good": 71, "requires_improvement": 15, "inadequate": 3}
"""Percentage of homes; 82 for good or outstanding is published (2024-25), how it and the rest divide is assumed."""
NOT_MAINSTREAM = 63
"""Secure homes, and residential special schools that are homes: 4,009 of all types less 3,946 mainstream ones."""
LAST_DAY = datetime.date(2025, 3, 31)
DAYS_BACK = {"inadequate": 120}
"""Calendar days over which the last inspections are spread evenly; a year where nothing else is said."""
DAYS_A_YEAR = 365
WEEKDAYS = 5
NOTE = "made up: drawn from published counts of homes, no real home"
COLUMNS = ("authority", "region", "size", "judgement", "framework", "last_inspection", "inspected_on", "note")


def divided(total: int, shares: Mapping[str, float]) -> dict[str, int]:
    """A whole number divided in proportion to shares, by largest remainder; of equal ones the first is given more."""
    exact = {name: total * share / sum(shares.values()) for name, share in shares.items()}
    found = {name: int(each) for name, each in exact.items()}
    for name in sorted(exact, key=lambda name: found[name] - exact[name])[: total - sum(found.values())]:
        found[name] += 1
    return found


def drawn() -> str:
    """Text of the table."""
    luck = random.Random(SEED)
    regions, grades = divided(HOMES, REGIONS), divided(HOMES, GRADES)
    left = [region for region, count in sorted(regions.items()) for _ in range(count)]
    judged = [grade for grade, count in grades.items() for _ in range(count)]
    luck.shuffle(judged)
    large = set(luck.sample(range(HOMES), NOT_MAINSTREAM))
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    number = dict.fromkeys(regions, 0)
    for place, (region, grade) in enumerate(zip(left, judged, strict=True)):
        number[region] += 1
        name = f"{region} home {number[region]:04d}"
        size = "large" if place in large else "medium"
        rows.writerow([name, region, size, grade, "SCCIF", "full", _inspected(luck, grade), NOTE])
    return text.getvalue()


def _inspected(luck: random.Random, grade: str) -> datetime.date:
    """A weekday before the day of the table, each of the stretch as likely as another."""
    while True:
        day = LAST_DAY - datetime.timedelta(days=luck.randrange(DAYS_BACK.get(grade, DAYS_A_YEAR)))
        if day.weekday() < WEEKDAYS:
            return day


if __name__ == "__main__":
    folder = Path(__file__).parents[2] / "sim" / "inspectorates" / "childrens_homes" / "data"
    (folder / "homes_2025-03-31.csv").write_text(drawn(), encoding="utf-8")
