"""What is told of the figures: a table, a heading that says where they were taken, and a file of each time."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from sim.base.versions import code_digest, commit, program_version
from tests.benchmark.timing import Spread

PACKAGES = ("simpy", "numpy", "salabim", "ciw")
"""Packages whose versions are told, where they are installed."""
TITLE = "# Benchmark"
"""First line of the text."""
CPU_INFO = Path("/proc/cpuinfo")
"""What Linux says of its processors."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    Attributes
    ----------
    name : str
        What was measured.
    reached : Spread
        What it came to.
    unit : str
        Unit, which follows the number.
    bar, aim : float or None
        What it must reach, and what it should; of a figure that is only told, neither.
    at_least : bool
        Whether more is better, and a bar is not to be undershot.
    """

    name: str
    reached: Spread
    unit: str = ""
    bar: float | None = None
    aim: float | None = None
    at_least: bool = False

    def meets(self, limit: float | None) -> bool | None:
        """Whether the median keeps a limit; None without one."""
        if limit is None:
            return None
        return self.reached.median >= limit if self.at_least else self.reached.median <= limit

    def cells(self) -> list[str]:
        """Cells of its line."""
        sign = "≥" if self.at_least else "≤"
        limits = ["" if limit is None else f"{sign} {_told(limit, self.unit)}" for limit in (self.bar, self.aim)]
        spread = f"{_told(self.reached.low)} to {_told(self.reached.high)}"
        said = {None: "", True: "yes", False: "**no**"}
        verdicts = [said[self.meets(self.bar)], said[self.meets(self.aim)]]
        once = self.reached.low == self.reached.high
        return [self.name, *limits, _told(self.reached.median, self.unit), "once" if once else spread, *verdicts]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the benchmark.

    Attributes
    ----------
    title : str
        What it is about.
    figures : list of Figure
        Lines of the table.
    notes : list of str
        Sentences below the table.
    raw : dict
        What the figures come from: every time that was taken.
    """

    title: str
    figures: list[Figure]
    notes: list[str] = field(default_factory=list)
    raw: dict[str, Any] = field(default_factory=dict)


def heading(quick: bool) -> dict[str, str]:
    """When, with what and on which machine."""
    installed = {name: _version(name) for name in PACKAGES}
    return {
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
        "program": f"{program_version()}, commit {commit() or 'unknown'}, code {code_digest()}",
        "versions": ", ".join(
            f"{name} {version}"
            for name, version in [(platform.python_implementation(), platform.python_version()), *installed.items()]
            if version
        ),
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "repeats": "few (--quick)" if quick else "all",
    }


def text(head: dict[str, str], parts: Iterable[Part]) -> str:
    """The whole as Markdown."""
    parts = list(parts)
    return "\n".join([*_heading(head), *_table(parts), *_notes(parts)]) + "\n"


def write(out: Path, head: dict[str, str], parts: dict[str, Part]) -> Path:
    """Write the text, and beside it as JSON every time that was taken.

    Returns
    -------
    Path
        The JSON file.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text(head, parts.values()), encoding="utf-8")
    beside = out.with_suffix(".json")
    raw = {"heading": head, "parts": {name: part.raw for name, part in parts.items()}}
    beside.write_text(json.dumps(raw, indent=2) + "\n", encoding="utf-8")
    return beside


def is_own(path: Path) -> bool:
    """Whether a file that is there is one that :func:`write` has written, or empty."""
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix != ".json":
        return not text or text.startswith(TITLE)
    try:
        found = json.loads(text) if text else {"heading": {}, "parts": {}}
    except ValueError:
        return False
    return isinstance(found, dict) and set(found) == {"heading", "parts"}


def _heading(head: dict[str, str]) -> Iterator[str]:
    yield TITLE
    yield ""
    yield from (f"- {name}: {said}" for name, said in head.items())
    yield ""


def _table(parts: Sequence[Part]) -> Iterator[str]:
    yield "| figure | bar | aim | reached (median) | least to most | bar met | aim met |"
    yield "|---|---|---|---|---|---|---|"
    for part in parts:
        yield f"| **{part.title}** | | | | | | |"
        yield from (f"| {' | '.join(figure.cells())} |" for figure in part.figures)


def _notes(parts: Sequence[Part]) -> Iterator[str]:
    for part in parts:
        if part.notes:
            yield f"\n**{part.title}.** {' '.join(part.notes)}"


def _told(number: float, unit: str = "") -> str:
    """A number to three figures, or more of a large one."""
    size = abs(number)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
    return f"{number:,.{digits}f}{unit}"


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    """Name of the processor; what Python knows of it where the system does not say."""
    if CPU_INFO.exists():
        for line in CPU_INFO.read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
