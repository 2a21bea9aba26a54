"""Draw a diary of inspectors: who was where, day by day."""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.base.faults import Fault, nearest, refuse_any
from sim.base.figures import day_in_words
from sim.charts.drawing import GREY, as_written, canvas, described, own_style, told
from sim.charts.kinds import looks

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


WIDTH, ROW, ROOM = 13.0, 0.3, 1.7
"""Width of the chart, height of a person's line, and height of everything around the lines, in inches."""
BAR = 0.72
"""Height of a bar, in lines."""
LETTERS = 176
"""Letters of a name that fit into a bar as long as the chart."""
LEAD_EDGE = 1.6
"""Width of the edge of a lead's bar, in points."""
MOST = 60
"""Most people in a diary that can still be read."""
DAY = datetime.timedelta(days=1)


@own_style()
def diary(
    assignments: pd.DataFrame,
    visits: pd.DataFrame,
    people: Sequence[str],
    first: datetime.date,
    last: datetime.date,
    replication: int = 0,
) -> Axes:
    """Draw what some people did in one run: a line for each person, and a bar for each part in a visit.

    Parameters
    ----------
    assignments, visits : pandas.DataFrame
        Tables as in ``assignments.parquet`` and ``visits.parquet``.
    people : sequence of str
        Inspectors from top to bottom, named as in the tables.
    first, last : datetime.date
        First and last day shown.
    replication : int, optional
        Number of the run.

    Returns
    -------
    matplotlib Axes
        The chart; :func:`sim.charts.alternative` returns its text alternative. A bar covers preparation, days on
        site and writing up, and a black edge marks the lead. Leave and other duties are not shown, since no table has
        them.

    Raises
    ------
    InputError
        If there are no people, too many people or unknown people, or if the days are out of order.
    """
    parts = _parts(assignments, visits, replication)
    _refuse(parts, people, first, last)
    shown = parts[
        parts["inspector"].isin(list(people))
        & (parts["first_day"].dt.date <= last)
        & (parts["last_day"].dt.date >= first)
    ].sort_values(["first_day", "inspector"])
    rows = shown.to_dict("records")
    axes = canvas(WIDTH, ROOM + ROW * len(people)).subplots()
    look_of = looks(shown["kind"])
    for row in rows:
        _bar(axes, row, look_of[row["kind"]], list(people).index(row["inspector"]), first, last)
    _finish(axes, people, first, last)
    _legend(axes, look_of.values())
    visit_count = shown["visit"].nunique()
    there = shown["inspector"].nunique()
    many = f"{len(people)} inspectors" if there == len(people) else f"{there} of {len(people)} inspectors"
    title = f"{many} take part in {visit_count} visit{'s' * (visit_count != 1)}, {_days(first, last)}"
    axes.set_title(title, loc="left", fontweight="bold", fontsize=13, color=GREY)
    lines = [
        f"{name}: {'; '.join(_said(row, look_of) for row in rows if row['inspector'] == name) or 'no visit'}"
        for name in people
    ]
    what = "A line for each inspector, and a bar for each part in a visit, including preparation and writing up."
    return described(axes, told(title, what, lines))


Look = tuple[str, str, str, str]
"""Look of a kind of visit; see :data:`sim.charts.kinds.LOOKS`."""
Row = Mapping[Hashable, Any]
"""One part in a visit: a row of the assignments, with the kind and authority of the visit."""


def _bar(axes: Axes, row: Row, look: Look, line: int, first: datetime.date, last: datetime.date) -> None:
    """Draw the bar of one part in a visit within the days shown, with the authority's name if there is room."""
    begins = max(row["first_day"].date(), first)
    length = (min(row["last_day"].date(), last) - begins + DAY).days
    colour, hatch, _, _ = look
    axes.broken_barh(
        [(_number(begins), length)], (line - BAR / 2, BAR), facecolor=colour, hatch=hatch, alpha=0.85,
        edgecolor="black" if row["lead"] else "white", linewidth=LEAD_EDGE if row["lead"] else 0.6,
    )  # fmt: skip
    if len(row["authority"]) < LETTERS * length / (last - first + DAY).days:
        axes.annotate(
            as_written(row["authority"]), (_number(begins) + length / 2, line), ha="center", va="center", fontsize=7,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 0.8},
        )  # fmt: skip


def _finish(axes: Axes, people: Sequence[str], first: datetime.date, last: datetime.date) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    axes.set_yticks(range(len(people)), [as_written(name) for name in people], fontsize=8)
    axes.set_ylim(len(people) - 0.5, -0.5)
    axes.set_xlim(_number(first), _number(last) + 1)
    locator = AutoDateLocator()  # type: ignore[no-untyped-call]  # published without types
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]  # the same
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _legend(axes: Axes, shown: Iterable[Look]) -> None:
    """Draw the legend of the kinds shown and of the lead's edge."""
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=colour, hatch=hatch, edgecolor="white", label=words) for colour, hatch, _, words in shown
    ]
    handles.append(Patch(facecolor="white", edgecolor="black", linewidth=LEAD_EDGE, label="as lead"))
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, -0.06), ncols=4, frameon=False)


def _parts(assignments: pd.DataFrame, visits: pd.DataFrame, replication: int) -> pd.DataFrame:
    """Return the parts in visits of one run, with kind and authority."""
    parts = assignments[assignments["replication"] == replication]
    where = visits.loc[visits["replication"] == replication, ["visit", "kind", "authority"]]
    return parts.merge(where, on="visit")


def _refuse(parts: pd.DataFrame, people: Sequence[str], first: datetime.date, last: datetime.date) -> None:
    faults = []
    known = sorted(set(parts["inspector"]))
    strange = [name for name in people if name not in set(known)]
    if not 0 < len(people) <= MOST:
        faults.append(Fault("diary", "people", len(people), f"name from 1 to {MOST} inspectors"))
    if strange:
        words = f"nobody with that name takes part in a visit of this run; {nearest(strange[0], known)}"
        faults.append(Fault("diary", "people", strange[0], words))
    if last < first:
        faults.append(Fault("diary", "last", str(last), f"give a day from {first} on"))
    refuse_any(faults)


def _number(day: datetime.date) -> float:
    """Return a day as a number on the axis."""
    from matplotlib.dates import date2num

    return float(date2num(day))  # type: ignore[no-untyped-call]  # published without types


def _days(first: datetime.date, last: datetime.date) -> str:
    return f"{day_in_words(first)} to {day_in_words(last)}"


def _said(row: Row, look_of: Mapping[str, Look]) -> str:
    as_lead = " as lead" if row["lead"] else ""
    days = _days(row["first_day"].date(), row["last_day"].date())
    return f"{look_of[row['kind']][3]} at {row['authority']}{as_lead}, {days}"
