"""The record (`sim/docs/record.md`) holds every item of its checklist, and no number that is not that of the code.

A number on the page is followed by a comment that a reader of the page does not see, and that says where it comes from:
`152<!-- = authorities -->`. The words after the equals sign are one of `SOURCES` below and what it is asked for. A
figure that was measured once, and that no test can take again, has the day and the command:
`<!-- measured DATE: COMMAND -->`.
"""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache, reduce
from importlib import import_module
from importlib.resources import files
from pathlib import Path

import pytest

from sim.analysis.fitting import FORMS, PRIORS
from sim.analysis.scoring import RIVALS
from sim.base.package_data import SAMPLES, authority_tables, shipped, table
from sim.inputs.assumptions import entries
from sim.inputs.framework import KINDS, ROLES, SIZES, Size
from sim.inputs.grades import JUDGEMENTS
from sim.inputs.pathways import VisitName
from sim.inputs.scenario import Scenario, load, load_framework
from sim.inputs.scenario_files import DEFAULT
from sim.inputs.shocks import SHOCKS
from sim.inputs.toml_tree import Note
from sim.inputs.unknowns import shipped_unknowns
from sim.runs.measures import MEASURES
from sim.studies.provenance import outside_scenarios
from sim.studies.ranking import shipped_ranking

ROOT = Path(__file__).parent.parent
PAGE = files("sim").joinpath("docs", "record.md").read_text(encoding="utf-8")
SCRIPTS = sorted(path.name for path in (ROOT / "scenarios").glob("*.py"))
TESTS = sorted(path.name for path in (ROOT / "tests").glob("test_*.py"))
ITEMS = (
    "1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "2.5.1", "2.5.2", "2.5.3", "2.5.4", "2.5.5",
    "3.1", "3.2", "3.3", "3.4", "4.1", "4.2", "4.3", "5.1", "5.2", "5.3", "5.4", "6.1",
)  # fmt: skip
"""Items of STRESS-DES (Monks and others, Journal of Simulation 13, 2019, table 2)."""
PARTS = (
    "Purpose and fitness", "Roles", "Verification", "Validation", "Uncertainty", "Sensitivity", "Limitations",
    "Changes to the assumptions", "Open risks", "Sign-off",
)  # fmt: skip
"""Parts of the log of quality assurance."""

WORDS = {
    word: number
    for number, word in enumerate(
        ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"), start=2
    )
}
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DATE = rf"(?:\d{{1,2}} )?(?:{MONTHS}) \d{{4}}"
NUMBER = r"-?\d[\d,]*(?:\.\d+)?%?"
WORD = rf"\b(?:{'|'.join(WORDS)})\b"
MARK = re.compile(rf"(?P<told>{DATE}|{NUMBER}|{WORD}|\b(?:high|medium|low))<!-- = (?P<source>.+?) -->", re.IGNORECASE)
MEASURED = re.compile(rf"(?:{NUMBER}|{WORD})<!-- measured \d{{4}}-\d{{2}}-\d{{2}}: .+? -->", re.IGNORECASE)
ALLOWED = (
    r"^## Sources$.*\Z",  # volumes and years of publications
    r"^```.*?^```$",  # diagrams
    r"`[^`\n]+`",  # names of files, keys and commands
    r"\]\([^)]+\)",  # where a link goes
    r"^(?:#+|\*\*) ?\d+(?:\.\d+)*",  # numbers of the checklist's items
    r"\bitem \d(?:\.\d)+",  # where the page speaks of them
    rf"\b{DATE}\b",
    r"\b\d{4}-\d{2}-\d{2}\b",  # days
    r"\b(?:19|20)\d{2}(?:-\d{2})?\b",  # years, and financial years
)
"""What may have a number without a mark."""


@cache
def _scenario(name: str) -> Scenario:
    return load(name)


def _at(node: object, key: str) -> object:
    """What stands at a dotted path."""
    return reduce(_part, key.split("."), node)


def _part(node: object, name: str) -> object:
    if isinstance(node, Mapping):
        return node[name]
    return node[int(name)] if isinstance(node, tuple) else getattr(node, name)


def _value(key: str, scenario: str = DEFAULT) -> object:
    return _at(_scenario(scenario), key)


def _length(key: str, scenario: str = DEFAULT) -> int:
    value = _value(key, scenario)
    assert isinstance(value, tuple)
    return len(value)


@cache
def _notes(scenario: str) -> dict[str, Note]:
    return {entry.key: entry.note for entry in (*entries(_scenario(scenario)), *outside_scenarios())}


