"""Put values into the template of the record, and find numbers that somebody typed into it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Undefined

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent
TEMPLATE = FOLDER / "record.md.jinja"
PAGE = ROOT / "sim" / "docs" / "record.md"

MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DATE = rf"\b(?:\d{{1,2}} )?(?:{MONTHS}) \d{{4}}\b"
NUMBER = r"-?\d[\d,]*(?:\.\d+)?%?"
WORD = (
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|"
    r"(?:twen|thir|for|fif|six|seven|eigh|nine)ty)\b"
)
ALLOWED = (
    r"^## Sources$.*\Z",  # volumes and years of publications
    r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}",  # the template's own expressions
    r"^```.*?^```$",  # diagrams
    r"`[^`\n]+`",  # names of files, keys and commands
    r"\]\([^)]+\)",  # where a link goes
    r"^(?:#+|\*\*) ?\d+(?:\.\d+)*",  # numbers of the checklist's items
    r"\bitem \d(?:\.\d)+",  # where the page refers to them
    DATE,
    r"\b\d{4}-\d{2}-\d{2}\b",  # days
    r"\b(?:19|20)\d{2}(?:-\d{2})?\b",  # years, and financial years
)
"""Patterns of the text in which a number may be typed."""


def rendered(values: Mapping[str, object], template: str | None = None) -> str:
    """Return the record, with values in the place of the template's expressions.

    Raises
    ------
    jinja2.UndefinedError
        If the template names a value that does not exist.
    """
    text = TEMPLATE.read_text(encoding="utf-8") if template is None else template
    environment = Environment(
        undefined=StrictUndefined, finalize=shown, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters["percent"] = "{:.0%}".format
    return environment.from_string(text).render(values)


def shown(value: object) -> str:
    """Return a value as the page shows it: thousands with commas, a date in words, a fraction without final zeros."""
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, str | Undefined):
        return str(value)  # of an unknown name, this raises the error that names it
    raise TypeError(f"the template asks for {value!r}, which is neither a number, a date nor text")


def typed_numbers(template: str) -> list[str]:
    """Return what is left of each line of a template that holds a typed number, in digits or in words."""
    for pattern in ALLOWED:
        template = re.sub(pattern, "", template, flags=re.MULTILINE | re.DOTALL)
    return [line for line in template.splitlines() if re.search(rf"\d|{WORD}|<!--", line, re.IGNORECASE)]
