"""Charts: functions of the tidy summary that return Matplotlib axes, and the files of the result folder.

The message is the title; lines and bars are labelled where they are and differ by more than colour; the colours are
those of the UK government analysis function. Beside each picture stands a text that says the same.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sim.framework import JUDGEMENTS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, TEAL, PLUM, ORANGE, GREY, LILAC = "#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1"
STACK: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    ("Full inspections", ("short", "standard", "single_inspection"), BLUE, ""),
    ("Focused and joint visits", ("focused", "joint"), TEAL, "//"),
    ("Monitoring", ("monitoring",), PLUM, ".."),
    ("Meetings and desk work", ("engagement", "desk_work"), LILAC, "\\\\"),
)
"""Stacked parts of the workload: label, kinds, colour, hatch."""
GRADE_NAMES = {
    "outstanding": "Outstanding",
    "good": "Good",
    "requires_improvement": "Requires improvement to be good",
    "inadequate": "Inadequate",
}
Side = Literal["left", "center", "right"]
Height = Literal["bottom", "center", "top"]
WIDTH, HEIGHT, DPI = 10.0, 5.6, 120


def workload(summary: pd.DataFrame, years: Sequence[str]) -> tuple[Figure, str]:
    """Inspector-days worked by kind and year, against those available.

    Parameters
    ----------
    summary : pandas.DataFrame
        As in ``summary.csv``.
    years : sequence of str
        Financial years to show, whole ones.

    Returns
    -------
    tuple of matplotlib Figure and str
        The chart and its text alternative.
    """
    means, low, high = (_wide(summary, years, column) for column in ("mean", "p10", "p90"))
    figure, axes = _figure()
    beside = len(years) - 0.62
    bottom = means["inspector_days_worked"] * 0.0
    for label, kinds, colour, hatch in STACK:
        days = means[[f"inspector_days_{kind}" for kind in kinds]].sum(axis=1)
        axes.bar(years, days, bottom=bottom, color=colour, hatch=hatch, edgecolor="white", width=0.62)
        _label(axes, label, (beside, bottom.iloc[-1] + days.iloc[-1] / 2), ha="left", va="center")
        bottom = bottom + days
    available, due = means["inspector_days_available"], means["inspector_days_due"]
    axes.plot(years, available, color=GREY, linewidth=2, marker="_", markersize=14)
    band = low["inspector_days_available"], high["inspector_days_available"]
    axes.fill_between(years, *band, color=GREY, alpha=0.18, linewidth=0)
    _label(axes, "Available", (beside, available.iloc[-1]), ha="left", va="center")
    axes.plot(years, due, color=ORANGE, linestyle="none", marker="D", markersize=7, markeredgecolor="white")
    _label(axes, "◆ Fell due", (beside, bottom.iloc[-1] + available.max() * 0.05), ha="left", va="center", color=ORANGE)
    share = means["utilisation"].dropna()
    title = (
        f"The work takes {share.min():.0%} to {share.max():.0%} of the inspectors' time for this programme, "
        f"most in {share.idxmax()}"
        if len(share)
        else "There is work, and nobody has time for this programme"
    )
    _finish(axes, title, "Inspector-days a year")
    axes.set_xlim(-0.6, len(years) + 1.3)
    lines = [
        f"{year}: {means['inspector_days_worked'][year]:,.0f} worked, {means['inspector_days_due'][year]:,.0f} due, "
        f"{means['inspector_days_available'][year]:,.0f} available (eight runs in ten: "
        f"{low['inspector_days_available'][year]:,.0f} to {high['inspector_days_available'][year]:,.0f})"
        for year in years
    ]
    return figure, _alternative(
        title,
        "Stacked bars of inspector-days by kind of work for each financial year, a line for the days available.",
        lines,
    )


def judgements(summary: pd.DataFrame, years: Sequence[str]) -> tuple[Figure, str]:
    """Authorities of each published judgement at each year's end, with a fan; see :func:`workload`."""
    import matplotlib.pyplot as plt

    p10, p50, p90 = (_wide(summary, years, column) for column in ("p10", "p50", "p90"))
    figure, panels = plt.subplots(1, len(JUDGEMENTS), figsize=(WIDTH, HEIGHT), sharey=True, layout="constrained")
    lines = []
    for axes, judgement, colour in zip(panels, JUDGEMENTS, (BLUE, TEAL, ORANGE, PLUM), strict=True):
        name = f"authorities_{judgement}"
        places = range(len(years))
        axes.fill_between(places, p10[name], p90[name], color=colour, alpha=0.25, linewidth=0)
        axes.plot(places, p50[name], color=colour, linewidth=2.5)
        sides: tuple[tuple[int, Side], ...] = ((0, "left"), (len(years) - 1, "right"))
        for place, side in sides:
            _label(axes, f"{p50[name].iloc[place]:.0f}", (place, p90[name].iloc[place]), ha=side, va="bottom")
        heading = textwrap.fill(GRADE_NAMES[judgement], 20)
        axes.set_title(heading, fontsize=11, color=GREY, fontweight="bold", loc="left")
        axes.set_xticks([0, len(years) - 1], [f"Mar {_ends(years[0])}", f"Mar {_ends(years[-1])}"])
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", alpha=0.3)
        lines += [
            f"{GRADE_NAMES[judgement]}, {year}: {p50[name][year]:.0f} ({p10[name][year]:.0f} to {p90[name][year]:.0f})"
            for year in years
        ]
    panels[0].set_ylabel("Authorities (median; band: eight runs in ten)")
    panels[0].set_ylim(bottom=0)
    good = p50["authorities_outstanding"] + p50["authorities_good"]
    everybody = _wide(summary, years, "mean")[[f"authorities_{judgement}" for judgement in JUDGEMENTS]].sum(axis=1)
    title = (
        f"Good or outstanding authorities go from {good.iloc[0] / everybody.iloc[0]:.0%} in March {_ends(years[0])} "
        f"to {good.iloc[-1] / everybody.iloc[-1]:.0%} in March {_ends(years[-1])}"
    )
    figure.suptitle(title, fontweight="bold", x=0.01, ha="left", fontsize=13)
    return figure, _alternative(
        title,
        "Four panels, one for each published judgement: median and range of the number of authorities at "
        "each year's end.",
        lines,
    )


