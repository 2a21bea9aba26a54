"""Provide what all charts share: colours, labels, axes, and the files of a picture and its text.

The colours are those of the UK government analysis function.
"""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, TEAL, PLUM, ORANGE, GREY, LILAC = "#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1"
Side = Literal["left", "center", "right"]
PYPLOT = "matplotlib.pyplot"
"""Part of Matplotlib that manages the figures that a notebook or a screen shows."""
WIDTH, HEIGHT, DPI = 10.0, 5.6, 120
LONGEST_NAME = 48
"""Longest name that a chart shows, in letters; its text has the whole name."""
END_OF_NAME = 8
"""Letters from the end of a shortened name."""
TITLE, UNIT = 76, 56
"""Longest line of a title and of an axis label, in letters."""
BAR, BESIDE = 0.62, 0.22
"""Width of a bar, and distance of a label from it, in years of the axis."""
LABEL_WIDTH = 0.22
"""Share of a chart's width for the labels at its side."""
LABEL_GAP = 0.042
"""Smallest distance between two labels, as a share of the axis: a little more than a line of text."""
Drawn: TypeAlias = "Axes | Sequence[Axes]"
"""Axes of a chart: one, or one for each panel; the first holds the text alternative."""
DrawnType = TypeVar("DrawnType", bound="Axes | Sequence[Axes]")
Label = tuple[float, str, str]
"""Height of the labelled point, text and colour."""


@contextmanager
def own_style() -> Iterator[None]:
    """Draw with Matplotlib's default settings, whatever a file, the environment or a script has set."""
    mpl = _matplotlib()
    _pyplot()  # loading it tells a notebook how to show figures, and that must outlast this block
    shows_at_once = mpl.is_interactive()
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams["timezone"] = mpl.rcParamsDefault["timezone"]  # which the line above does not reset
        mpl.interactive(shows_at_once)  # else a notebook would not show what is drawn here
        yield


def _matplotlib() -> Any:
    """Import Matplotlib, even if the folder or the environment holds settings that it does not understand."""
    try:
        import matplotlib as mpl
    except Exception:  # each setting raises its own kind
        for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
            del sys.modules[name]  # a half-imported module would count as imported
        with TemporaryDirectory() as folder, chdir(folder):
            (Path(folder) / "matplotlibrc").touch()  # the file in the current folder comes first
            backend = os.environ.pop("MPLBACKEND", None)
            try:
                import matplotlib as mpl
            finally:
                if backend is not None:
                    os.environ["MPLBACKEND"] = backend
    return mpl


def _pyplot() -> Any:
    """Load pyplot in a notebook, or in a script that already uses it; return None elsewhere."""
    if PYPLOT in sys.modules or "IPython" in sys.modules:
        with suppress(ImportError):
            new = PYPLOT not in sys.modules
            pyplot = import_module(PYPLOT)
            if new:
                pyplot.switch_backend(pyplot.get_backend())  # loads the backend that a notebook needs
            return pyplot
    return None


def canvas(width: float = WIDTH, height: float = HEIGHT) -> Figure:
    """Return the figure of a chart, which a notebook or a script with pyplot shows; no screen is needed."""
    pyplot = _pyplot()
    if pyplot is not None:
        with suppress(ImportError):  # the backend has no screen
            shown: Figure = pyplot.figure(figsize=(width, height), layout="constrained")
            return shown
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def unit_of(measure: str) -> str:
    """Return the unit of a measure."""
    from sim.runs import measures

    return measures.unit_of(measure)


def label_above(axes: Axes, text: str, at: tuple[float, float], ha: Side, above: int = 1) -> None:
    """Put a label above a point, with a white edge so that it stays readable over lines."""
    from matplotlib.patheffects import withStroke

    axes.annotate(
        text, xy=at, xytext=(0, above), textcoords="offset points", ha=ha, va="bottom", color=GREY, fontweight="bold",
        fontsize=9, path_effects=[withStroke(linewidth=2.5, foreground="white")],
    )  # fmt: skip


