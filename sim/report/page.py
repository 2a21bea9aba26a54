"""The page of a study: one HTML file that needs no other, asks nothing of the network and runs nothing."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from itertools import count
from pathlib import Path

from sim.report.contents import Report
from sim.report.place import beside, no_place, refuse

TEMPLATE, STYLE = "report.html", "report.css"
MARK = '<meta name="generator" content="inspectorate-workload-simulation report">'
"""What tells a page of this program from any other file."""
HEAD_LENGTH = 2000
"""Characters at the beginning of a page in which the mark stands."""


def html_of(report: Report) -> str:
    """The page as text. The same report gives the same text; every text of it is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    style = files("sim").joinpath("templates", STYLE).read_text(encoding="utf-8")
    environment = Environment(
        loader=PackageLoader("sim"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["base64"] = lambda content: base64.b64encode(content).decode("ascii")
    environment.filters["size"] = lambda size: f"{size:,}"
    page = environment.get_template(TEMPLATE).render(
        report=report,
        style=Markup(style),  # these two ship with the program, and hold nothing of a study
        mark=Markup(MARK),
        policy=_policy(style),
        number=count(1).__next__,
    )
    return f"{page.strip()}\n"


def _policy(style: str) -> str:
    """What a browser lets the page load: its own style, by hash, and pictures that stand in it."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


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