def _authorities(scenario: str = DEFAULT, of: str = "") -> int:
    rows = _scenario(scenario).authorities
    return sum(not of or row.judgement == of or (of == "noted" and bool(row.note)) for row in rows)


def _assumptions(confidence: str = "", scenario: str = DEFAULT) -> int:
    return sum(not confidence or entry.note.confidence == confidence for entry in entries(_scenario(scenario)))


def _draws(of: str = "", scenario: str = DEFAULT) -> int:
    draws = _scenario(scenario).draws
    assert draws is not None
    return len(draws) if of == "columns" else len(next(iter(draws.values())))


def _days(framework: str, visit: VisitName, size: Size) -> int:
    return (
        _scenario(DEFAULT if framework != "ilacs_2026" else "no_overall_judgement")
        .frameworks[framework]
        .visits[visit]
        .inspector_days(size)
    )


def _constant(path: str) -> object:
    package, module, key = path.split(".", 2)
    return _at(import_module(f"sim.{package}.{module}"), key)


@cache
def _text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def _said(page: str, *words: str) -> float:
    """Number that stands for # in words of another page, which has a test of its own."""
    text = " ".join(_text(page).split())
    pattern = re.escape(" ".join(words)).replace(r"\#", rf"({NUMBER}|{WORD})")
    found = set(re.findall(pattern, text))
    assert len(found) == 1, f"{page} says {len(found)} times: {' '.join(words)}"
    return _number(found.pop())


def _cell(page: str, column: str, *row: str) -> float:
    """Number of a table of another page: under the head of a column, in the row that begins with some words."""
    lines = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in _text(page).splitlines() if line[:1] == "|"
    ]
    (head,) = (cells for cells in lines if column in cells)
    (cells,) = (cells for cells in lines if cells[0] == " ".join(row) and len(cells) == len(head))
    return _number(cells[head.index(column)])


def _ranked(key: str = "", measure: str = "") -> float:
    """Share of the variance in the sensitivity study that ships, or how many numbers it tells from chance."""
    if not key:
        return len(shipped_ranking().told)
    (number,) = (each for each in shipped_ranking().numbers if key in each.keys)
    return next(each.share for each in number.effects if each.measure == measure)


def _requires(name: str) -> float:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [f"python{project['requires-python']}", *project["dependencies"]]
    return float(next(each for each in wanted if each.startswith(f"{name}>=")).partition(">=")[2])


COUNTS: dict[str, Callable[[], int]] = {
    "scenarios": lambda: len(shipped("scenarios")),
    "frameworks": lambda: len(shipped("frameworks")),
    "authority_tables": lambda: len(authority_tables()),
    "scripts": lambda: len(SCRIPTS),
    "measures": lambda: len(MEASURES),
    "roles": lambda: len(ROLES),
    "kinds": lambda: len(KINDS),
    "visits": lambda: len({visit for name in shipped("frameworks") for visit in load_framework(name).visits}),
    "sizes": lambda: len(SIZES),
    "judgements": lambda: len(JUDGEMENTS),
    "shocks": lambda: len(SHOCKS),
    "unknowns": lambda: len(shipped_unknowns()),
    "models": lambda: len(FORMS),
    "priors": lambda: len(PRIORS),
    "rivals": lambda: len(RIVALS),
    "items": lambda: len(ITEMS),
    "sample": lambda: len(load(DEFAULT, {"authorities": SAMPLES[0]}).authorities),
}
SOURCES: dict[str, Callable[..., object]] = {
    "value": _value,
    "length": _length,
    "low": lambda key, scenario=DEFAULT: _notes(scenario)[key].low,
    "high": lambda key, scenario=DEFAULT: _notes(scenario)[key].high,
    "confidence": lambda key, scenario=DEFAULT: _notes(scenario)[key].confidence,
    "authorities": _authorities,
    "assumptions": _assumptions,
    "beside": lambda: len(outside_scenarios()),
    "draws": _draws,
    "count": lambda name: COUNTS[name](),
    "days": _days,
    "constant": _constant,
    "rows": lambda name: len(table(name).splitlines()) - 1,
    "said": _said,
    "cell": _cell,
    "requires": _requires,
    "ranked": _ranked,
}
"""Where a number of the page may come from, by the first word of its mark."""


def _number(told: str) -> float:
    if told.lower() in WORDS:
        return WORDS[told.lower()]
    return float(told.rstrip("%").replace(",", "")) / (100 if told.endswith("%") else 1)


