"""Computes the figures that describe a programme of inspections, alike for history and for a forecast.

Each figure is defined once, over plain rows of completed inspections. So the counts from reports and the results of a
run are computed in the same way.
"""

from __future__ import annotations

import datetime
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from sim.base.calendar import APRIL, DAYS_A_WEEK, DAYS_A_YEAR, MONTHS_A_YEAR, Calendar, bank_holidays, financial_year
from sim.inputs.framework import INSPECTIONS, Kind
from sim.inputs.grades import JUDGEMENTS, Judgement
from sim.inputs.history import History, Inspection
from sim.inputs.scenario import Scenario
from sim.inputs.shocks import reorganisations
from sim.record.rows import Record
from sim.runs.measures import OLD_JUDGEMENT_YEARS

Date = datetime.date
ALL = "all"
"""Stands for every kind or judgement."""
FULL: tuple[Kind, ...] = ("single_inspection", "standard", "short")
"""Kinds of full inspection."""
FEWEST = 5
"""Fewest inspections whose median is a figure; a median of fewer is mostly chance."""


class Done(NamedTuple):
    """Describe one full inspection that was done, or one before the start whose judgement is known.

    Attributes
    ----------
    authority, region : str
        Authority and region.
    kind : str or None
        Short, standard or single inspection; None if not known.
    began : datetime.date or None
        First day on site. None if not known, for inspections before the start.
    ended : datetime.date
        Last day on site.
    published : datetime.date or None
        Day of publication; None before publication.
    judgement : str or None
        Judgement; None before publication.
    """

    authority: str
    region: str
    kind: Kind | None
    began: Date | None
    ended: Date
    published: Date | None
    judgement: Judgement | None


class Figure(NamedTuple):
    """Name a figure.

    Attributes
    ----------
    measure : str
        One of ``MEASURES``.
    of : str
        Kind, judgement or region that it covers; ``all`` if it covers every one.
    period : str
        Financial year, the day on which a year ends, or both ends of the days compared.
    """

    measure: str
    of: str
    period: str


MEASURES = {
    "inspections_started": (
        "inspections",
        "full inspections whose fieldwork began in the year, by kind and in total",
    ),
    "authorities_judged": ("authorities", "authorities with a published judgement on the last day of the year"),
    "judgement_mix": ("share", "of these authorities, the share with each of the four judgements"),
    "judgements_older_than_3_5_years": (
        "share",
        "of these authorities, the share whose judgement comes from an inspection ended more than 3.5 years before",
    ),
    "months_between_inspections": (
        "months",
        "from the end of an inspection to the start of the next: the median of inspections begun in the year, if there "
        f"are {FEWEST} or more, and the median for each earlier judgement over all years",
    ),
    "working_days_to_publication": (
        "working days",
        "from the end of fieldwork to publication: the median, by kind, of inspections begun in the year and "
        f"published by the last day, if there are {FEWEST} or more",
    ),
    "most_on_site": ("inspections", "most full inspections on site in one week of the year"),
    "regional_share": ("share", "of the full inspections begun, the share in each region"),
}
"""Unit and definition of each measure."""


@dataclass(frozen=True)
class Span:
    """Describe the days to compare.

    Attributes
    ----------
    first, last : datetime.date
        First and last day.
    """

    first: Date
    last: Date

    @property
    def years(self) -> list[str]:
        """Return the financial years that it covers, in whole or in part, such as ``2018-19``."""
        return [financial_year(day) for day in self.year_ends]

    @property
    def year_ends(self) -> list[Date]:
        """Return the last day of each of these years within the span: 31 March, or the last day of the span."""
        ends = [
            Date(year, APRIL, 1) - datetime.timedelta(days=1) for year in range(self.first.year, self.last.year + 2)
        ]
        inside = [day for day in ends if self.first <= day < self.last]
        return [*inside, self.last]

    def holds(self, day: Date | None) -> bool:
        """Return whether a day lies in the span."""
        return day is not None and self.first <= day <= self.last


def of_position(scenario: Scenario, calendar: Calendar) -> list[Done]:
    """Return the inspections behind the starting position, except rows that stand in for unknown ones."""
    published_after = scenario.position.published_after_days
    found = []
    for row in scenario.authorities:
        if scenario.position.stands_in(row.authority):
            continue
        published = calendar.date(calendar.workdays_after(calendar.day(row.inspected_on), published_after))
        found.append(Done(row.authority, row.region, None, None, row.inspected_on, published, row.judgement))
    return found


def of_record(record: Record, calendar: Calendar) -> list[Done]:
    """Return the full inspections that a run has completed or begun."""
    return [
        Done(
            row.authority,
            row.region,
            row.kind,
            calendar.date(row.fieldwork_start),
            calendar.date(row.fieldwork_end),
            None if row.published is None else calendar.date(row.published),
            row.judgement_after,
        )
        for row in record.visits
        if row.kind in INSPECTIONS and row.fieldwork_start is not None and row.fieldwork_end is not None
    ]


def of_history(history: History, span: Span) -> list[Done]:
    """Return the inspections of a history that began in a span, or were under way when it began."""
    return [
        Done(one.authority, one.region, one.counted_as, one.began, one.inspected_on, one.published, one.judgement)
        for one in history.inspections
        if one.kind is not None and (span.holds(one.began) or _under_way(one, span))
    ]


def _under_way(one: Inspection, span: Span) -> bool:
    """Return whether an inspection had begun before a span, and was published in it."""
    return one.began is not None and one.began < span.first <= one.published <= span.last