def label_beside(axes: Axes, labels: Sequence[Label], edge: float) -> None:
    """Put labels to the right of the last bar, spread apart, each with a line to what it names."""
    ordered = sorted(labels)
    heights = spread_out([height for height, *_ in ordered], LABEL_GAP * axes.get_ylim()[1])
    for (at, text, colour), height in zip(ordered, heights, strict=True):
        axes.annotate(
            text, xy=(edge, at), xytext=(edge + BESIDE, height), ha="left", va="center", color=colour, fontsize=9,
            fontweight="bold", arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.8},
        )  # fmt: skip
    axes.set_xlim(-BAR, max((edge + BESIDE + BAR) / (1 - LABEL_WIDTH) - BAR, 2.0))


def spread_out(heights: Sequence[float], gap: float) -> list[float]:
    """Spread heights at least a gap apart, as near as possible to those given and none below zero."""
    import numpy as np
    from scipy.optimize import isotonic_regression

    steps = gap * np.arange(len(heights))
    return [float(height) for height in np.maximum(isotonic_regression(np.array(heights) - steps).x, 0) + steps]


def plain(axes: Axes, ticks: Sequence[str] | None, title: str, unit: str, sign: str = "") -> None:
    """Set the title, unit, ticks and grid of a chart."""
    axes.set_title(textwrap.fill(title, TITLE), loc="left", fontweight="bold", fontsize=13)
    axes.set_ylabel(textwrap.fill(unit, UNIT))
    if ticks is not None:
        axes.set_xticks(range(len(ticks)), list(ticks))
    axes.yaxis.set_major_formatter("{x:,.6g}" + sign)
    open_frame(axes)
    axes.set_axisbelow(True)


def open_frame(axes: Axes) -> None:
    """Remove the top and right edges of a chart, and draw pale horizontal grid lines."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.3)


def headline(figure: Figure, title: str) -> None:
    """Write the message of a chart above its panels."""
    figure.suptitle(textwrap.fill(title, TITLE), fontweight="bold", x=0.01, ha="left", fontsize=13)


def told(title: str, what: str, lines: Sequence[str]) -> str:
    """Return a text alternative: the message, what the chart shows, and its figures."""
    return "\n".join([f"{title}.", what, *lines]) + "\n"


def as_written(name: str) -> str:
    """Return a name as a chart shows it: short enough, and with no sign read as a formula.

    A shortened name keeps its end, because names in one region differ there.
    """
    short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 3 - END_OF_NAME]}...{name[-END_OF_NAME:]}"
    return short.replace("$", r"\$")


def described(drawn: DrawnType, text: str) -> DrawnType:
    """Return a chart with its text alternative, which the label of its first axes holds."""
    _axes_of(drawn)[0].set_label(text)
    return drawn


def alternative(drawn: Drawn) -> str:
    """Return the text alternative of a chart: its message, what it shows, and its figures."""
    return str(_axes_of(drawn)[0].get_label())


def figure_of(drawn: Drawn) -> Figure:
    """Return the whole figure of a chart."""
    figure = _axes_of(drawn)[0].get_figure(root=True)
    assert figure is not None
    return figure


@own_style()
def save(path: str | Path, drawn: Drawn) -> None:
    """Save a chart as PNG, and its text; the same chart gives the same files, because they hold no date.

    Parameters
    ----------
    path : path
        Path of both files, without an ending.
    drawn : Axes or sequence of Axes
        Chart, as a function of :mod:`sim.charts` returns it.
    """
    path = Path(path)
    figure, text = figure_of(drawn), alternative(drawn)
    about = {"Software": None, "Description": text.splitlines()[0]}
    figure.savefig(path.with_name(f"{path.name}.png"), format="png", dpi=DPI, metadata=about, backend="agg")
    path.with_name(f"{path.name}.txt").write_text(text, encoding="utf-8")
    if PYPLOT in sys.modules:
        sys.modules[PYPLOT].close(figure)


def _axes_of(drawn: Drawn) -> Sequence[Axes]:
    return drawn if isinstance(drawn, Sequence) else [drawn]
