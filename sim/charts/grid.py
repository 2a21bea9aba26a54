"""Draw scenarios that form a grid: a measure over the levels of one axis, with a line for each value of another."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import TYPE_CHECKING

from sim.base.figures import value
from sim.charts.drawing import GREY, canvas, described, headline, open_frame, own_style, told, unit_of
from sim.charts.scenarios import STYLES, Named, name_beside

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.analysis.study import Study

Lines = Mapping[str, Mapping[int, str]]
"""Name of each line, and its scenarios by level."""


@own_style()
def by_level(study: Study, measure: str, title: str, words: tuple[str, str], panels: Mapping[str, Lines]) -> list[Axes]:
    """Draw a measure over the levels of a grid, with panels for a second axis and lines for a third.

    Parameters
    ----------
    study : Study
        The study.
    measure : str
        Name of the measure.
    title : str
        Message of the chart.
    words : tuple of str
        Labels of the horizontal and the vertical axis.
    panels : mapping of str to mapping
        Name of each panel, and its lines.
    """
    figure = canvas()
    row = figure.subplots(1, len(panels), sharey=True, squeeze=False)
    scale = 100 if unit_of(measure) == "share" else 1
    figures = []
    named: list[Named] = []
    for axes, (panel, lines) in zip(row[0], panels.items(), strict=True):
        named = []
        for (called, levels), (colour, line, mark) in zip(lines.items(), cycle(STYLES)):
            means = [study.mean(name, measure) for name in levels.values()]
            reach = [scale * each.half_width() if each.groups > 1 else 0.0 for each in means]
            heights = [scale * each.mean for each in means]
            axes.errorbar(list(levels), heights, reach, color=colour, linestyle=line, marker=mark, capsize=3)
            named.append((called, max(levels), heights[-1], colour))
            figures += [
                f"{panel}, {called}, {level}: {value(each.mean, unit_of(measure))}"
                for level, each in zip(levels, means, strict=True)
            ]
        axes.set_title(panel, fontsize=10, color=GREY, fontweight="bold", loc="left")
        axes.set_xticks(sorted({level for levels in lines.values() for level in levels}))
        open_frame(axes)
    row[0][0].set_ylim(bottom=0)
    row[0][0].yaxis.set_major_formatter("{x:,.4g}" + ("%" if scale > 1 else ""))
    row[0][0].set_ylabel(f"{words[1]} (bar: 95% interval)")
    figure.supxlabel(words[0], fontsize=10)
    headline(figure, title)
    name_beside(row[0][-1], named)
    what = f"Panels: {', '.join(panels)}. Each shows the mean by {words[0]}, with its 95% interval."
    return described(list(row[0]), told(title, what, figures))