def abolished(scenario: Scenario) -> dict[str, Date]:
    """Return the first day on which each authority that a reorganisation abolishes no longer exists."""
    return {name: shock.begins_on for _, shock in reorganisations(scenario.shocks) for name in shock.abolished}


NOBODY_GONE: Mapping[str, Date] = MappingProxyType({})


def figures(
    done: Iterable[Done], span: Span, regions: Sequence[str], gone: Mapping[str, Date] = NOBODY_GONE
) -> dict[Figure, float]:
    """Compute every figure of a programme.

    Parameters
    ----------
    done : iterable of Done
        Inspections in any order, including earlier ones whose judgements are known.
    span : Span
        Days to compare.
    regions : sequence of str
        Regions.
    gone : mapping of str to datetime.date, optional
        First day on which an authority no longer exists. From then on it has no judgement.

    Returns
    -------
    dict of Figure to float
        The figures, without those that lack a basis: a median of too few inspections, or a share of none.
    """
    rows = sorted(done, key=lambda row: (row.ended, row.authority))
    begun = [row for row in rows if span.holds(row.began)]
    found = dict(_started(begun, span))
    found |= dict(_stock(rows, span, gone))
    found |= dict(_intervals(rows, span))
    found |= dict(_publication(begun, span))
    found |= dict(_on_site(begun, span))
    found |= dict(_regional(begun, span, regions))
    return found


def _year(row: Done) -> str:
    assert row.began is not None
    return financial_year(row.began)


def _started(begun: Sequence[Done], span: Span) -> Iterator[tuple[Figure, float]]:
    count = Counter((row.kind, _year(row)) for row in begun)
    of_year = Counter(_year(row) for row in begun)
    for year in span.years:
        yield Figure("inspections_started", ALL, year), float(of_year[year])
        for kind in FULL:
            yield Figure("inspections_started", kind, year), float(count[kind, year])


def _stock(rows: Sequence[Done], span: Span, gone: Mapping[str, Date]) -> Iterator[tuple[Figure, float]]:
    """Yield the figures of the judgements in force on the last day of each year."""
    published = sorted(
        (row.published, row.ended, row.authority, row.judgement)
        for row in rows
        if row.published is not None and row.judgement is not None
    )
    days = [row[0] for row in published]
    for day in span.year_ends:
        known = {row[2]: row for row in published[: bisect_right(days, day)] if gone.get(row[2], Date.max) > day}
        yield Figure("authorities_judged", ALL, str(day)), float(len(known))
        if not known:
            continue
        count = Counter(row[3] for row in known.values())
        for judgement in JUDGEMENTS:
            yield Figure("judgement_mix", judgement, str(day)), count[judgement] / len(known)
        limit = day - datetime.timedelta(days=OLD_JUDGEMENT_YEARS * DAYS_A_YEAR)
        old = sum(row[1] < limit for row in known.values())
        yield Figure("judgements_older_than_3_5_years", ALL, str(day)), old / len(known)


def _intervals(rows: Sequence[Done], span: Span) -> Iterator[tuple[Figure, float]]:
    last: dict[str, Done] = {}
    by_year: dict[str, list[float]] = {}
    by_judgement: dict[str, list[float]] = {}
    for row in rows:
        before = last.get(row.authority)
        if before is not None and before.judgement is not None and row.began is not None and span.holds(row.began):
            months = (row.began - before.ended).days / DAYS_A_YEAR * MONTHS_A_YEAR
            by_year.setdefault(_year(row), []).append(months)
            by_judgement.setdefault(before.judgement, []).append(months)
        last[row.authority] = row
    for year in span.years:
        if len(by_year.get(year, ())) >= FEWEST:
            yield Figure("months_between_inspections", ALL, year), median(by_year[year])
    for judgement in JUDGEMENTS:
        if len(by_judgement.get(judgement, ())) >= FEWEST:
            figure = Figure("months_between_inspections", judgement, _whole(span))
            yield figure, median(by_judgement[judgement])


def _publication(begun: Sequence[Done], span: Span) -> Iterator[tuple[Figure, float]]:
    holidays = sorted(bank_holidays())
    lags: dict[tuple[str, str | None], list[float]] = {}
    for row in begun:
        if row.published is not None and span.holds(row.published):
            lag = float(np.busday_count(row.ended, row.published, holidays=holidays))
            lags.setdefault((_year(row), row.kind), []).append(lag)
    for year in span.years:
        for kind in FULL:
            if len(lags.get((year, kind), ())) >= FEWEST:
                yield Figure("working_days_to_publication", kind, year), median(lags[year, kind])


def _on_site(begun: Sequence[Done], span: Span) -> Iterator[tuple[Figure, float]]:
    weeks: Counter[Date] = Counter()
    for row in begun:
        assert row.began is not None
        monday = row.began - datetime.timedelta(days=row.began.weekday())
        for week in range((row.ended - monday).days // DAYS_A_WEEK + 1):
            weeks[monday + datetime.timedelta(days=DAYS_A_WEEK * week)] += 1
    for year in span.years:
        most = max((count for monday, count in weeks.items() if financial_year(monday) == year), default=0)
        yield Figure("most_on_site", ALL, year), float(most)


def _regional(begun: Sequence[Done], span: Span, regions: Sequence[str]) -> Iterator[tuple[Figure, float]]:
    count = Counter(row.region for row in begun)
    for region in regions if begun else ():
        yield Figure("regional_share", region, _whole(span)), count[region] / len(begun)


def _whole(span: Span) -> str:
    return f"{span.first} to {span.last}"