def weekly_peak(summary: pd.DataFrame, years: Sequence[str]) -> tuple[Figure, str]:
    """Most inspectors on site in one week of each year; see :func:`workload`."""
    p10, p50, p90 = (_wide(summary, years, column)["peak_week_inspectors"] for column in ("p10", "p50", "p90"))
    figure, axes = _figure()
    places = range(len(years))
    axes.vlines(places, p10, p90, color=BLUE, linewidth=9, alpha=0.35)
    axes.plot(places, p50, color=BLUE, linestyle="none", marker="o", markersize=9)
    for place, (median, high) in enumerate(zip(p50, p90, strict=True)):
        _label(axes, f"{median:.0f}", (place, high + 0.5), ha="center", va="bottom")
    axes.set_xticks(list(places), list(years))
    title = (
        f"In its busiest week {p50.idxmax()} has {p50.max():.0f} inspectors on site, "
        f"{p50.idxmin()} only {p50.min():.0f}"
    )
    _finish(axes, title, "Inspectors on site in the year's busiest week")
    axes.set_ylim(0, max(1.0, float(p90.max())) * 1.15)
    lines = [f"{year}: {p50[year]:.0f} (eight runs in ten: {p10[year]:.0f} to {p90[year]:.0f})" for year in years]
    return figure, _alternative(
        title,
        "For each financial year a dot for the median run and a bar for eight runs in ten; engagement "
        "meetings are left out.",
        lines,
    )


CHARTS: dict[str, Callable[[pd.DataFrame, Sequence[str]], tuple[Figure, str]]] = {
    "workload": workload,
    "judgements": judgements,
    "weekly_peak": weekly_peak,
}
"""Charts of the result folder, by file name."""


def save_all(folder: Path, summary: pd.DataFrame, years: Sequence[str]) -> None:
    """Save every chart as PNG, and its text alternative beside it.

    Parameters
    ----------
    folder : pathlib.Path
        Where to.
    summary : pandas.DataFrame
        As in ``summary.csv``.
    years : sequence of str
        Financial years to show; if empty, all of the summary.
    """
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    mpl.use("Agg")
    shown = list(years) or list(dict.fromkeys(summary["financial_year"]))
    for name, draw in CHARTS.items():
        figure, alternative = draw(summary, shown)
        figure.savefig(
            folder / f"{name}.png",
            dpi=DPI,
            metadata={"Software": None, "Description": alternative.splitlines()[0]},
        )
        (folder / f"{name}.txt").write_text(alternative, encoding="utf-8")
        plt.close(figure)


def _wide(summary: pd.DataFrame, years: Sequence[str], column: str) -> pd.DataFrame:
    """One column of the summary, years down and measures across."""
    return summary.pivot(index="financial_year", columns="measure", values=column).loc[list(years)]


def _ends(year: str) -> int:
    return int(year[:4]) + 1


def _figure() -> tuple[Figure, Axes]:
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=(WIDTH, HEIGHT), layout="constrained")


def _label(axes: Axes, text: str, at: tuple[float, float], ha: Side, va: Height, color: str = GREY) -> None:
    """Direct label, dark enough to read whatever it labels."""
    axes.text(*at, text, ha=ha, va=va, color=color, fontweight="bold", fontsize=9)


def _finish(axes: Axes, title: str, unit: str) -> None:
    axes.set_title(textwrap.fill(title, 76), loc="left", fontweight="bold", fontsize=13)
    axes.set_ylabel(unit)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    axes.set_ylim(bottom=0)


def _alternative(title: str, what: str, lines: Sequence[str]) -> str:
    return "\n".join([title + ".", what, *lines]) + "\n"
