"""The page of a study: one HTML file that needs no other and asks nothing of the network.

The answer, its picture and what to know first take one printed page; the rest is folded. A script of its own is in it
only where a reader may move something.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files
from itertools import accumulate, count
from pathlib import Path

from sim.report.contents import Report
from sim.report.names import TOLD
from sim.report.place import beside, no_place, refuse

TEMPLATE, STYLE, SCRIPT = "report.html", "report.css", "movable.js"
MARK = '<meta name="generator" content="inspectorate-workload-simulation report">'
"""What tells a page of this program from any other file."""
HEAD_LENGTH = 2000
"""Characters at the beginning of a page in which the mark stands."""
LEAD, LIMITS = 900, 600
"""Most letters of the answer and of what to know first that one printed page holds beside a picture."""


def html_of(report: Report) -> str:
    """The page as text. The same report gives the same text; every text of it is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    style, script = (files("sim").joinpath("templates", name).read_text(encoding="utf-8") for name in (STYLE, SCRIPT))
    environment = Environment(
        loader=PackageLoader("sim"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["base64"] = lambda content: base64.b64encode(content).decode("ascii")
    environment.filters["size"] = lambda size: f"{size:,}"
    told, limits = _fitting(report.lead, LEAD), _limits(report)
    known = _fitting(limits, LIMITS)
    picture = next((each for each in report.pictures if each.content), None)
    page = environment.get_template(TEMPLATE).render(
        report=report,
        lead=report.lead[:told],
        more=report.lead[told:],
        picture=picture,
        pictures=[each for each in report.pictures if each is not picture],
        limits=limits[:known],
        cautions=limits[known:],
        style=Markup(style),  # these three ship with the program, and hold nothing of a study
        script=Markup(script),
        mark=Markup(MARK),
        policy=_policy(style, script if report.movable else ""),
        names=TOLD,
        number=count(1).__next__,
    )
    return f"{page.strip()}\n"


def _limits(report: Report) -> list[str]:
    """What to know before trusting the answer, the most important first."""
    *cautions, model = report.cautions
    return [model, f"It rests on assumptions: {report.tally}.", *cautions]


def _fitting(texts: Sequence[str], letters: int) -> int:
    """How many texts have no more letters together; one at least."""
    return max(1, sum(size <= letters for size in accumulate(map(len, texts))))


def _policy(style: str, script: str) -> str:
    """What a browser lets the page load: its own style and script, by hash, and pictures that stand in it."""
    own = f" script-src {_hash(script)};" if script else ""
    return f"default-src 'none'; img-src data:; style-src {_hash(style)};{own} base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
    return f"'sha256-{digest}'"


def place_of(folder: Path, out: Path | None) -> Path:
    """Where the page goes: where it was asked for, or beside the folder, since whatever stands in
    it is listed by hash and nothing else may.

    Raises
    ------
    InputError
        If that is inside the folder of a study, is no file's place, or holds something that is no such page.
    """
    place = beside(folder, ".html") if out is None else out
    words = no_place(place, "report.html")
    if not words and place.exists() and MARK not in _head(place):
        words = "it holds something that is no page of this command; give another place"
    refuse(place, words)
    return place


def _head(place: Path) -> str:
    with place.open(encoding="utf-8", errors="replace") as file:
        return file.read(HEAD_LENGTH)