def _agrees(told: str, value: object) -> bool:
    """Whether what the page says is a value, rounded to the digits that it has."""
    if isinstance(value, str):
        return told == value
    if isinstance(value, datetime.date):
        return told == f"{value.day} {value:%B %Y}"
    assert isinstance(value, int | float)
    decimals = len(told.rstrip("%").partition(".")[2]) + 2 * told.endswith("%")
    return bool(abs(_number(told) - value) <= 0.5 * 10.0**-decimals * (1 + 1e-9))


def wrong(page: str) -> list[str]:
    """Numbers of a page that are not what their mark says."""
    found = []
    for mark in MARK.finditer(page):
        name, *asked = mark["source"].split()
        value = SOURCES[name](*asked)
        if not _agrees(mark["told"], value):
            found.append(f"{mark['source']}: the page has {mark['told']}, and it is {value}")
    return found


def unmarked(page: str) -> list[str]:
    """What is left of the lines of a page that have a number without a mark."""
    rest = MEASURED.sub("", MARK.sub("", page))
    for pattern in ALLOWED:
        rest = re.sub(pattern, "", rest, flags=re.MULTILINE | re.DOTALL)
    return [line for line in rest.splitlines() if re.search(rf"\d|{WORD}|<!--", line, re.IGNORECASE)]


def _planted() -> Iterator[tuple[str, str]]:
    """Every mark of the page with a wrong number before it, and what the mark says."""
    for mark in MARK.finditer(PAGE):
        told = mark["told"]
        if told in ("high", "medium", "low"):
            other = "low" if told == "high" else "high"
        else:
            other = re.sub(
                r"[\d,.]+|[a-z]+", "9876" if told[0].isdigit() or told[0] == "-" else "twelve", told, count=1
            )
        yield other + PAGE[mark.end("told") : mark.end()], mark["source"]


def test_every_number_of_the_record_is_that_of_the_code() -> None:
    assert wrong(PAGE) == []


def test_no_number_of_the_record_stands_without_a_mark() -> None:
    assert unmarked(PAGE) == []


def test_any_wrong_number_of_the_record_is_caught() -> None:
    planted = list(_planted())
    assert [mark for mark, source in planted if len(wrong(mark)) != 1 or not wrong(mark)[0].startswith(source)] == []
    assert len(planted) == len(re.findall("<!-- = ", PAGE)) > 0


@pytest.mark.parametrize(
    "sentence", ["There are 17 of them.", "It takes five weeks.", "| share | 62% |", "17<!-- counted by hand -->"]
)
def test_a_number_without_a_mark_is_caught(sentence: str) -> None:
    (line,) = unmarked(PAGE.replace("\n## Sources\n", f"\n{sentence}\n\n## Sources\n"))
    assert line.split()[0] in sentence


def test_a_changed_assumption_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    key = "workforce.roles.social_care_hmi.people"
    other = load(DEFAULT, {key: 54})
    monkeypatch.setattr(f"{__name__}._scenario", lambda name: other if name == DEFAULT else load(name))
    assert any(fault.startswith(f"value {key}: the page has 63, and it is 54") for fault in wrong(PAGE))


def test_the_record_has_every_item_of_its_checklist_in_order_and_every_part_of_the_log() -> None:
    assert tuple(re.findall(r"^\*\*(\d+(?:\.\d+)+) ", PAGE, re.MULTILINE)) == ITEMS
    heads = re.findall(r"^### (.+)$", PAGE, re.MULTILINE)
    assert tuple(head for head in heads if head in PARTS) == PARTS


def test_the_record_names_every_scenario_script_table_shock_and_test_there_is() -> None:
    data = [path.name for path in (ROOT / "sim" / "data").iterdir() if path.suffix == ".csv"]
    names = (*shipped("scenarios"), *shipped("frameworks"), *SCRIPTS, *SHOCKS, *data)
    assert [name for name in names if f"`{name}`" not in PAGE] == []
    assert [name for name in TESTS if f"`tests/{name}`" not in PAGE] == []


def test_every_file_and_test_that_the_record_names_is_there() -> None:
    paths = set(re.findall(r"`((?:sim|tests|scenarios|\.ci|\.github)/[\w./-]+)", PAGE))
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []
    links = set(re.findall(r"\]\(([^)#:]+)\)", PAGE))
    assert [link for link in sorted(links) if not (ROOT / "sim" / "docs" / link).exists()] == []
