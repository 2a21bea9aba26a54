"""Draw the life of an authority: its true quality, its published judgement and every contact, over time."""

from __future__ import annotations

import datetime
import textwrap
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.base.faults import Fault, nearest, refuse_any
from sim.base.figures import count, day_in_words
from sim.charts.drawing import BLUE, GREY, ORANGE, as_written, canvas, described, own_style, told
from sim.charts.kinds import looks
from sim.inputs.grades import SHIPPED, Grades, Judgement

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


WIDTH, HEIGHT = 13.0, 5.2
LINE = 80
"""Longest line of the title, in letters."""


class Step(NamedTuple):
    """Hold a grade and the day from which it applies."""

    since: datetime.date
    grade: Judgement


@own_style()
def life(
    quality: pd.DataFrame,
    judgements: pd.DataFrame,
    visits: pd.DataFrame,
    authority: str,
    first: datetime.date,
    last: datetime.date,
    replication: int = 0,
    grades: Grades = SHIPPED,
) -> Axes:
    """Draw the quality, judgement and contacts of one authority in one run.

    Parameters
    ----------
    quality, judgements, visits : pandas.DataFrame
        Tables as in ``quality.parquet``, ``judgements.parquet`` and ``visits.parquet``.
    authority : str
        Name of the authority.
    first, last : datetime.date
        First and last day shown.
    replication : int, optional
        Number of the run.
    grades : Grades, optional
        Grades of the scenario: ``scenario.grades``.

    Returns
    -------
    matplotlib Axes
        The chart; :func:`sim.charts.alternative` returns its text alternative.

    Raises
    ------
    InputError
        If there is no such authority or run.
    """
    _refuse(quality, authority, first, last, replication)
    moves, said, asked = (
        table[(table["authority"] == authority) & (table["replication"] == replication)]
        for table in (quality, judgements, visits)
    )
    true = _steps(moves["since"], moves["quality"], first, last)
    judged = _steps(said["published"], said["judgement"], first, last)
    held = asked[asked["fieldwork_start"].dt.date.between(first, last)].sort_values("fieldwork_start")
    axes = canvas(WIDTH, HEIGHT).subplots()
    _lines(axes, true, judged, last, grades)
    _contacts(axes, held, len(grades))
    _finish(axes, first, last, grades)
    below = _days_below(true, judged, first, last, grades)
    title = (
        f"{authority} is below its published judgement on {count(below)} of {(last - first).days + 1:,} days, and has "
        f"{len(held)} contact{'s' * (len(held) != 1)}"
    )
    shown = title.replace(authority, as_written(authority))
    axes.set_title(textwrap.fill(shown, LINE), loc="left", fontweight="bold", fontsize=13, color=GREY)
    what = "A line for true quality, a dashed line for the published judgement, and below them a mark for each contact."
    look_of = looks(held["kind"])
    called = {grade: words.lower() for grade, words in grades.name_of.items()}
    lines = [
        *(f"true quality from {day_in_words(step.since)}: {called[step.grade]}" for step in true),
        *(f"published judgement from {day_in_words(step.since)}: {called[step.grade]}" for step in judged),
        *(
            f"{look_of[kind][3]}, {day_in_words(day)}"
            for kind, day in zip(held["kind"], held["fieldwork_start"], strict=True)
        ),
    ]
    return described(axes, told(title, what, lines))


def _refuse(quality: pd.DataFrame, authority: str, first: datetime.date, last: datetime.date, replication: int) -> None:
    faults = []
    known = sorted(set(quality["authority"]))
    if authority not in known:
        faults.append(Fault("life", "authority", authority, nearest(authority, known)))
    runs = set(quality["replication"])
    if replication not in runs:
        faults.append(Fault("life", "replication", replication, f"give one of the {len(runs)} runs, counted from 0"))
    if last <= first:
        faults.append(Fault("life", "last", str(last), f"give a day after {first}"))
    refuse_any(faults)


def _steps(
    since: pd.Series[pd.Timestamp], grade: pd.Series[str], first: datetime.date, last: datetime.date
) -> list[Step]:
    """Return the steps within some days in order; the first is the grade that applies on the first day."""
    steps = [Step(day.date(), name) for day, name in sorted(zip(since, grade, strict=True))]
    before = [step for step in steps if step.since <= first]
    return [*(Step(first, step.grade) for step in before[-1:]), *(step for step in steps if first < step.since <= last)]


def _lines(axes: Axes, quality: Sequence[Step], judged: Sequence[Step], last: datetime.date, grades: Grades) -> None:
    """Draw both lines, and shade the periods in which quality is below the judgement."""
    for steps, colour, line, width, words in (
        (quality, BLUE, "-", 3.0, "true quality"),
        (judged, ORANGE, "--", 2.2, "published judgement"),
    ):
        days = [np.datetime64(step.since) for step in steps] + [np.datetime64(last)]
        heights = [grades.place[step.grade] for step in (*steps, *steps[-1:])]
        if steps:
            axes.step(days, heights, where="post", color=colour, linestyle=line, linewidth=width, label=words)
    if quality and judged:
        turns = sorted({step.since for step in (*quality, *judged)} | {last})
        words = "below the judgement"
        for begins, ends in pairwise(turns):
            low, high = (grades.place[_on(steps, begins)] for steps in (quality, judged))
            if low > high:
                stretch = [np.datetime64(begins), np.datetime64(ends)]
                axes.fill_between(
                    stretch, low, high, color=ORANGE, alpha=0.25, hatch="//", edgecolor="white", linewidth=0,
                    label=words,
                )  # fmt: skip
                words = ""  # so that the legend shows it once


def _on(steps: Sequence[Step], day: datetime.date) -> Judgement:
    """Return the grade on a day; before the first step, the grade of that step."""
    return next((step.grade for step in reversed(steps) if step.since <= day), steps[0].grade)


def _days_below(
    quality: Sequence[Step], judged: Sequence[Step], first: datetime.date, last: datetime.date, grades: Grades
) -> int:
    """Return the number of days on which quality is below the judgement."""
    if not quality or not judged:
        return 0
    days = [first + datetime.timedelta(days=number) for number in range((last - first).days + 1)]
    both_known = [day for day in days if day >= max(quality[0].since, judged[0].since)]
    return sum(grades.place[_on(quality, day)] > grades.place[_on(judged, day)] for day in both_known)


def _contacts(axes: Axes, held: pd.DataFrame, beneath: int) -> None:
    """Draw the contacts below the grades."""
    for kind, (colour, _, mark, words) in looks(held["kind"]).items():
        days = held.loc[held["kind"] == kind, "fieldwork_start"].to_numpy()
        axes.plot(days, np.full(len(days), beneath), mark, color=colour, markersize=9, label=words)


def _finish(axes: Axes, first: datetime.date, last: datetime.date, grades: Grades) -> None:
    from matplotlib.dates import YearLocator

    axes.set_yticks(range(len(grades) + 1), [*grades.called, "Contacts"])
    axes.set_ylim(len(grades) + 0.5, -0.4)
    axes.set_xlim(np.datetime64(first), np.datetime64(last))  # type: ignore[arg-type]  # Matplotlib reads such dates
    axes.xaxis.set_major_locator(YearLocator())  # type: ignore[no-untyped-call]  # published without types
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.3)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, -0.06), ncols=5)
