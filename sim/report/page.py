"""Write the page of a study: one HTML file that needs no other file and no network.

The answer, its chart and what to read first fit on one printed page; the rest is folded. The page has a script only
where a reader can move something.
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
"""Mark that identifies a page of this program."""
HEAD_LENGTH = 2000
"""Number of characters at the beginning of a page that hold the mark."""
LEAD, LIMITS = 900, 600
"""Most letters of the answer, and of what to read first, that fit on one printed page with a chart."""


def html_of(report: Report) -> str:
    """Return the page as text; the same report gives the same text, and every text in it is escaped."""
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
    """Return what to read before trusting the answer, the most important first."""
    *cautions, model = report.cautions
    return [model, f"The answer rests on assumptions: {report.tally}.", *cautions]


def _fitting(texts: Sequence[str], letters: int) -> int:
    """Return how many texts fit into a number of letters, at least one."""
    return max(1, sum(size <= letters for size in accumulate(map(len, texts))))


def _policy(style: str, script: str) -> str:
    """Return what a browser lets the page load: its own style and script, by hash, and embedded pictures."""
    own = f" script-src {_hash(script)};" if script else ""
    return f"default-src 'none'; img-src data:; style-src {_hash(style)};{own} base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
    return f"'sha256-{digest}'"


ENDINGS = (".html", ".htm")
"""Endings of the name of a page, the usual one first."""


def place_of(folder: Path, out: Path | None) -> Path:
    """Return where the page goes: the place asked for, or beside the folder.

    The page never goes inside the folder, which lists all its files by hash.

    Raises
    ------
    InputError
        If the place is inside the folder of a study, cannot be a web page, or holds a file that is not such a page.
    """
    place = beside(folder, ENDINGS[0]) if out is None else out
    words = no_place(place, "report.html", ENDINGS)
    if not words and place.exists() and MARK not in _head(place):
        words = "there is a file here that this command did not write; give another name"
    refuse(place, words)
    return place


def _head(place: Path) -> str:
    with place.open(encoding="utf-8", errors="replace") as file:
        return file.read(HEAD_LENGTH)
